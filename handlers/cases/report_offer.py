"""Offer to report somebody's words with one tap.

Knows the offer's text and choices; handlers/cases/reports.py opens the case. Invariant: the offer names the recipient of the report and
the place, and more words join it.
"""

from __future__ import annotations

from typing import Any

from domain.cases.case import Kind
from domain.cases.display import display_name
from domain.cases.escalation import EscalationLevel
from domain.cases.intake import guess_kind, is_yes, summary
from domain.cases.moves import first_level
from domain.core.change import RuleError, VillageId
from domain.people.people import Policy
from handlers.cases.concerned import Concerned, concerned
from handlers.cases.report_steps import (
    SHOWN,
    TEXT,
    VILLAGE,
    instead_of_a_tap,
    kind_choices,
    media_shown,
    near_lines,
    same,
    take_kind,
)
from handlers.cases.reports import GUESSED, near_to, open_from
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from texts import Lines, Text

#: Ways to report with one tap, other than with the name for chair and police.
OTHERWISE = ("hidden", "sealed", "police")
#: Kinds that are offered for a voice, by three big buttons.
SPOKEN = (Kind.DISPUTE.value, Kind.HAZARD.value, Kind.OTHER.value)


async def _shown_quick(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    village = await ctx.unit.people.village(VillageId(int(answers["village"])))
    seen = await concerned(ctx, answers)
    lines = near_lines(ctx, answers)
    return {
        "village": village.name,
        "who": await _first_to_know(ctx, village.id, seen),
        "seen": Text("report.quick.seen", line=Text("case.seen.words.police")) if seen.visibility.police_only else "",
        "kind": Text(f"report.kind.{answers['kind']}"),
        "text": summary(answers[TEXT], SHOWN),
        "attached": media_shown(answers),
        "near": Text("report.quick.near", lines=Lines(lines)) if lines else "",
    }


async def _first_to_know(ctx: HandlerContext, village_id: VillageId, seen: Concerned) -> Any:
    """Return the first recipient, by the village's name for them: 王主任."""
    posts = await ctx.unit.people.posts_of(village_id, at=ctx.at)
    excluded_ids = seen.parties if ctx.actor.id is None else (*seen.parties, ctx.actor.id)
    rung = first_level(posts, excluded_ids, EscalationLevel.OFFICER if seen.visibility.police_only else EscalationLevel.CHAIR)
    first = next((who for who in posts.of(rung.holder, without=excluded_ids) if who.address), None)
    return display_name("" if first is None else first.name, rung.holder)


async def _quick_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (
        Choice("report.button.send", "send"),
        *(() if answers.get("who") else tuple(Choice(f"report.button.{level}", level) for level in OTHERWISE)),
        *same(answers),
        Choice("report.button.other_kind", "kind"),
        Choice("report.button.details", "details"),
    )


async def _take_quick(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    if said.press_id:
        if said.text in {choice.value for choice in await _quick_choices(ctx, answers)}:
            return said.text
        raise RuleError("report.choose")
    if is_yes(said.text) and not said.media:
        return "send"
    more = await instead_of_a_tap(ctx, said, answers)
    if answers["kind"] == Kind.OTHER or answers.get(GUESSED):
        answers["kind"] = guess_kind(answers[TEXT]).value
    answers["near"] = await near_to(ctx, answers)
    return more


async def _finish_quick(ctx: HandlerContext, answers: Answers) -> None:
    choice = answers.pop("what")
    match choice:
        case "send":
            await open_from(ctx, answers)
        case "hidden" | "sealed" | "police":
            await open_from(ctx, answers | {"who": choice})
        case "kind":
            await begin(ctx, "quick", {name: value for name, value in answers.items() if name not in ("kind", GUESSED)})
        case "details":
            await begin(ctx, "report", answers)
        case _:
            await open_from(ctx, answers | {"same": choice})


QUICK = Dialog(
    "quick",
    Policy.JOINED,
    (
        VILLAGE,
        Step("kind", "report.which_kind", take_kind, kind_choices, when=lambda answers: "kind" not in answers),
        Step("what", "report.quick", _take_quick, _quick_choices, _shown_quick),
    ),
    _finish_quick,
)


async def _take_spoken(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take one of three kinds for a voice; more voices join the report."""
    if said.press_id and said.text in SPOKEN:
        return said.text
    return await instead_of_a_tap(ctx, said, answers)


async def _shown_spoken(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    """Name who will know of it first, from the function that decides it."""
    answers = answers | {"kind": Kind.OTHER.value}
    seen = await concerned(ctx, answers)
    return {"who": await _first_to_know(ctx, VillageId(int(answers["village"])), seen)}


async def _spoken_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"elder.kind.{kind}", kind) for kind in SPOKEN)


async def _finish_spoken(ctx: HandlerContext, answers: Answers) -> None:
    """Open the report at once: the tap on its kind was the word to send it."""
    await open_from(ctx, answers)


SPOKEN_REPORT = Dialog(
    "spoken",
    Policy.JOINED,
    (VILLAGE, Step("kind", "elder.which_kind", _take_spoken, _spoken_choices, _shown_spoken, wide=1)),
    _finish_spoken,
)
