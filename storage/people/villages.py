"""Villages that close or become one, and the station beside a name that is not unique.

Knows the directory's own tables; each feature declares what of its own moves along (`Places`). Invariants: a closed village has no open
thing, no resident and no post; `beside` is right after every change of a village or a station.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import PersonId, StationId, VillageId
from storage.core.village_names import SHOWN_NAME
from storage.values import to_us

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.core.registry import Places
    from storage.engine.database import Transaction

_SAME_NAME = "EXISTS (SELECT 1 FROM villages o WHERE o.name = villages.name AND o.id <> villages.id AND o.closed_at IS NULL)"
_BESIDE = f"CASE WHEN {_SAME_NAME} THEN '（' || (SELECT s.name FROM stations s WHERE s.id = villages.station_id) || '）' ELSE '' END"
#: What people would lose with a village, beside the features' open things: what it is → a count for a village (?1).
OF_THE_DIRECTORY: Mapping[str, str] = {
    "residents": "SELECT COUNT(*) AS n FROM people WHERE village_id = ?1 AND forgotten_at IS NULL",
    "groups": "SELECT COUNT(*) AS n FROM groups WHERE village_id = ?1 AND left_at IS NULL",
}


class Villages:
    """Changes of villages: `name_again`, `list_remains`, `lead_anew`, `close`, `move_into`."""

    def __init__(self, transaction: Transaction, places: Places) -> None:
        self._transaction = transaction
        self._places = places

    async def name_again(self) -> None:
        """Show the station beside every name that several open villages have, and beside no other."""
        await self._transaction.execute(f"UPDATE villages SET beside = {_BESIDE} WHERE closed_at IS NULL AND beside <> {_BESIDE}")

    async def find_open(self, name: str, *, station: str = "") -> list[tuple[VillageId, StationId, str]]:
        """Return (id, station, shown name) of the open villages of this name.

        With or without 村 at its end; of one station if it is named.
        """
        rows = await self._transaction.fetch_all(
            f"SELECT v.id, v.station_id, {SHOWN_NAME} AS shown FROM villages v JOIN stations s ON s.id = v.station_id"
            " WHERE v.closed_at IS NULL AND v.name IN (?1, ?2) AND (s.name = ?3 OR ?3 = '') ORDER BY v.id",
            (name, f"{name}村", station),
        )
        return [(VillageId(row["id"]), StationId(row["station_id"]), row["shown"]) for row in rows]

    async def list_remains(self, village_id: VillageId) -> dict[str, int]:
        """Return how many open things of each kind a village has; nothing of what it has none of."""
        found: dict[str, int] = {}
        for what, sql in (*OF_THE_DIRECTORY.items(), *self._places.open.items()):
            row = await self._transaction.fetch_one(sql, (village_id,))
            if row is not None and row["n"]:
                found[what] = row["n"]
        return found

    async def move_into(self, village_id: VillageId, *, into: VillageId) -> None:
        """Move residents, groups and the features' open things of a village into another."""
        for table in ("people", "groups"):
            await self._transaction.execute(f"UPDATE {table} SET village_id = ? WHERE village_id = ?", (into, village_id))
        for statement in self._places.moves:
            await self._transaction.execute(statement, (into, village_id))

    async def lead_anew(self, village_id: VillageId) -> list[int]:
        """Take a village's posts out of the hand-overs that wait.

        Returns the appointments that lead what is left. The posts of one hand-over are decided with the first of them. When that one ends,
        the next takes its place.
        """
        heads = await self._transaction.fetch_all(
            "SELECT a.id AS id, (SELECT MIN(o.id) FROM appointments o WHERE o.with_id = a.id AND o.state = 'waiting' AND o.village_id IS DISTINCT FROM ?1)"
            " AS heir FROM appointments a WHERE a.village_id = ?1 AND a.state = 'waiting' AND a.with_id IS NULL ORDER BY a.id",
            (village_id,),
        )
        found = [(int(row["id"]), int(row["heir"])) for row in heads if row["heir"] is not None]
        for head, heir in found:
            await self._transaction.execute("UPDATE appointments SET with_id = ?2 WHERE with_id = ?1 AND id <> ?2", (head, heir))
            await self._transaction.execute("UPDATE appointments SET with_id = NULL WHERE id = ?", (heir,))
        sql = "UPDATE appointments SET with_id = NULL WHERE village_id = ? AND state = 'waiting' AND with_id IS NOT NULL"
        await self._transaction.execute(sql, (village_id,))
        return [heir for _, heir in found]

    async def close(self, village_id: VillageId, *, at: datetime) -> list[PersonId]:
        """Close a village, end its posts and withdraw its invitations.

        Returns the people whose posts ended.
        """
        rows = await self._transaction.fetch_all(
            "UPDATE posts SET until_at = ? WHERE village_id = ? AND until_at IS NULL RETURNING person_id", (to_us(at), village_id)
        )
        for sql in (
            "UPDATE invitations SET revoked_at = ?1 WHERE (village_id = ?2 OR id IN (SELECT invitation_id FROM invitation_posts WHERE village_id = ?2))"
            " AND used_at IS NULL AND revoked_at IS NULL",
            "UPDATE appointments SET decided_at = ?, state = 'refused', version = version + 1 WHERE village_id = ? AND state = 'waiting'",
            "UPDATE villages SET closed_at = ?, beside = '' WHERE id = ? AND closed_at IS NULL",
        ):
            await self._transaction.execute(sql, (to_us(at), village_id))
        await self.name_again()
        return sorted({PersonId(row["person_id"]) for row in rows})
