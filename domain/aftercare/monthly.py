"""Figures of urgent cases over a month.

Knows outcomes as plain values; must not know storage or texts. Invariant: every figure says of how many cases it is made; a figure of none is
None, never 0. Drills and false alarms are counted apart, and not in any other figure.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import TYPE_CHECKING

from domain.calendar.local_time import day_of, instant_of
from domain.core.change import RuleError
from domain.core.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

_MONTH = re.compile(r"(\d{4})[-./年]?(\d{1,2})月?")


@immutable
class Outcome:
    """One urgent case: its instants.

    When it was called, taken, reached by a person and by an ambulance; None: not recorded.
    """

    called_at: datetime
    false: bool = False
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    ambulance_at: datetime | None = None


@immutable
class Span:
    """A median in minutes, and the number of cases it is made of."""

    minutes: float | None
    n: int


@immutable
class Share:
    """A part of a whole: `part` of `n` cases."""

    part: int
    n: int


@immutable
class Month:
    """The figures of a month.

    `count`: urgent cases without the `false` ones; `drills` beside them. `first`: until somebody said that they go; `arrival`: until somebody
    was there. `before`: somebody arrived before the ambulance, of the cases in which both times are known.
    """

    count: int
    false: int
    drills: int
    first: Span
    arrival: Span
    before: Share


def figures(outcomes: Iterable[Outcome], *, drills: int = 0) -> Month:
    """Return the figures of these cases."""
    every = list(outcomes)
    real = [each for each in every if not each.false]
    both = [(each.arrived_at, each.ambulance_at) for each in real if each.arrived_at is not None and each.ambulance_at is not None]
    before = sum(arrived < ambulance for arrived, ambulance in both)
    return Month(
        len(real), len(every) - len(real), drills,
        _span(each.accepted_at - each.called_at for each in real if each.accepted_at is not None),
        _span(each.arrived_at - each.called_at for each in real if each.arrived_at is not None),
        Share(before, len(both)),
    )  # fmt: skip


def month_of(words: str, *, at: datetime, zone: tzinfo) -> date:
    """Return the first day of the month in `words`, such as 2026-11.

    Without words it is the present one.

    Raises:
        RuleError: `aftercare.month.which`.
    """
    if not words.strip():
        return day_of(at, zone).replace(day=1)
    found = _MONTH.fullmatch(words.strip())
    if found is None or not 1 <= int(found[2]) <= 12 or not 2000 <= int(found[1]) <= 9000:
        raise RuleError("aftercare.month.which")
    return date(int(found[1]), int(found[2]), 1)


def bounds(month: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the first instant of a month and that of the next one."""
    following = (month + timedelta(days=31)).replace(day=1)
    return instant_of(month, time(), zone), instant_of(following, time(), zone)


def _span(waits: Iterable[timedelta]) -> Span:
    minutes = [max(0.0, wait / timedelta(minutes=1)) for wait in waits]
    return Span(median(minutes) if minutes else None, len(minutes))
