"""Workers on this database, and the lease of their leader.

Knows rows and numbers, no clock: a heartbeat is a number that its owner raises; a watcher decides by its own clock when the number no
longer changes. Invariant: the fence grows with every change of leader, so writes of an earlier leader are distinguishable from those of the
present one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine.database import Transaction

LEADER = "leader"


@dataclass(frozen=True, slots=True)
class LeaderLease:
    """The leader as last written; `owner` is empty after a leader that released the lease."""

    owner: str
    fence: int
    beat: int


class Workers:
    """Heartbeats of workers and the leader's lease.

    `heartbeat`, `list_beats`, `reap` for workers; `find_lead`, `renew_lease`, `acquire_lease`, `release_leadership` for the leader.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def heartbeat(self, worker: str, *, at: datetime) -> None:
        """Record that a worker is alive; `at` is noted the first time."""
        await self._transaction.execute(
            "INSERT INTO workers (id, beat, since_at) VALUES (?, 1, ?) ON CONFLICT (id) DO UPDATE SET beat = workers.beat + 1",
            (worker, to_us(at)),
        )

    async def list_beats(self) -> dict[str, int]:
        """Return each worker's heartbeat number."""
        return {row["id"]: row["beat"] for row in await self._transaction.fetch_all("SELECT id, beat FROM workers")}

    async def reap(self, worker: str) -> int:
        """Delete a worker and release its updates; return how many.

        A worker that was only slow finds them claimed by others.
        """
        await self._transaction.execute("DELETE FROM workers WHERE id = ?", (worker,))
        return await self._transaction.execute("UPDATE inbox SET owner = '' WHERE owner = ? AND state = 'waiting'", (worker,))

    async def bury_unknown(self) -> int:
        """Release the updates of workers that no longer exist; return how many."""
        return await self._transaction.execute(
            "UPDATE inbox SET owner = '' WHERE owner <> '' AND state = 'waiting' AND owner NOT IN (SELECT id FROM workers)"
        )

    async def find_lead(self) -> LeaderLease:
        """Return the leader; at the start nobody, at fence 0."""
        row = await self._transaction.fetch_one("SELECT owner, fence, beat FROM leaders WHERE name = ?", (LEADER,))
        return LeaderLease("", 0, 0) if row is None else LeaderLease(row["owner"], row["fence"], row["beat"])

    async def renew_lease(self, lead: LeaderLease) -> bool:
        """Keep the lead for one more heartbeat; False when another worker has it by now."""
        sql = "UPDATE leaders SET beat = beat + 1 WHERE name = ? AND owner = ? AND fence = ?"
        return await self._transaction.execute(sql, (LEADER, lead.owner, lead.fence)) == 1

    async def acquire_lease(self, worker: str, *, seen: LeaderLease) -> LeaderLease | None:
        """Acquire the lead if it is still as it was seen; None when another worker was faster."""
        await self._transaction.execute(
            "INSERT INTO leaders (name, owner, fence, beat) VALUES (?, '', 0, 0) ON CONFLICT (name) DO NOTHING", (LEADER,)
        )
        sql = "UPDATE leaders SET owner = ?, fence = fence + 1, beat = beat + 1 WHERE name = ? AND owner = ? AND fence = ? AND beat = ?"
        taken = await self._transaction.execute(sql, (worker, LEADER, seen.owner, seen.fence, seen.beat))
        return LeaderLease(worker, seen.fence + 1, seen.beat + 1) if taken else None

    async def release_leadership(self, lead: LeaderLease) -> None:
        """Release the lead, so that nobody has to wait."""
        await self._transaction.execute(
            "UPDATE leaders SET owner = '' WHERE name = ? AND owner = ? AND fence = ?", (LEADER, lead.owner, lead.fence)
        )
