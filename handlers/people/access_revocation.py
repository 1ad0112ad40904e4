"""What follows when somebody may do less than before: suspended, a post ended or lent no longer.

Knows what outlasts a right: leaves, broadcasts, alerts that wait for a second word, messages about cases. Must not decide who may what: each is
held against what its person may do now. Invariants: nothing is done any more in the name of who may not do it; a message for a post reaches the
next one; who is left without a deputy, and who need not stand in any more, are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases.actors import CaseRole
from domain.core.change import Button, CaseId, Event, NotFound, Notice
from domain.people.people import COMMITTEE, STATION_ROLES, VILLAGE_ROLES, Role
from handlers.alerts.sending import drop_asked, still_his
from handlers.broadcasts.sending import stop_for
from handlers.fallback import escalate_undelivered
from storage.cases.cases import standing_of
from texts import At

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from domain.cases.case import Case
    from domain.core.change import PersonId, Receiver
    from domain.people.people import Leave, Person, Post
    from storage.core.outbox import Outgoing
    from storage.people.directory import LeaveRow
    from storage.unit import Unit


async def revoke_access(unit: Unit, person_id: PersonId, *, by: PersonId | None, at: datetime) -> None:
    """Stop what a person may not do any more, and what whoever stands in for them may not either. Safe to repeat; changes nothing for who may."""
    deputies = {row.leave.deputy_id for row in await unit.directory.list_leaves(person_id, at=at)}
    for row in await unit.directory.end_leaves(person_id, at=at):
        await _tell_of_end(unit, row, by=by, at=at)
    for each in sorted({person_id, *deputies}):
        person = await unit.people.get(each, at=at)
        await stop_for(unit, person, by=by, at=at)
        for asked in await unit.alerts.list_asking(each):
            if not await still_his(unit, asked, at=at):
                await drop_asked(unit, asked, by=by, at=at)
        for waiting in await unit.outbox.list_about_cases(each):
            if (
                not await _is_still_for(unit, person, waiting)
                and await unit.outbox.supersede(waiting.id, at=at)
                and waiting.escalates_if_undeliverable
            ):
                await escalate_undelivered(unit, waiting, why="stepped down", at=at)


async def _is_still_for(unit: Unit, person: Person, waiting: Outgoing) -> bool:
    """Tell whether a message about a case is still this person's to read: told to a post they hold, or to themselves as what they still are."""
    try:
        case = await unit.cases.visible_to(person, CaseId(int(waiting.subject.removeprefix("case:"))))
    except NotFound:
        return False
    if waiting.role in VILLAGE_ROLES | STATION_ROLES:
        return any(post.role == waiting.role and _covers(post, case) for post in person.posts)
    return standing_of(person, case).standing is not CaseRole.FOLLOWER or not (waiting.card or waiting.protect)


def _covers(post: Post, case: Case) -> bool:
    return post.village_id == case.village_id or (post.village_id is None and post.station_id == case.station_id)


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
