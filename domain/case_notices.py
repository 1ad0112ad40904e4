"""Who is told what when a case moves.

Knows audiences and text keys; must not know sentences, chats or storage. Invariant: the reporter is told every change that is not his
own, whoever waits on the present rung gets a fresh card, those it has left are told where it went, who follows it hears what came of it,
and nobody else hears anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases import ENDED, SOS, WAITING, Action, Case, CaseChange, Severity
from domain.escalation import Rung
from domain.people import Role, Standing

if TYPE_CHECKING:
    from domain.change import PersonId, Receiver
    from domain.people import Posts

#: Who is asked on each rung.
ASKED: dict[Rung, tuple[Role, ...]] = {
    Rung.CHAIR: (Role.CHAIR,),
    Rung.OFFICER: (Role.OFFICER,),
    Rung.STATION: (Role.DUTY, Role.LEADER),
    Rung.BEYOND: (Role.OFFICER, Role.DUTY, Role.LEADER),
}
#: Moves after which those below hear where the case went or how it ended.
_CARRIED_AWAY = frozenset(
    {Action.ESCALATE, Action.LAPSE, Action.STALL, Action.ACK, Action.SETTLE, Action.REFER, Action.CLOSE, Action.REOPEN, Action.UNSOLVED}
)
#: Moves that somebody who follows a case hears of.
TOLD_TO_FOLLOWERS = frozenset(
    {Action.ACCEPT, Action.ACK, Action.SETTLE, Action.REFER, Action.CLOSE, Action.WITHDRAW, Action.REOPEN, Action.UNSOLVED}
)
#: What a reporter adds or ends: whoever holds the case hears it in words.
_FROM_REPORTER = frozenset({Action.NOTE, Action.ANSWER, Action.WITHDRAW, Action.SOLVED})


def asked_now(case: Case, posts: Posts) -> tuple[Receiver, ...]:
    """Return those who have to answer now, without the reporter and the parties."""
    return posts.of(*ASKED[case.rung], without=case.barred)


def fresh_cards(change: CaseChange, posts: Posts) -> tuple[Receiver, ...]:
    """Return who gets the case as a new card: the present rung when it comes to wait there.

    A pressing report goes to the officer as well, a cry for help to the duty desk too.
    """
    case = change.case
    arrived = change.action is Action.OPEN or (change.restep and case.state in WAITING)
    if not arrived:
        return ()
    roles = ASKED[case.rung]
    if change.action is Action.OPEN and case.severity is Severity.PRESSING and Role.OFFICER not in roles:
        roles = (*roles, Role.OFFICER)
    if change.action is Action.OPEN and case.source == SOS:
        roles = (*roles, Role.DUTY)
    return posts.of(*roles, without=case.barred)


def told_beside(change: CaseChange, posts: Posts) -> tuple[str, tuple[Receiver, ...]]:
    """Return the key and the handlers who are told in a sentence, without the actor and those with a fresh card."""
    case = change.case
    if change.by.standing is Standing.REPORTER and change.action in _FROM_REPORTER:
        roles = _held_by(case)
    elif change.action in _CARRIED_AWAY:
        roles = (Role.CHAIR,) if case.rung < Rung.STATION else (Role.CHAIR, Role.OFFICER)
        if repeated(change):
            return "", ()
    elif change.action is Action.RECUSE and case.rung >= Rung.STATION:
        roles = ()
    else:
        return "", ()
    carded = {who.person_id for who in fresh_cards(change, posts)}
    skipped: set[PersonId | None] = {*carded, change.by.id}
    return f"case.{change.action}.to_handlers", tuple(who for who in posts.of(*roles, without=case.barred) if who.person_id not in skipped)


def repeated(change: CaseChange) -> bool:
    """Tell whether the last rung is only being told again: no news for anybody else."""
    return change.action is Action.LAPSE and change.before.rung >= Rung.STATION


def _held_by(case: Case) -> tuple[Role, ...]:
    """Return the roles that have the case; of an ended one those who had it. A cry for help nobody has answered concerns all who were called."""
    if case.state not in ENDED and case.holder_id is None:
        return (*ASKED[case.rung], Role.OFFICER, Role.DUTY) if case.source == SOS else ASKED[case.rung]
    return (case.holder,)


def reporter_of(case: Case, posts: Posts) -> PersonId | None:
    """Return who is told as the reporter: he, or who opened it for somebody, unless that is one of its handlers."""
    if case.reporter_id is not None or case.opened_by is None:
        return case.reporter_id
    handlers = posts.of(Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER)
    return None if any(who.person_id == case.opened_by for who in handlers) else case.opened_by
