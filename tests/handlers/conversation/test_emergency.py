"""Danger: the numbers come first, nobody is turned away, and no word is lost on the way."""

from __future__ import annotations

import pytest

from domain.core.change import Address, ChatId, Priority
from domain.people.people import VILLAGE_ROLES, Role
from tests.rows import row

NUMBERS = ("110", "119", "120")


@pytest.fixture
async def street(harness):
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.officer = await harness.person("张伟", Role.OFFICER, "上徐村")
    harness.duty = await harness.person("值班室", Role.DUTY)
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    return harness


def dials(said):
    return all(number in said for number in NUMBERS)


async def test_a_stranger_who_types_sos_gets_the_numbers(street):
    stranger = street.stranger()
    await stranger.says("/sos 老人胸痛")
    assert dials(await stranger.new())


async def test_call_for_help_is_two_taps_from_the_menu_of_every_role(street):
    for role in set(Role) - {Role.STRANGER}:
        with row(role):
            who = await street.person("孙平", role, "上徐村" if role in VILLAGE_ROLES | {Role.VILLAGER} else "")
            await who.says("/start")
            await who.presses("紧急求助")
            assert dials((await who.heard())[-1].text)
            await who.presses("起火")
            if role not in VILLAGE_ROLES | {Role.VILLAGER}:
                await who.presses("上徐村")  # nobody knows where a desk is
            opened = await street.store.transact(lambda unit, who=who: unit.search.urgent_of(who.person_id))
            assert opened is not None


async def test_somebody_suspended_gets_the_numbers(street):
    await street.store.transact(
        lambda unit: unit.transaction.execute("UPDATE people SET suspended_at = 1 WHERE id = ?", (street.xu.person_id,))
    )
    await street.xu.says("/sos 着火了")
    assert dials(await street.xu.new())
    await street.xu.says("着火了")
    assert dials(await street.xu.new())
    await street.xu.presses_raw("urgent")
    assert await street.chair.new() == ""


async def test_sos_with_words_tells_chair_officer_and_duty_desk_at_once(street):
    await street.xu.says("/sos 老人胸痛，在桥头")
    said = await street.xu.new()
    assert dials(said)
    assert "1001" in said
    for who in (street.chair, street.officer, street.duty):
        assert "老人胸痛" in await who.new(), who.name
        assert [card.priority for card in await who.heard()] == [Priority.SOS], who.name


async def test_an_ordinary_report_does_not_travel_as_a_cry_for_help(street):
    await street.xu.says("/report hazard 路灯不亮")
    assert [card.priority for card in await street.chair.heard()] == [Priority.ESCALATION]


async def test_too_many_reports_never_close_the_way_for_an_emergency(street):
    for _ in range(street.town.limits.reports_per_hour):
        await street.xu.says("/report hazard 路灯不亮")
    await street.xu.new()
    await street.xu.says("/report hazard 路灯不亮")
    assert "报得太多" in await street.xu.new()
    await street.xu.says("/sos 有人落水")
    said = await street.xu.new()
    assert dials(said)
    assert "有人落水" in await street.duty.new()
    await street.time_passes(minutes=15)
    await street.xu.says("有人触电了")
    assert "有人触电" in await street.duty.new()


async def test_every_word_of_somebody_in_fear_is_kept_together(street):
    for words in ("救命", "在桥头", "是我爸，没有呼吸了"):
        await street.xu.says(words)
    await street.xu.says("", location=(28.9, 120.1))
    await street.xu.presses("告诉民警")
    card = await street.chair.new()
    assert all(words in card for words in ("救命", "在桥头", "没有呼吸"))
    assert "1002" not in await street.xu.new()
    await street.chair.presses_raw("c.loc", 1001)
    assert "1001" in await street.chair.new()


async def test_an_emergency_in_the_middle_of_a_report_loses_neither(street):
    await street.xu.says("/report hazard")
    await street.xu.says("村口的电线掉下来了")
    await street.xu.says("有人触电了")
    assert dials(await street.xu.new())
    await street.xu.presses("告诉民警")
    card = await street.chair.new()
    assert "触电" in card
    assert "电线掉下来" in card


#: Words that are neither clearly dangerous nor clearly harmless.
UNSURE = "那边有点烟味 不知道怎么回事"


async def test_words_that_may_be_dangerous_are_asked_about_with_the_numbers(street):
    await street.xu.says(UNSURE)
    (asked,) = await street.xu.heard()
    assert asked.text.startswith("现在有人有危险吗？")
    assert dials(asked.text)
    assert list(asked.buttons) == ["有危险，马上求助", "没有危险，照常办"]
    await street.xu.presses("有危险")
    assert UNSURE in await street.duty.new()


async def test_words_become_an_ordinary_report_when_nobody_is_in_danger(street):
    await street.xu.says(UNSURE)
    await street.xu.presses("没有危险")
    await street.xu.presses("报上去")
    receipt = await street.xu.new()
    assert "1001" in receipt
    assert UNSURE in await street.chair.new()
    assert await street.duty.new() == ""


async def test_stranger_is_asked_with_the_numbers_when_words_may_be_dangerous(harness):
    stranger = harness.stranger()
    await stranger.says(UNSURE)
    said = await stranger.new()
    assert said.startswith("现在有人有危险吗？")
    assert dials(said)
    assert "还没告诉任何人" in said


@pytest.mark.parametrize(
    "cry", ["孩子掉河里了", "着大火了", "有人晕倒了", "煤气中毒", "被车撞了", "有人上吊", "心脏病发作", "拿着菜刀在追人", "触了电", "喝药了", "小孩走丢了",
            "my house is burning", "there has been a car accident", "call an ambulance", "someone has a knife"]
)  # fmt: skip
async def test_plain_cry_gets_the_numbers_at_once(street, cry):
    await street.xu.says(cry)
    assert dials(await street.xu.new())


@pytest.mark.parametrize("words", ["110", "119", "打120", "１１０", "sos", "SOS!"])
async def test_a_number_to_dial_is_a_cry_for_help_and_no_case(street, words):
    await street.xu.says(words)
    assert dials(await street.xu.new())


async def test_what_follows_an_emergency_is_added_to_it_without_a_question(street):
    await street.xu.says("/sos 着火了")
    await street.xu.says("还有人在楼上，救命")
    assert dials(await street.xu.new())
    await street.officer.says("/case 1001")
    assert "还有人在楼上" in await street.officer.new()
    await street.officer.says("/case 1002")
    assert "没有找到" in await street.officer.new()


async def test_a_desk_without_a_village_is_asked_only_where(street):
    await street.duty.says("/sos 有人打电话来说着火")
    assert dials(await street.duty.new())
    await street.duty.presses("上徐村")
    assert "着火" in await street.chair.new()


async def test_a_flood_of_cries_is_answered_a_few_times_and_kept(street):
    for turn in range(30):
        await street.xu.says(f"救命 {turn}")
    heard = [message for message in await street.xu.heard() if dials(message.text)]
    assert 3 <= len(heard) <= 10
    await street.xu.presses("告诉民警")
    assert "救命 29" in await street.chair.new()


async def test_a_chair_who_writes_about_danger_goes_on_writing(street):
    await street.xu.says("/report dispute 邻居砌墙")
    await street.chair.presses_raw("c.acc", 1001)
    await street.chair.presses_raw("c.esc", 1001)
    await street.chair.says("双方僵持，一方持刀")
    assert dials(await street.chair.new())
    await street.chair.presses("不急")
    assert "一方持刀" in await street.officer.new()


async def test_what_an_emergency_interrupts_goes_on_after_it(street):
    await street.xu.says("/report dispute 邻居砌墙")
    await street.chair.presses_raw("c.acc", 1001)
    await street.chair.presses_raw("c.med", 1001)
    await street.chair.says("着火了")
    await street.chair.presses("告诉民警")
    assert "着火了" in await street.duty.new()
    await street.chair.presses("今天")
    assert "哪里" in (await street.chair.new()).splitlines()[-1]


async def test_a_mistaken_tap_on_the_emergency_button_costs_nothing(street):
    await street.xu.says("/report hazard")
    await street.xu.says("", media={"type": "photo", "file_id": "f", "file_unique_id": "u"})
    await street.xu.presses_raw("m.sos")
    await street.xu.presses("点错了")
    await street.xu.says("电线掉在路上")
    for label in ("暂时没有", "跳过", "让主任和民警知道", "报上去"):
        await street.xu.presses(label)
    card = await street.chair.new()
    assert "电线掉在路上" in card
    assert "📷 1" in card


async def test_two_taps_tell_once(street):
    await street.xu.says("着火了")
    await street.xu.presses("告诉民警")
    await street.xu.presses_raw("urgent")
    assert "1001" in street.xu.toasts[-1]
    await street.officer.says("/case 1002")
    assert "没有找到" in await street.officer.new()


async def test_a_flood_of_cries_after_the_call_does_not_flood_those_who_come(street):
    await street.xu.says("/sos 着火了")
    for turn in range(30):
        await street.xu.says(f"救命 {turn}")
    assert len(await street.officer.heard()) < 15
    await street.time_passes(minutes=2)
    await street.xu.says("救命，快来")
    assert "救命 29" in await street.officer.new()


async def test_a_cry_that_was_taken_back_and_is_raised_again_reaches_all_who_were_called(street):
    await street.xu.says("/sos 着火了")
    await street.xu.says("/withdraw 1001")
    for who in (street.chair, street.officer, street.duty):
        assert "不用去了" in await who.new(), who.name
    await street.xu.says("/sos 又烧起来了")
    assert dials(await street.xu.new())
    for who in (street.chair, street.officer, street.duty):
        assert "又烧起来了" in await who.new(), who.name
    await street.officer.says("/case 1002")
    assert "没有找到" in await street.officer.new()
    await street.time_passes(seconds=90)
    assert "1001" in await street.duty.new()  # its rounds begin again


async def test_the_button_raises_a_cry_again_that_was_taken_back_also_without_a_word(street):
    await street.xu.says("/sos 着火了")
    for _ in range(4):
        await street.xu.says("/withdraw 1001")
        await street.duty.new()
        await street.xu.presses_raw("m.sos")
        await street.xu.presses("告诉民警")
        assert "1001" in await street.duty.new()


async def test_words_that_only_mention_danger_do_not_raise_again_what_was_taken_back(street):
    await street.xu.says("/sos 着火了")
    await street.xu.says("/withdraw 1001")
    await street.duty.new()
    await street.xu.says("刚才车祸的事，人没事了")
    assert dials(await street.xu.new())
    assert await street.duty.new() == ""


async def test_who_cries_and_takes_it_back_again_and_again_is_one_case_and_few_messages(street):
    for turn in range(30):
        await street.xu.says(f"/sos 着火了 {turn}")
        await street.xu.says("/withdraw 1001")
    for who in (street.chair, street.officer, street.duty):
        heard = [message for message in await who.heard() if message.row["state"] == "waiting"]
        assert len(heard) < 10, (who.name, [message.key for message in heard])
        assert len([message for message in heard if message.priority == Priority.SOS]) == 1, who.name
    await street.officer.says("/case 1002")
    assert "没有找到" in await street.officer.new()
    await street.time_passes(minutes=1)
    await street.xu.says("/sos 真的着火了")
    assert "真的着火了" in await street.duty.new()


async def test_whatever_somebody_adds_to_a_cry_no_other_cry_stands_behind_it(street):
    await street.xu.says("/sos 有人打架")
    for turn in range(20):
        await street.xu.says(f"/note 1001 快来 {turn}")
    added = [message for message in await street.duty.heard() if message.key == "case.note.to_handlers"]
    assert {message.priority for message in added} == {Priority.REPLY}
    assert [message.text for message in added if message.row["fresh"]] == [added[0].text]
    waiting = [message for message in added if message.row["state"] == "waiting"]
    assert waiting == [added[0], added[-1]]
    assert all(f"快来 {turn}\n" in added[-1].text for turn in range(19))
    await street.time_passes(minutes=1)
    await street.xu.says("/note 1001 他走了")
    last = [message for message in await street.duty.heard() if message.key == "case.note.to_handlers"][-1]
    assert (last.row["fresh"], "快来" in last.text) == (1, False)


async def test_a_line_does_not_end_an_open_conversation(street):
    await street.chair.presses_raw("m.other")
    await street.chair.says("/report hazard 路灯不亮")
    await street.chair.says("徐奶奶")
    assert "哪一类" in (await street.chair.new()).splitlines()[-1]


async def test_what_a_stranger_said_is_there_when_he_joins_by_another_door(street):
    stranger = street.stranger()
    await stranger.says("邻居砌墙占路")

    async def joins(unit):
        person = await unit.people.add("小陈", at=street.at, village_id=street.villages["上徐村"], consent_version="1")
        await unit.people.attach(person, Address("telegram", ChatId(stranger.user_id)), at=street.at)

    await street.store.transact(joins)
    await stranger.says("已经吵了三天")
    await stranger.presses("报上去")
    card = await street.chair.new()
    assert "邻居砌墙占路" in card
    assert "三天" in card
