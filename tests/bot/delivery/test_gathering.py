"""Lists of urgent messages that wait for one chat, in virtual time: instants and order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

import bot.delivery.delivery
import bot.delivery.outcomes
import bot.delivery.send_queue
from bot.delivery.delivery import Delivery
from bot.delivery.gathering import list_of
from bot.delivery.token_bucket import Pace
from bot.telegram.buttons import Signer
from bot.telegram.capabilities import TELEGRAM, Capabilities
from domain.core.change import Address, ChatId, Gist, Notice, Priority, Receiver
from storage.core.outbox import Outbox
from storage.engine.database import StorageFailed
from storage.unit import Store, Unit
from tests.handler_harness import MONDAY, HandlerHarness
from tests.handlers.conftest import town as settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from domain.core.town import Town

CHAIR, OFFICER, DESK = 7, 8, 9
SCREENS = (CHAIR, OFFICER, DESK)
FIRST_OF_THE_FLOOD = 50_000


@dataclass
class Screens:
    """A server that accepts everything at once, and deliveries whose only clock is `now`."""

    store: Store
    signer: Signer = field(default_factory=lambda: Signer("x"))
    can: Capabilities = TELEGRAM
    is_open: bool = True
    now_s: float = 1000.0
    read: list[tuple[float, int, str]] = field(default_factory=list)

    async def call(self, method: str, **fields: Any) -> dict[str, int]:
        self.read.append((self.now_s, fields["chat_id"], fields["text"]))
        return {"message_id": len(self.read)}

    def now(self) -> datetime:
        return MONDAY

    def deliver(self, town: Town, **pace: Any) -> Delivery:
        usual = {"per_second": 28, "chat_per_second": 1, "chat_burst": 3, "group_per_minute": 19}
        channels, paces = {"telegram": self}, {"telegram": Pace(**usual | pace)}
        return Delivery(self.store, channels, paces, self, town, at_once=32, permitted=lambda: True)  # type: ignore[arg-type]  # stand-ins

    async def run(self, delivery: Delivery, seconds: float) -> None:
        """Let seconds pass: every request is answered at once."""
        end = self.now_s + seconds
        while self.now_s < end:
            await delivery._refill()
            wait = delivery._launch()
            if delivery._tasks:
                await asyncio.wait(delivery._tasks)
            self.now_s += min(max(wait, 0.001), 0.25, max(end - self.now_s, 0.001))

    async def lead(self, delivery: Delivery, fence: int = 1) -> None:
        """Let a process deliver in place of the one before it."""
        sql = "INSERT INTO leaders (name, owner, fence, beat) VALUES ('one', 'w', ?, 0) ON CONFLICT (name) DO UPDATE SET fence = excluded.fence"
        await self.store.transact(lambda unit: unit.transaction.execute(sql, (fence,)))
        await delivery.take_over(f"w:{fence}")

    def seen_at(self, number: int, chat: int) -> float:
        """Return when a number first appeared on a screen."""
        return next((at for at, whose, text in self.read if whose == chat and str(number) in text), float("inf"))

    def said_to(self, chat: int) -> list[str]:
        return [text for _, whose, text in self.read if whose == chat]


town = settings


@pytest.fixture
async def screens(tmp_path: Path, town: Town, engine: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Screens]:
    harness = await HandlerHarness.open(tmp_path, town, engine=engine)
    made = Screens(harness.store)
    for module in (bot.delivery.delivery, bot.delivery.send_queue, bot.delivery.outcomes):
        monkeypatch.setattr(module, "monotonic", lambda: made.now_s)
    monkeypatch.setattr(bot.delivery.delivery, "find_barred", nobody_barred)  # the cases of these cards are not stored
    yield made
    await harness.store.close()


async def nobody_barred(*_: Any, **__: Any) -> frozenset[int]:
    """Let every message pass the gate (test_delivery_gate.py)."""
    return frozenset()


def cry(number: int, account: int, *, known: bool = True, chat: int = DESK, priority: Priority = Priority.ESCALATION) -> Notice:
    """Return the card of an urgent case; its words are its number."""
    to = Receiver(Address("telegram", ChatId(chat)))
    gist = Gist(account, known, str(number), "上徐村", "report.kind.other")
    params = {"number": str(number), "caption": ""}
    return Notice(to, "case.picture", params, priority=priority, card=f"case:{number}", as_new_message=True, gist=gist)


def plain(chat: int, priority: Priority = Priority.BROADCAST) -> Notice:
    return Notice(Receiver(Address("telegram", ChatId(chat))), "dialog.back", priority=priority, batch="tip:1")


async def wait_for(store: Store, *notices: Notice) -> None:
    """Let messages wait."""

    async def put(unit: Unit) -> None:
        row = await unit.transaction.fetch_one("SELECT COALESCE(MAX(id), 0) AS n FROM outbox")
        assert row is not None
        for place, notice in enumerate(notices, row["n"] + 1):
            await unit.outbox.put(notice, unique_key=str(place), at=MONDAY)

    await store.transact(put)


async def states(store: Store) -> list[str]:
    rows = await store.transact(lambda unit: unit.transaction.fetch_all("SELECT DISTINCT state FROM outbox"))
    return [row["state"] for row in rows]


async def test_new_cry_stands_on_every_screen_within_two_seconds_in_a_flood(screens: Screens, town: Town):
    """10,000 broadcasts, 200 urgent cards for the same desk and 4,000 of one account wait."""
    broadcasts = [plain(100_000 + number) for number in range(10_000)]
    flood = [cry(FIRST_OF_THE_FLOOD + number, 1, known=False, chat=chat) for number in range(4000) for chat in SCREENS]
    others = [cry(20_000 + number, 10 + number, chat=chat) for number in range(200) for chat in SCREENS]
    await wait_for(screens.store, *broadcasts, *flood, *others)
    delivery = screens.deliver(town)
    await screens.lead(delivery)
    await screens.run(delivery, 20)
    for number, known, most_s in ((90_001, True, 2.0), (90_002, False, 5.0), (90_003, True, 2.0), (90_004, False, 5.0)):
        asked_at = screens.now_s
        await wait_for(screens.store, *(cry(number, number, known=known, chat=chat) for chat in SCREENS))
        await screens.run(delivery, 7.3)
        for chat in SCREENS:
            assert screens.seen_at(number, chat) - asked_at <= most_s, (number, chat)


async def test_cries_that_waited_through_an_outage_are_listed_within_seconds(screens: Screens, town: Town):
    flood = [cry(FIRST_OF_THE_FLOOD + number, 1, known=False) for number in range(4000)]
    others = [cry(20_000 + number, 10 + number) for number in range(200)]
    await wait_for(screens.store, *flood, *others)
    delivery = screens.deliver(town)
    await screens.lead(delivery)
    started_at = screens.now_s
    await screens.run(delivery, 10)
    assert all(screens.seen_at(20_000 + number, DESK) - started_at <= 5 for number in range(200))


async def test_list_names_known_accounts_first_and_each_account_once(screens: Screens, town: Town):
    mine = [cry(5000 + number, 1, known=False) for number in range(7)]
    await wait_for(screens.store, *mine, cry(6001, 2), cry(6002, 3), cry(6003, 2))
    delivery = screens.deliver(town, chat_burst=1)
    await screens.lead(delivery)
    await screens.run(delivery, 0.5)
    (said,) = screens.said_to(DESK)
    head, *lines = said.splitlines()
    assert "10 件" in head
    assert [line.split(" ")[0] for line in lines] == ["6001、6003", "6002", "5000、5001、5002、5003、5004"]
    assert "另有 2 件" in lines[2]
    assert "今天刚加入" in lines[2]


async def test_every_listed_cry_gets_its_card_first_cries_of_known_accounts_first(screens: Screens, town: Town):
    await wait_for(
        screens.store,
        cry(5001, 1, known=False), cry(5002, 1, known=False), cry(6001, 2), cry(6002, 2), cry(7001, 3), plain(DESK, Priority.REPLY),
    )  # fmt: skip
    delivery = screens.deliver(town, chat_burst=1)
    await screens.lead(delivery)
    await screens.run(delivery, 20)
    head, *cards = screens.said_to(DESK)
    assert "5 件" in head
    found = [next((number for number in ("5001", "5002", "6001", "6002", "7001") if number in text), "plain") for text in cards]
    assert found == ["6001", "7001", "5001", "6002", "5002", "plain"]
    assert await states(screens.store) == ["sent"]


@pytest.mark.parametrize(("count", "lists"), [(1, 0), (2, 0), (3, 1)])
async def test_list_is_sent_from_the_third_waiting_cry_on(screens: Screens, town: Town, count: int, lists: int):
    await wait_for(screens.store, *(cry(5000 + number, number) for number in range(count)))
    delivery = screens.deliver(town, chat_burst=1)
    await screens.lead(delivery)
    await screens.run(delivery, 10)
    said = screens.said_to(DESK)
    assert len(said) == count + lists


async def test_cry_that_was_withdrawn_is_not_listed(screens: Screens, town: Town):
    await wait_for(screens.store, *(cry(5000 + number, number) for number in range(4)))
    delivery = screens.deliver(town, chat_burst=1)
    await screens.lead(delivery)
    await delivery._refill()
    await screens.store.transact(lambda unit: unit.transaction.execute("UPDATE outbox SET state = 'superseded' WHERE id > 1"))
    await screens.run(delivery, 10)
    assert not any("件" in text for text in screens.said_to(DESK))


async def test_list_that_was_not_sent_before_a_crash_is_sent_once_by_the_next_process(screens: Screens, town: Town):
    await wait_for(screens.store, *(cry(5000 + number, number) for number in range(4)))
    first = screens.deliver(town, chat_burst=1)
    await screens.lead(first)
    await first._refill()
    rows = first._lanes.waiting_cries(("telegram", DESK), room=1)
    notice = list_of(rows, at=MONDAY)
    assert await screens.store.transact(lambda unit: unit.outbox.put_list(rows, notice, at=MONDAY)) is not None
    second = screens.deliver(town, chat_burst=1)
    await screens.lead(second, 2)
    await screens.run(second, 20)
    said = screens.said_to(DESK)
    assert sum("件" in text for text in said) == 1
    assert len(said) == 5
    assert await states(screens.store) == ["sent"]


async def test_cards_are_sent_when_the_list_cannot_be_stored(screens: Screens, town: Town, monkeypatch: pytest.MonkeyPatch):
    await wait_for(screens.store, *(cry(5000 + number, number) for number in range(4)))
    delivery = screens.deliver(town, chat_burst=1)
    await screens.lead(delivery)

    async def fail(*_: Any, **__: Any) -> None:
        raise StorageFailed("disk full")

    monkeypatch.setattr(Outbox, "put_list", fail)
    await screens.run(delivery, 20)
    assert len(screens.said_to(DESK)) == 4
    assert not any("件" in text for text in screens.said_to(DESK))
