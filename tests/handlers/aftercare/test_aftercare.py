"""Aftercare in the chats: hand-over sheet, debrief, call-backs, figures of a month."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.handlers.callouts.conftest import town_at_night as town_at_night
from tests.handlers.responders.test_volunteering import volunteer


@pytest.fixture
def street(town_at_night):
    return town_at_night


async def ends(street, words: str = "我爸胸口痛，喘不上气") -> None:
    """Let a call be answered by the officer after three minutes, reached after ten, and closed."""
    await street.xu.says(f"/sos {words}")
    await street.time_passes(minutes=3)
    await street.officer.presses("我过去")
    await street.time_passes(minutes=7)
    await street.officer.presses("到了")
    await street.time_passes(minutes=20)
    await street.officer.says("/close 1001 送到县医院")


async def last(who) -> str:
    return str((await who.heard())[-1].text)


async def in_transaction(street, sql: str, *params):
    return await street.store.transact(lambda unit: unit.transaction.fetch_all(sql, params))


# The hand-over sheet --------------------------------------------------------------------------------------------------


async def test_sheet_is_offered_to_the_person_who_arrived_and_filled_by_taps_and_words(street):
    await ends(street)
    await street.officer.presses("填交接单")
    assert "医院交接单" in await last(street.officer)
    await street.officer.presses("救护车到场")
    await street.officer.presses("现在")
    await street.officer.presses("病人")
    await street.officer.says("徐大爷，男，约 70 岁")
    text = await last(street.officer)
    assert "事件 1001" in text
    assert "病人：徐大爷，男，约 70 岁" in text
    assert "救护车到场：6月2日 03:30" in text
    assert "接收医护：—" in text


async def test_sheet_is_redrawn_for_the_others_who_have_it_open(street):
    await ends(street)
    await street.duty.says("/sheet 1001")
    await street.officer.says("/sheet 1001")
    await street.officer.presses("现场所见")
    await street.officer.presses("叫不醒")
    assert "现场所见：叫不醒" in await last(street.duty)


async def test_words_about_danger_on_a_sheet_are_written_and_call_nobody(street):
    await ends(street)
    await street.officer.says("/sheet 1001")
    await street.officer.presses("现场所见")
    await street.officer.says("人倒在地上，没有呼吸，救命")
    said = [heard.text for heard in await street.officer.heard()][-2:]
    assert "现场所见：人倒在地上，没有呼吸，救命" in said[0]
    assert "没有叫人" in said[1]
    assert "110 / 119 / 120" in said[1]
    assert len(await in_transaction(street, "SELECT 1 AS n FROM cases")) == 1


@pytest.mark.parametrize("who", ["xu", "secretary", "other_chair", "other_officer"])
async def test_sheet_is_not_there_for_somebody_who_does_not_handle_the_case(street, who):
    await ends(street)
    await street.officer.presses("填交接单")
    person = getattr(street, who)
    absent = "9999"
    for verb in (("a.see",), ("a.hurt",), ("a.deb",), ("a.line", "who"), ("a.ans", "debrief")):
        await person.presses_raw(verb[0], 1001, *verb[1:])
        await person.presses_raw(verb[0], absent, *verb[1:])
        mine, none = person.toasts[-2:]
        assert mine.replace("1001", absent) == none


async def test_sheet_of_an_ordinary_case_is_refused(street):
    await street.xu.says("/report 邻里纠纷 隔壁把垃圾堆在我家门口好几天了")
    await street.officer.says("/sheet 1001")
    assert "医院交接单" not in await last(street.officer)


async def test_words_about_health_are_emptied_after_their_term_and_times_stay(street):
    await ends(street)
    await street.officer.presses("填交接单")
    await street.officer.presses("救护车到场")
    await street.officer.presses("现在")
    at = street.at
    await street.store.transact(lambda unit: unit.aftercare.purge(before=at - timedelta(hours=1)))
    assert (await in_transaction(street, "SELECT words FROM sheet_lines"))[0]["words"] != ""
    await street.store.transact(lambda unit: unit.aftercare.purge(before=at + timedelta(days=1)))
    row = (await in_transaction(street, "SELECT words, noted_at FROM sheet_lines"))[0]
    assert (row["words"], row["noted_at"] is None) == ("", False)


# The debrief ----------------------------------------------------------------------------------------------------------


async def test_debrief_is_asked_at_the_end_and_shows_the_timeline_without_words(street):
    await ends(street)
    assert any("24 小时内请记三句" in heard.text for heard in await street.officer.heard())
    await street.officer.presses("记一下")
    await street.officer.says("两个人分头带路")
    await street.officer.says("路口没有灯")
    await street.officer.says("AED 电极片一副")
    text = await last(street.officer)
    for words in ("两个人分头带路", "路口没有灯", "AED 电极片一副", "张警官到了"):
        assert words in text
    assert "送到县医院" not in text
    await street.time_passes(days=3)
    assert "请记三句" not in await last(street.officer)


# Call-backs -----------------------------------------------------------------------------------------------------------


async def called_back(who) -> list[str]:
    return [heard.key for heard in await who.heard() if heard.key in ("aftercare.ask.day_1", "aftercare.ask.day_7")]


async def answers(who) -> None:
    await who.presses("记一下")
    await who.presses("好多了")
    await who.presses("没意见")
    await who.presses("不用帮")


async def test_call_backs_are_asked_of_the_holder_the_next_day_and_on_day_seven(street):
    await ends(street)
    await street.time_passes(hours=20)
    assert await called_back(street.officer) == []
    await street.time_passes(hours=10)
    assert await called_back(street.officer) == ["aftercare.ask.day_1"]
    await answers(street.officer)
    await street.time_passes(days=5)
    assert await called_back(street.officer) == ["aftercare.ask.day_1"]
    await street.time_passes(days=1)
    assert await called_back(street.officer) == ["aftercare.ask.day_1", "aftercare.ask.day_7"]
    for other in (street.chair, street.duty, street.xu, street.secretary):
        assert await called_back(other) == []


async def test_call_back_is_asked_again_until_answered_and_then_reported_as_missed(street):
    await ends(street)
    await street.time_passes(days=5)
    assert len(await called_back(street.officer)) == 4
    assert any(heard.key == "aftercare.unheard.to_leader" for heard in await street.leader.heard())
    await street.time_passes(days=20)
    missed = [heard.text for heard in await street.leader.heard() if heard.key == "aftercare.missed.to_leader"]
    assert len(missed) == 3
    open_ones = await in_transaction(street, "SELECT 1 AS n FROM follow_ups WHERE ended_at IS NULL")
    assert open_ones == []


async def test_call_back_goes_to_another_when_the_holder_loses_the_post(street):
    await ends(street)
    await street.time_passes(hours=30)
    await street.leader.presses_raw("suspend", street.officer.person_id)
    assert await called_back(street.chair) == ["aftercare.ask.day_1"]
    assert any(heard.key == "aftercare.ask.debrief" for heard in await street.chair.heard())
    await street.chair.presses_raw("a.ans", 1001, "day_1")
    await street.chair.presses("好多了")
    await street.chair.presses("没意见")
    await street.chair.presses("不用帮")
    assert "回访记下了" in await last(street.chair)


async def test_police_hear_when_help_is_needed(street):
    await ends(street)
    await street.time_passes(hours=30)
    await street.officer.presses("记一下")
    await street.officer.presses("更重了")
    await street.officer.presses("没意见")
    await street.officer.says("要人送去县医院复查")
    assert "要人送去县医院复查" in await last(street.leader)


async def test_nobody_is_called_back_after_a_false_alarm(street):
    await street.xu.says("/sos 我爸胸口痛，喘不上气")
    await street.xu.presses("误触")
    await street.time_passes(days=9)
    assert await in_transaction(street, "SELECT 1 AS n FROM follow_ups") == []
    for who in (street.officer, street.chair, street.leader):
        assert not [heard for heard in await who.heard() if heard.key.startswith("aftercare")]


async def test_call_backs_begin_with_one_tap_when_somebody_was_hurt_in_a_fight(street):
    await ends(street, "有人拿刀砍人")
    await street.time_passes(hours=1)
    tasks = "SELECT task FROM follow_ups ORDER BY task"
    assert [row["task"] for row in await in_transaction(street, tasks)] == ["debrief"]
    await street.officer.presses("有人受伤")
    assert [row["task"] for row in await in_transaction(street, tasks)] == ["day_1", "day_7", "debrief"]
    await street.time_passes(hours=30)
    assert await called_back(street.officer) == ["aftercare.ask.day_1"]


# The people who went --------------------------------------------------------------------------------------------------


async def test_people_who_went_are_asked_the_next_morning_and_the_leader_hears_only_on_request(street):
    await ends(street)
    await street.time_passes(hours=8)
    asked = [heard.text for heard in await street.officer.heard() if heard.key.startswith("aftercare.thanks")]
    assert len(asked) == 1
    assert "昨晚辛苦了" in asked[0]
    for who in (street.chair, street.duty, street.xu):
        assert not [heard for heard in await who.heard() if heard.key.startswith("aftercare.thanks")]
    before = len(await street.leader.heard())
    await street.officer.presses("我还好")
    assert len(await street.leader.heard()) == before
    await street.officer.presses("想聊聊")
    assert "张伟" in await last(street.leader)
    assert "12356" in await last(street.officer)


async def test_volunteers_and_helpers_who_came_are_asked_the_next_morning(street):
    came, stayed = await volunteer(street, "陈红"), await volunteer(street, "周兰")
    await street.xu.says("/sos 我爸胸口痛，喘不上气")
    await came.presses("我过去")
    await stayed.presses("去不了")
    await street.officer.presses("我过去")
    await street.officer.presses("到了")
    await street.officer.says("/close 1001 送医院了")
    await street.time_passes(hours=8)
    for who, times in ((came, 1), (street.officer, 1), (stayed, 0), (street.chair, 0), (street.xu, 0)):
        asked = [heard for heard in await who.heard() if heard.key.startswith("aftercare.thanks")]
        assert len(asked) == times, who.name
        assert not any("1001" in heard.text for heard in asked), who.name
    await came.presses("想聊聊")
    assert "陈红" in await last(street.leader)
    assert "12356" in await last(came)


# Figures of a month ---------------------------------------------------------------------------------------------------


async def test_month_shows_figures_with_their_number_of_cases_in_the_reader_scope(street):
    await ends(street)
    await street.officer.presses("填交接单")
    await street.officer.presses("救护车到场")
    await street.officer.presses("现在")
    await street.xu.says("/sos 我爸又晕倒了，叫不醒")
    await street.xu.presses("误触")
    await street.leader.says("/sos_month")
    text = await last(street.leader)
    assert "求助 1 件（误触另算：1 件；演练另算：0 次）" in text
    assert "第一个“我过去”：中位 3 分钟（1 件）" in text
    assert "第一个到场：中位 10 分钟（1 件）" in text
    assert "比救护车先到：1/1（100%）" in text
    await street.other_officer.says("/sos_month 2026-06")
    assert "求助 0 件（误触另算：0 件；演练另算：0 次）" in await last(street.other_officer)
    await street.leader.says("/sos_month 2026-05")
    assert "没有记录（0 件）" in await last(street.leader)


@pytest.mark.parametrize("who", ["chair", "secretary", "xu", "admin"])
async def test_month_is_refused_for_everybody_but_the_police(street, who):
    await getattr(street, who).says("/sos_month")
    assert "第一个" not in await last(getattr(street, who))
