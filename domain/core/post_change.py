"""A change of posts as plain values: the people, the reason, and the things that moved.

Knows no feature and no storage. `handlers/core/post_changes.py` carries it out. Invariant: a change names everybody whose right to act may
differ from before, so that each feature looks only at what these people hold.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.core.change import PersonId, Receiver, StationId, VillageId
from domain.core.immutable import immutable


class Why(StrEnum):
    """Reason for a change of posts."""

    SUSPENDED = "suspended"
    ENDED = "ended"
    REPLACED = "replaced"
    AWAY = "away"
    BACK = "back"
    UNREACHABLE = "unreachable"
    STARTED = "started"
    FORGOTTEN = "forgotten"
    AUDIT = "audit"


#: Changes after which a post may have nobody.
LOSSES = frozenset({Why.SUSPENDED, Why.ENDED, Why.REPLACED, Why.AWAY, Why.UNREACHABLE})


@immutable
class PostChange:
    """One person's change, with everybody it touches.

    * `person_id`: None when the auditor looks at everything that is open. `to_id`: the person who takes over (successor, deputy, the one who
      is back). `people`: the person, `to_id`, their deputies, and the people whose deputy they are.
    * `villages`, `stations`: where these hold posts, or held them until this instant, and a village that took over from theirs; `posts`: (role,
      village or None, station) of all of them; `own`: the same of the person. `since`: begin of the leave that ends.
    """

    person_id: PersonId | None
    why: Why
    to_id: PersonId | None = None
    name: str = ""
    people: frozenset[PersonId] = frozenset()
    villages: tuple[VillageId, ...] = ()
    stations: tuple[StationId, ...] = ()
    posts: tuple[tuple[str, VillageId | None, StationId], ...] = ()
    own: tuple[tuple[str, VillageId | None, StationId], ...] = ()
    since: datetime | None = None


@immutable
class Moved:
    """An open thing that has another holder now.

    `to`: everybody who has to act now, empty when nobody can be reached; `knew`: those of them who had it before. `line`: one line for lists
    (a text parameter), with the next date. `done`: it was ended meanwhile, and `to` only hears of it.
    """

    subject: str
    village_id: VillageId | None
    station_id: StationId
    to: tuple[Receiver, ...]
    line: dict[str, Any]
    knew: frozenset[PersonId] = frozenset()
    done: bool = False
