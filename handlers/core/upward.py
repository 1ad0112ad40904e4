"""Find the next post that can be told in place of a receiver without a chat.

Knows the escalation policy's order; must not know why a message exists. Invariant: an administrator who is told in place of somebody else gets
only the subject's number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import StationId
from domain.core.immutable import replace
from domain.people.people import ESCALATION_ORDER, Role

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import Notice, Receiver
    from domain.people.people import Posts
    from storage.unit import Unit


def sealed_for(unit: Unit, notice: Notice) -> Notice:
    """Return a message as its recipient may read it.

    A recipient told as an administrator gets only the subject's number and that nobody else was reached.
    """
    about = notice.about
    if notice.to.role != Role.ADMIN or not about or notice.open_to_admins or not unit.registry.is_sealed(about):
        return notice
    params = {"number": about.split(":")[1]}
    return replace(
        notice,
        key="fallback.sealed.to_admin",
        params=params,
        buttons=(),
        card="",
        as_new_message=False,
        media=None,
        subject=about,
        gist=None,
    )


async def upward(unit: Unit, notice: Notice, *, at: datetime) -> tuple[Notice, ...]:
    """Return the notice addressed to the next post that can be reached.

    The order is chair → officer → duty desk → leader → administrator. The original recipient and the people in `excluded_ids` are left out.
    Empty when nobody can be reached.
    """
    role = Role(notice.to.role) if notice.to.role in ESCALATION_ORDER else Role.CHAIR
    tried = () if notice.to.person_id is None else (notice.to.person_id,)
    posts = await _posts_around(unit, notice.to, at=at)
    rung, receivers = posts.first_reachable(role, without=notice.excluded_ids, tried=tried)
    without = (*notice.excluded_ids, *tried)
    unique = notice.unique and f"{notice.unique}:{rung}"
    return tuple(
        sealed_for(
            unit, replace(notice, to=replace(who, role=str(rung)), unique=unique and f"{unique}:{who.person_id}", excluded_ids=without)
        )
        for who in receivers
    )


async def _posts_around(unit: Unit, who: Receiver, *, at: datetime) -> Posts:
    """Return the posts that can be told in place of `who`.

    These are the posts of the village, else of the person's station, and always an administrator.
    """
    if who.village_id is not None:
        posts = await unit.people.posts_of(who.village_id, at=at)
    else:
        person = None if who.person_id is None else await unit.people.find(who.person_id, at=at)
        station_id = next((post.station_id for post in person.posts), StationId(0)) if person else StationId(0)
        posts = await unit.people.station_posts(station_id, at=at)
    return replace(posts, holders=posts.holders | {Role.ADMIN: posts.of(Role.ADMIN) or await unit.people.administrators()})
