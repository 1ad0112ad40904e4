"""The quiz of three questions: start it for those who came, answer it, say the mark.

Knows questions as cards; domain/training/quizzes.py knows the right answers. Invariants: only people who signed in are asked; each reads
their own mark, and who may call their village reads it on the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import training as rules
from domain.core.change import Button, NotFound, Notice, Receiver, RuleError
from domain.training import quizzes
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_number, pressed_numbers
from handlers.training.cards import draw_board, managed
from texts import Lines, Text

if TYPE_CHECKING:
    from domain.training import Training


async def press_quiz(ctx: HandlerContext) -> None:
    """Offer the topics of a quiz."""
    value = await managed(ctx, pressed_number(ctx))
    if value.quiz:
        raise RuleError("training.quiz.started")
    topics = rows(*(Button(f"training.quiz.{topic}", "tquizgo", (value.id, place)) for place, topic in enumerate(quizzes.RIGHT)))
    await ctx.reply("training.quiz.topics", buttons=topics, subject=value.subject)


async def press_start(ctx: HandlerContext) -> None:
    """Send the first question to everybody who came."""
    number, place = pressed_numbers(ctx, 2)
    value = await managed(ctx, number)
    if place >= len(quizzes.RIGHT) or ctx.actor.id is None:
        raise RuleError("refused.old_button")
    came = [each for each in await ctx.unit.trainings.people(number) if each.came]
    value = await ctx.unit.trainings.record(rules.start_quiz(value, ctx.actor.id, list(quizzes.RIGHT)[place], at=ctx.at, came=len(came)))
    for each in came:
        await ask(ctx, value, await ctx.unit.people.receiver(each.person_id))
    ctx.toast("training.quiz.sent", count=len(came))
    await draw_board(ctx, value)


async def ask(ctx: HandlerContext, value: Training, who: Receiver) -> None:
    """Send the first question to a person who came."""
    unique = f"{value.card}:quiz:{who.person_id}"
    await ctx.notify(_question(value, who, 0, new=True, unique=unique))


async def press_answer(ctx: HandlerContext) -> None:
    """Take an answer; show the next question, or the mark."""
    number, question, choice = pressed_numbers(ctx, 3)
    value = await ctx.unit.trainings.invited(ctx.actor, number)
    people = await ctx.unit.trainings.people(number) if value is not None else []
    mine = next((each for each in people if each.person_id == ctx.actor.id and each.came), None)
    if value is None or mine is None or not value.quiz:
        raise NotFound(number)
    given = quizzes.answer(value.quiz, mine.quiz_answers, question=question, choice=choice)
    if not await ctx.unit.training_records.put_quiz(value, mine.person_id, given, before=mine.quiz_answers, at=ctx.at):
        raise RuleError("training.quiz.answered")
    if not quizzes.is_over(given):
        await ctx.notify(_question(value, ctx.origin, len(given), new=False))
        return
    lines = [
        Text(
            "training.quiz.line.right" if int(given[place]) == right else "training.quiz.line.wrong",
            question=Text(f"training.quiz.{value.quiz}.{place}"),
            answer=Text(f"training.quiz.{value.quiz}.{place}.{right}"),
        )
        for place, right in enumerate(quizzes.RIGHT[value.quiz])
    ]
    key = "training.quiz.passed" if quizzes.passed(value.quiz, given) else "training.quiz.failed"
    count = quizzes.right(value.quiz, given)
    await ctx.reply(key, card=f"{value.card}:quiz", as_new_message=False, right=count, count=quizzes.QUESTIONS, lines=Lines(lines))


def _question(value: Training, who: Receiver, question: int, *, new: bool, unique: str = "") -> Notice:
    choices = [
        Button(f"training.quiz.{value.quiz}.{question}.{choice}", "tquiz", (value.id, question, choice))
        for choice in range(quizzes.CHOICES)
    ]
    facts = {
        "subject": value.subject,
        "number": question + 1,
        "count": quizzes.QUESTIONS,
        "question": Text(f"training.quiz.{value.quiz}.{question}"),
    }
    card = f"{value.card}:quiz"
    return Notice(who, "training.quiz.question", facts, rows(*choices, width=1), card=card, as_new_message=new, unique=unique, stays=True)
