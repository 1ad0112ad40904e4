"""Timers of a case: of its level, of the rounds of an urgent one, of its assignee's work.

Knows spans and calendars; must not know storage or texts, nor decide a move. Invariant: every active case has a next step.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.cases import escalation
from domain.cases.case import IN_WORK, WAITING, Case, Severity
from domain.cases.escalation import EscalationLevel
from domain.core.immutable import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.core.change import Timer
    from domain.core.town import Town

#: The next session is within this span, and an agreed date delays the check for inactivity no longer: a mediation ends within a month (2002
#: rules, art. 33).
NEXT_WITHIN = timedelta(days=30)


def silent_since(case: Case) -> datetime:
    """Return the start of the inactivity of a case.

    This is the last record, or the agreed next date when that is later, but no later than `NEXT_WITHIN`.
    """
    return max(case.acted_at, min(case.next_at or case.acted_at, case.acted_at + NEXT_WITHIN))


def next_step(case: Case, *, town: Town, at: datetime) -> tuple[Timer, ...]:
    """Return the timers that an active case must have, created again at `at` (for the auditor).

    An ended case has none.
    """
    turn = int(at.timestamp())
    if case.state in WAITING and case.calls:
        assert case.scene is not None
        assert case.ladder.rounds is not None
        return (escalation.round_timer(case.id, case.ladder.rounds, case.rung, fence=case.fence, scene=case.scene, again=turn),)
    if case.state in WAITING and case.rung is EscalationLevel.BEYOND:
        return (listed_again(case, town=town, at=at, turn=turn),)
    if case.state in WAITING:
        due = max(case.due_at or at, at)
        return escalation.step_timers(case.id, case.ladder, case.rung, fence=case.fence, due=due, town=town, at=at, turn=turn)[-1:]
    return of_work(case, town=town, at=at, turn=turn) if case.state in IN_WORK else ()


def listed_again(case: Case, *, town: Town, at: datetime, turn: int) -> Timer:
    """Return the timer that lists an unanswered case again after everybody was called."""
    return escalation.again_timer(case.id, case.ladder, fence=case.fence, since=case.step_at, town=town, at=at, turn=turn)


def of_work(case: Case, *, town: Town, at: datetime, turn: int = 0) -> tuple[Timer, ...]:
    """Return the timers of an assigned case.

    They check for inactivity, and ask whether the assignee of an urgent one has arrived.
    """
    return (watch(case, town=town, turn=turn), *warns(case, town=town, turn=turn), *asks_arrival(case, at=at, turn=turn or 1))


def warns(case: Case, *, town: Town, turn: int = 0) -> tuple[Timer, ...]:
    """Return the timer that warns the assignee before the check for inactivity."""
    timer = escalation.stalls_soon_timer(case.id, case.ladder, case.rung, fence=case.fence, since=silent_since(case), town=town, turn=turn)
    return () if timer is None else (timer,)


def watch(case: Case, *, town: Town, turn: int = 0) -> Timer:
    """Return the timer that checks an assigned case for inactivity.

    `turn` distinguishes repeated checks.
    """
    since = silent_since(case)
    return escalation.stalled_timer(case.id, case.ladder, case.rung, fence=case.fence, since=since, town=town, turn=turn)


def asks_arrival(case: Case, *, at: datetime, turn: int = 1) -> tuple[Timer, ...]:
    """Return the timer that asks the assignee of an urgent case whether they have arrived.

    There is none when the scene is over.
    """
    if not case.calls or case.state not in IN_WORK or case.ladder.rounds is None:
        return ()
    return (escalation.arrival_timer(case.id, case.ladder.rounds, case.rung, fence=case.fence, at=at, acted_at=case.acted_at, turn=turn),)


def waits(case: Case, *, town: Town, at: datetime) -> tuple[Case, tuple[Timer, ...]]:
    """Return a case that begins to wait on its level, with its deadline and timers.

    These are its rounds while an urgent case calls.
    """
    if case.calls and case.scene is not None and case.ladder.rounds is not None:
        timer = escalation.round_timer(case.id, case.ladder.rounds, case.rung, fence=case.fence, scene=case.scene)
        return replace(case, due_at=timer.due_at), (timer,)
    due = escalation.due_at(case.ladder, case.rung, town=town, at=at)
    return replace(case, due_at=due), escalation.step_timers(case.id, case.ladder, case.rung, fence=case.fence, due=due, town=town, at=at)


def deadline_of(case: Case, *, town: Town) -> datetime | None:
    """Return by when somebody has to do something; None when nobody is timed.

    A waiting case has the deadline of its level, an assigned one its agreed date, else the check for inactivity. Nothing is timed beyond the
    last level, and in an urgent case that calls.
    """
    if case.calls or (case.state in WAITING and case.rung is EscalationLevel.BEYOND):
        return None
    if case.state in WAITING:
        return case.due_at
    if case.state not in IN_WORK:
        return None
    return case.next_at or watch(case, town=town).due_at


def by_urgency(cases: Iterable[Case], *, level: EscalationLevel, town: Town, at: datetime) -> list[Case]:
    """Return cases by urgency: danger first, those that wait for a level, then by deadline.

    Of those that wait for a level the unanswered ones come first.
    """

    def place(case: Case) -> tuple[bool, bool, bool, float, int]:
        due = deadline_of(case, town=town)
        mine = case.rung >= level if level > EscalationLevel.CHAIR else case.rung is EscalationLevel.CHAIR
        unanswered = case.state in WAITING and case.rung is EscalationLevel.BEYOND
        late = at.timestamp() + 1e9 if due is None else due.timestamp()
        return case.severity is not Severity.URGENT, not mine, not unanswered, late, -case.id

    return sorted(cases, key=place)
