"""Answers to quizzes, people of make-up trainings, attendance of a year.

Knows SQL and no rule. Invariants: attendance of a year is read by the person and by anybody who may call their village; it is never ordered by
how often somebody came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.core.change import Event, PersonId
from storage.core.audit import Audit
from storage.core.village_names import SHOWN_NAME
from storage.values import marks, to_us

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from domain.core.change import VillageId
    from domain.training import Training
    from storage.engine.database import Transaction

_TIMES = "COUNT(*) AS times, COALESCE(SUM(t.ends_at - t.starts_at), 0) AS length"
_CAME = "tp.signed_at IS NOT NULL AND t.starts_at >= ? AND t.state IN ('announced', 'closed')"
_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class YearOfPerson:
    """A person's trainings of a year: how often they came, and hours."""

    name: str
    village: str
    times: int
    hours: int


class TrainingRecords:
    """Records of trainings: `put_quiz`, `call`, `own_year`, `year_of(villages)`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put_quiz(self, training: Training, person_id: PersonId, answers: str, *, before: str, at: datetime) -> bool:
        """Write a person's answers over `before`; False when another press was first."""
        sql = "UPDATE training_people SET quiz_answers = ? WHERE training_id = ? AND person_id = ? AND quiz_answers = ? AND signed_at IS NOT NULL"
        written = await self._transaction.execute(sql, (answers, training.id, person_id, before)) == 1
        if written:
            await Audit(self._transaction).record(Event(training.card, "training.quiz_answer", person_id, at))
        return written

    async def call(self, training_id: int, people: Sequence[tuple[PersonId, VillageId | None]]) -> None:
        """Write the people whom a make-up training is for; they have not answered yet."""
        for person_id, village_id in people:
            await self._transaction.execute(
                "INSERT INTO training_people (training_id, person_id, village_id) VALUES (?, ?, ?) ON CONFLICT (training_id, person_id) DO NOTHING",
                (training_id, person_id, village_id),
            )

    async def own_year(self, person_id: PersonId, *, since: datetime) -> tuple[int, int]:
        """Return (times, hours) of a person's trainings since an instant."""
        row = await self._transaction.fetch_one(
            f"SELECT {_TIMES} FROM training_people tp JOIN trainings t ON t.id = tp.training_id WHERE tp.person_id = ? AND {_CAME}",
            (person_id, to_us(since)),
        )
        return (int(row["times"]), round(int(row["length"]) / _HOUR)) if row else (0, 0)

    async def year_of(self, village_ids: Collection[VillageId], *, since: datetime) -> list[YearOfPerson]:
        """Return everybody who came for these villages since an instant, by village and name."""
        rows = await self._transaction.fetch_all(
            f"SELECT p.name, {SHOWN_NAME} AS village, {_TIMES} FROM training_people tp JOIN trainings t ON t.id = tp.training_id"
            " JOIN people p ON p.id = tp.person_id JOIN villages v ON v.id = tp.village_id"
            f" WHERE tp.village_id IN ({marks(village_ids)}) AND {_CAME} AND p.forgotten_at IS NULL"
            f" GROUP BY p.id, p.name, v.id, {SHOWN_NAME} ORDER BY v.id, p.name, p.id",
            (*village_ids, to_us(since)),
        )
        return [YearOfPerson(row["name"], row["village"], int(row["times"]), round(int(row["length"]) / _HOUR)) for row in rows]
