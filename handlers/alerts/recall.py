"""Taking an alert back: asked once more, then told to exactly those it was sent to.

Knows whom it was sent to, or was on its way to. Invariant: what still waits is stopped in the same transaction; who has it on the screen sees
its card without buttons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import alerts
from domain.alerts import Alert
from domain.core.change import Button, Notice, Priority, Timer
from handlers.alerts.board import draw
from handlers.core.context import Act, rows
from handlers.core.pressed import pressed_number
from texts import At

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.alerts import Told

RECALL_PORTION = 300


async def press_recall(act: Act) -> None:
    """Ask once more before taking it back."""
    alert = await act.unit.alerts.visible_to(act.actor, pressed_number(act))
    alerts.recall(alert, act.actor, at=act.at)
    buttons = rows(Button("alert.button.recall_now", "arecallok", (alert.id,)), Button("alert.button.keep", "aboard", (alert.id,)), width=1)
    await act.reply("alert.recall.question", buttons=buttons, head=alert.head, text=alert.text)


async def press_recall_now(act: Act) -> None:
    """Take it back."""
    alert = await recall(act, alerts.recall(await act.unit.alerts.visible_to(act.actor, pressed_number(act)), act.actor, at=act.at))
    act.toast("alert.recall.toast")
    await draw(act, alert)


async def recall(act: Act, change: alerts.Change) -> Alert:
    """Stop what still waits and tell everybody it was sent to, or was on its way to."""
    await act.start(*change.timers)
    alert = await act.unit.alerts.record(change)
    await act.unit.outbox.cancel_batch(alert.card, at=act.at)
    await _tell_recalled(act, alert, after=0)
    return alert


async def more_recalls(act: Act) -> None:
    """The clock: the next portion of those who must hear that it was taken back."""
    assert act.timer is not None
    alert = await act.unit.alerts.find(int(act.timer.data["alert"]))
    if alert is not None:
        await _tell_recalled(act, alert, after=int(act.timer.data["after"]))


async def _tell_recalled(act: Act, alert: Alert, *, after: int) -> None:
    portion = await act.unit.alerts.told(alert, after=after, limit=RECALL_PORTION)
    facts = {
        "head": alert.head,
        "text": alert.text,
        "by": await act.unit.broadcasts.station_name(alert.station_id),
        "at": At(alert.ended_at or act.at),
    }
    for told in portion:
        await act.tell(*_recalled(alert, told, facts))
    if len(portion) == RECALL_PORTION:
        last = portion[-1].id
        data = {"alert": alert.id, "after": last}
        await act.start(Timer(alerts.MORE_RECALLS, alert.card, act.at, f"{alerts.MORE_RECALLS}:{alert.id}:{last}", data))


def _recalled(alert: Alert, told: Told, facts: dict[str, Any]) -> Iterable[Notice]:
    """Return the message that takes it back, and for who has the alert on the screen its card without buttons."""
    who = told.receiver
    assert who.address is not None
    unique = f"{alert.recall_batch}:{who.address.channel}:{who.address.chat_id}:{who.address.thread_id}"
    yield Notice(who, "alert.recalled", facts, priority=Priority.ALERT, unique=unique, subject=alert.card, batch=alert.recall_batch)
    if told.arrived and told.card:
        yield Notice(who, "alert.recalled.card", facts, priority=Priority.ALERT, card=told.card, unique=f"{unique}:{told.card}")
