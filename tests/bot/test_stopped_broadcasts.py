"""A broadcast that is stopped while delivery already holds its rows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.buttons import Signer
from bot.delivery import Delivery
from bot.pace import Pace
from domain.calendar import ClockCalendar, QuietHours
from domain.change import Address, ChatId, Notice, Priority, Receiver
from domain.town import Town
from storage.unit import Store, Unit
from tests.desk import MONDAY, Desk

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@dataclass
class Wire:
    """A server that takes everything; with the first message it takes, the broadcast is stopped."""

    store: Store
    signer: Signer = field(default_factory=lambda: Signer("x"))
    taken: list[int] = field(default_factory=list)
    last: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(self, method: str, **fields: Any) -> dict[str, int]:
        self.taken.append(fields["chat_id"])
        if len(self.taken) == 1:
            await self.store.transact(lambda unit: unit.outbox.cancel_batch("tip:1", at=MONDAY))
        if fields["chat_id"] == -99:
            self.last.set()
        return {"message_id": len(self.taken)}


class Standing:
    def now(self) -> datetime:
        return MONDAY


async def test_what_delivery_holds_of_a_stopped_broadcast_does_not_leave(tmp_path: Path):
    zone = ZoneInfo("Asia/Shanghai")
    town = Town("芝英", zone, ClockCalendar(), QuietHours(time(21, 30), time(7, 0), zone))
    desk = await Desk.open(tmp_path, town)

    async def fill(unit: Unit) -> None:
        for chat in (-1, -2, -3, -99):
            notice = Notice(
                Receiver(Address("telegram", ChatId(chat))),
                "dialog.back",
                priority=Priority.BROADCAST,
                batch="" if chat == -99 else "tip:1",
            )
            await unit.outbox.put(notice, unique_key=str(chat), at=MONDAY)

    await desk.store.transact(fill)
    wire = Wire(desk.store)
    pace = Pace(per_second=1000, chat_per_second=1000, chat_burst=9, group_per_minute=60_000)
    delivery = Delivery(desk.store, {"telegram": wire}, {"telegram": pace}, Standing(), town, at_once=1, permitted=lambda: True)  # type: ignore[arg-type, dict-item]  # stand-ins
    await delivery.take_over("one")
    running = asyncio.create_task(delivery.run())
    await asyncio.wait_for(wire.last.wait(), 10)
    await delivery.drain()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    counted = await desk.store.transact(lambda unit: unit.outbox.count_batch("tip:1"))
    await desk.store.close()
    assert wire.taken == [-1, -99]
    assert counted == {"sent": 1, "superseded": 2}
