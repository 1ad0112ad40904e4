"""The server calls instead of being polled: nothing is lost and nothing is done twice, whatever dies in between."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.village import TOKEN
from tests.process import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.journeys.village import Village

SECRET = "A-secret_of-the-webhook-7Q2x"


@dataclass
class Proxy:
    """What stands before the bot: it passes calls on, writes down the answers, and can be told to keep them to itself.

    `before_bot(call)` runs when a call is whole and the bot has none of it; `before_answer(status)` when the bot has answered and the
    caller knows nothing yet. Who raises ConnectionResetError there lets the line break.
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


async def until(condition: Callable[[], Any], within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - another process does not set our events
            await asyncio.sleep(0.01)


def cases_of(village: Village) -> list[str]:
    """The words of every case that was opened."""
    with contextlib.closing(sqlite3.connect(village.bot.database)) as database:
        return [row[0] for row in database.execute("SELECT text FROM cases ORDER BY id")]


async def test_a_report_by_webhook_reaches_the_chair(hooked: Hooked) -> None:
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
