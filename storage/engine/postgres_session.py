"""A session with a PostgreSQL server: one connection, made again whenever it is lost, that commits groups of units.

Knows PostgreSQL's ways of failing and nothing of queues or features. Invariant: a group's outcomes are returned only once its commit is
certain; a commit whose answer was lost is asked after by its transaction id, never guessed; what met others is run again with nobody beside it,
so that somebody always gets on; what fails again and again while the server is well is given back, and holds up nobody else for ever.

A savepoint is a journey to the server and back, and units seldom fail: a group runs without, and again with one a unit when something must be
undone.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any, NoReturn, TypeVar, cast

import asyncpg

from storage.engine.database import GroupAborted, Params, Row, StorageBroken, StorageFailed, StorageRefused, Waiting

T = TypeVar("T")
Outcome = tuple[Any, BaseException | None]

#: Units as if one after another. The table `turn` is empty: to hold it is to be alone. LOCK comes first, because a snapshot is taken after it.
TOGETHER = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE turn IN ROW EXCLUSIVE MODE"
ALONE = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE turn IN SHARE ROW EXCLUSIVE MODE"
#: A claim sees at every statement what others have committed by then.
CLAIM = "BEGIN ISOLATION LEVEL READ COMMITTED"
#: How long a group is tried while there is no server, seconds; and the longest pause between two tries.
PATIENCE_S = 30.0
LONGEST_PAUSE_S = 1.0
CONNECT_WITHIN_S = 5.0
#: Between two questions after a commit; and how many answers that know nothing of it are enough (a server that takes over may be behind).
ASK_AGAIN_S = 0.2
STRANGE_ANSWERS = 50
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
#: So often a unit that is alone in its group may fail so.
REFUSED_AFTER = 2
#: A server whose disk is full, or that only reads, answers questions all the same.
SIGN_OF_LIFE = "INSERT INTO claim DEFAULT VALUES; DELETE FROM claim"
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
        """Remember this moment of the unit for `rollback_to`, in place of an earlier one."""
        if self._guarded:
            await self.execute("SAVEPOINT mark" if self._marked is None else "RELEASE mark; SAVEPOINT mark")
        self._marked = self._writes

    async def rollback_to(self) -> None:
        """Undo what the unit wrote since it was marked. Errors: see `Transaction.rollback_to`."""
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


class Session:
    """`await settle(group, begin)`: run the units and return their outcomes, committed; `await close()`.

    `begin` is TOGETHER (ALONE once it met others) or CLAIM.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None

    async def settle(self, group: Sequence[Waiting], begin: str = TOGETHER) -> list[Outcome]:
        """Run a group until it is committed, and return each unit's (result, fault).

        Raises:
            StorageRefused: it fails though the server is well: at once if there are several units, so that they may be tried one by one.
            StorageFailed: there was no server for PATIENCE_S, or no way past others; nothing was kept.
            StorageBroken: nobody knows whether it was kept.
        """
        clock = asyncio.get_running_loop().time
        tries, refused, began = 0, 0, clock()
        guarded = False
        while True:
            try:
                return await self._run(group, begin, guarded=guarded)
            except StorageBroken:
                raise
            except GroupAborted:
                guarded = True
                await self._leave(lost=False)
                continue
            except RetryTransaction as caught:
                again = caught
            except Exception as error:  # noqa: BLE001 (what a commit finds, or what a unit that hid a fault of its own leaves behind)
                again = RetryTransaction(lost=True, suspect=True, why=f"{type(error).__name__}: {error}")
            await self._leave(lost=again.lost)
            if not again.lost and begin == TOGETHER:
                begin = ALONE
            if again.suspect and await self._is_well():
                refused += 1
                if refused == REFUSED_AFTER or len(group) > 1:
                    raise StorageRefused(str(again)) from again
            if clock() - began > PATIENCE_S:
                raise StorageFailed(str(again)) from again
            tries += 1
            await asyncio.sleep(min(LONGEST_PAUSE_S, 0.01 * 2 ** min(tries, 10)) * random.uniform(0.5, 1.0))  # noqa: S311 (jitter)

    async def connection(self) -> Any:
        """Return the connection, made now if there is none.

        Raises:
            Again: there is no server that answers.
        """
        if self._connection is None or self._connection.is_closed():
            self._connection = await asked(None, connect(self._url))
        return self._connection

    def drop(self) -> None:
        """Give the connection up, whatever it is doing."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def close(self) -> None:
        """Say goodbye."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                await self._connection.close(timeout=2)
            self.drop()

    async def _run(self, group: Sequence[Waiting], begin: str, *, guarded: bool) -> list[Outcome]:
        """Run the units and commit. `guarded`: each behind a savepoint.

        Raises:
            Spoiled: a unit failed, or had to undo something, and was not guarded.
            Again: the transaction was undone.
        """
        connection = await self.connection()
        outcomes: list[Outcome] = []
        await asked(connection, connection.execute(begin))
        for waiting in group:
            transaction = PostgresTransaction(connection, guarded=guarded)
            if guarded:
                await asked(connection, connection.execute("RELEASE unit; SAVEPOINT unit" if outcomes else "SAVEPOINT unit"))
            result, fault = None, None
            try:
                result = await waiting.work(transaction)
            except Exception as error:  # noqa: BLE001 (whatever it is, it is the unit's outcome)
                fault = error
            if transaction.doomed is not None:
                raise transaction.doomed from fault
            if fault is not None:
                if not guarded:
                    raise GroupAborted from fault
                await asked(connection, connection.execute("ROLLBACK TO unit"))
            outcomes.append((result, fault))
        await self._commit(connection)
        return outcomes

    async def _commit(self, connection: Any) -> None:
        """Commit, and be certain of it.

        Raises:
            Again: the transaction was undone.
        """
        number = await asked(connection, connection.fetchval("SELECT pg_current_xact_id_if_assigned()::text"))
        try:
            said = await asked(connection, connection.execute("COMMIT"))
        except RetryTransaction as again:
            if not again.lost or number is None or not await self._was_committed(number):
                raise
            return
        if said != "COMMIT":
            raise RetryTransaction(lost=False, why="the server rolled back")

    async def _was_committed(self, number: str) -> bool:
        """Ask what became of a transaction, for as long as nobody answers or it is under way.

        Raises:
            StorageBroken: who answers has never heard of it: the address leads to another server by now, or the number is too old. To run the
                units again might do them twice, and to call them kept might lose them; neither is safe, so this process ends, and the next
                one reads what there is.
        """
        self.drop()
        strange = 0
        while strange < STRANGE_ANSWERS:
            with contextlib.suppress(RetryTransaction):
                connection = await self.connection()
                try:
                    status = await asked(connection, connection.fetchval("SELECT pg_xact_status($1::text::xid8)", number))
                except asyncpg.PostgresError:
                    status = None  # a number that this server has yet to give
                if status in ("committed", "aborted"):
                    return bool(status == "committed")
                strange += status is None
            await asyncio.sleep(ASK_AGAIN_S)  # nobody answers, or the server has not noticed yet that the connection is gone
        raise StorageBroken("the server does not know the transaction whose commit it did not answer")

    async def _is_well(self) -> bool:
        """Tell whether the server keeps what is written, so that the fault is not with it."""
        try:
            connection = await self.connection()
            await asked(connection, connection.execute(SIGN_OF_LIFE))
        except (RetryTransaction, asyncpg.PostgresError, asyncpg.InterfaceError):
            self.drop()
            return False
        return True

    async def _leave(self, *, lost: bool) -> None:
        """Leave a transaction that cannot go on, and the connection too if that is no good any more."""
        if not lost and self._connection is not None:
            with contextlib.suppress(RetryTransaction):
                await asked(self._connection, self._connection.execute("ROLLBACK"))
                return
        self.drop()


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
