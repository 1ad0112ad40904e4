"""Reminders of an agreed date."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain import appointments
from domain.cases.case import State
from tests.domain.cases.test_moves import in_state

CASE = in_state(State.MEDIATING)
AT = CASE.opened_at


@pytest.mark.parametrize(("ahead", "count"), [(timedelta(days=3), 3), (timedelta(hours=5), 2), (timedelta(minutes=20), 1)])
def test_reminders_lie_ahead_and_the_last_timer_marks_the_date(ahead, count):
    timers = appointments.timers_of(replace(CASE, next_at=AT + ahead), at=AT)
    assert len(timers) == count
    assert timers[-1].due_at == AT + ahead


def test_reminder_is_for_the_date_that_the_case_has_now():
    agreed = replace(CASE, next_at=AT + timedelta(days=3))
    (first, *_, mark) = appointments.timers_of(agreed, at=AT)
    of, before = first.data["for"], first.data["before"]
    assert appointments.reminds(agreed, of=of, before=before, at=first.due_at)
    assert not appointments.reminds(replace(agreed, next_at=AT + timedelta(days=4)), of=of, before=before, at=first.due_at)
    assert not appointments.reminds(replace(agreed, state=State.CLOSED), of=of, before=before, at=first.due_at)
    assert not appointments.reminds(agreed, of=of, before=before, at=AT + timedelta(days=5))
    assert not appointments.reminds(agreed, of=of, before=mark.data["before"], at=mark.due_at)
