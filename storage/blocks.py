"""Blocks of villagers as rows, and the block that counts now, beside the person.

Knows SQL and no rule. Invariant: `people.blocked_until` is the end of the person's active block, so that nothing else is read for an update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.blocks import Block
from domain.core.immutable import immutable
from domain.people.people import POLICE
from storage.cases.scope import scope as readers
from storage.core.records import Grant, Records, RecordTable, Scope
from storage.core.registry import Data, Personal
from storage.core.retention import Retention
from storage.values import from_us, to_us_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import PersonId
    from domain.people.people import Person


@immutable
class OfVisibleCase(Scope):
    """Readers of a record about a case, if they may see the case."""

    def condition(self, actor: Person) -> tuple[str, tuple[Any, ...]]:
        """Return the condition on `x`, and its parameters, for an actor's records."""
        where, params = Scope.condition(self, actor)
        seen, more = readers(actor)
        return f"({where} AND EXISTS (SELECT 1 FROM cases c WHERE c.id = x.case_id AND {seen}))", (*params, *more)


class Blocks(Records[Block]):
    """Blocks: seen by police of the village and by the chair who proposed it.

    They must be able to see the case.
    """

    table = RecordTable(
        Block,
        "blocks",
        feature="block",
        scope=OfVisibleCase(("opened_by",), (Grant(POLICE),)),
        retention=Retention.ORDER,
        told=("reason", "rank"),
    )

    async def open_about(self, case_id: int) -> Block | None:
        """Return the open block or proposal for a case, or None."""
        return await self._one(f"{self.table.select} WHERE x.case_id = ? AND x.ended_at IS NULL ORDER BY x.id LIMIT 1", (case_id,))

    async def end_of(self, person_id: PersonId) -> datetime | None:
        """Return the last end of a person's active blocks, or None."""
        row = await self._transaction.fetch_one(
            "SELECT MAX(until_at) AS until_at FROM blocks WHERE person_id = ? AND ended_at IS NULL", (person_id,)
        )
        return None if row is None or row["until_at"] is None else from_us(row["until_at"])

    async def set_end(self, person_id: PersonId, until: datetime | None) -> None:
        """Write until when a person is blocked; None: not at all."""
        await self._transaction.execute("UPDATE people SET blocked_until = ? WHERE id = ?", (to_us_or_none(until), person_id))


DATA = Data(
    "blocks",
    records=(Blocks,),
    personal=Personal(
        erase=("UPDATE blocks SET reason = '' WHERE person_id = ?1",),
        kept={
            "a block outlives an erased name and names a number": ("blocks.person_id",),
            "a block was proposed and decided in office": ("blocks.opened_by", "blocks.decided_by"),
        },
    ),
)
