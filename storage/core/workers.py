"""Who is at work on this database, and which of them leads.

Knows rows and numbers, no clock: a beat is a number that its owner raises, and whoever watches it stand still decides by a clock of its own.
Invariant: the fence grows with every change of leader, so what an earlier leader still does can be told from what the present one does.
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
    """Who leads, as last written. `owner` is empty after a leader that stepped down."""

    owner: str
    fence: int
    beat: int


class Workers:
    """`beat`, `list_beats`, `bury` a worker; `find_lead`, `hold`, `seize`, `step_down` the lead."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def heartbeat(self, worker: str, *, at: datetime) -> None:
        """Say that a worker is alive; `at` is noted the first time."""
        await self._transaction.execute(
            "INSERT INTO workers (id, beat, since_at) VALUES (?, 1, ?) ON CONFLICT (id) DO UPDATE SET beat = workers.beat + 1",
            (worker, to_us(at)),
        )

    async def list_beats(self) -> dict[str, int]:
        """Return each worker's beat."""
        return {row["id"]: row["beat"] for row in await self._transaction.fetch_all("SELECT id, beat FROM workers")}

    async def reap(self, worker: str) -> int:
        """Forget a worker and let others take what it had in hand; return how many updates. One that was only slow finds them taken."""
        await self._transaction.execute("DELETE FROM workers WHERE id = ?", (worker,))
        return await self._transaction.execute("UPDATE inbox SET owner = '' WHERE owner = ? AND state = 'waiting'", (worker,))

    async def bury_unknown(self) -> int:
        """Let others take what is in the hand of a worker that nobody knows any more; return how many updates."""
        return await self._transaction.execute(
            "UPDATE inbox SET owner = '' WHERE owner <> '' AND state = 'waiting' AND owner NOT IN (SELECT id FROM workers)"
        )

    async def find_lead(self) -> LeaderLease:
        """Return who leads; nobody, at fence 0, before the first."""
        row = await self._transaction.fetch_one("SELECT owner, fence, beat FROM leaders WHERE name = ?", (LEADER,))
        return LeaderLease("", 0, 0) if row is None else LeaderLease(row["owner"], row["fence"], row["beat"])

    async def renew_lease(self, lead: LeaderLease) -> bool:
        """Keep the lead for one more beat; False when somebody else has it by now."""
        sql = "UPDATE leaders SET beat = beat + 1 WHERE name = ? AND owner = ? AND fence = ?"
        return await self._transaction.execute(sql, (LEADER, lead.owner, lead.fence)) == 1

    async def acquire_lease(self, worker: str, *, seen: LeaderLease) -> LeaderLease | None:
        """Take the lead if it still stands as it was seen; return it, or None when somebody was faster."""
        await self._transaction.execute(
            "INSERT INTO leaders (name, owner, fence, beat) VALUES (?, '', 0, 0) ON CONFLICT (name) DO NOTHING", (LEADER,)
        )
        sql = "UPDATE leaders SET owner = ?, fence = fence + 1, beat = beat + 1 WHERE name = ? AND owner = ? AND fence = ? AND beat = ?"
        taken = await self._transaction.execute(sql, (worker, LEADER, seen.owner, seen.fence, seen.beat))
        return LeaderLease(worker, seen.fence + 1, seen.beat + 1) if taken else None

    async def release_leadership(self, lead: LeaderLease) -> None:
        """Give the lead back, so that nobody has to wait."""
        await self._transaction.execute(
            "UPDATE leaders SET owner = '' WHERE name = ? AND owner = ? AND fence = ?", (LEADER, lead.owner, lead.fence)
        )
