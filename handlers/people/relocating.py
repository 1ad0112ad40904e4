"""Move to another village: its chair or officer says yes, or the person stays.

Knows the question, the card and the answers; the rules are in domain/people/relocation.py. Invariant: the home changes with the yes and not
before, so reports and calls for help go to the village where the person is known.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from domain.core.change import Button, Event, Notice, VillageId
from domain.people import relocation as rules
from domain.people.people import Role
from domain.people.relocation import LIFETIME, Relocation, State
from handlers.core.context import HandlerContext, rows
from handlers.core.records import RecordActions, limit_rate, me
from storage.people.relocations import Relocations
from texts import At, Text

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from domain.people.people import Village

DAY = timedelta(days=1)


async def _card(ctx: HandlerContext, value: Relocation, to: Receiver, handling: bool) -> Notice:
    """Return the card of a request: with buttons for people who may answer."""
    facts: dict[str, Any] = {
        "number": value.id,
        "name": value.person_name,
        "village": value.village,
        "home": (await ctx.unit.people.village(value.from_village_id)).name,
        "state": Text(f"relocation.is.{value.state}", number=value.id),
        "until": At(value.opened_at + LIFETIME),
    }
    if value.state is not State.WAITING or not handling:
        return Notice(to, "relocation.card.over" if value.ended_at else "relocation.card.own", facts)
    agree, refuse = (Button(f"relocation.button.{word}", "relocate", (value.id, word)) for word in ("yes", "no"))
    return Notice(to, "relocation.card", facts, rows(agree, refuse))


RELOCATIONS: RecordActions[Relocation, Relocations] = RecordActions(
    rules.RELOCATIONS,
    Relocations,
    card=_card,
    may_handle=rules.may_answer,
    parts=lambda value: (value.person_id,),
    asks=lambda value: (Role.CHAIR, Role.OFFICER),
)


async def ask(ctx: HandlerContext, village: Village) -> None:
    """Ask chair and officer of the village; an older request ends."""
    await limit_rate(ctx, "relocation", most=ctx.town.limits.moves_per_day, within=DAY, key="relocation.often")
    older = await ctx.unit.records(Relocations).open_of(me(ctx))
    if older is not None:
        await RELOCATIONS.record(ctx, rules.withdraw(older, at=ctx.at))
    value = await RELOCATIONS.open(ctx, rules.ask(await ctx.unit.records(Relocations).next_number(), ctx.actor, village, at=ctx.at))
    home = await ctx.unit.people.village(value.from_village_id)
    await ctx.reply("relocation.asked", village=village.name, home=home.name, until=At(value.opened_at + LIFETIME))
    await RELOCATIONS.call(ctx, value, Role.CHAIR, Role.OFFICER)


async def press_answer(ctx: HandlerContext) -> None:
    """Answer for the village: the person lives there from now on, or stays where they are."""
    agrees = ctx.incoming.values[1:2] == ("yes",)
    value = await RELOCATIONS.pressed(ctx, handling=True)
    person = await ctx.unit.people.get(value.person_id, at=ctx.at)
    if person.suspended or person.village_id != value.from_village_id:
        value = await RELOCATIONS.record(ctx, rules.expire(value, at=ctx.at))
        ctx.toast("relocation.is.expired", number=value.id)
        return
    value = await RELOCATIONS.record(ctx, rules.answer(value, me(ctx), agrees=agrees, at=ctx.at))
    if agrees:
        await ctx.unit.privacy.set_village(value.person_id, value.village_id)
        facts = {"village": value.village_id, "from": value.from_village_id}
        await ctx.audit(Event(f"person:{value.person_id}", "moved", ctx.actor.id, ctx.at, data=facts))
    ctx.toast(f"relocation.is.{value.state}", number=value.id)
    await _tell_person(ctx, value, "relocation.agreed.to_person" if agrees else "relocation.refused.to_person")


async def relocation_due(ctx: HandlerContext) -> None:
    """End a request that nobody answered."""
    value = await RELOCATIONS.due(ctx)
    if value is not None:
        value = await RELOCATIONS.record(ctx, rules.expire(value, at=ctx.at))
        await _tell_person(ctx, value, "relocation.expired.to_person")


async def _tell_person(ctx: HandlerContext, value: Relocation, key: str) -> None:
    home = await ctx.unit.people.village(VillageId(value.from_village_id))
    await RELOCATIONS.notify(ctx, value, key, value.person_id, village=value.village, home=home.name)
