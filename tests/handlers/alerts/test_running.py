"""A running alert: calls for help, unreachable chairs, shelter, second red, all-clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.alerts import State
from domain.people.people import Role
from tests.handlers.alerts.conftest import GROUP, LINE, Place, alerts_in, sends

if TYPE_CHECKING:
    from tests.handler_harness import Voice

PICTURE = {"type": "photo", "file_id": "shelter-1"}


async def keys(who: Voice, prefix: str) -> list[str]:
    return [message.key for message in await who.heard() if message.key.startswith(prefix)]


# Heading, text first, villages of last time -------------------------------------------------------------------------------


async def test_text_comes_first_and_proposes_level_kind_and_source(place: Place):
    await place.leader.presses_raw("anew")
    await place.leader.says("市气象台：台风红色预警，今晚十点前撤离到学校")
    levels = list((await place.leader.heard())[-1].buttons)
    assert levels[0] == "👉 🔴 红色预警"
    await place.leader.presses("橙色")
    await place.leader.presses("全部")
    preview = (await place.leader.heard())[-1].text
    assert "🟠 台风橙色预警\n来源：市气象台" in preview
    assert "写明来源" not in preview


async def test_preview_asks_for_the_source_of_a_weather_warning_and_keeps_the_rest(place: Place):
    await place.leader.says(LINE)
    assert "请点“种类、来源”" in (await place.leader.heard())[-1].text
    await place.leader.presses("种类、来源")
    await place.leader.presses("暴雨")
    await place.leader.presses("气象台")
    preview = (await place.leader.heard())[-1].text
    assert "🟠 暴雨橙色预警\n来源：气象台" in preview
    assert "台风今晚登陆，关好门窗" in preview
    await place.leader.presses("🚨 发送")
    (told,) = alerts_in(await place.chair.heard())
    assert "来源：气象台" in told.text


async def test_villages_of_last_time_are_one_tap_and_only_those_still_allowed(place: Place):
    await place.leader.says("/alert 黄")
    await place.leader.says("停水")
    assert not [label for label in (await place.leader.heard())[-1].buttons if "上次的村" in label]
    await sends(place, place.leader, "/alert 黄 上徐村 停水")
    await place.leader.says("/alert 黄")
    await place.leader.says("又停水")
    await place.leader.presses("上次的村：上徐村等 1 个")
    assert "发往：上徐村\n" in (await place.leader.heard())[-1].text
    await place.officer.says("/alert 黄")
    await place.officer.says("停水")
    await place.officer.presses_raw("answer", "alert", "villages", "again")
    assert "alert.villages.question" in (await place.officer.heard())[-1].row["params"]


# Drills -------------------------------------------------------------------------------------------------------------------


async def test_drill_asks_nobody_to_go_from_door_to_door(place: Place):
    await sends(place, place.leader, "/drill 橙 全部 台风")
    await place.harness.time_passes(minutes=2)
    await place.leader.presses("催一催")
    for who in (place.chair, place.member):
        told = [message.text for message in await who.heard() if message.key.startswith("alert.")]
        assert told
        assert all("不要挨户" in text or "还没点“演练收到”" in text for text in told)
        assert not any("再挨户通知" in text or "② 挨户" in text for text in told)


# Chairs who cannot be reached ---------------------------------------------------------------------------------------------


async def test_chairs_who_fail_within_seconds_are_one_list_for_their_officer(place: Place):
    officer = place.officer.person_id
    assert officer is not None
    await place.harness.store.transact(
        lambda unit: unit.people.appoint(
            officer, Role.OFFICER, station_id=place.harness.station, village_id=place.harness.villages["下李村"], at=place.harness.at
        )
    )
    await sends(place, place.leader)
    await place.delivers(blocked=(place.chair, place.chair_li))
    assert await keys(place.officer, "alert.instead") == []
    await place.harness.time_passes(seconds=11)
    (handed,) = [message for message in await place.officer.heard() if message.key == "alert.instead"]
    assert "这 2 个村" in handed.text
    assert await keys(place.officer, "fallback.wrapped") == []
    await place.harness.time_passes(minutes=10)
    assert len(await keys(place.officer, "alert.instead")) == 1


async def test_village_with_another_chair_who_has_it_goes_to_nobody_else(place: Place):
    second = await place.harness.person("副主任", Role.CHAIR, "上徐村")
    await sends(place, place.leader)
    await place.delivers(blocked=(second,))
    await place.harness.time_passes(minutes=1)
    assert await keys(place.officer, "alert.instead") == []


async def test_chair_who_blocks_the_bot_before_a_nudge_is_handed_over(place: Place):
    await sends(place, place.leader)
    await place.delivers()
    await place.harness.time_passes(minutes=2)
    await place.leader.presses("催一催")
    await place.delivers(blocked=(place.chair,))
    await place.harness.time_passes(seconds=15)
    (handed,) = [message for message in await place.officer.heard() if message.key == "alert.instead"]
    assert "上徐村 王主任" in handed.text


# Confirmations ------------------------------------------------------------------------------------------------------------


async def test_each_chair_can_say_all_told_after_one_has_received_it(place: Place):
    second = await place.harness.person("副主任", Role.CHAIR, "上徐村")
    await sends(place, place.leader)
    await place.delivers()
    await place.chair.presses("收到")
    for who in (place.chair, second):
        card = (await who.heard())[-1]
        assert "👌 上徐村：王主任" in card.text
        assert "下一步：挨户通知" in card.text
        assert list(card.buttons) == ["✅ 全村已通知到"]
    await second.presses("全村已通知到")
    assert "✅ 1 全村已通知到" in await place.board(place.leader)
    assert not (await place.chair.heard())[-1].buttons


async def test_chair_who_was_telephoned_still_says_when_all_are_told(place: Place):
    await sends(place, place.leader)
    await place.delivers()
    await place.officer.presses_raw("atel", 1, place.harness.villages["上徐村"])
    card = (await place.chair.heard())[-1]
    assert "📞 上徐村：张警官" in card.text
    assert list(card.buttons) == ["✅ 全村已通知到"]
    await place.chair.presses("全村已通知到")
    assert "✅ 1 全村已通知到" in await place.board(place.leader)


async def test_only_the_first_word_of_a_village_is_late(place: Place):
    await sends(place, place.leader)
    await place.chair.presses("收到")
    await place.harness.time_passes(hours=1)
    await place.chair.presses("全村已通知到")
    assert "超时" not in place.chair.toasts[-1]
    await place.chair_li.presses("收到")
    assert "超时" in place.chair_li.toasts[-1]
    assert "其中 1 个超时" in await place.board(place.leader)


async def test_confirmed_drill_does_not_say_that_a_village_was_told(place: Place):
    await sends(place, place.leader, "/drill 橙 全部 台风")
    await place.delivers()
    await place.chair.presses("演练收到")
    assert "【演练】✅ 上徐村演练收到：王主任" in (await place.chair.heard())[-1].text
    await place.harness.time_passes(minutes=16)
    assert "请练一次电话" in (await place.leader.heard())[-2].text
    for who in (place.chair, place.leader):
        assert not any("通知到" in message.text or "马上打电话" in message.text for message in await who.heard())


# Help ---------------------------------------------------------------------------------------------------------------------


async def test_villager_who_needs_help_is_on_the_chairs_list_until_somebody_takes_care(place: Place):
    await sends(place, place.leader)
    await place.delivers()
    await place.villager.presses("要人帮")
    await place.villager.presses_raw("ahelp", 1, place.harness.villages["上徐村"])
    (asked,) = [message for message in await place.chair.heard() if message.key == "alert.help.list"]
    assert "徐大爷 380000" in asked.text
    assert await keys(place.chair_li, "alert.help") == []
    assert "🆘 1 个村民要人帮，1 个还没人管" in await place.board(place.leader)
    assert "徐大爷" not in await place.board(place.leader)
    await place.delivers()
    await place.chair.presses("已安排：徐大爷")
    assert "王主任看到了" in (await place.villager.heard())[-1].text
    assert "1 个村民要人帮，0 个" in await place.board(place.leader)
    await place.harness.time_passes(minutes=16)
    assert await keys(place.officer, "alert.help") == []


async def test_villager_whom_nobody_helps_is_on_the_officers_list_and_forgotten_in_the_end(place: Place):
    await sends(place, place.leader)
    await place.villager.presses("要人帮")
    await place.harness.time_passes(minutes=16)
    assert await keys(place.officer, "alert.help.list") == ["alert.help.list"]
    home = place.harness.villages["上徐村"]
    assert await place.harness.store.transact(lambda unit: unit.alert_helps.waiting(1, home))
    await place.harness.time_passes(days=33)
    assert not await place.harness.store.transact(lambda unit: unit.alert_helps.waiting(1, home))


async def test_call_for_help_is_taken_back_by_its_person(place: Place):
    await sends(place, place.leader)
    await place.villager.presses("要人帮")
    await place.delivers()
    await place.villager.presses("不用帮了")
    assert "都安排好了" in (await place.chair.heard())[-1].text
    assert "要人帮" not in await place.board(place.leader)


async def test_help_list_is_for_the_village_only(place: Place):
    await sends(place, place.leader)
    home, elsewhere = place.harness.villages["上徐村"], place.harness.villages["下李村"]
    villager = place.villager.person_id
    for village in (elsewhere, 99):
        await place.villager.presses_raw("ahelp", 1, village)
    await place.harness.stranger().presses_raw("ahelp", 1, home)
    outsider = await place.harness.person("外人", Role.VILLAGER, "上徐村")
    await outsider.presses_raw("ahelp", 1, home)  # joined after it was sent
    assert await keys(place.chair, "alert.help") == []
    await place.villager.presses("要人帮")
    for who in (place.chair_li, place.member, place.other, place.villager):
        await who.presses_raw("ahelped", 1, home, villager)
    await place.chair_li.presses_raw("ahelped", 1, elsewhere, villager)
    assert await place.harness.store.transact(lambda unit: unit.alert_helps.count(1, [home])) == (1, 1)


async def test_link_of_a_group_gives_the_alert_to_a_resident_who_joined_later(place: Place):
    await place.officer.says("/bind 上徐村", chat=GROUP)
    await sends(place, place.leader)
    (public,) = [message for message in await place.harness.heard_in(GROUP) if message.key == "alert.sent.to_group"]
    assert list(public.buttons) == ["🆘 要人帮，点这里"]
    late = await place.harness.person("新来的", Role.VILLAGER, "上徐村")
    await late.says("/start alert1")
    assert await keys(late, "alert.sent") == ["alert.sent.to_villager"]
    await place.delivers()
    await late.presses("要人帮")
    (asked,) = [message for message in await place.chair.heard() if message.key == "alert.help.list"]
    assert "新来的" in asked.text
    await place.chair.says("/start alert1")
    assert await keys(place.chair, "alert.sent.to_villager") == []


async def test_link_of_a_group_shows_nothing_to_who_lives_elsewhere_nor_of_an_alert_that_is_over(place: Place):
    await sends(place, place.leader, "/alert 橙 上徐村 台风")
    elsewhere = await place.harness.person("外人", Role.VILLAGER, "下李村")
    stranger = place.harness.stranger()
    for payload in ("alert1", "alert99"):
        await elsewhere.says(f"/start {payload}")
        await stranger.says(f"/start {payload}")
    assert await keys(elsewhere, "alert.") == ["alert.link.nothing", "alert.link.nothing"]
    assert await keys(stranger, "alert.") == ["alert.link.join_first", "alert.link.join_first"]
    await place.leader.presses_raw("aclearok", 1)
    late = await place.harness.person("新来的", Role.VILLAGER, "上徐村")
    await late.says("/start alert1")
    assert await keys(late, "alert.") == ["alert.link.nothing"]


# The shelter --------------------------------------------------------------------------------------------------------------


async def test_shelter_is_shown_by_a_button_and_in_the_group_at_once(place: Place):
    await place.officer.says("/bind 上徐村", chat=GROUP)
    await place.leader.says(LINE)
    await place.leader.presses("加安置点")
    await place.leader.says("学校")
    assert "只收照片和位置" in (await place.leader.heard())[-1].text
    await place.leader.says("", media=PICTURE)
    await place.leader.says("", location=(28.5, 120.1))
    await place.leader.presses("好了")
    assert "带安置点" in (await place.leader.heard())[-1].text
    await place.leader.presses("🚨 发送")
    await place.harness.time_passes(seconds=1)
    assert [m.key for m in await place.harness.heard_in(GROUP) if "shelter" in m.key] == ["alert.shelter.photo", "alert.shelter.pin"]
    for who in (place.villager, place.chair, place.member):
        await who.presses("安置点")
        assert await keys(who, "alert.shelter") == ["alert.shelter.photo", "alert.shelter.pin"]
    assert "📍 安置点" in [message for message in await place.leader.heard() if message.card == "alert:2"][-1].buttons
    await place.villager.presses("要人帮")
    assert "📍 安置点" in (await place.villager.heard())[-1].buttons
    outsider = await place.harness.person("外人", Role.VILLAGER, "东岭村" if "东岭村" in place.harness.villages else "下李村")
    await outsider.presses_raw("aplace", 1, place.harness.villages["上徐村"])
    assert await keys(outsider, "alert.shelter") == []


# A second red alert -------------------------------------------------------------------------------------------------------


async def test_second_red_alert_is_asked_about_while_one_runs(place: Place):
    await place.harness.person("吴所长", Role.LEADER)
    await sends(place, place.leader, "/alert 红 全部 溃坝")
    await place.officer.presses("同意发送")
    await place.leader.says("/alert 红 全部 又溃坝")
    await place.leader.presses("🚨 发送")
    question = (await place.leader.heard())[-1]
    assert question.key == "alert.another.question"
    assert "溃坝" in question.text
    assert await place.state(2) is State.DRAFT
    await place.leader.presses("再发这一条")
    assert await place.state(2) is State.WAITING
    await place.leader.presses_raw("adrop", 2)
    await place.leader.presses_raw("aclearok", 1)
    await place.leader.says("/alert 红 全部 再溃坝")
    await place.leader.presses("🚨 发送")
    assert await place.state(3) is State.WAITING


# All clear ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [0, 40])
async def test_all_clear_reaches_everybody_who_got_the_alert(place: Place, hours: int):
    await place.officer.says("/bind 上徐村", chat=GROUP)
    await sends(place, place.leader)
    await place.delivers()
    await place.harness.time_passes(hours=hours, seconds=1)
    await place.leader.presses("✅ 解除")
    assert await place.state() in (State.SENT, State.ENDED)
    await place.leader.presses("解除，通知所有人")
    assert "已解除，正在通知" in next(m.text for m in await place.leader.heard() if m.key == "alert.clear.done")
    assert await place.state() is State.CLEARED
    assert await place.receivers("clear:1") == await place.receivers("alert:1")
    for who in (place.chair, place.member, place.villager):
        assert await keys(who, "alert.cleared") == ["alert.cleared", "alert.cleared.card"]
        assert "危险过去了，可以回家" in next(m.text for m in await who.heard() if m.key == "alert.cleared")
    assert "✅【解除】" in await place.board(place.leader)
    await place.chair.presses_raw("aseen", 1, place.harness.villages["上徐村"])
    assert "已经解除" in place.chair.toasts[-1]


async def test_all_clear_is_given_by_its_author_desk_and_leaders_only_and_once(place: Place):
    await sends(place, place.leader)
    for who in (place.officer, place.chair, place.villager):
        await who.presses_raw("aclearok", 1)
    assert await place.state() is State.SENT
    await place.leader.presses_raw("aclearok", 1)
    await place.leader.presses_raw("arecallok", 1)
    assert await place.state() is State.CLEARED
    assert "已经解除" in place.leader.toasts[-1]


async def test_author_is_asked_for_the_all_clear_until_it_is_given(place: Place):
    await sends(place, place.officer, "/alert 橙 上徐村 台风")
    await place.delivers()
    await place.harness.time_passes(hours=13)
    (asked,) = [message for message in await place.officer.heard() if message.key == "alert.clear.due"]
    assert "发出 12 小时了" in asked.text
    assert "12 小时后再问你" in asked.text
    assert await keys(place.leader, "alert.clear.due") == []
    await place.harness.time_passes(hours=12)
    assert "24 小时后再问你" in [message for message in await place.officer.heard() if message.key == "alert.clear.due"][-1].text
    await place.delivers()
    await place.officer.presses_raw("aclear", 1)
    await place.officer.presses("解除，通知所有人")
    question = [message for message in await place.officer.heard() if message.card == "alert:1:clear"][-1]
    assert question.key == "alert.cleared.card"
    assert not question.buttons
    await place.harness.time_passes(hours=30)
    assert len(await keys(place.officer, "alert.clear.due")) == 2
    assert await keys(place.leader, "alert.clear.due") == []


async def test_leaders_are_asked_for_the_all_clear_the_last_time_and_the_desk_for_an_author_who_left(place: Place):
    desk = await place.harness.person("值班员", Role.DUTY)
    await sends(place, place.officer, "/alert 橙 上徐村 台风")
    await place.loses_posts(place.officer)
    await place.harness.time_passes(hours=47)
    assert len(await keys(desk, "alert.clear.due")) == 2
    assert await keys(place.leader, "alert.clear.due") == []
    await place.harness.time_passes(hours=48)
    assert len(await keys(desk, "alert.clear.due")) == 3
    (asked,) = [message for message in await place.leader.heard() if message.key == "alert.clear.due"]
    assert "再问你" not in asked.text
    assert len(await keys(place.officer, "alert.clear.due")) == 0
    await place.leader.presses_raw("aclearok", 1)
    assert await place.state() is State.CLEARED


async def test_end_of_a_drill_does_not_say_that_a_danger_is_over(place: Place):
    await sends(place, place.leader, "/drill 橙 全部 台风")
    await place.delivers()
    await place.leader.presses("【演练】结束")
    assert "危险" not in (await place.leader.heard())[-1].text
    await place.leader.presses("【演练】结束，告诉大家")
    (over,) = [message for message in await place.villager.heard() if message.key.startswith("alert.cleared") and "card" not in message.key]
    assert over.key == "alert.cleared.drill"
    assert "可以回家" not in over.text
    for who in (place.villager, place.chair, place.leader):
        assert not any("危险过去" in message.text for message in await who.heard())
