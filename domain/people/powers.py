"""Powers: permissions to give, approve, end and suspend posts.

Knows one table with a row for each role that is a post. Every path asks it: invitation, approval, hand-over, roster, suspension. Invariants:
a role without a row cannot be given; only a person's own posts count, never those lent to a deputy; nobody decides about themselves.
"""

from __future__ import annotations

from domain.core.change import PersonId, StationId, VillageId
from domain.core.immutable import immutable
from domain.people.people import POLICE, RANK, STATION_ROLES, Person, Post, Role

#: The roles that decide as the second person.
SECOND = frozenset({Role.LEADER, Role.ADMIN})
#: The roles that learn of every change of power in their station.
IN_CHARGE = (Role.LEADER, Role.ADMIN)


@immutable
class Power:
    """Roles that decide about one post.

    `proposes`: roles that give and end it, in their own village or station. `approves`: roles of the station that decide as the second
    person, if `two_persons` or if the holder gives it away. `suspends`: roles that may suspend its holder.
    """

    proposes: frozenset[Role]
    suspends: frozenset[Role]
    two_persons: bool = True
    approves: frozenset[Role] = SECOND


_OFFICERS = frozenset({Role.OFFICER, Role.LEADER})
_LEADERS = frozenset({Role.LEADER})
_ADMINS = frozenset({Role.ADMIN})
_COMMITTEE_POST = Power(_OFFICERS | {Role.CHAIR}, _OFFICERS | _ADMINS, two_persons=False)
_STATION_POST = Power(_LEADERS, _LEADERS | _ADMINS)

#: One row for each post. Leaders give police posts, administrators give the administrator's post, and neither gives the other's.
POWERS: dict[Role, Power] = {
    Role.MEMBER: _COMMITTEE_POST,
    Role.MEDIATOR: _COMMITTEE_POST,
    Role.PATROL: _COMMITTEE_POST,
    Role.SECRETARY: Power(_OFFICERS, _OFFICERS | _ADMINS, two_persons=False),
    Role.CHAIR: Power(_OFFICERS, _OFFICERS | _ADMINS),
    Role.OFFICER: _STATION_POST,
    Role.DUTY: _STATION_POST,
    Role.LEADER: _STATION_POST,
    Role.JUDICIAL: _STATION_POST,
    Role.TRAFFIC: _STATION_POST,
    Role.AUDIT: Power(_LEADERS, _LEADERS | _ADMINS, approves=_LEADERS),
    Role.ADMIN: Power(_ADMINS, _ADMINS),
}


def may_appoint(actor: Person, role: Role, *, station_id: StationId, village_id: VillageId | None) -> bool:
    """Decide whether the actor may give a post to another person, or end it.

    `village_id` None: a post in the whole station. Most posts need a second person too: `needs_second_word`.
    """
    power = POWERS.get(role)
    if actor.suspended or power is None or (village_id is None) != (role in STATION_ROLES):
        return False
    return any(_reaches(mine, station_id, village_id) and mine.role in power.proposes for mine in own_posts(actor))


def may_approve(actor: Person, role: Role, *, station_id: StationId) -> bool:
    """Decide whether the actor may be the second person for a post of this station."""
    power = POWERS.get(role)
    if actor.suspended or power is None:
        return False
    return any(mine.role in power.approves and mine.station_id == station_id for mine in own_posts(actor))


def needs_second_word(role: Role, issuer: Person | None) -> bool:
    """Tell whether a post must wait for a second person.

    From chair upward and in the station it must, unless the operator gives it.
    """
    return issuer is not None and POWERS[role].two_persons


def may_hand_over(actor: Person, holder_id: PersonId, post: Post) -> bool:
    """Decide whether the actor may move a post of `holder_id`.

    This is the actor's own post, or one that they may give. An auditor names no successor: two leaders do.
    """
    if actor.id == holder_id and not actor.suspended:
        return post.role in POWERS.keys() - {Role.AUDIT} and any(
            (mine.role, mine.village_id) == (post.role, post.village_id) for mine in own_posts(actor)
        )
    return may_appoint(actor, post.role, station_id=post.station_id, village_id=post.village_id)


def may_release(actor: Person, post: Post, *, issuer_id: PersonId | None) -> bool:
    """Decide whether the actor may move a post before the old chat has answered.

    A leader of the station may; for a police post, one who did not issue the code.
    """
    if actor.suspended or post.role is Role.ADMIN:
        return False
    leads = any(mine.role is Role.LEADER and mine.station_id == post.station_id for mine in own_posts(actor))
    return leads and not (post.role in POLICE | {Role.AUDIT} and actor.id == issuer_id)


def may_suspend(actor: Person, target: Person) -> bool:
    """Decide whether the actor may suspend another person.

    A post of the target must be in the actor's power, and each other one too, or lower in rank than the actor. A lent post suspends only
    holders of lower posts.
    """
    if actor.suspended or is_same_human(actor, target):
        return False
    own = own_posts(target)
    return any(_suspends(actor, post) for post in own) and all(_suspends(actor, post) or _outranks(actor, post) for post in own)


def may_restore(actor: Person, target: Person, *, rank: Role, station_id: StationId) -> bool:
    """Decide whether the actor may end a suspension that `rank` of `station_id` imposed.

    Only an own post of the same or a higher rank in the same station counts.
    """
    if not may_suspend(actor, target):
        return False
    return any(mine.station_id == station_id and RANK.index(mine.role) >= RANK.index(rank) for mine in own_posts(actor))


def suspending_post(actor: Person, target: Person) -> Post | None:
    """Return the actor's highest post by which they may suspend the target, or None."""
    powers = [mine for mine in actor.posts for post in own_posts(target) if _stops(mine, post)]
    return max(powers, key=lambda post: RANK.index(post.role), default=None)


def is_same_human(one: Person, other: Person) -> bool:
    """Tell whether two persons are known to be one human being.

    They are the same record, or have the same telephone number.
    """
    return (one.id is not None and one.id == other.id) or bool(one.phone and one.phone == other.phone)


def own_posts(person: Person) -> tuple[Post, ...]:
    """Return a person's own posts, without those lent to them as a deputy."""
    return tuple(post for post in person.posts if post.deputises_for is None)


def _reaches(mine: Post, station_id: StationId, village_id: VillageId | None) -> bool:
    """Tell whether a post extends to a place: its station, or its own village."""
    return mine.station_id == station_id if mine.role in STATION_ROLES else village_id is not None and mine.village_id == village_id


def _suspends(actor: Person, post: Post) -> bool:
    return any(_stops(mine, post) for mine in actor.posts)


def _stops(mine: Post, post: Post) -> bool:
    power = POWERS.get(post.role)
    if power is None or mine.role not in power.suspends or not _reaches(mine, post.station_id, post.village_id):
        return False
    return mine.deputises_for is None or RANK.index(post.role) < RANK.index(mine.role)


def _outranks(actor: Person, post: Post) -> bool:
    return any(RANK.index(mine.role) > RANK.index(post.role) for mine in own_posts(actor))
