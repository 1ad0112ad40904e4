"""Questions of a report by buttons, and the question for its place when that is not known.

Knows asking only; handlers/cases/reports.py gathers and opens, handlers/cases/report_offer.py offers with one tap.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from domain.cases.case import Category
from domain.cases.intake import FREQUENT, RARE, SHARED, is_yes, summary
from domain.core.change import RuleError, VillageId
from domain.core.numbers import clean_name, clean_text, parse_phone
from domain.people.people import Policy, Role
from handlers.cases import attachments
from handlers.cases.concerned import concerned, seen_lines
from handlers.cases.report_steps import (
    SHOWN,
    TEXT,
    VILLAGE,
    instead_of_a_tap,
    kind_choices,
    media_shown,
    near_lines,
    picked,
    same,
    take_kind,
)
from handlers.cases.reports import collect, near_to, open_from, placeholder_text
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import ASK_AGAIN, KEEP_LISTENING, Answers, Choice, Dialog, Step
from texts import Lines, Text

PHONE = re.compile(r"\+?[0-9０-９][0-9０-９ \-]{6,}")

Accept = Callable[[HandlerContext, Incoming, Answers], Awaitable[Any]]
Offer = Callable[[HandlerContext, Answers], Awaitable[tuple[Choice, ...]]]


def _choose(prefix: str, *values: str) -> tuple[Accept, Offer]:
    """Return how one of these values is taken and offered; labels are `prefix.value`."""
    labels = {value: f"{prefix}.{value}" for value in values}

    async def accept(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
        return picked(ctx, said, labels) or await instead_of_a_tap(ctx, said, answers)

    async def choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
        return tuple(Choice(label, value) for value, label in labels.items())

    return accept, choices


# For whom -------------------------------------------------------------------------------------------------------------


async def _take_whose(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take a name, with or without a telephone number, in one message or two."""
    found = PHONE.search(said.text)
    phone = parse_phone(found[0]) if found else None
    if said.contact is not None:
        phone = parse_phone(str(said.contact["phone"]))
    if phone:
        answers["phone"] = phone
    name = clean_name(said.text.replace(found[0], " ") if found and phone else said.text).strip(" ，,、:：")
    if name:
        return name
    await ctx.reply("report.whose_needed")
    return KEEP_LISTENING


async def _take_consent(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take whether the person agrees; nothing is reported for somebody who does not."""
    agrees = await _take_agrees(ctx, said, answers)
    if agrees == "no":
        raise RuleError("report.agrees.refused")
    return agrees


async def _shown_consent(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"name": answers["whose"]}


def _is_for_other(answers: Answers) -> bool:
    return bool(answers.get("for_other") or answers.get("family"))


def _asks_consent(answers: Answers) -> bool:
    return bool(answers.get("asks_consent"))


def _asks_who(answers: Answers) -> bool:
    """Tell whether the reporter chooses the readers of the name.

    Somebody who reports in office does not.
    """
    return _waits(answers) and (_asks_consent(answers) or not answers.get("for_other"))


# The words ------------------------------------------------------------------------------------------------------------


async def _take_text(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take words; photos, voices and forwarded messages come in several, until [说完了]."""
    answers.pop("confirm", None)  # it was the answer to the question that is being changed
    gathered = collect(ctx, said, answers)
    if not (answers.get("said") or answers.get("media") or isinstance(answers.get("place"), dict)):
        raise RuleError("report.text_needed")
    alone = gathered and said.media is None and said.location is None and not said.forwarded
    if said.press_id or alone:
        return answers.pop("said", "") or placeholder_text(ctx, answers)
    return KEEP_LISTENING if said.album and await attachments.told_of_album(ctx) else ASK_AGAIN


async def _text_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("report.button.done", "done"),) if answers.get("said") or answers.get("media") else ()


async def _shown_text(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"what": Text("report.go_on" if answers.get("said") or answers.get("media") else "report.what_happened")}


async def _take_category(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    if said.press_id and said.text == "more":
        answers["_rare"] = True
        return ASK_AGAIN
    labels = {category.value: f"case.category.{category}" for category in (*FREQUENT, *RARE)}
    return picked(ctx, said, labels) or await instead_of_a_tap(ctx, said, answers)


async def _category_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    offered: tuple[Category, ...] = (*RARE, Category.OTHER) if answers.get("_rare") else FREQUENT
    more = () if answers.get("_rare") else (Choice("report.button.more", "more"),)
    return (*(Choice(f"case.category.{category}", category.value) for category in offered), *more)


async def _take_amount(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    if said.press_id and said.text == "skip":
        return ""
    if said.press_id or said.media is not None or said.location is not None:
        return await instead_of_a_tap(ctx, said, answers)
    return clean_text(said.text, 60) or await instead_of_a_tap(ctx, said, answers)


async def _take_place(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    place: Any = clean_text(said.text, 120)
    if said.location is not None:
        place = {"latitude": said.location[0], "longitude": said.location[1]}
    elif said.press_id and said.text == "skip":
        place = ""
    elif said.media is not None:
        return await instead_of_a_tap(ctx, said, answers)
    elif said.press_id or not place:
        raise RuleError("report.place_needed")
    answers["near"] = await near_to(ctx, answers)
    return place


async def _skip(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("report.button.skip", "skip"),)


# Similar reports ------------------------------------------------------------------------------------------------------


async def _same_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (*same(answers), Choice("report.button.not_same", "no"))


async def _shown_near(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"lines": Lines(near_lines(ctx, answers))}


async def _take_same(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    said_number = said.text.strip().lstrip("#＃")
    if said_number in {choice.value for choice in same(answers)}:
        return said_number
    return "" if said.press_id and said.text == "no" else await instead_of_a_tap(ctx, said, answers)


def _waits(answers: Answers) -> bool:
    """Tell whether there is time for further questions: nobody is in danger now."""
    return answers.get("danger") != "now"


def _asks_same(answers: Answers) -> bool:
    return _waits(answers) and bool(answers.get("near")) and answers.get("kind") in SHARED


# A last look ----------------------------------------------------------------------------------------------------------


async def _shown_preview(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    village = await ctx.unit.people.village(VillageId(int(answers["village"])))
    seen = await concerned(ctx, answers)
    posts = await ctx.unit.people.posts_of(village.id, at=ctx.at)
    chair = next((who.name for who in posts.of(Role.CHAIR, without=seen.parties)), "")
    other = [Text("report.who_shown.for_other", name=answers["whose"])] if _is_for_other(answers) else []
    lines = seen_lines(seen.visibility, chair, named=not other or _asks_consent(answers), attached=bool(answers.get("media")))
    return {
        "kind": Text(f"report.kind.{answers['kind']}"),
        "text": summary(answers[TEXT], SHOWN),
        "village": village.name,
        "who": Lines([*other, *lines]),
        "attached": media_shown(answers),
    }


async def _take_confirm(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    if is_yes(said.text) and not said.media:
        return "send"
    if said.press_id and said.text == "edit":
        answers.pop(TEXT, None)
        return "edit"
    return await instead_of_a_tap(ctx, said, answers)


async def _confirm_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("report.button.send", "send"), Choice("report.button.edit", "edit"))


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    await open_from(ctx, answers)


# The dialogs ----------------------------------------------------------------------------------------------------------

_take_danger, _danger_choices = _choose("report.danger", "now", "soon")
_take_lost, _lost_choices = _choose("report.lost", "no", "yes")
_take_agrees, _agrees_choices = _choose("report.agrees", "yes", "unable", "no")
_take_who, _who_choices = _choose("report.who", "named", "hidden", "sealed", "party")

WHERE = Dialog("where", Policy.JOINED, (VILLAGE,), _finish)
REPORT = Dialog(
    "report",
    Policy.JOINED,
    (
        Step("whose", "report.ask.whose", _take_whose, when=_is_for_other),
        Step("agrees", "report.ask.agrees", _take_consent, _agrees_choices, _shown_consent, when=_asks_consent, wide=1),
        VILLAGE,
        Step("kind", "report.ask.kind", take_kind, kind_choices),
        Step(TEXT, "report.ask.text", _take_text, _text_choices, _shown_text),
        Step("category", "report.ask.category", _take_category, _category_choices, when=lambda answers: answers.get("kind") == "dispute"),
        Step("danger", "report.ask.danger", _take_danger, _danger_choices, when=lambda answers: answers.get("kind") == "hazard"),
        Step("lost", "report.ask.lost", _take_lost, _lost_choices, when=lambda answers: answers.get("kind") == "fraud"),
        Step(
            "amount",
            "report.ask.amount",
            _take_amount,
            _skip,
            when=lambda answers: answers.get("kind") == "fraud" and answers.get("lost") == "yes",
        ),
        Step("place", "report.ask.place", _take_place, _skip, when=_waits),
        Step("who", "report.ask.who", _take_who, _who_choices, when=_asks_who, wide=1),
        Step("same", "report.ask.same", _take_same, _same_choices, _shown_near, when=_asks_same, wide=1),
        Step(
            "confirm",
            "report.ask.confirm",
            _take_confirm,
            _confirm_choices,
            _shown_preview,
            when=lambda answers: _waits(answers) and not answers.get("same"),
        ),
    ),
    _finish,
)
