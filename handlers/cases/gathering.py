"""Add further urgent words of a first-day account to its open case; list them for the desk.

Knows the account's open case and the desk's list; domain/cases/fairness.py decides what is gathered. Invariant: words are in the case before
the list names it; the list is one message that is edited in place, and holds no words of people and no case that its reader may not see.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.cases import moves as rules
from domain.cases.case import Severity
from domain.cases.fairness import JOINS_WITHIN, LISTED_FOR, MOST_LISTED, Way, way_of
from domain.cases.intake import severity
from domain.core.change import Button, Notice, Priority
from domain.people.people import Role
from handlers.cases.attachments import attach
from handlers.cases.moves import redraw_everywhere
from handlers.core.context import HandlerContext, rows
from storage.cases.scope import standing_of
from texts import About, Lines, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from domain.cases.case import Case, NewCase
    from domain.core.change import PersonId, Receiver
    from storage.cases.gathered import GatheredCase

CARD = "gathered"
BUTTONS = 6


async def way_for(ctx: HandlerContext, new: NewCase) -> Way:
    """Return how a report without the SOS button is taken.

    Raises:
        RuleError: the account is blocked, or reports too often.
    """
    assert ctx.actor.id is not None
    in_village = new.village_id if ctx.actor.is_new else None
    past = await ctx.unit.gathered.past_of(ctx.actor.id, in_village=in_village, at=ctx.at)
    return way_of(ctx.actor, urgent=is_urgent(new), past=past, limits=ctx.town.limits)


def is_urgent(new: NewCase) -> bool:
    """Return whether a new case is urgent, by its own answer or by its words."""
    return (new.severity or severity(new.kind, new.text)) is Severity.URGENT


async def joined(ctx: HandlerContext, new: NewCase, media: Sequence[Mapping[str, Any]], *, parties: tuple[PersonId, ...]) -> Case | None:
    """Add a report to the account's open case and to the desk's list; None without a case.

    A case that more people read than the report allows takes no words of it.
    """
    assert ctx.actor.id is not None
    case = await ctx.unit.search.last_of(ctx.actor.id, since=ctx.at - JOINS_WITHIN)
    if case is None or case.ended:
        return None
    case = await ctx.unit.cases.visible_to(ctx.actor, case.id)
    if case.visibility != new.visibility or not set(parties) <= set(case.parties):
        return None
    case = await ctx.unit.cases.record(rules.note(case, standing_of(ctx.actor, case), new.text, at=ctx.at))
    for each in media:
        await attach(ctx, case.id, each)
    await redraw_everywhere(ctx, await ctx.unit.cases.find(case.id) or case)
    await ctx.reply("report.gathered", number=str(case.id))
    await _list_for_desk(ctx, case)
    return case


async def _list_for_desk(ctx: HandlerContext, case: Case) -> None:
    """Draw the desk's list; it is a new message when there was none for an hour."""
    since = ctx.at - LISTED_FOR
    before = await ctx.unit.gathered.list_of_station(case.station_id, since=since, limit=1)
    await ctx.unit.gathered.add(case.id, case.station_id, at=ctx.at)
    found = await ctx.unit.gathered.list_of_station(case.station_id, since=since, limit=MOST_LISTED)
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    for role in (Role.DUTY, Role.OFFICER, Role.LEADER):
        desk = [who for who in posts.of(role, without=case.excluded_ids) if who.address is not None]
        if desk:
            people = await ctx.unit.people.find_many([who.person_id for who in desk if who.person_id is not None], at=ctx.at)
            for who in desk:
                person = None if who.person_id is None else people.get(who.person_id)
                told = await ctx.unit.may_be_told([(person, each.case.subject) for each in found]) if person is not None else []
                seen = [each for each, may in zip(found, told, strict=False) if may]
                await ctx.notify(_list(ctx, who, seen, as_new_message=not before))
            return


def _list(ctx: HandlerContext, who: Receiver, found: Sequence[GatheredCase], *, as_new_message: bool) -> Notice:
    lines = Lines(
        About(
            Text(
                "report.gathered.line",
                number=str(each.case.id),
                village=each.case.village,
                kind=Text(f"report.kind.{each.case.kind}"),
                words=each.words,
                minutes=(ctx.at - each.last_at) // timedelta(minutes=1),
            ),
            each.case.subject,
        )
        for each in found
    )
    shown = [Button("report.gathered.button", "c.all", (each.case.id,), {"number": str(each.case.id)}) for each in found[:BUTTONS]]
    params = {"count": len(found), "lines": lines}
    return Notice(who, "report.gathered.to_desk", params, rows(*shown), Priority.ESCALATION, card=CARD, as_new_message=as_new_message)
