"""Messages that have waited for a chat for longer than the rate limits explain.

Knows rows and no rule. Invariant: broadcasts, groups and changes of a card are none of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.core.immutable import immutable
from storage.values import from_us, to_us

if TYPE_CHECKING:
    from storage.engine.database import Transaction


@immutable
class Late:
    """A message that has waited for long.

    `plain`: without a picture, and not in any list of urgent messages; `by_clock`: a timer wrote it.
    """

    id: int
    channel: str
    chat_id: int
    role: str
    card: str
    not_before: datetime
    priority: int
    escalates: bool
    by_clock: bool
    plain: bool


class LateMessages:
    """`list_about(subject)`: pending messages, oldest first."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def list_about(self, subject: str, *, before: datetime) -> list[Late]:
        """Return the messages about a subject that have waited since before an instant.

        To private chats only.
        """
        rows = await self._transaction.fetch_all(
            "SELECT id, channel, chat_id, role, card, not_before, priority, falls_upward, by_clock, media, gist FROM outbox"
            " WHERE subject = ? AND subject <> '' AND state = 'waiting' AND chat_id > 0 AND batch = '' AND (fresh = 1 OR card = '')"
            " AND not_before < ? ORDER BY id",
            (subject, to_us(before)),
        )
        return [
            Late(
                row["id"], row["channel"], row["chat_id"], row["role"], row["card"], from_us(row["not_before"]), row["priority"],
                bool(row["falls_upward"]), bool(row["by_clock"]), not (row["media"] or row["gist"]),
            )
            for row in rows
        ]  # fmt: skip
