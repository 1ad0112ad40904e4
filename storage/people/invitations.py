"""Invitations, posts that wait for a second person's approval, and failed tries of codes.

Knows SQL and no rule. Invariants: only a code's SHA-256 is stored; `use` succeeds only once, even with concurrent calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Address, PersonId, StationId, VillageId
from domain.core.immutable import replace
from domain.people.invitations import Appointment, Invitation, digest
from domain.people.people import Post, Role
from storage.engine.database import Conflict
from storage.values import from_us, from_us_or_none, marks, to_us, to_us_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.engine.database import Row, Transaction


#: The issuer of an appointment that the operator of the machine gave.
OPERATOR = 0


class Invitations:
    """Invitations, appointments and tries.

    `issue`, `find_by_code`, `find`, `use`, `revoke`, `list_open`; `tried`, `tries_since`; appointments: `ask`, `find_appointment`,
    `find_waiting`, `find_about`, `drop_waiting`, `record`.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def issue(
        self,
        code: str,
        role: Role,
        *,
        station_id: StationId,
        village_id: VillageId | None,
        issuer_id: PersonId | None,
        at: datetime,
        expires_at: datetime,
        person_id: PersonId | None = None,
        replaces_id: PersonId | None = None,
        phone: str = "",
        more: Sequence[Post] = (),
    ) -> int:
        """Store an invitation by the hash of its code; return its id.

        `more`: further posts that it gives.
        """
        row = await self._transaction.fetch_one(
            "INSERT INTO invitations (code_hash, role, station_id, village_id, person_id, issuer_id, issued_at, expires_at,"
            " replaces_id, phone) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (digest(code), role, station_id, village_id, person_id, issuer_id, to_us(at), to_us(expires_at), replaces_id, phone),
        )
        assert row is not None
        for post in more:
            await self._transaction.execute(
                "INSERT INTO invitation_posts (invitation_id, role, station_id, village_id) VALUES (?, ?, ?, ?)",
                (row["id"], post.role, post.station_id, post.village_id),
            )
        return int(row["id"])

    async def count_about(self, person_id: PersonId, *, issuer_id: PersonId, since: datetime) -> int:
        """Return how many codes an issuer made for a person, or for their posts, since an instant."""
        row = await self._transaction.fetch_one(
            "SELECT COUNT(*) AS n FROM invitations WHERE issuer_id = ?1 AND (person_id = ?2 OR replaces_id = ?2) AND issued_at > ?3",
            (issuer_id, person_id, to_us(since)),
        )
        return int(row["n"]) if row else 0

    async def find_by_code(self, code: str) -> Invitation | None:
        """Return the invitation of a code, or None."""
        row = await self._transaction.fetch_one("SELECT * FROM invitations WHERE code_hash = ?", (digest(code),))
        return None if row is None else await self._whole(_invitation(row))

    async def find(self, invitation_id: int) -> Invitation | None:
        """Return an invitation, or None."""
        row = await self._transaction.fetch_one("SELECT * FROM invitations WHERE id = ?", (invitation_id,))
        return None if row is None else await self._whole(_invitation(row))

    async def _whole(self, invitation: Invitation) -> Invitation:
        """Return an invitation with its further posts."""
        rows = await self._transaction.fetch_all(
            "SELECT role, station_id, village_id FROM invitation_posts WHERE invitation_id = ? ORDER BY station_id, village_id",
            (invitation.id,),
        )
        more = tuple(Post(Role(row["role"]), StationId(row["station_id"]), _village_id(row)) for row in rows)
        return replace(invitation, more=more)

    async def use(self, invitation_id: int, *, at: datetime) -> bool:
        """Use an invitation up; False when it is used, revoked or expired."""
        moment = to_us(at)
        sql = "UPDATE invitations SET used_at = ? WHERE id = ? AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ?"
        return await self._transaction.execute(sql, (moment, invitation_id, moment)) == 1

    async def used_by(self, invitation_id: int, person_id: PersonId) -> None:
        """Record the person who used an invitation."""
        await self._transaction.execute("UPDATE invitations SET used_by = ? WHERE id = ?", (person_id, invitation_id))

    async def revoke(self, invitation_id: int, *, issuer_id: PersonId, at: datetime) -> bool:
        """Revoke an open invitation of this issuer; False when there is none."""
        sql = "UPDATE invitations SET revoked_at = ? WHERE id = ? AND issuer_id = ? AND used_at IS NULL AND revoked_at IS NULL"
        return await self._transaction.execute(sql, (to_us(at), invitation_id, issuer_id)) == 1

    async def revoke_about(self, invitation_id: int, person_id: PersonId, *, at: datetime) -> bool:
        """Revoke an open invitation that moves this person's posts; False when there is none."""
        sql = (
            "UPDATE invitations SET revoked_at = ?1 WHERE id = ?2 AND (person_id = ?3 OR replaces_id = ?3)"
            " AND used_at IS NULL AND revoked_at IS NULL"
        )
        return await self._transaction.execute(sql, (to_us(at), invitation_id, person_id)) == 1

    async def revoke_for(self, person_id: PersonId, *, at: datetime) -> int:
        """Revoke the open invitations for or from a person; return how many."""
        sql = "UPDATE invitations SET revoked_at = ?1 WHERE (person_id = ?2 OR issuer_id = ?2) AND used_at IS NULL AND revoked_at IS NULL"
        return await self._transaction.execute(sql, (to_us(at), person_id))

    async def list_open(self, issuer_id: PersonId, *, at: datetime, limit: int = 20) -> list[Invitation]:
        """Return the issuer's open invitations, newest first."""
        rows = await self._transaction.fetch_all(
            "SELECT * FROM invitations WHERE issuer_id = ? AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ? ORDER BY id DESC LIMIT ?",
            (issuer_id, to_us(at), limit),
        )
        return [_invitation(row) for row in rows]

    # Tries --------------------------------------------------------------------------------------------------------------

    async def tried(self, address: Address, what: str, *, at: datetime) -> None:
        """Record a try."""
        await self._transaction.execute(
            "INSERT INTO attempts (channel, user_id, what, at) VALUES (?, ?, ?, ?)", (address.channel, address.chat_id, what, to_us(at))
        )

    async def tries_since(self, address: Address, what: str, *, since: datetime) -> int:
        """Return how often somebody tried since an instant."""
        row = await self._transaction.fetch_one(
            "SELECT COUNT(*) AS n FROM attempts WHERE channel = ? AND user_id = ? AND what = ? AND at > ?",
            (address.channel, address.chat_id, what, to_us(since)),
        )
        return int(row["n"]) if row else 0

    async def count_tries(self, what: str, *, since: datetime) -> int:
        """Return how often anybody tried since an instant."""
        row = await self._transaction.fetch_one("SELECT COUNT(*) AS n FROM attempts WHERE what = ? AND at > ?", (what, to_us(since)))
        return int(row["n"]) if row else 0

    async def purge_tries(self, *, before: datetime) -> int:
        """Delete tries older than an instant.

        The instant is at least a day ago, because a code that was shown counts as long as it lives.
        """
        return await self._transaction.execute("DELETE FROM attempts WHERE at < ?", (to_us(before),))

    # Posts that wait for a second word ----------------------------------------------------------------------------------

    async def ask(
        self,
        person_id: PersonId,
        role: Role,
        *,
        station_id: StationId,
        village_id: VillageId | None,
        issuer_id: PersonId | None,
        replaces_id: PersonId | None,
        with_id: int | None = None,
        at: datetime,
        needs_approval: bool = True,
        waits_until: datetime | None = None,
        held_at: datetime | None = None,
    ) -> Appointment:
        """Store a post that waits, and return it.

        `with_id`: the appointment with which it is decided.
        """
        row = await self._transaction.fetch_one(
            "INSERT INTO appointments (person_id, role, station_id, village_id, issuer_id, replaces_id, with_id, asked_at, needs_approval,"
            " waits_until, held_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (
                person_id, role, station_id, village_id, issuer_id or OPERATOR, replaces_id, with_id, to_us(at), int(needs_approval),
                to_us_or_none(waits_until), to_us_or_none(held_at),
            ),
        )  # fmt: skip
        assert row is not None
        return _appointment(row)

    async def find_appointment(self, appointment_id: int, *, stations: Sequence[StationId]) -> Appointment | None:
        """Return an appointment of one of these stations, or None."""
        row = await self._transaction.fetch_one(
            f"SELECT * FROM appointments WHERE id = ? AND with_id IS NULL AND station_id IN ({marks(stations)})",
            (appointment_id, *stations),
        )
        return None if row is None else _appointment(row)

    async def decided_with(self, appointment: Appointment) -> list[Appointment]:
        """Return the other appointments of the same hand-over."""
        rows = await self._transaction.fetch_all("SELECT * FROM appointments WHERE with_id = ? ORDER BY id", (appointment.id,))
        return [_appointment(row) for row in rows]

    async def find_waiting(self, appointment_id: int) -> Appointment | None:
        """Return an appointment that waits, for the clock."""
        row = await self._transaction.fetch_one("SELECT * FROM appointments WHERE id = ? AND state = 'waiting'", (appointment_id,))
        return None if row is None else _appointment(row)

    async def find_about(self, appointment_id: int, person_id: PersonId) -> Appointment | None:
        """Return an appointment that moves this person's posts, or None."""
        row = await self._transaction.fetch_one("SELECT * FROM appointments WHERE id = ? AND replaces_id = ?", (appointment_id, person_id))
        return None if row is None else _appointment(row)

    async def drop_waiting(self, person_id: PersonId, *, at: datetime) -> list[Appointment]:
        """Refuse all that waits for a person, from them, or about their posts; return it."""
        rows = await self._transaction.fetch_all(
            "UPDATE appointments SET state = 'refused', decided_at = ?1, version = version + 1"
            " WHERE state = 'waiting' AND (person_id = ?2 OR issuer_id = ?2 OR replaces_id = ?2)"
            " RETURNING *",
            (to_us(at), person_id),
        )
        return [_appointment(row) for row in sorted(rows, key=lambda row: row["id"])]

    async def record(self, appointment: Appointment, *, by: PersonId | None, at: datetime) -> Appointment:
        """Write a word about an appointment, and return it as it is then; `by` None: the clock.

        Raises:
            Conflict: somebody else spoke first.
        """
        sql = (
            "UPDATE appointments SET state = ?, approved_by = ?, waits_until = ?, replaces_id = ?, decided_by = ?, decided_at = ?, version = version + 1"
            " WHERE id = ? AND version = ?"
        )
        values = (
            appointment.state,
            appointment.approved_by,
            to_us_or_none(appointment.waits_until),
            appointment.replaces_id,
            by,
            to_us(at),
        )
        if await self._transaction.execute(sql, (*values, appointment.id, appointment.version)) != 1:
            raise Conflict(f"appointment {appointment.id}")
        return replace(appointment, version=appointment.version + 1)


def _invitation(row: Row) -> Invitation:
    return Invitation(
        id=row["id"],
        role=Role(row["role"]),
        station_id=StationId(row["station_id"]),
        village_id=_village_id(row),
        person_id=_person_id(row["person_id"]),
        issuer_id=_person_id(row["issuer_id"]),
        issued_at=from_us(row["issued_at"]),
        expires_at=from_us(row["expires_at"]),
        used_at=from_us_or_none(row["used_at"]),
        revoked_at=from_us_or_none(row["revoked_at"]),
        replaces_id=_person_id(row["replaces_id"]),
        phone=row["phone"],
    )


def _appointment(row: Row) -> Appointment:
    return Appointment(
        id=row["id"],
        person_id=PersonId(row["person_id"]),
        role=Role(row["role"]),
        station_id=StationId(row["station_id"]),
        village_id=_village_id(row),
        issuer_id=None if row["issuer_id"] == OPERATOR else PersonId(row["issuer_id"]),
        replaces_id=_person_id(row["replaces_id"]),
        state=row["state"],
        version=row["version"],
        asked_at=from_us(row["asked_at"]),
        needs_approval=bool(row["needs_approval"]),
        approved_by=_person_id(row["approved_by"]),
        waits_until=from_us_or_none(row["waits_until"]),
        held_at=from_us_or_none(row["held_at"]),
        with_id=row["with_id"],
    )


def _village_id(row: Row) -> VillageId | None:
    return None if row["village_id"] is None else VillageId(row["village_id"])


def _person_id(value: int | None) -> PersonId | None:
    return None if value is None else PersonId(value)
