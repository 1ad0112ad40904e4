"""The live cards in people's chats, when their readers change.

Knows SQL and no rule. Invariant: a card that was let go is not drawn again for its former reader until it is sent to them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Address, ChatId

if TYPE_CHECKING:
    from domain.core.change import PersonId
    from storage.engine.database import Transaction


class Cards:
    """Cards of one town: `list_settled(person)`, `let_go(address, card)`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def list_settled(self, person_id: PersonId, *, limit: int) -> list[tuple[Address, str]]:
        """Return the cards in a person's chats that no pending message draws again, newest first."""
        rows = await self._transaction.fetch_all(
            "SELECT c.channel, c.chat_id, c.card FROM cards c WHERE c.person_id = ? AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.card = c.card"
            " AND o.channel = c.channel AND o.chat_id = c.chat_id AND o.card <> '' AND o.state = 'waiting') ORDER BY c.drawn_at DESC LIMIT ?",
            (person_id, limit),
        )
        return [(Address(row["channel"], ChatId(row["chat_id"])), row["card"]) for row in rows]

    async def let_go(self, address: Address, card: str) -> None:
        """Forget whose card it is, because it says nothing any more."""
        await self._transaction.execute(
            "UPDATE cards SET person_id = NULL WHERE channel = ? AND chat_id = ? AND card = ?", (address.channel, address.chat_id, card)
        )
