"""Active cases by their holder, for changes of posts and for the auditor.

Knows SQL and no rule. Invariant: every query walks an index of what is open; none reads the cases of the years.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.escalation import ASKED
from storage.cases.cases import CASE, Cases
from storage.people.posts_now import HELD, STANDS_IN
from storage.values import marks, to_us

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from domain.cases.case import Case
    from domain.core.change import PersonId, StationId, VillageId
    from storage.engine.database import Transaction

_ASKED = " ".join(f"WHEN {int(rung)} THEN posts.role IN ({str([*map(str, roles)])[1:-1]})" for rung, roles in ASKED.items())
#: The condition that nobody who has to act on a case can: its holder, or, without one, the posts that are asked.
_UNHELD = (
    f"NOT EXISTS (SELECT 1 FROM posts LEFT JOIN leaves l ON {STANDS_IN.format(at='?1')}"
    " JOIN people p ON p.id = COALESCE(l.deputy_id, posts.person_id) JOIN addresses a ON a.person_id = p.id AND a.unreachable_at IS NULL"
    " WHERE (posts.village_id = c.village_id OR (posts.village_id IS NULL AND posts.station_id = c.station_id))"
    f" AND {HELD.format(at='?1')} AND p.suspended_at IS NULL AND (CASE c.rung {_ASKED} END)"
    " AND (c.holder_id IS NULL OR c.holder_id = p.id) AND (c.reporter_id IS NULL OR c.reporter_id <> p.id)"
    " AND (c.police_only = 0 OR posts.role <> 'chair')"
    " AND (c.restricted = 0 OR EXISTS (SELECT 1 FROM case_handlers h WHERE h.case_id = c.id AND h.person_id = p.id))"
    " AND NOT EXISTS (SELECT 1 FROM case_parties x WHERE x.case_id = c.id AND x.person_id = p.id))"
)


class CaseHolders:
    """`list_concerned(people, …)`, `list_of_reporter(person)`, `list_unheld`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def list_concerned(
        self, people: Collection[PersonId], *, villages: Sequence[VillageId], stations: Sequence[StationId], limit: int = 500
    ) -> list[Case]:
        """Return the active cases that these people hold, and the waiting ones of these places."""
        return await self._cases(
            f"{CASE} WHERE c.id IN (SELECT h.id FROM cases h WHERE h.holder_id IN ({marks(people)}) AND h.ended_at IS NULL"
            f" UNION SELECT w.id FROM cases w WHERE w.village_id IN ({marks(villages)}) AND w.state IN ('open', 'escalated')"
            f" UNION SELECT s.id FROM cases s WHERE s.station_id IN ({marks(stations)}) AND s.state = 'escalated' AND s.rung >= 2)"
            " ORDER BY c.id LIMIT ?",
            (*sorted(people), *villages, *stations, limit),
        )

    async def list_of_reporter(self, person_id: PersonId, *, limit: int = 200) -> list[Case]:
        """Return the active cases that a person reported, newest first."""
        return await self._cases(f"{CASE} WHERE c.reporter_id = ? AND c.ended_at IS NULL ORDER BY c.id DESC LIMIT ?", (person_id, limit))

    async def list_ended_by(self, person_id: PersonId, *, villages: Sequence[VillageId], since: datetime, limit: int = 50) -> list[Case]:
        """Return the cases of these villages that a person ended since an instant."""
        return await self._cases(
            f"{CASE} WHERE c.holder_id = ? AND c.ended_at >= ? AND c.village_id IN ({marks(villages)}) ORDER BY c.ended_at LIMIT ?",
            (person_id, to_us(since), *villages, limit),
        )

    async def list_unheld(self, *, at: datetime, limit: int = 200) -> list[Case]:
        """Return active cases for which nobody of those who have to act can."""
        return await self._cases(
            f"{CASE} WHERE c.station_id IN (SELECT s.id FROM stations s)"
            f" AND c.state IN ('open', 'accepted', 'mediating', 'escalated', 'acknowledged', 'joint') AND {_UNHELD} ORDER BY c.id LIMIT ?2",
            (to_us(at), limit),
        )

    async def _cases(self, sql: str, params: Sequence[object]) -> list[Case]:
        cases = Cases(self._transaction)
        return [await cases.whole(row) for row in await self._transaction.fetch_all(sql, tuple(params))]
