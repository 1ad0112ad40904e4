"""Rounds of calls of an urgent case: the escalation policy while somebody may be in danger.

Knows spans and instants; must not know cases, people or texts. Invariant: a round rings once. Rounds that fell due while nothing ran ring
together, at the instant of the last of them, and count as late.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum

from domain.core.immutable import immutable


class Round(IntEnum):
    """Rounds in their order; REPEAT comes again until a person answers.

    SECOND_WAVE: everybody is called again. PHONES: with telephone numbers; the duty desk is asked to phone, the reporter learns that
    nobody has answered. POLICE: officer, duty desk and leader. WIDE: the station's other officers and the administrators too.
    """

    SECOND_WAVE = 1
    PHONES = 2
    POLICE = 3
    WIDE = 4
    REPEAT = 5


#: So many questions follow each other at the same pace.
QUESTIONS = 6


@immutable
class Rounds:
    """The spans of an urgent case, frozen at its start.

    `first`: from the call to SECOND_WAVE, PHONES, POLICE and WIDE; `repeat`: between later rounds; `arrival`: between two questions to the
    person on the way.
    """

    first: tuple[timedelta, ...]
    repeat: timedelta
    arrival: timedelta

    def instant_of(self, turn: int, called_at: datetime) -> datetime:
        """Return when the round with this number, from 1, is due."""
        known = min(turn, len(self.first))
        return called_at + self.first[known - 1] + (turn - known) * self.repeat

    def next_question(self, waited: timedelta) -> timedelta:
        """Return the pause before the next question; `waited`: since they last did something.

        After the first questions each pause is as long as all before it, up to a day: nobody is there, or nobody said so.
        """
        return self.arrival if waited < QUESTIONS * self.arrival else min(waited, timedelta(days=1))

    def last_due(self, called_at: datetime, at: datetime) -> int:
        """Return the number of the last round that is due at `at`; 0 for none."""
        waited = at - called_at
        if waited < self.first[-1]:
            return sum(span <= waited for span in self.first)
        return len(self.first) + (waited - self.first[-1]) // self.repeat


@immutable
class Scene:
    """State of an urgent case beside its place in the chain.

    `called_at`: the rounds count from here; `turn`: the last round that rang. `accepted_at`: the first time somebody took it; `arrived_at`:
    somebody is there; `over_at`: the rounds and questions are over, because somebody arrived or a handler ended it. `cancelled_at`: the
    reporter called it a mistake, and the police have to speak with them. `drill`: it is an exercise.
    """

    called_at: datetime
    turn: int = 0
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    over_at: datetime | None = None
    cancelled_at: datetime | None = None
    drill: bool = False


@immutable
class Ring:
    """Rounds to ring now: the number of the last one, and which there are.

    `late`: how long ago the first of them was due.
    """

    turn: int
    rounds: frozenset[Round]
    late: timedelta


def due_ring(rounds: Rounds, scene: Scene, *, at: datetime) -> Ring | None:
    """Return the rounds that are due and did not ring yet; None if there are none.

    After the reporter called it a mistake, only the police are called.
    """
    turn = rounds.last_due(scene.called_at, at)
    if turn <= scene.turn:
        return None
    due = frozenset(Round(min(each, Round.REPEAT)) for each in range(scene.turn + 1, min(turn, scene.turn + Round.REPEAT) + 1))
    if scene.cancelled_at is not None:
        due = frozenset({Round.POLICE})
    return Ring(turn, due, at - rounds.instant_of(scene.turn + 1, scene.called_at))


def to_plain(rounds: Rounds) -> dict[str, object]:
    """Return the rounds as JSON: spans in seconds."""
    return {
        "first": [span.total_seconds() for span in rounds.first],
        "repeat": rounds.repeat.total_seconds(),
        "arrival": rounds.arrival.total_seconds(),
    }


def from_plain(plain: dict[str, object]) -> Rounds:
    """Return the rounds that `to_plain` wrote."""
    first, repeat, arrival = plain["first"], plain["repeat"], plain["arrival"]
    assert isinstance(first, list)
    assert isinstance(repeat, int | float)
    assert isinstance(arrival, int | float)
    return Rounds(tuple(timedelta(seconds=span) for span in first), timedelta(seconds=repeat), timedelta(seconds=arrival))
