"""Follow an urgent case: count its responders, and stop them when it is over.

Knows which moves end a callout. Must not decide a move. Invariant: when nobody has to come any more, everybody with a board reads so in the same
transaction, those on the way with a sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.case import Action, Case, CaseChange
from domain.cases.rounds import Round
from domain.core.immutable import replace
from domain.responders import Progress, Verb, calls_volunteers, move
from handlers.responders import board, waves
from handlers.responders.answering import know_called

if TYPE_CHECKING:
    from domain.core.change import PersonId
    from handlers.core.context import HandlerContext

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
    called = await _call_more(ctx, change)
    if change.action in _SHOWN or called:
        await board.draw(ctx, case, loud=called)


async def place_came(ctx: HandlerContext, case: Case) -> None:
    """Call people near the new point of an urgent case, and draw the boards again."""
    await know_called(ctx, case)
    second = case.scene is not None and case.scene.turn >= Round.SECOND_WAVE
    called = await waves.call_wave(ctx, case, second=second and not await ctx.unit.callouts.going(case.id))
    await board.draw(ctx, case, loud=called)


async def _call_more(ctx: HandlerContext, change: CaseChange) -> list[PersonId]:
    """Call further people; return those who have to hear it.

    Volunteers are called at once, others with the later rounds while nobody goes.
    When it begins again, those who were called before are called again.
    """
    case = change.case
    if change.action in _AGAIN and case.calls and calls_volunteers(case):
        await waves.call_wave(ctx, case, second=False)
        return await waves.called_again(ctx, case)
    if change.action is Action.OPEN:
        return await waves.call_wave(ctx, case, second=False)
    if change.action is Action.RING:
        return await waves.call_wave(ctx, case, second=not await ctx.unit.callouts.going(case.id))
    return []


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
    beside = set(await waves.called_again(ctx, case))  # nobody else tells them
    waiting = [each.person_id for each in everybody if each.state is Progress.CALLED and each.person_id in beside]
    await board.draw(ctx, case, loud=frozenset({*moving, *waiting}))
