"""The alerts that an actor may see, as SQL conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.people.people import Role
from storage.values import marks

if TYPE_CHECKING:
    from domain.people.people import Person


def police_of(actor: Person) -> tuple[str, tuple[int, ...]]:
    """Return the SQL condition of the alerts that an actor may see as police."""
    where, params = within(actor, (Role.OFFICER,), (Role.DUTY, Role.LEADER))
    return (
        "(a.state <> 'draft' OR a.author_id = ?) AND EXISTS (SELECT 1 FROM alert_villages av JOIN villages v ON v.id = av.village_id"
        f" WHERE av.alert_id = a.id AND {where})",
        (actor.id or 0, *params),
    )


def helpers_of(actor: Person) -> tuple[str, tuple[int, ...]]:
    """Return the SQL condition of the lists of calls for help that an actor may read.

    A chair or police of the list's village may.
    """
    where, params = within(actor, (Role.CHAIR, Role.OFFICER), (Role.DUTY, Role.LEADER))
    return f"EXISTS (SELECT 1 FROM villages v WHERE v.id = x.village_id AND {where})", params


def within(actor: Person, in_village: tuple[Role, ...], in_station: tuple[Role, ...]) -> tuple[str, tuple[int, ...]]:
    """Return the SQL condition on a village `v` of the actor's posts.

    An actor without posts has no villages.
    """
    villages, stations = sorted(actor.villages(*in_village)), sorted(actor.stations(*in_station))
    if actor.suspended:
        villages, stations = [], []
    condition = f"(v.id IN ({marks(villages)}) OR v.station_id IN ({marks(stations)}))"
    return condition, (*villages, *stations)
