"""A quiet day is distinguished from an outage: people who missed nothing get no notice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.receiving.polling import Receiver
from bot.telegram.channel import Channel
from bot.timers.clock import Clock
from storage.engine.sqlite import SqliteDatabase
from storage.unit import Store


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def receiver(tmp_path, clock):
    database = await SqliteDatabase.open(tmp_path / "town.db")
    await database.migrate()
    store = Store(database)
    channel = Channel("telegram", "1:not-a-secret", base_url="http://127.0.0.1:9/bot", clock=clock, timeout=1.0)
    yield Receiver(channel, store, clock, seconds=0, stalled_after=timedelta(seconds=150), received=lambda: None)
    await store.close()


async def test_the_first_start_follows_no_silence(receiver):
    assert await receiver.gap() == timedelta()


async def test_a_quiet_day_is_no_silence(receiver, clock):
    await receiver.note()
    clock.offset = timedelta(hours=30)
    await receiver.note()
    assert await receiver.gap() < timedelta(minutes=1)


async def test_a_server_that_cannot_be_heard_is_a_silence(receiver, clock):
    await receiver.note()
    receiver.pulse.trouble = "NetworkError"
    clock.offset = timedelta(hours=30)
    await receiver.note()
    assert timedelta(hours=29) < await receiver.gap() < timedelta(hours=31)


async def test_a_poll_that_hangs_is_a_silence(receiver, clock):
    await receiver.note()
    receiver.pulse.answered_at -= 151
    clock.offset = timedelta(hours=30)
    await receiver.note()
    assert await receiver.gap() > timedelta(hours=29)
