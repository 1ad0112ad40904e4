"""Ask the people who went, on the next morning, whether they want to talk.

Knows who took an urgent case, arrived, or said on its board that they come. Invariants: the message names no case, so that it may be read beside
others; an answer is told to the leader only when they ask for it, and is kept nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.aftercare.tasks import people_who_went, was_at_night
from domain.core.change import Button, Notice, Priority
from domain.people.people import Role
from handlers.aftercare.tasks import EVENTS
from handlers.core.context import rows

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext


async def thanks_due(ctx: HandlerContext) -> None:
    """Ask everybody who went how they are."""
    assert ctx.timer is not None
    case = await ctx.unit.cases.find(int(ctx.timer.data["case"]))
    if case is None:
        return
    went = people_who_went(await ctx.unit.cases.timeline(case.id, limit=EVENTS), await ctx.unit.callouts.of(case.id))
    people = await ctx.unit.people.find_many(went, at=ctx.at)
    night = was_at_night(case.opened_at, at=ctx.at, zone=ctx.town.zone)
    buttons = rows(Button("aftercare.button.talk", "a.talk"), Button("aftercare.button.fine", "a.fine"))
    for person_id in went:
        person = people.get(person_id)
        if person is not None and not person.suspended and person.address.channel:
            key = "aftercare.thanks.night" if night else "aftercare.thanks.day"
            await ctx.notify(Notice(person.receiver(), key, {}, buttons, Priority.REMINDER))


async def press_talk(ctx: HandlerContext) -> None:
    """Tell the leaders of the actor's station that they want to talk; show the number to call.

    A volunteer's is the station of their village.
    """
    stations = {post.station_id for post in ctx.actor.posts}
    if not stations and ctx.actor.village_id is not None:
        stations = {(await ctx.unit.people.village(ctx.actor.village_id)).station_id}
    leaders = [
        who
        for station_id in sorted(stations)
        for who in (await ctx.unit.people.station_posts(station_id, at=ctx.at)).of(Role.LEADER)
        if who.person_id != ctx.actor.id and who.address is not None
    ]
    for who in leaders:
        await ctx.notify(Notice(who, "aftercare.talk.to_leader", {"name": ctx.actor.name}))
    await ctx.reply("aftercare.talk.told" if leaders else "aftercare.talk.call")


async def press_fine(ctx: HandlerContext) -> None:
    """Take "I am fine" as an answer."""
    await ctx.reply("aftercare.talk.fine")
