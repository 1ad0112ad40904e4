"""Take "nobody called me", as a button and in words, from the promised instant on.

Knows which case is meant; domain/cases/contact.py decides. Invariant: words alone move a case only when it is the one that is overdue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.actors import CaseRole
from domain.cases.case import IN_WORK, WAITING
from domain.cases.contact import is_overdue, unheard
from domain.core.change import Button, CaseId
from handlers.cases import moves
from handlers.core.context import rows
from handlers.core.pressed import pressed_number
from storage.cases.scope import standing_of
from texts import Text

if TYPE_CHECKING:
    from domain.cases.actors import CaseActor
    from domain.cases.case import Case, CaseChange
    from domain.people.people import Posts
    from handlers.core.context import HandlerContext

#: Cases that are offered when several are meant.
MOST = 6


async def press_unheard(ctx: HandlerContext) -> None:
    """Let the case of a pressed button go to the next level."""
    await _raise(ctx, pressed_number(ctx))


async def said(ctx: HandlerContext, found: bool) -> bool:
    """Take the words for the overdue case, or ask which; else say until when to wait."""
    numbers = await ctx.unit.search.numbers_of(ctx.actor, states=tuple(sorted(WAITING | IN_WORK)), most=3 * MOST)
    own = [case for case in await ctx.unit.search.read(ctx.actor, numbers) if standing_of(ctx.actor, case).standing is CaseRole.REPORTER]
    late = [case for case in own if is_overdue(case, town=ctx.town, at=ctx.at)] or own
    if not late:
        return False
    if len(late) == 1:
        await _raise(ctx, int(late[0].id))
        return True
    buttons = [
        Button("talk.button.this", "ct.un", (case.id,), {"label": Text("case.button.unheard"), "number": str(case.id)})
        for case in late[:MOST]
    ]
    await ctx.reply("talk.which", buttons=rows(*buttons, width=1))
    return True


async def _raise(ctx: HandlerContext, number: int) -> None:
    events = await ctx.unit.cases.timeline(CaseId(number))

    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return unheard(case, by, events=events, posts=posts, town=ctx.town, at=ctx.at)

    await moves.carry(ctx, number, decide)
