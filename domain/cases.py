"""A case: what it is, which move is allowed in which state, and what a move changes.

Knows the chain accept → mediate → settle | escalate → acknowledge → joint mediation → settle | refer, and who sits where. Must not know
sentences, people's chats or the clock. Invariant: every (state, action) is decided by MOVES, and every (seat, action) by MAY; a case that
waits for somebody has a fence that no older timer carries.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.change import CaseId, Event, PersonId, RuleError, StationId, VillageId
from domain.people import Person, Role

CLOSING = 30  # days in which a closed case can be reopened by its reporter


class Kind(StrEnum):
    """What is reported."""

    DISPUTE = "dispute"
    HAZARD = "hazard"
    OPINION = "opinion"
    FRAUD = "fraud"
    OTHER = "other"


class Category(StrEnum):
    """Kinds of disputes, as the statistics of people's mediation count them; the most frequent first."""

    NEIGHBOURS = "neighbours"
    FAMILY = "family"
    DAMAGE = "damage"
    LAND = "land"
    HOUSING = "housing"
    LABOUR = "labour"
    CONTRACT = "contract"
    TRAFFIC = "traffic"
    PRODUCTION = "production"
    RELOCATION = "relocation"
    ENVIRONMENT = "environment"
    PROPERTY = "property"
    CONSUMER = "consumer"
    MEDICAL = "medical"
    VILLAGE = "village"
    OTHER = "other"


class Severity(StrEnum):
    """How long it can wait: working hours, the clock, or not at all."""

    ORDINARY = "ordinary"
    PRESSING = "pressing"
    URGENT = "urgent"


class State(StrEnum):
    """Where a case stands. `rung` says whose it is."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    MEDIATING = "mediating"
    ESCALATED = "escalated"
    WITH_OFFICER = "with_officer"
    JOINT = "joint"
    SETTLED = "settled"
    REFERRED = "referred"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    """What a person, or time, may do to a case."""

    ACCEPT = "accept"
    MEDIATE = "mediate"
    SETTLE = "settle"
    ESCALATE = "escalate"
    ACKNOWLEDGE = "acknowledge"
    REFER = "refer"
    CLOSE = "close"
    ASK = "ask"
    NOTE = "note"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    RECUSE = "recuse"
    SOLVED = "solved"
    NOT_SOLVED = "not_solved"
    OVERDUE = "overdue"
    STALL = "stall"


class Seat(StrEnum):
    """Where somebody sits at one case."""

    REPORTER = "reporter"
    CHAIR = "chair"
    OFFICER = "officer"
    STATION = "station"
    SECRETARY = "secretary"
    FOLLOWER = "follower"
    CLOCK = "clock"


OPEN = frozenset({State.REPORTED, State.ACCEPTED, State.MEDIATING, State.ESCALATED, State.WITH_OFFICER, State.JOINT})
WAITING = frozenset({State.REPORTED, State.ESCALATED})
IN_HAND = OPEN - WAITING
ENDED = frozenset(State) - OPEN
POLICE_SEATS = frozenset({Seat.OFFICER, Seat.STATION})
#: Actions that need words.
WORDY = frozenset({Action.MEDIATE, Action.SETTLE, Action.ESCALATE, Action.REFER, Action.CLOSE, Action.ASK, Action.NOTE, Action.REOPEN})
RUNGS = (Role.CHAIR, Role.OFFICER, Role.LEADER)

_ANY_OPEN = {
    Action.SETTLE: State.SETTLED,
    Action.REFER: State.REFERRED,
    Action.CLOSE: State.CLOSED,
    Action.ESCALATE: State.ESCALATED,
    Action.RECUSE: State.ESCALATED,
    Action.WITHDRAW: State.WITHDRAWN,
}
_ENDED = {Action.REOPEN: State.REPORTED, Action.NOT_SOLVED: State.REPORTED}
#: (state, action) → next state; a pair that is not here is refused. ASK and NOTE keep the state; SOLVED keeps an end.
MOVES: dict[State, dict[Action, State]] = {
    State.REPORTED: _ANY_OPEN
    | {Action.ACCEPT: State.ACCEPTED, Action.MEDIATE: State.MEDIATING, Action.ACKNOWLEDGE: State.WITH_OFFICER, Action.OVERDUE: State.ESCALATED},
    State.ACCEPTED: _ANY_OPEN | {Action.MEDIATE: State.MEDIATING, Action.ACKNOWLEDGE: State.WITH_OFFICER, Action.STALL: State.ESCALATED},
    State.MEDIATING: _ANY_OPEN | {Action.MEDIATE: State.MEDIATING, Action.ACKNOWLEDGE: State.WITH_OFFICER, Action.STALL: State.ESCALATED},
    State.ESCALATED: _ANY_OPEN | {Action.ACKNOWLEDGE: State.WITH_OFFICER, Action.MEDIATE: State.JOINT, Action.OVERDUE: State.ESCALATED},
    State.WITH_OFFICER: _ANY_OPEN | {Action.MEDIATE: State.JOINT, Action.STALL: State.ESCALATED},
    State.JOINT: _ANY_OPEN | {Action.MEDIATE: State.JOINT, Action.STALL: State.ESCALATED},
    State.SETTLED: _ENDED | {Action.SOLVED: State.SETTLED},
    State.REFERRED: _ENDED | {Action.SOLVED: State.REFERRED},
    State.CLOSED: _ENDED | {Action.SOLVED: State.CLOSED},
    State.WITHDRAWN: {Action.REOPEN: State.REPORTED},
}
for _state, _moves in MOVES.items():
    _moves[Action.NOTE] = _state
    if _state in OPEN:
        _moves[Action.ASK] = _state

_HANDLING = frozenset({Action.MEDIATE, Action.SETTLE, Action.ESCALATE, Action.REFER, Action.CLOSE, Action.ASK, Action.NOTE, Action.RECUSE})
#: Seat → actions open to it at all. A chair acts only while the case is on his rung (see `allowed`).
MAY: dict[Seat, frozenset[Action]] = {
    Seat.REPORTER: frozenset({Action.NOTE, Action.WITHDRAW, Action.REOPEN, Action.SOLVED, Action.NOT_SOLVED}),
    Seat.CHAIR: _HANDLING | {Action.ACCEPT},
    Seat.OFFICER: _HANDLING | {Action.ACKNOWLEDGE, Action.REOPEN},
    Seat.STATION: _HANDLING | {Action.ACKNOWLEDGE, Action.REOPEN},
    Seat.SECRETARY: frozenset(),
    Seat.FOLLOWER: frozenset(),
    Seat.CLOCK: frozenset({Action.OVERDUE, Action.STALL}),
}


@dataclass(frozen=True, slots=True)
class Ladder:
    """The spans a case was opened with (microseconds), frozen: later changes of the settings do not move it."""

    chair: int
    officer: int
    leader: int
    stalled: int
    follow_up: int
    remind_share: float


@dataclass(frozen=True, slots=True)
class NewCase:
    """What is needed to open a case. `parties`: people who must not see it though they hold a post (`chair_is_party` finds the chair)."""

    kind: Kind
    text: str
    village_id: VillageId
    category: str = ""
    severity: Severity = Severity.ORDINARY
    reporter_id: PersonId | None = None
    filed_by: PersonId | None = None
    on_behalf: str = ""
    name_hidden: bool = False
    chair_is_party: bool = False
    place: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A case as stored. Instants are aware UTC; `rung`: whose turn it is (chair, officer, leader); `holder_id`: who took it."""

    id: CaseId
    village_id: VillageId
    station_id: StationId
    kind: Kind
    category: str
    severity: Severity
    state: State
    text: str
    reporter_id: PersonId | None
    filed_by: PersonId | None
    on_behalf: str
    name_hidden: bool
    place: str
    late: bool
    rung: Role
    holder_id: PersonId | None
    ladder: Ladder
    fence: int
    due_at: datetime | None
    media: int
    sessions: int
    confirmed: bool
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    version: int = 1

    @property
    def subject(self) -> str:
        """The name under which audit, timers and cards know this case."""
        return f"case:{self.id}"


@dataclass(frozen=True, slots=True)
class Session:
    """One mediation: where, with whom, what came of it, when next."""

    result: str
    place: str = ""
    parties: str = ""
    next_on: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A decided move: the case before and after, its audit event, and what else is written."""

    before: Case
    case: Case
    action: Action
    event: Event
    words: str = ""
    session: Session | None = None
    new_party: PersonId | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def restarts_timers(self) -> bool:
        """Tell whether what the case waits for has changed."""
        return self.case.fence != self.before.fence


def seats(actor: Person, case: Case, *, party: bool, follower: bool) -> frozenset[Seat]:
    """Return where the actor sits. A party sits nowhere but as the reporter."""
    found: set[Seat] = set()
    if actor.id is not None and actor.id in (case.reporter_id, case.filed_by):
        found.add(Seat.REPORTER)
    if not party and not actor.suspended:
        if case.village_id in actor.villages(Role.CHAIR):
            found.add(Seat.CHAIR)
        if case.village_id in actor.villages(Role.OFFICER):
            found.add(Seat.OFFICER)
        if case.station_id in actor.stations(Role.DUTY, Role.LEADER):
            found.add(Seat.STATION)
        if case.village_id in actor.villages(Role.SECRETARY):
            found.add(Seat.SECRETARY)
        if follower:
            found.add(Seat.FOLLOWER)
    return frozenset(found)


def allowed(case: Case, seated: frozenset[Seat], action: Action) -> bool:
    """Decide whether the action is open now to somebody in these seats."""
    return action in MOVES[case.state] and any(_seat_may(case, seat, action) for seat in seated)


def decide(case: Case, actor_id: PersonId | None, seated: frozenset[Seat], action: Action, *, at: datetime, words: str = "", session: Session | None = None) -> Moved:
    """Make a move.

    Raises:
        RuleError: `case.refused.…`: not this seat's action, or not in this state, or words are missing.
    """
    _refuse(case, seated, action, words)
    state = MOVES[case.state][action]
    rung, holder = _whose(case, seated, action, actor_id)
    moved_on = state != case.state or rung != case.rung or holder != case.holder_id or action in (Action.OVERDUE, Action.MEDIATE, Action.STALL)
    if state is State.REPORTED and rung is not Role.CHAIR:
        state = State.ESCALATED
    ended = state in ENDED
    after = replace(
        case,
        state=state,
        rung=rung,
        holder_id=holder,
        fence=case.fence + 1 if moved_on else case.fence,
        sessions=case.sessions + (action is Action.MEDIATE),
        confirmed=action is Action.SOLVED or (case.confirmed and ended),
        closed_at=(case.closed_at if case.state in ENDED else at) if ended else None,
        changed_at=at,
        version=case.version + 1,
    )
    data = {"from": case.state, "to": state, "rung": rung, "seat": _seat_shown(seated, action)}
    event = Event(case.subject, f"case.{action}", actor_id, at, words, data)
    if action is Action.MEDIATE and session is None:
        session = Session(words)
    return Moved(case, after, action, event, words, session, actor_id if action is Action.RECUSE else None)


def _seat_may(case: Case, seat: Seat, action: Action) -> bool:
    if action not in MAY[seat]:
        return False
    if seat is Seat.CHAIR and action is not Action.NOTE:
        return case.rung is Role.CHAIR
    if seat is Seat.OFFICER and action is Action.ESCALATE:
        return case.rung is not Role.LEADER
    if seat is Seat.STATION and action is Action.ESCALATE:
        return False
    return True


def _refuse(case: Case, seated: frozenset[Seat], action: Action, words: str) -> None:
    may = any(action in MAY[seat] for seat in seated)
    if not may:
        raise RuleError("case.refused.not_yours", number=str(case.id))
    if not any(_seat_may(case, seat, action) for seat in seated):
        raise RuleError("case.refused.moved_up", number=str(case.id), state={"t": f"case.state.{case.state}"})
    if action not in MOVES[case.state]:
        raise RuleError("case.refused.state", number=str(case.id), state={"t": f"case.state.{case.state}"})
    if action in WORDY and not words.strip():
        raise RuleError("case.refused.words", number=str(case.id), command=action.value)


def _whose(case: Case, seated: frozenset[Seat], action: Action, actor_id: PersonId | None) -> tuple[Role, PersonId | None]:
    """Return the rung and holder after a move."""
    match action:
        case Action.ACCEPT:
            return Role.CHAIR, actor_id
        case Action.ACKNOWLEDGE:
            return _police_rung(case, seated), actor_id
        case Action.MEDIATE if Seat.CHAIR in seated and case.rung is Role.CHAIR:
            return Role.CHAIR, actor_id
        case Action.MEDIATE:
            return _police_rung(case, seated), case.holder_id if case.state in IN_HAND and case.rung is not Role.CHAIR else actor_id
        case Action.ESCALATE | Action.OVERDUE | Action.STALL | Action.RECUSE:
            return _above(case.rung), None
        case Action.REOPEN | Action.NOT_SOLVED:
            return case.rung, None
        case _:
            return case.rung, case.holder_id


def _police_rung(case: Case, seated: frozenset[Seat]) -> Role:
    if Seat.OFFICER in seated:
        return Role.OFFICER
    return Role.LEADER if Seat.STATION in seated else case.rung


def _above(rung: Role) -> Role:
    return RUNGS[min(RUNGS.index(rung) + 1, len(RUNGS) - 1)]


def _seat_shown(seated: frozenset[Seat], action: Action) -> str:
    """Return the seat in whose name an action is shown in the timeline."""
    order = (Seat.CLOCK, Seat.CHAIR, Seat.OFFICER, Seat.STATION, Seat.REPORTER, Seat.SECRETARY, Seat.FOLLOWER)
    return next((seat.value for seat in order if seat in seated and action in MAY[seat]), "")
