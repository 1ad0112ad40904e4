"""Moves of an urgent case: mistakes by kind, arrival, and the state of its scene."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.cases import moves, next_step, urgent
from domain.cases.actors import CaseRole
from domain.cases.case import Action, State
from domain.cases.visibility import Level, Visibility
from domain.core.change import RuleError
from domain.emergencies.heard import Danger
from tests.domain.cases.test_moves import AT, CHAIR, FULL, OFFICER, REPORTER, TOWN, opened

LATER = AT + timedelta(minutes=3)


def cried(danger: Danger | None = Danger.FIRE, **facts):
    return replace(opened("着火了", **facts).case, danger=danger)


@pytest.mark.parametrize("danger", [*Danger, None])
def test_mistake_ends_the_case_only_when_nobody_can_be_forced_to_say_it(danger):
    change = urgent.take_back(cried(danger), REPORTER, at=LATER)
    ends = danger in (Danger.MEDICAL, Danger.FIRE, Danger.WATER, Danger.TRAFFIC)
    assert (change.action, change.case.state is State.WITHDRAWN) == (Action.WITHDRAW if ends else Action.CANCEL, ends)


def test_mistake_keeps_the_case_open_when_it_is_for_the_police_only():
    case = cried(Danger.MEDICAL, visibility=Visibility(police_only=True))
    assert urgent.take_back(case, REPORTER, at=LATER).action is Action.CANCEL


def test_mistake_is_refused_when_it_was_said_already():
    case = urgent.take_back(cried(Danger.VIOLENCE), REPORTER, at=LATER).case
    with pytest.raises(RuleError, match="cancelled"):
        urgent.take_back(case, REPORTER, at=LATER)


def test_police_end_a_mistake_when_they_spoke_with_the_reporter():
    case = urgent.take_back(cried(Danger.VIOLENCE), REPORTER, at=LATER).case
    with pytest.raises(RuleError):
        urgent.spoke(case, CHAIR, at=LATER)
    assert urgent.spoke(case, OFFICER, at=LATER).case.state is State.WITHDRAWN


def test_police_cannot_end_a_call_by_a_word_when_the_reporter_did_not_take_it_back():
    with pytest.raises(RuleError):
        urgent.spoke(cried(Danger.VIOLENCE), OFFICER, at=LATER)


@pytest.mark.parametrize("state", ["waiting", "taken"])
def test_call_begins_again_when_the_mistake_was_not_one(state):
    case = cried(Danger.VIOLENCE)
    if state == "taken":
        case = moves.take(case, OFFICER, town=TOWN, at=AT).case
    case = urgent.take_back(case, REPORTER, at=LATER).case
    change = urgent.raise_again(case, REPORTER, "他又来了", at=LATER)
    assert change.case.scene is not None
    assert (change.case.scene.cancelled_at, change.case.scene.turn, change.case.scene.called_at) == (None, 0, LATER)
    if state == "waiting":
        assert [(each.kind, each.due_at) for each in change.timers] == [("case_round", LATER + timedelta(seconds=90))]


def test_assignee_is_asked_for_arrival_until_somebody_is_there():
    taken = moves.take(cried(), CHAIR, town=TOWN, at=AT)
    assert ("case_arrival", AT + timedelta(minutes=10)) in [(each.kind, each.due_at) for each in taken.timers]
    there = urgent.arrive(taken.case, CHAIR, at=LATER).case
    assert not there.calls
    assert next_step.asks_arrival(there, at=LATER) == ()
    with pytest.raises(RuleError):
        urgent.arrive(there, CHAIR, at=LATER)


def test_ordinary_levels_hold_again_when_somebody_was_there():
    there = urgent.arrive(moves.take(cried(), CHAIR, town=TOWN, at=AT).case, CHAIR, at=LATER).case
    climbed = moves.escalate(there, CHAIR, "要民警", posts=FULL, town=TOWN, at=LATER)
    assert {each.kind for each in climbed.timers} == {"case_reminder", "case_deadline"}


def test_rounds_begin_again_when_the_assignee_cannot_come():
    taken = moves.take(cried(), CHAIR, town=TOWN, at=AT).case
    climbed = moves.escalate(taken, CHAIR, "我走不开", posts=FULL, town=TOWN, at=LATER)
    assert [(each.kind, each.due_at) for each in climbed.timers] == [("case_round", LATER + timedelta(seconds=90))]


def test_rounds_do_not_begin_again_when_one_of_those_called_recuses_themselves():
    case = cried()
    assert case.scene is not None
    case = replace(case, scene=replace(case.scene, turn=1))
    apart = moves.recuse(case, CHAIR, posts=FULL, town=TOWN, at=AT + timedelta(seconds=100))
    assert [(each.kind, each.due_at) for each in apart.timers] == [("case_round", AT + timedelta(minutes=2))]


def test_follow_up_of_a_past_emergency_wakes_nobody():
    taken = moves.take(cried(), CHAIR, town=TOWN, at=AT).case
    closed = moves.close(taken, CHAIR, "送医院了", at=LATER).case
    again = moves.reopen(closed, REPORTER, "还没好", posts=FULL, town=TOWN, at=LATER + timedelta(days=7), solved=False)
    assert {each.kind for each in again.timers} == {"case_reminder", "case_deadline"}
    assert not again.case.calls


def test_rounds_begin_again_when_a_withdrawn_call_is_raised_again():
    withdrawn = urgent.take_back(cried(), REPORTER, at=AT).case
    again = moves.reopen(withdrawn, REPORTER, "又烧起来了", posts=FULL, town=TOWN, at=LATER)
    assert [(each.kind, each.due_at) for each in again.timers] == [("case_round", LATER + timedelta(seconds=90))]


@pytest.mark.parametrize(
    ("standing", "level", "police_only", "sees"),
    [
        (CaseRole.REPORTER, Level.NAMED, False, True),
        (CaseRole.CHAIR, Level.NAMED, False, True),
        (CaseRole.CHAIR, Level.HIDDEN, False, True),  # the chair has to find the place
        (CaseRole.CHAIR, Level.NAMED, True, False),
        (CaseRole.POLICE, Level.NAMED, True, True),
        (CaseRole.SECRETARY, Level.NAMED, False, False),
        (CaseRole.FOLLOWER, Level.NAMED, False, False),
        (CaseRole.CLOCK, Level.NAMED, False, False),
    ],
)
def test_place_is_for_those_who_handle_the_urgent_case(standing, level, police_only, sees):
    case = replace(cried(), visibility=Visibility(level, police_only=police_only))
    assert urgent.sees_place(case, standing) is sees


def test_place_of_a_hidden_ordinary_report_is_not_for_the_chair():
    case = replace(opened().case, visibility=Visibility(Level.HIDDEN))
    assert not urgent.sees_place(case, CaseRole.CHAIR)
    assert urgent.sees_place(case, CaseRole.POLICE)
