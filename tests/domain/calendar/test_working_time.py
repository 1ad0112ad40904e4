from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.working_time import HORIZON, ChineseHolidays, ClockCalendar, WorkingCalendar
from tests.domain.calendar.instants import DAY, HOUR, INSTANTS, LONDON, MINUTE, SHANGHAI, shanghai


def office(**changes: Any) -> WorkingCalendar:
    hours: dict[str, Any] = {"opens": time(8, 30), "closes": time(17, 30), "lunch": (time(12), time(13, 30))} | changes
    return WorkingCalendar(hours.pop("tz", SHANGHAI), **hours)


# -- working days


@pytest.mark.parametrize(
    ("on", "worked"),
    [
        (date(2026, 6, 3), True),  # Wednesday
        (date(2026, 6, 6), False),  # Saturday
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # 调休 Saturday after National Day
        (date(2026, 9, 20), True),  # 调休 Sunday before it
        (date(2026, 2, 14), True),  # 调休 Saturday before Spring Festival
        (date(2026, 2, 23), False),  # the Monday that belongs to Spring Festival
        (date(2025, 9, 28), True),
    ],
)
def test_town_works_as_the_state_council_published(on, worked):
    assert office().is_working_day(on) is worked


def test_an_unpublished_year_has_statutory_holidays_and_plain_weekends():
    calendar = office()
    assert calendar.known_until().year < 2060
    assert not calendar.is_working_day(date(2060, 10, 1))  # Friday, National Day
    assert not calendar.is_working_day(date(2060, 9, 4))  # Saturday
    assert calendar.is_working_day(date(2060, 9, 7))  # Tuesday


def test_an_override_beats_every_source():
    flood = date(2026, 6, 6)
    festival = date(2026, 6, 3)
    calendar = office(overrides={flood: True, festival: False})
    assert calendar.is_working_day(flood)
    assert not calendar.is_working_day(festival)


class KnownTo2026:
    def is_working_day(self, on: date) -> bool:
        return on.isoweekday() < 6

    def known_until(self) -> date:
        return date(2026, 12, 31)


@pytest.mark.parametrize(
    ("overrides", "known"),
    [
        ({}, date(2026, 12, 31)),
        ({date(2027, 2, 5): False}, date(2026, 12, 31)),  # one closed day is not a published year
        ({date(2027, 2, 20): True}, date(2027, 12, 31)),  # a worked Saturday is
        ({date(2027, 2, 20): True, date(2028, 2, 19): True}, date(2028, 12, 31)),
        ({date(2028, 2, 19): True}, date(2026, 12, 31)),  # 2027 is still missing
    ],
)
def test_check_can_warn_that_next_year_is_not_known(overrides, known):
    assert office(source=KnownTo2026(), overrides=overrides).known_until() == known


def test_published_holidays_reach_the_end_of_a_year():
    assert ChineseHolidays().known_until() >= date(2026, 12, 31)


# -- working time


@pytest.mark.parametrize(
    ("at", "span", "due"),
    [
        ("2026-06-03 10:00", HOUR, "2026-06-03 11:00"),
        ("2026-06-03 10:00", 2 * HOUR, "2026-06-03 12:00"),  # ends at noon, not after lunch
        ("2026-06-03 10:00", 2 * HOUR + MINUTE, "2026-06-03 13:31"),
        ("2026-06-03 12:40", HOUR, "2026-06-03 14:30"),  # during lunch
        ("2026-06-03 17:00", HOUR, "2026-06-04 09:00"),
        ("2026-06-03 03:00", HOUR, "2026-06-03 09:30"),
        ("2026-06-05 17:00", HOUR, "2026-06-08 09:00"),  # over the weekend
        ("2026-09-30 17:00", HOUR, "2026-10-08 09:00"),  # over National Day
        ("2026-10-09 17:00", HOUR, "2026-10-10 09:00"),  # into a 调休 Saturday
        ("2026-06-03 08:30", 7.5 * HOUR, "2026-06-03 17:30"),  # a full day ends at closing time
        ("2026-06-06 11:00", timedelta(0), "2026-06-06 11:00"),
    ],
)
def test_deadline_counts_only_working_time(at, span, due):
    assert office().add_working(shanghai(at), span) == shanghai(due)


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-06-03 10:00", "2026-06-03 10:00"),
        ("2026-06-03 12:00", "2026-06-03 13:30"),
        ("2026-06-03 17:30", "2026-06-04 08:30"),
        ("2026-09-30 18:00", "2026-10-08 08:30"),
    ],
)
def test_next_opening_skips_what_is_closed(at, opening):
    assert office().next_opening(shanghai(at)) == shanghai(opening)


@pytest.mark.parametrize(
    ("a", "b", "worked"),
    [
        ("2026-06-03 10:00", "2026-06-03 11:00", HOUR),
        ("2026-06-03 11:00", "2026-06-03 10:00", -HOUR),  # the clock was set back
        ("2026-06-03 00:00", "2026-06-04 00:00", 7.5 * HOUR),
        ("2026-09-30 17:00", "2026-10-08 09:00", HOUR),
        ("2026-06-06 00:00", "2026-06-07 23:00", timedelta(0)),
    ],
)
def test_working_time_between_two_instants(a, b, worked):
    assert office().working_between(shanghai(a), shanghai(b)) == worked


def test_a_desk_that_closes_at_midnight_works_the_whole_day():
    harness = office(opens=time(0), closes=time(0), lunch=None)
    assert harness.working_between(shanghai("2026-06-03 00:00"), shanghai("2026-06-04 00:00")) == DAY


def test_a_day_with_daylight_saving_has_an_hour_less_or_more():
    harness = office(tz=LONDON, opens=time(0), closes=time(0), lunch=None, overrides={date(2026, 3, 29): True})
    assert harness.working_between(datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC)) == 23 * HOUR


@pytest.mark.parametrize(
    "hours",
    [
        {"opens": time(17, 30), "closes": time(8, 30)},
        {"lunch": (time(13, 30), time(12))},
        {"lunch": (time(8), time(9))},
        {"lunch": (time(12), time(18))},
    ],
)
def test_hours_that_run_backwards_are_refused(hours):
    with pytest.raises(ValueError, match="must run forward"):
        office(**hours)


class NeverOpen(KnownTo2026):
    def is_working_day(self, on: date) -> bool:
        return False


@pytest.mark.parametrize("span", [HOUR, 400 * DAY, timedelta.max])
def test_a_town_that_never_opens_is_told_so(span):
    with pytest.raises(ValueError, match="check the span and the working-day overrides"):
        office(source=NeverOpen()).add_working(shanghai("2026-06-03 10:00"), span)
    with pytest.raises(ValueError, match="check the working-day overrides"):
        office(source=NeverOpen()).next_opening(shanghai("2026-06-03 10:00"))


@pytest.mark.parametrize("calendar", [office(), ClockCalendar()])
def test_spans_that_make_no_sense_are_refused(calendar):
    for span in (-MINUTE, HORIZON + MINUTE):
        with pytest.raises(ValueError, match="working time"):
            calendar.add_working(shanghai("2026-06-03 10:00"), span)


def test_without_working_time_the_clocks_always_run():
    clock, night = ClockCalendar(), shanghai("2026-10-01 03:00")
    assert clock.add_working(night, HOUR) == night + HOUR
    assert clock.working_between(night, night + 5 * DAY) == 5 * DAY
    assert clock.next_opening(night) == night


SPANS = st.timedeltas(timedelta(0), timedelta(hours=200))
OFFICES = st.sampled_from([office(), office(tz=LONDON, closes=time(0)), office(tz=LONDON, opens=time(1, 15), lunch=None)])


@given(OFFICES, INSTANTS, SPANS)
def test_the_span_to_a_deadline_is_the_span_given(calendar, at, span):
    assert calendar.working_between(at, calendar.add_working(at, span)) == span


@given(OFFICES, INSTANTS, INSTANTS, SPANS)
def test_who_reports_later_is_never_due_earlier(calendar, a, b, span):
    a, b = sorted((a, b))
    assert calendar.add_working(a, span) <= calendar.add_working(b, span)


@given(OFFICES, INSTANTS, SPANS, SPANS)
def test_two_spans_one_after_the_other_are_their_sum(calendar, at, first, second):
    due = calendar.add_working(at, first + second)
    assert due >= at + first + second
    assert calendar.add_working(calendar.add_working(at, first), second) == due


@given(OFFICES, INSTANTS, st.timedeltas(timedelta(0), 20 * DAY), st.timedeltas(timedelta(0), 20 * DAY))
def test_working_time_adds_up(calendar, a, first, second):
    b, c = a + first, a + first + second
    assert calendar.working_between(a, b) + calendar.working_between(b, c) == calendar.working_between(a, c)
    assert calendar.add_working(a, calendar.working_between(a, b)) <= b


@given(OFFICES, INSTANTS)
def test_at_an_opening_work_begins_at_once(calendar, at):
    opening = calendar.next_opening(at)
    assert calendar.working_between(at, opening) == timedelta(0)
    assert calendar.working_between(opening, opening + timedelta(microseconds=1)) == timedelta(microseconds=1)


def worked_minutes_by_hand(start: datetime, minutes: int) -> int:
    total = 0
    for minute in range(minutes):
        wall = (start + minute * MINUTE).astimezone(SHANGHAI)
        inside = time(8, 30) <= wall.time() < time(12) or time(13, 30) <= wall.time() < time(17, 30)
        total += inside and ChineseHolidays().is_working_day(wall.date())
    return total


@pytest.mark.parametrize("start", ["2026-02-13 07:11", "2026-09-29 13:00", "2026-12-30 23:00"])
def test_working_time_agrees_with_counting_minutes(start):
    at, minutes = shanghai(start), 10 * 24 * 60
    assert office().working_between(at, at + minutes * MINUTE) == worked_minutes_by_hand(at, minutes) * MINUTE
