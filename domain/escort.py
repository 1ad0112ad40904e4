"""Green wave: traffic control helps a car with a patient to the hospital.

Knows states and moves; must not know messages or storage. Invariants: only traffic control changes the state, except that the person who
asked may call it off; the record never says that the way is free, because only the police on the road can.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.core.change import PersonId, StationId, VillageId
from domain.core.immutable import immutable
from domain.core.records import Lifecycle, RecordChange
from domain.people.people import Person, Role

if TYPE_CHECKING:
    from domain.core.change import Timer

UNANSWERED = "escort_unanswered"
#: Traffic control has so long to answer; then the car is told to phone. Afterwards the desk is rung again, a few times.
ANSWERS_WITHIN = timedelta(seconds=60)
RUNG_AGAIN = timedelta(minutes=2)
MOST_RINGS = 5
LONGEST = 60


class State(StrEnum):
    """State of a request."""

    SUBMITTED = "submitted"
    TAKEN = "taken"
    AGREED = "agreed"
    MEETING = "meeting"
    UNDER_WAY = "under_way"
    AT_HOSPITAL = "at_hospital"
    RECEIVED = "received"
    REFUSED = "refused"
    CALLED_OFF = "called_off"


class Verb(StrEnum):
    """Actions on a request; all but CALL_OFF belong to traffic control."""

    TAKE = "take"
    AGREE = "agree"
    REFUSE = "refuse"
    MEET = "meet"
    START = "start"
    ARRIVE = "arrive"
    RECEIVE = "receive"
    CALL_OFF = "call_off"


@immutable
class Escort:
    """A request: the car, its way and its patient.

    `place`: road, direction and a landmark; `car`: plate, type and colour; `point`: where traffic police meet the car; `note`: why it is
    refused, or who received the patient. `handled_by`: the person of traffic control who took it.
    """

    id: int
    village_id: VillageId
    station_id: StationId
    state: State
    place: str
    car: str
    hospital: str
    patient: str
    opened_by: PersonId
    opened_at: datetime
    point: str = ""
    note: str = ""
    handled_by: PersonId | None = None
    taken_at: datetime | None = None
    arrived_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 1
    village: str = ""
    handler_name: str = ""


_OPEN = (State.TAKEN, State.AGREED, State.MEETING, State.UNDER_WAY)
ESCORTS: Lifecycle[Escort] = Lifecycle(
    "escort",
    {
        (State.SUBMITTED, Verb.TAKE): State.TAKEN,
        (State.TAKEN, Verb.AGREE): State.AGREED,
        (State.AGREED, Verb.MEET): State.MEETING,
        (State.MEETING, Verb.MEET): State.MEETING,
        (State.AGREED, Verb.START): State.UNDER_WAY,
        (State.MEETING, Verb.START): State.UNDER_WAY,
        (State.UNDER_WAY, Verb.ARRIVE): State.AT_HOSPITAL,
        (State.AT_HOSPITAL, Verb.RECEIVE): State.RECEIVED,
        **{(state, Verb.REFUSE): State.REFUSED for state in _OPEN},
        **{(state, Verb.CALL_OFF): State.CALLED_OFF for state in (State.SUBMITTED, *_OPEN)},
    },
    ended=(State.RECEIVED, State.REFUSED, State.CALLED_OFF),
)


def may_direct(actor: Person, escort: Escort) -> bool:
    """Decide whether the actor may change a request: traffic control of its station."""
    return not actor.suspended and escort.station_id in actor.stations(Role.TRAFFIC)


def submit(escort: Escort, *, at: datetime) -> RecordChange[Escort]:
    """Begin a request, with the instant by which somebody must have answered."""
    change = ESCORTS.begin(escort, escort.opened_by, at)
    return RecordChange(change.value, change.event, (*change.timers, ring_at(escort, at + ANSWERS_WITHIN, 1)))


def ring_at(escort: Escort, due: datetime, turn: int) -> Timer:
    """Return the timer that asks whether anybody of traffic control has answered."""
    return ESCORTS.timer(escort, UNANSWERED, due, turn=turn)


def take(escort: Escort, by: PersonId, *, at: datetime) -> RecordChange[Escort]:
    """Answer a request; the person is its handler from now on."""
    return ESCORTS.move(escort, Verb.TAKE, by, at, handled_by=by, taken_at=at)


def move(escort: Escort, verb: Verb, by: PersonId, *, at: datetime, words: str = "") -> RecordChange[Escort]:
    """Record a step.

    `words`: the meeting point, the reason of a refusal, or the ward that received the patient.
    """
    point, note = (words, escort.note) if verb is Verb.MEET else (escort.point, words or escort.note)
    arrived_at = at if verb is Verb.ARRIVE else escort.arrived_at
    return ESCORTS.move(escort, verb, by, at, words=words, point=point, note=note, arrived_at=arrived_at)
