"""Follow an urgent case: count its responders, and stop them when it is over.

Knows which moves end a callout. Must not decide a move. Invariant: when nobody has to come any more, everybody with a board reads so in the same
transaction, those on the way with a sound.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from domain.cases.case import Action, Case, CaseChange
from domain.responders import Progress, Verb, calls_volunteers, may_be_called, move
from handlers.responders import board
from handlers.responders.answering import know_called

if TYPE_CHECKING:
    from domain.core.change import PersonId
    from handlers.core.context import HandlerContext

#: So many volunteers are called at once.
MOST = 30
#: Moves by which somebody says what they do themselves.
_SAID = {Action.ACCEPT: Verb.COME, Action.ACK: Verb.COME, Action.ARRIVE: Verb.ARRIVE}
_AGAIN = frozenset({Action.RAISE, Action.REOPEN, Action.UNSOLVED})
#: Moves that change what a board shows.
_SHOWN = frozenset({*_SAID, *_AGAIN, Action.ESCALATE, Action.REASSIGN, Action.STALL, Action.LAPSE, Action.RECUSE, Action.EXCLUDE})


async def follow(ctx: HandlerContext, change: CaseChange) -> None:
    """Act on a change of an urgent case."""
    case = change.case
    if case.scene is None:
        return
    await know_called(ctx, case)
    if case.ended or change.action is Action.CANCEL:
        await _stop(ctx, case, without=change.by.id)
        return
    if change.action in _AGAIN and case.calls:
        await ctx.unit.callouts.end(case.id, None)
    if change.action in _SAID and change.by.id is not None:
        await _said(ctx, case, change.by.id, _SAID[change.action])
    called = await _call_volunteers(ctx, change)
    if change.action in _SHOWN or called:
        await board.draw(ctx, case, loud=called)


async def _call_volunteers(ctx: HandlerContext, change: CaseChange) -> list[PersonId]:
    """Call volunteers of the village at once; return those who have to hear it.

    Those of the neighbours are called with the later rounds, while nobody goes. When it begins again, those who were called before are called again.
    """
    case = change.case
    again = change.action in _AGAIN
    if not calls_volunteers(case) or not case.calls or not (again or change.action in (Action.OPEN, Action.RING)):
        return []
    villages = [case.village_id]
    if change.action is Action.RING and not await ctx.unit.callouts.going(case.id):
        villages += await ctx.unit.village_places.neighbours(case.village_id)
    found = await ctx.unit.volunteers.of_villages(villages, limit=MOST)
    people = await ctx.unit.people.find_many([each.person_id for each in found if may_be_called(each, case.danger)], at=ctx.at)
    barred = {*case.excluded_ids, case.opened_by, change.by.id}
    reached = [
        each.id
        for each in people.values()
        if each.id is not None and each.id not in barred and not each.is_new and not each.suspended and each.address.channel
        if each.blocked_until is None or each.blocked_until <= ctx.at
    ]
    added = await ctx.unit.callouts.call(case.id, reached, at=ctx.at, volunteer=True)
    return [each.person_id for each in await ctx.unit.callouts.of(case.id) if each.volunteer] if again else added


async def _said(ctx: HandlerContext, case: Case, person_id: PersonId, verb: Verb) -> None:
    """Record what somebody said on the card of the case, unless they said it on the board."""
    await ctx.unit.callouts.call(case.id, [person_id], at=ctx.at)
    who = await ctx.unit.callouts.find(case.id, person_id)
    if who is not None and not who.accepted:
        who = move(who, Verb.COME, at=ctx.at)
    if who is not None and verb is Verb.ARRIVE and who.state is Progress.COMING:
        who = move(who, Verb.ARRIVE, at=ctx.at)
    if who is not None:
        await ctx.unit.callouts.put(replace(who, seen_at=who.seen_at or ctx.at))


async def _stop(ctx: HandlerContext, case: Case, *, without: PersonId | None) -> None:
    """Tell everybody that nobody has to come any more, once."""
    if await ctx.unit.callouts.is_over(case.id):
        return
    everybody = await ctx.unit.callouts.of(case.id)
    await ctx.unit.callouts.end(case.id, ctx.at)
    moving = [each.person_id for each in everybody if each.state is Progress.COMING and each.person_id != without]
    waiting = [each.person_id for each in everybody if each.volunteer and each.state is Progress.CALLED]
    await board.draw(ctx, case, loud=frozenset({*moving, *waiting}))
