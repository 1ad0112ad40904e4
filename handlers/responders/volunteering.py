"""/responder: residents who agree to be called to urgent cases near them.

Knows the questions and the switch; the rules are in domain/responders.py. Invariants: nobody is a volunteer without having said that they
are an adult and that they agree; no birth date and no place is asked; one tap ends it and deletes it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from domain.calendar.local_time import day_of
from domain.core.change import Button, Event, RuleError
from domain.core.immutable import replace
from domain.people.people import Policy
from domain.responders import Volunteer, parse_training
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.responders import listing
from texts import Text

if TYPE_CHECKING:
    from domain.core.change import PersonId

YES, NO = "yes", "no"
_WORDS = {"yes": YES, "是": YES, "能": YES, "同意": YES, "满了": YES, "no": NO, "不": NO, "否": NO, "不能": NO, "不同意": NO, "没满": NO}
_NEVER = frozenset({"0", "没有", "没学过", "无", "no", "never"})


async def responder(ctx: HandlerContext) -> None:
    """`/responder`: show what one agreed to, or ask."""
    mine = await ctx.unit.volunteers.find(_me(ctx))
    if mine is None:
        await ctx.reply("volunteer.offer", buttons=((Button("volunteer.button.join", "w.join"),), *await listing.offered(ctx)))
    else:
        await _show(ctx, mine)


async def press_join(ctx: HandlerContext) -> None:
    """Ask for the age, the consent and the rest."""
    if ctx.actor.village_id is None:
        raise RuleError("volunteer.no_village")
    await begin(ctx, "volunteer")


async def press_set(ctx: HandlerContext) -> None:
    """Set the switch, or whether one can help at a fire."""
    mine = await _mine(ctx)
    match ctx.incoming.values:
        case ("active", ("0" | "1") as value):
            mine = replace(mine, active=value == "1")
        case ("fire", ("0" | "1") as value):
            mine = replace(mine, fights_fire=value == "1")
        case _:
            raise RuleError("refused.old_button")
    await ctx.unit.volunteers.put(mine)
    await _audit(ctx, "set")
    await _show(ctx, mine)


async def press_training(ctx: HandlerContext) -> None:
    """Ask for the date of the last training."""
    await _mine(ctx)
    await begin(ctx, "training_day")


async def press_leave(ctx: HandlerContext) -> None:
    """End it, and delete what was kept."""
    await _mine(ctx)
    await ctx.unit.volunteers.drop(_me(ctx))
    await _audit(ctx, "leave")
    await ctx.reply("volunteer.left")


def _me(ctx: HandlerContext) -> PersonId:
    assert ctx.actor.id is not None
    return ctx.actor.id


async def _mine(ctx: HandlerContext) -> Volunteer:
    mine = await ctx.unit.volunteers.find(_me(ctx))
    if mine is None:
        raise RuleError("volunteer.none")
    return mine


async def _audit(ctx: HandlerContext, what: str) -> None:
    await ctx.audit(Event(f"person:{_me(ctx)}", f"volunteer.{what}", _me(ctx), ctx.at))


async def _show(ctx: HandlerContext, mine: Volunteer) -> None:
    today = _today(ctx)
    active = (
        Button("volunteer.button.off", "w.set", ("active", 0)) if mine.active else Button("volunteer.button.on", "w.set", ("active", 1))
    )
    fire = (
        Button("volunteer.button.no_fire", "w.set", ("fire", 0))
        if mine.fights_fire
        else Button("volunteer.button.fire", "w.set", ("fire", 1))
    )
    buttons = rows(active, fire, Button("volunteer.button.training", "w.cpr"), Button("volunteer.button.leave", "w.end"))
    await ctx.reply(
        "volunteer.card",
        buttons=(*buttons, *await listing.offered(ctx)),
        state=Text("volunteer.active" if mine.active else "volunteer.inactive"),
        fire=Text("volunteer.fire" if mine.fights_fire else "volunteer.no_fire"),
        training=_training(mine, today),
    )


def _training(mine: Volunteer, today: date) -> Any:
    if mine.trained_on is None:
        return Text("volunteer.training.none")
    key = "volunteer.training" if mine.trained(today) else "volunteer.training.old"
    return Text(key, day=mine.trained_on.isoformat())


def _today(ctx: HandlerContext) -> date:
    return day_of(ctx.at, ctx.town.zone)


# Dialogs --------------------------------------------------------------------------------------------------------------


async def _accept_word(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    value = _WORDS.get(said.text.strip().casefold())
    if value is None:
        raise RuleError("volunteer.yes_or_no")
    return value


async def _accept_date(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    if said.text.strip().casefold() in _NEVER:
        return ""
    day = parse_training(said.text, _today(ctx))
    if day is None:
        raise RuleError("volunteer.date")
    return day.isoformat()


async def _no_training(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("volunteer.choice.never", "0"),)


async def _adult(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("volunteer.choice.adult", YES), Choice("volunteer.choice.minor", NO))


async def _agree(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("volunteer.choice.agree", YES), Choice("volunteer.choice.disagree", NO))


async def _fire(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("volunteer.choice.fire", YES), Choice("volunteer.choice.no_fire", NO))


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    if answers["adult"] != YES:
        await ctx.reply("volunteer.adults_only")
        return
    if answers.get("agree") != YES:
        await ctx.reply("volunteer.not_agreed")
        return
    mine = Volunteer(_me(ctx), True, answers["fire"] == YES, ctx.at, _day(answers["trained"]))
    await ctx.unit.volunteers.put(mine)
    await _audit(ctx, "agree")
    await _show(ctx, mine)


async def _finish_training(ctx: HandlerContext, answers: Answers) -> None:
    mine = replace(await _mine(ctx), trained_on=_day(answers["trained"]))
    await ctx.unit.volunteers.put(mine)
    await _audit(ctx, "set")
    await _show(ctx, mine)


def _day(answer: str) -> date | None:
    return date.fromisoformat(answer) if answer else None


def _grown(answers: Answers) -> bool:
    return answers.get("adult") == YES


def _agreed(answers: Answers) -> bool:
    return _grown(answers) and answers.get("agree") == YES


VOLUNTEER = Dialog(
    "volunteer",
    Policy.JOINED,
    (
        Step("adult", "volunteer.ask.adult", _accept_word, choices=_adult),
        Step("agree", "volunteer.ask.agree", _accept_word, choices=_agree, when=_grown),
        Step("fire", "volunteer.ask.fire", _accept_word, choices=_fire, when=_agreed),
        Step("trained", "volunteer.ask.trained", _accept_date, choices=_no_training, when=_agreed),
    ),
    _finish,
)
TRAINING = Dialog(
    "training_day", Policy.JOINED, (Step("trained", "volunteer.ask.trained", _accept_date, choices=_no_training),), _finish_training
)
