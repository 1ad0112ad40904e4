"""Aftercare of urgent cases, as rows: lines of the hand-over sheet, tasks, outcomes.

Knows SQL and no rule. Invariant: everything here belongs to a case and is read by those who may see it; words about health are emptied when
their term is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.aftercare.monthly import Outcome
from domain.aftercare.sheet import Field, Line
from domain.aftercare.tasks import FollowUp, Task
from domain.core.change import CaseId, PersonId
from storage.cases.scope import scope
from storage.core.registry import Data, Personal
from storage.values import from_us, from_us_or_none, marks, to_us, to_us_or_none

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from domain.people.people import Person
    from storage.engine.database import Row, Transaction


class Aftercare:
    """Sheets, tasks and outcomes of urgent cases.

    * `sheet`, `write`: the hand-over sheet. `add`, `find`, `record`, `list_asked`, `list_unwatched`: tasks. `outcomes`, `purge`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    # The hand-over sheet --------------------------------------------------------------------------------------------------

    async def sheet(self, number: CaseId) -> dict[Field, Line]:
        """Return the lines of a case's sheet that have words."""
        rows = await self._transaction.fetch_all("SELECT * FROM sheet_lines WHERE case_id = ? AND words <> ''", (number,))
        lines = [_line(row) for row in rows]
        return {line.field: line for line in lines}

    async def write(self, number: CaseId, line: Line) -> None:
        """Write a line of a case's sheet, in place of an earlier one."""
        await self._transaction.execute(
            "INSERT INTO sheet_lines (case_id, field, words, written_by, written_at, noted_at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (case_id, field) DO UPDATE SET words = excluded.words, written_by = excluded.written_by,"
            " written_at = excluded.written_at, noted_at = excluded.noted_at",
            (number, line.field.value, line.words, line.written_by, to_us(line.written_at), to_us_or_none(line.noted_at)),
        )

    # Tasks ----------------------------------------------------------------------------------------------------------------

    async def add(self, task: FollowUp) -> bool:
        """Add a task; False when the case has it already."""
        added = await self._transaction.execute(
            "INSERT INTO follow_ups (case_id, task, due_at) VALUES (?, ?, ?) ON CONFLICT (case_id, task) DO NOTHING",
            (task.case_id, task.task.value, to_us(task.due_at)),
        )
        return added == 1

    async def find(self, number: CaseId, task: Task) -> FollowUp | None:
        """Return a task of a case, or None."""
        row = await self._transaction.fetch_one("SELECT * FROM follow_ups WHERE case_id = ? AND task = ?", (number, task.value))
        return None if row is None else _task(row)

    async def record(self, task: FollowUp) -> None:
        """Write who is asked, how often, and the answers."""
        await self._transaction.execute(
            "UPDATE follow_ups SET handled_by = ?, turn = ?, ended_at = ?, ended_by = ?, first = ?, second = ?, third = ?"
            " WHERE case_id = ? AND task = ?",
            (
                task.handled_by, task.turn, to_us_or_none(task.ended_at), task.ended_by, task.first, task.second, task.third,
                task.case_id, task.task.value,
            ),
        )  # fmt: skip

    async def list_asked(self, people: Collection[PersonId] | None) -> list[FollowUp]:
        """Return the open tasks that were asked of these people; None: of anybody, and of nobody."""
        whose = "" if people is None else f" AND handled_by IN ({marks(people)})"
        rows = await self._transaction.fetch_all(
            f"SELECT * FROM follow_ups WHERE ended_at IS NULL AND turn > 0{whose} ORDER BY case_id, task", tuple(sorted(people or ()))
        )
        return [_task(row) for row in rows]

    async def list_unwatched(self) -> list[FollowUp]:
        """Return the open tasks of cases without a waiting question."""
        rows = await self._transaction.fetch_all(
            "SELECT f.* FROM follow_ups f WHERE f.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM timers t WHERE"
            " t.subject = 'aftercare:' || f.case_id AND t.state = 'waiting' AND t.occurrence LIKE 'aftercare_task:' || f.case_id || ':' || f.task || ':%')"
            " ORDER BY f.case_id, f.task LIMIT 200"
        )
        return [_task(row) for row in rows]

    # For figures and the clock --------------------------------------------------------------------------------------------

    async def outcomes(self, actor: Person, *, since: datetime, until: datetime) -> list[Outcome]:
        """Return the urgent cases in the actor's scope that were called in a span.

        They have no numbers, and no drill is among them.
        """
        condition, params = scope(actor)
        rows = await self._transaction.fetch_all(
            "SELECT c.opened_at AS opened_at, c.state AS state, e.accepted_at AS accepted_at, e.arrived_at AS arrived_at,"
            " e.cancelled_at AS cancelled_at, l.noted_at AS ambulance_at FROM cases c JOIN scenes e ON e.case_id = c.id"
            " LEFT JOIN sheet_lines l ON l.case_id = c.id AND l.field = 'ambulance'"
            f" WHERE c.severity = 'pressing' AND c.opened_at >= ? AND c.opened_at < ? AND e.drill = 0 AND {condition} ORDER BY c.opened_at",
            (to_us(since), to_us(until), *params),
        )
        return [
            Outcome(
                from_us(row["opened_at"]), row["state"] == "withdrawn" or row["cancelled_at"] is not None,
                from_us_or_none(row["accepted_at"]), from_us_or_none(row["arrived_at"]), from_us_or_none(row["ambulance_at"]),
            )
            for row in rows
        ]  # fmt: skip

    async def purge(self, *, before: datetime) -> None:
        """Empty the words about health of cases that ended before an instant.

        Times and debriefs stay.
        """
        await self._transaction.execute(
            "UPDATE sheet_lines SET words = '' WHERE words <> '' AND case_id IN (SELECT l.case_id FROM sheet_lines l JOIN cases c ON c.id = l.case_id"
            " WHERE l.words <> '' AND l.written_at < ? AND c.ended_at < ? ORDER BY l.written_at LIMIT 200)",
            (to_us(before), to_us(before)),
        )
        await self._transaction.execute(
            "UPDATE follow_ups SET first = '', second = '', third = '' WHERE task <> 'debrief' AND first <> '' AND ended_at < ?",
            (to_us(before),),
        )


def _line(row: Row) -> Line:
    return Line(Field(row["field"]), row["words"], row["written_by"], from_us(row["written_at"]), from_us_or_none(row["noted_at"]))


def _task(row: Row) -> FollowUp:
    return FollowUp(
        CaseId(row["case_id"]), Task(row["task"]), from_us(row["due_at"]), row["handled_by"], row["turn"], from_us_or_none(row["ended_at"]),
        row["ended_by"], row["first"], row["second"], row["third"],
    )  # fmt: skip


DATA = Data(
    "aftercare",
    grows=("sheet_lines", "follow_ups"),
    unscoped={
        "Aftercare.list_asked": "for changes of posts, which give what somebody is asked to others",
        "Aftercare.list_unwatched": "for the auditor, which gives every open task a next question",
    },
    personal=Personal(
        moved=("sheet_lines.written_by", "follow_ups.handled_by", "follow_ups.ended_by"),
        held=("follow_ups.handled_by",),
        past={"who wrote something stays so": ("sheet_lines.written_by", "follow_ups.ended_by")},
        erase=(
            "UPDATE sheet_lines SET words = '' WHERE case_id IN (SELECT id FROM cases WHERE reporter_id = ?1 AND ended_at IS NOT NULL)",
            "UPDATE follow_ups SET first = '', second = '', third = '' WHERE task <> 'debrief' AND ended_at IS NOT NULL AND case_id IN"
            " (SELECT id FROM cases WHERE reporter_id = ?1)",
        ),
        kept={
            "it names the number of who wrote it, and the directory has no name for it any more": (
                "sheet_lines.written_by",
                "follow_ups.handled_by",
                "follow_ups.ended_by",
            )
        },
    ),
)
