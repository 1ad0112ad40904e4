"""Messages of unanswered cases, in normal days and after an outage; notes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.handling.dispatch import perform_due
from domain.calendar.working_time import WorkingCalendar
from domain.core.notes import note_timers
from domain.people.people import Role
from tests.handlers.cases.test_moves import opens

if TYPE_CHECKING:
    from domain.core.town import Town
    from tests.handler_harness import HandlerHarness, Voice

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = WorkingCalendar(SHANGHAI, opens=time(8, 30), closes=time(17, 30), lunch=(time(11, 30), time(13, 30)))


@pytest.fixture
def town(town: Town) -> Town:
    return replace(town, working=HOURS)


@dataclass
class Village:
    harness: HandlerHarness
    villager: Voice
    chair: Voice
    officer: Voice
    leader: Voice
    duty: Voice
    admin: Voice

    async def deliver(self) -> list[tuple[str, str]]:
        """Send pending messages; return receiver and key of each new message."""
        names = {each.user_id: name for name, each in vars(self).items() if name != "harness"}
        return [(names[row["chat_id"]], row["key"]) for row in await self.harness.deliver()]

    async def pass_days(self, days: float, *, reached: bool = True) -> list[tuple[str, str]]:
        """Let every timer act at its instant; with `reached`, deliver after each."""
        harness, until, told = self.harness, self.harness.at + timedelta(days=days), []
        while due := await harness.store.transact(lambda unit: unit.timers.list_due(at=until, limit=1)):
            harness.at = max(harness.at, due[0].due_at)
            async with harness.gate_asked():
                await harness.store.transact(partial(perform_due, due=due[0], table=harness.table, town=harness.town, at=harness.at))
            told += await self.deliver() if reached else []
        harness.at = until
        return told

    async def count_waiting(self) -> int:
        rows = await self.harness.store.transact(
            lambda unit: unit.transaction.fetch_all("SELECT COUNT(*) AS n FROM outbox WHERE state = 'waiting'")
        )
        return int(rows[0]["n"])


@pytest.fixture
async def village(harness: HandlerHarness) -> Village:
    return Village(
        harness,
        await harness.person("徐阿婆", Role.VILLAGER, "上徐村"),
        await harness.person("王建国", Role.CHAIR, "上徐村"),
        await harness.person("张伟", Role.OFFICER, "上徐村"),
        await harness.person("李国强", Role.LEADER),
        await harness.person("钱丽", Role.DUTY),
        await harness.person("管小平", Role.ADMIN),
    )


# Cases that nobody answers --------------------------------------------------------------------------------------------


async def test_unanswered_case_is_called_once_a_level_and_listed_ever_less_often(village):
    await opens(village, village.villager)
    told = await village.deliver() + await village.pass_days(30)
    assert Counter(told)["leader", "case.card"] == Counter(told)["leader", "escalation.call.to_station"] == 1
    assert Counter(told)["officer", "case.card"] == Counter(told)["admin", "escalation.call.to_admin"] == 1
    assert 3 <= Counter(told)["leader", "note.morning"] <= 6
    assert Counter(told)["admin", "note.unanswered.to_admin"] == Counter(told)["leader", "note.morning"]
    assert len(told) < 40  # 214 before
    assert await village.pass_days(120)  # it never ends in silence


async def test_many_unanswered_cases_become_one_list_a_person_and_day(village):
    for number in range(25):
        await opens(village, village.villager, f"邻居家的狗叫得太吵，第{number}次")
    await village.deliver()
    await village.pass_days(7)
    for _ in range(10):
        told = Counter(name for name, _ in await village.pass_days(1))
        assert max(told.values(), default=0) <= 1
    note = [heard for heard in await village.leader.heard() if heard.key == "note.morning"][-1]
    assert "没人接的 25 件</b>，最早 2026年6月1日" in note.text
    assert "还有 17 件" in note.text
    assert note.text.count("上徐村") == 8
    assert [heard.key for heard in await village.chair.heard() if heard.key == "note.morning"] == []


# Outages --------------------------------------------------------------------------------------------------------------


async def test_outage_leaves_one_message_a_subject_and_one_list_however_long_it_lasts(village):
    for number in range(6):
        await opens(village, village.villager, f"邻居家的狗叫得太吵，第{number}次")
    await village.pass_days(6, reached=False)
    waiting = await village.count_waiting()
    await village.pass_days(24, reached=False)
    assert await village.count_waiting() == waiting
    told = await village.deliver()
    lists = Counter(name for name, key in told if key.startswith("note."))
    rest = Counter(name for name, key in told if not key.startswith("note.") and key != "case.receipt")
    assert set(lists.values()) == {1}
    assert set(rest.values()) == {6}
    assert {name for name, _ in told} == {"villager", "chair", "officer", "leader", "duty", "admin"}
    card = [heard for heard in await village.chair.heard() if heard.key == "case.card" and heard.row["state"] == "sent"][-1]
    assert "已上报" in card.text  # the card that waited says what happened since


async def test_outage_leaves_one_message_of_an_urgent_case_and_the_rounds_go_on_after_it(village):
    await opens(village, village.villager, "着火了")
    await village.pass_days(0.3, reached=False)
    told = await village.deliver()
    assert Counter(name for name, key in told if key != "case.receipt") == Counter(
        ("villager", "chair", "officer", "leader", "duty", "admin")
    )
    after = Counter(name for name, key in await village.pass_days(0) + await _minutes(village, 11) if key.startswith("scene.ring"))
    assert after["chair"] == after["officer"] == 2


async def _minutes(village: Village, minutes: int) -> list[tuple[str, str]]:
    told = []
    for _ in range(minutes):
        await village.harness.time_passes(minutes=1)
        told += await village.deliver()
    return told


async def test_words_of_people_are_all_kept_during_an_outage(village):
    await opens(village, village.villager)
    await village.deliver()
    await village.chair.says("/accept 1001")
    await village.harness.time_passes(hours=2)
    for words in ("几点开始的？", "墙有多高？"):
        await village.chair.presses_raw("c.ask", 1001)
        await village.chair.says(words)
        await village.harness.time_passes(hours=2)
    asked = [key for name, key in await village.deliver() if name == "villager" and key == "case.ask.to_reporter"]
    assert len(asked) == 2


async def test_message_that_escalates_is_not_replaced_by_one_that_does_not(village):
    village.harness.reached = False
    await opens(village, village.villager)
    await village.harness.time_passes(minutes=30)
    rows = await village.harness.store.transact(lambda unit: unit.late.list_about("case:1001", before=village.harness.at))
    assert [(row.escalates, row.card) for row in rows if row.role == "chair"] == [(True, "case:1001")]
    await village.harness.time_passes(days=1)
    fallen = [heard.row for heard in await village.chair.heard() if heard.row["state"] == "waiting"]
    assert [(row["card"], row["fresh"], row["falls_upward"]) for row in fallen] == [("case:1001", 1, 1)]


# Notes ----------------------------------------------------------------------------------------------------------------


async def _plan(village: Village) -> None:
    timers = note_timers(village.harness.station, town=village.harness.town, at=village.harness.at)
    await village.harness.store.transact(lambda unit: unit.timers.start(*timers, at=village.harness.at))


async def test_notes_say_what_is_due_and_what_the_day_brought(village):
    await _plan(village)
    await opens(village, village.villager, "墙倒了")
    await village.deliver()
    evening = await village.pass_days(1)
    assert Counter(evening)["leader", "note.evening"] == Counter(evening)["chair", "note.evening"] == 1
    said = next(heard for heard in await village.leader.heard() if heard.key == "note.evening")
    assert "禾安所" in said.text
    assert "新报 1 件（纠纷 1），办结 0 件，在办 1 件" in said.text
    assert not said.row["protect"]
    assert "墙倒了" not in said.text
    note = next(heard for heard in await village.officer.heard() if heard.key == "note.morning")
    assert "1001" in note.text
    assert "徐阿婆" not in note.text
    assert "m.case" in {verb for verb, _ in note.buttons.values()}
    assert [heard.key for heard in await village.villager.heard() if heard.key.startswith("note.")] == []


async def test_note_is_skipped_on_a_day_without_work_and_after_a_late_start(village):
    await _plan(village)
    assert [key for _, key in await village.pass_days(3)] == []
    await opens(village, village.villager)
    village.harness.at += timedelta(days=3, hours=11)  # the process was down, and starts in the night
    told = [key for _, key in await village.pass_days(0)]
    assert told
    assert not [key for key in told if key.startswith("note.")]
