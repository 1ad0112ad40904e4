"""Questions that a handler asked the reporter, and that nobody has answered.

Knows SQL and no rule. Invariant: only the person's own open cases are looked at, the newest few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.cases.case import ACTIVE
from domain.core.change import CaseId
from storage.values import marks, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import PersonId
    from storage.engine.database import Transaction

LOOKED_AT = 10


class Questions:
    """Open questions: `asked_of(person, since=…)`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def asked_of(self, person_id: PersonId, *, since: datetime) -> list[CaseId]:
        """Return the reporter's open cases with a question since an instant and no answer."""
        cases = await self._transaction.fetch_all(
            f"SELECT id FROM cases WHERE reporter_id = ? AND state IN ({marks(ACTIVE)}) ORDER BY id DESC LIMIT {LOOKED_AT}",
            (person_id, *sorted(ACTIVE)),
        )
        found = []
        for row in cases:
            last = await self._transaction.fetch_one(
                "SELECT action, at FROM audit WHERE subject = ? AND action IN ('ask', 'answer') ORDER BY id DESC LIMIT 1",
                (f"case:{row['id']}",),
            )
            if last is not None and last["action"] == "ask" and last["at"] >= to_us(since):
                found.append(CaseId(row["id"]))
        return found
