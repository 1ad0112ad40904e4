"""Answers of the people called: coming, there, handling, handed over, cannot.

Knows the buttons and `/coming`; the moves are in domain/responders.py. Invariants: a handler takes the case with
the same tap, so that the rounds end; an answer of anybody else ends nothing that police or chair have to do; a holder who says no gives back the
case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from domain.cases.actors import CaseActor, CaseRole
from domain.cases.case import IN_WORK, WAITING, Action, Case
from domain.cases.escalation import EscalationLevel
from domain.core.change import CaseId, Event, NotFound, Notice, Priority, RuleError
from domain.core.immutable import replace
from domain.core.numbers import ascii_digits
from domain.responders import LONGEST, MOVES, Means, Progress, Responder, Verb, estimate, late_timer, move
from handlers.callouts.called import load_called
from handlers.cases import moves
from handlers.cases.attachments import point_of
from handlers.core.pressed import pressed_number
from handlers.responders import board
from storage.cases.scope import standing_of
from texts import plain

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext
    from handlers.core.route import Handler

_HANDLERS = (CaseRole.CHAIR, CaseRole.POLICE)
#: Callouts that go on among which `/coming` without a number may have to choose.
MOST = 3
#: Words that are a button typed.
TYPED = {
    Verb.COME: re.compile("我(?:这就|马上)?(?:过去|去)|(?:i am|i'm) (?:going|coming)", re.IGNORECASE),
    Verb.ARRIVE: re.compile("我?(?:已经?)?(?:到了|到现场了?|到达)|i.?(?:m| am) here|arrived|i have arrived", re.IGNORECASE),
    Verb.DECLINE: re.compile("我?(?:去不了|过不去)|i cannot go|i can't go", re.IGNORECASE),
}


# Buttons --------------------------------------------------------------------------------------------------------------


def press(verb: Verb) -> Handler:
    """Return the handler of a button of this verb."""

    async def handler(ctx: HandlerContext) -> None:
        await answer(ctx, pressed_number(ctx), verb)

    handler.__doc__ = f"A pressed button: {verb}."
    return handler


async def press_estimate(ctx: HandlerContext) -> None:
    """Say how one comes, and in how many minutes."""
    values = (*ctx.incoming.values, "", "", "")
    if not values[1].isdecimal() or values[2] not in set(Means):
        raise RuleError("refused.old_button")
    await say_when(ctx, pressed_number(ctx), int(values[1]), Means(values[2]))


async def press_show(ctx: HandlerContext) -> None:
    """Show the board."""
    number = pressed_number(ctx)
    case, mine = await _called(ctx, number)
    await board.show(ctx, case, mine)


async def press_place(ctx: HandlerContext) -> None:
    """Show the newest point of the place to somebody who accepted."""
    case, mine = await _called(ctx, pressed_number(ctx))
    point = await ctx.unit.places.newest(case.id)
    if point is None or not mine.accepted or not board.knows(await board.load(ctx, case), mine):
        raise NotFound(case.id)
    await ctx.notify(replace(point_of(ctx, case, point, ctx.origin), subject=board.card_of(case)))


# /coming --------------------------------------------------------------------------------------------------------------


async def coming(ctx: HandlerContext) -> None:
    """`/coming [n] [minutes]`: I am coming; without a number to the case that goes on.

    A number up to 120 is minutes.
    """
    words = [ascii_digits(word.lstrip("#")) for word in ctx.args.split()]
    if len(words) > 2 or any(word is None for word in words):
        raise RuleError("responder.usage")
    numbers = [int(word) for word in words if word is not None]
    number = numbers.pop(0) if numbers and numbers[0] > LONGEST else await _only_one(ctx)
    if numbers:
        await say_when(ctx, number, numbers[0], None)
    else:
        await answer(ctx, number, Verb.COME)


async def said(ctx: HandlerContext) -> bool:
    """Take typed words such as 我过去 or 到了 as the button; False without one open callout."""
    words = ctx.incoming.text.strip(" 。.!！")
    verb = next((verb for verb, pattern in TYPED.items() if pattern.fullmatch(words)), None)
    if ctx.actor.id is None or verb is None:
        return False
    found = await ctx.unit.callouts.list_open(ctx.actor, limit=MOST)
    mine = [each for each in found if each.state is Progress.COMING] or found
    if len(mine) != 1 or (mine[0].state, verb) not in MOVES:
        return False
    await answer(ctx, mine[0].case_id, verb)
    return True


async def _only_one(ctx: HandlerContext) -> int:
    found = await ctx.unit.callouts.list_open(ctx.actor, limit=MOST)
    mine = [each for each in found if each.state is Progress.COMING] or found
    if not mine:
        raise RuleError("responder.nothing")
    if len(mine) > 1:
        raise RuleError("responder.which", numbers=", ".join(str(each.case_id) for each in mine))
    return mine[0].case_id


# Answers --------------------------------------------------------------------------------------------------------------


async def answer(ctx: HandlerContext, number: int, verb: Verb) -> None:
    """Record what the actor says, and draw every board again."""
    case, mine = await _called(ctx, number)
    await _record(ctx, case, mine, move(mine, verb, at=ctx.at), verb)


async def say_when(ctx: HandlerContext, number: int, minutes: int, means: Means | None) -> None:
    """Record when the actor will be there."""
    case, mine = await _called(ctx, number)
    changed = estimate(mine, minutes, means, at=ctx.at)
    await ctx.start_timers(late_timer(changed, ctx.town.responders.grace))
    await _record(ctx, case, mine, changed, Verb.COME)


async def _called(ctx: HandlerContext, number: int) -> tuple[Case, Responder]:
    """Load the case and the actor as its responder.

    Raises:
        NotFound: there is none, or the actor was not called.
        RuleError: `responder.is_over`: nobody has to come any more.
    """
    found = await ctx.unit.cases.find(number)
    if found is not None and found.scene is not None:
        await know_called(ctx, found)
    mine = await ctx.unit.callouts.visible_to(ctx.actor, number)
    assert found is not None
    if await ctx.unit.callouts.is_over(found.id):
        raise RuleError("responder.is_over", number=str(number))
    return found, mine


async def know_called(ctx: HandlerContext, case: Case) -> None:
    """Count everybody who was called so far as a responder."""
    called = await load_called(ctx, case)
    ids = [who.person_id for who in (*(each.to for each in called.handlers), *called.others) if who.person_id is not None]
    await ctx.unit.callouts.call(case.id, ids, at=ctx.at)


async def _record(ctx: HandlerContext, case: Case, before: Responder, mine: Responder, verb: Verb) -> None:
    by = standing_of(ctx.actor, case)
    handles = by.standing in _HANDLERS and ctx.actor.id in await ctx.unit.cases.readers_of(case.id, [ctx.actor])
    action = _action(case, by, verb) if handles else None
    if action is Action.ESCALATE and case.rung >= EscalationLevel.STATION:
        raise RuleError("responder.ask_others", number=str(case.id))
    await ctx.unit.callouts.put(mine)
    await ctx.audit(Event(f"callout:{case.id}", f"callout.{verb}", ctx.actor.id, ctx.at))
    if action is not None:  # the boards are drawn when the case has changed
        await moves.do(ctx, case.id, action, _words(ctx, action))
        if action in (Action.ACCEPT, Action.ACK) and verb is Verb.ARRIVE:
            await moves.do(ctx, case.id, Action.ARRIVE)
    else:
        await board.draw(ctx, case)
    if not handles and mine.accepted and not before.accepted:
        await _tell_reporter(ctx, case)
    ctx.toast(f"responder.toast.{verb}")


def _action(case: Case, by: CaseActor, verb: Verb) -> Action | None:
    """Return the move of the case that goes with an answer of somebody who handles it."""
    if verb in (Verb.COME, Verb.ARRIVE) and case.state in WAITING:
        return Action.ACCEPT if by.standing is CaseRole.CHAIR else Action.ACK
    if verb is Verb.ARRIVE and case.state in IN_WORK and case.calls:
        return Action.ARRIVE
    return Action.ESCALATE if verb is Verb.DECLINE and case.holder_id == by.id and case.state in IN_WORK else None


def _words(ctx: HandlerContext, action: Action) -> str:
    return plain("responder.button.cannot", ctx.actor.language) if action is Action.ESCALATE else ""


async def _tell_reporter(ctx: HandlerContext, case: Case) -> None:
    """Tell who called for help that somebody comes who is not police or chair."""
    if case.reporter_id is None or await ctx.unit.callouts.going(case.id) != 1:
        return
    to = await ctx.unit.people.receiver(case.reporter_id)
    await ctx.notify(
        Notice(
            to, "responder.coming.to_reporter", {"number": str(case.id)}, priority=Priority.ESCALATION, subject=case.subject,
            rings=not case.at_home, silent=case.at_home, forwardable=True,
        )
    )  # fmt: skip


async def late_due(ctx: HandlerContext) -> None:
    """Mark a responder whose time is over (clock)."""
    assert ctx.timer is not None
    number = CaseId(int(ctx.timer.data.get("case", 0)))
    case = await ctx.unit.cases.find(number)
    if case is not None and not await ctx.unit.callouts.is_over(number):
        await board.draw(ctx, case)
