"""The evening note: how many cases the day brought and ended, to be forwarded.

Knows counts; must not know what a case says. Invariant: the note holds numbers and names of places only, so that anybody may read it; a day
without anything new or ended has none.
"""

from __future__ import annotations

from collections import Counter
from datetime import time
from typing import TYPE_CHECKING, Any

from domain.calendar.local_time import day_of, instant_of
from domain.cases.actors import CaseRole
from domain.cases.case import ACTIVE, WAITING, Case
from domain.cases.escalation import EscalationLevel
from domain.core.change import Notice, Priority, StationId
from domain.core.notes import note_timers
from handlers.notes.morning import READ, due_station, in_office
from storage.cases.scope import standing_of
from texts import At, Joined, Text

if TYPE_CHECKING:
    from domain.people.people import Person
    from handlers.core.context import HandlerContext

CARD = "notes.evening"
_HANDLES = (CaseRole.CHAIR, CaseRole.POLICE)


async def evening_due(ctx: HandlerContext) -> None:
    """Send the evening note to people in office in a station."""
    station_id = due_station(ctx)
    notes = () if ctx.timer is None else note_timers_of(ctx)
    await ctx.start_timers(*notes)
    if station_id is None:
        return
    for person, level in await in_office(ctx, station_id):
        await _send(ctx, person, level)


def note_timers_of(ctx: HandlerContext) -> Any:
    """Return the timers of the next notes of the due note's station."""
    assert ctx.timer is not None
    return note_timers(StationId(int(ctx.timer.subject.partition(":")[2])), town=ctx.town, at=ctx.at)


async def _send(ctx: HandlerContext, person: Person, level: EscalationLevel) -> None:
    since = instant_of(day_of(ctx.at, ctx.town.zone), time(0), ctx.town.zone)
    search = ctx.unit.search
    newest = await search.read(person, await search.numbers_of(person, most=READ))
    active = await search.read(person, await search.numbers_of(person, states=sorted(ACTIVE), most=READ))
    opened = _handled(person, [case for case in newest if case.opened_at >= since])
    ended = _handled(person, await search.ended_since(person, since))
    if not opened and not ended:
        return
    kinds = Counter(case.kind for case in opened)
    open_now = _handled(person, active)
    unanswered = sum(case.state in WAITING and case.rung is EscalationLevel.BEYOND for case in open_now)
    params = {
        "day": At(ctx.at, "day"), "where": await _where(ctx, person, level), "opened": len(opened), "ended": len(ended), "active": len(open_now),
        "kinds": Text("note.kinds", kinds=Joined([Text("note.kind", kind=Text(f"report.kind.{kind}"), n=n) for kind, n in kinds.most_common()]))
        if kinds
        else "",
        "unanswered": Text("note.unanswered", n=unanswered) if unanswered else "",
    }  # fmt: skip
    expires = note_timers_of(ctx)[0].due_at
    await ctx.notify(
        Notice(
            person.receiver(),
            "note.evening",
            params,
            priority=Priority.REMINDER,
            card=CARD,
            as_new_message=True,
            latest=True,
            expires_at=expires,
        )
    )


def _handled(person: Person, cases: list[Case]) -> list[Case]:
    return [case for case in cases if standing_of(person, case).standing in _HANDLES]


async def _where(ctx: HandlerContext, person: Person, level: EscalationLevel) -> Any:
    """Name the station, or the villages of somebody in office in a few."""
    if level is EscalationLevel.STATION:
        return Joined([await ctx.unit.rosters.station_name(each) for each in sorted({post.station_id for post in person.posts})])
    villages = sorted({post.village_id for post in person.posts if post.village_id is not None})
    return Joined([each.name for each in await ctx.unit.people.list_villages(villages)])
