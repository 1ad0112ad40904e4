"""Scheduled checks: one-off timers and recurring schedules.

Knows instants and kinds, not their meaning. Invariant: an occurrence happens at most once, and is never forgotten: it ends `done` with its
outcome, `stopped`, or `parked` with its fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.core.change import Timer
from storage.values import from_json, from_us, marks, to_json, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from storage.engine.database import Row, Transaction


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that is due."""

    id: int
    kind: str
    subject: str
    occurrence: str
    due_at: datetime
    data: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """A recurring check: `cron` in the town's time zone.

    `next_at` is not used while `paused`.
    """

    id: int
    kind: str
    station_id: int
    name: str
    cron: str
    data: dict[str, Any]
    paused: bool
    next_at: datetime
    version: int


class Timers:
    """Timers and schedules.

    `start`, `stop(subject, kind)`, `list_due`, `finish`, `postpone`; `…schedule…` for recurring ones.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def start(self, *timers: Timer, at: datetime) -> int:
        """Start timers whose occurrence is not known yet; return how many were new."""
        if not timers:
            return 0
        started_at = to_us(at)
        values = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(timers))
        return await self._transaction.execute(
            f"INSERT INTO timers (kind, subject, occurrence, due_at, data, created_at) VALUES {values} ON CONFLICT (occurrence) DO NOTHING",
            [
                column
                for timer in timers
                for column in (timer.kind, timer.subject, timer.occurrence, to_us(timer.due_at), to_json(timer.data), started_at)
            ],
        )

    async def stop(self, subject: str, kind: str = "", *, at: datetime) -> int:
        """Stop the waiting timers of a subject, all or of one kind; return how many."""
        return await self._transaction.execute(
            "UPDATE timers SET state = 'stopped', done_at = ?1 WHERE subject = ?2 AND state = 'waiting' AND (?3 = '' OR kind = ?3)",
            (to_us(at), subject, kind),
        )

    async def list_due(self, *, at: datetime, limit: int) -> list[Due]:
        """Return waiting timers that are due, earliest first."""
        rows = await self._transaction.fetch_all(
            "SELECT * FROM timers WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, id LIMIT ?",
            (to_us(at), limit),
        )
        return [_due(row) for row in rows]

    async def list_waiting(self, subject: str) -> list[Due]:
        """Return the waiting timers of a subject, earliest first."""
        rows = await self._transaction.fetch_all("SELECT * FROM timers WHERE subject = ? AND state = 'waiting' ORDER BY due_at", (subject,))
        return [_due(row) for row in rows]

    async def finish(self, timer_id: int, *, at: datetime, outcome: str = "") -> bool:
        """Mark done with its outcome; False when somebody else already ended it."""
        sql = "UPDATE timers SET state = 'done', done_at = ?, outcome = ? WHERE id = ? AND state = 'waiting'"
        return await self._transaction.execute(sql, (to_us(at), outcome, timer_id)) == 1

    async def postpone(self, timer_id: int, *, until: datetime, fault: str) -> None:
        """Count a failed attempt and wait."""
        sql = "UPDATE timers SET due_at = ?, attempts = attempts + 1, fault = ? WHERE id = ? AND state = 'waiting'"
        await self._transaction.execute(sql, (to_us(until), fault, timer_id))

    async def dead_letter(self, timer_id: int, *, fault: str, at: datetime) -> bool:
        """Dead-letter a timer for a human; False when it was already ended."""
        sql = "UPDATE timers SET state = 'parked', done_at = ?, fault = ? WHERE id = ? AND state = 'waiting'"
        return await self._transaction.execute(sql, (to_us(at), fault, timer_id)) == 1

    async def count_overdue(self, *, at: datetime) -> int:
        """Return how many waiting timers are past their instant."""
        row = await self._transaction.fetch_one("SELECT COUNT(*) AS n FROM timers WHERE state = 'waiting' AND due_at <= ?", (to_us(at),))
        return int(row["n"]) if row else 0

    # Schedules ----------------------------------------------------------------------------------------------------------

    async def add_schedule(
        self,
        kind: str,
        *,
        station_id: int,
        name: str,
        cron: str,
        data: dict[str, Any],
        next_at: datetime,
        created_by: int | None,
        at: datetime,
    ) -> int:
        """Add a schedule; return its id."""
        row = await self._transaction.fetch_one(
            "INSERT INTO schedules (kind, station_id, name, cron, data, next_at, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (kind, station_id, name, cron, to_json(data), to_us(next_at), created_by, to_us(at)),
        )
        assert row is not None
        return int(row["id"])

    async def list_schedules(self, kind: str, *, station_ids: tuple[int, ...]) -> list[Schedule]:
        """Return the schedules of a kind in these stations."""
        rows = await self._transaction.fetch_all(
            f"SELECT * FROM schedules WHERE kind = ? AND station_id IN ({marks(station_ids)}) ORDER BY id",
            (kind, *station_ids),
        )
        return [_schedule(row) for row in rows]

    async def list_due_schedules(self, *, at: datetime) -> list[Schedule]:
        """Return running schedules with a due occurrence."""
        rows = await self._transaction.fetch_all(
            "SELECT * FROM schedules WHERE paused_at IS NULL AND next_at <= ? ORDER BY next_at", (to_us(at),)
        )
        return [_schedule(row) for row in rows]

    async def find_schedule(self, schedule_id: int) -> Schedule | None:
        """Return a schedule, or None."""
        row = await self._transaction.fetch_one("SELECT * FROM schedules WHERE id = ?", (schedule_id,))
        return None if row is None else _schedule(row)

    async def advance_schedule(self, schedule: Schedule, *, next_at: datetime) -> bool:
        """Move a schedule to its next occurrence; False when somebody else did."""
        sql = "UPDATE schedules SET next_at = ?, version = version + 1 WHERE id = ? AND version = ?"
        return await self._transaction.execute(sql, (to_us(next_at), schedule.id, schedule.version)) == 1

    async def pause_schedule(self, schedule_id: int, *, paused: bool, next_at: datetime, at: datetime) -> None:
        """Pause, or run again from `next_at`."""
        sql = "UPDATE schedules SET paused_at = ?, next_at = ?, version = version + 1 WHERE id = ?"
        await self._transaction.execute(sql, (to_us(at) if paused else None, to_us(next_at), schedule_id))

    async def give_schedule(self, schedule_id: int, *, data: dict[str, Any], created_by: int) -> None:
        """Give a schedule to another author."""
        sql = "UPDATE schedules SET data = ?, created_by = ?, version = version + 1 WHERE id = ?"
        await self._transaction.execute(sql, (to_json(data), created_by, schedule_id))

    async def park_schedule(self, schedule: Schedule, *, at: datetime) -> bool:
        """Pause a failing schedule until a human resumes it; False when somebody else changed it."""
        sql = "UPDATE schedules SET paused_at = ?, version = version + 1 WHERE id = ? AND version = ?"
        return await self._transaction.execute(sql, (to_us(at), schedule.id, schedule.version)) == 1

    async def remove_schedule(self, schedule_id: int, *, at: datetime) -> None:
        """Delete a schedule and stop its waiting occurrences."""
        await self.stop(f"schedule:{schedule_id}", at=at)
        await self._transaction.execute("DELETE FROM schedules WHERE id = ?", (schedule_id,))


def _due(row: Row) -> Due:
    return Due(
        id=row["id"],
        kind=row["kind"],
        subject=row["subject"],
        occurrence=row["occurrence"],
        due_at=from_us(row["due_at"]),
        data=from_json(row["data"]),
        attempts=row["attempts"],
    )


def _schedule(row: Row) -> Schedule:
    return Schedule(
        id=row["id"],
        kind=row["kind"],
        station_id=row["station_id"],
        name=row["name"],
        cron=row["cron"],
        data=from_json(row["data"]),
        paused=row["paused_at"] is not None,
        next_at=from_us(row["next_at"]),
        version=row["version"],
    )
