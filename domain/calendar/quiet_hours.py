"""Quiet hours: messages that may ring, wait for the morning, or arrive without noise.

Knows hours of the day; must not know what a message says or how urgent it is, which the caller decides.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from domain.calendar.local_time import day_of, instant_of, local
from domain.core.immutable import immutable

_DAY = timedelta(days=1)


@immutable
class Departure:
    """Departure of a message: not before an instant (None: at once), with or without noise."""

    not_before: datetime | None = None
    silent: bool = False


@immutable
class QuietHours:
    """The hours in which only urgent messages may ring; may cross midnight (22:00 to 07:00).

    Wall-clock times in `tz`, `start` quiet and `end` not; equal ones mean no quiet hours. The caller decides which severity obeys them.
    """

    start: time
    end: time
    tz: tzinfo

    def wait_until(self, at: datetime) -> datetime:
        """Return `at` outside quiet hours, else the end of the quiet hours around it (UTC)."""
        today = day_of(at, self.tz)
        for on in (today - _DAY, today):
            starts, ends = self._beginning(on)
            if starts <= at < ends:
                return ends
        return local(at, UTC)

    def departure(self, at: datetime, *, latest: datetime | None = None) -> Departure:
        """Decide the departure of a message: after the quiet hours, or at once without noise.

        At once when it must be there by `latest` and the quiet hours end later.
        """
        until = self.wait_until(at)
        if until == at:
            return Departure()
        return Departure(not_before=until) if latest is None or until < latest else Departure(silent=True)

    def _beginning(self, on: date) -> tuple[datetime, datetime]:
        ends_on = on + _DAY if self.end < self.start else on
        return instant_of(on, self.start, self.tz), instant_of(ends_on, self.end, self.tz)
