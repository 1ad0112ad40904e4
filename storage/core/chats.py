"""Messages of the bot in a chat, with their buttons.

Knows SQL and no rule. Invariant: only messages that arrived are shown, each as it was last edited; a query reads a limited number of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Button
from domain.core.immutable import immutable
from storage.values import from_json, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import Address
    from storage.engine.database import Row, Transaction

#: Rows that are read for the last messages: a card that was edited often has many.
READ = 60


@immutable
class Shown:
    """A message in a chat: its number there, text key, subject ("case:1001") and buttons."""

    message_id: int
    key: str
    subject: str
    buttons: tuple[Button, ...]


class Chats:
    """The messages in a person's chat: `find(address, message_id)`, `last(address, …)`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, address: Address, message_id: int) -> Shown | None:
        """Return a message as it was last edited; None for one that is not the bot's or too old."""
        row = await self._transaction.fetch_one(
            "SELECT message_id, key, subject, buttons FROM outbox WHERE channel = ? AND chat_id = ? AND message_id = ?"
            " AND message_id IS NOT NULL ORDER BY id DESC LIMIT 1",
            (address.channel, address.chat_id, message_id),
        )
        return None if row is None else _shown(row)

    async def last(self, address: Address, *, since: datetime, most: int) -> list[Shown]:
        """Return the last messages since an instant, the newest first."""
        rows = await self._transaction.fetch_all(
            "SELECT message_id, key, subject, buttons FROM outbox WHERE channel = ? AND chat_id = ? AND message_id IS NOT NULL"
            " AND done_at >= ? ORDER BY message_id DESC, id DESC LIMIT ?",
            (address.channel, address.chat_id, to_us(since), READ),
        )
        newest = {row["message_id"]: row for row in reversed(rows)}
        return [_shown(newest[number]) for number in sorted(newest, reverse=True)[:most]]


def _shown(row: Row) -> Shown:
    keyboard = from_json(row["buttons"]) if row["buttons"] else []
    buttons = tuple(
        Button(label, verb, tuple(args), params) for line in keyboard for label, verb, args, params, url in line if verb and not url
    )
    return Shown(row["message_id"], row["key"], row["subject"], buttons)
