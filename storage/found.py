"""Found and lost things as rows.

Knows scopes: finders and owners see their own; the police of the village see all found things, its chair all but those for the police only;
a lost thing is visible to its owner only, until something matches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.found.claims import Claim
from domain.found.things import FOR_POLICE, Item, Loss
from domain.people.people import POLICE, Role
from storage.core.records import Grant, Records, RecordTable, Scope
from storage.core.registry import Counts, Data, Number, Personal, Retention, Subject, is_found
from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import PersonId, StationId
    from domain.people.people import Person
    from storage.engine.database import Transaction

_FOR_POLICE = ", ".join(f"'{each}'" for each in sorted(FOR_POLICE))
#: The police see all found things of their villages, the chair all but those for the police only.
_IN_OFFICE = (Grant(POLICE), Grant(frozenset({Role.CHAIR}), where=f"x.kind NOT IN ({_FOR_POLICE})"))


class FoundItems(Records[Item]):
    """Found things."""

    table = RecordTable(
        Item,
        "found_items",
        feature="found",
        scope=Scope(("finder_id",), _IN_OFFICE),
        people=(("finder_name", "finder_id", "name"),),
        sealed=("detail_one", "detail_two"),
    )

    async def open_at(self, station_id: StationId, *, limit: int) -> list[Item]:
        """Return the newest open ones of a station.

        They are for the search of matches, and shown to nobody.
        """
        rows = await self._transaction.fetch_all(
            f"{self.table.select} WHERE x.ended_at IS NULL AND x.station_id = ? ORDER BY +x.id DESC LIMIT ?", (station_id, limit)
        )
        return [self.table.read(row) for row in rows]


class LostItems(Records[Loss]):
    """Lost things."""

    table = RecordTable(Loss, "lost_items", feature="lost", scope=Scope(("owner_id",), ()))

    async def open_at(self, station_id: StationId, *, limit: int) -> list[Loss]:
        """Return the newest open ones of a station.

        They are for the search of matches, and shown to nobody.
        """
        rows = await self._transaction.fetch_all(
            f"{self.table.select} WHERE x.ended_at IS NULL AND x.station_id = ? ORDER BY +x.id DESC LIMIT ?", (station_id, limit)
        )
        return [self.table.read(row) for row in rows]


class FoundClaims(Records[Claim]):
    """Claims: seen by the claimant, and by those who see the found thing in office."""

    table = RecordTable(
        Claim,
        "found_claims",
        feature="claim",
        scope=Scope(("claimant_id",), _IN_OFFICE),
        sealed=("answer_one", "answer_two"),
    )

    async def open_of(self, *, item_id: int = 0, loss_id: int = 0) -> list[Claim]:
        """Return the open claims to a found thing, or those for a lost thing, oldest first."""
        column, number = ("item_id", item_id) if item_id else ("loss_id", loss_id)
        rows = await self._transaction.fetch_all(
            f"{self.table.select} WHERE x.{column} = ? AND x.ended_at IS NULL ORDER BY +x.id", (number,)
        )
        return [self.table.read(row) for row in rows]

    async def keep_answers(self, number: int, one: str, two: str) -> None:
        """Keep what a claimant said until a keeper reads it."""
        await self._transaction.execute("UPDATE found_claims SET answer_one = ?, answer_two = ? WHERE id = ?", (one, two, number))

    async def read_answers(self, actor: Person, number: int, *, at: datetime) -> dict[str, str]:
        """Return what a claimant said, once: it is recorded, and emptied.

        Raises:
            NotFound: there is none, or it is not the actor's.
        """
        said = await self.unseal(actor, number, at=at)
        await self.keep_answers(number, "", "")
        return said

    async def tried(self, item_id: int, person_id: PersonId, *, at: datetime) -> None:
        """Record a try to describe a found thing."""
        await self._transaction.execute(
            "INSERT INTO found_tries (item_id, person_id, at) VALUES (?, ?, ?)", (item_id, person_id, to_us(at))
        )

    async def tries(self, item_id: int, person_id: PersonId, *, since: datetime) -> tuple[int, int]:
        """Return the tries at a found thing: all of a person, and of everybody since an instant."""
        row = await self._transaction.fetch_one(
            "SELECT COUNT(CASE WHEN person_id = ? THEN 1 END) AS own, COUNT(CASE WHEN at > ? THEN 1 END) AS of_all FROM found_tries"
            " WHERE item_id = ?",
            (person_id, to_us(since), item_id),
        )
        return (0, 0) if row is None else (int(row["own"]), int(row["of_all"]))


async def _may_see_item(transaction: Transaction, actor: Person, number: int) -> bool:
    return await is_found(FoundItems(transaction).visible_to(actor, number))


async def _may_see_loss(transaction: Transaction, actor: Person, number: int) -> bool:
    return await is_found(LostItems(transaction).visible_to(actor, number))


async def _may_see_claim(transaction: Transaction, actor: Person, number: int) -> bool:
    return await is_found(FoundClaims(transaction).visible_to(actor, number))


_INSTANTS = {"opened_at": "x.opened_at", "ended_at": "x.ended_at"}

DATA = Data(
    "found",
    grows=("found_items", "lost_items", "found_claims", "found_tries"),
    subjects=(
        Subject(
            "found",
            "found_items",
            scope=_may_see_item,
            retention=Retention.PROPERTY,
            counts=(Counts("found things", "found_items x", kind="x.kind", village="x.village_id", severity="''", instants=_INSTANTS),),
        ),
        Subject("claim", "found_claims", scope=_may_see_claim, retention=Retention.PROPERTY),
        Subject(
            "lost",
            "lost_items",
            scope=_may_see_loss,
            retention=Retention.PROPERTY,
            counts=(Counts("lost things", "lost_items x", kind="x.state", village="x.village_id", severity="''", instants=_INSTANTS),),
        ),
    ),
    numbers=(Number("found"), Number("lost"), Number("claim")),
    secrets=("found_items.detail_one", "found_items.detail_two", "found_claims.answer_one", "found_claims.answer_two"),
    personal=Personal(
        moved=(
            "found_items.finder_id",
            "found_items.handled_by",
            "lost_items.owner_id",
            "found_claims.finder_id",
            "found_claims.claimant_id",
            "found_tries.person_id",
        ),
        held=("found_items.handled_by",),
        past={
            "what one found, lost or claims is one's own": (
                "found_items.finder_id",
                "lost_items.owner_id",
                "found_claims.finder_id",
                "found_claims.claimant_id",
                "found_tries.person_id",
            ),
        },
        erase=(
            "UPDATE lost_items SET what = '', place = '', ended_at = COALESCE(ended_at, opened_at), state = 'back', version = version + 1"
            " WHERE owner_id = ?1",
            "UPDATE found_claims SET answer_one = '', answer_two = '', code = '', ended_at = COALESCE(ended_at, opened_at),"
            " state = CASE WHEN state = 'returned' THEN state ELSE 'closed' END, version = version + 1 WHERE claimant_id = ?1",
            "DELETE FROM found_tries WHERE person_id = ?1",
        ),
        kept={
            "a found thing still needs its owner; it names the finder's number": ("found_items.finder_id", "found_claims.finder_id"),
            "it names the number of the keeper in office": ("found_items.handled_by",),
            "an emptied report names a number": ("lost_items.owner_id", "found_claims.claimant_id"),
        },
    ),
)
