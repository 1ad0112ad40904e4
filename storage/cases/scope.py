"""Scope of cases: a condition in SQL for the cases that an actor may see.

Knows the columns and tables that decide it; which posts cover a case comes from domain/cases/visibility.py, so that the sentences about
readers change with the scope. Invariant: no query for an actor returns a case outside their villages and stations, or one they are a party
to (unless they reported it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases.actors import CaseActor, CaseRole, standing_in
from domain.cases.visibility import Part, Visibility, who_sees
from domain.people.people import Role
from storage.values import marks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.cases.case import Case
    from domain.core.change import StationId, VillageId
    from domain.people.people import Person, Post

_VILLAGE_POSTS = (Role.CHAIR, Role.SECRETARY, Role.OFFICER)
_STATION_POSTS = (Role.DUTY, Role.LEADER)
#: The person, asked for twice, is neither a party nor of a name that the reporter excluded.
_NOT_A_PARTY = (
    "NOT EXISTS (SELECT 1 FROM case_parties x WHERE x.case_id = c.id AND x.person_id = ?) AND NOT EXISTS"
    " (SELECT 1 FROM case_excluded_names e JOIN people n ON n.name = e.name WHERE e.case_id = c.id AND n.id = ?)"
)
_NAMED = "(c.restricted = 0 OR EXISTS (SELECT 1 FROM case_handlers h WHERE h.case_id = c.id AND h.person_id = ?))"
_FOLLOWED = (
    "(c.police_only = 0 AND c.restricted = 0 AND EXISTS (SELECT 1 FROM case_followers f WHERE f.case_id = c.id AND f.person_id = ?))"
)


def _where_seen(role: Role) -> str:
    """Return the condition on `c` under which a post of this role covers a case of its place."""
    shut = Visibility(police_only=True), "c.police_only = 0"
    kept = Visibility(restricted=True), "c.restricted = 0"
    return "".join(f" AND {condition}" for case, condition in (shut, kept) if role not in who_sees(case, Part.SUMMARY))


#: Role of a post → its condition, made from the function that the sentences about readers are made from.
_SEEN = {role: _where_seen(role) for role in (*_VILLAGE_POSTS, *_STATION_POSTS)}


def scope(actor: Person, *, in_office: Person | None = None) -> tuple[str, tuple[Any, ...]]:
    """Return the condition on `c`, with its parameters, for the cases an actor may see.

    `0 = 1` for a stranger. The actor sees the cases they reported and, unless they are a party, the cases they follow, those covered by
    their posts and, while they are in office at its station, those they opened for others. A deputy's borrowed post does not cover a case
    to which its owner is a party or which its owner reported. A restricted case is covered for its named handlers only. `in_office`: the
    actor with all posts, if `actor` has some of them only.
    """
    if actor.id is None or actor.suspended:
        return "0 = 1", ()
    offices = sorted({post.station_id for post in (in_office or actor).posts if post.deputises_for is None})
    found = [f"(c.opened_by = ? AND c.station_id IN ({marks(offices)}))", _FOLLOWED]
    params: list[Any] = [actor.id, *offices, actor.id]
    covers, values = _covered(actor)
    if covers:
        found.append(f"({_NAMED} AND ({' OR '.join(covers)}))")
        params += [actor.id, *values]
    return f"(c.reporter_id = ? OR ({_NOT_A_PARTY} AND ({' OR '.join(found)})))", (actor.id, actor.id, actor.id, *params)


def _covered(actor: Person) -> tuple[list[str], list[Any]]:
    """Return a condition, with parameters, for each group of posts that cover alike."""
    covers: list[str] = []
    params: list[Any] = []
    groups = sorted({(post.deputises_for or 0, _SEEN[post.role]) for post in actor.posts if post.role in _SEEN})
    for owner, seen in groups:
        posts = [post for post in actor.posts if (post.deputises_for or 0, _SEEN.get(post.role)) == (owner, seen)]
        villages, stations = covered_by(posts)
        for column, ids in (("c.village_id", villages), ("c.station_id", stations)):
            if not ids:
                continue
            covered = f"{column} IN ({marks(ids)}){seen}"
            params += ids
            if owner:
                covered += f" AND (c.reporter_id IS NULL OR c.reporter_id <> ?) AND {_NOT_A_PARTY}"
                params += (owner, owner, owner)
            covers.append(f"({covered})")
    return covers, params


def covered_by(posts: Iterable[Post]) -> tuple[list[VillageId], list[StationId]]:
    """Return the villages and the stations whose cases posts cover."""
    held = list(posts)
    villages = {post.village_id for post in held if post.village_id is not None and post.role in _VILLAGE_POSTS}
    return sorted(villages), sorted({post.station_id for post in held if post.village_id is None and post.role in _STATION_POSTS})


def standing_of(actor: Person, case: Case) -> CaseActor:
    """Return the role of an actor who may see the case; a follower when there is no other."""
    stands = standing_in(
        actor,
        village_id=case.village_id,
        station_id=case.station_id,
        holder=case.holder,
        reporter_id=case.reporter_id,
        opened_by=case.opened_by,
        parties=case.parties,
        visibility=case.visibility,
        handlers=case.handlers,
    )
    return stands or CaseActor(actor.id, actor.name, CaseRole.FOLLOWER, Role.VILLAGER)
