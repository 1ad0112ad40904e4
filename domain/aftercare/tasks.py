"""Tasks after an urgent case: a debrief, call-backs on the next day and on day 7.

Knows cases that ended and local days; must not know storage or texts. Invariants: a false alarm asks nothing of anybody; a question is asked
again every day until it is answered or, after `TURNS`, reported to the leader as missed.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.calendar.local_time import day_of, instant_of, local
from domain.cases.case import Action, Severity, State
from domain.core.change import CaseId, PersonId, Timer
from domain.core.immutable import immutable
from domain.emergencies.heard import Danger
from domain.responders import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, tzinfo

    from domain.cases.case import Case, CaseChange
    from domain.core.change import Event, VillageId
    from domain.responders import Responder

#: Dangers after which people were probably hurt; after another one a handler says so.
INJURES = frozenset({Danger.MEDICAL, Danger.WATER, Danger.TRAFFIC, Danger.FIRE, Danger.GAS, Danger.COLLAPSE})
#: Questions about one task: then it is missed. From `UNHEARD` on the leader is asked too.
TURNS, UNHEARD = 7, 3
#: The hour of the day at which people are asked.
MORNING = time(9, 0)
#: The debrief is due a day after the end; it is asked for at once, and again before that.
DEBRIEF_AGAIN = timedelta(hours=20)
#: The people who went are asked on the next morning, but not right after the end.
REST = timedelta(hours=4)
_NIGHT = (18, 6)
QUESTION, THANKS = "aftercare_task", "aftercare_thanks"
_CAME = frozenset({Action.ACCEPT, Action.ACK, Action.ARRIVE})


class Task(StrEnum):
    """A task after an urgent case; DAY_1 and DAY_7 are call-backs."""

    DEBRIEF = "debrief"
    DAY_1 = "day_1"
    DAY_7 = "day_7"

    @property
    def calls_back(self) -> bool:
        """True for a call-back."""
        return self is not Task.DEBRIEF


#: Answers to a task, in their order, of which each is one line.
ANSWERS = ("first", "second", "third")


@immutable
class FollowUp:
    """A task of a case.

    `handled_by`: the person who is asked, None until the first question, or while nobody can be.

    `turn`: questions so far; `ended_at` without `ended_by`: missed.
    """

    case_id: CaseId
    task: Task
    due_at: datetime
    handled_by: PersonId | None = None
    turn: int = 0
    ended_at: datetime | None = None
    ended_by: PersonId | None = None
    first: str = ""
    second: str = ""
    third: str = ""


@immutable
class Incident:
    """Name of an urgent case for later, such as a commendation: number, village, danger, day.

    It has no words, no place and no person.
    """

    case_id: CaseId
    village_id: VillageId
    village: str
    danger: Danger | None
    on: date


def incident(case: Case, zone: tzinfo) -> Incident:
    """Return the name of an urgent case."""
    return Incident(case.id, case.village_id, case.village, case.danger, day_of(case.opened_at, zone))


def is_false(case: Case) -> bool:
    """Tell whether an urgent case was called a mistake."""
    return case.state is State.WITHDRAWN or (case.scene is not None and case.scene.cancelled_at is not None)


def ended_now(change: CaseChange) -> bool:
    """Tell whether a change ends an urgent case that was not a mistake."""
    case = change.case
    return case.severity is Severity.URGENT and case.scene is not None and case.ended and not change.before.ended and not is_false(case)


def may_be_hurt(case: Case) -> bool:
    """Tell whether somebody was probably hurt, by the kind of danger."""
    return case.danger in INJURES


def tasks_of(case: Case, *, hurt: bool, at: datetime, zone: tzinfo) -> tuple[FollowUp, ...]:
    """Return the tasks that begin when an urgent case ends.

    `hurt`: whether somebody needs to be called back.
    """
    debrief = FollowUp(case.id, Task.DEBRIEF, at)
    return (debrief, *call_backs(case.id, at=at, zone=zone)) if hurt else (debrief,)


def call_backs(number: CaseId, *, at: datetime, zone: tzinfo) -> tuple[FollowUp, FollowUp]:
    """Return the call-backs of the next day and of day 7 after an end at `at`."""
    first, second = (instant_of(day_of(at, zone) + timedelta(days=days), MORNING, zone) for days in (1, 7))
    return FollowUp(number, Task.DAY_1, first), FollowUp(number, Task.DAY_7, second)


def question(task: FollowUp, *, at: datetime) -> Timer:
    """Return the timer of the next question of a task.

    The first comes when it is due, then one every day; the debrief is asked for once more before it is late.
    """
    due = task.due_at
    if task.turn > 0:
        due += timedelta(days=max(1, (at - task.due_at) // timedelta(days=1) + 1))
    if task.task is Task.DEBRIEF and task.turn == 1:
        due = at + DEBRIEF_AGAIN
    occurrence = f"{QUESTION}:{task.case_id}:{task.task}:{task.turn}"
    return Timer(QUESTION, subject_of(task.case_id), due, occurrence, {"case": task.case_id, "task": task.task.value, "turn": task.turn})


def thanks(number: CaseId, *, at: datetime, zone: tzinfo) -> Timer:
    """Return the timer that asks the people who went how they are.

    It is due on the morning after an end at `at`.
    """
    earliest = at + REST
    on = day_of(earliest, zone)
    due = instant_of(on, MORNING, zone)
    if due < earliest:
        due = instant_of(on + timedelta(days=1), MORNING, zone)
    return Timer(THANKS, subject_of(number), due, f"{THANKS}:{number}:{int(at.timestamp())}", {"case": number})


def subject_of(number: CaseId) -> str:
    """Return the subject of the timers of a case's tasks: they outlive the steps of the case."""
    return f"aftercare:{number}"


def was_at_night(began_at: datetime, *, at: datetime, zone: tzinfo) -> bool:
    """Tell whether something that began at `began_at` was last night, as said at `at`."""
    hour = local(began_at, zone).hour
    return (hour >= _NIGHT[0] or hour < _NIGHT[1]) and at - began_at <= timedelta(hours=16)


def people_who_went(events: Iterable[Event], responders: Iterable[Responder] = ()) -> tuple[PersonId, ...]:
    """Return the people who took a case, said that they come, or arrived, each once.

    First those in the timeline of the case, in its order; then volunteers and others on its board. Somebody who could not come after all did not go.
    """
    took = [event.actor_id for event in events if event.action in _CAME and event.actor_id is not None]
    came = [each.person_id for each in responders if each.came_at is not None and each.state is not Progress.DECLINED]
    return tuple(dict.fromkeys((*took, *came)))
