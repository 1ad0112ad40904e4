"""The unit of work: group commit, savepoints, and what a crash leaves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from bot.process.database_startup import open_database
from storage.engine.database import GROUP, Database, ForeignAwait, StorageBroken, StorageFailed, Transaction, Unusable
from storage.engine.sqlite import SqliteDatabase
from tests.engines import new_database


@pytest.fixture
async def either(tmp_path: Path, engine: str):
    """A database of either engine."""
    opened = await open_database(await new_database(engine, tmp_path))
    await opened.transact(lambda transaction: transaction.execute("CREATE TABLE things (name TEXT PRIMARY KEY)"))
    yield opened
    await opened.close()


@pytest.fixture
async def database(tmp_path: Path):
    opened = await SqliteDatabase.open(tmp_path / "town.db")
    await opened.run_in_thread(lambda raw: raw.execute("CREATE TABLE things (name TEXT PRIMARY KEY)").fetchall())
    yield opened
    await opened.close()


def adds(name: str):
    async def work(transaction: Transaction) -> str:
        await transaction.execute("INSERT INTO things (name) VALUES (?)", (name,))
        return name

    return work


def _rests() -> None:
    time.sleep(0.3)


async def names(database: Database) -> list[str]:
    async def work(transaction: Transaction) -> list[str]:
        return [row["name"] for row in await transaction.fetch_all("SELECT name FROM things ORDER BY name")]

    return await database.transact(work)


async def test_units_that_wait_together_share_a_commit(either):
    before = either.commits
    await asyncio.gather(*(either.transact(adds(f"{number:03}")) for number in range(150)))
    assert len(await names(either)) == 150
    assert either.commits - before <= 5


async def test_a_unit_that_fails_leaves_no_trace_and_spoils_no_other(either):
    async def fails(transaction: Transaction) -> None:
        await transaction.execute("INSERT INTO things (name) VALUES ('half')")
        raise LookupError("no")

    outcomes = await either.transact_many([adds("a"), fails, adds("b"), adds("a"), adds("c")])
    assert outcomes[0] == "a"
    assert isinstance(outcomes[1], LookupError)
    assert isinstance(outcomes[3], sqlite3.IntegrityError | asyncpg.UniqueViolationError)
    assert await names(either) == ["a", "b", "c"]


@pytest.mark.parametrize("failing", [False, True])
async def test_what_a_unit_wrote_since_its_mark_can_be_undone_and_nothing_else(either, failing: bool):
    """Both with and without a failure of another unit of the group, which runs them again."""

    async def undoes(transaction: Transaction) -> None:
        await adds("a before")(transaction)
        await transaction.savepoint()
        await adds("a undone")(transaction)
        await transaction.rollback_to()
        await adds("a after")(transaction)

    async def fails(transaction: Transaction) -> None:
        await transaction.savepoint()
        await adds("half")(transaction)
        if failing:
            raise LookupError("no")
        await transaction.rollback_to()

    async def undoes_to_the_latest(transaction: Transaction) -> None:
        await transaction.savepoint()
        await adds("b first")(transaction)
        await transaction.savepoint()
        await adds("b undone")(transaction)
        await transaction.rollback_to()

    async def keeps(transaction: Transaction) -> None:
        await transaction.savepoint()
        await adds("c")(transaction)

    outcomes = await either.transact_many([undoes, fails, undoes_to_the_latest, keeps])
    assert [type(outcome) for outcome in outcomes] == [type(None), LookupError if failing else type(None), type(None), type(None)]
    assert await names(either) == ["a after", "a before", "b first", "c"]


@pytest.mark.parametrize("writing", [False, True])
async def test_a_group_is_run_again_only_if_something_must_be_undone(either, writing: bool):
    runs: list[str] = []

    def unit(name: str, *, undoes: bool = False):
        async def work(transaction: Transaction) -> str:
            runs.append(name)
            await adds(name)(transaction)
            await transaction.savepoint()
            await transaction.fetch_all("SELECT name FROM things")
            if undoes and writing:
                await adds(f"{name} undone")(transaction)
            if undoes:
                await transaction.rollback_to()
            return name

        return work

    assert await either.transact_many([unit("a"), unit("b", undoes=True), unit("c")]) == ["a", "b", "c"]
    assert runs == (["a", "b", "a", "b", "c"] if writing else ["a", "b", "c"])
    assert await names(either) == ["a", "b", "c"]


async def test_a_statement_that_fails_behind_a_mark_is_undone_with_it(either):
    """Independent of how the unit handles the failure."""

    async def rules(transaction: Transaction) -> str:
        await adds("before")(transaction)
        await transaction.savepoint()
        with contextlib.suppress(sqlite3.IntegrityError, asyncpg.UniqueViolationError):
            await adds("before")(transaction)
        await transaction.rollback_to()
        await adds("after")(transaction)
        return "after"

    assert await either.transact_many([adds("a"), rules, adds("b")]) == ["a", "after", "b"]
    assert await names(either) == ["a", "after", "b", "before"]


@pytest.mark.parametrize("failing", [False, True])
async def test_nobody_undoes_what_somebody_else_has_marked(either, failing: bool):
    async def marks(transaction: Transaction) -> None:
        await transaction.savepoint()
        await adds("a")(transaction)
        if failing:
            raise ZeroDivisionError

    async def undoes(transaction: Transaction) -> None:
        await adds("b")(transaction)
        await transaction.rollback_to()

    first, second = await either.transact_many([marks, undoes])
    assert isinstance(first, ZeroDivisionError if failing else type(None))
    assert isinstance(second, LookupError)
    assert await names(either) == ([] if failing else ["a"])


async def test_who_closes_waits_for_what_is_being_committed(tmp_path: Path, engine: str):
    opened = await open_database(await new_database(engine, tmp_path))

    async def slow(transaction: Transaction) -> str:
        await transaction.fetch_all("SELECT pg_sleep(0.3)") if engine == "postgres" else _rests()
        return "done"

    caller = asyncio.create_task(opened.transact(slow))
    await asyncio.sleep(0.1)
    await opened.close()
    async with asyncio.timeout(3):
        assert await caller == "done"


async def test_a_unit_may_await_nothing_but_its_transaction(database):
    async def sleeps(transaction: Transaction) -> None:
        await transaction.execute("INSERT INTO things (name) VALUES ('half')")
        await asyncio.sleep(0)

    with pytest.raises(ForeignAwait):
        await database.transact(sleeps)
    assert await names(database) == []


async def test_a_commit_that_fails_is_told_to_every_unit_of_its_group(database):
    """A deferred foreign key is only checked by COMMIT."""
    await database.run_in_thread(
        lambda raw: raw.execute("CREATE TABLE bad (thing TEXT REFERENCES things(name) DEFERRABLE INITIALLY DEFERRED)").fetchall()
    )

    async def dangling(transaction: Transaction) -> None:
        await transaction.execute("INSERT INTO bad (thing) VALUES ('nothing')")

    outcomes = await database.transact_many([adds("kept?"), dangling])
    assert all(isinstance(outcome, StorageFailed) for outcome in outcomes)
    assert await names(database) == []
    await database.transact(adds("afterwards"))
    assert await names(database) == ["afterwards"]


async def test_of_a_batch_nothing_is_kept_while_what_came_before_it_is_not(database):
    """More waits than one commit takes, and the commit before, or the batch's own, fails."""
    await database.run_in_thread(
        lambda raw: raw.execute("CREATE TABLE bad (thing TEXT REFERENCES things(name) DEFERRABLE INITIALLY DEFERRED)").fetchall()
    )

    async def dangling(transaction: Transaction) -> None:
        await transaction.execute("INSERT INTO bad (thing) VALUES ('nothing')")

    others = [asyncio.create_task(database.transact(work)) for work in (dangling, *(adds(f"other {n}") for n in range(GROUP - 50)))]
    await asyncio.sleep(0)
    batch = [f"{n:03}" for n in range(100)]
    outcomes = await database.transact_many([adds(name) for name in batch])
    assert all(isinstance(outcome, StorageFailed) for outcome in await asyncio.gather(*others, return_exceptions=True))
    assert outcomes == batch == await names(database)

    outcomes = await database.transact_many([*(adds(f"more {n}") for n in range(GROUP + 50)), dangling])
    assert all(isinstance(outcome, StorageFailed) for outcome in outcomes)
    assert await names(database) == batch
    assert await database.transact_many([]) == []


async def test_memory_that_is_short_ends_the_process_instead_of_leaving_everybody_waiting(database, monkeypatch):
    """SQLITE_NOMEM arrives as a MemoryError, which is not one of SQLite's errors."""
    await _is_lost_by(database, MemoryError, monkeypatch, "storage.engine.sqlite.commit_group")


async def test_a_way_to_the_server_that_ends_is_noticed(tmp_path, monkeypatch):
    database = await open_database(await new_database("postgres", tmp_path))
    await _is_lost_by(database, LookupError, monkeypatch, "storage.engine.postgres_session.Session.settle")
    await database.close()


async def _is_lost_by(database: Database, fault: type[Exception], monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Let a commit fail in an unforeseen way; present, later and watching callers notice."""

    def fails(*_given: object) -> None:
        raise fault

    monkeypatch.setattr(where, fails)
    lost = asyncio.create_task(database.lost())
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*(database.transact(adds(name)) for name in "ab"), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [StorageBroken, StorageBroken]
        with pytest.raises(StorageBroken):
            await database.transact(adds("c"))
        with pytest.raises(StorageBroken):
            await lost


async def test_durability_is_full(database):
    settings = await database.run_in_thread(
        lambda raw: (raw.execute("PRAGMA synchronous").fetchone()[0], raw.execute("PRAGMA journal_mode").fetchone()[0])
    )
    assert tuple(settings) == (2, "wal")


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "town.db"
    path.write_bytes(b"this is not a database, it is a letter" * 100)
    with pytest.raises(Unusable):
        await SqliteDatabase.open(path)
    assert path.read_bytes().startswith(b"this is not")


async def test_an_absent_database_is_not_made_when_it_must_exist(tmp_path):
    with pytest.raises(Unusable):
        await SqliteDatabase.open(tmp_path / "town.db", create=False)
    assert not (tmp_path / "town.db").exists()


WRITER = """
import asyncio, sys
from storage.engine.sqlite import SqliteDatabase

async def main():
    database = await SqliteDatabase.open(sys.argv[1])
    await database.run_in_thread(lambda raw: raw.execute("CREATE TABLE IF NOT EXISTS things (name TEXT PRIMARY KEY)").fetchall())
    for number in range(1_000_000):
        def work(transaction, number=number):
            return transaction.execute("INSERT INTO things (name) VALUES (?)", (str(number),))
        await asyncio.gather(*(database.transact(lambda t, n=n: t.execute("INSERT INTO things (name) VALUES (?)", (f"{number}-{n}",))) for n in range(5)))
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("round_", range(4))
def test_what_was_promised_before_a_kill_is_there_afterwards(tmp_path, round_):
    path = tmp_path / "town.db"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    promised = -1
    for line in writer.stdout:
        promised = int(line)
        if promised >= 7 + 13 * round_:
            os.kill(writer.pid, signal.SIGKILL)
            break
    promised = max([promised, *(int(line) for line in writer.stdout)])
    writer.wait()
    writer.stdout.close()
    with sqlite3.connect(path) as raw:
        kept = {row[0] for row in raw.execute("SELECT name FROM things")}
    raw.close()
    assert {f"{number}-{part}" for number in range(promised + 1) for part in range(5)} <= kept
    assert len(kept) % 5 == 0
