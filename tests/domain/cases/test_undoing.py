"""A mistaken move: asked about before, undone within a minute, or harmless."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.cases import moves
from domain.cases.actors import CaseRole
from domain.cases.case import Action, State
from domain.cases.corrections import undo
from domain.cases.move_table import MISTAKES, MOVES, UNDO_WITHIN, Mistake
from domain.core.change import Event, RuleError
from tests.domain.cases.test_moves import AT, CHAIR, REPORTER, TOWN, opened

CLOCK = frozenset({CaseRole.CLOCK})


def test_every_move_of_a_person_asks_or_can_be_undone_or_is_harmless():
    persons = {action for moves_of in MOVES.values() for action, move in moves_of.items() if move.by - CLOCK}
    assert set(MISTAKES) == persons


def test_move_that_can_be_undone_keeps_what_was_before_and_no_other_does():
    taken = moves.take(opened().case, CHAIR, town=TOWN, at=AT)
    assert "before" in taken.event.data
    assert "before" not in moves.note(taken.case, CHAIR, "量过了", at=AT).event.data
    assert {action for action, way in MISTAKES.items() if way is Mistake.UNDO} >= {Action.ACCEPT, Action.WITHDRAW}


@pytest.mark.parametrize("later", [timedelta(), UNDO_WITHIN - timedelta(seconds=1)])
def test_undone_acceptance_waits_for_the_chair_again_until_the_same_deadline(later: timedelta):
    before = opened().case
    taken = moves.take(before, CHAIR, town=TOWN, at=AT)
    back = undo(taken.case, CHAIR, events=[taken.event], holder_name="", town=TOWN, at=AT + later)
    assert (back.case.state, back.case.due_at, back.case.holder_id) == (State.OPEN, before.due_at, None)
    assert back.case.fence > taken.case.fence
    assert [timer.due_at for timer in back.timers] == [before.due_at]
    assert back.event.action == Action.UNDO


def test_withdrawn_case_is_in_work_again_when_the_withdrawal_is_undone():
    taken = moves.take(opened().case, CHAIR, town=TOWN, at=AT).case
    ended = moves.withdraw(taken, REPORTER, at=AT)
    back = undo(ended.case, REPORTER, events=[ended.event], holder_name=CHAIR.name, town=TOWN, at=AT)
    assert (back.case.state, back.case.holder_id, back.case.ended_at) == (State.ACCEPTED, CHAIR.id, None)
    assert back.timers


@pytest.mark.parametrize("why", ["too late", "of somebody else", "something since", "nothing"])
def test_move_is_not_undone_when(why: str):
    taken = moves.take(opened().case, CHAIR, town=TOWN, at=AT)
    since = Event(taken.case.subject, Action.NOTE, REPORTER.id, AT)
    events = {"something since": [taken.event, since], "nothing": []}.get(why, [taken.event])
    late = UNDO_WITHIN if why == "too late" else timedelta()
    with pytest.raises(RuleError, match=r"case\.refused\.undo_late"):
        undo(taken.case, REPORTER if why == "of somebody else" else CHAIR, events=events, holder_name="", town=TOWN, at=AT + late)
