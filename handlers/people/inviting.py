"""/invite: give one post by a code, a link and a picture; and revoke them.

Knows the questions and how a code is shown; domain/people/people.py decides who may give which post. Invariant: the code is made here,
shown to its issuer once, and stored as a hash.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from domain.core.change import Button, Event, PersonId, RuleError, StationId, VillageId
from domain.people.invitations import CODE_BYTES, LIFETIME, code_of, needs_second_word
from domain.people.people import APPOINTS, RANK, STATION_ROLES, VILLAGE_ROLES, Policy, Role, may_appoint, read_scope
from domain.people.roster import ROLE_NAMES
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import NUMBER
from handlers.people.redeeming import post_text
from texts import At, Lines, Text

if TYPE_CHECKING:
    from domain.people.people import Village


async def invite(ctx: HandlerContext) -> None:
    """Ask for role and village, or take them from the line: /invite chair 上徐村."""
    if not await _offered_roles(ctx):
        raise RuleError("refused.not_allowed")
    await _show_open(ctx)
    role_word, _, place = ctx.args.partition(" ")
    answers: Answers = {}
    if role_word:
        answers["role"] = await accept_role(ctx, _said(ctx, role_word), answers)
    if place.strip():
        answers["village"] = await accept_village(ctx, _said(ctx, place.strip()), answers)
    await begin(ctx, "invite", answers)


async def accept_role(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    """Take a role by button, in English or in Chinese."""
    role = ROLE_NAMES.get(said.text.strip().casefold())
    if role is None or role not in await _offered_roles(ctx):
        raise RuleError("invite.role_again")
    return str(role)


async def accept_village(ctx: HandlerContext, said: Incoming, answers: Answers) -> int:
    """Take a village by button or name."""
    role, villages = Role(answers["role"]), await _offered_villages(ctx, Role(answers["role"]))
    wanted = said.text.strip()
    found = [village for village in villages if wanted == str(village.id) or village.is_called(wanted)]
    if len(found) == 1:
        return found[0].id
    raise RuleError("invite.village_again", role=Text(f"people.role.{role}"))


async def role_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer the roles this person may give."""
    return tuple(Choice(f"people.role.{role}", str(role)) for role in await _offered_roles(ctx))


async def village_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer the villages where this person may give the role.

    As many as fit a keyboard; others are typed.
    """
    villages = await _offered_villages(ctx, Role(answers["role"]))
    return tuple(Choice("join.button.village", str(village.id), {"village": village.name}) for village in villages[:60])


async def finish(ctx: HandlerContext, answers: Answers) -> None:
    """Issue the invitation."""
    role = Role(answers["role"])
    if role in STATION_ROLES:
        stations = sorted(ctx.actor.stations(Role.LEADER, Role.ADMIN))
        if not stations:
            raise RuleError("refused.not_allowed")
        await issue(ctx, role, station_id=stations[0], village_id=None)
        return
    village = await ctx.unit.people.village(VillageId(answers["village"]))
    await issue(ctx, role, station_id=village.station_id, village_id=village.id)


async def issue(
    ctx: HandlerContext,
    role: Role,
    *,
    station_id: StationId,
    village_id: VillageId | None,
    replaces_id: PersonId | None = None,
    person_id: PersonId | None = None,
) -> None:
    """Make a code, store its hash, and show code, link and picture to its issuer.

    Raises:
        RuleError: `refused.not_allowed`: the actor may not give this post.
    """
    if ctx.actor.id is None or not may_appoint(ctx.actor, role, station_id=station_id, village_id=village_id):
        raise RuleError("refused.not_allowed")
    code, until = code_of(secrets.token_bytes(CODE_BYTES)), ctx.at + LIFETIME
    number = await ctx.unit.invitations.issue(
        code,
        role,
        station_id=station_id,
        village_id=village_id,
        issuer_id=ctx.actor.id,
        person_id=person_id,
        replaces_id=replaces_id,
        at=ctx.at,
        expires_at=until,
    )
    facts = {"invitation": number, "role": str(role), "village": village_id}
    await ctx.audit(Event(f"invitation:{number}", "invited", ctx.actor.id, ctx.at, data=facts))
    link = ctx.town.link(ctx.incoming.address.channel, f"i{code}") or ""
    second = person_id is None and needs_second_word(role, ctx.actor, station_id=station_id)
    await ctx.reply(
        "invite.issued",
        buttons=((Button("invite.button.revoke", "revoke", (number,)),),),
        media={"type": "qr", "data": link} if link else None,
        post=await post_text(ctx, role, village_id),
        code=code,
        link=link,
        until=At(until),
        second=Text("invite.needs_second") if second else "",
    )


async def press_revoke(ctx: HandlerContext) -> None:
    """Revoke one of the actor's open invitations."""
    value = (*ctx.incoming.values, "")[0]
    if (
        ctx.actor.id is None
        or not NUMBER.fullmatch(value)
        or not await ctx.unit.invitations.revoke(int(value), issuer_id=ctx.actor.id, at=ctx.at)
    ):
        raise RuleError("invite.not_open")
    await ctx.audit(Event(f"invitation:{value}", "invitation_revoked", ctx.actor.id, ctx.at))
    await ctx.reply("invite.revoked")


INVITE = Dialog(
    "invite",
    Policy.POST,
    (
        Step("role", "invite.role.question", accept_role, role_choices),
        Step(
            "village",
            "invite.village.question",
            accept_village,
            village_choices,
            when=lambda answers: answers.get("role") not in STATION_ROLES,
            wide=3,
        ),
    ),
    finish,
)


async def _show_open(ctx: HandlerContext) -> None:
    assert ctx.actor.id is not None
    waiting = await ctx.unit.invitations.list_open(ctx.actor.id, at=ctx.at)
    if not waiting:
        return
    lines = [
        Text("invite.open.line", number=each.id, post=await post_text(ctx, each.role, each.village_id), until=At(each.expires_at))
        for each in waiting
    ]
    buttons = [Button("invite.button.revoke_one", "revoke", (each.id,), {"number": each.id}) for each in waiting]
    await ctx.reply("invite.open", buttons=rows(*buttons), lines=Lines(lines))


async def _offered_roles(ctx: HandlerContext) -> tuple[Role, ...]:
    if ctx.actor.stations(Role.LEADER, Role.ADMIN):
        return tuple(role for role in RANK if role in VILLAGE_ROLES | STATION_ROLES)
    given = {role for giver, roles in APPOINTS.items() if ctx.actor.villages(giver) for role in roles}
    return tuple(role for role in RANK if role in given)


async def _offered_villages(ctx: HandlerContext, role: Role) -> list[Village]:
    sight = read_scope(ctx.actor)
    found = await ctx.unit.people.list_villages(sorted(sight.villages))
    if sight.stations:
        found += await ctx.unit.people.list_villages(station_ids=sorted(sight.stations))
    by_id = {village.id: village for village in found}
    return [village for village in by_id.values() if may_appoint(ctx.actor, role, station_id=village.station_id, village_id=village.id)]


def _said(ctx: HandlerContext, text: str) -> Incoming:
    return replace(ctx.incoming, text=text)
