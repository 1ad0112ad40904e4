"""Words about a case without a command: answers, replies, "1004 修好了", a mediation.

Knows which of the actor's cases is meant; handlers/cases/moves.py makes the move and decides. Invariants: a session and an end are shown and wait for
one tap; words of the reporter against somebody who handles the case keep that person out, as in every other way (`moves.move`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain import sentences
from domain.cases.actors import CaseRole
from domain.cases.case import IN_WORK, WAITING, Action, Case, Kind, State
from domain.cases.intake import is_greeting, summary
from domain.core.change import Button, NotFound, Notice, RuleError
from domain.core.numbers import clean_text
from domain.core.said import bare
from domain.people.people import POLICE, Policy, Role
from handlers.cases import attachments, cards, moves, reports
from handlers.cases.dialogs import session_answers
from handlers.contact import following
from handlers.core import typed
from handlers.core.context import HandlerContext, rows
from handlers.core.dialogs import begin
from handlers.core.pressed import pressed_number
from handlers.core.understood import Sentence, Typed
from storage.cases.scope import standing_of
from texts import plain

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from domain.core.said import Numbered
    from domain.sentences import SessionSaid

#: A question waits so long for the next words of its reporter.
ASKED_WITHIN = timedelta(days=14)
#: An answer can be taken for something else so long.
UNDONE_WITHIN = timedelta(hours=1)
#: Words that a handler has for one case are offered to it, not to several.
MOST_IN_HAND = 4
SHORTEST = 2
_SIGNS = {"photo": "📷", "voice": "🎤", "audio": "🎤", "video": "🎬", "video_note": "🎬", "location": "📍"}


# A case that is named ---------------------------------------------------------------------------------------------------


async def reply(ctx: HandlerContext, number: int) -> bool:
    """Take a reply to a message about a case; False when the actor does not see the case."""
    case = await _seen(ctx, number)
    return case is not None and await _take(ctx, case, ctx.incoming.text.strip())


async def numbered(ctx: HandlerContext, said: Numbered) -> bool:
    """Take words after a number; False when it is not a case of the actor."""
    case = await _seen(ctx, said.number)
    if case is None or (not said.words and ctx.incoming.text.strip("#＃").isdecimal()):
        return False
    if not any(character.isalnum() for character in said.words) or sentences.asks_progress(said.words):
        await attachments.show_case(ctx, said.number)
        return True
    button = _button(ctx, case, bare(said.words))
    if button is not None:
        await typed.press(ctx, button)
        return True
    return await _take(ctx, case, said.words)


def _button(ctx: HandlerContext, case: Case, word: str) -> Button | None:
    offered = (button for line in cards.buttons_for(case, standing_of(ctx.actor, case), whole=True) for button in line)
    return next((each for each in offered if word and bare(plain(each.label, ctx.actor.language, **each.params)) == word), None)


async def _seen(ctx: HandlerContext, number: int) -> Case | None:
    try:
        return await ctx.unit.cases.visible_to(ctx.actor, number)
    except NotFound:
        return None


async def _take(ctx: HandlerContext, case: Case, words: str) -> bool:
    """Take words, or a picture or voice, for a case."""
    standing, media = standing_of(ctx.actor, case).standing, reports.media_of(ctx.incoming)
    if standing is CaseRole.REPORTER:
        return await _from_reporter(ctx, case, words)
    adds = words or media is not None
    if standing is CaseRole.FOLLOWER and adds and not (case.ended or is_greeting(words) or sentences.asks_progress(words)):
        await following.add(ctx, int(case.id), clean_text(words, moves.WORDS), media)
        return True
    if standing not in (CaseRole.CHAIR, CaseRole.POLICE):
        return False
    if media is not None:
        await reports.add(ctx, case)
        return True
    if not words:
        return False
    if is_greeting(words) or sentences.is_kind(words):
        await _offer_to_take(ctx, case)
        return True
    if sentences.asks_progress(words):
        await attachments.show_case(ctx, int(case.id))
        return True
    if sentences.means_done(words):
        await _offer_end(ctx, case, words)
        return True
    session = sentences.read_session(words, ctx.at, ctx.town.zone) if case.kind is Kind.DISPUTE else None
    if session is not None and case.state in IN_WORK:
        await offer_session(ctx, case, session)
        return True
    await moves.ask_for_words(ctx, int(case.id), Action.NOTE, clean_text(words, moves.WORDS))
    return True


async def _from_reporter(ctx: HandlerContext, case: Case, words: str) -> bool:
    if sentences.is_kind(words) or is_greeting(words):
        await ctx.reply("talk.kind")
        return True
    if sentences.asks_progress(words):
        await attachments.show_case(ctx, int(case.id))
        return True
    asked = await ctx.unit.questions.asked_of(ctx.actor.id, since=ctx.at - ASKED_WITHIN) if ctx.actor.id is not None else []
    if case.id in asked:
        return await _answer(ctx, case, words)
    if reports.media_of(ctx.incoming) is not None:
        await reports.add(ctx, case)
        return True
    return bool(words) and await _note(ctx, case, words)


async def _note(ctx: HandlerContext, case: Case, words: str) -> bool:
    await moves.do(ctx, int(case.id), Action.NOTE, clean_text(words, moves.WORDS))
    return True


# An open question -------------------------------------------------------------------------------------------------------


async def answers(ctx: HandlerContext) -> bool:
    """Take a message as the answer to the one question that is open; False for others."""
    if ctx.actor.id is None or ctx.incoming.forwarded:
        return False
    asked = await ctx.unit.questions.asked_of(ctx.actor.id, since=ctx.at - ASKED_WITHIN)
    if not asked:
        return False
    if len(asked) > 1:
        return False  # the words stay words: the person is asked which case they are about
    case = await _seen(ctx, int(asked[0]))
    return case is not None and await _answer(ctx, case, ctx.incoming.text.strip())


async def _answer(ctx: HandlerContext, case: Case, words: str) -> bool:
    media = reports.media_of(ctx.incoming)
    if not words and media is None:
        return False
    said = clean_text(words, moves.WORDS) or _SIGNS.get(str((media or {}).get("type")), "📎")
    await moves.do_with_media(ctx, int(case.id), Action.ANSWER, said, media)
    return True


async def press_not_answer(ctx: HandlerContext) -> None:
    """Take the last answer back: the handler is told, and its words are offered as a report."""
    number = pressed_number(ctx)
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    events = [event for event in await ctx.unit.cases.timeline(case.id) if event.actor_id == ctx.actor.id]
    last = events[-1] if events else None
    if last is None or last.action != Action.ANSWER or ctx.at - last.at > UNDONE_WITHIN:
        raise RuleError("dialog.over")
    took_back = plain("case.answer.taken_back", ctx.actor.language, words=summary(last.words))
    if await moves.do(ctx, number, Action.NOTE, took_back):
        await reports.offer(ctx, {"said": last.words})


# One tap ----------------------------------------------------------------------------------------------------------------


async def _offer_to_take(ctx: HandlerContext, case: Case) -> None:
    """Answer 收到 to a card: it takes nothing; the tap does."""
    by = standing_of(ctx.actor, case)
    taking = [button for line in cards.buttons_for(case, by) for button in line if button.verb in ("c.acc", "c.ack")]
    if taking and case.state in WAITING:
        await ctx.notify(Notice(ctx.origin, "talk.take_it", {"number": str(case.id)}, rows(*taking), subject=case.subject))
    else:
        await ctx.reply("talk.kind")


async def _offer_end(ctx: HandlerContext, case: Case, words: str) -> None:
    """Ask once whether a case is over: its words are kept until the tap."""
    if case.ended:
        await moves.refuse(ctx, int(case.id), RuleError(f"case.refused.{case.state}", number=case.id, who=""))
        return
    await begin(ctx, "finish", {"number": int(case.id), "words": clean_text(words, moves.WORDS)})


async def offer_session(ctx: HandlerContext, case: Case, session: SessionSaid) -> None:
    """Show a session as it was understood; the questions ask for the rest."""
    await begin(ctx, "session", {"number": int(case.id)} | session_answers(ctx, session))


# No case is named -------------------------------------------------------------------------------------------------------


async def in_hand(ctx: HandlerContext) -> list[int]:
    """Return the cases in hand, to which a handler's words may belong; none of too many."""
    if ctx.incoming.forwarded or ctx.incoming.media is not None or len(ctx.incoming.text) < SHORTEST:
        return []
    held = await _in_hand(ctx)
    return [int(case.id) for case in held] if len(held) <= MOST_IN_HAND else []


async def _in_hand(ctx: HandlerContext) -> list[Case]:
    """Return the cases that the actor holds and works on."""
    numbers = await ctx.unit.search.numbers_of(ctx.actor, states=tuple(IN_WORK), most=3 * MOST_IN_HAND)
    return [case for case in await ctx.unit.search.read(ctx.actor, numbers) if case.holder_id == ctx.actor.id]


async def _session_in_hand(ctx: HandlerContext, session: SessionSaid) -> bool:
    """Take a mediation that names no case, if the actor mediates exactly one."""
    held = [case for case in await _in_hand(ctx) if case.kind is Kind.DISPUTE]
    if len(held) != 1:
        return False
    await offer_session(ctx, held[0], session)
    return True


async def _progress(ctx: HandlerContext) -> Button | None:
    """Mean the one open case of somebody who asks how far it is, else their list."""
    if ctx.actor.id is None:
        return None
    open_states = tuple(state for state in State if state not in (State.SETTLED, State.REFERRED, State.CLOSED, State.WITHDRAWN))
    numbers = await ctx.unit.search.numbers_of(ctx.actor, states=open_states, most=2)
    if ctx.actor.holds(Role.CHAIR, *POLICE):
        return Button("menu.button.waiting", "m.cases", ("open",))
    if len(numbers) == 1:
        return Button("case.button.progress", "m.case", (int(numbers[0]),))
    return Button("menu.button.mine", "m.cases", ("mine",))


def _asks_progress(text: str, now: datetime, zone: tzinfo) -> bool | None:
    return sentences.asks_progress(text) or None


async def _show_progress(ctx: HandlerContext, found: bool) -> bool:
    button = await _progress(ctx)
    if button is None:
        return False
    await typed.press(ctx, button)
    return True


TYPED = (
    Typed(
        Button("case.button.progress", "m.cases", ("mine",)), ("进度", "查进度", "看进度", "办得怎么样", "progress", "status"), _progress
    ),
)
SENTENCES = (
    Sentence("progress", Policy.JOINED, _asks_progress, _show_progress),
    Sentence("session", Policy.HANDLER, sentences.read_session, _session_in_hand),
)
