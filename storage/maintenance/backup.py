"""A consistent copy of a running database, and the proof that a copy is whole.

Knows SQLite's own ways of copying and checking, and what a server's database holds. Invariant: a file that fails any check is never put in
place of another, and what only looks writes nothing.
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
    from datetime import datetime

#: So many numbers of each counter are passed over by a restore. Those given since the backup are on people's cards and in their heads, and must not
#: come to mean another thing. Before the first one a counter is not there yet: what comes before it, of every counter whose numbers are said aloud.
PASSED_OVER = 1_000
BEFORE_THE_FIRST = {"case": 1_000, "found": 0, "lost": 0}
#: The fact that tells when a database was last put in place of another (microseconds): buttons made before it mean nothing any more.
RESTORED = "restored"
READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
COUNTED = ("people", "posts", "cases", "inbox", "outbox", "timers", "audit")


class Damaged(Exception):
    """A copy that must not be used; the message says why in words for an operator."""


def read_running(path: Path, work: Work[T]) -> T:
    """Run a unit that only reads on a database that may be in use, as it is.

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
    """Run a unit that only reads on a database on a server, as it is.

    Raises:
        Unusable: there is no server, or it refuses.
        StorageFailed: it went away.
    """
    import asyncpg  # the driver is only for those who use it

    from storage.engine.postgres import PostgresDatabase
    from storage.engine.postgres_session import Session

    await (await PostgresDatabase.open(url)).close()  # it says in words why there is none
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
    """Return what `prove` does, of a database on a server; `schema` is 0 where there is none yet.

    Raises:
        Damaged: it is from a newer version.
    """
    tables = await transaction.fetch_all("SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()")
    names = {str(row["name"]) for row in tables}
    have = {int(row["number"]) for row in await transaction.fetch_all("SELECT number FROM migrations")} if "migrations" in names else set()
    if have - {number for number, _, _ in steps()}:
        raise Damaged("The database is from a newer version of Tongxin. Install that version first.")
    counts = {}
    for name in names.intersection(COUNTED):
        row = await transaction.fetch_one(f"SELECT COUNT(*) AS rows FROM {name}")
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
    """Check a copy whole: pages, references, schema; return how many rows its chief tables hold, and `schema`.

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
            counts = {name: int(raw.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]) for name in COUNTED if name in names}
    except sqlite3.Error as error:
        raise Damaged(f"This is not a whole Tongxin database: {error}.") from error
    return counts | {"schema": max(have), "newest_schema": latest()}


def begin_anew(path: Path, *, instead_of: Path, at: datetime) -> int:
    """Let a copy take the place of a database: no number that was given there, and no button that was made, comes to mean something else.

    What is counted and said aloud (cases, found things) goes on far behind the last number of either; everything else that a button names may be
    numbered again, because buttons of before `at` are not read any more. Returns the next case's number.

    Raises:
        Damaged: the copy cannot be written.
    """
    given = (BEFORE_THE_FIRST, _last_numbers(path), _last_numbers(instead_of))
    last = {name: max(each.get(name, 0) for each in given) + PASSED_OVER for name in {name for each in given for name in each}}
    try:
        with contextlib.closing(sqlite3.connect(path)) as raw, raw:
            raw.executemany(
                "INSERT INTO counters (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2", sorted(last.items())
            )
            raw.execute(
                "INSERT INTO facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2", (RESTORED, str(to_us(at)))
            )
    except sqlite3.Error as error:
        raise Damaged(f"The copy cannot be written: {error}.") from error
    return last["case"] + 1


def _last_numbers(path: Path) -> dict[str, int]:
    """Return the last number that each counter of a database gave; nothing when it cannot be read (which is why one restores)."""
    try:
        with contextlib.closing(_looking_into(path)) as raw:
            return {str(name): int(value) for name, value in raw.execute("SELECT name, value FROM counters")}
    except sqlite3.Error:
        return {}


def _looking_into(path: Path) -> sqlite3.Connection:
    """Connect to read. A file at rest is opened for writing, although nothing is written: only so does SQLite take its empty logs away again."""
    mode = "ro" if has_log(path) else "rw"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=30)
