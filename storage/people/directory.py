"""The directory as people read it: the roster in the chat, suspension and leave.

Knows SQL and no rule. Invariant: lists are scoped in SQL by the reader's `ReadScope`; an empty scope lists nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.core.change import Address, PersonId, StationId, VillageId
from domain.people.people import Leave, Post, ReadScope, Role
from storage.core.village_names import SHOWN_NAME
from storage.people.posts_now import HELD, LENDS, STANDS_IN
from storage.values import from_us, marks, to_us

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from storage.engine.database import Row, Transaction

#: Small enough for every engine's limit of parameters; a county has fewer.
MOST = 2000
HOLDERS = (
    "SELECT posts.role, posts.station_id, posts.village_id, p.id, p.name, p.phone, p.suspended_at,"
    f" COALESCE({SHOWN_NAME}, '') AS village,"
    " (SELECT COUNT(*) FROM addresses a WHERE a.person_id = p.id AND a.unreachable_at IS NULL) AS chats,"
    " (SELECT COUNT(*) FROM addresses a WHERE a.person_id = p.id AND a.used_at IS NOT NULL) AS used,"
    f" (SELECT MAX(l.deputy_id) FROM leaves l WHERE {STANDS_IN.format(at='?')}) AS deputy"
    " FROM posts JOIN people p ON p.id = posts.person_id LEFT JOIN villages v ON v.id = posts.village_id"
    f" WHERE {HELD.format(at='?')}"
)
_INSTANTS = HOLDERS.count("?")


@dataclass(frozen=True, slots=True)
class Holder:
    """A person in a post.

    `online`: has a reachable chat; `used`: has written from one of their chats at least once; `deputy_id`: the present deputy.
    """

    person_id: PersonId
    name: str
    phone: str
    post: Post
    village: str
    online: bool
    used: bool
    suspended: bool
    deputy_id: PersonId | None


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """A stored leave."""

    id: int
    leave: Leave


class Directory:
    """Queries of the directory within a scope.

    `holders(sight)`, `search`, `count_groups`, `posts_held`; `suspend`, `suspension`, `restore`; `add_leave`, `list_leaves`, `find_leave`, `cancel_leave`,
    `leaves_of_station`, `end_leaves`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def holders(
        self, sight: ReadScope, *, at: datetime, village_id: VillageId | None = None, person_id: PersonId | None = None
    ) -> list[Holder]:
        """Return the holders of posts within a scope, by village and age of the post.

        Of one village or person if given.
        """
        where, params = _within(sight)
        moments = (to_us(at),) * _INSTANTS
        sql = f"{HOLDERS} AND ({where})"
        if village_id is not None:
            sql, params = f"{sql} AND posts.village_id = ?", (*params, village_id)
        if person_id is not None:
            sql, params = f"{sql} AND posts.person_id = ?", (*params, person_id)
        rows = await self._transaction.fetch_all(
            f"{sql} ORDER BY posts.village_id IS NULL, posts.village_id, posts.id", (*moments, *params)
        )
        return [_holder(row) for row in rows]

    async def list_all(self, *, at: datetime) -> list[Holder]:
        """Return the holders of all posts, for the operator."""
        rows = await self._transaction.fetch_all(
            f"{HOLDERS} ORDER BY posts.village_id IS NULL, posts.village_id, posts.id", (to_us(at),) * _INSTANTS
        )
        return [_holder(row) for row in rows]

    async def search(
        self, words: str, *, stations: Sequence[StationId], villages: Sequence[VillageId], at: datetime, limit: int = 12
    ) -> list[PersonId]:
        """Return people of these villages and stations (by home or post) whose name holds `words`."""
        pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        homes, places = marks(villages), marks(stations)
        rows = await self._transaction.fetch_all(
            "SELECT DISTINCT p.id FROM people p LEFT JOIN posts ON posts.person_id = p.id AND (posts.until_at IS NULL OR posts.until_at > ?)"
            f" LEFT JOIN villages v ON v.id = p.village_id WHERE p.name LIKE ? ESCAPE '\\' AND p.suspended_at IS NULL AND p.forgotten_at IS NULL"
            f" AND (p.village_id IN ({homes}) OR posts.village_id IN ({homes}) OR posts.station_id IN ({places}) OR v.station_id IN ({places}))"
            " ORDER BY p.id LIMIT ?",
            (to_us(at), pattern, *villages, *villages, *stations, *stations, limit),
        )
        return [PersonId(row["id"]) for row in rows]

    async def count_groups(self, village_ids: Sequence[VillageId]) -> int:
        """Return how many groups are bound to these villages."""
        groups = await self._transaction.fetch_one(
            f"SELECT COUNT(*) AS n FROM groups WHERE village_id IN ({marks(village_ids)}) AND left_at IS NULL", tuple(village_ids)
        )
        return int(groups["n"]) if groups else 0

    async def suspend(self, person_id: PersonId, *, at: datetime, by: Post | None = None) -> bool:
        """Suspend a person from the next update on; False when they are suspended already.

        `by`: the post whose rank suspends them; None for the operator of the machine.
        """
        sql = (
            "UPDATE people SET suspended_at = ?, suspended_rank = ?, suspended_station = ?, version = version + 1"
            " WHERE id = ? AND suspended_at IS NULL"
        )
        rank, station_id = (str(by.role), by.station_id) if by else ("", None)
        return await self._transaction.execute(sql, (to_us(at), rank, station_id, person_id)) == 1

    async def suspension(self, person_id: PersonId) -> tuple[Role, StationId] | None:
        """Return the rank and station that suspended a person; None when nobody of a station did."""
        row = await self._transaction.fetch_one(
            "SELECT suspended_rank, suspended_station FROM people WHERE id = ? AND suspended_at IS NOT NULL AND suspended_station IS NOT NULL",
            (person_id,),
        )
        return None if row is None else (Role(row["suspended_rank"]), StationId(row["suspended_station"]))

    async def restore(self, person_id: PersonId) -> bool:
        """End a suspension; False when there is none."""
        sql = (
            "UPDATE people SET suspended_at = NULL, suspended_rank = '', suspended_station = NULL, version = version + 1"
            " WHERE id = ? AND suspended_at IS NOT NULL"
        )
        return await self._transaction.execute(sql, (person_id,)) == 1

    async def posts_around(self, person_ids: Collection[PersonId], *, at: datetime) -> list[tuple[PersonId, Post]]:
        """Return the own posts that these people hold, or held until this instant."""
        rows = await self._transaction.fetch_all(
            "SELECT person_id, role, station_id, village_id FROM posts"
            f" WHERE person_id IN ({marks(person_ids)}) AND (until_at IS NULL OR until_at >= ?) ORDER BY id",
            (*sorted(person_ids), to_us(at)),
        )
        return [
            (
                PersonId(row["person_id"]),
                Post(Role(row["role"]), StationId(row["station_id"]), None if row["village_id"] is None else VillageId(row["village_id"])),
            )
            for row in rows
        ]

    async def holder_at(self, address: Address, *, at: datetime) -> PersonId | None:
        """Return the person with this address, if they hold a post; else None."""
        row = await self._transaction.fetch_one(
            "SELECT a.person_id FROM addresses a WHERE a.channel = ?1 AND a.user_id = ?2"
            " AND EXISTS (SELECT 1 FROM posts WHERE posts.person_id = a.person_id AND (posts.until_at IS NULL OR posts.until_at > ?3))",
            (address.channel, address.chat_id, to_us(at)),
        )
        return None if row is None else PersonId(row["person_id"])

    async def posts_held(self, person_id: PersonId, *, since: datetime, at: datetime) -> tuple[Post, ...]:
        """Return the own posts that a person held at an earlier instant and still holds."""
        rows = await self._transaction.fetch_all(
            f"SELECT role, station_id, village_id FROM posts WHERE person_id = ? AND since_at <= ? AND {HELD.format(at='?')} ORDER BY id",
            (person_id, to_us(since), to_us(at)),
        )
        return tuple(_post(row) for row in rows)

    # Leave --------------------------------------------------------------------------------------------------------------

    async def add_leave(self, leave: Leave, *, at: datetime) -> int:
        """Store a leave; return its id.

        It lends the posts that the person holds now, and no later ones.
        """
        row = await self._transaction.fetch_one(
            "INSERT INTO leaves (person_id, deputy_id, from_at, until_at, taken_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (leave.person_id, leave.deputy_id, to_us(leave.from_at), to_us(leave.until_at), to_us(at)),
        )
        assert row is not None
        return int(row["id"])

    async def list_leaves(self, person_id: PersonId, *, at: datetime) -> list[LeaveRow]:
        """Return a person's present and coming leaves, earliest first."""
        rows = await self._transaction.fetch_all(
            "SELECT * FROM leaves WHERE person_id = ? AND cancelled_at IS NULL AND until_at > ? ORDER BY from_at", (person_id, to_us(at))
        )
        return [_leave(row) for row in rows]

    async def leaves_around(self, person_id: PersonId, *, at: datetime) -> list[LeaveRow]:
        """Return the present and coming leaves with a person in them, either way.

        Leaves that ended at this very instant are included.
        """
        rows = await self._transaction.fetch_all(
            "SELECT * FROM leaves WHERE (person_id = ?1 OR deputy_id = ?1) AND until_at >= ?2"
            " AND (cancelled_at IS NULL OR cancelled_at >= ?2) ORDER BY from_at",
            (person_id, to_us(at)),
        )
        return [_leave(row) for row in rows]

    async def leaves_of_station(self, station_id: StationId, *, from_at: datetime, until_at: datetime) -> list[Leave]:
        """Return the leaves of people in office in a station that overlap with a span."""
        rows = await self._transaction.fetch_all(
            "SELECT l.* FROM leaves l WHERE l.cancelled_at IS NULL AND l.from_at < ? AND l.until_at > ?"
            " AND EXISTS (SELECT 1 FROM posts WHERE posts.person_id = l.person_id AND posts.station_id = ?) ORDER BY l.id",
            (to_us(until_at), to_us(from_at), station_id),
        )
        return [_leave(row).leave for row in rows]

    async def find_leave(self, leave_id: int) -> LeaveRow | None:
        """Return a leave that is not cancelled; the caller checks whose it is."""
        row = await self._transaction.fetch_one("SELECT * FROM leaves WHERE id = ? AND cancelled_at IS NULL", (leave_id,))
        return None if row is None else _leave(row)

    async def cancel_leave(self, leave_id: int, *, at: datetime) -> bool:
        """Cancel a leave; False when it is cancelled already."""
        sql = "UPDATE leaves SET cancelled_at = ? WHERE id = ? AND cancelled_at IS NULL"
        return await self._transaction.execute(sql, (to_us(at), leave_id)) == 1

    async def end_leaves(self, person_id: PersonId, *, at: datetime) -> list[LeaveRow]:
        """Cancel a person's present and coming leaves that lend nothing any more; return them.

        These are the leaves that the person takes, or in which they are the deputy.
        """
        rows = await self._transaction.fetch_all(
            "UPDATE leaves AS l SET cancelled_at = ?1 WHERE (l.person_id = ?2 OR l.deputy_id = ?2) AND l.cancelled_at IS NULL AND l.until_at > ?1"
            f" AND NOT EXISTS (SELECT 1 FROM posts WHERE {HELD.format(at='?1')} AND {LENDS.format(at='?1')}) RETURNING *",
            (to_us(at), person_id),
        )
        return [_leave(row) for row in sorted(rows, key=lambda row: row["id"])]

    async def is_away(self, person_id: PersonId, *, from_at: datetime, until_at: datetime) -> bool:
        """Tell whether a person has a leave that overlaps with a span."""
        return person_id in await self.list_away((person_id,), from_at=from_at, until_at=until_at)

    async def list_away(self, person_ids: Collection[PersonId], *, from_at: datetime, until_at: datetime) -> set[PersonId]:
        """Return those of these people who have a leave that overlaps with a span."""
        rows = await self._transaction.fetch_all(
            f"SELECT person_id FROM leaves WHERE person_id IN ({marks(person_ids)}) AND cancelled_at IS NULL AND from_at < ? AND until_at > ?",
            (*person_ids, to_us(until_at), to_us(from_at)),
        )
        return {PersonId(row["person_id"]) for row in rows}


def _within(sight: ReadScope) -> tuple[str, tuple[int, ...]]:
    villages, stations, desks = (sorted(ids)[:MOST] for ids in (sight.villages, sight.stations, sight.desks))
    where = (
        f"posts.village_id IN ({marks(villages)}) OR posts.station_id IN ({marks(stations)})"
        f" OR (posts.village_id IS NULL AND posts.station_id IN ({marks(desks)}))"
    )
    return where, (*villages, *stations, *desks)


def _holder(row: Row) -> Holder:
    return Holder(
        person_id=PersonId(row["id"]),
        name=row["name"],
        phone=row["phone"],
        post=_post(row),
        village=row["village"],
        online=row["chats"] > 0,
        used=row["used"] > 0,
        suspended=row["suspended_at"] is not None,
        deputy_id=None if row["deputy"] is None else PersonId(row["deputy"]),
    )


def _post(row: Row) -> Post:
    return Post(Role(row["role"]), StationId(row["station_id"]), None if row["village_id"] is None else VillageId(row["village_id"]))


def _leave(row: Row) -> LeaveRow:
    leave = Leave(PersonId(row["person_id"]), PersonId(row["deputy_id"]), from_us(row["from_at"]), from_us(row["until_at"]))
    return LeaveRow(row["id"], leave)
