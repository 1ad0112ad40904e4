"""Every way into the bot hears a call for help: the same numbers, no word lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.routes import DIALOGS, ROUTES
from domain.core.change import Address, ChatId
from domain.emergencies.heard import Danger
from domain.people.people import Policy, Role
from handlers.core.route import CommandRoute
from storage.core.drafts import Draft

if TYPE_CHECKING:
    from tests.handler_harness import HandlerHarness, Voice

NUMBERS = ("110", "119", "120")
GROUP = -100_200_300
PHOTO = {"type": "photo", "file_id": "f", "file_unique_id": "u"}
CRIES = ("着火了", "孩子掉河里了", "煤气中毒了快来人", "my house is burning")
#: Dialogs whose answers are about other people's danger, by design.
UNHEARD = {
    "alert", "alone", "care_back", "care_debrief", "care_line", "drill", "escort", "escort_step", "missing", "notice", "tip_own", "tip_plan",
    "transfer",
}  # fmt: skip
#: A role that passes each policy.
HOLDER = {
    Policy.ANYONE: Role.VILLAGER, Policy.JOINED: Role.VILLAGER, Policy.POST: Role.MEMBER, Policy.COMMITTEE: Role.MEMBER,
    Policy.HANDLER: Role.CHAIR, Policy.POLICE: Role.OFFICER, Policy.STATION: Role.DUTY, Policy.ADMIN: Role.ADMIN,
}  # fmt: skip
IN_OFFICE = (Policy.POLICE, Policy.STATION, Policy.ADMIN)


@pytest.fixture
async def street(harness):
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.officer = await harness.person("张伟", Role.OFFICER, "上徐村")
    harness.duty = await harness.person("值班室", Role.DUTY)
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    return harness


def dials(said: str) -> bool:
    return all(number in said for number in NUMBERS)


async def held_draft(harness: HandlerHarness, who: Voice) -> Draft | None:
    return await harness.store.transact(lambda unit: unit.drafts.find(Address("telegram", ChatId(who.user_id))))


# Every way in ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "step"), [(dialog.name, step.name) for dialog in DIALOGS.values() if dialog.name not in UNHEARD for step in dialog.steps]
)
async def test_every_answer_in_every_dialog_is_heard(street, name, step):
    who = await street.person("某某", HOLDER[DIALOGS[name].policy], "上徐村")

    async def opens(unit):
        await unit.drafts.put(Draft(Address("telegram", ChatId(who.user_id)), name, step, {}, street.at, street.at))

    await street.store.transact(opens)
    await who.says("着火了")
    heard = await who.heard()
    assert dials(heard[0].text)
    draft = await held_draft(street, who)
    assert draft is not None
    assert (draft.dialog, draft.answers["said"]) == ("urgent", "着火了")
    assert draft.answers["interrupted"]["step"] == step


def test_dialogs_that_are_not_heard_say_why():
    assert {dialog.name for dialog in DIALOGS.values() if dialog.unheard} == UNHEARD


@pytest.mark.parametrize(
    "name", [route.name for route in ROUTES if isinstance(route, CommandRoute) and route.where != "group" and route.policy not in IN_OFFICE]
)
async def test_every_command_is_heard(street, name):
    await street.xu.says(f"/{name} 着火了")
    assert any(dials(message.text) for message in await street.xu.heard()), name


@pytest.mark.parametrize("words", CRIES)
@pytest.mark.parametrize(
    ("way", "facts"),
    [
        ("{words}", {}),
        ("{words}", {"media": PHOTO}),
        ("{words}", {"media": PHOTO, "album": "a1"}),
        ("{words}", {"media": {**PHOTO, "type": "video"}}),
        ("{words}", {"reply_to": 5}),
        ("{words}", {"reply_to": 5, "to_me": True}),
        ("{words}", {"edited": True}),
        ("/report {words}", {}),
        ("/report hazard {words}", {}),
        ("/report hazard {words}", {"media": PHOTO}),
        ("/sos {words}", {}),
        ("/nosuchcommand {words}", {}),
    ],
)
async def test_call_reaches_the_desk_with_at_most_one_tap_whatever_way_it_comes(street, words, way, facts):
    await street.xu.says(way.format(words=words), **facts)
    first, *_ = await street.xu.heard()
    assert dials(first.text)
    if not await street.duty.new():
        await street.xu.presses("告诉民警")
        assert words in await street.duty.new()
    await street.officer.says("/case 1001")
    card = await street.officer.new()
    assert words in card
    assert ("📷" in card or "📎" in card) == ("media" in facts)
    await street.officer.says("/case 1002")
    assert "没有找到" in await street.officer.new()


@pytest.mark.parametrize("words", CRIES)
async def test_forwarded_call_is_asked_about(street, words):
    await street.xu.says(words, forwarded=True)
    (asked,) = await street.xu.heard()
    assert asked.text.startswith("现在有人有危险吗？")
    assert dials(asked.text)
    assert "没有危险，照常办" in asked.buttons


async def test_report_words_that_may_be_dangerous_are_asked_about(street):
    await street.xu.says("/report hazard 老爷爷摔了一跤")
    (asked,) = await street.xu.heard()
    assert asked.text.startswith("现在有人有危险吗？")
    assert dials(asked.text)
    await street.xu.presses("没有危险")
    await street.xu.presses("报上去")
    assert "隐患" in await street.chair.new()


async def test_harmless_edit_is_not_a_call(street):
    await street.xu.says("路灯坏了", edited=True)
    assert await street.xu.new() == ""


async def test_edit_is_a_call_once(street):
    await street.xu.says("村口路灯坏了", message_id=700)
    await street.xu.says("村口着火了", message_id=700, edited=True)
    assert dials((await street.xu.heard())[-1].text)
    await street.xu.presses("不急")
    before = len([each for each in await street.xu.heard() if dials(each.text)])
    await street.xu.says("村口着火了！", message_id=700, edited=True)
    assert len([each for each in await street.xu.heard() if dials(each.text)]) == before


async def test_voice_after_the_button_belongs_to_the_call(street):
    await street.xu.presses_raw("m.sos")
    await street.xu.new()
    await street.xu.says(media={**PHOTO, "type": "voice"})
    assert dials(await street.xu.new())
    await street.xu.presses("起火")
    assert "1001" in await street.duty.new()


# Groups ---------------------------------------------------------------------------------------------------------------


async def test_call_in_a_group_is_answered_with_numbers_and_the_way_to_the_private_chat(street):
    await street.xu.says("老徐家着火了", chat=GROUP)
    await street.xu.says("快来人啊着火了", chat=GROUP)
    (answer,) = await street.heard_in(GROUP)
    assert dials(answer.text)
    assert "老徐" not in answer.text
    assert "https://t.me/tongxin_bot?start=sos" in answer.row["buttons"]
    await street.xu.says("/start sos")
    assert dials(await street.xu.new())


async def test_forwarded_call_in_a_group_is_left_alone(street):
    await street.xu.says("着火了", chat=GROUP, forwarded=True)
    assert await street.heard_in(GROUP) == []


async def test_words_that_may_be_dangerous_are_answered_in_a_group_when_they_address_the_bot(street):
    await street.xu.says("老爷爷摔了一跤", chat=GROUP)
    assert await street.heard_in(GROUP) == []
    await street.xu.says("老爷爷摔了一跤", chat=GROUP, to_me=True)
    (answer,) = await street.heard_in(GROUP)
    assert dials(answer.text)


async def test_call_about_another_village_is_one_tap_there(street):
    far_chair = await street.person("李主任", Role.CHAIR, "下李村")
    await street.xu.says("下李村老祠堂着火了")
    first = (await street.xu.heard())[-1]
    assert next(iter(first.buttons)) == "下李村 · 马上求助"
    assert "告诉民警和主任" in first.buttons
    await street.xu.presses("下李村 · 马上求助")
    assert "老祠堂" in await far_chair.new()
    assert await street.chair.new() == ""


async def test_desk_without_a_village_sends_with_one_tap_when_the_words_name_one(street):
    await street.duty.says("有人来电话说上徐村着火了")
    await street.duty.presses("上徐村 · 马上求助")
    assert "着火" in await street.chair.new()


# Kinds ----------------------------------------------------------------------------------------------------------------


async def danger(harness: HandlerHarness) -> tuple[str, int, int, str]:
    async def read(unit):
        row = await unit.transaction.fetch_one("SELECT danger, at_home, police_only, severity FROM cases WHERE id = 1001")
        return row["danger"], row["at_home"], row["police_only"], row["severity"]

    return await harness.store.transact(read)


@pytest.mark.parametrize(
    ("words", "kind", "first"),
    [
        ("孩子掉河里了", Danger.WATER, "别下水"),
        ("着火了", Danger.FIRE, "别回去拿东西"),
        ("煤气漏了头晕", Danger.GAS, "到屋外再打 119"),
        ("有人喝农药了", Danger.SUICIDE, "拿开农药、刀、绳"),
        ("老人走丢了找不到", Danger.MISSING, "不用等 24 小时"),
        ("我爸晕倒了没反应", Danger.MEDICAL, "别离开病人"),
        ("有人拿刀砍人", Danger.VIOLENCE, "锁上门"),
    ],
)
async def test_words_say_the_kind_and_the_first_thing_to_do(street, words, kind, first):
    await street.xu.says(words)
    said = await street.xu.new()
    assert dials(said)
    assert first in said
    assert "我还没告诉任何人" in said
    await street.xu.presses("告诉民警")
    assert (await danger(street))[0] == kind


@pytest.mark.parametrize(
    ("label", "kind"),
    [("病倒", "medical"), ("起火", "fire"), ("落水", "water"), ("路上急病", "medical"), ("走失", "missing"), ("其他", "")],
)
@pytest.mark.parametrize("role", [Role.VILLAGER, Role.CHAIR])
async def test_two_taps_from_the_menu_send_for_help(street, label, kind, role):
    who = street.xu if role is Role.VILLAGER else await street.person("李主任", Role.CHAIR, "上徐村")
    await who.presses_raw("m.sos")
    assert dials(await who.new())
    await who.presses(label)
    assert (await danger(street))[0] == kind
    assert "1001" in await street.duty.new()


async def test_own_wish_to_die_is_answered_softly_and_goes_to_the_police_alone(street):
    await street.xu.says("我不想活了")
    (said,) = await street.xu.heard()
    assert said.text.startswith("你现在安全吗？")
    assert all(number in said.text for number in ("110", "120", "12356"))
    await street.xu.presses("请民警来陪我")
    assert (await danger(street)) == (Danger.SUICIDE, 0, 1, "pressing")
    assert "1001" in await street.duty.new()
    assert await street.chair.new() == ""


async def test_own_wish_to_die_is_told_to_nobody_without_the_tap(street):
    await street.xu.says("我不想活了")
    await street.xu.presses("现在不用")
    assert "12356" in await street.xu.new()
    for who in (street.chair, street.officer, street.duty):
        assert await who.new() == ""


async def test_own_wish_to_die_does_not_join_a_call_that_the_chair_sees(street):
    await street.xu.says("/sos 着火了")
    await street.chair.new()
    await street.xu.says("我不想活了")
    await street.xu.presses("请民警来陪我")
    assert "1002" in await street.duty.new()
    assert "不想活" not in await street.chair.new()


# Late -----------------------------------------------------------------------------------------------------------------


async def test_late_call_is_asked_about_and_the_desk_knows_of_it(street):
    await street.xu.says("着火了", sent_at=street.at - timedelta(minutes=40))
    said = await street.xu.new()
    assert "还需要帮忙吗" in said
    assert dials(said)
    told = await street.duty.new()
    assert "40 分钟" in told
    assert "着火了" in told
    assert await street.chair.new() == ""
    await street.xu.presses("还需要")
    assert "着火了" in await street.chair.new()


async def test_late_call_ends_with_one_tap_when_help_is_no_longer_needed(street):
    await street.xu.says("/sos 着火了", sent_at=street.at - timedelta(hours=2))
    await street.xu.presses("不用了")
    assert await street.chair.new() == ""


async def test_press_from_an_outage_is_asked_about(street):
    await street.xu.presses_raw("m.sos")
    await street.xu.new()
    await street.comes_in(street.xu, "", verb="urgent", values=("fire",), press_id="p", sent_at=street.at - timedelta(hours=1))
    said = await street.xu.new()
    assert "还需要帮忙吗" in said
    assert dials(said)
    await street.xu.presses("还需要")
    assert (await danger(street))[0] == Danger.FIRE


async def test_late_call_is_treated_as_any_other_when_no_desk_can_be_told(harness):
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await xu.says("着火了", sent_at=harness.at - timedelta(hours=2))
    await xu.presses("告诉民警")
    assert "着火了" in await chair.new()
