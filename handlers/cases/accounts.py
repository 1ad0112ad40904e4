"""Show the police the account to which money was sent.

Knows one button of an urgent case. Invariant: the account is shown over the chat, is part of no message, and each look is in the audit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.actors import CaseRole
from domain.core.change import Event, NotFound
from handlers.core.pressed import pressed_number
from storage.cases.scope import standing_of

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext


async def press_account(ctx: HandlerContext) -> None:
    """Show the account over the chat."""
    case = await ctx.unit.cases.visible_to(ctx.actor, pressed_number(ctx))
    if standing_of(ctx.actor, case).standing is not CaseRole.POLICE:
        raise NotFound(case.id)
    transfer = await ctx.unit.transfers.find(case.id)
    if transfer is None:
        ctx.toast("case.account.none", alert=True)
        return
    await ctx.audit(Event(case.subject, "account_read", ctx.actor.id, ctx.at))
    ctx.toast("case.account", alert=True, account=transfer.account)
