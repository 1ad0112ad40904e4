"""The live cards in people's chats, when their readers change.

Knows SQL and no rule. Invariant: a card that was let go is not drawn again for its former reader until it is sent to them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Address, ChatId, Leaves, PersonId
from domain.core.immutable import immutable
from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine.database import Transaction


@immutable
class Replaced:
    """A message that no longer shows its card, because a newer one does."""

    message_id: int
    leaves: Leaves
    picture: str


class Cards:
    """Cards of one town.

    `hang`, `viewers(card)`, `shown_by(address, message)`, `hangs`, `take_down`, `rename`, `list_parts(subject, ending)`,
    `list_settled(person)`, `let_go(address, card)`.
    """

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

    async def hang(
        self,
        address: Address,
        card: str,
        *,
        message_id: int,
        person_id: PersonId | None,
        at: datetime,
        leaves: Leaves = Leaves.TEXT,
        picture: str = "",
    ) -> Replaced | None:
        """Remember the message that shows a card; return the earlier one that it replaces."""
        before = await self._transaction.fetch_one(
            "SELECT message_id, leaves, picture FROM cards WHERE channel = ? AND chat_id = ? AND card = ?",
            (address.channel, address.chat_id, card),
        )
        await self._transaction.execute(
            "INSERT INTO cards (channel, chat_id, card, message_id, person_id, drawn_at, leaves, picture) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (channel, chat_id, card) DO UPDATE SET message_id = excluded.message_id, person_id = excluded.person_id,"
            " drawn_at = excluded.drawn_at, leaves = excluded.leaves, picture = excluded.picture",
            (address.channel, address.chat_id, card, message_id, person_id, to_us(at), str(leaves), picture),
        )
        if before is None or before["message_id"] == message_id:
            return None
        return Replaced(before["message_id"], Leaves(before["leaves"]), before["picture"])

    async def viewers(self, card: str) -> list[PersonId]:
        """Return the people with a card in their chat, or a pending one."""
        rows = await self._transaction.fetch_all(
            "SELECT person_id FROM cards WHERE card = ?1 AND person_id IS NOT NULL"
            " UNION SELECT person_id FROM outbox WHERE card = ?1 AND card <> '' AND state = 'waiting' AND person_id IS NOT NULL ORDER BY person_id",
            (card,),
        )
        return [PersonId(row["person_id"]) for row in rows]

    async def shown_by(self, address: Address, message_id: int) -> str:
        """Return the card that a message shows now; empty for any other message."""
        row = await self._transaction.fetch_one(
            "SELECT card FROM cards WHERE channel = ? AND chat_id = ? AND message_id = ? ORDER BY card LIMIT 1",
            (address.channel, address.chat_id, message_id),
        )
        return "" if row is None else str(row["card"])

    async def hangs(self, address: Address, card: str) -> bool:
        """Tell whether a chat has a card, or a message that waits for it brings one."""
        row = await self._transaction.fetch_one(
            "SELECT 1 AS one WHERE EXISTS (SELECT 1 FROM cards WHERE channel = ?1 AND chat_id = ?2 AND card = ?3) OR EXISTS"
            " (SELECT 1 FROM outbox WHERE channel = ?1 AND chat_id = ?2 AND card = ?3 AND card <> '' AND state = 'waiting')",
            (address.channel, address.chat_id, card),
        )
        return row is not None

    async def list_parts(self, subject: str, ending: str) -> list[tuple[Address, str, int]]:
        """Return the cards about a subject whose names have this ending, with their messages."""
        rows = await self._transaction.fetch_all(
            "SELECT channel, chat_id, card, message_id FROM cards WHERE card > ? AND card < ? AND card LIKE ? ORDER BY card, channel, chat_id",
            (f"{subject}:", f"{subject};", f"%{ending}"),
        )
        return [(Address(row["channel"], ChatId(row["chat_id"])), str(row["card"]), int(row["message_id"])) for row in rows]

    async def take_down(self, address: Address, card: str) -> int | None:
        """Forget a chat's card; return the message that showed it, None without one."""
        row = await self._transaction.fetch_one(
            "DELETE FROM cards WHERE channel = ? AND chat_id = ? AND card = ? RETURNING message_id",
            (address.channel, address.chat_id, card),
        )
        return None if row is None else int(row["message_id"])

    async def rename(self, address: Address, card: str, to: str) -> None:
        """Let the message that shows a card show another one from now on."""
        where = (address.channel, address.chat_id)
        await self._transaction.execute("DELETE FROM cards WHERE channel = ? AND chat_id = ? AND card = ?", (*where, to))
        await self._transaction.execute("UPDATE cards SET card = ? WHERE channel = ? AND chat_id = ? AND card = ?", (to, *where, card))

    async def let_go(self, address: Address, card: str) -> None:
        """Forget whose card it is, because it says nothing any more."""
        await self._transaction.execute(
            "UPDATE cards SET person_id = NULL WHERE channel = ? AND chat_id = ? AND card = ?", (address.channel, address.chat_id, card)
        )
