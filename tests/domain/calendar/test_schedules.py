from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar.schedules import ON_TIME_WITHIN, Verdict, decide_late, next_after, occurrence_key, occurrences, parse_cron

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# -- reading


@pytest.mark.parametrize(
    ("typed", "after", "comes"),
    [
        ("0 8 * * *", "2026-06-03 10:00", "2026-06-04 08:00"),
        ("0 8 * * *", "2026-06-03 07:59", "2026-06-03 08:00"),
        ("0 8 * * *", "2026-06-03 08:00", "2026-06-04 08:00"),
        ("0 17 * * 5", "2026-06-03 10:00", "2026-06-05 17:00"),  # Friday is 5, as in crontab
        ("0 17 * * fri", "2026-06-03 10:00", "2026-06-05 17:00"),
        ("0 9 * * 0", "2026-06-03 10:00", "2026-06-07 09:00"),  # 0 is Sunday, not APScheduler's Monday
        ("0 9 * * 7", "2026-06-03 10:00", "2026-06-07 09:00"),
        ("0 9 * * SUN", "2026-06-03 10:00", "2026-06-07 09:00"),
        ("0 9 * * 1", "2026-06-03 10:00", "2026-06-08 09:00"),
        ("0 9 * * fri-sun", "2026-06-06 10:00", "2026-06-07 09:00"),
        ("0 9 * * 5-7", "2026-06-07 10:00", "2026-06-12 09:00"),
        ("*/20 6-22/8 * * *", "2026-06-03 06:40", "2026-06-03 14:00"),
        ("0 9 1 * *", "2026-06-03 10:00", "2026-07-01 09:00"),
        ("0 9 31 * *", "2026-06-03 10:00", "2026-07-31 09:00"),
        ("0 9 31 2,4,12 *", "2026-06-03 10:00", "2026-12-31 09:00"),
        ("0 9 29 feb *", "2026-06-03 10:00", "2028-02-29 09:00"),
        ("0 9 29 2 *", "2096-03-01 10:00", "2104-02-29 09:00"),  # 2100 is not a leap year
        ("59 23 31 12 *", "2026-12-31 23:59", "2027-12-31 23:59"),
        ("0 9 13 * 5", "2026-06-03 10:00", "2026-06-05 09:00"),  # both days restricted: either is enough
        ("0 9 13 * 5", "2026-06-12 10:00", "2026-06-13 09:00"),
        ("0 9 */2 * 5", "2026-06-05 10:00", "2026-06-19 09:00"),  # a field that begins with * does not restrict: both
    ],
)
def test_a_schedule_comes_when_crontab_says(typed, after, comes):
    at = next_after(parse_cron(typed), datetime.fromisoformat(after).replace(tzinfo=SHANGHAI), SHANGHAI)
    assert at == datetime.fromisoformat(comes).replace(tzinfo=SHANGHAI)
    assert at.tzinfo is UTC


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "five fields"),
        ("0 8 * *", "this one has 4"),
        ("0 8 * * * *", "this one has 6"),
        ("@daily", "five fields"),
        ("60 8 * * *", "In the minute field '60' is not understood; allowed: 0 to 59"),
        ("0 24 * * *", "hour field"),
        ("0 8 0 * *", "day field"),
        ("0 8 * 13 *", "allowed: 1 to 12, jan to dec"),
        ("0 8 * * 8", "weekday field"),
        ("0 8 * * montag", "weekday field"),
        ("-1 8 * * *", "minute field"),
        ("1_0 8 * * *", "minute field"),
        ("\u0663 8 * * *", "minute field"),
        ("\uff13 8 * * *", "minute field"),
        ("*/0 8 * * *", "step"),
        ("*/60 8 * * *", "step"),
        ("*/ 8 * * *", "step"),
        ("5/10 8 * * *", "a step needs a range, as in 5-59/10"),
        ("0 22-6 * * *", "runs backwards"),
        ("0 8 * * 5-1", "runs backwards"),
        ("1,,2 8 * * *", "minute field"),
        ("1-2-3 8 * * *", "minute field"),
        ("0 8 L * *", "day field"),
        ("0 8 ? * *", "day field"),
        ("0 8 30 2 *", "would never come"),
        ("0 8 31 4,6,9,11 *", "would never come"),
    ],
)
def test_a_wrong_schedule_is_refused_in_a_plain_sentence(typed, sentence):
    with pytest.raises(ValueError, match=sentence):
        parse_cron(typed)


# -- daylight saving, against a slow oracle

ZONES = [
    *("Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/St_Johns"),
    *("America/Havana", "Asia/Beirut", "Africa/Casablanca", "Antarctica/Troll", "America/Santiago"),
]
CRONS = [
    "* * * * *",
    "*/15 * * * *",
    "30 1 * * *",
    "30 2 * * *",
    "15 0,1,2,3 * * 0",
    "59 23 * * *",
    "5 0 * * *",
    "0 8 1 * 1",
]


@cache
def transitions(zone: str) -> list[datetime]:
    """The first hours after which the offset of the zone has changed, 2020 to 2030."""
    tz, hours = ZoneInfo(zone), [utc("2020-01-01") + n * 6 * HOUR for n in range(4 * 11 * 365)]
    return [b for a, b in pairwise(hours) if a.astimezone(tz).utcoffset() != b.astimezone(tz).utcoffset()]


def allowed(text: str, low: int, high: int) -> set[int]:
    values: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = (f"{low}-{high}" if span == "*" else span).partition("-")
        values |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return values


def matcher(cron: str):
    texts = cron.split()
    minute, hour, day, month, weekday = (
        allowed(text, *bounds) for text, bounds in zip(texts, [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)], strict=True)
    )

    def matches(wall: datetime) -> bool:
        days = [wall.day in day, wall.isoweekday() % 7 in weekday or (7 in weekday and wall.isoweekday() == 7)]
        either = texts[2][0] != "*" and texts[4][0] != "*"
        return wall.minute in minute and wall.hour in hour and wall.month in month and (any(days) if either else all(days))

    return matches


def oracle(cron: str, start: datetime, minutes: int, zone: ZoneInfo) -> list[datetime]:
    """Walk every minute of real time and read the local wall clock.

    New minutes count; skipped ones count at the end of the jump.
    """
    matches, found, seen = matcher(cron), [], set()
    last = (start - 3 * HOUR).astimezone(zone).replace(tzinfo=None)
    for minute in range(-3 * 60, minutes + 1):
        at = start + minute * MINUTE
        wall = at.astimezone(zone).replace(tzinfo=None)
        shown = [last + n * MINUTE for n in range(1, (wall - last) // MINUTE)] if wall - last > MINUTE else []
        new = [face for face in [*shown, wall] if face not in seen]
        seen.update(new)
        last = wall
        if minute > 0 and any(matches(face) for face in new):
            found.append(at)
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_skipped_times_come_once_at_the_end_and_repeated_times_once(zone):
    tz = ZoneInfo(zone)
    moments = transitions(zone)[::5] or [utc("2026-06-03")]
    for index, moment in enumerate(moments):
        start = moment - 14 * HOUR
        for cron in (CRONS[index % len(CRONS)], CRONS[(index + 3) % len(CRONS)]):
            assert occurrences(parse_cron(cron), start, start + 22 * HOUR, tz) == oracle(cron, start, 22 * 60, tz), (
                cron,
                moment,
            )


@pytest.mark.parametrize(
    ("zone", "cron", "day", "comes"),
    [
        ("Europe/London", "30 1 * * *", "2026-03-29", ["01:00"]),  # skipped: once, at the end of the gap
        ("Europe/London", "*/30 1,2 * * *", "2026-03-29", ["01:00", "01:30"]),  # 01:00, 01:30 and 02:00 are one instant
        ("Europe/London", "30 1 * * *", "2026-10-25", ["00:30"]),  # repeated: the first
        ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03", ["15:30"]),
    ],
)
def test_known_nights_of_daylight_saving(zone, cron, day, comes):
    start = utc(day)
    found = occurrences(parse_cron(cron), start - MINUTE, start + DAY - MINUTE, ZoneInfo(zone))
    assert [f"{at:%H:%M}" for at in found] == comes


def test_a_schedule_in_the_middle_of_a_skipped_day_comes_when_the_day_is_over():
    apia = ZoneInfo("Pacific/Apia")  # 30 December 2011 did not exist in Samoa
    found = occurrences(parse_cron("0 9 30 12 *"), utc("2011-12-29"), utc("2012-01-02"), apia)
    assert found == [utc("2011-12-30 10:00")]


def numbers(low: int, high: int) -> st.SearchStrategy[str]:
    one = st.integers(low, high).map(str)
    span = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda pair: f"{min(pair)}-{max(pair)}")
    step = st.integers(1, high).map(lambda value: f"*/{value}")
    return st.just("*") | st.lists(one | span | step, min_size=1, max_size=3).map(",".join)


TYPED = st.tuples(numbers(0, 59), numbers(0, 23), numbers(1, 28), numbers(1, 12), numbers(0, 7)).map(" ".join)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


@given(TYPED, INSTANTS, st.sampled_from(ZONES))
def test_the_next_occurrence_is_strictly_later_and_nothing_lies_between(typed, at, zone):
    cron, tz = parse_cron(typed), ZoneInfo(zone)
    comes = next_after(cron, at, tz)
    assert comes > at
    assert comes.second == comes.microsecond == 0
    assert next_after(cron, comes - timedelta(microseconds=1), tz) == comes
    assert next_after(cron, at + (comes - at) / 2, tz) == comes


@settings(max_examples=300)
@given(TYPED, INSTANTS)
def test_schedule_agrees_with_cronsim_when_clocks_do_not_change(typed, at):
    reference = CronSim(typed, at.astimezone(SHANGHAI))
    cron = parse_cron(typed)
    for _ in range(4):
        at = next_after(cron, at, SHANGHAI)
        assert at == next(reference), typed


@settings(max_examples=40)
@given(TYPED, st.sampled_from(ZONES[1:]), st.integers(0, 10**6))
def test_any_schedule_agrees_with_the_oracle_around_a_transition(typed, zone, which):
    moments = transitions(zone)
    start = moments[which % len(moments)] - 12 * HOUR
    tz = ZoneInfo(zone)
    assert occurrences(parse_cron(typed), start, start + 18 * HOUR, tz) == oracle(typed, start, 18 * 60, tz)


def test_occurrences_begin_after_and_include_the_end():
    cron = parse_cron("0 8 * * *")
    at = utc("2026-06-03 00:00")  # 8:00 in Shanghai
    assert occurrences(cron, at, at, SHANGHAI) == []
    assert occurrences(cron, at, at + DAY, SHANGHAI) == [at + DAY]
    assert occurrences(cron, at - MINUTE, at + DAY, SHANGHAI) == [at, at + DAY]
    assert occurrences(cron, at, at - DAY, SHANGHAI) == []


def test_a_wild_clock_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("domain.calendar.schedules.MOST_OCCURRENCES", 100)
    with pytest.raises(ValueError, match="is the clock right"):
        occurrences(parse_cron("* * * * *"), utc("1970-01-01"), utc("2026-06-03"), SHANGHAI)


def test_a_schedule_of_leap_days_is_found_and_one_beyond_forty_years_is_not():
    friday_leap_day = parse_cron("0 9 29 2 */5")
    assert next_after(friday_leap_day, utc("2026-06-03"), SHANGHAI) == utc("2032-02-29 01:00")
    assert date(2032, 2, 29).isoweekday() == 7


# -- keys and lateness


def test_an_occurrence_has_one_name_in_every_zone():
    at = utc("2026-06-03 01:00")
    assert occurrence_key(7, at) == occurrence_key("7", at.astimezone(SHANGHAI)) == "7@2026-06-03T01:00:00Z"


@given(st.integers(1, 99), st.integers(1, 99), INSTANTS, INSTANTS)
def test_two_occurrences_never_share_a_name(one, other, at, later):
    assert (occurrence_key(one, at) == occurrence_key(other, later)) == ((one, at) == (other, later))


def test_an_occurrence_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="needs a time zone"):
        occurrence_key(7, datetime(2026, 6, 3))  # noqa: DTZ001 - that it is refused is the point


GRACE = 6 * HOUR


@pytest.mark.parametrize(
    ("delay", "must_tell", "verdict"),
    [
        (-HOUR, False, Verdict.ON_TIME),  # the clock was set back
        (timedelta(0), False, Verdict.ON_TIME),
        (ON_TIME_WITHIN, False, Verdict.ON_TIME),
        (ON_TIME_WITHIN + timedelta(seconds=1), False, Verdict.LATE),
        (GRACE, False, Verdict.LATE),
        (GRACE + timedelta(seconds=1), False, Verdict.SKIP),
        (GRACE + timedelta(seconds=1), True, Verdict.LATE),
        (400 * DAY, True, Verdict.LATE),  # safety messages are sent at any delay
        (400 * DAY, False, Verdict.SKIP),
    ],
)
def test_what_was_missed_is_sent_late_or_recorded_as_skipped(delay, must_tell, verdict):
    due = utc("2026-06-03 08:00")
    assert decide_late(due, due + delay, GRACE, must_tell=must_tell) is verdict


def test_no_grace_still_allows_a_busy_minute():
    due = utc("2026-06-03 08:00")
    assert decide_late(due, due + MINUTE, timedelta(0), must_tell=False) is Verdict.ON_TIME
    assert decide_late(due, due + 3 * MINUTE, timedelta(0), must_tell=False) is Verdict.SKIP
