"""Turn due timers and schedules into handler calls, each in its own unit.

Knows when something is due; must not know what it means. APScheduler only calls `tick`; the row is the promise. Invariant: a due row takes
effect at most once. A timer that fails is retried, then dead-lettered with a code; a schedule that fails is paused. Neither blocks others.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog

from bot.handling.dispatch import Table, perform_due
from bot.handling.update_processor import incident_code, tell_administrators
from domain.calendar.schedules import last_occurrences, next_after, occurrence_key, parse_cron
from domain.core.change import Event, Timer
from storage.engine.database import StorageFailed, StorageRefused
from storage.values import to_us

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.timers.clock import Clock
    from domain.core.town import Town
    from storage.core.timers import Due, Schedule
    from storage.unit import Store, Unit

log = structlog.get_logger("ticking")
BATCH = 100
TRIES = 5
KEEP = timedelta(days=3)
CAUGHT_UP = 100


class Ticking:
    """Run everything that is due: `await tick()`. Overlapping calls wait for each other."""

    def __init__(self, store: Store, table: Table, clock: Clock, town: Town, *, told: Callable[[], None]) -> None:
        self._store = store
        self._table = table
        self._clock = clock
        self._town = town
        self._told = told
        self._lock = asyncio.Lock()
        self.ticked_at: datetime | None = None
        self.dead_lettered = 0

    async def tick(self) -> int:
        """Run the due timers; return how many ran."""
        async with self._lock:
            try:
                acted = await self._tick()
            except StorageFailed:
                log.error("storage_failed", exc_info=True)
                return 0
            self.ticked_at = self._clock.now()
            return acted

    async def _tick(self) -> int:
        acted = 0
        await self._plant_schedules()
        while True:
            at = self._clock.now()
            due = await self._store.transact(partial(_list_due, at=at))
            if not due:
                return acted
            outcomes = await self._store.transact_many([self._unit(each, at) for each in due])
            for each, outcome in zip(due, outcomes, strict=True):
                if isinstance(outcome, StorageFailed) and not isinstance(outcome, StorageRefused):
                    raise outcome
                if isinstance(outcome, Exception):
                    await self._failed(each, outcome)
                else:
                    acted += 1
            self._told()

    def _unit(self, due: Due, at: datetime) -> Callable[[Unit], Any]:
        return lambda unit: perform_due(unit, due, self._table, town=self._town, at=at)

    async def _failed(self, due: Due, fault: Exception) -> None:
        at, name = self._clock.now(), type(fault).__name__
        log.error("timer_failed", timer=due.id, kind=due.kind, attempt=due.attempts + 1, exc_info=fault)
        if due.attempts + 1 < TRIES:
            until = at + timedelta(seconds=2.0 ** (due.attempts + 1))
            await self._store.transact(lambda unit: unit.timers.postpone(due.id, until=until, fault=name))
            return

        async def dead_letter(unit: Unit) -> bool:
            if not await unit.timers.dead_letter(due.id, fault=name, at=at):
                return False
            await tell_administrators(unit, incident_code(due.occurrence), f"{due.kind} {name}", unique=f"timer:{due.id}", at=at)
            return True

        self.dead_lettered += await self._store.transact(dead_letter)

    async def _plant_schedules(self) -> None:
        """Turn the passed occurrences of each schedule into timers and advance it, in one unit.

        A schedule that fails is paused.
        """
        at, zone = self._clock.now(), ZoneInfo(self._town.zone.key)
        due = await self._store.transact(lambda unit: unit.timers.list_due_schedules(at=at))
        if not due:
            return
        outcomes = await self._store.transact_many([partial(plant, schedule=each, zone=zone, at=at) for each in due])
        for each, outcome in zip(due, outcomes, strict=True):
            if isinstance(outcome, StorageFailed) and not isinstance(outcome, StorageRefused):
                raise outcome
            if isinstance(outcome, Exception):
                await self._set_aside(each, outcome)

    async def _set_aside(self, schedule: Schedule, fault: Exception) -> None:
        """Pause a schedule that fails, and notify the administrators.

        Its owner sees the pause in their list. It would fail every second: the cause is its own row, which no retry changes.
        """
        at, name = self._clock.now(), type(fault).__name__
        log.error("schedule_failed", schedule=schedule.id, kind=schedule.kind, exc_info=fault)
        unique = f"schedule:{schedule.id}:{schedule.version}"

        async def pause(unit: Unit) -> bool:
            if not await unit.timers.park_schedule(schedule, at=at):
                return False
            await unit.audit.record(Event(f"schedule:{schedule.id}", "schedule.paused", None, at, data={"fault": name}))
            what = f"schedule:{schedule.kind} {schedule.id} {name}"
            await tell_administrators(unit, incident_code(unique), what, unique=unique, at=at)
            return True

        self.dead_lettered += await self._store.transact(pause)
        self._told()


async def _list_due(unit: Unit, at: datetime) -> list[Due]:
    return await unit.timers.list_due(at=at, limit=BATCH)


async def plant(unit: Unit, schedule: Schedule, zone: ZoneInfo, *, at: datetime) -> None:
    """Start a timer for every passed occurrence of a schedule, and advance the schedule.

    At most a hundred timers; after a longer gap only the last ones.
    """
    cron = parse_cron(schedule.cron)
    passed = last_occurrences(cron, schedule.next_at, at, zone, most=CAUGHT_UP)
    following = next_after(cron, max(at, passed[-1]), zone)
    if not await unit.timers.advance_schedule(schedule, next_at=following):
        return
    for instant in passed:
        data = {"schedule_id": schedule.id, "occurrence_at": to_us(instant)}
        timer = Timer(
            f"schedule:{schedule.kind}",
            f"schedule:{schedule.id}",
            at,
            f"schedule:{occurrence_key(schedule.id, instant)}",
            data,
        )
        await unit.timers.start(timer, at=at)
