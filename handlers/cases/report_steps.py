"""Steps shared by the offer and the report dialog: village, kind, and similar reports.

Knows asking only; handlers/cases/reports.py gathers the answers. Invariant: words sent where a tap was expected join the report, and the
question is asked again.
"""

from __future__ import annotations

import re
from typing import Any

from domain.calendar.local_time import day_of
from domain.cases.case import Kind
from domain.cases.intake import SPOKEN_KINDS, guess_kind
from domain.core.change import RuleError
from domain.people.people import Village
from handlers.cases.attachments import told_of_album
from handlers.cases.reports import collect, near_to, villages_of
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import ASK_AGAIN, KEEP_LISTENING, Answers, Choice, Step
from storage.values import from_us
from texts import Text, plain

A_PAGE = 12
PAGE = re.compile("p([0-9]{1,3})")
LONGEST_NAME = 12
SHOWN = 300
TEXT = "text"


async def instead_of_a_tap(ctx: HandlerContext, said: Incoming, answers: Answers) -> object:
    """Keep words that were sent where a tap was expected, and ask again.

    Raises:
        RuleError: `report.choose`: there were none.
    """
    if not collect(ctx, said, answers):
        raise RuleError("report.choose")
    return KEEP_LISTENING if said.album and await told_of_album(ctx) else ASK_AGAIN


def picked(ctx: HandlerContext, said: Incoming, labels: dict[str, str]) -> str | None:
    """Return the value of a pressed choice, or of one whose label was typed.

    `labels`: value → text key.
    """
    if said.press_id:
        return said.text if said.text in labels else None
    return named(ctx, said.text, labels)


def named(ctx: HandlerContext, words: str, labels: dict[str, str]) -> str | None:
    """Return the value whose label is these words, or None."""
    typed = words.strip().casefold()
    return next((value for value, key in labels.items() if typed and typed == plain(key, ctx.actor.language).casefold()), None)


async def _take_village(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    turned = PAGE.fullmatch(said.text) if said.press_id else None
    if turned:
        answers["_page"] = int(turned[1])
        return ASK_AGAIN
    typed = said.text.strip()
    found = [village for village in await villages_of(ctx) if (typed == str(village.id) if said.press_id else village.is_called(typed))]
    if len(found) == 1:
        return await _there(ctx, found[0], answers)
    if found:
        raise RuleError("report.village_several", village=typed)
    if not said.press_id and len(typed) <= LONGEST_NAME and said.media is None and said.location is None:
        raise RuleError("report.village_unknown")
    if not collect(ctx, said, answers):
        raise RuleError("report.village_unknown")
    if not (said.album and await told_of_album(ctx)):
        await ctx.reply("report.added")
    return KEEP_LISTENING


async def _there(ctx: HandlerContext, village: Village, answers: Answers) -> int:
    """Take the village, and look up the reports already known there."""
    answers["village"] = int(village.id)
    if answers.get("text") and answers.get("kind"):
        answers["near"] = await near_to(ctx, answers)
    return int(village.id)


async def _village_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    villages = await villages_of(ctx)
    page = min(int(answers.get("_page", 0)), max(0, len(villages) - 1) // A_PAGE)
    shown = villages[page * A_PAGE : (page + 1) * A_PAGE]
    choices = [Choice("report.village_name", str(village.id), {"name": village.name}) for village in shown]
    choices += [Choice("village.button.previous", f"p{page - 1}")] if page else []
    choices += [Choice("village.button.next", f"p{page + 1}")] if (page + 1) * A_PAGE < len(villages) else []
    return tuple(choices)


def _asks_where(answers: Answers) -> bool:
    return not answers.get("home")


VILLAGE = Step("village", "report.ask.village", _take_village, _village_choices, when=_asks_where, wide=3)


async def take_kind(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take a kind; a sentence instead of a tap is the report itself."""
    kind = SPOKEN_KINDS.get(said.text.strip().casefold()) or picked(ctx, said, {kind.value: f"report.kind.{kind}" for kind in Kind})
    first_words = not (said.press_id or said.media or answers.get("said") or answers.get(TEXT) or answers.get("media"))
    if kind is None and first_words and collect(ctx, said, answers) and answers.get("said"):
        answers[TEXT] = answers.pop("said")
        kind = guess_kind(answers[TEXT])
    if kind is None:
        return await instead_of_a_tap(ctx, said, answers)
    if answers.get(TEXT):
        answers["near"] = await near_to(ctx, answers | {"kind": str(kind)})
    return str(kind)


async def kind_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    """Offer every kind."""
    return tuple(Choice(f"report.kind.{kind}", kind.value) for kind in Kind)


# Similar reports ------------------------------------------------------------------------------------------------------


def near_lines(ctx: HandlerContext, answers: Answers) -> list[Any]:
    """Return a line for each similar report: when, where and its state, never whose."""
    return [_near_line(ctx, near) for near in answers.get("near", ())]


def _near_line(ctx: HandlerContext, near: dict[str, Any]) -> Any:
    days = (day_of(ctx.at, ctx.town.zone) - day_of(from_us(near["at"]), ctx.town.zone)).days
    when = Text(f"report.near.day{days}") if days in (0, 1) else {"at": near["at"], "f": "day"}
    place = Text("report.near_place", place=near["place"]) if near.get("place") else ""
    kind, state = Text(f"report.kind.{near.get('kind', 'other')}"), Text(f"report.near.{near['state']}")
    return Text("report.near_line", when=when, number=str(near["number"]), kind=kind, place=place, state=state)


def same(answers: Answers) -> tuple[Choice, ...]:
    """Offer each of them as the same."""
    return tuple(Choice("report.button.same", str(near["number"]), {"number": str(near["number"])}) for near in answers.get("near", ()))


# Attachments ----------------------------------------------------------------------------------------------------------


def media_shown(answers: Answers) -> Any:
    """Say how many photos and voices there are, and whether there is a place."""
    count, placed = len(answers.get("media", ())), isinstance(answers.get("place"), dict)
    place = Text("report.place_shown") if placed else ""
    if not count:
        return place
    return Text("report.media_and_place", count=str(count)) if placed else Text("report.media_shown", count=str(count))
