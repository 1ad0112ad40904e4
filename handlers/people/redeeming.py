"""Redeem an invitation: show it, take the post, and confirm it from chair upward.

A second person confirms. Knows who is notified of a new post. Must not decide what an invitation is worth
(domain/people/invitations.py). Invariants: every code is answered with one sentence and counted; the press works only for the person who
presented the code; a code is used once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.core.change import Address, Button, ChatId, Event, Notice, PersonId, Receiver, RuleError, StationId, VillageId
from domain.core.post_change import PostChange, Why
from domain.people.invitations import LIFETIME, decide, needs_second_word, redeemable
from domain.people.people import RANK, Person, Post, Role
from handlers.core.post_changes import posts_changed
from handlers.core.pressed import NUMBER
from texts import Joined, Lines, Text, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.people.invitations import Invitation
    from handlers.core.context import HandlerContext

HOUR = timedelta(hours=1)
GUESS = "invitation"


async def present(ctx: HandlerContext, code: str) -> None:
    """Show the offer of a code, or say in one sentence that it is worth nothing.

    Every try is counted, so nothing is raised here.
    """
    mine = _own_address(ctx)
    if await ctx.unit.invitations.tries_since(mine, GUESS, since=ctx.at - HOUR) >= ctx.town.limits.invitations_per_hour:
        await ctx.reply("invite.too_many")
        return
    await ctx.unit.invitations.tried(mine, GUESS, at=ctx.at)
    try:
        invitation, issuer = await _worth(ctx, await ctx.unit.invitations.find_by_code(code))
    except RuleError as rule:
        await ctx.reply(rule.key, **rule.params)
        return
    await ctx.unit.invitations.tried(mine, f"{GUESS}:{invitation.id}", at=ctx.at)
    seen, channel = Lines(ctx.hooks.consent), ctx.town.title(ctx.incoming.address.channel)
    told = Text("invite.consent", town=ctx.town.name, seen=seen, channel=channel)
    consent = told if ctx.actor.role is Role.STRANGER else ""
    who = issuer.name if issuer else ctx.town.name
    buttons = ((Button("invite.button.take", "take", (invitation.id,)),), (Button("invite.button.not_me", "nottake"),))
    post = await post_text(ctx, invitation.role, invitation.village_id)
    await ctx.reply("invite.offer", buttons=buttons, post=post, issuer=who, consent=consent)


async def press_take(ctx: HandlerContext) -> None:
    """Take the post that was shown.

    Raises:
        RuleError: `invite.refused`: it was not shown here, or is worth nothing any more.
    """
    value = (*ctx.incoming.values, "")[0]
    found = await ctx.unit.invitations.find(int(value)) if NUMBER.fullmatch(value) else None
    shown = f"{GUESS}:{value}"
    if not await ctx.unit.invitations.tries_since(_own_address(ctx), shown, since=ctx.at - LIFETIME):
        raise RuleError("invite.refused")
    invitation, issuer = await _worth(ctx, found)
    if not await ctx.unit.invitations.use(invitation.id, at=ctx.at):
        raise RuleError("invite.refused")
    person_id = await _bearer(ctx, invitation)
    await ctx.unit.invitations.used_by(invitation.id, person_id)
    facts = {"invitation": invitation.id, "role": str(invitation.role), "village": invitation.village_id}
    await ctx.audit(Event(f"person:{person_id}", "invitation_used", person_id, ctx.at, data=facts))
    ctx.actor = await ctx.unit.people.get(person_id, at=ctx.at)
    if invitation.person_id is not None:
        await _come_online(ctx)
    elif issuer is not None and needs_second_word(invitation.role, issuer, station_id=invitation.station_id):
        await ask_second_word(
            ctx, person_id, invitation.role, station_id=invitation.station_id, village_id=invitation.village_id,
            issuer=issuer, replaces_id=invitation.replaces_id,
        )  # fmt: skip
        await ctx.reply("invite.waiting", post=await post_text(ctx, invitation.role, invitation.village_id))
    else:
        await install(
            ctx, person_id, invitation.role, station_id=invitation.station_id, village_id=invitation.village_id,
            replaces_id=invitation.replaces_id, issuer_id=invitation.issuer_id,
        )  # fmt: skip


async def press_not_me(ctx: HandlerContext) -> None:
    """Leave the code as it is."""
    await ctx.reply("invite.not_me")


async def ask_second_word(
    ctx: HandlerContext,
    person_id: PersonId,
    role: Role,
    *,
    station_id: StationId,
    village_id: VillageId | None,
    issuer: Person,
    replaces_id: PersonId | None,
    more: Sequence[Post] = (),
) -> None:
    """Let a post wait for a leader or administrator of the station, and ask them all.

    `more`: other posts of the same hand-over, decided together with it.
    """
    assert issuer.id is not None
    number: int | None = None
    for post in (Post(role, station_id, village_id), *more):
        asked = await ctx.unit.invitations.ask(
            person_id, post.role, station_id=post.station_id, village_id=post.village_id, issuer_id=issuer.id,
            replaces_id=replaces_id, with_id=number, at=ctx.at,
        )  # fmt: skip
        number = number or asked
    assert number is not None
    person = await ctx.unit.people.get(person_id, at=ctx.at)
    facts = {"name": person.name, "post": await posts_text(ctx, (Post(role, station_id, village_id), *more)), "issuer": issuer.name}
    buttons = ((Button("invite.button.approve", "appoint", (number, "yes")), Button("invite.button.refuse", "appoint", (number, "no"))),)
    deciders = [who for who in await _deciders(ctx, station_id) if who.person_id != person_id]
    for receiver in deciders:
        await ctx.notify(Notice(receiver, "invite.confirm.to_leader", facts, buttons, card=f"appointment:{number}"))
    if not any(who.address for who in deciders):
        await ctx.notify(Notice(await ctx.unit.people.receiver(issuer.id), "invite.nobody_confirms", facts))


async def press_appoint(ctx: HandlerContext) -> None:
    """Confirm or refuse a post, as a leader or administrator.

    Raises:
        RuleError: the actor may not decide it, or it is decided already.
    """
    value, word = (*ctx.incoming.values, "", "")[:2]
    stations = sorted(ctx.actor.stations(Role.LEADER, Role.ADMIN))
    found = await ctx.unit.invitations.find_appointment(int(value), stations=stations) if NUMBER.fullmatch(value) and stations else None
    if found is None or ctx.actor.id is None:
        raise RuleError("refused.not_allowed")
    together = [found, *await ctx.unit.invitations.decided_with(found.id, stations=stations)]
    state = ""
    for each in together:
        state, event = decide(each, ctx.actor, approve=word == "yes", at=ctx.at)
        await ctx.unit.invitations.record(each, state, by=ctx.actor.id, at=ctx.at)
        await ctx.audit(event)
    person = await ctx.unit.people.get(found.person_id, at=ctx.at)
    posts = [Post(each.role, each.station_id, each.village_id) for each in together]
    facts = {"name": person.name, "post": await posts_text(ctx, posts), "leader": ctx.actor.name}
    for receiver in await _deciders(ctx, found.station_id):
        await ctx.notify(Notice(receiver, f"invite.{state}.to_leader", facts, card=f"appointment:{found.id}", stays=True))
    if state == "approved":
        await install(
            ctx, person.id or found.person_id, found.role, station_id=found.station_id, village_id=found.village_id,
            replaces_id=found.replaces_id, issuer_id=found.issuer_id, more=posts[1:],
        )  # fmt: skip
        return
    for told in {found.person_id, found.issuer_id}:
        await ctx.notify(Notice(await ctx.unit.people.receiver(told), "invite.refused_post", facts))


async def install(
    ctx: HandlerContext,
    person_id: PersonId,
    role: Role,
    *,
    station_id: StationId,
    village_id: VillageId | None,
    replaces_id: PersonId | None,
    issuer_id: PersonId | None,
    more: Sequence[Post] = (),
) -> None:
    """Give a post, end the one it replaces, and notify everybody concerned once.

    `more`: other posts of the same hand-over. Notified are the new holder, the old one, the issuer, and from chair upward the administrators.
    A person whom a roster lists in the same post under the same name, and who has never come online, is this person.
    """
    posts = (Post(role, station_id, village_id), *more)
    for each in posts:
        await ctx.unit.people.appoint(person_id, each.role, station_id=each.station_id, village_id=each.village_id, at=ctx.at)
    for twin in await ctx.unit.privacy.twins(person_id, at=ctx.at):
        await _become_one(ctx, twin, into=person_id)
    person = await ctx.unit.people.get(person_id, at=ctx.at)
    if person.village_id is None and village_id is not None and role is not Role.OFFICER:
        await ctx.unit.privacy.set_village(person_id, village_id)
    post = await posts_text(ctx, posts)
    for each in posts:
        facts = {"role": str(each.role), "village": each.village_id, "station": each.station_id, "replaces": replaces_id}
        await ctx.audit(Event(f"person:{person_id}", "appointed", ctx.actor.id, ctx.at, data=facts))
    told: set[PersonId | None] = {person_id}
    await ctx.notify(Notice(person.receiver(role), "invite.started.to_holder", {"post": post}, (_menu_button(),)))
    if replaces_id is not None and replaces_id != person_id:
        told.add(replaces_id)
        await retire(ctx, replaces_id, posts, successor=person)
    else:
        await posts_changed(ctx, PostChange(person_id, Why.STARTED))
    watchers = [await ctx.unit.people.receiver(issuer_id)] if issuer_id is not None else []
    if RANK.index(role) >= RANK.index(Role.CHAIR):
        watchers += [who for who in await ctx.unit.people.administrators()]
    for receiver in watchers:
        if receiver.person_id not in told:
            told.add(receiver.person_id)
            await ctx.notify(Notice(receiver, "invite.started.to_issuer", {"name": person.name, "post": post}))


async def retire(ctx: HandlerContext, person_id: PersonId, posts: Sequence[Post], *, successor: Person) -> None:
    """End somebody's posts because another person has them now, and notify them.

    Their buttons stop working, and everything open goes to the new holder.
    """
    for post in posts:
        await ctx.unit.people.dismiss(person_id, at=ctx.at, role=post.role, station_id=post.station_id, village_id=post.village_id)
        facts = {"role": str(post.role), "village": post.village_id, "station": post.station_id}
        await ctx.audit(Event(f"person:{person_id}", "dismissed", ctx.actor.id, ctx.at, data=facts))
    await posts_changed(ctx, PostChange(person_id, Why.REPLACED, successor.id))
    ended = {"post": await posts_text(ctx, posts), "name": successor.name}
    await ctx.notify(Notice(await ctx.unit.people.receiver(person_id), "invite.ended.to_holder", ended))


async def posts_text(ctx: HandlerContext, posts: Sequence[Post]) -> dict[str, Any]:
    """Return posts as a parameter of a sentence: "community officer of 上徐村, 下李村"."""
    if len(posts) == 1:
        return await post_text(ctx, posts[0].role, posts[0].village_id)
    names = {village.id: village.name for village in await ctx.unit.people.list_villages([p.village_id for p in posts if p.village_id])}
    parts: list[dict[str, Any]] = []
    for role in dict.fromkeys(post.role for post in posts):
        title = {"t": f"people.role.{role}"}
        where = [names.get(post.village_id, "") for post in posts if post.role is role and post.village_id is not None]
        parts.append({"t": "people.post", "p": {"role": title, "village": Joined(where)}} if where else title)
    return Joined(parts)


async def post_text(ctx: HandlerContext, role: Role, village_id: VillageId | None) -> dict[str, Any]:
    """Return a post as a parameter of a sentence: "security chair of 上徐村"."""
    title = {"t": f"people.role.{role}"}
    if village_id is None:
        return title
    return {"t": "people.post", "p": {"role": title, "village": (await ctx.unit.people.village(village_id)).name}}


async def _worth(ctx: HandlerContext, found: Invitation | None) -> tuple[Invitation, Person | None]:
    issuer = None
    if found is not None and found.issuer_id is not None:
        issuer = await ctx.unit.people.find(found.issuer_id, at=ctx.at)
    invitation = redeemable(found, issuer, at=ctx.at)
    if ctx.actor.suspended:
        raise RuleError("invite.refused")
    return invitation, issuer


async def _bearer(ctx: HandlerContext, invitation: Invitation) -> PersonId:
    """Return the person that the code makes of this chat.

    That is a joined user, the roster's person it was made for, or somebody new.
    """
    version = ctx.town.consent_version
    person_id = ctx.actor.id
    if person_id is None and invitation.person_id is not None:
        person_id = invitation.person_id
        await ctx.unit.rosters.detach_all(person_id, channel=ctx.incoming.address.channel)
        await _tell_other_addresses(ctx, person_id)
        await ctx.unit.people.attach(person_id, _own_address(ctx), at=ctx.at)
    elif person_id is None:
        name = ctx.incoming.user_name or plain("join.nameless", ctx.actor.language)
        person_id = await ctx.unit.people.add(name, at=ctx.at, language=ctx.actor.language)
        await ctx.unit.people.attach(person_id, _own_address(ctx), at=ctx.at)
    elif invitation.person_id is not None and invitation.person_id != person_id:
        await _become_one(ctx, invitation.person_id, into=person_id)
    await ctx.unit.privacy.consent(person_id, version, at=ctx.at)
    return person_id


async def _tell_other_addresses(ctx: HandlerContext, person_id: PersonId) -> None:
    """Tell a person's known addresses that they joined on another channel too.

    It may have been somebody else.
    """
    addresses = (await ctx.unit.addresses.list_addresses((person_id,))).get(person_id, ())
    for address in addresses:
        facts = {"channel": ctx.town.title(ctx.incoming.address.channel)}
        await ctx.notify(Notice(Receiver(address, ctx.actor.language, person_id), "invite.second_channel.to_person", facts))


async def _become_one(ctx: HandlerContext, twin: PersonId, *, into: PersonId) -> None:
    await ctx.unit.privacy.merge(twin, into=into, at=ctx.at)
    await ctx.audit(Event(f"person:{twin}", "merged", ctx.actor.id, ctx.at, data={"into": into}))


async def _come_online(ctx: HandlerContext) -> None:
    """Bring somebody of the roster online: they have a chat now; their posts are the roster's."""
    if ctx.actor.posts:
        top = max(ctx.actor.posts, key=lambda post: RANK.index(post.role))
        await ctx.reply("invite.started.to_holder", buttons=(_menu_button(),), post=await post_text(ctx, top.role, top.village_id))
    else:
        await ctx.reply("invite.refused")


async def _deciders(ctx: HandlerContext, station_id: StationId) -> list[Receiver]:
    posts = await ctx.unit.people.station_posts(station_id, at=ctx.at)
    return list({who.person_id: who for role in (Role.LEADER, Role.ADMIN) for who in posts.get(role, ())}.values())


def _menu_button() -> tuple[Button, ...]:
    return (Button("invite.button.menu", "menu"),)


def _own_address(ctx: HandlerContext) -> Address:
    return Address(ctx.incoming.address.channel, ChatId(ctx.incoming.user_id))
