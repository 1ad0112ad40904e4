"""The addresses of people: which one can be reached, and which one was used last.

Knows SQL and no rule. People are attached to addresses in `storage/people/people.py`. Invariant: `BEST` is the only order of a person's addresses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Address, ChatId, PersonId
from storage.values import from_us, marks, to_us

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from storage.engine.database import Transaction

#: Which of several addresses counts, the best first.
BEST = "a.unreachable_at IS NOT NULL, COALESCE(a.seen_at, 0) DESC, a.channel, a.user_id"


class Addresses:
    """`list_addresses`, `last_used`; marks an address `mark_seen`, `mark_used`, `mark_…`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def mark_unreachable(self, address: Address, *, why: str, at: datetime) -> None:
        """Record that nothing can be sent to an address."""
        await self._transaction.execute(
            "UPDATE addresses SET unreachable_at = ?, unreachable_why = ? WHERE channel = ? AND user_id = ? AND unreachable_at IS NULL",
            (to_us(at), why, address.channel, address.chat_id),
        )

    async def mark_reachable(self, address: Address, *, at: datetime) -> None:
        """Record that somebody wrote from an address that was marked unreachable."""
        await self._transaction.execute(
            "UPDATE addresses SET unreachable_at = NULL, unreachable_why = '', seen_at = ? WHERE channel = ? AND user_id = ? AND unreachable_at IS NOT NULL",
            (to_us(at), address.channel, address.chat_id),
        )

    async def mark_seen(self, address: Address, *, at: datetime) -> None:
        """Note that somebody wrote from an address."""
        sql = "UPDATE addresses SET seen_at = ? WHERE channel = ? AND user_id = ?"
        await self._transaction.execute(sql, (to_us(at), address.channel, address.chat_id))

    async def mark_used(self, address: Address, *, at: datetime) -> None:
        """Record the first time that somebody writes from an address."""
        sql = "UPDATE addresses SET used_at = ? WHERE channel = ? AND user_id = ? AND used_at IS NULL"
        await self._transaction.execute(sql, (to_us(at), address.channel, address.chat_id))

    async def last_used(self, person_id: PersonId) -> datetime | None:
        """Return when a person last wrote from any address, to the day; None without one."""
        row = await self._transaction.fetch_one("SELECT MAX(COALESCE(seen_at, 0)) AS at FROM addresses WHERE person_id = ?", (person_id,))
        return None if row is None or row["at"] is None else from_us(row["at"])

    async def note_keyboard(self, address: Address, labels: Sequence[str]) -> None:
        """Record the labels of the keyboard that a chat shows now; empty for none."""
        sql = "UPDATE addresses SET keyboard = ? WHERE channel = ? AND user_id = ?"
        await self._transaction.execute(sql, ("\n".join(labels), address.channel, address.chat_id))

    async def note_menu(self, address: Address, shown: str) -> None:
        """Remember which menu a chat shows."""
        await self._transaction.execute(
            "INSERT INTO menus (channel, user_id, shown) VALUES (?, ?, ?) ON CONFLICT (channel, user_id) DO UPDATE SET shown = excluded.shown",
            (address.channel, address.chat_id, shown),
        )

    async def list_keyboards(self, person_ids: Collection[PersonId]) -> dict[Address, str]:
        """Return the keyboard that each chat of these people shows: its labels, one a line."""
        rows = await self._transaction.fetch_all(
            f"SELECT channel, user_id, keyboard FROM addresses WHERE person_id IN ({marks(person_ids)})", tuple(person_ids)
        )
        return {Address(row["channel"], ChatId(row["user_id"])): row["keyboard"] for row in rows}

    async def list_addresses(self, person_ids: Collection[PersonId]) -> dict[PersonId, tuple[Address, ...]]:
        """Return every reachable address of these people, the last used one first."""
        rows = await self._transaction.fetch_all(
            f"SELECT a.person_id, a.channel, a.user_id FROM addresses a WHERE a.person_id IN ({marks(person_ids)}) AND a.unreachable_at IS NULL"
            f" ORDER BY a.person_id, {BEST}",
            tuple(person_ids),
        )
        found: dict[PersonId, tuple[Address, ...]] = {}
        for row in rows:
            person_id = PersonId(row["person_id"])
            found[person_id] = (*found.get(person_id, ()), Address(row["channel"], ChatId(row["user_id"])))
        return found
