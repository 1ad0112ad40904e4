"""Connection to a PostgreSQL server: settings, statements, and classes of failures.

Knows PostgreSQL's failures; must not know groups, queues or features. Invariant: every failure belongs to one of two classes: the statement
was wrong, or the transaction cannot go on for a reason outside the unit (`RetryTransaction`).
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
    "enable_seqscan": "off",  # a sequential scan would lock a whole small table, and undo every concurrent writer
    "jit": "off",
    "idle_in_transaction_session_timeout": "5s",  # a stalled worker must not block the others
    "lock_timeout": "8s",  # shorter than ANSWER_WITHIN_S: a wait for a lock is reported as such, not as a slow statement
    "timezone": "UTC",
}
PATIENT = {"statement_timeout": "0", "lock_timeout": "0"}
#: SQLSTATE classes and codes that no unit causes: connection, resources, intervention, system, internal.
SERVER = ("08", "53", "57", "58", "XX", "25006", "25P03", "25P04")
#: The subset that a unit may cause by itself, like a timeout: memory, a damaged row. A full disk affects everybody.
SUSPECT = ("53200", "53400", "57014", "58", "XX", "25P03", "25P04")
#: The server undid the transaction because of another one.
CONTENTION = ("40", "55P03")
#: Another worker updated the schema: a new connection knows it.
STALE = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
PLACE = re.compile(r"'[^']*'|\?(\d*)")


class RetryTransaction(BaseException):
    """The transaction cannot go on for a reason outside the unit: run its units again.

    It is not an `Exception`, so that a unit does not handle it as a failure of its own. `lost`: the server is away or unwell, rather than
    busy with others; `suspect`: or it is well, and a unit has caused this.
    """

    def __init__(self, *, lost: bool, why: str, suspect: bool = False) -> None:
        super().__init__(why)
        self.lost = lost
        self.suspect = suspect


class PostgresTransaction:
    """A unit's share of a transaction on a session's connection.

    `guarded`: the unit runs behind a savepoint, and so do its own savepoints.
    """

    shared = True

    def __init__(self, connection: Any, *, guarded: bool) -> None:
        self._connection = connection
        self._guarded = guarded
        #: The reason why the transaction cannot go on, even if a unit ignores it.
        self.doomed: RetryTransaction | None = None
        #: Number of statements that may have to be undone.
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
        """Set the unit's savepoint for `rollback_to`; replaces an earlier one."""
        if self._guarded:
            await self.execute("SAVEPOINT mark" if self._marked is None else "RELEASE mark; SAVEPOINT mark")
        self._marked = self._writes

    async def rollback_to(self) -> None:
        """Undo the unit's writes since its savepoint. Errors: see `Transaction.rollback_to`."""
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
    """Connect with the required settings; errors are those of asyncpg and the system.

    `patient`: wait for every answer without a limit, because a step of the schema may rewrite a whole table.
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
        RetryTransaction: the transaction cannot go on, for a reason outside the unit.
        asyncpg.PostgresError: the statement was wrong.
    """
    try:
        return await answer
    except (OSError, TimeoutError, asyncpg.InternalClientError) as error:  # the last: the session ended during the request
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
    """Return a statement with PostgreSQL's marks: `?` and `?2` become `$1` and `$2`.

    Quoted text is left alone.
    """
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
