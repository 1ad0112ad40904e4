"""Drills of a call for help, and the people called in them, as rows.

Knows the scope: chair and police of the village, and the person who started it. Invariant: nothing here is a case, so no list, search or figure of cases
has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import PersonId
from domain.drills import Call, Drill
from domain.people.people import Role
from storage.cases.scope import scope as readers
from storage.core.records import Records, RecordTable, Scope
from storage.core.registry import Data, Personal
from storage.core.retention import Retention
from storage.values import from_us, from_us_or_none, to_us, to_us_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import VillageId
    from domain.people.people import Person


class Drills(Records[Drill]):
    """Drills."""

    table = RecordTable(Drill, "sos_drills", feature="drill", scope=Scope(("started_by",)), retention=Retention.TRAINING)

    async def running_in(self, village_id: VillageId) -> Drill | None:
        """Return the drill that runs in a village, or None."""
        return await self._one(f"{self.table.select} WHERE x.ended_at IS NULL AND x.village_id = ?", (village_id,))

    async def real_one_in(self, actor: Person, village_id: VillageId) -> bool:
        """Tell whether the actor sees a real urgent case in a village to which nobody came yet."""
        condition, params = readers(actor)
        row = await self._transaction.fetch_one(
            "SELECT c.id FROM cases c JOIN scenes e ON e.case_id = c.id WHERE c.severity = 'pressing' AND c.ended_at IS NULL"
            f" AND c.village_id = ? AND e.over_at IS NULL AND {condition} LIMIT 1",
            (village_id, *params),
        )
        return row is not None

    async def count(self, actor: Person, *, since: datetime, until: datetime) -> int:
        """Return the number of drills in the actor's scope that began in a span."""
        condition, params = self.table.scope.condition(actor)
        row = await self._transaction.fetch_one(
            f"SELECT COUNT(*) AS n FROM sos_drills x WHERE x.opened_at >= ? AND x.opened_at < ? AND {condition}",
            (to_us(since), to_us(until), *params),
        )
        return 0 if row is None else int(row["n"])

    async def call(self, number: int, call: Call) -> None:
        """Add a person who is called, once."""
        await self._transaction.execute(
            "INSERT INTO sos_drill_calls (drill_id, person_id, role, called_at, reached) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (drill_id, person_id) DO NOTHING",
            (number, call.person_id, call.role.value, to_us(call.called_at), int(call.reached)),
        )

    async def write(self, number: int, call: Call) -> None:
        """Write when a person answered and arrived."""
        await self._transaction.execute(
            "UPDATE sos_drill_calls SET answered_at = ?, arrived_at = ? WHERE drill_id = ? AND person_id = ?",
            (to_us_or_none(call.answered_at), to_us_or_none(call.arrived_at), number, call.person_id),
        )

    async def calls(self, number: int) -> list[Call]:
        """Return the people called in a drill: those who answered first, in their order."""
        rows = await self._transaction.fetch_all(
            "SELECT c.*, p.name AS name FROM sos_drill_calls c JOIN people p ON p.id = c.person_id WHERE c.drill_id = ?"
            " ORDER BY COALESCE(c.answered_at, 9000000000000000000), c.called_at, c.person_id",
            (number,),
        )
        return [
            Call(
                PersonId(row["person_id"]), row["name"], Role(row["role"]), from_us(row["called_at"]), bool(row["reached"]),
                from_us_or_none(row["answered_at"]), from_us_or_none(row["arrived_at"]),
            )
            for row in rows
        ]  # fmt: skip


DATA = Data(
    "drills",
    records=(Drills,),
    grows=("sos_drill_calls",),
    personal=Personal(
        once=("sos_drill_calls.drill_id",),
        past={"who was called in a drill stays so": ("sos_drill_calls.person_id",)},
        erase=("DELETE FROM sos_drill_calls WHERE person_id = ?1",),
        kept={"a drill names the number of the person in office who started it": ("sos_drills.started_by",)},
    ),
)
