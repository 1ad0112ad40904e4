"""Changes of a roster that wait for a leader of the station.

Knows who may decide; must not know how a roster is read. Invariants: nobody confirms a change of their own posts or chat, or of their second
account; a request is decided once and not after its expiry.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.core.change import Address, PersonId, RuleError, StationId, VillageId
from domain.core.immutable import immutable, replace
from domain.people.people import Person, Role
from domain.people.powers import is_same_human

if TYPE_CHECKING:
    from collections.abc import Iterable

WAITS = timedelta(days=7)


@immutable
class Item:
    """One change for one person: a post, or a chat (`account`).

    `village_id` None with a `role`: a post in the whole station.
    """

    person_id: PersonId
    role: Role | None = None
    village_id: VillageId | None = None
    account: Address | None = None


@immutable
class ImportRequest:
    """Changes that an import left to a leader; instants are aware UTC."""

    id: int
    station_id: StationId
    made_at: datetime
    expires_at: datetime
    items: tuple[Item, ...]
    state: str = "waiting"
    version: int = 1


def decide(request: ImportRequest, actor: Person, concerned: Iterable[Person], *, confirm: bool, at: datetime) -> ImportRequest:
    """Return the request as a leader decided it; `concerned`: the people of its changes.

    Raises:
        RuleError: it is decided or expired, or concerns the actor.
    """
    if request.state != "waiting" or at >= request.expires_at:
        raise RuleError("import.over")
    if actor.suspended or request.station_id not in actor.stations(Role.LEADER) or _only_borrowed(actor, request.station_id):
        raise RuleError("refused.not_allowed")
    if confirm and any(is_same_human(each, actor) for each in concerned):
        raise RuleError("import.is_yours")
    return replace(request, state="confirmed" if confirm else "refused")


def _only_borrowed(actor: Person, station_id: StationId) -> bool:
    """Tell whether the actor leads the station as a deputy only; a deputy appoints nobody."""
    return all(post.deputises_for is not None for post in actor.posts if post.role is Role.LEADER and post.station_id == station_id)
