"""Raw updates: kept before they are confirmed, handled once.

Knows the row's life: waiting → done | parked | quarantined. Invariant: an update is told from another by its exact `update_id` and by
its effect (the message or press it carries); the payload is deleted with the commit that handles it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.change import ChatId
from storage.values import to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Raw:
    """An update as received. `effect`: what must not happen twice; `lane`: 0 for emergencies, 1 for the rest."""

    channel: str
    update_id: int
    effect: str
    chat_id: ChatId
    user_id: int
    lane: int
    payload: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A kept update that waits to be handled."""

    id: int
    channel: str
    update_id: int
    chat_id: ChatId
    user_id: int
    payload: str
    attempts: int


class Inbox:
    """`keep(raws)`, `list_waiting`, `finish`, `postpone`, `park`, `purge`, `ages`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def keep(self, raws: Sequence[Raw], *, at: datetime) -> int:
        """Keep updates that are not here yet; return how many were new."""
        new = 0
        for raw in raws:
            new += await self._transaction.execute(
                "INSERT INTO inbox (channel, update_id, effect, chat_id, user_id, lane, payload, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (raw.channel, raw.update_id, raw.effect, raw.chat_id, raw.user_id, raw.lane, raw.payload, to_us(at)),
            )
        return new

    async def list_waiting(self, *, limit: int, at: datetime) -> list[Waiting]:
        """Return what may be handled now, emergencies first, then oldest first; a chat whose oldest row must wait, waits whole."""
        moment = to_us(at)
        rows = await self._transaction.fetch_all(
            "SELECT id, channel, update_id, chat_id, user_id, payload, attempts, not_before FROM inbox WHERE state = 'waiting' ORDER BY lane, id LIMIT ?",
            (limit,),
        )
        held = {(row["channel"], row["chat_id"]) for row in rows if row["not_before"] > moment}
        return [
            Waiting(
                row["id"],
                row["channel"],
                row["update_id"],
                ChatId(row["chat_id"]),
                row["user_id"],
                row["payload"],
                row["attempts"],
            )
            for row in rows
            if (row["channel"], row["chat_id"]) not in held
        ]

    async def finish(self, inbox_id: int, *, at: datetime) -> bool:
        """Mark done and delete the payload; False when somebody else already did."""
        sql = "UPDATE inbox SET state = 'done', done_at = ?, payload = '', fault = '' WHERE id = ? AND state = 'waiting'"
        return await self._transaction.execute(sql, (to_us(at), inbox_id)) == 1

    async def postpone(self, inbox_id: int, *, until: datetime, fault: str) -> None:
        """Count a failed try and wait."""
        sql = "UPDATE inbox SET attempts = attempts + 1, not_before = ?, fault = ? WHERE id = ? AND state = 'waiting'"
        await self._transaction.execute(sql, (to_us(until), fault, inbox_id))

    async def park(self, inbox_id: int, *, state: str, incident: str, fault: str, at: datetime) -> None:
        """Set aside for a human: `parked` (we failed) or `quarantined` (it cannot be read). The payload stays."""
        sql = "UPDATE inbox SET state = ?, incident = ?, fault = ?, done_at = ? WHERE id = ? AND state = 'waiting'"
        await self._transaction.execute(sql, (state, incident, fault, to_us(at), inbox_id))

    async def purge(self, *, at: datetime, keep: timedelta) -> int:
        """Delete rows that were done longer ago than `keep` (at least 48 h, so that late repeats are still told)."""
        return await self._transaction.execute("DELETE FROM inbox WHERE state = 'done' AND done_at < ?", (to_us(at - keep),))

    async def count(self) -> dict[str, int]:
        """Return the number of rows that are not done, by state, and `oldest_at` (microseconds, 0 if none waits)."""
        rows = await self._transaction.fetch_all("SELECT state, COUNT(*) AS n FROM inbox WHERE state <> 'done' GROUP BY state")
        oldest = await self._transaction.fetch_one("SELECT MIN(received_at) AS at FROM inbox WHERE state = 'waiting'")
        return {row["state"]: row["n"] for row in rows} | {"oldest_at": (oldest["at"] if oldest else 0) or 0}
