"""The button that undoes a move: on the actor's card, for a minute, and not in silence."""

from __future__ import annotations

import pytest

from domain.cases.case import State
from domain.core.change import CaseId
from domain.people.people import Role
from tests.handler_harness import HandlerHarness, Voice


@pytest.fixture
async def village(harness: HandlerHarness) -> dict[str, Voice]:
    people = {
        "chair": await harness.person("王主任", Role.CHAIR, "上徐村"),
        "officer": await harness.person("张警官", Role.OFFICER, "上徐村"),
        "villager": await harness.person("徐大爷", Role.VILLAGER, "上徐村"),
    }
    await people["villager"].says("/report dispute 邻居砌墙")
    await harness.deliver()
    return people


async def state(harness: HandlerHarness) -> State:
    case = await harness.store.transact(lambda unit: unit.cases.find(CaseId(1001)))
    assert case is not None
    return case.state


async def offered(who: Voice) -> bool:
    card = [message for message in await who.heard() if message.card == "case:1001"][-1]
    return "撤销" in card.buttons


async def test_acceptance_is_undone_by_its_actor_and_the_reporter_is_told(harness: HandlerHarness, village: dict[str, Voice]):
    await village["chair"].presses("受理")
    await village["villager"].new()
    assert await offered(village["chair"])
    assert not await offered(village["villager"])
    await village["chair"].presses("撤销")
    assert await state(harness) is State.OPEN
    assert "刚才那条不算，王主任点错了" in await village["villager"].new()
    assert not await offered(village["chair"])
    timers = await harness.store.transact(lambda unit: unit.timers.list_waiting("case:1001"))
    assert [timer.kind for timer in timers if timer.kind != "case_reminder"] == ["case_deadline"]


async def test_button_goes_and_its_press_is_refused_when_the_minute_is_over(harness: HandlerHarness, village: dict[str, Voice]):
    await village["chair"].presses("受理")
    await harness.time_passes(seconds=61)
    assert not await offered(village["chair"])
    await village["chair"].presses_raw("c.und", 1001)
    assert "撤销不了" in village["chair"].toasts[-1]
    assert await state(harness) is State.ACCEPTED


async def test_hand_over_and_withdrawal_tell_whom_they_reached_when_they_are_undone(harness: HandlerHarness, village: dict[str, Voice]):
    await village["chair"].says("/escalate 1001 怕动手")
    await village["officer"].new()
    await village["chair"].presses("撤销")
    assert await state(harness) is State.OPEN
    assert "刚才那条不算" in await village["officer"].new(drawn=False)
    await village["villager"].presses_raw("c.wd", 1001)
    await village["chair"].new()
    await village["villager"].presses("撤销")
    assert await state(harness) is State.OPEN
    assert "刚才那条不算" in await village["chair"].new(drawn=False)


@pytest.mark.parametrize("who", ["chair", "officer", "villager"])
async def test_nobody_undoes_the_move_of_somebody_else(harness: HandlerHarness, village: dict[str, Voice], who: str):
    await village["villager" if who == "chair" else "chair"].presses_raw("c.wd" if who == "chair" else "c.acc", 1001)
    before = await state(harness)
    await village[who].presses_raw("c.und", 1001)
    assert await state(harness) is before
