"""Tips: the choice of the day's tip, the allowed frequency, and the library's texts."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain import tips
from domain.core.change import RuleError
from texts import LANGUAGES, render

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


def test_every_tip_has_its_day_in_twenty_and_the_next_day_shows_another():
    days = [tips.of_day(date(2026, 6, 1) + timedelta(days=n)) for n in range(40)]
    assert sorted(days[:20]) == list(range(1, 21))
    assert days[:20] == days[20:]
    assert all(today != tomorrow for today, tomorrow in itertools.pairwise(days))


def test_a_schedule_goes_through_the_library_in_turn():
    assert [tips.of_turn(turn) for turn in (1, 2, 20, 21, 41)] == [1, 2, 20, 1, 1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", range(1, tips.LIBRARY + 1))
def test_a_tip_is_short_calm_and_says_what_to_do(number: int, language: str):
    title, text = render(tips.title_key(number), language), render(tips.text_key(number), language)
    assert 2 <= len(re.findall(r"[。.](?:\s|$|(?<=。))", text)) <= 4
    assert not re.search("[!！]", title + text)
    assert re.search("96110|110", text)
    assert len(title) <= (10 if language == "zh" else 30)
    assert len(text) <= (110 if language == "zh" else 320)


def test_the_library_has_no_twenty_first_tip():
    with pytest.raises(LookupError):
        render(tips.text_key(tips.LIBRARY + 1), "zh")


@pytest.mark.parametrize(
    ("line", "next_at"),
    [
        ("mon9", datetime(2026, 6, 8, 1, 0, tzinfo=UTC)),
        ("day18", datetime(2026, 6, 1, 10, 0, tzinfo=UTC)),
        ("fri17", datetime(2026, 6, 5, 9, 0, tzinfo=UTC)),
        ("30 8 1 * *", datetime(2026, 7, 1, 0, 30, tzinfo=UTC)),
        ("0 6,18 * * *", datetime(2026, 6, 1, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_plan_says_when_it_comes_next(line: str, next_at: datetime):
    assert tips.plan(line, at=MONDAY, zone=SHANGHAI).next_at == next_at


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("", "tip.plan.not_understood"),
        ("每天九点", "tip.plan.not_understood"),
        ("0 9 31 2 *", "tip.plan.not_understood"),
        ("61 9 * * *", "tip.plan.not_understood"),
        ("0 9 * * 1 " * 1000, "tip.plan.not_understood"),
        ("* * * * *", "tip.plan.too_often"),
        ("0 9,12 * * *", "tip.plan.too_often"),
        ("0 9,20 * * 1", "tip.plan.too_often"),
        ("0,30 9 1 1 *", "tip.plan.too_often"),
    ],
)
def test_what_cannot_be_read_and_what_comes_too_often_is_refused(line: str, key: str):
    with pytest.raises(RuleError) as refused:
        tips.plan(line, at=MONDAY, zone=SHANGHAI)
    assert refused.value.key == key
    assert render(key, "zh", **refused.value.params)


@pytest.mark.parametrize("said", ["", "   ", "\u200b\u202e\x00", "\n\n"])
def test_a_tip_without_words_is_refused(said: str):
    with pytest.raises(RuleError) as refused:
        tips.own_words(said)
    assert refused.value.key == "tip.own.empty"


def test_own_words_may_be_a_thousand_long_and_not_one_more():
    assert tips.own_words("骗" * 1000) == "骗" * 1000
    for said in ("骗" * 1001, "😀" * 501, "骗" * 4096):
        with pytest.raises(RuleError) as refused:
            tips.own_words(said)
        assert refused.value.key == "tip.own.too_long"
