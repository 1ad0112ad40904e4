"""Duty rotas: the people on shift at an instant, and the hours that nobody covers.

Knows shifts, takeovers, special days and leaves as plain values; must not know who is told or how a rota is stored. Hours are local to the
rota's time zone. Invariant: a rota decides who is told first, never who may act; a person on leave, and one who cannot be reached, covers
nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING

from domain.calendar.local_time import day_of, instant_of
from domain.core.change import PersonId, RuleError, StationId
from domain.core.immutable import immutable, replace
from domain.people.people import POLICE, Role

if TYPE_CHECKING:
    from domain.people.people import Leave, Person

Span = tuple[datetime, datetime]

#: The roles that may have a rota.
ROLES = (Role.DUTY, Role.OFFICER)
DAY = 24 * 60  # minutes
#: The most shifts of one weekday or date, so that a week fits one message.
MOST_A_DAY = 6
_ONE_DAY = timedelta(days=1)
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:点时]([0-9]{1,2})?(半)?)?")


@immutable
class Shift:
    """One person's shift, every week or on one date.

    `weekday`: 0 is Monday. `starts`: minutes after midnight; `lasts`: minutes, at most a day, so a shift may end on the next day. It counts on
    the dates from `from_on` to `until_on`, both included (None: without end). A shift of one date counts on a special day, too.
    """

    id: int
    person_id: PersonId
    weekday: int
    starts: int
    lasts: int
    from_on: date
    until_on: date | None = None

    @property
    def once(self) -> bool:
        """True for a shift of one date; a weekly one may end before its weekday comes."""
        return self.from_on == self.until_on and self.from_on.weekday() == self.weekday


@immutable
class Takeover:
    """Somebody who takes one turn of a shift in place of its person, as both agreed."""

    shift_id: int
    on: date
    person_id: PersonId


@immutable
class Rota:
    """The shifts of one role in a station.

    `takeovers`: in the order of agreement, the last one of a turn counts. `days`: special days, with the weekday whose shifts they have.
    """

    id: int
    station_id: StationId
    role: Role
    zone: tzinfo
    shifts: tuple[Shift, ...] = ()
    takeovers: tuple[Takeover, ...] = ()
    days: Mapping[date, int] = field(default_factory=dict)


@immutable
class Turn:
    """A shift on a date, or the part of it that one person covers."""

    shift_id: int
    on: date
    person_id: PersonId
    from_at: datetime
    until_at: datetime


def turns(rota: Rota, from_at: datetime, until_at: datetime) -> tuple[Turn, ...]:
    """Return the turns that overlap with a span, by the rota alone, earliest first."""
    taken = {(each.shift_id, each.on): each.person_id for each in rota.takeovers}
    found = []
    on, last = day_of(from_at, rota.zone) - _ONE_DAY, day_of(until_at, rota.zone)
    while on <= last:
        for shift in shifts_on(rota, on):
            begins, ends = _instant(on, shift.starts, rota.zone), _instant(on, shift.starts + shift.lasts, rota.zone)
            if max(begins, from_at) < min(ends, until_at):
                found.append(Turn(shift.id, on, taken.get((shift.id, on), shift.person_id), begins, ends))
        on += _ONE_DAY
    return tuple(sorted(found, key=lambda turn: (turn.from_at, turn.until_at, turn.shift_id)))


def shifts_on(rota: Rota, on: date) -> list[Shift]:
    """Return the shifts that begin on a date, earliest first."""
    weekday = rota.days.get(on, on.weekday())
    found = [
        shift
        for shift in rota.shifts
        if shift.from_on <= on and (shift.until_on is None or on <= shift.until_on) and (shift.once or shift.weekday == weekday)
    ]
    return sorted(found, key=lambda shift: (shift.starts, shift.id))


def weekly(rota: Rota, weekday: int, *, since: date) -> list[Shift]:
    """Return the weekly shifts of a weekday that count on or after a date, earliest first."""
    found = [
        shift
        for shift in rota.shifts
        if not shift.once and shift.weekday == weekday and (shift.until_on is None or shift.until_on >= since)
    ]
    return sorted(found, key=lambda shift: (shift.starts, shift.id))


def on_now(rota: Rota, at: datetime) -> frozenset[PersonId]:
    """Return the people whose shift it is, by the rota alone."""
    return _during(turns(rota, at, at + timedelta(microseconds=1)), at)


def acting(planned: Iterable[Turn], leaves: Sequence[Leave], able: Collection[PersonId]) -> tuple[Turn, ...]:
    """Return the turns as they are really covered.

    The deputy covers during a leave. A turn of somebody who is not in `able` is left out.
    """
    found = []
    for turn in planned:
        inside = {each for leave in leaves for each in (leave.from_at, leave.until_at) if turn.from_at < each < turn.until_at}
        for begins, ends in pairwise(sorted({turn.from_at, turn.until_at, *inside})):
            away = {leave.person_id: leave.deputy_id for leave in leaves if leave.from_at <= begins < leave.until_at}
            who = away.get(turn.person_id, turn.person_id)
            if who in able and (who == turn.person_id or who not in away):
                found.append(replace(turn, person_id=who, from_at=begins, until_at=ends))
    return tuple(found)


def uncovered(covered: Iterable[Turn], from_at: datetime, until_at: datetime) -> tuple[Span, ...]:
    """Return the parts of a span in which nobody is on shift, earliest first."""
    return without(((from_at, until_at),), [(turn.from_at, turn.until_at) for turn in covered])


def next_change(covered: Sequence[Turn], at: datetime) -> datetime | None:
    """Return when other people than now are on shift, None if that is not within these turns."""
    now = _during(covered, at)
    later = sorted({each for turn in covered for each in (turn.from_at, turn.until_at) if each > at})
    return next((each for each in later if _during(covered, each) != now), None)


def without(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of spans after other spans are taken out of them, earliest first."""
    cuts = sorted(taken)
    left = []
    for begins, ends in sorted(spans):
        for from_at, until_at in cuts:
            if from_at > begins:
                left.append((begins, min(from_at, ends)))
            begins = max(begins, until_at)
            if begins >= ends:
                break
        else:
            left.append((begins, ends))
    return tuple((begins, ends) for begins, ends in left if begins < ends)


def check_hours(rota: Rota, shift: Shift) -> None:
    """Refuse a shift that the rota cannot hold.

    Raises:
        RuleError: `rota.hours_again`, `rota.there_already` or `rota.full`.
    """
    if not (0 <= shift.weekday < 7 and 0 <= shift.starts < DAY and 0 < shift.lasts <= DAY):
        raise RuleError("rota.hours_again")
    same_day = shifts_on(rota, shift.from_on) if shift.once else weekly(rota, shift.weekday, since=shift.from_on)
    if any((each.starts, each.lasts, each.person_id) == (shift.starts, shift.lasts, shift.person_id) for each in same_day):
        raise RuleError("rota.there_already")
    if len(same_day) >= MOST_A_DAY:
        raise RuleError("rota.full", most=MOST_A_DAY)


def parse_hours(words: str) -> tuple[int, int] | None:
    """Read typed hours: "8:00-20:00", "20点到8点半" or "8-12".

    Returns the start and the length in minutes, None when they are not understood. An end that is not after the start is on the next day.
    """
    found = _CLOCK.findall(unicodedata.normalize("NFKC", words))
    clocks = [int(hour) * 60 + (30 if half else int(minute or 0)) for hour, minute, half in found]
    if len(clocks) != 2 or any(clock > DAY for clock in clocks) or any(int(minute or 0) > 59 for _, minute, _ in found):
        return None
    starts, ends = clocks
    return starts % DAY, (ends - starts) % DAY or DAY


def may_plan(actor: Person, station_id: StationId) -> bool:
    """Decide whether the actor may change the rotas of a station: its leader may."""
    return not actor.suspended and station_id in actor.stations(Role.LEADER)


def stations_seen(actor: Person) -> frozenset[StationId]:
    """Return the stations whose rotas the actor may read: those where they are police."""
    return frozenset() if actor.suspended else frozenset(post.station_id for post in actor.posts if post.role in POLICE)


def _during(found: Iterable[Turn], at: datetime) -> frozenset[PersonId]:
    return frozenset(turn.person_id for turn in found if turn.from_at <= at < turn.until_at)


def _instant(on: date, minutes: int, zone: tzinfo) -> datetime:
    days, minute = divmod(minutes, DAY)
    return instant_of(on + days * _ONE_DAY, time(minute // 60, minute % 60), zone)
