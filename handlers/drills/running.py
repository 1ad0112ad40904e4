"""A running drill: answers, rounds, the end with its summary.

Knows the presses and the clock; the instants are those of real rounds. Invariants: only a person who was called answers; the rounds call the people whom real
rounds would call inside the village's chain, and nobody beyond it; a real call for help ends a drill whose people it calls.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain import drills as rules
from domain.cases.case import Action
from domain.cases.notices import new_card_recipients
from domain.cases.rounds import Round, due_ring
from domain.core.change import NotFound, Notice
from domain.core.immutable import replace
from domain.drills import Call
from domain.people.people import POLICE, Role
from handlers.callouts.rounds import called_in
from handlers.core.records import me
from handlers.drills.cards import DRILLS, facts, go_button, summary, to_called

if TYPE_CHECKING:
    from domain.cases.case import CaseChange
    from domain.core.change import PersonId
    from domain.drills import Drill
    from handlers.core.context import HandlerContext

MINUTE = timedelta(minutes=1)


# Answers --------------------------------------------------------------------------------------------------------------


async def press_go(ctx: HandlerContext) -> None:
    """Answer as somebody who would go."""
    drill = await DRILLS.pressed(ctx)
    call = await _own_call(ctx, drill)
    change = rules.answer(drill, me(ctx), at=ctx.at)
    if call.answered_at is not None:
        ctx.toast("drill.toast.answered", number=str(drill.id))
        return
    call = replace(call, answered_at=ctx.at)
    await DRILLS.store(ctx).write(drill.id, call)
    await DRILLS.record(ctx, change)
    ctx.toast("drill.toast.seconds", number=str(drill.id), seconds=call.seconds)


async def press_here(ctx: HandlerContext) -> None:
    """Say that one is there."""
    drill = await DRILLS.pressed(ctx)
    call = await _own_call(ctx, drill)
    change = rules.arrive(drill, me(ctx), at=ctx.at)
    if call.answered_at is None or call.arrived_at is not None:
        ctx.toast("drill.toast.answered", number=str(drill.id))
        return
    await DRILLS.store(ctx).write(drill.id, replace(call, arrived_at=ctx.at))
    await DRILLS.record(ctx, change)
    ctx.toast("drill.toast.arrived", number=str(drill.id))


async def _own_call(ctx: HandlerContext, drill: Drill) -> Call:
    """Return the actor's call.

    Raises:
        NotFound: they were not called.
    """
    for call in await DRILLS.store(ctx).calls(drill.id):
        if call.person_id == ctx.actor.id:
            return call
    raise NotFound(drill.id)


# Rounds ---------------------------------------------------------------------------------------------------------------


async def round_due(ctx: HandlerContext) -> None:
    """Ring the rounds that are due for those who have not answered."""
    drill = await DRILLS.due(ctx)
    if drill is None or drill.answered_at is not None:
        return
    posts = await ctx.unit.people.posts_of(drill.village_id, at=ctx.at)
    case = rules.rehearsed(drill, posts=posts, town=ctx.town).case
    assert case.scene is not None
    assert case.ladder.rounds is not None
    due = due_ring(case.ladder.rounds, case.scene, at=ctx.at)
    if due is None:
        return
    drill = await DRILLS.record(ctx, rules.ring(drill, due, case.ladder.rounds, at=ctx.at))
    params = facts(drill) | {"minutes": str((ctx.at - drill.opened_at) // MINUTE)}
    for who in called_in(case, posts, due):
        if who.person_id is None:
            continue
        await DRILLS.store(ctx).call(drill.id, Call(who.person_id, who.name, Role(who.role), ctx.at))
        key = "drill.ring"
        if due.turn >= Round.WIDE and who.role in POLICE:
            key = "drill.ring.wide"
        elif due.turn >= Round.PHONES and who.role == Role.DUTY:
            key = "drill.ring.desk"
        await ctx.notify(to_called(drill, who, key, params, go_button(drill)))


# The end --------------------------------------------------------------------------------------------------------------


async def press_end(ctx: HandlerContext) -> None:
    """End a drill before its time."""
    drill = await DRILLS.pressed(ctx, handling=True)
    await _end(ctx, drill, me(ctx))


async def end_due(ctx: HandlerContext) -> None:
    """End a drill whose time is over."""
    drill = await DRILLS.due(ctx)
    if drill is not None:
        await _end(ctx, drill, None)


async def make_way(ctx: HandlerContext, change: CaseChange) -> None:
    """End a drill when a real call for help calls everybody in it: nobody may confuse the two.

    While somebody in the drill must not hear of the real one, it goes on, because its end would tell them.
    """
    case = change.case
    if change.action is not Action.OPEN or case.scene is None:
        return
    drill = await DRILLS.store(ctx).running_in(case.village_id)
    if drill is None:
        return
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    hear = {who.person_id for who in new_card_recipients(change, posts)}
    people = {drill.started_by, *(call.person_id for call in await DRILLS.store(ctx).calls(drill.id) if call.reached)}
    if people <= hear:
        await _end(ctx, drill, None)


async def _end(ctx: HandlerContext, drill: Drill, by: PersonId | None) -> None:
    """End a drill: its cards lose their buttons, the police and its author read the summary."""
    drill = await DRILLS.record(ctx, rules.end(drill, by, at=ctx.at))
    calls = await DRILLS.store(ctx).calls(drill.id)
    shown = facts(drill) | summary(drill, calls)
    author = await ctx.unit.people.receiver(drill.started_by)
    await ctx.notify(Notice(author, "drill.summary", shown, subject=rules.DRILLS.subject(drill)))
    for call in calls:
        if call.reached:
            to = await ctx.unit.people.receiver(call.person_id)
            key = "drill.summary" if call.role in POLICE else "drill.over"
            await ctx.notify(to_called(drill, to, key, shown if call.role in POLICE else facts(drill)))
