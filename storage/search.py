"""Finding cases: lists, searches, and what a new report is compared with.

Knows SQL and the scope of storage/cases.py; no query here leaves it out but the two about one's own reports. Newest first everywhere, in pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases import Case, Kind, State
from domain.change import PersonId, VillageId
from storage.cases import CASE, case_from, scope
from storage.values import marks, to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.people import Person
    from storage.database import Transaction

#: The name in a case's details under which the messages are kept that it was made of (ids in the reporter's chat), for corrections.
MESSAGES = "messages"


class Search:
    """`list_of(actor, …)`, `count_of(actor, …)`, `last_of(person, …)`, `said_in(person, …)`, `count_reports(person, …)`, `recent_in(village, …)`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def list_of(
        self,
        actor: Person,
        *,
        states: Sequence[State] = (),
        words: str = "",
        first: Sequence[State] = (),
        limit: int = 8,
        offset: int = 0,
    ) -> list[Case]:
        """Return a page of what concerns the actor, newest first; each of `words` must occur in the text, the place or the village's name.

        `first`: states that come before the others.
        """
        where, params = _filtered(actor, states, words)
        order = "c.id DESC"
        if first:
            order = f"CASE WHEN c.state IN ({marks(first)}) THEN 0 ELSE 1 END, {order}"
        rows = await self._transaction.fetch_all(
            f"{CASE} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?", (*params, *first, limit, offset)
        )
        return [case_from(row, ()) for row in rows]

    async def count_of(self, actor: Person, *, states: Sequence[State] = (), words: str = "") -> int:
        """Return how many cases `list_of` would find in all."""
        where, params = _filtered(actor, states, words)
        row = await self._transaction.fetch_one(
            f"SELECT COUNT(*) AS n FROM cases c JOIN villages v ON v.id = c.village_id WHERE {where}", params
        )
        return int(row["n"]) if row else 0

    async def last_of(self, person_id: PersonId, *, since: datetime) -> Case | None:
        """Return the newest case a person opened since an instant, or None."""
        row = await self._transaction.fetch_one(
            f"{CASE} WHERE c.opened_by = ? AND c.opened_at >= ? ORDER BY c.id DESC LIMIT 1", (person_id, to_us(since))
        )
        return None if row is None else case_from(row, ())

    async def said_in(self, person_id: PersonId, message_id: int, *, since: datetime) -> Case | None:
        """Return the case a person opened since an instant with this message among others, or None."""
        rows = await self._transaction.fetch_all(
            f"{CASE} WHERE c.opened_by = ? AND c.opened_at >= ? ORDER BY c.id DESC LIMIT 50", (person_id, to_us(since))
        )
        found = (case_from(row, ()) for row in rows)
        return next((case for case in found if message_id in case.details.get(MESSAGES, ())), None)

    async def count_reports(self, person_id: PersonId, *, since: datetime) -> int:
        """Return how many cases a person opened since an instant."""
        sql = "SELECT COUNT(*) AS n FROM cases WHERE opened_by = ? AND opened_at >= ?"
        row = await self._transaction.fetch_one(sql, (person_id, to_us(since)))
        return int(row["n"]) if row else 0

    async def recent_in(self, village_id: VillageId, *, kinds: Sequence[Kind], since: datetime, limit: int = 200) -> list[Case]:
        """Return unfinished cases of these kinds in a village since an instant, newest first: what a new report is compared with.

        Never one that was told in confidence: with a hidden name, or with parties who must not see it.
        """
        rows = await self._transaction.fetch_all(
            f"{CASE} WHERE c.village_id = ? AND c.ended_at IS NULL AND c.kind IN ({marks(kinds)}) AND c.opened_at >= ?"
            " AND c.name_hidden = 0 AND c.parties = 0 ORDER BY c.id DESC LIMIT ?",
            (village_id, *kinds, to_us(since), limit),
        )
        return [case_from(row, ()) for row in rows]


def _filtered(actor: Person, states: Sequence[State], words: str) -> tuple[str, tuple[Any, ...]]:
    where, params = scope(actor)
    if states:
        where += f" AND c.state IN ({marks(states)})"
        params = (*params, *states)
    for word in words.split()[:5]:
        pattern = f"%{word.lower().replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        where += " AND (LOWER(c.text) LIKE ? ESCAPE '!' OR LOWER(c.place) LIKE ? ESCAPE '!' OR LOWER(v.name) LIKE ? ESCAPE '!')"
        params = (*params, pattern, pattern, pattern)
    return where, params
