"""Readers and writers of the aftercare of a case: the people who handle it.

Knows the case's scope; must not know sheets or tasks. Invariant: the reporter, a follower and the secretary read nothing about the health of
the person who was hurt, and get the same answer as for a case that is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.cases.actors import CaseRole, may_see
from domain.cases.notices import readers
from domain.cases.visibility import Part
from domain.core.change import NotFound, RuleError
from domain.emergencies.hearing import hear
from domain.people.people import Role
from handlers.cases.cards import what
from storage.cases.scope import standing_of

if TYPE_CHECKING:
    from domain.cases.actors import CaseActor
    from domain.cases.case import Case
    from domain.core.change import Receiver
    from domain.people.people import Posts
    from handlers.core.context import HandlerContext

#: The posts that answer for what follows a case, the nearest first.
HANDLERS = (Role.CHAIR, Role.OFFICER, Role.DUTY, Role.LEADER)


async def handled(ctx: HandlerContext, number: int) -> Case:
    """Return an urgent case that the actor handles.

    Raises:
        NotFound: there is none, or the actor does not handle it.
        RuleError: `aftercare.not_urgent`.
    """
    case = await ctx.unit.cases.visible_to(ctx.actor, number)
    if not reads(case, standing_of(ctx.actor, case)):
        raise NotFound(number)
    if case.scene is None:
        raise RuleError("aftercare.not_urgent", number=str(number))
    return case


def reads(case: Case, by: CaseActor) -> bool:
    """Tell whether a role in a case reads about the health of the person who was hurt."""
    return by.standing in (CaseRole.CHAIR, CaseRole.POLICE) and may_see(by.standing, Part.WORDS, case.visibility)


def able(case: Case, posts: Posts) -> tuple[Receiver, ...]:
    """Return the people who can be asked about a case now, the nearest post first."""
    found = [who for role in HANDLERS for who in readers(case, posts, role)]
    return tuple(who for who in found if who.address is not None)


def facts(case: Case) -> dict[str, Any]:
    """Return number, village and kind of a case, as every message about it begins."""
    return {"number": str(case.id), "village": case.village, "what": what(case)}


async def say_nobody_called(ctx: HandlerContext, *said: str) -> None:
    """Say that words about danger were written down and called nobody; show the numbers."""
    if any(not hear(words).calm for words in said):
        await ctx.reply("aftercare.nobody_called")
