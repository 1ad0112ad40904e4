"""A villager's request to live in another village from now on.

Knows states, who may answer, and the time for it; must not know who is told. Invariant: until somebody of the other village says yes, the
person lives where they lived.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from domain.core.change import PersonId, RuleError, StationId, Timer, VillageId
from domain.core.immutable import immutable
from domain.core.records import Lifecycle, RecordChange
from domain.people.people import Person, Role, Village, serves

DUE = "relocation_due"
LIFETIME = timedelta(days=3)


class State(StrEnum):
    """State of a request; `withdrawn`: its person asked for another village."""

    WAITING = "waiting"
    AGREED = "agreed"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """Actions on a request."""

    AGREE = "agree"
    REFUSE = "refuse"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


@immutable
class Relocation:
    """One request: to `village_id` of `station_id`, from `from_village_id`."""

    id: int
    village_id: VillageId
    station_id: StationId
    village: str
    person_id: PersonId
    person_name: str
    from_village_id: VillageId
    state: State
    opened_at: datetime
    ended_at: datetime | None = None
    version: int = 1


def _end(value: Relocation, at: datetime) -> Timer:
    return RELOCATIONS.timer(value, DUE, max(at, value.opened_at + LIFETIME))


RELOCATIONS: Lifecycle[Relocation] = Lifecycle(
    "relocation",
    {
        (State.WAITING, Verb.AGREE): State.AGREED,
        (State.WAITING, Verb.REFUSE): State.REFUSED,
        (State.WAITING, Verb.EXPIRE): State.EXPIRED,
        (State.WAITING, Verb.WITHDRAW): State.WITHDRAWN,
    },
    ended=(State.AGREED, State.REFUSED, State.EXPIRED, State.WITHDRAWN),
    next_step=_end,
)


def ask(number: int, person: Person, village: Village, *, at: datetime) -> RecordChange[Relocation]:
    """Return a new request, and the timer of its end.

    Raises:
        RuleError: `refused.old_button`: the person lives there, or nowhere.
    """
    if person.id is None or person.village_id in (None, village.id):
        raise RuleError("refused.old_button")
    home = VillageId(person.village_id or 0)
    new = Relocation(number, village.id, village.station_id, village.name, person.id, person.name, home, State.WAITING, at)
    return RELOCATIONS.begin(new, person.id, at)


def answer(relocation: Relocation, by: PersonId, *, agrees: bool, at: datetime) -> RecordChange[Relocation]:
    """Answer for the other village."""
    return RELOCATIONS.move(relocation, Verb.AGREE if agrees else Verb.REFUSE, by, at)


def expire(relocation: Relocation, *, at: datetime) -> RecordChange[Relocation]:
    """End a request that nobody answered, or whose person left."""
    return RELOCATIONS.move(relocation, Verb.EXPIRE, None, at)


def withdraw(relocation: Relocation, *, at: datetime) -> RecordChange[Relocation]:
    """End a request, because its person asks for another village."""
    return RELOCATIONS.move(relocation, Verb.WITHDRAW, relocation.person_id, at)


def may_answer(actor: Person, relocation: Relocation) -> bool:
    """Decide whether the actor may answer: chair, officer, desk or leader of the other village."""
    village = Village(relocation.village_id, relocation.village, relocation.station_id)
    return actor.id != relocation.person_id and serves(actor, village, Role.CHAIR, Role.OFFICER)
