"""Found and lost things as rows.

Knows scopes: a finder and an owner see their own; the police of the village see all that was found, its chair all but what is for the police only; what
was lost is its owner's alone until something matches.
"""

from __future__ import annotations

from domain.found import FOR_POLICE, Item, Loss
from domain.people.people import POLICE, Role
from storage.core.records import Grant, Records, RecordTable, Scope

_FOR_POLICE = ", ".join(f"'{each}'" for each in sorted(FOR_POLICE))


class FoundItems(Records[Item]):
    """What was found."""

    table = RecordTable(
        Item,
        "found_items",
        feature="found",
        scope=Scope(("finder_id",), (Grant(POLICE), Grant(frozenset({Role.CHAIR}), where=f"x.kind NOT IN ({_FOR_POLICE})"))),
        people=(("finder_name", "finder_id", "name"),),
        sealed=("detail_one", "detail_two"),
    )


class LostItems(Records[Loss]):
    """What was lost."""

    table = RecordTable(Loss, "lost_items", feature="lost", scope=Scope(("owner_id",), ()))
