"""Give what a person held to somebody who can act, whenever posts change.

Suspension, dismissal, import, hand-over, the begin and end of a leave, a blocked bot and an erasure each end in `posts_changed`. Knows the
order: each feature gives its open things (`Hooks.on_posts_changed`), the new holders and their superiors learn of it once, then rights end
and cards are emptied. Must not know any feature. Invariant: nothing else moves a holder because of a person, and a post without anybody is
reported in the transaction in which it arises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Notice, PersonId, Priority, Receiver, StationId, Timer, VillageId
from domain.core.immutable import replace
from domain.core.post_change import LOSSES, Moved, PostChange, Why
from domain.people.people import Person, Role, may_try
from handlers.core.context import NOWHERE, HandlerContext
from handlers.core.delivery_gate import who_may_know
from handlers.core.presence import Presence, reachable
from storage.values import to_us
from texts import About, Joined, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from domain.core.change import Address
    from domain.core.town import Town
    from handlers.core.context import Conversation, Hooks
    from storage.unit import Unit

UNREACHABLE = "post_unreachable"
#: Lines of a list in one message, and cards that are emptied at once (the newest).
A_LIST, CARDS = 20, 500
_SUPERIORS: dict[Role, tuple[Role, ...]] = {
    Role.CHAIR: (Role.OFFICER, Role.LEADER, Role.DUTY, Role.ADMIN),
    Role.OFFICER: (Role.LEADER, Role.DUTY, Role.ADMIN),
    Role.DUTY: (Role.LEADER, Role.ADMIN),
    Role.LEADER: (Role.DUTY, Role.ADMIN),
}


async def posts_changed(ctx: HandlerContext, *changes: PostChange) -> None:
    """Give everything that these people held to somebody who can act.

    Those concerned are told, rights end, and cards are emptied. Safe to repeat; changes nothing for people who can still act.
    """
    for change in changes:
        whole = await _whole(ctx, change)
        presence = Presence(ctx.unit, at=ctx.at)
        moved = [each for hook in ctx.hooks.on_posts_changed for each in await hook(ctx, whole, presence)]
        await _tell_holders(ctx, whole, moved)
        await _tell_superiors(ctx, whole, moved, presence)
        for person in (await ctx.unit.people.find_many(whole.people, at=ctx.at)).values():
            await _end_rights(ctx, person)


async def audit_holders(ctx: HandlerContext) -> int:
    """Give every open thing whose holder cannot act to somebody who can; return how many moved."""
    change, presence = PostChange(None, Why.AUDIT), Presence(ctx.unit, at=ctx.at)
    moved = [each for hook in ctx.hooks.on_posts_changed for each in await hook(ctx, change, presence)]
    await _tell_holders(ctx, change, moved)
    await _tell_superiors(ctx, change, moved, presence)
    return len(moved)


def without_actor(
    unit: Unit, *, at: datetime, town: Town, cause: str, hooks: Hooks, dialogs: Mapping[str, Conversation] | None = None
) -> HandlerContext:
    """Return the context of a change that no update caused: an import."""
    return HandlerContext(
        unit, Person(None, "", "zh", NOWHERE.address), at, town, NOWHERE, cause, dialogs={} if dialogs is None else dialogs, hooks=hooks
    )


# A blocked bot --------------------------------------------------------------------------------------------------------


async def note_unreachable(unit: Unit, address: Address, *, at: datetime) -> None:
    """Begin a change for the holder of a post to whose chat nothing can be sent any more.

    A timer that is due now carries it out, so that a broadcast to many lost chats is not delayed by each of them.
    """
    person_id = await unit.directory.holder_at(address, at=at)
    if person_id is not None:
        await unit.timers.start(
            Timer(UNREACHABLE, f"person:{person_id}", at, f"{UNREACHABLE}:{person_id}:{to_us(at)}", {"person": person_id}), at=at
        )


async def unreachable_due(ctx: HandlerContext) -> None:
    """Give away what the holder of a post has, if they still cannot be reached (clock)."""
    assert ctx.timer is not None
    person = await ctx.unit.people.find(PersonId(int(ctx.timer.data["person"])), at=ctx.at)
    if person is not None and (person.lost or not person.address.channel):
        await posts_changed(ctx, PostChange(person.id, Why.UNREACHABLE))


# The parts ------------------------------------------------------------------------------------------------------------


async def _whole(ctx: HandlerContext, change: PostChange) -> PostChange:
    """Return a change with everybody and every place that it touches."""
    assert change.person_id is not None
    rows = await ctx.unit.directory.leaves_around(change.person_id, at=ctx.at)
    beside = {each for row in rows for each in (row.leave.person_id, row.leave.deputy_id)}
    people = frozenset(each for each in (change.person_id, change.to_id, *beside) if each is not None)
    held = await ctx.unit.directory.posts_around(people, at=ctx.at)
    person = await ctx.unit.people.find(change.person_id, at=ctx.at)
    return replace(
        change,
        name=change.name or (person.name if person is not None else ""),
        people=people,
        villages=tuple(sorted({*change.villages, *(post.village_id for _, post in held if post.village_id is not None)})),
        stations=tuple(sorted({post.station_id for _, post in held if post.village_id is None})),
        posts=tuple(dict.fromkeys((str(post.role), post.village_id, post.station_id) for _, post in held)),
        own=tuple((str(post.role), post.village_id, post.station_id) for each, post in held if each == change.person_id),
    )


async def _tell_holders(ctx: HandlerContext, change: PostChange, moved: list[Moved]) -> None:
    """Send each new holder one list of what is theirs now, and one of what was ended for them."""
    for key, done in (("posts.done.to_holder", True), ("posts.given.to_holder", False)):
        lists: dict[PersonId, tuple[Receiver, list[Moved]]] = {}
        for each in (each for each in moved if each.done is done):
            for who in await who_may_know(ctx.unit, each.subject, each.to, at=ctx.at):
                if who.person_id is not None and who.person_id not in each.knew:
                    lists.setdefault(who.person_id, (who, []))[1].append(each)
        for who, mine in lists.values():
            params = _why(change) | {"count": len(mine), "lines": _shown([_about(ctx, each.line, each.subject) for each in mine])}
            await ctx.notify(Notice(who, key, params, priority=Priority.ESCALATION))


async def _tell_superiors(ctx: HandlerContext, change: PostChange, moved: list[Moved], presence: Presence) -> None:
    """Tell the officer what moved in their village, and of a post without anybody.

    The leader is told where no officer is left.
    """
    lists: dict[PersonId, tuple[Receiver, list[Any]]] = {}

    async def add(line: Any, role: Role, village_id: VillageId | None, station_id: StationId, *knows: Receiver, subject: str = "") -> None:
        posts = await presence.at(village_id, station_id)
        barred = {change.person_id, *(who.person_id for who in knows)}
        for each in _SUPERIORS[role]:
            found = reachable(posts, each)
            if subject:
                found = await who_may_know(ctx.unit, subject, found, at=ctx.at)
            for who in found:
                if who.person_id is not None and who.person_id not in barred:
                    lists.setdefault(who.person_id, (who, []))[1].append(_about(ctx, line, subject))
            if found:
                return

    for each in (each for each in moved if not each.done):
        names = Joined([who.name for who in each.to]) if each.to else Text("posts.nobody")
        await add(
            Text("posts.line.moved", line=each.line, to=names), Role.CHAIR, each.village_id, each.station_id, *each.to, subject=each.subject
        )
    for said, village_id, station_id in change.posts if change.why in LOSSES else ():
        role = Role(said)
        if role in _SUPERIORS and not reachable(await presence.at(village_id, station_id), role):
            village = "" if village_id is None else (await presence.of(village_id)).village.name
            await add(Text(f"posts.vacant.{role}", village=village), role, village_id, station_id)
    for who, lines in lists.values():
        await ctx.notify(Notice(who, "posts.changed.to_superior", _why(change) | {"lines": _shown(lines)}, priority=Priority.ESCALATION))


def _about(ctx: HandlerContext, line: Any, subject: str) -> Any:
    return line if ctx.unit.registry.find(subject) is None else About(line, subject)


def _why(change: PostChange) -> dict[str, Any]:
    return {"why": Text(f"posts.why.{change.why}", name=change.name)}


def _shown(lines: list[Any]) -> Any:
    more = [Text("posts.line.more", count=len(lines) - A_LIST)] if len(lines) > A_LIST else []
    return Lines([*lines[:A_LIST], *more])


async def _end_rights(ctx: HandlerContext, person: Person) -> None:
    """Stop what a person may not do any more.

    The cards that they may not see are emptied, and a dialog that they may not hold is dropped.
    """
    assert person.id is not None
    for stop in ctx.hooks.on_access_revoked:
        await stop(ctx.unit, person, by=ctx.actor.id, at=ctx.at)
    cards = [each for each in await ctx.unit.cards.list_settled(person.id, limit=CARDS) if ctx.unit.registry.find(each[1]) is not None]
    told = await ctx.unit.may_be_told([(person, card) for _, card in cards])
    for (address, card), may_see in zip(cards, told, strict=True):
        found = ctx.unit.registry.find(card)
        if found is not None and not may_see:
            empty = Receiver(address, person.language)
            await ctx.notify(Notice(empty, "record.gone", {"number": found[1]}, priority=Priority.REMINDER, card=card, tells_nothing=True))
            await ctx.unit.cards.let_go(address, card)
    for address in await ctx.unit.privacy.addresses(person.id):
        draft = await ctx.unit.drafts.find(address)
        dialog = None if draft is None else ctx.dialogs.get(draft.dialog)
        if dialog is not None and not may_try(person, dialog.policy):
            await ctx.unit.drafts.drop(address)
