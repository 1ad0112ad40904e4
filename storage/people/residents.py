"""Residents of villages who joined: their number, and one portion after another.

Knows SQL and no rule. Invariant: only people who agreed to the consent text, are neither suspended nor forgotten, and can be reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Address, ChatId, PersonId, Receiver, VillageId
from domain.people.people import Role
from storage.values import marks

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from storage.engine.database import Transaction

RESIDENTS = (
    " FROM people p WHERE p.village_id IN ({villages}) AND p.consent_version <> '' AND p.suspended_at IS NULL AND p.forgotten_at IS NULL"
    " AND p.id NOT IN ({without}) AND EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = p.id AND a.unreachable_at IS NULL)"
)


class Residents:
    """People who joined in some villages, without the persons named: `count` and `portion`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def count(self, village_ids: Sequence[VillageId], *, without: Collection[PersonId]) -> int:
        """Return how many there are."""
        row = await self._transaction.fetch_one("SELECT COUNT(*) AS n" + _marked(village_ids, without), (*village_ids, *without))
        return int(row["n"]) if row else 0

    async def portion(self, village_ids: Sequence[VillageId], *, without: Collection[PersonId], after: int, limit: int) -> list[Receiver]:
        """Return the next people after a person id, each once."""
        rows = await self._transaction.fetch_all(
            "SELECT p.id, p.name, p.language, p.village_id, (SELECT a.channel FROM addresses a WHERE a.person_id = p.id AND a.unreachable_at IS NULL"
            " ORDER BY a.seen_at DESC, a.channel LIMIT 1) AS channel, (SELECT a.user_id FROM addresses a WHERE a.person_id = p.id"
            " AND a.unreachable_at IS NULL ORDER BY a.seen_at DESC, a.channel LIMIT 1) AS user_id"
            + _marked(village_ids, without)
            + " AND p.id > ? ORDER BY p.id LIMIT ?",
            (*village_ids, *without, after, limit),
        )
        return [
            Receiver(
                Address(row["channel"], ChatId(row["user_id"])),
                row["language"],
                PersonId(row["id"]),
                str(Role.VILLAGER),
                VillageId(row["village_id"]),
                row["name"],
            )
            for row in rows
        ]


def _marked(village_ids: Collection[VillageId], without: Collection[PersonId]) -> str:
    return RESIDENTS.format(villages=marks(village_ids), without=marks(without))
