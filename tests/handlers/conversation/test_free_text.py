"""Free text: messages without a command, and how they become a case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.people.people import Role


@pytest.fixture
async def street(harness):
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.officer = await harness.person("张伟", Role.OFFICER, "上徐村")
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    harness.zhen = await harness.person("阿珍", Role.VILLAGER, "上徐村")
    harness.li = await harness.person("小李", Role.VILLAGER, "下李村")
    return harness


async def test_one_sentence_and_one_tap_make_a_case(street):
    await street.xu.says("邻居砌墙占了我家的路")
    assert "上徐村" in await street.xu.new()
    await street.xu.presses("报上去")
    receipt = await street.xu.new()
    assert "1001" in receipt
    assert "王主任" in receipt
    card = await street.chair.new()
    assert "1001" in card
    assert "邻居砌墙占了我家的路" in card


async def test_a_hidden_name_is_hidden_from_the_chair_and_not_from_the_officer(street):
    await street.xu.says("邻居半夜放音响")
    await street.xu.presses("不让主任知道")
    card = await street.chair.new()
    assert "1001" in card
    assert "老徐" not in card
    await street.officer.says("/case 1001")
    assert "老徐" in await street.officer.new()


async def test_a_report_in_one_line_is_open_at_once(street):
    await street.xu.says("/report dispute 邻居砌墙占了我家的路")
    assert "1001" in await street.xu.new()
    await street.xu.says("/report 隐患 村口路灯不亮")
    assert "1002" in await street.xu.new()


async def test_a_report_without_a_kind_loses_no_word(street):
    await street.xu.says("/report 村口路灯不亮")
    await street.xu.presses("隐患")
    assert "村口路灯不亮" in await street.xu.new()
    await street.xu.presses("报上去")
    assert "1001" in await street.xu.new()


async def test_the_same_hazard_is_joined_and_a_dispute_is_never_shown_to_others(street):
    await street.xu.says("/report hazard 村口的路灯不亮了")
    await street.xu.says("/report dispute 邻居砌墙占了我家的路")
    await street.zhen.says("村口路灯不亮")
    assert "1001" in await street.zhen.new()
    await street.zhen.presses("1001")
    assert "关注" in await street.zhen.new()
    await street.zhen.says("邻居砌墙占了路")
    assert "1002" not in await street.zhen.new()
    await street.li.says("村口路灯不亮")
    assert "1001" not in await street.li.new()


@pytest.mark.parametrize("words", ["救命啊", "我家着火了", "有人落水", "Help me please"])
async def test_an_emergency_is_answered_at_once_whatever_is_going_on(street, words):
    await street.xu.says("/report")
    await street.xu.new()
    await street.xu.says(words)
    said = await street.xu.new()
    assert all(number in said for number in ("110", "119", "120"))
    await street.xu.presses("告诉民警")
    assert words in await street.chair.new()


async def test_a_stranger_in_an_emergency_gets_the_numbers(harness):
    stranger = harness.stranger()
    await stranger.says("救命")
    assert "120" in await stranger.new()


async def test_a_stranger_keeps_his_words_until_he_has_joined(street):
    stranger = street.stranger()
    await stranger.says("邻居砌墙占了我家的路")
    assert "不用重写" in await stranger.new()
    await stranger.says("/start 上徐村")
    await stranger.presses("同意")
    await stranger.presses("报上去")
    assert "邻居砌墙占了我家的路" in await street.chair.new()


async def test_leaving_always_works(street):
    await street.xu.says("/report")
    await street.xu.says("取消")
    assert "已取消" in await street.xu.new()
    await street.xu.says("取消")
    assert "没有要取消" in await street.xu.new()


async def test_a_photo_after_a_report_joins_it(street):
    await street.xu.says("/report hazard 路灯不亮")
    await street.xu.new()
    photo = {"type": "photo", "file_id": "f1", "file_unique_id": "u1"}
    await street.xu.says("", media=photo)
    assert "1001" in await street.xu.new()
    await street.xu.says("", media=photo | {"file_unique_id": "u2"}, album="a")
    await street.xu.says("", media=photo | {"file_unique_id": "u3"}, album="a")
    assert (await street.xu.new(drawn=False)).count("1001") == 1


async def test_a_second_sentence_is_asked_about(street):
    await street.xu.says("/report hazard 路灯不亮")
    await street.xu.says("就在小学门口那个")
    await street.xu.presses("加到 1001")
    await street.xu.says("邻居又吵起来了")
    await street.xu.presses("另报一件")
    await street.xu.presses("报上去")
    assert "1002" in await street.xu.new()


@pytest.mark.parametrize("odd", ["", "。", "/nonsense", "👍"])
async def test_nothing_is_answered_with_silence(street, odd):
    facts = {"media": {"type": "sticker", "file_id": "s", "file_unique_id": "s"}} if odd == "" else {}
    await street.xu.says(odd, **facts)
    assert await street.xu.new()


async def test_a_flood_gets_one_sentence_and_an_emergency_gets_through(street):
    limit = street.town.limits.texts_per_minute
    for _ in range(limit):
        await street.xu.says("在吗")
    await street.xu.new()
    await street.xu.says("在吗")
    assert "太快" in await street.xu.new()
    await street.xu.says("在吗")
    assert await street.xu.new() == ""
    await street.xu.says("救命")
    assert "120" in await street.xu.new()
    await street.time_passes(minutes=2)
    await street.xu.says("在吗")
    assert await street.xu.new()


async def flood(who, way, times):
    for turn in range(times):
        match way:
            case "command":
                await who.says("/me")
            case "press":
                await who.presses_raw("menu")
            case "correction":
                await who.says(f"/report hazard 路灯不亮 {turn}", edited=True)
            case "picture":
                await who.says(media={"type": "photo", "file_id": f"f{turn}", "file_unique_id": f"u{turn}"})


@pytest.mark.parametrize("way", ["command", "press", "correction", "picture"])
async def test_whatever_somebody_floods_with_is_refused_once_and_then_nothing_happens(street, way):
    await flood(street.xu, way, street.town.limits.texts_per_minute)
    await street.xu.new()
    await flood(street.xu, way, 5)
    refusals = [*street.xu.toasts, *filter(None, [await street.xu.new()])]
    assert [refusal for refusal in refusals if "太快" in refusal] == refusals[-1:] == refusals
    await street.zhen.says("/me")
    assert "阿珍" in await street.zhen.new()
    await street.time_passes(minutes=1)
    await street.xu.says("/me")
    assert "老徐" in await street.xu.new()


async def test_who_is_too_fast_still_cries_for_help(street):
    await flood(street.xu, "command", street.town.limits.texts_per_minute + 5)
    await street.xu.new()
    await street.xu.says("有人触电了")
    assert "120" in await street.xu.new()
    await street.xu.presses("告诉民警")
    assert "触电" in await street.officer.new()
    await street.zhen.says("/sos 着火了")
    assert "着火" in await street.officer.new()


async def test_who_holds_a_post_works_four_times_as_fast_and_is_never_too_fast_to_end_a_wait(street):
    limit = street.town.limits.texts_per_minute
    await street.xu.says("/report dispute 邻居砌墙占了我家的路")
    await flood(street.chair, "command", 4 * limit)
    assert "太快" not in await street.chair.new()
    await flood(street.chair, "command", 2)
    assert (await street.chair.new()).count("太快") == 1
    await street.chair.says("/accept 1001")
    assert "已受理" in await street.xu.new()
    await flood(street.xu, "command", limit + 1)
    await street.xu.new()
    await street.xu.says("/accept 1001")
    assert await street.xu.new() == ""


async def test_a_place_that_moves_along_and_a_groups_talk_count_for_nothing(street):
    for _ in range(2 * street.town.limits.texts_per_minute):
        await street.xu.says(edited=True, location=(28.9, 120.1))
        await street.xu.says("大家好", chat=-4001)
        await street.xu.says("大家早", chat=-4001, edited=True)
    await street.xu.says("/me")
    assert "老徐" in await street.xu.new()


@pytest.mark.parametrize("number", ["#1001", "1001", "＃１００１", "１００１"])
async def test_a_number_shows_the_case(street, number):
    await street.xu.says("/report hazard 路灯不亮")
    await street.xu.new()
    await street.xu.says(number)
    assert "路灯不亮" in await street.xu.new()
    await street.li.says(number)
    absent = await street.li.new()
    await street.li.says(number.replace("1001", "9999").replace("１００１", "９９９９"))
    assert (await street.li.new()).replace("9999", "1001") == absent


async def test_lists_are_scoped_filtered_and_searched(street):
    for words in ("路灯不亮", "井盖没了", "电线掉了"):
        await street.xu.says(f"/report hazard {words}")
    await street.chair.new()
    await street.chair.says("/cases")
    listed = await street.chair.new()
    assert all(number in listed for number in ("1001", "1002", "1003"))
    await street.chair.says("/cases 路灯")
    found = await street.chair.new()
    assert "1001" in found
    assert "1002" not in found
    await street.li.says("/cases")
    assert "1001" not in await street.li.new()


async def test_a_chair_reports_for_somebody_without_a_phone(street):
    await street.chair.presses_raw("m.other")
    await street.chair.says("徐奶奶")
    await street.chair.presses("纠纷")
    await street.chair.says("儿子半年没给生活费")
    for label in ("婚姻家庭", "跳过", "报上去"):
        await street.chair.presses(label)
    assert "徐奶奶" in await street.chair.new()


HOSTILE = [
    "<b>警察</b>",
    "a\x00b",
    "\u202eabc",
    "e" + "\u0301" * 500,
    "x" * 4096,
    "👨‍👩‍👧‍👦" * 300,
    "=cmd|' /C calc'!A0",
    "'; DROP TABLE cases; --",
    "{number}",
    "%s%n",
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_words_are_kept_and_shown_inertly(street, words):
    await street.xu.says(f"/report hazard 看这里 {words}")
    assert "1001" in await street.xu.new()
    card = await street.chair.new()
    assert "看这里" in card
    assert "<b>警察" not in card
    assert "\u202e" not in card


async def test_a_late_message_is_marked(street):
    await street.xu.says("/report hazard 路灯不亮", sent_at=street.at - timedelta(hours=3))
    assert "补报" in await street.chair.new()


async def test_what_was_asked_about_a_hazard_stands_on_the_card(street):
    await street.xu.says("/report")
    await street.xu.presses("隐患")
    await street.xu.says("电线掉在路上")
    asked = await street.xu.new()
    assert all(number in asked for number in ("110", "119", "120"))
    await street.xu.presses("有，很急")
    assert "有，很急" in await street.chair.new()
