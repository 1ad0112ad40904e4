"""Unfinished dialogs: one per chat, surviving restarts.

Invariant: at most one draft per chat; its answers are the person's own and are deleted with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.core.change import Address, ChatId
from storage.values import from_json, from_us, to_json, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class Draft:
    """A dialog in progress: name, unanswered step, answers (JSON by step), its card."""

    address: Address
    dialog: str
    step: str
    answers: dict[str, Any]
    started_at: datetime
    updated_at: datetime
    card: str = ""


class Drafts:
    """Drafts: `find(address)`, `asking_in(card)`, `put(draft)`, `drop(address)`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, address: Address) -> Draft | None:
        """Return the draft of a chat, or None."""
        row = await self._transaction.fetch_one(
            "SELECT * FROM drafts WHERE channel = ? AND chat_id = ?", (address.channel, address.chat_id)
        )
        return None if row is None else _draft(row)

    async def asking_in(self, card: str) -> frozenset[Address]:
        """Return the chats in which an open dialog asks its questions in this card."""
        rows = await self._transaction.fetch_all("SELECT channel, chat_id FROM drafts WHERE card = ? AND card <> ''", (card,))
        return frozenset(Address(row["channel"], ChatId(row["chat_id"])) for row in rows)

    async def put(self, draft: Draft) -> None:
        """Write a chat's draft, replacing an earlier one."""
        await self._transaction.execute(
            "INSERT INTO drafts (channel, chat_id, dialog, step, answers, started_at, updated_at, card) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (channel, chat_id) DO UPDATE SET dialog = excluded.dialog, step = excluded.step, answers = excluded.answers,"
            " started_at = excluded.started_at, updated_at = excluded.updated_at, card = excluded.card",
            (
                draft.address.channel,
                draft.address.chat_id,
                draft.dialog,
                draft.step,
                to_json(draft.answers),
                to_us(draft.started_at),
                to_us(draft.updated_at),
                draft.card,
            ),
        )

    async def drop(self, address: Address) -> bool:
        """Delete a chat's draft; tell whether there was one."""
        sql = "DELETE FROM drafts WHERE channel = ? AND chat_id = ?"
        return await self._transaction.execute(sql, (address.channel, address.chat_id)) > 0


def _draft(row: Row) -> Draft:
    return Draft(
        Address(row["channel"], ChatId(row["chat_id"])),
        row["dialog"],
        row["step"],
        from_json(row["answers"]),
        from_us(row["started_at"]),
        from_us(row["updated_at"]),
        row["card"],
    )
