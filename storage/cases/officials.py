"""Officials of a village: people who could see a report because of a post.

Knows SQL and no rule. Invariant: holders count also while they are suspended or on leave, and so do their deputies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.words.accusation import Official
from domain.core.change import PersonId
from domain.people.people import Role
from storage.people.posts_now import HELD, STANDS_IN
from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import VillageId
    from storage.engine.database import Transaction

#: Posts of a village (?1), and of its whole station.
_THERE = (
    "(posts.village_id = ?1 OR (posts.village_id IS NULL AND posts.role IN ('duty', 'leader')"
    " AND posts.station_id = (SELECT v.station_id FROM villages v WHERE v.id = ?1)))"
)
_OFFICIALS = (
    f"SELECT p.id AS id, p.name AS name, posts.role AS role, NULL AS for_id FROM posts JOIN people p ON p.id = posts.person_id"
    f" WHERE {_THERE} AND {HELD.format(at='?2')}"
    " UNION ALL SELECT p.id, p.name, posts.role, posts.person_id FROM posts JOIN leaves l ON l.person_id = posts.person_id"
    f" JOIN people p ON p.id = l.deputy_id WHERE {_THERE} AND {HELD.format(at='?2')} AND {STANDS_IN.format(at='?2')}"
)


class Officials:
    """Holders of posts, for the words of a report: `of_village(village_id)`, `named(name)`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of_village(self, village_id: VillageId, *, at: datetime) -> list[Official]:
        """Return everybody with a post over a village, and their deputies now."""
        rows = await self._transaction.fetch_all(f"{_OFFICIALS} ORDER BY 1, 3", (village_id, to_us(at)))
        return [
            Official(PersonId(row["id"]), row["name"], Role(row["role"]), None if row["for_id"] is None else PersonId(row["for_id"]))
            for row in rows
        ]

    async def named(self, name: str) -> tuple[PersonId, ...]:
        """Return everybody of this name."""
        rows = await self._transaction.fetch_all("SELECT id FROM people WHERE name = ? ORDER BY id LIMIT 50", (name,))
        return tuple(PersonId(row["id"]) for row in rows)
