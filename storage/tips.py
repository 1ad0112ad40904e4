"""Wishes for tips, and the turn of the library.

Knows SQL and no rule. Invariant: a wish is the person's own and takes effect at once; a turn is given once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.core.facts import Facts
from storage.core.registry import Data

if TYPE_CHECKING:
    from domain.core.change import PersonId
    from storage.engine.database import Transaction


class Tips:
    """Tips of one town: `wants(person_id)`, `wish(person_id, wants)`, `next_turn(schedule_id)`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def wants(self, person_id: PersonId) -> bool:
        """Tell whether a person wants tips."""
        row = await self._transaction.fetch_one("SELECT wants_tips FROM people WHERE id = ?", (person_id,))
        return row is not None and bool(row["wants_tips"])

    async def wish(self, person_id: PersonId, *, wants: bool) -> None:
        """Write a person's wish."""
        await self._transaction.execute("UPDATE people SET wants_tips = ? WHERE id = ?", (int(wants), person_id))

    async def next_turn(self, schedule_id: int) -> int:
        """Return the next turn of a schedule, from 1."""
        return await Facts(self._transaction).next_number(f"tips.turn:{schedule_id}")


DATA = Data("tips", turns={"tips.turn:": "whose turn it is in the library; nobody sees it"})
