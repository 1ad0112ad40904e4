"""Make-up trainings, and the attendance of a year.

Knows lists. Invariants: a make-up training calls only the people of its list; the attendance of a year is ordered by village and name, and
nobody is compared with anybody.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from domain import training as rules
from domain.core.change import Button
from domain.training import may_train, quizzes
from handlers.core.context import HandlerContext, rows
from handlers.core.dialogs import begin
from handlers.core.pressed import pressed_number
from handlers.core.village_choice import villages_where
from handlers.training.cards import managed, of_reader, page_turns
from texts import Lines, Text

if TYPE_CHECKING:
    from domain.training import Attendee, Training

A_LIST = 30


def year_began(ctx: HandlerContext) -> datetime:
    """Return the first instant of the present year, in the town's time zone."""
    return ctx.at.astimezone(ctx.town.zone).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)


async def to_make_up(ctx: HandlerContext, value: Training) -> list[Attendee]:
    """Return the people of the actor's villages for a make-up training."""
    return rules.to_make_up(value, await of_reader(ctx, value, ctx.actor, await ctx.unit.trainings.people(value.id)))


async def press_make_up(ctx: HandlerContext) -> None:
    """List the people for a make-up training, and offer to hold it."""
    value = await managed(ctx, pressed_number(ctx))
    people = await to_make_up(ctx, value)
    lines = [
        Text(
            "training.makeup.failed" if each.came else "training.makeup.absent",
            name=each.name,
            village=each.village,
            right=quizzes.right(value.quiz, each.quiz_answers),
            count=quizzes.QUESTIONS,
        )
        for each in people[:A_LIST]
    ]
    lines += [Text("training.makeup.more", count=len(people) - A_LIST)] if len(people) > A_LIST else []
    hold = ((Button("training.button.makeup_now", "tmakeupgo", (value.id,)),),) if people else ()
    key = "training.makeup.list" if people else "training.makeup.nobody"
    await ctx.reply(key, buttons=hold, card=f"{value.card}:makeup", subject=value.subject, count=len(people), lines=Lines(lines))


async def press_make_up_now(ctx: HandlerContext) -> None:
    """Begin a training for the people of the list."""
    value = await managed(ctx, pressed_number(ctx))
    allowed = {village.id for village in await villages_where(ctx, may_train)}
    villages = [each for each in value.villages if each in allowed]
    answers: dict[str, Any] = {"subject": value.subject, "villages": villages, "capacity": 0}
    await begin(ctx, "training", answers | {"_makeup": value.id})


async def press_year(ctx: HandlerContext) -> None:
    """List the attendance of this year in the actor's villages, page by page."""
    page = pressed_number(ctx)
    villages = [village.id for village in await villages_where(ctx, may_train)]
    people = await ctx.unit.training_records.year_of(villages, since=year_began(ctx))
    pages = max(1, -(-len(people) // A_LIST))
    page = min(page, pages - 1)
    lines = [
        Text("training.year.line", village=each.village, name=each.name, times=each.times, hours=each.hours)
        for each in people[page * A_LIST : (page + 1) * A_LIST]
    ]
    turns = rows(*(button for row in page_turns("tyear", 0, page, pages) for button in row))
    key = "training.year.list" if people else "training.year.nobody"
    year = year_began(ctx).year
    buttons = tuple(tuple(Button(each.label, "tyear", each.args[1:]) for each in row) for row in turns)
    await ctx.reply(
        key, buttons=buttons, card="ask.year", as_new_message=page == 0, year=year, lines=Lines(lines), page=page + 1, pages=pages
    )
