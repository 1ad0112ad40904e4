"""Check each second that the clock is credible before due timers run.

Knows the wall clock, a clock that never jumps, and the year of this version; must not know what is due. Invariant: while the clock shows an
earlier year, no timer and no schedule runs, but messages are still accepted. A clock change is logged; a clock that was set back delays
nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.timers.clock import monotonic
from storage.engine.clock_rollback import make_due_now
from storage.engine.database import StorageFailed
from storage.values import from_us

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.process.running import Running
    from bot.timers.clock import Clock
    from storage.unit import Store, Unit

log = structlog.get_logger("timekeeping")
#: The year in which this version was made: a correct clock cannot show an earlier one.
MADE_ON = datetime(2026, 1, 1, tzinfo=UTC)
JUMP = timedelta(minutes=5)
NONE = timedelta()


def wall() -> datetime:
    """Return the time on the machine's clock."""
    return datetime.now(UTC)


class Watch:
    """Detect that the clock was set by more than `least`.

    `jumped()`: the change since the last call, else zero. A machine that was suspended counts as set forward.
    """

    def __init__(self, *, least: timedelta = JUMP, wall: Callable[[], datetime] = wall, steady: Callable[[], float] = monotonic) -> None:
        self._least, self._wall, self._steady = least, wall, steady
        self._seen = wall(), steady()

    def jumped(self) -> timedelta:
        """Return by how much the clock was set since the last call, negative when back."""
        seen, self._seen = self._seen, (self._wall(), self._steady())
        jump = (self._seen[0] - seen[0]) - timedelta(seconds=self._seen[1] - seen[1])
        return jump if abs(jump) > self._least else NONE


class Timekeeping:
    """Run due timers, unless the clock cannot be right: `await tick()`."""

    def __init__(self, engine: Running, watch: Watch | None = None) -> None:
        self._engine = engine
        self._watch = watch or Watch()
        self._began = False
        self._held = False

    async def tick(self) -> int:
        """Check the clock, run due timers and return how many ran."""
        engine = self._engine
        try:
            await self._look(engine.store, engine.clock)
        except StorageFailed:
            log.error("storage_failed", exc_info=True)
            return 0
        if self._hold(engine.clock.now()):
            return 0
        return await engine.ticking.tick()

    async def _look(self, store: Store, clock: Clock) -> None:
        jump = self._watch.jumped()
        if not self._began:
            jump = min(jump, await self._behind(store, clock))
        if jump:
            log.warning("clock_jumped", seconds=round(jump.total_seconds()), now=clock.now().isoformat(timespec="seconds"))
        if jump < NONE:
            at = clock.now()
            moved = await store.transact(partial(_bring_forward, was=at - jump, at=at))
            log.info("brought_forward", rows=moved)
            engine = self._engine
            engine.handling.wake()
            engine.delivery.wake()
        self._began = True

    async def _behind(self, store: Store, clock: Clock) -> timedelta:
        """Return how far the clock is behind the last instant in the database (negative), or zero."""
        last = [await store.transact(partial(_last_heard, channel=name)) for name in self._engine.channels]
        behind = clock.now() - max(filter(None, last), default=clock.now())
        return behind if behind < -JUMP else NONE

    def _hold(self, at: datetime) -> bool:
        held, self._held = self._held, at < MADE_ON
        if held != self._held:
            log.error("clock_before_this_version", now=at.isoformat(), held=self._held)
        return self._held


async def _last_heard(unit: Unit, channel: str) -> datetime | None:
    known = await unit.facts.find(f"poll.{channel}")
    return None if known is None else from_us(int(known))


async def _bring_forward(unit: Unit, was: datetime, at: datetime) -> int:
    return await make_due_now(unit.transaction, was=was, at=at)
