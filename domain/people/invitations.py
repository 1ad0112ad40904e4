"""Invitations: a code that makes its bearer the holder of one post, once.

Knows lifetimes, and whose approval a post needs; must not know how codes are made or stored. Invariant: an invitation is as valid as its
issuer's right at the moment it is redeemed; a post from chair upward needs the approval of a leader or an administrator.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime, timedelta
from enum import StrEnum

from domain.core.change import Event, PersonId, RuleError, StationId, VillageId
from domain.core.immutable import immutable
from domain.people.people import RANK, Person, Role, may_appoint, may_confirm_appointment

LIFETIME = timedelta(hours=24)
CODE_BYTES = 16
CODE = re.compile("[A-Za-z0-9_-]{22}")


class InvitationState(StrEnum):
    """State of an invitation at an instant."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


@immutable
class Invitation:
    """An offered post.

    `person_id`: somebody of the roster who comes online by it; `issuer_id` None: the operator's import. `replaces_id`: the person whose
    post ends when this one is taken.
    """

    id: int
    role: Role
    station_id: StationId
    village_id: VillageId | None
    person_id: PersonId | None
    issuer_id: PersonId | None
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    replaces_id: PersonId | None = None

    def state(self, *, at: datetime) -> InvitationState:
        """Return the state at an instant; the last instant of its life no longer counts."""
        if self.used_at is not None:
            return InvitationState.USED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        return InvitationState.OPEN if at < self.expires_at else InvitationState.EXPIRED


@immutable
class Appointment:
    """A post that was taken and waits for a second person's approval.

    `state`: waiting, approved, refused.
    """

    id: int
    person_id: PersonId
    role: Role
    station_id: StationId
    village_id: VillageId | None
    issuer_id: PersonId
    replaces_id: PersonId | None
    state: str
    version: int


def code_of(secret: bytes) -> str:
    """Write 128 random bits as the 22 characters that people see."""
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def digest(code: str) -> str:
    """Return the stored form of a code: its SHA-256, hexadecimal."""
    return hashlib.sha256(code.encode()).hexdigest()


def redeemable(invitation: Invitation | None, issuer: Person | None, *, at: datetime) -> Invitation:
    """Return the invitation if it may be redeemed now.

    Raises:
        RuleError: `invite.refused`: unknown, used, revoked, expired, or its issuer may no longer give this post. All read the same.
    """
    if invitation is None or invitation.state(at=at) is not InvitationState.OPEN:
        raise RuleError("invite.refused")
    if invitation.issuer_id is not None and (issuer is None or not _may_still(issuer, invitation)):
        raise RuleError("invite.refused")
    return invitation


def _may_still(issuer: Person, invitation: Invitation) -> bool:
    return may_appoint(issuer, invitation.role, station_id=invitation.station_id, village_id=invitation.village_id)


def needs_second_word(role: Role, issuer: Person | None, *, station_id: StationId) -> bool:
    """Tell whether a post must wait for the approval of a leader or administrator.

    The operator's approval, and a leader's or administrator's own, is enough.
    """
    if issuer is None or RANK.index(role) < RANK.index(Role.CHAIR):
        return False
    return not may_confirm_appointment(issuer, station_id=station_id)


def decide(appointment: Appointment, actor: Person, *, approve: bool, at: datetime) -> tuple[str, Event]:
    """Return the appointment's new state and its event.

    Raises:
        RuleError: the actor may not decide it (`refused.not_found`), it is their own, or it is decided already.
    """
    if not may_confirm_appointment(actor, station_id=appointment.station_id) or actor.id == appointment.person_id:
        raise RuleError("refused.not_allowed")
    if appointment.state != "waiting":
        raise RuleError("invite.decided")
    state = "approved" if approve else "refused"
    facts = {"role": str(appointment.role), "village": appointment.village_id, "issuer": appointment.issuer_id}
    return state, Event(f"person:{appointment.person_id}", f"appointment_{state}", actor.id, at, data=facts)
