"""Notices of a move: recipients and text keys.

Knows audiences and text keys; must not know sentences, chats or storage. Everything is a function of the change and of what was loaded once
(`Audience`). Invariant: the reporter hears of every change that they did not make (of a correction
only when it postpones the promised deadline); the recipients on the present level get a new card;
those on the levels it has left learn where it went; its followers learn the outcome; nobody else is notified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import ENDED, WAITING, Action, Case, CaseChange, Severity
from domain.cases.escalation import ASKED, CALLED, EscalationLevel
from domain.cases.visibility import Part, who_sees
from domain.core.change import Event, PersonId, Receiver
from domain.core.immutable import immutable
from domain.people.people import Person, Posts, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Moves of an urgent case of which everybody called hears, also those of later rounds.
OF_SCENE = frozenset({Action.ACCEPT, Action.ACK, Action.ARRIVE, Action.CANCEL, Action.RAISE, Action.SPOKE, Action.WITHDRAW, Action.RING})
#: Moves after which the lower levels learn where the case went or how it ended.
_CARRIED_AWAY = frozenset(
    {
        Action.ESCALATE,
        Action.LAPSE,
        Action.STALL,
        Action.UNHEARD,
        Action.ACK,
        Action.SETTLE,
        Action.REFER,
        Action.CLOSE,
        Action.REOPEN,
        Action.UNSOLVED,
    }
)
#: Moves that the followers of a case are notified of.
TOLD_TO_FOLLOWERS = frozenset(
    {Action.ACCEPT, Action.ACK, Action.SETTLE, Action.REFER, Action.CLOSE, Action.WITHDRAW, Action.REOPEN, Action.UNSOLVED}
)
#: Additions and withdrawals by a reporter: the assignees get them in words.
FROM_REPORTER = frozenset({Action.NOTE, Action.ANSWER, Action.WITHDRAW, Action.SOLVED})
#: Moves of which only the police learn.
FOR_POLICE = frozenset({Action.POLICE_NOTE, Action.ASK_SEAL})
#: Moves after which people in the village may see a case that they could not see before.
_SHOWN_AGAIN = frozenset({Action.SHARE, Action.CLEAR})


@immutable
class CardViewer:
    """A person with the card of a case in their chat.

    `by`: their role in the case now, None when they may no longer see it. `as_new_message`: they have no card yet.
    """

    to: Receiver
    by: CaseActor | None
    as_new_message: bool = False


@immutable
class Audience:
    """Everybody who may have to hear of a move, loaded once after it was recorded.

    `posts`: the village's and its station's. `events`: the last of the timeline, oldest first. `reporter`: the person who opened it, at the
    address where they are notified (where they wrote, if they made the move); None when they hear nothing. `followers`: those who hear of
    this move. `viewers`: the people whose cards are drawn again. `phones`: the people on the list of telephone numbers, by id.
    `administrators`: the people who get that list without the case. `opener_is_new`: an account of its first day opened the case.
    `having`: those who have the card in their chat; `holding`: the same when a case is reassigned. `actor`: the handler who refers a case.
    `in_elder_mode`: the person who opened it reads short sentences.
    """

    posts: Posts
    events: tuple[Event, ...]
    reporter: Receiver | None = None
    followers: tuple[Receiver, ...] = ()
    viewers: tuple[CardViewer, ...] = ()
    phones: Mapping[PersonId, Person] = field(default_factory=dict)
    administrators: tuple[Receiver, ...] = ()
    opener_is_new: bool = False
    holding: frozenset[PersonId] = frozenset()
    having: frozenset[PersonId] = frozenset()
    actor: Receiver | None = None
    in_elder_mode: bool = False


# Posts ----------------------------------------------------------------------------------------------------------------


def as_handler(who: Receiver) -> CaseActor:
    """Return the role of a post's holder in a case of their village."""
    return CaseActor(who.person_id, who.name, CaseRole.CHAIR if who.role == Role.CHAIR else CaseRole.POLICE, Role(who.role))


def readers(case: Case, posts: Posts, *roles: Role) -> tuple[Receiver, ...]:
    """Return the holders of these roles who may read the case.

    Nobody else is notified of it: not the reporter or a party, not the chair of a report for the police, and of a restricted case only its
    named handlers.
    """
    seen = who_sees(case.visibility, Part.WORDS)
    named = case.handlers if case.visibility.restricted else None
    return posts.of(*(role for role in roles if role in seen), without=case.excluded_ids, among=named)


def asked_now(case: Case, posts: Posts) -> tuple[Receiver, ...]:
    """Return those who have to answer now."""
    roles = CALLED if case.calls and case.holder_id is None else ASKED[case.rung]
    return readers(case, of_this_round(case, posts), *roles)


def of_this_round(case: Case, posts: Posts) -> Posts:
    """Return the posts of this round by the duty rota: those on shift, later everybody.

    Everybody is asked when a round with those on shift is over: beyond the station, and in every later round of an urgent case. A case that
    somebody has is theirs, on shift or not.
    """
    later = case.scene is not None and case.scene.turn > 0
    return posts.everybody if later or case.holder_id is not None or case.rung is EscalationLevel.BEYOND else posts


def arrived(change: CaseChange) -> bool:
    """Tell whether a case has started to wait on a level."""
    return change.action is Action.OPEN or (
        change.restep and change.case.state in WAITING and change.action not in (Action.CORRECT, Action.UNDO)
    )


def undone(change: CaseChange) -> Action:
    """Return the move that an undo takes back; the move itself for any other."""
    return Action(change.event.data["undone"]) if change.action is Action.UNDO else change.action


def made_urgent(change: CaseChange) -> bool:
    """Tell whether a correction made an active case urgent."""
    case = change.case
    return change.action is Action.CORRECT and not case.ended and case.severity is Severity.URGENT is not change.before.severity


def postponed(change: CaseChange) -> bool:
    """Tell whether a correction moved the deadline that the reporter was promised."""
    before, now = change.before.due_at, change.case.due_at
    return change.action is Action.CORRECT and before is not None and now is not None and now > before


def new_card_recipients(change: CaseChange, posts: Posts) -> tuple[Receiver, ...]:
    """Return the recipients of a new card: the present level of a case that starts to wait.

    An urgent case calls everybody who answers one: those of them who can be reached. So does a correction that makes it urgent; of a case that
    somebody has, the officer learns it.
    """
    case = change.case
    if case.calls and (arrived(change) or change.action is Action.RAISE):
        found = readers(case, of_this_round(case, posts), *CALLED)
        return tuple(who for who in found if who.address is not None) or found
    if made_urgent(change):
        roles = CALLED if case.state in WAITING else (Role.OFFICER,) if case.rung is EscalationLevel.CHAIR else ()
        found = tuple(who for who in readers(case, of_this_round(case, posts), *roles) if who.person_id != change.by.id)
        return tuple(who for who in found if who.address is not None) or found
    if change.action in (Action.REASSIGN, Action.ASSIGN) and case.holder_id is not None:
        asked = posts.everybody.of(*ASKED[case.rung], without=case.excluded_ids)
        return tuple(who for who in asked if who.person_id == case.holder_id)
    if not arrived(change):
        return ()
    found = readers(case, posts if change.action is Action.OPEN else of_this_round(case, posts), *ASKED[case.rung])
    present = tuple(who for who in found if who.address is not None)
    return present if present and case.rung >= EscalationLevel.STATION else found  # who cannot be reached there has nobody above


def keeps_cards(change: CaseChange) -> bool:
    """Tell whether the people who have the card already get no new one.

    This holds for another assignee, for an urgent case that goes on waiting, and beyond the last level, where they are called instead.
    """
    called_anew = change.action in (Action.OPEN, Action.RAISE)
    return (
        change.action in (Action.REASSIGN, Action.ASSIGN)
        or change.case.rung is EscalationLevel.BEYOND
        or (change.case.calls and change.before.state in WAITING and not called_anew)
    )


def other_handlers(change: CaseChange, posts: Posts) -> tuple[str, tuple[Receiver, ...]]:
    """Return the text key and the handlers who are notified in a sentence.

    Leaves out the actor, those with a new card, and people without a chat whom the case left: the next post has its own card.
    """
    case = change.case
    if case.scene is not None and change.action in OF_SCENE:
        return "", ()  # everybody called hears it, see handlers/callouts/
    if said_by_reporter(change) or change.action is Action.SUPPLEMENT:
        roles = _held_by(case)
    elif change.action is Action.UNDO:
        roles = _told_before(change)
    elif change.action in _CARRIED_AWAY:
        roles = (Role.CHAIR,) if case.rung < EscalationLevel.STATION else (Role.CHAIR, Role.OFFICER)
        if repeated(change):
            return "", ()
    elif change.action in _SHOWN_AGAIN:
        roles = (Role.CHAIR, Role.OFFICER)
    elif change.action is Action.RECUSE and case.rung >= EscalationLevel.STATION:
        roles = ()
    else:
        return "", ()
    notified_ids = {who.person_id for who in new_card_recipients(change, posts)}
    skipped: set[PersonId | None] = {*notified_ids, change.by.id}
    return f"case.{change.action}.to_handlers", tuple(
        who
        for who in _and_holder(case, posts, *roles)
        if who.person_id not in skipped and (who.address is not None or change.action not in _CARRIED_AWAY)
    )


def _told_before(change: CaseChange) -> tuple[Role, ...]:
    """Return the roles that heard of the move that is undone."""
    rung = change.before.rung
    if undone(change) is Action.WITHDRAW:
        return _held_by(change.case)
    if undone(change) is Action.ESCALATE:
        return ASKED[rung]
    if undone(change) in _CARRIED_AWAY:
        return (Role.CHAIR,) if rung < EscalationLevel.STATION else (Role.CHAIR, Role.OFFICER)
    return ()


def _and_holder(case: Case, posts: Posts, *roles: Role) -> list[Receiver]:
    """Return the readers in these roles, and the one who has the case, on shift or not."""
    found = {who.person_id: who for who in readers(case, posts, *roles)}
    holder = {who.person_id: who for who in readers(case, posts.everybody, *roles) if who.person_id == case.holder_id}
    return list((found | holder).values())


def said_by_reporter(change: CaseChange) -> bool:
    """Tell whether the reporter added something or ended the case.

    The assignees get the reporter's words. These do not escalate and may come in dozens.
    """
    return change.by.standing is CaseRole.REPORTER and change.action in FROM_REPORTER


def together(events: Sequence[Event], last: Event, *, most: int = 1500) -> list[str]:
    """Return what the same person said with the same action in the same minute, oldest first.

    When it is too much, the newest is returned, after a `…`. `events`: the case's newest, oldest first, `last` among them. `most`:
    characters in total.
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
    """Tell whether the last level is only notified again: this is not news for anybody else."""
    return change.action is Action.LAPSE and change.before.rung >= EscalationLevel.STATION


def _held_by(case: Case) -> tuple[Role, ...]:
    """Return the roles that have the case; of an ended case those that had it.

    A call for help concerns everybody who was called until somebody is there.
    """
    if case.calls or (case.scene is not None and case.holder_id is None):
        return CALLED
    return ASKED[case.rung] if case.state not in ENDED and case.holder_id is None else (case.holder,)


def referred_to(change: CaseChange, posts: Posts) -> tuple[Receiver, ...]:
    """Return the contacts at the judicial office when a case is referred.

    They see no case; they learn of an ordinary one that it is coming. Nobody does of a case that its village's chair does not see, or that
    only named handlers see: the handler may telephone.
    """
    return posts.of(Role.JUDICIAL, without=change.case.excluded_ids) if change.action is Action.REFER else ()


def is_told_to_contacts(case: Case) -> bool:
    """Tell whether a contact may learn the number, village and kind of a case."""
    return not (case.visibility.police_only or case.visibility.restricted)


# Reporter, followers, cards that hang ---------------------------------------------------------------------------------


def reporter_of(case: Case, posts: Posts) -> PersonId | None:
    """Return the person who is notified as the reporter, None for nobody.

    This is the reporter, or the person who opened it for somebody else, unless they are one of its handlers.
    """
    if case.reporter_id is not None or case.opened_by is None:
        return case.reporter_id
    handlers = posts.everybody.of(Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER)
    return None if any(who.person_id == case.opened_by for who in handlers) else case.opened_by


def reporter_to_tell(change: CaseChange, posts: Posts) -> PersonId | None:
    """Return the person who hears of a move as the reporter, None for nobody.

    None when it is not news, or when the person who opened it for somebody else made the move in a post.
    """
    person_id = reporter_of(change.case, posts)
    own = change.by.standing is CaseRole.REPORTER
    unheard = repeated(change) or change.action in FOR_POLICE or change.action in (Action.RING, Action.SUPPLEMENT)
    unheard = unheard or (change.action is Action.CORRECT and not postponed(change))
    return None if unheard or (not own and person_id == change.by.id) else person_id


def followers_to_tell(change: CaseChange, follower_ids: Iterable[PersonId]) -> list[PersonId]:
    """Return the followers who hear of a move: not the reporter, the parties and the actor.

    Nobody follows a case that is for the police or for its named handlers only.
    """
    if change.case.visibility.police_only or change.case.visibility.restricted:
        return []
    told = {change.case.reporter_id, change.by.id, *change.case.parties}
    return [person_id for person_id in follower_ids if person_id not in told] if undone(change) in TOLD_TO_FOLLOWERS else []


def cards_to_redraw(change: CaseChange, posts: Posts, viewer_ids: Iterable[PersonId]) -> list[PersonId]:
    """Return the people whose card is drawn again after a move.

    These are the viewers, and those who get the new card of somebody without a chat; not the people who get their own new card.
    """
    recipients = new_card_recipients(change, posts)
    stand_ins = {who.person_id for each in recipients if each.address is None for who in _stand_ins(change.case, each, posts)}
    viewers = frozenset(viewer_ids)
    new = {who.person_id for who in recipients} - (viewers if keeps_cards(change) else frozenset())
    return sorted({*viewers, *(each for each in stand_ins if each)} - new)


def _stand_ins(case: Case, absent: Receiver, posts: Posts) -> tuple[Receiver, ...]:
    """Return the recipients of the card of a holder without a chat.

    Nobody when that would be an administrator, who gets no card.
    """
    tried = () if absent.person_id is None else (absent.person_id,)
    rung, receivers = posts.first_reachable(Role(absent.role), without=case.excluded_ids, tried=tried)
    return () if rung is Role.ADMIN else receivers


# Telephone numbers ----------------------------------------------------------------------------------------------------


def called_by_phone(change: CaseChange) -> bool:
    """Tell whether people must be telephoned, because nobody is left to notify in time.

    This holds when the last level was reached or did not answer.
    """
    lapsed = change.action is Action.LAPSE and change.case.rung >= EscalationLevel.STATION
    beyond = change.action in (Action.STALL, Action.UNHEARD) and change.case.rung is EscalationLevel.BEYOND
    return lapsed or beyond


def silent_posts(case: Case, posts: Posts) -> tuple[Receiver, ...]:
    """Return the posts that did not answer and are to be telephoned."""
    return readers(case, of_this_round(case, posts), Role.CHAIR, Role.OFFICER)


def station_posts(case: Case, posts: Posts) -> tuple[Receiver, ...]:
    """Return the recipients of the list of telephone numbers.

    They are telephoned when the station does not answer either.
    """
    return readers(case, of_this_round(case, posts), Role.DUTY, Role.LEADER)
