"""The keyboard that stays under a chat, and what brings it and takes it away."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bot.telegram.capabilities import capabilities_of
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import ClockCalendar
from domain.core.change import Button, Notice
from domain.core.town import Town
from domain.people.people import Role
from tests.bot.delivery.test_channels import Wire, delivering, until
from tests.handler_harness import HandlerHarness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.handler_harness import Voice


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[HandlerHarness]:
    zone = ZoneInfo("Asia/Shanghai")
    opened = await HandlerHarness.open(tmp_path, Town("禾安", zone, ClockCalendar(), QuietHours(time(21, 30), time(7, 0), zone)))
    yield opened
    await opened.store.close()


async def leave(harness: HandlerHarness, *, can: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Send everything that waits; return the fields of the calls."""
    wire = Wire(capabilities_of(can or {}))
    async with delivering(harness, {"telegram": wire}) as delivery:

        async def nothing_waits() -> bool:
            delivery.wake()
            count = await harness.store.transact(lambda unit: unit.outbox.count(at=harness.at))
            return count["waiting"] == 0

        await until(nothing_waits)
    return [fields for _, fields in wire.calls]


async def say(harness: HandlerHarness, who: Voice, **more: Any) -> list[dict[str, Any]]:
    """Send one plain message to a person."""

    async def work(unit: Any) -> None:
        person = await unit.people.get(who.person_id, at=harness.at)
        await unit.outbox.put(Notice(person.receiver(), "dialog.cancelled", {}, **more), unique_key=f"k{next(harness.ids)}", at=harness.at)

    await harness.store.transact(work)
    return await leave(harness)


def labels(fields: dict[str, Any]) -> list[str]:
    return [key["text"] for row in (fields["reply_markup"] or {}).get("keyboard", []) for key in row]


@pytest.mark.parametrize(
    ("role", "village", "shown"),
    [
        (Role.VILLAGER, "上徐村", ["📝 报事", "📂 我的事", "🆘 求助"]),
        (Role.MEMBER, "上徐村", ["📝 报事", "📂 我的事", "🆘 求助"]),
        (Role.CHAIR, "上徐村", ["📥 待办", "🤝 替人报", "☰ 更多"]),
        (Role.OFFICER, "上徐村", ["📥 待办", "📣 预警", "☰ 更多"]),
        (Role.LEADER, "", ["📥 待办", "📣 预警", "☰ 更多"]),
        (Role.ADMIN, "", ["📇 名册", "🕘 值班", "☰ 更多"]),
    ],
)
async def test_first_plain_message_brings_the_keyboard_and_the_next_leaves_it(harness, role, village, shown):
    who = await harness.person("徐三", role, village)
    ((first), (second)) = (await say(harness, who), await say(harness, who))
    assert labels(first[0]) == shown
    assert first[0]["reply_markup"]["is_persistent"] is True
    assert second[0]["reply_markup"] is None


async def test_count_is_refreshed_by_the_next_message_that_is_sent_anyway(harness):
    chair, villager = await harness.person("王主任", Role.CHAIR, "上徐村"), await harness.person("徐三", Role.VILLAGER, "上徐村")
    await say(harness, chair)
    await villager.says("/report dispute 邻居砌墙占了我家的路")
    assert all(not labels(fields) for fields in await leave(harness) if fields["chat_id"] == chair.user_id)  # its card has buttons
    ((fields),) = await say(harness, chair)
    assert labels(fields)[0] == "📥 待办（1）"


async def test_message_with_buttons_or_a_card_leaves_the_keyboard_as_it_is(harness):
    who = await harness.person("徐三", Role.VILLAGER, "上徐村")
    assert not labels((await say(harness, who, buttons=((Button("dialog.cancel", "cancel"),),)))[0])
    assert not labels((await say(harness, who, card="menu"))[0])
    assert labels((await say(harness, who))[0])


async def test_keyboard_of_a_post_goes_with_the_post(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await say(harness, chair)
    await harness.store.transact(
        lambda unit: unit.people.dismiss(
            chair.person_id, at=harness.at, role=Role.CHAIR, station_id=harness.station, village_id=harness.villages["上徐村"]
        )
    )
    after = (await say(harness, chair))[0]
    assert "📥 待办" not in labels(after)
    assert after["reply_markup"] is not None


async def test_keyboard_is_taken_away_from_somebody_who_is_forgotten(harness):
    who = await harness.person("徐三", Role.VILLAGER, "上徐村")
    await say(harness, who)
    await who.says("/forget")
    await who.presses("删除")
    assert {"remove_keyboard": True} in [fields["reply_markup"] for fields in await leave(harness)]


async def test_keyboard_comes_back_after_a_question_that_had_its_own(harness):
    who = await harness.person("徐三", Role.VILLAGER, "上徐村")
    await say(harness, who)
    assert labels((await say(harness, who, ask="contact"))[0]) == ["发送我的电话"]
    assert labels((await say(harness, who, ask="none"))[0])[0] == "📝 报事"


async def test_channel_without_such_keyboards_gets_none(harness):
    who = await harness.person("徐三", Role.VILLAGER, "上徐村")
    await who.says("/cancel")
    assert [fields["reply_markup"] for fields in await leave(harness, can={"keyboard": False})] == [None]


async def test_key_is_pressed_while_a_question_is_open(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/me")
    await chair.presses("改称呼")
    await chair.says("📥 待办（12）")
    assert (await chair.heard())[-1].key.startswith("cases.")
    await chair.says("待办")
    assert (await chair.heard())[-1].key != "cases.list"
