"""Villages and records of people who call for help without having joined.

Knows how a village is read from words, and how a caller gets a record in the directory; must not know what is said to them. Invariant: nobody in
danger has to agree, register or give a name; a caller belongs to no village, and is sent nothing that villagers are sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Button, VillageId
from domain.people.people import Role
from handlers.cases import reports
from handlers.conversation import held
from handlers.core.context import rows
from handlers.people import joining

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.cases.case import Case
    from domain.people.people import Village
    from handlers.core.context import HandlerContext
    from handlers.core.dialogs import Answers

SHORTEST = 2


def villages_in(words: str, villages: Sequence[Village]) -> list[Village]:
    """Return the villages that words name.

    A name that is part of a longer one in the words is not meant.
    """
    called = {name: village for village in villages for name in village.said_names if len(name) >= SHORTEST and name in words}
    names = [name for name in called if not any(name != other and name in other for other in called)]
    return list({called[name].id: called[name] for name in names}.values())


async def places_to_choose(ctx: HandlerContext, answers: Answers) -> list[Village]:
    """Return the villages that a stranger may mean, none for anybody else.

    The one that they wrote, else all.
    """
    if ctx.actor.role is not Role.STRANGER:
        return []
    named = await named_in(ctx, answers)
    return await ctx.unit.people.list_villages() if named is None else [named]


async def named_in(ctx: HandlerContext, answers: Answers) -> Village | None:
    """Return the one village that the words name, None for none or several."""
    said = str(held.words_of(answers).get("said", ""))
    before = answers.get("interrupted", {}).get("answers", {})
    named = villages_in(f"{held.words_of(before).get('said', '')}\n{said}", await ctx.unit.people.list_villages())
    return named[0] if len(named) == 1 else None


async def elsewhere(ctx: HandlerContext, answers: Answers) -> Village | None:
    """Return a village in the words that is not the actor's own; None for a stranger."""
    named = None if ctx.actor.role is Role.STRANGER else await named_in(ctx, answers)
    home = reports.initial_answers(ctx).get("village")
    return named if named is not None and named.id != home else None


async def village_of(ctx: HandlerContext, value: str) -> Village | None:
    """Return the open village of a pressed button, or None."""
    if not value.isdecimal() or len(value) > 9:
        return None
    found = await ctx.unit.people.list_villages([VillageId(int(value))])
    return found[0] if found else None


async def open_case(ctx: HandlerContext, answers: Answers) -> Case | None:
    """Open the case of somebody who has not joined, at once; consent comes afterwards."""
    await joining.record_caller(ctx)
    case = await reports.open_from(ctx, answers | {"home": True})
    if case is not None:
        later = rows(Button("emergency.button.join", "jpick", (case.village_id,)))
        await ctx.reply("emergency.stranger.after", buttons=later)
    return case
