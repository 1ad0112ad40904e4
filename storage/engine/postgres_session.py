"""Session with a PostgreSQL server: one connection that commits groups of units.

Knows how to complete a group in spite of failures (storage/engine/postgres_connection.py classifies them), and nothing of queues or
features. A lost connection is made again. Invariant: a group's outcomes are returned only once its commit is certain; a commit without an
answer is looked up by its transaction id, never guessed; a group that conflicts with others is run again alone, so that somebody always
makes progress; a group that fails repeatedly while the server is well is given back, and does not block others.

A savepoint costs a round trip, and units seldom fail: a group runs without, and again with one per unit when something must be undone.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence
from typing import Any, TypeVar

import asyncpg

from storage.engine.database import GroupAborted, StorageBroken, StorageFailed, StorageRefused, Waiting
from storage.engine.postgres_connection import PostgresTransaction, RetryTransaction, asked, connect

T = TypeVar("T")
Outcome = tuple[Any, BaseException | None]

#: Serializable units. The table `turn` is empty: ALONE locks it against other groups. LOCK comes first, because a snapshot is taken after it.
TOGETHER = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE turn IN ROW EXCLUSIVE MODE"
ALONE = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE turn IN SHARE ROW EXCLUSIVE MODE"
#: In a claim, every statement sees what others have committed by then.
CLAIM = "BEGIN ISOLATION LEVEL READ COMMITTED"
#: Time for which a group is tried while there is no server, seconds; and the longest pause between two attempts.
PATIENCE_S = 30.0
LONGEST_PAUSE_S = 1.0
#: Pause between two questions about a commit; and the number of answers "unknown" that are enough (a server that takes over may be behind).
ASK_AGAIN_S = 0.2
STRANGE_ANSWERS = 50
#: Number of such failures of a unit that is alone in its group before it is refused.
REFUSED_AFTER = 2
#: A write, because a server with a full disk, or a read-only one, still answers queries.
SIGN_OF_LIFE = "INSERT INTO claim DEFAULT VALUES; DELETE FROM claim"


class Session:
    """A session: `await settle(group, begin)` runs units and returns their committed outcomes.

    `begin` is TOGETHER (ALONE once it met others) or CLAIM. `await close()` ends the session.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Any = None

    async def settle(self, group: Sequence[Waiting], begin: str = TOGETHER) -> list[Outcome]:
        """Run a group until it is committed, and return each unit's (result, fault).

        Raises:
            StorageRefused: it fails though the server is well: at once if there are several units, so that they may be tried one by one.
            StorageFailed: there was no server for PATIENCE_S, or conflicts with others did not end; nothing was kept.
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
            RetryTransaction: there is no server that answers.
        """
        if self._connection is None or self._connection.is_closed():
            self._connection = await asked(None, connect(self._url))
        return self._connection

    def drop(self) -> None:
        """Drop the connection, also during a request."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                await self._connection.close(timeout=2)
            self.drop()

    async def _run(self, group: Sequence[Waiting], begin: str, *, guarded: bool) -> list[Outcome]:
        """Run the units and commit. `guarded`: each behind a savepoint.

        Raises:
            GroupAborted: a unit failed, or had to undo something, and was not guarded.
            RetryTransaction: the transaction was undone.
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
            RetryTransaction: the transaction was undone.
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
        """Look up whether a transaction was committed, until there is an answer.

        Waits while nobody answers or the transaction is running.

        Raises:
            StorageBroken: the server does not know it: the address leads to another server by now, or the number is too old. To run the
                units again might do them twice, and to report them as kept might lose them; neither is safe, so this process ends, and the next
                one reads the database.
        """
        self.drop()
        strange = 0
        while strange < STRANGE_ANSWERS:
            with contextlib.suppress(RetryTransaction):
                connection = await self.connection()
                try:
                    status = await asked(connection, connection.fetchval("SELECT pg_xact_status($1::text::xid8)", number))
                except asyncpg.PostgresError:
                    status = None  # a number that this server has not given yet
                if status in ("committed", "aborted"):
                    return bool(status == "committed")
                strange += status is None
            await asyncio.sleep(ASK_AGAIN_S)  # nobody answers, or the server has not noticed yet that the connection is gone
        raise StorageBroken("the server does not know the transaction whose commit it did not answer")

    async def _is_well(self) -> bool:
        """Tell whether the server keeps writes, so that the fault is not with it."""
        try:
            connection = await self.connection()
            await asked(connection, connection.execute(SIGN_OF_LIFE))
        except (RetryTransaction, asyncpg.PostgresError, asyncpg.InterfaceError):
            self.drop()
            return False
        return True

    async def _leave(self, *, lost: bool) -> None:
        """Leave a transaction that cannot go on; drop the connection too if it is unusable."""
        if not lost and self._connection is not None:
            with contextlib.suppress(RetryTransaction):
                await asked(self._connection, self._connection.execute("ROLLBACK"))
                return
        self.drop()
