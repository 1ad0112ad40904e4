"""Pass a case on by hand: to a colleague, back to the chair; or put it off until a date.

Knows levels and dates; must not know texts or storage. Invariants: a case is passed on only to somebody who may see it and can be reached; an
urgent case that calls is not passed on; a case that was put off escalates when nothing is recorded after its date.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.cases.case import Action, Case, CaseChange
from domain.cases.display import display_name
from domain.cases.escalation import EscalationLevel, level_of
from domain.cases.move_table import decide
from domain.cases.moves import change_of, check_next, check_words, escalate_to, lowest_level, with_handlers
from domain.cases.next_step import of_work
from domain.cases.visibility import Part, who_sees
from domain.core.change import PersonId, RuleError
from domain.core.immutable import replace
from domain.people.people import POLICE, Role

if TYPE_CHECKING:
    from domain.cases.actors import CaseActor
    from domain.core.change import Receiver
    from domain.core.town import Town
    from domain.people.people import Posts

#: A case is put off until later than this, so that its date is not over when it is recorded.
SOONEST = timedelta(minutes=30)


def colleagues(case: Case, by: CaseActor, *, posts: Posts) -> tuple[Receiver, ...]:
    """Return the police who can take a case over from somebody, each once."""
    roles = [role for role in (Role.OFFICER, Role.DUTY, Role.LEADER) if role in who_sees(case.visibility, Part.WORDS)]
    found = posts.everybody.of(*roles, without=case.excluded_ids)
    return tuple(who for who in found if who.address is not None and who.person_id not in (by.id, case.holder_id))


def assign(case: Case, by: CaseActor, to_id: PersonId, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Give a case to a colleague, who has it from now on.

    Raises:
        RuleError: `casework.nobody`: it is not somebody who can take it over.
    """
    decide(case, Action.ASSIGN, by)
    _calm(case)
    heir = next((who for who in colleagues(case, by, posts=posts) if who.person_id == to_id), None)
    if heir is None:
        raise RuleError("casework.nobody", number=case.id)
    role = Role(heir.role)
    held = replace(
        case, holder=role, holder_id=heir.person_id, holder_name=heir.name, rung=level_of(role), fence=case.fence + 1, acted_at=at, due_at=None
    )  # fmt: skip
    held = with_handlers(held, (heir,))
    timers = of_work(held, town=town, at=at)
    return change_of(case, held, Action.ASSIGN, by, at, data={"to": display_name(heir.name, role)}, timers=timers, restep=True)


def hand_back(case: Case, by: CaseActor, words: str, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Give a case back to the village's chair, who has to accept it.

    Raises:
        RuleError: `casework.no_chair`: no chair may see it and can be reached.
    """
    decide(case, Action.HAND_BACK, by)
    _calm(case)
    check_words(words)
    if who_sees(case.visibility, Part.WORDS) <= POLICE or lowest_level(case, posts) is not EscalationLevel.CHAIR:
        raise RuleError("casework.no_chair", number=case.id)
    given, timers = escalate_to(case, EscalationLevel.CHAIR, posts=posts, town=town, at=at)
    return change_of(case, given, Action.HAND_BACK, by, at, words, timers=timers, restep=True)


def snooze(case: Case, by: CaseActor, until: datetime, words: str, *, town: Town, at: datetime) -> CaseChange:
    """Put a case off until a date, with a reason: until then nothing has to be recorded.

    Raises:
        RuleError: `case.refused.too_far`, `casework.too_soon`.
    """
    decide(case, Action.SNOOZE, by)
    _calm(case)
    check_words(words)
    check_next(until, at=at)
    if until < at + SOONEST:
        raise RuleError("casework.too_soon")
    later = replace(case, next_at=until, acted_at=at, fence=case.fence + 1)
    return change_of(case, later, Action.SNOOZE, by, at, words, timers=of_work(later, town=town, at=at), restep=True)


def check_reason(words: str) -> str:
    """Return a reason in words.

    Raises:
        RuleError: `case.refused.no_words`.
    """
    check_words(words)
    return words


def in_days(days: int, *, town: Town, at: datetime) -> datetime:
    """Return the instant after so many days, or the next opening after it."""
    return town.working.next_opening(at + timedelta(days=days))


def _calm(case: Case) -> None:
    if case.calls:
        raise RuleError("casework.urgent", number=case.id)
