"""Coverage of a duty rota, and warnings of hours without anybody.

Knows the daily check and what a change of posts does to shifts; domain/people/rota.py computes. Invariants: a gap is told a week and a day
ahead, each once; a shift goes to the successor or ends with its person's post, and the gap that this leaves is told at once.
"""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from domain.calendar.local_time import day_of, instant_of
from domain.core.change import Button, Event, Notice, Priority, Timer
from domain.core.post_change import LOSSES, Why
from domain.people.people import POLICE, ReadScope, Role
from domain.people.rota import acting, turns, uncovered, without
from handlers.core.context import rows
from texts import At, Lines, Text

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import PersonId
    from domain.core.post_change import PostChange
    from domain.people.rota import Rota, Span, Turn
    from handlers.core.context import HandlerContext
    from storage.people.directory import Holder

CHECK = "rota_check"
CHECKED_AT = time(9)
#: How far ahead gaps are told: checked daily, so a gap is told at least a week, then at least a day before it begins.
AHEAD = {"week": timedelta(days=8), "day": timedelta(days=2)}
#: How far gaps are followed, so that one without an end is told again after a week and not every day.
LOOKED_AT = timedelta(days=16)
MOST_GAPS = 10


async def roster_of(ctx: HandlerContext, rota: Rota) -> list[Holder]:
    """Return the police of a rota's station, each post once."""
    sight = ReadScope(frozenset({rota.station_id}), frozenset(), frozenset())
    return [holder for holder in await ctx.unit.directory.holders(sight, at=ctx.at) if holder.post.role in POLICE]


async def covered(ctx: HandlerContext, rota: Rota, from_at: datetime, until_at: datetime) -> tuple[Turn, ...]:
    """Return the turns of a span as they are really covered.

    Deputies are in, and people who cannot be told are out.
    """
    police = [holder for holder in await roster_of(ctx, rota) if holder.online and not holder.suspended]
    leaves = await ctx.unit.directory.leaves_of_station(rota.station_id, from_at=from_at, until_at=until_at)
    deputies = {leave.deputy_id for leave in leaves}
    able = {holder.person_id for holder in police if holder.post.role is rota.role or holder.person_id in deputies}
    return acting(turns(rota, from_at, until_at), leaves, able)


async def watch(ctx: HandlerContext, rota: Rota) -> None:
    """Start the next daily check of a rota."""
    on = day_of(ctx.at, rota.zone)
    due = instant_of(on, CHECKED_AT, rota.zone)
    if due <= ctx.at:
        on += timedelta(days=1)
        due = instant_of(on, CHECKED_AT, rota.zone)
    await ctx.start_timers(Timer(CHECK, f"rota:{rota.id}", due, f"{CHECK}:{rota.id}:{on.isoformat()}", {"rota": rota.id}))


async def check_due(ctx: HandlerContext) -> None:
    """Tell the gaps of a rota that has shifts, and check again tomorrow (clock).

    Rows that are long over are deleted.
    """
    assert ctx.timer is not None
    rota = await ctx.unit.rotas.find(int(ctx.timer.data["rota"]), at=ctx.at)
    if rota is None:
        return
    await ctx.unit.rotas.purge(rota.id, at=ctx.at)
    if rota.shifts:
        await warn(ctx, rota)
    await watch(ctx, rota)


async def warn(ctx: HandlerContext, rota: Rota) -> None:
    """Tell leaders and desk of the hours without anybody that were not told yet."""
    until_at = ctx.at + LOOKED_AT
    gaps = uncovered(await covered(ctx, rota, ctx.at, until_at), ctx.at, until_at)
    found: tuple[Span, ...] = ()
    for stage, ahead in AHEAD.items():
        told = await ctx.unit.rotas.told(rota.id, stage, at=ctx.at)
        untold = tuple(gap for gap in without(gaps, told) if gap[0] < ctx.at + ahead)
        await ctx.unit.rotas.note_told(rota.id, stage, untold, at=ctx.at)
        found = tuple(sorted((*found, *without(untold, found))))
    if not found:
        return
    lines = [Text("rota.line.gap", since=At(begins), until=At(ends)) for begins, ends in found[:MOST_GAPS]]
    if len(found) > MOST_GAPS:
        lines.append(Text("rota.line.more", count=len(found) - MOST_GAPS))
    params = {"role": Text(f"people.role.{rota.role}"), "lines": Lines(lines)}
    buttons = rows(Button("rota.button.see", "rota", (rota.id,)))
    receivers = (await ctx.unit.people.station_posts(rota.station_id, at=ctx.at)).of(Role.LEADER, Role.DUTY)
    for who in [each for each in receivers if each.address is not None] or receivers[:1]:
        notice = Notice(who, "rota.gaps.to_leader", params, buttons, priority=Priority.REMINDER, subject=f"rota:{rota.id}")
        await ctx.notify(notice)


async def settle(ctx: HandlerContext, change: PostChange) -> None:
    """Give the shifts of people without the post to the successor, or end them.

    The gaps that this leaves are told.
    """
    ended: set[int] = set()
    for rota_id, person_id in await ctx.unit.rotas.orphans(at=ctx.at):
        rota = await ctx.unit.rotas.find(rota_id, at=ctx.at)
        if rota is None or not (change.person_id is None or person_id in change.people):
            continue
        await _give(ctx, rota, person_id, change.to_id)
        ended.add(rota.id)
    if change.why not in LOSSES | {Why.FORGOTTEN}:
        return
    for station_id in sorted({station_id for role, _, station_id in change.posts if role in POLICE}):
        for rota in await ctx.unit.rotas.of_station(station_id, at=ctx.at):
            if rota.shifts or rota.id in ended:
                await warn(ctx, rota)


async def _give(ctx: HandlerContext, rota: Rota, person_id: PersonId, to_id: PersonId | None) -> None:
    on = day_of(ctx.at, rota.zone)
    heirs = {holder.person_id for holder in await roster_of(ctx, rota) if holder.post.role is rota.role and not holder.suspended}
    if to_id is not None and to_id in heirs:
        await ctx.unit.rotas.give_shifts(rota.id, person_id, to_id, on=on)
    else:
        to_id = None
        for shift in rota.shifts:
            if shift.person_id == person_id:
                await ctx.unit.rotas.end_shift(rota.id, shift.id, on=on)
        await ctx.unit.rotas.drop_takeovers(rota.id, person_id, on=on, at=ctx.at)
    await ctx.audit(Event(f"rota:{rota.id}", "shifts_given", ctx.actor.id, ctx.at, data={"from": person_id, "to": to_id}))
