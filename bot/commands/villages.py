"""`close-village`: close a village, or merge it into another one of its station.

Knows sentences for operators. Invariants: a village with residents or open things closes only into another one; the posts of a closed village
end, and their holders are treated as after any lost post.
"""

from __future__ import annotations

from datetime import datetime

from bot.process.database_startup import opened_store
from bot.routes import DIALOGS, HOOKS
from bot.settings import Settings
from domain.core.change import Event, VillageId
from domain.core.post_change import PostChange, Why
from domain.core.town import Town
from handlers.core.post_changes import posts_changed, without_actor
from handlers.people.approving import ask_again
from storage.unit import Store, Unit
from storage.values import to_us

Answer = tuple[list[str], list[str]]


async def close(settings: Settings, village: str, *, into: str, station: str, at: datetime) -> Answer:
    """Close a village; return (faults, what was done). With a fault nothing changes."""
    async with opened_store(settings, beside=True) as store:
        town = settings.as_town(bot_names={})
        return await close_village(store, village, into=into, station=station, at=at, town=town)


async def close_village(store: Store, name: str, *, into: str = "", station: str = "", at: datetime, town: Town | None = None) -> Answer:
    """Close a village in one transaction.

    `town`: for the working time of the cases that another person gets; the settings' own by default.
    """

    async def work(unit: Unit) -> Answer:
        found = await unit.villages.find_open(name, station=station)
        if len(found) != 1:
            return [_not_one(name, [shown for _, _, shown in found])], []
        village_id, station_id, shown = found[0]
        remains = await unit.villages.list_remains(village_id)
        moved = ", ".join(f"{n} {what}" for what, n in remains.items())
        if remains and not into:
            return [f"{shown} still has {moved}. Name the village that takes them: --into NAME."], []
        facts: dict[str, object] = dict(remains)
        reached: tuple[VillageId, ...] = ()
        if into:
            kept = [each for each in await unit.villages.find_open(into) if each[1] == station_id and each[0] != village_id]
            if len(kept) != 1:
                return [f"The station of {shown} has no other village “{into}”."], []
            await unit.villages.move_into(village_id, into=kept[0][0])
            facts["into"], reached = kept[0][0], (kept[0][0],)
        changes, led = [], await unit.villages.lead_anew(village_id)
        for person_id in await unit.villages.close(village_id, at=at):
            await unit.audit.record(Event(f"person:{person_id}", "posts_changed", None, at, data={"village_closed": village_id}))
            changes.append(PostChange(person_id, Why.ENDED, villages=reached))
        whole = Settings().as_town(bot_names={}) if town is None else town
        ctx = without_actor(unit, at=at, town=whole, cause=f"close:{village_id}:{to_us(at)}", hooks=HOOKS, dialogs=DIALOGS)
        await posts_changed(ctx, *changes)
        await ask_again(ctx, led)
        await unit.audit.record(Event(f"village:{village_id}", "village_closed", None, at, data=facts))
        return [], [f"{shown} is closed." + (f" Moved to {into}: {moved}." if into and moved else "")]

    return await store.transact(work)


def _not_one(name: str, shown: list[str]) -> str:
    if shown:
        return f"Several stations have a village “{name}” ({', '.join(shown)}): add --station NAME."
    return f"There is no open village “{name}”."
