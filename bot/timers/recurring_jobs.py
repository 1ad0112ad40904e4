"""What the process does again and again, and how often.

Knows the jobs; APScheduler only calls them, and forgets them with the process: what must not be forgotten is a row (see `storage.core.timers`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.process.housekeeping import purge_expired, refresh_menus, set_menus
from bot.timers.clock_check import Timekeeping, Watch, wall
from storage.engine.database import StorageFailed

if TYPE_CHECKING:
    from bot.process.running import Running

log = structlog.get_logger("timetable")
SET_BY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every `seconds` (0: once, at the start), the first time `at_once`. A run that is still busy is not joined by another."""

    seconds: int
    run: Callable[[], Awaitable[Any]]
    at_once: bool = False


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler gives it no types
    """Comes a span after the last look, whatever the clock did in between.

    APScheduler's own interval counts every turn it missed: a clock set from 1970 to the present would never come to an end.
    """

    def __init__(self, span: timedelta) -> None:
        self._span = span

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the next turn."""
        return now + self._span


def jobs(engine: Running) -> list[Job]:
    """Return everything the process does by the clock."""
    return [
        Job(1, Timekeeping(engine).tick, at_once=True),
        Job(300, lambda: purge_expired(engine)),
        Job(20, lambda: refresh_menus(engine)),
        Job(0, lambda: set_menus(engine)),
    ]


class Timetable:
    """APScheduler with the jobs on it: `start(jobs)`, `stop()`.

    APScheduler waits by the wall clock: set back by an hour, it would call nothing for an hour. So then every job is due.
    """

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._following: asyncio.Task[None] | None = None

    def start(self, jobs: list[Job]) -> None:
        """Begin."""
        for job in jobs:
            when: dict[str, Any] = {"trigger": Every(timedelta(seconds=job.seconds))} if job.seconds else {}
            when |= {"next_run_time": wall()} if job.at_once else {}
            self._scheduler.add_job(_call, args=[job], max_instances=1, coalesce=True, misfire_grace_time=None, **when)
        self._scheduler.start()
        self._following = asyncio.create_task(self._follow(), name="timetable")

    def stop(self) -> None:
        """End; what is running is not waited for."""
        if self._following is not None:
            self._following.cancel()
        self._scheduler.shutdown(wait=False)

    async def _follow(self) -> None:
        watch = Watch(least=SET_BY)
        while True:
            await asyncio.sleep(1)
            if watch.jumped() < timedelta():
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=wall())


async def _call(job: Job) -> None:
    """Run a job: APScheduler wants a coroutine function of its own, and takes one that was cancelled for one that failed."""
    try:
        await job.run()
    except asyncio.CancelledError:  # the timetable ends, because the process does or another worker leads
        return
    except StorageFailed:  # it comes round again
        log.error("storage_failed", exc_info=True)
