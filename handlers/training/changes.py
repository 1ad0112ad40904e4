"""Change an announced training: another time, another place, or cancel it.

Knows who must be notified. Invariant: everybody who may have read an older time or place is told the newer one, answered or not; a person
who was still to be told gets only the newer one.
"""

from __future__ import annotations

from typing import Any

from domain import training as rules
from domain.core.change import Button, Notice, Priority
from domain.people.people import Policy
from domain.training import Answer, State
from handlers.core.context import HandlerContext, rows
from handlers.core.dialogs import Answers, Dialog, begin
from handlers.core.pressed import pressed_number
from handlers.training.cards import answer_buttons, draw_board, facts_of, in_the_day, invite, managed
from handlers.training.planning import PLACE, PORTION, WHEN, count_call, found, record
from storage.values import from_us


async def press_move(ctx: HandlerContext) -> None:
    """Ask for another time."""
    await begin(ctx, "tmove", {"_training": (await managed(ctx, pressed_number(ctx))).id})


async def press_elsewhere(ctx: HandlerContext) -> None:
    """Ask for another place."""
    await begin(ctx, "twhere", {"_training": (await managed(ctx, pressed_number(ctx))).id})


async def _moved(ctx: HandlerContext, answers: Answers) -> None:
    await _changed(ctx, answers, starts_at=from_us(answers["when"]))


async def _elsewhere(ctx: HandlerContext, answers: Answers) -> None:
    await _changed(ctx, answers, place=answers["place"], pin=answers.get("_pin"))


async def _changed(ctx: HandlerContext, answers: Answers, **what: Any) -> None:
    """Record a change and notify everybody who answered; the others follow in portions.

    People whose invitation was still to be sent get a new one.
    """
    before = await managed(ctx, int(answers["_training"]))
    assert ctx.actor.id is not None
    await count_call(ctx)
    await record(ctx, rules.change(before, ctx.actor.id, at=ctx.at, **what))
    value = await found(ctx, before.id)
    await ctx.unit.outbox.cancel_batch(before.batch, at=ctx.at)
    people = [each for each in await ctx.unit.trainings.people(value.id) if each.answer is not Answer.NONE]
    facts = await facts_of(ctx, value)
    for each in people:
        buttons = answer_buttons(value, each.answer)
        who = await ctx.unit.people.receiver(each.person_id)
        notice = Notice(who, "training.changed", facts, buttons, card=value.card, as_new_message=True, subject=value.card, forwardable=True)
        await ctx.notify(in_the_day(ctx, notice, min(before.starts_at, value.starts_at)))
    answered = {each.person_id for each in people}
    others = [each for each in await ctx.unit.trainings.stopped(before.batch) if each not in answered]
    await invite(ctx, value, [await ctx.unit.people.receiver(person_id) for person_id in others])
    await ctx.start_timers(rules.look_timer(value, ctx.at, 1), rules.again_timer(value, ctx.at, 0))
    await ctx.reply("training.changed.to_organiser", count=len(people), **facts)
    await draw_board(ctx, value)


async def press_cancel(ctx: HandlerContext) -> None:
    """Ask once more before cancelling it."""
    value = await managed(ctx, pressed_number(ctx))
    buttons = rows(
        Button("training.button.cancel_now", "tcancelok", (value.id,)), Button("training.button.keep", "tboard", (value.id,)), width=1
    )
    await ctx.reply("training.cancel.question", buttons=buttons, subject=value.subject)


async def press_cancel_now(ctx: HandlerContext) -> None:
    """Cancel it: everybody who may have read of it is notified."""
    before = await managed(ctx, pressed_number(ctx))
    assert ctx.actor.id is not None
    await record(ctx, rules.cancel(before, ctx.actor.id, at=ctx.at))
    value = await found(ctx, before.id)
    await ctx.unit.outbox.cancel_batch(before.batch, at=ctx.at)
    facts = await facts_of(ctx, value)
    people = [each for each in await ctx.unit.trainings.people(value.id) if each.answer is not Answer.NONE]
    for each in people:
        who = await ctx.unit.people.receiver(each.person_id)
        notice = Notice(who, "training.cancelled", facts, card=value.card, as_new_message=True, subject=value.card, forwardable=True)
        await ctx.notify(in_the_day(ctx, notice, value.starts_at))
    await ctx.start_timers(rules.again_timer(value, ctx.at, 0))
    await ctx.reply("training.cancelled.done", subject=value.subject, count=len(people))
    await draw_board(ctx, value)


async def again(ctx: HandlerContext) -> None:
    """Tell the next portion of people who read of it and did not answer (clock)."""
    assert ctx.timer is not None
    value = await found(ctx, int(ctx.timer.data["training"]))
    if ctx.timer.data["turn"] != value.turn or value.state not in (State.ANNOUNCED, State.CANCELLED) or ctx.at >= value.starts_at:
        return
    portion = await ctx.unit.trainings.list_reached(value, after=int(ctx.timer.data["after"]), limit=PORTION)
    facts = await facts_of(ctx, value)
    off = value.state is State.CANCELLED
    for person_id in portion:
        notice = Notice(
            await ctx.unit.people.receiver(person_id),
            "training.cancelled" if off else "training.changed",
            facts,
            () if off else answer_buttons(value),
            Priority.BROADCAST,
            card=value.card,
            as_new_message=True,
            expires_at=value.starts_at,
            unique=f"{value.batch}:{value.state}:{person_id}",
            subject=value.card,
            batch=value.batch,
            stays=True,  # as an invitation: the next post has its own
            forwardable=True,
        )
        await ctx.notify(in_the_day(ctx, notice, value.starts_at))
    if len(portion) == PORTION:
        await ctx.start_timers(rules.again_timer(value, ctx.at, portion[-1]))


MOVE = Dialog("tmove", Policy.HANDLER, (WHEN,), _moved)
ELSEWHERE = Dialog("twhere", Policy.HANDLER, (PLACE,), _elsewhere)
