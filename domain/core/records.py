"""Records: things with a number, a village and a state that only named moves change.

Knows the common fields and how a move is decided; must not know any feature. Invariant: a state changes only by a move of the table; a
record that ends stops its timers; every change carries its audit event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from domain.core.change import Event, PersonId, RuleError, StationId, Timer, VillageId
from domain.core.immutable import immutable, replace
from domain.core.numbers import clean_text


class Record(Protocol):
    """Fields that the kit requires of a record.

    A record is an `@immutable` dataclass with these fields; `state` is a StrEnum of its own.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> int:
        """The number that people use."""

    @property
    def village_id(self) -> VillageId:
        """The village of the record."""

    @property
    def station_id(self) -> StationId:
        """The station of that village."""

    @property
    def state(self) -> StrEnum:
        """The present state."""

    @property
    def ended_at(self) -> datetime | None:
        """The instant of its end; None while it is open."""

    @property
    def version(self) -> int:
        """Number of changes: a change decided on an older version is refused."""


R = TypeVar("R", bound=Record)
#: The timer of an open record without a reminder of its own, and its span.
OPEN, OPEN_AGAIN = "record_open", timedelta(days=30)


@immutable
class RecordChange(Generic[R]):
    """A decided record (with its new version), its audit event and the timers it starts.

    `restart`: its older timers end first.
    """

    value: R
    event: Event
    timers: tuple[Timer, ...] = ()
    restart: bool = False


class Lifecycle(Generic[R]):
    """The moves of one kind of record: {(state, verb): next state}; `ended`: final states.

    `name` is the feature's word: subjects are "<name>:<number>", audit actions "<name>.<verb>", refusals the text key "<name>.is.<state>".
    `next_step(value, at)`: the timer that every open record has; without it the people concerned are asked every 30 days (`OPEN_AGAIN`).
    """

    def __init__(
        self,
        name: str,
        moves: Mapping[tuple[StrEnum, StrEnum], StrEnum],
        *,
        ended: Iterable[StrEnum],
        next_step: Callable[[R, datetime], Timer] | None = None,
    ) -> None:
        self.name = name
        self.moves = moves
        self.next_step = next_step or self.ask_again
        self.ended = frozenset(ended)

    @property
    def states(self) -> frozenset[StrEnum]:
        """Every state of the table."""
        return frozenset({*(state for state, _ in self.moves), *self.moves.values()})

    def subject(self, value: R) -> str:
        """Return the name of a record in timers, audit and outbox, and of its live card."""
        return f"{self.name}:{value.id}"

    def allows(self, value: R, verb: StrEnum) -> bool:
        """Tell whether a move is possible now: for buttons."""
        return (value.state, verb) in self.moves

    def begin(self, value: R, by: PersonId | None, at: datetime) -> RecordChange[R]:
        """Return a new record as a change, with its next step."""
        return RecordChange(value, self._event(value, "open", by, at), (self.next_step(value, at),))

    def move(
        self,
        value: R,
        verb: StrEnum,
        by: PersonId | None,
        at: datetime,
        *,
        words: str = "",
        promises: Callable[[R], tuple[Timer, ...]] | None = None,
        **fields: Any,
    ) -> RecordChange[R]:
        """Decide a move; `fields` are the other changes.

        `promises(new)`: timers that replace the older ones. Without it the older ones stay until the end.

        Raises:
            RuleError: `<name>.is.<state>`: the table has no such move.
        """
        state = self.moves.get((value.state, verb))
        if state is None:
            raise RuleError(f"{self.name}.is.{value.state}", number=str(value.id))
        ends = state in self.ended
        new = replace(value, **fields, state=state, ended_at=at if ends else None, version=value.version + 1)
        timers = () if promises is None else promises(new)
        return RecordChange(new, self._event(value, verb, by, at, words), timers, restart=ends or promises is not None)

    def give(self, value: R, to: PersonId | None, by: PersonId | None, at: datetime) -> RecordChange[R]:
        """Return a record that another person handles (`handled_by`); None: the post does."""
        return RecordChange(replace(value, handled_by=to, version=value.version + 1), self._event(value, "reassign", by, at))

    def timer(self, value: R, kind: str, due_at: datetime, *, turn: int = 1) -> Timer:
        """Return a timer that checks a record again.

        `turn` makes a repeated one unique until the record changes.
        """
        return Timer(kind, self.subject(value), due_at, f"{kind}:{value.id}:{value.version}:{turn}", {"number": value.id, "turn": turn})

    def ask_again(self, value: R, at: datetime) -> Timer:
        """Return the timer that asks the people concerned with an open record once more."""
        subject = self.subject(value)
        return Timer(OPEN, subject, at + OPEN_AGAIN, f"{OPEN}:{subject}:{value.version}:{int(at.timestamp())}", {"number": value.id})

    def _event(self, value: R, verb: str, by: PersonId | None, at: datetime, words: str = "") -> Event:
        return Event(self.subject(value), f"{self.name}.{verb}", by, at, words)


def one_line(said: str, *, most: int, key: str) -> str:
    """Return what somebody typed as one clean line.

    Raises:
        RuleError: `key` for nothing, or for more than `most` characters.
    """
    text = " ".join(clean_text(said, 10_000).split())
    if not text or len(text) > most:
        raise RuleError(key, most=most)
    return text
