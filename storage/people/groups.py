"""Group chats and the village of each.

Invariant: nothing about a village is sent to a group that is not bound to it; a group that moved keeps its old id as an alias.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.core.change import Address, ChatId, PersonId, Receiver, StationId, VillageId
from storage.values import marks, to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.engine.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class Group:
    """A group chat that the bot is in, or was."""

    address: Address
    title: str
    village_id: VillageId | None
    present: bool
    station_id: StationId | None = None


class Groups:
    """Group chats of one town.

    `find`, `see` (the bot is inside), `leave`, `bind`, `unbind`, `move` (migration), `of_villages`, `with_card`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, address: Address) -> Group | None:
        """Return the group of a chat, following a migration."""
        sql = "SELECT * FROM groups WHERE channel = ? AND chat_id = ?"
        row = await self._transaction.fetch_one(sql, (address.channel, address.chat_id))
        if row is not None and row["moved_to"] is not None:
            row = await self._transaction.fetch_one(sql, (address.channel, row["moved_to"]))
        return None if row is None else _group(row)

    async def see(self, address: Address, title: str) -> None:
        """Record that the bot is in a group, or is back."""
        await self._transaction.execute(
            "INSERT INTO groups (channel, chat_id, title) VALUES (?, ?, ?)"
            " ON CONFLICT (channel, chat_id) DO UPDATE SET title = excluded.title, left_at = NULL",
            (address.channel, address.chat_id, title),
        )

    async def leave(self, address: Address, *, at: datetime) -> None:
        """Record that the bot has left; a binding ends with it."""
        await self._transaction.execute(
            "UPDATE groups SET left_at = ?, village_id = NULL, station_id = NULL WHERE channel = ? AND chat_id = ?",
            (to_us(at), address.channel, address.chat_id),
        )

    async def bind(self, address: Address, village_id: VillageId, *, by: PersonId, at: datetime) -> None:
        """Make a group (and topic) the village's group."""
        await self._transaction.execute(
            "UPDATE groups SET village_id = ?, station_id = NULL, thread_id = ?, bound_by = ?, bound_at = ?, left_at = NULL WHERE channel = ? AND chat_id = ?",
            (village_id, address.thread_id, by, to_us(at), address.channel, address.chat_id),
        )

    async def bind_station(self, address: Address, station_id: StationId, *, by: PersonId, at: datetime) -> None:
        """Make a group (and topic) one of the station's police."""
        await self._transaction.execute(
            "UPDATE groups SET station_id = ?, thread_id = ?, bound_by = ?, bound_at = ?, left_at = NULL WHERE channel = ? AND chat_id = ?",
            (station_id, address.thread_id, by, to_us(at), address.channel, address.chat_id),
        )

    async def of_stations(self, station_ids: Sequence[StationId]) -> list[tuple[StationId, Receiver]]:
        """Return the bound groups of these stations as receivers."""
        rows = await self._transaction.fetch_all(
            f"SELECT * FROM groups WHERE left_at IS NULL AND station_id IN ({marks(station_ids)}) ORDER BY station_id, chat_id",
            tuple(station_ids),
        )
        return [(StationId(row["station_id"]), _receiver(row)) for row in rows]

    async def unbind(self, address: Address) -> None:
        """End the binding of a group that the bot stays in."""
        await self._transaction.execute(
            "UPDATE groups SET village_id = NULL, station_id = NULL, thread_id = 0 WHERE channel = ? AND chat_id = ?",
            (address.channel, address.chat_id),
        )

    async def leave_topic(self, address: Address) -> None:
        """Let the binding and the waiting messages of a topic go to its whole group."""
        topic = (address.channel, address.chat_id, address.thread_id)
        await self._transaction.execute("UPDATE groups SET thread_id = 0 WHERE channel = ? AND chat_id = ? AND thread_id = ?", topic)
        await self._transaction.execute(
            "UPDATE outbox SET thread_id = 0 WHERE channel = ? AND chat_id = ? AND thread_id = ? AND state = 'waiting'", topic
        )

    async def move(self, channel: str, old: ChatId, new: ChatId) -> None:
        """Follow a group to its new id with its binding, cards and pending messages.

        Safe to repeat.
        """
        row = await self._transaction.fetch_one("SELECT * FROM groups WHERE channel = ? AND chat_id = ?", (channel, old))
        if row is not None and row["moved_to"] is None:
            await self._transaction.execute(
                "INSERT INTO groups (channel, chat_id, title, village_id, bound_by, bound_at, station_id) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (channel, chat_id) DO UPDATE SET village_id = COALESCE(groups.village_id, excluded.village_id),"
                " station_id = COALESCE(groups.station_id, excluded.station_id),"
                " bound_by = COALESCE(groups.bound_by, excluded.bound_by), bound_at = COALESCE(groups.bound_at, excluded.bound_at), left_at = NULL",
                (channel, new, row["title"], row["village_id"], row["bound_by"], row["bound_at"], row["station_id"]),
            )
            await self._transaction.execute(
                "UPDATE groups SET moved_to = ?, village_id = NULL, station_id = NULL WHERE channel = ? AND chat_id = ?",
                (new, channel, old),
            )
        await self._transaction.execute("DELETE FROM cards WHERE channel = ? AND chat_id = ?", (channel, old))
        await self._transaction.execute(
            "UPDATE outbox SET chat_id = ? WHERE channel = ? AND chat_id = ? AND state = 'waiting'", (new, channel, old)
        )

    async def of_villages(self, village_ids: Sequence[VillageId]) -> list[tuple[VillageId, Receiver]]:
        """Return the bound groups of these villages as receivers."""
        rows = await self._transaction.fetch_all(
            f"SELECT * FROM groups WHERE left_at IS NULL AND village_id IN ({marks(village_ids)}) ORDER BY village_id, chat_id",
            tuple(village_ids),
        )
        return [(VillageId(row["village_id"]), _receiver(row)) for row in rows]

    async def with_card(self, card: str) -> list[Receiver]:
        """Return the groups that show a card, or will, whatever village they are bound to now."""
        rows = await self._transaction.fetch_all(
            "SELECT g.* FROM groups g WHERE g.left_at IS NULL AND (EXISTS (SELECT 1 FROM cards c WHERE c.card = ?1 AND c.channel = g.channel"
            " AND c.chat_id = g.chat_id) OR EXISTS (SELECT 1 FROM outbox o WHERE o.card = ?1 AND o.card <> '' AND o.state = 'waiting'"
            " AND o.channel = g.channel AND o.chat_id = g.chat_id)) ORDER BY g.channel, g.chat_id",
            (card,),
        )
        return [_receiver(row) for row in rows]


def _receiver(row: Row) -> Receiver:
    address = Address(row["channel"], ChatId(row["chat_id"]), row["thread_id"])
    village_id = None if row["village_id"] is None else VillageId(row["village_id"])
    return Receiver(address, village_id=village_id, role="group", name=row["title"])


def _group(row: Row) -> Group:
    address = Address(row["channel"], ChatId(row["chat_id"]), row["thread_id"])
    village_id = None if row["village_id"] is None else VillageId(row["village_id"])
    station_id = None if row["station_id"] is None else StationId(row["station_id"])
    return Group(address, row["title"], village_id, row["left_at"] is None and row["moved_to"] is None, station_id)
