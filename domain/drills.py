"""Drills of a call for help: the rounds of a real one, for one village, without a case.

Knows the states and what is rehearsed; must not know storage or texts. Invariants: a drill is made of the moves and rounds of a real urgent case, whose value
is never stored; it ends by itself at `ends_at`; it stops to ring when somebody answers, as a real one does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.cases import moves
from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import SOS, CaseChange, Kind, NewCase, Severity
from domain.cases.rounds import Scene
from domain.core.change import CaseId, PersonId, StationId, VillageId
from domain.core.immutable import immutable, replace
from domain.core.records import Lifecycle, RecordChange
from domain.emergencies.heard import Danger
from domain.people.people import Role

if TYPE_CHECKING:
    from domain.cases.rounds import Ring, Rounds
    from domain.core.change import Timer
    from domain.core.town import Town
    from domain.people.people import Person, Posts, Village

END, ROUND = "drill_end", "drill_round"


class DrillState(StrEnum):
    """State of a drill."""

    RUNNING = "running"
    ENDED = "ended"


class DrillVerb(StrEnum):
    """Actions on a drill."""

    RING = "ring"
    ANSWER = "answer"
    ARRIVE = "arrive"
    END = "end"


@immutable
class Drill:
    """A drill of one village.

    `turn` and `answered_at` as in a `Scene`; `ends_at`: when it ends by itself.
    """

    id: int
    village_id: VillageId
    station_id: StationId
    village: str
    danger: Danger
    started_by: PersonId
    state: DrillState
    opened_at: datetime
    ends_at: datetime
    turn: int = 0
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 1


@immutable
class Call:
    """A person who was called in a drill.

    `reached`: they had a chat; `answered_at`, `arrived_at`: None until then.
    """

    person_id: PersonId
    name: str
    role: Role
    called_at: datetime
    reached: bool = True
    answered_at: datetime | None = None
    arrived_at: datetime | None = None

    @property
    def seconds(self) -> int | None:
        """Seconds from the first call of this person to their answer."""
        return None if self.answered_at is None else (self.answered_at - self.called_at) // timedelta(seconds=1)


def _end_of(drill: Drill, at: datetime) -> Timer:
    return DRILLS.timer(drill, END, drill.ends_at)


DRILLS: Lifecycle[Drill] = Lifecycle(
    "drill",
    {
        (DrillState.RUNNING, DrillVerb.RING): DrillState.RUNNING,
        (DrillState.RUNNING, DrillVerb.ANSWER): DrillState.RUNNING,
        (DrillState.RUNNING, DrillVerb.ARRIVE): DrillState.RUNNING,
        (DrillState.RUNNING, DrillVerb.END): DrillState.ENDED,
    },
    ended=(DrillState.ENDED,),
    next_step=_end_of,
)


def may_drill(actor: Person, village: Village) -> bool:
    """Decide whether the actor may start a drill in a village: its officer, or a leader.

    The duty desk is rehearsed, too, and starts none.
    """
    if actor.suspended:
        return False
    return village.id in actor.villages(Role.OFFICER) or village.station_id in actor.stations(Role.LEADER)


def may_end(actor: Person, drill: Drill) -> bool:
    """Decide whether the actor may end a drill.

    The person who started it may, and a leader of the station.
    """
    return actor.id == drill.started_by or any(post.role is Role.LEADER and post.station_id == drill.station_id for post in actor.posts)


def rehearsed(drill: Drill, *, posts: Posts, town: Town) -> CaseChange:
    """Return the opening of a real urgent case of this danger, which is never stored.

    The person who started the drill is not called.
    """
    new = NewCase(Kind.OTHER, "", drill.village_id, severity=Severity.URGENT, source=SOS, danger=drill.danger)
    by = CaseActor(drill.started_by, "", CaseRole.REPORTER, Role.VILLAGER)
    change = moves.open_case(new, number=CaseId(0), by=by, posts=posts, parties=(drill.started_by,), town=town, at=drill.opened_at)
    scene = Scene(drill.opened_at, drill.turn, accepted_at=drill.answered_at, drill=True)
    return replace(change, case=replace(change.case, scene=scene))


def start(drill: Drill, rounds: Rounds) -> tuple[RecordChange[Drill], Timer]:
    """Return a new drill as a change, and the timer of its first round."""
    return DRILLS.begin(drill, drill.started_by, drill.opened_at), _round_of(drill, rounds)


def ring(drill: Drill, due: Ring, rounds: Rounds, *, at: datetime) -> RecordChange[Drill]:
    """Ring the rounds that are due; the next one follows."""
    return DRILLS.move(drill, DrillVerb.RING, None, at, turn=due.turn, promises=lambda new: (_end_of(new, at), _round_of(new, rounds)))


def answer(drill: Drill, by: PersonId, *, at: datetime) -> RecordChange[Drill]:
    """Record that somebody says they would go: no further round rings."""
    return DRILLS.move(drill, DrillVerb.ANSWER, by, at, answered_at=drill.answered_at or at, promises=lambda new: (_end_of(new, at),))


def arrive(drill: Drill, by: PersonId, *, at: datetime) -> RecordChange[Drill]:
    """Record that somebody is there."""
    return DRILLS.move(drill, DrillVerb.ARRIVE, by, at)


def end(drill: Drill, by: PersonId | None, *, at: datetime) -> RecordChange[Drill]:
    """End a drill; `by` None: the clock."""
    return DRILLS.move(drill, DrillVerb.END, by, at)


def _round_of(drill: Drill, rounds: Rounds) -> Timer:
    return DRILLS.timer(drill, ROUND, rounds.instant_of(drill.turn + 1, drill.opened_at), turn=drill.turn + 1)
