"""Relation of a person to a case: reporter, chair, police or only a reader.

Knows posts, parties and deputies. The moves that follow from it are in domain/cases/move_table.py. Invariant: the reporter of a case has no
other role in it; a party, or a deputy of a party, has no role at all.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from domain.cases.visibility import NAMED, Part, Visibility, who_sees
from domain.core.change import PersonId, StationId, VillageId
from domain.core.immutable import immutable
from domain.people.people import POLICE, RANK, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from domain.people.people import Person


class CaseRole(StrEnum):
    """Role of a person in one case: decides what they may read and which moves they may make."""

    REPORTER = "reporter"
    CHAIR = "chair"
    POLICE = "police"
    SECRETARY = "secretary"
    FOLLOWER = "follower"
    CLOCK = "clock"


@immutable
class CaseActor:
    """A person who makes a move, with their role in the case and the post they hold.

    `id` None is the clock.
    """

    id: PersonId | None
    name: str
    standing: CaseRole
    role: Role


def standing_in(
    actor: Person,
    *,
    village_id: VillageId,
    station_id: StationId,
    holder: Role,
    reporter_id: PersonId | None,
    opened_by: PersonId | None,
    parties: Iterable[PersonId],
    visibility: Visibility = NAMED,
    handlers: Collection[PersonId] = (),
) -> CaseActor | None:
    """Return the actor's role in the case, None for no role.

    The reporter has no other role; a party, or a party's deputy, has none. A post counts only where `who_sees` says so; in a restricted
    case only the posts of its named `handlers` do.
    """
    if actor.id is None or actor.suspended:
        return None
    if actor.id == reporter_id:
        return CaseActor(actor.id, actor.name, CaseRole.REPORTER, Role.VILLAGER)
    excluded_ids = {*parties, reporter_id} - {None}
    if actor.id in excluded_ids:
        return None
    posts = [post for post in actor.posts if post.deputises_for is None or post.deputises_for not in excluded_ids]
    seen = who_sees(visibility, Part.SUMMARY) if actor.id in handlers or not visibility.restricted else frozenset()
    local = [post.role for post in posts if village_id == post.village_id or (post.village_id is None and post.station_id == station_id)]
    here = [role for role in local if role in seen]
    police = sorted((role for role in here if role in POLICE), key=lambda role: (role is not holder, -RANK.index(role)))
    if police:
        return CaseActor(actor.id, actor.name, CaseRole.POLICE, police[0])
    if Role.CHAIR in here:
        return CaseActor(actor.id, actor.name, CaseRole.CHAIR, Role.CHAIR)
    if actor.id == opened_by:
        return CaseActor(actor.id, actor.name, CaseRole.REPORTER, Role.VILLAGER)
    if Role.SECRETARY in here:
        return CaseActor(actor.id, actor.name, CaseRole.SECRETARY, Role.SECRETARY)
    return None


#: The post by which each role in a case reads it; for the police any of theirs.
_READS_AS = {CaseRole.CHAIR: Role.CHAIR, CaseRole.POLICE: Role.OFFICER, CaseRole.SECRETARY: Role.SECRETARY}


def may_see(standing: CaseRole, part: Part, visibility: Visibility) -> bool:
    """Decide whether a role in a case sees a part of it; the reporter sees all of their own."""
    if standing is CaseRole.REPORTER:
        return True
    role = _READS_AS.get(standing)
    return part is Part.SUMMARY if role is None else role in who_sees(visibility, part)
