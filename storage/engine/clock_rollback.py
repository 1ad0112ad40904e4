"""Clock rollback: rows that were due stay due after the clock was set back.

Knows when pending updates and messages may be sent; must not know why the clock was wrong. Timers and schedules are left alone, because
they wait for an instant that people agreed on. Invariant: nothing is made later, and nothing that has ended moves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine.database import Transaction

#: A failed row waits at most this long for its next attempt; a later instant was meant for people.
LONGEST_RETRY = timedelta(minutes=5)


async def make_due_now(transaction: Transaction, *, was: datetime, at: datetime) -> int:
    """Make rows due now that were due, or waited for a retry, when the clock showed `was`.

    Returns how many rows.
    """
    now, due, soon = to_us(at), to_us(was), to_us(was + LONGEST_RETRY)
    moved = 0
    for table in ("inbox", "outbox"):
        moved += await transaction.execute(
            f"UPDATE {table} SET not_before = ?1 WHERE state = 'waiting' AND not_before > ?1"
            " AND (not_before <= ?2 OR (attempts > 0 AND not_before <= ?3))",
            (now, due, soon),
        )
    return moved
