""" "Nobody called me": from the promised instant on, one level a day."""

from __future__ import annotations

from datetime import timedelta

from domain.cases.case import State
from domain.cases.escalation import EscalationLevel
from domain.core.change import Event
from tests.handlers.cases.test_moves import Street, opens, stored, street

__all__ = ["street"]


async def taken(street: Street) -> None:
    await opens(street, street.villager)
    await street.chair.says("/accept 1001")
    await street.look()


async def test_case_stays_until_the_promised_instant_and_then_goes_up(street):
    await taken(street)
    await street.villager.says("没人联系我")
    assert "还没到时间" in await street.villager.new()
    await street.harness.time_passes(days=1, hours=1)
    await street.villager.says("/case 1001")
    assert "没人联系我" in [label for message in await street.villager.heard() for label in message.buttons]
    await street.villager.new()
    await street.villager.presses("没人联系我")
    told = await street.villager.new()
    assert "已经往上报，张警官会在" in told
    case = await stored(street)
    assert (case.state, case.rung, case.holder_id) == (State.ESCALATED, EscalationLevel.OFFICER, None)
    assert "报事人说到时没人联系" in await street.chair.new()
    assert "1001" in await street.officer.new()


async def test_case_goes_up_once_a_day_and_ends_with_everybody_told(street):
    await taken(street)
    await street.harness.time_passes(days=1, hours=1)
    await street.villager.says("怎么没人联系我")
    await street.officer.says("/ack 1001")
    assert (await stored(street)).rung is EscalationLevel.OFFICER
    street.villager.toasts.clear()
    await street.villager.presses_raw("ct.un", 1001)
    assert "还没到时间" in street.villager.toasts[-1]
    for _ in range(4):
        await street.harness.time_passes(days=2)
        await street.villager.presses_raw("ct.un", 1001)
    assert (await stored(street)).rung is EscalationLevel.BEYOND
    assert "该通知的人都通知到了" in street.villager.toasts[-1]


async def test_second_word_of_a_day_moves_nothing(street):
    await opens(street, street.villager, "邻居砌墙")
    await street.chair.says("/accept 1001")
    await street.harness.store.transact(
        lambda unit: unit.audit.record(Event("case:1001", "unheard", street.villager.person_id, street.harness.at + timedelta(hours=20)))
    )
    await street.harness.time_passes(days=1, hours=1)
    await street.villager.presses_raw("ct.un", 1001)
    assert "今天已经往上报过一次" in street.villager.toasts[-1]
    assert (await stored(street)).state is State.ACCEPTED


async def test_nobody_but_the_reporter_says_that_nobody_called(street):
    await taken(street)
    await street.harness.time_passes(days=1, hours=1)
    for who in (street.chair, street.officer, street.secretary, street.other_chair, street.stranger):
        await who.presses_raw("ct.un", 1001)
    assert (await stored(street)).state is State.ACCEPTED


async def test_words_of_somebody_without_a_case_show_their_list_as_before(street):
    await street.villager.says("没人联系我")
    assert "共 0 件" in await street.villager.new()
