"""Settle lost posts of a person: end their leaves, and mark a title in their name.

Part of a change of posts (handlers/core/post_changes.py), before open things are given away. Must not decide who may do what. Invariant:
people left without a deputy, and deputies who are no longer needed, are notified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, Notice
from domain.core.post_change import Why
from domain.people.people import COMMITTEE, Role
from handlers.people import rota_gaps
from handlers.people.titles import mark_title
from texts import At

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from domain.core.change import PersonId, Receiver
    from domain.core.post_change import Moved, PostChange
    from domain.people.people import Leave, Post
    from handlers.core.context import HandlerContext
    from handlers.core.presence import Presence
    from storage.people.directory import LeaveRow
    from storage.unit import Unit


async def settle(ctx: HandlerContext, change: PostChange, presence: Presence) -> Sequence[Moved]:
    """End leaves that lend nothing any more, and mark a title in the name; see `PostsChanged`.

    Shifts of a duty rota go to the successor or end. Nothing of this is an open thing.
    """
    await rota_gaps.settle(ctx, change)
    if change.person_id is not None and change.why is not Why.FORGOTTEN:
        for row in await ctx.unit.directory.end_leaves(change.person_id, at=ctx.at):
            await _tell_of_end(ctx.unit, row, by=ctx.actor.id, at=ctx.at)
        if change.why is Why.UNREACHABLE:
            await _tell_of_lost_deputy(ctx, change.person_id, change.name)
        await mark_title(ctx.unit, await ctx.unit.people.get(change.person_id, at=ctx.at), at=ctx.at)
    return ()


async def _tell_of_lost_deputy(ctx: HandlerContext, person_id: PersonId, name: str) -> None:
    """Tell the people on leave, and their superiors, that their deputy cannot be reached."""
    for row in await ctx.unit.directory.leaves_around(person_id, at=ctx.at):
        if row.leave.deputy_id == person_id:
            absent = await ctx.unit.people.get(row.leave.person_id, at=ctx.at)
            facts = span_of(row.leave) | {"name": absent.name, "deputy": name}
            receivers = await superiors(ctx.unit, absent.posts, at=ctx.at, without=(absent.id, person_id))
            for who in (await ctx.unit.people.receiver(row.leave.person_id), *receivers):
                await ctx.notify(Notice(who, "duty.deputy_lost", facts))


async def _tell_of_end(unit: Unit, row: LeaveRow, *, by: PersonId | None, at: datetime) -> None:
    """Notify the people concerned that a leave lends nothing any more.

    A person still in office and their superiors learn that nobody deputises; otherwise the deputy learns it.
    """
    leave = row.leave
    person, deputy = await unit.people.get(leave.person_id, at=at), await unit.people.get(leave.deputy_id, at=at)
    await unit.audit.record(Event(f"person:{person.id}", "leave_ended", by, at, data={"leave": row.id}))
    facts = span_of(leave) | {"name": person.name, "deputy": deputy.name}
    notices: list[Notice] = []
    if person.suspended or not own_of(person.posts):
        notices.append(Notice(await unit.people.receiver(leave.deputy_id), "duty.ended.to_deputy", facts))
    else:
        again = ((Button("duty.button.leave", "leave"),),)
        notices.append(Notice(await unit.people.receiver(leave.person_id), "duty.declined.to_person", facts, again))
        told = await superiors(unit, person.posts, at=at, without=(person.id, deputy.id, by))
        notices += [Notice(who, "duty.declined.to_officer", facts) for who in told]
    for notice in notices:
        if notice.to.address is not None:
            await unit.outbox.put(notice, unique_key=f"leave:{row.id}:ended:{notice.to.person_id}", at=at)


async def superiors(unit: Unit, posts: Iterable[Post], *, at: datetime, without: Collection[PersonId | None]) -> list[Receiver]:
    """Return the people who must know that a post has nobody.

    They are the village's officer for its committee, the leaders for police.
    """
    found: dict[PersonId | None, Receiver] = {}
    for post in own_of(posts):
        if post.role in COMMITTEE and post.village_id is not None:
            receivers = (await unit.people.posts_of(post.village_id, at=at)).of(Role.OFFICER)
        else:
            receivers = (await unit.people.station_posts(post.station_id, at=at)).of(Role.LEADER)
        found |= {who.person_id: who for who in receivers if who.person_id not in without}
    return list(found.values())


def own_of(posts: Iterable[Post]) -> list[Post]:
    """Return a person's own posts, without those they hold as a deputy."""
    return [post for post in posts if post.deputises_for is None]


def span_of(leave: Leave) -> dict[str, Any]:
    """Return a leave's span as parameters of a sentence."""
    return {"since": At(leave.from_at), "until": At(leave.until_at)}
