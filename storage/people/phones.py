"""Uses of people's telephone numbers, as rows.

Knows SQL and no rule. Invariant: a number is returned only for a use that its owner gave it for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import PersonId
from domain.people.phones import PhoneUse, UsedFor
from storage.values import from_us, from_us_or_none, marks, to_us

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.engine.database import Transaction


class Phones:
    """Wishes about numbers: `find`, `ask`, `give`, `take_back`, `put_away` and more."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, person_id: PersonId, used_for: UsedFor) -> PhoneUse | None:
        """Return what a person said about a use of their number, None if they were never asked."""
        row = await self._transaction.fetch_one("SELECT * FROM phone_uses WHERE person_id = ? AND used_for = ?", (person_id, used_for))
        if row is None:
            return None
        return PhoneUse(
            PersonId(row["person_id"]), used_for, from_us(row["asked_at"]), from_us_or_none(row["given_at"]), bool(row["keyboard"])
        )

    async def ask(self, person_id: PersonId, used_for: UsedFor, *, keyboard: bool = False, at: datetime) -> bool:
        """Remember that a person is asked; False when they were asked before."""
        sql = "INSERT INTO phone_uses (person_id, used_for, asked_at, keyboard) VALUES (?, ?, ?, ?) ON CONFLICT (person_id, used_for) DO NOTHING"
        return await self._transaction.execute(sql, (person_id, used_for, to_us(at), int(keyboard))) == 1

    async def give(self, person_id: PersonId, used_for: UsedFor, *, at: datetime) -> None:
        """Remember that a person agreed."""
        await self._transaction.execute(
            "INSERT INTO phone_uses (person_id, used_for, asked_at, given_at) VALUES (?, ?, ?, ?) ON CONFLICT (person_id, used_for)"
            " DO UPDATE SET given_at = excluded.given_at, keyboard = 0",
            (person_id, used_for, to_us(at), to_us(at)),
        )

    async def take_back(self, person_id: PersonId, used_for: UsedFor) -> None:
        """Remember that a person does not agree any more."""
        await self._transaction.execute("UPDATE phone_uses SET given_at = NULL WHERE person_id = ? AND used_for = ?", (person_id, used_for))

    async def put_away(self, person_id: PersonId) -> None:
        """Remember that the keyboard is gone."""
        await self._transaction.execute("UPDATE phone_uses SET keyboard = 0 WHERE person_id = ? AND keyboard = 1", (person_id,))

    async def given_for(self, person_ids: Collection[PersonId], used_for: UsedFor) -> dict[PersonId, str]:
        """Return the numbers of these people that they gave for a use."""
        ids = sorted(set(person_ids))
        rows = await self._transaction.fetch_all(
            "SELECT p.id, p.phone FROM people p JOIN phone_uses u ON u.person_id = p.id AND u.used_for = ? AND u.given_at IS NOT NULL"
            f" WHERE p.id IN ({marks(ids)}) AND p.phone <> ''",
            (used_for, *ids),
        )
        return {PersonId(row["id"]): row["phone"] for row in rows}

    async def asked_for(self, person_ids: Collection[PersonId], used_for: UsedFor) -> frozenset[PersonId]:
        """Return which of these people were asked about a use."""
        ids = sorted(set(person_ids))
        rows = await self._transaction.fetch_all(
            f"SELECT person_id FROM phone_uses WHERE used_for = ? AND person_id IN ({marks(ids)})", (used_for, *ids)
        )
        return frozenset(PersonId(row["person_id"]) for row in rows)
