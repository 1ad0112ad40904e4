from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.calendar import (
    HORIZON,
    ChineseHolidays,
    ClockCalendar,
    QuietHours,
    WorkingCalendar,
    day_of,
    instant_of,
    local,
    parse_when,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONDON = ZoneInfo("Europe/London")
ZONES = [
    SHANGHAI,
    LONDON,
    ZoneInfo("America/New_York"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("Asia/Beirut"),
    ZoneInfo("Pacific/Apia"),
]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def office(**changes: Any) -> WorkingCalendar:
    hours: dict[str, Any] = {"opens": time(8, 30), "closes": time(17, 30), "lunch": (time(12), time(13, 30))} | changes
    return WorkingCalendar(hours.pop("tz", SHANGHAI), **hours)


# -- local time


def test_the_village_day_begins_at_its_own_midnight():
    assert local(shanghai("2026-06-03 00:00"), SHANGHAI).hour == 0
    assert day_of(datetime(2026, 6, 2, 16, tzinfo=UTC), SHANGHAI) == date(2026, 6, 3)
    assert day_of(datetime(2026, 6, 2, 15, 59, tzinfo=UTC), SHANGHAI) == date(2026, 6, 2)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="needs a time zone"):
        local(datetime(2026, 6, 3), SHANGHAI)  # noqa: DTZ001 - that it is refused is the point


@pytest.mark.parametrize(
    ("zone", "said", "instant"),
    [
        ("Asia/Shanghai", "2026-06-03 14:00", "2026-06-03 06:00"),
        ("Europe/London", "2026-03-29 00:59", "2026-03-29 00:59"),
        ("Europe/London", "2026-03-29 01:00", "2026-03-29 01:00"),  # the gap: 01:00 to 02:00 does not exist
        ("Europe/London", "2026-03-29 01:30", "2026-03-29 01:00"),
        ("Europe/London", "2026-03-29 02:00", "2026-03-29 01:00"),
        ("Europe/London", "2026-10-25 01:30", "2026-10-25 00:30"),  # twice: the first
        ("Europe/London", "2026-10-25 02:00", "2026-10-25 02:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),  # a gap of half an hour
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
        ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:00"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),  # Samoa skipped a whole day
    ],
)
def test_skipped_time_is_the_end_of_the_gap_and_repeated_time_the_first(zone, said, instant):
    wall = datetime.fromisoformat(said)
    at = instant_of(wall.date(), wall.time(), ZoneInfo(zone))
    assert at == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert at.tzinfo is UTC


@given(st.sampled_from(ZONES), st.datetimes(datetime(2010, 1, 1), datetime(2031, 1, 1)), st.timedeltas(MINUTE, 2 * DAY))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_later_wall_clock_is_never_an_earlier_instant(zone, wall, ahead):
    later = wall + ahead
    assert instant_of(wall.date(), wall.time(), zone) <= instant_of(later.date(), later.time(), zone)


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


INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
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


# -- quiet hours


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (("22:00", "07:00"), "2026-06-03 21:59", "2026-06-03 21:59"),
        (("22:00", "07:00"), "2026-06-03 22:00", "2026-06-04 07:00"),
        (("22:00", "07:00"), "2026-06-04 00:00", "2026-06-04 07:00"),
        (("22:00", "07:00"), "2026-06-04 06:59", "2026-06-04 07:00"),
        (("22:00", "07:00"), "2026-06-04 07:00", "2026-06-04 07:00"),
        (("12:00", "14:00"), "2026-06-04 13:00", "2026-06-04 14:00"),
        (("12:00", "14:00"), "2026-06-04 23:00", "2026-06-04 23:00"),
        (("22:00", "00:00"), "2026-06-04 23:00", "2026-06-05 00:00"),
        (("22:00", "22:00"), "2026-06-04 22:00", "2026-06-04 22:00"),
    ],
)
def test_what_can_wait_waits_until_people_are_up(hours, at, until):
    start, end = map(time.fromisoformat, hours)
    assert QuietHours(start, end, SHANGHAI).wait_until(shanghai(at)) == shanghai(until)


TIMES = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


@given(TIMES, TIMES, st.sampled_from(ZONES), INSTANTS)
@example(time(0, 30), time(1, 30), LONDON, datetime(2026, 10, 25, 1, 15, tzinfo=UTC))  # quiet the first time only
@example(time(22), time(1, 30), LONDON, datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
def test_waiting_ends_outside_quiet_hours_within_a_day(start, end, zone, at):
    quiet = QuietHours(start, end, zone)
    until = quiet.wait_until(at)
    assert at <= until <= at + 25 * HOUR
    assert quiet.wait_until(until) == until


# -- what people type

NOW = shanghai("2026-06-03 10:00")  # a Wednesday


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("今天18:00", "2026-06-03 18:00"),
        ("今天 18:00", "2026-06-03 18:00"),
        ("明天下午3点", "2026-06-04 15:00"),
        ("明天下午三点", "2026-06-04 15:00"),
        ("后天 9:30", "2026-06-05 09:30"),
        ("大后天上午十点", "2026-06-06 10:00"),
        ("周四14:00", "2026-06-04 14:00"),
        ("周四十四点", "2026-06-04 14:00"),
        ("星期天下午两点", "2026-06-07 14:00"),
        ("礼拜五晚上8点", "2026-06-05 20:00"),
        ("周三14:00", "2026-06-03 14:00"),
        ("周三9:00", "2026-06-10 09:00"),
        ("本周五 9:00", "2026-06-05 09:00"),
        ("下周一上午九点", "2026-06-08 09:00"),
        ("下周日 9:00", "2026-06-14 09:00"),
        ("下下周一9:00", "2026-06-15 09:00"),
        ("6月3日 14:00", "2026-06-03 14:00"),
        ("六月三号下午两点", "2026-06-03 14:00"),
        ("6月3日 9:00", "2027-06-03 09:00"),
        ("6月3日(周三)14:00", "2026-06-03 14:00"),
        ("6/3 14:00", "2026-06-03 14:00"),
        ("6.4 14:00", "2026-06-04 14:00"),
        ("1月1日零点", "2027-01-01 00:00"),
        ("15号下午3点", "2026-06-15 15:00"),
        ("2号下午3点", "2026-07-02 15:00"),
        ("2月29日 15:00", "2028-02-29 15:00"),
        ("2026-12-01 14:00", "2026-12-01 14:00"),
        ("2026-12-01T14:00", "2026-12-01 14:00"),
        ("2026/12/1 14:00", "2026-12-01 14:00"),
        ("2026年12月1日14:00", "2026-12-01 14:00"),
        ("二〇二六年十二月二十五日下午两点", "2026-12-25 14:00"),
        ("2025-06-03 14:00", "2025-06-03 14:00"),  # a full date may be past
        ("14:00", "2026-06-03 14:00"),
        ("9:00", "2026-06-04 09:00"),
        ("10:00", "2026-06-04 10:00"),  # now is not later than now
        ("14:30", "2026-06-03 14:30"),
        ("三点半", "2026-06-03 15:30"),
        ("3点半", "2026-06-03 15:30"),
        ("三点一刻", "2026-06-03 15:15"),
        ("十五点零五分", "2026-06-03 15:05"),
        ("八点", "2026-06-03 20:00"),  # the morning is over
        ("明天八点", "2026-06-04 08:00"),
        ("今晚8点", "2026-06-03 20:00"),
        ("明早八点", "2026-06-04 08:00"),
        ("今晚十二点", "2026-06-04 00:00"),
        ("今天24:00", "2026-06-04 00:00"),
        ("明天凌晨1点", "2026-06-04 01:00"),
        ("明天中午", "2026-06-04 12:00"),
        ("明天中午12点半", "2026-06-04 12:30"),
        ("14:00 明天", "2026-06-04 14:00"),
        ("tomorrow 3pm", "2026-06-04 15:00"),
        ("Tomorrow at 3:30 p.m.", "2026-06-04 15:30"),
        ("Thu 14:00", "2026-06-04 14:00"),
        ("on Thursday at 2 pm", "2026-06-04 14:00"),
        ("next Monday 9:00", "2026-06-08 09:00"),
        ("day after tomorrow 9:30", "2026-06-05 09:30"),
        ("June 4, 2pm", "2026-06-04 14:00"),
        ("4 Jun 2026 14:00", "2026-06-04 14:00"),
        ("tonight at 8", "2026-06-03 20:00"),
        ("this afternoon at 3pm", "2026-06-03 15:00"),
        ("noon tomorrow", "2026-06-04 12:00"),
        ("12am", "2026-06-04 00:00"),
        ("12pm", "2026-06-03 12:00"),
    ],
)
def test_a_time_is_understood_as_people_say_it(typed, meant):
    assert parse_when(typed, NOW, SHANGHAI) == shanghai(meant)


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "你好", "明天", "周四", "3", "14", "1400", "14:0", "14:000", "24:30", "25:00", "14:60", "-14:00"),
        *("今天9:00", "昨天14:00", "本周一9:00", "上周四14:00", "2月30日14:00", "2026-02-29 14:00", "13/1 14:00"),
        *("6月3日(周四)14:00", "周八14:00", "上午14:00", "明天晚上3点", "凌晨9点", "0:30pm", "14:00-16:00", "九十九点"),
        *(
            "三十十点",
            "market 3pm",
            "1026年6月3日14:00",
            "9999-12-31 24:00",
            "\u0663:\u0663\u0660",
            "14:00" * 20,
            "1_4:00",
        ),
        *("明天14:00 15:00", "morning pm 3", "Thursday, maybe 14:00", "14:00" + " " * 60),
    ],
)
def test_what_is_not_understood_is_not_guessed(typed):
    assert parse_when(typed, NOW, SHANGHAI) is None


def test_a_time_that_daylight_saving_skips_is_the_end_of_the_gap():
    now = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert parse_when("tomorrow 1:30", now, LONDON) == datetime(2026, 3, 29, 1, tzinfo=UTC)


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "今天",
                "明天",
                "后天",
                "下周",
                "周",
                "一",
                "二",
                "十",
                "日",
                "月",
                "号",
                "年",
                "上午",
                "下午",
                "晚上",
                "凌晨",
                "点",
                "半",
            ),
            *(
                "刻",
                "3",
                "6",
                "12",
                "2026",
                "30",
                ":",
                "\uff1a",
                "/",
                "-",
                " ",
                "pm",
                "Thu",
                "next ",
                "tomorrow ",
                "June ",
                "(",
                ")",
            ),
        ]
    ),
    max_size=8,
).map("".join)


@given(PIECES | st.text(max_size=70), INSTANTS, st.sampled_from(ZONES))
@example("9", NOW, SHANGHAI)
def test_whatever_is_typed_is_none_or_later_than_now(typed, now, zone):
    at = parse_when(typed, now, zone)
    assert at is None or at > now or "20" in typed or "二" in typed


@given(INSTANTS, st.timedeltas(MINUTE, 300 * DAY), st.booleans())
def test_what_the_bot_writes_it_reads_back(now, ahead, full_width):
    meant = (now + ahead).astimezone(SHANGHAI).replace(second=0, microsecond=0)
    for written in (
        f"{meant:%Y-%m-%d %H:%M}",
        f"{meant.month}月{meant.day}日 {meant:%H:%M}",
        f"{meant.month}/{meant.day} {meant:%H:%M}",
    ):
        typed = "".join(chr(ord(c) + 0xFEE0) if full_width and c > " " and c.isascii() else c for c in written)
        if meant > now:
            assert parse_when(typed, now, SHANGHAI) == meant.astimezone(UTC)
