"""Appoint the administrators that the settings name, at the start.

The operator of the machine decides. Invariant: an administrator named in the settings is never left suspended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Notice
from domain.core.post_change import PostChange, Why
from domain.people.people import Role
from handlers.core.post_changes import posts_changed
from handlers.people.appointing import in_charge
from storage.values import to_us

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.core.change import Address
    from handlers.core.context import HandlerContext


NAME = "管理员"


async def ensure_admins(ctx: HandlerContext, ids: Iterable[Address], *, station: str = "派出所") -> None:
    """Make administrators of the people at these addresses, in every station.

    Without any station, one is made for them (a roster will name it). The operator of the machine decides: an administrator named in the
    settings is never left suspended.
    """
    unit, at = ctx.unit, ctx.at
    stations = await unit.rosters.list_stations()
    addresses = list(ids)
    if addresses and not stations:
        stations = [(await unit.rosters.adopt_station(station), station)]
    for address in addresses:
        person = await unit.people.find_by_address(address, at=at)
        if person is None or person.id is None:
            person_id = await unit.people.add(NAME, at=at, consent_version="roster")
            await unit.people.attach(person_id, address, at=at, used=False)
        else:
            person_id = person.id
            await unit.directory.restore(person_id)
        restored = person is not None and person.suspended
        held = person.stations(Role.ADMIN) if person is not None else frozenset()
        new = [station_id for station_id, _ in stations if station_id not in held]
        for station_id in new:
            await unit.people.appoint(person_id, Role.ADMIN, station_id=station_id, village_id=None, at=at)
            for receiver in await in_charge(unit, (station_id,), at=at):
                if receiver.address is not None and receiver.person_id != person_id:
                    key = f"administrator:{station_id}:{person_id}:{receiver.person_id}:{to_us(at)}"
                    facts = {"name": person.name if person else NAME}
                    await ctx.notify(Notice(receiver, "invite.administrator.to_leader", facts, unique=key))
        if new or restored:
            await posts_changed(ctx, PostChange(person_id, Why.STARTED))
