"""Cases: what one is, which moves it has, and what each move makes of it.

Knows states, the one table of moves and the rungs; must not know storage, texts or who is told (domain/cases/notices.py). Invariant:
every pair (state, action) is decided here, allowed or refused with the present state; an ended step leaves no valid timer behind.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from domain.cases import escalation
from domain.cases.escalation import EscalationLevel, EscalationPolicy, level_of
from domain.core.change import CaseId, Event, PersonId, RuleError, StationId, Timer, VillageId
from domain.core.immutable import immutable
from domain.people.people import CaseActor, CaseRole, Role

if TYPE_CHECKING:
    from domain.core.town import Town
    from domain.people.people import Person, Posts


class Kind(StrEnum):
    """What a report is about."""

    DISPUTE = "dispute"
    HAZARD = "hazard"
    OPINION = "opinion"
    FRAUD = "fraud"
    OTHER = "other"


class Category(StrEnum):
    """The categories of disputes in mediation statistics; NONE for everything that is no dispute or not sorted yet."""

    NONE = ""
    MARRIAGE = "marriage"
    NEIGHBOUR = "neighbour"
    HOUSING = "housing"
    CONTRACT = "contract"
    PRODUCTION = "production"
    DAMAGES = "damages"
    LAND = "land"
    DEMOLITION = "demolition"
    LABOUR = "labour"
    POLLUTION = "pollution"
    PROPERTY = "property"
    CONSUMER = "consumer"
    MEDICAL = "medical"
    ECOMMERCE = "ecommerce"
    TOURISM = "tourism"
    GOVERNANCE = "governance"
    OTHER = "other"


class Severity(StrEnum):
    """How long something can wait: PRESSING not at all, MINOR as long as it must."""

    URGENT = "pressing"
    ORDINARY = "ordinary"
    MINOR = "minor"


class State(StrEnum):
    """Where a case stands in the chain."""

    OPEN = "open"
    ACCEPTED = "accepted"
    MEDIATING = "mediating"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    JOINT = "joint"
    SETTLED = "settled"
    REFERRED = "referred"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


WAITING = frozenset({State.OPEN, State.ESCALATED})
IN_WORK = frozenset({State.ACCEPTED, State.MEDIATING, State.ACKNOWLEDGED, State.JOINT})
ENDED = frozenset({State.SETTLED, State.REFERRED, State.CLOSED, State.WITHDRAWN})
ACTIVE = WAITING | IN_WORK


class Action(StrEnum):
    """What can be done to a case. OPEN is its beginning; LAPSE and STALL are the clock's."""

    OPEN = "open"
    ACCEPT = "accept"
    ACK = "ack"
    MEDIATE = "mediate"
    SETTLE = "settle"
    REFER = "refer"
    CLOSE = "close"
    ESCALATE = "escalate"
    ASK = "ask"
    ANSWER = "answer"
    NOTE = "note"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    RECUSE = "recuse"
    SOLVED = "solved"
    UNSOLVED = "unsolved"
    LAPSE = "lapse"
    STALL = "stall"


@immutable
class Move:
    """A row of the table: the state it leads to (None: stays, or follows from the rung) and who may make it."""

    to: State | None
    by: frozenset[CaseRole]


_REPORTER = frozenset({CaseRole.REPORTER})
_CHAIR = frozenset({CaseRole.CHAIR})
_POLICE = frozenset({CaseRole.POLICE})
_HANDLERS = _CHAIR | _POLICE
_ALL = _HANDLERS | _REPORTER
_CLOCK = frozenset({CaseRole.CLOCK})

_ALWAYS = {Action.NOTE: Move(None, _ALL), Action.ANSWER: Move(None, _REPORTER), Action.RECUSE: Move(None, _HANDLERS)}
_ACTIVE = _ALWAYS | {Action.WITHDRAW: Move(State.WITHDRAWN, _REPORTER)}
_WITH_CHAIR = _ACTIVE | {
    Action.ASK: Move(None, _HANDLERS),
    Action.ESCALATE: Move(State.ESCALATED, _CHAIR),
    Action.ACK: Move(State.ACKNOWLEDGED, _POLICE),
}
_CHAIR_WORKS = _WITH_CHAIR | {
    Action.MEDIATE: Move(State.MEDIATING, _CHAIR),
    Action.SETTLE: Move(State.SETTLED, _CHAIR),
    Action.REFER: Move(State.REFERRED, _CHAIR),
    Action.CLOSE: Move(State.CLOSED, _CHAIR),
    Action.STALL: Move(State.ESCALATED, _CLOCK),
}
_WITH_POLICE = _ACTIVE | {Action.ASK: Move(None, _POLICE), Action.ESCALATE: Move(State.ESCALATED, _POLICE)}
_POLICE_WORKS = _WITH_POLICE | {
    Action.MEDIATE: Move(State.JOINT, _POLICE),
    Action.SETTLE: Move(State.SETTLED, _POLICE),
    Action.REFER: Move(State.REFERRED, _POLICE),
    Action.CLOSE: Move(State.CLOSED, _POLICE),
    Action.STALL: Move(State.ESCALATED, _CLOCK),
}
_OVER = _ALWAYS | {Action.REOPEN: Move(None, _ALL)}
_ASKED_AFTER = _OVER | {Action.SOLVED: Move(None, _REPORTER), Action.UNSOLVED: Move(None, _REPORTER)}

#: Every move there is. A pair that is not here is refused with the present state.
MOVES: dict[State, dict[Action, Move]] = {
    State.OPEN: _WITH_CHAIR | {Action.ACCEPT: Move(State.ACCEPTED, _CHAIR), Action.LAPSE: Move(State.ESCALATED, _CLOCK)},
    State.ACCEPTED: _CHAIR_WORKS,
    State.MEDIATING: _CHAIR_WORKS,
    State.ESCALATED: _WITH_POLICE | {Action.ACK: Move(State.ACKNOWLEDGED, _POLICE), Action.LAPSE: Move(State.ESCALATED, _CLOCK)},
    State.ACKNOWLEDGED: _POLICE_WORKS,
    State.JOINT: _POLICE_WORKS,
    State.SETTLED: _ASKED_AFTER,
    State.CLOSED: _ASKED_AFTER,
    State.REFERRED: _OVER,
    State.WITHDRAWN: _OVER,
}


#: The next session is within so long, and no agreed date puts silence off for longer: a mediation ends within a month (2002 rules, art. 33).
NEXT_WITHIN = timedelta(days=30)
#: The source of a case that somebody opened because there is danger now: chair, officer and duty desk are told at once.
SOS = "sos"


@immutable
class NewCase:
    """What is known when a case is opened.

    `severity` None: read from the words. `reporter_id` None with `reporter_name`: opened for somebody who has no phone here.
    `details`: answers to the kind's own questions (JSON). `source`: how it came in ("report", "forwarded", "for_other", SOS).
    """

    kind: Kind
    text: str
    village_id: VillageId
    category: Category = Category.NONE
    severity: Severity | None = None
    place: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    reporter_id: PersonId | None = None
    reporter_name: str = ""
    opened_by: PersonId | None = None
    name_hidden: bool = False
    source: str = ""


@immutable
class Case:
    """A case. `id` is the number people say. `holder`: the role that has it now; `holder_id`: the person, once taken.

    `rung`, `fence`, `due_at`, `ladder`: see domain/cases/escalation.py; `acted_at`: when its holder last recorded something; `next_at`: the date
    agreed for the next session. `parties`: persons who must not see it. `reporter_name`, `reporter_phone`, `village` come from the directory.
    """

    id: CaseId
    kind: Kind
    category: Category
    severity: Severity
    state: State
    village_id: VillageId
    station_id: StationId
    village: str
    text: str
    place: str
    details: dict[str, Any]
    source: str
    reporter_id: PersonId | None
    reporter_name: str
    reporter_phone: str
    opened_by: PersonId | None
    name_hidden: bool
    holder: Role
    holder_id: PersonId | None
    holder_name: str
    rung: EscalationLevel
    fence: int
    due_at: datetime | None
    ladder: EscalationPolicy
    opened_at: datetime
    acted_at: datetime
    next_at: datetime | None = None
    ended_at: datetime | None = None
    parties: tuple[PersonId, ...] = ()
    sessions: int = 0
    photos: int = 0
    voices: int = 0
    files: int = 0
    version: int = 1

    @property
    def subject(self) -> str:
        """The name under which audit, timers and messages know it."""
        return f"case:{self.id}"

    @property
    def card(self) -> str:
        """The name of its live card."""
        return f"case:{self.id}"

    @property
    def ended(self) -> bool:
        """Whether nobody has to do anything about it."""
        return self.state in ENDED

    @property
    def excluded_ids(self) -> tuple[PersonId, ...]:
        """Persons who must not be told as holders of a post: the parties and the reporter."""
        return self.parties if self.reporter_id is None else (*self.parties, self.reporter_id)


@immutable
class Session:
    """One mediation: when (or in words), where, with whom, the result, and the next date."""

    result: str
    held_at: datetime | None = None
    held_words: str = ""
    place: str = ""
    present: str = ""
    next_at: datetime | None = None


@immutable
class CaseChange:
    """What a move makes: the new value, its audit event, what storage adds, and the ladder's timers.

    `restep`: the ladder moved, so every waiting timer of the case is stopped before `timers` start.
    """

    before: Case
    case: Case
    action: Action
    by: CaseActor
    event: Event
    timers: tuple[Timer, ...] = ()
    restep: bool = False
    party: PersonId | None = None
    session: Session | None = None


# Severity from words --------------------------------------------------------------------------------------------------

_PRESSING_WORDS = (
    "打架", "打人", "打起来", "动手", "动刀", "拿刀", "持刀", "砍", "捅", "出人命", "要命", "拼命", "杀", "自杀", "跳楼", "喝农药", "上吊",
    "放火", "纵火", "点火烧", "炸", "煤气泄漏", "燃气泄漏", "漏气", "触电", "要塌", "快塌", "倒塌", "流血", "受伤", "家暴", "挨打", "失踪", "走失",
    "群殴", "聚众", "威胁", "被困", "正在转账", "刚转账",
    "fight", "knife", "kill", "suicide", "weapon", "stab", "blood", "gas leak", "collaps", "beat", "arson", "threat", "missing",
)  # fmt: skip
_PRESSING = re.compile("|".join(map(re.escape, _PRESSING_WORDS)))
_MINOR_KINDS = frozenset({Kind.OPINION})


def severity(kind: Kind, text: str) -> Severity:
    """Read from the words how pressing it is; what sounds like violence, danger or money leaving now is PRESSING."""
    if _PRESSING.search(text.casefold()):
        return Severity.URGENT
    return Severity.MINOR if kind in _MINOR_KINDS else Severity.ORDINARY


# Opening --------------------------------------------------------------------------------------------------------------


def open_case(
    new: NewCase,
    *,
    number: CaseId,
    by: CaseActor,
    reporter: Person | None = None,
    posts: Posts,
    parties: tuple[PersonId, ...] = (),
    town: Town,
    at: datetime,
) -> CaseChange:
    """Open a case on the lowest rung somebody can answer who is neither its reporter nor a party to it.

    `reporter`: who reports it himself; his name and telephone are the directory's.
    """
    level = new.severity or severity(new.kind, new.text)
    ladder = escalation.freeze(town.escalation, urgent=level is Severity.URGENT)
    excluded_ids = parties if new.reporter_id is None else (*parties, new.reporter_id)
    rung = first_level(posts, excluded_ids)
    due = escalation.due_at(ladder, rung, town=town, at=at)
    case = Case(
        number, new.kind, new.category, level, State.OPEN if rung is EscalationLevel.CHAIR else State.ESCALATED, new.village_id,
        posts.village.station_id, posts.village.name, new.text, new.place, new.details, new.source, new.reporter_id,
        new.reporter_name if reporter is None else reporter.name, "" if reporter is None else reporter.phone, new.opened_by,
        new.name_hidden, rung.holder, None, "", rung, 1, due, ladder, at, at, parties=parties,
    )  # fmt: skip
    event = Event(case.subject, Action.OPEN, by.id, at, data=_signed(by) | {"rung": int(rung)})
    timers = escalation.step_timers(number, ladder, rung, fence=1, due=due, town=town, at=at)
    return CaseChange(case, case, Action.OPEN, by, event, timers)


def first_level(posts: Posts, excluded_ids: tuple[PersonId, ...], start: EscalationLevel = EscalationLevel.CHAIR) -> EscalationLevel:
    """Return the lowest rung from `start` on which somebody with a chat can be told; STATION when there is none."""
    roles = {EscalationLevel.CHAIR: (Role.CHAIR,), EscalationLevel.OFFICER: (Role.OFFICER,)}
    for rung in (EscalationLevel.CHAIR, EscalationLevel.OFFICER):
        if rung >= start and any(who.address for who in posts.of(*roles[rung], without=excluded_ids)):
            return rung
    return EscalationLevel.STATION


# Moves ----------------------------------------------------------------------------------------------------------------


def decide(case: Case, action: Action, by: CaseActor) -> Move:
    """Look a move up.

    Raises:
        RuleError: `refused.not_allowed` for who only reads; else `case.refused.<state>`: what is so now.
    """
    move = MOVES[case.state].get(action)
    if move is not None and by.standing in move.by:
        return move
    if by.standing in (CaseRole.REPORTER, CaseRole.SECRETARY, CaseRole.FOLLOWER) and action not in (Action.WITHDRAW, Action.REOPEN):
        raise RuleError("refused.not_allowed")
    raise present_state(case)


def present_state(case: Case) -> RuleError:
    """Return the refusal that says how a case stands."""
    return RuleError(f"case.refused.{case.state}", number=case.id, who=holder_of(case))


def take(case: Case, by: CaseActor, *, town: Town, at: datetime) -> CaseChange:
    """Accept as chair, or acknowledge as police: stops the ladder and starts the watch over silence."""
    action = Action.ACCEPT if by.standing is CaseRole.CHAIR else Action.ACK
    move = decide(case, action, by)
    assert move.to is not None
    taken = _held(replace(case, state=move.to, rung=level_of(by.role), fence=case.fence + 1, due_at=None), by, at)
    return _change(case, taken, action, by, at, timers=(watch(taken, town=town),), restep=True)


def mediate(case: Case, by: CaseActor, session: Session, *, at: datetime) -> CaseChange:
    """Record a session; by police it is a joint one.

    Raises:
        RuleError: `case.refused.too_far`: the next one is, see `check_next`.
    """
    move = decide(case, Action.MEDIATE, by)
    _words(session.result)
    if session.next_at is not None:
        check_next(session.next_at, at=at)
    assert move.to is not None
    held = _held(replace(case, state=move.to, sessions=case.sessions + 1, next_at=session.next_at), by, at)
    day = session.held_at.isoformat() if session.held_at else ""
    data = {"n": held.sessions, "place": session.place, "present": session.present, "held": session.held_words, "held_at": day}
    return _change(case, held, Action.MEDIATE, by, at, session.result, data=data, session=session)


def check_next(next_at: datetime, *, at: datetime) -> None:
    """Refuse a next session that is further away than `NEXT_WITHIN`.

    Raises:
        RuleError: `case.refused.too_far`.
    """
    if next_at > at + NEXT_WITHIN:
        raise RuleError("case.refused.too_far", days=NEXT_WITHIN.days)


def settle(case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange:
    """End with an agreement."""
    return _ended(case, Action.SETTLE, by, words, at)


def refer(case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange:
    """End with another legal way: arbitration, an authority, a court."""
    return _ended(case, Action.REFER, by, words, at)


def close(case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange:
    """End without an agreement being needed: done, or nothing to do."""
    return _ended(case, Action.CLOSE, by, words, at)


def withdraw(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """End because who reported it wants so."""
    return _ended(case, Action.WITHDRAW, by, "", at)


def escalate(case: Case, by: CaseActor, words: str, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Hand over to the next rung up, with a reason."""
    decide(case, Action.ESCALATE, by)
    rung = level_of(by.role)
    if rung >= EscalationLevel.STATION or (case.state is State.ESCALATED and rung < case.rung):
        raise present_state(case)
    _words(words)
    climbed, timers = _escalate_to(case, first_level(posts, case.excluded_ids, rung.next_level), town=town, at=at)
    return _change(case, climbed, Action.ESCALATE, by, at, words, timers=timers, restep=True)


def note(case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange:
    """Add words to a case; by who holds it this counts as having done something."""
    decide(case, Action.NOTE, by)
    _words(words)
    return _change(case, _touched(case, by, at), Action.NOTE, by, at, words)


def ask(case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange:
    """Ask the reporter something.

    Raises:
        RuleError: `case.refused.nobody_to_ask`: opened for somebody who has no phone here.
    """
    decide(case, Action.ASK, by)
    if case.reporter_id is None and case.opened_by in (None, by.id):
        raise RuleError("case.refused.nobody_to_ask", number=case.id)
    _words(words)
    return _change(case, _touched(case, by, at), Action.ASK, by, at, words)


def answer(case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange:
    """Add the reporter's answer."""
    decide(case, Action.ANSWER, by)
    _words(words)
    return _change(case, case, Action.ANSWER, by, at, words)


def recuse(case: Case, by: CaseActor, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Make a handler a party: from now on he sees nothing of it, and if he held it, it moves up."""
    decide(case, Action.RECUSE, by)
    assert by.id is not None
    apart = replace(case, parties=(*case.parties, by.id))
    if case.ended or level_of(by.role) < case.rung or _others_on(case, posts, by):
        return _change(case, apart, Action.RECUSE, by, at, party=by.id)
    climbed, timers = _escalate_to(apart, first_level(posts, apart.excluded_ids, level_of(by.role)), town=town, at=at)
    return _change(case, climbed, Action.RECUSE, by, at, timers=timers, restep=True, party=by.id)


def reopen(case: Case, by: CaseActor, words: str, *, posts: Posts, town: Town, at: datetime, solved: bool = True) -> CaseChange:
    """Start again where it was held last; `solved=False`: the answer to the return question."""
    action = Action.REOPEN if solved else Action.UNSOLVED
    decide(case, action, by)
    if by.standing is CaseRole.CHAIR and case.rung is not EscalationLevel.CHAIR:
        raise RuleError("case.refused.reopen_police", number=case.id)
    _words(words)
    start = min(case.rung, EscalationLevel.STATION)
    again, timers = _escalate_to(case, first_level(posts, case.excluded_ids, start), town=town, at=at)
    return _change(case, replace(again, ended_at=None), action, by, at, words, timers=timers, restep=True)


def solved(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """Take down that it is really solved."""
    decide(case, Action.SOLVED, by)
    return _change(case, case, Action.SOLVED, by, at)


# The clock's moves ----------------------------------------------------------------------------------------------------


def lapse(case: Case, by: CaseActor, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Climb because nobody answered in time."""
    decide(case, Action.LAPSE, by)
    rung = case.rung.next_level if case.rung >= EscalationLevel.STATION else first_level(posts, case.excluded_ids, case.rung.next_level)
    climbed, timers = _escalate_to(case, rung, town=town, at=at)
    return _change(case, climbed, Action.LAPSE, by, at, timers=timers, restep=True)


def stall(case: Case, by: CaseActor, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Climb because it was taken and then nothing was recorded."""
    decide(case, Action.STALL, by)
    rung = case.rung.next_level if case.rung >= EscalationLevel.STATION else first_level(posts, case.excluded_ids, case.rung.next_level)
    climbed, timers = _escalate_to(case, rung, town=town, at=at)
    return _change(case, climbed, Action.STALL, by, at, timers=timers, restep=True)


def silent_since(case: Case) -> datetime:
    """Return since when nothing happened: the last record, or the agreed next date when that is later, but no later than `NEXT_WITHIN`."""
    return max(case.acted_at, min(case.next_at or case.acted_at, case.acted_at + NEXT_WITHIN))


def next_step(case: Case, *, town: Town, at: datetime) -> tuple[Timer, ...]:
    """Return the timers an active case must have, made anew at `at` (for the auditor); none for an ended one."""
    turn = int(at.timestamp())
    if case.state in WAITING:
        due = max(case.due_at or at, at)
        return escalation.step_timers(case.id, case.ladder, case.rung, fence=case.fence, due=due, town=town, at=at, turn=turn)[-1:]
    return (watch(case, town=town, turn=turn),) if case.state in IN_WORK else ()


def watch(case: Case, *, town: Town, turn: int = 0) -> Timer:
    """Return the timer that looks whether a case in somebody's hands went silent; `turn` tells repeated looks apart."""
    since = silent_since(case)
    return escalation.stalled_timer(case.id, case.ladder, case.rung, fence=case.fence, since=since, town=town, turn=turn)


# Names ----------------------------------------------------------------------------------------------------------------

_DOUBLE_SURNAMES = frozenset(
    ("欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "长孙", "宇文", "端木", "夏侯", "南宫")
)


#: How the name of a telephone ends that stands on a desk and is nobody's own.
_DESKS = ("室", "所", "台", "desk")


def display_name(name: str, role: Role | str) -> dict[str, Any]:
    """Return how the village calls a holder of a post, as a text parameter: 王主任, 张警官; a desk that many share by its post."""
    if not name or name.endswith(_DESKS):
        return {"t": f"case.post.{role}"}
    chinese = "\u4e00" <= name[0] <= "\u9fff"
    surname = (name[:2] if name[:2] in _DOUBLE_SURNAMES else name[0]) if chinese else name
    return {"t": f"case.who.{role}", "p": {"surname": surname}}


def holder_of(case: Case) -> dict[str, Any]:
    """Return who has the case now: a person as the village calls him, or the post that has to answer."""
    return display_name(case.holder_name if case.holder_id is not None else "", case.holder)


# What the moves share -------------------------------------------------------------------------------------------------


def _words(words: str) -> None:
    if not words.strip():
        raise RuleError("case.refused.no_words")


def _signed(by: CaseActor) -> dict[str, Any]:
    if by.standing is CaseRole.CLOCK:
        return {"by": {"t": "case.who.clock"}}
    return {"by": {"t": "case.who.reporter"} if by.standing is CaseRole.REPORTER else display_name(by.name, by.role)}


def _change(
    before: Case,
    case: Case,
    action: Action,
    by: CaseActor,
    at: datetime,
    words: str = "",
    *,
    data: dict[str, Any] | None = None,
    timers: tuple[Timer, ...] = (),
    restep: bool = False,
    party: PersonId | None = None,
    session: Session | None = None,
) -> CaseChange:
    told = _signed(by) | (data or {}) | ({"to": {"t": f"case.post.{case.holder}"}} if restep and case.state in WAITING else {})
    event = Event(case.subject, action, by.id, at, words.strip(), told)
    return CaseChange(before, case, action, by, event, timers, restep, party, session)


def _held(case: Case, by: CaseActor, at: datetime) -> Case:
    return replace(case, holder=by.role, holder_id=by.id, holder_name=by.name, acted_at=at)


def _touched(case: Case, by: CaseActor, at: datetime) -> Case:
    """Count what a handler records as work, if the case is in his hands."""
    works = by.standing in (CaseRole.CHAIR, CaseRole.POLICE) and case.state in IN_WORK and level_of(by.role) >= case.rung
    return replace(case, acted_at=at) if works else case


def _escalate_to(case: Case, rung: EscalationLevel, *, town: Town, at: datetime) -> tuple[Case, tuple[Timer, ...]]:
    """Put a case on a rung where it waits for an answer; the fence makes what was before stale."""
    due = escalation.due_at(case.ladder, rung, town=town, at=at)
    state = State.OPEN if rung is EscalationLevel.CHAIR else State.ESCALATED
    climbed = replace(
        case, state=state, rung=rung, fence=case.fence + 1, due_at=due, holder=rung.holder, holder_id=None, holder_name="", next_at=None
    )
    return climbed, escalation.step_timers(case.id, case.ladder, rung, fence=climbed.fence, due=due, town=town, at=at)


def _others_on(case: Case, posts: Posts, by: CaseActor) -> bool:
    """Tell whether somebody else of the same post can go on with a case that nobody in particular holds."""
    same = posts.of(
        *((Role.DUTY, Role.LEADER) if level_of(by.role) is EscalationLevel.STATION else (by.role,)),
        without=(*case.excluded_ids, by.id or PersonId(0)),
    )
    return case.holder_id != by.id and any(who.address for who in same)


def _ended(case: Case, action: Action, by: CaseActor, words: str, at: datetime) -> CaseChange:
    """End a case; the return question follows what was settled or closed."""
    move = decide(case, action, by)
    if action is not Action.WITHDRAW:
        _words(words)
    assert move.to is not None
    ended = replace(case, state=move.to, fence=case.fence + 1, due_at=None, next_at=None, ended_at=at, acted_at=at)
    if by.standing is not CaseRole.REPORTER:
        ended = _held(ended, by, at)
    asked = action in (Action.SETTLE, Action.CLOSE)
    timers = (escalation.follow_up_timer(case.id, case.ladder, case.rung, fence=ended.fence, at=at),) if asked else ()
    return _change(case, ended, action, by, at, words, timers=timers, restep=True)
