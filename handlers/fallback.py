"""Handle the end of a message that can never arrive.

Knows which chat is lost with it; handlers/core/next_post.py finds the next recipient. Invariant: a chat to which nothing can be sent is
noted in the same unit, so that the next message does not go there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handlers.conversation.groups import lose
from handlers.core.next_post import escalate_undelivered

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.town import Town
    from storage.core.outbox import Outgoing
    from storage.unit import Unit


async def undeliverable(unit: Unit, row: Outgoing, *, why: str, permanent: bool, town: Town, at: datetime) -> None:
    """Take the consequences of a row that ended undelivered, in the unit that ends it.

    `why`: delivery's short word for the fault ("blocked", "gone"); `permanent`: nothing can be sent to this chat any more.
    """
    if permanent:
        await _lose(unit, row, why=why, at=at)
    if row.escalates_if_undeliverable:
        night = town.quiet.wait_until(at) != at
        await escalate_undelivered(unit, replace(row, silent=row.silent and night), why=why, at=at)


async def _lose(unit: Unit, row: Outgoing, *, why: str, at: datetime) -> None:
    """Note that a chat is lost: a person cannot be reached there, a group's binding ends."""
    if row.address.chat_id > 0:
        await unit.people.mark_unreachable(row.address, why=why, at=at)
    else:
        await lose(unit, row.address, at=at)
