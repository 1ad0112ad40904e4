"""A toast that comes too late arrives as a message, each time.

Also when a row of the inbox has the number of a row that was purged.
"""

from __future__ import annotations

from typing import Any

import pytest
from telegram.error import BadRequest

from bot.handling.dispatch import Table
from bot.handling.update_processor import Handling
from bot.telegram.channel import Channel
from bot.timers.clock import Clock
from domain.core.change import Address, ChatId
from domain.core.town import Town
from handlers.core.context import Hooks, Incoming, Toast
from storage.core.inbox import Waiting
from storage.engine.sqlite import SqliteDatabase
from storage.unit import Store

HERE = Address("telegram", ChatId(5))


@pytest.fixture
async def store(tmp_path):
    database = await SqliteDatabase.open(tmp_path / "town.db")
    await database.migrate()
    opened = Store(database)
    yield opened
    await opened.close()


async def test_two_rows_with_one_number_are_two_messages(store, monkeypatch):
    async def too_late(self: Channel, method: str, /, **fields: Any) -> Any:
        raise BadRequest("query is too old")

    monkeypatch.setattr(Channel, "call", too_late)
    clock = Clock()
    channel = Channel("telegram", "1:not-a-secret", base_url="http://127.0.0.1:9/bot", clock=clock, timeout=1.0)
    town: Any = Town
    handling = Handling(store, {"telegram": channel}, Table.of((), {}, Hooks()), clock, town, worker="", told=lambda: None)
    for update_id in (10, 20):
        row = Waiting(1, "telegram", update_id, HERE.chat_id, 5, "", 0)
        incoming = Incoming(HERE, 5, "", "zh", private=True, press_id="p")
        await handling._answer_press(row, incoming, "zh", Toast("refused.old_button", {}, False))
    waiting = await store.transact(lambda unit: unit.outbox.count(at=clock.now()))
    assert waiting["waiting"] == 2
