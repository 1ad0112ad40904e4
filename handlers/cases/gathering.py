"""Add further urgent words of a first-day account to its open urgent case.

Knows the account's open case; domain/cases/fairness.py decides which words are gathered. Must not know texts of cards. Invariant: words join
no case that more people read than the report allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.case import Action, Severity
from domain.cases.fairness import Way, way_of
from domain.cases.intake import severity
from handlers.cases import attachments, moves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from domain.cases.case import NewCase
    from domain.core.change import PersonId
    from handlers.core.context import HandlerContext


async def way_for(ctx: HandlerContext, new: NewCase) -> Way:
    """Return how a report without the SOS button is taken.

    Raises:
        RuleError: the account is blocked, or reports too often.
    """
    assert ctx.actor.id is not None
    in_village = new.village_id if ctx.actor.is_new else None
    past = await ctx.unit.past_reports.of(ctx.actor.id, in_village=in_village, at=ctx.at)
    return way_of(ctx.actor, urgent=is_urgent(new), past=past, limits=ctx.town.limits)


def is_urgent(new: NewCase) -> bool:
    """Return whether a new case is urgent, by its own answer or by its words."""
    return (new.severity or severity(new.kind, new.text)) is Severity.URGENT


async def joined(ctx: HandlerContext, new: NewCase, media: Sequence[Mapping[str, Any]], *, parties: tuple[PersonId, ...]) -> bool:
    """Add a report to the account's open urgent case; False without one.

    Its handlers, the duty desk among them, read the words as a note. A case that more people read than the report allows takes no words of it.
    """
    assert ctx.actor.id is not None
    case = await ctx.unit.search.urgent_of(ctx.actor.id)
    if case is None:
        return False
    case = await ctx.unit.cases.visible_to(ctx.actor, case.id)
    if case.visibility != new.visibility or not set(parties) <= set(case.parties):
        return False
    for each in media:
        await attachments.attach(ctx, case.id, each)
    await moves.do(ctx, int(case.id), Action.NOTE, new.text)
    return True
