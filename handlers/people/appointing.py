"""Appoint: give posts, end the ones they replace, and tell everybody who must know.

Must not decide who may do what (domain/people/powers.py). Invariants: every change of power is told to all leaders and administrators of
the station; posts move to another person, and nothing else does; a person who is barred from a case stays barred with another
account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Address, Button, Event, Notice, PersonId, Receiver, StationId, VillageId
from domain.people.people import LIMITED, RANK, Person, Post, ReadScope, Role
from domain.people.powers import IN_CHARGE, may_restore, own_posts
from handlers.people.access_revocation import revoke_access
from handlers.people.titles import mark_title
from texts import Joined, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from domain.core.change import Keyboard
    from handlers.core.context import HandlerContext
    from storage.unit import Unit


async def install(
    ctx: HandlerContext,
    person_id: PersonId,
    posts: Sequence[Post],
    *,
    replaces_id: PersonId | None,
    issuer_id: PersonId | None,
    approved_by: PersonId | None = None,
    same_human: bool = False,
) -> None:
    """Give posts, end the ones they replace, and notify everybody concerned.

    `same_human`: the new holder came with the old one's code, so what bars the old one bars the new one.
    """
    for post in posts:
        await ctx.unit.people.appoint(person_id, post.role, station_id=post.station_id, village_id=post.village_id, at=ctx.at)
        await _bar_with_namesakes(ctx, person_id, post)
        facts = {"role": str(post.role), "village": post.village_id, "station": post.station_id, "replaces": replaces_id}
        await ctx.audit(Event(f"person:{person_id}", "appointed", ctx.actor.id, ctx.at, data=facts))
    await mark_title(ctx.unit, await ctx.unit.people.get(person_id, at=ctx.at), at=ctx.at)
    person = await ctx.unit.people.get(person_id, at=ctx.at)
    home = next((post.village_id for post in posts if post.village_id is not None and post.role is not Role.OFFICER), None)
    if person.village_id is None and home is not None:
        await ctx.unit.privacy.set_village(person_id, home)
    line = await posts_text(ctx, posts)
    await ctx.notify(Notice(person.receiver(posts[0].role), "invite.started.to_holder", {"post": line}, (menu_button(),)))
    told: set[PersonId | None] = {person_id}
    if replaces_id is not None and replaces_id != person_id:
        if same_human:
            await ctx.unit.privacy.became(replaces_id, person_id)
        told.add(replaces_id)
        await _retire(ctx, replaces_id, posts, successor=person.name, same_human=same_human)
    await tell_of_change(ctx, person, line, posts, issuer_id=issuer_id, approved_by=approved_by, told=told)


async def can_restore(ctx: HandlerContext, actor: Person, person: Person) -> bool:
    """Tell whether the actor may end a person's suspension, or get around it by a code.

    Without a known rank, the suspension counts as a leader's.
    """
    held = None if person.id is None else await ctx.unit.directory.suspension(person.id)
    imposed = [held] if held else [(Role.LEADER, post.station_id) for post in own_posts(person)]
    return any(may_restore(actor, person, rank=rank, station_id=station_id) for rank, station_id in imposed)


async def can_come_online(ctx: HandlerContext, person_id: PersonId) -> bool:
    """Tell whether a person of the roster never had a chat, so that no report is theirs."""
    return not await ctx.unit.privacy.was_online(person_id) and await ctx.unit.privacy.count_reports(person_id) == (0, 0)


async def bring_online(
    ctx: HandlerContext,
    person_id: PersonId,
    addresses: Iterable[Address],
    *,
    issuer_id: PersonId | None,
    approved_by: PersonId | None = None,
) -> None:
    """Give a person of the roster their first chat; their posts are the roster's."""
    for address in addresses:
        await ctx.unit.people.attach(person_id, address, at=ctx.at)
    await ctx.unit.privacy.consent(person_id, ctx.town.consent_version, at=ctx.at)
    person = await ctx.unit.people.get(person_id, at=ctx.at)
    posts = sorted(own_posts(person), key=lambda post: RANK.index(post.role), reverse=True)
    await ctx.audit(Event(f"person:{person_id}", "came_online", ctx.actor.id, ctx.at))
    line = await posts_text(ctx, posts)
    await ctx.notify(Notice(person.receiver(posts[0].role), "invite.started.to_holder", {"post": line}, (menu_button(),)))
    await tell_of_change(ctx, person, line, posts, issuer_id=issuer_id, approved_by=approved_by, told={person_id})


async def tell_of_change(
    ctx: HandlerContext,
    person: Person,
    line: Any,
    posts: Sequence[Post],
    *,
    issuer_id: PersonId | None,
    approved_by: PersonId | None = None,
    told: set[PersonId | None],
) -> None:
    """Tell the issuer and everybody in charge that somebody holds posts now."""
    issuer = None if issuer_id is None else await ctx.unit.people.receiver(issuer_id)
    approver = "" if approved_by is None else (await ctx.unit.people.receiver(approved_by)).name
    facts = {"name": person.name, "post": line, "issuer": issuer.name if issuer else ctx.town.name}
    watchers = await in_charge(ctx.unit, {post.station_id for post in posts}, at=ctx.at)
    if issuer is not None and issuer.person_id not in told:
        told.add(issuer.person_id)
        await ctx.notify(Notice(issuer, "invite.started.to_issuer", {"name": person.name, "post": line}))
    key = "invite.approved_start.to_leader" if approver else "invite.started.to_leader"
    for receiver in watchers:
        if receiver.person_id not in told:
            told.add(receiver.person_id)
            await ctx.notify(Notice(receiver, key, facts | ({"leader": approver} if approver else {})))


async def seated(ctx: HandlerContext, post: Post, *, without: PersonId | None = None) -> dict[PersonId, str]:
    """Return who already has a post that one person should have, by name: a village's chair."""
    if post.role is not Role.CHAIR or post.village_id is None:
        return {}
    here = ReadScope(frozenset(), frozenset({post.village_id}), frozenset())
    holders = await ctx.unit.directory.holders(here, at=ctx.at)
    return {holder.person_id: holder.name for holder in holders if holder.post.role is post.role and holder.person_id != without}


async def in_charge(unit: Unit, stations: Iterable[StationId], *, at: datetime) -> list[Receiver]:
    """Return all leaders and administrators of these stations.

    Those on leave are among them, their deputies are not.
    """
    holders = await unit.directory.holders(ReadScope(frozenset(), frozenset(), frozenset(stations)), at=at)
    roles = {holder.person_id: holder.post.role for holder in holders if holder.post.role in IN_CHARGE and not holder.suspended}
    return [await unit.people.receiver(person_id, role) for person_id, role in roles.items()]


async def tell_every_chat(ctx: HandlerContext, person_id: PersonId, key: str, facts: dict[str, Any], buttons: Keyboard = ()) -> None:
    """Notify every chat of a person: one of them may be lost."""
    language = (await ctx.unit.people.receiver(person_id)).language
    for address in (await ctx.unit.addresses.list_addresses((person_id,))).get(person_id, ()):
        await ctx.notify(Notice(Receiver(address, language, person_id), key, facts, buttons))


async def post_text(ctx: HandlerContext, role: Role, village_id: VillageId | None) -> dict[str, Any]:
    """Return a post as a parameter of a sentence: "security chair of 上徐村"."""
    title = {"t": f"people.role.{role}"}
    if village_id is None:
        return title
    return {"t": "people.post", "p": {"role": title, "village": (await ctx.unit.people.village(village_id)).name}}


async def posts_text(ctx: HandlerContext, posts: Sequence[Post]) -> dict[str, Any]:
    """Return posts as one parameter of a sentence."""
    texts = [await post_text(ctx, post.role, post.village_id) for post in posts]
    return texts[0] if len(texts) == 1 else Joined(texts)


def sees(posts: Iterable[Post]) -> list[dict[str, Any]]:
    """Return who appoints to each limited post, and what its holder sees."""
    return [Text(f"people.sees.{role}") for role in RANK if role in LIMITED and any(post.role is role for post in posts)]


def menu_button() -> tuple[Button, ...]:
    """Return the button that opens the menu."""
    return (Button("invite.button.menu", "menu"),)


async def _retire(ctx: HandlerContext, person_id: PersonId, posts: Sequence[Post], *, successor: str, same_human: bool) -> None:
    """End somebody's posts because another person has them now, and notify them.

    Their buttons stop working, and waiting messages go to the new holder.
    """
    for post in posts:
        await ctx.unit.people.dismiss(person_id, at=ctx.at, role=post.role, station_id=post.station_id, village_id=post.village_id)
        facts = {"role": str(post.role), "village": post.village_id, "station": post.station_id}
        await ctx.audit(Event(f"person:{person_id}", "dismissed", ctx.actor.id, ctx.at, data=facts))
    await revoke_access(ctx.unit, person_id, ctx.hooks, by=ctx.actor.id, at=ctx.at)
    key = "invite.moved.to_owner" if same_human else "invite.ended.to_holder"
    await tell_every_chat(ctx, person_id, key, {"post": await posts_text(ctx, posts), "name": successor})


async def _bar_with_namesakes(ctx: HandlerContext, person_id: PersonId, post: Post) -> None:
    """Bar the new holder of a post from what a namesake there is barred from.

    A namesake has the same name or number and a post in the same village. A name gives nobody anything; here it only takes away.
    """
    if post.village_id is None:
        return
    person = await ctx.unit.people.get(person_id, at=ctx.at)
    here = ReadScope(frozenset(), frozenset({post.village_id}), frozenset())
    for other in await ctx.unit.directory.holders(here, at=ctx.at):
        if other.person_id != person_id and (other.name == person.name or (other.phone and other.phone == person.phone)):
            await ctx.unit.privacy.bar_too(other.person_id, person_id)
