"""Elder mode: four buttons, a voice report with three kinds, one short sentence back."""

from __future__ import annotations

import json

import pytest

from domain.cases.case import Kind
from domain.core.change import PersonId
from domain.people.people import Role
from tests.handler_harness import Voice
from tests.handlers.cases.test_moves import Street, card, stored, street

__all__ = ["street"]


def id_of(who: Voice) -> PersonId:
    assert who.person_id is not None
    return who.person_id


VOICE = {"type": "voice", "file_id": "v", "file_unique_id": "v"}


@pytest.mark.parametrize("words", ["字太小", "听不清", "老人"])
async def test_words_switch_it_on_and_off(street: Street, words: str):
    await street.villager.says(words)
    menu = [message for message in await street.villager.heard() if message.buttons][-1]
    assert len(menu.buttons) == 4
    assert all(len(line) == 1 for line in json.loads(menu.row["buttons"]))
    await street.villager.says("普通模式")
    assert len([message for message in await street.villager.heard() if message.buttons][-1].buttons) > 4


async def test_voice_is_a_report_after_one_tap_and_is_read_back_in_one_sentence(street: Street):
    await street.villager.says("老人")
    await street.villager.presses("报事")
    assert "按住话筒" in await street.villager.new()
    await street.villager.says("", media=VOICE)
    asked = [message for message in await street.villager.heard() if message.key == "elder.which_kind"][-1]
    assert "王主任" in asked.text
    assert [verb for verb, _ in asked.buttons.values()].count("answer") == 3
    await street.villager.new()
    await street.villager.presses("东西坏了，不安全")
    case = await stored(street)
    assert (case.kind, case.voices) == (Kind.HAZARD, 1)
    told = (await street.villager.new()).split("\n")
    assert told == ["收到，<b>1001</b> 号。王主任今天 17:00 前找你，急了打 110。"]
    assert "［语音］" in await card(street.chair)


async def test_question_of_a_handler_is_answered_by_voice(street: Street):
    await street.villager.says("老人")
    await street.villager.says("", media=VOICE)
    await street.villager.presses("别的事")
    await street.chair.says("/accept 1001")
    await street.chair.presses("问一句")
    await street.chair.says("哪一盏灯？")
    await street.villager.says("", media=VOICE | {"file_id": "w", "file_unique_id": "w"})
    assert "报事人回答" in await street.chair.new()
    assert (await stored(street)).voices == 2


async def test_urgent_words_keep_the_full_receipt(street: Street):
    await street.villager.says("老人")
    await street.villager.says("/sos 老人胸痛")
    assert "号。" not in (await street.villager.new()).split("收到")[-1].split("\n")[0]


async def test_member_switches_it_on_for_an_elder_who_has_a_phone_here(street: Street):
    member = await street.harness.person("李秀英", Role.MEMBER, "上徐村")
    for phone, on in (("13700000000", False), ("13712345678", True)):
        await street.harness.store.transact(lambda unit: unit.privacy.set_phone(id_of(street.villager), "+8613712345678"))
        await member.says("替别人报")
        await member.says(f"徐阿婆 {phone}")
        for label in ("同意", "意见"):
            await member.presses(label)
        await member.says("想装个扶手")
        for label in ("跳过", "让主任和民警知道", "报上去"):
            await member.presses(label)
        assert ("李秀英帮你换成了" in await street.villager.new()) is on


async def test_villager_switches_nobody_else_on(street: Street):
    other = await street.harness.person("周老太", Role.VILLAGER, "上徐村")
    await street.harness.store.transact(lambda unit: unit.privacy.set_phone(id_of(other), "+8613712345678"))
    await street.villager.says("替家里人报")
    await street.villager.says("周老太 13712345678")
    for label in ("同意", "意见"):
        await street.villager.presses(label)
    await street.villager.says("想装个扶手")
    for label in ("跳过", "让主任和民警知道", "报上去"):
        await street.villager.presses(label)
    assert await other.new() == ""
