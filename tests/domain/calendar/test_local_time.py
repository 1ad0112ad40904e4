from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.local_time import day_of, instant_of, local
from tests.domain.calendar.instants import DAY, MINUTE, SHANGHAI, ZONES, shanghai


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
