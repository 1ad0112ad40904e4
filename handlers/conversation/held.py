"""Words of somebody in danger, held until they say whom to tell.

Knows the draft, and the dialog that the cry interrupted; must not know what is said about it. Invariant: words are kept together with what the
person was writing before, until they are a case or the person takes them back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.core.immutable import replace
from domain.emergencies.heard import Danger
from handlers.cases import reports
from storage.core.drafts import Draft

if TYPE_CHECKING:
    from domain.emergencies.heard import Heard
    from handlers.core.context import HandlerContext
    from handlers.core.dialogs import Answers

#: The draft of somebody who has not yet said whom to notify.
DRAFT = "urgent"
HELD_FOR = timedelta(hours=1)
#: Dialogs whose words belong to the emergency that interrupts them.
ABOUT_IT = frozenset({"report", "quick", "where", "aside", reports.KEPT})


async def held(ctx: HandlerContext) -> Draft | None:
    """Return the held words, or None; they are forgotten after an hour."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    return draft if draft is not None and draft.dialog == DRAFT and ctx.at - draft.updated_at <= HELD_FOR else None


async def keep(ctx: HandlerContext, heard: Heard, more: Answers | None = None) -> Answers:
    """Add the message to the words held before, and an open dialog; return all of it.

    The first kind of danger that was heard stays. `more`: further answers.
    """
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    answers: Answers = {}
    if draft is not None and draft.dialog == DRAFT and ctx.at - draft.updated_at <= HELD_FOR:
        answers = dict(draft.answers)
    elif draft is not None and (draft.dialog in ctx.dialogs or draft.dialog in ABOUT_IT):
        answers = {"interrupted": {"dialog": draft.dialog, "step": draft.step, "answers": draft.answers, "card": draft.card}}
    reports.collect(ctx, ctx.incoming, answers)
    if heard.danger is not None:
        answers.setdefault("danger_kind", heard.danger.value)
    answers |= {name: True for name, is_so in (("at_home", heard.at_home), ("own", heard.own)) if is_so}
    answers |= more or {}
    await put(ctx, answers)
    return answers


async def put(ctx: HandlerContext, answers: Answers) -> None:
    """Hold these words."""
    await ctx.unit.drafts.put(Draft(ctx.incoming.address, DRAFT, "", answers, ctx.at, ctx.at))


async def add(ctx: HandlerContext) -> Answers | None:
    """Add words, a picture, a voice or a place to the held words; None without any."""
    draft = await held(ctx)
    if draft is None:
        return None
    answers = dict(draft.answers)
    if not reports.collect(ctx, ctx.incoming, answers):
        return None
    await ctx.unit.drafts.put(replace(draft, answers=answers, updated_at=ctx.at))
    return answers


async def taken(ctx: HandlerContext) -> Draft | None:
    """Take the held words, if the current draft holds them."""
    draft = await ctx.unit.drafts.find(ctx.incoming.address)
    if draft is None or draft.dialog != DRAFT:
        return None
    await ctx.unit.drafts.drop(ctx.incoming.address)
    return draft


async def put_back(ctx: HandlerContext, before: dict[str, Any]) -> None:
    """Restore an interrupted dialog."""
    await ctx.unit.drafts.put(
        Draft(ctx.incoming.address, before["dialog"], before["step"], before["answers"], ctx.at, ctx.at, before.get("card", ""))
    )


def parted(draft: Draft | None) -> tuple[Answers, dict[str, Any] | None]:
    """Return the words gathered in danger, and the dialog that they interrupted or None.

    The dialog is {"dialog", "step", "answers"}.
    """
    answers = dict(draft.answers) if draft is not None else {}
    before = answers.pop("interrupted", None)
    return answers, before


def words_of(answers: Answers) -> Answers:
    """Return the gathered words of a report, without the answers to its questions."""
    kept = {name: answers[name] for name in ("media", "messages", "forwarded", "late", "place") if answers.get(name)}
    words = "\n".join(str(answers[name]) for name in ("text", "said") if answers.get(name))
    return kept | ({"said": words} if words else {})


def merged(first: Answers, then: Answers) -> Answers:
    """Merge the answers gathered at two times."""
    name = "text" if first.get("text") else "said"
    words = "\n".join(str(said) for said in (first.get(name), then.get("said")) if said)
    lists = {each: [*first.get(each, ()), *then.get(each, ())] for each in ("media", "messages") if first.get(each) or then.get(each)}
    return {**then, **first, **lists} | ({name: words} if words else {})


def calmed(answers: Answers) -> Answers:
    """Return the words without what they were heard as: nobody is in danger."""
    return {name: value for name, value in answers.items() if name not in ("danger_kind", "at_home", "own", "unsure", "village")}


def danger_of(answers: Answers) -> Danger | None:
    """Return the kind of danger that was heard or chosen, None when unknown."""
    return reports.danger_of(answers)
