"""Invitations: a code that makes its bearer the holder of a post, or of several, once.

Knows lifetimes, how a code is written, and the states of a post that waits; must not know how codes are made or stored. Invariants: an
invitation is as valid as its issuer's right at the moment it is redeemed; nobody takes what they issued or approved; posts move to another
person, and nothing else does.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from enum import StrEnum

from domain.core.change import Event, PersonId, RuleError, StationId, VillageId
from domain.core.immutable import immutable, replace
from domain.people.people import RANK, Person, Post, Role
from domain.people.powers import is_same_human, may_appoint, may_approve, may_release, needs_second_word

LIFETIME = timedelta(hours=24)
#: Without digits and letters that look alike: 0 O, 1 I L, 2 Z, 5 S, 8 B.
ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
CODE_BYTES = 8
CODE = re.compile("[0-9A-Za-z]{8}")
#: Wrong codes: per hour and account see `Limits.invitations_per_hour`; in the whole town per day:
WRONG_PER_DAY = 100
#: Codes that one issuer may make for one person within a day: each is announced in that person's chats.
PER_PERSON_AND_DAY = 3
#: A chat that was used so recently is asked before its post moves, and keeps it so long without an answer.
IN_USE = timedelta(days=30)
TO_OBJECT = timedelta(hours=24)


class InvitationState(StrEnum):
    """State of an invitation at an instant."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


@immutable
class Invitation:
    """An offered post, or several.

    `person_id`: somebody whose posts move to the bearer, or who comes online by it; `issuer_id` None: the operator's import. `replaces_id`:
    the person whose post ends when this one is taken. `phone`: the only number that may take it; empty for any. `more`: further posts that are
    taken with it.
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
    phone: str = ""
    more: tuple[Post, ...] = ()

    @property
    def posts(self) -> tuple[Post, ...]:
        """The posts that it names, the highest first."""
        return (Post(self.role, self.station_id, self.village_id), *self.more)

    @property
    def is_link(self) -> bool:
        """Tell whether somebody made it for another chat of their own."""
        return self.person_id is not None and self.person_id == self.issuer_id

    def state(self, *, at: datetime) -> InvitationState:
        """Return the state at an instant; the last instant of its life no longer counts."""
        if self.used_at is not None:
            return InvitationState.USED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        return InvitationState.OPEN if at < self.expires_at else InvitationState.EXPIRED


class Word(StrEnum):
    """Answer to a post that waits.

    `NOW`: its phone is lost, so the old chat is not waited for.
    """

    YES = "yes"
    NO = "no"
    NOW = "now"


@immutable
class Appointment:
    """A post that was taken and waits for a second person, for the old chat, or both.

    `issuer_id` None: the operator. `held_at`: not one post but all that `replaces_id` held at this instant move. `waits_until`: the old
    chat may object until then. `with_id`: another post of the same hand-over, by whose card it is decided. `state`: waiting, approved,
    refused.
    """

    id: int
    person_id: PersonId
    role: Role
    station_id: StationId
    village_id: VillageId | None
    issuer_id: PersonId | None
    replaces_id: PersonId | None
    state: str
    version: int
    asked_at: datetime
    needs_approval: bool = True
    approved_by: PersonId | None = None
    waits_until: datetime | None = None
    held_at: datetime | None = None
    with_id: int | None = None

    @property
    def post(self) -> Post:
        """The post; the highest one if several move."""
        return Post(self.role, self.station_id, self.village_id)

    def is_ready(self, *, at: datetime) -> bool:
        """Tell whether nothing is waited for any more."""
        return (not self.needs_approval or self.approved_by is not None) and (self.waits_until is None or at >= self.waits_until)


def code_of(secret: bytes) -> str:
    """Write random bytes as the characters that people see, one for each byte."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secret)


def digest(code: str) -> str:
    """Return the stored form of a code, hexadecimal.

    It is slow to compute, so that a copy of the database does not give the codes away.
    """
    return hashlib.scrypt(code.upper().encode(), salt=b"tongxin.invitation", n=2**12, r=8, p=1, dklen=32).hex()


def redeemable(invitation: Invitation | None, issuer: Person | None, taker: Person, *, at: datetime) -> Invitation:
    """Return the invitation if `taker` may redeem it now.

    Raises:
        RuleError: `invite.refused`: unknown, used, revoked, expired, or its issuer may no longer give this post. All read the same.
            `invite.own`: the taker issued it, perhaps by another account.
    """
    if invitation is None or taker.suspended or invitation.state(at=at) is not InvitationState.OPEN:
        raise RuleError("invite.refused")
    if invitation.is_link:
        if issuer is None or issuer.suspended or taker.id is not None:
            raise RuleError("invite.refused")
    elif invitation.issuer_id is not None:
        if issuer is None or not _may_still(issuer, invitation):
            raise RuleError("invite.refused")
        if is_same_human(issuer, taker):
            raise RuleError("invite.own")
    return invitation


def _may_still(issuer: Person, invitation: Invitation) -> bool:
    return all(may_appoint(issuer, post.role, station_id=post.station_id, village_id=post.village_id) for post in invitation.posts)


def objection_ends(last_used_at: datetime | None, *, at: datetime) -> datetime | None:
    """Return until when the old chat may object; None when it was not used lately."""
    return at + TO_OBJECT if last_used_at is not None and at - last_used_at < IN_USE else None


def decide(
    appointment: Appointment, actor: Person, candidate: Person, issuer: Person | None, word: Word, *, at: datetime
) -> tuple[Appointment, Event]:
    """Return the appointment after the word of a person in charge, and its event.

    A leader's `NOW` says that the phone is lost, and approves too if the leader may approve.

    Raises:
        RuleError: the actor may not decide it (`refused.not_allowed`), or it is decided already (`invite.decided`).
    """
    second = may_approve(actor, appointment.role, station_id=appointment.station_id)
    releases = may_release(actor, appointment.post, issuer_id=appointment.issuer_id)
    if not (second or releases) or is_same_human(actor, candidate) or actor.id == appointment.replaces_id:
        raise RuleError("refused.not_allowed")
    if appointment.state != "waiting":
        raise RuleError("invite.decided")
    waits = appointment.needs_approval and appointment.approved_by is None
    approves = second and waits and (issuer is None or not is_same_human(actor, issuer))
    match word:
        case Word.NO:
            return _moved(appointment, "refused", actor, at=at, state="refused")
        case Word.YES if approves:
            return _moved(appointment, "approved", actor, at=at, approved_by=actor.id)
        case Word.NOW if releases and appointment.waits_until is not None:
            approved_by = actor.id if approves else appointment.approved_by
            return _moved(appointment, "released", actor, at=at, approved_by=approved_by, waits_until=None)
        case _:
            raise RuleError("refused.not_allowed")


def answer(appointment: Appointment, owner: Person, word: Word, *, at: datetime) -> tuple[Appointment, Event]:
    """Return the appointment after the answer of the old chat, and its event.

    Raises:
        RuleError: it is not about this person's posts (`refused.not_allowed`), or it is decided already (`invite.decided`).
    """
    if owner.id is None or owner.id != appointment.replaces_id or owner.suspended or appointment.held_at is None:
        raise RuleError("refused.not_allowed")
    if appointment.state != "waiting":
        raise RuleError("invite.decided")
    if word is Word.YES:
        return _moved(appointment, "agreed", owner, at=at, waits_until=None)
    return _moved(appointment, "objected", owner, at=at, state="refused")


def unanswered(appointment: Appointment, *, at: datetime) -> tuple[Appointment, Event] | None:
    """Return the appointment after the time to object, and its event.

    None while a second person is waited for.
    """
    if appointment.state != "waiting" or not appointment.is_ready(at=at):
        return None
    facts = {"role": str(appointment.role), "village": appointment.village_id, "issuer": appointment.issuer_id}
    return replace(appointment, state="approved"), Event(f"person:{appointment.person_id}", "appointment_unanswered", None, at, data=facts)


def _moved(appointment: Appointment, action: str, by: Person, *, at: datetime, **changes: object) -> tuple[Appointment, Event]:
    after = replace(appointment, **changes)  # type: ignore[arg-type]
    if after.state == "waiting" and after.is_ready(at=at):
        after = replace(after, state="approved")
    facts = {"role": str(after.role), "village": after.village_id, "issuer": after.issuer_id}
    return after, Event(f"person:{after.person_id}", f"appointment_{action}", by.id, at, data=facts)


def movable(posts: tuple[Post, ...], issuer: Person | None) -> tuple[Post, ...] | None:
    """Return the posts that a code for their holder moves, highest first.

    None when the issuer may not give all of them.
    """
    if issuer is not None and not all(
        may_appoint(issuer, post.role, station_id=post.station_id, village_id=post.village_id) for post in posts
    ):
        return None
    return tuple(sorted(posts, key=lambda post: RANK.index(post.role), reverse=True)) or None


def need_second_word(posts: tuple[Post, ...], issuer: Person | None) -> bool:
    """Tell whether one of these posts must wait for a second person."""
    return any(needs_second_word(post.role, issuer) for post in posts)
