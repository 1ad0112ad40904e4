"""The trainings that an actor may see, as SQL conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.people.people import COMMITTEE, Role
from storage.values import marks

if TYPE_CHECKING:
    from domain.core.change import VillageId
    from domain.people.people import Person


def watched_by(actor: Person) -> tuple[str, tuple[int, ...]]:
    """Return the SQL condition of the trainings that an actor may see whole."""
    chaired = _own(actor, Role.CHAIR)
    policed = _own(actor, Role.OFFICER)
    stations = [] if actor.suspended else sorted(actor.stations(Role.DUTY, Role.LEADER))
    return (
        "(t.state NOT IN ('draft', 'discarded') OR t.organiser_id = ?)"
        " AND EXISTS (SELECT 1 FROM training_villages tv JOIN villages v ON v.id = tv.village_id WHERE tv.training_id = t.id"
        f" AND (v.id IN ({marks(policed)}) OR v.station_id IN ({marks(stations)})"
        f" OR (t.organiser_id = ? AND v.id IN ({marks(chaired)}))))",
        (actor.id or 0, *policed, *stations, actor.id or 0, *chaired),
    )


def invites(actor: Person) -> tuple[str, tuple[int, ...]]:
    """Return the SQL condition of the trainings that call an actor.

    By home, by a post in the village's committee, or answered before; to a make-up training, by its list.
    """
    if actor.id is None or actor.suspended or not (actor.consented or actor.posts):
        return "0 = 1", ()
    villages = sorted({*actor.villages(*COMMITTEE), *([actor.village_id] if actor.village_id is not None else [])})
    return (
        "((t.makeup_of IS NULL AND EXISTS (SELECT 1 FROM training_villages tv WHERE tv.training_id = t.id"
        f" AND tv.village_id IN ({marks(villages)}))) OR EXISTS (SELECT 1 FROM training_people tp WHERE tp.training_id = t.id AND tp.person_id = ?))",
        (*villages, actor.id),
    )


def _own(actor: Person, role: Role) -> list[VillageId]:
    return [] if actor.suspended else sorted(actor.villages(role))


def told_of(actor: Person) -> tuple[str, tuple[int, ...]]:
    """Return the SQL condition of the trainings that an actor watches or is called to."""
    watched, by_post = watched_by(actor)
    called, by_home = invites(actor)
    return f"(({watched}) OR (t.state NOT IN ('draft', 'discarded') AND {called}))", (*by_post, *by_home)
