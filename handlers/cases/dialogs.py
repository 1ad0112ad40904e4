"""Short dialogs of a case: the words of a move, and the five facts of a mediation.

Knows the questions; handlers/cases/moves.py makes the move and decides again at the end. Invariant: answers are kept until the move is
made or the person leaves; pictures sent instead of words join the case.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from domain.calendar.typed_dates import parse_begin
from domain.cases.case import WAITING, Action, Kind, Session
from domain.cases.intake import is_yes
from domain.cases.moves import check_next
from domain.core.change import CaseId, RuleError
from domain.core.numbers import clean_text
from domain.people.people import Policy
from domain.sentences import SessionSaid, read_session
from handlers.cases.attachments import SHOWN
from handlers.cases.moves import WORDS, do, do_with_media
from handlers.cases.sharing import SEAL_WORDS
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import Answers, Choice, Dialog, Step
from storage.values import from_us, to_us
from texts import At, Text, plain

SHORT = 120
#: Usual ways of a referral, in their order.
WAYS = ("arbitration", "court", "petition", "authority")
#: The next date of a session without a time of day.
USUAL_HOUR = "9:00"
CHOICES = frozenset({"committee", "at_home", "both", "one"})
DAYS = {"today": timedelta(), "yesterday": timedelta(days=1)}
_SIGNS = SHOWN | {"location": "📍"}


async def _words(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take words, or a picture, voice or place with or without words.

    Returns {"text", "media", "unique_id"}.
    """
    chosen = said.verb == "answer" and said.text in WAYS and answers["do"] == Action.REFER
    text = plain(f"case.way.{said.text}.words", ctx.actor.language) if chosen else clean_text(said.text, WORDS)
    media = _media_of(said)
    if media is not None and answers.get("sight") == "police":
        raise RuleError("case.refused.police_note_words")
    if not text and media is None:
        raise RuleError("case.refused.no_words")
    return {"text": text or _SIGNS.get(str((media or {}).get("type")), "📎"), "media": media}


async def _ways(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer the usual ways of a referral; other words can be typed."""
    return tuple(Choice(f"case.way.{way}", way) for way in WAYS) if answers["do"] == Action.REFER else ()


def _media_of(said: Incoming) -> dict[str, Any] | None:
    if said.location is not None:
        return {"type": "location", "latitude": said.location[0], "longitude": said.location[1]}
    return said.media if said.media is not None and said.media.get("type") in SHOWN else None


async def _shown_words(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"number": str(answers["number"]), "what": Text(f"case.asked.{answers['do']}")}


async def _finish_words(ctx: HandlerContext, answers: Answers) -> None:
    number, said = CaseId(answers["number"]), answers["words"]
    action = Action.POLICE_NOTE if answers.get("sight") == "police" else Action(answers["do"])
    if action in SEAL_WORDS:
        await SEAL_WORDS[action](ctx, number, said["text"])
        return
    await do_with_media(ctx, number, action, said["text"], said["media"])


async def _short(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Keep a fact in the person's words, or the text key of an offered answer."""
    if said.verb == "answer" and said.text in CHOICES:
        return f"case.choice.{said.text}"
    text = clean_text(said.text, SHORT)
    if not text:
        raise RuleError("case.refused.no_words")
    return text


async def _held(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Keep an offered day as its instant (microseconds); else the person's words.

    A sentence about the session answers the other questions too. "Today" means another day tomorrow.
    """
    session = None if said.verb == "answer" else read_session(said.text, ctx.at, ctx.town.zone)
    if session is not None:
        answers.update(session_answers(ctx, session))
        return answers["held"]
    if said.verb == "answer" and said.text in DAYS:
        return to_us(ctx.at - DAYS[said.text])
    return await _short(ctx, said, answers)


async def _result(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    text = clean_text(said.text, WORDS)
    if not text:
        raise RuleError("case.refused.no_words")
    return text


async def _next(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Parse the next date; microseconds, 0 for none.

    Raises:
        RuleError: `case.refused.when`: no time can be read from it; `case.refused.too_far`.
    """
    if said.verb == "answer" and said.text == "none":
        return 0
    at = parse_begin(said.text, ctx.at, ctx.town.zone) or parse_begin(f"{said.text} {USUAL_HOUR}", ctx.at, ctx.town.zone)
    if at is None or at <= ctx.at:
        raise RuleError("case.refused.when")
    check_next(at, at=ctx.at)
    return to_us(at)


def _offer(*values: str) -> Callable[[HandlerContext, Answers], Awaitable[tuple[Choice, ...]]]:
    async def choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
        return tuple(Choice(f"case.choice.{value}", value) for value in values)

    return choices


async def _number(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"number": str(answers["number"])}


def session_answers(ctx: HandlerContext, session: SessionSaid) -> Answers:
    """Return what one sentence answers; the last step shows it before it is recorded."""
    told = {
        "place": clean_text(session.place, SHORT),
        "present": clean_text(session.present, SHORT),
        "result": clean_text(session.result, WORDS),
    }
    next_at = session.next_at if session.next_at is not None and session.next_at > ctx.at else None
    more = {"next": to_us(next_at) if next_at is not None else 0, "held": to_us(ctx.at - timedelta(days=session.days_ago or 0))}
    return {"_said": True} | {name: words for name, words in told.items() if words} | more


async def _shown_session(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    named = ("place", "present", "result")
    shown = {name: Text(answers[name]) if str(answers[name]).startswith("case.choice.") else answers[name] for name in named}
    held = answers["held"]
    next_at = Text("case.ask.session.next", at=At(from_us(answers["next"]))) if answers["next"] else ""
    return {"number": str(answers["number"]), "held": At(from_us(held), "day") if isinstance(held, int) else held, "next": next_at} | shown


async def _sure(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take the one tap that records."""
    if said.verb != "answer" and not is_yes(said.text):
        raise RuleError("report.choose")
    return True


async def _sure_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("case.button.record", "yes"),)


async def _finish_session(ctx: HandlerContext, answers: Answers) -> None:
    next_at = from_us(answers["next"]) if answers["next"] else None
    held = answers["held"]
    held_at, words = (from_us(held), "") if isinstance(held, int) else (None, held)
    session = Session(answers["result"], held_at, words, answers["place"], answers["present"], next_at)
    await do(ctx, answers["number"], Action.MEDIATE, session=session)


async def _sight(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take who reads a note of the police: all handlers, or the police only."""
    if said.verb != "answer" or said.text not in ("handlers", "police"):
        raise RuleError("report.choose")
    return said.text


WORDS_DIALOG = Dialog(
    "words",
    Policy.ANYONE,  # the case lets its reporter in, also one who has not joined
    (
        Step("sight", "case.ask.sight", _sight, _offer("handlers", "police"), _number, when=lambda answers: bool(answers.get("police"))),
        Step("words", "case.ask.words", _words, _ways, _shown_words),
    ),
    _finish_words,
)

SESSION_DIALOG = Dialog(
    "session",
    Policy.HANDLER,
    (
        Step("held", "case.ask.held", _held, _offer("today", "yesterday"), _number),
        Step("place", "case.ask.place", _short, _offer("committee", "at_home")),
        Step("present", "case.ask.present", _short, _offer("both", "one")),
        Step("result", "case.ask.result", _result),
        Step("next", "case.ask.next", _next, _offer("none")),
        Step("sure", "case.ask.session", _sure, _sure_choices, _shown_session, when=lambda answers: bool(answers.get("_said"))),
    ),
    _finish_session,
)


async def _ends(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    if said.verb != "answer" or said.text not in ("close", "settle", "note"):
        raise RuleError("report.choose")
    return said.text


async def _end_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    case = await ctx.unit.cases.visible_to(ctx.actor, answers["number"])
    end = "settle" if case.kind is Kind.DISPUTE and not case.sessions else "close"
    return Choice(f"case.button.{end}", end), Choice("case.button.only_note", "note")


async def _shown_end(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"number": str(answers["number"]), "words": answers["words"]}


async def _finish_end(ctx: HandlerContext, answers: Answers) -> None:
    """End a case as words said it, taking it first where nobody has."""
    number, words, action = answers["number"], answers["words"], Action(answers["how"])
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    if action is Action.NOTE or case.state not in WAITING or await do(ctx, number, Action.ACCEPT):
        await do(ctx, number, action, words)


FINISH = Dialog("finish", Policy.HANDLER, (Step("how", "case.ask.finish", _ends, _end_choices, _shown_end),), _finish_end)
