"""Backup: a consistent copy of a running database, and the check that a copy is complete.

Knows SQLite's own ways of copying and checking, and the content of a database on a server. Invariant: a file that fails any check never
replaces another, and a check writes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, cast

from storage.engine.database import T, Transaction, Unusable, Waiting, Work, run_to_completion
from storage.engine.integrity import has_log
from storage.engine.sqlite import SqliteTransaction
from storage.migrations import latest, steps
from storage.values import to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.core.registry import Number

#: A restore skips this many numbers of each kind. Those given since the backup are on people's cards and in their heads, and must not be
#: reused.
PASSED_OVER = 1_000
#: The fact with the instant at which a database was last restored (microseconds): older buttons are no longer valid.
RESTORED = "restored"
READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Damaged(Exception):
    """A copy that must not be used; the message says why in words for an operator."""


def read_running(path: Path, work: Work[T]) -> T:
    """Run a read-only unit on a database that may be in use, as it is.

    Raises:
        Unusable: it cannot be read.
    """
    try:
        with contextlib.closing(_looking_into(path)) as raw:
            raw.execute("PRAGMA query_only = ON")
            raw.row_factory = sqlite3.Row
            return run_to_completion(work(SqliteTransaction(raw)))
    except sqlite3.Error as error:
        raise Unusable(f"The database {path.name} cannot be read: {error}.") from error


async def read_server(url: str, work: Work[T]) -> T:
    """Run a read-only unit on a database on a server, as it is.

    Raises:
        Unusable: there is no server, or it refuses.
        StorageFailed: it went away.
    """
    import asyncpg  # the driver is only for those who use it

    from storage.engine.postgres import PostgresDatabase
    from storage.engine.postgres_session import Session

    await (await PostgresDatabase.open(url)).close()  # raises with the reason in words
    session = Session(url)
    try:
        ((result, fault),) = await session.settle([Waiting(work, asyncio.get_running_loop().create_future())], READING)
    finally:
        await session.close()
    if isinstance(fault, asyncpg.PostgresError):
        raise Unusable(f"The PostgreSQL server says: {fault.args[0]}.") from fault
    if fault is not None:
        raise fault
    return cast("T", result)


async def counted(transaction: Transaction) -> dict[str, int]:
    """Return the same as `prove` for a database on a server; `schema` is 0 before the first.

    Raises:
        Damaged: it is from a newer version.
    """
    tables = await transaction.fetch_all("SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()")
    names = {str(row["name"]) for row in tables}
    have = {int(row["number"]) for row in await transaction.fetch_all("SELECT number FROM migrations")} if "migrations" in names else set()
    if have - {number for number, _, _ in steps()}:
        raise Damaged("The database is from a newer version of Tongxin. Install that version first.")
    counts = {}
    for name in names:
        row = await transaction.fetch_one(f'SELECT COUNT(*) AS rows FROM "{name}"')
        counts[name] = 0 if row is None else int(row["rows"])
    return counts | {"schema": max(have, default=0), "newest_schema": latest()}


def copy_running(source: Path, target: Path) -> None:
    """Copy a database that may be in use, as of one instant, without its free pages.

    Raises:
        Damaged: the source is absent or cannot be read.
    """
    if not source.exists():
        raise Damaged(f"There is no database at {source}.")
    try:
        with contextlib.closing(_looking_into(source)) as raw:
            raw.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise Damaged(f"The database {source.name} cannot be copied: {error}.") from error


def prove(path: Path) -> dict[str, int]:
    """Check a whole copy: pages, references, schema; return the row count of each table.

    The result also has `schema`.

    Raises:
        Damaged: any check failed.
    """
    try:
        with contextlib.closing(_looking_into(path)) as raw:
            verdict = raw.execute("PRAGMA integrity_check").fetchone()[0]
            if verdict != "ok":
                raise Damaged(f"The copy is damaged: {verdict}.")
            if raw.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise Damaged("The copy is damaged: a row points to nothing.")
            have = {row[0] for row in raw.execute("SELECT number FROM migrations")}
            if not have or have - {number for number, _, _ in steps()}:
                raise Damaged("The copy is from a newer version of Tongxin. Install that version first.")
            names = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            counts = {name: int(raw.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0]) for name in names}
    except sqlite3.Error as error:
        raise Damaged(f"This is not a whole Tongxin database: {error}.") from error
    return counts | {"schema": max(have), "newest_schema": latest()}


def begin_anew(path: Path, *, instead_of: Path, numbers: Sequence[Number], at: datetime) -> dict[str, int]:
    """Prepare a copy to replace a database: no number and no button changes its meaning.

    `numbers`: the counters whose numbers people see. They continue far behind the last one of either. Everything else that a button names
    may be numbered again, because buttons from before `at` are not read any more. Returns the next number of each counter.

    Raises:
        Damaged: the copy cannot be written.
    """
    last = {each.name: max(each.first - 1, _last_of(path, each), _last_of(instead_of, each)) + PASSED_OVER for each in numbers}
    try:
        with contextlib.closing(sqlite3.connect(path)) as raw, raw:
            raw.executemany(
                "INSERT INTO counters (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2", list(last.items())
            )
            raw.execute(
                "INSERT INTO facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2", (RESTORED, str(to_us(at)))
            )
    except sqlite3.Error as error:
        raise Damaged(f"The copy cannot be written: {error}.") from error
    return {name: value + 1 for name, value in last.items()}


def _last_of(path: Path, number: Number) -> int:
    """Return the last number given in a database, 0 when there is none.

    Also 0 when the database cannot be read, because that is a reason to restore.
    """
    try:
        with contextlib.closing(_looking_into(path)) as raw:
            row = raw.execute("SELECT value FROM counters WHERE name = ?", (number.name,)).fetchone()
    except sqlite3.Error:
        return 0
    return int(row[0]) if row else 0


def _looking_into(path: Path) -> sqlite3.Connection:
    """Connect to read.

    A file at rest is opened for writing, although nothing is written: only then does SQLite remove its empty logs.
    """
    mode = "ro" if has_log(path) else "rw"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=30)
