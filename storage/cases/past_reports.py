"""Recent reports of an account, and of the new accounts of its village.

Knows SQL and no rule. Invariant: no statement reads more than the newest cases of an account or a village.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.case import SOS, Severity
from domain.cases.fairness import HOUR, Past
from domain.core.change import CaseId
from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import PersonId, VillageId
    from storage.engine.database import Transaction

#: The newest cases of an account or a village that are counted.
COUNTED = 200
DAY_US = 24 * 3600 * 1_000_000


class PastReports:
    """Earlier reports: `of(person)`, `numbers_reported(person)`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def of(self, person_id: PersonId, *, in_village: VillageId | None, at: datetime) -> Past:
        """Return the earlier reports of an account, and of the new accounts of a village if given."""
        since = to_us(at - HOUR)
        own = await self._transaction.fetch_one(
            "SELECT COUNT(CASE WHEN severity = ?1 AND source <> ?2 THEN 1 END) AS urgent_ever,"
            " COUNT(CASE WHEN severity = ?1 AND source <> ?2 AND opened_at >= ?3 THEN 1 END) AS urgent_in_hour,"
            " COUNT(CASE WHEN opened_at >= ?3 THEN 1 END) AS in_hour"
            " FROM (SELECT severity, source, opened_at FROM cases WHERE opened_by = ?4 ORDER BY id DESC LIMIT ?5) AS newest",
            (Severity.URGENT, SOS, since, person_id, COUNTED),
        )
        assert own is not None
        if in_village is None:
            return Past(own["urgent_ever"], own["urgent_in_hour"], own["in_hour"])
        new = await self._transaction.fetch_one(
            "SELECT COUNT(*) AS n FROM (SELECT opened_by, opened_at FROM cases WHERE village_id = ? ORDER BY id DESC LIMIT ?) AS newest"
            " JOIN people p ON p.id = newest.opened_by WHERE newest.opened_at >= ? AND p.created_at > newest.opened_at - ?",
            (in_village, COUNTED, since, DAY_US),
        )
        assert new is not None
        return Past(own["urgent_ever"], own["urgent_in_hour"], own["in_hour"], new["n"])

    async def numbers_reported(self, person_id: PersonId, *, limit: int) -> list[CaseId]:
        """Return the numbers of a person's own open cases, the newest first."""
        rows = await self._transaction.fetch_all(
            "SELECT id FROM cases WHERE reporter_id = ? AND ended_at IS NULL ORDER BY id DESC LIMIT ?", (person_id, limit)
        )
        return [CaseId(row["id"]) for row in rows]
