"""Changes of a roster that wait for a leader: new posts from chair upward, and moved chats.

Knows SQL and no rule. Invariants: a station has at most one request that waits; it counts until its expiry; its items, which name people,
are deleted when it is decided or has expired.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Address, ChatId, NotFound, PersonId, StationId, VillageId
from domain.people.people import Role
from domain.people.roster_requests import ImportRequest, Item
from storage.engine.database import Conflict
from storage.values import from_us, marks, to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.people.people import Person
    from storage.engine.database import Row, Transaction


class ImportRequests:
    """Requests of imports.

    `add`, `withdraw`, `find_waiting`, `find_post_for`, `give_to`, `visible_to`, `record`, `purge`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, station_id: StationId, items: Sequence[Item], *, at: datetime, expires_at: datetime) -> ImportRequest:
        """Store a request in place of the one that waits; return it."""
        await self.withdraw(station_id, at=at)
        row = await self._transaction.fetch_one(
            "INSERT INTO import_requests (station_id, made_at, expires_at) VALUES (?, ?, ?) RETURNING *",
            (station_id, to_us(at), to_us(expires_at)),
        )
        assert row is not None
        for place, item in enumerate(items):
            await self._transaction.execute(
                "INSERT INTO import_items (request_id, place, person_id, role, village_id, channel, user_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    row["id"],
                    place,
                    item.person_id,
                    item.role or "",
                    item.village_id,
                    item.account.channel if item.account else "",
                    item.account.chat_id if item.account else None,
                ),
            )
        return await self._request(row)

    async def withdraw(self, station_id: StationId, *, at: datetime) -> None:
        """End the request of a station that waits: another import has come."""
        await self._transaction.execute(
            "UPDATE import_requests SET state = 'replaced', decided_at = ?, version = version + 1 WHERE station_id = ? AND state = 'waiting'",
            (to_us(at), station_id),
        )
        await self._transaction.execute(
            "DELETE FROM import_items WHERE request_id IN (SELECT id FROM import_requests WHERE station_id = ? AND state = 'replaced')",
            (station_id,),
        )

    async def find_waiting(self, station_id: StationId, *, at: datetime) -> ImportRequest | None:
        """Return the request of a station that waits, or None."""
        row = await self._transaction.fetch_one(
            "SELECT * FROM import_requests WHERE station_id = ? AND state = 'waiting' AND expires_at > ? ORDER BY id DESC LIMIT 1",
            (station_id, to_us(at)),
        )
        return None if row is None else await self._request(row)

    async def find_post_for(self, person_id: PersonId, *, at: datetime) -> Item | None:
        """Return a post that waits for a leader to give it to a person, or None."""
        row = await self._transaction.fetch_one(
            "SELECT i.* FROM import_items i JOIN import_requests r ON r.id = i.request_id"
            " WHERE i.person_id = ? AND i.role <> '' AND r.state = 'waiting' AND r.expires_at > ? ORDER BY i.place LIMIT 1",
            (person_id, to_us(at)),
        )
        return None if row is None else _item(row)

    async def give_to(self, person_id: PersonId, *, in_place_of: PersonId) -> list[ImportRequest]:
        """Let waiting posts go to somebody who redeemed the code of the person in the roster.

        Return the requests that wait and name somebody else now; their version is another one.
        """
        await self._transaction.execute("UPDATE import_items SET person_id = ? WHERE person_id = ?", (person_id, in_place_of))
        rows = await self._transaction.fetch_all(
            "UPDATE import_requests SET version = version + 1"
            " WHERE state = 'waiting' AND id IN (SELECT request_id FROM import_items WHERE person_id = ?) RETURNING *",
            (person_id,),
        )
        return [await self._request(row) for row in rows]

    async def visible_to(self, actor: Person, number: int) -> ImportRequest:
        """Return a request of a station that the actor leads.

        Raises:
            NotFound: absent, or another station's.
        """
        stations = sorted(actor.stations(Role.LEADER))
        row = None
        if stations and not actor.suspended:
            row = await self._transaction.fetch_one(
                f"SELECT * FROM import_requests WHERE id = ? AND station_id IN ({marks(stations)})", (number, *stations)
            )
        if row is None:
            raise NotFound(number)
        return await self._request(row)

    async def record(self, request: ImportRequest, *, by: PersonId | None, at: datetime) -> None:
        """Write a decision, and delete the items.

        Raises:
            Conflict: somebody else decided first.
        """
        sql = "UPDATE import_requests SET state = ?, decided_by = ?, decided_at = ?, version = version + 1 WHERE id = ? AND version = ?"
        if await self._transaction.execute(sql, (request.state, by, to_us(at), request.id, request.version)) != 1:
            raise Conflict(f"import {request.id}")
        await self._transaction.execute("DELETE FROM import_items WHERE request_id = ?", (request.id,))

    async def purge(self, *, at: datetime) -> int:
        """Delete the items of requests that have expired; return how many."""
        return await self._transaction.execute(
            "DELETE FROM import_items WHERE request_id IN (SELECT id FROM import_requests WHERE expires_at <= ?)", (to_us(at),)
        )

    async def _request(self, row: Row) -> ImportRequest:
        items = await self._transaction.fetch_all("SELECT * FROM import_items WHERE request_id = ? ORDER BY place", (row["id"],))
        return ImportRequest(
            id=row["id"],
            station_id=StationId(row["station_id"]),
            made_at=from_us(row["made_at"]),
            expires_at=from_us(row["expires_at"]),
            items=tuple(map(_item, items)),
            state=row["state"],
            version=row["version"],
        )


def _item(row: Row) -> Item:
    return Item(
        PersonId(row["person_id"]),
        Role(row["role"]) if row["role"] else None,
        None if row["village_id"] is None else VillageId(row["village_id"]),
        None if row["user_id"] is None else Address(row["channel"], ChatId(row["user_id"])),
    )
