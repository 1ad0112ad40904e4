"""Trainings: announcements, answers and attendance.

Knows SQL and no rule. Invariants: the organiser (while responsible for one of its villages) and the police of its villages see the whole
training; others see the training they are invited to, and only their own answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Event, NotFound, PersonId, StationId, VillageId
from domain.people.people import Person
from domain.training import Answer, Attendee, Change, State, Training
from storage.core.audit import Audit
from storage.core.facts import Facts
from storage.core.village_names import SHOWN_NAME
from storage.engine.database import Conflict
from storage.training.scope import invites, watched_by
from storage.values import from_json, from_us, from_us_or_none, marks, to_json, to_us, to_us_or_none

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.engine.database import Row, Transaction


class Trainings:
    """Trainings of one town.

    * `add`, `find`, `record(change)`; `visible_to(actor, id)` and `list_visible` (for organisers and police), `invited(actor, id)` and
      `list_invited` (for people who are called), `list_open` (for people who can sign in now, for codes).
    * `people`, `put_answer`, `sign_in`; `count_person_times`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, draft: Training) -> Training:
        """Store a draft; return it with its number."""
        row = await self._transaction.fetch_one(
            "INSERT INTO trainings (id, station_id, organiser_id, organiser_name, subject, place, pin, starts_at, ends_at, capacity, state, created_at,"
            " makeup_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                await Facts(self._transaction).next_number("training"), draft.station_id, draft.organiser_id, draft.organiser_name,
                draft.subject, draft.place, to_json(draft.pin) if draft.pin else "", to_us(draft.starts_at), to_us(draft.ends_at),
                draft.capacity, draft.state, to_us(draft.created_at), draft.makeup_of,
            ),
        )  # fmt: skip
        assert row is not None
        for village_id in draft.villages:
            await self._transaction.execute(
                "INSERT INTO training_villages (training_id, village_id) VALUES (?, ?)", (row["id"], village_id)
            )
        await Audit(self._transaction).record(Event(f"training:{row['id']}", "training.draft", draft.organiser_id, draft.created_at))
        found = await self.find(row["id"])
        assert found is not None
        return found

    async def find(self, training_id: int) -> Training | None:
        """Return a training for any reader (for the clock)."""
        return await self._one("SELECT * FROM trainings t WHERE t.id = ?", (training_id,))

    async def visible_to(self, actor: Person, training_id: int) -> Training:
        """Return a training that the actor organises or watches; a draft to its organiser only.

        Raises:
            NotFound: there is none, or it is not theirs.
        """
        found = await self.find_visible_to(actor, training_id)
        if found is None:
            raise NotFound(training_id)
        return found

    async def find_visible_to(self, actor: Person, training_id: int) -> Training | None:
        """Return the same, or None.

        For boards, which are drawn again for the people who may still see them.
        """
        where, params = watched_by(actor)
        return await self._one(f"SELECT * FROM trainings t WHERE t.id = ? AND {where}", (training_id, *params))

    async def list_visible(self, actor: Person, *, since: datetime, limit: int) -> list[Training]:
        """Return what the actor organises or watches and ends after an instant, the next first."""
        where, params = watched_by(actor)
        sql = f"SELECT * FROM trainings t WHERE t.state IN ('announced', 'closed') AND t.ends_at > ? AND {where} ORDER BY t.starts_at, t.id LIMIT ?"
        return await self._list(sql, (to_us(since), *params, limit))

    async def invited(self, actor: Person, training_id: int) -> Training | None:
        """Return a training of the actor's village, or one they answered; else None.

        The training is announced or ended.
        """
        where, params = invites(actor)
        return await self._one(
            f"SELECT * FROM trainings t WHERE t.id = ? AND t.state NOT IN ('draft', 'discarded') AND {where}", (training_id, *params)
        )

    async def list_invited(self, actor: Person, *, since: datetime, limit: int) -> list[Training]:
        """Return what calls the actor's village and ends after an instant, the next first."""
        where, params = invites(actor)
        sql = f"SELECT * FROM trainings t WHERE t.state = 'announced' AND t.ends_at > ? AND {where} ORDER BY t.starts_at, t.id LIMIT ?"
        return await self._list(sql, (to_us(since), *params, limit))

    async def list_open(self, actor: Person, *, begins_before: datetime, ends_after: datetime) -> list[Training]:
        """Return the announced trainings of the actor's station that run about now.

        The station follows from home or post.
        """
        stations = sorted({post.station_id for post in actor.posts})
        return await self._list(
            "SELECT * FROM trainings t WHERE t.state = 'announced' AND t.starts_at <= ? AND t.ends_at >= ?"
            f" AND (t.station_id IN ({marks(stations)}) OR t.station_id IN (SELECT station_id FROM villages WHERE id = ?)) ORDER BY t.starts_at",
            (to_us(begins_before), to_us(ends_after), *stations, actor.village_id or 0),
        )

    async def list_organised(self, people: Collection[PersonId] | None, *, ends_after: datetime) -> list[Training]:
        """Return these organisers' (None: all) drafts and announced trainings that are not over."""
        whose = "" if people is None else f" AND t.organiser_id IN ({marks(people)})"
        return await self._list(
            f"SELECT * FROM trainings t WHERE t.state IN ('draft', 'announced') AND t.ends_at > ?{whose} ORDER BY t.id",
            (to_us(ends_after), *sorted(people or ())),
        )

    async def list_promised(self, person_id: PersonId, *, starts_after: datetime) -> list[Training]:
        """Return the coming trainings in which a person has a seat or waits for one."""
        return await self._list(
            "SELECT t.* FROM training_people tp JOIN trainings t ON t.id = tp.training_id WHERE tp.person_id = ? AND tp.answer IN ('yes', 'waiting')"
            " AND t.state = 'announced' AND t.starts_at > ? ORDER BY t.id",
            (person_id, to_us(starts_after)),
        )

    async def codes(self, station_id: StationId) -> set[str]:
        """Return the codes of a station's announced trainings."""
        rows = await self._transaction.fetch_all("SELECT code FROM trainings WHERE station_id = ? AND state = 'announced'", (station_id,))
        return {row["code"] for row in rows}

    async def record(self, change: Change) -> Training:
        """Write a change and its audit event; return the training as it is now.

        Raises:
            Conflict: somebody else changed it first.
        """
        value = change.value
        row = await self._transaction.fetch_one(
            "UPDATE trainings SET organiser_id = ?, organiser_name = ?,"
            " place = ?, pin = ?, starts_at = ?, ends_at = ?, state = ?, code = ?, token = ?, turn = ?, announced_at = ?,"
            " ended_at = ?, quiz = ?, version = version + 1 WHERE id = ? AND version = ? RETURNING *",
            (
                value.organiser_id, value.organiser_name, value.place, to_json(value.pin) if value.pin else "", to_us(value.starts_at),
                to_us(value.ends_at), value.state, value.code, value.token, value.turn, to_us_or_none(value.announced_at),
                to_us_or_none(value.ended_at), value.quiz, value.id, value.version,
            ),
        )  # fmt: skip
        if row is None:
            raise Conflict(f"training {value.id} was changed by somebody else")
        await Audit(self._transaction).record(change.event)
        return await self._whole(row)

    # People -------------------------------------------------------------------------------------------------------------

    async def people(self, training_id: int) -> list[Attendee]:
        """Return everybody who answered or came, in the order of their answers."""
        rows = await self._transaction.fetch_all(
            f"SELECT tp.*, p.name, COALESCE({SHOWN_NAME}, '') AS village FROM training_people tp JOIN people p ON p.id = tp.person_id"
            " LEFT JOIN villages v ON v.id = tp.village_id WHERE tp.training_id = ? ORDER BY tp.queue, tp.person_id",
            (training_id,),
        )
        return [_attendee(row) for row in rows]

    async def put_answer(
        self, training: Training, person_id: PersonId, answer: Answer, *, village_id: VillageId | None, at: datetime
    ) -> None:
        """Write an answer over the version it was decided on.

        A new yes goes to the end of the waiting list.

        Raises:
            Conflict: somebody else answered first.
        """
        if (
            await self._transaction.execute(
                "UPDATE trainings SET version = version + 1 WHERE id = ? AND version = ?", (training.id, training.version)
            )
            != 1
        ):
            raise Conflict(f"training {training.id} was changed by somebody else")
        await self._transaction.execute(
            "INSERT INTO training_people (training_id, person_id, village_id, answer, queue, answered_at)"
            " VALUES (?1, ?2, ?3, ?4, (SELECT COALESCE(MAX(queue), 0) + 1 FROM training_people WHERE training_id = ?1), ?5)"
            " ON CONFLICT (training_id, person_id) DO UPDATE SET answered_at = excluded.answered_at,"
            " queue = CASE WHEN excluded.answer = 'waiting' AND training_people.answer <> 'waiting' THEN excluded.queue ELSE training_people.queue END,"
            " answer = excluded.answer",
            (training.id, person_id, village_id, answer, to_us(at)),
        )
        data = {"answer": answer}
        await Audit(self._transaction).record(Event(training.card, "training.answer", person_id, at, data=data))

    async def sign_in(self, training: Training, person_id: PersonId, *, village_id: VillageId | None, by: PersonId, at: datetime) -> bool:
        """Record that somebody is there; False when that was known."""
        touched = await self._transaction.execute(
            "INSERT INTO training_people (training_id, person_id, village_id, queue, signed_at, signed_by)"
            " VALUES (?1, ?2, ?3, (SELECT COALESCE(MAX(queue), 0) + 1 FROM training_people WHERE training_id = ?1), ?4, ?5)"
            " ON CONFLICT (training_id, person_id) DO UPDATE SET signed_at = excluded.signed_at, signed_by = excluded.signed_by"
            " WHERE training_people.signed_at IS NULL",
            (training.id, person_id, village_id, to_us(at), by),
        )
        if touched:
            await Audit(self._transaction).record(Event(training.card, "training.signed_in", by, at, data={"person": person_id}))
        return touched == 1

    async def sign_out(self, training: Training, person_id: PersonId, *, by: PersonId, at: datetime) -> None:
        """Undo a mistaken sign-in."""
        sql = "UPDATE training_people SET signed_at = NULL, signed_by = NULL WHERE training_id = ? AND person_id = ?"
        await self._transaction.execute(sql, (training.id, person_id))
        await Audit(self._transaction).record(Event(training.card, "training.signed_out", by, at, data={"person": person_id}))

    async def stopped(self, batch: str) -> list[PersonId]:
        """Return the people whose announcement was stopped before it was sent."""
        rows = await self._transaction.fetch_all(
            "SELECT DISTINCT person_id FROM outbox WHERE batch = ? AND batch <> '' AND state = 'superseded' AND person_id IS NOT NULL",
            (batch,),
        )
        return [PersonId(row["person_id"]) for row in rows]

    async def list_reached(self, training: Training, *, after: int, limit: int) -> list[PersonId]:
        """Return the next people who may have read an announcement and did not answer."""
        batches = [f"{training.card}:{turn}" for turn in range(1, training.turn + 1)]
        rows = await self._transaction.fetch_all(
            f"SELECT DISTINCT o.person_id FROM outbox o WHERE o.batch IN ({', '.join('?' for _ in batches)}) AND o.batch <> ''"
            " AND o.state IN ('sent', 'unknown') AND o.person_id > ? AND NOT EXISTS (SELECT 1 FROM training_people tp"
            " WHERE tp.training_id = ? AND tp.person_id = o.person_id AND tp.answer <> '') ORDER BY o.person_id LIMIT ?",
            (*batches, after, training.id, limit),
        )
        return [PersonId(row["person_id"]) for row in rows]

    async def count_person_times(self, actor: Person, *, since: datetime) -> tuple[int, int]:
        """Return (trainings, person-times) since an instant.

        Counts the trainings that the actor organises or watches.
        """
        where, params = watched_by(actor)
        row = await self._transaction.fetch_one(
            "SELECT COUNT(DISTINCT t.id) AS trainings, COUNT(tp.person_id) AS times FROM trainings t"
            " LEFT JOIN training_people tp ON tp.training_id = t.id AND tp.signed_at IS NOT NULL"
            f" WHERE t.starts_at >= ? AND t.state IN ('announced', 'closed') AND {where}",
            (to_us(since), *params),
        )
        return (row["trainings"], row["times"]) if row else (0, 0)

    async def _list(self, sql: str, params: tuple[object, ...]) -> list[Training]:
        return [await self._whole(row) for row in await self._transaction.fetch_all(sql, params)]

    async def _one(self, sql: str, params: tuple[object, ...]) -> Training | None:
        row = await self._transaction.fetch_one(sql, params)
        return None if row is None else await self._whole(row)

    async def _whole(self, row: Row) -> Training:
        villages = await self._transaction.fetch_all(
            "SELECT village_id FROM training_villages WHERE training_id = ? ORDER BY village_id", (row["id"],)
        )
        pin = from_json(row["pin"])
        return Training(
            id=row["id"],
            station_id=StationId(row["station_id"]),
            organiser_id=PersonId(row["organiser_id"]),
            organiser_name=row["organiser_name"],
            subject=row["subject"],
            place=row["place"],
            starts_at=from_us(row["starts_at"]),
            ends_at=from_us(row["ends_at"]),
            capacity=row["capacity"],
            villages=tuple(VillageId(village["village_id"]) for village in villages),
            state=State(row["state"]),
            created_at=from_us(row["created_at"]),
            pin=(pin[0], pin[1]) if pin else None,
            code=row["code"],
            token=row["token"],
            turn=row["turn"],
            announced_at=from_us_or_none(row["announced_at"]),
            ended_at=from_us_or_none(row["ended_at"]),
            quiz=row["quiz"],
            makeup_of=row["makeup_of"],
            version=row["version"],
        )


def _attendee(row: Row) -> Attendee:
    return Attendee(
        person_id=PersonId(row["person_id"]),
        name=row["name"],
        village_id=None if row["village_id"] is None else VillageId(row["village_id"]),
        village=row["village"],
        answer=Answer(row["answer"]),
        queue=row["queue"],
        signed_at=from_us_or_none(row["signed_at"]),
        quiz_answers=row["quiz_answers"],
    )
