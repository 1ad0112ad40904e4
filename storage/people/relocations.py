"""Requests to move to another village.

Knows SQL and no rule. Invariant: a request is seen by its person, and by those who answer it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.people.relocation import Relocation
from storage.core.records import Records, RecordTable, Scope
from storage.core.retention import Retention

if TYPE_CHECKING:
    from domain.core.change import PersonId


class Relocations(Records[Relocation]):
    """Requests: seen by their person, and by chair and police of the new village."""

    table = RecordTable(
        Relocation,
        "relocations",
        feature="relocation",
        scope=Scope(("person_id",)),
        retention=Retention.MESSAGE,
        people=(("person_name", "person_id", "name"),),
    )

    async def open_of(self, person_id: PersonId) -> Relocation | None:
        """Return a person's open request, or None."""
        return await self._one(f"{self.table.select} WHERE x.person_id = ? AND x.ended_at IS NULL", (person_id,))
