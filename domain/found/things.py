"""Lost and found: found things until their owner has them, and lost things.

Knows five classes and their consequences (DOMAIN 7.1, 民法典 314–318); must not know who is notified. Invariants: a person is not lost
property; the bot never asks anybody to touch a dangerous thing; valuables go to the police only, and the chair learns nothing of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from domain.core.change import PersonId, RuleError, StationId, Timer, VillageId
from domain.core.immutable import immutable
from domain.core.records import Lifecycle, RecordChange
from domain.people.people import POLICE, Person, Role, Village

REMINDER, ERASE = "found_reminder", "found_erase"
#: After this span the claims to a thing that is over are erased.
ERASED_AFTER = timedelta(days=30)
#: Spans until the next question: to the duty desk about a dangerous thing, to a finder about valuables, and monthly about all else. `DAILY`: how many
#: times a finder of valuables is asked daily.
DANGER_AGAIN, VALUABLE_AGAIN, AGAIN = timedelta(minutes=30), timedelta(hours=24), timedelta(days=30)
DAILY = 3
#: Cash of this amount or more is a valuable (yuan).
MUCH_CASH = 500
WHAT_LENGTH, PLACE_LENGTH, DETAIL_LENGTH, NOTE_LENGTH = 80, 60, 60, 200
A_DAY, DAY = 10, timedelta(days=1)


class Class(StrEnum):
    """Kinds of things; each is handled in its own way."""

    VALUABLE = "valuable"
    ORDINARY = "ordinary"
    PERISHABLE = "perishable"
    DANGEROUS = "dangerous"
    PERSON = "person"


class State(StrEnum):
    """State of a found thing: `reported`: with its finder; `stored`: with its keeper."""

    REPORTED = "reported"
    STORED = "stored"
    RETURNED = "returned"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """Actions on a found thing."""

    RECEIVE = "receive"
    HAND_OVER = "hand_over"
    DENY = "deny"
    NOTE = "note"
    LOCATE = "locate"
    CLEAR = "clear"
    WITHDRAW = "withdraw"
    PUBLISH = "publish"


@immutable
class Item:
    """One found thing.

    `place`: where it was found; `denials`: number of people who asked for it and were not its owner; `details`: number of sealed details.
    `published_at`: when the village's group was told.
    """

    id: int
    village_id: VillageId
    station_id: StationId
    village: str
    kind: Class
    what: str
    place: str
    finder_id: PersonId
    finder_name: str
    details: int
    state: State
    opened_at: datetime
    ended_at: datetime | None = None
    handled_by: PersonId | None = None
    denials: int = 0
    published_at: datetime | None = None
    version: int = 1

    @property
    def keeper(self) -> Role:
        """The post that keeps it and is asked first."""
        return keeper_of(self.kind)


#: The classes that the village's group may hear of, by a noun of `Noun` only.
PUBLIC = frozenset({Class.VALUABLE, Class.ORDINARY, Class.PERISHABLE})
FOR_POLICE = frozenset({Class.VALUABLE, Class.DANGEROUS})


def keeper_of(kind: Class) -> Role:
    """Return the post that keeps things of a class and is asked first."""
    return Role.OFFICER if kind in FOR_POLICE else Role.CHAIR


def remind_again(item: Item, at: datetime, turn: int = 1) -> Timer:
    """Return the timer of the next question about it.

    Soon for a dangerous thing; daily for valuables until they are handed in, a limited number of times; monthly for everything else.
    """
    if item.kind is Class.DANGEROUS:
        after = DANGER_AGAIN if turn == 1 else VALUABLE_AGAIN
    else:
        after = VALUABLE_AGAIN if item.kind is Class.VALUABLE and item.state is State.REPORTED and turn <= DAILY else AGAIN
    return ITEMS.timer(item, REMINDER, at + after, turn=turn)


ITEMS: Lifecycle[Item] = Lifecycle(
    "found",
    {
        (State.REPORTED, Verb.RECEIVE): State.STORED,
        (State.REPORTED, Verb.HAND_OVER): State.RETURNED,
        (State.REPORTED, Verb.DENY): State.REPORTED,
        (State.REPORTED, Verb.NOTE): State.REPORTED,
        (State.REPORTED, Verb.LOCATE): State.REPORTED,
        (State.REPORTED, Verb.CLEAR): State.CLEARED,
        (State.REPORTED, Verb.WITHDRAW): State.WITHDRAWN,
        (State.REPORTED, Verb.PUBLISH): State.REPORTED,
        (State.STORED, Verb.HAND_OVER): State.RETURNED,
        (State.STORED, Verb.DENY): State.STORED,
        (State.STORED, Verb.NOTE): State.STORED,
        (State.STORED, Verb.PUBLISH): State.STORED,
    },
    ended=(State.RETURNED, State.CLEARED, State.WITHDRAWN),
    next_step=remind_again,
)


# Found ----------------------------------------------------------------------------------------------------------------


def report(
    number: int, finder: Person, village: Village, *, kind: Class, what: str, place: str, details: int, at: datetime
) -> RecordChange[Item]:
    """Register a found thing; its reminder is scheduled."""
    assert finder.id is not None
    value = Item(
        number, village.id, village.station_id, village.name, kind, what, place, finder.id, finder.name, details, State.REPORTED, at
    )
    return ITEMS.begin(value, finder.id, at)


def locate(item: Item, by: PersonId, place: str, *, at: datetime) -> RecordChange[Item]:
    """Record the place of something dangerous."""
    return ITEMS.move(item, Verb.LOCATE, by, at, place=place)


def receive(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Record that the keeper has it; from now on they are asked monthly."""
    return ITEMS.move(item, Verb.RECEIVE, by, at, handled_by=by, promises=lambda stored: (remind_again(stored, at),))


def hand_over(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Record that its owner has it again."""
    return ITEMS.move(item, Verb.HAND_OVER, by, at, handled_by=by, promises=_erased(at))


def deny(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Record that somebody who is not its owner asked for it."""
    return ITEMS.move(item, Verb.DENY, by, at, denials=item.denials + 1)


def note(item: Item, by: PersonId, words: str, *, at: datetime) -> RecordChange[Item]:
    """Add a keeper's words."""
    return ITEMS.move(item, Verb.NOTE, by, at, words=words)


def clear(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Record that the police took something dangerous away."""
    return ITEMS.move(item, Verb.CLEAR, by, at, handled_by=by)


def withdraw(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Withdraw the report for its finder."""
    return ITEMS.move(item, Verb.WITHDRAW, by, at, promises=_erased(at))


def _erased(at: datetime) -> Callable[[Item], tuple[Timer, ...]]:
    return lambda item: (ITEMS.timer(item, ERASE, at + ERASED_AFTER),)


def may_publish(item: Item) -> bool:
    """Decide whether the village's group may be told of it now.

    It is told once, and never of something dangerous.
    """
    return item.kind in PUBLIC and item.published_at is None and ITEMS.allows(item, Verb.PUBLISH)


def publish(item: Item, by: PersonId, *, at: datetime) -> RecordChange[Item]:
    """Record that the village's group is told of it.

    Raises:
        RuleError: `found.published`: the group knows, or must not know.
    """
    change = ITEMS.move(item, Verb.PUBLISH, by, at, published_at=at)
    if not may_publish(item):
        raise RuleError("found.published", number=str(item.id))
    return change


def may_keep(actor: Person, item: Item) -> bool:
    """Decide whether the actor may handle a found thing.

    The police of its village may, and its chair unless it is for the police only.
    """
    return may_keep_of(actor, item.kind, item.village_id, item.station_id)


def may_keep_of(actor: Person, kind: Class, village_id: VillageId, station_id: StationId) -> bool:
    """Decide whether the actor may handle found things of this class there."""
    if actor.suspended:
        return False
    roles = (Role.OFFICER,) if kind in FOR_POLICE else (Role.OFFICER, Role.CHAIR)
    return village_id in actor.villages(*roles) or station_id in actor.stations(*(POLICE - {Role.OFFICER}))


# Lost -----------------------------------------------------------------------------------------------------------------


class LostState(StrEnum):
    """State of a lost thing, as reported by its owner."""

    MISSING = "missing"
    BACK = "back"


class LostVerb(StrEnum):
    """Actions of the owner on it."""

    GOT_BACK = "got_back"


@immutable
class Loss:
    """A lost thing, as its owner describes it."""

    id: int
    village_id: VillageId
    station_id: StationId
    village: str
    what: str
    place: str
    owner_id: PersonId
    state: LostState
    opened_at: datetime
    ended_at: datetime | None = None
    version: int = 1


LOSSES: Lifecycle[Loss] = Lifecycle("lost", {(LostState.MISSING, LostVerb.GOT_BACK): LostState.BACK}, ended=(LostState.BACK,))


def lose(number: int, owner: Person, village: Village, *, what: str, place: str, at: datetime) -> RecordChange[Loss]:
    """Register a lost thing."""
    assert owner.id is not None
    value = Loss(number, village.id, village.station_id, village.name, what, place, owner.id, LostState.MISSING, at)
    return LOSSES.begin(value, owner.id, at)


def got_back(loss: Loss, by: PersonId, *, at: datetime) -> RecordChange[Loss]:
    """Record that its owner has it again."""
    return LOSSES.move(loss, LostVerb.GOT_BACK, by, at)
