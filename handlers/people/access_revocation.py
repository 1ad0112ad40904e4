"""Revoke access: a person was suspended, or a post ended or is lent no longer.

Knows leaves; each feature stops its own remains of a right (`Hooks.on_access_revoked`). Must not decide who may do what: each is checked
against what its person may do now. Invariants: nothing more is done in the name of a person who may not do it; a message for a post
reaches the next one; people left without a deputy, and deputies who are no longer needed, are notified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, Notice
from domain.people.people import COMMITTEE, Role
from handlers.people.titles import mark_title
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
    """Stop everything that a person, and their deputy for them, may not do any more.

    Safe to repeat; changes nothing for people who still may.
    """
    deputies = {row.leave.deputy_id for row in await unit.directory.list_leaves(person_id, at=at)}
    for row in await unit.directory.end_leaves(person_id, at=at):
        await _tell_of_end(unit, row, by=by, at=at)
    for each in sorted({person_id, *deputies}):
        person = await unit.people.get(each, at=at)
        for stop in hooks.on_access_revoked:
            await stop(unit, person, by=by, at=at)
        await mark_title(unit, person, at=at)


# Leaves ---------------------------------------------------------------------------------------------------------------


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
            receivers = (await unit.people.station_posts(post.station_id, at=at)).get(Role.LEADER, ())
        found |= {who.person_id: who for who in receivers if who.person_id not in without}
    return list(found.values())


def own_of(posts: Iterable[Post]) -> list[Post]:
    """Return a person's own posts, without those they hold as a deputy."""
    return [post for post in posts if post.deputises_for is None]


def span_of(leave: Leave) -> dict[str, Any]:
    """Return a leave's span as parameters of a sentence."""
    return {"since": At(leave.from_at), "until": At(leave.until_at)}
