"""Places of a village: its point, neighbours, entrances, hydrants, defibrillators.

Knows who may read and change them. Must not know SQL or texts. Invariant: a sheet names no person.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from domain.core.immutable import immutable
from domain.core.positions import apart
from domain.emergencies.heard import Danger
from domain.people.people import COMMITTEE, Person, Role, Village, serves

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.core.change import VillageId
    from domain.core.positions import Position


class Kind(StrEnum):
    """Kind of place."""

    ENTRANCE = "entrance"
    HYDRANT = "hydrant"
    AED = "aed"


#: Places of a kind in one village; characters of a place and of opening hours.
MOST = 30
WORDS = 60
HOURS = 40
#: Villages beside one.
MOST_NEIGHBOURS = 12


@immutable
class Place:
    """A place in words that strangers understand.

    `hours`: of a defibrillator; `point`: None if nobody sent it.
    """

    id: int
    village_id: VillageId
    kind: Kind
    words: str
    hours: str = ""
    point: Position | None = None


@immutable
class Neighbour:
    """A village beside another, with its point if it is known."""

    village: Village
    point: Position | None


@immutable
class Sheet:
    """Everything that is known of one village."""

    village: Village
    point: Position | None
    neighbours: tuple[Neighbour, ...]
    places: tuple[Place, ...]

    def of(self, *kinds: Kind) -> tuple[Place, ...]:
        """Return the places of some kinds, in the order of the kinds."""
        return tuple(place for kind in kinds for place in self.places if place.kind is kind)


def may_read(actor: Person, village: Village) -> bool:
    """Decide whether somebody may read a sheet: the village's committee and police may."""
    return serves(actor, village, *COMMITTEE, Role.OFFICER)


def may_change(actor: Person, village: Village) -> bool:
    """Decide whether somebody may change a sheet: the village's chair and police may."""
    return serves(actor, village, Role.CHAIR, Role.OFFICER)


def within(points: Mapping[VillageId, Position], place: Position, km: float) -> tuple[VillageId, ...]:
    """Return the villages whose point is so near a place, the nearest first."""
    far = {village_id: apart(point, place) for village_id, point in points.items()}
    return tuple(sorted((village_id for village_id, metres in far.items() if metres <= km * 1000), key=lambda each: (far[each], each)))


def useful_for(danger: Danger | None) -> tuple[Kind, ...]:
    """Return the kinds of places that responders of a danger look for."""
    first = {Danger.MEDICAL: (Kind.AED,), Danger.FIRE: (Kind.HYDRANT,)}
    return (*(first.get(danger, ()) if danger is not None else ()), Kind.ENTRANCE)
