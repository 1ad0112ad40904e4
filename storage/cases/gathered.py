"""Recent reports of an account and its village, and urgent words gathered for the desk.

Knows SQL and no rule. Invariant: no statement reads more than the newest cases of an account or a village.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.case import SOS, Case, Severity
from domain.cases.fairness import HOUR, Past
from domain.core.immutable import immutable
from storage.cases.cases import CASE, case_from
from storage.values import from_us, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import CaseId, PersonId, StationId, VillageId
    from storage.engine.database import Transaction

#: The newest cases of an account or a village that are counted.
COUNTED = 200
DAY_US = 24 * 3600 * 1_000_000


@immutable
class GatheredCase:
    """A case that took further urgent words of its account: how many, and when last."""

    case: Case
    words: int
    last_at: datetime


class Gathered:
    """`past_of(person)`: earlier reports; `add(case)`, `list_of_station`: gathered words."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def past_of(self, person_id: PersonId, *, in_village: VillageId | None, at: datetime) -> Past:
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

    async def add(self, case_id: CaseId, station_id: StationId, *, at: datetime) -> None:
        """Count further words that joined a case."""
        await self._transaction.execute(
            "INSERT INTO gathered_cases (case_id, station_id, words, last_at) VALUES (?, ?, 1, ?) ON CONFLICT (case_id)"
            " DO UPDATE SET words = gathered_cases.words + 1, last_at = excluded.last_at",
            (case_id, station_id, to_us(at)),
        )

    async def list_of_station(self, station_id: StationId, *, since: datetime, limit: int) -> list[GatheredCase]:
        """Return the cases of a station that took words since an instant, the newest words first."""
        rows = await self._transaction.fetch_all(
            f"{CASE} WHERE c.id IN (SELECT g.case_id FROM gathered_cases g WHERE g.station_id = ? AND g.last_at >= ?"
            " ORDER BY g.last_at DESC LIMIT ?)",
            (station_id, to_us(since), limit),
        )
        counts = {
            row["case_id"]: row
            for row in await self._transaction.fetch_all(
                "SELECT case_id, words, last_at FROM gathered_cases WHERE station_id = ? AND last_at >= ? ORDER BY last_at DESC LIMIT ?",
                (station_id, to_us(since), limit),
            )
        }
        found = [GatheredCase(case_from(row), counts[row["id"]]["words"], from_us(counts[row["id"]]["last_at"])) for row in rows]
        return sorted(found, key=lambda each: each.last_at, reverse=True)
