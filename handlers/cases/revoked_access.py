"""Stop messages about cases that wait for a person who may not read them any more.

Knows whose a message about a case is. Invariant: a message to a post that somebody has lost does not reach them, and goes to the next
post.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.actors import CaseRole
from domain.core.change import CaseId, NotFound
from domain.people.people import STATION_ROLES, VILLAGE_ROLES
from handlers.core.next_post import escalate_undelivered
from storage.cases.scope import standing_of

if TYPE_CHECKING:
    from datetime import datetime

    from domain.cases.case import Case
    from domain.core.change import PersonId
    from domain.people.people import Person, Post
    from storage.core.outgoing import Outgoing
    from storage.unit import Unit


async def stop_messages(unit: Unit, person: Person, *, by: PersonId | None, at: datetime) -> None:
    """Stop the waiting messages that a person may not read any more.

    Messages that escalate if undeliverable go to the next post.
    """
    assert person.id is not None
    for waiting in await unit.outbox.list_waiting_about("case", person.id):
        if (
            not await _is_still_for(unit, person, waiting)
            and await unit.outbox.supersede(waiting.id, at=at)
            and waiting.escalates_if_undeliverable
        ):
            await escalate_undelivered(unit, waiting, why="stepped down", at=at)


async def _is_still_for(unit: Unit, person: Person, waiting: Outgoing) -> bool:
    """Return whether a person may still read a message about a case.

    It was sent to a post they hold, or to them as what they still are.
    """
    try:
        case = await unit.cases.visible_to(person, CaseId(int(waiting.subject.removeprefix("case:"))))
    except NotFound:
        return False
    if waiting.role in VILLAGE_ROLES | STATION_ROLES:
        return any(post.role == waiting.role and _covers(post, case) for post in person.posts)
    return standing_of(person, case).standing is not CaseRole.FOLLOWER or not (waiting.card or waiting.protect)


def _covers(post: Post, case: Case) -> bool:
    return post.village_id == case.village_id or (post.village_id is None and post.station_id == case.station_id)
