"""Distances between positions, when nobody says which datum a position is in.

Knows WGS-84 and GCJ-02, the datum of maps in mainland China, some 500 m away. Telegram delivers whichever a telephone had and does not say which.
Invariant: a stored position is never converted; a distance is judged under both readings of the one that was sent, and the nearer one counts.

Source of the conversion: the published polynomial of GCJ-02 on the ellipsoid of Krasovsky 1940.
"""

from __future__ import annotations

from math import asin, cos, hypot, pi, radians, sin, sqrt

from domain.core.immutable import immutable

#: Metres.
EARTH = 6_371_008.8
_AXIS = 6_378_245.0
_ECCENTRICITY = 0.006_693_421_622_965_943
#: Latitudes and longitudes of mainland China, roughly; elsewhere the two datums are the same.
_SOUTH, _NORTH, _WEST, _EAST = 0.8293, 55.8271, 72.004, 137.8347
_ROUNDS = 4


@immutable
class Position:
    """A position in degrees, north and east."""

    latitude: float
    longitude: float


def distance(one: Position, other: Position) -> float:
    """Return the distance in metres of two positions of the same datum."""
    north, east = radians(other.latitude - one.latitude), radians(other.longitude - one.longitude)
    part = sin(north / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(part)))


def to_gcj(wgs: Position) -> Position:
    """Convert WGS-84 to GCJ-02."""
    if not (_SOUTH <= wgs.latitude <= _NORTH and _WEST <= wgs.longitude <= _EAST):
        return wgs
    x, y = wgs.longitude - 105.0, wgs.latitude - 35.0
    both = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + both
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + both
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = radians(wgs.latitude)
    bend = 1 - _ECCENTRICITY * sin(angle) ** 2
    north = north * 180.0 / (_AXIS * (1 - _ECCENTRICITY) / (bend * sqrt(bend)) * pi)
    east = east * 180.0 / (_AXIS / sqrt(bend) * cos(angle) * pi)
    return Position(wgs.latitude + north, wgs.longitude + east)


def to_wgs(gcj: Position) -> Position:
    """Convert GCJ-02 to WGS-84, to less than a millimetre."""
    found = gcj
    for _ in range(_ROUNDS):
        shifted = to_gcj(found)
        found = Position(
            found.latitude + gcj.latitude - shifted.latitude,
            found.longitude + gcj.longitude - shifted.longitude,
        )
    return found


def apart(one: Position, other: Position) -> float:
    """Return the least distance in metres of two positions that may be in either datum."""
    return between(one, other)[0]


def between(one: Position, other: Position) -> tuple[float, float]:
    """Return the least and the greatest distance in metres, over both datums of each position."""
    readings = (distance(one, other), distance(to_wgs(one), other), distance(one, to_wgs(other)))
    return min(readings), max(readings)


def is_near(sent: Position, place: Position, metres: float) -> bool:
    """Tell whether a sent position is within a radius of a place, under either reading."""
    return apart(sent, place) <= metres


def parse_position(words: str) -> Position | None:
    """Read "29.1234, 120.5678" as a position; None for anything else or impossible degrees."""
    numbers = words.replace("，", " ").replace("、", " ").replace(",", " ").split()
    try:
        latitude, longitude = (float(number) for number in numbers)
    except ValueError:
        return None
    return Position(latitude, longitude) if -90 <= latitude <= 90 and -180 <= longitude <= 180 and hypot(latitude, longitude) > 0 else None
