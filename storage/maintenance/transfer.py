"""Transfer from SQLite to PostgreSQL: every row in one transaction, verified before commit.

Knows both engines and nothing of features or files beside the database. Rows are read and written in portions, so a large town needs no
more memory than a small one. Invariant: the target has all of the town or nothing of it; committed rows were read back and equal the file's
rows, row by row and in the same order (except NUL characters, which PostgreSQL's texts cannot hold: they are left out and counted).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from storage.engine.database import StorageError
from storage.engine.postgres import PostgresDatabase
from storage.engine.postgres_connection import ANSWER_WITHIN_S, CONNECT_WITHIN_S
from storage.engine.postgres_session import PATIENCE_S
from storage.maintenance.export import PORTION, Digest, Line, Source, Table
from storage.migrations import latest

#: At most this many rows that do not fit are named.
NAMED = 20
SETTINGS = {
    "application_name": "tongxin-move",
    "synchronous_commit": "on",
    "lock_timeout": "10s",
    "jit": "off",
    "timezone": "UTC",
}
BYTEWISE = ' COLLATE "C"'


class NotMoved(StorageError):
    """The target has nothing of the town, and the source is unchanged.

    The message says why in words for an operator.
    """


class PerhapsMoved(StorageError):
    """The server went away during the commit and did not come back.

    The target has all of the town or nothing.
    """


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    """Connect to the target; convert every error, also a later one, to a sentence.

    Raises:
        NotMoved: there is no server, it refuses, or it went away.
    """
    try:
        connection = await _connect(url)
    except (OSError, TimeoutError) as error:
        raise NotMoved(f"The PostgreSQL server cannot be reached: {str(error) or 'no answer'}.") from None
    except (ValueError, asyncpg.InterfaceError):
        raise NotMoved("That is no address of a PostgreSQL database; it is postgresql://user@host:5432/name.") from None
    except asyncpg.PostgresError as error:
        raise NotMoved(f"The PostgreSQL server refuses: {error.args[0]}.") from None
    try:
        yield connection
    except sqlite3.Error as error:
        raise NotMoved(f"The file cannot be read: {error}.") from None
    except asyncpg.DiskFullError:
        raise NotMoved("The server's disk is full.") from None
    except asyncpg.LockNotAvailableError:
        raise NotMoved("Somebody else is at work in that database.") from None
    except asyncpg.InsufficientPrivilegeError as error:
        raise NotMoved(f"The server does not let this user do that: {error.args[0]}. Make the user the owner of the database.") from None
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError) as error:
        raise NotMoved(f"The PostgreSQL server went away: {type(error).__name__}.") from None
    except asyncpg.PostgresError as error:
        raise NotMoved(f"The PostgreSQL server says: {error.args[0]}.") from None  # the details may quote a row
    finally:
        connection.terminate()


async def _connect(url: str) -> Any:
    return await asyncpg.connect(url, timeout=CONNECT_WITHIN_S, server_settings=SETTINGS)


async def prepare(url: str) -> None:
    """Bring an empty database to the newest schema.

    Raises:
        NotMoved: it has rows, tables of something else, or a newer schema.
        Unusable: the server is too old, or its texts are not UTF-8.
    """
    async with connected(url) as connection:
        await _refuse_what_is_there(connection)
        database = await PostgresDatabase.open(url)
        try:
            await database.migrate()
        except ValueError:
            raise NotMoved("The target is from a newer version of Tongxin. Install that version, and move with it.") from None
        finally:
            await database.close()


async def _refuse_what_is_there(connection: Any) -> None:
    names = [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")]
    if names and "migrations" not in names:
        raise NotMoved("The target holds tables of something else. Make a database for Tongxin alone: createdb.")
    for name in names:
        if name != "migrations" and await connection.fetchval(f'SELECT EXISTS (SELECT FROM "{name}")'):
            raise NotMoved(f"The target is not empty: {name} has rows. Make a new database: createdb.")


async def transfer(path: Path, url: str, *, about_to_commit: Callable[[], None], tell: Callable[[str], None]) -> list[Line]:
    """Copy every table of a file, read it all back, compare, and commit.

    Nobody may write to the file. Returns a line for each table. `about_to_commit()` is called when everything is verified; an exception
    from it undoes everything. `tell` receives the progress.

    Raises:
        NotMoved: the target is as empty as before.
        PerhapsMoved: the server went away during the commit.
    """
    async with connected(url) as connection:
        with contextlib.closing(Source(path)) as source:
            lines = await _fill(source, connection, tell)
        about_to_commit()
        await _commit(connection, url)
        return lines


async def _fill(source: Source, connection: Any, tell: Callable[[str], None]) -> list[Line]:
    await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    await _compare_schemas(connection, source.tables)
    tables = ", ".join(f'"{table.name}"' for table in source.tables)
    await connection.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
    await _refuse_what_is_there(connection)
    tell(f"Copying {sum([await source.count(table) for table in source.tables])} rows of {len(source.tables)} tables.")
    lines = [await _copy(source, table, connection) for table in source.tables]
    if source.misfits:
        raise NotMoved(_named(source.misfits))
    tell("Copied. Reading them back.")
    await _count_on(connection)
    await connection.execute(f"ANALYZE {tables}")
    for table, line in zip(source.tables, lines, strict=True):
        await _prove(table, line, connection)
    return lines


async def _compare_schemas(connection: Any, tables: Sequence[Table]) -> None:
    """Refuse tables and columns that the target does not know: they would be left behind."""
    rows = await connection.fetch("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()")
    known = {(row[0], row[1]) for row in rows}
    for table in tables:
        if strange := [name for name in table.columns if (table.name, name) not in known]:
            raise NotMoved(f"The file holds what is not Tongxin's: {table.name} ({', '.join(strange)}). Move that elsewhere first.")
    if await connection.fetchval("SELECT max(number) FROM migrations") != latest():
        raise NotMoved("The target has not the newest schema.")


async def _copy(source: Source, table: Table, connection: Any) -> Line:
    digest, before = Digest(), source.mended
    async for rows in source.portions(table):
        if source.misfits:
            continue  # continue, so that all findings are reported at once
        await connection.copy_records_to_table(table.name, records=rows, columns=table.columns)
        digest.add(rows)
    line = digest.line(table.name, source.mended - before)
    if not source.misfits and line.rows != await source.count(table):
        raise NotMoved(f"The proof failed: {table.name} was not read whole.")
    return line


async def _count_on(connection: Any) -> None:
    """Let every identity column continue behind its highest number.

    Unlike `setval`, this is undone by a rollback.
    """
    identities = await connection.fetch(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'"
    )
    for table, column in identities:
        highest = await connection.fetchval(f'SELECT max("{column}") FROM "{table}"')
        if highest is not None:
            await connection.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" RESTART WITH {max(highest, 0) + 1}')


async def _prove(table: Table, line: Line, connection: Any) -> None:
    """Read a table back in its one order, and compare it with the rows of the source."""
    digest = Digest()
    cursor = await connection.cursor(f"SELECT {table.listed} {table.ordered(collate=BYTEWISE)}")
    while rows := await cursor.fetch(PORTION):
        digest.add([tuple(row) for row in rows])
    found = digest.line(table.name, line.mended)
    if found != line:
        ours, theirs = f"{line.rows} rows ({line.digest[:12]})", f"{found.rows} rows ({found.digest[:12]})"
        raise NotMoved(f"The proof failed: {table.name} has {ours}, the target {theirs}.")


async def _commit(connection: Any, url: str) -> None:
    number = await connection.fetchval("SELECT pg_current_xact_id()::text")
    try:
        said = await connection.execute("COMMIT", timeout=ANSWER_WITHIN_S)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        connection.terminate()
        if not await _was_committed(url, number):
            raise NotMoved(f"The server did not commit: {type(error).__name__}.") from None
        return
    if said != "COMMIT":
        raise NotMoved("The server did not commit.")


async def _was_committed(url: str, number: str) -> bool:
    """Look up whether a transaction was committed whose commit had no answer.

    Raises:
        PerhapsMoved: nobody answers.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    connection = await _connect(url)
                    try:
                        status = await connection.fetchval("SELECT pg_xact_status($1::text::xid8)", number)
                    finally:
                        connection.terminate()
                    if status in ("committed", "aborted"):
                        return bool(status == "committed")
                await asyncio.sleep(0.2)
    raise PerhapsMoved("The PostgreSQL server went away while it committed, and does not come back.")


def _named(misfits: list[str]) -> str:
    more = [f"and {len(misfits) - NAMED} more."] if len(misfits) > NAMED else []
    return "\n  ".join(["These rows do not fit. Put them right in the file, and move again.", *misfits[:NAMED], *more])
