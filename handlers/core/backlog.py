"""Keep one message of each subject for a chat during an outage of any length.

Knows how long a message has waited; must not know what it says. Invariants: in a chat that waits for longer than `BEHIND`, messages of the
clock about one subject replace each other, and a card that still waits is changed in its place; messages from the acts and words of people are never dropped;
a message that escalates is only replaced by one that escalates too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.core.change import Notice, Priority
from domain.core.immutable import replace
from storage.core.late import Late

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.core.change import Address
    from domain.people.people import Person
    from storage.unit import Unit

#: A message that has waited for this long waits for more than the rate limits.
BEHIND = timedelta(minutes=10)


class Backlog:
    """Pending messages of chats in an outage: `await put(notice, unique_key=…)`.

    Reads those about a subject once, however many people hear of it.
    """

    def __init__(self, unit: Unit, *, by_clock: bool, at: datetime, asker: Person) -> None:
        self._unit = unit
        self._by_clock = by_clock
        self._at = at
        self._asker = asker
        self._late: dict[str, list[Late]] = {}

    async def put(self, notice: Notice, *, unique_key: str) -> None:
        """Add a message unless a pending one is enough; stop those that it replaces."""
        fitting = await self._fit_in(notice)
        if fitting is None:
            return
        number = await self._unit.outbox.put(fitting, unique_key=unique_key, at=self._at, asker=self._asker, by_clock=self._by_clock)
        if number is not None and fitting is not notice and fitting.to.address is not None and fitting.not_before is not None:
            to, when, plain = fitting.to.address, fitting.not_before, not (fitting.media or fitting.gist)
            facts = (fitting.priority, fitting.escalates, self._by_clock, plain)
            self._late[fitting.about].append(Late(number, to.channel, to.chat_id, fitting.to.role, fitting.card, when, *facts))

    async def _fit_in(self, notice: Notice) -> Notice | None:
        """Return a message as it is added; None when one that waits is enough."""
        address, changes_card = notice.to.address, bool(notice.card) and not notice.as_new_message
        if address is None or address.chat_id < 0 or not notice.about or notice.batch or not (self._by_clock or changes_card):
            return notice
        late = await self._late_about(notice.about, address, notice.to.role)
        card = next((each for each in late if each.card == notice.about and _covers(each, notice)), None)
        if changes_card:
            card = next((each for each in late if each.card == notice.card and each.plain), None)
            if card is None:
                return notice
            notice = _in_place_of(card, notice)
        elif card is not None and notice.card != card.card:  # the card says it
            await self._stop([each for each in late if each.by_clock and each is not card and (card.escalates or not each.escalates)])
            return None
        replaced = [each for each in late if each is card or _replaces(notice, each, by_clock=self._by_clock)]
        await self._stop(replaced)
        return replace(notice, not_before=min(each.not_before for each in replaced)) if replaced else notice

    async def _late_about(self, subject: str, address: Address, role: str) -> list[Late]:
        if subject not in self._late:
            self._late[subject] = await self._unit.late.list_about(subject, before=self._at - BEHIND)
        return [each for each in self._late[subject] if (each.channel, each.chat_id, each.role) == (address.channel, address.chat_id, role)]

    async def _stop(self, rows: Iterable[Late]) -> None:
        for row in rows:
            await self._unit.outbox.supersede(row.id, at=self._at)
            for late in self._late.values():
                if row in late:
                    late.remove(row)


def _covers(card: Late, notice: Notice) -> bool:
    return card.escalates or not notice.escalates


def _replaces(notice: Notice, late: Late, *, by_clock: bool) -> bool:
    """Tell whether a message of the clock takes the place of an unsent earlier one."""
    if notice.card == late.card and notice.card:
        return notice.escalates or not late.escalates
    is_card = notice.card == notice.about
    return by_clock and late.by_clock and (is_card or not late.card) and (notice.escalates or not late.escalates)


def _in_place_of(card: Late, notice: Notice) -> Notice:
    """Return the change of a card as the message that brings it."""
    stays = notice.stays and not card.escalates
    return replace(notice, as_new_message=True, stays=stays, priority=min(notice.priority, Priority(card.priority)))
