"""Responders of urgent cases: the people called, and their answers.

Knows SQL and no rule. Invariants: a callout is open to those who were called to it, never to a party or its reporter; of a case for the police
only, to police of its station; of a restricted one, to its named handlers. No place of a person is stored.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from domain.core.change import CaseId, NotFound, PersonId, VillageId
from domain.people.people import POLICE, Role, Village
from domain.responders import Means, Progress, Responder, Volunteer
from storage.cases.scope import scope as readers
from storage.core.registry import Data, Personal, Subject
from storage.core.retention import Retention
from storage.core.village_names import SHOWN_NAME
from storage.values import from_us, from_us_or_none, marks, to_us, to_us_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.people.people import Person
    from storage.engine.database import Row, Transaction


class Callouts:
    """Urgent cases and the people called to them.

    * `call(case, people)`, `put(responder)`, `find(case, person)`, `of(case)`, `going(case)`, `reset(case)`, `end(case)`.
    * `visible_to(actor, number)`: the actor's own row; `list_open(actor)`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def call(self, number: CaseId, person_ids: Iterable[PersonId], *, at: datetime, volunteer: bool = False) -> list[PersonId]:
        """Add people who were called; return those who were not called before."""
        await self._transaction.execute(
            "INSERT INTO callouts (id, called_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", (number, to_us(at))
        )
        added = []
        for person_id in person_ids:
            rows = await self._transaction.execute(
                "INSERT INTO responders (callout_id, person_id, called_at, state, volunteer) VALUES (?, ?, ?, 'called', ?)"
                " ON CONFLICT (callout_id, person_id) DO NOTHING",
                (number, person_id, to_us(at), int(volunteer)),
            )
            added += [person_id] if rows else []
        return added

    async def put(self, who: Responder) -> None:
        """Write what a responder said."""
        await self._transaction.execute(
            "UPDATE responders SET state = ?, means = ?, due_at = ?, seen_at = ?, came_at = ? WHERE callout_id = ? AND person_id = ?",
            (
                who.state, who.means or "", to_us_or_none(who.due_at), to_us_or_none(who.seen_at), to_us_or_none(who.came_at),
                who.case_id, who.person_id,
            ),
        )  # fmt: skip

    async def find(self, number: CaseId, person_id: PersonId) -> Responder | None:
        """Return a person as a responder of a case, or None."""
        row = await self._transaction.fetch_one(
            "SELECT r.* FROM responders r WHERE r.callout_id = ? AND r.person_id = ?", (number, person_id)
        )
        return None if row is None else _responder(row)

    async def of(self, number: CaseId) -> list[Responder]:
        """Return everybody who was called to a case, those who answered first coming first."""
        rows = await self._transaction.fetch_all(
            "SELECT r.* FROM responders r WHERE r.callout_id = ? ORDER BY r.came_at IS NULL, r.came_at, r.person_id", (number,)
        )
        return [_responder(row) for row in rows]

    async def going(self, number: CaseId) -> int:
        """Return how many come or are there."""
        row = await self._transaction.fetch_one(
            "SELECT COUNT(*) AS n FROM responders WHERE callout_id = ? AND state IN ('coming', 'arrived', 'handling')", (number,)
        )
        return 0 if row is None else int(row["n"])

    async def is_over(self, number: CaseId) -> bool:
        """Tell whether everybody was told that nobody has to come any more."""
        return await self._transaction.fetch_one("SELECT 1 FROM callouts WHERE id = ? AND over_at IS NOT NULL", (number,)) is not None

    async def end(self, number: CaseId, at: datetime | None) -> None:
        """Write when nobody has to come any more; None: it begins again, and nobody has answered."""
        await self._transaction.execute("UPDATE callouts SET over_at = ? WHERE id = ?", (to_us_or_none(at), number))
        if at is None:
            await self._transaction.execute(
                "UPDATE responders SET state = 'called', means = '', due_at = NULL, seen_at = NULL WHERE callout_id = ?", (number,)
            )

    async def visible_to(self, actor: Person, number: int) -> Responder:
        """Return the actor as a responder of a case.

        Raises:
            NotFound: there is none, or they were not called, or must not hear of it.
        """
        where, params = _called(actor)
        row = await self._transaction.fetch_one(
            f"SELECT r.* FROM callouts x JOIN responders r ON r.callout_id = x.id AND r.person_id = ? WHERE x.id = ? AND {where}",
            (actor.id or 0, number, *params),
        )
        if row is None:
            raise NotFound(number)
        return _responder(row)

    async def list_open(self, actor: Person, *, limit: int) -> list[Responder]:
        """Return the actor as a responder of open callouts: accepted ones first, then the newest."""
        where, params = _called(actor)
        rows = await self._transaction.fetch_all(
            "SELECT r.* FROM responders r JOIN callouts x ON x.id = r.callout_id"
            f" WHERE r.person_id = ? AND x.over_at IS NULL AND {where} ORDER BY r.state <> 'coming', x.id DESC LIMIT ?",
            (actor.id or 0, *params, limit),
        )
        return [_responder(row) for row in rows]


class Volunteers:
    """Residents who agreed to be called: `find`, `put`, `drop`, `of_villages`, `visible_to`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, person_id: PersonId) -> Volunteer | None:
        """Return a person as a volunteer, or None."""
        row = await self._transaction.fetch_one("SELECT * FROM volunteers WHERE person_id = ?", (person_id,))
        return None if row is None else _volunteer(row)

    async def put(self, who: Volunteer) -> None:
        """Write a volunteer."""
        await self._transaction.execute(
            "INSERT INTO volunteers (person_id, active, fights_fire, agreed_at, trained_on) VALUES (?, ?, ?, ?, ?) ON CONFLICT (person_id) DO UPDATE"
            " SET active = excluded.active, fights_fire = excluded.fights_fire, agreed_at = excluded.agreed_at, trained_on = excluded.trained_on",
            (
                who.person_id, int(who.active), int(who.fights_fire), to_us(who.agreed_at),
                who.trained_on.isoformat() if who.trained_on else "",
            ),
        )  # fmt: skip

    async def drop(self, person_id: PersonId) -> None:
        """Delete a volunteer."""
        await self._transaction.execute("DELETE FROM volunteers WHERE person_id = ?", (person_id,))

    async def of_villages(self, village_ids: Iterable[VillageId], *, limit: int) -> list[Volunteer]:
        """Return the active volunteers of villages, the newest training first."""
        ids = sorted(set(village_ids))
        rows = await self._transaction.fetch_all(
            "SELECT w.* FROM volunteers w JOIN people p ON p.id = w.person_id WHERE w.active = 1 AND p.suspended_at IS NULL"
            f" AND p.village_id IN ({marks(ids)}) ORDER BY w.trained_on DESC, w.person_id LIMIT ?",
            (*ids, limit),
        )
        return [_volunteer(row) for row in rows]

    async def visible_to(self, actor: Person, village_id: int, *, limit: int) -> tuple[Village, list[Volunteer]]:
        """Return a village of the actor's post and its volunteers, the newest training first.

        Raises:
            NotFound: there is no such village, or they are not its chair or officer.
        """
        mine = [] if actor.suspended else sorted(actor.villages(Role.CHAIR, Role.OFFICER))
        row = await self._transaction.fetch_one(
            f"SELECT v.id AS id, v.station_id AS station_id, {SHOWN_NAME} AS shown FROM villages v WHERE v.id = ? AND v.closed_at IS NULL"
            f" AND v.id IN ({marks(mine)})",
            (village_id, *mine),
        )
        if row is None:
            raise NotFound(village_id)
        found = await self._transaction.fetch_all(
            "SELECT w.* FROM volunteers w JOIN people p ON p.id = w.person_id WHERE p.suspended_at IS NULL AND p.village_id = ?"
            " ORDER BY w.trained_on DESC, w.person_id LIMIT ?",
            (village_id, limit),
        )
        return Village(VillageId(row["id"]), row["shown"], row["station_id"]), [_volunteer(each) for each in found]


def _volunteer(row: Row) -> Volunteer:
    return Volunteer(
        person_id=PersonId(row["person_id"]),
        active=bool(row["active"]),
        fights_fire=bool(row["fights_fire"]),
        agreed_at=from_us(row["agreed_at"]),
        trained_on=date.fromisoformat(row["trained_on"]) if row["trained_on"] else None,
    )


def _called(actor: Person) -> tuple[str, tuple[Any, ...]]:
    """Return the condition on `x` for the callouts that somebody was called to and may hear of."""
    if actor.id is None or actor.suspended:
        return "0 = 1", ()
    seen, params = readers(actor)
    police = sorted({post.station_id for post in actor.posts if post.role in POLICE})
    as_what = "" if actor.posts else " AND m.volunteer = 1"  # who was called by a post answers by a post
    return (
        f"(EXISTS (SELECT 1 FROM responders m WHERE m.callout_id = x.id AND m.person_id = ?{as_what})"
        " AND EXISTS (SELECT 1 FROM cases c WHERE c.id = x.id AND (c.reporter_id IS NULL OR c.reporter_id <> ?)"
        " AND NOT EXISTS (SELECT 1 FROM case_parties p WHERE p.case_id = c.id AND p.person_id = ?)"
        " AND NOT EXISTS (SELECT 1 FROM case_excluded_names e JOIN people n ON n.name = e.name WHERE e.case_id = c.id AND n.id = ?)"
        f" AND ((c.restricted = 0 AND (c.police_only = 0 OR c.station_id IN ({marks(police)}))) OR {seen})))",
        (actor.id, actor.id, actor.id, actor.id, *police, *params),
    )


def _responder(row: Row) -> Responder:
    return Responder(
        case_id=CaseId(row["callout_id"]),
        person_id=PersonId(row["person_id"]),
        called_at=from_us(row["called_at"]),
        state=Progress(row["state"]),
        volunteer=bool(row["volunteer"]),
        means=Means(row["means"]) if row["means"] else None,
        due_at=from_us_or_none(row["due_at"]),
        seen_at=from_us_or_none(row["seen_at"]),
        came_at=from_us_or_none(row["came_at"]),
    )


DATA = Data(
    "responders",
    grows=("callouts", "responders", "volunteers"),
    subjects=(Subject("callout", "callouts", scope=_called, gate=_called, retention=Retention.CASE_FILE),),
    personal=Personal(
        once=("responders.callout_id",),
        past={
            "who was called stays called; the case has its own holder": ("responders.person_id",),
            "one agreed for oneself, not by a post": ("volunteers.person_id",),
        },
        stays={"the other person agreed for themselves, or did not": ("volunteers.person_id",)},
        left=("DELETE FROM volunteers WHERE person_id = ?1",),
        erase=("DELETE FROM responders WHERE person_id = ?1", "DELETE FROM volunteers WHERE person_id = ?1"),
    ),
)
