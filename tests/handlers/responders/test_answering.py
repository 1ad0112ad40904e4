"""Answers of the people called, and the board that everybody reads."""

from __future__ import annotations

import pytest

from domain.core.change import Priority
from tests.handlers.responders.conftest import board_of


async def test_first_yes_takes_the_case_and_shows_everybody_a_board(street):
    assert await board_of(street.officer) == ""
    await street.chair.presses("我过去")
    for who in (street.chair, street.officer, street.duty, street.leader):
        assert "1 人在路上，0 人到了，还缺人" in await board_of(who), who.name
        assert "叫了 4 人，1 人回话" in await board_of(who), who.name
    assert "王主任" in await board_of(street.chair)
    assert "王主任" not in await board_of(street.officer)
    before = len(await street.outbox())
    await street.time_passes(minutes=9)
    assert len(await street.outbox()) == before  # no round rings any more
    for who in (street.secretary, street.other_chair, street.other_officer, street.admin, street.xu):
        assert await board_of(who) == "", who.name


async def test_one_tap_says_how_and_when(street):
    await street.chair.presses("我过去")
    assert "怎么去？几分钟到？" in await board_of(street.chair)
    await street.chair.presses("🛵 5分")
    assert "王主任🛵 03:05 到" in await board_of(street.chair)
    assert "1 人🛵 03:05 到" in await board_of(street.officer)


@pytest.mark.parametrize(("words", "line"), [("/coming 5", "03:05"), ("/coming 1001 10", "03:10"), ("/coming １５", "03:15")])
async def test_coming_in_words_takes_the_case_with_a_time(street, words, line):
    await street.officer.says(words)
    assert f"张警官 {line} 到" in await board_of(street.officer)
    assert "张警官接到了" in await street.xu.new()


@pytest.mark.parametrize(
    ("words", "said"),
    [("/coming 1001 0", "1 到 120"), ("/coming 1001 300", "1 到 120"), ("/coming 很快", "这样写"), ("/coming 1 2 3", "这样写")],
)
async def test_coming_is_refused_when_it_names_no_time(street, words, said):
    await street.officer.says(words)
    assert said in await street.officer.new()
    assert await board_of(street.officer) == ""


async def test_coming_says_that_nobody_calls_when_nobody_does(town_at_night):
    await town_at_night.officer.says("/coming 5")
    assert "现在没有人叫你去" in await town_at_night.officer.new()


async def test_time_that_passed_is_marked_after_five_minutes_until_it_is_said_anew(street):
    await street.chair.presses("我过去")
    await street.chair.presses("🏃 5分")
    await street.time_passes(minutes=9, seconds=50)
    assert "⚠" not in await board_of(street.duty)
    await street.time_passes(seconds=20)
    assert "⚠ 王主任🏃 说 03:05 到，还没到" in await board_of(street.chair)
    assert "0 人在路上" in await board_of(street.duty)
    assert "⚠ 1 人说的时间过了" in await board_of(street.duty)
    await street.chair.presses("🏃 2分")
    assert "⚠" not in await board_of(street.duty)


async def test_arrival_on_the_board_ends_the_question_to_the_holder(street):
    await street.chair.presses("我过去")
    await street.chair.presses_raw("r.here", 1001)
    assert "0 人在路上，1 人到了" in await board_of(street.officer)
    await street.time_passes(minutes=30)
    assert not [heard for heard in await street.chair.heard() if heard.key == "scene.arrival.question"]
    await street.chair.presses("处理中")
    assert "王主任处理中" in await board_of(street.chair)
    await street.chair.presses("交接了")
    assert "王主任交接了" in await board_of(street.chair)


async def test_second_person_comes_beside_the_first(street):
    await street.chair.presses("我过去")
    await street.officer.presses_raw("r.come", 1001)
    assert "2 人在路上" in await board_of(street.leader)
    case = await street.store.transact(lambda unit: unit.cases.find(1001))
    assert case.holder_id == street.chair.person_id


async def test_from_three_coming_the_others_read_what_is_useful(street):
    for who in (street.chair, street.officer, street.duty):
        await who.presses_raw("r.come", 1001)
    assert "人手够了。请备勤，去拿 AED" in await board_of(street.leader)
    assert "人手够了。" not in await board_of(street.chair)
    await street.chair.presses("🏃 2分")
    await street.time_passes(minutes=8)
    assert "还缺人" in await board_of(street.leader)


async def test_holder_who_cannot_come_gives_the_case_back(street):
    await street.chair.presses("我过去")
    await street.chair.presses_raw("r.no", 1001)
    assert "0 人在路上" in await board_of(street.officer)
    await street.time_passes(minutes=3)
    assert [heard for heard in await street.officer.heard() if heard.key.startswith("scene.ring")]


async def test_last_level_is_told_to_phone_when_they_cannot_come(street):
    await street.leader.presses("我过去")
    await street.leader.presses_raw("r.no", 1001)
    assert "上面没有人了" in (await street.leader.new() + "".join(street.leader.toasts))
    assert "1 人在路上" in await board_of(street.officer)


@pytest.mark.parametrize("how", ["误触", "/close"])
async def test_everybody_called_reads_stop_at_once(street, how):
    await street.chair.presses("我过去")
    await street.officer.presses_raw("r.come", 1001)
    if how == "误触":
        await street.xu.presses("误触")
    else:
        await street.chair.says("/close 1001 送医院了")
    for who in (street.officer, street.duty, street.leader):
        assert "结束了，不用去了" in await board_of(who), who.name
    last = [heard for heard in await street.officer.heard() if heard.card == "callout:1001"][-1]
    assert (last.row["silent"], last.priority, last.buttons) == (0, Priority.SOS, {})
    await street.duty.presses_raw("r.come", 1001)
    assert "结束了" in "".join(street.duty.toasts) + await street.duty.new()


async def test_neighbour_officer_reads_words_only_after_a_yes(street):
    await street.time_passes(minutes=10)
    await street.other_officer.presses("我过去")
    assert "胸口痛" in await board_of(street.other_officer)
    assert "有人说过去帮你了" in await street.xu.new()
    await street.admin.presses("我过去")
    assert "胸口" not in await board_of(street.admin)


async def test_rounds_ask_for_somebody_responsible_while_others_go(street):
    await street.time_passes(minutes=10)
    await street.other_officer.presses("我过去")
    before = len(await street.admin.heard())
    await street.time_passes(minutes=6)
    ring = [heard for heard in await street.officer.heard() if heard.key.startswith("scene.ring")][-1]
    assert "有 1 人过去了，还没有主任或民警接手" in ring.text
    assert not [heard for heard in (await street.admin.heard())[before:] if heard.key == "scene.wide"]


async def test_people_who_were_not_called_learn_nothing(street):
    await street.chair.presses("我过去")
    for who in (street.other_chair, street.secretary, street.xu, street.stranger()):
        for verb in ("r.come", "r.here", "r.no", "r.work", "r.over"):
            await who.presses_raw(verb, 1001)
        await who.says("/coming 1001 5")
        assert await board_of(who) == "", who.name
    assert "叫了 4 人" in await board_of(street.officer)


async def test_violence_is_never_shown_to_the_chair_without_a_warning(town_at_night):
    await town_at_night.xu.says("/sos 村口有人拿刀砍人")
    assert "不要靠近" in await town_at_night.chair.new()
    await town_at_night.officer.presses("我过去")
    assert "不要靠近" in await board_of(town_at_night.chair)


async def test_erased_person_is_no_responder_any_more(street):
    await street.chair.presses("我过去")
    await street.store.transact(lambda unit: unit.privacy.forget(street.chair.person_id, at=street.at))
    assert street.chair.person_id not in {each.person_id for each in await street.store.transact(lambda unit: unit.callouts.of(1001))}


@pytest.mark.parametrize(
    ("words", "line"), [("我过去", "1 人在路上"), ("我马上去。", "1 人在路上"), ("到了", "1 人到了"), ("I'm coming", "1 人在路上")]
)
async def test_button_can_be_typed(street, words, line):
    await street.officer.says(words)
    assert line in await board_of(street.leader)


async def test_typed_no_of_somebody_called_is_counted(street):
    await street.chair.presses("我过去")
    await street.duty.says("去不了")
    assert "叫了 4 人，2 人回话" in await board_of(street.leader)


async def test_typed_button_means_nothing_without_a_call(town_at_night):
    await town_at_night.officer.says("我过去")
    assert await board_of(town_at_night.officer) == ""


async def test_board_is_pending_once_for_a_chat_when_nothing_is_delivered(street):
    await street.chair.presses("我过去")
    for minutes in (2, 5, 10):
        await street.chair.presses(f"🏃 {minutes}分")
    await street.officer.presses_raw("r.come", 1001)
    waiting = [heard for heard in await street.leader.heard() if heard.card == "callout:1001" and heard.row["state"] == "waiting"]
    assert len(waiting) <= 2
