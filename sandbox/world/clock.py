"""The sandbox's clock: wall time plus an offset that only moves forward. Pacing uses `monotonic` instead, which nobody moves."""

from __future__ import annotations

import time
from email.utils import formatdate


class Clock:
    """Seconds since the epoch, as the village sees them."""

    def __init__(self) -> None:
        """Start at wall time."""
        self.offset_s = 0.0
        self._header: tuple[int, bytes] = (0, b"")

    def now(self) -> float:
        """Seconds since the epoch, with a fraction."""
        return time.time() + self.offset_s

    def date(self) -> int:
        """Whole seconds, as message dates have them."""
        return int(time.time() + self.offset_s)

    def advance(self, seconds: float) -> None:
        """Move forward. Raise `ValueError` for a step back."""
        if seconds < 0:
            raise ValueError(seconds)
        self.offset_s += seconds

    def header(self) -> bytes:
        """The value of a `Date` header, made once a second."""
        second = self.date()
        if self._header[0] != second:
            self._header = (second, formatdate(second, usegmt=True).encode())
        return self._header[1]

    @staticmethod
    def monotonic() -> float:
        """Real seconds that never jump."""
        return time.monotonic()
