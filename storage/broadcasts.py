"""Broadcasts: one message to many groups and people.

Knows SQL and no rule. Invariant: a broadcast is seen by its author and by the desk and leaders of its station, nobody else; a change is
written only over the version it was decided on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.broadcasts import Audience, Broadcast, Change, State
from domain.core.change import Address, ChatId, Event, NotFound, PersonId, Receiver, StationId, VillageId
from domain.people.people import Person, Role
from storage.core.audit import Audit
from storage.core.facts import Facts
from storage.core.registry import Counts, Data, Number, Personal, Subject, everybody
from storage.core.retention import Retention
from storage.engine.database import Conflict
from storage.values import from_json, from_us, marks, to_json, to_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.engine.database import Row, Transaction

#: People who can be notified: (village ids…, 1 for only those who want tips). Police are left out: they send.
PEOPLE = (
    "p.village_id IN ({marks}) AND p.consent_version <> '' AND p.suspended_at IS NULL AND p.forgotten_at IS NULL AND (? = 0 OR p.wants_tips = 1)"
    " AND EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = p.id AND a.unreachable_at IS NULL) AND NOT EXISTS (SELECT 1 FROM posts"
    " WHERE posts.person_id = p.id AND posts.until_at IS NULL AND posts.role IN ('officer', 'duty', 'leader', 'admin'))"
)
COUNT_PEOPLE = f"SELECT COUNT(*) AS n FROM people p WHERE {PEOPLE}"
#: Each person once, by the address seen last.
NEXT_PEOPLE = (
    "SELECT p.id, p.name, p.language, p.village_id, b.channel, b.user_id FROM people p JOIN addresses b ON b.person_id = p.id"
    " AND b.unreachable_at IS NULL AND NOT EXISTS (SELECT 1 FROM addresses c WHERE c.person_id = p.id AND c.unreachable_at IS NULL"
    " AND (COALESCE(c.seen_at, 0) > COALESCE(b.seen_at, 0) OR (COALESCE(c.seen_at, 0) = COALESCE(b.seen_at, 0)"
    f" AND (c.channel < b.channel OR (c.channel = b.channel AND c.user_id < b.user_id))))) WHERE {PEOPLE} AND p.id > ? ORDER BY p.id LIMIT ?"
)


class Broadcasts:
    """Broadcasts of one town.

    `add`, `find`, `visible_to(actor, id)`, `list_visible`, `record(change)`; `people_of`, `count_people`; `receipts`, `failures`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, draft: Broadcast, *, at: datetime) -> Broadcast:
        """Store a new broadcast; return it with its id."""
        row = await self._transaction.fetch_one(
            "INSERT INTO broadcasts (id, kind, station_id, author_id, key, params, audience, villages, state, total, schedule_id, created_at,"
            " photo) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                await Facts(self._transaction).next_number("broadcast"),
                draft.kind,
                draft.station_id,
                draft.author_id,
                draft.key,
                to_json(draft.params),
                draft.audience,
                to_json(draft.villages),
                draft.state,
                draft.total,
                draft.schedule_id,
                to_us(at),
                draft.photo,
            ),
        )
        assert row is not None
        added = _broadcast(row)
        await Audit(self._transaction).record(Event(added.card, f"broadcast.{added.state}", added.author_id, at))
        return added

    async def find(self, broadcast_id: int) -> Broadcast | None:
        """Return a broadcast for any reader (for the clock)."""
        row = await self._transaction.fetch_one("SELECT * FROM broadcasts WHERE id = ?", (broadcast_id,))
        return None if row is None else _broadcast(row)

    async def visible_to(self, actor: Person, broadcast_id: int) -> Broadcast:
        """Return a broadcast of the actor, or of a station where they are leader or desk.

        Raises:
            NotFound: there is none, or it is not theirs.
        """
        where, params = _scope(actor)
        row = await self._transaction.fetch_one(f"SELECT * FROM broadcasts WHERE id = ? AND {where}", (broadcast_id, *params))
        if row is None:
            raise NotFound(broadcast_id)
        return _broadcast(row)

    async def list_visible(self, actor: Person, *, limit: int, offset: int = 0) -> list[Broadcast]:
        """Return the sent broadcasts that the actor may see, newest first."""
        where, params = _scope(actor)
        rows = await self._transaction.fetch_all(
            f"SELECT * FROM broadcasts WHERE state NOT IN ('draft', 'discarded') AND {where} ORDER BY id DESC LIMIT ? OFFSET ?",
            (*params, limit, offset),
        )
        return [_broadcast(row) for row in rows]

    async def list_on_their_way(self, author_id: PersonId) -> list[Broadcast]:
        """Return a person's broadcasts that are not completely sent."""
        rows = await self._transaction.fetch_all(
            "SELECT * FROM broadcasts WHERE author_id = ? AND state = 'sending' ORDER BY id", (author_id,)
        )
        return [_broadcast(row) for row in rows]

    async def record(self, decided: Change) -> Broadcast:
        """Write a change and its audit event; return the broadcast as it is now.

        Raises:
            Conflict: somebody else changed it first.
        """
        value = decided.value
        row = await self._transaction.fetch_one(
            "UPDATE broadcasts SET audience = ?, villages = ?, state = ?, total = ?, version = version + 1,"
            " confirmed_at = CASE WHEN ? = 'sending' THEN COALESCE(confirmed_at, ?) ELSE confirmed_at END,"
            " done_at = CASE WHEN ? IN ('done', 'stopped', 'discarded') THEN CAST(? AS BIGINT) ELSE NULL END WHERE id = ? AND version = ? RETURNING *",
            (
                value.audience,
                to_json(value.villages),
                value.state,
                value.total,
                value.state,
                to_us(decided.event.at),
                value.state,
                to_us(decided.event.at),
                value.id,
                value.version,
            ),
        )
        if row is None:
            raise Conflict(f"broadcast {value.id} was changed by somebody else")
        await Audit(self._transaction).record(decided.event)
        return _broadcast(row)

    # Receivers ----------------------------------------------------------------------------------------------------------

    async def count_people(self, village_ids: Sequence[VillageId], *, wishing: bool) -> int:
        """Return how many joined villagers of these villages can be reached.

        `wishing`: only those who want tips.
        """
        row = await self._transaction.fetch_one(_marked(COUNT_PEOPLE, village_ids), (*village_ids, int(wishing)))
        return int(row["n"]) if row else 0

    async def people_of(self, village_ids: Sequence[VillageId], *, wishing: bool, after: int, limit: int) -> list[tuple[int, Receiver]]:
        """Return (person id, receiver) of the next joined villagers after a person id.

        Each person once.
        """
        rows = await self._transaction.fetch_all(_marked(NEXT_PEOPLE, village_ids), (*village_ids, int(wishing), after, limit))
        return [
            (
                row["id"],
                Receiver(
                    Address(row["channel"], ChatId(row["user_id"])),
                    row["language"],
                    PersonId(row["id"]),
                    str(Role.VILLAGER),
                    VillageId(row["village_id"]),
                    row["name"],
                ),
            )
            for row in rows
        ]

    async def station_name(self, station_id: StationId) -> str:
        """Return a station's name."""
        row = await self._transaction.fetch_one("SELECT name FROM stations WHERE id = ?", (station_id,))
        return "" if row is None else str(row["name"])

    # Outcomes -----------------------------------------------------------------------------------------------------------

    async def receipts(self, batch: str) -> list[Row]:
        """Return (village_id, role, state, n) of a broadcast's messages."""
        return await self._transaction.fetch_all(
            "SELECT village_id, role, state, COUNT(*) AS n FROM outbox WHERE batch = ? AND batch <> '' GROUP BY village_id, role, state",
            (batch,),
        )

    async def failures(self, batch: str) -> list[Row]:
        """Return the messages that did not arrive.

        Columns: id, person_id, village_id, role, channel, chat_id, state, fault.
        """
        return await self._transaction.fetch_all(
            "SELECT id, person_id, village_id, role, channel, chat_id, state, fault FROM outbox WHERE batch = ?"
            " AND batch <> '' AND state IN ('failed', 'expired') ORDER BY role, village_id, id",
            (batch,),
        )


def _scope(actor: Person) -> tuple[str, tuple[int, ...]]:
    """Return the SQL condition, with its parameters, of the broadcasts an actor may see.

    A suspended actor may see none.
    """
    if actor.suspended:
        return "0 = 1", ()
    stations = tuple(sorted(actor.stations(Role.DUTY, Role.LEADER)))
    mine = "author_id = ?" if actor.holds(Role.OFFICER, Role.DUTY, Role.LEADER) else "0 * ? = 1"
    led = f"station_id IN ({marks(stations)})" if stations else "0 = 1"
    return f"({mine} OR {led})", (actor.id or 0, *stations)


def _marked(sql: str, values: Sequence[int]) -> str:
    return sql.format(marks=marks(values))


def _broadcast(row: Row) -> Broadcast:
    return Broadcast(
        id=row["id"],
        kind=row["kind"],
        station_id=StationId(row["station_id"]),
        author_id=PersonId(row["author_id"]),
        key=row["key"],
        params=from_json(row["params"]),
        audience=Audience(row["audience"]),
        villages=tuple(VillageId(village_id) for village_id in from_json(row["villages"])),
        state=State(row["state"]),
        total=row["total"],
        schedule_id=row["schedule_id"],
        photo=row["photo"],
        created_at=from_us(row["created_at"]),
        version=row["version"],
    )


DATA = Data(
    "broadcasts",
    small={"some hundreds a year: each is decided by a person in office": ("broadcasts",)},
    subjects=(
        Subject(
            "broadcast",
            "broadcasts",
            scope=_scope,
            gate=everybody,
            groups=True,
            retention=Retention.MESSAGE,
            counts=(
                Counts(
                    "broadcasts",
                    "broadcasts b",
                    kind="b.kind",
                    village="NULL",
                    severity="''",
                    instants={"created_at": "b.created_at", "confirmed_at": "b.confirmed_at", "done_at": "b.done_at"},
                ),
            ),
        ),
    ),
    numbers=(Number("broadcast"),),
    unscoped={"Broadcasts.list_on_their_way": "takes the author, whose own they are; for who loses a post"},
    personal=Personal(
        moved=("broadcasts.author_id",),
        past={"what is still to be sent to villages that are not the author's any more is stopped": ("broadcasts.author_id",)},
        kept={"who sent a message to many did so in office; it names a number": ("broadcasts.author_id",)},
    ),
)
