"""The log of events, in order, for the page and the tests.

Sequence numbers are never reused. The log keeps the last `KEPT` events.
"""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.clock import Clock

KEPT = 100_000


class Events:
    """An append-only log whose readers can wait for new events."""

    def __init__(self, clock: Clock) -> None:
        """Start empty."""
        self.clock = clock
        self.last = 0
        self.closed = False
        self._log: deque[Json] = deque(maxlen=KEPT)
        self._news: asyncio.Event | None = None

    def add(self, kind: str, **facts: Any) -> None:
        """Append an event and wake the readers."""
        self.last += 1
        self._log.append({"seq": self.last, "at": self.clock.now(), "kind": kind, **facts})
        if self._news is not None:
            self._news.set()
            self._news = None

    def after(self, seq: int) -> list[Json]:
        """Every kept event with a number above `seq`."""
        missed = min(self.last - seq, len(self._log))
        if missed <= 0:
            return []
        return list(islice(self._log, len(self._log) - missed, None))

    async def wait(self, seq: int) -> None:
        """Return once there is an event above `seq`, or when the sandbox closes."""
        while self.last <= seq and not self.closed:
            if self._news is None:
                self._news = asyncio.Event()
            await self._news.wait()

    def forget(self) -> None:
        """Drop all events; the numbering continues."""
        self._log.clear()

    def close(self) -> None:
        """Close the log and wake every waiting reader."""
        self.closed = True
        if self._news is not None:
            self._news.set()
            self._news = None
