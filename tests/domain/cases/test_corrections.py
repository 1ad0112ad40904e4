"""Corrections of a case: their consequences for its clock, and the people who hear of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.cases import moves
from domain.cases.actors import CaseActor
from domain.cases.case import Case, CaseChange, Category, Kind, Severity, State
from domain.cases.corrections import Correction, correct
from domain.cases.notices import arrived, new_card_recipients, other_handlers, reporter_to_tell
from domain.core.change import RuleError
from domain.core.town import EscalationRules, SpanRule
from tests.domain.cases.test_moves import AT, CHAIR, FULL, LEADER, OFFICER, TOWN, in_state, opened

HOUR = timedelta(hours=1)
RULES = EscalationRules(
    by=(
        SpanRule(category="labour", chair_within=2 * HOUR),
        SpanRule(severity="pressing", chair_within=HOUR, stalled_after=HOUR),
        SpanRule(severity="minor", officer_within=6 * HOUR),
        SpanRule(kind="hazard", villages=frozenset({"上徐村"}), chair_within=30 * HOUR),
        SpanRule(kind="hazard", villages=frozenset({"下李村"}), chair_within=timedelta(minutes=1)),
    )
)
RULED = replace(TOWN, escalation=RULES)


def corrected(case: Case, to: Correction, by: CaseActor = CHAIR, at: datetime = AT + HOUR / 2) -> CaseChange:
    return correct(case, by, to, posts=FULL, town=RULED, at=at)


@pytest.mark.parametrize(
    ("to", "kind", "category", "due"),
    [
        (Category.LABOUR, Kind.DISPUTE, Category.LABOUR, AT + 2 * HOUR),
        (Kind.HAZARD, Kind.HAZARD, Category.NONE, AT + 30 * HOUR),
        (Kind.FRAUD, Kind.FRAUD, Category.NONE, AT + 8 * HOUR),
        (Severity.URGENT, Kind.DISPUTE, Category.NEIGHBOUR, AT + HOUR / 2 + timedelta(seconds=90)),  # its rounds begin
    ],
)
def test_corrected_case_is_due_by_its_own_span_since_its_step_began(to, kind, category, due):
    before = opened(category=Category.NEIGHBOUR, town=RULED).case
    change = corrected(before, to)

    assert (change.case.kind, change.case.category) == (kind, category)
    assert change.case.due_at == due
    assert change.restep is (due != before.due_at)
    assert {timer.data["fence"] for timer in change.timers} == ({change.case.fence} if change.restep else set())
    assert change.event.data["was"] == ["dispute", "neighbour", "ordinary"]


def test_correction_counts_from_the_step_that_began_last():
    waits = moves.escalate(opened(town=RULED).case, CHAIR, "怕动手", posts=FULL, town=RULED, at=AT + 3 * HOUR).case
    assert corrected(waits, Severity.MINOR, OFFICER, AT + 4 * HOUR).case.due_at == AT + 9 * HOUR


def test_deadline_that_has_passed_is_now_and_its_reminder_is_not_sent():
    change = corrected(opened(town=RULED).case, Category.LABOUR, at=AT + 5 * HOUR)
    assert change.case.due_at == AT + 5 * HOUR
    assert [timer.kind for timer in change.timers] == ["case_deadline"]


def test_correction_in_work_restarts_the_check_for_silence():
    change = corrected(in_state(State.ACCEPTED), Severity.URGENT)
    assert change.restep
    arrives = AT + HOUR / 2 + timedelta(minutes=10)
    assert [(timer.kind, timer.due_at) for timer in change.timers] == [("case_stalled", AT + HOUR), ("case_arrival", arrives)]
    assert change.case.state is State.ACCEPTED


def test_correction_after_the_end_starts_nothing():
    change = corrected(in_state(State.CLOSED), Severity.URGENT)
    assert (change.restep, change.timers) == (False, ())
    assert new_card_recipients(change, FULL) == ()


def test_people_hear_of_a_correction_only_when_they_must():
    ordinary, urgent = opened(town=RULED).case, opened(severity=Severity.URGENT, town=RULED).case
    sorted_ = corrected(ordinary, Category.LABOUR)
    raised, lowered = corrected(ordinary, Severity.URGENT), corrected(urgent, Severity.MINOR, OFFICER)

    assert [who.person_id for who in new_card_recipients(raised, FULL)] == [OFFICER.id, LEADER.id]  # the chair corrected it
    for change in (sorted_, lowered):
        assert new_card_recipients(change, FULL) == ()
    for change in (sorted_, raised, lowered):
        assert not arrived(change)
        assert other_handlers(change, FULL) == ("", ())
    assert [reporter_to_tell(change, FULL) for change in (sorted_, raised, lowered)] == [None, None, ordinary.reporter_id]


def test_correction_is_refused_when_it_changes_nothing_or_hides_danger():
    case = opened(severity=Severity.URGENT).case
    with pytest.raises(RuleError, match=r"case\.refused\.same"):
        corrected(case, Kind.DISPUTE)
    with pytest.raises(RuleError, match=r"case\.refused\.lower_police"):
        corrected(case, Severity.ORDINARY)
    with pytest.raises(RuleError, match=r"case\.refused\.acknowledged"):
        corrected(in_state(State.ACKNOWLEDGED), Kind.HAZARD)
    assert corrected(case, Severity.ORDINARY, LEADER).case.severity is Severity.ORDINARY
