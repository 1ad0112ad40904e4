"""Close an alert: all clear, or recalled because it was sent by mistake.

Both ask once more, then notify exactly its recipients. Knows to whom it was sent, or was on its way. Invariants: waiting messages are stopped
in the same transaction; a recipient who has it open sees its card without buttons; the author of an old one is asked for the all-clear.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain import alerts
from domain.alerts import Alert, State
from domain.core.change import Button, Notice, Priority, Timer
from domain.core.immutable import replace
from domain.people.people import Role
from handlers.alerts.board import draw
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_number
from texts import At, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.alerts.alerts import NotifiedReceiver

PORTION = 300
HOUR = timedelta(hours=1)


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
    await ctx.reply("alert.recall.done", head=alert.head)


async def press_clear_now(ctx: HandlerContext) -> None:
    """Give the all-clear."""
    alert = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    await _close(ctx, alerts.clear(alert, ctx.actor, at=ctx.at))
    await ctx.reply("alert.clear.drill_done" if alert.drill else "alert.clear.done", head=alert.head)


async def more(ctx: HandlerContext) -> None:
    """Notify the next portion of recipients that it is over (clock)."""
    assert ctx.timer is not None
    alert = await ctx.unit.alerts.find(int(ctx.timer.data["alert"]))
    if alert is not None:
        await _tell(ctx, alert, after=int(ctx.timer.data["after"]))


async def clear_due(ctx: HandlerContext) -> None:
    """Ask the author whether the danger is over, the last time the leaders too (clock).

    Without an author who may say so, the desk is asked.
    """
    assert ctx.timer is not None
    alert = await ctx.unit.alerts.find(int(ctx.timer.data["alert"]))
    if alert is None or alert.state not in (State.SENT, State.ENDED) or alert.sent_at is None:
        return
    spans = [span for span in alerts.clear_asked(alert) if alert.sent_at + span > ctx.at]
    posts = await ctx.unit.people.station_posts(alert.station_id, at=ctx.at)
    asked = list(posts.of(Role.LEADER)) if not spans else []
    author = await ctx.unit.people.find(alert.author_id, at=ctx.at)
    if author is not None and author.id is not None and alerts.may_recall(author, alert):
        asked.append(replace(await ctx.unit.people.receiver(author.id, author.role), village_id=alert.villages[0]))
    else:
        asked += posts.first_reachable(Role.DUTY)[1]
    facts = {
        "head": alert.head,
        "text": alert.text,
        "hours": (ctx.at - alert.sent_at) // HOUR,
        "again": Text("alert.clear.again", hours=(alert.sent_at + spans[0] - ctx.at) // HOUR) if spans else "",
    }
    key = "alert.drill_clear.due" if alert.drill else "alert.clear.due"
    clear = Button("alert.button.clear_drill" if alert.drill else "alert.button.clear", "aclear", (alert.id,))
    buttons = ((clear, Button("alert.button.board", "aboard", (alert.id,))),)
    for who in {who.person_id: who for who in asked}.values():
        unique = f"{alert.card}:clear:{ctx.timer.data['turn']}:{who.person_id}"
        await ctx.notify(Notice(who, key, facts, buttons, Priority.REMINDER, card=_question(alert), as_new_message=True, unique=unique))


def _question(alert: Alert) -> str:
    """Return the card that asks whether the danger is over."""
    return f"{alert.card}:clear"


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
    facts = await _facts(ctx, alert)
    for person_id in await ctx.unit.cards.viewers(_question(alert)):
        who = await ctx.unit.people.receiver(person_id)
        await ctx.notify(Notice(who, _card_key(alert), facts, priority=Priority.ALERT, card=_question(alert), stays=True))
    await draw(ctx, alert)


async def _tell(ctx: HandlerContext, alert: Alert, *, after: int) -> None:
    portion = await ctx.unit.alerts.recipients(alert, after=after, limit=PORTION)
    facts = await _facts(ctx, alert)
    for told in portion:
        await ctx.notify(*_closed(alert, told, facts))
    if len(portion) == PORTION:
        last = portion[-1].id
        data = {"alert": alert.id, "after": last}
        await ctx.start_timers(Timer(alerts.MORE_CLOSINGS, alert.card, ctx.at, f"{alerts.MORE_CLOSINGS}:{alert.id}:{last}", data))


async def _facts(ctx: HandlerContext, alert: Alert) -> dict[str, Any]:
    by = await ctx.unit.broadcasts.station_name(alert.station_id)
    return {"head": alert.head, "text": alert.text, "by": by, "at": At(alert.ended_at or ctx.at)}


def key_of(alert: Alert) -> str:
    """Return the text that says that an alert is over: by mistake, all clear, end of a drill."""
    if alert.state is State.RECALLED:
        return "alert.recalled"
    return "alert.cleared.drill" if alert.drill else "alert.cleared"


def _card_key(alert: Alert) -> str:
    """Return the text of a card of an alert that is over."""
    return "alert.cleared.drill_card" if alert.drill and alert.state is State.CLEARED else f"alert.{alert.state}.card"


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
        yield Notice(who, _card_key(alert), facts, priority=Priority.ALERT, card=told.card, unique=f"{unique}:{told.card}", stays=True)
