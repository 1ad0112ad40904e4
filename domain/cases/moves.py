"""Moves of a case: opening, a person's moves, the clock's moves.

Knows the escalation levels and the content of a change. The table of moves is in domain/cases/move_table.py, the recipients in
domain/cases/notices.py. Must not know storage or texts. Invariant: a move is looked up before it is made; an ended step leaves no valid
timer.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from domain.cases import escalation
from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import IN_WORK, WAITING, Action, Case, CaseChange, Category, Kind, NewCase, Session, Severity, Side, State
from domain.cases.display import display_name
from domain.cases.escalation import ASKED, CALLED, EscalationLevel, EscalationPolicy, level_of
from domain.cases.intake import severity
from domain.cases.move_table import decide, present_state, restorable
from domain.cases.next_step import NEXT_WITHIN, of_work, waits
from domain.cases.rounds import Scene
from domain.cases.visibility import Level
from domain.cases.words.own_words import veiled, veiled_case, veiled_session
from domain.core.change import CaseId, Event, PersonId, RuleError, Timer
from domain.core.immutable import replace
from domain.emergencies.hearing import hear
from domain.people.people import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.core.change import Receiver
    from domain.core.town import Town
    from domain.people.people import Person, Posts


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
    """Open a case on the lowest level with somebody who is neither reporter nor party.

    `reporter`: set when a person reports for themselves; their name and telephone come from the directory.
    """
    level = new.severity or severity(new.kind, new.text)
    heard = hear(new.text) if level is Severity.URGENT and new.danger is None else None
    ladder = freeze_for(new.kind, new.category, level, posts=posts, town=town)
    scene = None if ladder.rounds is None else Scene(at)
    excluded_ids = parties if new.reporter_id is None else (*parties, new.reporter_id)
    rung = first_level(posts, excluded_ids, EscalationLevel.OFFICER if new.visibility.police_only else EscalationLevel.CHAIR)
    case = Case(
        id=number,
        kind=new.kind,
        category=new.category,
        severity=level,
        state=State.OPEN if rung is EscalationLevel.CHAIR else State.ESCALATED,
        village_id=new.village_id,
        station_id=posts.village.station_id,
        village=posts.village.name,
        text=new.text,
        place=new.place,
        details=new.details,
        source=new.source,
        reporter_id=new.reporter_id,
        reporter_name=new.reporter_name if reporter is None else reporter.name,
        reporter_phone="" if reporter is None else reporter.phone,
        filer_name=by.name if new.reporter_id is None else "",
        opened_by=new.opened_by,
        visibility=new.visibility,
        holder=rung.holder,
        holder_id=None,
        holder_name="",
        rung=rung,
        fence=1,
        due_at=None,
        ladder=ladder,
        scene=scene,
        opened_at=at,
        acted_at=at,
        step_at=at,
        parties=parties,
        doubtful=parties if new.side is Side.DOUBTFUL else (),
        danger=new.danger if heard is None else heard.danger,
        at_home=new.at_home or (heard is not None and heard.at_home and new.visibility.police_only),
    )
    event = Event(case.subject, Action.OPEN, by.id, at, data=_signed(by) | {"rung": int(rung)})
    case, timers = waits(veiled_case(case), town=town, at=at)
    return CaseChange(case, case, Action.OPEN, by, event, timers, side=new.side)


def freeze_for(kind: Kind, category: Category, severity: Severity, *, posts: Posts, town: Town) -> EscalationPolicy:
    """Freeze the spans of a case of this kind, category and severity in a village."""
    rules = town.escalation.rules_for(kind=kind.value, category=category.value, severity=severity.value, villages=posts.village.names)
    return escalation.freeze(rules, town.emergency, urgent=severity is Severity.URGENT)


def first_level(posts: Posts, excluded_ids: tuple[PersonId, ...], start: EscalationLevel = EscalationLevel.CHAIR) -> EscalationLevel:
    """Return the lowest level from `start` with a reachable person (one with a chat).

    STATION when there is none.
    """
    roles = {EscalationLevel.CHAIR: (Role.CHAIR,), EscalationLevel.OFFICER: (Role.OFFICER,)}
    for rung in (EscalationLevel.CHAIR, EscalationLevel.OFFICER):
        if rung >= start and any(who.address for who in posts.of(*roles[rung], without=excluded_ids)):
            return rung
    return EscalationLevel.STATION


def lowest_level(case: Case, posts: Posts, start: EscalationLevel = EscalationLevel.CHAIR) -> EscalationLevel:
    """Return the lowest level from `start` with a reachable person who may see the case."""
    if case.visibility.police_only:
        start = max(start, EscalationLevel.OFFICER)
    return first_level(posts, case.excluded_ids, start)


# Moves ----------------------------------------------------------------------------------------------------------------


def take(case: Case, by: CaseActor, *, town: Town, at: datetime) -> CaseChange:
    """Accept as chair or acknowledge as police: stop escalation, start the inactivity check."""
    action = Action.ACCEPT if by.standing is CaseRole.CHAIR else Action.ACK
    move = decide(case, action, by)
    assert move.to is not None
    taken = _held(replace(case, state=move.to, rung=level_of(by.role), fence=case.fence + 1, due_at=None), by, at)
    if case.scene is not None:
        taken = replace(taken, scene=replace(case.scene, accepted_at=case.scene.accepted_at or at))
    return change_of(case, taken, action, by, at, timers=of_work(taken, town=town, at=at), restep=True)


def mediate(case: Case, by: CaseActor, session: Session, *, at: datetime) -> CaseChange:
    """Record a session; by police it is a joint one.

    Raises:
        RuleError: `case.refused.too_far`: the next session is too far away, see `check_next`.
    """
    move = decide(case, Action.MEDIATE, by)
    check_words(session.result)
    if session.next_at is not None:
        check_next(session.next_at, at=at)
    assert move.to is not None
    held = _held(replace(case, state=move.to, sessions=case.sessions + 1, next_at=session.next_at), by, at)
    day = session.held_at.isoformat() if session.held_at else ""
    data = {"n": held.sessions, "place": session.place, "present": session.present, "held": session.held_words, "held_at": day}
    return change_of(case, held, Action.MEDIATE, by, at, session.result, data=data, session=session)


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
    """End without an agreement: done, or nothing to do."""
    return _ended(case, Action.CLOSE, by, words, at)


def withdraw(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """End because the reporter asks for it."""
    return _ended(case, Action.WITHDRAW, by, "", at)


def escalate(case: Case, by: CaseActor, words: str, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Escalate to the next level, with a reason."""
    decide(case, Action.ESCALATE, by)
    rung = level_of(by.role)
    if rung >= EscalationLevel.STATION or (case.state is State.ESCALATED and rung < case.rung):
        raise present_state(case)
    check_words(words)
    climbed, timers = escalate_to(case, lowest_level(case, posts, rung.next_level), posts=posts, town=town, at=at)
    return change_of(case, climbed, Action.ESCALATE, by, at, words, timers=timers, restep=True)


def note(case: Case, by: CaseActor, words: str, *, at: datetime, for_police: bool = False) -> CaseChange:
    """Add words to a case; a note by its assignee counts as activity.

    `for_police`: nobody but the police learns of it.
    """
    action = Action.POLICE_NOTE if for_police else Action.NOTE
    decide(case, action, by)
    check_words(words)
    return change_of(case, _touched(case, by, at), action, by, at, words)


def supplement(case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange:
    """Add words of somebody who joined the report."""
    decide(case, Action.SUPPLEMENT, by)
    check_words(words)
    return change_of(case, case, Action.SUPPLEMENT, by, at, words)


def ask(case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange:
    """Ask the reporter something.

    Raises:
        RuleError: `case.refused.nobody_to_ask`: opened for somebody without a phone here.
    """
    decide(case, Action.ASK, by)
    if case.reporter_id is None and case.opened_by in (None, by.id):
        raise RuleError("case.refused.nobody_to_ask", number=case.id)
    check_words(words)
    return change_of(case, _touched(case, by, at), Action.ASK, by, at, words)


def answer(case: Case, by: CaseActor, words: str, *, at: datetime) -> CaseChange:
    """Add the reporter's answer."""
    decide(case, Action.ANSWER, by)
    check_words(words)
    return change_of(case, case, Action.ANSWER, by, at, words)


def recuse(case: Case, by: CaseActor, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Make a handler a party: they lose access, and a case that they held escalates."""
    decide(case, Action.RECUSE, by)
    assert by.id is not None
    apart = replace(case, parties=(*case.parties, by.id))
    if case.ended or level_of(by.role) < case.rung or _others_on(case, posts, by):
        return change_of(case, apart, Action.RECUSE, by, at, side=Side.RECUSED)
    climbed, timers = escalate_to(apart, lowest_level(apart, posts, level_of(by.role)), posts=posts, town=town, at=at)
    return change_of(case, climbed, Action.RECUSE, by, at, timers=timers, restep=True, side=Side.RECUSED)


def reopen(case: Case, by: CaseActor, words: str, *, posts: Posts, town: Town, at: datetime, solved: bool = True) -> CaseChange:
    """Reopen on the level that held it last; `solved=False`: answer to the follow-up question."""
    action = Action.REOPEN if solved else Action.UNSOLVED
    decide(case, action, by)
    if by.standing is CaseRole.CHAIR and case.rung is not EscalationLevel.CHAIR:
        raise RuleError("case.refused.reopen_police", number=case.id)
    check_words(words)
    start = min(case.rung, EscalationLevel.STATION)
    if case.scene is not None and case.state is State.WITHDRAWN:
        case = replace(case, scene=replace(case.scene, arrived_at=None, over_at=None, cancelled_at=None))
    again, timers = escalate_to(case, lowest_level(case, posts, start), posts=posts, town=town, at=at)
    return change_of(case, again, action, by, at, words, timers=timers, restep=True)


def solved(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """Record that it is really solved."""
    decide(case, Action.SOLVED, by)
    return change_of(case, case, Action.SOLVED, by, at)


def visited(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """Record that a handler asked after an ended case, and that it is solved."""
    decide(case, Action.VISITED, by)
    return change_of(case, case, Action.VISITED, by, at)


# The clock's moves ----------------------------------------------------------------------------------------------------


def lapse(case: Case, by: CaseActor, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Escalate because nobody answered in time."""
    decide(case, Action.LAPSE, by)
    rung = case.rung.next_level if case.rung >= EscalationLevel.STATION else lowest_level(case, posts, case.rung.next_level)
    climbed, timers = escalate_to(case, rung, posts=posts, town=town, at=at)
    return change_of(case, climbed, Action.LAPSE, by, at, timers=timers, restep=True)


def stall(case: Case, by: CaseActor, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Escalate because it was taken and then nothing was recorded."""
    decide(case, Action.STALL, by)
    rung = case.rung.next_level if case.rung >= EscalationLevel.STATION else lowest_level(case, posts, case.rung.next_level)
    climbed, timers = escalate_to(case, rung, posts=posts, town=town, at=at)
    return change_of(case, climbed, Action.STALL, by, at, timers=timers, restep=True)


# Shared by the moves --------------------------------------------------------------------------------------------------


def check_words(words: str) -> None:
    """Refuse a move without words.

    Raises:
        RuleError: `case.refused.no_words`.
    """
    if not words.strip():
        raise RuleError("case.refused.no_words")


def _signed(by: CaseActor) -> dict[str, Any]:
    if by.standing is CaseRole.CLOCK:
        return {"by": {"t": "case.who.clock"}}
    return {"by": {"t": "case.who.reporter"} if by.standing is CaseRole.REPORTER else display_name(by.name, by.role)}


def change_of(
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
    side: Side = Side.PARTY,
    session: Session | None = None,
) -> CaseChange:
    """Return a change with its audit event, signed by the actor.

    A reporter who is hidden is not named in it (`own_words`).
    """
    if case.visibility.level is not Level.NAMED:
        case, words, data = veiled_case(case), veiled(words, case), veiled(data, case)
        session = None if session is None else veiled_session(session, case)
    told = (
        _signed(by)
        | restorable(before, action)
        | (data or {})
        | ({"to": {"t": f"case.post.{case.holder}"}} if restep and case.state in WAITING else {})
    )
    event = Event(case.subject, action, by.id, at, words.strip(), told)
    return CaseChange(before=before, case=case, action=action, by=by, event=event, timers=timers, restep=restep, side=side, session=session)


def _held(case: Case, by: CaseActor, at: datetime) -> Case:
    return replace(case, holder=by.role, holder_id=by.id, holder_name=by.name, acted_at=at)


def _touched(case: Case, by: CaseActor, at: datetime) -> Case:
    """Count a handler's record as activity if they are the assignee."""
    works = by.standing in (CaseRole.CHAIR, CaseRole.POLICE) and case.state in IN_WORK and level_of(by.role) >= case.rung
    return replace(case, acted_at=at) if works else case


def escalate_to(case: Case, rung: EscalationLevel, *, posts: Posts, town: Town, at: datetime) -> tuple[Case, tuple[Timer, ...]]:
    """Put a case on a level to wait for an answer; the new fence makes older timers stale.

    Those who are asked on that level become named handlers of a restricted case.
    """
    state = State.OPEN if rung is EscalationLevel.CHAIR else State.ESCALATED
    asked = posts.everybody.of(*(CALLED if case.calls else ASKED[rung]), without=case.excluded_ids)
    case = with_handlers(case, asked)
    if case.scene is not None and case.state not in WAITING:
        case = replace(case, scene=replace(case.scene, called_at=at, turn=0))
    climbed = replace(
        case, state=state, rung=rung, fence=case.fence + 1, step_at=at, holder=rung.holder, holder_id=None, holder_name="",
        next_at=None, ended_at=None,
    )  # fmt: skip
    return waits(climbed, town=town, at=at)


def with_handlers(case: Case, asked: Iterable[Receiver]) -> Case:
    """Add people to the named handlers of a restricted case."""
    if not case.visibility.restricted:
        return case
    named = {*case.handlers, *(who.person_id for who in asked if who.person_id is not None)}
    return replace(case, handlers=tuple(sorted(named)))


def _others_on(case: Case, posts: Posts, by: CaseActor) -> bool:
    """Tell whether somebody else in the same post can continue a case without an assignee."""
    same = posts.everybody.of(
        *((Role.DUTY, Role.LEADER) if level_of(by.role) is EscalationLevel.STATION else (by.role,)),
        without=(*case.excluded_ids, by.id or PersonId(0)),
    )
    return case.holder_id != by.id and any(who.address for who in same)


def _ended(case: Case, action: Action, by: CaseActor, words: str, at: datetime) -> CaseChange:
    """End a case; the follow-up question comes after a case that was settled or closed."""
    move = decide(case, action, by)
    if action is not Action.WITHDRAW:
        check_words(words)
    assert move.to is not None
    ended = replace(case, state=move.to, fence=case.fence + 1, due_at=None, next_at=None, ended_at=at, acted_at=at)
    if by.standing is not CaseRole.REPORTER:
        ended = _held(ended, by, at)
    if case.scene is not None and action is not Action.WITHDRAW:
        ended = replace(ended, scene=replace(case.scene, over_at=case.scene.over_at or at))
    asked = action in (Action.SETTLE, Action.CLOSE)
    timers = (escalation.follow_up_timer(case.id, case.ladder, case.rung, fence=ended.fence, at=at),) if asked else ()
    return change_of(case, ended, action, by, at, words, timers=timers, restep=True)
