"""Open a case in one place, move it if allowed, and notify the people it concerns.

Knows the way of a move: load the case, decide (domain/cases/moves.py), record it, load the audience (handlers/cases/audience.py), decide
the notices (handlers/cases/notifications.py), notify once; must not decide anything. Invariant: `open_case` is the only way in and
`carry_out` the only way on, for a person and the clock; a refused press shows the case's state and redraws the card.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.cases import moves, sharing, urgent
from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import SOS, Action, Case, CaseChange, NewCase, Session
from domain.cases.fairness import check_blocked
from domain.cases.move_table import UNDO_WITHIN
from domain.core.change import Address, Button, CaseId, ChatId, NotFound, Notice, RuleError, Timer
from domain.core.immutable import replace
from domain.core.numbers import clean_text, parse_case_number
from domain.core.said import numbers_in
from domain.people.people import POLICE, Role
from domain.people.phones import UsedFor
from handlers.cases import cards
from handlers.cases.attachments import SHOWN, album_of, attach, check_room, keep, own_card, remember_album, show_case, show_to_reporter
from handlers.cases.audience import load_audience, load_viewers
from handlers.cases.concerned import names_of, newly_accused
from handlers.cases.notifications import notices_of, redraw
from handlers.core.context import HandlerContext, rows
from handlers.core.dialogs import begin
from handlers.core.placing import ASKED, news, spend, spend_asked
from handlers.core.pressed import pressed_number
from storage.cases.scope import standing_of
from storage.engine.database import Conflict

if TYPE_CHECKING:
    from domain.core.change import PersonId
    from domain.people.people import Posts
    from handlers.core.route import Handler

WORDS = 1500
HOUR = timedelta(hours=1)
#: Cases that one command moves.
MOST_AT_ONCE = 10
#: What a blocked reporter may not do to a case, except to an SOS case.
BLOCKED = frozenset({Action.NOTE, Action.REOPEN, Action.UNSOLVED})
#: Moves whose words may be against somebody who handles the case.
ACCUSING = frozenset({Action.NOTE, Action.ANSWER, Action.REOPEN, Action.UNSOLVED, Action.RAISE})
Decision = Callable[[Case, CaseActor, "Posts"], CaseChange]
_NUMBER_FIRST = re.compile(r"\s*([#\uff03]?[0-9\uff10-\uff19]{1,9})(?![0-9\uff10-\uff19])[\s,\uff0c:\uff1a\u3001]*(.*)", re.DOTALL)


# Opening --------------------------------------------------------------------------------------------------------------


async def open_case(
    ctx: HandlerContext, new: NewCase, *, parties: tuple[PersonId, ...] = (), media: Sequence[Mapping[str, Any]] = ()
) -> Case:
    """Open a case: number it, start its escalation policy, send the receipt and the first card.

    The single way in. `new.text` is clean and not empty; `parties` are holders of posts who must not see it; `media` as for `Cases.attach`,
    so that the first card shows it. Returns the case as stored.
    """
    number = CaseId(await ctx.unit.facts.next_number("case", start=1001))
    posts = await ctx.unit.people.posts_of(new.village_id, at=ctx.at)
    own = ctx.actor if new.reporter_id is not None and new.reporter_id == ctx.actor.id else None
    change = moves.open_case(new, number=number, by=_opener(ctx, new), reporter=own, posts=posts, parties=parties, town=ctx.town, at=ctx.at)
    case = await ctx.unit.cases.open(change)
    ctx.covered[case.card] = frozenset()  # no dialog asks in a card that nobody has
    if own is not None and own.id is not None:
        use = await ctx.unit.phones.find(own.id, UsedFor.REPORTS)
        case = replace(case, phone_given=use is not None and use.given_at is not None)
    for each in media:
        await keep(ctx, number, each)
    if media:
        case = await ctx.unit.cases.find(number) or case
    await ctx.start_timers(*change.timers)
    await _tell(ctx, replace(change, case=case), posts)
    if case.doubtful:
        await sharing_question(ctx, case)
    return case


async def sharing_question(ctx: HandlerContext, case: Case) -> None:
    """Ask the reporter whether the report is against the people whom its words leave open."""
    who = names_of(case.doubtful, await ctx.unit.officials.of_village(case.village_id, at=ctx.at))
    answers = rows(Button("case.button.concerns", "c.con", (case.id,)), Button("case.button.clear", "c.clr", (case.id,)))
    await ctx.notify(Notice(ctx.origin, "case.concerns.question", {"number": str(case.id), "who": who}, answers, subject=case.subject))


def _opener(ctx: HandlerContext, new: NewCase) -> CaseActor:
    """Return the actor who opens: the reporter, or the holder of a post for somebody else."""
    role = ctx.actor.role
    if ctx.actor.id == new.reporter_id or role in (Role.STRANGER, Role.VILLAGER):
        return CaseActor(ctx.actor.id, ctx.actor.name, CaseRole.REPORTER, Role.VILLAGER)
    return CaseActor(ctx.actor.id, ctx.actor.name, CaseRole.CHAIR if role is Role.CHAIR else CaseRole.FOLLOWER, role)


# Moving ---------------------------------------------------------------------------------------------------------------


async def move(ctx: HandlerContext, number: int, decide: Decision, *, in_danger: bool = False) -> Case:
    """Load, decide, record; decide once more when somebody else was faster.

    Raises:
        RuleError: `NotFound`, a rule of domain/cases/moves.py, `case.refused.conflict`, or `report.too_many`: reopened cases of an hour
            count like reports; never when somebody is in danger.
    """
    for _ in range(2):
        case = await ctx.unit.cases.visible_to(ctx.actor, number)
        posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
        change = decide(case, standing_of(ctx.actor, case), posts)
        if change.action in BLOCKED and change.by.standing is CaseRole.REPORTER and case.source != SOS and not (in_danger or case.calls):
            check_blocked(ctx.actor)
        if change.by.standing is CaseRole.REPORTER and change.action in ACCUSING:
            barred = await newly_accused(ctx, case, change.event.words)
            if barred:  # they are out before the words are told to anybody
                apart = sharing.accuse(case, change.by, person_ids=barred, posts=posts, town=ctx.town, at=ctx.at)
                case = await carry_out(ctx, apart, posts)
                change = decide(case, standing_of(ctx.actor, case), posts)
        if change.action is Action.REOPEN and change.by.standing is CaseRole.REPORTER and not in_danger:
            await _count_reopening(ctx)
        try:
            return await carry_out(ctx, change, posts)
        except Conflict:
            continue
    raise RuleError("case.refused.conflict", number=str(number))


async def may_accuse(ctx: HandlerContext, case: Case, words: str) -> bool:
    """Tell whether words may be against somebody in office who reads the case.

    They need a case of their own.
    """
    return bool(await newly_accused(ctx, case, words, doubtful=True))


async def _count_reopening(ctx: HandlerContext) -> None:
    who = Address(ctx.incoming.address.channel, ChatId(ctx.incoming.user_id))
    if await ctx.unit.invitations.tries_since(who, "reopen", since=ctx.at - HOUR) >= ctx.town.limits.reports_per_hour:
        raise RuleError("report.too_many")
    await ctx.unit.invitations.tried(who, "reopen", at=ctx.at)


async def carry_out(ctx: HandlerContext, change: CaseChange, posts: Posts) -> Case:
    """Record a decided move and notify everybody it concerns.

    Raises:
        Conflict: the case was changed since it was loaded.
    """
    case = await ctx.unit.cases.record(change)
    if change.restep:
        await ctx.unit.timers.stop(case.subject, at=ctx.at)
    await ctx.start_timers(*change.timers)
    if "before" in change.event.data:
        until, person = ctx.at + UNDO_WITHIN, {"case": case.id, "person": change.by.id}
        await ctx.start_timers(Timer("case_undo", f"{case.subject}:undo", until, f"case_undo:{case.id}:{case.version}", person))
    await spend_asked(ctx, case.subject, alike=not case.ended)
    await _tell(ctx, replace(change, case=case), posts)
    return case


async def _tell(ctx: HandlerContext, change: CaseChange, posts: Posts) -> None:
    """Load the audience of a recorded change, decide each notice, and put it into the outbox.

    Then other features act on the change.
    """
    audience = await load_audience(ctx, change, posts)
    await ctx.notify(*notices_of(change, audience, at=ctx.at, town=ctx.town))
    await ctx.happened("case changed", change)


async def redraw_everywhere(ctx: HandlerContext, case: Case, *, only: PersonId | None = None) -> None:
    """Redraw every open card of a case, or one person's, when something changed without a move."""
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    events = await ctx.unit.cases.timeline(case.id)
    viewers = [each for each in await load_viewers(ctx, case) if only is None or each.to.person_id == only]
    await ctx.notify(*(redraw(case, viewer, posts=posts, events=events, at=ctx.at, town=ctx.town) for viewer in viewers))


# Messages and presses -------------------------------------------------------------------------------------------------


def decision(ctx: HandlerContext, action: Action, words: str = "", session: Session | None = None) -> Decision:
    """Return the decision that an action asks for, with its words."""
    said, at, town = clean_text(words, WORDS), ctx.at, ctx.town

    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
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
            case Action.NOTE | Action.POLICE_NOTE:
                return moves.note(case, by, said, at=at, for_police=action is Action.POLICE_NOTE)
            case Action.WITHDRAW:
                return urgent.take_back(case, by, at=at)
            case Action.RAISE:
                return urgent.raise_again(case, by, said, at=at)
            case Action.SPOKE:
                return urgent.spoke(case, by, at=at)
            case Action.ARRIVE:
                return urgent.arrive(case, by, at=at)
            case Action.RECUSE:
                return moves.recuse(case, by, posts=posts, town=town, at=at)
            case Action.VISITED:
                return moves.visited(case, by, at=at)
            case Action.SOLVED:
                return moves.solved(case, by, at=at)
            case Action.REOPEN if case.scene is not None and case.scene.cancelled_at is not None and not case.ended:
                return urgent.raise_again(case, by, said, at=at)
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

    async def handler(ctx: HandlerContext) -> None:
        number, words = number_and_words(ctx)
        if action not in NEEDS_WORDS and len(several := numbers_in(ctx.args)) > 1:
            for each in several[:MOST_AT_ONCE]:
                await do(ctx, each, action)
            return
        media = ctx.incoming.media if ctx.incoming.media is not None and ctx.incoming.media["type"] in SHOWN else None
        said = words or (SHOWN[media["type"]] if media is not None and action in NEEDS_WORDS else "")
        if (not said and (action in NEEDS_WORDS or action is Action.MEDIATE)) or (action is Action.NOTE and ctx.actor.holds(*POLICE)):
            await ask_for_words(ctx, number, action, words, media)
        else:
            await do_with_media(ctx, number, action, said, media)

    handler.__doc__ = f"`/{action} n …`."
    return handler


def press(action: Action) -> Handler:
    """Return the handler of a button of this action: at once, or with a dialog for its words."""

    async def handler(ctx: HandlerContext) -> None:
        number = pressed_number(ctx)
        if action in NEEDS_WORDS or action is Action.MEDIATE:
            await ask_for_words(ctx, number, action)
        else:
            await do(ctx, number, action)

    handler.__doc__ = f"A pressed button: {action}."
    return handler


async def do(ctx: HandlerContext, number: int, action: Action, words: str = "", session: Session | None = None) -> bool:
    """Move a case for the actor, with a toast after a press; return whether it moved."""
    return await carry(ctx, number, decision(ctx, action, words, session))


async def carry(ctx: HandlerContext, number: int, decide: Decision) -> bool:
    """Move a case as decided, with a toast or the refusal; return whether it moved."""
    try:
        case = await move(ctx, number, decide)
    except RuleError as rule:
        await refuse(ctx, number, rule)
        return False
    if case.opened_by == ctx.actor.id:
        await spend(ctx, f"{case.card}{ASKED}")  # whatever was asked about it is answered, or out of date
    ctx.toast("case.toast.done", number=str(number))
    if not ctx.incoming.press_id and ctx.actor.posts and ctx.surface != f"case:{number}":
        await _say_done(ctx, number)
    return True


async def _say_done(ctx: HandlerContext, number: int) -> None:
    """Answer a handler's words below their card, which was drawn again where it is."""
    subject = f"case:{number}"
    if ctx.drawn.get(subject):
        await ctx.notify(news(Notice(ctx.origin, "case.toast.done", {"number": str(number)}, subject=subject)))


async def do_with_media(ctx: HandlerContext, number: int, action: Action, words: str, media: Mapping[str, Any] | None) -> bool:
    """Move a case with the actor's words and what they sent with them; return whether it moved.

    The rest of an album joins it. Media from a handler for the reporter is shown to the reporter.
    """
    if media is None:
        return await do(ctx, number, action, words)
    check_room(ctx, await ctx.unit.cases.visible_to(ctx.actor, number))
    if not await do(ctx, number, action, words):
        return False
    await remember_album(ctx, number, action)
    await join(ctx, number, action, media)
    return True


async def join(ctx: HandlerContext, number: int, action: Action, media: Mapping[str, Any]) -> None:
    """Add what was sent with a move to its case, and draw the cards again."""
    if await attach(ctx, CaseId(number), media):
        await show_to_reporter(ctx, number, action, media)
        if (case := await ctx.unit.cases.find(CaseId(number))) is not None:
            await redraw_everywhere(ctx, case)


async def join_album(ctx: HandlerContext) -> bool:
    """Add a further piece of an album to the case of its first piece; False otherwise."""
    known, media = await album_of(ctx), ctx.incoming.media
    if known is None or media is None:
        return False
    number, action = known
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    check_room(ctx, case)
    await join(ctx, number, action, media)
    return True


async def refuse(ctx: HandlerContext, number: int, rule: RuleError) -> None:
    """Answer a refusal with the case's state, and redraw the card in this chat."""
    if ctx.incoming.press_id:
        ctx.toast(rule.key, alert=True, **rule.params)
    else:
        await ctx.reply(rule.key, **rule.params)
    if ctx.actor.id is None or ctx.actor.id not in await ctx.unit.cards.viewers(f"case:{number}"):
        return
    try:
        case = await ctx.unit.cases.visible_to(ctx.actor, number)
    except NotFound:
        await ctx.notify(cards.gone(number, ctx.origin))
        return
    await ctx.notify(await own_card(ctx, case))


async def ask_for_words(ctx: HandlerContext, number: int, action: Action, words: str = "", media: Mapping[str, Any] | None = None) -> None:
    """Begin the dialog that asks for an action's words, unless the action is refused already.

    The police choose who reads their note; `words` are then known already.
    """
    try:
        case = await ctx.unit.cases.visible_to(ctx.actor, number)
        by = standing_of(ctx.actor, case)
        cards.check(case, by, action)
        if words and by.standing is not CaseRole.POLICE:
            await do_with_media(ctx, number, action, words, media)
            return
    except RuleError as rule:
        await refuse(ctx, number, rule)
        return
    answers: dict[str, Any] = {"number": number, "do": str(action)}
    answers |= {"police": True} if action is Action.NOTE and by.standing is CaseRole.POLICE else {}
    said = words or (SHOWN[media["type"]] if media is not None else "")
    answers |= {"words": {"text": said, "media": media}} if said else {}
    await begin(ctx, "session" if action is Action.MEDIATE else "words", answers)


async def show(ctx: HandlerContext) -> None:
    """`/case n`: the card with its whole timeline."""
    await show_case(ctx, number_and_words(ctx)[0])


def number_and_words(ctx: HandlerContext) -> tuple[int, str]:
    """Read `n words` after a command.

    Raises:
        RuleError: `case.refused.number`: there is no number.
    """
    found = _NUMBER_FIRST.fullmatch(ctx.args)
    number = parse_case_number(found[1]) if found else None
    if found is None or number is None:
        raise RuleError("case.refused.number", command=ctx.incoming.command)
    return number, clean_text(found[2], WORDS)
