"""One record of every kind that a feature declares, made of the fields of its dataclass: for tests that need something of everything."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, get_type_hints

from domain.core.change import Event, PersonId, VillageId
from domain.core.records import RecordChange
from storage.features import REGISTRY

if TYPE_CHECKING:
    from storage.core.records import Records
    from storage.unit import Unit

#: The value of every sealed column.
SEALED = "封存的话"


async def add_samples(unit: Unit, village_id: VillageId, person_id: PersonId, *, at: datetime) -> list[str]:
    """Add an open record of each kind to a village, with one person in every column of persons; return their subjects."""
    village = await unit.people.village(village_id)
    first = await unit.transaction.fetch_one("SELECT MIN(id) AS id FROM cases WHERE village_id = ?", (village_id,))
    of_case = {"case_id": first["id"]} if first is not None and first["id"] is not None else {}
    added = []
    for kind in REGISTRY.records:
        records = unit.records(kind)
        known = {
            "village_id": village.id,
            "station_id": village.station_id,
            "village": village.name,
            "id": await records.next_number(),
        } | of_case
        value = sample(kind, known, person_id, at=at)
        subject = f"{kind.table.feature}:{value.id}"
        event = Event(subject, f"{kind.table.feature}.open", person_id, at)
        await records.add(RecordChange(value, event), sealed=dict.fromkeys(kind.table.sealed, SEALED))
        added.append(subject)
    return added


def sample(kind: type[Records[Any]], known: dict[str, Any], person_id: PersonId, *, at: datetime) -> Any:
    """Return a record: its first state, first of each kind, number 1 of everything it refers to."""
    hints = get_type_hints(kind.table.record)
    known = {each.name: known["village_id"] for each in fields(kind.table.record) if hints[each.name] is VillageId} | known
    return kind.table.record(
        **{each.name: known.get(each.name, _value(hints[each.name], person_id, at)) for each in fields(kind.table.record)}
    )


def _value(hint: Any, person_id: PersonId, at: datetime) -> Any:
    if hint is PersonId:
        return person_id
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return next(iter(hint))
    return {datetime: at, str: "字", int: 1, bool: False}.get(hint)
