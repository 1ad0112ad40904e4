"""Villagers who answer an alert with "received, I need help", and the list for their chair.

Knows who waits for help. Invariants: the list is for the chair of the person's village, or for the next post while no chair can be reached;
a person whom nobody helps in time is also on the officer's list; the rows are deleted 30 days after the alert's last hour.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain import alerts
from domain.alerts import Alert, State
from domain.core.change import Button, Event, NotFound, Notice, PersonId, Priority, RuleError, Timer, VillageId
from domain.people.people import Role
from handlers.alerts.board import draw
from handlers.alerts.sending import facts_of, shelter_button
from handlers.core.context import HandlerContext, rows
from handlers.core.pressed import pressed_numbers
from storage.core.retention import Retention
from texts import At, Lines, Text

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from domain.people.people import Village

#: Names on one list, each with a button.
NAMED = 20
#: What the timer does, by its turn.
REMIND, FORGET = 1, 2


async def press_help(ctx: HandlerContext) -> None:
    """Take "received, I need help" of a villager: their chair reads their name."""
    alert, village_id = await _received(ctx)
    if alert.state not in (State.SENT, State.ENDED):
        raise RuleError(f"alert.is.{alert.state}")
    assert ctx.actor.id is not None
    await ctx.unit.alerts.receive(alert.id, ctx.actor.id, at=ctx.at)
    village = await ctx.unit.people.village(village_id)
    if await ctx.unit.alert_helps.ask(alert.id, ctx.actor.id, village_id, at=ctx.at):
        await ctx.audit(Event(alert.card, "alert.help_asked", ctx.actor.id, ctx.at, data={"village": village_id}))
        await _tell_chairs(ctx, alert, village)
        await ctx.start_timers(*_timers(ctx, alert, village_id))
        await draw(ctx, alert)
    ctx.toast("alert.help.toast")
    await _own_card(ctx, alert, village, asked=True)


async def press_no_help(ctx: HandlerContext) -> None:
    """Take the call for help back."""
    alert, village_id = await _received(ctx)
    assert ctx.actor.id is not None
    village = await ctx.unit.people.village(village_id)
    if await ctx.unit.alert_helps.withdraw(alert.id, ctx.actor.id):
        await ctx.audit(Event(alert.card, "alert.help_withdrawn", ctx.actor.id, ctx.at))
        await _redraw(ctx, alert, village)
        await draw(ctx, alert)
    await _own_card(ctx, alert, village, asked=False)


async def press_helped(ctx: HandlerContext) -> None:
    """Mark somebody on the list as taken care of."""
    number, village_number, person = pressed_numbers(ctx, 3)
    village_id = VillageId(village_number)
    alert = await ctx.unit.alerts.for_village(ctx.actor, number, village_id, drill=False)
    if alert is None or ctx.actor.id is None:
        raise NotFound(number)
    village = await ctx.unit.people.village(village_id)
    if await ctx.unit.alert_helps.take(alert.id, village_id, PersonId(person), by=ctx.actor.id, at=ctx.at):
        await ctx.audit(Event(alert.card, "alert.helped", ctx.actor.id, ctx.at, data={"person": person}))
        who = await ctx.unit.people.receiver(PersonId(person))
        await ctx.notify(Notice(who, "alert.help.taken", {"name": ctx.actor.name}, priority=Priority.ALERT, subject=alert.card, rings=True))
    ctx.toast("alert.help.taken_toast")
    await _redraw(ctx, alert, village)
    await draw(ctx, alert)


async def due(ctx: HandlerContext) -> None:
    """Send the officer the people whom nobody helped; in the end delete the rows (clock)."""
    assert ctx.timer is not None
    alert = await ctx.unit.alerts.find(int(ctx.timer.data["alert"]))
    if alert is None:
        return
    if ctx.timer.data["turn"] == FORGET:
        await ctx.unit.alert_helps.forget(alert.id)
        return
    village = await ctx.unit.people.village(VillageId(ctx.timer.data["village"]))
    if alert.state in (State.SENT, State.ENDED) and await ctx.unit.alert_helps.waiting(alert.id, village.id):
        posts = await ctx.unit.people.posts_of(village.id, at=ctx.at)
        for who in posts.first_reachable(Role.OFFICER)[1]:
            await ctx.notify(await _list(ctx, alert, village, who, new=True))


def _timers(ctx: HandlerContext, alert: Alert, village_id: VillageId) -> tuple[Timer, Timer]:
    kept_until = (alert.expires_at or ctx.at) + Retention.NOTICE.period
    facts = {"alert": alert.id, "village": village_id}
    remind = f"{alerts.HELP}:{alert.id}:{village_id}:{ctx.at.timestamp():.0f}"
    return (
        Timer(alerts.HELP, alert.card, ctx.at + ctx.town.alerts.list_after, remind, facts | {"turn": REMIND}),
        Timer(
            alerts.HELP,
            alert.card,
            max(kept_until, ctx.at + timedelta(days=1)),
            f"{alerts.HELP}:{alert.id}:forget",
            facts | {"turn": FORGET},
        ),
    )


async def _received(ctx: HandlerContext) -> tuple[Alert, VillageId]:
    """Return the alert that the actor received as a resident of one of its villages."""
    number, village_number = pressed_numbers(ctx, 2)
    alert = None if ctx.actor.id is None else await ctx.unit.alerts.received_by(ctx.actor.id, number, drill=False)
    if alert is None or ctx.actor.village_id != village_number or village_number not in alert.villages:
        raise NotFound(number)
    return alert, VillageId(village_number)


async def _tell_chairs(ctx: HandlerContext, alert: Alert, village: Village) -> None:
    """Send the list to the chairs; the next post gets it while none can be reached."""
    posts = await ctx.unit.people.posts_of(village.id, at=ctx.at)
    chairs = tuple(who for who in posts.of(Role.CHAIR) if who.address is not None)
    for who in chairs or posts.first_reachable(Role.CHAIR)[1]:
        await ctx.notify(await _list(ctx, alert, village, who, new=True))


async def _redraw(ctx: HandlerContext, alert: Alert, village: Village) -> None:
    """Redraw the list where it is open and may still be read."""
    for person_id in await ctx.unit.cards.viewers(await _card_of(ctx, alert, village)):
        reader = await ctx.unit.people.find(person_id, at=ctx.at)
        if reader is not None and await ctx.unit.alerts.for_village(reader, alert.id, village.id, drill=False) is not None:
            await ctx.notify(await _list(ctx, alert, village, await ctx.unit.people.receiver(person_id), new=False))


async def _card_of(ctx: HandlerContext, alert: Alert, village: Village) -> str:
    """Return the live card of a village's list."""
    return f"alert_help:{await ctx.unit.alert_helps.number_of(alert.id, village.id)}"


async def _list(ctx: HandlerContext, alert: Alert, village: Village, who: Receiver, *, new: bool) -> Notice:
    """Return the list of those who wait: names, telephone numbers, and a button each."""
    waiting = await ctx.unit.alert_helps.waiting(alert.id, village.id)
    buttons = rows(
        *(Button("alert.button.helped", "ahelped", (alert.id, village.id, each.person_id), {"name": each.name}) for each in waiting[:NAMED])
    )
    lines = [
        Text(
            "alert.help.line",
            name=each.name,
            phone=each.phone.removeprefix("+86") or Text("alert.no_phone"),
            at=At(each.asked_at, "time"),
        )
        for each in waiting[:NAMED]
    ]
    more = [Text("alert.help.more", count=len(waiting) - NAMED)] if len(waiting) > NAMED else []
    facts = {"head": alert.head, "village": village.name, "count": len(waiting), "lines": Lines([*lines, *more])}
    card = await _card_of(ctx, alert, village)
    key = "alert.help.list" if waiting else "alert.help.none"
    return Notice(who, key, facts, buttons, Priority.ALERT, card=card, as_new_message=new, latest=new, rings=new, stays=not new)


async def _own_card(ctx: HandlerContext, alert: Alert, village: Village, *, asked: bool) -> None:
    """Redraw the villager's own copy of the alert."""
    label, verb = ("alert.button.no_help", "ahelpno") if asked else ("alert.button.help", "ahelp")
    facts = await facts_of(ctx, alert, village)
    key = "alert.help.card" if asked else "alert.got.card"
    buttons = ((Button(label, verb, (alert.id, village.id)),), *shelter_button(alert, village.id))
    await ctx.reply(key, buttons=buttons, card=alert.card_for(village.id), as_new_message=False, forwardable=True, **facts)
