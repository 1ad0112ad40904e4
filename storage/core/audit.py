"""The audit: actor, action and subject of each event, in order.

Append-only. `words` are people's own sentences and are shown only with the subject they belong to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Event, PersonId
from storage.values import from_json, from_us, to_json, to_us

if TYPE_CHECKING:
    from storage.engine.database import Transaction


class Audit:
    """Audit events: `record(event)`, `of(subject)`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def record(self, event: Event) -> None:
        """Append one event."""
        await self._transaction.execute(
            "INSERT INTO audit (at, subject, action, actor_id, words, data) VALUES (?, ?, ?, ?, ?, ?)",
            (to_us(event.at), event.subject, event.action, event.actor_id, event.words, to_json(event.data)),
        )

    async def of(self, subject: str) -> list[Event]:
        """Return the events of one subject, oldest first."""
        rows = await self._transaction.fetch_all("SELECT * FROM audit WHERE subject = ? ORDER BY id", (subject,))
        return [
            Event(
                row["subject"],
                row["action"],
                None if row["actor_id"] is None else PersonId(row["actor_id"]),
                from_us(row["at"]),
                row["words"],
                from_json(row["data"]),
            )
            for row in rows
        ]
