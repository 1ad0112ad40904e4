"""Let somebody who joined a report add words, a photo or a voice.

Knows the question; domain/cases/moves.py decides. Invariants: only somebody on the list of followers adds; handlers read it without a name, and
words against somebody in office become a report of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases import moves as rules
from domain.cases.actors import CaseRole
from domain.cases.fairness import check_blocked
from domain.core.change import CaseId, NotFound, Notice, RuleError
from domain.core.numbers import clean_text
from domain.people.people import Policy
from handlers.cases import attachments, moves, reports
from handlers.core.dialogs import Answers, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from storage.cases.scope import standing_of

if TYPE_CHECKING:
    from domain.cases.actors import CaseActor
    from domain.cases.case import Case, CaseChange
    from domain.people.people import Posts
    from handlers.core.context import HandlerContext, Incoming


async def press_add(ctx: HandlerContext) -> None:
    """Ask what the actor adds to a report that they joined."""
    case = await _joined(ctx, pressed_number(ctx))
    await begin(ctx, "supplement", {"number": int(case.id)})


async def add(ctx: HandlerContext, number: int, words: str, media: dict[str, Any] | None) -> None:
    """Add words, a photo or a voice of a follower to a report.

    Raises:
        RuleError: they do not follow it, or are blocked; `contact.supplement.place`.
    """
    case = await _joined(ctx, number)
    check_blocked(ctx.actor)
    if media is not None and media["type"] == "location":
        raise RuleError("contact.supplement.place")
    if words and await moves.may_accuse(ctx, case, words):
        await ctx.reply("contact.supplement.own")
        await reports.offer(ctx, {"said": words} | ({"media": [media]} if media is not None else {}))
        return
    said = words or reports.placeholder_text(ctx, {"media": [media]})
    if media is not None:
        attachments.check_room(ctx, case)

    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return rules.supplement(case, by, said, at=ctx.at)

    if not await moves.carry(ctx, number, decide):
        return
    if media is not None and await attachments.attach(ctx, CaseId(case.id), media):
        stored = await ctx.unit.cases.find(number)
        assert stored is not None
        await moves.redraw_everywhere(ctx, stored)
    await ctx.notify(Notice(ctx.origin, "contact.supplement.done", {"number": str(number)}, subject=case.subject))


async def _joined(ctx: HandlerContext, number: int) -> Case:
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    follows = standing_of(ctx.actor, case).standing is CaseRole.FOLLOWER and ctx.actor.id in await ctx.unit.cases.followers(case.id)
    if not follows:
        raise NotFound(case.id)
    return case


async def _take(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    words, media = clean_text(said.text, moves.WORDS), reports.media_of(said)
    if not words and media is None:
        raise RuleError("case.refused.no_words")
    if media is not None and media["type"] == "location":
        raise RuleError("contact.supplement.place")
    return {"text": words, "media": media}


async def _shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    return {"number": str(answers["number"])}


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    await add(ctx, answers["number"], answers["words"]["text"], answers["words"]["media"])


SUPPLEMENT = Dialog("supplement", Policy.JOINED, (Step("words", "contact.supplement.ask", _take, shown=_shown),), _finish)
