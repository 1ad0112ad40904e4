"""What somebody is to a case: its reporter, its chair, police, or only a reader.

Knows posts, parties and deputies; which moves follow from it stands in domain/cases/move_table.py. Invariant: who reported it is only that; a
party, or who stands in for a party, is nothing to it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from domain.core.change import PersonId, StationId, VillageId
from domain.core.immutable import immutable
from domain.people.people import POLICE, RANK, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.people.people import Person


class CaseRole(StrEnum):
    """What somebody is to one case: decides what they may read of it and which moves are theirs."""

    REPORTER = "reporter"
    CHAIR = "chair"
    POLICE = "police"
    SECRETARY = "secretary"
    FOLLOWER = "follower"
    CLOCK = "clock"


@immutable
class CaseActor:
    """Who moves a case: a person in a quality, holding a role; `id` None is the clock."""

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
) -> CaseActor | None:
    """Return what the actor is to a case, None for nothing. The reporter is only that; a party, or a party's deputy, is nothing."""
    if actor.id is None or actor.suspended:
        return None
    if actor.id == reporter_id:
        return CaseActor(actor.id, actor.name, CaseRole.REPORTER, Role.VILLAGER)
    excluded_ids = {*parties, reporter_id} - {None}
    if actor.id in excluded_ids:
        return None
    posts = [post for post in actor.posts if post.deputises_for is None or post.deputises_for not in excluded_ids]
    here = [post.role for post in posts if village_id == post.village_id or (post.village_id is None and post.station_id == station_id)]
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


def may_see_reporter(standing: CaseRole, *, name_hidden: bool) -> bool:
    """Decide whether the reporter's name is shown: to police always, to chair and secretary unless it is hidden."""
    return standing in (CaseRole.POLICE, CaseRole.REPORTER) or (standing in (CaseRole.CHAIR, CaseRole.SECRETARY) and not name_hidden)
