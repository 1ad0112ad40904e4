"""Somebody who has not joined is helped at once: no consent, no name, no village."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.people.people import Role
from handlers.conversation.callers import villages_in
from handlers.people.joining import unregistered_names

NUMBERS = ("110", "119", "120")
PHOTO = {"type": "photo", "file_id": "f", "file_unique_id": "u"}


@pytest.fixture
async def street(harness):
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.officer = await harness.person("张伟", Role.OFFICER, "上徐村")
    harness.duty = await harness.person("值班室", Role.DUTY)
    harness.far_chair = await harness.person("李主任", Role.CHAIR, "下李村")
    return harness


def dials(said):
    return all(number in said for number in NUMBERS)


async def test_village_in_the_words_is_one_tap(street):
    stranger = street.stranger()
    await stranger.says("我在下李村，着火了")
    (first,) = await stranger.heard()
    assert dials(first.text)
    assert [label for label in first.buttons if "下李村" in label] == ["下李村 · 马上求助"]
    await stranger.presses("下李村 · 马上求助")
    card = await street.far_chair.new()
    assert "着火了" in card
    assert "未登记的人" in card
    assert "我在下李村" in await street.duty.new()
    assert await street.chair.new() == ""
    assert "登记（以后再说）" in (await stranger.heard())[-1].buttons


async def test_village_is_one_tap_from_the_list_and_everything_sent_before_is_there(street):
    stranger = street.stranger()
    await stranger.says("着火了")
    await stranger.says(media=PHOTO)
    await stranger.says(location=(28.9, 120.1))
    await stranger.says("老祠堂旁边")
    assert dials((await stranger.heard())[-1].text)
    await stranger.presses("上徐村")
    card = await street.chair.new()
    assert "着火了" in card
    assert "老祠堂" in card
    assert "📷 1" in card
    assert "📍" in card


async def test_two_taps_from_the_first_screen(street):
    stranger = street.stranger()
    await stranger.says("/start")
    await stranger.presses("紧急求助")
    assert dials((await stranger.heard())[-1].text)
    await stranger.presses("上徐村")
    assert "未登记的人" in await street.chair.new()
    await stranger.presses("起火")
    assert "起火" in await street.duty.new()
    await street.officer.says("/case 1001")
    assert "起火" in await street.officer.new()
    assert any("别回去拿东西" in message.text for message in await stranger.heard())


async def test_later_words_photos_and_answers_of_a_stranger_reach_the_case(street):
    stranger = street.stranger()
    await stranger.says("上徐村着火了")
    await stranger.presses("马上求助")
    await street.duty.new()
    await stranger.says("楼上还有两个人在喊")
    assert "楼上还有两个人" in await street.duty.new()
    await street.officer.presses_raw("c.ask", 1001)
    await street.officer.says("几楼？")
    assert "几楼？" in await stranger.new()
    await stranger.presses("回答")
    await stranger.says("三楼")
    assert "三楼" in await street.officer.new()


async def test_stranger_ends_a_mistake(street):
    stranger = street.stranger()
    await stranger.says("上徐村着火了")
    await stranger.presses("马上求助")
    await street.chair.new()
    await stranger.presses("误触")
    assert "不用去了" in await street.chair.new()


async def test_caller_is_no_villager_until_they_join(street):
    stranger = street.stranger("陈小明")
    await stranger.says("上徐村着火了")
    await stranger.presses("马上求助")

    async def read(unit):
        return dict(await unit.transaction.fetch_one("SELECT name, village_id, consent_version FROM people ORDER BY id DESC LIMIT 1"))

    assert await street.store.transact(read) == {"name": "未登记的人", "village_id": None, "consent_version": ""}
    await stranger.says("/report hazard 路灯坏了")
    assert "1002" not in await stranger.new()
    await stranger.presses("登记")
    await stranger.presses("同意并加入")
    assert (await street.store.transact(read))["name"] == "陈小明"
    await stranger.says("/cases")
    assert "1001" in await stranger.new()


async def test_caller_is_found_for_erasure_ninety_days_after_the_end(street):
    stranger = street.stranger()
    await stranger.says("上徐村着火了")
    await stranger.presses("马上求助")

    async def over(days):
        before = street.at + timedelta(days=days)
        return await street.store.transact(lambda unit: unit.search.callers_over(sorted(unregistered_names()), before=before))

    assert await over(1) == []
    await stranger.presses("误触")
    assert len(await over(1)) == 1
    assert await over(-1) == []


async def test_stranger_without_danger_is_shown_the_way_in_with_their_words_kept(street):
    stranger = street.stranger()
    await stranger.says("老爷爷摔了一跤")
    assert (await stranger.heard())[0].text.startswith("现在有人有危险吗？")
    await stranger.presses("不急")
    await stranger.presses("选我的村")
    await stranger.presses("上徐村")
    await stranger.presses("同意并加入")
    await stranger.presses("报上去")
    assert "老爷爷摔了一跤" in await street.chair.new()


async def test_stranger_presses_again_and_again_and_is_one_case(street):
    stranger = street.stranger()
    await stranger.says("着火了")
    await stranger.presses("上徐村")
    for _ in range(5):
        await stranger.presses_raw("u.at", street.villages["上徐村"])
    await street.officer.says("/case 1002")
    assert "没有找到" in await street.officer.new()


async def test_forged_village_opens_nothing(street):
    stranger = street.stranger()
    await stranger.says("着火了")
    for value in ("999", "x", "1" * 12):
        await stranger.presses_raw("u.at", value)
    assert await street.duty.new() == ""


async def test_stranger_with_a_wish_to_die_is_asked_for_the_village_only_after_the_tap(street):
    stranger = street.stranger()
    await stranger.says("我不想活了")
    (first,) = await stranger.heard()
    assert first.text.startswith("你现在安全吗？")
    assert "上徐村" not in first.buttons
    await stranger.presses("请民警来陪我")
    await stranger.presses("上徐村")
    assert "1001" in await street.duty.new()
    assert await street.chair.new() == ""


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("我在下李村，着火了", ["下李村"]), ("下李着火了", ["下李村"]), ("着火了", []), ("上徐村和下李村中间着火", ["上徐村", "下李村"]),
        ("大上徐村着火", ["大上徐村"]), ("徐家着火", []),
    ],
)  # fmt: skip
async def test_villages_are_read_from_words(tmp_path, town, engine, words, found):
    from tests.handler_harness import HandlerHarness

    harness = await HandlerHarness.open(tmp_path, town, villages=("上徐村", "下李村", "大上徐村"), engine=engine)
    villages = await harness.store.transact(lambda unit: unit.people.list_villages())
    assert sorted(village.name for village in villages_in(words, villages)) == found
    await harness.store.close()
