"""People who can act now in a village or station, read once for a whole change of posts.

Knows the directory; must not know any feature. Invariant: a person counts as present only if they hold or are lent the post, are neither
suspended nor on leave, and have a chat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.core.change import PersonId, Receiver, StationId, VillageId
    from domain.people.people import Posts, Role
    from storage.unit import Unit


class Presence:
    """The posts of places, loaded on first use.

    `of(village)`, `of_station(station)`, `at(village or None, station)`.
    """

    def __init__(self, unit: Unit, *, at: datetime) -> None:
        self._unit = unit
        self._at = at
        self._villages: dict[VillageId, Posts] = {}
        self._stations: dict[StationId, Posts] = {}

    async def of(self, village_id: VillageId) -> Posts:
        """Return the posts of a village and its station."""
        if village_id not in self._villages:
            self._villages[village_id] = await self._unit.people.posts_of(village_id, at=self._at)
        return self._villages[village_id]

    async def of_station(self, station_id: StationId) -> Posts:
        """Return the posts of a station."""
        if station_id not in self._stations:
            self._stations[station_id] = await self._unit.people.station_posts(station_id, at=self._at)
        return self._stations[station_id]

    async def at(self, village_id: VillageId | None, station_id: StationId) -> Posts:
        """Return the posts of a village, or of a station."""
        return await self.of_station(station_id) if village_id is None else await self.of(village_id)


def reachable(posts: Posts, *roles: Role, without: Iterable[PersonId] = ()) -> tuple[Receiver, ...]:
    """Return the holders of these roles who can act now: present, not suspended, with a chat."""
    return tuple(who for who in posts.of(*roles, without=without) if who.address is not None)
