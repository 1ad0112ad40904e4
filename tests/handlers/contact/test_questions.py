"""A few more questions after a report is filed, in its card."""

from __future__ import annotations

import pytest

from domain.cases.case import Category
from domain.cases.visibility import Level, Visibility
from tests.handlers.cases.test_moves import Street, card, opens, stored, street

__all__ = ["street"]


async def asks(street: Street) -> None:
    await street.villager.says("老板欠我三个月工资")
    await street.villager.presses("报上去")
    assert "点“答几个问题”" in await street.villager.new()
    await street.villager.presses("答几个问题")


async def test_report_takes_two_taps_and_its_questions_come_after_it(street):
    await asks(street)
    assert (await stored(street)).text == "老板欠我三个月工资"
    assert "给谁干活" in await street.villager.new()
    await street.chair.new()
    await street.villager.says("三号厂")
    assert "几个人没拿到钱" in await street.villager.new()
    await street.villager.presses("2 到 9 个")
    await street.villager.presses("跳过")
    await street.villager.says("", media={"type": "voice", "file_id": "v", "file_unique_id": "v"})
    told = await street.chair.new()
    assert "报事人补充" in told
    assert "给谁干活：三号厂" in told
    assert "几个人：2 到 9 个" in told
    assert "凭据：［语音］" in told
    assert "多久没发" not in told
    assert (await stored(street)).voices == 1
    await street.villager.presses("答几个问题")
    assert "（1/1）多久没发了" in await street.villager.new()


async def test_questions_can_all_be_left_out(street):
    await asks(street)
    for _ in range(4):
        await street.villager.presses("跳过")
    assert "就先这样" in await street.villager.new()
    assert "补充" not in await street.chair.new()


async def test_leaving_the_questions_keeps_the_report(street):
    await asks(street)
    await street.villager.says("取消")
    await street.chair.says("/accept 1001")
    assert "王主任已受理" in await street.villager.new()


async def test_answer_against_the_chair_keeps_the_chair_out(street):
    await asks(street)
    await street.villager.says("王建国主任收了老板的钱")
    for _ in range(3):
        await street.villager.presses("跳过")
    assert (await stored(street)).visibility.police_only
    assert "收了老板的钱" not in await street.chair.new()


async def test_nobody_else_is_asked(street):
    await opens(street, street.villager, "邻居砌墙")
    for who in (street.chair, street.officer, street.secretary, street.other_chair, street.leader):
        await who.presses_raw("q.more", 1001)
        assert "（1/" not in await who.new()


@pytest.mark.parametrize("level", [Level.HIDDEN, Level.SEALED])
async def test_own_name_in_an_answer_stays_hidden(street, level):
    await opens(street, street.villager, "老板欠我工资", visibility=Visibility(level), category=Category.LABOUR)
    await street.villager.presses("答几个问题")
    await street.villager.says("徐阿婆在三号厂")
    for _ in range(3):
        await street.villager.presses("跳过")
    assert "徐阿婆" not in await street.chair.new()
    assert "三号厂" in await card(street.chair)
