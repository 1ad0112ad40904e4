"""People, posts and permissions.

Knows roles, villages and stations, and the policy of every route. Permissions to give posts are in domain/people/powers.py, those on a
thing of another feature in that feature (`may_…` in domain). Must not know how people are stored or reached. Invariant: deny by default; a
post counts only in its own village (chair, secretary, member), its own villages (officer) or its own station (duty, leader); an
administrator runs the system and reads no case.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.core.change import Address, PersonId, Receiver, RuleError, StationId, VillageId
from domain.core.immutable import immutable, replace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class Role(StrEnum):
    """Role of a person in the town.

    `stranger`: has not joined; `villager`: has joined and holds no post.
    """

    STRANGER = "stranger"
    VILLAGER = "villager"
    MEMBER = "member"
    CHAIR = "chair"
    SECRETARY = "secretary"
    OFFICER = "officer"
    DUTY = "duty"
    LEADER = "leader"
    ADMIN = "admin"
    MEDIATOR = "mediator"
    PATROL = "patrol"
    JUDICIAL = "judicial"
    TRAFFIC = "traffic"
    AUDIT = "audit"


VILLAGE_ROLES = frozenset({Role.MEMBER, Role.CHAIR, Role.SECRETARY, Role.OFFICER, Role.MEDIATOR, Role.PATROL})
STATION_ROLES = frozenset({Role.DUTY, Role.LEADER, Role.ADMIN, Role.JUDICIAL, Role.TRAFFIC, Role.AUDIT})
POLICE = frozenset({Role.OFFICER, Role.DUTY, Role.LEADER})
COMMITTEE = frozenset({Role.MEMBER, Role.CHAIR, Role.SECRETARY})
#: Posts that see their holder's own things only: no scope, policy or list names them.
LIMITED = frozenset({Role.MEDIATOR, Role.PATROL, Role.JUDICIAL, Role.TRAFFIC, Role.AUDIT})
#: Posts outside the police whose telephone number the committee and the police may see.
CONTACTS = frozenset({Role.JUDICIAL, Role.TRAFFIC})
RANK = (
    Role.STRANGER,
    Role.VILLAGER,
    Role.JUDICIAL,
    Role.TRAFFIC,
    Role.MEDIATOR,
    Role.PATROL,
    Role.MEMBER,
    Role.SECRETARY,
    Role.CHAIR,
    Role.OFFICER,
    Role.DUTY,
    Role.AUDIT,
    Role.LEADER,
    Role.ADMIN,
)
#: Posts that read the directory: of their village or villages, or of their station.
OFFICE = frozenset(RANK) - LIMITED - {Role.STRANGER, Role.VILLAGER}
#: Order of escalation when a post is empty or cannot be reached. It ends with a person who can restart the bot.
ESCALATION_ORDER = (Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER, Role.ADMIN)


@immutable
class Post:
    """A duty that a person holds now: in one village (village roles) or in the whole station."""

    role: Role
    station_id: StationId
    village_id: VillageId | None = None
    deputises_for: PersonId | None = None


@immutable
class Person:
    """A person who writes to the bot, known or not.

    `id` is None for a stranger; `village_id` is the home of a villager; `lost`: nothing could be sent to this address lately;
    `never_seen`: nobody has written from it yet; `seen_at`: when it was last used, to the day;
    `blocked_until`: police block this person's reports until then; `is_new`: an account of its first day, without a post;
    `elder`: things are shown in short sentences with few buttons.
    """

    id: PersonId | None
    name: str
    language: str
    address: Address
    village_id: VillageId | None = None
    posts: tuple[Post, ...] = ()
    phone: str = ""
    consented: bool = False
    suspended: bool = False
    lost: bool = False
    never_seen: bool = False
    seen_at: datetime | None = None
    blocked_until: datetime | None = None
    is_new: bool = False
    elder: bool = False

    @property
    def role(self) -> Role:
        """The highest role held: decides the menu, never a permission on a thing."""
        held = {post.role for post in self.posts}
        if self.id is not None and self.consented:
            held.add(Role.VILLAGER)
        return max(held, key=RANK.index, default=Role.STRANGER)

    def holds(self, *roles: Role) -> bool:
        """Tell whether any of these roles is held anywhere."""
        if self.consented and Role.VILLAGER in roles:
            return True
        for post in self.posts:  # noqa: SIM110 (twice as fast as `any`, and asked ten times for every message)
            if post.role in roles:
                return True
        return False

    def villages(self, *roles: Role) -> frozenset[VillageId]:
        """Return the villages where one of these village roles is held."""
        return frozenset(post.village_id for post in self.posts if post.village_id is not None and post.role in roles)

    def stations(self, *roles: Role) -> frozenset[StationId]:
        """Return the stations where one of these station roles is held."""
        return frozenset(post.station_id for post in self.posts if post.village_id is None and post.role in roles)

    def receiver(self, role: Role | str = "") -> Receiver:
        """Return this person as a recipient."""
        return Receiver(self.address, self.language, self.id, str(role), self.village_id, self.name)


@immutable
class Village:
    """A village and the station it belongs to.

    `name`: as it is shown, with the station's where another village has the same name; `bare`: as the roster writes it, which is what people
    type.
    """

    id: VillageId
    name: str
    station_id: StationId
    bare: str = ""

    @property
    def names(self) -> frozenset[str]:
        """The names by which settings may mean it."""
        return frozenset({self.name, self.bare})

    @property
    def said_names(self) -> frozenset[str]:
        """Names as people say them, without 村 at the end."""
        return frozenset(name.removesuffix("村") for name in (self.name, self.bare or self.name))

    def is_called(self, said: str) -> bool:
        """Tell whether a typed name is this village's.

        It may have the station beside it or not, and 村 at its end or not.
        """
        return said.strip().removesuffix("村") in (self.name.removesuffix("村"), (self.bare or self.name).removesuffix("村"))


@immutable
class Posts:
    """People who can be notified about a village, by role.

    Deputies who are present already replace people on leave. `on_shift`: of a role with a duty rota, the holders whose shift it is.
    """

    village: Village
    holders: dict[Role, tuple[Receiver, ...]] = field(default_factory=dict)
    on_shift: dict[Role, frozenset[PersonId]] = field(default_factory=dict)

    @property
    def everybody(self) -> Posts:
        """The same posts without the duty rota.

        For questions of rights, and for the next round of a call that nobody on shift answered.
        """
        return replace(self, on_shift={})

    def of(
        self,
        *roles: Role,
        without: Iterable[PersonId] = (),
        tried: Iterable[PersonId] = (),
        among: Collection[PersonId | None] | None = None,
    ) -> tuple[Receiver, ...]:
        """Return the holders of these roles who are notified now, each once.

        Leaves out `without` (parties to a case) and people who hold the post only as their deputies. Leaves out `tried` (persons who could not
        be told), but not their deputies. With `among` only these count. Of a role with a duty rota those on shift; all of the role when
        nobody on shift can be reached.
        """
        barred = frozenset(without)
        absent = barred | frozenset(tried)
        found: dict[PersonId | None, Receiver] = {}
        for role in roles:
            fit = [
                holder
                for holder in self.holders.get(role, ())
                if holder.person_id not in absent
                and not (holder.lent_by and holder.lent_by <= barred)
                and (among is None or holder.person_id in among)
            ]
            on_shift = self.on_shift.get(role, frozenset())
            now = [holder for holder in fit if holder.person_id in on_shift and holder.address is not None]
            for holder in now or fit:
                found.setdefault(holder.person_id, holder)
        return tuple(found.values())

    def first_reachable(
        self, role: Role, *, without: Iterable[PersonId] = (), tried: Iterable[PersonId] = ()
    ) -> tuple[Role, tuple[Receiver, ...]]:
        """Escalate from `role` to the first role with a reachable person, as `of` returns them.

        The result for the last role may be empty.
        """
        barred, absent = tuple(without), tuple(tried)
        for rung in ESCALATION_ORDER[ESCALATION_ORDER.index(role) :]:
            reachable = tuple(who for who in self.of(rung, without=barred, tried=absent) if who.address is not None)
            if reachable:
                return rung, reachable
        return Role.ADMIN, ()


class Policy(StrEnum):
    """Roles that may try a route at all.

    Permissions on one thing are asked of the thing (`may_…`, `visible_to`).
    """

    ANYONE = "anyone"
    JOINED = "joined"
    POST = "post"
    COMMITTEE = "committee"
    HANDLER = "handler"
    POLICE = "police"
    STATION = "station"
    ADMIN = "admin"
    CLOCK = "clock"


#: Policy → roles that pass it. ANYONE and CLOCK are decided in `may_try`.
PASSES: dict[Policy, frozenset[Role]] = {
    Policy.JOINED: frozenset(RANK) - {Role.STRANGER},
    Policy.POST: frozenset(RANK) - {Role.STRANGER, Role.VILLAGER},
    Policy.COMMITTEE: COMMITTEE | POLICE,
    Policy.HANDLER: frozenset({Role.CHAIR}) | POLICE,
    Policy.POLICE: POLICE,
    Policy.STATION: frozenset({Role.DUTY, Role.LEADER, Role.ADMIN}),
    Policy.ADMIN: frozenset({Role.ADMIN}),
}


def may_try(actor: Person, policy: Policy) -> bool:
    """Decide whether `actor` passes the policy of a route.

    A suspended person passes only ANYONE.
    """
    if policy is Policy.ANYONE:
        return True
    if policy is Policy.CLOCK or actor.suspended:
        return False
    return actor.holds(*PASSES[policy])


def admit(actor: Person, policy: Policy) -> None:
    """Let `actor` through or say why not.

    Raises:
        RuleError: `refused.join_first` for a stranger and for a suspended person alike, else `refused.not_allowed`.
    """
    if may_try(actor, policy):
        return
    raise RuleError("refused.join_first" if actor.role is Role.STRANGER or actor.suspended else "refused.not_allowed")


def without_rights(person: Person) -> Person:
    """Return a suspended person without posts, as the rest of the program may see them."""
    return replace(person, posts=(), consented=False, village_id=None)


def serves(actor: Person, village: Village, *roles: Role) -> bool:
    """Tell whether the actor serves the village: in one of these posts, as desk or leader.

    Desk and leaders are those of its station. A suspended person never serves.
    """
    if actor.suspended:
        return False
    return village.id in actor.villages(*roles) or village.station_id in actor.stations(Role.DUTY, Role.LEADER)


@immutable
class Leave:
    """An absence with a deputy; instants are aware UTC."""

    person_id: PersonId
    deputy_id: PersonId
    from_at: datetime
    until_at: datetime


# Directory: permissions to see a telephone number and to deputise ----------------------------------------------------


def may_see_phone(actor: Person, post: Post) -> bool:
    """Decide whether the actor may see the number of the holder of `post`.

    Police of the place see all, the committee those of its officer, the desk and the contacts.
    """
    if actor.suspended:
        return False
    if post.station_id in actor.stations(Role.DUTY, Role.LEADER):
        return True
    in_office = [mine for mine in actor.posts if mine.role in OFFICE]
    if post.village_id is not None and post.village_id in actor.villages(Role.OFFICER):
        return True
    if post.role in CONTACTS | {Role.DUTY}:
        return any(mine.station_id == post.station_id for mine in in_office)
    return post.role in (Role.OFFICER, Role.CHAIR) and post.village_id in actor.villages(*COMMITTEE)


@immutable
class ReadScope:
    """Posts that an actor may read in the directory.

    Everything of `stations`, these `villages`, and the desks of `desks`.
    """

    stations: frozenset[StationId]
    villages: frozenset[VillageId]
    desks: frozenset[StationId]


def read_scope(actor: Person) -> ReadScope:
    """Return what the actor may read in the directory: nothing without a post of `OFFICE`."""
    if actor.suspended:
        return ReadScope(frozenset(), frozenset(), frozenset())
    posts = [post for post in actor.posts if post.role in OFFICE]
    villages = frozenset(post.village_id for post in posts if post.village_id is not None)
    return ReadScope(actor.stations(*(STATION_ROLES & OFFICE)), villages, frozenset(post.station_id for post in posts))


def may_deputise(post: Post, candidate: Person) -> bool:
    """Decide whether the candidate may be the deputy for `post`.

    The village's committee and its officer may for the committee's posts, police of the station for the others; nobody for the audit.
    """
    if candidate.suspended or post.role is Role.AUDIT:
        return False
    own = [mine for mine in candidate.posts if mine.deputises_for is None]
    if post.role in COMMITTEE:
        return any(mine.role in COMMITTEE | {Role.OFFICER} and mine.village_id == post.village_id for mine in own)
    return any(
        mine.role in (POLICE | ({Role.ADMIN} if post.role is Role.ADMIN else set())) and mine.station_id == post.station_id for mine in own
    )


def may_speak_for(actor: Person, village: Village) -> bool:
    """Decide whether the actor may bind a group to the village, or end the binding.

    Its chair or officer, the desk or a leader may.
    """
    return serves(actor, village, Role.CHAIR, Role.OFFICER)
