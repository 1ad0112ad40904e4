"""Recurring times in plain words, to and from a crontab line."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.calendar.plain_schedules import OFFERED, PlainTime, read, say
from domain.calendar.schedules import parse_cron

AT, ZONE = datetime(2026, 6, 1, 1, tzinfo=UTC), ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("每周五 17:00", "0 17 * * 5"),
        ("每周五下午五点", "0 17 * * 5"),
        ("每星期一、三、五 上午9点半", "30 9 * * 1,3,5"),
        ("每天18:00", "0 18 * * *"),
        ("周日 8点", "0 8 * * 0"),
        ("周一到周五 9:00", "0 9 * * 1,2,3,4,5"),
        ("每月1号 8:30", "30 8 1 * *"),
        ("every friday 17:00", "0 17 * * 5"),
        ("monday, thursday 9:00", "0 9 * * 1,4"),
        ("daily 18:00", "0 18 * * *"),
        ("有空", ""),
        ("每周五", ""),
        ("17:00", ""),
        ("每月31号 8:00", ""),
        ("", ""),
    ],
)
def test_plain_words_become_a_line_or_nothing(said: str, line: str):
    found = read(said, at=AT, zone=ZONE)
    assert ("" if found is None else found.line) == line


@pytest.mark.parametrize("days", [*OFFERED, "1,3", "2,7"])
def test_line_of_plain_words_is_valid_and_said_in_the_same_words(days: str):
    plain = PlainTime(days, 9, 5)
    assert parse_cron(plain.line).hours == (9,)
    assert say(plain.line) == plain
    assert plain.clock == "9:05"


@pytest.mark.parametrize("line", ["0 9 1 * 1", "*/30 * * * *", "0 9 * 6 1", "0 8 * *", "15 8-10 * * 1", "0 9 1-5 * *", "0 9 * * mon"])
def test_other_lines_are_said_in_no_words(line: str):
    assert say(line) is None
