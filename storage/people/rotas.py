"""Duty rotas as rows: shifts, takeovers, special days, and the gaps that were told.

Knows SQL; domain/people/rota.py decides whose shift it is. Invariant: a station without a shift costs one statement and reads as before. Rows
that are over for `KEPT` are deleted; a person's shifts are deleted with the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.core.change import NotFound, PersonId, StationId
from domain.people.people import Role
from domain.people.rota import Rota, Shift, Span, Takeover, on_now, stations_seen
from storage.people.posts_now import HELD
from storage.values import from_us, marks, to_us

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from domain.people.people import Person
    from storage.engine.database import Row, Transaction

KEPT = timedelta(days=30)
#: A turn ends at most two local dates after the one it began on.
_BEFORE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to take a turn, not answered yet: by whom, to whom."""

    id: int
    rota_id: int
    shift_id: int
    on: date
    person_id: PersonId
    asked_by: PersonId


class Rotas:
    """The rotas of the town's stations.

    `visible_to(actor, id)`, `find`, `of_station`, `on_shift(station, at)`; `open`, `add_shift`, `end_shift`; `orphans`, `give_shifts`,
    `drop_takeovers`; `set_day`; `ask`, `find_asked`, `answer`; `told`, `note_told`; `purge`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def visible_to(self, actor: Person, rota_id: int, *, at: datetime) -> Rota:
        """Return a rota of a station where the actor is police.

        Raises:
            NotFound: there is none, or the actor may not read it.
        """
        rota = await self.find(rota_id, at=at)
        if rota is None or rota.station_id not in stations_seen(actor):
            raise NotFound(rota_id)
        return rota

    async def find(self, rota_id: int, *, at: datetime) -> Rota | None:
        """Return a rota, or None."""
        return next(iter(await self._load("r.id = ?", (rota_id,), at=at)), None)

    async def of_station(self, station_id: StationId, *, at: datetime) -> list[Rota]:
        """Return the rotas of a station, also those without a shift."""
        return await self._load("r.station_id = ?", (station_id,), at=at)

    async def on_shift(self, station_id: StationId, *, at: datetime) -> dict[Role, frozenset[PersonId]]:
        """Return whose shift it is now, by the rotas alone, for each role that has a shift."""
        return {rota.role: on_now(rota, at) for rota in await self.of_station(station_id, at=at) if rota.shifts}

    async def _load(self, where: str, params: tuple[int, ...], *, at: datetime) -> list[Rota]:
        """Return rotas with everything that counts from two days ago on."""
        since = (at - _BEFORE).date().isoformat()
        rows = await self._transaction.fetch_all(
            "SELECT r.id AS rota_id, r.station_id, r.role, r.zone,"
            " s.id, s.person_id, s.weekday, s.starts, s.lasts, s.from_on, s.until_on FROM rotas r"
            f" LEFT JOIN shifts s ON s.rota_id = r.id AND (s.until_on IS NULL OR s.until_on >= ?) WHERE {where} ORDER BY r.id, s.id",
            (since, *params),
        )
        shifts: dict[int, list[Shift]] = {}
        for row in rows:
            if row["person_id"] is not None:
                shifts.setdefault(row["rota_id"], []).append(_shift(row))
        takeovers: dict[int, list[Takeover]] = {}
        days: dict[int, dict[date, int]] = {}
        if shifts:
            ids = tuple(shifts)
            for row in await self._transaction.fetch_all(
                f"SELECT * FROM shift_takeovers WHERE rota_id IN ({marks(ids)}) AND on_date >= ? AND agreed_at IS NOT NULL AND ended_at IS NULL"
                " ORDER BY agreed_at, id",
                (*ids, since),
            ):
                taken = Takeover(row["shift_id"], date.fromisoformat(row["on_date"]), PersonId(row["person_id"]))
                takeovers.setdefault(row["rota_id"], []).append(taken)
            for row in await self._transaction.fetch_all(
                f"SELECT * FROM rota_days WHERE rota_id IN ({marks(ids)}) AND on_date >= ?", (*ids, since)
            ):
                days.setdefault(row["rota_id"], {})[date.fromisoformat(row["on_date"])] = row["weekday"]
        found = {row["rota_id"]: row for row in rows}
        return [
            Rota(
                number,
                StationId(row["station_id"]),
                Role(row["role"]),
                ZoneInfo(row["zone"]),
                tuple(shifts.get(number, ())),
                tuple(takeovers.get(number, ())),
                days.get(number, {}),
            )
            for number, row in found.items()
        ]

    # Changes ------------------------------------------------------------------------------------------------------------

    async def open(self, station_id: StationId, role: Role, *, zone: str, at: datetime) -> int:
        """Return the rota of a role in a station, and begin it if there is none.

        Its hours are those of `zone`.
        """
        row = await self._transaction.fetch_one(
            "INSERT INTO rotas (station_id, role, zone, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (station_id, role) DO UPDATE SET zone = excluded.zone RETURNING id",
            (station_id, role, zone, to_us(at)),
        )
        assert row is not None
        return int(row["id"])

    async def add_shift(self, rota_id: int, shift: Shift) -> int:
        """Store a shift; return its id."""
        row = await self._transaction.fetch_one(
            "INSERT INTO shifts (rota_id, person_id, weekday, starts, lasts, from_on, until_on) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                rota_id,
                shift.person_id,
                shift.weekday,
                shift.starts,
                shift.lasts,
                shift.from_on.isoformat(),
                None if shift.until_on is None else shift.until_on.isoformat(),
            ),
        )
        assert row is not None
        return int(row["id"])

    async def end_shift(self, rota_id: int, shift_id: int, *, on: date) -> bool:
        """End a shift before a date; False when the rota has no such shift then.

        A turn that began before that date goes on to its end.
        """
        dated = on.isoformat()
        gone = await self._transaction.execute(
            "DELETE FROM shifts WHERE id = ? AND rota_id = ? AND from_on >= ?", (shift_id, rota_id, dated)
        )
        if gone:
            return True
        sql = "UPDATE shifts SET until_on = ? WHERE id = ? AND rota_id = ? AND (until_on IS NULL OR until_on >= ?)"
        return await self._transaction.execute(sql, ((on - timedelta(days=1)).isoformat(), shift_id, rota_id, dated)) == 1

    async def give_shifts(self, rota_id: int, person_id: PersonId, to_id: PersonId, *, on: date) -> None:
        """Give a person's shifts and agreed takeovers from a date on to another person."""
        await self._transaction.execute(
            "UPDATE shifts SET person_id = ? WHERE rota_id = ? AND person_id = ? AND (until_on IS NULL OR until_on >= ?)",
            (to_id, rota_id, person_id, on.isoformat()),
        )
        await self._transaction.execute(
            "UPDATE shift_takeovers SET person_id = ? WHERE rota_id = ? AND person_id = ? AND on_date >= ? AND ended_at IS NULL",
            (to_id, rota_id, person_id, on.isoformat()),
        )

    async def drop_takeovers(self, rota_id: int, person_id: PersonId, *, on: date, at: datetime) -> None:
        """End what a person took over, or was asked to, from a date on.

        The turns belong to the persons of their shifts again.
        """
        await self._transaction.execute(
            "UPDATE shift_takeovers SET ended_at = ? WHERE rota_id = ? AND person_id = ? AND on_date >= ? AND ended_at IS NULL",
            (to_us(at), rota_id, person_id, on.isoformat()),
        )

    async def orphans(self, *, at: datetime) -> list[tuple[int, PersonId]]:
        """Return (rota, person) for shifts and turns of people who have left the post."""
        today = at.date().isoformat()
        rows = await self._transaction.fetch_all(
            "SELECT w.rota_id, w.person_id FROM (SELECT rota_id, person_id FROM shifts WHERE until_on IS NULL OR until_on >= ?1"
            " UNION SELECT rota_id, person_id FROM shift_takeovers WHERE on_date >= ?1 AND ended_at IS NULL) w"
            " JOIN rotas r ON r.id = w.rota_id WHERE NOT EXISTS (SELECT 1 FROM posts WHERE posts.person_id = w.person_id"
            f" AND posts.role = r.role AND posts.station_id = r.station_id AND {HELD.format(at='?2')}) ORDER BY 1, 2",
            (today, to_us(at)),
        )
        return [(row["rota_id"], PersonId(row["person_id"])) for row in rows]

    async def set_day(self, rota_id: int, on: date, weekday: int | None) -> None:
        """Give a date the shifts of another weekday; None: of its own."""
        await self._transaction.execute("DELETE FROM rota_days WHERE rota_id = ? AND on_date = ?", (rota_id, on.isoformat()))
        if weekday is not None:
            await self._transaction.execute(
                "INSERT INTO rota_days (rota_id, on_date, weekday) VALUES (?, ?, ?)", (rota_id, on.isoformat(), weekday)
            )

    # Takeovers ----------------------------------------------------------------------------------------------------------

    async def ask(self, rota_id: int, taken: Takeover, *, by: PersonId, at: datetime) -> int:
        """Store the question whether a person takes a turn; return its id."""
        row = await self._transaction.fetch_one(
            "INSERT INTO shift_takeovers (rota_id, shift_id, on_date, person_id, asked_by, asked_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
            (rota_id, taken.shift_id, taken.on.isoformat(), taken.person_id, by, to_us(at)),
        )
        assert row is not None
        return int(row["id"])

    async def find_asked(self, takeover_id: int) -> Asked | None:
        """Return a question that is not answered; the caller checks whom it was put to."""
        row = await self._transaction.fetch_one(
            "SELECT * FROM shift_takeovers WHERE id = ? AND agreed_at IS NULL AND ended_at IS NULL", (takeover_id,)
        )
        if row is None:
            return None
        on = date.fromisoformat(row["on_date"])
        return Asked(row["id"], row["rota_id"], row["shift_id"], on, PersonId(row["person_id"]), PersonId(row["asked_by"]))

    async def answer(self, takeover_id: int, *, agreed: bool, at: datetime) -> bool:
        """Record the answer to a question; False when it was answered already."""
        column = "agreed_at" if agreed else "ended_at"
        sql = f"UPDATE shift_takeovers SET {column} = ? WHERE id = ? AND agreed_at IS NULL AND ended_at IS NULL"
        return await self._transaction.execute(sql, (to_us(at), takeover_id)) == 1

    # Gaps --------------------------------------------------------------------------------------------------------------

    async def note_told(self, rota_id: int, stage: str, gaps: Collection[Span], *, at: datetime) -> None:
        """Remember gaps that were told."""
        for begins, ends in gaps:
            await self._transaction.execute(
                "INSERT INTO rota_gaps (rota_id, stage, from_at, until_at, told_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (rota_id, stage, to_us(begins), to_us(ends), to_us(at)),
            )

    async def told(self, rota_id: int, stage: str, *, at: datetime) -> list[Span]:
        """Return the gaps that were told and are not over."""
        rows = await self._transaction.fetch_all(
            "SELECT from_at, until_at FROM rota_gaps WHERE rota_id = ? AND stage = ? AND until_at > ?", (rota_id, stage, to_us(at))
        )
        return [(from_us(row["from_at"]), from_us(row["until_at"])) for row in rows]

    async def purge(self, rota_id: int, *, at: datetime) -> None:
        """Delete what is over for `KEPT`."""
        before = (at - KEPT).date().isoformat()
        await self._transaction.execute("DELETE FROM shift_takeovers WHERE rota_id = ? AND on_date < ?", (rota_id, before))
        await self._transaction.execute("DELETE FROM shifts WHERE rota_id = ? AND until_on < ?", (rota_id, before))
        await self._transaction.execute("DELETE FROM rota_days WHERE rota_id = ? AND on_date < ?", (rota_id, before))
        await self._transaction.execute("DELETE FROM rota_gaps WHERE rota_id = ? AND until_at < ?", (rota_id, to_us(at - KEPT)))


def _shift(row: Row) -> Shift:
    return Shift(
        row["id"],
        PersonId(row["person_id"]),
        row["weekday"],
        row["starts"],
        row["lasts"],
        date.fromisoformat(row["from_on"]),
        None if row["until_on"] is None else date.fromisoformat(row["until_on"]),
    )
