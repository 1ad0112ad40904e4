"""Give schedules of tips to another author when posts change.

Knows schedules of kind "tips". Invariant: the villages of a schedule keep it: its new author sends to these villages only, and the old one
keeps it for the villages that are still theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.broadcasts import may_broadcast_to
from domain.core.change import Event, PersonId, StationId, VillageId
from domain.core.post_change import LOSSES, Moved, Why
from domain.people.people import Role
from handlers.broadcasts.tip_plans import KIND, when_text
from handlers.core.presence import reachable
from texts import At, Text

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from domain.core.post_change import PostChange
    from domain.people.people import Person, Village
    from handlers.core.context import HandlerContext
    from handlers.core.presence import Presence
    from storage.core.timers import Schedule

#: Changes after which an author may send no longer; a person on leave or without a chat keeps their schedules, which run by the clock.
_ENDS = LOSSES - {Why.AWAY, Why.UNREACHABLE}


async def give_away(ctx: HandlerContext, change: PostChange, presence: Presence) -> list[Moved]:
    """Give the schedules of authors who may not send any more to somebody who may.

    See `PostsChanged`.
    """
    if change.person_id is not None and change.why not in _ENDS:
        return []
    stations = [station_id for station_id, _ in await ctx.unit.rosters.list_stations()]
    schedules = await ctx.unit.timers.list_schedules(KIND, station_ids=tuple(stations)) if stations else []
    if change.person_id is not None:
        schedules = [each for each in schedules if each.data["author_id"] == change.person_id]
    if not schedules:
        return []
    authors = await ctx.unit.people.find_many({PersonId(each.data["author_id"]) for each in schedules}, at=ctx.at)
    villages = await ctx.unit.people.list_villages()
    moved: list[Moved] = []
    for schedule in schedules:
        author = authors.get(PersonId(schedule.data["author_id"]))
        moved += await _look_at(ctx, change, presence, schedule, author, villages)
    return moved


async def _look_at(
    ctx: HandlerContext, change: PostChange, presence: Presence, schedule: Schedule, author: Person | None, villages: list[Village]
) -> list[Moved]:
    meant = schedule.data.get("villages")
    kept = [each for each in villages if author is not None and may_broadcast_to(author, each) and (meant is None or each.id in meant)]
    lost = [VillageId(each) for each in meant] if meant is not None else [village_id for _, village_id, _ in change.own if village_id]
    lost = [each for each in lost if each not in {village.id for village in kept}]
    if kept and not lost:
        return []
    line = Text("posts.line.schedule", when=when_text(schedule), at=At(schedule.next_at))
    heir = await _heir(change, presence, schedule, lost)
    if heir is None or heir.person_id is None:
        return (
            [] if kept or change.person_id is None else [Moved(f"schedule:{schedule.id}", None, StationId(schedule.station_id), (), line)]
        )
    data: dict[str, Any] = schedule.data | {"author_id": heir.person_id, "villages": lost or None}
    if kept:
        theirs = await ctx.unit.timers.list_schedules(KIND, station_ids=(schedule.station_id,))
        if any((each.data["author_id"], each.cron, each.name) == (heir.person_id, schedule.cron, schedule.name) for each in theirs):
            return []
        number = await ctx.unit.timers.add_schedule(
            KIND, station_id=schedule.station_id, name=schedule.name, cron=schedule.cron, data=data, next_at=schedule.next_at,
            created_by=heir.person_id, at=ctx.at,
        )  # fmt: skip
    else:
        number = schedule.id
        await ctx.unit.timers.give_schedule(number, data=data, created_by=heir.person_id)
    await ctx.audit(Event(f"schedule:{number}", "schedule.reassigned", ctx.actor.id, ctx.at, data={"to": heir.person_id, "villages": lost}))
    return [Moved(f"schedule:{number}", None, StationId(schedule.station_id), (heir,), line)]


async def _heir(change: PostChange, presence: Presence, schedule: Schedule, villages: list[VillageId]) -> Receiver | None:
    """Return the new author for these villages, or None.

    The successor, the villages' officer, or the station's leader or desk.
    """
    found = [who for village_id in villages for who in reachable(await presence.of(village_id), Role.OFFICER)]
    found += reachable(await presence.of_station(StationId(schedule.station_id)), Role.LEADER, Role.DUTY)
    return next((who for who in found if who.person_id == change.to_id), found[0] if found else None)
