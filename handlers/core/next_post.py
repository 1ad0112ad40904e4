"""Send a message that cannot reach its recipient to the next post.

Knows the escalation order and counts messages that nobody could get; must not know why a message exists. Invariant: a message that
escalates if undeliverable ends with somebody who can be reached, with its buttons, card and priority, or with a count that the health
page and the audit show; it never escalates beyond the last level.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.core.change import Event, Notice, Priority, Receiver, Timer, VillageId
from domain.people.people import ESCALATION_ORDER, Role
from handlers.core.context import upward
from storage.values import from_us, to_us
from texts import Text

if TYPE_CHECKING:
    from datetime import datetime

    from storage.core.outgoing import Outgoing
    from storage.unit import Unit

#: Failures of so long a time become one list.
GATHERED_FOR = timedelta(seconds=10)
_SLOT = GATHERED_FOR // timedelta(microseconds=1)
#: The name of the fact that counts messages that nobody could get.
COUNT = "undeliverable.count"


async def escalate_undelivered(unit: Unit, row: Outgoing, *, why: str, at: datetime) -> None:
    """Send an undeliverable message to the next post; count it when nobody can be reached.

    The feature of a subject may gather what did not reach the lowest post: then it sends one list some seconds later.
    """
    if await _gathered(unit, row, why=why, at=at):
        return
    instead = () if row.role == ESCALATION_ORDER[-1] else await upward(unit, _wrapped(row), at=at)
    for notice in instead:
        await unit.outbox.put(notice, unique_key=notice.unique, at=at)
    if instead:
        await note_undelivered(unit, row, "fell_upward", {"to": instead[0].to.role, "why": why}, at=at)
    elif not await _others_were_told(unit, row):
        await unit.facts.put(COUNT, str(int(await unit.facts.find(COUNT) or 0) + 1))
        await note_undelivered(unit, row, "undeliverable", {"why": why}, at=at)


async def _gathered(unit: Unit, row: Outgoing, *, why: str, at: datetime) -> bool:
    """Start the timer that gathers such failures; tell whether the subject has one.

    Failures of the same ten seconds have one timer, which is due after the last of them.
    """
    found = unit.registry.find(row.subject)
    if found is None or not found[0].gathers or row.batch != row.subject or row.role != ESCALATION_ORDER[0]:
        return False
    kind, turn = found[0].gathers, to_us(at) // _SLOT
    data = {"number": found[1], "since": turn * _SLOT}
    await unit.timers.start(Timer(kind, row.subject, at + GATHERED_FOR, f"{kind}:{row.subject}:{turn}", data), at=at)
    await note_undelivered(unit, row, "gathered", {"why": why}, at=at)
    return True


def _wrapped(row: Outgoing) -> Notice:
    """Return the message again, with a first line that names its original post.

    A second escalation only changes that line.
    """
    body = row.params["body"] if row.key == "fallback.wrapped" else {"t": row.key, "p": row.params}
    role = row.role if row.role in ESCALATION_ORDER else Role.CHAIR
    return Notice(
        Receiver(row.address, row.language, row.person_id, str(role), None if row.village_id is None else VillageId(row.village_id)),
        "fallback.wrapped",
        {"post": Text(f"fallback.post.{role}"), "body": body},
        row.buttons,
        Priority(row.priority),
        card=row.card,
        as_new_message=bool(row.card),
        expires_at=None if row.expires_at is None else from_us(row.expires_at),
        unique=f"fell:{row.id}",
        forwardable=not row.protect,
        silent=row.silent,
        media=row.media,
        subject=row.subject or f"outbox:{row.id}",
        batch=row.batch,
        excluded_ids=row.excluded_ids,
        gist=row.gist,
    )


async def _others_were_told(unit: Unit, row: Outgoing) -> bool:
    """Return whether another reachable administrator, at the last level, got the same message."""
    return row.role == ESCALATION_ORDER[-1] and any(
        who.address and who.person_id != row.person_id for who in await unit.people.administrators()
    )


async def note_undelivered(unit: Unit, row: Outgoing, action: str, data: dict[str, Any], *, at: datetime) -> None:
    """Record in the audit what became of a message that did not arrive."""
    data = {"outbox": row.id, "role": row.role, "key": row.key} | data
    await unit.audit.record(Event(row.subject or f"outbox:{row.id}", action, None, at, data=data))
