"""Duty rotas: people on shift, compared with a slow oracle; gaps; refused hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.core.change import Address, ChatId, PersonId, Receiver, RuleError, StationId, VillageId
from domain.people.people import Leave, Posts, Role, Village
from domain.people.rota import (
    MOST_A_DAY,
    Rota,
    Shift,
    Takeover,
    acting,
    check_hours,
    next_change,
    on_now,
    parse_hours,
    turns,
    uncovered,
    without,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 6, 1)
A, B, C = PersonId(1), PersonId(2), PersonId(3)
QUARTER = timedelta(minutes=15)


def local(day: int, hour: int, minute: int = 0, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=zone).astimezone(UTC)


def shift(number: int, who: PersonId, weekday: int, starts: int, lasts: int, *, since: date = MONDAY, until: date | None = None) -> Shift:
    return Shift(number, who, weekday, starts * 60, lasts * 60, since, until)


def rota(*shifts: Shift, takeovers: tuple[Takeover, ...] = (), days: dict[date, int] | None = None, zone: ZoneInfo = SHANGHAI) -> Rota:
    return Rota(1, StationId(1), Role.DUTY, zone, shifts, takeovers, days or {})


DAY_AND_NIGHT = (shift(1, A, 0, 8, 12), shift(2, B, 0, 20, 12))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (local(1, 7, 59), set()),
        (local(1, 8), {A}),
        (local(1, 19, 59), {A}),
        (local(1, 20), {B}),
        (local(2, 7, 59), {B}),  # past midnight
        (local(2, 8), set()),
        (local(8, 9), {A}),
    ],
)
def test_shift_counts_from_its_begin_to_its_end_and_over_midnight(at: datetime, expected: set[PersonId]):
    assert on_now(rota(*DAY_AND_NIGHT), at) == expected


@pytest.mark.parametrize(
    ("plan", "at", "expected"),
    [
        (rota(*DAY_AND_NIGHT, takeovers=(Takeover(1, MONDAY, C),)), local(1, 9), {C}),
        (rota(*DAY_AND_NIGHT, takeovers=(Takeover(1, MONDAY, C),)), local(8, 9), {A}),
        (rota(*DAY_AND_NIGHT, takeovers=(Takeover(1, MONDAY, C), Takeover(1, MONDAY, B))), local(1, 9), {B}),
        (rota(*DAY_AND_NIGHT, days={date(2026, 6, 3): 0}), local(3, 9), {A}),
        (rota(*DAY_AND_NIGHT, days={MONDAY: 5}), local(1, 9), set()),
        (rota(*DAY_AND_NIGHT, shift(3, C, 2, 8, 12, since=date(2026, 6, 3), until=date(2026, 6, 3))), local(3, 9), {C}),
        (rota(*DAY_AND_NIGHT, shift(3, C, 0, 8, 12, since=MONDAY, until=MONDAY), days={MONDAY: 5}), local(1, 9), {C}),
        (rota(*DAY_AND_NIGHT, shift(3, C, 2, 8, 12, since=date(2026, 6, 3), until=date(2026, 6, 3))), local(10, 9), set()),
        (rota(shift(1, A, 0, 8, 12, since=date(2026, 6, 2))), local(1, 9), set()),
        (rota(shift(1, A, 0, 20, 12, since=date(2026, 5, 1), until=MONDAY)), local(2, 7), {A}),  # begun before its last day is over
        (rota(shift(1, A, 0, 20, 12, since=date(2026, 5, 1), until=MONDAY)), local(8, 21), set()),
        (rota(shift(1, A, 3, 20, 12, since=MONDAY, until=MONDAY)), local(1, 21), set()),
    ],
    ids=[
        "takeover",
        "only once",
        "last one",
        "as another day",
        "day off",
        "one date",
        "one date on a day off",
        "not again",
        "not yet",
        "ends",
        "ended",
        "ended before its weekday",
    ],
)
def test_single_dates_change_whose_shift_it_is(plan: Rota, at: datetime, expected: set[PersonId]):
    assert on_now(plan, at) == expected


@pytest.mark.parametrize(
    ("leaves", "able", "expected"),
    [
        ((), {A, B}, {A}),
        ((Leave(A, B, local(1, 6), local(1, 10)),), {A, B}, {B}),
        ((Leave(A, B, local(1, 6), local(1, 9)),), {A, B}, {A}),  # back at nine
        ((Leave(A, B, local(1, 6), local(1, 10)),), {A}, set()),  # the deputy cannot be reached
        ((Leave(A, B, local(1, 6), local(1, 10)), Leave(B, C, local(1, 6), local(1, 10))), {A, B, C}, set()),
        ((), {B}, set()),
    ],
    ids=["there", "deputy", "back", "lost deputy", "deputy away", "cannot act"],
)
def test_only_people_who_can_act_cover_a_turn(leaves: tuple[Leave, ...], able: set[PersonId], expected: set[PersonId]):
    covered = acting(turns(rota(*DAY_AND_NIGHT), local(1, 0), local(2, 0)), leaves, able)
    assert {turn.person_id for turn in covered if turn.from_at <= local(1, 9) < turn.until_at} == expected


def test_gaps_are_what_no_turn_covers():
    plan = rota(*DAY_AND_NIGHT)
    covered = acting(turns(plan, local(1, 0), local(3, 0)), (Leave(A, C, local(1, 12), local(1, 14)),), {A, B})
    expected = ((local(1, 0), local(1, 8)), (local(1, 12), local(1, 14)), (local(2, 8), local(3, 0)))
    assert uncovered(covered, local(1, 0), local(3, 0)) == expected


def test_next_change_is_when_other_people_are_on_shift():
    covered = turns(rota(shift(1, A, 0, 8, 4), shift(2, A, 0, 12, 8), shift(3, B, 0, 20, 12)), local(1, 0), local(3, 0))
    assert next_change(covered, local(1, 9)) == local(1, 20)  # not at noon: it is still A
    assert next_change(covered, local(2, 9)) is None


@pytest.mark.parametrize(
    ("new", "refused"),
    [
        (shift(0, C, 0, 8, 12), ""),
        (shift(0, A, 0, 8, 12), "rota.there_already"),
        (shift(0, A, 1, 8, 12), ""),
        (shift(0, A, 0, 24, 1), "rota.hours_again"),
        (shift(0, A, 0, 8, 25), "rota.hours_again"),
        (shift(0, A, 0, 8, 0), "rota.hours_again"),
        (shift(0, A, 7, 8, 12), "rota.hours_again"),
    ],
)
def test_rota_refuses_hours_that_are_none_or_there_already(new: Shift, refused: str):
    if not refused:
        check_hours(rota(*DAY_AND_NIGHT), new)
        return
    with pytest.raises(RuleError) as rule:
        check_hours(rota(*DAY_AND_NIGHT), new)
    assert rule.value.key == refused


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("8:00-20:00", (480, 720)),
        ("20:00－8:00", (1200, 720)),
        ("８点到１２点半", (480, 270)),
        ("0-24", (0, 1440)),
        ("8:00-8:00", (480, 1440)),
        ("8:00", None),
        ("8-12-16", None),
        ("8:60-9:00", None),
        ("25-26", None),
        ("全天", None),
    ],
)
def test_typed_hours_are_read_or_not_understood(words: str, expected: tuple[int, int] | None):
    assert parse_hours(words) == expected


def test_rota_refuses_more_shifts_of_a_day_than_fit_a_message():
    many = [shift(number, A, 0, number, 1) for number in range(MOST_A_DAY)]
    with pytest.raises(RuleError) as rule:
        check_hours(rota(*many), shift(0, B, 0, 20, 1))
    assert rule.value.key == "rota.full"
    check_hours(rota(*many), shift(0, B, 1, 20, 1))
    check_hours(rota(*many), shift(0, B, 2, 20, 1, since=date(2026, 6, 3), until=date(2026, 6, 3)))


# Properties -----------------------------------------------------------------------------------------------------------

PEOPLE = st.sampled_from((A, B, C))
DATES = st.dates(date(2026, 5, 25), date(2026, 6, 14))
QUARTERS = st.integers(0, 95).map(lambda quarter: quarter * 15)
SHIFTS = st.builds(
    lambda who, weekday, starts, lasts, since, days: Shift(
        0, who, weekday, starts, lasts, since, None if days is None else since + timedelta(days=days)
    ),
    PEOPLE,
    st.integers(0, 6),
    QUARTERS,
    st.integers(1, 96).map(lambda quarters: quarters * 15),
    DATES,
    st.none() | st.integers(0, 10),
)


@st.composite
def rotas(draw: st.DrawFn) -> Rota:
    found = tuple(
        Shift(number, each.person_id, each.weekday, each.starts, each.lasts, each.from_on, each.until_on)
        for number, each in enumerate(draw(st.lists(SHIFTS, max_size=6)))
    )
    taken = draw(st.lists(st.builds(Takeover, st.integers(0, 5), DATES, PEOPLE), max_size=3))
    days = draw(st.dictionaries(DATES, st.integers(0, 6), max_size=3))
    return rota(*found, takeovers=tuple(taken), days=days)


def oracle(plan: Rota, at: datetime) -> set[PersonId]:
    """Say whose shift it is by going through every shift and date of the month."""
    found = set()
    for on in (date(2026, 5, 20) + timedelta(days=number) for number in range(40)):
        for each in plan.shifts:
            in_time = each.from_on <= on and (each.until_on is None or each.until_on >= on)
            own_date = each.from_on == each.until_on == on and on.weekday() == each.weekday
            if not in_time or not (own_date or plan.days.get(on, on.weekday()) == each.weekday):
                continue
            begins = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(hours=8) + timedelta(minutes=each.starts)
            if begins <= at < begins + timedelta(minutes=each.lasts):
                who = each.person_id
                for taken in plan.takeovers:
                    if (taken.shift_id, taken.on) == (each.id, on):
                        who = taken.person_id
                found.add(who)
    return found


@settings(deadline=None)
@given(rotas(), st.integers(0, 14 * 96))
def test_on_now_agrees_with_the_oracle(plan: Rota, quarters: int):
    at = local(1, 0) + quarters * QUARTER
    assert on_now(plan, at) == oracle(plan, at)


@settings(deadline=None)
@given(rotas(), st.integers(0, 96), st.integers(1, 200))
def test_gaps_are_exactly_the_quarters_without_anybody(plan: Rota, start: int, length: int):
    from_at = local(1, 0) + start * QUARTER
    until_at = from_at + length * QUARTER
    gaps = uncovered(turns(plan, from_at, until_at), from_at, until_at)
    for quarter in range(length):
        at = from_at + quarter * QUARTER
        assert any(begins <= at < ends for begins, ends in gaps) == (not oracle(plan, at))
    assert all(left[1] < right[0] for left, right in pairwise(gaps))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10))), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10))))
def test_without_takes_out_exactly_what_is_taken(spans: list[tuple[int, int]], taken: list[tuple[int, int]]):
    def made(found: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
        return [(local(1, 0) + begin * QUARTER, local(1, 0) + (begin + length) * QUARTER) for begin, length in found]

    left = without(made(spans), made(taken))
    for quarter in range(45):
        at = local(1, 0) + quarter * QUARTER
        inside = any(begins <= at < ends for begins, ends in made(spans)) and not any(begins <= at < ends for begins, ends in made(taken))
        assert any(begins <= at < ends for begins, ends in left) == inside


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_day_and_night_shifts_leave_no_gap_when_the_clocks_change(day: date, hours: int):
    berlin = ZoneInfo("Europe/Berlin")
    plan = rota(
        *(shift(weekday, A, weekday, 2, 12, since=date(2026, 1, 1)) for weekday in range(7)),
        *(shift(7 + weekday, B, weekday, 14, 12, since=date(2026, 1, 1)) for weekday in range(7)),
        zone=berlin,
    )
    midnight = datetime(day.year, day.month, day.day, tzinfo=berlin).astimezone(UTC)
    assert uncovered(turns(plan, midnight, midnight + timedelta(hours=hours)), midnight, midnight + timedelta(hours=hours)) == ()


# Who is told ----------------------------------------------------------------------------------------------------------


def holder(number: int, *, there: bool = True, lent_by: frozenset[PersonId] = frozenset()) -> Receiver:
    address = Address("telegram", ChatId(number)) if there else None
    return Receiver(address, "zh", PersonId(number), "duty", None, f"P{number}", lent_by)


def posts(*desk: Receiver, on_shift: set[PersonId]) -> Posts:
    holders = {Role.DUTY: desk, Role.LEADER: (holder(9),)}
    return Posts(Village(VillageId(1), "上徐村", StationId(1)), holders, {Role.DUTY: frozenset(on_shift)})


@pytest.mark.parametrize(
    ("found", "without_ids", "expected"),
    [
        (posts(holder(1), holder(2), holder(3), on_shift={A}), (), [1]),
        (posts(holder(1), holder(2), holder(3), on_shift={A, B}), (), [1, 2]),
        (posts(holder(1), holder(2), holder(3), on_shift={A, B}), (A,), [2]),  # barred: the next on shift
        (posts(holder(1), holder(2), holder(3), on_shift={A}), (A,), [2, 3]),  # then all of the desk
        (posts(holder(1, there=False), holder(2), on_shift={A}), (), [1, 2]),
        (posts(holder(1), holder(2), on_shift=set()), (), [1, 2]),
        (posts(holder(1), holder(2), on_shift={C}), (), [1, 2]),
        (posts(holder(1), holder(2), on_shift={A}).everybody, (), [1, 2]),
    ],
    ids=["on shift", "two", "barred", "all barred", "no chat", "nobody", "left the desk", "everybody"],
)
def test_post_reaches_those_on_shift_then_all_of_it(found: Posts, without_ids: tuple[PersonId, ...], expected: list[int]):
    assert [who.person_id for who in found.of(Role.DUTY, without=without_ids)] == expected


def test_undeliverable_message_goes_to_the_rest_of_the_desk_before_the_leader():
    found = posts(holder(1), holder(2), on_shift={A})
    assert found.first_reachable(Role.DUTY, tried=(A,)) == (Role.DUTY, (holder(2),))
    assert found.first_reachable(Role.DUTY, tried=(A, B)) == (Role.LEADER, (holder(9),))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.booleans()), unique_by=lambda each: each[0]),
    st.sets(st.integers(1, 6)),
    st.sets(st.integers(1, 6)),
    st.sets(st.integers(1, 6)),
    st.none() | st.sets(st.integers(1, 6)),
)
def test_rota_never_leaves_a_message_without_a_receiver(
    desk: list[tuple[int, bool]], on_shift: set[int], barred: set[int], tried: set[int], among: set[int] | None
):
    found = posts(*(holder(number, there=there) for number, there in desk), on_shift={PersonId(each) for each in on_shift})
    out, lost = [PersonId(each) for each in barred], [PersonId(each) for each in tried]
    named = None if among is None else {PersonId(each) for each in among}
    told = found.of(Role.DUTY, without=out, tried=lost, among=named)
    whole = found.everybody.of(Role.DUTY, without=out, tried=lost, among=named)
    assert set(told) <= set(whole)
    assert bool(told) == bool(whole)
    assert any(who.address for who in told) == any(who.address for who in whole)
