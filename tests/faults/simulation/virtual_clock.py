"""A virtual clock: time passes when nothing is left to do.

Knows the one present instant, the events to come, and an event loop that goes on at once where another would wait. Must not know bots.
Invariant: the same actions make the same instants; after the end of a loop (`Ended`) none of its pending lines runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

#: How early a timer may be, in seconds: instants are floats.
RESOLUTION = 1e-6
TIDY_ABOVE = 200


class Ended(BaseException):
    """The process was killed: nothing of it goes on."""


class VirtualClock:
    """The present instant.

    `steady`: seconds that never jump, also while a loop is frozen; `wall()`: the time on the bot's machine. `running`: seconds of the event
    loop; the difference to `steady` is the skipped time without actions.
    """

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.running = 0.0
        self.skipped = 0.0
        self.set_by = timedelta()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    @property
    def steady(self) -> float:
        """Return seconds since the beginning."""
        return self.running + self.skipped

    def true(self) -> datetime:
        """Return the right time, as the server and people have it."""
        return self.start + timedelta(microseconds=round(self.steady * 1e6))

    def wall(self) -> datetime:
        """Return the time on the bot's machine."""
        return self.true() + self.set_by

    def steady_at(self, wall: datetime) -> float:
        """Return when the bot's machine will show an instant."""
        return (wall - self.set_by - self.start).total_seconds()

    def at(self, steady: float, deed: Callable[[], None]) -> None:
        """Let something happen then."""
        heapq.heappush(self._later, (max(steady, self.steady), next(self._order), deed))

    def after(self, seconds: float, deed: Callable[[], None]) -> None:
        """Let something happen in so many seconds."""
        self.at(self.steady + seconds, deed)

    def next_at(self) -> float:
        """Return when the next thing happens; never: infinity."""
        return self._later[0][0] if self._later else float("inf")

    def happen(self) -> bool:
        """Run due events; return whether there was any."""
        any_ = False
        while self._later and self._later[0][0] <= self.steady + RESOLUTION:
            any_ = True
            heapq.heappop(self._later)[2]()
        return any_

    def pass_until(self, steady: float) -> None:
        """Advance the clock while no process runs."""
        while self.next_at() <= steady:
            self.skipped = max(self.skipped, self.next_at() - self.running)
            self.happen()
        self.skipped = max(self.skipped, steady - self.running)


class Loop(asyncio.BaseEventLoop):
    """An event loop of one run of the process.

    `idle()` is called whenever nothing is ready; it may skip time. `kill()` ends it: its next action is to raise `Ended` out of
    `run_until_complete`. `steps`: number of callbacks that ran.
    """

    def __init__(self, virtual_clock: VirtualClock, idle: Callable[[], None], fault: Callable[[str], None]) -> None:
        super().__init__()
        self._virtual_clock = virtual_clock
        self._idle = idle
        self._clock_resolution = RESOLUTION
        self._killed = False
        self.steps = 0
        self.kill_at = 0
        self._canceled = 0
        self._fault = fault
        self.set_exception_handler(self._hear)

    def _hear(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Report an uncaught error."""
        self._fault(f"I9: {context.get('message')}: {_place(context.get('exception'))} {str(context.get('future', ''))[:160]}")

    def time(self) -> float:
        """Return seconds."""
        return self._virtual_clock.running

    def kill(self) -> None:
        """End the life here."""
        self._killed = True

    @property
    def killed(self) -> bool:
        """Return whether it has ended."""
        return self._killed

    def _process_events(self, event_list: Any) -> None:
        """There is no network."""

    def _write_to_self(self) -> None:
        """There is no other thread."""

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        self._canceled += 1

    def _run_once(self) -> None:
        scheduled: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]  # asyncio's own, as in its loop
        ready = self._ready  # type: ignore[attr-defined]
        virtual_clock = self._virtual_clock
        if self._canceled > TIDY_ABOVE and self._canceled * 2 > len(scheduled):
            scheduled[:] = [handle for handle in scheduled if not handle._cancelled]
            heapq.heapify(scheduled)
            self._canceled = 0
        while scheduled and scheduled[0]._cancelled:
            heapq.heappop(scheduled)
            self._canceled = max(0, self._canceled - 1)
        virtual_clock.happen()
        if not ready and not self._stopping and not self._killed:  # type: ignore[attr-defined]
            self._idle()
            until = min(scheduled[0].when() if scheduled else float("inf"), virtual_clock.next_at() - virtual_clock.skipped)
            if until == float("inf"):
                raise RuntimeError("nothing will ever happen again")
            virtual_clock.running = max(virtual_clock.running, until)
            virtual_clock.happen()
        end = virtual_clock.running + RESOLUTION
        while scheduled and scheduled[0].when() <= end:
            ready.append(heapq.heappop(scheduled))
        for _ in range(len(ready)):
            if self._killed:
                break
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()
            self.steps += 1
            if self.steps == self.kill_at:
                self._killed = True
        if self._killed:
            raise Ended


def _place(error: BaseException | None) -> str:
    """Return an error's kind and the way it came."""
    places = [type(error).__name__]
    step = error.__traceback__ if error is not None else None
    while step is not None:
        places.append(f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}")
        step = step.tb_next
    return " ".join(places)


def bury(loop: Loop) -> None:
    """Discard the tasks of a killed loop; none of them may have a lasting effect."""
    tasks = asyncio.all_tasks(loop)
    loop.set_exception_handler(lambda *_: None)  # errors of discarded tasks have no reader
    loop._ready.clear()  # type: ignore[attr-defined]
    loop._scheduled.clear()  # type: ignore[attr-defined]
    for task in tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        coroutine: Any = task.get_coro()
        for _ in range(20):  # a task that waits while it is closed is closed again
            with contextlib.suppress(Exception):
                coroutine.close()
                break
    loop._ready.clear()  # type: ignore[attr-defined]
    with contextlib.suppress(Exception):
        loop.close()


def utc(text: str) -> datetime:
    """Return an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
