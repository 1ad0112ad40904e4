"""A mistake: everybody called learns it; where somebody may be forced, the case goes on."""

from __future__ import annotations

import pytest

ENDS = ("着火了", "我爸胸口痛，喘不上气", "有人落水了", "路上撞车了，人受伤")
STAYS = ("有人拿刀砍人", "他要跳楼", "我刚把五万块转给骗子了，对方还在催")


async def take_back(town, words: str, minutes: float = 11) -> None:
    await town.xu.says(f"/sos {words}")
    await town.time_passes(minutes=minutes)
    for who in (town.chair, town.officer, town.duty, town.leader, town.admin, town.other_officer, town.xu):
        await who.new()
    await town.xu.presses("误触")


async def state(town) -> str:
    case = await town.store.transact(lambda unit: unit.cases.find(1001))
    return str(case.state)


@pytest.mark.parametrize("words", ENDS)
async def test_mistake_stands_everybody_down_at_once_also_those_of_later_rounds(town_at_night, words):
    town = town_at_night
    await take_back(town, words)
    assert await state(town) == "withdrawn"
    for who in (town.chair, town.officer, town.duty, town.leader):
        told = next(heard for heard in await who.heard() if heard.key == "scene.withdraw.to_called")
        assert "不用去了" in told.text, who.name
        assert told.row["silent"] == 0, who.name
    for who in (town.admin, town.other_officer):
        assert "不用去了" in await who.new(), who.name
    assert "没事就好" in await town.xu.new()
    before = len(await town.outbox())
    await town.time_passes(hours=3)
    assert len(await town.outbox()) == before


@pytest.mark.parametrize("words", STAYS)
async def test_mistake_stays_open_until_the_police_spoke_with_the_caller(town_at_night, words):
    town = town_at_night
    await take_back(town, words)
    assert await state(town) == "open"
    answer = await town.xu.new()
    assert "民警跟你本人说过话才结束" in answer
    assert "已撤回" not in answer
    assert "先不用去，民警会跟本人核实" in await town.chair.new()
    assert "还不能算完" in await town.officer.new()
    assert "不用去了" in await town.admin.new()
    await town.time_passes(minutes=16)
    assert "还没有民警跟本人说过话" in await town.duty.new()
    assert [heard.key for heard in await town.chair.heard() if heard.key.startswith("scene.")][-1] == "scene.cancel.to_chair"
    assert [heard.key for heard in await town.admin.heard()][-1] == "scene.wide.over"
    await town.duty.presses("已联系上本人")
    assert await state(town) == "withdrawn"
    assert "已经跟你联系上" in await town.xu.new()
    assert "不用去了" in await town.chair.new()


async def test_chair_cannot_end_what_the_police_must_hear(town_at_night):
    town = town_at_night
    await take_back(town, "有人拿刀砍人")
    await town.chair.presses_raw("c.spk", 1001)
    assert await state(town) == "open"


async def test_withdraw_command_takes_the_same_way(town_at_night):
    town = town_at_night
    await town.xu.says("/sos 有人拿刀砍人")
    await town.xu.says("/withdraw 1001")
    assert await state(town) == "open"
    assert "民警跟你本人说过话才结束" in await town.xu.new()


@pytest.mark.parametrize("again", ["button", "words", "reopen"])
async def test_call_can_be_raised_again_after_a_mistake(town_at_night, again):
    town = town_at_night
    await take_back(town, "有人拿刀砍人")
    for who in (town.chair, town.officer, town.duty, town.admin):
        await who.new()
    if again == "button":
        await town.xu.presses_raw("m.sos")
        await town.xu.presses("告诉民警")
    elif again == "words":
        await town.xu.says("/sos 他又来了，拿着刀")
    else:
        await town.xu.says("/reopen 1001 他又来了")
    for who in (town.chair, town.officer, town.duty):
        assert "还没有人去" in await who.new(), who.name
    assert "不是误触" in await town.admin.new()
    await town.time_passes(seconds=91)
    assert "还没有人去" in await town.chair.new()


async def test_undelivered_call_is_replaced_by_the_stand_down(town_at_night):
    town = town_at_night
    await take_back(town, "着火了")
    for who in (town.chair, town.admin):
        waiting = [heard.key for heard in await who.heard() if heard.row["state"] == "waiting" and heard.key.startswith("scene.")]
        assert waiting in (["scene.withdraw.to_called"], ["scene.wide.over"])


async def test_reporter_may_take_back_in_english(harness):
    from domain.people.people import Role

    await harness.person("张伟", Role.OFFICER, "上徐村")
    ann = await harness.person("Ann", Role.VILLAGER, "上徐村", language="en")
    await ann.says("/sos he has a knife")
    await ann.presses("It was a mistake")
    assert "ends when the police have spoken with you" in await ann.new()
