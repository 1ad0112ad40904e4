"""Blocks of villagers as rows, and the block that counts now, beside the person.

Knows SQL and no rule. Invariant: `people.blocked_until` is the end of the person's active block, so that nothing else is read for an update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.blocks import Block
from domain.people.people import POLICE
from storage.core.records import Grant, Records, RecordTable, Scope
from storage.core.registry import Data, Number, Personal, Retention, Subject, is_found
from storage.values import to_us_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import PersonId
    from domain.people.people import Person
    from storage.engine.database import Transaction


class Blocks(Records[Block]):
    """Blocks: seen by police of the village and by the chair who proposed it."""

    table = RecordTable(Block, "blocks", feature="block", scope=Scope(("opened_by",), (Grant(POLICE),)))

    async def open_of(self, person_id: PersonId) -> Block | None:
        """Return a person's open block or proposal, or None."""
        return await self._one(f"{self.table.select} WHERE x.person_id = ? AND x.ended_at IS NULL ORDER BY x.id LIMIT 1", (person_id,))

    async def set_end(self, person_id: PersonId, until: datetime | None) -> None:
        """Write until when a person is blocked; None: not at all."""
        await self._transaction.execute("UPDATE people SET blocked_until = ? WHERE id = ?", (to_us_or_none(until), person_id))


async def _may_see(transaction: Transaction, actor: Person, number: int) -> bool:
    return await is_found(Blocks(transaction).visible_to(actor, number))


DATA = Data(
    "blocks",
    grows=("blocks",),
    subjects=(Subject("block", "blocks", scope=_may_see, retention=Retention.ORDER),),
    numbers=(Number("block"),),
    personal=Personal(
        moved=("blocks.person_id", "blocks.opened_by", "blocks.decided_by"),
        erase=("UPDATE blocks SET reason = '' WHERE person_id = ?1",),
        kept={
            "who was blocked names a number, so that the block outlives an erased name": ("blocks.person_id",),
            "who proposed and who decided a block was done in office": ("blocks.opened_by", "blocks.decided_by"),
        },
    ),
)
