"""Requests for a green wave as rows.

Knows SQL and no rule. Seen by the person who asked, by traffic control and by the police of the station; the number in the car is sealed.
"""

from __future__ import annotations

from domain.escort import Escort
from domain.people.people import POLICE, Role
from storage.core.records import Grant, Records, RecordTable, Scope
from storage.core.registry import Data, Personal
from storage.core.retention import Retention


class Escorts(Records[Escort]):
    """Requests for a green wave."""

    table = RecordTable(
        Escort,
        "escorts",
        feature="escort",
        scope=Scope(("opened_by",), (Grant(POLICE | {Role.TRAFFIC}),)),
        retention=Retention.ORDER,
        told=("place", "car", "hospital", "patient", "point", "note"),
        people=(("handler_name", "handled_by", "name"),),
        sealed=("phone",),
    )

    async def open_of(self, person_id: int) -> Escort | None:
        """Return the open request of a person, or None."""
        return await self._one(f"{self.table.select} WHERE x.opened_by = ? AND x.ended_at IS NULL ORDER BY x.id LIMIT 1", (person_id,))


DATA = Data(
    "escort",
    records=(Escorts,),
    personal=Personal(
        erase=("UPDATE escorts SET place = '', car = '', patient = '', phone = '' WHERE opened_by = ?1",),
        kept={
            "the escort is proof of a help that broke a traffic rule": ("escorts.opened_by",),
            "the escort was directed in office": ("escorts.handled_by",),
        },
    ),
)
