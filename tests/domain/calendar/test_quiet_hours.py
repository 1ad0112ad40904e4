from datetime import UTC, datetime, time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.calendar.quiet_hours import Departure, QuietHours
from tests.domain.calendar.instants import HOUR, INSTANTS, LONDON, SHANGHAI, ZONES, shanghai


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


@pytest.mark.parametrize(
    ("at", "latest", "leaves"),
    [
        ("2026-06-03 21:59", None, Departure()),
        ("2026-06-03 23:00", None, Departure(not_before=shanghai("2026-06-04 07:00"))),
        ("2026-06-03 23:00", "2026-06-04 09:00", Departure(not_before=shanghai("2026-06-04 07:00"))),
        ("2026-06-03 23:00", "2026-06-04 07:00", Departure(silent=True)),
        ("2026-06-03 23:00", "2026-06-03 23:00", Departure(silent=True)),
        ("2026-06-03 12:00", "2026-06-03 12:00", Departure()),
    ],
)
def test_message_waits_for_the_morning_or_leaves_without_noise_when_it_cannot(at, latest, leaves):
    quiet = QuietHours(time(22), time(7), SHANGHAI)
    assert quiet.departure(shanghai(at), latest=None if latest is None else shanghai(latest)) == leaves
