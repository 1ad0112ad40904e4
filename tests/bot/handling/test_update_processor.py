"""Handling: retries after server faults, failures of one row, and shutdown.

A statement that the server refuses for one row fails only that row.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import storage.engine.postgres_session
from bot.handling.dispatch import Table
from bot.handling.update_processor import TRIES, Handling, Ready
from bot.process.database_startup import open_database
from bot.timers.clock import Clock
from domain.core.change import Address, ChatId
from handlers.core.context import HandlerContext, Hooks, Incoming
from storage.core.inbox import Raw, Waiting
from storage.engine.database import StorageFailed
from storage.unit import Store, Unit
from tests.engines import new_database

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
BAD = 3
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{}'; END $$"


class Hours(Clock):
    """Each look at it is an hour after the last, so that whatever waits may be tried again."""

    def __init__(self) -> None:
        super().__init__()
        self.at = AT

    def now(self) -> datetime:
        self.at += timedelta(hours=1)
        return self.at


class Open:
    """A channel that is open, and says nothing by itself."""

    is_open = True

    def __init__(self) -> None:
        self.application = self

    def add_handler(self, handler: Any) -> None:
        """Ignore the handler: no test here dispatches."""


@pytest.fixture
async def store(tmp_path):
    opened = Store(await open_database(await new_database("postgres", tmp_path)))
    await opened.transact(
        lambda unit: unit.inbox.keep([Raw("telegram", chat, f"u:{chat}", ChatId(chat), chat, 1, "{}") for chat in range(1, 6)], at=AT)
    )
    yield opened
    await opened.close()


@pytest.fixture
def handling(store, monkeypatch):
    """Handling of empty updates, whose effects come from a test's own `perform`."""

    async def read(_self: Handling, row: Waiting) -> Ready:
        return Ready(row, Incoming(Address(row.channel, row.chat_id), row.user_id, "", "zh", private=True))

    monkeypatch.setattr(Handling, "_read", read)
    town: Any = None
    channels: Any = {"telegram": Open()}
    return Handling(store, channels, Table.of((), {}, Hooks()), Hours(), town, worker="w", told=lambda: None)


def fails_for_one(code: str):
    """Return a `perform` that meets a fault of the server's in one chat."""

    async def perform(unit: Unit, incoming: Incoming, *_rest: Any, **_facts: Any) -> None:
        if incoming.address.chat_id == BAD:
            await unit.transaction.execute(RAISE.format(code))

    return perform


async def rows_of(store: Store) -> dict[int, tuple[str, int]]:
    """Return each chat's row: its state, and how often it failed."""
    rows = await store.transact(lambda unit: unit.transaction.fetch_all("SELECT chat_id, state, attempts FROM inbox ORDER BY chat_id"))
    return {row["chat_id"]: (row["state"], row["attempts"]) for row in rows}


async def test_a_row_that_the_server_cannot_do_is_parked_with_a_code_and_the_others_are_done(store, handling, monkeypatch):
    monkeypatch.setattr("bot.handling.update_processor.perform", fails_for_one("XX001"))
    for attempt in range(1, TRIES):
        assert await handling.batch()
        assert await rows_of(store) == {chat: ("waiting", attempt) if chat == BAD else ("done", 0) for chat in range(1, 6)}
    assert await handling.batch()
    assert (await rows_of(store))[BAD] == ("parked", TRIES - 1)
    (said,) = await store.transact(lambda unit: unit.transaction.fetch_all("SELECT chat_id, key FROM outbox"))
    assert tuple(said) == (BAD, "system.parked")


async def test_a_row_is_parked_though_what_the_administrators_are_read_from_is_damaged_too(store, handling, monkeypatch):
    async def damaged(unit: Unit, *_rest: Any, **_facts: Any) -> None:
        await unit.transaction.execute(RAISE.format("XX001"))

    monkeypatch.setattr("bot.handling.update_processor.perform", fails_for_one("XX001"))
    monkeypatch.setattr("bot.handling.update_processor.tell_administrators", damaged)
    for _ in range(TRIES):
        assert await handling.batch()
    assert (await rows_of(store))[BAD][0] == "parked"
    assert not await handling.batch()


async def test_while_the_server_is_unwell_no_row_is_counted(store, handling, monkeypatch):
    monkeypatch.setattr(storage.engine.postgres_session, "PATIENCE_S", 0.2)
    monkeypatch.setattr("bot.handling.update_processor.perform", fails_for_one("53100"))
    for _ in range(TRIES + 1):
        with pytest.raises(StorageFailed):
            await handling.batch()
    assert await rows_of(store) == {chat: ("waiting", 0) for chat in range(1, 6)}
    monkeypatch.setattr("bot.handling.update_processor.perform", _does_nothing)
    assert await handling.batch()
    assert await rows_of(store) == {chat: ("done", 0) for chat in range(1, 6)}


async def _does_nothing(*_given: Any, **_facts: Any) -> None:
    """Handle an update to which nobody answers."""


async def test_who_is_stopped_while_a_press_is_committed_still_answers_it(store, handling, monkeypatch):
    """A refusal in a toast is stored nowhere else."""
    answered: list[int] = []
    begun = asyncio.Event()

    async def perform(unit: Unit, *_rest: Any, **_facts: Any) -> HandlerContext:
        begun.set()
        await unit.transaction.fetch_all("SELECT pg_sleep(0.1)")
        return HandlerContext(unit, *[None] * 5)  # type: ignore[arg-type]  # nobody reads it

    monkeypatch.setattr("bot.handling.update_processor.perform", perform)
    monkeypatch.setattr(Handling, "_answer", lambda _self, row, _act: answered.append(row.chat_id))
    running = asyncio.create_task(handling.run())
    await begun.wait()
    running.cancel()
    await asyncio.wait([running])
    await handling.drain()
    by_then = sorted(answered)
    done = [chat for chat, (state, _) in (await rows_of(store)).items() if state == "done"]
    assert done
    assert by_then == done
