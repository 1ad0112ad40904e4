"""Drills: every state × verb, permissions, the instants and people of a real call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain import drills as rules
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import ClockCalendar
from domain.cases.notices import new_card_recipients
from domain.cases.rounds import Round, due_ring
from domain.core.change import Address, ChatId, PersonId, Receiver, RuleError, StationId, VillageId
from domain.core.town import Town
from domain.drills import DRILLS, Call, Drill, DrillState, DrillVerb
from domain.emergencies.heard import Danger
from domain.people.people import Person, Post, Posts, Role, Village

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
VILLAGE = Village(VillageId(1), "上徐村", StationId(1))
OFFICER, CHAIR, LEADER = PersonId(1), PersonId(2), PersonId(3)
RUNNING = Drill(
    7, VILLAGE.id, VILLAGE.station_id, VILLAGE.name, Danger.MEDICAL, OFFICER, DrillState.RUNNING, AT, AT + timedelta(minutes=30)
)


def town() -> Town:
    return Town("禾安", SHANGHAI, ClockCalendar(), QuietHours(time(21, 30), time(7, 0), SHANGHAI))


def receiver(person_id: PersonId, role: Role) -> Receiver:
    return Receiver(Address("telegram", ChatId(person_id)), "zh", person_id, role.value, VILLAGE.id)


def posts() -> Posts:
    held = {Role.OFFICER: (OFFICER,), Role.CHAIR: (CHAIR,), Role.LEADER: (LEADER,), Role.ADMIN: (PersonId(9),)}
    return Posts(VILLAGE, {role: tuple(receiver(each, role) for each in people) for role, people in held.items()})


def person(role: Role, *, village: int | None = None, station: int = 1, suspended: bool = False) -> Person:
    post = Post(role, StationId(station), None if village is None else VillageId(village))
    return replace(Person(PersonId(5), "某人", "zh", Address("telegram", ChatId(5))), posts=(post,), suspended=suspended)


@pytest.mark.parametrize("state", list(DrillState))
@pytest.mark.parametrize("verb", list(DrillVerb))
def test_every_move_of_a_running_drill_is_allowed_and_none_of_an_ended_one(state, verb):
    drill = replace(RUNNING, state=state)
    assert DRILLS.allows(drill, verb) is (state is DrillState.RUNNING)
    if state is DrillState.ENDED:
        with pytest.raises(RuleError):
            DRILLS.move(drill, verb, OFFICER, AT)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (person(Role.OFFICER, village=1), True),
        (person(Role.OFFICER, village=2), False),
        (person(Role.LEADER), True),
        (person(Role.LEADER, station=2), False),
        (person(Role.LEADER, suspended=True), False),
        (person(Role.DUTY), False),
        (person(Role.CHAIR, village=1), False),
        (person(Role.ADMIN), False),
    ],
)
def test_officer_of_the_village_and_leader_of_the_station_start_drills(who, may):
    assert rules.may_drill(who, VILLAGE) is may


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (person(Role.LEADER), True),
        (person(Role.LEADER, station=2), False),
        (person(Role.OFFICER, village=1), False),
        (replace(person(Role.OFFICER, village=1), id=OFFICER), True),
    ],
)
def test_drill_is_ended_by_who_started_it_or_a_leader(who, may):
    assert rules.may_end(who, RUNNING) is may


def test_people_of_a_drill_are_those_of_a_real_call_without_its_author():
    change = rules.rehearsed(RUNNING, posts=posts(), town=town())
    assert {who.person_id for who in new_card_recipients(change, posts())} == {CHAIR, LEADER}
    assert change.case.scene is not None
    assert change.case.scene.drill


def test_rounds_of_a_drill_are_due_when_those_of_a_real_call_are():
    case = rules.rehearsed(RUNNING, posts=posts(), town=town()).case
    assert case.scene is not None
    assert case.ladder.rounds is not None
    spans = [timedelta(seconds=89), timedelta(seconds=90), timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=10)]
    found = [due_ring(case.ladder.rounds, case.scene, at=AT + span) for span in spans]
    assert [None if ring is None else max(ring.rounds) for ring in found] == [
        None, Round.SECOND_WAVE, Round.PHONES, Round.POLICE, Round.WIDE,
    ]  # fmt: skip


def test_drill_ends_after_half_an_hour_whatever_happened():
    case = rules.rehearsed(RUNNING, posts=posts(), town=town()).case
    assert case.ladder.rounds is not None
    change, first = rules.start(RUNNING, case.ladder.rounds)
    due = due_ring(case.ladder.rounds, case.scene, at=AT + timedelta(minutes=2))  # type: ignore[arg-type]
    assert due is not None
    rung = rules.ring(RUNNING, due, case.ladder.rounds, at=AT)
    answered = rules.answer(rung.value, CHAIR, at=AT + timedelta(minutes=3))
    ends = [[timer.due_at for timer in each.timers if timer.kind == rules.END] for each in (change, rung, answered)]
    assert ends == [[AT + timedelta(minutes=30)]] * 3
    assert first.kind == rules.ROUND
    assert [timer.kind for timer in answered.timers] == [rules.END]


def test_seconds_count_from_the_call_of_this_person():
    call = Call(CHAIR, "王建国", Role.CHAIR, AT)
    assert call.seconds is None
    assert replace(call, answered_at=AT + timedelta(seconds=42.9)).seconds == 42
