"""Local time: convert instants to local dates and wall-clock times, and back.

Within the domain, only the modules of this folder know local time: they take an aware `datetime` and return UTC. Must not know the clock.
Invariant: a skipped local time is the end of the gap, a repeated one its first occurrence.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

_SECOND = timedelta(seconds=1)


def local(at: datetime, tz: tzinfo) -> datetime:
    """Show the instant on the wall clock of `tz`; ValueError for a naive one.

    A naive instant would mean the machine's zone.
    """
    if at.tzinfo is None:
        raise ValueError("An instant needs a time zone; this one has none.")
    return at.astimezone(tz)


def day_of(at: datetime, tz: tzinfo) -> date:
    """Return the local date of the instant."""
    return local(at, tz).date()


@lru_cache(maxsize=1024)
def instant_of(on: date, clock: time, tz: tzinfo) -> datetime:
    """Combine a local date and wall-clock time to UTC.

    A time that daylight saving skips becomes the end of the gap; a repeated one its first occurrence (fault F-41). The result never
    decreases while the local time grows.
    """
    wall = datetime.combine(on, clock.replace(tzinfo=None, fold=0), tz)
    at = wall.astimezone(UTC)
    if at.astimezone(tz).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return at
    return _gap_end(wall.replace(fold=1).astimezone(UTC), at, tz)


def _gap_end(before: datetime, after: datetime, tz: tzinfo) -> datetime:
    """Find the second at which the offset changes: later than `before`, not later than `after`."""
    low, high = before.replace(microsecond=0), after.replace(microsecond=0)
    offset = low.astimezone(tz).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        low, high = (middle, high) if middle.astimezone(tz).utcoffset() == offset else (low, middle)
    return high
