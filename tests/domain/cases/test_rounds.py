"""The rounds of an urgent case: which are due, when, and how late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import escalation
from domain.cases.rounds import Round, Rounds, Scene, due_ring
from domain.core.town import EmergencyRules, EscalationRules

AT = datetime(2026, 6, 1, 19, 0, tzinfo=UTC)
POLICY = escalation.freeze(EscalationRules(), EmergencyRules(), urgent=True)
assert POLICY.rounds is not None
ROUNDS: Rounds = POLICY.rounds


def after(**span: float) -> datetime:
    return AT + timedelta(**span)


@pytest.mark.parametrize(("turn", "seconds"), [(1, 90), (2, 120), (3, 300), (4, 600), (5, 900), (6, 1200), (7, 1500)])
def test_round_is_due_at_its_span_after_the_call(turn: int, seconds: int):
    assert ROUNDS.instant_of(turn, AT) == after(seconds=seconds)
    assert ROUNDS.last_due(AT, after(seconds=seconds)) == turn
    assert ROUNDS.last_due(AT, after(seconds=seconds - 1)) == turn - 1


@given(st.integers(1, 5000))
def test_last_due_is_the_inverse_of_the_instants(turn: int):
    assert ROUNDS.last_due(AT, ROUNDS.instant_of(turn, AT)) == turn


S, P, O, W, R = Round  # noqa: E741


@pytest.mark.parametrize(
    ("rung", "seconds", "turn", "rounds", "late"),
    [
        (0, 89, None, None, None),
        (0, 90, 1, {S}, 0),
        (1, 120, 2, {P}, 0),
        (2, 300, 3, {O}, 0),
        (3, 600, 4, {W}, 0),
        (4, 900, 5, {R}, 0),
        (8, 2100, 9, {R}, 0),
        (1, 119, None, None, None),
        (0, 400, 3, {S, P, O}, 310),  # nothing ran for five minutes: one call for three rounds
        (2, 3600, 14, {O, W, R}, 3300),
        (0, 86_400, 290, {S, P, O, W, R}, 86_310),
    ],
)
def test_due_ring_has_every_round_that_did_not_ring(rung, seconds, turn, rounds, late):
    due = due_ring(ROUNDS, Scene(AT, turn=rung), at=after(seconds=seconds))
    if turn is None:
        assert due is None
    else:
        assert due is not None
        assert (due.turn, due.rounds, due.late) == (turn, frozenset(rounds), timedelta(seconds=late))


@pytest.mark.parametrize("seconds", [300, 900, 86_400])
def test_only_police_are_called_when_the_reporter_called_it_a_mistake(seconds: int):
    due = due_ring(ROUNDS, Scene(AT, turn=Round.PHONES, cancelled_at=AT), at=after(seconds=seconds))
    assert due is not None
    assert due.rounds == {Round.POLICE}


def test_no_police_call_follows_at_once_when_the_reporter_called_it_a_mistake():
    assert due_ring(ROUNDS, Scene(AT, turn=Round.PHONES, cancelled_at=AT), at=after(seconds=299)) is None


def test_policy_with_rounds_survives_its_plain_form():
    assert escalation.from_plain(escalation.to_plain(POLICY)) == POLICY
    ordinary = escalation.freeze(EscalationRules(), EmergencyRules(), urgent=False)
    assert ordinary.rounds is None
    assert escalation.from_plain(escalation.to_plain(ordinary)) == ordinary
