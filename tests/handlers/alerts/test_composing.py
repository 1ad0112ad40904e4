"""Alerts in the village: senders, recipients, confirmations, withdrawal and drills."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.routes import ROUTES
from domain.alerts import State
from domain.core.change import Address, ChatId
from domain.people.people import Role
from handlers.core.route import ButtonRoute
from tests.handler_harness import DELIVERY, HandlerHarness, Voice
from tests.handlers.alerts.conftest import GROUP, LINE, Place, alerts_in, sends, tells_all

if TYPE_CHECKING:
    from storage.unit import Unit


# Composing ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.VILLAGER, Role.MEMBER, Role.CHAIR, Role.SECRETARY, Role.ADMIN])
async def test_only_police_send_alerts(place: Place, role: Role):
    person = await place.harness.person("某人", role, "上徐村")
    await person.says(LINE)
    await person.says("/drill red all 试试")
    await person.presses_raw("menu.alert")
    assert {message.key for message in await person.heard()} == {"refused.not_allowed"}
    assert await place.harness.store.transact(lambda unit: unit.alerts.find(1)) is None


async def test_one_line_is_previewed_with_the_number_of_receivers_and_sent_by_a_button(place: Place):
    await place.officer.says("/bind 上徐村", chat=GROUP)
    await place.leader.says(LINE)
    preview = (await place.leader.heard())[-1].text
    assert "还没有发出" in preview
    assert "治保主任 2 人" in preview
    assert "治保会和村书记 1 人" in preview
    assert "村民 1 人" in preview
    assert "村群 1 个" in preview
    assert not alerts_in(await place.chair.heard())
    await place.leader.presses("🚨 发送")
    await place.harness.time_passes(seconds=1)
    for who in (place.chair, place.chair_li, place.member, place.villager):
        (message,) = alerts_in(await who.heard())
        assert "🟠 台风橙色预警" in message.text
        assert "周所长 · 禾安所" in message.text
        assert message.priority == 1
    (in_group,) = alerts_in(await place.harness.heard_in(GROUP))
    assert "周所长" not in in_group.text
    assert list(in_group.buttons.values()) == [("", ())], "a link only"


async def test_everybody_receives_it_once_whatever_posts_they_hold(place: Place):
    person_id, home = place.chair.person_id, place.harness.villages["上徐村"]
    assert person_id is not None
    await place.harness.store.transact(
        lambda unit: unit.people.appoint(person_id, Role.MEMBER, station_id=place.harness.station, village_id=home, at=place.harness.at)
    )
    await sends(place, place.leader)
    assert len(alerts_in(await place.chair.heard())) == 1
    await place.leader.presses_raw("asend", 1)
    assert len(alerts_in(await place.chair.heard())) == 1
    assert "已经发出" in place.leader.toasts[-1]


async def test_all_means_an_officer_s_own_villages(place: Place):
    await sends(place, place.officer, "/alert yellow all 今晚大风")
    assert alerts_in(await place.chair.heard())
    assert not alerts_in(await place.chair_li.heard())
    assert not await place.other.heard()


async def test_a_village_that_is_not_his_and_one_that_is_not_there_read_the_same(place: Place):
    await place.officer.says("/alert 蓝 下李村 大风")
    await place.officer.says("/alert 蓝 没这村 大风")
    answers = [message.text for message in await place.officer.heard() if message.key == "village.unknown"]
    assert len(answers) == 2
    assert len({re.sub("：.*?。", "", answer) for answer in answers}) == 1


async def test_a_line_without_villages_loses_no_word(place: Place):
    await place.leader.says("/alert 黄 今晚停电 请备好手电")
    await place.leader.presses("全部")
    assert "今晚停电 请备好手电" in (await place.leader.heard())[-1].text


async def test_the_dialog_asks_for_level_villages_and_text(place: Place):
    await place.leader.presses_raw("menu.alert")
    await place.leader.presses("发预警")
    await place.leader.says("x" * 1001)
    assert "太长" in (await place.leader.heard())[-1].text
    await place.leader.says("今晚停电")
    await place.leader.presses("黄色")
    await place.leader.presses("上徐村")
    await place.leader.presses("下李村")
    await place.leader.presses("☑ 下李村")
    await place.leader.presses("选好了")
    preview = (await place.leader.heard())[-1].text
    assert "上徐村" in preview
    assert "下李村" not in preview


async def test_odd_presses_in_the_list_of_villages_choose_nothing(place: Place):
    await place.leader.says("/alert 黄")
    await place.leader.says("大风")
    for value in ("p99", "t99999", "done", "", "tx"):
        await place.leader.presses_raw("answer", "alert", "villages", value)
    assert "alert.villages.question" in (await place.leader.heard())[-1].row["params"]


async def test_another_s_preview_and_an_old_one_are_not_sent(place: Place):
    await place.leader.says(LINE)
    await place.officer.presses_raw("asend", 1)
    assert "没有找到" in place.officer.toasts[-1]
    await place.harness.time_passes(hours=3)
    await place.leader.presses_raw("asend", 1)
    assert await place.state() is State.DRAFT
    assert not alerts_in(await place.chair.heard())


async def test_an_officer_who_lost_a_village_cannot_send_what_he_previewed(place: Place):
    await place.officer.says("/alert 黄 上徐村 大风")
    await place.loses_posts(place.officer)
    await place.officer.presses_raw("asend", 1)
    assert await place.state() is State.DRAFT


# Two persons --------------------------------------------------------------------------------------------------------------


async def test_red_to_the_whole_station_goes_out_when_a_second_person_agrees(place: Place):
    await sends(place, place.leader, "/alert 红 全部 溃坝，马上撤离")
    assert await place.state() is State.WAITING
    assert not alerts_in(await place.chair.heard())
    await place.leader.presses_raw("aagree", 1)
    assert await place.state() is State.WAITING
    await place.officer.presses("同意发送")
    assert await place.state() is State.SENT
    assert "张警官 同意了" in await place.leader.new()
    assert alerts_in(await place.chair.heard())


async def more_villages(place: Place, count: int) -> list[str]:
    """Add villages to the station, so that one of them is a small share."""
    names = [f"新{number}村" for number in range(count)]
    for name in names:

        async def build(unit: Unit, name: str = name) -> None:
            sql = "INSERT INTO villages (station_id, name) VALUES (?, ?)"
            await unit.transaction.execute(sql, (place.harness.station, name))

        await place.harness.store.transact(build)
    return names


async def test_red_to_one_village_of_many_needs_nobody_else(place: Place):
    await more_villages(place, 4)
    await sends(place, place.leader, "/alert 红 上徐村 山体滑坡")
    assert await place.state() is State.SENT


async def test_red_with_one_village_left_out_still_needs_a_second_person(place: Place):
    await more_villages(place, 1)
    await sends(place, place.leader, "/alert 红 上徐村、下李村 山体滑坡")
    assert await place.state() is State.WAITING


async def test_red_alerts_of_one_author_within_an_hour_are_added_up(place: Place):
    await more_villages(place, 3)
    await sends(place, place.leader, "/alert 红 上徐村 山体滑坡")
    assert await place.state(1) is State.SENT
    await sends(place, place.leader, "/alert 红 下李村 山体滑坡", too=True)
    assert await place.state(2) is State.WAITING
    await place.other.presses("同意发送")
    assert await place.state(2) is State.SENT
    await sends(place, place.leader, "/alert 红 上徐村 还在滑坡", too=True)
    assert await place.state(3) is State.SENT, "the approved alert does not count, and the same village counts once"
    await place.harness.time_passes(minutes=61)
    await sends(place, place.leader, "/alert 红 新0村 山体滑坡", too=True)
    assert await place.state(4) is State.SENT


async def test_red_to_more_people_than_allowed_needs_a_second_person(place: Place):
    await more_villages(place, 4)
    place.harness.town = replace(place.harness.town, alerts=replace(place.harness.town.alerts, alone_people=2))
    await sends(place, place.leader, "/alert 红 上徐村 山体滑坡")
    assert await place.state() is State.WAITING


async def test_red_alert_is_sent_alone_with_a_reason_when_nobody_answers(place: Place):
    admin = await place.harness.person("管理员", Role.ADMIN)
    other_leader = await place.harness.person("吴所长", Role.LEADER)
    await sends(place, place.officer, "/alert 红 上徐村 溃坝，马上撤离")
    await place.officer.presses_raw("aalone", 1)
    assert "3 分钟" in place.officer.toasts[-1]
    await place.harness.time_passes(minutes=3)
    await place.officer.presses("单人发出")
    await place.officer.says("急")
    assert await place.state() is State.WAITING
    await place.officer.says("所里都在现场，电话没人接")
    assert await place.state() is State.SENT
    await place.harness.time_passes(seconds=1)
    (told,) = alerts_in(await place.chair.heard())
    assert "单人发出" in told.text
    (to_villager,) = alerts_in(await place.villager.heard())
    assert "单人发出" not in to_villager.text
    assert "单人发出" in await place.board(place.officer)
    for who in (admin, other_leader, place.leader):
        (notice,) = [message for message in await who.heard() if message.key == "alert.alone.to_leaders"]
        assert "电话没人接" in notice.text
    await place.leader.presses_raw("aagree", 1)
    assert "已经发出" in place.leader.toasts[-1]


async def test_red_alert_is_not_sent_alone_by_anybody_but_its_author(place: Place):
    await sends(place, place.officer, "/alert 红 上徐村 溃坝")
    await place.harness.time_passes(minutes=4)
    for who in (place.leader, place.other, place.chair, place.harness.stranger()):
        await who.presses_raw("aalone", 1)
        await who.says("没人接电话，先发出")
    assert await place.state() is State.WAITING


async def test_red_alert_that_was_declined_is_not_sent_alone(place: Place):
    await sends(place, place.officer, "/alert 红 上徐村 溃坝")
    await place.harness.time_passes(minutes=3)
    await place.officer.presses("单人发出")
    await place.leader.presses("不同意")
    await place.officer.says("没人接电话，先发出")
    assert await place.state() is State.DECLINED
    assert not alerts_in(await place.chair.heard())


async def test_a_no_is_told_and_nothing_is_sent(place: Place):
    await sends(place, place.leader, "/alert 红 全部 溃坝")
    await place.other.presses("不同意")
    assert await place.state() is State.DECLINED
    assert "陈警官 不同意" in await place.leader.new()
    await place.officer.presses_raw("aagree", 1)
    assert await place.state() is State.DECLINED
    assert not alerts_in(await place.chair.heard())


async def test_a_chair_or_a_villager_cannot_agree(place: Place):
    await sends(place, place.leader, "/alert 红 全部 溃坝")
    for who in (place.chair, place.villager, place.harness.stranger()):
        await who.presses_raw("aagree", 1)
    assert await place.state() is State.WAITING


@pytest.mark.parametrize("villages", [("上徐村",), ("上徐村", "下李村", "桥头村")])
async def test_only_police_person_sends_alone_at_once_when_nobody_can_be_asked(tmp_path, town, engine, villages: tuple[str, ...]):
    harness = await HandlerHarness.open(tmp_path, town, villages=villages, engine=engine)
    leader = await harness.person("周所长", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await leader.says("/alert 红 全部 溃坝")
    await leader.presses("🚨 发送")
    assert "一个也联系不上" in (await leader.heard())[-1].text
    assert not alerts_in(await chair.heard())
    await leader.presses("单人发出")
    await leader.says("所里只有我一个人")
    (told,) = alerts_in(await chair.heard())
    assert "单人发出" in told.text


async def test_an_unanswered_question_is_reminded_with_numbers_and_lapses(place: Place):
    await sends(place, place.leader, "/alert 红 全部 溃坝")
    await place.leader.new()
    await place.harness.time_passes(minutes=3)
    assert "380000" in await place.leader.new()
    await place.harness.time_passes(minutes=58)
    assert await place.state() is State.DISCARDED
    await place.officer.presses_raw("aagree", 1)
    assert not alerts_in(await place.chair.heard())


# Confirming ---------------------------------------------------------------------------------------------------------------


async def test_a_confirmation_is_on_the_board_at_once_and_only_once(place: Place):
    await sends(place, place.leader)
    await place.delivers()
    await place.harness.time_passes(seconds=20)
    assert "⏳ 2 个村未确认" in await place.board(place.leader)
    await tells_all(place.chair)
    board = await place.board(place.leader)
    assert "✅ 1 全村已通知到" in board
    assert "下李村（李主任）" in board
    assert "上徐村（" not in board
    await place.chair.presses_raw("atold", 1, place.harness.villages["上徐村"])
    assert "已经确认过" in place.chair.toasts[-1]
    assert "✅ 上徐村：全村已通知到（王主任" in (await place.chair.heard())[-1].text


async def test_received_can_become_every_household_knows(place: Place):
    await sends(place, place.leader)
    await place.chair.presses_raw("aseen", 1, place.harness.villages["上徐村"])
    assert list((await place.chair.heard())[-1].buttons) == ["✅ 全村已通知到"]
    assert "✅ 0 全村已通知到 👌 1 收到" in await place.board(place.leader)
    assert "👌 收到，还没全村通知到：上徐村" in await place.board(place.leader)
    await place.chair.presses("全村已通知到")
    assert "✅ 1 全村已通知到 👌 0 收到" in await place.board(place.leader)
    assert not (await place.chair.heard())[-1].buttons


async def test_the_chair_of_another_village_a_villager_and_an_ex_chair_confirm_nothing(place: Place):
    await sends(place, place.leader)
    home = place.harness.villages["上徐村"]
    await place.chair_li.presses_raw("atold", 1, home)
    await place.villager.presses_raw("atold", 1, home)
    await place.member.presses_raw("atold", 1, home)
    await place.chair.presses_raw("atel", 1, home)
    await place.loses_posts(place.chair)
    await place.chair.presses_raw("atold", 1, home)
    assert "✅ 0 全村已通知到 👌 0 收到" in await place.board(place.leader)
    assert "没有找到" in place.chair_li.toasts[-1]
    await place.chair_li.presses_raw("atold", 99, home)
    assert place.chair_li.toasts[-1].replace("99", "1") == place.chair_li.toasts[-2]


@pytest.mark.parametrize("values", [(), ("1",), ("x", "1"), ("1", "-1"), ("1", "1", "1"), ("١", "1"), ("9" * 30, "1")])
async def test_forged_values_are_answered(place: Place, values: tuple[str, ...]):
    await sends(place, place.leader)
    for verb in ("atold", "aseen", "agot", "drillok", "atel", "anudge", "arecall", "aboard", "asend"):
        await place.leader.presses_raw(verb, *values)
    assert await place.state() is State.SENT


async def test_others_tap_received_without_confirming_for_the_village(place: Place):
    await sends(place, place.leader)
    await place.villager.presses("收到")
    await place.villager.presses_raw("agot", 1, place.harness.villages["上徐村"])
    await place.member.presses("收到")
    await place.harness.time_passes(seconds=10)
    board = await place.board(place.leader)
    assert "2 人点了收到" in board
    assert "✅ 0 全村已通知到 👌 0 收到" in board
    outsider = await place.harness.person("外人", Role.VILLAGER, "下李村")
    await outsider.presses_raw("agot", 1, place.harness.villages["上徐村"])
    assert "没有找到" in outsider.toasts[-1]


async def test_a_late_confirmation_is_marked_late(place: Place):
    await sends(place, place.leader)
    await place.harness.time_passes(minutes=16)
    await tells_all(place.chair)
    assert "1 个超时" in await place.board(place.leader)


# Silence ------------------------------------------------------------------------------------------------------------------


async def test_a_chair_who_cannot_be_reached_is_shown_with_who_has_it_now(place: Place):
    await sends(place, place.leader)
    await place.delivers(blocked=(place.chair,))
    await place.harness.time_passes(minutes=1)
    board = await place.board(place.leader)
    assert "❌ 1 个村未送达" in board
    assert "上徐村（王主任，现由张警官接手）" in board
    await place.officer.presses("已打通：上徐村")
    assert "👌 1 收到" in await place.board(place.leader)


async def test_villages_without_a_reachable_chair_go_to_their_officer_at_once_in_one_list(place: Place):
    await place.loses_posts(place.chair)
    offline = await place.harness.person("钱主任", Role.CHAIR, "上徐村", reachable=False)
    await appointed(place, place.officer, Role.OFFICER, "下李村")
    await place.loses_posts(place.chair_li)
    await place.loses_posts(place.other)
    await place.leader.says(LINE)
    assert "上徐村、下李村" in (await place.leader.heard())[-1].text.split("⚠️")[1]
    await place.leader.presses("🚨 发送")
    (handed,) = [message for message in await place.officer.heard() if message.key == "alert.instead"]
    assert handed.priority == 1
    assert "这 2 个村" in handed.text
    assert "上徐村 钱主任 380000" in handed.text
    assert "下李村 主任暂缺 没有电话" in handed.text
    assert "上徐村（钱主任，现由张警官接手）" in await place.board(place.leader)
    await place.delivers()
    await place.officer.presses("已打通：下李村")
    assert "👌 1 收到" in await place.board(place.leader)
    assert not await offline.heard()
    await place.leader.presses_raw("arecallok", 1)
    assert place.officer.user_id in await place.receivers("recall:1")
    recalled = [message for message in await place.officer.heard() if message.key == "alert.recalled.card"]
    assert [message.card for message in recalled] == [handed.card]


async def test_the_officer_sees_his_villages_on_the_board_and_no_other(place: Place):
    await sends(place, place.leader)
    board = await place.board(place.officer)
    assert "上徐村" in board
    assert "下李村" not in board
    assert "1 个村" in board


async def test_the_silent_are_nudged_once_a_minute_and_nobody_else(place: Place):
    await sends(place, place.leader)
    await tells_all(place.chair)
    await place.leader.presses("催一催（1 个）")
    await place.leader.presses_raw("anudge", 1)
    assert "刚催过" in place.leader.toasts[-1]
    nudged = [message for message in await place.chair_li.heard() if message.key == "alert.nudge.to_chair"]
    assert len(nudged) == 1
    assert nudged[0].priority == 1
    assert not [message for message in await place.chair.heard() if message.key == "alert.nudge.to_chair"]
    await place.harness.time_passes(seconds=61)
    await place.leader.presses_raw("anudge", 1)
    assert len([message for message in await place.chair_li.heard() if message.key == "alert.nudge.to_chair"]) == 2


async def test_after_a_quarter_of_an_hour_each_officer_gets_his_silent_villages_with_numbers(place: Place):
    await sends(place, place.leader)
    await tells_all(place.chair)
    await place.harness.time_passes(minutes=15)
    lists = {who.name: [m.text for m in await who.heard() if m.key == "alert.list"] for who in (place.officer, place.other, place.leader)}
    assert lists["张警官"] == []
    assert "下李村 李主任 380000" in lists["陈警官"][0]
    assert "下李村 李主任 380000" in lists["周所长"][0]
    await place.harness.time_passes(minutes=15)
    assert len([m for m in await place.leader.heard() if m.key == "alert.list"]) == 2
    await place.other.presses("已打通：下李村")
    assert "✅ 1 全村已通知到 👌 1 收到" in await place.board(place.leader)


async def test_telephone_numbers_are_for_police_of_the_village(place: Place):
    await sends(place, place.leader)
    await place.leader.presses("打电话名单")
    assert "380000" in (await place.leader.heard())[-1].text
    await place.other.presses_raw("aphones", 1)
    theirs = next(m.text for m in await place.other.heard() if m.key == "alert.phones")
    assert "下李村" in theirs
    assert "上徐村" not in theirs
    stranger = await place.harness.person("外村警官", Role.OFFICER)
    for who in (place.chair, place.villager, stranger):
        await who.presses_raw("aphones", 1)
        assert "380000" not in await who.new()


async def test_nobody_is_listed_when_everybody_confirmed(place: Place):
    await sends(place, place.officer, "/alert 黄 上徐村 大风")
    await tells_all(place.chair)
    await place.harness.time_passes(hours=1)
    assert not [message for message in await place.leader.heard() if message.key == "alert.list"]


# Taking back --------------------------------------------------------------------------------------------------------------


async def test_a_recall_reaches_exactly_whom_the_alert_reached_or_was_on_its_way_to(place: Place):
    await place.officer.says("/bind 上徐村", chat=GROUP)
    late = await place.harness.person("后来的", Role.VILLAGER, "下李村")
    await place.leader.says(LINE)
    await place.leader.presses("🚨 发送")
    await place.delivers(blocked=(place.chair_li,))
    await place.harness.time_passes(seconds=1)
    await place.harness.person("刚加入", Role.VILLAGER, "下李村")
    rows = await place.harness.store.transact(lambda unit: unit.outbox.list_batch("alert:1"))
    expected = {row["chat_id"] for row in rows if row["state"] in ("sent", "waiting", "unknown")}
    assert {place.villager.user_id, late.user_id} <= expected
    assert place.chair_li.user_id not in expected
    await place.leader.presses("发错了，撤回")
    assert await place.state() is State.SENT
    await place.leader.presses("撤回，通知所有人")
    assert await place.receivers("recall:1") == expected
    states = {row["state"] for row in await place.harness.store.transact(lambda unit: unit.outbox.list_batch("alert:1"))}
    assert "waiting" not in states
    recalled = [message for message in await place.chair.heard() if message.key.startswith("alert.recalled")]
    assert [message.key for message in recalled] == ["alert.recalled", "alert.recalled.card"]
    assert all("【发错了，撤回】" in message.text and message.priority == 1 for message in recalled)
    assert not [message for message in await place.villager.heard() if message.key == "alert.recalled.card"]
    await place.chair.presses_raw("atold", 1, place.harness.villages["上徐村"])
    assert "撤回" in place.chair.toasts[-1]
    assert "【发错了，撤回】" in await place.board(place.leader)


async def test_villagers_who_were_still_to_be_told_are_not_told_after_a_recall(place: Place):
    await place.leader.says(LINE)
    await place.leader.presses("🚨 发送")
    await place.leader.presses_raw("arecallok", 1)
    await place.harness.time_passes(hours=1)
    assert not alerts_in(await place.villager.heard())


async def test_only_the_author_the_desk_and_the_leaders_recall(place: Place):
    await sends(place, place.leader)
    for who in (place.officer, place.chair, place.villager):
        await who.presses_raw("arecallok", 1)
    assert await place.state() is State.SENT
    duty = await place.harness.person("值班员", Role.DUTY)
    await duty.presses_raw("arecallok", 1)
    assert await place.state() is State.RECALLED


# Drills -------------------------------------------------------------------------------------------------------------------


async def test_a_drill_says_so_in_every_text_and_has_buttons_of_its_own(place: Place):
    await place.officer.says("/bind 上徐村", chat=GROUP)
    await sends(place, place.officer, "/drill 橙 上徐村 台风")
    await place.officer.presses("催一催")
    await place.harness.time_passes(minutes=31)
    heard = [message for message in await place.harness.outbox() if message.key.startswith("alert.")]
    assert len(heard) > 8
    assert [message.key for message in heard if "【演练】" not in message.text] == []
    real = {"asend", "aagree", "ano", "atold", "aseen", "agot", "atel"}
    assert not {verb for message in heard for verb, _ in message.buttons.values()} & real


async def test_no_button_of_a_drill_acts_on_a_real_alert_nor_the_other_way_round(place: Place):
    await sends(place, place.leader)
    await sends(place, place.leader, "/drill 橙 全部 台风")
    home = place.harness.villages["上徐村"]
    for verb, number in (("drillok", 1), ("atold", 2), ("aseen", 2)):
        await place.chair.presses_raw(verb, number, home)
    for verb, number in (("drillgot", 1), ("agot", 2)):
        await place.villager.presses_raw(verb, number, home)
    await place.officer.presses_raw("drilltel", 1, home)
    await place.officer.presses_raw("atel", 2, home)
    assert "✅ 0 全村已通知到 👌 0 收到" in await place.board(place.leader, 1)
    assert "✅ 0 演练收到 📞 0 电话打通" in await place.board(place.leader, 2)
    await place.leader.says("/drill 橙 全部 台风")
    await place.leader.presses_raw("asend", 3)
    assert await place.state(3) is State.DRAFT
    await place.chair.presses_raw("drillok", 2, home)
    assert "✅ 1 演练收到" in await place.board(place.leader, 2)


async def test_a_drill_is_not_counted_among_real_alerts(place: Place):
    await sends(place, place.leader)
    await sends(place, place.leader, "/drill 橙 全部 台风")
    assert [await place.count_sent(drill=False), await place.count_sent(drill=True)] == [1, 1]


# Time ---------------------------------------------------------------------------------------------------------------------


async def test_what_was_not_delivered_in_time_is_not_delivered_and_the_board_says_so(place: Place):
    await sends(place, place.leader, "/alert 蓝 全部 小风")
    await place.harness.time_passes(hours=12)
    await place.delivers()
    assert await place.state() is State.ENDED
    assert "已过时效" in await place.board(place.leader)
    row = next(message.row for message in await place.chair.heard() if message.key == "alert.sent.to_chair")
    assert row["state"] == "expired"


async def test_a_thousand_villagers_are_told_in_portions_that_let_others_pass(place: Place):
    async def crowd(unit: Unit) -> None:
        for number in range(450):
            person = await unit.people.add(
                f"村民{number}", at=place.harness.at, village_id=place.harness.villages["上徐村"], consent_version="1"
            )
            await unit.people.attach(person, Address("telegram", ChatId(500_000 + number)), at=place.harness.at)

    await place.harness.store.transact(crowd)
    await sends(place, place.leader)
    assert len(await place.receivers("alert:1")) < 250
    for _ in range(5):
        await place.delivers()
        await place.harness.time_passes(seconds=3)
    assert len(await place.receivers("alert:1")) == 454


async def test_the_board_of_another_s_villages_is_not_there(place: Place):
    await sends(place, place.officer, "/alert 黄 上徐村 大风")
    await place.other.says("/alert 1")
    await place.other.says("/alert 99")
    assert [message.key for message in await place.other.heard()] == ["refused.not_found"] * 2
    await place.leader.says("/alert 1")
    assert (await place.leader.heard())[-1].key == "alert.board"


def test_every_button_of_alerts_fits_the_callback_data():
    verbs = [route.verb for route in ROUTES if isinstance(route, ButtonRoute) and route.handler.__module__.startswith("handlers.alerts")]
    assert len(verbs) > 20
    assert all(len(f"{verb}|999999999|999999999") <= 50 for verb in verbs)


async def test_what_was_taken_back_while_it_was_in_flight_falls_to_nobody(place: Place):
    await place.leader.says(LINE)
    await place.leader.presses("🚨 发送")
    at = place.harness.at
    in_flight = await place.harness.store.transact(lambda unit: unit.outbox.claim(owner=DELIVERY, at=at, limit=100))
    row = next(row for row in in_flight if row.address.chat_id == place.chair.user_id)
    await place.leader.presses_raw("arecallok", 1)
    assert not await place.harness.store.transact(
        lambda unit: unit.outbox.end(row.id, owner=DELIVERY, state="failed", fault="blocked", at=at)
    )
    assert place.chair.user_id in await place.receivers("recall:1")


# People without a role here -----------------------------------------------------------------------------------------------


async def appointed(place: Place, who: Voice, role: Role, village: str) -> None:
    person_id = who.person_id
    assert person_id is not None
    await place.harness.store.transact(
        lambda unit: unit.people.appoint(
            person_id, role, station_id=place.harness.station, village_id=place.harness.villages[village], at=place.harness.at
        )
    )


async def leader_of_another_station(place: Place) -> Voice:
    stranger = await place.harness.person("外所所长", Role.VILLAGER)
    person_id = stranger.person_id
    assert person_id is not None

    async def build(unit: Unit) -> None:
        row = await unit.transaction.fetch_one("INSERT INTO stations (name) VALUES ('外所') RETURNING id")
        assert row is not None
        await unit.people.appoint(person_id, Role.LEADER, station_id=row["id"], village_id=None, at=place.harness.at)

    await place.harness.store.transact(build)
    return stranger


async def test_a_leader_of_another_station_sees_and_does_nothing(place: Place):
    await sends(place, place.leader)
    other = await leader_of_another_station(place)
    for verb in ("aboard", "anudge", "aphones", "arecall", "arecallok", "aagree", "ano", "adrop", "arewrite"):
        await other.presses_raw(verb, 1)
    for verb in ("atold", "aseen", "atel", "agot"):
        await other.presses_raw(verb, 1, place.harness.villages["上徐村"])
    assert {toast.split("，")[0] for toast in other.toasts} == {"没有找到编号 1"}
    assert len(other.toasts) == 13
    assert not await other.heard()
    assert await place.state() is State.SENT


async def test_a_draft_is_its_author_s_alone(place: Place):
    await place.leader.says(LINE)
    await place.officer.says("/alert 1")
    await place.officer.presses_raw("adrop", 1)
    assert (await place.officer.heard())[-1].key == "refused.not_found"
    assert await place.state() is State.DRAFT


async def test_what_waits_for_a_second_person_is_dropped_by_its_author_only(place: Place):
    await sends(place, place.leader, "/alert 红 全部 溃坝")
    await place.officer.presses_raw("adrop", 1)
    assert await place.state() is State.WAITING
    await place.leader.presses_raw("adrop", 1)
    assert await place.state() is State.DISCARDED


async def test_a_preview_with_a_village_that_was_handed_over_is_not_sent(place: Place):
    await appointed(place, place.officer, Role.OFFICER, "下李村")
    await place.officer.says("/alert 黄 全部 大风")
    person_id = place.officer.person_id
    assert person_id is not None
    await place.harness.store.transact(
        lambda unit: unit.people.dismiss(person_id, at=place.harness.at, village_id=place.harness.villages["下李村"])
    )
    await place.officer.presses_raw("asend", 1)
    assert "不归你管" in place.officer.toasts[-1]
    assert await place.state() is State.DRAFT


async def test_a_chair_who_is_police_elsewhere_does_not_confirm_by_telephone_at_home(place: Place):
    await appointed(place, place.chair, Role.OFFICER, "下李村")
    await sends(place, place.leader)
    await place.chair.presses_raw("atel", 1, place.harness.villages["上徐村"])
    assert "没有找到" in place.chair.toasts[-1]
