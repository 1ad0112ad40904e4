"""Ask what is needed to stop a payment to a fraudster: when, how much, to which account.

The case is open before anything is asked. Knows the three questions; must not know who handles the case. Invariant: of the account, messages and
cards show the last four digits; the rest is sealed, read by the police with an audit event, and deleted after 90 days.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from domain.cases.case import Action
from domain.core.change import CaseId
from domain.core.numbers import clean_text
from domain.people.people import Policy
from handlers.cases import attachments, moves
from handlers.core.dialogs import Choice, Dialog, Step, begin
from storage.cases.transfers import Transfer
from texts import plain

if TYPE_CHECKING:
    from domain.cases.case import Case
    from handlers.core.context import HandlerContext, Incoming
    from handlers.core.dialogs import Answers

SHORT = 60
LAST = 4
SKIP = "skip"
_TIMES = ("now", "hour", "today")
_NOT_A_DIGIT = re.compile(r"[^0-9A-Za-z@._]")


async def ask(ctx: HandlerContext, case: Case) -> None:
    """Ask for the transfer of a case that was just opened."""
    await begin(ctx, TRANSFER.name, {"number": int(case.id)})


async def _line(ctx: HandlerContext, said: Incoming, answers: Answers) -> Any:
    """Take one line; a picture or voice goes to the case instead."""
    if said.press_id:
        return "" if said.text == SKIP else plain(f"emergency.transfer.{said.text}", ctx.actor.language) if said.text in _TIMES else ""
    if said.media is not None:
        await attachments.attach(ctx, CaseId(answers["number"]), said.media)
    return clean_text(" ".join(said.text.split()), SHORT)


async def _times(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"emergency.transfer.{time}", time) for time in _TIMES)


async def _skip(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return (Choice("report.button.skip", SKIP),)


async def _finish(ctx: HandlerContext, answers: Answers) -> None:
    """Keep the account sealed, and tell those who handle the case the rest."""
    case = await ctx.unit.cases.visible_to(ctx.actor, answers["number"])
    account = _NOT_A_DIGIT.sub("", answers["account"])
    if account:
        await ctx.unit.transfers.put(Transfer(case.id, answers["account"], account[-LAST:], ctx.at))
    unknown = plain("emergency.transfer.unknown", ctx.actor.language)
    shown = {"when": answers["when"] or unknown, "amount": answers["amount"] or unknown, "last": account[-LAST:] or unknown}
    await moves.do(ctx, int(case.id), Action.NOTE, plain("emergency.transfer.note", ctx.actor.language, **shown))
    await ctx.reply("emergency.transfer.done", number=str(case.id))


TRANSFER = Dialog(
    "transfer",
    Policy.ANYONE,  # the case lets its reporter in, and nobody else
    (
        Step("when", "emergency.transfer.ask_when", _line, _times, wide=3),
        Step("amount", "emergency.transfer.ask_amount", _line, _skip),
        Step("account", "emergency.transfer.ask_account", _line, _skip),
    ),
    _finish,
    unheard="its answers tell of money that is gone",
)
