"""Figures of a month: medians and shares with their n, false alarms apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.aftercare.monthly import Outcome, Share, Span, bounds, figures, month_of
from domain.core.change import RuleError

AT = datetime(2026, 11, 15, 4, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def after(minutes: float | None) -> datetime | None:
    return None if minutes is None else AT + timedelta(minutes=minutes)


def called(accepted=None, arrived=None, ambulance=None, *, false=False) -> Outcome:
    return Outcome(AT, false, after(accepted), after(arrived), after(ambulance))


def test_figures_of_no_case_are_none_with_zero_cases():
    found = figures([])
    assert (found.count, found.false) == (0, 0)
    assert found.first == found.arrival == Span(None, 0)
    assert found.before == Share(0, 0)


@pytest.mark.parametrize(
    ("outcomes", "first", "arrival", "before"),
    [
        ([called(2)], Span(2, 1), Span(None, 0), Share(0, 0)),
        ([called(1, 8, 12), called(3, 10, 9), called()], Span(2, 2), Span(9, 2), Share(1, 2)),
        ([called(1, 8), called(5, None, 9)], Span(3, 2), Span(8, 1), Share(0, 0)),
        ([called(1, 8, 8)], Span(1, 1), Span(8, 1), Share(0, 1)),
        ([called(4, 9, 12, false=True), called(1)], Span(1, 1), Span(None, 0), Share(0, 0)),
    ],
)
def test_each_figure_says_of_how_many_cases_it_is_made(outcomes, first, arrival, before):
    found = figures(outcomes)
    assert (found.first, found.arrival, found.before) == (first, arrival, before)


def test_false_alarms_and_drills_are_counted_apart():
    found = figures([called(1), called(2, false=True), called(3, false=True)], drills=4)
    assert (found.count, found.false, found.drills) == (1, 2, 4)


@pytest.mark.parametrize(
    ("words", "month"),
    [("", date(2026, 11, 1)), ("2026-10", date(2026, 10, 1)), ("2026年3月", date(2026, 3, 1)), (" 2025/12 ", date(2025, 12, 1))],
)
def test_month_is_read_from_words(words, month):
    assert month_of(words, at=AT, zone=SHANGHAI) == month


@pytest.mark.parametrize("words", ["上个月", "2026-13", "2026-00", "11", "0000-05"])
def test_month_is_refused_when_it_is_none(words):
    with pytest.raises(RuleError):
        month_of(words, at=AT, zone=SHANGHAI)


def test_bounds_are_local_midnights_of_the_month_and_the_next():
    since, until = bounds(date(2026, 12, 1), SHANGHAI)
    assert (since, until) == (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
