"""SQLite: the one connection that writes, in a thread of its own.

Knows SQLite and nothing of features. Every unit runs to its end in one call in the connection's thread, and units that wait at the same
time share one commit. Invariant: a unit's result is returned only after the commit that holds it (WAL, `synchronous=FULL`); a unit that
fails leaves no trace and does not affect other units.

A savepoint makes SQLite copy every page that is changed behind it, and units seldom fail: a group runs without, and again with one per unit
when something must be undone.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

import aiosqlite

from storage.engine.database import (
    GROUP,
    GroupAborted,
    Params,
    Row,
    StorageBroken,
    StorageFailed,
    T,
    Unusable,
    Waiting,
    Work,
    run_to_completion,
)
from storage.engine.integrity import Mark, examine, stamp_of, step
from storage.migrations import migrate

#: Results after which no read or written data can be trusted: the process ends, and the next one reads again.
BROKEN = frozenset((sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY))
MEMORY = ":memory:"
#: Results that no unit causes: the whole group fails, and may be tried again.
ENGINE = BROKEN | {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CANTOPEN}


class SqliteTransaction:
    """A transaction on the connection's own thread: nothing ever suspends."""

    shared = False

    def __init__(self, connection: sqlite3.Connection, *, guarded: bool = False) -> None:
        self._connection = connection
        self._guarded = guarded
        self._marked: int | None = None

    async def execute(self, sql: str, params: Params = ()) -> int:
        """Run a statement; return the number of rows it touched."""
        return self._connection.execute(sql, params).rowcount

    async def fetch_one(self, sql: str, params: Params = ()) -> Row | None:
        """Return the first row or None."""
        row: Row | None = self._connection.execute(sql, params).fetchone()
        return row

    async def fetch_all(self, sql: str, params: Params = ()) -> list[Row]:
        """Return every row."""
        rows: list[Row] = self._connection.execute(sql, params).fetchall()
        return rows

    async def savepoint(self) -> None:
        """Set the unit's savepoint for `rollback_to`; replaces an earlier one."""
        if self._guarded:
            self._connection.execute("SAVEPOINT mark")
        self._marked = self._connection.total_changes

    async def rollback_to(self) -> None:
        """Undo the unit's writes since its savepoint. Errors: see `Transaction.rollback_to`."""
        if self._marked is None:
            raise LookupError("nothing was marked")
        if self._guarded:
            self._connection.execute("ROLLBACK TO mark")
        elif self._connection.total_changes != self._marked:
            raise GroupAborted


class Hopping(Protocol):
    """A connection whose thread can run a function."""

    async def run_in_thread(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run `function(connection)` in the connection's thread."""
        ...

    async def close(self) -> None:
        """Close it."""
        ...


class ThreadConnection(aiosqlite.Connection):
    """aiosqlite's connection with one more method: run a whole function in its thread."""

    async def run_in_thread(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run `function(connection)` in the connection's thread."""
        return cast("T", await self._execute(lambda: function(self._conn)))  # type: ignore[no-untyped-call]  # aiosqlite gives it no types

    async def close_thread(self) -> None:
        """Wait until a connection that could not be made has ended its thread.

        The thread still answers to this loop.
        """
        await asyncio.to_thread(self._thread.join)


class SqliteDatabase:
    """A SQLite file: opens it, groups units into commits, and closes cleanly.

    * `transact(work)`: one unit; its result after the commit.
    * `transact_many(works)`: several in order; results or exceptions in the same order.
    * `run_in_thread(function)`: administration outside units (backup, pragmas).
    """

    shared = False

    def __init__(self, connection: Hopping, mark: Mark | None = None) -> None:
        self._connection = connection
        self._mark = mark
        self._broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._queue: deque[list[Waiting]] = deque()
        self._group: list[Waiting] = []
        self._wake = asyncio.Event()
        self._pump = asyncio.create_task(self._run(), name="database")
        self.commits = 0

    @classmethod
    async def open(cls, path: Path | str, *, create: bool = True) -> SqliteDatabase:
        """Open the file in WAL mode with full durability.

        Raises:
            Unusable: the file is absent (and `create` is false), lost, damaged, not a database, or cannot be written.
        """
        if str(path) != MEMORY:
            await asyncio.to_thread(examine, Path(path))
        connection = ThreadConnection(lambda: connect(Path(path), create=create), 64)
        try:
            await connection
        except (sqlite3.Error, Unusable) as error:
            await connection.close_thread()
            raise error if isinstance(error, Unusable) else Unusable(f"The database {path} cannot be used: {error}.") from error
        return cls(connection, None if str(path) == MEMORY else Mark(Path(path)))

    async def transact(self, work: Work[T]) -> T:
        """Run one unit and return its result once committed.

        Raises:
            StorageFailed: the commit failed; nothing was kept.
            Exception: the exception of the unit; nothing of it was kept.
        """
        (waiting,) = self._enqueue([work])
        return cast("T", await waiting.done)

    async def transact_many(self, works: Sequence[Work[T]]) -> list[T | BaseException]:
        """Run units in order, in one commit; return each one's result or exception.

        A commit that fails keeps none of them.
        """
        queued = self._enqueue(works) if works else []
        return list(await asyncio.gather(*(waiting.done for waiting in queued), return_exceptions=True))

    async def claim(self, work: Work[T]) -> T:
        """Run one unit; there is no other process to compete for a claim."""
        return await self.transact(work)

    async def run_in_thread(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run `function` in the connection's thread, outside any unit."""
        return await self._connection.run_in_thread(function)

    async def migrate(self) -> list[str]:
        """Bring the schema up to date; return the names of the steps applied now.

        Raises:
            ValueError: the database is from a newer version.
        """
        done = await self.run_in_thread(migrate)
        await self.run_in_thread(self._note)
        return done

    async def lost(self) -> None:
        """Wait until the database cannot be trusted any more.

        Raises:
            StorageBroken: then.
        """
        await asyncio.wait((self._broken, self._pump), return_when=asyncio.FIRST_COMPLETED)
        raise StorageBroken(self._broken.result() if self._broken.done() else "nothing is written any more")

    def watch(self, changed: Callable[[], None]) -> None:
        """Do nothing: no other process writes here, so there are no changes to watch."""

    async def close(self) -> None:
        """Finish the queue, then close."""
        await asyncio.gather(*(waiting.done for batch in (self._group, *self._queue) for waiting in batch), return_exceptions=True)
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)
        await self._connection.close()
        if self._mark is not None:
            await asyncio.to_thread(self._mark.close if self._broken.done() else self._mark.seal)

    def _enqueue(self, works: Sequence[Work[Any]]) -> list[Waiting]:
        if self._pump.done():
            raise StorageFailed("The database is closed.")
        if self._broken.done():
            raise StorageBroken(self._broken.result())
        batch = [Waiting(work, asyncio.get_running_loop().create_future()) for work in works]
        self._queue.append(batch)
        self._wake.set()
        return batch

    def _next_group(self) -> list[Waiting]:
        """Take the batches of the next commit: the first, and whole ones while there is room.

        The first batch is taken at any size.
        """
        group = list(self._queue.popleft())
        while self._queue and len(group) + len(self._queue[0]) <= GROUP:
            group += self._queue.popleft()
        return group

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                group = self._group = self._next_group()
                try:
                    outcomes = await self._connection.run_in_thread(partial(self._commit, group=group))
                except Exception as error:  # noqa: BLE001 (whoever waits must hear of it, whatever it is)
                    outcomes = [(None, self._fault(error))] * len(group)
                self.commits += 1
                for waiting, (result, fault) in zip(group, outcomes, strict=True):
                    if waiting.done.done():
                        continue
                    if fault is None:
                        waiting.done.set_result(result)
                    else:
                        waiting.done.set_exception(fault)

    def _commit(self, raw: sqlite3.Connection, *, group: Sequence[Waiting]) -> list[tuple[Any, BaseException | None]]:
        if self._broken.done():
            raise sqlite3.OperationalError("the database is broken")
        outcomes = commit_group(raw, group)
        self._note(raw)
        return outcomes

    def _note(self, raw: sqlite3.Connection) -> None:
        """Write the last commit beside the file; a noted commit is already durable."""
        if self._mark is not None:
            self._mark.note(stamp_of(raw))

    def _fault(self, error: Exception) -> StorageFailed:
        """Return the error for the group's callers, and stop when no data can be trusted any more.

        An error that is not SQLite's own may still come from it: a `MemoryError`, for example, which is how SQLITE_NOMEM arrives.
        """
        if not self._broken.done():
            if isinstance(error, sqlite3.Error) and code_of(error) not in BROKEN:
                return StorageFailed(str(error))
            self._broken.set_result(str(error) or type(error).__name__)
        return StorageBroken(self._broken.result())


def code_of(error: BaseException) -> int:
    """Return SQLite's primary result code of an error; 0 if it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open the file with the required durability.

    Raises:
        Unusable: there is no file, and none may be created.
        sqlite3.Error: it cannot be opened.
    """
    if not create and not path.exists():
        raise Unusable(f"There is no database at {path}.")
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    try:
        raw.row_factory = sqlite3.Row
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            "secure_delete=ON",
            "cache_size=-16000",
            "temp_store=MEMORY",  # keep people's texts out of temporary files of the system
        ):
            raw.execute(f"PRAGMA {pragma}")
        raw.execute("BEGIN IMMEDIATE")
        step(raw)  # a read-only file is reported now, not at the first report
        raw.execute("ROLLBACK")
    except sqlite3.Error:
        raw.close()
        raise
    except UnicodeDecodeError as error:  # SQLite names what is damaged, and the name is damaged too
        raw.close()
        raise sqlite3.DatabaseError("the file is damaged") from error
    return raw


def commit_group(raw: sqlite3.Connection, group: Sequence[Waiting]) -> list[tuple[Any, BaseException | None]]:
    """Run the units of `group` in one transaction.

    Each runs behind a savepoint, once something of the group had to be undone.
    """
    try:
        return _run_group(raw, group, guarded=False)
    except GroupAborted:
        return _run_group(raw, group, guarded=True)


def _run_group(raw: sqlite3.Connection, group: Sequence[Waiting], *, guarded: bool) -> list[tuple[Any, BaseException | None]]:
    outcomes: list[tuple[Any, BaseException | None]] = []
    raw.execute("BEGIN IMMEDIATE")
    before = raw.total_changes
    try:
        for waiting in group:
            if guarded:
                raw.execute("SAVEPOINT unit")
            begun = raw.total_changes
            try:
                outcomes.append((run_to_completion(waiting.work(SqliteTransaction(raw, guarded=guarded))), None))
            except Exception as fault:
                if code_of(fault) in ENGINE:
                    raise
                if not raw.in_transaction:
                    raise sqlite3.OperationalError(f"the transaction was lost: {fault}") from fault
                if guarded:
                    raw.execute("ROLLBACK TO unit")
                elif raw.total_changes != begun:
                    raise GroupAborted from fault
                outcomes.append((None, fault))
            if guarded:
                raw.execute("RELEASE unit")
        if raw.total_changes != before:
            step(raw)
        raw.execute("COMMIT")
    except BaseException:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise
    return outcomes
