"""Working days and working time: elapsed working time and deadlines.

Knows holidays and opening hours; must not know the clock (instants are arguments), cases or people. The cache of days never changes an
answer. Invariants: working time is made of half-open shifts `[opens, closes)`; a deadline is the earliest instant by which the span has
passed, so a full working day ends at closing time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from typing import Protocol

import chinese_calendar

from domain.calendar.local_time import day_of, instant_of, local

HORIZON = timedelta(days=366)
"""The furthest a working-time answer may lie from its start; beyond it the settings are wrong, not the case."""

_DAY = timedelta(days=1)
_NOTHING = timedelta(0)
_MIDNIGHT = time(0)

Shift = tuple[datetime, datetime]

# -- working days ----------------------------------------------------------------------------------


class HolidaySource(Protocol):
    """Source of the legal working days."""

    def is_working_day(self, on: date) -> bool:
        """Tell whether that day is worked."""

    def known_until(self) -> date:
        """Return the last date whose answer is more than a guess."""


class ChineseHolidays:
    """Working days of China: public holidays and 调休 as the State Council published them.

    Source: chinesecalendar; for years without data, the statutory holidays of `holidays`, its made-up working weekends where it has them,
    and plain weekends.
    """

    def is_working_day(self, on: date) -> bool:
        """Tell whether that day is worked in China."""
        try:
            return bool(chinese_calendar.is_workday(on))
        except NotImplementedError:
            return _is_statutory_working_day(on)

    def known_until(self) -> date:
        """Return 31 December of the last published year."""
        return date(max(chinese_calendar.holidays).year, 12, 31)


@cache
def _statutory(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Return the holidays and the made-up working weekends of a year.

    Complete as far as `holidays` has them.
    """
    import holidays  # only for years that are not published yet: it is large

    china = holidays.country_holidays("CN", years=year)
    return frozenset(china), frozenset(on for on in china.weekend_workdays if on.year == year)


def _is_statutory_working_day(on: date) -> bool:
    closed, made_up = _statutory(on.year)
    return on in made_up or (not _is_weekend(on) and on not in closed)


def _is_weekend(on: date) -> bool:
    return on.isoweekday() >= 6


# -- working time ----------------------------------------------------------------------------------


class Calendar(Protocol):
    """Clock that measures elapsed time. Spans are not negative; answers are UTC."""

    def add_working(self, at: datetime, span: timedelta) -> datetime:
        """Return the earliest instant by which `span` of working time has passed.

        ValueError beyond `HORIZON`.
        """

    def working_between(self, a: datetime, b: datetime) -> timedelta:
        """Return the working time from `a` to `b`; negative when `b` is earlier."""

    def next_opening(self, at: datetime) -> datetime:
        """Return `at` inside working time, else the next opening.

        ValueError if there is none within `HORIZON`.
        """


class ClockCalendar:
    """The calendar whose clocks always run (`working_time: false`)."""

    def add_working(self, at: datetime, span: timedelta) -> datetime:
        """Return `at + span`; ValueError for a negative span or one over `HORIZON`."""
        if not _NOTHING <= span <= HORIZON:
            raise _out_of_reach(at, span)
        return local(at, UTC) + span

    def working_between(self, a: datetime, b: datetime) -> timedelta:
        """Return `b - a`."""
        return local(b, UTC) - local(a, UTC)

    def next_opening(self, at: datetime) -> datetime:
        """Return `at`: it is always open."""
        return local(at, UTC)


class WorkingCalendar:
    """The working time of one station.

    `opens` and `closes` are wall-clock times in `tz`; closing at 00:00 means midnight at the end of the day. `lunch` is a pause (start,
    end) inside them. `overrides` (from YAML) take precedence over the `source`: True worked, False closed. ValueError for hours that leave
    no working time.
    """

    def __init__(
        self,
        tz: tzinfo,
        *,
        opens: time,
        closes: time,
        lunch: tuple[time, time] | None = None,
        overrides: Mapping[date, bool] | None = None,
        source: HolidaySource | None = None,
    ) -> None:
        """Check the hours; days are looked up when first needed and remembered."""
        self._tz = tz
        self._hours = _hours(opens, closes, lunch)
        self._overrides = dict(overrides or {})
        self._source = source or ChineseHolidays()
        self._shifts: dict[int, tuple[Shift, ...]] = {}

    def is_working_day(self, on: date) -> bool:
        """Tell whether that local date is worked: overrides first, then the holiday source."""
        decided = self._overrides.get(on)
        return self._source.is_working_day(on) if decided is None else decided

    def known_until(self) -> date:
        """Return the last date with more than a guess, so that `check` can warn in December.

        A later year counts as known when the overrides hold a worked weekend day in it: every published year has one.
        """
        known = self._source.known_until()
        planned = {on.year for on, worked in self._overrides.items() if worked and _is_weekend(on)}
        while known.year + 1 in planned:
            known = known.replace(year=known.year + 1)
        return known

    def add_working(self, at: datetime, span: timedelta) -> datetime:
        """Return the earliest instant by which `span` of working time has passed since `at`.

        A zero span is `at` itself. ValueError for a negative span and when the answer lies further than `HORIZON`.
        """
        if span < _NOTHING:
            raise _out_of_reach(at, span)
        if span == _NOTHING:
            return local(at, UTC)
        left = span
        for start, end in self._shifts_after(at):
            length = end - start
            if left <= length:
                return start + left
            left -= length
        raise _out_of_reach(at, span)

    def working_between(self, a: datetime, b: datetime) -> timedelta:
        """Return the working time from `a` to `b`; negative when `b` is earlier (fault F-40).

        `b` is earlier after a clock was set back.
        """
        if b < a:
            return -self.working_between(b, a)
        total = _NOTHING
        for ordinal in range(day_of(a, self._tz).toordinal(), day_of(b, self._tz).toordinal() + 1):
            for start, end in self._shifts_on(ordinal):
                if start < b and end > a:
                    total += min(end, b) - max(start, a)
        return total

    def next_opening(self, at: datetime) -> datetime:
        """Return `at` inside working time, else the next opening.

        ValueError if there is none within `HORIZON`.
        """
        for start, _end in self._shifts_after(at):
            return start
        raise ValueError(f"No working time in the {HORIZON.days} days after {at:%Y-%m-%d}: check the working-day overrides.")

    def _shifts_after(self, at: datetime) -> Iterator[Shift]:
        """Yield the remainder of each shift after `at`, in UTC, for the days of the horizon."""
        at = local(at, UTC)
        first = at.astimezone(self._tz).toordinal()
        for ordinal in range(first, first + HORIZON.days + 1):
            for start, end in self._shifts_on(ordinal):
                if end > at:
                    yield max(start, at), end

    def _shifts_on(self, ordinal: int) -> tuple[Shift, ...]:
        shifts = self._shifts.get(ordinal)
        if shifts is None:
            on = date.fromordinal(ordinal)
            shifts = self._shifts[ordinal] = tuple(self._shifts_of(on)) if self.is_working_day(on) else ()
        return shifts

    def _shifts_of(self, on: date) -> Iterator[Shift]:
        for opens, closes in self._hours:
            start = instant_of(on, opens, self._tz)
            end = instant_of(on if closes > opens else on + _DAY, closes, self._tz)
            if start < end:  # daylight saving may skip a whole shift
                yield start, end


def _hours(opens: time, closes: time, lunch: tuple[time, time] | None) -> tuple[tuple[time, time], ...]:
    edges = [opens, closes] if lunch is None else [opens, lunch[0], lunch[1], closes]
    minutes = [edge.hour * 60 + edge.minute + edge.second / 60 for edge in edges]
    if closes == _MIDNIGHT:
        minutes[-1] = 24 * 60
    if any(earlier >= later for earlier, later in pairwise(minutes)):
        raise ValueError("Working hours must run forward in one day: opens, lunch start, lunch end, closes.")
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _out_of_reach(at: datetime, span: timedelta) -> ValueError:
    if span < _NOTHING:
        return ValueError(f"A span of working time cannot be negative ({span}).")
    return ValueError(
        f"{span} of working time does not pass within {HORIZON.days} days of {at:%Y-%m-%d}: check the span and the working-day overrides."
    )
