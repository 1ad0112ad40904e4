"""Contact with a reporter: "nobody called me", a number to call, whether it is solved.

Knows deadlines and levels; must not know storage or texts. Invariants: nothing goes up before the promised instant; of one case at most one
call a day goes up in this way; the question whether it is solved is answered, or ends with a person.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from domain.cases.actors import CaseRole
from domain.cases.case import IN_WORK, WAITING, Action
from domain.cases.escalation import EscalationLevel, due_at, level_of
from domain.cases.move_table import decide
from domain.cases.moves import change_of, escalate_to, lowest_level
from domain.cases.visibility import Part, who_sees
from domain.core.change import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.cases.actors import CaseActor
    from domain.cases.case import Case, CaseChange
    from domain.core.change import Event
    from domain.core.town import Town
    from domain.people.people import Posts

#: One call of "nobody called me" goes up in so long.
EVERY = timedelta(days=1)
_UNHEARD = re.compile(
    "(?:怎么|为什么|咋|到现在|都几天了|好几天了?|这么久|[一二两三四五六七八九十几0-9]+天了?)?(?:还是?|都|一直|也)?(?:没有?人|谁都没|没有?谁)"
    "(?:来)?(?:联系|找|打电话给|给)(?:过|了)?我?(?:打(?:过)?电话)?(?:啊|呀|呢|吗|了)*"
    "|(?:主任|民警|警官|警察|你们)(?:一直|到现在|还是?|都)*没有?(?:人)?(?:来)?联系(?:过)?我(?:啊|呀|呢)*"
)
_UNHEARD_ENGLISH = re.compile(
    r"(?:still )?(?:nobody|no one|noone) (?:has )?(?:called|contacted|phoned|rung)(?: me)?(?: yet)?", re.IGNORECASE
)


def says_unheard(text: str) -> bool | None:
    """Tell whether a message only says that nobody got in touch; None for another one."""
    plain = unicodedata.normalize("NFKC", text[:40]).strip(" \n。.!?~、,…")
    return True if len(text) <= 32 and (_UNHEARD.fullmatch(plain) or _UNHEARD_ENGLISH.fullmatch(plain)) else None


def promised_by(case: Case, *, town: Town) -> datetime | None:
    """Return by when somebody had to get in touch with the reporter, None when nobody has to.

    An agreed date counts. Else it is the deadline of the level, counted again after each session; beyond the last level nobody is timed.
    """
    if case.calls or case.ended or (case.state in WAITING and case.rung is EscalationLevel.BEYOND):
        return None
    if case.state in WAITING:
        return case.due_at
    if case.state not in IN_WORK:
        return None
    since = case.acted_at if case.sessions else case.step_at
    due = due_at(case.ladder, min(case.rung, EscalationLevel.STATION), town=town, at=since)
    return due if case.next_at is None else max(due, case.next_at)


def is_overdue(case: Case, *, town: Town, at: datetime) -> bool:
    """Tell whether the reporter may say now that nobody got in touch."""
    promised = promised_by(case, town=town)
    return promised is not None and promised <= at


def unheard(case: Case, by: CaseActor, *, events: Iterable[Event], posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Take the reporter's word that nobody got in touch: the case goes to the next level.

    `events`: the newest of its timeline.

    Raises:
        RuleError: `contact.refused.urgent`, `contact.refused.everybody`, `contact.refused.early` (with the promise), `contact.refused.today`.
    """
    decide(case, Action.UNHEARD, by)
    if case.calls:
        raise RuleError("contact.refused.urgent", number=case.id)
    promised = promised_by(case, town=town)
    if promised is None:
        raise RuleError("contact.refused.everybody", number=case.id)
    if promised > at:
        raise RuleError("contact.refused.early", number=case.id, due=_plain(promised))
    if any(event.action == Action.UNHEARD and at - event.at < EVERY for event in events):
        raise RuleError("contact.refused.today", number=case.id)
    level = case.rung if case.holder_id is None else max(case.rung, level_of(case.holder))
    rung = level.next_level if level >= EscalationLevel.STATION else lowest_level(case, posts, level.next_level)
    climbed, timers = escalate_to(case, rung, posts=posts, town=town, at=at)
    return change_of(case, climbed, Action.UNHEARD, by, at, timers=timers, restep=True)


def _plain(instant: datetime) -> dict[str, Any]:
    """Return an instant as a text parameter."""
    return {"at": round(instant.timestamp() * 1_000_000), "f": "short"}


def asks_for_phone(change: CaseChange) -> bool:
    """Tell whether the reporter of a new case may be asked for a number now.

    Not in danger, not for violence at home, and not when nobody may see the number.
    """
    case = change.case
    own = change.action is Action.OPEN and change.by.standing is CaseRole.REPORTER and case.reporter_id is not None
    return own and case.reporter_id == change.by.id and not (case.calls or case.at_home) and bool(who_sees(case.visibility, Part.NAME))


# The question whether it is really solved ------------------------------------------------------------------------------


class FollowUp(StrEnum):
    """Step of the question whether a case is really solved.

    ASK: the reporter is asked; VISIT: a handler visits them; MISSED: nobody did, and a leader hears of it.
    """

    ASK = "ask"
    VISIT = "visit"
    MISSED = "missed"


#: The reporter is asked so often.
ASKED_TIMES = 2
_ANSWERS = frozenset({Action.SOLVED, Action.UNSOLVED, Action.REOPEN, Action.VISITED})
_WORDS = frozenset({Action.NOTE, Action.ANSWER})


def follow_up(case: Case, events: Iterable[Event], *, turn: int, reachable: bool) -> FollowUp | None:
    """Return the next step of the question about an ended case, None when it was answered.

    `turn`: steps before this one; `reachable`: the reporter can be asked here. Words of the reporter after the end are an answer, which the
    handler has read.
    """
    since = [event for event in events if case.ended_at is not None and event.at > case.ended_at]
    if any(event.action in _ANSWERS or (event.action in _WORDS and event.actor_id == case.reporter_id is not None) for event in since):
        return None
    if turn > ASKED_TIMES:
        return FollowUp.MISSED
    return FollowUp.ASK if reachable and turn < ASKED_TIMES else FollowUp.VISIT


def turn_after(step: FollowUp, turn: int) -> int | None:
    """Return the turn of the step after this one, None when a leader has it."""
    return {FollowUp.ASK: turn + 1, FollowUp.VISIT: ASKED_TIMES + 1}.get(step)
