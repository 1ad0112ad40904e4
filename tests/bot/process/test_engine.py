"""Start and end of a worker: work in hand at the stop, reasons to end, and succession."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import bot.process.engine
import bot.process.leadership
from bot.process.database_startup import open_database
from bot.process.engine import Engine
from bot.settings import Settings
from bot.telegram.buttons import Signer
from bot.telegram.capabilities import TELEGRAM
from bot.timers.clock import Clock
from domain.core.change import Address, ChatId, Notice, Receiver
from storage.unit import Store
from tests.engines import new_database
from tests.process import Bot, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


class Line:
    """A channel and its server, with no incoming updates.

    It accepts each message within `takes_s`, and notes the recipient in `taken`. `hook`: the webhook's address, which all workers share.
    """

    name = "telegram"
    bot_name = "tongxin_bot"
    link_base = "https://t.me/tongxin_bot"
    can = TELEGRAM
    is_open = True

    def __init__(self, hook: dict[str, Any]) -> None:
        self.hook = hook
        self.signer = Signer("x")
        self.application = self
        self.takes_s = 0.0
        self.taken: list[int] = []
        self.looks = 0
        self.asked = asyncio.Event()

    def add_handler(self, handler: Any) -> None:
        """Ignore the handler: there are no updates."""

    async def poll(self, **_: Any) -> list[Any]:
        await asyncio.Event().wait()
        return []

    async def call(self, method: str, /, **fields: Any) -> Any:
        if method in ("setWebhook", "deleteWebhook"):
            self.hook["url"] = fields.get("url", "")
        if method == "getWebhookInfo":
            self.looks += 1
            return dict(self.hook)
        if method != "sendMessage":
            return True
        self.asked.set()
        await asyncio.sleep(self.takes_s)
        self.taken.append(fields["chat_id"])
        return {"message_id": len(self.taken)}


class Worker:
    """A worker on a database that others may share.

    `await begin(url)`; `running` is `Engine.run`.
    """

    async def begin(self, url: str, hook: dict[str, Any]) -> Worker:
        self.line, self.stop = Line(hook), asyncio.Event()
        self.store = Store(await open_database(url))
        self.engine = Engine(Settings(), self.store, {"telegram": self.line}, Clock())  # type: ignore[dict-item]  # it is called as a channel is
        self.running = asyncio.create_task(self.engine.run(self.stop))
        return self

    @property
    def leads(self) -> bool:
        return self.engine.leadership.leads and self.engine._begun.is_set()

    async def end(self) -> None:
        self.stop.set()
        await asyncio.gather(self.running, return_exceptions=True)
        await self.store.close()


@pytest.fixture
async def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database whose workers are quick, and none of this machine."""
    numbers = itertools.count(1)
    for name, seconds in (("BEAT_EVERY_S", 0.05), ("TRUST_S", 0.3), ("LEAD_GONE_S", 0.6), ("WORKER_GONE_S", 1.0)):
        monkeypatch.setattr(bot.process.leadership, name, seconds)
    monkeypatch.setattr(bot.process.engine, "worker_name", lambda: f"elsewhere:x:{next(numbers)}:1")
    monkeypatch.setattr(bot.process.engine, "tune_gc", lambda: None)
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    monkeypatch.setenv("TONGXIN_HEALTH__PORT", "0")
    return await new_database("postgres", tmp_path)


@pytest.fixture
async def begins(url: str) -> AsyncIterator[Callable[[], Any]]:
    """`await begins()`: another worker."""
    workers: list[Worker] = []
    hook: dict[str, Any] = {"url": ""}

    async def begin() -> Worker:
        workers.append(await Worker().begin(url, hook))
        return workers[-1]

    yield begin
    for worker in workers:
        await worker.end()


async def until(condition: Callable[[], bool], within_s: float = 10.0) -> float:
    """Wait for it; return how many seconds that took."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.005)
    return asyncio.get_running_loop().time() - began


async def waits_for(store: Store, chat: int) -> None:
    """Let a message wait for a chat."""
    at = Clock().now()
    notice = Notice(Receiver(Address("telegram", ChatId(chat))), "dialog.back")
    await store.transact(lambda unit: unit.outbox.put(notice, unique_key=str(chat), at=at))


async def test_what_is_in_flight_when_the_leader_stops_leaves_once_and_the_next_begins_at_once(begins):
    """The server takes longer for a message than a leader may be silent."""
    first = await begins()
    await until(lambda: first.leads)
    second = await begins()
    first.line.takes_s = 2.0
    await waits_for(first.store, 7)
    await asyncio.wait_for(first.line.asked.wait(), 10)
    first.stop.set()
    await asyncio.wait_for(first.running, 15)
    assert await until(lambda: second.leads) < 0.5
    await waits_for(second.store, 8)
    await until(lambda: 8 in second.line.taken)
    assert (first.line.taken, second.line.taken) == ([7], [8])


async def test_a_worker_that_stops_takes_no_lead(begins):
    """The worker still has a message in flight when the leader steps down."""
    first = await begins()
    await until(lambda: first.leads)
    second = await begins()
    await until(lambda: second.engine.leadership.led.is_set())
    second.engine.delivery.drain = partial(asyncio.sleep, 1.5)
    second.stop.set()
    await first.end()
    await asyncio.sleep(0.3)
    assert not second.running.done()
    assert not second.engine.leadership.leads


async def test_a_worker_that_can_say_no_more_that_it_lives_ends(begins):
    """Alone, the worker would have no leader permanently; its supervisor starts it again."""
    worker = await begins()
    await until(lambda: worker.leads)

    async def odd(_unit: Any) -> Any:
        raise LookupError("planted")

    worker.engine.leadership._beat = odd
    with pytest.raises(LookupError):
        await asyncio.wait_for(worker.running, 10)


@pytest.fixture
async def called(begins: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Worker, Worker]:
    """Two workers with a webhook that the last one removes: (leader, follower)."""
    hook = "TONGXIN_TELEGRAM__WEBHOOK__"
    monkeypatch.setenv(f"{hook}URL", "https://bot.example.org/telegram")
    monkeypatch.setenv(f"{hook}SECRET", "a-secret-of-the-webhook")
    monkeypatch.setenv(f"{hook}REMOVE_ON_STOP", "true")
    workers: list[Worker] = []
    for _ in range(2):
        monkeypatch.setenv(f"{hook}PORT", str(free_port()))
        worker: Worker = await begins()
        workers.append(worker)
        await until(lambda: workers[0].leads and workers[0].line.hook["url"] != "" and workers[-1].line.looks > 0)
    return workers[0], workers[1]


async def test_the_webhook_goes_with_the_last_worker_only(called):
    first, second = called
    await first.end()
    assert first.line.hook["url"] != ""
    await until(lambda: second.leads)
    await second.end()
    assert second.line.hook["url"] == ""


async def test_when_all_stop_at_once_the_webhook_goes(called):
    await asyncio.gather(*(worker.end() for worker in called))
    assert called[0].line.hook["url"] == ""


async def test_who_begins_to_lead_sees_at_once_that_the_server_calls(called):
    first, second = called
    first.line.hook["url"] = ""
    await first.end()
    assert await until(lambda: second.line.hook["url"] != "") < 5


async def test_a_worker_that_ends_by_a_fault_leaves_the_webhook_for_when_it_is_back(called):
    first, second = called
    await second.end()

    async def odd(_unit: Any) -> Any:
        raise LookupError("planted")

    first.engine.leadership._beat = odd
    with pytest.raises(LookupError):
        await asyncio.wait_for(first.running, 10)
    assert first.line.hook["url"] != ""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl+C"])
async def test_who_waits_for_a_server_that_is_away_can_be_stopped(tmp_path: Path, how: signal.Signals):
    waiting = Bot(f"http://127.0.0.1:{free_port()}", "700700:CANARY-token_0123456789abcdefghijkl", tmp_path)
    await waiting.spawn()
    assert waiting.process is not None
    try:
        await until(lambda: "server_unreachable" in waiting.log, within_s=30)
        waiting.process.send_signal(how)
        assert await asyncio.wait_for(waiting.process.wait(), 10) == 0
    finally:
        await waiting.kill()
    assert '"stopped"' in waiting.log
    assert "Traceback" not in waiting.log
    assert {*os.listdir(tmp_path)} == {"bot.log", "town.db", "town.db.lock", "town.db.mark"}, (
        "closed in good order: no log of SQLite's is left"
    )
