"""Lists of villages that have not confirmed an alert, for a person who will call them.

They hold telephone numbers. Knows the form of such a list; its caller decides who gets one. Invariant: numbers go to private chats,
protected from forwarding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Notice, Priority
from domain.people.people import Role
from handlers.core.context import HandlerContext, rows
from texts import Lines, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.alerts import Alert
    from domain.alerts.confirmations import VillageStatus
    from domain.core.change import Receiver

A_LIST = 30
#: The words of a list in a drill: nobody is in a hurry.
DRILLS = {"alert.phones": "alert.drill.phones", "alert.list": "alert.drill.list", "alert.instead": "alert.drill.instead"}


def phone_list(ctx: HandlerContext, alert: Alert, receiver: Receiver, silent: Sequence[VillageStatus], key: str) -> Notice:
    """Return the list as a message, with a button per village to say that it was told."""
    verb = _verb(alert, receiver)
    buttons = rows(*(Button("alert.button.phoned", verb, (alert.id, each.village_id), {"village": each.village}) for each in silent))
    minutes = max(0, int((ctx.at - (alert.sent_at or ctx.at)).total_seconds() // 60))
    lines = Lines(_number(each) for each in silent)
    facts = {"head": alert.head_for_handlers, "text": alert.text, "count": len(silent), "minutes": minutes, "lines": lines}
    key = DRILLS[key] if alert.drill else key
    return Notice(receiver, key, facts, buttons, Priority.ALERT, subject=alert.card, rings=True)


def parts(silent: Sequence[VillageStatus]) -> list[Sequence[VillageStatus]]:
    """Cut a long list into messages."""
    return [silent[start : start + A_LIST] for start in range(0, len(silent), A_LIST)]


def _verb(alert: Alert, receiver: Receiver) -> str:
    """Return the verb of the buttons.

    An administrator is not police, and confirms as the person who has it instead of the chair.
    """
    if receiver.role == Role.ADMIN:
        return "drillok" if alert.drill else "atold"
    return "drilltel" if alert.drill else "atel"


def _number(each: VillageStatus) -> dict[str, Any]:
    phone = each.phone.removeprefix("+86") or Text("alert.no_phone")
    return Text("alert.line.phone", village=each.village, chair=each.chair or Text("alert.no_chair"), phone=phone)
