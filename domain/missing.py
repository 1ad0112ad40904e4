"""Missing-person notices: police tell the groups, with the consent of the family.

Knows a notice's life and term; must not know how it is stored or sent. Invariants: only police of the place send, end and read one; every
notice ends after 30 days by itself, and an ended one has no words.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.core.change import PersonId, StationId, VillageId
from domain.core.immutable import immutable, replace
from domain.core.records import Lifecycle, RecordChange
from domain.people.people import Person, Role, Village, serves

if TYPE_CHECKING:
    from domain.core.change import Timer

#: A notice ends, and is erased, so long after it was sent.
LASTS = timedelta(days=30)
LONGEST_WORDS, LONGEST_CONSENT = 300, 100
A_DAY, DAY = 10, timedelta(days=1)
EXPIRED, ERASE = "missing_expired", "missing_erase"


class State(StrEnum):
    """State of a notice. `expired`: its 30 days are over."""

    SENT = "sent"
    FOUND = "found"
    RECALLED = "recalled"
    EXPIRED = "expired"


class Verb(StrEnum):
    """Actions on a notice."""

    FIND = "find"
    RECALL = "recall"
    EXPIRE = "expire"


@immutable
class Missing:
    """A notice about a missing person, filed in the first of the villages that were told."""

    id: int
    village_id: VillageId
    station_id: StationId
    village: str
    words: str
    state: State
    opened_by: PersonId
    opened_at: datetime
    ended_at: datetime | None = None
    version: int = 1


def next_step(notice: Missing, at: datetime) -> Timer:
    """Return the timer that ends a notice."""
    return NOTICES.timer(notice, EXPIRED, notice.opened_at + LASTS)


NOTICES: Lifecycle[Missing] = Lifecycle(
    "missing",
    {
        (State.SENT, Verb.FIND): State.FOUND,
        (State.SENT, Verb.RECALL): State.RECALLED,
        (State.SENT, Verb.EXPIRE): State.EXPIRED,
    },
    ended=(State.FOUND, State.RECALLED, State.EXPIRED),
    next_step=next_step,
)


def may_send(actor: Person, village: Village) -> bool:
    """Decide whether the actor may send a notice to this village: police who serve it."""
    return serves(actor, village, Role.OFFICER)


def may_end(actor: Person, notice: Missing) -> bool:
    """Decide whether the actor may end a notice: police of its place."""
    return may_send(actor, Village(notice.village_id, "", notice.station_id))


def send(number: int, by: PersonId, village: Village, words: str, *, at: datetime) -> RecordChange[Missing]:
    """Send a notice."""
    return NOTICES.begin(Missing(number, village.id, village.station_id, village.name, words, State.SENT, by, at), by, at)


def find(notice: Missing, by: PersonId, *, at: datetime) -> RecordChange[Missing]:
    """End a notice because the person was found."""
    return _end(notice, Verb.FIND, by, at)


def recall(notice: Missing, by: PersonId, *, at: datetime) -> RecordChange[Missing]:
    """End a notice because the family or the police wish it."""
    return _end(notice, Verb.RECALL, by, at)


def expire(notice: Missing, *, at: datetime) -> RecordChange[Missing]:
    """End a notice after its term."""
    return _end(notice, Verb.EXPIRE, None, at)


def _end(notice: Missing, verb: Verb, by: PersonId | None, at: datetime) -> RecordChange[Missing]:
    """Return an ended notice without its words.

    The rest of it is erased 30 days after it was sent, and not before its readers have its end on their screens.
    """
    erased_at = max(at + DAY, notice.opened_at + LASTS)
    change = NOTICES.move(notice, verb, by, at, promises=lambda ended: (NOTICES.timer(ended, ERASE, erased_at),))
    return replace(change, value=replace(change.value, words=""))
