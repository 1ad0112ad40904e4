"""Distances under both datums, against published values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.positions import Position, apart, distance, is_near, parse_position, to_gcj, to_wgs

#: WGS-84 and GCJ-02 of the same points, as the tests of the widely used converters have them.
PAIRS = {
    "Shanghai": (Position(31.1774276, 121.5272106), Position(31.17530398364597, 121.531541859215)),
    "Shenzhen": (Position(22.543847, 113.912316), Position(22.540796131694766, 113.9171764808363)),
    "Beijing": (Position(39.911954, 116.377817), Position(39.91334545536069, 116.38404722455657)),
}


@pytest.mark.parametrize("city", PAIRS)
def test_conversion_gives_the_published_values(city):
    wgs, gcj = PAIRS[city]
    assert distance(to_gcj(wgs), gcj) < 0.01
    assert distance(to_wgs(gcj), wgs) < 0.01


@pytest.mark.parametrize(("city", "metres"), [("Shanghai", 475), ("Shenzhen", 604), ("Beijing", 553)])
def test_same_point_in_the_other_datum_is_hundreds_of_metres_away_and_counts_as_near(city, metres):
    wgs, gcj = PAIRS[city]
    assert distance(wgs, gcj) == pytest.approx(metres, abs=5)
    assert apart(gcj, wgs) < 0.01
    assert apart(wgs, gcj) < 0.01
    assert is_near(gcj, wgs, 150)
    assert is_near(wgs, wgs, 150)


def test_distance_is_the_length_on_the_earth():
    assert distance(Position(0, 0), Position(0, 1)) == pytest.approx(111_195, abs=1)
    assert distance(Position(29.0, 120.0), Position(29.0, 120.0)) == 0
    assert distance(Position(29.0, 120.0), Position(29.01, 120.0)) == pytest.approx(1_112, abs=1)


def test_far_point_is_near_under_no_reading():
    wgs, _ = PAIRS["Shanghai"]
    assert not is_near(Position(wgs.latitude + 0.02, wgs.longitude), wgs, 250)
    assert not is_near(Position(wgs.latitude, wgs.longitude - 0.0055), wgs, 150)  # as far as the shift, in the other direction


def test_datums_are_the_same_abroad():
    assert to_gcj(Position(48.85, 2.35)) == Position(48.85, 2.35)


@given(st.floats(20, 50), st.floats(80, 130))
def test_conversion_there_and_back_is_the_same_point(latitude, longitude):
    point = Position(latitude, longitude)
    assert distance(to_wgs(to_gcj(point)), point) < 0.001


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("29.1234, 120.5678", Position(29.1234, 120.5678)),
        ("29.1234，120.5678", Position(29.1234, 120.5678)),
        ("29.1 120.5", Position(29.1, 120.5)),
        ("村委会门口", None),
        ("129.1, 20.5", None),
        ("0, 0", None),
        ("29.1", None),
        ("1, 2, 3", None),
        ("nan, 120", None),
        ("", None),
    ],
)
def test_typed_position_is_read_or_refused(words, found):
    assert parse_position(words) == found
