"""The village of the tests of trainings: organisers, a committee member, villagers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.people.people import Role
from tests.handler_harness import HandlerHarness, Voice

if TYPE_CHECKING:
    from domain.training import Attendee, Training


@dataclass
class Place:
    harness: HandlerHarness
    officer: Voice
    other: Voice
    leader: Voice
    chair: Voice
    member: Voice
    villager: Voice
    neighbour: Voice
    outsider: Voice

    async def training(self, number: int = 1) -> Training:
        found = await self.harness.store.transact(lambda unit: unit.trainings.find(number))
        assert found is not None
        return found

    async def people(self, number: int = 1) -> dict[str, Attendee]:
        return {each.name: each for each in await self.harness.store.transact(lambda unit: unit.trainings.people(number))}

    async def told(self, who: Voice, key: str) -> list[str]:
        return [message.text for message in await who.heard() if message.key == key]

    async def events(self, action: str) -> list[dict[str, object]]:
        events = await self.harness.store.transact(lambda unit: unit.audit.of("training:1"))
        return [event.data for event in events if event.action == action]

    async def loses_posts(self, who: Voice) -> None:
        assert who.person_id is not None
        person_id = who.person_id
        await self.harness.store.transact(lambda unit: unit.people.dismiss(person_id, at=self.harness.at))


@pytest.fixture
async def place(harness: HandlerHarness) -> Place:
    return Place(
        harness,
        await harness.person("张警官", Role.OFFICER, "上徐村"),
        await harness.person("陈警官", Role.OFFICER, "下李村"),
        await harness.person("周所长", Role.LEADER),
        await harness.person("王主任", Role.CHAIR, "上徐村"),
        await harness.person("小赵", Role.MEMBER, "上徐村"),
        await harness.person("徐大爷", Role.VILLAGER, "上徐村"),
        await harness.person("徐大妈", Role.VILLAGER, "上徐村"),
        await harness.person("李大姐", Role.VILLAGER, "下李村"),
    )


async def announced(place: Place, who: Voice | None = None, *, when: str = "周四 14:00", capacity: str = "0", villages: str = "") -> Voice:
    """Call 上徐村 to a training on Thursday (three days on), 14:00 to 16:00."""
    organiser = who or place.officer
    await organiser.presses_raw("menu.training")
    await organiser.presses("办一场培训")
    for words in ("心肺复苏实操", when, "2", "镇文化礼堂"):
        await organiser.says(words)
    if villages:
        await organiser.says(villages)
    await organiser.says(capacity)
    await organiser.presses("发通知")
    await place.harness.time_passes(seconds=1)
    return organiser


async def before_start(place: Place, **ahead: float) -> None:
    span = (await place.training()).starts_at - timedelta(**ahead) - place.harness.at
    await place.harness.time_passes(seconds=span.total_seconds())
