"""Table of moves: which actions a case has in each state, and who may make them.

Knows only the table; the result of a move is in domain/cases/moves.py. Invariant: every pair (state, action) is decided here: allowed, or
refused with the present state.
"""

from __future__ import annotations

from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import Action, Case, State
from domain.cases.display import holder_of
from domain.core.change import RuleError
from domain.core.immutable import immutable


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
