"""Old buttons: a press is answered with the present state, and changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from domain.cases.case import State
from domain.people.people import Role

if TYPE_CHECKING:
    from tests.handler_harness import HandlerHarness, Voice


async def press(harness: HandlerHarness, who: Voice, verb: str, *values: str, days: float) -> None:
    """Press a button that was made so many days ago."""
    made_at = harness.at - timedelta(days=days)
    await harness.comes_in(who, "", verb=verb, values=values, press_id=f"p{next(harness.ids)}", made_at=made_at)


@pytest.mark.parametrize(("days", "state"), [(29, State.OPEN), (31, State.CLOSED)])
async def test_not_solved_of_a_month_ago_reopens_nothing_and_shows_the_case(harness: HandlerHarness, days: int, state: State):
    villager = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await villager.says("/report fraud 有人骗我转账")
    await officer.says("/ack 1001")
    await officer.says("/close 1001 已经追回")
    await press(harness, villager, "c.re", "1001", days=days)
    if state is State.CLOSED:
        assert "是旧的" in villager.toasts[-1]
        last = (await villager.heard())[-1]
        assert "1001" in last.text
        assert last.buttons
    else:
        assert not villager.toasts or "是旧的" not in villager.toasts[-1]
    case = await harness.store.transact(lambda unit: unit.cases.find(1001))
    assert case is not None
    assert case.ended is True


@pytest.mark.parametrize("verb", ["m.sos", "urgent", "menu", "m.report"])
async def test_menu_and_help_in_danger_never_expire(harness: HandlerHarness, verb: str):
    villager = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    await press(harness, villager, verb, days=4000)
    assert "是旧的" not in "".join(villager.toasts)
    assert await villager.heard()


async def test_expired_button_without_a_record_to_show_shows_the_menu(harness: HandlerHarness):
    villager = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    await press(harness, villager, "answer", "quick", "what", "send", days=40)
    assert "是旧的" in villager.toasts[-1]
    assert (await villager.heard())[-1].key.startswith("menu.")


async def test_expired_button_shows_nothing_of_what_is_not_theirs(harness: HandlerHarness):
    villager = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    other = await harness.person("李大妈", Role.VILLAGER, "下李村")
    await villager.says("/report fraud 有人骗我转账")
    await press(harness, other, "c.re", "1001", days=40)
    assert not any("转账" in message.text for message in await other.heard())


async def test_button_of_unknown_age_works(harness: HandlerHarness):
    villager = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    await villager.says("/report fraud 有人骗我转账")
    await villager.presses_raw("c.wd", 1001)
    case = await harness.store.transact(lambda unit: unit.cases.find(1001))
    assert case is not None
    assert case.state is State.WITHDRAWN
