"""Confirmations of an alert by its villages: received, told by telephone, all told.

Knows confirmations; must not know an alert's life. Invariant: a stronger confirmation replaces a weaker one, never the other way round.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.core.change import Event, PersonId, VillageId
from domain.core.immutable import immutable


class How(StrEnum):
    """Confirmation, weakest first: chair has seen it, telephoned, every household knows."""

    SEEN = "seen"
    PHONE = "phone"
    TOLD = "told"


STRENGTH = tuple(How)


@immutable
class Confirmation:
    """A village's confirmation; `late`: after the list was due."""

    alert_id: int
    village_id: VillageId
    person_id: PersonId
    name: str
    how: How
    at: datetime
    late: bool

    @property
    def event(self) -> Event:
        """The line in the audit."""
        data = {"village": self.village_id, "how": self.how, "late": self.late}
        return Event(f"alert:{self.alert_id}", "alert.confirmed", self.person_id, self.at, data=data)


@immutable
class VillageStatus:
    """Status of one village.

    `reach`: "confirmed", "delivered", "sending" or "lost" (its chair could not be notified); `chair`: the chair's name; `phone`: for lists;
    `instead`: names of those who have it now because the chair could not be notified.
    """

    village_id: VillageId
    village: str
    reach: str
    chair: str = ""
    phone: str = ""
    instead: tuple[str, ...] = ()
    how: How | None = None
    late: bool = False

    @property
    def silent(self) -> bool:
        """True when not confirmed."""
        return self.reach != "confirmed"

    @property
    def stage(self) -> str:
        """The place on the board: "told" (all households), "seen" (received), else the reach."""
        if self.silent:
            return self.reach
        return "told" if self.how is How.TOLD else "seen"


def adds(how: How, before: How | None) -> bool:
    """Tell whether a confirmation says more than the present one."""
    return before is None or STRENGTH.index(how) > STRENGTH.index(before)
