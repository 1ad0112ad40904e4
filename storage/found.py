"""Found and lost things as rows.

Knows scopes: finders and owners see their own; the police of the village see all found things, its chair all but those for the police only;
a lost thing is visible to its owner only, until something matches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.found import FOR_POLICE, Item, Loss
from domain.people.people import POLICE, Role
from storage.core.records import Grant, Records, RecordTable, Scope
from storage.core.registry import Counts, Data, Number, Personal, Retention, Subject, is_found

if TYPE_CHECKING:
    from domain.people.people import Person
    from storage.engine.database import Transaction

_FOR_POLICE = ", ".join(f"'{each}'" for each in sorted(FOR_POLICE))


class FoundItems(Records[Item]):
    """Found things."""

    table = RecordTable(
        Item,
        "found_items",
        feature="found",
        scope=Scope(("finder_id",), (Grant(POLICE), Grant(frozenset({Role.CHAIR}), where=f"x.kind NOT IN ({_FOR_POLICE})"))),
        people=(("finder_name", "finder_id", "name"),),
        sealed=("detail_one", "detail_two"),
    )


class LostItems(Records[Loss]):
    """Lost things."""

    table = RecordTable(Loss, "lost_items", feature="lost", scope=Scope(("owner_id",), ()))


async def _may_see_item(transaction: Transaction, actor: Person, number: int) -> bool:
    return await is_found(FoundItems(transaction).visible_to(actor, number))


async def _may_see_loss(transaction: Transaction, actor: Person, number: int) -> bool:
    return await is_found(LostItems(transaction).visible_to(actor, number))


_INSTANTS = {"opened_at": "x.opened_at", "ended_at": "x.ended_at"}

DATA = Data(
    "found",
    grows=("found_items", "lost_items"),
    subjects=(
        Subject(
            "found",
            "found_items",
            scope=_may_see_item,
            retention=Retention.PROPERTY,
            counts=(Counts("found things", "found_items x", kind="x.kind", village="x.village_id", severity="''", instants=_INSTANTS),),
        ),
        Subject(
            "lost",
            "lost_items",
            scope=_may_see_loss,
            retention=Retention.PROPERTY,
            counts=(Counts("lost things", "lost_items x", kind="x.state", village="x.village_id", severity="''", instants=_INSTANTS),),
        ),
    ),
    numbers=(Number("found"), Number("lost")),
    secrets=("found_items.detail_one", "found_items.detail_two"),
    personal=Personal(
        moved=("found_items.finder_id", "found_items.handled_by", "lost_items.owner_id"),
        erase=(
            "UPDATE lost_items SET what = '', place = '', ended_at = COALESCE(ended_at, opened_at), state = 'back', version = version + 1"
            " WHERE owner_id = ?1",
        ),
        kept={
            "a found thing still needs its owner; it names the finder's number": ("found_items.finder_id",),
            "it names the number of the keeper in office": ("found_items.handled_by",),
            "an emptied report names a number": ("lost_items.owner_id",),
        },
    ),
)
