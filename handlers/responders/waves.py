"""Two waves of calls beside chair and police: to volunteers, committee and patrol.

Knows villages and distances; domain/responders.py says which dangers and people. Must not know where a person is: a distance is that of their
village's point from the place that was sent. Invariants: nobody is called twice unless it begins again; never more volunteers than the town allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.positions import Position
from domain.people.people import Role
from domain.responders import calls_volunteers, may_be_called
from domain.village_places import within

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from domain.cases.case import Case
    from domain.core.change import PersonId, VillageId
    from handlers.core.context import HandlerContext

#: The village's own people beside chair and secretary, who are called with the second wave.
HELPERS = (Role.MEMBER, Role.PATROL)


async def call_wave(ctx: HandlerContext, case: Case, *, second: bool) -> list[PersonId]:
    """Call everybody of a wave who was not called before; return them.

    First wave: volunteers of the village and of those near the place, and those around when few are called. Second wave: also those around, and
    the village's committee and patrol.
    """
    if not case.calls or not calls_volunteers(case):
        return []
    rules = ctx.town.responders
    called = await ctx.unit.callouts.of(case.id)
    left = rules.volunteers - sum(each.volunteer for each in called)
    at_once = [case.village_id, *await _near(ctx, case, rules.near_km)]
    added = await _call_volunteers(ctx, case, at_once, most=left)
    if second or len(called) + len(added) < rules.first_wave:
        around = [*await ctx.unit.village_places.neighbours(case.village_id), *await _near(ctx, case, rules.wide_km)]
        added += await _call_volunteers(ctx, case, around, most=left - len(added))
    return added + (await _call_helpers(ctx, case) if second else [])


async def called_again(ctx: HandlerContext, case: Case) -> list[PersonId]:
    """Return volunteers and helpers who were called before: it begins again."""
    helpers = set(await _helpers(ctx, case))
    return [each.person_id for each in await ctx.unit.callouts.of(case.id) if each.volunteer or each.person_id in helpers]


async def _near(ctx: HandlerContext, case: Case, km: float) -> tuple[VillageId, ...]:
    """Return the villages near the place of a case, nearest first; none without a place."""
    place = None if case.placed_at is None else await ctx.unit.places.newest(case.id)
    if place is None:
        return ()
    return within(await ctx.unit.village_places.points(), Position(place.latitude, place.longitude), km)


async def _call_volunteers(ctx: HandlerContext, case: Case, village_ids: Sequence[VillageId], *, most: int) -> list[PersonId]:
    added: list[PersonId] = []
    for village_id in dict.fromkeys(village_ids):
        found = await ctx.unit.volunteers.of_villages([village_id], limit=ctx.town.responders.volunteers)
        ready = await _ready(ctx, case, [each.person_id for each in found if may_be_called(each, case.danger)])
        known = {each.person_id for each in await ctx.unit.callouts.of(case.id)}
        new = [each for each in ready if each not in known][: max(0, most - len(added))]
        added += await ctx.unit.callouts.call(case.id, new, at=ctx.at, volunteer=True)
    return added


async def _call_helpers(ctx: HandlerContext, case: Case) -> list[PersonId]:
    return await ctx.unit.callouts.call(case.id, await _helpers(ctx, case), at=ctx.at)


async def _helpers(ctx: HandlerContext, case: Case) -> list[PersonId]:
    """Return committee and patrol, without those who switched calls off.

    To a fire only those are called who said that they can help there.
    """
    posts = await ctx.unit.people.posts_of(case.village_id, at=ctx.at)
    ids = []
    for who in posts.of(*HELPERS, without=case.excluded_ids):
        said = None if who.person_id is None else await ctx.unit.volunteers.find(who.person_id)
        if who.person_id is not None and may_be_called(said, case.danger):
            ids.append(who.person_id)
    return await _ready(ctx, case, ids)


async def _ready(ctx: HandlerContext, case: Case, ids: Collection[PersonId]) -> list[PersonId]:
    """Return those who can be told, and must not be left out, in their order."""
    people = await ctx.unit.people.find_many(ids, at=ctx.at)
    barred = {*case.excluded_ids, case.opened_by, case.reporter_id}
    return [
        each
        for each in ids
        if each not in barred
        if (who := people.get(each)) is not None and not who.is_new and not who.suspended and who.address.channel
        if who.blocked_until is None or who.blocked_until <= ctx.at
    ]
