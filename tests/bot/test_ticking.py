"""What fails when its time has come: it is tried again, then set aside and told once, and holds up nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot.dispatch import Table
from bot.ticking import TRIES, Ticking
from domain.calendar import ClockCalendar, QuietHours
from domain.change import Timer
from domain.people import Role
from domain.town import Town
from handlers.route import Tick
from tests.desk import MONDAY, Desk, Voice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from handlers.act import Act
    from storage.database import Row


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = MONDAY

    def now(self) -> datetime:
        return self.at


@dataclass
class Clockwork:
    """A town that only ticks: `probe` timers and schedules act, `fault` timers fail; `acted` are the occurrences that did."""

    desk: Desk
    admin: Voice

    def __post_init__(self) -> None:
        self.clock = Hands()
        self.acted: list[str] = []
        routes = [Tick("probe", self._act), Tick("schedule:probe", self._act), Tick("fault", self._fail)]
        self.ticking = Ticking(self.desk.store, Table.of(routes, {}), self.clock, self.desk.town, told=lambda: None)  # type: ignore[arg-type]  # a stand-in

    async def tick(self, **later: float) -> int:
        self.clock.at += timedelta(**later)
        return await self.ticking.tick()

    async def starts(self, kind: str, subject: str) -> None:
        await self.desk.store.transact(lambda unit: unit.timers.start(Timer(kind, subject, MONDAY, f"{kind}:{subject}"), at=MONDAY))

    async def ask(self, sql: str) -> list[tuple[object, ...]]:
        rows: list[Row] = await self.desk.store.transact(lambda unit: unit.transaction.fetch_all(sql))
        return [tuple(row) for row in rows]

    async def _act(self, act: Act) -> None:
        assert act.timer is not None
        self.acted.append(act.timer.occurrence)

    async def _fail(self, act: Act) -> None:
        raise LookupError("planted")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Clockwork]:
    zone = ZoneInfo("Asia/Shanghai")
    desk = await Desk.open(tmp_path, Town("芝英", zone, ClockCalendar(), QuietHours(time(21, 30), time(7, 0), zone)))
    yield Clockwork(desk, await desk.person("管理员", Role.ADMIN))
    await desk.store.close()


async def test_a_timer_that_fails_is_tried_again_then_set_aside_and_told_once(town):
    await town.starts("fault", "case:1")
    for _ in range(TRIES + 2):
        await town.tick(minutes=1)
    assert await town.ask("SELECT state, fault FROM timers") == [("parked", "LookupError")]
    assert (await town.admin.new()).count("LookupError") == 1
    assert town.ticking.parked == 1


async def test_a_timer_that_is_stopped_while_it_fails_alarms_nobody(town, monkeypatch):
    await town.starts("fault", "case:1")
    failed = town.ticking._failed

    async def stopped_first(due, fault):
        await town.desk.store.transact(lambda unit: unit.timers.stop("case:1", at=MONDAY))
        await failed(due, fault)

    for _ in range(TRIES - 1):
        await town.tick(minutes=1)
    monkeypatch.setattr(town.ticking, "_failed", stopped_first)
    await town.tick(minutes=1)
    assert await town.ask("SELECT state FROM timers") == [("stopped",)]
    assert await town.admin.new() == ""
    assert town.ticking.parked == 0
