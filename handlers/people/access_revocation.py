"""What follows when somebody may do less than before: suspended, a post ended or lent no longer.

Knows leaves; what else outlasts a right, each feature stops itself (`Hooks.on_access_revoked`). Must not decide who may what: each is held against
what its person may do now. Invariants: nothing is done any more in the name of who may not do it; a message for a post reaches the
next one; who is left without a deputy, and who need not stand in any more, are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, Notice
from domain.people.people import COMMITTEE, Role
from texts import At

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from domain.core.change import PersonId, Receiver
    from domain.people.people import Leave, Post
    from handlers.core.context import Hooks
    from storage.people.directory import LeaveRow
    from storage.unit import Unit


async def revoke_access(unit: Unit, person_id: PersonId, hooks: Hooks, *, by: PersonId | None, at: datetime) -> None:
    """Stop what a person may not do any more, and what whoever stands in for them may not either. Safe to repeat; changes nothing for who may."""
    deputies = {row.leave.deputy_id for row in await unit.directory.list_leaves(person_id, at=at)}
    for row in await unit.directory.end_leaves(person_id, at=at):
        await _tell_of_end(unit, row, by=by, at=at)
    for each in sorted({person_id, *deputies}):
        person = await unit.people.get(each, at=at)
        for stop in hooks.on_access_revoked:
            await stop(unit, person, by=by, at=at)


# Leaves ---------------------------------------------------------------------------------------------------------------


async def _tell_of_end(unit: Unit, row: LeaveRow, *, by: PersonId | None, at: datetime) -> None:
    """Tell of a leave that lends nothing any more: who takes it, if in office, and who must know that nobody stands in; else the deputy."""
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
    """Return who must know that a post has nobody: the village's officer for its committee, the leaders for police."""
    found: dict[PersonId | None, Receiver] = {}
    for post in own_of(posts):
        if post.role in COMMITTEE and post.village_id is not None:
            receivers = (await unit.people.posts_of(post.village_id, at=at)).of(Role.OFFICER)
        else:
            receivers = (await unit.people.station_posts(post.station_id, at=at)).get(Role.LEADER, ())
        found |= {who.person_id: who for who in receivers if who.person_id not in without}
    return list(found.values())


def own_of(posts: Iterable[Post]) -> list[Post]:
    """Return one's own posts, without those one stands in for."""
    return [post for post in posts if post.deputises_for is None]


def span_of(leave: Leave) -> dict[str, Any]:
    """Return a leave's span as a sentence's parts."""
    return {"since": At(leave.from_at), "until": At(leave.until_at)}
