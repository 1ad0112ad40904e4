"""Places of villages as rows.

Knows SQL and no rule. Invariants: a village is beside another when either of them says so; a closed village is beside none; no row names a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import NotFound, VillageId
from domain.core.positions import Position
from domain.people.people import COMMITTEE, Person, Role, Village
from domain.village_places import Kind, Neighbour, Place, Sheet
from storage.core.registry import Data, Places
from storage.core.village_names import SHOWN_NAME
from storage.values import marks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.engine.database import Row, Transaction

MICRO = 1_000_000
_VILLAGE = f"SELECT v.id AS id, v.station_id AS station_id, {SHOWN_NAME} AS shown, p.latitude AS latitude, p.longitude AS longitude"


class VillagePlaces:
    """Sheets of villages.

    * `visible_to(actor, village_id)`, `find(village_id)`, `neighbours(village_id)`, `points()`.
    * `put_point`, `put_neighbours`, `add`, `remove`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def visible_to(self, actor: Person, village_id: int) -> Sheet:
        """Return the sheet of a village of the actor's posts.

        Raises:
            NotFound: there is no such village, or it is not theirs.
        """
        villages = [] if actor.suspended else sorted(actor.villages(*COMMITTEE, Role.OFFICER))
        stations = [] if actor.suspended else sorted(actor.stations(Role.DUTY, Role.LEADER))
        row = await self._transaction.fetch_one(
            "SELECT v.id AS id FROM villages v WHERE v.id = ? AND v.closed_at IS NULL"
            f" AND (v.id IN ({marks(villages)}) OR v.station_id IN ({marks(stations)}))",
            (village_id, *villages, *stations),
        )
        if row is None:
            raise NotFound(village_id)
        return await self.find(VillageId(row["id"]))

    async def find(self, village_id: VillageId) -> Sheet:
        """Return the sheet of a village that must exist.

        Raises:
            LookupError: there is none.
        """
        row = await self._transaction.fetch_one(
            f"{_VILLAGE} FROM villages v LEFT JOIN village_points p ON p.village_id = v.id WHERE v.id = ?", (village_id,)
        )
        if row is None:
            raise LookupError(f"no village {village_id}")
        beside = await self._transaction.fetch_all(
            f"{_VILLAGE} FROM villages v LEFT JOIN village_points p ON p.village_id = v.id WHERE v.closed_at IS NULL AND v.id <> ?1 AND v.id IN"
            " (SELECT neighbour_id FROM village_neighbours WHERE village_id = ?1"
            " UNION SELECT village_id FROM village_neighbours WHERE neighbour_id = ?1) ORDER BY v.id",
            (village_id,),
        )
        places = await self._transaction.fetch_all(
            "SELECT id, village_id, kind, words, hours, latitude, longitude FROM village_places WHERE village_id = ? ORDER BY kind, id",
            (village_id,),
        )
        return Sheet(
            _village(row), _point(row), tuple(Neighbour(_village(each), _point(each)) for each in beside), tuple(map(_place, places))
        )

    async def neighbours(self, village_id: VillageId) -> tuple[VillageId, ...]:
        """Return the villages beside one; empty when nobody has entered them."""
        return tuple(each.village.id for each in (await self.find(village_id)).neighbours)

    async def points(self) -> dict[VillageId, Position]:
        """Return the point of every open village that has one."""
        rows = await self._transaction.fetch_all(
            "SELECT p.village_id AS id, p.latitude AS latitude, p.longitude AS longitude FROM village_points p"
            " JOIN villages v ON v.id = p.village_id WHERE v.closed_at IS NULL"
        )
        found = {VillageId(row["id"]): _point(row) for row in rows}
        return {village_id: point for village_id, point in found.items() if point is not None}

    async def put_point(self, village_id: VillageId, point: Position) -> None:
        """Write the point of a village, as it was sent."""
        await self._transaction.execute(
            "INSERT INTO village_points (village_id, latitude, longitude) VALUES (?, ?, ?)"
            " ON CONFLICT (village_id) DO UPDATE SET latitude = excluded.latitude, longitude = excluded.longitude",
            (village_id, round(point.latitude * MICRO), round(point.longitude * MICRO)),
        )

    async def put_neighbours(self, village_id: VillageId, neighbours: Iterable[VillageId]) -> None:
        """Write the villages beside one, in place of the present ones."""
        await self._transaction.execute("DELETE FROM village_neighbours WHERE village_id = ?1 OR neighbour_id = ?1", (village_id,))
        for each in sorted(set(neighbours) - {village_id}):
            await self._transaction.execute("INSERT INTO village_neighbours (village_id, neighbour_id) VALUES (?, ?)", (village_id, each))

    async def add(self, village_id: VillageId, kind: Kind, words: str, hours: str, point: Position | None = None) -> None:
        """Add a place."""
        where = (None, None) if point is None else (round(point.latitude * MICRO), round(point.longitude * MICRO))
        await self._transaction.execute(
            "INSERT INTO village_places (village_id, kind, words, hours, latitude, longitude) VALUES (?, ?, ?, ?, ?, ?)",
            (village_id, kind, words, hours, *where),
        )

    async def remove(self, village_id: VillageId, place_id: int) -> bool:
        """Delete a place of a village; False when there is none."""
        return await self._transaction.execute("DELETE FROM village_places WHERE id = ? AND village_id = ?", (place_id, village_id)) > 0


def _village(row: Row) -> Village:
    return Village(VillageId(row["id"]), row["shown"], row["station_id"])


def _point(row: Row) -> Position | None:
    return None if row["latitude"] is None else Position(row["latitude"] / MICRO, row["longitude"] / MICRO)


def _place(row: Row) -> Place:
    return Place(row["id"], VillageId(row["village_id"]), Kind(row["kind"]), row["words"], row["hours"], _point(row))


DATA = Data(
    "village_places",
    small={"a few for each village, typed by its chair or officer": ("village_points", "village_neighbours", "village_places")},
    row_ids={"village_places": "only buttons of the sheet carry them, and each is looked up in its village"},
    places=Places(
        moves=("UPDATE village_places SET village_id = ?1 WHERE village_id = ?2",),
        stays={
            "a closed village is shown to nobody, and is beside none": (
                "village_points.village_id",
                "village_neighbours.village_id",
                "village_neighbours.neighbour_id",
            )
        },
    ),
)
