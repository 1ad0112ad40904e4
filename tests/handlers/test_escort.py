"""Green wave: traffic control answers and directs; without an answer the desk is called."""

from __future__ import annotations

import pytest

from domain.people.people import Role

WARNING = "绿波不一定能开通"


@pytest.fixture
async def road(harness):
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.other = await harness.person("老陈", Role.VILLAGER, "下徐村")
    harness.duty = await harness.person("值班室", Role.DUTY)
    harness.traffic = await harness.person("周涛", Role.TRAFFIC)
    return harness


async def asks(who):
    await who.says("/escort")
    assert "122" in await who.new()
    await who.presses("别人开车，病人坐着")
    for words in ("滨河路往南，刚过加油站", "A12345，白色面包车", "市一院"):
        await who.says(words)
    await who.presses("胸口痛")
    await who.says("13812345678")
    return await who.new()


async def test_request_goes_to_traffic_control_and_back(road):
    said = await asks(road.xu)
    assert "已提交" in said
    assert WARNING in said
    card = await road.traffic.new()
    assert "滨河路往南" in card
    assert "13812345678" not in card
    assert await road.chair.new() == await road.duty.new() == ""

    pressed = await road.traffic.presses("我来接")
    assert pressed.toasted is not None
    assert pressed.toasted.params == {"phone": "13812345678"}
    assert "还没有开道" in await road.xu.new()
    await road.traffic.presses("同意协助")
    await road.traffic.presses("定汇合点")
    await road.traffic.says("收费站入口")
    assert "收费站入口" in await road.xu.new()
    await road.traffic.presses("已汇合，出发")
    await road.traffic.presses("到医院了")
    await road.traffic.presses("医院已接手")
    await road.traffic.says("急诊，李医生")
    assert "急诊，李医生" in await road.xu.new()
    texts = [message.text for message in await road.xu.heard()]
    assert not any("已开通" in text for text in texts)


async def test_silence_of_a_minute_sends_the_car_to_the_telephone_and_rings_the_desk(road):
    await asks(road.xu)
    await road.time_passes(seconds=59)
    assert await road.duty.new() == ""
    await road.time_passes(seconds=2)
    assert "现在打 122 或 110" in await road.xu.new()
    assert "没有交警答复" in await road.duty.new()
    await road.time_passes(minutes=2)
    assert "没有交警答复" in await road.duty.new()
    assert await road.xu.new() == ""


async def test_answer_within_the_minute_stops_the_clock(road):
    await asks(road.xu)
    await road.traffic.presses("我来接")
    await road.xu.new()
    await road.time_passes(minutes=10)
    assert await road.duty.new() == await road.xu.new() == ""


async def test_town_without_traffic_control_rings_the_desk_at_once(harness):
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    harness.duty = await harness.person("值班室", Role.DUTY)
    await asks(harness.xu)
    assert "交管值班没有人能收消息" in await harness.duty.new()


async def test_nobody_else_changes_or_sees_a_request(road):
    await asks(road.xu)
    for who in (road.duty, road.chair, road.other, road.xu):
        await who.presses_raw("es.take", 1)
        await who.presses_raw("es.step", 1, "agree")
    assert "已提交" in (await road.traffic.heard())[-1].text
    for who in (road.chair, road.other):
        await who.presses_raw("es.phone", 1)
        assert not any("滨河路" in message.text for message in await who.heard())


async def test_patient_who_drives_is_told_to_stop(road):
    await road.xu.says("/escort")
    await road.xu.presses("病人自己在开车")
    assert "靠边停车" in await road.xu.new()
    assert await road.traffic.new() == ""


async def test_stranger_gets_the_numbers(road):
    stranger = road.stranger()
    await stranger.says("/escort")
    assert "122" in await stranger.new()
    assert await road.traffic.new() == ""


async def test_request_that_is_called_off_is_over_for_everybody(road):
    await asks(road.xu)
    await road.xu.presses("不需要了")
    assert "撤回了" in await road.traffic.new()
    await road.time_passes(minutes=5)
    assert await road.duty.new() == ""
