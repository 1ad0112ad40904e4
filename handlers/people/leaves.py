"""Begin and end leaves: the deputy gets the open things, and later gives them back.

Knows the timers of a leave; the questions are in handlers/people/duty.py. Invariants: at its begin and its end everybody concerned is
notified, the person who is back also of what was ended meanwhile; a leave that was cancelled begins and ends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, Notice, PersonId, Timer
from domain.core.post_change import PostChange, Why
from handlers.core.post_changes import posts_changed
from handlers.people.lost_posts import span_of, superiors

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from domain.people.people import Leave, Person
    from handlers.core.context import HandlerContext
    from storage.people.directory import LeaveRow

BEGINS, ENDS = "leave_begins", "leave_ends"


async def take(ctx: HandlerContext, person: Person, leave: Leave) -> int:
    """Record a leave, ask the deputy, and begin it now or later; return its number."""
    number = await ctx.unit.directory.add_leave(leave, at=ctx.at)
    facts = {"leave": number, "deputy": leave.deputy_id, "from": leave.from_at.isoformat(), "until": leave.until_at.isoformat()}
    await ctx.audit(Event(f"person:{person.id}", "leave_taken", ctx.actor.id, ctx.at, data=facts))
    decline = ((Button("duty.button.decline", "nodeputy", (number,)),),)
    deputy = await ctx.unit.people.receiver(leave.deputy_id)
    await ctx.notify(Notice(deputy, "duty.taken.to_deputy", span_of(leave) | {"name": person.name}, decline))
    data = {"leave": number}
    await ctx.start_timers(Timer(ENDS, f"leave:{number}", leave.until_at, f"{ENDS}:{number}", data))
    if leave.from_at > ctx.at:
        await ctx.start_timers(Timer(BEGINS, f"leave:{number}", leave.from_at, f"{BEGINS}:{number}", data))
    else:
        await _begin(ctx, leave)
    return number


async def begins_due(ctx: HandlerContext) -> None:
    """Begin a leave (clock)."""
    row = await _due(ctx)
    if row is not None:
        await _begin(ctx, row.leave)


async def ends_due(ctx: HandlerContext) -> None:
    """End a leave (clock)."""
    row = await _due(ctx)
    if row is not None:
        person = await ctx.unit.people.get(row.leave.person_id, at=ctx.at)
        deputy = await ctx.unit.people.get(row.leave.deputy_id, at=ctx.at)
        facts = {"name": person.name, "deputy": deputy.name}
        await ctx.notify(Notice(await ctx.unit.people.receiver(row.leave.deputy_id), "duty.over.to_deputy", facts))
        await ctx.notify(Notice(await ctx.unit.people.receiver(row.leave.person_id), "duty.over.to_person", facts))
        await _tell_superiors(ctx, person, row.leave, "duty.over.to_officer", facts)
        await give_back(ctx, row.leave)


async def give_back(ctx: HandlerContext, leave: Leave) -> None:
    """Give what the deputy had to the person who is back."""
    await posts_changed(ctx, PostChange(leave.deputy_id, Why.BACK, leave.person_id, since=leave.from_at))


async def _begin(ctx: HandlerContext, leave: Leave) -> None:
    person = await ctx.unit.people.get(leave.person_id, at=ctx.at)
    deputy = await ctx.unit.people.get(leave.deputy_id, at=ctx.at)
    facts = span_of(leave) | {"name": person.name, "deputy": deputy.name}
    if leave.from_at < ctx.at or ctx.timer is not None:
        await ctx.notify(Notice(await ctx.unit.people.receiver(leave.person_id), "duty.begun.to_person", facts))
        await ctx.notify(Notice(await ctx.unit.people.receiver(leave.deputy_id), "duty.begun.to_deputy", facts))
    await _tell_superiors(ctx, person, leave, "duty.begun.to_officer", facts)
    await posts_changed(ctx, PostChange(leave.person_id, Why.AWAY, leave.deputy_id))


async def _tell_superiors(ctx: HandlerContext, person: Person, leave: Leave, key: str, facts: dict[str, Any]) -> None:
    without = (leave.person_id, leave.deputy_id, ctx.actor.id)
    receivers: list[Receiver] = await superiors(ctx.unit, person.posts, at=ctx.at, without=without)
    for receiver in receivers:
        await ctx.notify(Notice(receiver, key, facts))


async def _due(ctx: HandlerContext) -> LeaveRow | None:
    assert ctx.timer is not None
    return await ctx.unit.directory.find_leave(int(ctx.timer.data["leave"]))


async def relieve(ctx: HandlerContext, deputy: Person, leave: Leave) -> None:
    """End the leaves whose deputy a person is, during a leave that was entered for them.

    The people left without a deputy are told.
    """
    assert deputy.id is not None
    for row in await ctx.unit.directory.leaves_around(deputy.id, at=ctx.at):
        other = row.leave
        overlaps = other.deputy_id == deputy.id and other.from_at < leave.until_at and other.until_at > leave.from_at
        if overlaps and await ctx.unit.directory.cancel_leave(row.id, at=ctx.at):
            await say_declined(ctx, row, deputy)


async def say_declined(ctx: HandlerContext, row: LeaveRow, deputy: Person) -> None:
    """Tell the person and their superiors that there is no deputy; give back the open things."""
    person = await ctx.unit.people.get(row.leave.person_id, at=ctx.at)
    await ctx.audit(Event(f"person:{person.id}", "leave_declined", ctx.actor.id, ctx.at, data={"leave": row.id}))
    facts = span_of(row.leave) | {"name": person.name, "deputy": deputy.name}
    again = ((Button("duty.button.leave", "leave"),),)
    await ctx.notify(Notice(await ctx.unit.people.receiver(row.leave.person_id), "duty.declined.to_person", facts, again))
    for receiver in await superiors(ctx.unit, person.posts, at=ctx.at, without=(person.id, deputy.id, ctx.actor.id)):
        await ctx.notify(Notice(receiver, "duty.declined.to_officer", facts))
    await give_back(ctx, row.leave)


async def deputises_for(ctx: HandlerContext, person_id: PersonId, leave: Leave) -> str:
    """Return the name of somebody whose deputy a person is during a leave; empty for nobody."""
    for row in await ctx.unit.directory.leaves_around(person_id, at=ctx.at):
        other = row.leave
        if other.deputy_id == person_id and other.from_at < leave.until_at and other.until_at > leave.from_at:
            return (await ctx.unit.people.receiver(other.person_id)).name
    return ""
