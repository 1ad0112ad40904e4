"""Which messages leave, and which of them first: a broadcast that is stopped, a chat that has far more waiting than it may be told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bot.buttons import Signer
from bot.delivery import BUFFER, LEASE, Delivery
from bot.pace import Pace
from domain.calendar import ClockCalendar, QuietHours
from domain.change import Address, ChatId, Notice, Priority, Receiver
from domain.town import Town
from storage.unit import Unit
from tests.desk import MONDAY, Desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from storage.unit import Store

LAST = -99


@dataclass
class Wire:
    """A server that takes everything, at an instant that a test sets; `on_call` runs with each message it takes."""

    signer: Signer = field(default_factory=lambda: Signer("x"))
    taken: list[int] = field(default_factory=list)
    last: asyncio.Event = field(default_factory=asyncio.Event)
    on_call: Callable[[], Awaitable[None]] | None = None
    at: datetime = MONDAY

    async def call(self, method: str, **fields: Any) -> dict[str, int]:
        self.taken.append(fields["chat_id"])
        if self.on_call is not None:
            await self.on_call()
        if fields["chat_id"] == LAST:
            self.last.set()
        return {"message_id": len(self.taken)}

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    zone = ZoneInfo("Asia/Shanghai")
    opened = await Desk.open(tmp_path, Town("芝英", zone, ClockCalendar(), QuietHours(time(21, 30), time(7, 0), zone)))
    yield opened
    await opened.store.close()


async def fill(store: Store, *messages: tuple[int, Priority, str], first: int = 0) -> None:
    """Let messages wait: (chat, priority, batch) of each, in this order."""

    async def put(unit: Unit) -> None:
        for place, (chat, priority, batch) in enumerate(messages, first):
            notice = Notice(Receiver(Address("telegram", ChatId(chat))), "dialog.back", priority=priority, batch=batch)
            await unit.outbox.put(notice, unique_key=str(place), at=MONDAY)

    await store.transact(put)


@asynccontextmanager
async def delivering(desk: Desk, wire: Wire, *, at_once: int = 1, **pace: Any) -> AsyncIterator[Delivery]:
    """Deliver to a wire, with a pace that holds nothing back but what is said."""
    free = {"per_second": 2000, "chat_per_second": 2000, "chat_burst": 9, "group_per_minute": 120_000}
    delivery = Delivery(
        desk.store, {"telegram": wire}, {"telegram": Pace(**free | pace)}, wire, desk.town, at_once=at_once, permitted=lambda: True,  # type: ignore[arg-type, dict-item]  # stand-ins
    )  # fmt: skip
    await delivery.take_over("one")
    running = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        await delivery.drain()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_delivery_holds_of_a_stopped_broadcast_does_not_leave(desk):
    tip = [(chat, Priority.BROADCAST, "tip:1") for chat in (-1, -2, -3)]
    await fill(desk.store, *tip, (LAST, Priority.BROADCAST, ""))
    wire = Wire()

    async def stop_it() -> None:
        if len(wire.taken) == 1:
            await desk.store.transact(lambda unit: unit.outbox.cancel_batch("tip:1", at=MONDAY))

    wire.on_call = stop_it
    async with delivering(desk, wire):
        await asyncio.wait_for(wire.last.wait(), 10)
    assert wire.taken == [-1, LAST]
    assert await desk.store.transact(lambda unit: unit.outbox.count_batch("tip:1")) == {"sent": 1, "superseded": 2}


@pytest.mark.parametrize("urgency", [Priority.SOS, Priority.REPLY])
async def test_a_desk_that_is_flooded_with_cards_holds_up_nobody_else(desk, urgency):
    """More cards wait for one chat than delivery looks at; it takes one a second. Whoever cries for help after that is answered."""
    await fill(desk.store, *[(7, Priority.SOS, "")] * (3 * BUFFER), (LAST, urgency, ""))
    wire = Wire()
    async with delivering(desk, wire, chat_per_second=1, chat_burst=1):
        await asyncio.wait_for(wire.last.wait(), 5)
    assert wire.taken.count(7) < 5


async def test_what_waits_here_for_longer_than_its_lease_is_sent_once(desk, monkeypatch):
    """Messages of a slow chat are leased anew, and the answer of who leased them comes late: some have left meanwhile."""
    claim = desk.store.claim

    async def late(work: Any) -> Any:
        claimed = await claim(work)
        await asyncio.sleep(0.05)
        return claimed

    monkeypatch.setattr(desk.store, "claim", late)
    await fill(desk.store, *[(7, Priority.REPLY, "")] * 30, (LAST, Priority.REMINDER, ""))
    wire = Wire()
    async with delivering(desk, wire, chat_per_second=100, chat_burst=1) as delivery:

        async def leases_end() -> None:
            wire.at += 2 * LEASE
            delivery.wake()
            await asyncio.sleep(0.02)

        wire.on_call = leases_end
        await asyncio.wait_for(wire.last.wait(), 10)
        async with asyncio.timeout(10):
            while (await desk.store.transact(lambda unit: unit.outbox.count(at=wire.at)))["waiting"]:
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
    assert wire.taken.count(7) == 30
