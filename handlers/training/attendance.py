"""Attendance of a training: the list by village, and the summary for its organiser.

The summary is sent when it ends. Knows lists; domain/training.py decides who counts as present or absent. Invariant: nobody is shown as
absent before it is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import training as rules
from domain.core.change import Button, NotFound, Notice
from domain.training import Answer, Attendee, State, quizzes
from handlers.core.context import HandlerContext
from handlers.core.pressed import pressed_numbers
from handlers.training.cards import draw_board, facts_of, of_reader, page_turns
from texts import Lines, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

A_LIST = 30


async def press_people(ctx: HandlerContext) -> None:
    """List the people who came and those who promised but did not, by village, page by page."""
    number, page = pressed_numbers(ctx, 2)
    value = await ctx.unit.trainings.visible_to(ctx.actor, number)
    if value.state is State.DRAFT:
        raise NotFound(number)
    people = await of_reader(ctx, value, ctx.actor, await ctx.unit.trainings.people(value.id))
    lines = _lines(people, quiz=value.quiz, over=ctx.at >= value.ends_at)
    pages = max(1, -(-len(lines) // A_LIST))
    page = min(page, pages - 1)
    counted = rules.attendance(people)
    facts: dict[str, Any] = {
        "subject": value.subject,
        "times": len(counted.came),
        "absent": len(counted.absent),
        "walk_ins": counted.walk_ins,
    }
    shown = Lines(lines[page * A_LIST : (page + 1) * A_LIST] or [Text("training.people.nobody")])
    turns = page_turns("tpeople", value.id, page, pages)
    over = ctx.at >= value.ends_at
    facts["yes"] = sum(each.answer is Answer.YES for each in people)
    await ctx.reply(
        "training.people" if over else "training.people.before",
        buttons=turns,
        card=f"{value.card}:people",
        as_new_message=page == 0,
        lines=shown,
        page=page + 1,
        pages=pages,
        **facts,
    )


def _lines(people: Sequence[Attendee], *, quiz: str, over: bool) -> list[Any]:
    """Return the list: a line per village, then its people.

    A person who promised is absent only once it is over.
    """
    lines: list[Any] = []
    for village, came, absent in rules.attendance(people).by_village:
        heading = "training.people.village" if over else "training.people.village_before"
        lines.append(Text(heading, village=village or Text("training.people.elsewhere"), came=came, absent=absent))
        here = [each for each in people if each.village == village and (each.came or each.answer is Answer.YES)]
        for each in sorted(here, key=lambda each: (not each.came, each.queue)):
            key = "came" if each.came else "absent" if over else "promised"
            mark = Text("training.people.mark", right=quizzes.right(quiz, each.quiz_answers), count=quizzes.QUESTIONS)
            lines.append(Text(f"training.people.{key}", name=each.name, mark=mark if key == "came" and each.quiz_answers else ""))
    return lines


async def close_due(ctx: HandlerContext) -> None:
    """End a training and send the summary to its organiser."""
    assert ctx.timer is not None
    value = await ctx.unit.trainings.find(int(ctx.timer.data["training"]))
    if value is None or value.state is not State.ANNOUNCED or ctx.timer.data["turn"] != value.turn:
        return
    value = await ctx.unit.trainings.record(rules.close(value, at=ctx.at))
    counted = rules.attendance(await ctx.unit.trainings.people(value.id))
    lines = [
        Text("training.people.village", village=village or Text("training.people.elsewhere"), came=came, absent=absent)
        for village, came, absent in counted.by_village[:A_LIST]
    ]
    facts = await facts_of(ctx, value) | {"times": len(counted.came), "absent": len(counted.absent), "walk_ins": counted.walk_ins}
    organiser = await ctx.unit.people.receiver(value.organiser_id)
    button = ((Button("training.button.people", "tpeople", (value.id, 0)), Button("training.button.makeup", "tmakeup", (value.id,))),)
    nobody = [Text("training.people.nobody")]
    await ctx.notify(Notice(organiser, "training.summary", facts | {"lines": Lines(lines or nobody)}, button, subject=value.card))
    await draw_board(ctx, value)
