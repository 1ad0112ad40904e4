"""Duty rotas in the chat: receivers, planning, swaps, gaps, and people who leave."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.core.change import PersonId
from domain.core.post_change import PostChange, Why
from domain.people.people import Role
from domain.people.rota import Shift
from handlers.core.post_changes import posts_changed, without_actor
from storage.unit import Unit
from tests.handler_harness import HandlerHarness, Voice
from texts import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.engine.database import Row

#: The harness begins on Monday, 1 June 2026, 9:00.
TODAY = date(2026, 6, 1)


def number(who: Voice) -> PersonId:
    assert who.person_id is not None
    return who.person_id


async def plan(harness: HandlerHarness, *shifts: tuple[Voice, int, int, int], role: Role = Role.DUTY, since: date = TODAY) -> int:
    """Store a rota of (person, weekday, first hour, length in hours)."""

    async def build(unit: Unit) -> int:
        rota_id = await unit.rotas.open(harness.station, role, zone="Asia/Shanghai", at=harness.at)
        for who, weekday, starts, lasts in shifts:
            await unit.rotas.add_shift(rota_id, Shift(0, number(who), weekday, starts * 60, lasts * 60, since))
        return rota_id

    return await harness.store.transact(build)


async def told(harness: HandlerHarness, role: Role, village: str = "上徐村") -> list[str]:
    posts = await harness.store.transact(lambda unit: unit.people.posts_of(harness.villages[village], at=harness.at))
    station = await harness.store.transact(lambda unit: unit.people.station_posts(harness.station, at=harness.at))
    names = [who.name for who in posts.of(role)]
    assert role is Role.OFFICER or names == [who.name for who in station.of(role)]
    return names


async def always(harness: HandlerHarness, who: Voice, role: Role = Role.DUTY) -> int:
    return await plan(harness, *((who, weekday, 0, 24) for weekday in range(7)), role=role)


# Who is told ----------------------------------------------------------------------------------------------------------


async def test_desk_is_told_by_shift_and_as_before_without_a_rota(harness: HandlerHarness):
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    assert await told(harness, Role.DUTY) == ["甲值班", "乙值班"]
    await plan(harness, (first, 0, 8, 12), (second, 0, 20, 12))
    assert await told(harness, Role.DUTY) == ["甲值班"]
    await harness.time_passes(hours=12)
    assert await told(harness, Role.DUTY) == ["乙值班"]
    await harness.time_passes(hours=12)  # Tuesday, 9:00: nobody's shift
    assert await told(harness, Role.DUTY) == ["甲值班", "乙值班"]


async def test_officer_rota_chooses_among_the_officers_of_a_village_only(harness: HandlerHarness):
    first = await harness.person("甲警官", Role.OFFICER, "上徐村")
    await harness.person("乙警官", Role.OFFICER, "上徐村")
    await harness.person("丙警官", Role.OFFICER, "下李村")
    await always(harness, first, Role.OFFICER)
    assert await told(harness, Role.OFFICER) == ["甲警官"]
    assert await told(harness, Role.OFFICER, "下李村") == ["丙警官"]


@pytest.mark.parametrize("why", ["suspended", "no chat", "on leave", "left"])
async def test_person_who_cannot_act_is_not_on_shift(harness: HandlerHarness, why: str):
    first = await harness.person("甲值班", Role.DUTY, reachable=why != "no chat")
    second = await harness.person("乙值班", Role.DUTY)
    await harness.person("丙值班", Role.DUTY)
    await always(harness, first)
    if why == "suspended":
        await harness.store.transact(lambda unit: unit.directory.suspend(number(first), at=harness.at))
    elif why == "left":
        await harness.store.transact(lambda unit: unit.people.dismiss(number(first), at=harness.at))
    elif why == "on leave":
        await takes_leave(harness, first, second)
        assert await told(harness, Role.DUTY) == ["乙值班"]  # the deputy has the shift
        return
    names = await told(harness, Role.DUTY)
    assert {"乙值班", "丙值班"} <= set(names)


async def test_leave_without_a_deputy_in_office_leaves_the_shift_to_all_of_the_desk(harness: HandlerHarness):
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    await harness.person("丙值班", Role.DUTY)
    await always(harness, first)
    await takes_leave(harness, first, second)
    await harness.store.transact(lambda unit: unit.directory.suspend(number(second), at=harness.at))
    assert set(await told(harness, Role.DUTY)) == {"甲值班", "丙值班"}


async def takes_leave(harness: HandlerHarness, who: Voice, deputy: Voice) -> None:
    await who.says("/duty")
    await who.presses("我要请假")
    await who.presses("现在起")
    await who.presses("三天")
    await who.presses(deputy.name)


async def test_urgent_report_rings_those_on_shift_and_then_all_of_the_desk(harness: HandlerHarness):
    villager = await harness.person("老徐", Role.VILLAGER, "上徐村")
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    third = await harness.person("丙值班", Role.DUTY)
    await always(harness, first)
    await villager.says("/sos 有人落水了快来人")
    assert "落水" in await first.new()
    assert await second.new() == ""
    await second.says("/case 1001")  # the rota takes nobody's right to look
    assert "落水" in await second.new()
    assert await third.new() == ""
    await harness.time_passes(hours=9)  # nobody on shift answered
    assert "落水" in await third.new()


async def test_case_stays_with_its_holder_when_their_shift_is_over(harness: HandlerHarness):
    villager = await harness.person("老徐", Role.VILLAGER, "上徐村")
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    third = await harness.person("丙值班", Role.DUTY)
    await plan(harness, (first, 0, 8, 12), *((second, weekday, 8, 24) for weekday in range(1, 7)))
    await villager.says("/report dispute 邻居占了我家的路")
    await first.says("/ack 1001")
    await harness.time_passes(days=1)
    assert await told(harness, Role.DUTY) == ["乙值班"]
    await takes_leave(harness, third, first)  # a change of posts looks at what the deputy holds
    held = await harness.store.transact(lambda unit: unit.cases.find(1001))
    assert held is not None
    assert held.holder_id == number(first)
    await villager.says("/note 1001 补充一句")
    assert "case.note.to_handlers" in [each.key for each in await first.heard()]


# Planning -------------------------------------------------------------------------------------------------------------


async def test_leader_plans_a_week_by_taps_inside_one_card(harness: HandlerHarness):
    leader = await harness.person("孙所长", Role.LEADER)
    first = await harness.person("甲值班", Role.DUTY)
    await leader.says("/duty")
    await leader.presses("排班：值班")
    await leader.presses("周一")
    await leader.presses("08:00–20:00")
    await leader.presses("甲值班")
    card = (await leader.heard())[-1]
    assert "08:00–20:00 甲值班" in card.text
    assert card.card.startswith("rota:")
    await leader.presses("自己定")
    await leader.says("20点到24点")
    await leader.presses("甲值班")
    assert "20:00–00:00 甲值班" in (await leader.heard())[-1].text
    await leader.presses("08:00–20:00")
    await leader.presses("甲值班")
    assert "已经排了" in leader.toasts[-1]
    await leader.presses("看全周")
    assert "现在：甲值班，到 6月2日 00:00" in (await leader.heard())[-1].text
    await leader.presses("周一")
    await leader.presses("❌ 08:00–20:00")
    assert "08:00–20:00" not in (await leader.heard())[-1].text
    await first.says("/duty")
    seen = (await first.heard())[-1]
    assert "6月1日 周一：20:00–00:00 甲值班" in seen.text
    assert not any("排班" in label for label in seen.buttons)
    assert any("我要换班" in label for label in seen.buttons)


async def test_typed_hours_are_asked_again_when_not_understood(harness: HandlerHarness):
    leader = await harness.person("孙所长", Role.LEADER)
    await harness.person("甲值班", Role.DUTY)
    await leader.says("/duty")
    await leader.presses("排班：值班")
    await leader.presses("周三")
    await leader.presses("自己定")
    await leader.says("整天")
    assert "没看懂时间" in await leader.new()


async def test_holiday_has_another_days_shifts_and_an_additional_person(harness: HandlerHarness):
    leader = await harness.person("孙所长", Role.LEADER)
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    await plan(harness, (first, 1, 8, 24), (second, 6, 8, 12))
    await leader.says("/duty")
    await leader.presses("排班：值班")
    await leader.presses("节假日")
    await leader.presses("6月2日 周二")
    await leader.presses("周日")
    assert "08:00–20:00 乙值班" in (await leader.heard())[-1].text
    await leader.presses("20:00–08:00")
    await leader.presses("甲值班")
    await harness.time_passes(hours=24)
    assert await told(harness, Role.DUTY) == ["乙值班"]
    await harness.time_passes(hours=12)
    assert await told(harness, Role.DUTY) == ["甲值班"]
    await harness.time_passes(days=7)
    assert await told(harness, Role.DUTY) == ["甲值班"]  # an ordinary Tuesday


@pytest.mark.parametrize("verb", ["rotaday", "rotadates", "rotaadd", "rotaown", "rotaput", "rotaout", "rotaas"])
async def test_only_the_leader_of_the_station_changes_a_rota(harness: HandlerHarness, verb: str):
    first = await harness.person("甲值班", Role.DUTY)
    rota_id = await always(harness, first)
    before = await harness.store.transact(lambda unit: unit.rotas.find(rota_id, at=harness.at))
    args = {"rotaday": (0,), "rotadates": (), "rotaadd": (0, 60), "rotaown": (0,), "rotaput": (0, 600_060, 1), "rotaout": (1, 0)}
    await first.presses_raw(verb, rota_id, *args.get(verb, (20260602, 6)))
    assert first.toasts == [plain("refused.not_found", "zh", number=str(rota_id))]
    assert await harness.store.transact(lambda unit: unit.rotas.find(rota_id, at=harness.at)) == before


async def test_rota_of_another_station_reads_as_if_there_were_none(harness: HandlerHarness):
    first = await harness.person("甲值班", Role.DUTY)
    leader = await harness.person("孙所长", Role.LEADER)
    rota_id = await always(harness, first)
    await leader.presses_raw("rota", rota_id + 100)
    absent = leader.toasts[-1].replace(str(rota_id + 100), "")

    async def move(unit: Unit) -> None:
        await unit.transaction.execute("INSERT INTO stations (name) VALUES ('邻所')")
        await unit.transaction.execute("UPDATE rotas SET station_id = (SELECT MAX(id) FROM stations)")

    await harness.store.transact(move)
    await leader.presses_raw("rota", rota_id)
    assert leader.toasts[-1].replace(str(rota_id), "") == absent
    await first.says("/duty")
    assert "值班表" not in (await first.heard())[-1].text


# Swaps ----------------------------------------------------------------------------------------------------------------


async def asks_for_swap(harness: HandlerHarness, first: Voice, second: Voice) -> None:
    await first.says("我换班")
    await first.presses("6月2日 08:00")
    await first.presses(second.name)


async def test_words_for_a_swap_are_an_ordinary_report_of_a_villager(harness: HandlerHarness):
    desk = await harness.person("甲值班", Role.DUTY)
    await desk.says("我换班")
    assert "没有你的班" in await desk.new()
    villager = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await villager.says("我换班")
    assert "没有你的班" not in await villager.new()


async def test_colleague_takes_a_turn_with_one_tap_and_the_leader_is_told(harness: HandlerHarness):
    leader = await harness.person("孙所长", Role.LEADER)
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    await plan(harness, (first, 1, 8, 12))
    await asks_for_swap(harness, first, second)
    assert "他答应以前" in await first.new()
    await second.presses("我来顶")
    assert "由你值" in await second.new()
    assert "由他值" in await first.new()
    assert "甲值班 换成 乙值班" in await leader.new()
    await harness.time_passes(hours=24)
    assert await told(harness, Role.DUTY) == ["乙值班"]
    await harness.time_passes(days=7)
    assert await told(harness, Role.DUTY) == ["甲值班"]


async def test_turn_stays_with_the_person_who_asked_when_the_colleague_refuses(harness: HandlerHarness):
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    await plan(harness, (first, 1, 8, 12))
    await asks_for_swap(harness, first, second)
    await first.new()
    await second.presses("我顶不了")
    assert "还是你的班" in await first.new()
    await second.presses("我来顶")
    assert "不用再答" in second.toasts[-1]
    await harness.time_passes(hours=24)
    assert await told(harness, Role.DUTY) == ["甲值班"]


async def test_first_colleague_who_agrees_has_the_turn(harness: HandlerHarness):
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    third = await harness.person("丙值班", Role.DUTY)
    await plan(harness, (first, 1, 8, 12))
    await asks_for_swap(harness, first, second)
    await asks_for_swap(harness, first, third)
    await third.presses("我来顶")
    await second.presses("我来顶")
    assert "不用再答" in second.toasts[-1]
    await harness.time_passes(hours=24)
    assert await told(harness, Role.DUTY) == ["丙值班"]


async def test_question_for_a_turn_lapses_when_it_is_over_or_was_put_to_somebody_else(harness: HandlerHarness):
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    third = await harness.person("丙值班", Role.DUTY)
    await plan(harness, (first, 1, 8, 12))
    await asks_for_swap(harness, first, second)
    await third.presses_raw("swapyes", 1)
    assert "不用再答" in third.toasts[-1]
    await harness.time_passes(hours=36)
    await second.presses("我来顶")
    assert "不用再答" in second.toasts[-1]


# Gaps -----------------------------------------------------------------------------------------------------------------


async def test_gap_is_told_a_week_and_a_day_ahead_and_not_again(harness: HandlerHarness):
    leader = await harness.person("孙所长", Role.LEADER)
    first = await harness.person("甲值班", Role.DUTY)
    rota_id = await plan(harness, *((first, weekday, 0, 24) for weekday in range(6)), (first, 6, 0, 12))
    await leader.presses_raw("rota", rota_id)
    await leader.presses("周一")
    await leader.presses("20:00–08:00")
    await leader.presses("甲值班")  # a change starts the daily check
    await leader.new()
    gaps: dict[str, list[str]] = {}
    for _ in range(14):
        await harness.time_passes(days=1)
        heard = await leader.new()
        if "没排人" in heard:
            gaps[f"{harness.at + timedelta(hours=8):%m-%d}"] = [line for line in heard.splitlines() if "没人值" in line]
    assert gaps == {
        "06-02": ["⚠️ 没人值：6月7日 12:00 到 6月8日 00:00"],
        "06-06": ["⚠️ 没人值：6月7日 12:00 到 6月8日 00:00"],
        "06-07": ["⚠️ 没人值：6月14日 12:00 到 6月15日 00:00"],
        "06-13": ["⚠️ 没人值：6月14日 12:00 到 6月15日 00:00"],
        "06-14": ["⚠️ 没人值：6月21日 12:00 到 6月22日 00:00"],
    }
    assert "没排人" in await first.new()
    await leader.presses("看值班表")
    assert "值班室值班表" in (await leader.heard())[-1].text


async def test_gap_of_many_days_is_told_twice_a_week_and_not_every_day(harness: HandlerHarness):
    leader = await harness.person("孙所长", Role.LEADER)
    first = await harness.person("甲值班", Role.DUTY)
    rota_id = await plan(harness, (first, 0, 0, 24))
    await leader.presses_raw("rotaput", rota_id, 0, 600_120, number(first))
    days = []
    for _ in range(28):
        await leader.new()
        await harness.time_passes(days=1)
        if "没排人" in await leader.new():
            days.append(f"{harness.at + timedelta(hours=8):%m-%d}")
    assert days == ["06-02", "06-07", "06-08", "06-14", "06-15", "06-21", "06-22", "06-28", "06-29"]


@pytest.mark.parametrize("how", ["dismissed", "suspended", "leave"])
async def test_gap_is_told_at_once_when_somebody_leaves(harness: HandlerHarness, how: str):
    leader = await harness.person("孙所长", Role.LEADER)
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    rota_id = await always(harness, first)
    if how == "leave":
        await takes_leave(harness, first, second)
        assert "没排人" not in await leader.new()  # the deputy has the shifts
        return
    await leader.says("/roster")
    if how == "suspended":
        await leader.presses_raw("suspend", number(first))
    else:

        async def dismiss(unit: Unit) -> None:
            await unit.people.dismiss(number(first), at=harness.at)
            ctx = without_actor(unit, at=harness.at, town=harness.town, cause="test", hooks=harness.table.hooks)
            await posts_changed(ctx, PostChange(number(first), Why.ENDED))

        await harness.store.transact(dismiss)
    rota = await harness.store.transact(lambda unit: unit.rotas.find(rota_id, at=harness.at))
    assert rota is not None
    assert bool(rota.shifts) == (how == "suspended")  # a suspension may be lifted: the shifts count again then
    assert "没排人" in await leader.new()


async def test_successor_has_the_shifts(harness: HandlerHarness):
    leader = await harness.person("孙所长", Role.LEADER)
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    await harness.person("丙值班", Role.DUTY)
    await always(harness, first)

    async def replace(unit: Unit) -> None:
        await unit.people.dismiss(number(first), at=harness.at)
        ctx = without_actor(unit, at=harness.at, town=harness.town, cause="test", hooks=harness.table.hooks)
        await posts_changed(ctx, PostChange(number(first), Why.REPLACED, number(second)))

    await harness.store.transact(replace)
    assert await told(harness, Role.DUTY) == ["乙值班"]
    assert "没排人" not in await leader.new()


async def rows_of(unit: Unit, sql: str) -> Sequence[Row]:
    return await unit.transaction.fetch_all(sql)


async def test_erasure_deletes_a_persons_shifts_and_turns(harness: HandlerHarness):
    first = await harness.person("甲值班", Role.DUTY)
    second = await harness.person("乙值班", Role.DUTY)
    await plan(harness, (first, 1, 8, 12))
    await asks_for_swap(harness, first, second)
    await second.presses("我来顶")
    await harness.store.transact(lambda unit: unit.people.dismiss(number(second), at=harness.at))
    await harness.store.transact(lambda unit: unit.people.dismiss(number(first), at=harness.at))
    await first.says("/forget")
    await first.presses_raw("forgetme", number(first))
    for sql in ("SELECT id FROM shifts", "SELECT id FROM shift_takeovers"):
        assert list(await harness.store.transact(partial(rows_of, sql=sql))) == []


async def test_what_is_long_over_is_deleted(harness: HandlerHarness):
    first = await harness.person("甲值班", Role.DUTY)
    leader = await harness.person("孙所长", Role.LEADER)
    rota_id = await always(harness, first)

    async def old(unit: Unit) -> None:
        await unit.rotas.add_shift(rota_id, Shift(0, number(first), 0, 60, 60, date(2026, 4, 1), date(2026, 4, 8)))
        await unit.rotas.set_day(rota_id, date(2026, 4, 2), 6)

    await harness.store.transact(old)
    await leader.presses_raw("rotaput", rota_id, 0, 600_120, number(first))
    await harness.time_passes(days=1)
    shifts = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM shifts WHERE until_on IS NOT NULL"))
    days = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM rota_days"))
    assert list(shifts) == list(days) == []
