"""Answers to a training: coming or not, the waiting list, and reminders of the promise.

Knows places and the waiting list. Invariants: a free place goes to the person who has waited longest, and they are notified; a reminder is
sent once and before the start, or recorded as skipped with its reason.
"""

from __future__ import annotations

from domain import training as rules
from domain.core.change import Event, NotFound, Notice, Priority, VillageId
from domain.core.immutable import replace
from domain.people.people import COMMITTEE
from domain.training import Answer, Reminding, Training
from handlers.core.context import HandlerContext
from handlers.core.pressed import pressed_number
from handlers.training.cards import answer_buttons, draw_board, facts_of, show_answer


async def press_yes(ctx: HandlerContext) -> None:
    """Answer that the actor is coming."""
    await _answer(ctx, yes=True)


async def press_no(ctx: HandlerContext) -> None:
    """Answer that the actor cannot come: the place goes to the person who has waited longest."""
    await _answer(ctx, yes=False)


async def press_card(ctx: HandlerContext) -> None:
    """Show a training that the actor is called to."""
    value = await _invited(ctx)
    await show_answer(ctx, value, await ctx.unit.trainings.people(value.id), as_new_message=True)


async def press_place(ctx: HandlerContext) -> None:
    """Show its place, with the pin if there is one."""
    value = await _invited(ctx)
    media = None if value.pin is None else {"type": "location", "latitude": value.pin[0], "longitude": value.pin[1]}
    await ctx.reply("training.place", media=media, **await facts_of(ctx, value))


async def draw_again(ctx: HandlerContext, card: str) -> None:
    """Draw the actor's card of a training again, in its place."""
    number = int(card.partition(":")[2])
    try:
        value = await _invited(ctx, number)
    except NotFound:
        await ctx.notify(Notice(ctx.origin, "record.gone", {"number": number}, card=card, tells_nothing=True))
        return
    await show_answer(ctx, value, await ctx.unit.trainings.people(value.id))


async def _answer(ctx: HandlerContext, *, yes: bool) -> None:
    value = await _invited(ctx)
    assert ctx.actor.id is not None
    people = await ctx.unit.trainings.people(value.id)
    before = next((each.answer for each in people if each.person_id == ctx.actor.id), Answer.NONE)
    taken = sum(each.answer is Answer.YES and each.person_id != ctx.actor.id for each in people)
    answer = rules.answer(value, yes=yes, before=before, taken=taken, at=ctx.at)
    ctx.toast(f"training.answered.{answer}")
    if answer is not before:
        await ctx.unit.trainings.put_answer(value, ctx.actor.id, answer, village_id=village_of(ctx, value), at=ctx.at)
        await promote(ctx, value.id)
    value = await ctx.unit.trainings.find(value.id) or value
    await show_answer(ctx, value, await ctx.unit.trainings.people(value.id))
    await draw_board(ctx, value)


async def promote(ctx: HandlerContext, number: int) -> None:
    """Give a free place to the person who has waited longest, and notify them."""
    value = await ctx.unit.trainings.find(number)
    assert value is not None
    following = rules.next_in_line(value, await ctx.unit.trainings.people(number))
    if following is None:
        return
    await ctx.unit.trainings.put_answer(value, following.person_id, Answer.YES, village_id=following.village_id, at=ctx.at)
    who = await ctx.unit.people.receiver(following.person_id)
    facts = await facts_of(ctx, value)
    await ctx.notify(
        Notice(
            who,
            "training.promoted",
            facts,
            answer_buttons(value, Answer.YES),
            card=value.card,
            as_new_message=True,
            subject=value.card,
            forwardable=True,
        )
    )


# The clock ------------------------------------------------------------------------------------------------------------


async def reminders_due(ctx: HandlerContext) -> None:
    """Remind the people who promised to come (clock).

    A late reminder is recorded as skipped, with its reason.
    """
    assert ctx.timer is not None
    value = await ctx.unit.trainings.find(int(ctx.timer.data["training"]))
    if value is None:
        return
    hours, turn = int(ctx.timer.data["hours"]), int(ctx.timer.data["turn"])
    what = rules.reminding(value, turn=turn, hours=hours, at=ctx.at)
    if what is not Reminding.SEND:
        await ctx.audit(Event(value.card, "training.reminder_skipped", None, ctx.at, data={"hours": hours, "reason": what.value}))
        return
    facts = await facts_of(ctx, value)
    buttons = answer_buttons(value, Answer.YES, signs=value.open_for_signing(ctx.at))
    for each in await ctx.unit.trainings.people(value.id):
        if each.answer is Answer.YES:
            who = await ctx.unit.people.receiver(each.person_id)
            reminder = Notice(who, f"training.reminder.h{hours}", facts, buttons, Priority.REMINDER)
            unique = f"{value.card}:remind:{turn}:{hours}:{each.person_id}"
            await ctx.notify(
                replace(
                    reminder,
                    unique=unique,
                    card=value.card,
                    as_new_message=True,
                    expires_at=value.starts_at,
                    subject=value.card,
                    forwardable=True,
                )
            )


def village_of(ctx: HandlerContext, value: Training) -> VillageId | None:
    """Return the village that the actor comes for: a called one, else their home."""
    mine = [ctx.actor.village_id, *sorted(ctx.actor.villages(*COMMITTEE))]
    return next((village_id for village_id in mine if village_id in value.villages), ctx.actor.village_id)


async def _invited(ctx: HandlerContext, number: int | None = None) -> Training:
    number = pressed_number(ctx) if number is None else number
    value = None if ctx.actor.id is None else await ctx.unit.trainings.invited(ctx.actor, number)
    if value is None:
        raise NotFound(number)
    return value
