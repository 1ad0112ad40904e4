"""Interface of the engines: the unit of work, its transaction, and the errors.

Knows no engine (`storage.engine.sqlite`, `storage.engine.postgres`) and nothing of features. A unit is a coroutine that awaits only its
transaction, and may be run again when the engine had to undo it. Invariant: its result is returned only after the commit that holds it; a
unit that fails leaves no trace and does not affect other units.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

T = TypeVar("T")
Params = Sequence[Any]
GROUP = 200


class Row(Protocol):
    """A row, read by column name."""

    def __getitem__(self, key: str | int, /) -> Any:
        """Return a column's value."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Walk over the values."""
        ...

    def keys(self) -> Iterable[str]:
        """Return the columns' names."""
        ...


class StorageError(Exception):
    """The database did not do what was asked.

    StorageError
      ├── StorageFailed   the disk or the engine failed; nothing of the unit was kept; it may be tried again
      │     ├── StorageRefused  the engine is well and fails this unit alone, however often: the fault is in the unit or in what it reads
      │     └── StorageBroken   written data cannot be trusted any more: end the process, and let the next one read again
      ├── ForeignAwait    a unit awaited something other than its transaction (a fault of ours)
      ├── Conflict        somebody else changed the row first
      └── Unusable        the file cannot be opened: missing rights, corrupt, or from a newer version
    """


class StorageFailed(StorageError):
    """The disk or the engine failed; nothing of the unit was kept."""


class StorageRefused(StorageFailed):
    """The engine, which is well, failed this unit again when it was alone in its transaction.

    Nothing of it was kept.
    """


class StorageBroken(StorageFailed):
    """The engine or the disk broke: only a restart shows whether the unit was kept."""


class ForeignAwait(StorageError):
    """A unit awaited something other than its transaction: a fault of ours."""


class Conflict(StorageError):
    """Somebody else changed the row first; load again and decide again."""


class Unusable(StorageError):
    """The database cannot be opened; the message says why, in words for an operator."""


class GroupAborted(BaseException):
    """Something must be undone in a group without savepoints: run the group again with them.

    Nothing of the group can be kept. It is not an `Exception`, so that a unit does not handle it as a failure of its own.
    """


class Transaction(Protocol):
    """The object that a unit may await.

    SQL is the common subset with `?` placeholders; rows are read by column name. `shared`: other processes may write at the same time, so
    rows that must belong to one of them are claimed.
    """

    shared: bool

    async def execute(self, sql: str, params: Params = ()) -> int:
        """Run a statement; return the number of rows it touched."""
        ...

    async def fetch_one(self, sql: str, params: Params = ()) -> Row | None:
        """Return the first row or None."""
        ...

    async def fetch_all(self, sql: str, params: Params = ()) -> list[Row]:
        """Return every row."""
        ...

    async def savepoint(self) -> None:
        """Set the unit's savepoint for `rollback_to`; replaces an earlier one."""
        ...

    async def rollback_to(self) -> None:
        """Undo the unit's writes since its savepoint.

        In a group without savepoints, everything is run again with them.

        Raises:
            LookupError: this unit has no savepoint.
            GroupAborted: run again.
        """
        ...


Work = Callable[[Transaction], Awaitable[T]]


@dataclass(slots=True)
class Waiting:
    """A unit in the queue and the future its caller waits for."""

    work: Work[Any]
    done: asyncio.Future[Any]


class Database(Protocol):
    """Interface of an engine to the rest of storage.

    `shared`: other processes may write here too; `commits`: number since the start.
    """

    shared: bool
    commits: int

    async def transact(self, work: Work[T]) -> T:
        """Run one unit and return its result once committed.

        Raises:
            StorageFailed: the commit failed; nothing was kept.
            Exception: the exception of the unit; nothing of it was kept.
        """
        ...

    async def transact_many(self, works: Sequence[Work[T]]) -> list[T | BaseException]:
        """Run units in order, sharing commits; return each one's result or exception."""
        ...

    async def claim(self, work: Work[T]) -> T:
        """Run one unit that claims something for this process, beside the units of all others.

        Where a database is shared, each statement sees what others have committed, and the unit claims a row by changing it.

        Raises:
            StorageFailed: nothing was kept.
        """
        ...

    async def migrate(self) -> list[str]:
        """Bring the schema up to date; return the names of the steps applied now.

        Raises:
            ValueError: the database is from a newer version.
        """
        ...

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` when another process has written something that somebody may wait for."""
        ...

    async def lost(self) -> None:
        """Wait until the database cannot be trusted any more.

        Raises:
            StorageBroken: then.
        """
        ...

    async def close(self) -> None:
        """Finish the queue, then close."""
        ...


def run_to_completion(awaitable: Awaitable[T]) -> T:
    """Run a coroutine that never suspends to its end.

    Raises:
        ForeignAwait: it awaited something other than its transaction.
    """
    coroutine = cast("Coroutine[Any, Any, T]", awaitable)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return cast("T", stop.value)
    coroutine.close()
    raise ForeignAwait("a unit awaited something other than its transaction")
