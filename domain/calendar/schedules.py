"""Recurring schedules: their occurrences, and what to do with a missed one.

Knows crontab expressions and local time (through `domain/calendar/local_time.py`); must not know what a schedule does or where it is
stored. Invariant: the occurrences are exactly the instants of the local minutes that match, each once: a skipped local time comes at the
end of the gap, a repeated one the first time only (fault F-41). An own evaluator, because APScheduler's counts weekdays from Monday, fires
repeated times twice, skipped ones after the end of the gap, and joins day and weekday with "and".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from domain.calendar.local_time import day_of, instant_of, local
from domain.core.immutable import immutable

ON_TIME_WITHIN = timedelta(minutes=2)
"""How long after its due instant an occurrence still counts as on time: a busy minute of the machine is not a delay."""

MOST_OCCURRENCES = 100_000

_DAY = timedelta(days=1)
_SEARCH_DAYS = 41 * 366  # 29 February on a given weekday can be 40 years away, over 2100
_LONGEST_MONTH = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1))


class Verdict(StrEnum):
    """Decision about an occurrence that is due."""

    ON_TIME = "on_time"
    LATE = "late"
    SKIP = "skip"


@immutable
class Cron:
    """A parsed crontab expression: the sorted values that each field allows.

    Weekdays are ISO (1 Monday … 7 Sunday). `either_day`: both day fields were restricted, so a day that matches one of them is enough, as
    in crontab(5).
    """

    text: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either_day: bool

    def comes_on(self, on: date) -> bool:
        """Tell whether the schedule has occurrences on that local date."""
        if on.month not in self.months:
            return False
        day, weekday = on.day in self.days, on.isoweekday() in self.weekdays
        return day or weekday if self.either_day else day and weekday


# -- parsing -----------------------------------------------------------------------------------------


@immutable
class _Field:
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()

    def number(self, word: str) -> int:
        if word in self.words:
            return self.low + self.words.index(word)
        if not re.fullmatch("[0-9]{1,2}", word) or not self.low <= int(word) <= self.high:
            allowed = f"{self.low} to {self.high}" + (f", {self.words[0]} to {self.words[-1]}" if self.words else "")
            raise ValueError(f"In the {self.name} field {word!r:.20} is not understood; allowed: {allowed}.")
        return int(word)


_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_MONTH_DAY = _Field("day", 1, 31)
_MONTH_WORDS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = _Field("month", 1, 12, _MONTH_WORDS)
_WEEKDAY = _Field("weekday", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat"))
_FIELDS = (_MINUTE, _HOUR, _MONTH_DAY, _MONTH, _WEEKDAY)


def parse_cron(text: str) -> Cron:
    """Read five fields: minute, hour, day, month, weekday (0 or 7 Sunday).

    Weekdays are as in crontab; APScheduler's 0 is Monday. Each field is `*` or a list of values and ranges with steps: `1,15`, `8-18/2`,
    `*/5`, `mon-fri`. ValueError, in a plain sentence, for anything else and for a date that never comes.
    """
    words = text.lower().split()
    if len(words) != len(_FIELDS):
        raise ValueError(f"A schedule has five fields (minute, hour, day, month, weekday); this one has {len(words)}.")
    minutes, hours, days, months, weekdays = (_values(word, field) for word, field in zip(words, _FIELDS, strict=True))
    restricted = [not word.startswith("*") for word in (words[2], words[4])]
    iso_weekdays = tuple(sorted({weekday or 7 for weekday in weekdays}))
    cron = Cron(
        text=" ".join(words), minutes=minutes, hours=hours, days=days, months=months, weekdays=iso_weekdays, either_day=all(restricted)
    )
    if not cron.either_day and days[0] > max(_LONGEST_MONTH[month] for month in months):
        raise ValueError(f"No month of the schedule has a day {days[0]}: it would never come.")
    return cron


def _values(word: str, field: _Field) -> tuple[int, ...]:
    return tuple(sorted({value for part in word.split(",") for value in _range(part, field)}))


def _range(part: str, field: _Field) -> range:
    span, slash, step = part.partition("/")
    low, high = _bounds(span, field)
    if not slash:
        return range(low, high + 1)
    if "-" not in span and span != "*":
        raise ValueError(f"In the {field.name} field a step needs a range, as in {span}-{field.high}/{step}.")
    if not re.fullmatch("[0-9]{1,2}", step) or not 1 <= int(step) <= field.high:
        raise ValueError(f"In the {field.name} field the step {step!r:.20} is not a number from 1 to {field.high}.")
    return range(low, high + 1, int(step))


def _bounds(span: str, field: _Field) -> tuple[int, int]:
    if span == "*":
        return field.low, 6 if field is _WEEKDAY else field.high
    first, dash, last = span.partition("-")
    low = field.number(first)
    high = field.number(last) if dash else low
    if field is _WEEKDAY and high == 0 < low:
        high = 7  # "fri-sun"
    if low > high:
        raise ValueError(f"In the {field.name} field the range {span} runs backwards; write two, joined by a comma.")
    return low, high


# -- occurrences -------------------------------------------------------------------------------------


def next_after(cron: Cron, at: datetime, tz: tzinfo) -> datetime:
    """Return the first occurrence strictly after `at`, in UTC.

    ValueError when there is none in forty years.
    """
    today = day_of(at, tz)
    for ahead in range(_SEARCH_DAYS):
        on = today + ahead * _DAY
        if cron.comes_on(on):
            found = _first_on(cron, on, at, tz)
            if found is not None:
                return found
    raise ValueError(f"The schedule {cron.text} does not come in the forty years after {at:%Y-%m-%d}.")


def _first_on(cron: Cron, on: date, at: datetime, tz: tzinfo) -> datetime | None:
    """Return the first occurrence of that local date after `at`.

    Uses bisection: instants grow with local times.
    """
    width = len(cron.minutes)

    def instant(index: int) -> datetime:
        return instant_of(on, time(cron.hours[index // width], cron.minutes[index % width]), tz)

    count = width * len(cron.hours)
    index = bisect_right(range(count), at, key=instant)
    return instant(index) if index < count else None


def occurrences(cron: Cron, after: datetime, until: datetime, tz: tzinfo) -> list[datetime]:
    """List the occurrences later than `after` and not later than `until`, in UTC.

    ValueError when there are more than `MOST_OCCURRENCES`: then a clock is wrong.
    """
    found: list[datetime] = []
    for at in _from(cron, after, tz):
        if at > until:
            break
        if len(found) == MOST_OCCURRENCES:
            raise ValueError(
                f"The schedule {cron.text} comes more than {MOST_OCCURRENCES} times between "
                f"{after:%Y-%m-%d} and {until:%Y-%m-%d}: is the clock right?"
            )
        found.append(at)
    return found


def last_occurrences(cron: Cron, first: datetime, until: datetime, tz: tzinfo, *, most: int) -> list[datetime]:
    """List the last occurrences from `first` (which is one) to `until`, at most `most`.

    Returns `first` alone when it is later than `until`. Looks back step by step, so that a clock that jumps by decades costs no more than
    one that jumps by a day.
    """
    span = _DAY
    while True:
        begin = max(first, until - span)
        found = [first] if begin == first else []
        for at in _from(cron, begin, tz):
            if at > until:
                break
            found.append(at)
        if begin == first or len(found) >= most:
            return found[-most:]
        span *= 4


def _from(cron: Cron, at: datetime, tz: tzinfo) -> Iterator[datetime]:
    while True:
        at = next_after(cron, at, tz)
        yield at


def occurrence_key(schedule_id: int | str, at: datetime) -> str:
    """Return the permanent name of an occurrence: `7@2026-06-03T01:00:00Z`.

    It does not depend on the zone of `at`, and is the unique key of the timer row.
    """
    return f"{schedule_id}@{local(at, UTC).replace(tzinfo=None).isoformat()}Z"


# -- after downtime ----------------------------------------------------------------------------------


def decide_late(due: datetime, now: datetime, grace: timedelta, *, must_tell: bool) -> Verdict:
    """Decide about an occurrence that was due at `due` (fault F-42).

    ON_TIME up to `ON_TIME_WITHIN` after it; then LATE, to be sent with its original time, up to and including `grace`, and always when
    people must be told (safety); else SKIP, to be recorded as missed.
    """
    delay = now - due
    if delay <= ON_TIME_WITHIN:
        return Verdict.ON_TIME
    return Verdict.LATE if must_tell or delay <= grace else Verdict.SKIP
