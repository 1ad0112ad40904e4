"""Chats whose phone must not give away that their person called for help.

Knows SQL and no rule. A row holds the chat, its urgent case and the ids of the person's messages about it; it goes `KEPT` after the end of the case,
or after its beginning where nothing was sent. Invariant: a row goes with its person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from domain.core.change import CaseId
from domain.core.immutable import immutable
from storage.values import from_json, from_us, to_json, to_us

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.core.change import Address
    from storage.engine.database import Row, Transaction

KEPT = timedelta(days=30)
#: So many of the person's messages are remembered.
MOST = 100


@immutable
class DiscreetChat:
    """A chat that must not give a call away.

    `said`: ids of its person's messages since `since_at`; `case_id`: None until help was called.
    """

    case_id: CaseId | None
    said: tuple[int, ...]
    since_at: datetime


def _read(row: Row) -> DiscreetChat:
    number = None if row["case_id"] is None else CaseId(row["case_id"])
    return DiscreetChat(number, tuple(from_json(row["said"])), from_us(row["since_at"]))


class Discreet:
    """Discreet chats: `find`, `expect_none`, `hide`, `end`, `attach`, `note`, `wipe`, `purge`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._chats: dict[tuple[str, int], DiscreetChat] | None = None

    def expect_none(self) -> None:
        """Take it as read that no chat is discreet."""
        self._chats = {}

    async def _write(self, sql: str, params: tuple[Any, ...]) -> int:
        self._chats = None
        return await self._transaction.execute(sql, params)

    async def find(self, address: Address) -> DiscreetChat | None:
        """Return the chat, or None when it is like any other.

        The few rows are read once, because every message asks.
        """
        if self._chats is None:
            rows = await self._transaction.fetch_all("SELECT * FROM discreet_chats")
            self._chats = {(row["channel"], row["user_id"]): _read(row) for row in rows}
        return self._chats.get((address.channel, address.chat_id))

    async def hide(self, address: Address, said: Sequence[int], *, since: datetime) -> None:
        """Make a chat discreet from now on; `said`: messages of its person before.

        Pending messages lose their sound, unless they are for a post.
        """
        await self._transaction.execute(
            "UPDATE outbox SET silent = 1 WHERE state = 'waiting' AND channel = ? AND chat_id = ? AND role = ''",
            (address.channel, address.chat_id),
        )
        await self._write(
            "INSERT INTO discreet_chats (channel, user_id, said, since_at) VALUES (?, ?, ?, ?) ON CONFLICT (channel, user_id) DO NOTHING",
            (address.channel, address.chat_id, to_json(list(said)), to_us(since)),
        )

    async def end(self, address: Address) -> None:
        """Make a chat like any other."""
        await self._write("DELETE FROM discreet_chats WHERE channel = ? AND user_id = ?", (address.channel, address.chat_id))

    async def attach(self, address: Address, number: CaseId) -> None:
        """Note the urgent case of the chat."""
        await self._write(
            "UPDATE discreet_chats SET case_id = ? WHERE channel = ? AND user_id = ?", (number, address.channel, address.chat_id)
        )

    async def note(self, address: Address, said: Sequence[int]) -> None:
        """Remember the messages of the person."""
        await self._write(
            "UPDATE discreet_chats SET said = ? WHERE channel = ? AND user_id = ?",
            (to_json(list(dict.fromkeys(said))[-MOST:]), address.channel, address.chat_id),
        )

    async def wipe(self, address: Address, *, since: datetime, young: datetime, at: datetime) -> tuple[list[int], int]:
        """Return the bot's messages since `young`, and the number of older ones since `since`.

        The chat begins again without messages.
        """
        rows = await self._transaction.fetch_all(
            "SELECT message_id, done_at FROM outbox WHERE done_at >= ? AND batch = '' AND channel = ? AND chat_id = ?"
            " AND message_id IS NOT NULL ORDER BY done_at",
            (to_us(since), address.channel, address.chat_id),
        )
        await self._write("DELETE FROM cards WHERE channel = ? AND chat_id = ? AND card = 'sos'", (address.channel, address.chat_id))
        await self._write(
            "UPDATE discreet_chats SET said = '[]', since_at = ? WHERE channel = ? AND user_id = ?",
            (to_us(at), address.channel, address.chat_id),
        )
        return [row["message_id"] for row in rows if row["done_at"] >= to_us(young)], sum(row["done_at"] < to_us(young) for row in rows)

    async def purge(self, *, at: datetime) -> int:
        """Delete the rows of cases that ended long ago, and those without a case."""
        return await self._write(
            "DELETE FROM discreet_chats WHERE since_at < ?1 AND (case_id IS NULL OR EXISTS"
            " (SELECT 1 FROM cases c WHERE c.id = discreet_chats.case_id AND c.ended_at < ?1))",
            (to_us(at - KEPT),),
        )
