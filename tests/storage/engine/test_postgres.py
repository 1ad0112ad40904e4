"""PostgreSQL: serializable workers, lost commit answers, lost servers, and claims."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import storage.engine.postgres_connection
import storage.engine.postgres_session
from bot.process.database_startup import CannotStart, open_database
from domain.core.change import ChatId
from storage.core.inbox import Raw
from storage.engine.database import StorageBroken, StorageFailed, StorageRefused, Transaction, Unusable
from storage.engine.postgres import NAMES, OWN, PostgresDatabase
from storage.engine.postgres_connection import numbered, storable
from storage.migrations import statements, steps
from storage.unit import Store, Unit
from tests.engines import new_database, postgres, rows
from tests.faults.chaos_wire import CommitWire

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
async def url(tmp_path: Path) -> str:
    return await new_database("postgres", tmp_path)


@pytest.fixture
async def pair(url: str):
    """Two workers on one database."""
    opened = [Store(await open_database(url)), Store(await open_database(url))]
    yield opened
    for store in opened:
        await store.close()


def test_marks_become_numbers_and_quoted_text_stays():
    assert numbered("SELECT ?, '?', ? WHERE a LIKE '%?' AND b = ?") == "SELECT $1, '?', $2 WHERE a LIKE '%?' AND b = $3"
    assert numbered("UPDATE x SET a = ?1 WHERE b = ?2 OR c = ?1") == "UPDATE x SET a = $1 WHERE b = $2 OR c = $1"
    assert storable(("a\0b", 7, None)) == ["ab", 7, None]


# As if one after another ----------------------------------------------------------------------------------------------


async def test_counters_of_two_workers_give_no_number_twice_and_leave_none_out(pair):
    async def count(store: Store) -> list[int]:
        return [await store.transact(lambda unit: unit.facts.next_number("case")) for _ in range(60)]

    first, second = await asyncio.gather(count(pair[0]), count(pair[1]))
    assert sorted(first + second) == list(range(1, 121))


async def test_two_who_decide_by_what_they_read_do_not_both_win(pair):
    """Each takes the duty off itself only if the other one still has it."""
    await pair[0].transact(lambda unit: unit.facts.put("a", "on"))
    await pair[0].transact(lambda unit: unit.facts.put("b", "on"))

    for _ in range(20):

        async def leave(store: Store, own: str, other: str) -> bool:
            async def work(unit):
                if await unit.facts.find(other) != "on":
                    return False
                await unit.facts.put(own, "off")
                return True

            return await store.transact(work)

        assert sum(await asyncio.gather(leave(pair[0], "a", "b"), leave(pair[1], "b", "a"))) == 1
        await pair[0].transact(lambda unit: unit.facts.put("a", "on"))
        await pair[0].transact(lambda unit: unit.facts.put("b", "on"))


async def test_a_unit_that_was_undone_is_run_again_and_its_callers_hear_nothing_of_it(pair):
    runs = 0

    async def counted(unit):
        nonlocal runs
        runs += 1
        return await unit.facts.next_number("case")

    numbers = await asyncio.gather(*(pair[turn % 2].transact(counted) for turn in range(200)))
    assert sorted(numbers) == list(range(1, 201))
    assert runs >= 200


async def test_units_have_savepoints_only_once_one_of_them_has_failed(pair, monkeypatch: pytest.MonkeyPatch):
    runs: list[str] = []
    asked: list[str] = []
    execute = asyncpg.Connection.execute

    async def listening(self: Any, sql: str, *rest: Any, **more: Any) -> Any:
        asked.append(sql)
        return await execute(self, sql, *rest, **more)

    monkeypatch.setattr(asyncpg.Connection, "execute", listening)

    def unit(name: str):
        async def work(transaction: Transaction) -> int:
            runs.append(name)
            number = await _next(transaction)
            if name == "bad":
                raise LookupError(name)
            return number

        return work

    assert await pair[0].database.transact_many([unit("a"), unit("b")]) == [1, 2]
    assert runs == ["a", "b"]
    assert not [sql for sql in asked if "SAVEPOINT" in sql]
    runs.clear()
    first, bad, last = await pair[0].database.transact_many([unit("a"), unit("bad"), unit("b")])
    assert (first, type(bad), last) == (3, LookupError, 4)
    assert runs == ["a", "bad", "a", "bad", "b"]
    assert [sql for sql in asked if "SAVEPOINT" in sql] == [
        "SAVEPOINT unit",
        "RELEASE unit; SAVEPOINT unit",
        "RELEASE unit; SAVEPOINT unit",
    ]


async def test_a_constraint_that_commit_finds_is_told_and_the_next_unit_goes_on(pair):
    async def prepare(transaction: Transaction) -> None:
        await transaction.execute("CREATE TABLE bad (a BIGINT REFERENCES stations(id) DEFERRABLE INITIALLY DEFERRED)")

    await pair[0].database.transact(prepare)
    with pytest.raises(StorageFailed):
        await pair[0].database.transact(lambda transaction: transaction.execute("INSERT INTO bad (a) VALUES (99)"))
    assert await pair[0].transact(lambda unit: unit.facts.next_number("case")) == 1


# Commits whose answer is lost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["before", "after", "hang"])
async def test_a_commit_whose_answer_is_lost_is_asked_after(url: str, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch):
    """Every second COMMIT is cut. Each number is given once.

    A unit that ran twice would leave a gap or a duplicate.
    """
    monkeypatch.setattr(storage.engine.postgres_connection, "ANSWER_WITHIN_S", 0.3)
    turns = iter(range(10_000))
    wire = CommitWire(postgres().folder / "data", lambda: how if next(turns) % 2 else "")
    name = url.partition("?")[0]
    async with wire.running(tmp_path) as folder:
        database = await PostgresDatabase.open(f"{name}?host={folder}")
        numbers = [await database.transact(_next) for _ in range(20)]
        await database.close()
    assert numbers == list(range(1, 21))
    assert wire.cut[how] >= 10


async def _next(transaction: Transaction) -> int:
    sql = "INSERT INTO counters (name, value) VALUES ('n', 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
    row = await transaction.fetch_one(sql)
    assert row is not None
    return int(row["value"])


async def test_a_guess_instead_of_a_question_is_found(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The planted bug: a commit without an answer counts as undone."""

    async def guess(_self: object, _number: str) -> bool:
        return False

    monkeypatch.setattr(storage.engine.postgres_session.Session, "_was_committed", guess)
    turns = iter(range(10_000))
    wire = CommitWire(postgres().folder / "data", lambda: "after" if next(turns) % 2 else "")
    async with wire.running(tmp_path) as folder:
        database = await PostgresDatabase.open(f"{url.partition('?')[0]}?host={folder}")
        numbers = [await database.transact(_next) for _ in range(6)]
        await database.close()
    assert numbers != list(range(1, 7))


@pytest.mark.parametrize("number", ["0", "1152921504606846976"])
async def test_a_commit_that_nobody_knows_is_neither_kept_nor_run_again(
    url: str, tmp_path: Path, number: str, monkeypatch: pytest.MonkeyPatch
):
    """The address leads to another server, which does not know the transaction's number.

    It has forgotten the number, or has yet to give it.
    """
    monkeypatch.setattr(storage.engine.postgres_session, "STRANGE_ANSWERS", 2)
    ask = storage.engine.postgres_session.Session._was_committed
    monkeypatch.setattr(storage.engine.postgres_session.Session, "_was_committed", lambda self, _number: ask(self, number))
    wire = CommitWire(postgres().folder / "data", lambda: "after")
    async with wire.running(tmp_path) as folder, asyncio.timeout(20):
        database = await PostgresDatabase.open(f"{url.partition('?')[0]}?host={folder}")
        outcomes = await asyncio.gather(database.transact(_next), database.transact(_next), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [StorageBroken, StorageBroken]
        with pytest.raises(StorageBroken):
            await database.lost()
        await database.close()
    assert wire.cut["after"] == 1
    assert await rows(url, "SELECT value FROM counters WHERE name = 'n'") == [(2,)]


# Failures while the server is well ------------------------------------------------------------------------------------

RAISE = "DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{}'; END $$"
DEFERRED = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{}'; END $$;
CREATE CONSTRAINT TRIGGER refused AFTER INSERT ON facts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.name = 'bad') EXECUTE FUNCTION refuse();
"""


async def _hides_its_fault(transaction: Transaction) -> None:
    with contextlib.suppress(asyncpg.PostgresError):
        await transaction.execute("SELECT 1 / 0")


async def _fails_at_commit(transaction: Transaction) -> None:
    await transaction.execute("INSERT INTO facts (name, value) VALUES ('bad', '')")


#: Units that can never succeed, each with an error that could be the server's fault as well.
REFUSED = {
    "a damaged row": lambda transaction: transaction.execute(RAISE.format("XX001")),
    "no memory for it": lambda transaction: transaction.execute(RAISE.format("53200")),
    "a statement that the server ends": lambda transaction: transaction.execute(RAISE.format("57014")),
    "a statement that takes too long": lambda transaction: transaction.execute("SELECT pg_sleep(1)"),
    "a commit that a constraint forbids": _fails_at_commit,
    "a commit that meets a damaged row": _fails_at_commit,
    "a fault that it hid": _hides_its_fault,
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_cannot_be_done_is_refused_and_holds_up_nobody(url: str, what: str, monkeypatch: pytest.MonkeyPatch):
    """The refusal concerns one of several units in a commit; no other worker is delayed by it."""
    monkeypatch.setattr(storage.engine.postgres_connection, "ANSWER_WITHIN_S", 0.5)
    database = await open_database(url)
    connection = await asyncpg.connect(url)
    await connection.execute(DEFERRED.format("XX001" if "damaged" in what else "23503"))
    held: set[str] = set()

    async def bad(transaction: Transaction) -> None:
        sql = "SELECT mode FROM pg_locks WHERE relation = 'turn'::regclass AND pid = pg_backend_pid()"
        held.update(row["mode"] for row in await transaction.fetch_all(sql))
        await REFUSED[what](transaction)

    async with asyncio.timeout(10):
        outcomes = await database.transact_many([_next, _next, bad, _next])
        assert outcomes[:2] + outcomes[3:] == [1, 2, 3]
        assert isinstance(outcomes[2], StorageRefused)
        with pytest.raises(StorageRefused):
            await database.transact(bad)
    assert held == {"RowExclusiveLock"}
    await connection.close()
    await database.close()


@pytest.mark.parametrize(("code", "full"), [("53100", False), ("XX001", True)])
async def test_a_server_that_is_unwell_refuses_nobody(pair, url: str, code: str, full: bool, monkeypatch: pytest.MonkeyPatch):
    """The server's disk is full, for this unit or for everybody: every unit may be retried.

    No unit is to blame.
    """
    monkeypatch.setattr(storage.engine.postgres_session, "PATIENCE_S", 0.5)
    if full:
        connection = await asyncpg.connect(url)
        await connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '53100'; END $$;"
            "CREATE TRIGGER full_disk BEFORE INSERT ON claim EXECUTE FUNCTION full_disk()"
        )
        await connection.close()
    outcomes = await pair[0].database.transact_many([_next, lambda transaction: transaction.execute(RAISE.format(code)), _next])
    assert [type(outcome) for outcome in outcomes] == [StorageFailed] * 3


async def test_who_waits_for_another_is_not_taken_for_slow(pair, url: str, monkeypatch: pytest.MonkeyPatch):
    """A lock is held by a foreign session for longer than any unit waits for it."""
    assert (
        float(storage.engine.postgres_connection.SETTINGS["lock_timeout"].removesuffix("s"))
        < storage.engine.postgres_connection.ANSWER_WITHIN_S
    )
    monkeypatch.setitem(storage.engine.postgres_connection.SETTINGS, "lock_timeout", "200ms")
    monkeypatch.setattr(storage.engine.postgres_connection, "ANSWER_WITHIN_S", 0.5)
    pair[0].database._units.drop()
    await pair[0].database.transact(_next)
    connection = await asyncpg.connect(url)
    await connection.execute("BEGIN; UPDATE counters SET value = 10")
    waits = asyncio.create_task(pair[0].database.transact(_next))
    assert not (await asyncio.wait([waits], timeout=2))[0]
    await connection.execute("COMMIT")
    assert await waits == 11
    await connection.close()


# Servers and sessions that go away ------------------------------------------------------------------------------------


async def test_sessions_that_are_ended_are_made_again(pair):
    for _ in range(5):
        await postgres().execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tongxin'")
        await pair[0].transact(lambda unit: unit.facts.next_number("case"))
    assert await pair[1].transact(lambda unit: unit.facts.next_number("case")) == 6


async def test_without_a_server_a_unit_fails_after_a_while_and_nothing_is_kept(pair, monkeypatch):
    monkeypatch.setattr(storage.engine.postgres_session, "PATIENCE_S", 0.5)
    session = pair[0].database._units
    monkeypatch.setattr(session, "_url", "postgresql://nobody@127.0.0.1:1/none")
    session.drop()
    with pytest.raises(StorageFailed):
        await pair[0].transact(lambda unit: unit.facts.next_number("case"))
    monkeypatch.undo()
    assert await pair[0].transact(lambda unit: unit.facts.next_number("case")) == 1


async def test_who_stands_still_in_a_transaction_holds_up_nobody_for_long(pair, monkeypatch: pytest.MonkeyPatch):
    """A worker stops between two statements: the server ends its session, the unit runs again."""
    name = "idle_in_transaction_session_timeout"
    assert (
        0 < float(storage.engine.postgres_connection.SETTINGS[name].removesuffix("s")) < storage.engine.postgres_connection.ANSWER_WITHIN_S
    )
    monkeypatch.setitem(storage.engine.postgres_connection.SETTINGS, name, "500ms")
    pair[0].database._units.drop()
    entered, served, runs = asyncio.Event(), asyncio.Event(), 0

    async def stands_still(unit):
        nonlocal runs
        runs += 1
        number = await unit.facts.next_number("case")
        if runs == 1:
            entered.set()
            await served.wait()
        return number

    slow = asyncio.create_task(pair[0].transact(stands_still))
    await entered.wait()
    async with asyncio.timeout(10):
        quick = await pair[1].transact(lambda unit: unit.facts.next_number("case"))
    served.set()
    assert sorted([quick, await slow]) == [1, 2]
    assert runs == 2


async def test_an_address_that_leads_nowhere_is_a_sentence(monkeypatch):
    monkeypatch.setattr("storage.engine.postgres.PATIENCE_S", 0.1)
    for address, said in (
        ("postgresql://nobody@127.0.0.1:1/none", "cannot be reached"),
        ("postgresql://[", "no address"),
        (postgres().url_of("no_such_town"), "refuses"),
    ):
        with pytest.raises(Unusable, match=said):
            await PostgresDatabase.open(address)


async def test_a_schema_from_the_future_is_refused(url: str):
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO migrations (number, name) VALUES (9999, 'later')")
    await connection.close()
    with pytest.raises(CannotStart, match="newer version"):
        await open_database(url)


async def test_workers_that_start_together_bring_the_schema_up_to_date_once():
    url = await postgres().copy()
    opened = await asyncio.gather(*(PostgresDatabase.open(url) for _ in range(4)))
    done = await asyncio.gather(*(database.migrate() for database in opened))
    assert sum(map(len, done)) == max(map(len, done)) > 0
    for database in opened:
        await database.close()


async def test_a_long_step_of_the_schema_and_the_wait_for_it_are_not_given_up(monkeypatch):
    """A migration step takes longer than any answer may; a worker that starts waits for it."""
    monkeypatch.setattr(storage.engine.postgres_connection, "ANSWER_WITHIN_S", 0.5)
    url = await postgres().copy()
    await postgres().execute(f"ALTER DATABASE {url.partition('?')[0].rpartition('/')[2]} SET statement_timeout = '500ms'")
    slow = iter(["SELECT pg_sleep(1)"])
    monkeypatch.setattr("storage.engine.postgres.statements", lambda sql: [*statements(sql), *slow])
    opened = await asyncio.gather(*(PostgresDatabase.open(url) for _ in range(2)))
    done = await asyncio.gather(*(database.migrate() for database in opened))
    assert sorted(map(len, done)) == [0, len(steps())]
    for database in opened:
        await database.close()


async def test_a_server_that_went_away_before_the_schema_is_a_sentence(url: str, monkeypatch):
    monkeypatch.setattr("storage.engine.postgres.PATIENCE_S", 0.1)
    database = await PostgresDatabase.open(url)
    monkeypatch.setattr(database, "_url", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Unusable, match="cannot be reached"):
        await database.migrate()
    await database.close()


async def test_a_worker_starts_beside_units_that_hold_what_is_there_already(url: str):
    """The unit locks the outbox first and the inbox after it.

    A start that locked both in the other order would deadlock with that unit.
    """
    store = Store(await open_database(url))
    held, started = asyncio.Event(), asyncio.Event()
    runs = 0

    async def holds(unit: Unit) -> None:
        nonlocal runs
        runs += 1
        await unit.transaction.execute("LOCK TABLE outbox IN ROW EXCLUSIVE MODE")
        held.set()
        await started.wait()
        await unit.inbox.keep([raw(1, chat=1)], at=AT)

    unit = asyncio.create_task(store.transact(holds))
    await held.wait()
    async with asyncio.timeout(3):
        await (await open_database(url)).close()
    started.set()
    await unit
    assert runs == 1
    await store.close()


async def test_what_an_interrupted_start_left_out_is_made_at_the_next(url: str):
    connection = await asyncpg.connect(url)
    await connection.execute("DROP TRIGGER outbox_told ON outbox; DROP TABLE claim; DROP INDEX inbox_chat")
    await (await open_database(url)).close()
    names = {row[0] for row in await connection.fetch(NAMES)}
    await connection.close()
    assert set(OWN) <= names


# Claims of workers ----------------------------------------------------------------------------------------------------


async def _finish(unit: Unit, row: int, worker: str) -> bool:
    return await unit.inbox.finish(row, worker=worker, at=AT)


def raw(update_id: int, chat: int, lane: int = 1) -> Raw:
    return Raw("telegram", update_id, f"u:{update_id}", ChatId(chat), chat, lane, "{}")


async def test_two_workers_share_the_inbox_and_no_chat_is_in_two_hands(pair):
    await pair[0].transact(lambda unit: unit.inbox.keep([raw(number, chat=number % 40) for number in range(200)], at=AT))
    done: list[int] = []
    busy: set[int] = set()

    async def work(store: Store, worker: str) -> int:
        handled = 0
        while rows := await store.claim(lambda unit: unit.inbox.claim(worker, limit=7, at=AT)):
            chats = {row.chat_id for row in rows}
            assert len(chats) == len(rows)
            assert not chats & busy, "one update a chat"
            busy.update(chats)
            await asyncio.sleep(0.001)
            for row in rows:
                done.append(row.update_id)
                busy.discard(row.chat_id)  # the next of this chat may be taken as soon as this one is committed
                assert await store.transact(partial(_finish, row=row.id, worker=worker))
            handled += len(rows)
        return handled

    shares = await asyncio.gather(work(pair[0], "a"), work(pair[1], "b"))
    assert sorted(done) == list(range(200))
    assert all(sorted(mine) == mine for chat in range(40) if (mine := [each for each in done if each % 40 == chat]))
    assert min(shares) > 0


async def test_an_emergency_waits_for_the_update_of_its_chat_that_is_in_hand_and_for_no_other(pair):
    await pair[0].transact(lambda unit: unit.inbox.keep([raw(1, chat=1), raw(2, chat=2)], at=AT))
    (first, _second) = await pair[0].claim(lambda unit: unit.inbox.claim("a", limit=9, at=AT))
    await pair[0].transact(lambda unit: unit.inbox.keep([raw(3, chat=1, lane=0), raw(4, chat=3), raw(5, chat=4, lane=0)], at=AT))
    assert [row.update_id for row in await pair[1].claim(lambda unit: unit.inbox.claim("b", limit=9, at=AT))] == [5, 4]
    await pair[0].transact(lambda unit: unit.inbox.finish(first.id, worker="a", at=AT))
    assert [row.update_id for row in await pair[1].claim(lambda unit: unit.inbox.claim("b", limit=9, at=AT))] == [3, 5, 4]


async def test_what_a_dead_worker_held_is_taken_over_and_the_dead_can_do_nothing_with_it(pair):
    await pair[0].transact(lambda unit: unit.inbox.keep([raw(1, chat=1)], at=AT))
    (row,) = await pair[0].claim(lambda unit: unit.inbox.claim("dead", limit=9, at=AT))
    await pair[1].claim(lambda unit: unit.workers.heartbeat("dead", at=AT))
    assert await pair[1].claim(lambda unit: unit.workers.reap("dead")) == 1
    assert len(await pair[1].claim(lambda unit: unit.inbox.claim("b", limit=9, at=AT))) == 1
    assert not await pair[0].transact(lambda unit: unit.inbox.finish(row.id, worker="dead", at=AT))
    await pair[0].transact(lambda unit: unit.inbox.postpone(row.id, worker="dead", until=AT + timedelta(days=1), fault="x"))
    assert not await pair[0].transact(
        lambda unit: unit.inbox.dead_letter(row.id, worker="dead", state="parked", incident="", fault="x", at=AT)
    )
    assert await pair[1].transact(lambda unit: unit.inbox.finish(row.id, worker="b", at=AT))


async def test_others_are_told_of_new_rows(pair):
    told = asyncio.Event()
    pair[1].database.watch(told.set)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(told.wait(), 5)  # it looks once when it begins to listen
    told.clear()
    await pair[0].transact(lambda unit: unit.inbox.keep([raw(1, chat=1)], at=AT))
    await asyncio.wait_for(told.wait(), 5)
    told.clear()
    await postgres().execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tongxin'")
    await asyncio.wait_for(told.wait(), 5)
