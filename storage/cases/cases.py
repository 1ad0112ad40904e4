"""Cases: rows, their readers and the timeline.

Knows SQL and no rule; the scope is in storage/cases/scope.py. Invariant: every query for an actor has the scope; a change is recorded
against the version it was decided on, together with its audit event.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from domain.cases.case import Action, Case, CaseChange, Category, Kind, Severity, Side, State
from domain.cases.escalation import EscalationLevel, from_plain, to_plain
from domain.cases.visibility import Level, Visibility
from domain.core.change import CaseId, Event, NotFound, PersonId, StationId, VillageId
from domain.core.immutable import replace
from domain.emergencies.heard import Danger
from domain.people.people import Role
from storage.cases.scenes import COLUMNS, JOIN, scene_from, write_scene
from storage.cases.scope import scope
from storage.core.village_names import SHOWN_NAME
from storage.engine.database import Conflict
from storage.values import from_json, from_us, from_us_or_none, to_json, to_us, to_us_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from domain.people.people import Person
    from storage.engine.database import Row, Transaction

#: A case with its village's name and its reporter's name and telephone. Alias of the case in every scope: `c`.
CASE = (
    f"SELECT c.*, {SHOWN_NAME} AS v_name, r.name AS r_name, r.phone AS r_phone, k.given_at AS r_phone_given_at,"
    f" (SELECT COUNT(*) FROM case_followers w WHERE w.case_id = c.id) AS followers, o.name AS o_name, {COLUMNS} FROM cases c"
    " JOIN villages v ON v.id = c.village_id"
    f" LEFT JOIN people r ON r.id = c.reporter_id LEFT JOIN phone_uses k ON k.person_id = r.id AND k.used_for = 'reports'"
    f" LEFT JOIN people o ON o.id = c.opened_by AND c.reporter_id IS NULL {JOIN}"
)
#: People per statement (SQLite takes 500 parts).
TOGETHER = 50


class Cases:
    """The cases of a town.

    * `open(change)`: a new case. `visible_to(actor, number)`, `readers_of(number, people)`, `find(number)`. `record(change)`.
    * `attach(number, …)`, `attachments(number)`, `follow(number, person)`, `followers(number)`.
    * `timeline(number)`, `sessions(number)`.
    * `list_unwatched`, `list_all`: for the auditor and the operator.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    # One case -----------------------------------------------------------------------------------------------------------

    async def visible_to(self, actor: Person, number: int) -> Case:
        """Return a case the actor may see.

        Raises:
            NotFound: there is none, or it is not theirs.
        """
        condition, params = scope(actor)
        row = await self._transaction.fetch_one(f"{CASE} WHERE c.id = ? AND {condition}", (number, *params))
        if row is None:
            raise NotFound(number)
        return await self.whole(row)

    async def readers_of(self, number: int, people: Iterable[Person]) -> frozenset[PersonId]:
        """Return the subset of `people` who may see a case now.

        For these `visible_to` would return it.
        """
        scopes = [(person.id, *scope(person)) for person in people if person.id is not None]
        found: set[PersonId] = set()
        for start in range(0, len(scopes), TOGETHER):
            asked = scopes[start : start + TOGETHER]
            sql = " UNION ALL ".join(
                f"SELECT {place} AS place FROM cases c WHERE c.id = ? AND {each[1]}" for place, each in enumerate(asked)
            )
            params = tuple(value for _, _, values in asked for value in (number, *values))
            found |= {asked[row["place"]][0] for row in await self._transaction.fetch_all(sql, params)}
        return frozenset(found)

    async def find(self, number: int) -> Case | None:
        """Return a case for any reader (the clock), or None."""
        row = await self._transaction.fetch_one(f"{CASE} WHERE c.id = ?", (number,))
        return None if row is None else await self.whole(row)

    async def open(self, change: CaseChange) -> Case:
        """Insert a new case with its parties and its audit event."""
        case = change.case
        columns = _columns(case) | {
            "id": case.id,
            "village_id": case.village_id,
            "station_id": case.station_id,
            "text": case.text,
            "source": case.source,
            "reporter_id": case.reporter_id,
            "reporter_name": case.reporter_name if case.reporter_id is None else "",  # for a registered reporter the directory has the name
            "opened_by": case.opened_by,
            "level": case.visibility.level.value,
            "opened_at": to_us(case.opened_at),
            "version": 1,
        }
        await self._transaction.execute(_insert(tuple(columns)), tuple(columns.values()))
        await write_scene(self._transaction, case)
        await self._write_readers(replace(case, parties=(), handlers=()), change)
        await self._audit(change.event)
        return case

    async def record(self, change: CaseChange) -> Case:
        """Write a change with its rows; return the case with its new version.

        Raises:
            Conflict: somebody else changed it first.
        """
        case = change.case
        columns = _columns(case) | ({"text": case.text} if case.text != change.before.text else {})
        sets = ", ".join(f"{name} = ?" for name in columns)
        touched = await self._transaction.execute(
            f"UPDATE cases SET {sets}, version = version + 1 WHERE id = ? AND version = ?", (*columns.values(), case.id, case.version)
        )
        if touched != 1:
            raise Conflict(case.subject)
        if case.scene != change.before.scene:
            await write_scene(self._transaction, case)
        await self._write_readers(change.before, change)
        if change.session is not None:
            await self._add_session(change)
        await self._audit(change.event)
        return replace(case, version=case.version + 1)

    # Rows of a case -----------------------------------------------------------------------------------------------------

    async def attach(
        self, number: CaseId, media: Mapping[str, Any], *, unique_id: str, by: PersonId | None, caption: str = "", most: int, at: datetime
    ) -> bool:
        """Add an attachment to a case; False when it was there or the case has `most` already.

        A photo, voice, video, file or location (`media` as in Incoming, or {"type": "location", …}). `unique_id`: the channel's
        file_unique_id, or any word that distinguishes two attachments of a case.
        """
        added = await self._transaction.execute(
            "INSERT INTO case_attachments (case_id, media, unique_id, caption, added_by, added_at)"
            " SELECT c.id, ?, ?, ?, ?, ? FROM cases c WHERE c.id = ? AND c.photos + c.voices + c.files < ?"
            " ON CONFLICT (case_id, unique_id) DO NOTHING",
            (to_json(dict(media)), unique_id, caption, by, to_us(at), number, most),
        )
        if added:
            column = {"photo": "photos", "voice": "voices"}.get(str(media.get("type")), "files")
            first = str(media["file_id"]) if column == "photos" else ""
            await self._transaction.execute(
                f"UPDATE cases SET {column} = {column} + 1, picture = CASE WHEN picture = '' THEN ? ELSE picture END WHERE id = ?",
                (first, number),
            )
        return added == 1

    async def attachments(self, number: CaseId, *, limit: int = 50, skip: int = 0) -> list[tuple[dict[str, Any], str]]:
        """Return (media, caption) of the attachments after the first `skip`, oldest first."""
        rows = await self._transaction.fetch_all(
            "SELECT media, caption FROM case_attachments WHERE case_id = ? ORDER BY id LIMIT ? OFFSET ?", (number, limit, skip)
        )
        return [(from_json(row["media"]), row["caption"]) for row in rows]

    async def follow(self, number: CaseId, person_id: PersonId, *, at: datetime) -> bool:
        """Let a person follow a case ("this is the same"); False when they already follow it."""
        sql = "INSERT INTO case_followers (case_id, person_id, since_at) VALUES (?, ?, ?) ON CONFLICT (case_id, person_id) DO NOTHING"
        return await self._transaction.execute(sql, (number, person_id, to_us(at))) == 1

    async def followers(self, number: CaseId) -> list[PersonId]:
        """Return the followers of a case."""
        rows = await self._transaction.fetch_all(
            "SELECT person_id FROM case_followers WHERE case_id = ? ORDER BY since_at, person_id", (number,)
        )
        return [PersonId(row["person_id"]) for row in rows]

    async def timeline(self, number: CaseId, *, limit: int = 40) -> list[Event]:
        """Return the last events of a case, oldest first."""
        rows = await self._transaction.fetch_all(
            "SELECT * FROM audit WHERE subject = ? ORDER BY id DESC LIMIT ?", (f"case:{number}", limit)
        )
        return [_event(row) for row in reversed(rows)]

    async def seal_request(self, number: CaseId, *, since: datetime) -> Event | None:
        """Return the last request to open a sealed name since an instant, or None."""
        row = await self._transaction.fetch_one(
            "SELECT * FROM audit WHERE subject = ? AND action = ? AND at >= ? ORDER BY id DESC LIMIT 1",
            (f"case:{number}", Action.ASK_SEAL.value, to_us(since)),
        )
        return None if row is None else _event(row)

    # For the clock and the operator -------------------------------------------------------------------------------------

    async def list_unwatched(self, *, limit: int = 200) -> list[Case]:
        """Return active cases without a pending timer of their present step."""
        rows = await self._transaction.fetch_all(
            f"{CASE} WHERE c.station_id IN (SELECT s.id FROM stations s)"
            " AND c.state IN ('open', 'accepted', 'mediating', 'escalated', 'acknowledged', 'joint') AND NOT EXISTS"
            " (SELECT 1 FROM timers t WHERE t.subject = 'case:' || c.id AND t.state = 'waiting'"
            " AND t.kind IN ('case_deadline', 'case_stalled', 'case_round') AND (t.occurrence = t.kind || ':' || c.id || ':' || c.fence"
            " OR t.occurrence LIKE t.kind || ':' || c.id || ':' || c.fence || ':%')) ORDER BY c.id LIMIT ?",
            (limit,),
        )
        return [await self.whole(row) for row in rows]

    async def list_all(self) -> list[dict[str, Any]]:
        """Return every case in plain values for a script: numbers, states and instants.

        No words and no names.
        """
        rows = await self._transaction.fetch_all(f"{CASE} ORDER BY c.id")
        return [
            {
                "number": row["id"],
                "kind": row["kind"],
                "category": row["category"],
                "severity": row["severity"],
                "state": row["state"],
                "village": row["v_name"],
                "holder": row["holder"],
                "opened_at": from_us(row["opened_at"]).isoformat(),
                "due_at": None if row["due_at"] is None else from_us(row["due_at"]).isoformat(),
                "ended_at": None if row["ended_at"] is None else from_us(row["ended_at"]).isoformat(),
                "version": row["version"],
            }
            for row in rows
        ]

    async def whole(self, row: Row) -> Case:
        """Return the case of a row of `CASE`, with its parties and named handlers."""
        case = case_from(row)
        if row["parties"]:
            rows = await self._transaction.fetch_all(
                "SELECT x.person_id AS person_id, x.side AS side, '' AS name FROM case_parties x WHERE x.case_id = ?1"
                " UNION ALL SELECT n.id, 'excluded', e.name FROM case_excluded_names e LEFT JOIN people n ON n.name = e.name WHERE e.case_id = ?1"
                " ORDER BY 1",
                (case.id,),
            )
            case = replace(
                case,
                parties=tuple(dict.fromkeys(PersonId(each["person_id"]) for each in rows if each["person_id"] is not None)),
                doubtful=tuple(PersonId(each["person_id"]) for each in rows if each["side"] == Side.DOUBTFUL),
                excluded_names=tuple(dict.fromkeys(each["name"] for each in rows if each["name"])),
            )
        if row["restricted"]:
            rows = await self._transaction.fetch_all("SELECT person_id FROM case_handlers WHERE case_id = ? ORDER BY person_id", (case.id,))
            case = replace(case, handlers=tuple(PersonId(each["person_id"]) for each in rows))
        return case

    async def _write_readers(self, before: Case, change: CaseChange) -> None:
        """Write who must not see the case, and its named handlers, as far as they changed."""
        case, at = change.case, to_us(change.event.at)
        for person_id in set(before.parties) - set(case.parties):
            await self._transaction.execute("DELETE FROM case_parties WHERE case_id = ? AND person_id = ?", (case.id, person_id))
        for person_id in sorted(set(case.parties) - set(before.parties)):
            await self._transaction.execute(
                "INSERT INTO case_parties (case_id, person_id, side, added_by, added_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (case_id, person_id) DO NOTHING",
                (case.id, person_id, change.side.value, change.event.actor_id, at),
            )
        if change.action is Action.CONCERNS:
            await self._transaction.execute(
                "UPDATE case_parties SET side = ? WHERE case_id = ? AND side = ?", (Side.AGAINST.value, case.id, Side.DOUBTFUL.value)
            )
        for name in set(case.excluded_names) - set(before.excluded_names):
            sql = "INSERT INTO case_excluded_names (case_id, name, added_at) VALUES (?, ?, ?) ON CONFLICT (case_id, name) DO NOTHING"
            await self._transaction.execute(sql, (case.id, name, at))
        if set(case.parties) - set(before.parties) or set(case.excluded_names) - set(before.excluded_names):
            await self._transaction.execute(
                "DELETE FROM case_followers WHERE case_id = ?1 AND person_id IN (SELECT person_id FROM case_parties WHERE case_id = ?1"
                " UNION SELECT n.id FROM case_excluded_names e JOIN people n ON n.name = e.name WHERE e.case_id = ?1)",
                (case.id,),
            )
        for person_id in set(before.handlers) - set(case.handlers):
            await self._transaction.execute("DELETE FROM case_handlers WHERE case_id = ? AND person_id = ?", (case.id, person_id))
        for person_id in sorted(set(case.handlers) - set(before.handlers)):
            sql = "INSERT INTO case_handlers (case_id, person_id, added_at) VALUES (?, ?, ?) ON CONFLICT (case_id, person_id) DO NOTHING"
            await self._transaction.execute(sql, (case.id, person_id, at))

    async def _add_session(self, change: CaseChange) -> None:
        session, case = change.session, change.case
        assert session is not None
        await self._transaction.execute(
            "INSERT INTO case_sessions (case_id, number, joint, held_at, held_words, place, present, result, next_at, recorded_by, recorded_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                case.id,
                case.sessions,
                int(case.state is State.JOINT),
                to_us_or_none(session.held_at),
                session.held_words,
                session.place,
                session.present,
                session.result,
                to_us_or_none(session.next_at),
                change.by.id,
                to_us(change.event.at),
            ),
        )

    async def _audit(self, event: Event) -> None:
        await self._transaction.execute(
            "INSERT INTO audit (at, subject, action, actor_id, words, data) VALUES (?, ?, ?, ?, ?, ?)",
            (to_us(event.at), event.subject, event.action, event.actor_id, event.words, to_json(event.data)),
        )


def case_from(row: Row) -> Case:
    """Convert a row of `CASE` to a case, without its parties and named handlers (for lists)."""
    return Case(
        id=CaseId(row["id"]),
        kind=Kind(row["kind"]),
        category=Category(row["category"]),
        severity=Severity(row["severity"]),
        state=State(row["state"]),
        village_id=VillageId(row["village_id"]),
        station_id=StationId(row["station_id"]),
        village=row["v_name"],
        text=row["text"],
        place=row["place"],
        details=from_json(row["details"]),
        source=row["source"],
        reporter_id=row["reporter_id"],
        reporter_name=row["reporter_name"] or row["r_name"] or "",
        reporter_phone=row["r_phone"] or "",
        followers=row["followers"],
        filer_name=row["o_name"] or "",
        phone_given=row["r_phone_given_at"] is not None,
        opened_by=row["opened_by"],
        visibility=Visibility(
            Level(row["level"]), bool(row["police_only"]), bool(row["restricted"]), bool(row["seal_open"]), bool(row["media_shown"])
        ),
        holder=Role(row["holder"]),
        holder_id=row["holder_id"],
        holder_name=row["holder_name"],
        rung=EscalationLevel(row["rung"]),
        fence=row["fence"],
        due_at=from_us_or_none(row["due_at"]),
        ladder=from_plain(from_json(row["ladder"])),
        opened_at=from_us(row["opened_at"]),
        acted_at=from_us(row["acted_at"]),
        step_at=from_us(row["step_at"] or row["opened_at"]),
        next_at=from_us_or_none(row["next_at"]),
        ended_at=from_us_or_none(row["ended_at"]),
        sessions=row["sessions"],
        photos=row["photos"],
        voices=row["voices"],
        files=row["files"],
        picture=row["picture"],
        danger=Danger(row["danger"]) if row["danger"] else None,
        at_home=bool(row["at_home"]),
        scene=scene_from(row),
        placed_at=from_us_or_none(row["placed_at"]),
        version=row["version"],
    )


@cache
def _insert(columns: tuple[str, ...]) -> str:
    return f"INSERT INTO cases ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _columns(case: Case) -> dict[str, Any]:
    """Return the columns that a move may change, as plain values that drivers accept."""
    return {
        "kind": case.kind.value,
        "category": case.category.value,
        "severity": case.severity.value,
        "danger": "" if case.danger is None else case.danger.value,
        "at_home": int(case.at_home),
        "state": case.state.value,
        "place": case.place,
        "details": to_json(case.details),
        "holder": case.holder.value,
        "holder_id": case.holder_id,
        "holder_name": case.holder_name,
        "rung": int(case.rung),
        "fence": case.fence,
        "due_at": to_us_or_none(case.due_at),
        "step_at": to_us(case.step_at),
        "ladder": to_json(to_plain(case.ladder)),
        "parties": len(case.parties) + len(case.excluded_names),
        "police_only": int(case.visibility.police_only),
        "restricted": int(case.visibility.restricted),
        "seal_open": int(case.visibility.seal_open),
        "media_shown": int(case.visibility.media_shown),
        "sessions": case.sessions,
        "acted_at": to_us(case.acted_at),
        "next_at": to_us_or_none(case.next_at),
        "ended_at": to_us_or_none(case.ended_at),
    }


def _event(row: Row) -> Event:
    return Event(row["subject"], row["action"], row["actor_id"], from_us(row["at"]), row["words"], from_json(row["data"]))
