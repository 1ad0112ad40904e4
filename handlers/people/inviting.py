"""/invite: give a post by a code, a link and a picture; and revoke them.

Knows the questions and how a code is shown; domain/people/people.py decides who may give which post. Invariant: the code is made here,
shown to its issuer once, and stored as a hash.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, PersonId, RuleError, StationId, VillageId
from domain.core.immutable import replace
from domain.core.numbers import mask_phone, parse_phone
from domain.people.invitations import CODE_BYTES, LIFETIME, PER_PERSON_AND_DAY, code_of, movable, need_second_word
from domain.people.people import RANK, STATION_ROLES, Policy, Post, Role, read_scope
from domain.people.powers import POWERS, is_same_human, may_appoint, own_posts
from domain.people.roster import ROLE_NAMES
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import NUMBER
from handlers.people.appointing import can_restore, post_text, posts_text, seated, tell_every_chat
from texts import At, Joined, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.people.people import Person, Village

#: The answer that lets the present holders of a post stay beside a new one.
BOTH = "both"
DAY = timedelta(days=1)


async def invite(ctx: HandlerContext) -> None:
    """Ask for role and village, or take them from the line: /invite chair 上徐村 13812345678.

    With a telephone number only its owner can use the code.
    """
    if not await _offered_roles(ctx):
        raise RuleError("refused.not_allowed")
    await _show_open(ctx)
    role_word, _, place = ctx.args.partition(" ")
    answers: Answers = {}
    before, _, last = place.strip().rpartition(" ")
    if phone := parse_phone(last):
        place, answers["phone"] = before, phone
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
        answers["seated"] = sorted(await seated(ctx, Post(role, found[0].station_id, found[0].id)))
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


async def beside_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer to replace each present holder, or to let them stay."""
    names = [(person_id, (await ctx.unit.people.receiver(PersonId(person_id))).name) for person_id in answers["seated"]]
    instead = [Choice("invite.button.instead", str(person_id), {"name": name}) for person_id, name in names]
    return (*instead, Choice("invite.button.both", BOTH))


async def beside_shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    """Name the present holders."""
    return {"names": Joined([(await ctx.unit.people.receiver(PersonId(each))).name for each in answers["seated"]])}


async def accept_beside(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    """Take one of the buttons."""
    wanted = said.text.strip()
    if wanted not in {BOTH, *(str(each) for each in answers["seated"])}:
        raise RuleError("invite.beside_again")
    return wanted


async def finish(ctx: HandlerContext, answers: Answers) -> None:
    """Issue the invitation.

    Raises:
        RuleError: `invite.beside_again`: the person to be replaced does not hold the post any more.
    """
    role, phone = Role(answers["role"]), str(answers.get("phone", ""))
    if role in STATION_ROLES:
        stations = sorted(post.station_id for post in own_posts(ctx.actor) if post.role in POWERS[role].proposes)
        if not stations:
            raise RuleError("refused.not_allowed")
        await issue(ctx, role, station_id=stations[0], village_id=None, phone=phone)
        return
    village = await ctx.unit.people.village(VillageId(answers["village"]))
    instead_of = answers.get("beside", BOTH)
    replaces_id = None if instead_of == BOTH else PersonId(int(instead_of))
    if replaces_id is not None and replaces_id not in await seated(ctx, Post(role, village.station_id, village.id)):
        raise RuleError("invite.beside_again")
    await issue(ctx, role, station_id=village.station_id, village_id=village.id, replaces_id=replaces_id, phone=phone)


async def issue(
    ctx: HandlerContext,
    role: Role,
    *,
    station_id: StationId,
    village_id: VillageId | None,
    replaces_id: PersonId | None = None,
    phone: str = "",
) -> None:
    """Make a code for a post, and show it to its issuer.

    Raises:
        RuleError: `refused.not_allowed`: the actor may not give this post.
    """
    if not may_appoint(ctx.actor, role, station_id=station_id, village_id=village_id):
        raise RuleError("refused.not_allowed")
    await _issue(ctx, (Post(role, station_id, village_id),), replaces_id=replaces_id, phone=phone)


async def issue_instead(ctx: HandlerContext, posts: Sequence[Post], replaces_id: PersonId) -> None:
    """Make one code that gives these posts of a person to somebody new, the highest first.

    Raises:
        RuleError: `refused.not_allowed`: the actor may not give all of them.
    """
    if not all(may_appoint(ctx.actor, post.role, station_id=post.station_id, village_id=post.village_id) for post in posts):
        raise RuleError("refused.not_allowed")
    await _issue(ctx, tuple(posts), replaces_id=replaces_id)


async def issue_for(ctx: HandlerContext, person: Person) -> None:
    """Make a code that moves all posts of a person to another chat.

    They are not online yet, or have a new phone.

    Raises:
        RuleError: `refused.not_allowed`: the actor may not give all these posts.
    """
    posts = await movable_by(ctx, person)
    if posts is None:
        raise RuleError("refused.not_allowed")
    await _issue(ctx, posts, person_id=person.id)


async def movable_by(ctx: HandlerContext, person: Person) -> tuple[Post, ...] | None:
    """Return a person's posts if the actor may move them all by a code, highest first.

    A suspended person's phone may be stolen: with the right to end the suspension, the actor may give a code.
    """
    if ctx.actor.id is None or ctx.actor.suspended or is_same_human(ctx.actor, person):
        return None
    if person.suspended and not await can_restore(ctx, ctx.actor, person):
        return None
    return movable(own_posts(person), ctx.actor)


async def press_link(ctx: HandlerContext) -> None:
    """Make a code with which the actor adds a chat of their own on another channel."""
    if ctx.actor.id is None or (ctx.actor.village_id is None and not ctx.actor.posts):
        raise RuleError("refused.not_allowed")
    station = ctx.actor.posts[0].station_id if ctx.actor.posts else None
    if station is None:
        station = (await ctx.unit.people.village(VillageId(ctx.actor.village_id or 0))).station_id
    await _issue(ctx, (Post(ctx.actor.role, station),), person_id=ctx.actor.id)


async def _issue(
    ctx: HandlerContext,
    posts: tuple[Post, ...],
    *,
    replaces_id: PersonId | None = None,
    person_id: PersonId | None = None,
    phone: str = "",
) -> None:
    """Store the hash of a new code, show it to its issuer, and tell the owner of the posts.

    Raises:
        RuleError: `invite.enough_today`: the issuer has made enough codes for that person.
    """
    if ctx.actor.id is None:
        raise RuleError("refused.not_allowed")
    owner_id = person_id or replaces_id
    if owner_id is not None:
        made = await ctx.unit.invitations.count_about(owner_id, issuer_id=ctx.actor.id, since=ctx.at - DAY)
        if made >= PER_PERSON_AND_DAY:
            raise RuleError("invite.enough_today", n=PER_PERSON_AND_DAY)
    code, until, post = code_of(secrets.token_bytes(CODE_BYTES)), ctx.at + LIFETIME, posts[0]
    number = await ctx.unit.invitations.issue(
        code, post.role, station_id=post.station_id, village_id=post.village_id, issuer_id=ctx.actor.id, person_id=person_id,
        replaces_id=replaces_id, phone=phone, more=() if person_id else posts[1:], at=ctx.at, expires_at=until,
    )  # fmt: skip
    facts = {"invitation": number, "role": str(post.role), "village": post.village_id, "person": person_id or replaces_id}
    await ctx.audit(Event(f"invitation:{number}", "invited", ctx.actor.id, ctx.at, data=facts))
    line = await posts_text(ctx, posts)
    link = ctx.town.link(ctx.incoming.address.channel, f"i{code}") or ""
    own = person_id == ctx.actor.id
    notes = []
    if not own and need_second_word(posts, ctx.actor):
        by_admin = all(Role.ADMIN in POWERS[each.role].approves for each in posts)
        notes.append(Text("invite.needs_second" if by_admin else "invite.needs_leader"))
    notes += [Text("invite.needs_phone", phone=mask_phone(phone))] if phone else []
    await ctx.reply(
        "invite.link.issued" if own else "invite.issued",
        buttons=((Button("invite.button.revoke", "revoke", (number,)),),),
        media={"type": "qr", "data": link} if link else None,
        code=code,
        link=link,
        notes=Lines(notes),
        post=line,
        until=At(until),
    )
    if owner_id is not None and owner_id != ctx.actor.id:
        object_ = ((Button("invite.button.not_mine", "notmine", (number,)),),)
        await tell_every_chat(
            ctx, owner_id, "invite.issued.to_owner", {"post": line, "until": At(until), "issuer": ctx.actor.name}, object_
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
        Step(
            "beside",
            "invite.beside.question",
            accept_beside,
            beside_choices,
            beside_shown,
            when=lambda answers: answers.get("role") not in STATION_ROLES and bool(answers.get("seated")),
            wide=1,
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
    own = {post.role for post in own_posts(ctx.actor)}
    return tuple(role for role in RANK if role in POWERS and POWERS[role].proposes & own)


async def _offered_villages(ctx: HandlerContext, role: Role) -> list[Village]:
    sight = read_scope(ctx.actor)
    found = await ctx.unit.people.list_villages(sorted(sight.villages))
    if sight.stations:
        found += await ctx.unit.people.list_villages(station_ids=sorted(sight.stations))
    by_id = {village.id: village for village in found}
    return [village for village in by_id.values() if may_appoint(ctx.actor, role, station_id=village.station_id, village_id=village.id)]


def _said(ctx: HandlerContext, text: str) -> Incoming:
    return replace(ctx.incoming, text=text)
