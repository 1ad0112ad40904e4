"""What the process does again and again, and how often.

Knows the jobs; APScheduler only calls them, and forgets them with the process: what must not be forgotten is a row (see `storage.timers`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.housekeeping import refresh_menus, set_menus, sweep
from bot.timekeeping import Timekeeping
from storage.database import StorageFailed

if TYPE_CHECKING:
    from bot.engine import Engine

log = structlog.get_logger("timetable")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every `seconds` (0: once, at the start). A run that is still busy is not joined by another."""

    seconds: int
    run: Callable[[], Awaitable[Any]]


def jobs(engine: Engine) -> list[Job]:
    """Return everything the process does by the clock."""
    return [
        Job(1, Timekeeping(engine).tick),
        Job(300, lambda: sweep(engine)),
        Job(20, lambda: refresh_menus(engine)),
        Job(0, lambda: set_menus(engine)),
    ]


class Timetable:
    """APScheduler with the jobs on it: `start(jobs)`, `stop()`."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self, jobs: list[Job]) -> None:
        """Begin."""
        for job in jobs:
            when: dict[str, Any] = {"trigger": "interval", "seconds": job.seconds} if job.seconds else {}
            self._scheduler.add_job(_call, args=[job], max_instances=1, coalesce=True, misfire_grace_time=None, **when)
        self._scheduler.start()

    def stop(self) -> None:
        """End; what is running is not waited for."""
        self._scheduler.shutdown(wait=False)


async def _call(job: Job) -> None:
    """Run a job: APScheduler wants a coroutine function of its own."""
    try:
        await job.run()
    except StorageFailed:  # it comes round again
        log.error("storage_failed", exc_info=True)
