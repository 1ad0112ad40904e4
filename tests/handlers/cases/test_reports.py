"""Reporting: one tap, questions, voice, pieces, lateness, corrections, for others, privacy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.people.people import Leave, Role

PHOTO = {"type": "photo", "file_id": "f1", "file_unique_id": "u1"}
VOICE = {"type": "voice", "file_id": "v1", "file_unique_id": "v1"}


@pytest.fixture
async def street(harness):
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.officer = await harness.person("张伟", Role.OFFICER, "上徐村")
    harness.duty = await harness.person("值班室", Role.DUTY)
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    harness.zhen = await harness.person("阿珍", Role.VILLAGER, "上徐村")
    return harness


# Reports -------------------------------------------------------------------------------------------------------------------


async def test_a_voice_message_alone_is_a_report(street):
    await street.xu.says("", media=VOICE)
    assert "上徐村" in await street.xu.new()
    await street.xu.presses("报上去")
    assert "1001" in await street.xu.new()
    card = await street.chair.new()
    assert "语音" in card
    assert "🎤 1" in card


async def test_an_english_voice_report_has_english_words(street):
    emma = await street.person("Emma", Role.VILLAGER, "上徐村", language="en")
    await emma.says("", media=VOICE)
    assert not any("一" <= sign <= "鿿" for sign in (await emma.new()).replace("上徐村", "").replace("王", ""))


async def test_the_first_card_shows_that_there_are_pictures(street):
    await street.xu.says("村口电线掉下来了", media=PHOTO)
    await street.xu.says("", media=PHOTO | {"file_unique_id": "u2"})
    await street.xu.presses("报上去")
    card = (await street.chair.heard())[-1]
    assert "📷 2" in card.text
    assert any(verb == "c.pic" for verb, _ in card.buttons.values())


async def test_a_picture_sent_after_the_report_changes_the_chairs_card(street):
    await street.xu.says("/report hazard 路灯不亮")
    await street.chair.new()
    await street.xu.says("就是这个", media=PHOTO)
    card = (await street.chair.heard())[-1]
    assert "📷 1" in card.text
    assert card.card == "case:1001"


async def test_speaking_first_and_sorting_later_loses_nothing(street):
    await street.xu.presses_raw("m.report")
    await street.xu.says("", media=VOICE)
    await street.xu.says("就在桥头", media=PHOTO)
    await street.xu.presses("隐患")
    await street.xu.presses("说完了")
    for label in ("暂时没有", "跳过", "让主任和民警知道", "报上去"):
        await street.xu.presses(label)
    card = (await street.chair.heard())[-1].text
    assert all(shown in card for shown in ("就在桥头", "🎤 1", "📷 1"))


@pytest.mark.parametrize("after", ["电线掉在路上", "暂时没有", "跳过", "让主任和民警知道"])
async def test_words_and_pictures_instead_of_a_tap_join_the_report(street, after):
    """After any answer, something else is said where the next tap was expected."""
    await street.xu.says("/report hazard")
    for answer in ("电线掉在路上", "暂时没有", "跳过", "让主任和民警知道", "报上去"):
        if answer == "电线掉在路上":
            await street.xu.says(answer)
        else:
            await street.xu.presses(answer)
        if answer == after:
            if answer != "暂时没有":  # there words are the place that is asked for
                await street.xu.says("还冒火花，小孩在边上玩")
            await street.xu.says("", media=PHOTO)
    card = [heard for heard in await street.chair.heard() if heard.card == "case:1001"][-1].text
    assert "还冒火花" in card or after == "暂时没有"
    assert "📷 1" in card


@pytest.mark.parametrize("word", ["报上去", "好的", "嗯", "OK"])
async def test_yes_can_be_said_instead_of_pressed(street, word):
    await street.xu.says("村口路灯不亮")
    await street.xu.says(word)
    assert "1001" in await street.xu.new()


async def test_the_label_of_an_answer_can_be_typed(street):
    await street.xu.says("/report dispute")
    await street.xu.says("砌墙占路")
    await street.xu.says("邻里")
    await street.xu.says("桥头东边")
    await street.xu.says("只让民警知道")
    await street.xu.presses("报上去")
    card = (await street.chair.heard())[-1].text
    assert "邻里" in card
    assert "老徐" not in card


async def test_another_kind_is_two_taps_away(street):
    await street.xu.says("村口路灯不亮")
    await street.xu.presses("换个类别")
    await street.xu.presses("意见建议")
    await street.xu.presses("报上去")
    assert "社情民意" in (await street.chair.heard())[-1].text


HOSTILE = [
    "<b>警察</b>",
    "a\x00b",
    "\u202eabc",
    "e" + "\u0301" * 500,
    "x" * 4096,
    "\ud800",
    "👨‍👩‍👧‍👦" * 300,
    "{number}",
    "%s%n",
    "report.late.yes",
    "|" * 50,
    "٣",
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_answers_to_every_question_are_kept_or_refused_in_words(street, words):
    await street.xu.presses_raw("m.report")
    for tap in ("诈骗", None, "已经转了", None, None, "让主任和民警知道"):
        before = len(await street.xu.heard())
        await street.xu.says(words)
        assert len(await street.xu.heard()) > before
        if tap is not None and any(tap in label for label in (await street.xu.heard())[-1].buttons):
            await street.xu.presses(tap)
    for forged in (("report", "confirm", words), ("report", "kind", "0"), ("quick", "what", "1001"), ("", "", ""), ("report",)):
        await street.xu.presses_raw("answer", *forged)
    for message in [*await street.xu.heard(), *await street.chair.heard()]:
        assert "<b>警察" not in message.text
        assert "\u202e" not in message.text
        assert "\x00" not in message.text


async def finish_words(who):
    if any("说完了" in label for label in (await who.heard())[-1].buttons):
        await who.presses("说完了")


async def test_an_album_is_one_report_and_one_answer(street):
    for turn in range(5):
        await street.xu.says("墙裂了" if turn == 0 else "", media=PHOTO | {"file_unique_id": f"a{turn}"}, album="a")
    assert len(await street.xu.heard()) <= 2
    await street.xu.presses("报上去")
    assert "📷 5" in (await street.chair.heard())[-1].text


async def test_a_third_sentence_does_not_push_out_the_second(street):
    await street.xu.says("/report hazard 路灯不亮")
    await street.xu.says("在小学门口")
    await street.xu.says("已经三天了")
    await street.xu.presses("加到 1001")
    await street.officer.says("/case 1001")
    card = await street.officer.new()
    assert "在小学门口" in card
    assert "已经三天了" in card


async def test_the_question_where_words_belong_can_be_answered_later(street):
    await street.xu.says("/report hazard 路灯不亮")
    await street.xu.says("在小学门口")
    await street.time_passes(minutes=30)
    await street.xu.presses("加到 1001")
    await street.officer.says("/case 1001")
    assert "在小学门口" in await street.officer.new()


async def test_a_report_that_arrived_late_says_so_on_whatever_way_it_came(street):
    await street.xu.says("路灯不亮", sent_at=street.at - timedelta(hours=3))
    await street.xu.presses("报上去")
    assert "补报" in await street.chair.new()
    await street.zhen.says("井盖没了")
    await street.zhen.presses("报上去")
    assert "补报" not in await street.chair.new()


# Corrections ---------------------------------------------------------------------------------------------------------------


async def test_a_corrected_message_corrects_the_report(street):
    ctx = await street.xu.says("/report hazard 东边路灯不亮")
    await street.time_passes(hours=3)
    await street.xu.says("/report hazard 西边路灯不亮", edited=True, message_id=ctx.incoming.message_id)
    await street.officer.says("/case 1001")
    card = await street.officer.new()
    assert "西边路灯不亮" in card
    assert "更正" in card


async def test_a_message_corrected_before_it_is_a_report_is_corrected_in_the_draft(street):
    ctx = await street.xu.says("东边路灯不亮")
    await street.xu.says("西边路灯不亮", edited=True, message_id=ctx.incoming.message_id)
    await street.xu.presses("报上去")
    assert "西边路灯不亮" in await street.chair.new()


async def test_other_corrections_are_nobodys_business(street):
    await street.xu.says("/report hazard 路灯不亮")
    other = await street.zhen.says("你好")
    for who in (street.xu, street.zhen, street.chair):
        await who.new()
    await street.xu.says("别的话", edited=True, message_id=99_999)
    await street.zhen.says("别的话", edited=True, message_id=other.incoming.message_id)
    for who in (street.xu, street.zhen, street.chair):
        assert await who.new() == ""


# Questions -----------------------------------------------------------------------------------------------------------------


async def test_the_rare_kinds_of_dispute_are_one_tap_further(street):
    await street.xu.says("/report dispute")
    await street.xu.says("物业乱收费")
    await finish_words(street.xu)
    await street.xu.presses("更多")
    await street.xu.presses("物业")
    for label in ("跳过", "让主任和民警知道", "报上去"):
        await street.xu.presses(label)
    assert "物业" in (await street.chair.heard())[-1].text.splitlines()[0]


async def test_who_lost_money_is_asked_how_much(street):
    await street.xu.says("/report fraud")
    await street.xu.says("上个月刷单被骗了")
    await finish_words(street.xu)
    await street.xu.presses("已经转了")
    await street.xu.says("三千二")
    for label in ("跳过", "让主任和民警知道", "报上去"):
        await street.xu.presses(label)
    assert "三千二" in (await street.chair.heard())[-1].text


async def test_a_preview_can_be_changed(street):
    await street.xu.says("/report opinion")
    await street.xu.says("公交车太少")
    await finish_words(street.xu)
    for label in ("跳过", "让主任和民警知道"):
        await street.xu.presses(label)
    await street.xu.presses("修改")
    await street.xu.says("公交车末班太早")
    await finish_words(street.xu)
    assert "末班太早" in (await street.xu.heard())[-1].text
    await street.xu.presses("报上去")
    card = (await street.chair.heard())[-1].text
    assert "末班太早" in card
    assert "太少" not in card


async def test_forty_villages_come_in_pages(harness):
    async def build(unit):
        for number in range(40):
            await unit.transaction.execute("INSERT INTO villages (station_id, name) VALUES (?, ?)", (harness.station, f"第{number}村"))

    await harness.store.transact(build)
    duty = await harness.person("值班室", Role.DUTY)
    await duty.says("有人打电话说路灯不亮")
    assert len((await duty.heard())[-1].buttons) < 30
    while not any("第39村" in label for label in (await duty.heard())[-1].buttons):
        await duty.presses("下一页")
    await duty.presses("第39村")
    await duty.presses("报上去")
    assert "1001" in await duty.new()


async def test_the_desk_can_type_the_village(street):
    await street.duty.says("有人打电话说路灯不亮")
    await street.duty.says("上徐")
    await street.duty.presses("报上去")
    assert "路灯不亮" in await street.chair.new()


async def test_a_telephone_given_for_somebody_else_is_seen_by_who_handles_it(street):
    secretary = await street.person("李秀英", Role.SECRETARY, "上徐村")
    await street.chair.presses_raw("m.other")
    await street.chair.says("徐奶奶 13812345678")
    await street.chair.presses("意见")
    await street.chair.says("想装个扶手")
    await finish_words(street.chair)
    for label in ("跳过", "报上去"):
        await street.chair.presses(label)
    await street.officer.says("/case 1001")
    card = await street.officer.new()
    assert "徐奶奶" in card
    assert "13812345678" in card
    await secretary.says("/case 1001")
    assert "13812345678" not in await secretary.new()


async def test_a_report_for_somebody_else_is_not_finished_after_the_post_has_ended(street):
    member = await street.person("徐小军", Role.MEMBER, "上徐村")
    await member.presses_raw("m.other")
    await member.says("徐奶奶 13812345678")
    await member.presses("同意")
    await street.store.transact(lambda unit: unit.people.dismiss(member.person_id, at=street.at))
    await member.presses("意见")
    await member.says("想装个扶手")
    await finish_words(member)
    for label in ("跳过", "让主任和民警知道", "报上去"):
        await member.presses(label)
    assert "不归你办" in member.toasts[-1]
    assert not await street.store.transact(lambda unit: unit.transaction.fetch_all("SELECT id FROM cases"))


# About the chair himself ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("meanwhile", ["in office", "on leave", "suspended", "on leave and suspended"])
async def test_what_is_about_the_chair_is_never_shown_to_him_wherever_he_was_when_it_was_said(street, meanwhile):
    deputy = await street.person("徐小军", Role.MEMBER, "上徐村")
    leave = Leave(street.chair.person_id, deputy.person_id, street.at, street.at + timedelta(days=7))
    if "leave" in meanwhile:
        await street.store.transact(lambda unit: unit.directory.add_leave(leave, at=street.at))
    if "suspended" in meanwhile:
        await street.store.transact(lambda unit: unit.directory.suspend(street.chair.person_id, at=street.at))
    await street.xu.says("主任收了工程队的红包")
    await street.xu.presses("再说清楚些")
    for label in ("跳过", "这事跟主任有关", "报上去"):
        await finish_words(street.xu)
        await street.xu.presses(label)
    await street.store.transact(lambda unit: unit.directory.restore(street.chair.person_id))
    await street.time_passes(days=8)
    for who in (street.chair, deputy):
        await who.says("/case 1001")
        assert "没有找到编号 1001" in await who.new()
        assert not any("红包" in message.text for message in await who.heard())
    await street.officer.says("/case 1001")
    assert "红包" in await street.officer.new()


# Messages to neighbours ----------------------------------------------------------------------------------------------------


async def test_what_is_near_says_how_it_stands(street):
    await street.xu.says("/report hazard 村口的路灯不亮了")
    await street.chair.says("/accept 1001")
    await street.time_passes(days=1)
    await street.zhen.says("村口路灯不亮")
    said = await street.zhen.new()
    assert "1001" in said
    assert "处理中" in said
    assert "昨天" in said


@pytest.mark.parametrize("way", ["hidden", "party", "phone"])
async def test_what_somebody_said_in_confidence_is_shown_to_no_neighbour(street, way):
    if way == "phone":
        await street.xu.says("/report hazard 村口路灯不亮 13812345678")
        await street.zhen.says("村口路灯不亮")
        assert "138" not in await street.zhen.new()
        return
    await street.xu.says("建议管管主任在水库边上乱倒垃圾")
    await street.xu.presses("再说清楚些")
    for label in ("跳过", "只让民警知道" if way == "hidden" else "这事跟主任有关", "报上去"):
        await finish_words(street.xu)
        await street.xu.presses(label)
    await street.chair.new()
    for who in (street.zhen, street.chair):
        await who.says("建议管管有人在水库边上乱倒垃圾")
        assert "1001" not in await who.new()
        await who.says("/cancel")


async def test_a_neighbour_is_shown_what_and_where_and_nobodys_words(street):
    await street.xu.says("村口路灯不亮，是王二砸的")
    await street.xu.presses("再说清楚些")
    await street.xu.presses("暂时没有")
    await street.xu.says("老樟树下")
    for label in ("让主任和民警知道", "报上去"):
        await street.xu.presses(label)
    await street.zhen.says("村口路灯不亮")
    said = await street.zhen.new()
    assert all(words in said for words in ("1001", "隐患", "老樟树下", "今天"))
    assert "王二" not in said


@pytest.mark.parametrize("guess", ["刷单返利", "被骗了五万", "我是王秀兰", "刷单返利被骗五万", "路灯"])
async def test_nobody_asks_the_villages_reports_for_a_word(street, guess):
    await street.xu.says("/report fraud 我是王秀兰，刷单返利被骗五万，别告诉我老公")
    await street.xu.says("/report other 我是王秀兰，刷单返利被骗五万，别告诉我老公")
    await street.xu.says("/report hazard 村口的路灯不亮了")
    await street.zhen.says(guess)
    said = await street.zhen.new()
    rows = await street.store.transact(lambda unit: unit.transaction.fetch_all("SELECT id, kind FROM cases"))
    shown = {row["kind"] for row in rows if str(row["id"]) in said}
    assert shown == ({"hazard"} if guess == "路灯" else set())  # the newest hazards are offered for every hazard, whatever its words


async def test_nobody_follows_what_was_not_offered(street):
    await street.xu.says("/report dispute 邻居砌墙")
    await street.zhen.says("路灯不亮")
    await street.zhen.presses_raw("answer", "quick", "what", "1001")
    await street.zhen.says("/case 1001")
    assert "没有找到" in await street.zhen.new()


# Strangers and small talk --------------------------------------------------------------------------------------------------


async def test_everything_a_stranger_sends_waits_until_he_has_joined(street):
    stranger = street.stranger()
    await stranger.says("邻居砌墙占了我家的路")
    await stranger.says("", media=PHOTO)
    await stranger.says("吵了三天了")
    await stranger.says("/start 上徐村")
    await stranger.presses("同意")
    await stranger.presses("报上去")
    card = (await street.chair.heard())[-1].text
    assert all(shown in card for shown in ("邻居砌墙", "吵了三天", "📷 1"))


async def test_a_stranger_who_types_his_village_is_shown_its_door(street):
    stranger = street.stranger()
    await stranger.says("上徐村")
    assert any("同意" in label for label in (await stranger.heard())[-1].buttons)


@pytest.mark.parametrize("words", ["你好", "您好！", "在吗", "hello", "好的", "Hi"])
async def test_a_greeting_is_no_report(street, words):
    await street.xu.says(words)
    heard = (await street.xu.heard())[-1]
    assert any("报事" in label for label in heard.buttons)
    assert "要帮你报" not in heard.text


@pytest.mark.parametrize("name", ["诈骗", "纠纷", "隐患", "意见", "其他"])
async def test_a_kind_alone_begins_a_report_of_that_kind(street, name):
    await street.xu.says(name)
    assert "出了什么事" in await street.xu.new()


async def test_a_sticker_instead_of_a_village_is_answered(harness):
    admin = await harness.person("管小平", Role.ADMIN)
    await admin.says("/report other 路口的牌子倒了")
    await admin.new()
    await admin.says("", media={"type": "sticker", "file_id": "s", "file_unique_id": "s"})
    assert await admin.new()
