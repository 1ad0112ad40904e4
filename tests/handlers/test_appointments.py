"""Agreed mediations: the calendar, reminders to both sides, dates that move or end."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from domain.people.people import Role
from tests.handler_harness import HandlerHarness, Voice


@dataclass
class Place:
    harness: HandlerHarness
    villager: Voice
    chair: Voice
    other: Voice


@pytest.fixture
async def place(harness: HandlerHarness) -> Place:
    found = Place(
        harness,
        await harness.person("徐三", Role.VILLAGER, "上徐村"),
        await harness.person("王主任", Role.CHAIR, "上徐村"),
        await harness.person("李主任", Role.CHAIR, "下李村"),
    )
    await found.villager.says("/report dispute 邻居砌墙占了我家的路")
    await found.chair.says("/accept 1001")
    return found


async def agree(place: Place, when: str = "后天上午10点") -> None:
    await place.chair.says("/mediate 1001")
    for said in ("今天", "村委会", "双方", "没谈成", when):
        await place.chair.says(said)
    await place.harness.time_passes(minutes=1)
    for who in (place.chair, place.villager):
        await who.new()


async def test_both_sides_are_reminded_the_day_before_and_an_hour_before(place: Place):
    await agree(place)
    await place.harness.time_passes(hours=26)
    assert "约好的调解" in await place.villager.new()
    assert "约好的调解" in await place.chair.new()
    await place.harness.time_passes(hours=20)
    assert "约好的调解" not in await place.villager.new()
    await place.harness.time_passes(hours=3)
    assert "约好的调解" in await place.villager.new()
    assert "约好的调解" in await place.chair.new()
    assert "约好的调解" not in await place.other.new()


async def test_moved_date_is_said_and_the_old_reminders_are_silent(place: Place):
    await agree(place)
    await place.chair.says("/mediate 1001")
    for said in ("今天", "村委会", "双方", "对方有事", "大后天下午3点"):
        await place.chair.says(said)
    assert "改了时间" in await place.villager.new()
    await place.harness.time_passes(hours=26)
    assert "约好的调解" not in await place.villager.new()
    await place.harness.time_passes(hours=30)
    assert "约好的调解" in await place.villager.new()


async def test_date_of_a_case_that_ended_is_cancelled(place: Place):
    await agree(place)
    await place.chair.says("/settle 1001 双方和好")
    assert "取消了" in await place.villager.new()
    await place.harness.time_passes(hours=50)
    assert "约好的调解" not in await place.villager.new()


async def test_calendar_shows_the_dates_of_those_who_may_see_them(place: Place):
    await agree(place)
    for who in (place.villager, place.chair):
        await who.says("日程")
        told = await who.new()
        assert "1001" in told
        assert "砌墙" not in told
    await place.other.says("/calendar")
    assert "没有约好" in await place.other.new()


async def test_case_that_was_put_off_is_no_appointment(place: Place):
    await place.chair.says("/later 1001")
    for said in ("3 天", "等对方回来"):
        await place.chair.says(said)
    await place.chair.says("/calendar")
    assert "没有约好" in await place.chair.new()
