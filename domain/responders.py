"""Responders: the people called to an urgent case, and their answers.

Knows their states, when an arrival is late, when there are enough, which dangers volunteers are called to, and who reads their list. Must not
know where anybody is, nor texts. Invariants: every pair (state, verb) is decided here; nobody is counted who said a time and is late without a new one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.core.change import CaseId, PersonId, RuleError, Timer
from domain.core.immutable import immutable, replace
from domain.emergencies.heard import Danger
from domain.people.people import Role

if TYPE_CHECKING:
    from domain.cases.case import Case
    from domain.core.town import ResponderRules
    from domain.people.people import Person, Village


class Progress(StrEnum):
    """State of a responder; CALLED: nothing is known of them yet."""

    CALLED = "called"
    COMING = "coming"
    ARRIVED = "arrived"
    HANDLING = "handling"
    HANDED_OVER = "handed_over"
    DECLINED = "declined"


class Verb(StrEnum):
    """Answers of a responder; COME may come again, with another time."""

    COME = "come"
    ARRIVE = "arrive"
    HANDLE = "handle"
    HAND_OVER = "hand_over"
    DECLINE = "decline"


class Means(StrEnum):
    """Means of transport of a responder."""

    FOOT = "foot"
    BIKE = "bike"
    CAR = "car"


_NOT_THERE = (Progress.CALLED, Progress.COMING, Progress.DECLINED)
MOVES: dict[tuple[Progress, Verb], Progress] = {
    **{(state, Verb.COME): Progress.COMING for state in _NOT_THERE},
    **{(state, Verb.ARRIVE): Progress.ARRIVED for state in _NOT_THERE},
    **{(state, Verb.DECLINE): Progress.DECLINED for state in (Progress.CALLED, Progress.COMING)},
    **{(state, Verb.HANDLE): Progress.HANDLING for state in (Progress.COMING, Progress.ARRIVED)},
    **{(state, Verb.HAND_OVER): Progress.HANDED_OVER for state in (Progress.ARRIVED, Progress.HANDLING)},
}
#: States of those who help at the scene or helped there.
THERE = frozenset({Progress.ARRIVED, Progress.HANDLING, Progress.HANDED_OVER})
#: States of those who accepted.
ACCEPTED = THERE | {Progress.COMING}
#: The offered minutes; the longest that may be typed.
MINUTES = (2, 5, 10, 15)
LONGEST = 120
#: The dangers that volunteers are called to: in the others somebody may threaten them, or the place itself is dangerous.
OPEN_TO_VOLUNTEERS = frozenset({Danger.MEDICAL, Danger.FIRE, Danger.WATER, Danger.TRAFFIC})
#: A training that is longer ago is marked.
TRAINED_FOR = timedelta(days=730)


@immutable
class Responder:
    """A person who was called to a case.

    `volunteer`: called as one. `due_at`: when they said they will be there, None without a time; `seen_at`: their first answer; `came_at`: when
    they said that they come.
    """

    case_id: CaseId
    person_id: PersonId
    called_at: datetime
    state: Progress = Progress.CALLED
    volunteer: bool = False
    means: Means | None = None
    due_at: datetime | None = None
    seen_at: datetime | None = None
    came_at: datetime | None = None

    @property
    def accepted(self) -> bool:
        """True when they come or came."""
        return self.state in ACCEPTED

    def late(self, at: datetime, grace: timedelta) -> bool:
        """Tell whether the time that they said is over for longer than `grace`."""
        return self.state is Progress.COMING and self.due_at is not None and at >= self.due_at + grace


@immutable
class Tally:
    """Numbers of responders: called, answered, on the way, late, at the scene now or before.

    `enough`: nobody else has to come.
    """

    called: int
    seen: int
    coming: int
    late: int
    there: int
    enough: bool


def move(who: Responder, verb: Verb, *, at: datetime) -> Responder:
    """Record what a responder says.

    Raises:
        RuleError: `responder.is.<state>`: it cannot follow.
    """
    to = MOVES.get((who.state, verb))
    if to is None:
        raise RuleError(f"responder.is.{who.state}", number=str(who.case_id))
    came_at = who.came_at or (at if to in ACCEPTED else None)
    due_at = who.due_at if to is Progress.COMING else None
    return replace(who, state=to, seen_at=who.seen_at or at, came_at=came_at, due_at=due_at)


def estimate(who: Responder, minutes: int, means: Means | None, *, at: datetime) -> Responder:
    """Record when a responder will be there; this is also a yes.

    Raises:
        RuleError: `responder.minutes`: not 1 to 120; `responder.is.<state>`: they are there already.
    """
    if not 1 <= minutes <= LONGEST:
        raise RuleError("responder.minutes", most=LONGEST)
    return replace(move(who, Verb.COME, at=at), means=means or who.means, due_at=at + minutes * timedelta(minutes=1))


def late_timer(who: Responder, grace: timedelta) -> Timer:
    """Return the timer that marks a responder as late."""
    assert who.due_at is not None
    stamp = int(who.due_at.timestamp())
    data = {"case": who.case_id}
    return Timer(
        "responder_late", f"callout:{who.case_id}", who.due_at + grace, f"responder_late:{who.case_id}:{who.person_id}:{stamp}", data
    )


def tally(responders: Iterable[Responder], rules: ResponderRules, *, at: datetime) -> Tally:
    """Count responders."""
    everybody = list(responders)
    counts = Counter(each.state for each in everybody)
    late = sum(each.late(at, rules.grace) for each in everybody)
    coming, there = counts[Progress.COMING] - late, sum(counts[state] for state in THERE)
    return Tally(
        called=len(everybody),
        seen=sum(each.seen_at is not None for each in everybody),
        coming=coming,
        late=late,
        there=there,
        enough=coming + there >= rules.enough,
    )


# Volunteers -----------------------------------------------------------------------------------------------------------


@immutable
class Volunteer:
    """An adult who agreed to be called.

    `active`: the switch; `fights_fire`: they said that they can help at a fire; `trained_on`: their last training in resuscitation.
    """

    person_id: PersonId
    active: bool
    fights_fire: bool
    agreed_at: datetime
    trained_on: date | None = None

    def trained(self, today: date) -> bool:
        """Tell whether the last training is at most two years ago."""
        return self.trained_on is not None and today - self.trained_on <= TRAINED_FOR


def calls_volunteers(case: Case) -> bool:
    """Tell whether volunteers may hear of a case.

    They may when nobody is dangerous there, and nothing of it is kept back.
    """
    if case.scene is None or case.scene.drill or case.ended or case.danger not in OPEN_TO_VOLUNTEERS or case.at_home or case.excluded_names:
        return False
    return not (case.visibility.police_only or case.visibility.restricted or case.parties or case.scene.cancelled_at)


def may_be_called(said: Volunteer | None, danger: Danger | None) -> bool:
    """Tell whether somebody is called to a danger.

    `said`: their consent as a volunteer, None without one.
    """
    if said is None:
        return danger is not Danger.FIRE
    return said.active and (danger is not Danger.FIRE or said.fights_fire)


def may_list(actor: Person, village: Village) -> bool:
    """Decide whether somebody may read the list of volunteers: chair and officer may."""
    return not actor.suspended and village.id in actor.villages(Role.CHAIR, Role.OFFICER)


def parse_training(words: str, today: date) -> date | None:
    """Read the day or month of a training: 2025-03-08, 2025年3月.

    None for anything else, and for a day to come.
    """
    found = re.fullmatch(r"(\d{4})\s*[-./年]\s*(\d{1,2})(?:\s*[-./月]\s*(\d{1,2})?\s*[日号]?)?", words.strip())
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return None
    return day if date(1990, 1, 1) <= day <= today else None
