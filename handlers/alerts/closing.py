"""Close an alert: all clear, or recalled because it was sent by mistake.

Both ask once more, then notify exactly its recipients. Knows to whom it was sent, or was on its way. Invariant: waiting messages are stopped
in the same transaction; a recipient who has it open sees its card without buttons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import alerts
from domain.alerts import Alert, State
from domain.core.change import Button, Notice, Priority, Timer
from handlers.alerts.board import draw
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_number
from texts import At

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.alerts.alerts import NotifiedReceiver

PORTION = 300


async def press_recall(ctx: HandlerContext) -> None:
    """Ask once more before the recall."""
    alert = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    alerts.recall(alert, ctx.actor, at=ctx.at)
    await _ask(ctx, alert, "recall", "arecallok")


async def press_clear(ctx: HandlerContext) -> None:
    """Ask once more before the all-clear."""
    alert = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    alerts.clear(alert, ctx.actor, at=ctx.at)
    await _ask(ctx, alert, "clear", "aclearok")


async def press_recall_now(ctx: HandlerContext) -> None:
    """Recall the alert."""
    alert = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    await _close(ctx, alerts.recall(alert, ctx.actor, at=ctx.at))
    ctx.toast("alert.recall.toast")


async def press_clear_now(ctx: HandlerContext) -> None:
    """Give the all-clear."""
    alert = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    await _close(ctx, alerts.clear(alert, ctx.actor, at=ctx.at))
    ctx.toast("alert.clear.toast")


async def more(ctx: HandlerContext) -> None:
    """Notify the next portion of recipients that it is over (clock)."""
    assert ctx.timer is not None
    alert = await ctx.unit.alerts.find(int(ctx.timer.data["alert"]))
    if alert is not None:
        await _tell(ctx, alert, after=int(ctx.timer.data["after"]))


async def _ask(ctx: HandlerContext, alert: Alert, how: str, verb: str) -> None:
    drill = "drill_" if alert.drill and how == "clear" else ""
    buttons = rows(Button(f"alert.button.{drill}{how}_now", verb, (alert.id,)), Button("alert.button.keep", "aboard", (alert.id,)), width=1)
    await ctx.reply(f"alert.{drill}{how}.question", buttons=buttons, head=alert.head, text=alert.text)


async def _close(ctx: HandlerContext, change: alerts.Change) -> None:
    """Stop the waiting messages and notify everybody it was sent to, or was on its way to."""
    await ctx.start_timers(*change.timers)
    alert = await ctx.unit.alerts.record(change)
    await ctx.unit.outbox.cancel_batch(alert.card, at=ctx.at)
    await _tell(ctx, alert, after=0)
    await draw(ctx, alert)


async def _tell(ctx: HandlerContext, alert: Alert, *, after: int) -> None:
    portion = await ctx.unit.alerts.recipients(alert, after=after, limit=PORTION)
    facts = {
        "head": alert.head,
        "text": alert.text,
        "by": await ctx.unit.broadcasts.station_name(alert.station_id),
        "at": At(alert.ended_at or ctx.at),
    }
    for told in portion:
        await ctx.notify(*_closed(alert, told, facts))
    if len(portion) == PORTION:
        last = portion[-1].id
        data = {"alert": alert.id, "after": last}
        await ctx.start_timers(Timer(alerts.MORE_CLOSINGS, alert.card, ctx.at, f"{alerts.MORE_CLOSINGS}:{alert.id}:{last}", data))


def key_of(alert: Alert) -> str:
    """Return the text that says that an alert is over: by mistake, all clear, end of a drill."""
    if alert.state is State.RECALLED:
        return "alert.recalled"
    return "alert.cleared.drill" if alert.drill else "alert.cleared"


def _closed(alert: Alert, told: NotifiedReceiver, facts: dict[str, Any]) -> Iterable[Notice]:
    """Return the message that it is over; with an open card, also the card without buttons."""
    who = told.receiver
    assert who.address is not None
    unique = f"{alert.closing_batch}:{who.address.channel}:{who.address.chat_id}:{who.address.thread_id}"
    yield Notice(
        who,
        key_of(alert),
        facts,
        priority=Priority.ALERT,
        unique=unique,
        subject=alert.card,
        batch=alert.closing_batch,
        rings=True,
        forwardable=True,
    )
    if told.arrived and told.card:
        key = "alert.cleared.drill_card" if alert.drill and alert.state is State.CLEARED else f"alert.{alert.state}.card"
        yield Notice(who, key, facts, priority=Priority.ALERT, card=told.card, unique=f"{unique}:{told.card}", stays=True)
