"""Single values: facts by name, counters, and leases with fences.

Invariant: a counter never gives a number twice; its step and the numbered row commit together; a fence only grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine.database import Transaction


#: The counter with how many numbers restores skipped: a counter without a row begins behind them (deploy/restore.sh).
SKIPPED = "skipped"


class Facts:
    """Single values: `find`/`put` a fact, `next_number`, `take_lease`/`drop_lease`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, name: str) -> str | None:
        """Return a fact's value or None."""
        row = await self._transaction.fetch_one("SELECT value FROM facts WHERE name = ?", (name,))
        return None if row is None else str(row["value"])

    async def put(self, name: str, value: str) -> None:
        """Write a fact."""
        sql = "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        await self._transaction.execute(sql, (name, value))

    async def next_number(self, name: str, *, start: int = 1) -> int:
        """Return the next number of a counter.

        The first one is `start`, or as far behind it as restores skipped.
        """
        row = await self._transaction.fetch_one(
            "INSERT INTO counters (name, value) VALUES (?, ? + COALESCE((SELECT value FROM counters WHERE name = ?), 0))"
            " ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value",
            (name, start, SKIPPED),
        )
        assert row is not None
        return int(row["value"])

    async def take_lease(self, name: str, owner: str, *, at: datetime, until: datetime) -> int | None:
        """Take or renew a lease; return its fence, or None while another owner holds it."""
        row = await self._transaction.fetch_one(
            "INSERT INTO leases (name, owner, fence, until_at) VALUES (?, ?, 1, ?) ON CONFLICT (name) DO UPDATE SET"
            " fence = leases.fence + CASE WHEN leases.owner = excluded.owner THEN 0 ELSE 1 END,"
            " owner = excluded.owner, until_at = excluded.until_at WHERE leases.owner = excluded.owner OR leases.until_at <= ?"
            " RETURNING fence",
            (name, owner, to_us(until), to_us(at)),
        )
        return None if row is None else int(row["fence"])

    async def drop_lease(self, name: str, owner: str, *, at: datetime) -> None:
        """Give a lease back; its fence stays."""
        await self._transaction.execute("UPDATE leases SET until_at = ? WHERE name = ? AND owner = ?", (to_us(at), name, owner))
