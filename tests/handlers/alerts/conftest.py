"""The village of the tests of alerts: police, chairs, a committee member, a villager."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from domain.people.people import Role
from handlers.fallback import undeliverable
from tests.handler_harness import DELIVERY, HandlerHarness, Heard, Voice

if TYPE_CHECKING:
    from domain.alerts import State
    from storage.unit import Unit

GROUP = -100_200_300
LINE = "/alert 橙 全部 台风今晚登陆，关好门窗"


@dataclass
class Place:
    harness: HandlerHarness
    officer: Voice
    other: Voice
    leader: Voice
    chair: Voice
    chair_li: Voice
    member: Voice
    villager: Voice

    async def delivers(self, *, blocked: tuple[Voice, ...] = ()) -> None:
        """Let everything that waits arrive, but nothing to those who block the bot."""
        while True:
            rows = await self.harness.store.transact(lambda unit: unit.outbox.claim(owner=DELIVERY, at=self.harness.at, limit=1000))
            rows = [row for row in rows if row.attempts == 0]
            if not rows:
                return
            for number, row in enumerate(rows):
                gone = row.address.chat_id in {who.user_id for who in blocked}

                async def settle(unit: Unit, row=row, gone=gone, number=number) -> None:
                    if row.expires_at and row.expires_at <= self.harness.at.timestamp() * 1_000_000:
                        await unit.outbox.end(row.id, owner=row.owner, state="expired", fault="late", at=self.harness.at)
                    elif gone:
                        await unit.outbox.end(row.id, owner=row.owner, state="failed", fault="blocked", at=self.harness.at)
                        await undeliverable(unit, row, why="blocked", permanent=True, town=self.harness.town, at=self.harness.at)
                    else:
                        await unit.outbox.sent(row.id, message_id=row.id, at=self.harness.at)
                        if row.card:
                            await unit.cards.hang(row.address, row.card, message_id=row.id, person_id=row.person_id, at=self.harness.at)

                await self.harness.store.transact(settle)

    async def state(self, number: int = 1) -> State:
        alert = await self.harness.store.transact(lambda unit: unit.alerts.find(number))
        assert alert is not None
        return alert.state

    async def board(self, who: Voice, number: int = 1) -> str:
        return [message for message in await who.heard() if message.card == f"alert:{number}"][-1].text

    async def loses_posts(self, who: Voice) -> None:
        assert who.person_id is not None
        person_id = who.person_id
        await self.harness.store.transact(lambda unit: unit.people.dismiss(person_id, at=self.harness.at))

    async def count_sent(self, *, drill: bool) -> int:
        since = self.harness.at.replace(year=2020)
        return await self.harness.store.transact(lambda unit: unit.alerts.count_sent(self.harness.station, since=since, drill=drill))

    async def receivers(self, batch: str) -> set[int]:
        rows = await self.harness.store.transact(lambda unit: unit.outbox.list_batch(batch))
        return {row["chat_id"] for row in rows}


@pytest.fixture
async def place(harness: HandlerHarness) -> Place:
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    other = await harness.person("陈警官", Role.OFFICER, "下李村")
    leader = await harness.person("周所长", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    chair_li = await harness.person("李主任", Role.CHAIR, "下李村")
    member = await harness.person("小赵", Role.MEMBER, "上徐村")
    villager = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    return Place(harness, officer, other, leader, chair, chair_li, member, villager)


async def sends(place: Place, who: Voice, line: str = LINE, *, too: bool = False) -> None:
    await who.says(line)
    await who.presses("演练" if line.startswith("/drill") else "🚨 发送")
    if too:
        await who.presses("再发这一条")
    await place.harness.time_passes(seconds=1)


async def tells_all(chair: Voice) -> None:
    """Let a chair confirm twice: received, and every household knows."""
    await chair.presses("收到")
    await chair.presses("全村已通知到")


def alerts_in(heard: list[Heard]) -> list[Heard]:
    return [message for message in heard if message.key.startswith("alert.sent.")]
