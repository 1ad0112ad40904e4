"""Webhook: no update is lost or handled twice, whichever process fails in between."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.village import TOKEN
from tests.process import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.e2e.village import Village

CHANNELS = "one"
SECRET = "A-secret_of-the-webhook-7Q2x"


@dataclass
class Proxy:
    """Proxy in front of the bot: passes calls on, records the answers, and can withhold them.

    `before_bot(call)` runs when a call is complete and the bot has received nothing; `before_answer(status)` when the bot has answered and the
    caller knows nothing yet. A callback that raises ConnectionResetError breaks the connection.
    """

    port: int
    bot_port: int
    statuses: list[int] = field(default_factory=list)
    before_bot: Callable[[bytes], Any] | None = None
    during: Callable[[], Any] | None = None
    before_answer: Callable[[int], Any] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/telegram"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._pass(reader, writer)
        finally:
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        body = await reader.readexactly(length)
        if self.before_bot is not None:
            await self.before_bot(body)
        bot_reader, bot_writer = await asyncio.open_connection("127.0.0.1", self.bot_port)
        try:
            bot_writer.write(head + body)
            await bot_writer.drain()
            if self.during is not None:
                await self.during()
            answer = await bot_reader.readuntil(b"\r\n\r\n")
        finally:
            bot_writer.close()
        status = int(answer.split(b" ", 2)[1])
        self.statuses.append(status)
        if self.before_answer is not None:
            await self.before_answer(status)
        writer.write(answer)
        await writer.drain()


@dataclass
class Hooked:
    """A town whose bot is called through a proxy."""

    village: Village
    proxy: Proxy


def settings_for(proxy: Proxy) -> dict[str, str]:
    return {
        "TELEGRAM__WEBHOOK__URL": proxy.url,
        "TELEGRAM__WEBHOOK__PORT": str(proxy.bot_port),
        "TELEGRAM__WEBHOOK__SECRET": SECRET,
        "LOGGING__LEVEL": "DEBUG",
    }


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    proxy = Proxy(0, free_port())
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy


@pytest.fixture
async def hooked(opens: Callable[..., Any], proxy: Proxy) -> AsyncIterator[Hooked]:
    async with opens(**settings_for(proxy)) as village:
        yield Hooked(village, proxy)
        assert SECRET not in village.bot.log
        assert TOKEN not in village.bot.log


async def rings(proxy: Proxy, body: bytes, *headers: str) -> int:
    """Call the bot directly, without the sandbox's server, and return the status."""
    lines = ["POST /telegram HTTP/1.1", "Host: x", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.bot_port)
    try:
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return int((await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1])
    finally:
        writer.close()


async def until(condition: Callable[[], Any], within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - another process does not set our events
            await asyncio.sleep(0.01)


def rows_of(village: Village, sql: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(village.bot.database)) as database:
        return database.execute(sql).fetchall()


def cases_of(village: Village) -> list[str]:
    """Return the text of every opened case."""
    return [row[0] for row in rows_of(village, "SELECT text FROM cases ORDER BY id")]


async def test_report_by_webhook_reaches_chair(hooked: Hooked) -> None:
    village = hooked.village
    await village.villager.says("/report dispute 邻居砌墙占了我家的路")
    village.villager.saw("1001")
    village.chair.saw("新纠纷")
    await village.chair.presses("受理")
    village.villager.saw("王主任已受理")
    assert set(hooked.proxy.statuses) == {200}
    figures = await village.bot.health()
    assert figures is not None
    assert figures["well"]


@pytest.mark.parametrize("crash_point", ["before_bot", "during", "before_answer"])
async def test_update_is_handled_once_when_bot_is_killed_before_its_answer_arrives(hooked: Hooked, crash_point: str) -> None:
    village, proxy = hooked.village, hooked.proxy
    texts = [f"第{number}次邻居砌墙" for number in range(2)]
    for text in texts:
        began, dead = asyncio.Event(), asyncio.Event()

        async def kill(*_: object, began: asyncio.Event = began, dead: asyncio.Event = dead) -> None:
            if not began.is_set():
                began.set()
                await village.bot.kill()
                dead.set()  # only now has it let go of its database
            raise ConnectionResetError

        setattr(proxy, crash_point, kill)
        await village.villager.says(f"/report dispute {text}", resting=False)
        await asyncio.wait_for(dead.wait(), 20)
        setattr(proxy, crash_point, None)
        await village.bot.run()
        await village.rest()
        village.villager.saw("收到，编号")
        village.chair.saw("新纠纷", text)
    assert cases_of(village) == texts
    assert village.bot.starts == 3


async def test_bot_has_not_answered_when_killed_before_its_commit(hooked: Hooked) -> None:
    village, proxy = hooked.village, hooked.proxy
    reached = asyncio.Event()

    async def reach() -> None:
        reached.set()

    proxy.during = reach
    with contextlib.closing(sqlite3.connect(village.bot.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # so that it cannot commit
        answers = len(proxy.statuses)
        await village.villager.says("/report dispute 邻居砌墙", resting=False)
        await asyncio.wait_for(reached.wait(), 20)
        with pytest.raises(TimeoutError):
            await until(lambda: len(proxy.statuses) > answers, within_s=0.5)
        await village.bot.kill()
        other.execute("ROLLBACK")
    assert cases_of(village) == []
    await village.bot.run()
    await village.rest()
    assert cases_of(village) == ["邻居砌墙"]


async def test_forged_call_is_refused_and_changes_nothing(hooked: Hooked) -> None:
    village, proxy = hooked.village, hooked.proxy
    chat = {"id": village.villager.id, "type": "private", "first_name": "老徐"}
    person = {"id": village.villager.id, "is_bot": False, "first_name": "老徐"}
    message = {"message_id": 99, "date": int(village.world.clock.now()), "chat": chat, "from": person, "text": "/report dispute 假的"}
    body = json.dumps({"update_id": 4_000_000, "message": message}).encode()
    tables = (
        "SELECT (SELECT COUNT(*) FROM inbox), (SELECT COUNT(*) FROM outbox), (SELECT COUNT(*) FROM audit), (SELECT COUNT(*) FROM cases)"
    )
    before = rows_of(village, tables)
    name = "X-Telegram-Bot-Api-Secret-Token"
    forged = (
        (),
        (f"{name}: guess",),
        (f"{name}: {SECRET[:-1]}",),
        (f"{name}: {SECRET}", f"{name}: {SECRET}"),
        (f"Authorization: {SECRET}",),
    )
    for headers in forged:
        assert await rings(proxy, body, *headers) == 403
    await village.rest()
    assert rows_of(village, tables) == before
    village.nobody_else_heard()
    assert await rings(proxy, body, f"{name}: {SECRET}") == 200  # only the secret was wrong
    assert await rings(proxy, body, f"{name}: {SECRET}") == 200
    await village.rest()
    assert cases_of(village) == ["假的"]


async def test_unreadable_call_is_answered_and_quarantined(hooked: Hooked) -> None:
    village = hooked.village
    village.fault_expected = True
    village.begin()
    assert await rings(hooked.proxy, b"no json", f"X-Telegram-Bot-Api-Secret-Token: {SECRET}") == 200
    await until(lambda: rows_of(village, "SELECT state FROM inbox WHERE state <> 'done'") == [("quarantined",)])
    await village.rest()
    village.admin.saw("Unreadable")


async def test_updates_are_handled_once_when_switching_between_polling_and_webhook(opens: Callable[..., Any], proxy: Proxy) -> None:
    async with opens() as village:
        polling = dict(village.bot.extra)
        calling = polling | {f"TONGXIN_{name}": value for name, value in settings_for(proxy).items()}
        updates, texts = village.world.updates, [f"第{number}件事" for number in range(6)]
        await village.villager.says(f"/report dispute {texts[0]}")

        confirm, updates._confirm = updates._confirm, lambda offset: None  # the server forgets what was confirmed
        await village.neighbour.says(f"/report dispute {texts[1]}", resting=False)
        await until(lambda: len(cases_of(village)) == 2)
        await village.bot.stop()
        updates._confirm = confirm
        await village.villager.says(f"/report dispute {texts[2]}", resting=False)
        assert len(updates.queue) == 2  # one update that the bot has kept, and one that it has not

        village.bot.extra = calling
        await village.bot.run()
        await village.rest()
        await village.villager.says(f"/report dispute {texts[3]}")
        assert cases_of(village) == texts[:4]

        await village.bot.stop()
        assert village.world.webhook.url == proxy.url  # so that the server keeps calling
        await village.villager.says(f"/report dispute {texts[4]}", resting=False)
        await village.neighbour.says(f"/report dispute {texts[5]}", resting=False)
        assert village.world.webhook.pending == 2

        village.bot.extra = polling
        await village.bot.run()
        await village.rest()
        assert village.world.webhook.url == ""
        assert sorted(cases_of(village)) == texts
        assert not village.bot.errors()


async def test_refused_update_is_handled_when_bot_registers_a_new_secret(hooked: Hooked) -> None:
    village, proxy = hooked.village, hooked.proxy
    await village.bot.stop()
    village.world.webhook.set(proxy.url, secret="somebody-elses", max_connections=40)
    village.bot.extra = village.bot.extra | {"TONGXIN_TELEGRAM__WEBHOOK__SECRET": "another-secret"}
    await village.villager.says("/report dispute 换锁", resting=False)
    await village.bot.run()
    await village.rest()
    assert cases_of(village) == ["换锁"]
    assert await rings(proxy, b"{}", f"X-Telegram-Bot-Api-Secret-Token: {SECRET}") == 403
    assert "another-secret" not in village.bot.log


async def test_report_is_sent_again_when_locked_database_was_answered_with_503(hooked: Hooked) -> None:
    village, proxy = hooked.village, hooked.proxy
    village.fault_expected = True
    with contextlib.closing(sqlite3.connect(village.bot.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await village.villager.says("/report dispute 库锁住了", resting=False)
        await until(lambda: 503 in proxy.statuses)
        assert 200 not in proxy.statuses[proxy.statuses.index(503) :]
        other.execute("ROLLBACK")
    village.world.webhook.hurry()
    await village.rest()
    village.villager.saw("收到，编号")
    assert cases_of(village) == ["库锁住了"]
    assert proxy.statuses[-1] == 200
