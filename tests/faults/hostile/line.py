"""The path of an update without a network, over the real store.

The path: bytes → receiver → inbox → python-telegram-bot → dispatch → outbox. Knows how the parts are wired; must not know which input is
hostile. Invariant: everything between the bytes of `getUpdates` and the rows of the outbox is production code; only the socket is missing.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from telegram.request import BaseRequest, RequestData

from bot.process.engine import Engine
from bot.settings import LimitsSection, Settings
from bot.telegram.channel import Channel
from bot.telegram.request import HttpRequest
from bot.timers.clock import Clock
from domain.people.people import Role
from tests.handler_harness import HandlerHarness

if TYPE_CHECKING:
    from pathlib import Path

    from domain.core.town import Town
    from storage.unit import Unit
    from tests.handler_harness import Voice

TOKEN = "700700:CANARY-token_0123456789abcdefghijkl"
BOT: dict[str, Any] = {"id": 700700, "is_bot": True, "first_name": "同心", "username": "tongxin_bot"}
CALM_S = 61.0
Row = dict[str, Any]


class Wire(HttpRequest):
    """A client whose server is this object.

    It accepts every call and gives the batches that were put into it.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.batches: asyncio.Queue[bytes] = asyncio.Queue()
        self.asked = asyncio.Event()
        self.calls: list[tuple[str, dict[str, str]]] = []

    async def initialize(self) -> None:
        """Open nothing."""

    async def shutdown(self) -> None:
        """Close nothing."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Answer here."""
        name = url.rsplit("/", 1)[-1]
        if name == "getUpdates":
            self.asked.set()
            return 200, await self.batches.get()
        if name == "getMe":
            return 200, json.dumps({"ok": True, "result": BOT}).encode()
        self.calls.append((name, {} if request_data is None else dict(request_data.json_parameters)))
        return 200, b'{"ok":true,"result":true}'


class Hands(Clock):
    """A clock that is moved by hand."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        """Return the instant it was moved to."""
        return self.at


def as_bytes(value: Any) -> bytes:
    """Write JSON however deep it is, with everything that strict writers refuse."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(5_000)
    try:
        return json.dumps(value).encode()
    finally:
        sys.setrecursionlimit(limit)


@dataclass
class Inhabitants:
    """The inhabitants of both villages. Nothing hostile ever names `bystander`."""

    villager: Voice
    neighbour: Voice
    chair: Voice
    officer: Voice
    admin: Voice
    far_villager: Voice
    far_chair: Voice
    far_officer: Voice
    bystander: Voice

    @property
    def here(self) -> set[int]:
        """Return the chats that may learn of actions of people in the first village."""
        return {voice.user_id for voice in (self.villager, self.neighbour, self.chair, self.officer)}

    @property
    def there(self) -> set[int]:
        """Return the chats that may learn of actions of people in the other village."""
        return {voice.user_id for voice in (self.far_villager, self.far_chair, self.far_officer)}

    @property
    def known(self) -> list[Voice]:
        """Everybody a hostile update may name."""
        return [self.villager, self.neighbour, self.chair, self.officer, self.far_villager, self.far_chair]


class Line:
    """A running bot without sockets.

    `feed(batch)` returns when the receiver has kept it, `settle()` when everything is handled.
    """

    def __init__(self, engine: Engine, wire: Wire, clock: Hands, harness: HandlerHarness, people: Inhabitants) -> None:
        self.engine = engine
        self.harness = harness
        self.people = people
        self.clock = clock
        self._wire = wire
        self.receiving = asyncio.create_task(engine.receivers[0].run())

    async def feed(self, batch: list[Any]) -> None:
        """Let the server answer the waiting poll with these updates; return at the next poll.

        Raises:
            Exception: any error of the receiver.
        """
        await self._polled()
        self._wire.asked.clear()
        self._wire.batches.put_nowait(as_bytes({"ok": True, "result": batch}))
        await self._polled()

    async def _polled(self) -> None:
        waiting = asyncio.create_task(self._wire.asked.wait())
        await asyncio.wait([waiting, self.receiving], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self.receiving.done():
            self.receiving.result()
            raise AssertionError("the receiver ended")

    async def settle(self) -> None:
        """Handle until the queues are empty, moving the clock for delayed items.

        Raises:
            Exception: any error of handling.
            AssertionError: something never becomes due.
        """
        for _ in range(12):
            while await self.engine.handling.batch():
                pass
            if not await self.value("SELECT COUNT(*) FROM inbox WHERE state = 'waiting'"):
                self.clock.at += timedelta(seconds=CALM_S)
                return
            self.clock.at += timedelta(seconds=4)
        raise AssertionError("an update waits for ever")

    async def rows(self, sql: str, *params: Any) -> list[Row]:
        """Ask the database."""

        async def ask(unit: Unit) -> list[Row]:
            return [dict(row) for row in await unit.transaction.fetch_all(sql, params)]

        return await self.harness.store.transact(ask)

    async def value(self, sql: str, *params: Any) -> Any:
        """Ask the database for one value."""
        return next(iter((await self.rows(sql, *params))[0].values()))

    async def close(self) -> None:
        """Stop receiving and let go of everything."""
        self.receiving.cancel()
        await asyncio.wait([self.receiving])
        await self.engine.handling.drain()
        for channel in self.engine.channels.values():
            await channel.close()


async def peopled(harness: HandlerHarness) -> Inhabitants:
    """Let two villages be inhabited."""
    return Inhabitants(
        await harness.person("金丝雀老徐", Role.VILLAGER, "上徐村"),
        await harness.person("金丝雀阿珍", Role.VILLAGER, "上徐村"),
        await harness.person("金丝雀王建国", Role.CHAIR, "上徐村"),
        await harness.person("金丝雀张伟", Role.OFFICER, "上徐村"),
        await harness.person("金丝雀陈晓明", Role.ADMIN),
        await harness.person("金丝雀小李", Role.VILLAGER, "下李村"),
        await harness.person("金丝雀李大力", Role.CHAIR, "下李村"),
        await harness.person("金丝雀应警官", Role.OFFICER, "下李村"),
        await harness.person("旁人", Role.VILLAGER, "上徐村"),
    )


@asynccontextmanager
async def opened(path: Path, town: Town, *, wired: Callable[[Channel], None] = lambda channel: None) -> AsyncIterator[Line]:
    """Open a line over a fresh database in `path`.

    `wired` may change the channel before the bot is built on it.
    """
    harness = await HandlerHarness.open(path, town)
    clock = Hands(harness.at)
    with patch("bot.telegram.channel.HttpRequest", Wire):
        channel = Channel("telegram", TOKEN, base_url="http://localhost/bot", clock=clock, timeout=20)
    wired(channel)
    await channel.open()
    limits = LimitsSection(reports_per_hour=1_000_000, texts_per_minute=1_000_000, invitations_per_hour=5)
    engine = Engine(Settings(limits=limits), harness.store, {"telegram": channel}, clock)
    assert isinstance(channel.polling, Wire)
    line = Line(engine, channel.polling, clock, harness, await peopled(harness))
    try:
        yield line
    finally:
        await line.close()
        await harness.store.close()
