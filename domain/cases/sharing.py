"""Moves that change the readers of a case: wishes, restriction, sealed names.

Knows `Visibility` and the persons who must not see a case; the table of moves is in domain/cases/move_table.py. Must not know storage or
texts. Invariant: no move here shows anything to a party, and a sealed name is opened by two persons with posts of their own, or by a leader
alone when somebody's life is in danger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import WAITING, Action, Case, CaseChange, Side
from domain.cases.escalation import EscalationLevel
from domain.cases.intake import LONG_NUMBER
from domain.cases.move_table import decide
from domain.cases.moves import change_of, escalate_to, lowest_level, with_handlers
from domain.cases.notices import asked_now
from domain.cases.visibility import Level, Part, who_sees
from domain.core.change import PersonId, RuleError
from domain.core.immutable import replace
from domain.people.people import POLICE, Role
from domain.people.powers import is_same_human

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.town import Town
    from domain.people.people import Person, Posts

#: Names that a reporter may exclude from one case.
MOST_EXCLUDED = 5


# The reporter's wishes ------------------------------------------------------------------------------------------------


def share(case: Case, by: CaseActor, *, posts: Posts, at: datetime) -> CaseChange:
    """Let the chair see a case that went to the police only.

    Raises:
        RuleError: `case.refused.chair_concerned`: no chair may see it.
    """
    decide(case, Action.SHARE, by)
    shared = replace(case, visibility=replace(case.visibility, police_only=False))
    chairs = posts.of(Role.CHAIR, without=shared.excluded_ids)
    if not case.visibility.police_only or not chairs:
        raise RuleError("case.refused.chair_concerned", number=case.id)
    return change_of(case, with_handlers(shared, chairs), Action.SHARE, by, at)


def exclude(
    case: Case, by: CaseActor, *, names: tuple[str, ...], person_ids: tuple[PersonId, ...], posts: Posts, town: Town, at: datetime
) -> CaseChange:
    """Exclude a person by name; a case that waits for them escalates.

    `names`: one, or those of all holders of a post; `person_ids`: everybody whom they mean now. Anybody who takes such a name later is excluded too.

    Raises:
        RuleError: `case.refused.excluded_many`, or `case.refused.excluded_all`: nobody of the station is left.
    """
    decide(case, Action.EXCLUDE, by)
    kept = tuple(dict.fromkeys((*case.excluded_names, *names)))
    if len(kept) > MOST_EXCLUDED:
        raise RuleError("case.refused.excluded_many", most=MOST_EXCLUDED)
    parties = tuple(dict.fromkeys((*case.parties, *(each for each in person_ids if each != case.reporter_id))))
    apart = replace(case, parties=parties, excluded_names=kept)
    if not any(who.address for who in posts.of(*POLICE, without=apart.excluded_ids)):
        raise RuleError("case.refused.excluded_all")
    return _handed_on(case, apart, Action.EXCLUDE, by, Side.EXCLUDED, posts=posts, town=town, at=at)


def concerns(case: Case, by: CaseActor, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Confirm that the report is against the persons in doubt: it goes to the police only."""
    decide(case, Action.CONCERNS, by)
    _in_doubt(case)
    apart = replace(case, doubtful=(), visibility=replace(case.visibility, police_only=True))
    return _handed_on(case, apart, Action.CONCERNS, by, Side.AGAINST, posts=posts, town=town, at=at)


def accuse(case: Case, by: CaseActor, *, person_ids: tuple[PersonId, ...], posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Take a report away from the persons whom later words of its reporter accuse."""
    decide(case, Action.CONCERNS, by)
    parties = tuple(dict.fromkeys((*case.parties, *person_ids)))
    apart = replace(case, parties=parties, doubtful=(), visibility=replace(case.visibility, police_only=True))
    return _handed_on(case, apart, Action.CONCERNS, by, Side.AGAINST, posts=posts, town=town, at=at)


def clear(case: Case, by: CaseActor, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Say that the report does not concern the persons in doubt: they may see it.

    A case that nobody has taken waits for the first of them who would have been asked.
    """
    decide(case, Action.CLEAR, by)
    _in_doubt(case)
    parties = tuple(each for each in case.parties if each not in case.doubtful)
    open_again = replace(case, parties=parties, doubtful=(), visibility=replace(case.visibility, police_only=False))
    rung = lowest_level(open_again, posts)
    if case.state not in WAITING or rung >= case.rung:
        return change_of(case, open_again, Action.CLEAR, by, at)
    waits, timers = escalate_to(open_again, rung, posts=posts, town=town, at=at)
    return change_of(case, waits, Action.CLEAR, by, at, timers=timers, restep=True)


def show_media(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """Agree that photos, voices and file names are shown to everybody who reads the words."""
    decide(case, Action.SHOW_MEDIA, by)
    shown = replace(case, visibility=replace(case.visibility, media_shown=True))
    return change_of(case, shown, Action.SHOW_MEDIA, by, at)


def hide_numbers(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """Take the long numbers out of the reporter's words for good: a telephone, an account.

    Raises:
        RuleError: `case.refused.no_numbers`.
    """
    decide(case, Action.HIDE_NUMBERS, by)
    hidden = replace(case, text=LONG_NUMBER.sub("…", case.text))
    if hidden == case:
        raise RuleError("case.refused.no_numbers", number=case.id)
    return change_of(case, hidden, Action.HIDE_NUMBERS, by, at)


def _in_doubt(case: Case) -> None:
    if not case.doubtful:
        raise RuleError("case.refused.not_asked", number=case.id)


def _handed_on(case: Case, apart: Case, action: Action, by: CaseActor, side: Side, *, posts: Posts, town: Town, at: datetime) -> CaseChange:
    """Return a change after which somebody may not see the case.

    If it was theirs alone, it goes to the next level.
    """
    barred = set(apart.excluded_ids)
    held = case.holder_id is not None and (case.holder_id in barred or case.holder not in who_sees(apart.visibility, Part.WORDS))
    start = min(case.rung, EscalationLevel.STATION)
    rung = lowest_level(apart, posts, start)
    left = case.state in WAITING and rung is not start
    if case.ended or not (held or left):
        return change_of(case, apart, action, by, at, side=side)
    climbed, timers = escalate_to(apart, rung, posts=posts, town=town, at=at)
    return change_of(case, climbed, action, by, at, timers=timers, restep=True, side=side)


# Restriction ----------------------------------------------------------------------------------------------------------


def restrict(case: Case, by: CaseActor, *, posts: Posts, at: datetime) -> CaseChange:
    """Show a case to its named handlers only.

    These are its assignee or the people who are asked now, and the police officer who restricts it.
    """
    decide(case, Action.RESTRICT, by)
    if case.visibility.restricted:
        raise RuleError("case.refused.restricted", number=case.id)
    asked = () if case.holder_id is not None else tuple(who.person_id for who in asked_now(case, posts))
    named = {case.holder_id, by.id if by.standing is CaseRole.POLICE else None, *asked} - {None}
    handlers = tuple(sorted(each for each in named if each is not None))
    shut = replace(case, visibility=replace(case.visibility, restricted=True), handlers=handlers)
    return change_of(case, shut, Action.RESTRICT, by, at)


def lift(case: Case, by: CaseActor, *, at: datetime) -> CaseChange:
    """End the restriction: everybody in office sees the case again."""
    decide(case, Action.LIFT, by)
    if not case.visibility.restricted:
        raise RuleError("case.refused.not_restricted", number=case.id)
    return change_of(case, replace(case, visibility=replace(case.visibility, restricted=False), handlers=()), Action.LIFT, by, at)


# A sealed name --------------------------------------------------------------------------------------------------------


def may_open(actor: Person, case: Case, *roles: Role) -> bool:
    """Decide whether one of these posts over the case is the actor's own.

    A borrowed post opens nothing.
    """
    own = [post for post in actor.posts if post.deputises_for is None and post.role in roles]
    return not actor.suspended and any(
        case.village_id == post.village_id or (post.village_id is None and post.station_id == case.station_id) for post in own
    )


def ask_seal(case: Case, by: CaseActor, words: str, *, actor: Person, at: datetime) -> CaseChange:
    """Ask a second person to open a sealed name, with a reason."""
    decide(case, Action.ASK_SEAL, by)
    _sealed(case)
    if not may_open(actor, case, *POLICE):
        raise RuleError("case.refused.seal_borrowed")
    _reason(words)
    return change_of(case, case, Action.ASK_SEAL, by, at, words)


def open_seal(case: Case, by: CaseActor, words: str, *, actor: Person, asker: Person | None, at: datetime) -> CaseChange:
    """Open a sealed name for the police, as the second person; one of the two is a leader.

    `asker` None: a leader alone, because a life is in danger.

    Raises:
        RuleError: `case.refused.seal_own`: the person who asked, or their second account; `case.refused.seal_leader`: neither is a
            leader; `case.refused.seal_borrowed`.
    """
    decide(case, Action.OPEN_SEAL, by)
    _sealed(case)
    _reason(words)
    if not may_open(actor, case, *POLICE):
        raise RuleError("case.refused.seal_borrowed")
    if asker is not None and is_same_human(asker, actor):
        raise RuleError("case.refused.seal_own")
    if not may_open(actor, case, Role.LEADER) and not (asker is not None and may_open(asker, case, Role.LEADER)):
        raise RuleError("case.refused.seal_leader")
    opened = replace(case, visibility=replace(case.visibility, seal_open=True))
    data = {"alone": asker is None}
    return change_of(case, opened, Action.OPEN_SEAL, by, at, words, data=data)


def _sealed(case: Case) -> None:
    if case.visibility.level is not Level.SEALED or case.visibility.seal_open:
        raise RuleError("case.refused.not_sealed", number=case.id)


def _reason(words: str) -> None:
    if not words.strip():
        raise RuleError("case.refused.no_words")
