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
from storage.core.registry import Data, Personal
from storage.core.retention import Retention
from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import PersonId, StationId

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
        retention=Retention.PROPERTY,
        told=("what", "place"),
        groups=True,  # on a card of its own, without the telling details
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

    table = RecordTable(
        Loss,
        "lost_items",
        feature="lost",
        scope=Scope(("owner_id",), ()),
        retention=Retention.PROPERTY,
        told=("what", "place"),
    )

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
        retention=Retention.PROPERTY,
        told=("code",),  # to the claimant, and in no card
        sealed=("answer_one", "answer_two"),
    )

    async def open_of(self, *, item_id: int = 0, loss_id: int = 0) -> list[Claim]:
        """Return the open claims to a found thing, or those for a lost thing, oldest first."""
        column, number = ("item_id", item_id) if item_id else ("loss_id", loss_id)
        rows = await self._transaction.fetch_all(
            f"{self.table.select} WHERE x.{column} = ? AND x.ended_at IS NULL ORDER BY +x.id", (number,)
        )
        return [self.table.read(row) for row in rows]

    async def erase_about(self, item_id: int) -> None:
        """Delete the claims to a thing and their tries.

        Their ended losses are deleted too, unless another claim names them.
        """
        rows = await self._transaction.fetch_all("SELECT id, loss_id FROM found_claims WHERE item_id = ? ORDER BY id", (item_id,))
        await self._transaction.execute("DELETE FROM found_tries WHERE item_id = ?", (item_id,))
        for row in rows:
            await self.erase(row["id"])
        ended = "SELECT id FROM lost_items WHERE id = ?1 AND ended_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM found_claims WHERE loss_id = ?1)"
        for row in rows:
            if await self._transaction.fetch_one(ended, (row["loss_id"],)) is not None:
                await LostItems(self._transaction).erase(row["loss_id"])

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


DATA = Data(
    "found",
    records=(FoundItems, LostItems, FoundClaims),
    grows=("found_tries",),
    personal=Personal(
        moved=("found_tries.person_id",),
        past={"what one found, lost or claims is one's own": ("found_tries.person_id",)},
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
