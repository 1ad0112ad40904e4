"""Moves of an urgent case: rounds, arrival, a mistake and the word of the police on it.

Knows which dangers end at the reporter's word; the instants of the rounds are in domain/cases/rounds.py. Must not know storage or texts.
Invariant: where somebody may have been forced to say that it was a mistake, the case ends only after the police spoke with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases import escalation
from domain.cases.actors import CaseActor, CaseRole, may_see
from domain.cases.case import WAITING, Action, Case, CaseChange, Severity
from domain.cases.move_table import decide, present_state
from domain.cases.moves import change_of, withdraw
from domain.cases.next_step import asks_arrival
from domain.cases.rounds import Round
from domain.cases.visibility import Part
from domain.core.change import RuleError
from domain.core.immutable import replace
from domain.emergencies.heard import Danger

if TYPE_CHECKING:
    from datetime import datetime

    from domain.cases.rounds import Ring, Scene
    from domain.core.change import Timer

#: Dangers in which nobody forces another person to say that it was a mistake.
STANDS_DOWN = frozenset({Danger.MEDICAL, Danger.FIRE, Danger.WATER, Danger.TRAFFIC})


def stays_open(case: Case) -> bool:
    """Tell whether an urgent case outlives the reporter's word that it was a mistake."""
    return case.severity is Severity.URGENT and (case.danger not in STANDS_DOWN or case.visibility.police_only)


def sees_place(case: Case, standing: CaseRole) -> bool:
    """Tell whether a role in a case sees the points of its place.

    Of an urgent case everybody who handles it does, because they have to find it; of another one those who see its photos.
    """
    if standing not in (CaseRole.REPORTER, CaseRole.CHAIR, CaseRole.POLICE):
        return False
    return may_see(standing, Part.WORDS if case.severity is Severity.URGENT else Part.MEDIA, case.visibility)


def take_back(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """End a case because the reporter asks for it, or let the police speak with them first.

    Raises:
        RuleError: `case.refused.cancelled`: they said so already.
    """
    if by.standing is not CaseRole.REPORTER or not stays_open(case) or case.scene is None or case.ended:
        return withdraw(case, by, at=at)
    decide(case, Action.CANCEL, by)
    if case.scene.cancelled_at is not None:
        raise RuleError("case.refused.cancelled", number=case.id)
    return _rings_anew(case, Action.CANCEL, by, replace(case.scene, called_at=at, turn=Round.PHONES, cancelled_at=at), at=at)


def raise_again(case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange:
    """Call everybody again: it was not a mistake."""
    decide(case, Action.RAISE, by)
    if case.scene is None or case.scene.cancelled_at is None:
        raise present_state(case)
    scene = replace(case.scene, called_at=at, turn=0, cancelled_at=None, arrived_at=None, over_at=None)
    return _rings_anew(case, Action.RAISE, by, scene, at=at, words=words)


def spoke(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """End a case that its reporter called a mistake, after the police spoke with them."""
    move = decide(case, Action.SPOKE, by)
    if case.scene is None or case.scene.cancelled_at is None:
        raise present_state(case)
    assert move.to is not None
    ended = replace(
        case, state=move.to, fence=case.fence + 1, due_at=None, next_at=None, ended_at=at, acted_at=at,
        holder=by.role, holder_id=by.id, holder_name=by.name,
    )  # fmt: skip
    return change_of(case, ended, Action.SPOKE, by, at, restep=True)


def name_danger(case: Case, by: CaseActor, danger: Danger, words: str, *, at: datetime) -> CaseChange:
    """Note which danger it is, in a case that was opened without a word about it.

    One that is known stays; the words are noted beside it.
    """
    decide(case, Action.NOTE, by)
    known = case.danger is not None or by.standing is not CaseRole.REPORTER
    return change_of(case, case if known else replace(case, danger=danger), Action.NOTE, by, at, words)


def ring(case: Case, by: CaseActor, due: Ring, *, at: datetime) -> CaseChange:
    """Ring the rounds that are due; the next one follows."""
    decide(case, Action.RING, by)
    assert case.scene is not None
    rung, timers = _next_round(replace(case, scene=replace(case.scene, turn=due.turn)))
    return change_of(case, rung, Action.RING, by, at, data={"n": due.turn}, timers=timers)


def arrive(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """Record that somebody is at the scene: rounds and questions are over."""
    decide(case, Action.ARRIVE, by)
    if not case.calls or case.scene is None:
        raise present_state(case)
    there = replace(case, scene=replace(case.scene, arrived_at=at, over_at=at), acted_at=at)
    return change_of(case, there, Action.ARRIVE, by, at)


def _rings_anew(case: Case, action: Action, by: CaseActor, scene: Scene, *, at: datetime, words: str = "") -> CaseChange:
    """Return the change with rounds that begin now, or with the question to an assignee."""
    again = replace(case, scene=scene)
    if not again.calls:
        return change_of(case, again, action, by, at, words)
    if case.state in WAITING:
        again, timers = _next_round(replace(again, fence=case.fence + 1))
    else:  # the questions to the holder go on, unless they were over
        timers = asks_arrival(again, at=at, turn=int(at.timestamp())) if case.scene is not None and case.scene.over_at is not None else ()
    return change_of(case, again, action, by, at, words, timers=timers)


def _next_round(case: Case) -> tuple[Case, tuple[Timer, ...]]:
    assert case.scene is not None
    assert case.ladder.rounds is not None
    timer = escalation.round_timer(case.id, case.ladder.rounds, case.rung, fence=case.fence, scene=case.scene)
    return replace(case, due_at=timer.due_at), (timer,)
