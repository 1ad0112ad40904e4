"""Villagers who answered an alert with "received, I need help".

Knows SQL and no rule. Invariants: a person is on the list of one village, once per alert; the rows go 30 days after the alert's last hour, and
with their person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.core.change import PersonId
from storage.core.facts import Facts
from storage.values import from_us, marks, to_us

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from domain.core.change import VillageId
    from storage.engine.database import Transaction


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """A person who waits for help."""

    person_id: PersonId
    name: str
    phone: str
    asked_at: datetime


class AlertHelps:
    """Calls for help: `ask`, `withdraw`, `take`, `waiting`, `count`, `forget`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def ask(self, alert_id: int, person_id: PersonId, village_id: VillageId, *, at: datetime) -> bool:
        """Record that somebody needs help; False when they wait already."""
        sql = (
            "INSERT INTO alert_helps (alert_id, person_id, village_id, asked_at) VALUES (?, ?, ?, ?) ON CONFLICT (alert_id, person_id) DO UPDATE"
            " SET asked_at = excluded.asked_at, village_id = excluded.village_id, helped_at = NULL, helped_by = NULL"
            " WHERE alert_helps.helped_at IS NOT NULL"
        )
        return await self._transaction.execute(sql, (alert_id, person_id, village_id, to_us(at))) == 1

    async def withdraw(self, alert_id: int, person_id: PersonId) -> bool:
        """Delete a person's call for help; False when they did not wait."""
        sql = "DELETE FROM alert_helps WHERE alert_id = ? AND person_id = ? AND helped_at IS NULL"
        return await self._transaction.execute(sql, (alert_id, person_id)) == 1

    async def take(self, alert_id: int, village_id: VillageId, person_id: PersonId, *, by: PersonId, at: datetime) -> bool:
        """Record that somebody takes care of a person of a village; False when nobody waits there."""
        sql = "UPDATE alert_helps SET helped_at = ?, helped_by = ? WHERE alert_id = ? AND village_id = ? AND person_id = ? AND helped_at IS NULL"
        return await self._transaction.execute(sql, (to_us(at), by, alert_id, village_id, person_id)) == 1

    async def number_of(self, alert_id: int, village_id: VillageId) -> int:
        """Return the number of a village's list; it gets one with its first call for help."""
        sql = "SELECT id FROM alert_help_lists WHERE alert_id = ? AND village_id = ?"
        row = await self._transaction.fetch_one(sql, (alert_id, village_id))
        if row is None:
            number = await Facts(self._transaction).next_number("alert_help")
            insert = "INSERT INTO alert_help_lists (id, alert_id, village_id) VALUES (?, ?, ?) RETURNING id"
            row = await self._transaction.fetch_one(insert, (number, alert_id, village_id))
        assert row is not None
        return int(row["id"])

    async def waiting(self, alert_id: int, village_id: VillageId) -> list[HelpAsked]:
        """Return the people of a village who wait for help, the longest first."""
        rows = await self._transaction.fetch_all(
            "SELECT h.person_id, h.asked_at, p.name, p.phone FROM alert_helps h JOIN people p ON p.id = h.person_id"
            " WHERE h.alert_id = ? AND h.village_id = ? AND h.helped_at IS NULL ORDER BY h.asked_at, h.person_id",
            (alert_id, village_id),
        )
        return [HelpAsked(PersonId(row["person_id"]), row["name"], row["phone"] or "", from_us(row["asked_at"])) for row in rows]

    async def count(self, alert_id: int, village_ids: Collection[VillageId]) -> tuple[int, int]:
        """Return (people who asked, people who still wait) of these villages."""
        row = await self._transaction.fetch_one(
            "SELECT COUNT(*) AS asked, COALESCE(SUM(CASE WHEN helped_at IS NULL THEN 1 ELSE 0 END), 0) AS waiting FROM alert_helps"
            f" WHERE alert_id = ? AND village_id IN ({marks(village_ids)})",
            (alert_id, *village_ids),
        )
        return (int(row["asked"]), int(row["waiting"])) if row else (0, 0)

    async def forget(self, alert_id: int) -> int:
        """Delete an alert's calls for help and their lists; return how many calls."""
        await self._transaction.execute("DELETE FROM alert_help_lists WHERE alert_id = ?", (alert_id,))
        return await self._transaction.execute("DELETE FROM alert_helps WHERE alert_id = ?", (alert_id,))
