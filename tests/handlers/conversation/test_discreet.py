"""Violence at home: the phone stays silent, and nothing on it says why."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from domain.core.change import Address, ChatId, Notice, Receiver
from domain.people.people import Role
from texts import render

BEATEN = "我老公打我，流血了"
#: Words that must not be read on this phone.
TELLING = re.compile("打我|老公|家暴|动手|闹事|求助|民警|警官|派出所|张伟|危险|误触|报事")


@pytest.fixture
async def street(harness):
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.officer = await harness.person("张伟", Role.OFFICER, "上徐村")
    harness.duty = await harness.person("值班室", Role.DUTY)
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    return harness


def gives_away(messages):
    """Return what a message or a button on the phone tells about the call, and every sound."""
    shown = [f"{message.text} {' '.join(message.buttons)}" for message in messages]
    return [each for each in shown if TELLING.search(each)] + [message.key for message in messages if not message.row["silent"]]


async def test_call_goes_to_the_police_alone_and_the_phone_stays_silent(street):
    await street.xu.says(BEATEN)
    (first,) = await street.xu.heard()
    assert all(number in first.text for number in ("110", "119", "120", "12110"))
    await street.xu.presses("寄出")
    for who in (street.officer, street.duty):
        assert BEATEN in await who.new(), who.name
    assert await street.chair.new() == ""
    await street.time_passes(minutes=3)
    await street.officer.presses_raw("c.ack", 1001)
    await street.officer.presses_raw("c.ask", 1001)
    await street.officer.says("他现在在家吗？张伟问")
    await street.officer.presses_raw("c.arr", 1001)
    heard = await street.xu.heard()
    assert gives_away(heard) == []
    assert {message.card for message in heard} == {"sos"}
    assert [message.key for message in heard if message.row["fresh"]] == [first.key] or not heard[0].row["fresh"]
    assert "12110" in heard[0].text


async def test_question_of_the_police_is_shown_over_the_chat_and_answered_by_typing(street):
    await street.xu.says(BEATEN)
    await street.xu.presses("寄出")
    await street.officer.presses_raw("c.ask", 1001)
    await street.officer.says("他现在在家吗？")
    await street.xu.presses("看留言")
    assert street.xu.toasts[-1] == "他现在在家吗？"
    await street.duty.new()
    await street.xu.says("在，睡着了")
    assert "在，睡着了" in await street.duty.new()
    await street.time_passes(minutes=30)
    await street.xu.says("他醒了")
    assert "他醒了" in await street.duty.new()
    await street.officer.says("/case 1002")
    assert "没有找到" in await street.officer.new()
    assert gives_away(await street.xu.heard()) == []


async def test_tap_on_violence_is_silent_and_for_the_police_alone(street):
    await street.xu.presses_raw("m.sos")
    before = len(await street.xu.heard())
    await street.xu.presses("被打")
    assert "1001" in await street.duty.new()
    assert await street.chair.new() == ""
    assert gives_away((await street.xu.heard())[before:]) == []


async def test_reporter_may_add_the_chair(street):
    await street.xu.says(BEATEN)
    await street.xu.presses("寄出")
    await street.chair.new()
    await street.xu.presses("也送村里一份")
    assert "1001" in await street.chair.new()
    await street.chair.says("/case 1001")
    assert BEATEN in await street.chair.new()
    assert gives_away(await street.xu.heard()) == []


async def test_lists_and_cards_asked_for_on_this_phone_say_nothing(street):
    await street.xu.says(BEATEN)
    await street.xu.presses("寄出")
    for words in ("/cases", "/case 1001", "1001"):
        await street.xu.says(words)
    await street.xu.presses_raw("c.all", 1001)
    await street.xu.presses_raw("m.cases", "mine")
    assert gives_away(await street.xu.heard()) == []


async def test_place_is_passed_on_silently(street):
    await street.xu.says(BEATEN)
    await street.xu.presses("寄出")
    await street.xu.says(location=(28.9, 120.1), message_id=900)
    assert any(message.row["media"] for message in await street.duty.heard())
    assert gives_away(await street.xu.heard()) == []


async def test_one_tap_clears_the_chat(street):
    await street.xu.says(BEATEN, message_id=801)
    await street.xu.presses("寄出")
    await street.xu.says("快来", message_id=802)

    async def delivered(unit):
        await unit.transaction.execute(
            "UPDATE outbox SET state = 'sent', message_id = 900 + id, done_at = created_at WHERE chat_id = ?", (street.xu.user_id,)
        )
        await unit.transaction.execute(
            "UPDATE outbox SET done_at = ? WHERE id = (SELECT MIN(id) FROM outbox WHERE chat_id = ?)",
            (int((street.at - timedelta(minutes=59)).timestamp() * 1_000_000), street.xu.user_id),
        )

    await street.store.transact(delivered)
    sent = {message.row["message_id"] for message in await street.xu.heard()}
    await street.xu.presses("清空这段聊天")
    asked = [message.row["media"] for message in await street.xu.heard() if message.row["media"]]
    deleted = {json.loads(media)["message_id"] for media in asked}
    assert {801, 802} | sent <= deleted
    assert street.xu.toasts[-1] == "正在清空。"
    await street.officer.presses_raw("c.ack", 1001)
    assert gives_away(await street.xu.heard()) == []


async def test_what_is_too_old_to_delete_is_said(street):
    await street.xu.says(BEATEN)
    await street.xu.presses("寄出")
    await street.store.transact(
        lambda unit: unit.transaction.execute(
            "UPDATE outbox SET state = 'sent', message_id = 900 + id, done_at = created_at WHERE chat_id = ?", (street.xu.user_id,)
        )
    )
    await street.time_passes(hours=49)
    await street.xu.presses("清空这段聊天")
    assert "我删不掉" in street.xu.toasts[-1]


@pytest.mark.parametrize("words", ["隔壁老公打老婆，打得流血了", BEATEN])
async def test_notice_says_how_to_read_plain_words_when_a_neighbour_or_the_victim_wrote(street, words):
    for who in (street.xu, street.stranger()):
        await who.says(words)
        notice = (await who.heard())[-1]
        assert "看不懂？点“用平常话显示”。" in notice.text
        assert gives_away([notice]) == []
        await who.presses("用平常话显示")
        assert "我还没告诉任何人" in (await who.heard())[-1].text


async def test_plain_words_are_one_tap_away(street):
    await street.xu.says("隔壁老公打老婆，打得流血了")
    await street.xu.presses("用平常话显示")
    said = (await street.xu.heard())[-1]
    assert "我还没告诉任何人" in said.text
    await street.xu.presses("告诉民警")
    assert "1001" in await street.duty.new()
    assert "已经发给" in (await street.xu.heard())[-1].text or any("已经发给" in each.text for each in await street.xu.heard())


async def test_nothing_is_sent_when_it_is_dropped(street):
    await street.xu.says(BEATEN)
    await street.xu.presses("不寄了")
    assert "没有寄出" in (await street.xu.heard())[-1].text
    assert await street.duty.new() == ""
    await street.xu.says("村口路灯坏了")
    assert not (await street.xu.heard())[-1].row["silent"]


async def test_stranger_is_asked_for_the_village_without_a_word_of_it(street):
    stranger = street.stranger()
    await stranger.says("我老公打我，快救我")
    assert gives_away(await stranger.heard()) == []
    await stranger.presses("上徐村")
    assert "未登记的人" in await street.duty.new()
    assert await street.chair.new() == ""
    assert gives_away(await stranger.heard()) == []


async def test_other_calls_and_reports_are_plain_again_when_the_call_is_over(street):
    await street.xu.says(BEATEN)
    await street.xu.presses("寄出")
    await street.officer.presses_raw("c.ack", 1001)
    await street.officer.says("/close 1001 人已经安全")
    await street.xu.says("/cases")
    assert gives_away(await street.xu.heard()) == []
    await street.time_passes(hours=3)
    await street.xu.says("厨房着火了")
    await street.xu.presses("告诉民警")
    assert "厨房着火" in await street.chair.new()
    assert "收到，编号 <b>1002</b>" in await street.xu.new()
    await street.time_passes(hours=3)
    await street.xu.says("他又打我了，救命")
    assert "📦" in (await street.xu.heard())[-1].text
    await street.xu.presses("寄出")
    await street.officer.says("/case 1003")
    assert "他又打我" in await street.officer.new()


async def test_silence_ends_long_after_the_case(street):
    await street.xu.says(BEATEN)
    await street.xu.presses("寄出")

    async def left(days):
        async def purge(unit):
            await unit.discreet.purge(at=street.at + timedelta(days=days))
            return len(await unit.transaction.fetch_all("SELECT 1 FROM discreet_chats"))

        return await street.store.transact(purge)

    assert await left(40) == 1
    await street.officer.presses_raw("c.ack", 1001)
    await street.officer.says("/close 1001 人已经安全")
    assert await left(29) == 1
    assert await left(31) == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_living_message_says_no_word_of_the_call(language):
    from texts import keys

    told = [key for key in keys(language) if key.startswith("parcel.")]
    telling = TELLING if language == "zh" else re.compile(r"violen|beat|help|police|officer|danger|emergency|report", re.IGNORECASE)
    assert [key for key in told if telling.search(render(key, language, number="1001", words="", count="1"))] == []


async def test_living_message_says_so_when_nobody_can_be_reached(harness):
    await harness.person("王建国", Role.CHAIR, "上徐村")
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await xu.says(BEATEN)
    await xu.presses("寄出")
    assert any(message.key == "parcel.nobody" and "12110" in message.text for message in await xu.heard())


# Messages that no handler writes --------------------------------------------------------------------------------------


async def lamp_lit(unit, who, at, **facts):
    """Write to the outbox without a context, as a feature may that forgets silent chats."""
    notice = Notice(Receiver(Address("telegram", ChatId(who.user_id)), "zh", who.person_id), "talk.joined", {"number": "1001"}, **facts)
    return await unit.outbox.put(notice, unique_key=f"lamp:{who.user_id}:{facts}", at=at)


async def test_message_is_veiled_when_a_feature_writes_to_the_outbox_itself(street):
    await street.xu.says(BEATEN)
    await street.xu.presses("寄出")
    before = len(await street.xu.heard())
    about = {"subject": "case:1001", "media": {"type": "photo", "file_id": "f"}, "rings": True}
    await street.store.transact(lambda unit: lamp_lit(unit, street.xu, street.at, **about))
    await street.store.transact(lambda unit: lamp_lit(unit, street.xu, street.at))
    new = (await street.xu.heard())[before:]
    assert gives_away(new) == []
    assert [(message.key, message.card, message.row["media"]) for message in new] == [("parcel.news", "sos", "")] * 2
    await street.store.transact(lambda unit: lamp_lit(unit, street.officer, street.at, subject="case:1001"))
    assert (await street.officer.heard())[-1].key == "talk.joined"


async def test_message_leaves_as_it_is_when_the_store_has_no_veil(street):
    """The control of the test above: without the veil it would be read and heard."""
    await street.xu.says(BEATEN)
    await street.xu.presses("寄出")
    street.store.veil = None
    await street.store.transact(lambda unit: lamp_lit(unit, street.xu, street.at, subject="case:1001"))
    assert (await street.xu.heard())[-1].key == "talk.joined"


async def test_waiting_message_loses_its_sound_when_the_chat_becomes_silent(street):
    await street.store.transact(lambda unit: lamp_lit(unit, street.xu, street.at))
    await street.store.transact(lambda unit: lamp_lit(unit, street.officer, street.at))
    await street.xu.says(BEATEN)
    assert [message.row["silent"] for message in await street.xu.heard() if message.key == "talk.joined"] == [1]
    assert [message.row["silent"] for message in await street.officer.heard() if message.key == "talk.joined"] == [0]
