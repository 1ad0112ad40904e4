"""Failing timers and schedules: retried, then dead-lettered with one notice; others go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from bot.handling.dispatch import Table
from bot.process.logs import trace
from bot.timers.timer_loop import TRIES, Ticking
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import ClockCalendar
from domain.core.change import Timer
from domain.core.town import Town
from domain.people.people import Role
from handlers.core.context import Hooks
from handlers.core.route import TimerRoute
from storage.engine.database import StorageFailed, StorageRefused
from tests.handler_harness import MONDAY, HandlerHarness, Voice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from handlers.core.context import HandlerContext
    from storage.engine.database import Row


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = MONDAY

    def now(self) -> datetime:
        return self.at


@dataclass
class Clockwork:
    """A town that only ticks: `probe` timers and schedules run, `fault` timers fail.

    `acted` lists the occurrences that ran.
    """

    harness: HandlerHarness
    admin: Voice

    def __post_init__(self) -> None:
        self.clock = Hands()
        self.acted: list[str] = []
        self.fault: type[Exception] = LookupError
        routes = [TimerRoute("probe", self._act), TimerRoute("schedule:probe", self._act), TimerRoute("fault", self._fail)]
        self.ticking = Ticking(self.harness.store, Table.of(routes, {}, Hooks()), self.clock, self.harness.town, told=lambda: None)  # type: ignore[arg-type]  # a stand-in

    async def tick(self, **later: float) -> int:
        self.clock.at += timedelta(**later)
        return await self.ticking.tick()

    async def starts(self, kind: str, subject: str) -> None:
        await self.harness.store.transact(lambda unit: unit.timers.start(Timer(kind, subject, MONDAY, f"{kind}:{subject}"), at=MONDAY))

    async def repeats(self, cron: str) -> int:
        return await self.harness.store.transact(
            lambda unit: unit.timers.add_schedule(
                "probe", station_id=1, name="own", cron=cron, data={}, next_at=MONDAY, created_by=None, at=MONDAY
            )
        )

    async def ask(self, sql: str) -> list[tuple[object, ...]]:
        rows: list[Row] = await self.harness.store.transact(lambda unit: unit.transaction.fetch_all(sql))
        return [tuple(row) for row in rows]

    async def _act(self, act: HandlerContext) -> None:
        assert act.timer is not None
        self.acted.append(act.timer.occurrence)

    async def _fail(self, act: HandlerContext) -> None:
        raise self.fault("planted")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Clockwork]:
    zone = ZoneInfo("Asia/Shanghai")
    harness = await HandlerHarness.open(tmp_path, Town("禾安", zone, ClockCalendar(), QuietHours(time(21, 30), time(7, 0), zone)))
    yield Clockwork(harness, await harness.person("管理员", Role.ADMIN))
    await harness.store.close()


@pytest.mark.parametrize("fault", [LookupError, StorageRefused])
async def test_a_timer_that_fails_is_tried_again_then_set_aside_and_told_once(town, fault):
    town.fault = fault
    await town.starts("fault", "case:1")
    for _ in range(TRIES + 2):
        await town.tick(minutes=1)
    assert await town.ask("SELECT state, fault FROM timers") == [("parked", fault.__name__)]
    assert (await town.admin.new()).count(fault.__name__) == 1
    assert town.ticking.dead_lettered == 1


async def test_a_timer_that_is_stopped_while_it_fails_alarms_nobody(town, monkeypatch):
    await town.starts("fault", "case:1")
    failed = town.ticking._failed

    async def stopped_first(due, fault):
        await town.harness.store.transact(lambda unit: unit.timers.stop("case:1", at=MONDAY))
        await failed(due, fault)

    for _ in range(TRIES - 1):
        await town.tick(minutes=1)
    monkeypatch.setattr(town.ticking, "_failed", stopped_first)
    await town.tick(minutes=1)
    assert await town.ask("SELECT state FROM timers") == [("stopped",)]
    assert await town.admin.new() == ""
    assert town.ticking.dead_lettered == 0


async def test_a_schedule_that_cannot_be_read_holds_up_no_other_and_no_timer(town):
    bad, good = await town.repeats("0 8 * *"), await town.repeats("0 9 * * *")
    await town.starts("probe", "case:1")
    assert await town.tick(minutes=1) == 2
    assert sorted(town.acted) == ["probe:case:1", f"schedule:{good}@2026-06-01T01:00:00Z"]
    assert await town.ask("SELECT id FROM schedules WHERE paused_at IS NOT NULL") == [(bad,)]


async def test_a_schedule_that_fails_is_paused_and_told_once(town):
    bad = await town.repeats("0 8 * 陈")
    with capture_logs() as lines:
        for _ in range(3):
            await town.tick(minutes=1)
    told = await town.admin.new()
    assert told.count("⚠️") == 1
    assert f"schedule:probe {bad} ValueError" in told
    assert [(line["event"], line["schedule"]) for line in lines] == [("schedule_failed", bad)]
    assert "陈" not in told + trace(lines[0]["exc_info"])
    assert town.ticking.dead_lettered == 1
    assert await town.ask("SELECT subject, action, actor_id FROM audit") == [(f"schedule:{bad}", "schedule.paused", None)]


async def test_a_schedule_that_is_run_again_and_fails_again_is_told_again(town):
    bad = await town.repeats("0 8 * *")
    await town.tick(minutes=1)
    await town.harness.store.transact(lambda unit: unit.timers.pause_schedule(bad, paused=False, next_at=MONDAY, at=MONDAY))
    await town.tick(minutes=1)
    assert (await town.admin.new()).count("⚠️") == 2


async def test_a_schedule_that_is_deleted_while_it_fails_alarms_nobody(town, monkeypatch):
    bad = await town.repeats("0 8 * *")
    set_aside = town.ticking._set_aside

    async def deleted_first(schedule, fault):
        await town.harness.store.transact(lambda unit: unit.timers.remove_schedule(bad, at=MONDAY))
        await set_aside(schedule, fault)

    monkeypatch.setattr(town.ticking, "_set_aside", deleted_first)
    await town.tick(minutes=1)
    assert await town.admin.new() == ""
    assert town.ticking.dead_lettered == 0


async def test_a_disk_that_fails_pauses_no_schedule(town, monkeypatch):
    good = await town.repeats("0 9 * * *")

    async def full(*_works):
        return [StorageFailed("the disk is full")]

    with monkeypatch.context() as patched, capture_logs():
        patched.setattr(town.harness.store, "transact_many", full)
        assert await town.tick(minutes=1) == 0
    assert await town.ask("SELECT id FROM schedules WHERE paused_at IS NULL") == [(good,)]
    assert await town.tick(minutes=1) == 1
