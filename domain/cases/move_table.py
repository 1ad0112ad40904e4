"""Table of moves: which actions a case has in each state, and who may make them.

Knows only the table, and what a mistaken move costs; the result of a move is in domain/cases/moves.py. Invariants: every pair (state, action) is
decided here: allowed, or refused with the present state; every move of a person asks first, can be undone, or is harmless.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import Action, Case, State
from domain.cases.display import holder_of
from domain.cases.escalation import EscalationLevel
from domain.core.change import PersonId, RuleError
from domain.core.immutable import immutable, replace
from domain.people.people import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.change import Event


@immutable
class Move:
    """A row of the table: the next state and who may make the move.

    Next state None: it stays, or follows from the escalation level.
    """

    to: State | None
    by: frozenset[CaseRole]


_REPORTER = frozenset({CaseRole.REPORTER})
_CHAIR = frozenset({CaseRole.CHAIR})
_POLICE = frozenset({CaseRole.POLICE})
_HANDLERS = _CHAIR | _POLICE
_ALL = _HANDLERS | _REPORTER
_CLOCK = frozenset({CaseRole.CLOCK})
_FOLLOWER = frozenset({CaseRole.FOLLOWER})

#: Who sees a case may change in every state.
_SHARING = {
    Action.SHARE: Move(None, _REPORTER),
    Action.EXCLUDE: Move(None, _REPORTER),
    Action.CONCERNS: Move(None, _REPORTER),
    Action.CLEAR: Move(None, _REPORTER),
    Action.SHOW_MEDIA: Move(None, _REPORTER),
    Action.HIDE_NUMBERS: Move(None, _REPORTER),
    Action.RESTRICT: Move(None, _REPORTER | _POLICE),
    Action.LIFT: Move(None, _POLICE),
    Action.ASK_SEAL: Move(None, _POLICE),
    Action.OPEN_SEAL: Move(None, _POLICE),
}
_ALWAYS = _SHARING | {
    Action.NOTE: Move(None, _ALL),
    Action.POLICE_NOTE: Move(None, _POLICE),
    Action.CORRECT: Move(None, _ALL),
    Action.ANSWER: Move(None, _REPORTER),
    Action.RECUSE: Move(None, _HANDLERS),
    Action.UNDO: Move(None, _ALL),
}
_ACTIVE = _ALWAYS | {
    Action.WITHDRAW: Move(State.WITHDRAWN, _REPORTER),
    Action.REASSIGN: Move(None, _CLOCK),
    Action.CANCEL: Move(None, _REPORTER),
    Action.RAISE: Move(None, _REPORTER),
    Action.UNHEARD: Move(State.ESCALATED, _REPORTER),
    Action.SUPPLEMENT: Move(None, _FOLLOWER),
    Action.SPOKE: Move(State.WITHDRAWN, _POLICE),
}
_CALLS = {Action.RING: Move(None, _CLOCK)}
_ON_THE_WAY = {Action.ARRIVE: Move(None, _HANDLERS)}
_WITH_CHAIR = _ACTIVE | {
    Action.ASK: Move(None, _HANDLERS),
    Action.ESCALATE: Move(State.ESCALATED, _CHAIR),
    Action.ACK: Move(State.ACKNOWLEDGED, _POLICE),
}
_CHAIR_WORKS = (
    _WITH_CHAIR
    | _ON_THE_WAY
    | {
        Action.SNOOZE: Move(None, _CHAIR),
        Action.MEDIATE: Move(State.MEDIATING, _CHAIR),
        Action.SETTLE: Move(State.SETTLED, _CHAIR),
        Action.REFER: Move(State.REFERRED, _CHAIR),
        Action.CLOSE: Move(State.CLOSED, _CHAIR),
        Action.STALL: Move(State.ESCALATED, _CLOCK),
    }
)
_WITH_POLICE = _ACTIVE | {
    Action.ASK: Move(None, _POLICE),
    Action.ESCALATE: Move(State.ESCALATED, _POLICE),
    Action.HAND_BACK: Move(State.OPEN, _POLICE),
}
_POLICE_WORKS = (
    _WITH_POLICE
    | _ON_THE_WAY
    | {
        Action.SNOOZE: Move(None, _POLICE),
        Action.ASSIGN: Move(None, _POLICE),
        Action.MEDIATE: Move(State.JOINT, _POLICE),
        Action.SETTLE: Move(State.SETTLED, _POLICE),
        Action.REFER: Move(State.REFERRED, _POLICE),
        Action.CLOSE: Move(State.CLOSED, _POLICE),
        Action.STALL: Move(State.ESCALATED, _CLOCK),
    }
)
_OVER = _ALWAYS | {Action.REOPEN: Move(None, _ALL)}
_ASKED_AFTER = _OVER | {Action.SOLVED: Move(None, _REPORTER), Action.UNSOLVED: Move(None, _REPORTER), Action.VISITED: Move(None, _HANDLERS)}

#: All moves. A pair that is not in the table is refused with the present state.
MOVES: dict[State, dict[Action, Move]] = {
    State.OPEN: _WITH_CHAIR | _CALLS | {Action.ACCEPT: Move(State.ACCEPTED, _CHAIR), Action.LAPSE: Move(State.ESCALATED, _CLOCK)},
    State.ACCEPTED: _CHAIR_WORKS,
    State.MEDIATING: _CHAIR_WORKS,
    State.ESCALATED: _WITH_POLICE | _CALLS | {Action.ACK: Move(State.ACKNOWLEDGED, _POLICE), Action.LAPSE: Move(State.ESCALATED, _CLOCK)},
    State.ACKNOWLEDGED: _POLICE_WORKS,
    State.JOINT: _POLICE_WORKS,
    State.SETTLED: _ASKED_AFTER,
    State.CLOSED: _ASKED_AFTER,
    State.REFERRED: _OVER,
    State.WITHDRAWN: _OVER,
}


def decide(case: Case, action: Action, by: CaseActor) -> Move:
    """Look a move up.

    Raises:
        RuleError: `refused.not_allowed` for an actor who may only read; else `case.refused.<state>`, which names the present state.
    """
    move = MOVES[case.state].get(action)
    if move is not None and by.standing in move.by:
        return move
    if by.standing in (CaseRole.REPORTER, CaseRole.SECRETARY, CaseRole.FOLLOWER) and action not in (Action.WITHDRAW, Action.REOPEN):
        raise RuleError("refused.not_allowed")
    raise present_state(case)


def present_state(case: Case) -> RuleError:
    """Return the refusal that names the present state of a case."""
    return RuleError(f"case.refused.{case.state}", number=case.id, who=holder_of(case))


# Mistakes -------------------------------------------------------------------------------------------------------------

#: How long a move can be undone by its actor.
UNDO_WITHIN = timedelta(minutes=1)


class Mistake(StrEnum):
    """The way out of a mistaken move.

    `ASKS`: a question or a page that says what follows comes before it. `UNDO`: it can be undone for a minute. `HARMLESS`: it only adds
    something, or another move of the same person takes it back.
    """

    ASKS = "asks"
    UNDO = "undo"
    HARMLESS = "harmless"


#: Every move that a person can make.
MISTAKES: dict[Action, Mistake] = {
    **dict.fromkeys((Action.ACCEPT, Action.ACK, Action.SETTLE, Action.CLOSE, Action.ESCALATE, Action.WITHDRAW), Mistake.UNDO),
    **dict.fromkeys((Action.RECUSE, Action.HIDE_NUMBERS), Mistake.ASKS),
    # The page of who sees a case says it before its buttons do it.
    **dict.fromkeys((Action.SHARE, Action.SHOW_MEDIA, Action.EXCLUDE, Action.CONCERNS, Action.CLEAR), Mistake.ASKS),
    # A reason is asked for, and a second person.
    **dict.fromkeys((Action.ASK_SEAL, Action.OPEN_SEAL), Mistake.ASKS),
    # Words are added; an answer can be taken back.
    **dict.fromkeys((Action.NOTE, Action.POLICE_NOTE, Action.ASK, Action.ANSWER, Action.SUPPLEMENT, Action.MEDIATE), Mistake.HARMLESS),
    # The opposite move is open to the same person.
    **dict.fromkeys((Action.REFER, Action.REOPEN, Action.UNSOLVED, Action.SOLVED, Action.VISITED, Action.CORRECT), Mistake.HARMLESS),
    **dict.fromkeys((Action.RESTRICT, Action.LIFT, Action.ASSIGN, Action.HAND_BACK, Action.SNOOZE), Mistake.HARMLESS),
    # More help comes, or may be called again.
    **dict.fromkeys((Action.CANCEL, Action.RAISE, Action.SPOKE, Action.ARRIVE, Action.UNHEARD, Action.UNDO), Mistake.HARMLESS),
}
_DATES = ("due_at", "next_at", "ended_at", "acted_at", "step_at")


def restorable(before: Case, action: Action) -> dict[str, str]:
    """Return what the event of a move keeps so that it can be undone; nothing for any other.

    A call for help is not undone: people are on their way.
    """
    if MISTAKES.get(action) is not Mistake.UNDO or before.scene is not None:
        return {}
    kept = {"state": before.state, "rung": int(before.rung), "holder": before.holder, "holder_id": before.holder_id}
    return {"before": json.dumps(kept | {name: each.isoformat() for name in _DATES if (each := getattr(before, name)) is not None})}


def undoable(case: Case, by: CaseActor, events: Sequence[Event], *, at: datetime) -> Event | None:
    """Return the last move of a case if this actor may undo it now."""
    last = events[-1] if events else None
    if last is None or by.id is None or last.actor_id != by.id or "before" not in last.data or at - last.at >= UNDO_WITHIN:
        return None
    move = MOVES[case.state].get(Action.UNDO)
    return last if move is not None and by.standing in move.by else None


def restored(case: Case, last: Event, *, holder_name: str) -> Case:
    """Return a case as it was before its last move; older timers are stale."""
    kept = json.loads(last.data["before"])

    def instant(name: str) -> datetime | None:
        return datetime.fromisoformat(kept[name]) if name in kept else None

    return replace(
        case, state=State(kept["state"]), rung=EscalationLevel(kept["rung"]), holder=Role(kept["holder"]), holder_id=holder_before(last),
        holder_name=holder_name, fence=case.fence + 1, due_at=instant("due_at"), next_at=instant("next_at"), ended_at=instant("ended_at"),
        acted_at=instant("acted_at") or case.acted_at, step_at=instant("step_at") or case.step_at,
    )  # fmt: skip


def holder_before(last: Event) -> PersonId | None:
    """Return the person who had the case before its last move."""
    number = json.loads(last.data["before"])["holder_id"]
    return None if number is None else PersonId(number)
