"""Elder mode: four big buttons, short sentences, and reports by voice.

Knows how it is switched; the menu, the offer and the receipt look at `Person.elder`. Invariant: it changes how things are shown, never who sees
what or who may do what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.case import ELDERS_PHONE, Action
from domain.core.change import Event, Notice, RuleError
from domain.core.immutable import replace
from domain.people.people import COMMITTEE

if TYPE_CHECKING:
    from domain.cases.case import CaseChange
    from handlers.core.context import HandlerContext


async def press_elder(ctx: HandlerContext) -> None:
    """Switch the mode on or off for oneself."""
    match ctx.incoming.values:
        case (("0" | "1") as value,):
            on = value == "1"
        case _:
            raise RuleError("refused.old_button")
    assert ctx.actor.id is not None
    await ctx.unit.privacy.set_elder(ctx.actor.id, on)
    await ctx.audit(Event(f"person:{ctx.actor.id}", "elder", ctx.actor.id, ctx.at, data={"on": on}))
    ctx.actor = replace(ctx.actor, elder=on)
    if not on:
        await ctx.reply("elder.off")
    await ctx.hooks.show_menu(ctx)


async def switch_on(ctx: HandlerContext, change: CaseChange) -> None:
    """Switch the mode on for an elder with a phone here.

    Somebody in office files for them with their consent.
    They are known by the number that was given with the report, in the same village.
    """
    case = change.case
    phone = str(case.details.get(ELDERS_PHONE, ""))
    agreed = case.details.get("report.detail.agrees") == "report.agrees.yes"
    if change.action is not Action.OPEN or not (phone and agreed and ctx.actor.holds(*COMMITTEE)):
        return
    person_id = await ctx.unit.privacy.resident_with_phone(phone, case.village_id)
    if person_id is None or person_id == ctx.actor.id:
        return
    await ctx.unit.privacy.set_elder(person_id, True)
    await ctx.audit(Event(f"person:{person_id}", "elder", ctx.actor.id, ctx.at, data={"on": True}))
    receiver = await ctx.unit.people.receiver(person_id)
    if receiver.address is not None:
        await ctx.notify(Notice(receiver, "elder.switched_on", {"name": ctx.actor.name}))
