"""Cases passed on by hand or put off; the warning before one is taken away."""

from __future__ import annotations

import pytest

from domain.cases.case import State
from domain.cases.escalation import EscalationLevel
from domain.cases.visibility import Level, Visibility
from domain.people.people import Role
from tests.handlers.cases.test_moves import Street, card, opens, stored, street

__all__ = ["street"]


@pytest.fixture
async def acked(street: Street) -> Street:
    await opens(street, street.villager)
    await street.officer.says("/ack 1001")
    await street.look()
    return street


async def test_officer_gives_a_case_to_a_colleague_who_has_it_from_then_on(acked):
    await acked.officer.presses_raw("c.all", 1001)
    await acked.officer.presses("更多")
    await acked.officer.presses("转给同事")
    await acked.officer.presses("值班室钱丽")
    case = await stored(acked)
    assert (case.state, case.holder_id, case.rung) == (State.ACKNOWLEDGED, acked.duty.person_id, EscalationLevel.STATION)
    assert "1001" in await card(acked.duty)
    assert "换人了，现在由" in await acked.villager.new()
    await acked.harness.time_passes(days=5, hours=1)
    assert (await stored(acked)).rung is EscalationLevel.BEYOND  # silence takes it away from them too


async def test_case_is_given_to_nobody_who_may_not_see_it(acked):
    for said in (acked.villager.person_id, acked.chair.person_id, acked.admin.person_id, 99999, "x"):
        await acked.officer.presses_raw("k.to", 1001, said)
        assert (await stored(acked)).holder_id == acked.officer.person_id
    for who in (acked.chair, acked.other_chair, acked.villager):
        await who.presses_raw("k.to", 1001, acked.duty.person_id)
        assert (await stored(acked)).holder_id == acked.officer.person_id


async def test_officer_hands_a_case_back_to_a_chair_who_may_see_it(acked):
    await acked.officer.says("/back 1001 村里先谈一次")
    case = await stored(acked)
    assert (case.state, case.rung, case.holder_id) == (State.OPEN, EscalationLevel.CHAIR, None)
    told = await acked.chair.new()
    assert "村里先谈一次" in told
    assert "受理" in told
    assert "交回村里，王主任会在" in await acked.villager.new()
    await opens(acked, acked.villager, "主任家的事", visibility=Visibility(Level.NAMED, police_only=True))
    await acked.officer.says("/ack 1002")
    await acked.look()
    await acked.officer.says("/back 1002 看看")
    assert "不能交回" in await acked.officer.new()
    assert (await stored(acked, 1002)).state is State.ACKNOWLEDGED
    assert await acked.chair.new() == ""


async def test_case_is_put_off_until_a_date_and_escalates_after_it(acked):
    await acked.officer.presses_raw("k.late", 1001)
    await acked.officer.says("今天 9:10")
    assert "半小时" in await acked.officer.new()
    await acked.officer.presses("七天后")
    await acked.officer.says("等测绘图纸")
    told = await acked.villager.new()
    assert "张警官要到6月8日" in told
    assert "等测绘图纸" in told
    await acked.harness.time_passes(days=11)
    assert (await stored(acked)).state is State.ACKNOWLEDGED
    await acked.harness.time_passes(days=2)
    assert (await stored(acked)).state is State.ESCALATED


async def test_urgent_case_is_neither_passed_on_nor_put_off(street):
    await opens(street, street.villager, "着火了")
    await street.officer.says("/ack 1001")
    await street.look()
    await street.officer.says("/back 1001 忙")
    assert "有危险" in await street.officer.new()
    await street.officer.presses_raw("k.to", 1001, street.duty.person_id)
    case = await stored(street)
    assert (case.holder_id, case.holder) == (street.officer.person_id, Role.OFFICER)


async def test_handler_is_warned_a_day_before_silence_takes_a_case_away(street):
    await opens(street, street.villager)
    await street.chair.says("/accept 1001")
    await street.harness.time_passes(days=3)
    await street.chair.says("/note 1001 约了周五")
    await street.look()
    await street.harness.time_passes(days=3, hours=23)
    assert "没有记录" not in await street.chair.new()  # something was recorded
    await street.harness.time_passes(hours=2)
    assert "好几天没有记录了" in await street.chair.new()
    assert (await stored(street)).state is State.ACCEPTED
    await street.harness.time_passes(days=1)
    assert (await stored(street)).state is State.ESCALATED


async def test_referral_is_written_by_one_button_or_in_own_words(acked):
    await acked.officer.says("/refer 1001")
    await acked.officer.presses("劳动仲裁")
    assert "建议申请劳动仲裁。" in await acked.villager.new()
    assert (await stored(acked)).state is State.REFERRED
    await opens(acked, acked.villager)
    await acked.officer.says("/ack 1002")
    await acked.officer.says("/close 1002")
    asked = (await acked.officer.heard())[-1]
    assert "劳动仲裁" not in asked.buttons  # only a referral has ways
    await acked.officer.says("court")
    assert (await stored(acked, 1002)).state is State.CLOSED
