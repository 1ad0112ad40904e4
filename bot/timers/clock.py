"""The town's clock.

The system's clock in production. In a demo the clock of the Bot API server, read from the `Date` of its answers, so that a change of the
sandbox's clock changes the town's. Invariant: aware UTC, and never backwards by less than a jump (a small step back is ignored).
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

TOLERANCE = timedelta(seconds=2)


class Clock:
    """The system's clock plus an offset, which is zero unless the clock follows a channel.

    `drift`: how far the channel's clock is ahead of ours, in seconds. `moved` is set whenever the offset changes.
    """

    def __init__(self, *, follow_channel: bool = False) -> None:
        self.offset = timedelta()
        self.drift = timedelta()
        self.moved = asyncio.Event()
        self._follow = follow_channel

    def now(self) -> datetime:
        """Return the current time."""
        return datetime.now(UTC) + self.offset

    def hear(self, date: str) -> None:
        """Read the `Date` header of an answer (whole seconds)."""
        try:
            theirs = parsedate_to_datetime(date)
        except ValueError:
            return
        self.drift = theirs - datetime.now(UTC).replace(microsecond=0)
        if self._follow and abs(self.drift - self.offset) > TOLERANCE:
            self.offset = self.drift
            self.moved.set()


def monotonic() -> float:
    """Return seconds of a clock that never jumps, for pacing."""
    return time.monotonic()


def sleepless() -> float:
    """Return seconds of a clock that never jumps and continues while the machine is suspended.

    Used for leases, which others may have taken meanwhile. Linux's CLOCK_BOOTTIME; elsewhere `monotonic`, which may stop during suspension.
    A virtual machine that is paused from outside may have no such clock.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
