"""Put a case off until a date, with a reason.

Knows the questions; domain/casework.py decides. Invariant: the reporter learns until when, and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import casework
from domain.calendar.typed_dates import parse_when
from domain.cases.moves import check_next
from domain.core.change import RuleError
from domain.people.people import Policy
from handlers.cases.moves import carry, number_and_words
from handlers.casework.passing import reason, shown
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from storage.values import from_us, to_us

if TYPE_CHECKING:
    from domain.cases.actors import CaseActor
    from domain.cases.case import Case, CaseChange
    from domain.people.people import Posts

#: Offered spans, in days.
_DAYS = {"1": "casework.choice.1", "3": "casework.choice.3", "7": "casework.choice.7"}


async def later(ctx: HandlerContext) -> None:
    """`/later n`: put a case off."""
    await _begin(ctx, number_and_words(ctx)[0])


async def press_later(ctx: HandlerContext) -> None:
    """Put a case off."""
    await _begin(ctx, pressed_number(ctx))


async def _begin(ctx: HandlerContext, number: int) -> None:
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    await begin(ctx, "later", {"number": int(case.id)})


async def _until(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Read the date; microseconds.

    Raises:
        RuleError: `case.refused.when`, `case.refused.too_far`, `casework.too_soon`.
    """
    chosen = said.verb == "answer" and said.text in _DAYS
    until = casework.in_days(int(said.text), town=ctx.town, at=ctx.at) if chosen else parse_when(said.text, ctx.at, ctx.town.zone)
    if until is None:
        raise RuleError("case.refused.when")
    if until < ctx.at + casework.SOONEST:
        raise RuleError("casework.too_soon")
    check_next(until, at=ctx.at)
    return to_us(until)


async def _days(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(label, days) for days, label in _DAYS.items())


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    until, words = from_us(answers["until"]), answers["words"]

    def decide(case: Case, by: CaseActor, posts: Posts) -> CaseChange:
        return casework.snooze(case, by, until, words, town=ctx.town, at=ctx.at)

    await carry(ctx, answers["number"], decide)


LATER = Dialog(
    "later",
    Policy.HANDLER,
    (Step("until", "casework.ask.until", _until, _days, shown, wide=3), Step("words", "casework.ask.later", reason, shown=shown)),
    _finish,
)
