"""Cases in SQL: opened, seen by those who may, moved by version.

Knows the scope of an actor as village and station ids, put into every query; no query returns a case without it but those of the clock. Invariant:
a party to a case (other than its reporter) finds nothing; `record` writes only over the version that was decided on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from domain.cases import Case, Kind, Ladder, Moved, NewCase, Seat, Severity, State, seats
from domain.change import CaseId, Event, NotFound, PersonId, StationId, VillageId
from domain.people import Person, Role
from storage.audit import Audit
from storage.database import Conflict
from storage.facts import Facts
from storage.values import from_json, from_us, from_us_or_none, to_json, to_us, to_us_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Row, Transaction

FIRST_NUMBER = 1001


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as one actor finds it: where he sits, and the people who must not see it."""

    case: Case
    seated: frozenset[Seat]
    parties: frozenset[PersonId]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo, voice message, file or place that belongs to a case; files are known by the channel's file id only."""

    kind: str
    file_id: str
    unique_id: str
    latitude: float | None = None
    longitude: float | None = None


class Cases:
    """* `open(new, …)`: the single way a case is written first; numbers come from a locked counter.
    * `visible_to(actor, number)`: what the actor may see, else NotFound. `get(number)`: for the clock.
    * `record(moved, …)`: a decided move, by version, with its audit event.
    * `list_of(actor, …)`, `similar(village, …)`, `attach`, `attachments`, `follow`, `followers`, `list_all`, `list_unarmed`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def open(self, new: NewCase, *, station_id: StationId, rung: Role, ladder: Ladder, parties: Sequence[PersonId], at: datetime) -> Case:
        """Number and write a new case with its first audit event."""
        number = await Facts(self._transaction).next_number("case", start=FIRST_NUMBER)
        state = State.REPORTED if rung is Role.CHAIR else State.ESCALATED
        await self._transaction.execute(
            "INSERT INTO cases (id, village_id, station_id, kind, category, severity, state, text, reporter_id, filed_by, on_behalf, name_hidden,"
            " place, late, rung, ladder, opened_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                new.village_id,
                station_id,
                new.kind,
                new.category,
                new.severity,
                state,
                new.text,
                new.reporter_id,
                new.filed_by,
                new.on_behalf,
                int(new.name_hidden),
                new.place,
                int(new.late),
                rung,
                to_json([ladder.chair, ladder.officer, ladder.leader, ladder.stalled, ladder.follow_up, ladder.remind_share]),
                to_us(at),
                to_us(at),
            ),
        )
        for person_id in parties:
            await self.add_party(CaseId(number), person_id)
        opener = new.filed_by or new.reporter_id
        await Audit(self._transaction).record(Event(f"case:{number}", "case.open", opener, at, "", {"to": state, "rung": rung}))
        return Case(
            CaseId(number), new.village_id, station_id, new.kind, new.category, new.severity, state, new.text, new.reporter_id, new.filed_by,
            new.on_behalf, new.name_hidden, new.place, new.late, rung, None, ladder, 1, None, 0, 0, False, at, at, None,
        )  # fmt: skip

    async def visible_to(self, actor: Person, number: int) -> Seen:
        """Return the case and where the actor sits.

        Raises:
            NotFound: there is none, or it is none of the actor's business; the two read the same.
        """
        scope, params = _scope(actor)
        row = await self._transaction.fetch_one(f"SELECT c.* FROM cases c WHERE c.id = ? AND {scope}", (number, *params))  # noqa: S608 (marks only)
        if row is None:
            raise NotFound(number)
        return await self._seen(_case(row), actor)

    async def get(self, number: int) -> Case:
        """Return a case that must exist, without a reader: for the clock and for delivery only.

        Raises:
            LookupError: there is none.
        """
        row = await self._transaction.fetch_one("SELECT * FROM cases WHERE id = ?", (number,))
        if row is None:
            raise LookupError(f"no case {number}")
        return _case(row)

    async def record(self, moved: Moved, *, due_at: datetime | None) -> Case:
        """Write a decided move and its audit event; return the case as written.

        Raises:
            Conflict: the case was changed since it was loaded.
        """
        case = moved.case
        touched = await self._transaction.execute(
            "UPDATE cases SET state = ?, rung = ?, holder_id = ?, fence = ?, due_at = ?, sessions = ?, confirmed = ?, changed_at = ?, closed_at = ?,"
            " severity = ?, version = ? WHERE id = ? AND version = ?",
            (
                case.state,
                case.rung,
                case.holder_id,
                case.fence,
                to_us_or_none(due_at),
                case.sessions,
                int(case.confirmed),
                to_us(case.changed_at),
                to_us_or_none(case.closed_at),
                case.severity,
                case.version,
                case.id,
                moved.before.version,
            ),
        )
        if touched != 1:
            raise Conflict(case.subject)
        if moved.session is not None:
            session = moved.session
            await self._transaction.execute(
                "INSERT INTO case_sessions (case_id, at, place, parties, result, next_on, person_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (case.id, to_us(case.changed_at), session.place, session.parties, session.result, session.next_on, moved.event.actor_id),
            )
        if moved.new_party is not None:
            await self.add_party(case.id, moved.new_party)
        await Audit(self._transaction).record(moved.event)
        return case

    async def set_due(self, case: Case, due_at: datetime | None) -> None:
        """Write the first deadline of a case just opened."""
        await self._transaction.execute("UPDATE cases SET due_at = ? WHERE id = ?", (to_us_or_none(due_at), case.id))

    # Around a case -----------------------------------------------------------------------------------------------------

    async def add_party(self, case_id: CaseId, person_id: PersonId) -> None:
        """Note that a person is a party: he no longer sees the case."""
        sql = "INSERT INTO case_parties (case_id, person_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
        await self._transaction.execute(sql, (case_id, person_id))

    async def parties(self, case_id: CaseId) -> frozenset[PersonId]:
        """Return the people who must not see a case."""
        rows = await self._transaction.fetch_all("SELECT person_id FROM case_parties WHERE case_id = ?", (case_id,))
        return frozenset(PersonId(row["person_id"]) for row in rows)

    async def attach(self, case_id: CaseId, attachment: Attachment, *, by: PersonId | None, at: datetime) -> bool:
        """Add an attachment once; tell whether it was new."""
        new = await self._transaction.execute(
            "INSERT INTO case_attachments (case_id, kind, file_id, unique_id, latitude, longitude, person_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (case_id, unique_id) DO NOTHING",
            (case_id, attachment.kind, attachment.file_id, attachment.unique_id, attachment.latitude, attachment.longitude, by, to_us(at)),
        )
        if new:
            await self._transaction.execute("UPDATE cases SET media = media + 1 WHERE id = ?", (case_id,))
        return new == 1

    async def attachments(self, case_id: CaseId) -> list[Attachment]:
        """Return a case's attachments, oldest first. The caller has seen the case through `visible_to`."""
        rows = await self._transaction.fetch_all("SELECT * FROM case_attachments WHERE case_id = ? ORDER BY id", (case_id,))
        return [Attachment(row["kind"], row["file_id"], row["unique_id"], row["latitude"], row["longitude"]) for row in rows]

    async def follow(self, case_id: CaseId, person_id: PersonId, *, at: datetime) -> None:
        """Let a person follow a case."""
        sql = "INSERT INTO case_followers (case_id, person_id, since_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        await self._transaction.execute(sql, (case_id, person_id, to_us(at)))

    async def followers(self, case_id: CaseId) -> list[PersonId]:
        """Return who follows a case."""
        rows = await self._transaction.fetch_all("SELECT person_id FROM case_followers WHERE case_id = ?", (case_id,))
        return [PersonId(row["person_id"]) for row in rows]

    # Lists -------------------------------------------------------------------------------------------------------------

    async def list_of(self, actor: Person, *, states: Sequence[State] = (), words: str = "", village_id: VillageId | None = None, limit: int = 8, offset: int = 0) -> list[Case]:
        """Return a page of what concerns the actor, newest first; `words` must all occur in the text (two characters are enough)."""
        where, params = _scope(actor)
        if states:
            where += f" AND c.state IN ({_marks(states)})"
            params += tuple(states)
        if village_id is not None:
            where += " AND c.village_id = ?"
            params += (village_id,)
        for word in words.split():
            where += " AND c.text LIKE ? ESCAPE '!'"
            params += (f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%",)
        sql = f"SELECT c.* FROM cases c WHERE {where} ORDER BY c.id DESC LIMIT ? OFFSET ?"  # noqa: S608 (marks only)
        return [_case(row) for row in await self._transaction.fetch_all(sql, (*params, limit, offset))]

    async def count_of(self, actor: Person, *, states: Sequence[State]) -> int:
        """Return how many cases in these states concern the actor."""
        where, params = _scope(actor)
        sql = f"SELECT COUNT(*) AS n FROM cases c WHERE {where} AND c.state IN ({_marks(states)})"  # noqa: S608 (marks only)
        row = await self._transaction.fetch_one(sql, (*params, *states))
        return int(row["n"]) if row else 0

    async def last_of(self, person_id: PersonId, *, since: datetime) -> Case | None:
        """Return the newest case a person reported since an instant, or None."""
        row = await self._transaction.fetch_one(
            "SELECT * FROM cases WHERE (reporter_id = ?1 OR filed_by = ?1) AND opened_at >= ?2 ORDER BY id DESC LIMIT 1", (person_id, to_us(since))
        )
        return None if row is None else _case(row)

    async def count_reports(self, person_id: PersonId, *, since: datetime) -> int:
        """Return how many cases a person opened since an instant."""
        row = await self._transaction.fetch_one(
            "SELECT COUNT(*) AS n FROM cases WHERE (reporter_id = ?1 OR filed_by = ?1) AND opened_at >= ?2", (person_id, to_us(since))
        )
        return int(row["n"]) if row else 0

    async def recent_in(self, village_id: VillageId, *, kinds: Sequence[Kind], since: datetime, limit: int = 200) -> list[Case]:
        """Return open cases of these kinds in a village since an instant, newest first: what a new report is compared with."""
        sql = (
            f"SELECT * FROM cases WHERE village_id = ? AND closed_at IS NULL AND kind IN ({_marks(kinds)}) AND opened_at >= ?"  # noqa: S608 (marks only)
            " ORDER BY id DESC LIMIT ?"
        )
        return [_case(row) for row in await self._transaction.fetch_all(sql, (village_id, *kinds, to_us(since), limit))]

    async def list_all(self) -> list[dict[str, Any]]:
        """Return every case in plain values for an operator's script: numbers, states, instants; no words, no names."""
        rows = await self._transaction.fetch_all("SELECT c.*, v.name AS village FROM cases c JOIN villages v ON v.id = c.village_id ORDER BY c.id")
        return [
            {
                "number": row["id"],
                "kind": row["kind"],
                "category": row["category"],
                "severity": row["severity"],
                "state": row["state"],
                "rung": row["rung"],
                "village": row["village"],
                "opened_at": from_us(row["opened_at"]).isoformat(),
                "changed_at": from_us(row["changed_at"]).isoformat(),
                "due_at": None if row["due_at"] is None else from_us(row["due_at"]).isoformat(),
                "closed_at": None if row["closed_at"] is None else from_us(row["closed_at"]).isoformat(),
            }
            for row in rows
        ]

    async def list_unarmed(self, *, limit: int = 500) -> list[Case]:
        """Return open cases that no timer with their present fence will look at again."""
        rows = await self._transaction.fetch_all(
            "SELECT c.* FROM cases c WHERE c.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.subject = 'case:' || c.id"
            " AND t.state = 'waiting' AND t.occurrence LIKE 'case:' || c.id || ':' || c.fence || ':%') ORDER BY c.id LIMIT ?",
            (limit,),
        )
        return [_case(row) for row in rows]

    async def _seen(self, case: Case, actor: Person) -> Seen:
        parties = await self.parties(case.id)
        follower = False
        if actor.id is not None:
            sql = "SELECT 1 FROM case_followers WHERE case_id = ? AND person_id = ?"
            follower = await self._transaction.fetch_one(sql, (case.id, actor.id)) is not None
        return Seen(case, seats(actor, case, party=actor.id in parties, follower=follower), parties)


def _scope(actor: Person) -> tuple[str, tuple[Any, ...]]:
    """Return the condition that a case (alias `c`) concerns the actor, and its parameters. A stranger's matches nothing."""
    if actor.id is None:
        return "1 = 0", ()
    own = "c.reporter_id = ? OR c.filed_by = ?"
    if actor.suspended:
        return f"({own})", (actor.id, actor.id)
    villages = tuple(actor.villages(Role.CHAIR, Role.OFFICER, Role.SECRETARY))
    stations = tuple(actor.stations(Role.DUTY, Role.LEADER))
    office = "EXISTS (SELECT 1 FROM case_followers f WHERE f.case_id = c.id AND f.person_id = ?)"
    if villages:
        office += f" OR c.village_id IN ({_marks(villages)})"
    if stations:
        office += f" OR c.station_id IN ({_marks(stations)})"
    no_party = "NOT EXISTS (SELECT 1 FROM case_parties x WHERE x.case_id = c.id AND x.person_id = ?)"
    return f"({own} OR ({no_party} AND ({office})))", (actor.id, actor.id, actor.id, actor.id, *villages, *stations)


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def _case(row: Row) -> Case:
    return Case(
        CaseId(row["id"]),
        VillageId(row["village_id"]),
        StationId(row["station_id"]),
        Kind(row["kind"]),
        row["category"],
        Severity(row["severity"]),
        State(row["state"]),
        row["text"],
        _person(row["reporter_id"]),
        _person(row["filed_by"]),
        row["on_behalf"],
        bool(row["name_hidden"]),
        row["place"],
        bool(row["late"]),
        Role(row["rung"]),
        _person(row["holder_id"]),
        Ladder(*from_json(row["ladder"])),
        row["fence"],
        from_us_or_none(row["due_at"]),
        row["media"],
        row["sessions"],
        bool(row["confirmed"]),
        from_us(row["opened_at"]),
        from_us(row["changed_at"]),
        from_us_or_none(row["closed_at"]),
        row["version"],
    )


def _person(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)


