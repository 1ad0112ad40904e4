"""Who is told what when a case moves.

Knows audiences and text keys; must not know sentences, chats or storage. Invariant: the reporter is told every change that is not his
own, whoever waits on the present rung gets a fresh card, those it has left are told where it went, who follows it hears what came of it,
and nobody else hears anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.actors import CaseRole
from domain.cases.case import ENDED, SOS, WAITING, Action, Case, CaseChange, Severity
from domain.cases.escalation import EscalationLevel
from domain.people.people import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.change import Event, PersonId, Receiver
    from domain.people.people import Posts

#: Who is asked on each rung.
ASKED: dict[EscalationLevel, tuple[Role, ...]] = {
    EscalationLevel.CHAIR: (Role.CHAIR,),
    EscalationLevel.OFFICER: (Role.OFFICER,),
    EscalationLevel.STATION: (Role.DUTY, Role.LEADER),
    EscalationLevel.BEYOND: (Role.OFFICER, Role.DUTY, Role.LEADER),
}
#: Who is called to every cry for help, besides the rung it waits on.
_CALLED = (Role.OFFICER, Role.DUTY)
#: Moves after which those below hear where the case went or how it ended.
_CARRIED_AWAY = frozenset(
    {Action.ESCALATE, Action.LAPSE, Action.STALL, Action.ACK, Action.SETTLE, Action.REFER, Action.CLOSE, Action.REOPEN, Action.UNSOLVED}
)
#: Moves that somebody who follows a case hears of.
TOLD_TO_FOLLOWERS = frozenset(
    {Action.ACCEPT, Action.ACK, Action.SETTLE, Action.REFER, Action.CLOSE, Action.WITHDRAW, Action.REOPEN, Action.UNSOLVED}
)
#: What a reporter adds or ends: whoever holds the case hears it in words.
FROM_REPORTER = frozenset({Action.NOTE, Action.ANSWER, Action.WITHDRAW, Action.SOLVED})
#: Moves with which a cry for help is raised: all who answer cries are called.
_RAISED = frozenset({Action.OPEN, Action.REOPEN})


def asked_now(case: Case, posts: Posts) -> tuple[Receiver, ...]:
    """Return those who have to answer now, without the reporter and the parties."""
    return posts.of(*ASKED[case.rung], without=case.excluded_ids)


def new_card_recipients(change: CaseChange, posts: Posts) -> tuple[Receiver, ...]:
    """Return who gets the case as a new card: the present rung when it comes to wait there.

    A pressing report goes to the officer as well, a cry for help to the duty desk too.
    """
    case = change.case
    arrived = change.action is Action.OPEN or (change.restep and case.state in WAITING)
    if not arrived:
        return ()
    roles = ASKED[case.rung]
    if change.action is Action.OPEN and case.severity is Severity.URGENT and Role.OFFICER not in roles:
        roles = (*roles, Role.OFFICER)
    if change.action in _RAISED and case.source == SOS:
        roles = (*roles, *(role for role in _CALLED if role not in roles))
    return posts.of(*roles, without=case.excluded_ids)


def notify_other_handlers(change: CaseChange, posts: Posts) -> tuple[str, tuple[Receiver, ...]]:
    """Return the key and the handlers who are told in a sentence, without the actor and those with a fresh card."""
    case = change.case
    if said_by_reporter(change):
        roles = _held_by(case)
    elif change.action in _CARRIED_AWAY:
        roles = (Role.CHAIR,) if case.rung < EscalationLevel.STATION else (Role.CHAIR, Role.OFFICER)
        if repeated(change):
            return "", ()
    elif change.action is Action.RECUSE and case.rung >= EscalationLevel.STATION:
        roles = ()
    else:
        return "", ()
    notified_ids = {who.person_id for who in new_card_recipients(change, posts)}
    skipped: set[PersonId | None] = {*notified_ids, change.by.id}
    return f"case.{change.action}.to_handlers", tuple(
        who for who in posts.of(*roles, without=case.excluded_ids) if who.person_id not in skipped
    )


def said_by_reporter(change: CaseChange) -> bool:
    """Tell whether its reporter added something or ended it: who holds it hears his words, which climb no ladder and may come in dozens."""
    return change.by.standing is CaseRole.REPORTER and change.action in FROM_REPORTER


def together(events: Sequence[Event], last: Event, *, most: int = 1500) -> list[str]:
    """Return what the same person said of a case with the same action in the same minute, oldest first; of too much the newest, after a `…`.

    `events`: the case's newest, oldest first, `last` among them. `most`: so many characters together.
    """
    minute = int(last.at.timestamp()) // 60
    said = [
        each.words
        for each in events
        if (each.action, each.actor_id) == (last.action, last.actor_id) and int(each.at.timestamp()) // 60 == minute
    ]
    kept: list[str] = []
    for words in reversed(said):
        most -= len(words) + 1
        if most < 0 and kept:
            return ["…", *kept]
        kept.insert(0, words)
    return kept


def repeated(change: CaseChange) -> bool:
    """Tell whether the last rung is only being told again: no news for anybody else."""
    return change.action is Action.LAPSE and change.before.rung >= EscalationLevel.STATION


def _held_by(case: Case) -> tuple[Role, ...]:
    """Return the roles that have the case; of an ended one those who had it. A cry for help nobody has answered concerns all who were called."""
    if case.source == SOS and case.holder_id is None:
        return (*ASKED[case.rung], *_CALLED)
    return ASKED[case.rung] if case.state not in ENDED and case.holder_id is None else (case.holder,)


def reporter_of(case: Case, posts: Posts) -> PersonId | None:
    """Return who is told as the reporter: he, or who opened it for somebody, unless that is one of its handlers."""
    if case.reporter_id is not None or case.opened_by is None:
        return case.reporter_id
    handlers = posts.of(Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER)
    return None if any(who.person_id == case.opened_by for who in handlers) else case.opened_by
