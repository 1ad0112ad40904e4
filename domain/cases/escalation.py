"""Escalation policy: how long each level has to answer, and which level is next.

Knows levels, spans and calendars; must not know cases, people or texts. Invariant: a policy is frozen when its case is opened; every timer
carries the fence of the step it belongs to, and a step that has ended makes all its timers stale.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from domain.calendar.working_time import Calendar, ClockCalendar
from domain.cases import rounds as urgent_rounds
from domain.cases.rounds import Rounds, Scene
from domain.core.change import CaseId, Timer
from domain.core.immutable import immutable, replace
from domain.people.people import Role

if TYPE_CHECKING:
    from domain.core.town import EmergencyRules, EscalationRules, Town

REMINDER = "case_reminder"
DEADLINE = "case_deadline"
STALLED = "case_stalled"
STALLS_SOON = "case_stalls_soon"
ROUND = "case_round"
ARRIVAL = "case_arrival"
FOLLOW_UP = "case_follow_up"
AUDIT = "audit_cases"
#: A case that nobody answers is listed again after as long as it has waited, but between these spans.
LISTED_AFTER = (timedelta(days=1), timedelta(days=30))
#: Somebody who does not answer whether it is solved is asked again after this; then a handler visits, and then the leader hears of it.
FOLLOW_UP_AGAIN = timedelta(days=3)
AUDIT_EVERY = timedelta(minutes=5)
_DAY = timedelta(days=1)
_ALWAYS = ClockCalendar()


class EscalationLevel(IntEnum):
    """Level on which a case waits for an answer.

    BEYOND: everybody has been notified, with telephone numbers. Until somebody answers, the case is on a list that comes less and less often.
    """

    CHAIR = 0
    OFFICER = 1
    STATION = 2
    BEYOND = 3

    @property
    def next_level(self) -> EscalationLevel:
        """The next level; BEYOND stays."""
        return EscalationLevel(min(self + 1, EscalationLevel.BEYOND))

    @property
    def holder(self) -> Role:
        """The role that has to answer on this level."""
        return (Role.CHAIR, Role.OFFICER, Role.LEADER, Role.LEADER)[self]


#: The roles that are asked on each level.
ASKED: dict[EscalationLevel, tuple[Role, ...]] = {
    EscalationLevel.CHAIR: (Role.CHAIR,),
    EscalationLevel.OFFICER: (Role.OFFICER,),
    EscalationLevel.STATION: (Role.DUTY, Role.LEADER),
    EscalationLevel.BEYOND: (Role.OFFICER, Role.DUTY, Role.LEADER),
}


#: The roles that are called at once in an urgent case, whatever its level.
CALLED = (Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER)


def level_of(role: Role) -> EscalationLevel:
    """Return the level of a role."""
    return {Role.CHAIR: EscalationLevel.CHAIR, Role.OFFICER: EscalationLevel.OFFICER}.get(role, EscalationLevel.STATION)


@immutable
class EscalationPolicy:
    """The spans of one case, frozen at its start.

    `spans`: for chair, officer, station, and each repeat after that. `always`: the clock never pauses (urgent cases). `remind_share`: the
    share of the span that is left when the reminder is sent. `rounds`: of an urgent case, in place of the spans while its scene lasts.
    """

    spans: tuple[timedelta, timedelta, timedelta, timedelta]
    stalled_after: timedelta
    follow_up_after: timedelta
    remind_share: float
    always: bool
    rounds: Rounds | None = None

    def clock(self, town: Town) -> Calendar:
        """Return the calendar of this policy."""
        return _ALWAYS if self.always else town.working


def freeze(rules: EscalationRules, emergency: EmergencyRules, *, urgent: bool) -> EscalationPolicy:
    """Copy the town's present rules.

    An urgent case runs on the clock, and in rounds until somebody is there.
    """
    spans = (rules.chair_within, rules.officer_within, rules.leader_within, rules.leader_within)
    first = (emergency.second_wave_after, emergency.phone_after, emergency.police_after, emergency.wide_after)
    rounds = Rounds(first, emergency.repeat_every, emergency.ask_arrival_every) if urgent else None
    return EscalationPolicy(spans, rules.stalled_after, rules.follow_up_after, rules.remind_share, urgent, rounds)


def to_plain(ladder: EscalationPolicy) -> dict[str, Any]:
    """Return the policy as JSON: spans in seconds."""
    return {
        "spans": [span.total_seconds() for span in ladder.spans],
        "stalled": ladder.stalled_after.total_seconds(),
        "follow_up": ladder.follow_up_after.total_seconds(),
        "remind": ladder.remind_share,
        "always": ladder.always,
    } | ({} if ladder.rounds is None else {"rounds": urgent_rounds.to_plain(ladder.rounds)})


def from_plain(plain: dict[str, Any]) -> EscalationPolicy:
    """Return the policy that `to_plain` wrote."""
    chair, officer, station, repeat = (timedelta(seconds=span) for span in plain["spans"])
    return EscalationPolicy(
        (chair, officer, station, repeat),
        timedelta(seconds=plain["stalled"]),
        timedelta(seconds=plain["follow_up"]),
        plain["remind"],
        plain["always"],
        urgent_rounds.from_plain(plain["rounds"]) if "rounds" in plain else None,
    )


def after(clock: Calendar, at: datetime, span: timedelta) -> datetime:
    """Return the instant by which `span` has passed.

    Each whole day is a working day, the rest is working time.
    """
    moment = at
    for _ in range(span // _DAY):
        moment = clock.next_opening(moment + _DAY)
    return clock.add_working(moment, span % _DAY)


def due_at(ladder: EscalationPolicy, rung: EscalationLevel, *, town: Town, at: datetime) -> datetime:
    """Return the deadline of a level entered at `at`."""
    return after(ladder.clock(town), at, ladder.spans[rung])


def step_timers(
    number: CaseId, ladder: EscalationPolicy, rung: EscalationLevel, *, fence: int, due: datetime, town: Town, at: datetime, turn: int = 0
) -> tuple[Timer, ...]:
    """Return the timers of an unanswered level: reminder (not on BEYOND), then deadline."""
    deadline = _timer(DEADLINE, number, rung, fence, due, turn)
    if rung is EscalationLevel.BEYOND:
        return (deadline,)
    clock = ladder.clock(town)
    waited = clock.working_between(at, due) * (1 - ladder.remind_share)
    return _timer(REMINDER, number, rung, fence, clock.add_working(at, waited), turn), deadline


def round_timer(number: CaseId, rounds: Rounds, rung: EscalationLevel, *, fence: int, scene: Scene, again: int = 0) -> Timer:
    """Return the timer of the next round of an urgent case.

    `again` distinguishes the timers that the auditor starts again.
    """
    turn = scene.turn + 1
    timer = _timer(ROUND, number, rung, fence, rounds.instant_of(turn, scene.called_at), turn)
    return replace(timer, occurrence=f"{timer.occurrence}:{again}") if again else timer


def arrival_timer(
    number: CaseId, rounds: Rounds, rung: EscalationLevel, *, fence: int, at: datetime, acted_at: datetime, turn: int = 1
) -> Timer:
    """Return the timer that asks the person on the way whether they have arrived."""
    return _timer(ARRIVAL, number, rung, fence, at + rounds.next_question(at - acted_at), turn)


def stalled_timer(
    number: CaseId, ladder: EscalationPolicy, rung: EscalationLevel, *, fence: int, since: datetime, town: Town, turn: int = 0
) -> Timer:
    """Return the timer that checks whether anything was recorded since an instant.

    `turn` distinguishes repeated checks.
    """
    due = after(ladder.clock(town), since, ladder.stalled_after)
    return _timer(STALLED, number, rung, fence, due, turn)


def stalls_soon_timer(
    number: CaseId, ladder: EscalationPolicy, rung: EscalationLevel, *, fence: int, since: datetime, town: Town, turn: int = 0
) -> Timer | None:
    """Return the timer that warns before the check for inactivity.

    It is due one day before; None when the check comes within a day.
    """
    if ladder.stalled_after <= _DAY:
        return None
    return _timer(STALLS_SOON, number, rung, fence, after(ladder.clock(town), since, ladder.stalled_after - _DAY), turn)


def follow_up_timer(number: CaseId, ladder: EscalationPolicy, rung: EscalationLevel, *, fence: int, at: datetime, turn: int = 0) -> Timer:
    """Return the timer that asks whether the problem is really solved.

    From `turn` 1 on it is the next step of that question.
    """
    return _timer(FOLLOW_UP, number, rung, fence, at + (FOLLOW_UP_AGAIN if turn else ladder.follow_up_after), turn)


def again_timer(number: CaseId, ladder: EscalationPolicy, *, fence: int, since: datetime, town: Town, at: datetime, turn: int) -> Timer:
    """Return the timer that lists a case again that waits beyond the last level.

    `since`: when it came there.
    """
    least, most = LISTED_AFTER
    due = after(ladder.clock(town), at, min(most, max(least, at - since)))
    return _timer(DEADLINE, number, EscalationLevel.BEYOND, fence, due, turn)


def audit_timer(at: datetime) -> Timer:
    """Return the timer of the auditor's next check, keyed by the instant.

    Two auditors therefore share one timer.
    """
    every = int(AUDIT_EVERY.total_seconds())
    slot = int(at.timestamp()) // every + 1
    return Timer(AUDIT, "audit", datetime.fromtimestamp(slot * every, tz=at.tzinfo), f"audit:{slot}")


def _timer(kind: str, number: CaseId, rung: EscalationLevel, fence: int, due: datetime, turn: int = 0) -> Timer:
    occurrence = f"{kind}:{number}:{fence}" + (f":{turn}" if turn else "")
    return Timer(kind, f"case:{number}", due, occurrence, {"case": number, "rung": int(rung), "fence": fence, "turn": turn})
