"""Responders: every state × verb, times that pass, counts, and whom a danger may call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from domain.cases.case import State
from domain.cases.visibility import Visibility
from domain.core.change import CaseId, PersonId, RuleError
from domain.core.town import ResponderRules
from domain.emergencies.heard import Danger
from domain.responders import (
    MOVES,
    Means,
    Progress,
    Responder,
    Verb,
    Volunteer,
    calls_volunteers,
    estimate,
    late_timer,
    may_be_called,
    move,
    parse_training,
    tally,
)
from tests.domain.cases.test_urgent import cried

AT = datetime(2026, 6, 1, 19, 0, tzinfo=UTC)
RULES = ResponderRules()
WHO = Responder(CaseId(1001), PersonId(7), AT)
#: What may be said in each state.
SAYS = {
    Progress.CALLED: "come arrive decline",
    Progress.COMING: "come arrive decline handle",
    Progress.ARRIVED: "handle hand_over",
    Progress.HANDLING: "hand_over",
    Progress.HANDED_OVER: "",
    Progress.DECLINED: "come arrive",
}


def minutes(count: float) -> datetime:
    return AT + timedelta(minutes=count)


@pytest.mark.parametrize(("state", "verb"), list(product(Progress, Verb)))
def test_every_state_and_verb_is_decided(state, verb):
    who = replace(WHO, state=state)
    if verb in SAYS[state].split():
        said = move(who, verb, at=minutes(1))
        assert said.state is MOVES[state, verb]
        assert said.seen_at == minutes(1)
        assert (said.came_at is not None) == said.accepted
    else:
        with pytest.raises(RuleError, match=f"responder.is.{state}"):
            move(who, verb, at=minutes(1))


def test_first_answer_and_first_yes_keep_their_instants():
    said = move(move(move(WHO, Verb.DECLINE, at=minutes(1)), Verb.COME, at=minutes(2)), Verb.COME, at=minutes(3))
    assert (said.seen_at, said.came_at) == (minutes(1), minutes(2))


@pytest.mark.parametrize(("said", "after", "late"), [(5, 9.9, False), (5, 10, True), (2, 7, True), (15, 19, False)])
def test_time_is_late_five_minutes_after_it_passed(said, after, late):
    who = estimate(WHO, said, Means.BIKE, at=AT)
    assert who.late(minutes(after), RULES.grace) is late
    assert late_timer(who, RULES.grace).due_at == minutes(said + 5)


def test_nobody_is_late_without_a_time_or_at_the_scene():
    assert not move(WHO, Verb.COME, at=AT).late(minutes(600), RULES.grace)
    assert not move(estimate(WHO, 2, None, at=AT), Verb.ARRIVE, at=AT).late(minutes(600), RULES.grace)


@pytest.mark.parametrize("wrong", [-1, 0, 121])
def test_time_is_refused_when_it_is_no_time(wrong):
    with pytest.raises(RuleError, match=r"responder\.minutes"):
        estimate(WHO, wrong, None, at=AT)


def test_new_time_keeps_how_somebody_comes():
    assert estimate(estimate(WHO, 5, Means.CAR, at=AT), 2, None, at=AT).means is Means.CAR


@pytest.mark.parametrize(
    ("states", "enough"),
    [
        ("coming coming", False),
        ("coming coming coming", True),
        ("coming coming arrived", True),
        ("coming coming late", False),
        ("arrived handling handed_over", True),
        ("coming coming declined called", False),
        ("", False),
    ],
)
def test_three_are_enough_unless_one_of_them_is_late(states, enough):
    people = [
        replace(WHO, state=Progress.COMING, due_at=minutes(-10)) if state == "late" else replace(WHO, state=Progress(state))
        for state in states.split()
    ]
    assert tally(people, RULES, at=AT).enough is enough


def test_town_decides_how_many_are_enough_and_when_a_time_is_late():
    town = ResponderRules(enough=2, grace=timedelta(minutes=1))
    late = replace(WHO, state=Progress.COMING, due_at=minutes(-2))
    there = replace(WHO, state=Progress.ARRIVED)
    assert tally([there, there], town, at=AT).enough
    assert not tally([late, there], town, at=AT).enough
    assert tally([late, there, there], replace(town, grace=timedelta(minutes=3), enough=3), at=AT).enough


def test_counts_name_every_responder_once():
    late = replace(WHO, state=Progress.COMING, due_at=minutes(-10), seen_at=AT)
    counts = tally([WHO, late, replace(late, due_at=minutes(1)), replace(late, state=Progress.HANDLING)], RULES, at=AT)
    assert (counts.called, counts.seen, counts.coming, counts.late, counts.there) == (4, 3, 1, 1, 1)


# Volunteers -----------------------------------------------------------------------------------------------------------

CASE = replace(cried(), danger=Danger.MEDICAL)


@pytest.mark.parametrize("danger", [*Danger, None])
def test_volunteers_are_called_to_dangers_without_a_dangerous_person(danger):
    allowed = danger in (Danger.MEDICAL, Danger.FIRE, Danger.WATER, Danger.TRAFFIC)
    assert calls_volunteers(replace(CASE, danger=danger)) is allowed


@pytest.mark.parametrize(
    "kept",
    [
        {"at_home": True},
        {"parties": (PersonId(9),)},
        {"excluded_names": ("王建国",)},
        {"visibility": Visibility(police_only=True)},
        {"visibility": Visibility(restricted=True)},
        {"state": State.WITHDRAWN},
        {"scene": None},
    ],
)
def test_volunteers_never_hear_of_what_is_kept_back(kept):
    assert calls_volunteers(CASE)
    assert not calls_volunteers(replace(CASE, **kept))


@pytest.mark.parametrize(
    ("active", "fights_fire", "danger", "called"),
    [
        (True, False, Danger.MEDICAL, True),
        (True, False, Danger.FIRE, False),
        (True, True, Danger.FIRE, True),
        (False, True, Danger.MEDICAL, False),
    ],
)
def test_volunteer_is_called_by_switch_and_fitness(active, fights_fire, danger, called):
    assert may_be_called(Volunteer(PersonId(7), active, fights_fire, AT), danger) is called


def test_committee_is_called_without_a_word_of_their_own_but_to_no_fire():
    assert may_be_called(None, Danger.MEDICAL)
    assert not may_be_called(None, Danger.FIRE)


@pytest.mark.parametrize(("on", "fresh"), [(date(2024, 6, 1), True), (date(2024, 5, 31), False), (date(2026, 1, 1), True), (None, False)])
def test_training_is_marked_after_two_years(on, fresh):
    assert Volunteer(PersonId(7), True, True, AT, on).trained(date(2026, 6, 1)) is fresh


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2025-03-08", date(2025, 3, 8)),
        ("2025年3月8日", date(2025, 3, 8)),
        ("2025年3月", date(2025, 3, 1)),
        ("2025-03", date(2025, 3, 1)),
        ("2025.3.8", date(2025, 3, 8)),
        ("2026-06-02", None),
        ("2025-13", None),
        ("1980-01", None),
        ("去年", None),
        ("", None),
    ],
)
def test_day_of_a_training_is_read_or_refused(words, day):
    assert parse_training(words, date(2026, 6, 1)) == day
