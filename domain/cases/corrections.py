"""Corrections of a case: its kind, its category, its severity, its last move.

Knows what follows from a correction: only disputes have a category, and the escalation policy is frozen again with the spans of the corrected
case, counted from the start of the present step. Must not know storage or texts. Invariant: a chair never makes an urgent case less urgent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from domain.cases import escalation
from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import WAITING, Action, Case, CaseChange, Category, Kind, Severity
from domain.cases.escalation import level_of
from domain.cases.move_table import decide, present_state, restored, undoable
from domain.cases.moves import change_of, freeze_for
from domain.cases.next_step import next_step, of_work, waits
from domain.cases.rounds import Scene
from domain.core.change import RuleError
from domain.core.immutable import replace

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.core.change import Event
    from domain.core.town import Town
    from domain.people.people import Posts

#: What is corrected: one property, given by its new value.
Correction: TypeAlias = Kind | Category | Severity


def correct(case: Case, by: CaseActor, to: Correction, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Correct one property of a case; a category makes it a dispute.

    Raises:
        RuleError: `case.refused.same`: it is so already; `case.refused.lower_police`: only the police make an urgent case less urgent; those
            of `check_may_correct`.
    """
    decide(case, Action.CORRECT, by)
    check_may_correct(case, by, to)
    fixed = _fixed(case, to)
    if fixed == case:
        raise RuleError("case.refused.same", number=case.id)
    if case.severity is Severity.URGENT is not fixed.severity and by.standing is not CaseRole.POLICE:
        raise RuleError("case.refused.lower_police", number=case.id)
    fixed = replace(fixed, ladder=freeze_for(fixed.kind, fixed.category, fixed.severity, posts=posts, town=town))
    data = {"what": {"t": f"case.{type(to).__name__.lower()}.{to or 'none'}"}, "was": [case.kind, case.category, case.severity]}
    if case.ended or fixed.ladder == case.ladder:
        return change_of(case, fixed, Action.CORRECT, by, at, data=data)
    fixed = replace(fixed, fence=case.fence + 1, scene=_scene(fixed, at))
    if case.state not in WAITING:
        return change_of(case, fixed, Action.CORRECT, by, at, data=data, timers=of_work(fixed, town=town, at=at), restep=True)
    if fixed.calls:
        fixed, timers = waits(fixed, town=town, at=at)
        return change_of(case, fixed, Action.CORRECT, by, at, data=data, timers=timers, restep=True)
    due = max(escalation.due_at(fixed.ladder, case.rung, town=town, at=case.step_at), at)
    fixed = replace(fixed, due_at=due)
    timers = escalation.step_timers(case.id, fixed.ladder, case.rung, fence=fixed.fence, due=due, town=town, at=case.step_at)
    ahead = tuple(timer for timer in timers if timer.kind != escalation.REMINDER or timer.due_at > at)
    return change_of(case, fixed, Action.CORRECT, by, at, data=data, timers=ahead, restep=True)


def check_may_correct(case: Case, by: CaseActor, to: Correction | None = None) -> None:
    """Refuse a correction that the actor may not make.

    The reporter corrects the kind or category of an open case.

    Raises:
        RuleError: a refusal with the present state, or `refused.not_allowed` for the severity.
    """
    if by.standing is CaseRole.REPORTER:
        if case.ended:
            raise present_state(case)
        if isinstance(to, Severity):
            raise RuleError("refused.not_allowed")
    elif level_of(by.role) < case.rung:
        raise present_state(case)


def _scene(case: Case, at: datetime) -> Scene | None:
    """Return the scene of a corrected case.

    Its rounds begin when it becomes urgent, and are over when it is not.
    """
    if case.scene is None:
        return Scene(at) if case.ladder.rounds is not None else None
    return case.scene if case.ladder.rounds is not None else replace(case.scene, over_at=case.scene.over_at or at)


def _fixed(case: Case, to: Correction) -> Case:
    match to:
        case Kind():
            return replace(case, kind=to, category=case.category if to is Kind.DISPUTE else Category.NONE)
        case Category():
            return replace(case, kind=Kind.DISPUTE, category=to)
        case Severity():
            return replace(case, severity=to)


def undo(case: Case, by: CaseActor, *, events: Sequence[Event], holder_name: str, town: Town, at: datetime) -> CaseChange:
    """Undo the actor's own last move; the case waits again, and nothing is deleted.

    `events`: the timeline, oldest first. `holder_name`: the person who had the case before.

    Raises:
        RuleError: `case.refused.undo_late`: a minute is over, or something else has happened since.
    """
    decide(case, Action.UNDO, by)
    last = undoable(case, by, events, at=at)
    if last is None:
        raise RuleError("case.refused.undo_late", number=case.id)
    back = restored(case, last, holder_name=holder_name)
    timers = next_step(back, town=town, at=at)
    return change_of(case, back, Action.UNDO, by, at, data={"undone": last.action}, timers=timers, restep=True)
