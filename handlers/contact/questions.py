"""Ask a reporter a few more things about a filed report, one by one in its card.

Knows asking only; which questions there are is decided in domain/cases/questions.py. Invariants: nothing is asked before the report is
filed; each question can be left out, and answered by words, a tap, a voice or a photo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases import questions as rules
from domain.cases.actors import CaseRole
from domain.cases.case import Case, CaseChange
from domain.core.change import CaseId, NotFound, RuleError
from domain.core.numbers import clean_text
from domain.people.people import Policy
from handlers.cases import attachments, moves, reports
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from storage.cases.scope import standing_of
from texts import plain

if TYPE_CHECKING:
    from domain.cases.actors import CaseActor
    from domain.people.people import Posts
    from handlers.core.context import HandlerContext, Incoming

LONGEST = 200
SKIP = "skip"


async def press_more(ctx: HandlerContext) -> None:
    """Ask the open questions of a case, one after another."""
    case = await ctx.unit.cases.visible_to(ctx.actor, pressed_number(ctx))
    if standing_of(ctx.actor, case).standing is not CaseRole.REPORTER:
        raise NotFound(case.id)
    names = [question.name for question in rules.open_questions(case)]
    if not names:
        raise RuleError("question.none", number=case.id)
    await begin(ctx, "questions", {"number": int(case.id), "ask": names})


def _step(question: rules.Question) -> Step:
    labels = {choice: f"question.choice.{question.name}_{choice}" for choice in question.choices}

    async def accept(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
        if said.verb == "answer":
            if said.text == SKIP:
                return ""
            if said.text in labels:
                return plain(labels[said.text], ctx.actor.language)
            raise RuleError("report.choose")
        media = reports.media_of(said)
        words = clean_text(said.text, LONGEST)
        if media is not None:
            case = await ctx.unit.cases.visible_to(ctx.actor, answers["number"])
            attachments.check_room(ctx, case)
            await attachments.attach(ctx, CaseId(case.id), media, words)
            return words or reports.placeholder_text(ctx, {"media": [media]} if media["type"] != "location" else {})
        if not words:
            raise RuleError("report.choose")
        return words

    async def choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
        return (*(Choice(label, choice) for choice, label in labels.items()), Choice("report.button.skip", SKIP))

    async def shown(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
        names = answers["ask"]
        return {"n": str(names.index(question.name) + 1), "of": str(len(names))}

    def asked(answers: Answers) -> bool:
        return question.name in answers.get("ask", ())

    return Step(question.name, f"question.ask.{question.name}", accept, choices, shown, when=asked)


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    """Add what was answered as one note; nothing when everything was left out."""
    said = {name: answers[name] for name in answers["ask"] if answers.get(name)}
    if not said:
        await ctx.reply("question.nothing", number=str(answers["number"]))
        return
    lines = [
        plain("question.line", ctx.actor.language, label=plain(f"question.label.{name}", ctx.actor.language), words=words)
        for name, words in said.items()
    ]

    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return rules.answer(case, by, list(said), clean_text("\n".join(lines), moves.WORDS), at=ctx.at)

    await moves.carry(ctx, answers["number"], decide)


QUESTIONS = Dialog("questions", Policy.JOINED, tuple(_step(question) for question in rules.ALL), _finish)
