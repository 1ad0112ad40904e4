"""Places of cases: the only table with coordinates.

Knows SQL and no rule. Invariants: of a case three points are kept at most: the first, the last but one and the newest; every other
column loses coordinates with its message; those of an urgent case are deleted everywhere when its term after the end is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Address, CaseId, ChatId
from domain.core.immutable import immutable
from storage.values import from_json, from_us, from_us_or_none, marks, to_json, to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from domain.core.change import PersonId
    from storage.engine.database import Row, Transaction

MICRO = 1_000_000


@immutable
class Point:
    """A point of a place: degrees, the name of a venue or "", and when it came.

    `message_id` in `address`: the message that showed it, which a live location edits; `sent_at`: when it last went on to the people called.
    """

    case_id: CaseId
    latitude: float
    longitude: float
    name: str
    added_at: datetime
    address: Address | None = None
    message_id: int = 0
    sent_at: datetime | None = None

    @property
    def media(self) -> dict[str, Any]:
        """The point as a message shows it."""
        return {"type": "location", "latitude": self.latitude, "longitude": self.longitude}


class Places:
    """Points of the places of cases."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, point: Point, *, by: PersonId | None) -> None:
        """Add a point to a case as its newest."""
        address = point.address
        await self._transaction.execute(
            "INSERT INTO case_points (case_id, latitude, longitude, name, channel, chat_id, message_id, added_by, added_at, sent_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                point.case_id, round(point.latitude * MICRO), round(point.longitude * MICRO), point.name,
                "" if address is None else address.channel, 0 if address is None else address.chat_id, point.message_id, by,
                to_us(point.added_at), None if point.sent_at is None else to_us(point.sent_at),
            ),
        )  # fmt: skip
        rows = await self._transaction.fetch_all("SELECT id FROM case_points WHERE case_id = ? ORDER BY id", (point.case_id,))
        between = [row["id"] for row in rows][1:-2]
        if between:
            await self._transaction.execute(f"DELETE FROM case_points WHERE id IN ({marks(between)})", between)
        await self._transaction.execute("UPDATE cases SET placed_at = ? WHERE id = ?", (to_us(point.added_at), point.case_id))

    async def of(self, number: CaseId) -> list[Point]:
        """Return the points of a case, oldest first."""
        rows = await self._transaction.fetch_all("SELECT * FROM case_points WHERE case_id = ? ORDER BY id", (number,))
        return [_point(row) for row in rows]

    async def newest(self, number: CaseId) -> Point | None:
        """Return the newest point of a case."""
        found = await self.of(number)
        return found[-1] if found else None

    async def newest_of(self, numbers: Sequence[CaseId]) -> dict[CaseId, Point]:
        """Return the newest point of each of these cases that has one."""
        rows = await self._transaction.fetch_all(f"SELECT * FROM case_points WHERE case_id IN ({marks(numbers)}) ORDER BY id", (*numbers,))
        return {CaseId(row["case_id"]): _point(row) for row in rows}

    async def shown_in(self, address: Address, message_id: int) -> Point | None:
        """Return the newest point that came with a message, which a live location edits."""
        row = await self._transaction.fetch_one(
            "SELECT * FROM case_points WHERE channel = ? AND chat_id = ? AND message_id = ? ORDER BY id DESC LIMIT 1",
            (address.channel, address.chat_id, message_id),
        )
        return None if row is None else _point(row)

    async def sent(self, number: CaseId, *, at: datetime) -> None:
        """Record that the newest point of a case went on."""
        await self._transaction.execute(
            "UPDATE case_points SET sent_at = ? WHERE id = (SELECT MAX(id) FROM case_points WHERE case_id = ?)", (to_us(at), number)
        )

    async def forget(self, number: CaseId) -> None:
        """Delete the coordinates of a case wherever they are.

        Beside the points: waiting and sent messages with them, updates of the reporter that could not be handled, and their unfinished dialog.
        """
        rows = await self._transaction.fetch_all("SELECT channel, chat_id FROM case_points WHERE case_id = ? AND chat_id <> 0", (number,))
        await self._transaction.execute("DELETE FROM case_points WHERE case_id = ?", (number,))
        await self._transaction.execute("UPDATE cases SET placed_at = NULL WHERE id = ?", (number,))
        await self._transaction.execute(
            "UPDATE outbox SET media = '', state = CASE WHEN state = 'waiting' THEN 'superseded' ELSE state END"
            " WHERE subject IN (?, ?) AND media <> '' AND media LIKE '%\"latitude\"%'",
            (f"case:{number}", f"callout:{number}"),
        )
        await self._forget_chats(sorted({(row["channel"], row["chat_id"]) for row in rows}))

    async def purge(self, *, before: datetime, limit: int = 50) -> int:
        """Forget the places of urgent cases that ended before an instant; return of how many.

        Each has a timer for it; this finds those whose timer is not in a restored backup.
        """
        rows = await self._transaction.fetch_all(
            "SELECT c.id AS id FROM cases c WHERE c.placed_at IS NOT NULL AND c.severity = 'pressing' AND c.ended_at < ? ORDER BY c.ended_at LIMIT ?",
            (to_us(before), limit),
        )
        for row in rows:
            await self.forget(CaseId(row["id"]))
        return len(rows)

    async def _forget_chats(self, chats: Sequence[tuple[str, int]]) -> None:
        """Blank the unhandled updates and the unfinished dialogs of these chats that hold a place."""
        for channel, chat_id in chats:
            await self._transaction.execute(
                "UPDATE inbox SET payload = '' WHERE user_id = ? AND channel = ? AND state IN ('parked', 'quarantined')"
                " AND payload LIKE '%\"latitude\"%'",
                (chat_id, channel),
            )
            row = await self._transaction.fetch_one(
                "SELECT answers FROM drafts WHERE channel = ? AND chat_id = ? AND answers LIKE '%\"latitude\"%'", (channel, chat_id)
            )
            if row is not None:
                sql = "UPDATE drafts SET answers = ? WHERE channel = ? AND chat_id = ?"
                await self._transaction.execute(sql, (to_json(_without_places(from_json(row["answers"]))), channel, chat_id))


def _without_places(value: Any) -> Any:
    """Return an answer of a dialog without the coordinates in it."""
    if isinstance(value, dict):
        return {name: _without_places(each) for name, each in value.items() if not (isinstance(each, dict) and "latitude" in each)}
    if isinstance(value, list):
        return [_without_places(each) for each in value if not (isinstance(each, dict) and "latitude" in each)]
    return value


def _point(row: Row) -> Point:
    address = Address(row["channel"], ChatId(row["chat_id"])) if row["channel"] else None
    return Point(
        CaseId(row["case_id"]), row["latitude"] / MICRO, row["longitude"] / MICRO, row["name"], from_us(row["added_at"]), address,
        row["message_id"], from_us_or_none(row["sent_at"]),
    )  # fmt: skip
