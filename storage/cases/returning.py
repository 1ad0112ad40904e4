"""People who were erased while cases concern them, and who may come back to a post.

Knows SQL and no rule. Invariant: a mark is kept only for a case that concerns its person, and goes with the case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.values import marks as placeholders
from storage.values import to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.core.change import PersonId
    from storage.engine.database import Transaction


class Returning:
    """Marks of erased parties: `concerns`, `keep`, `exist`, `bar`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def concerns(self, person_id: PersonId) -> bool:
        """Tell whether a case concerns a person."""
        return await self._transaction.fetch_one("SELECT 1 FROM case_parties WHERE person_id = ? LIMIT 1", (person_id,)) is not None

    async def keep(self, person_id: PersonId, marks: Sequence[str], *, at: datetime) -> None:
        """Keep marks of a person for each case that concerns them."""
        for mark in marks:
            await self._transaction.execute(
                "INSERT INTO case_party_marks (case_id, mark, side, added_at) SELECT x.case_id, CAST(?2 AS TEXT), x.side, CAST(?3 AS BIGINT)"
                " FROM case_parties x WHERE x.person_id = ?1 ON CONFLICT (case_id, mark) DO NOTHING",
                (person_id, mark, to_us(at)),
            )

    async def exist(self) -> bool:
        """Tell whether any mark is kept."""
        return await self._transaction.fetch_one("SELECT 1 FROM case_party_marks WHERE mark > '' LIMIT 1") is not None

    async def bar(self, person_id: PersonId, marks: Sequence[str], *, at: datetime) -> None:
        """Bar a person from every case for which one of their marks is kept."""
        await self._transaction.execute(
            "INSERT INTO case_parties (case_id, person_id, side, added_by, added_at) SELECT m.case_id, CAST(? AS BIGINT), MAX(m.side), NULL,"
            f" CAST(? AS BIGINT) FROM case_party_marks m WHERE m.mark IN ({placeholders(marks)}) GROUP BY m.case_id"
            " ON CONFLICT (case_id, person_id) DO NOTHING",
            (person_id, to_us(at), *marks),
        )
