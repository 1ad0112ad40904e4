"""Take the answers to an alert: chair or police for a village, others for themselves.

Knows the buttons under an alert. Invariant: the person who pressed is checked, not the person who was asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import alerts
from domain.alerts import Alert, State, may_alert, typed
from domain.alerts.confirmations import How, adds
from domain.core.change import Button, NotFound, Notice, Priority, RuleError, VillageId
from domain.core.immutable import replace
from domain.core.numbers import parse_case_number
from domain.people.people import COMMITTEE, Village
from handlers.alerts.board import draw
from handlers.alerts.sending import chair_buttons, facts_of, send_again, shelter_button, shelter_notices
from handlers.core.context import HandlerContext
from handlers.core.pressed import pressed_numbers
from handlers.core.typed import newest, press
from handlers.core.understood import Typed
from texts import At, Text

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


async def press_told(ctx: HandlerContext) -> None:
    """Confirm as a chair: received, and every household knows."""
    await _confirm(ctx, How.TOLD, drill=False)


async def press_seen(ctx: HandlerContext) -> None:
    """Confirm as a chair: received."""
    await _confirm(ctx, How.SEEN, drill=False)


async def press_phoned(ctx: HandlerContext) -> None:
    """Confirm as police: the village was told by telephone."""
    await _confirm(ctx, How.PHONE, drill=False)


async def press_drill_ok(ctx: HandlerContext) -> None:
    """Confirm as a chair, in a drill."""
    await _confirm(ctx, How.TOLD, drill=True)


async def press_drill_phoned(ctx: HandlerContext) -> None:
    """Confirm as police, in a drill: the village was told by telephone."""
    await _confirm(ctx, How.PHONE, drill=True)


async def press_got(ctx: HandlerContext) -> None:
    """Confirm as any other recipient."""
    await _receive(ctx, drill=False)


async def press_drill_got(ctx: HandlerContext) -> None:
    """Confirm as any other recipient, in a drill."""
    await _receive(ctx, drill=True)


async def press_place(ctx: HandlerContext) -> None:
    """Show the shelter: its picture and its pin."""
    number, village_id = _number_and_village(ctx)
    alert = await ctx.unit.alerts.for_village(ctx.actor, number, village_id, drill=False)
    alert = alert or await ctx.unit.alerts.for_village(ctx.actor, number, village_id, drill=True)
    for drill in (False, True):
        if alert is None and ctx.actor.id is not None:
            alert = await ctx.unit.alerts.received_by(ctx.actor.id, number, drill=drill)
    if alert is None or village_id not in alert.villages:
        raise NotFound(number)
    if alert.state in (State.RECALLED, State.CLEARED):
        raise RuleError(f"alert.is.{alert.state}")
    for notice in shelter_notices(alert, ctx.origin):
        await ctx.reply(notice.key, media=notice.media, forwardable=True, **notice.params)


async def open_link(ctx: HandlerContext, rest: str) -> bool:
    """Show an alert of the actor's village by the link of a group; False for another payload.

    It reads the same for every other alert, and for who lives elsewhere.
    """
    number = parse_case_number(rest)
    if number is None:
        return False
    home = ctx.actor.village_id
    alert = await ctx.unit.alerts.sent_to(number, home) if home is not None and ctx.actor.id is not None else None
    if alert is not None and home in ctx.actor.villages(*COMMITTEE):
        await ctx.reply("alert.link.yours")  # their own card has other buttons
    elif alert is not None and home is not None:
        await send_again(ctx, alert, await ctx.unit.people.village(home))
    elif home is None:
        await ctx.reply("alert.link.join_first", buttons=((Button("join.button.pick", "jpage", (0,)),),))
    else:
        await ctx.reply("alert.link.nothing")
    return True


# Words -----------------------------------------------------------------------------------------------------------------

_SEEN = ("aseen", "agot", "drillok", "drillgot")
#: A drill has one button for both; told is more than seen, so the words count also while the card asks for the first only.
_TOLD = ("atold", "drillok", "aseen")


async def reply(ctx: HandlerContext, number: int) -> bool:
    """Take a reply to an alert that confirms it; False for other words."""
    return await _press(ctx, typed.answers(ctx.incoming.text), about=number)


def reads(text: str, now: datetime, zone: tzinfo) -> str | None:
    """Return "seen" or "told" for words that confirm an alert, None for others."""
    return typed.answers(text) or None


async def by_sentence(ctx: HandlerContext, how: str) -> bool:
    """Confirm the alert that this chat shows last; False when none waits here."""
    return await _press(ctx, how)


async def _press(ctx: HandlerContext, how: str, *, about: int | None = None) -> bool:
    button = await (_told(ctx, about=about) if how == "told" else newest(ctx, *_SEEN, about=about)) if how else None
    if button is None:
        return False
    await press(ctx, button)
    return True


async def _seen(ctx: HandlerContext) -> Button | None:
    return await newest(ctx, "aseen", "drillok")


async def _got(ctx: HandlerContext) -> Button | None:
    return await newest(ctx, "agot", "drillgot")


async def _told(ctx: HandlerContext, *, about: int | None = None) -> Button | None:
    button = await newest(ctx, *_TOLD, about=about)
    return replace(button, verb="atold") if button is not None and button.verb == "aseen" else button


TYPED = (
    Typed(Button("alert.button.seen", "aseen"), ("1", "收到了", "已收到", "好的收到", "received"), _seen),
    Typed(Button("alert.button.seen", "agot"), ("1", "收到了", "已收到", "好的收到", "received"), _got),
    Typed(Button("alert.button.told", "atold"), ("已通知到户", "全村已通知到", "都通知到了", "已通知"), _told),
)


async def _confirm(ctx: HandlerContext, how: How, *, drill: bool) -> None:
    number, village_id = _number_and_village(ctx)
    alert = await ctx.unit.alerts.for_village(ctx.actor, number, village_id, drill=drill)
    village = next((each for each in await ctx.unit.people.list_villages([village_id])), None)
    if alert is None or village is None or (how is How.PHONE and not may_alert(ctx.actor, village)):
        raise NotFound(number)
    made = alerts.confirm(alert, village_id, ctx.actor, how=how, at=ctx.at, list_after=ctx.town.alerts.list_after)
    before = next(each for each in await ctx.unit.alerts.standings(alert) if each.village_id == village_id)
    if not adds(how, before.how):
        ctx.toast("alert.confirmed.already", village=village.name)
        return
    await ctx.unit.alerts.confirm(made)
    late = Text("alert.toast.late") if made.late and before.how is None else ""  # the first word of a village counts
    ctx.toast("alert.drill.toast" if drill else f"alert.toast.{how}", village=village.name, late=late)
    await _close_cards(ctx, alert, village, how)
    await draw(ctx, alert)


async def _close_cards(ctx: HandlerContext, alert: Alert, village: Village, how: How) -> None:
    """Redraw every card for this village, of everybody who had to confirm.

    Until every household knows, each of them can say that it does.
    """
    facts = await facts_of(ctx, alert, village, for_handlers=True) | {"name": ctx.actor.name, "confirmed_at": At(ctx.at, "time")}
    key = "alert.drill.confirmed" if alert.drill else f"alert.confirmed.{how}"
    told = alert.drill or how is How.TOLD
    buttons = shelter_button(alert, village.id) if told else chair_buttons(alert, village.id, seen=True)
    card = alert.card_for(village.id)
    others = [who for who in await ctx.unit.alerts.asked_to_confirm(alert, village.id) if who.address != ctx.origin.address]
    for who in others:
        await ctx.notify(Notice(who, key, facts, buttons, Priority.ALERT, card=card, stays=True, forwardable=True))
    if how is not How.PHONE:
        await ctx.notify(Notice(ctx.origin, key, facts, buttons, Priority.ALERT, card=card, forwardable=True))


async def _receive(ctx: HandlerContext, *, drill: bool) -> None:
    number, village_id = _number_and_village(ctx)
    alert = None if ctx.actor.id is None else await ctx.unit.alerts.received_by(ctx.actor.id, number, drill=drill)
    if alert is None or ctx.actor.id is None or village_id not in alert.villages:
        raise NotFound(number)
    if alert.state in (State.RECALLED, State.CLEARED):
        raise RuleError(f"alert.is.{alert.state}")
    ctx.toast("alert.got.drill_toast" if drill else "alert.got.toast")
    if await ctx.unit.alerts.receive(alert.id, ctx.actor.id, at=ctx.at):
        facts = await facts_of(ctx, alert, await ctx.unit.people.village(village_id))
        buttons = shelter_button(alert, village_id)
        if village_id == ctx.actor.village_id and not alert.drill and not ctx.actor.villages(*COMMITTEE):
            buttons = ((Button("alert.button.help", "ahelp", (alert.id, village_id)),), *buttons)
        card = alert.card_for(village_id)
        await ctx.reply("alert.got.card", buttons=buttons, card=card, as_new_message=False, forwardable=True, **facts)


def _number_and_village(ctx: HandlerContext) -> tuple[int, VillageId]:
    number, village_id = pressed_numbers(ctx, 2)
    return number, VillageId(village_id)
