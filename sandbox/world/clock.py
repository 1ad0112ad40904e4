"""The sandbox's clock: wall time plus an offset that only moves forward.

Rate limits use `monotonic` instead, which the offset does not change.
"""

from __future__ import annotations

import time
from email.utils import formatdate


class Clock:
    """The time in the simulated world, in seconds since the epoch."""

    def __init__(self) -> None:
        """Start at wall time."""
        self.offset_s = 0.0
        self._header: tuple[int, bytes] = (0, b"")

    def now(self) -> float:
        """Seconds since the epoch, with a fraction."""
        return time.time() + self.offset_s

    def date(self) -> int:
        """Whole seconds since the epoch, as in message dates."""
        return int(time.time() + self.offset_s)

    def advance(self, seconds: float) -> None:
        """Move the clock forward. Raise `ValueError` for a negative step."""
        if seconds < 0:
            raise ValueError(seconds)
        self.offset_s += seconds

    def header(self) -> bytes:
        """The value of a `Date` header, built once per second."""
        second = self.date()
        if self._header[0] != second:
            self._header = (second, formatdate(second, usegmt=True).encode())
        return self._header[1]

    @staticmethod
    def monotonic() -> float:
        """Monotonic seconds of real time."""
        return time.monotonic()
