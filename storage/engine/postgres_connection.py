"""Speaking to a PostgreSQL server: connecting with the settings our promises need, statements, and what each kind of failure means.

Knows PostgreSQL's ways of failing; must not know groups, queues or features. Invariant: every failure is told apart: the statement was wrong, or the
transaction cannot go on through no fault that a unit could answer for (`Again`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, NoReturn, TypeVar, cast

import asyncpg

from storage.engine.database import GroupAborted, Params, Row

T = TypeVar("T")

CONNECT_WITHIN_S = 5.0
ANSWER_WITHIN_S = 10.0
SETTINGS = {
    "application_name": "tongxin",
    "synchronous_commit": "on",
    "enable_seqscan": "off",  # a small table read whole would be locked whole, and every writer beside it undone
    "jit": "off",
    "idle_in_transaction_session_timeout": "5s",  # a worker that stands still must not hold up the others
    "lock_timeout": "8s",  # shorter than ANSWER_WITHIN_S: who waits for another one's lock is told so, and is not taken for a slow statement
    "timezone": "UTC",
}
PATIENT = {"statement_timeout": "0", "lock_timeout": "0"}
#: SQLSTATE classes and codes that are nobody's fault among the units: connection, resources, intervention, system, internal.
SERVER = ("08", "53", "57", "58", "XX", "25006", "25P03", "25P04")
#: Those of them that a unit may bring about by itself, as it may take too long: memory, a damaged row. A disk without room is everybody's.
SUSPECT = ("53200", "53400", "57014", "58", "XX", "25P03", "25P04")
#: The server undid the transaction because of another one.
CONTENTION = ("40", "55P03")
#: Another worker brought the schema up to date: a new connection knows it.
STALE = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
PLACE = re.compile(r"'[^']*'|\?(\d*)")


class RetryTransaction(BaseException):
    """The transaction cannot go on, through no fault that a unit could answer for: run its units again.

    No `Exception`, so that no unit takes it for a failure of its own. `lost`: the server is away or unwell, rather than busy with others;
    `suspect`: or it is well, and a unit has brought this about.
    """

    def __init__(self, *, lost: bool, why: str, suspect: bool = False) -> None:
        super().__init__(why)
        self.lost = lost
        self.suspect = suspect


class PostgresTransaction:
    """A unit's share of a transaction on a session's connection. `guarded`: it stands behind a savepoint, and so does what it marks."""

    shared = True

    def __init__(self, connection: Any, *, guarded: bool) -> None:
        self._connection = connection
        self._guarded = guarded
        #: Why the transaction cannot go on, whatever a unit makes of it.
        self.doomed: RetryTransaction | None = None
        #: How many statements may have left something to undo.
        self._writes = 0
        self._marked: int | None = None

    async def execute(self, sql: str, params: Params = ()) -> int:
        """Run a statement; return the number of rows it touched."""
        status = await self._ask(self._connection.execute, sql, params)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def fetch_one(self, sql: str, params: Params = ()) -> Row | None:
        """Return the first row or None."""
        return cast("Row | None", await self._ask(self._connection.fetchrow, sql, params))

    async def fetch_all(self, sql: str, params: Params = ()) -> list[Row]:
        """Return every row."""
        return cast("list[Row]", await self._ask(self._connection.fetch, sql, params))

    async def savepoint(self) -> None:
        """Remember this moment of the unit for `undo`, in place of an earlier one."""
        if self._guarded:
            await self.execute("SAVEPOINT mark" if self._marked is None else "RELEASE mark; SAVEPOINT mark")
        self._marked = self._writes

    async def rollback_to(self) -> None:
        """Undo what the unit wrote since it was marked. Errors: see `Transaction.undo`."""
        if self._marked is None:
            raise LookupError("nothing was marked")
        if self._guarded:
            await self.execute("ROLLBACK TO mark")
        elif self._writes != self._marked:
            raise GroupAborted

    async def _ask(self, way: Callable[..., Awaitable[Any]], sql: str, params: Params) -> Any:
        if self.doomed is not None:
            raise self.doomed
        self._writes += not sql.startswith("SELECT ")
        try:
            return await asked(self._connection, way(numbered(sql), *storable(params)))
        except RetryTransaction as again:
            again.suspect |= isinstance(again.__cause__, TimeoutError)
            self.doomed = again
            raise


async def connect(url: str, *, patient: bool = False) -> Any:
    """Connect with the settings that our promises need. Raises whatever asyncpg and the system raise.

    `patient`: every answer is waited for, however long it takes: a step of the schema may rewrite a whole table.
    """
    connection = await asyncpg.connect(
        url, timeout=CONNECT_WITHIN_S, command_timeout=None if patient else ANSWER_WITHIN_S, statement_cache_size=512,
        max_cached_statement_lifetime=0, server_settings=SETTINGS | (PATIENT if patient else {}),
    )  # fmt: skip
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text")
    return connection


async def asked(connection: Any, answer: Awaitable[T]) -> T:
    """Wait for the server's answer.

    Raises:
        Again: the transaction cannot go on, through nobody's fault.
        asyncpg.PostgresError: the statement was wrong.
    """
    try:
        return await answer
    except (OSError, TimeoutError, asyncpg.InternalClientError) as error:  # the last: the end of the session crossed what we asked
        _again(error, lost=True)
    except asyncpg.PostgresError as error:
        state = str(error.sqlstate or "")
        if state.startswith(CONTENTION):
            _again(error, lost=False)
        if state.startswith(SERVER) or _closed(connection) or isinstance(error, STALE):
            _again(error, lost=True, suspect=state.startswith(SUSPECT))
        raise
    except asyncpg.InterfaceError as error:
        if _closed(connection) or "another operation" in str(error):
            _again(error, lost=True)
        raise


@lru_cache(maxsize=2048)
def numbered(sql: str) -> str:
    """Return a statement with PostgreSQL's marks: `?` and `?2` become `$1` and `$2`; quoted text is left alone."""
    count = 0

    def mark(found: re.Match[str]) -> str:
        nonlocal count
        if not found[0].startswith("?"):
            return found[0]
        count += 1
        return f"${found[1] or count}"

    return PLACE.sub(mark, sql)


def storable(params: Params) -> list[Any]:
    """Return values as PostgreSQL takes them: its texts have no NUL."""
    return [value.replace("\0", "") if isinstance(value, str) and "\0" in value else value for value in params]


def _closed(connection: Any) -> bool:
    return connection is None or bool(connection.is_closed())


def _again(error: Exception, *, lost: bool, suspect: bool = False) -> NoReturn:
    raise RetryTransaction(lost=lost, suspect=suspect, why=f"{type(error).__name__}: {error}") from error


def _number(text: str) -> int | float:
    """Return a SUM or AVG, which PostgreSQL gives as a decimal of any length."""
    return float(text) if "." in text else int(text)
