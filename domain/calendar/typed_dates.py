"""Times that people type, in Chinese and English: 周四 14:00, 下周一上午九点, tomorrow 3pm.

Knows spellings and the instant they mean, relative to a given instant; must not know what the time is for. Invariant: a text that is not
understood is None, never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from domain.calendar.local_time import day_of, instant_of

_DAY = timedelta(days=1)
_LONGEST = 60  # characters: a longer text is not a time

_DIGIT = {numeral: str(value) for value, numeral in enumerate("零一二三四五六七八九")} | {"\u3007": "0", "两": "2"}
_NUMERALS = re.compile(f"[十{''.join(_DIGIT)}]+")
_CHINESE_WEEKDAY = re.compile("(?:周|星期|礼拜)([一二三四五六日天1-7])")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ENGLISH_WEEKDAY = re.compile(r"\b(mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs?|rsday)?|fri(?:day)?|s(?:at|un)(?:day)?)\b")
_MONTHS: tuple[str, ...] = ("january", "february", "march", "april", "may", "june")
_MONTHS += ("july", "august", "september", "october", "november", "december")
_MONTH = f"(?P<month>{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in _MONTHS)})"
_ENGLISH_DATES = (
    re.compile(rf"\b{_MONTH} ?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>[0-9]{{4}}))?\b"),
    re.compile(rf"\b(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)? {_MONTH}(?:,? (?P<year>[0-9]{{4}}))?\b"),
)
_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\s*(?:左右|上下|前后|开始|around|about)|大概|大约|差不多|约(?=\s*[0-9])"), " "),
    (re.compile(r"(?<=[0-9])\s+(?=[点时刻分半])|(?<=[点时])\s+(?=[0-9半])"), ""),
    (re.compile(r"([本这下]个?)周\s*(?=周[1-7])"), r"\1"),
    (re.compile(r"(周[1-7])\s*\(\s*((?:[0-9]{4}\s*[-/.年]\s*)?[0-9]{1,2}\s*[-/.月]\s*[0-9]{1,2}\s*[日号]?)\s*\)"), r"\2(\1) "),
    (re.compile("(今|明|后|当)(早|晚)上?"), r"\1天\2上"),
    (re.compile(r"\btonight\b"), "today evening"),
    (re.compile(r"\bthis (?=(?:morning|afternoon|evening)\b)"), "today "),
    (re.compile(r"正午|\bnoon\b|中午(?!\s*[0-9])"), " 12:00 "),
    (re.compile(r"\b([ap])\.m\.?"), r"\1m"),
)
"""Spellings turned into simpler ones before anything is read, in this order."""


def _hours_said(spoken: range, shift: int, written: range = range(0)) -> dict[int, int]:
    return {hour: hour for hour in written} | {hour: hour + shift for hour in spoken}


_NIGHT = {12: 0} | _hours_said(range(7), 0)
_MORNING = _hours_said(range(1, 13), 0)
_NOON = _hours_said(range(1, 3), 12, range(11, 15))
_AFTERNOON = _hours_said(range(1, 12), 12, range(12, 24))
_EVENING = {0: 24, 12: 24, 24: 24} | _hours_said(range(5, 12), 12, range(17, 24))
_PARTS: dict[str, dict[int, int]] = {
    **dict.fromkeys(("凌晨", "半夜"), _NIGHT),
    **dict.fromkeys(("清晨", "早上", "早晨", "一早", "上午", "早", "morning"), _MORNING),
    "中午": _NOON,
    **dict.fromkeys(("下午", "午后", "afternoon"), _AFTERNOON),
    **dict.fromkeys(("傍晚", "晚上", "夜里", "晚", "evening"), _EVENING),
    "am": _MORNING | {12: 0},
    "pm": _AFTERNOON,
}
"""Part of the day → the hour said → the hour of the day (24: midnight at its end); a missing hour is not understood."""

_PART = f"(?P<part>{'|'.join(sorted(_PARTS.keys() - {'am', 'pm'}, key=len, reverse=True))})"
_HOUR = "(?<![0-9:])(?P<hour>[0-9]{1,2})"
_HALF_DAY = r"\s*(?P<half_day>[ap]m)\b"
_CLOCKS = (
    re.compile(rf"(?:{_PART}\s*(?:at )?)?{_HOUR}:(?P<minute>[0-9]{{2}})(?::00)?(?![0-9:])(?:{_HALF_DAY})?"),
    re.compile(
        rf"(?:{_PART}\s*)?{_HOUR}(?P<unit>[点时])(?:钟|整)?"
        "(?:(?P<half>半)|(?P<quarters>[13])刻|(?P<minute>[0-9]{1,2})(?![0-9])分?)?"
    ),
    re.compile(rf"(?:{_PART}\s*(?:at )?)?{_HOUR}{_HALF_DAY}"),
    re.compile(rf"{_PART}\s*(?:at )?{_HOUR}(?![0-9:])"),
)
"""The ways to say a time of day, the first that is found counts: 14:00, 3:30 pm; 下午3点半; 3pm; 下午3."""

_BESIDE = r"\s*(?:\(?\s*周(?P<weekday>[1-7])\s*\)?)?"
_FULL_DATE = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*[日号]?" + _BESIDE)
_MONTH_DAY = re.compile(r"([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*[日号]?" + _BESIDE)
_DAY_OF_MONTH = re.compile("([0-9]{1,2})[日号]" + _BESIDE)
_WEEKDAY = re.compile(r"(本|这个?|this|下下个?|下个?|next)?\s*周([1-7])")
_WEEKS_AHEAD = {"本": 0, "这": 0, "这个": 0, "this": 0, "下": 1, "下个": 1, "next": 1, "下下": 2, "下下个": 2}
_DAYS_AHEAD: dict[str, int] = {
    **dict.fromkeys(("今天", "今日", "今儿", "当天", "today"), 0),
    **dict.fromkeys(("明天", "明日", "明儿", "tomorrow"), 1),
    **dict.fromkeys(("后天", "后日", "day after tomorrow"), 2),
    "大后天": 3,
}


#: "14:00-16:00", "下午2点到4点": the sign between a beginning and an end.
_UNTIL = re.compile(r"\s*(?:-|~|—+|–|到|至|to|until)\s*")
_AFTER = re.compile(
    r"(?P<n>[0-9]{1,3}|半)\s*个?(?P<half>半)?\s*(?P<unit>分钟?|小时|钟头|天|日|周|星期|礼拜|minutes?|mins?|hours?|days?|weeks?)(?P<more>半)?\s*(?:之后|以后|后|later)"
    r"|in (?P<n2>[0-9]{1,3}) (?P<unit2>minutes?|mins?|hours?|days?|weeks?)"
)
_UNITS = {
    "分": 1,
    "m": 1,
    "小": 60,
    "钟": 60,
    "h": 60,
    "天": 1440,
    "日": 1440,
    "d": 1440,
    "周": 10080,
    "星": 10080,
    "礼": 10080,
    "w": 10080,
}
_MONTH_END = re.compile("(这个?|本|下个?)?月底|(?:这个?|本|下个?)月末")
_OF_NEXT_MONTH = re.compile(r"下个?月\s*([0-9]{1,2})[日号]")


def parse_span(text: str, now: datetime, tz: tzinfo) -> tuple[datetime, datetime | None] | None:
    """Read a time with or without its end: "明天 14:00-16:00" gives both; see `parse_when`.

    An end that is not after its beginning is not understood.
    """
    if len(text) > _LONGEST:
        return None
    for found in _UNTIL.finditer(_simplify(text)):
        said = _simplify(text)
        begins = parse_when(said[: found.start()], now, tz)
        if begins is None:
            continue
        part = re.search("|".join(sorted(_PARTS.keys() - {"am", "pm"}, key=len, reverse=True)), said[: found.start()])
        after = said[found.end() :].strip()
        own = re.match(f"(?:{'|'.join(_PARTS)})", after)
        ends = parse_when(f"{'' if own or part is None else part[0]}{after}", begins, tz)
        return (begins, ends) if ends is not None and day_of(ends, tz) == day_of(begins, tz) else None
    begins = parse_when(text, now, tz)
    return None if begins is None else (begins, None)


def parse_begin(text: str, now: datetime, tz: tzinfo) -> datetime | None:
    """Read when something begins, whether its end is typed too or not; see `parse_when`."""
    span = parse_span(text, now, tz)
    return None if span is None else span[0]


def parse_day(text: str, now: datetime, tz: tzinfo) -> date | None:
    """Read a day without a time of day; None when not understood.

    "周三", "12月5日", "后天", "三天后", "月底". It is today or later.
    """
    if len(text) > _LONGEST:
        return None
    words = _with_days(_simplify(text), now, tz).strip(" .。的")
    beside = _weekday_beside(words)
    today = day_of(now, tz)
    found = next((on for on in (_dates_said(words, today) if words else ()) if on >= today), None)
    return found if found is not None and beside in (None, found.isoweekday()) else None


def _after(said: str, now: datetime) -> datetime | None:
    """Return the instant of "半小时后", "in 2 hours"; None for other words.

    Days need a time of day and are not understood here.
    """
    found = _AFTER.fullmatch(said.strip(" .。"))
    minutes = None if found is None else _minutes_after(found)
    return now + timedelta(minutes=minutes) if minutes is not None and minutes < 1440 else None


def _minutes_after(found: re.Match[str]) -> int:
    count, unit = found["n"] or found["n2"], _UNITS[(found["unit"] or found["unit2"])[0]]
    whole = unit // 2 if count == "半" else int(count) * unit
    return whole + (unit // 2 if found["half"] or found["more"] else 0)


def _with_days(said: str, now: datetime, tz: tzinfo) -> str:
    """Write days that are counted from today as dates: 三天后, 月底, 下个月5号."""
    today = day_of(now, tz)
    if (found := _AFTER.search(said)) and (minutes := _minutes_after(found)) >= 1440 and minutes % 1440 == 0:
        on = today + timedelta(minutes=minutes)
        return f"{said[: found.start()]} {on:%Y-%m-%d} {said[found.end() :]}".strip()
    if (found := _MONTH_END.search(said)) is not None:
        ahead = 2 if "下" in found[0] else 1
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        on = date(year, month + 1, 1) - _DAY
        return f"{said[: found.start()]} {on:%Y-%m-%d} {said[found.end() :]}".strip()
    if (found := _OF_NEXT_MONTH.search(said)) is not None:
        year, month = divmod(today.year * 12 + today.month, 12)
        return f"{said[: found.start()]} {year}-{month + 1}-{found[1]} {said[found.end() :]}".strip()
    return said


def parse_when(text: str, now: datetime, tz: tzinfo) -> datetime | None:
    """Read a time typed in Chinese or English, relative to `now`.

    Returns the instant in UTC, None when not understood. Needs a time of day; without a date it is the next such time: "明天下午3点", "周四14:00",
    "下周一上午九点", "6/3 14:00", "三点半", "tomorrow 3pm", "月底下午3点"; "半小时后" needs none. Later than `now`, unless a
    date with its year was typed. Weeks begin on Monday. Digits with a colon are a 24-hour clock; in a bare "三点" the hours 1 to 5 mean the
    afternoon, 6 to 11 the morning or, when that is over, the evening of the same day.
    """
    if len(text) > _LONGEST:
        return None
    said = _with_days(_simplify(text), now, tz)
    if (soon := _after(said, now)) is not None:
        return soon
    for pattern in _CLOCKS:
        found = pattern.search(said)
        if found:
            around = said[: found.start()] + " " + said[found.end() :]
            return _moment(around, _minutes_said(found.groupdict()), now, tz)
    return None


def _moment(around: str, minutes: Sequence[int], now: datetime, tz: tzinfo) -> datetime | None:
    """Return the first instant after `now` that the words around the clock allow."""
    words = re.sub(r"\b(?:at|on|the)\b|[,;、\s]|(?<=[0-9])t(?=\s*$)", " ", around)
    words = re.sub(" +", " ", words).strip(" .。的")
    beside = _weekday_beside(words)
    for on in _dates_said(words, day_of(now, tz)):
        for minute in minutes:
            at = instant_of(on + minute // 1440 * _DAY, time(minute // 60 % 24, minute % 60), tz)
            if at > now or _FULL_DATE.fullmatch(words):
                return at if beside in (None, on.isoweekday()) else None
    return None


def _simplify(text: str) -> str:
    """Normalise to lower case, ASCII digits and punctuation.

    Numbers, weekdays and months get one spelling each.
    """
    text = unicodedata.normalize("NFKC", text).lower()
    text = _CHINESE_WEEKDAY.sub(lambda found: f"周{_weekday_number(found[1])} ", text)
    text = _ENGLISH_WEEKDAY.sub(lambda found: f"周{_position(found[1], _WEEKDAYS)} ", text)
    text = _NUMERALS.sub(lambda found: _number(found[0]), text)
    for date_pattern in _ENGLISH_DATES:
        text = date_pattern.sub(_numeric_date, text)
    for pattern, simpler in _REWRITES:
        text = pattern.sub(simpler, text)
    return text


def _weekday_number(numeral: str) -> str:
    return "7" if numeral in "日天" else _DIGIT.get(numeral, numeral)


def _position(name: str, names: Sequence[str]) -> int:
    return next(number for number, full in enumerate(names, start=1) if full.startswith(name[:3]))


def _numeric_date(found: re.Match[str]) -> str:
    month_day = f"{_position(found['month'], _MONTHS)}-{found['day']}"
    return f"{found['year']}-{month_day}" if found["year"] else month_day


def _number(numerals: str) -> str:
    """Write 二十五 as 25, 十 as 10, 零五 as 05, 二零二六 as 2026; other text stays as it is."""
    tens, ten, ones = numerals.partition("十")
    if not ten:
        return "".join(_DIGIT[numeral] for numeral in numerals)
    if len(tens) > 1 or len(ones) > 1 or ones == "十":
        return numerals
    return str(int(_DIGIT.get(tens, "1")) * 10 + int(_DIGIT.get(ones, "0")))


def _minutes_said(clock: Mapping[str, str | None]) -> tuple[int, ...]:
    """Return the minutes after midnight that a clock can mean, the likeliest first.

    Empty when it is not a time of day.
    """
    minute = 30 if clock.get("half") else int(clock.get("quarters") or 0) * 15 or int(clock.get("minute") or 0)
    hour = int(clock["hour"] or 0)
    parts = [part for part in (clock.get("half_day"), clock.get("part")) if part]
    hours = _hours_of_parts(hour, parts) if parts else _hours_alone(hour, minute, bare=clock.get("unit") == "点")
    return tuple(meant * 60 + minute for meant in hours) if minute < 60 else ()


def _hours_of_parts(hour: int, parts: Iterable[str]) -> tuple[int, ...]:
    for part in parts:
        if hour not in _PARTS[part]:
            return ()  # "上午14:00", or "晚上3点", which may be either night
        hour = _PARTS[part][hour]
    return (hour,)


def _hours_alone(hour: int, minute: int, *, bare: bool) -> tuple[int, ...]:
    if bare and 1 <= hour <= 5:
        return (hour + 12,)
    if bare and 6 <= hour <= 11:
        return hour, hour + 12
    return (hour,) if hour * 60 + minute <= 24 * 60 else ()


def _weekday_beside(words: str) -> int | None:
    """Return the weekday typed beside a date, as in 6月3日(周三); it must then be right."""
    for pattern in (_FULL_DATE, _MONTH_DAY, _DAY_OF_MONTH):
        found = pattern.fullmatch(words)
        if found:
            return int(found["weekday"]) if found["weekday"] else None
    return None


def _dates_said(words: str, today: date) -> Iterable[date]:
    """Return the local dates that the words can mean, nearest first.

    Empty when they are not understood.
    """
    if not words:
        return today, today + _DAY
    if words in _DAYS_AHEAD:
        return (today + _DAYS_AHEAD[words] * _DAY,)
    if found := _WEEKDAY.fullmatch(words):
        return _weekdays(found[1], int(found[2]), today)
    if found := _FULL_DATE.fullmatch(words):
        return _existing([(int(found[1]), int(found[2]), int(found[3]))])
    if found := _MONTH_DAY.fullmatch(words):
        return _existing((today.year + ahead, int(found[1]), int(found[2])) for ahead in range(9))
    if found := _DAY_OF_MONTH.fullmatch(words):
        months = (divmod(today.year * 12 + today.month - 1 + ahead, 12) for ahead in range(4))
        return _existing((year, month + 1, int(found[1])) for year, month in months)
    return ()


def _weekdays(week: str | None, weekday: int, today: date) -> Sequence[date]:
    monday = today - (today.isoweekday() - 1) * _DAY
    if week is not None:
        return (monday + (_WEEKS_AHEAD[week] * 7 + weekday - 1) * _DAY,)
    nearest = today + (weekday - today.isoweekday()) % 7 * _DAY
    return nearest, nearest + 7 * _DAY


def _existing(dates: Iterable[tuple[int, int, int]]) -> Iterator[date]:
    """Leave out dates that do not exist, such as 30 February."""
    for year, month, day in dates:
        try:
            on = date(year, month, day)
        except ValueError:
            continue
        if 2000 <= year < 2200:
            yield on
