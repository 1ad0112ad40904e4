"""The questions of an alert: text, level, villages; on request kind, source, shelter.

Knows answers; handlers/alerts/composing.py previews what they make. Invariant: the text comes first, and proposes the level and the kind of
danger; a proposal is only used after its author has seen it in the preview.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.alerts import Level, may_alert, typed
from domain.alerts.hazards import Hazard, clean_source, hazard_of, level_of
from domain.core.change import RuleError
from handlers.core.dialogs import ASK_AGAIN, Answers, Choice, Step
from handlers.core.village_choice import VillageChoice
from texts import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.change import VillageId
    from handlers.core.context import HandlerContext, Incoming

#: Names of the answers that are kept beside the steps: a request for kind and source, or for the shelter; its picture and pin.
ASKS_KIND, ASKS_SHELTER, PHOTO, PIN = "_kind", "_shelter", "_photo", "_pin"
#: Choices of the source; each is a text key's last word, and its words are kept.
SOURCES = ("weather", "flood", "emergency", "resources", "ourselves")
NONE, DONE = "none", "done"


def steps(*, drill: bool) -> tuple[Step, ...]:
    """Return the questions of an alert or of a drill."""

    async def mode(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
        return {"mode": Text("alert.mode.drill" if drill else "alert.mode.real")}

    async def head(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
        level = Text(f"alert.level.{answers['level']}")
        return {"head": Text("alert.drill", level=level) if drill else level}

    return (
        Step("text", "alert.text.question", _accept_text, shown=mode),
        Step("level", "alert.level.question", _accept_level, choices=_level_choices, shown=mode),
        VillageChoice(may_alert, last=_last_villages).step("villages", "alert.villages.question", shown=head),
        Step("hazard", "alert.hazard.question", _accept_hazard, choices=_hazard_choices, when=_asks(ASKS_KIND), wide=3),
        Step("source", "alert.source.question", _accept_source, choices=_source_choices, when=_asks(ASKS_KIND)),
        Step(
            "shelter", "alert.shelter.question", _accept_shelter, choices=_shelter_choices, when=_asks(ASKS_SHELTER), shown=_shelter_shown
        ),
    )


def _asks(name: str) -> Any:
    return lambda answers: bool(answers.get(name))


async def _accept_text(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    _keep_shelter(said, answers)
    return ctx.for_many(typed.clean(said.text))


async def _level_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    proposed = level_of(str(answers.get("text", "")))
    levels = sorted(reversed(Level), key=lambda level: level != proposed)
    return tuple(
        Choice("alert.button.proposed", level.value, {"level": Text(f"alert.level.{level}")})
        if level == proposed
        else Choice(f"alert.level.{level}", level.value)
        for level in levels
    )


async def _accept_level(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    level = typed.parse_level(said.text)
    if level is None:
        raise RuleError("alert.level.unknown")
    return level.value


async def _last_villages(ctx: HandlerContext) -> Sequence[VillageId]:
    return () if ctx.actor.id is None else await ctx.unit.alerts.last_villages(ctx.actor.id)


async def _hazard_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    named = tuple(Choice(f"alert.hazard.{hazard}", hazard.value) for hazard in Hazard if hazard)
    return (*named, Choice("alert.button.no_hazard", NONE))


async def _accept_hazard(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    if said.text == NONE:
        return ""
    found = said.text if said.text in list(Hazard) else hazard_of(said.text)
    if not found:
        raise RuleError("alert.hazard.unknown")
    return str(found)


async def _source_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (*(Choice(f"alert.source.{source}", source) for source in SOURCES), Choice("alert.button.no_source", NONE))


async def _accept_source(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Return the source: words, or the text key of an offered one."""
    if said.text == NONE:
        return ""
    return f"alert.source.{said.text}" if said.text in SOURCES else ctx.for_many(clean_source(said.text))


async def _shelter_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("alert.button.shelter_done", DONE),)


async def _shelter_shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    kept = [Text(f"alert.shelter.has_{kind}") for kind, name in (("photo", PHOTO), ("pin", PIN)) if answers.get(name)]
    return {"kept": kept[-1] if len(kept) == 1 else Text("alert.shelter.has_both") if kept else Text("alert.shelter.has_none")}


async def _accept_shelter(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    if said.text == DONE:
        return True
    if not _keep_shelter(said, answers):
        raise RuleError("alert.shelter.needed")
    return ASK_AGAIN


def _keep_shelter(said: Incoming, answers: Answers) -> bool:
    """Keep a sent picture or pin; tell whether there was one."""
    if said.location is not None:
        answers[PIN] = list(said.location)
    if said.media is not None and said.media.get("type") == "photo":
        answers[PHOTO] = said.media["file_id"]
    return said.location is not None or (said.media is not None and said.media.get("type") == "photo")
