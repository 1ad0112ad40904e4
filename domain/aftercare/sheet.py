"""The hand-over sheet for the hospital: its lines, and the times written in them.

Knows the lines and their order; must not know who reads them. Invariant: a time that was tapped is the instant of the tap; a typed one is the
first such time after the call, within a day.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.calendar.local_time import day_of, instant_of
from domain.core.change import PersonId, RuleError
from domain.core.immutable import immutable

if TYPE_CHECKING:
    from datetime import tzinfo

#: Characters of one line.
LENGTH = 200
_CLOCK = re.compile(r"(\d{1,2})\s*[:点時时]\s*(\d{1,2})?\s*分?")


class Field(StrEnum):
    """Lines of the sheet in their order.

    The number and the time of the call come from the case.
    """

    WHO = "who"
    NORMAL = "normal"
    SEEN = "seen"
    DONE = "done"
    KNOWN = "known"
    AMBULANCE = "ambulance"
    BROUGHT = "brought"
    RECEIVED = "received"
    BELONGINGS = "belongings"
    FAMILY = "family"


#: Lines that hold a time.
TIMED = frozenset({Field.AMBULANCE, Field.BROUGHT})


@immutable
class Line:
    """A line of the sheet: words, or the text key of an offered answer.

    `noted_at`: the time in it, if it has one.
    """

    field: Field
    words: str
    written_by: PersonId | None
    written_at: datetime
    noted_at: datetime | None = None


def field_of(word: str) -> Field:
    """Return the line with this name.

    Raises:
        RuleError: `aftercare.sheet.no_line`.
    """
    if word not in tuple(Field):
        raise RuleError("aftercare.sheet.no_line")
    return Field(word)


def time_in(words: str, *, after: datetime, zone: tzinfo) -> datetime | None:
    """Return the first instant from `after` on at the time of day in `words`.

    It is within a day; None without one.
    """
    found = _CLOCK.search(unicodedata.normalize("NFKC", words))
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour > 23 or minute > 59:
        return None
    minute_of_call = after.replace(second=0, microsecond=0)
    on = day_of(after, zone)
    days = (instant_of(on + timedelta(days=more), time(hour, minute), zone) for more in (0, 1))
    return next((instant for instant in days if instant >= minute_of_call), None)
