"""Recall an alert: ask once more, then notify exactly its recipients.

Knows to whom it was sent, or was on its way. Invariant: waiting messages are stopped in the same transaction; a recipient who has it open
sees its card without buttons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import alerts
from domain.alerts import Alert
from domain.core.change import Button, Notice, Priority, Timer
from handlers.alerts.board import draw
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_number
from texts import At

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.alerts.alerts import NotifiedReceiver

RECALL_PORTION = 300


async def press_recall(ctx: HandlerContext) -> None:
    """Ask once more before the recall."""
    alert = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    alerts.recall(alert, ctx.actor, at=ctx.at)
    buttons = rows(Button("alert.button.recall_now", "arecallok", (alert.id,)), Button("alert.button.keep", "aboard", (alert.id,)), width=1)
    await ctx.reply("alert.recall.question", buttons=buttons, head=alert.head, text=alert.text)


async def press_recall_now(ctx: HandlerContext) -> None:
    """Recall the alert."""
    alert = await recall(ctx, alerts.recall(await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx)), ctx.actor, at=ctx.at))
    ctx.toast("alert.recall.toast")
    await draw(ctx, alert)


async def recall(ctx: HandlerContext, change: alerts.Change) -> Alert:
    """Stop the waiting messages and notify everybody it was sent to, or was on its way to."""
    await ctx.start_timers(*change.timers)
    alert = await ctx.unit.alerts.record(change)
    await ctx.unit.outbox.cancel_batch(alert.card, at=ctx.at)
    await _tell_recalled(ctx, alert, after=0)
    return alert


async def more_recalls(ctx: HandlerContext) -> None:
    """Notify the next portion of recipients of the recall (clock)."""
    assert ctx.timer is not None
    alert = await ctx.unit.alerts.find(int(ctx.timer.data["alert"]))
    if alert is not None:
        await _tell_recalled(ctx, alert, after=int(ctx.timer.data["after"]))


async def _tell_recalled(ctx: HandlerContext, alert: Alert, *, after: int) -> None:
    portion = await ctx.unit.alerts.recipients(alert, after=after, limit=RECALL_PORTION)
    facts = {
        "head": alert.head,
        "text": alert.text,
        "by": await ctx.unit.broadcasts.station_name(alert.station_id),
        "at": At(alert.ended_at or ctx.at),
    }
    for told in portion:
        await ctx.notify(*_recalled(alert, told, facts))
    if len(portion) == RECALL_PORTION:
        last = portion[-1].id
        data = {"alert": alert.id, "after": last}
        await ctx.start_timers(Timer(alerts.MORE_RECALLS, alert.card, ctx.at, f"{alerts.MORE_RECALLS}:{alert.id}:{last}", data))


def _recalled(alert: Alert, told: NotifiedReceiver, facts: dict[str, Any]) -> Iterable[Notice]:
    """Return the recall message; with an open card, also the card without buttons."""
    who = told.receiver
    assert who.address is not None
    unique = f"{alert.recall_batch}:{who.address.channel}:{who.address.chat_id}:{who.address.thread_id}"
    yield Notice(
        who,
        "alert.recalled",
        facts,
        priority=Priority.ALERT,
        unique=unique,
        subject=alert.card,
        batch=alert.recall_batch,
        rings=True,
        forwardable=True,
    )
    if told.arrived and told.card:
        yield Notice(who, "alert.recalled.card", facts, priority=Priority.ALERT, card=told.card, unique=f"{unique}:{told.card}", stays=True)
