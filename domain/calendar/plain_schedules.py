"""Recurring times in plain words: 每周五 17:00, every day 6pm; to and from a crontab line.

Knows words for days; the time of a day is read like any typed time (domain/calendar/typed_dates.py). Invariant: `say` returns words only for
lines that `line_of` could have made, so that a text never describes another time than the one that is kept.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, tzinfo

from domain.calendar.local_time import local
from domain.calendar.typed_dates import parse_when
from domain.core.immutable import immutable

DAILY = "day"
WORKDAYS = "1,2,3,4,5"
#: Offered days: weekdays as ISO numbers, Monday first; "m1" is the first of the month.
OFFERED = (DAILY, WORKDAYS, "1", "2", "3", "4", "5", "6", "7", "m1", "m15")

_CHINESE = (
    {numeral: str(day) for day, numeral in enumerate("一二三四五六", 1)}
    | {"日": "7", "天": "7"}
    | {str(day): str(day) for day in range(1, 8)}
)
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHLY = re.compile(r"(?:每个?月|monthly(?: on)?|every month(?: on)?)\s*(?:the )?([0-9]{1,2})(?:st|nd|rd|th)?\s*[号日]?")
_WORKDAYS = re.compile("(?:每个?)?(?:工作日|周一到周五|周一至周五)|(?:every )?weekdays?")
_DAILY = re.compile("每[天日]|daily|every day")
_WEEKLY = re.compile("每?个?(?:周|星期|礼拜)([一二三四五六日天1-7](?:[、,和]?(?:周|星期|礼拜)?[一二三四五六日天1-7](?![0-9:点]))*)")
_ENGLISH_WEEKLY = re.compile(rf"(?:every )?((?:{'|'.join(_ENGLISH)})[a-z]*(?:(?:, ?| and )(?:{'|'.join(_ENGLISH)})[a-z]*)*)")


@immutable
class PlainTime:
    """A recurring time: `days` as in `OFFERED`, or several weekdays ("1,3")."""

    days: str
    hour: int
    minute: int

    @property
    def line(self) -> str:
        """The crontab line."""
        day, weekday = (self.days.removeprefix("m"), "*") if self.days.startswith("m") else ("*", self.days)
        return f"{self.minute} {self.hour} {day} * {'*' if self.days == DAILY else weekday.replace('7', '0')}"

    @property
    def clock(self) -> str:
        """The time of the day, as people read it."""
        return f"{self.hour}:{self.minute:02}"


def read(said: str, *, at: datetime, zone: tzinfo) -> PlainTime | None:
    """Read days and a time of the day; None for anything else."""
    days, rest = read_days(said)
    clock = read_clock(rest, at=at, zone=zone) if days and rest else None
    return None if clock is None else PlainTime(days, *clock)


def read_days(said: str) -> tuple[str, str]:
    """Return (days, rest of the words); no days for words without them."""
    text = unicodedata.normalize("NFKC", said).strip().lower()
    if found := _MONTHLY.match(text):
        return (f"m{int(found[1])}", text[found.end() :].strip()) if 1 <= int(found[1]) <= 28 else ("", text)
    for pattern, days in ((_WORKDAYS, WORKDAYS), (_DAILY, DAILY)):
        if found := pattern.match(text):
            return days, text[found.end() :].strip()
    if found := _WEEKLY.match(text):
        numbers = {_CHINESE[sign] for sign in found[1] if sign in _CHINESE}
        return ",".join(sorted(numbers)), text[found.end() :].strip()
    if found := _ENGLISH_WEEKLY.match(text):
        numbers = {str(_ENGLISH.index(word) + 1) for word in re.findall("|".join(_ENGLISH), found[1])}
        return ",".join(sorted(numbers)), text[found.end() :].strip()
    return "", text


def read_clock(said: str, *, at: datetime, zone: tzinfo) -> tuple[int, int] | None:
    """Return (hour, minute) of a time of the day; None for anything else."""
    when = parse_when(f"明天 {said.strip()}", at, zone)
    if when is None:
        return None
    wall = local(when, zone)
    return wall.hour, wall.minute


def say(line: str) -> PlainTime | None:
    """Return the plain time of a crontab line; None for a line that plain words cannot make."""
    fields = line.split()
    if len(fields) != 5 or not (fields[0].isdecimal() and fields[1].isdecimal()) or fields[3] != "*":
        return None
    weekdays = ",".join(sorted("7" if day == "0" else day for day in fields[4].replace("1-5", WORKDAYS).split(",")))
    days = f"m{fields[2]}" if fields[4] == "*" and fields[2] != "*" else DAILY if weekdays == "*" else weekdays if fields[2] == "*" else ""
    known = days == DAILY or re.fullmatch("m[0-9]{1,2}", days) or re.fullmatch("[1-7](,[1-7])*", days)
    return PlainTime(days, int(fields[1]), int(fields[0])) if known else None
