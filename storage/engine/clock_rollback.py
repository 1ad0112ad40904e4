"""A clock that was set back must not make what was already due wait a second time.

Knows when waiting updates and messages may leave; must not know why the clock was wrong. What waits for an instant of people (timers,
schedules) is left alone: it is due when that instant really comes. Invariant: nothing is made later, and nothing that has ended moves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storage.values import to_us

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine.database import Transaction

#: What failed waits at most this long for its next try; an instant beyond it was meant for people.
LONGEST_RETRY = timedelta(minutes=5)


async def make_due_now(transaction: Transaction, *, was: datetime, at: datetime) -> int:
    """Make due now what was due, or waited for its next try, when the clock still showed `was`; return how many rows."""
    now, due, soon = to_us(at), to_us(was), to_us(was + LONGEST_RETRY)
    moved = 0
    for table in ("inbox", "outbox"):
        moved += await transaction.execute(
            f"UPDATE {table} SET not_before = ?1 WHERE state = 'waiting' AND not_before > ?1"
            " AND (not_before <= ?2 OR (attempts > 0 AND not_before <= ?3))",
            (now, due, soon),
        )
    return moved
