"""Everybody who was called to an urgent case, and the messages to them.

Knows the cards by which a chat is found again. Must not decide when somebody is called. Invariants: a person who may not see the case learns its
number, village and kind and nothing else; of several calls that wait for one chat only the newest is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases.actors import CaseRole
from domain.core.change import Notice, Priority
from domain.core.immutable import immutable
from handlers.cases.audience import load_viewers

if TYPE_CHECKING:
    from domain.cases.case import Case
    from domain.cases.notices import CardViewer
    from domain.core.change import Keyboard, PersonId, Receiver
    from handlers.core.context import HandlerContext

_HANDLERS = (CaseRole.CHAIR, CaseRole.POLICE)


@immutable
class Called:
    """The people called so far: those who see the case, and those who know that there is one."""

    handlers: tuple[CardViewer, ...]
    others: tuple[Receiver, ...]


async def load_called(ctx: HandlerContext, case: Case, *, without: PersonId | None = None) -> Called:
    """Load everybody with a card or a call of the case who may hear of it now."""
    viewers = await load_viewers(ctx, case, cards=(case.card, ring_card(case)))
    handlers = [each for each in viewers if each.by is not None and each.by.standing in _HANDLERS and each.to.person_id != without]
    known = {each.to.person_id for each in viewers}
    barred = {*known, *case.excluded_ids, without}
    others = await ctx.unit.people.find_many(await ctx.unit.cards.viewers(wide_card(case)), at=ctx.at)
    told = [
        each.receiver() for person_id, each in others.items() if person_id not in barred and not each.suspended and each.address.channel
    ]
    return Called(tuple(handlers), tuple(told))


def ring_card(case: Case) -> str:
    """Return the name of the call in the chats of those who see the case."""
    return f"{case.card}:ring"


def wide_card(case: Case) -> str:
    """Return the name of the call in the chats of those who do not see the case."""
    return f"{case.card}:wide"


def to_handler(
    case: Case, to: Receiver, key: str, params: dict[str, Any], buttons: Keyboard = (), *, news: bool = False, quiet: bool = False
) -> Notice:
    """Return a call to somebody who sees the case; it takes the place of one that still waits.

    `news`: the outcome, which never delays another call; `quiet`: without a sound.
    """
    return Notice(
        to, key, params, buttons, Priority.ESCALATION if news else Priority.SOS, card=ring_card(case), as_new_message=True, latest=True, stays=True,
        rings=not quiet, silent=quiet, subject=case.subject, excluded_ids=case.excluded_ids,
    )  # fmt: skip


def to_other(
    case: Case, to: Receiver, key: str, params: dict[str, Any], buttons: Keyboard = (), *, news: bool = False, quiet: bool = False
) -> Notice:
    """Return a call to somebody who does not see the case: number, village and kind."""
    return Notice(
        to, key, params, buttons, Priority.ESCALATION if news else Priority.SOS, card=wide_card(case), as_new_message=True, latest=True,
        rings=not quiet, silent=quiet, tells_nothing=True,
    )  # fmt: skip
