"""List of a village's volunteers with their last training, for its chair and officer.

Knows the page; domain/responders.py says who reads it. Invariants: it names those who agreed to be on it, in a private chat only; each reading
is in the audit; another village reads like one that is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.calendar.local_time import day_of
from domain.core.change import Button, Event
from domain.responders import may_list
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_number
from handlers.core.village_choice import villages_where
from texts import Lines, Text

if TYPE_CHECKING:
    from datetime import date

    from domain.core.change import Keyboard
    from domain.responders import Volunteer

#: Volunteers in one message; the others are counted.
MOST = 50


async def offered(ctx: HandlerContext) -> Keyboard:
    """Return the buttons of the lists that the actor may read."""
    mine = await villages_where(ctx, may_list)
    if len(mine) == 1:
        return rows(Button("volunteer.button.list", "w.list", (mine[0].id,)))
    return rows(*(Button("volunteer.button.list_of", "w.list", (each.id,), {"village": each.name}) for each in mine), width=1)


async def press_list(ctx: HandlerContext) -> None:
    """Show the volunteers of a village."""
    village, found = await ctx.unit.volunteers.visible_to(ctx.actor, pressed_number(ctx), limit=MOST + 1)
    people = await ctx.unit.people.find_many([each.person_id for each in found], at=ctx.at)
    today = day_of(ctx.at, ctx.town.zone)
    lines = [_line(each, people[each.person_id].name, today) for each in found[:MOST] if each.person_id in people]
    if len(found) > MOST:
        lines.append(Text("volunteer.list.more", most=MOST))
    await ctx.audit(Event(f"village:{village.id}", "volunteers.list", ctx.actor.id, ctx.at))
    await ctx.reply("volunteer.list", village=village.name, lines=Lines(lines or [Text("volunteer.list.none")]))


def _line(who: Volunteer, name: str, today: date) -> Any:
    key = "untrained" if who.trained_on is None else "trained" if who.trained(today) else "old"
    return Text(
        "volunteer.list.line",
        name=name,
        training=Text(f"volunteer.list.{key}", day="" if who.trained_on is None else who.trained_on.isoformat()),
        fire=Text("volunteer.list.fire") if who.fights_fire else "",
        state="" if who.active else Text("volunteer.list.off"),
    )
