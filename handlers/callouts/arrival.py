"""Ask the person on the way whether they have arrived, until they say so.

Knows the question and the words of the answer; the move is `Action.ARRIVE`. Invariant: a question belongs to the step in which somebody took
the case; after several questions without an answer other people learn of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from domain.cases.actors import CaseRole
from domain.cases.case import IN_WORK, Action, Case
from domain.cases.display import holder_of
from domain.cases.next_step import asks_arrival
from domain.cases.notices import as_handler, readers
from domain.core.change import Button
from domain.people.people import POLICE, Role
from handlers.callouts.called import to_handler
from handlers.cases import moves
from handlers.cases.cards import what
from handlers.core.context import rows

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from handlers.core.context import HandlerContext

#: From this question without an answer on, the other police read it too.
UNHEARD = 3
ARRIVED = re.compile("我?(?:已经?)?(?:到了|到现场了?|到达)|i.?(?:m| am) here|arrived|i have arrived", re.IGNORECASE)


async def question_due(ctx: HandlerContext) -> None:
    """Ask the assignee of an urgent case whether they are there.

    After the reporter called it a mistake, ask whether they spoke with them.
    """
    assert ctx.timer is not None
    case = await ctx.unit.cases.find(int(ctx.timer.data.get("case", 0)))
    if case is None or case.state not in IN_WORK or not case.calls or case.fence != ctx.timer.data.get("fence"):
        return
    assert case.scene is not None
    turn = int(ctx.timer.data.get("turn", 1))
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    holder = [who for who in readers(case, posts, Role.CHAIR, *POLICE) if who.person_id == case.holder_id and who.address is not None]
    for who in holder:
        await _ask(ctx, case, who)
    if turn >= UNHEARD or not holder:
        params = {"number": str(case.id), "village": case.village, "what": what(case), "who": holder_of(case)}
        for who in readers(case, posts, *POLICE):
            if who.person_id != case.holder_id and who.address is not None:
                await ctx.notify(
                    to_handler(case, who, "scene.arrival.unheard", params, rows(Button("case.button.all", "c.all", (case.id,))))
                )
    await ctx.start_timers(*asks_arrival(case, at=ctx.at, turn=turn + 1))


async def _ask(ctx: HandlerContext, case: Case, who: Receiver) -> None:
    cancelled = case.scene is not None and case.scene.cancelled_at is not None
    police = as_handler(who).standing is CaseRole.POLICE
    button = Button("scene.button.spoke", "c.spk", (case.id,)) if cancelled else Button("scene.button.arrived", "c.arr", (case.id,))
    key = "scene.arrival.cancelled" if cancelled else "scene.arrival.question"
    shown = rows(button, Button("case.button.all", "c.all", (case.id,))) if police or not cancelled else ()
    params = {"number": str(case.id), "village": case.village, "what": what(case)}
    await ctx.notify(to_handler(case, who, key, params, shown))


async def said(ctx: HandlerContext) -> bool:
    """Take typed words such as 到了 as an arrival; False without an urgent case of the actor."""
    words = ctx.incoming.text.strip(" 。.!！")
    if ctx.actor.id is None or not ARRIVED.fullmatch(words):
        return False
    number = await ctx.unit.search.urgent_held_by(ctx.actor.id)
    if number is None:
        return False
    await moves.do(ctx, number, Action.ARRIVE)
    await ctx.reply("scene.arrived", number=str(number))
    return True
