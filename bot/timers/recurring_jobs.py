"""Recurring jobs of the process, with their intervals.

Knows the jobs; APScheduler only calls them and forgets them with the process. A promise is a database row instead (see
`storage.core.timers`).
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
    """A job that runs every `seconds` (0: once, at the start), the first time `at_once`.

    A run that is still busy is not joined by another.
    """

    seconds: int
    run: Callable[[], Awaitable[Any]]
    at_once: bool = False


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler gives it no types
    """A trigger that fires a span after the last check, whatever the clock did in between.

    APScheduler's own interval counts every missed turn: a clock set from 1970 to the present would count without end.
    """

    def __init__(self, span: timedelta) -> None:
        self._span = span

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the next turn."""
        return now + self._span


def jobs(engine: Running) -> list[Job]:
    """Return the recurring jobs."""
    return [
        Job(1, Timekeeping(engine).tick, at_once=True),
        Job(300, lambda: purge_expired(engine)),
        Job(20, lambda: refresh_menus(engine)),
        Job(0, lambda: set_menus(engine)),
    ]


class Timetable:
    """APScheduler with the jobs on it: `start(jobs)`, `stop()`.

    APScheduler waits by the wall clock: after it is set back by an hour, it would call nothing for an hour. So then every job is due.
    """

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._following: asyncio.Task[None] | None = None

    def start(self, jobs: list[Job]) -> None:
        """Start the jobs."""
        for job in jobs:
            when: dict[str, Any] = {"trigger": Every(timedelta(seconds=job.seconds))} if job.seconds else {}
            when |= {"next_run_time": wall()} if job.at_once else {}
            self._scheduler.add_job(_call, args=[job], max_instances=1, coalesce=True, misfire_grace_time=None, **when)
        self._scheduler.start()
        self._following = asyncio.create_task(self._follow(), name="timetable")

    def stop(self) -> None:
        """Stop without waiting for running jobs."""
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
    """Run a job without letting its cancellation look like a failure.

    APScheduler needs a coroutine function of its own, and takes a cancelled one for a failed one.
    """
    try:
        await job.run()
    except asyncio.CancelledError:  # the timetable stops because the process ends or another worker leads
        return
    except StorageFailed:  # the job runs again at its next turn
        log.error("storage_failed", exc_info=True)
