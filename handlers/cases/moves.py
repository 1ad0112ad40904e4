"""Cases: opened in one place, moved by whoever may, told to whom it concerns.

Knows the way of a move: load, decide (domain/cases/moves.py), record, tell (handlers/cases/notifications.py); must not decide anything. Invariant:
`open_case` is the only way in and `carry_out` the only way on; a refused press says how the case stands and draws the card anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.cases import moves
from domain.cases.actors import By, Standing
from domain.cases.case import Action, Case, CaseChange, NewCase, Session
from domain.core.change import Address, CaseId, ChatId, NotFound, Notice, RuleError
from domain.core.numbers import clean_text, parse_case_number
from domain.people.people import Role
from handlers.cases import cards
from handlers.cases.notifications import deal_cards, receipt, tell_beside, tell_followers, tell_reporter
from handlers.core.context import Act
from handlers.core.dialogs import begin
from handlers.core.pressed import pressed_number
from storage.cases.cases import standing_of
from storage.engine.database import Conflict

if TYPE_CHECKING:
    from domain.core.change import PersonId
    from domain.people.people import Posts
    from handlers.core.route import Handler

WORDS = 1500
HOUR = timedelta(hours=1)
Decision = Callable[[Case, By, "Posts"], CaseChange]
_NUMBER_FIRST = re.compile(r"\s*([#\uff03]?[0-9\uff10-\uff19]{1,9})(?![0-9\uff10-\uff19])[\s,\uff0c:\uff1a\u3001]*(.*)", re.DOTALL)


# Opening --------------------------------------------------------------------------------------------------------------


async def open_case(act: Act, new: NewCase, *, parties: tuple[PersonId, ...] = (), media: Sequence[Mapping[str, Any]] = ()) -> Case:
    """Open a case: number it, start its ladder, give the receipt and the first card. The single way in.

    `new.text` is clean and not empty; `parties` are holders of posts who must not see it; `media` as for `Cases.attach`, so that the
    first card shows it. Returns the case as stored.
    """
    number = CaseId(await act.unit.facts.next_number("case", start=1001))
    posts = await act.unit.people.posts_of(new.village_id, at=act.at)
    own = act.actor if new.reporter_id is not None and new.reporter_id == act.actor.id else None
    change = moves.open_case(new, number=number, by=_opener(act, new), reporter=own, posts=posts, parties=parties, town=act.town, at=act.at)
    case = await act.unit.cases.open(change)
    for each in media:
        await act.unit.cases.attach(number, each, unique_id=unique_of(each), by=act.actor.id, at=act.at)
    if media:
        case = await act.unit.cases.find(number) or case
        change = replace(change, case=case)
    await act.start(*change.timers)
    await receipt(act, case, posts)
    await deal_cards(act, change, posts, [change.event])
    return case


def unique_of(media: Mapping[str, Any]) -> str:
    """Return what tells an attachment of a case from another: the channel's file_unique_id, or where a place is."""
    return str(media.get("file_unique_id") or f"{media.get('latitude')},{media.get('longitude')}")


def _opener(act: Act, new: NewCase) -> By:
    """Return who opens: the reporter himself, or somebody in a post for somebody else."""
    role = act.actor.role
    if act.actor.id == new.reporter_id or role in (Role.STRANGER, Role.VILLAGER):
        return By(act.actor.id, act.actor.name, Standing.REPORTER, Role.VILLAGER)
    return By(act.actor.id, act.actor.name, Standing.CHAIR if role is Role.CHAIR else Standing.FOLLOWER, role)


# Moving ---------------------------------------------------------------------------------------------------------------


async def move(act: Act, number: int, decide: Decision, *, in_danger: bool = False) -> Case:
    """Load, decide, record; decided once more when somebody else was faster.

    Raises:
        RuleError: `NotFound`, a rule of domain/cases/moves.py, `case.refused.conflict`, or `report.too_many`: what somebody opens again in an hour is
            counted like what he reports; never when somebody is in danger.
    """
    for _ in range(2):
        case = await act.unit.cases.visible_to(act.actor, number)
        posts = await act.unit.people.posts_of(case.village_id, at=act.at)
        change = decide(case, standing_of(act.actor, case), posts)
        if change.action is Action.REOPEN and change.by.standing is Standing.REPORTER and not in_danger:
            await _count_reopening(act)
        try:
            return await carry_out(act, change, posts)
        except Conflict:
            continue
    raise RuleError("case.refused.conflict", number=str(number))


async def _count_reopening(act: Act) -> None:
    who = Address(act.incoming.address.channel, ChatId(act.incoming.user_id))
    if await act.unit.invitations.tries_since(who, "reopen", since=act.at - HOUR) >= act.town.limits.reports_per_hour:
        raise RuleError("report.too_many")
    await act.unit.invitations.tried(who, "reopen", at=act.at)


async def carry_out(act: Act, change: CaseChange, posts: Posts) -> Case:
    """Record a decided move and tell everybody it concerns.

    Raises:
        Conflict: the case was changed since it was loaded.
    """
    case = await act.unit.cases.record(change)
    if change.restep:
        await act.unit.timers.stop(case.subject, at=act.at)
    await act.start(*change.timers)
    events = await act.unit.cases.timeline(case.id)
    carded = await deal_cards(act, change, posts, events)
    await tell_reporter(act, change, case, posts)
    await tell_beside(act, change, case, posts, events)
    await tell_followers(act, change, case)
    if not act.incoming.press_id and change.by.standing in (Standing.CHAIR, Standing.POLICE) and change.by.id is not None:
        carded.add(int(change.by.id))  # who acts in words gets his card anew at the end of the chat
    await cards.redraw(act, case, posts=posts, events=events, without=frozenset(carded))
    return case


# What a person says or presses ----------------------------------------------------------------------------------------


def decision(act: Act, action: Action, words: str = "", session: Session | None = None) -> Decision:
    """Return the decision that an action asks for, with its words."""
    said, at, town = clean_text(words, WORDS), act.at, act.town

    def decide(case: Case, by: By, posts: Posts) -> CaseChange:
        match action:
            case Action.ACCEPT | Action.ACK:
                return moves.take(case, by, town=town, at=at)
            case Action.MEDIATE:
                return moves.mediate(case, by, session or Session(said), at=at)
            case Action.SETTLE:
                return moves.settle(case, by, said, at=at)
            case Action.REFER:
                return moves.refer(case, by, said, at=at)
            case Action.CLOSE:
                return moves.close(case, by, said, at=at)
            case Action.ESCALATE:
                return moves.escalate(case, by, said, posts=posts, town=town, at=at)
            case Action.ASK:
                return moves.ask(case, by, said, at=at)
            case Action.ANSWER:
                return moves.answer(case, by, said, at=at)
            case Action.NOTE:
                return moves.note(case, by, said, at=at)
            case Action.WITHDRAW:
                return moves.withdraw(case, by, at=at)
            case Action.RECUSE:
                return moves.recuse(case, by, posts=posts, town=town, at=at)
            case Action.SOLVED:
                return moves.solved(case, by, at=at)
            case Action.REOPEN | Action.UNSOLVED:
                return moves.reopen(case, by, said, posts=posts, town=town, at=at, solved=action is Action.REOPEN)
            case _:
                raise RuleError("refused.not_allowed")

    return decide


#: Actions that need words; without them a short dialog asks.
NEEDS_WORDS = frozenset(
    {Action.SETTLE, Action.REFER, Action.CLOSE, Action.ESCALATE, Action.ASK, Action.ANSWER, Action.NOTE, Action.REOPEN, Action.UNSOLVED}
)


def command(action: Action) -> Handler:
    """Return the handler of `/<action> n [words]`."""

    async def handler(act: Act) -> None:
        number, words = number_and_words(act)
        if not words and (action in NEEDS_WORDS or action is Action.MEDIATE):
            await ask_for_words(act, number, action)
        else:
            await do(act, number, action, words)

    handler.__doc__ = f"`/{action} n …`."
    return handler


def press(action: Action) -> Handler:
    """Return the handler of a button of this action: at once, or with a dialog for its words."""

    async def handler(act: Act) -> None:
        number = pressed_number(act)
        if action in NEEDS_WORDS or action is Action.MEDIATE:
            await ask_for_words(act, number, action)
        else:
            await do(act, number, action)

    handler.__doc__ = f"A pressed button: {action}."
    return handler


async def do(act: Act, number: int, action: Action, words: str = "", session: Session | None = None) -> bool:
    """Let the actor move a case and answer him: his card anew after words, a short word over the chat after a press; tell whether it moved."""
    try:
        case = await move(act, number, decision(act, action, words, session))
    except RuleError as rule:
        await refuse(act, number, rule)
        return False
    act.toast("case.toast.done", number=str(number))
    if not act.incoming.press_id:
        await _answer_with_card(act, case)
    return True


async def refuse(act: Act, number: int, rule: RuleError) -> None:
    """Answer a refusal with how the case stands, and draw the card that hangs here anew."""
    if act.incoming.press_id:
        act.toast(rule.key, alert=True, **rule.params)
    else:
        await act.reply(rule.key, **rule.params)
    if not await cards.hangs_here(act, number):
        return
    try:
        case = await act.unit.cases.visible_to(act.actor, number)
    except NotFound:
        await act.tell(cards.gone(number, act.here))
        return
    await act.tell(await _own_card(act, case))


async def ask_for_words(act: Act, number: int, action: Action) -> None:
    """Begin the dialog that asks for an action's words, unless the action is refused already."""
    try:
        case = await act.unit.cases.visible_to(act.actor, number)
        cards.check(case, standing_of(act.actor, case), action)
    except RuleError as rule:
        await refuse(act, number, rule)
        return
    await begin(act, "session" if action is Action.MEDIATE else "words", {"number": number, "do": str(action)})


async def show(act: Act) -> None:
    """`/case n`: the card with its whole timeline."""
    await show_case(act, number_and_words(act)[0])


async def press_show(act: Act) -> None:
    """See all of it."""
    await show_case(act, pressed_number(act))


async def show_case(act: Act, number: int) -> None:
    """Show a case with its whole timeline, as a new card at the end of the chat.

    Raises:
        NotFound: there is none, or it is not the actor's.
    """
    case = await act.unit.cases.visible_to(act.actor, number)
    if len(case.text) > cards.WHOLE and standing_of(act.actor, case).standing is not Standing.FOLLOWER:
        params = {"number": str(case.id), "text": case.text}
        await act.tell(Notice(act.here, "case.words", params, subject=case.subject, protect=case.reporter_id != act.actor.id))
    await act.tell(await _own_card(act, case, whole=True, fresh=True))


async def press_pictures(act: Act) -> None:
    """Send what was added to a case."""
    case = await act.unit.cases.visible_to(act.actor, pressed_number(act))
    if standing_of(act.actor, case).standing not in (Standing.REPORTER, Standing.CHAIR, Standing.POLICE):
        raise NotFound(case.id)
    for media, caption in await act.unit.cases.attachments(case.id, limit=10):
        params = {"number": str(case.id), "caption": " ".join(caption.split())}
        await act.tell(Notice(act.here, "case.picture", params, media=media, subject=case.subject, protect=True))


async def _answer_with_card(act: Act, case: Case) -> None:
    """Show a handler his card at the end of the chat; a reporter has been answered in words, a recused chair sees nothing more."""
    by = standing_of(act.actor, case)
    if by.standing in (Standing.CHAIR, Standing.POLICE) and act.actor.id not in case.parties:
        await act.tell(await _own_card(act, case, fresh=True))


async def _own_card(act: Act, case: Case, *, whole: bool = False, fresh: bool = False) -> Notice:
    posts = await act.unit.people.posts_of(case.village_id, at=act.at)
    events = await act.unit.cases.timeline(case.id)
    notice = await cards.card_for(act, case, standing_of(act.actor, case), act.here, posts=posts, events=events, whole=whole)
    return replace(notice, fresh=fresh)


def number_and_words(act: Act) -> tuple[int, str]:
    """Read `n words` after a command.

    Raises:
        RuleError: `case.refused.number`: there is no number.
    """
    found = _NUMBER_FIRST.fullmatch(act.args)
    number = parse_case_number(found[1]) if found else None
    if found is None or number is None:
        raise RuleError("case.refused.number", command=act.incoming.command)
    return number, clean_text(found[2], WORDS)
