"""Draw or empty the cards that name an erased person, in the chats of others.

Knows the order: each feature draws its own cards again, from its records that no longer hold the name ("person erased", and the records kit);
every other card is emptied. Must not know any feature. Invariant: no message that was a live card keeps the name after the unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Notice, Priority
from domain.core.immutable import immutable

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from domain.people.people import Person
    from handlers.core.context import HandlerContext

#: Cards of one chat that are looked at, the newest first.
MOST = 500


@immutable
class Erased:
    """A person as they were before their erasure, and the cards that named them.

    `named`: the chat and the name of each card.
    """

    person: Person
    named: tuple[tuple[Receiver, str], ...]


async def clear_cards(ctx: HandlerContext, erased: Erased) -> None:
    """Draw the cards of an erased person again, and empty those that nobody draws."""
    await ctx.happened("person erased", erased)
    for to, card in erased.named:
        assert to.person_id is not None
        if (to.address, card) in await ctx.unit.cards.list_settled(to.person_id, limit=MOST):
            await ctx.notify(Notice(to, "people.card.erased", priority=Priority.REMINDER, card=card, tells_nothing=True))
