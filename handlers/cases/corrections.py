"""Correct the kind, the category or the severity of a case.

Knows the button on the whole card, the command, the typed words and the questions and the words; domain/cases/corrections.py
decides. Invariant: a correction that would be refused is refused before it is
asked about.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from domain.cases import corrections as rules
from domain.cases.case import Action, Kind, Severity
from domain.cases.intake import FREQUENT, RARE
from domain.cases.move_table import holder_before
from domain.core.change import CaseId, PersonId, RuleError
from domain.core.numbers import parse_case_number
from domain.people.people import POLICE, Policy, Role
from handlers.cases import cards
from handlers.cases.moves import carry, number_and_words, redraw_everywhere, refuse
from handlers.cases.report_steps import named, picked
from handlers.core.dialogs import ASK_AGAIN, Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from storage.cases.scope import standing_of

if TYPE_CHECKING:
    from domain.cases.actors import CaseActor
    from domain.cases.case import Case, CaseChange
    from domain.cases.corrections import Correction
    from domain.people.people import Posts
    from handlers.core.context import HandlerContext, Incoming

#: What can be corrected, by the name of the property.
PROPERTIES: dict[str, tuple[Correction, ...]] = {
    "kind": tuple(Kind),
    "category": (*FREQUENT, *RARE),
    "severity": tuple(Severity),
}
#: Text key → the correction with this label. A dispute of another sort and another kind are both 其他: the kind is meant.
LABELS: dict[str, Correction] = {f"case.{name}.{value}": value for name, values in PROPERTIES.items() for value in values}
KEYS = dict(zip(LABELS, LABELS, strict=True))
#: 改类别 1024 邻里, 改急缓 1024: the number is needed, so that no report is taken for a correction.
TYPED = re.compile(
    r"(?:改(?:类型|类别|分类|归类|急缓)|reclassify)\s*([#＃]?[0-9０-９]{1,9})(?![0-9０-９])[\s,，:：、]*(.{0,20})", re.IGNORECASE
)


async def correct(ctx: HandlerContext) -> None:
    """`/correct n [words]`."""
    number, words = number_and_words(ctx)
    await _begin(ctx, number, words)


async def press_correct(ctx: HandlerContext) -> None:
    """Ask what is wrong about the case."""
    await _begin(ctx, pressed_number(ctx))


async def typed(ctx: HandlerContext) -> bool:
    """Take typed words that correct a case; False when they do not."""
    found = TYPED.fullmatch(ctx.incoming.text.strip())
    number = parse_case_number(found[1]) if found else None
    if found is None or number is None or ctx.actor.id is None:
        return False
    await _begin(ctx, number, found[2].strip())
    return True


async def _begin(ctx: HandlerContext, number: int, words: str = "") -> None:
    try:
        case = await ctx.unit.cases.visible_to(ctx.actor, number)
        cards.check(case, standing_of(ctx.actor, case), Action.CORRECT)
    except RuleError as rule:
        await refuse(ctx, number, rule)
        return
    label = named(ctx, words, KEYS) if words else None
    if label is None:
        await begin(ctx, "correct", {"number": number})
    else:
        await _carry(ctx, number, label)


async def _carry(ctx: HandlerContext, number: int, label: str) -> None:
    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return rules.correct(case, by, LABELS[label], posts=posts, town=ctx.town, at=ctx.at)

    if await carry(ctx, number, decide) and not ctx.actor.holds(Role.CHAIR, *POLICE) and not ctx.incoming.press_id:
        await ctx.reply("talk.corrected")


async def _take(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take a property, which shows its values, or a value: the text key of its label.

    Raises:
        RuleError: `report.choose`.
    """
    if said.press_id and said.text in PROPERTIES:
        answers["property"] = said.text
        return ASK_AGAIN
    label = picked(ctx, said, KEYS)
    if label is None:
        raise RuleError("report.choose")
    return label


async def _offered(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    chosen = answers.get("property")
    if chosen is None:
        handles = ctx.actor.holds(Role.CHAIR, *POLICE)
        return tuple(Choice(f"case.correct.{name}", name) for name in PROPERTIES if handles or name != "severity")
    return tuple(Choice(f"case.{chosen}.{value}", f"case.{chosen}.{value}") for value in PROPERTIES[chosen])


async def _shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"number": str(answers["number"])}


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    await _carry(ctx, answers["number"], answers["to"])


CORRECT = Dialog("correct", Policy.JOINED, (Step("to", "case.correct.question", _take, _offered, _shown),), _finish)


# A mistake ------------------------------------------------------------------------------------------------------------


async def press_undo(ctx: HandlerContext) -> None:
    """Undo the actor's own last move, within a minute."""
    number = pressed_number(ctx)
    events = await ctx.unit.cases.timeline(CaseId(number))
    before = holder_before(events[-1]) if events and "before" in events[-1].data else None
    holder = None if before is None else await ctx.unit.people.find(before, at=ctx.at)

    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return rules.undo(case, by, events=events, holder_name=holder.name if holder else "", town=ctx.town, at=ctx.at)

    await carry(ctx, number, decide)


async def undo_over(ctx: HandlerContext) -> None:
    """Take the button away when the minute is over (clock)."""
    assert ctx.timer is not None
    case = await ctx.unit.cases.find(CaseId(int(ctx.timer.data["case"])))
    if case is not None and ctx.timer.data["person"] in await ctx.unit.cards.viewers(case.card):
        await redraw_everywhere(ctx, case, only=PersonId(ctx.timer.data["person"]))
