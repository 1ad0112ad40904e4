"""The second person of a red alert: when needed, who is asked, sending alone without one.

Knows the question, the answers and the reason of an alert that is sent alone. Must not know how an alert is composed. Invariants: an alert is
sent alone only after the time for a second person is over, or when nobody can be asked; then its handlers read that it was, and all leaders
and administrators are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import alerts
from domain.alerts import SUMMED_WITHIN, Alert, Level, State, may_alert, typed
from domain.core.change import Button, Keyboard, NotFound, Notice, Priority, RuleError
from domain.core.immutable import replace
from domain.people.people import Policy, Role
from handlers.alerts import board
from handlers.alerts.sending import audience_of, by_text, dispatch, drop_asked, people_of, seconds, still_his
from handlers.core.context import HandlerContext, Incoming
from handlers.core.dialogs import Answers, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from handlers.core.village_choice import names_text, villages_where
from texts import Text

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from handlers.alerts.sending import Audience


async def needs_second(ctx: HandlerContext, draft: Alert) -> bool:
    """Return whether a second person must agree.

    The author's other red alerts of the last hour count too. Alerts that a second person agreed to do not count.
    """
    if draft.level is not Level.RED:
        return False
    recent = await ctx.unit.alerts.list_unseconded(draft.author_id, since=ctx.at - SUMMED_WITHIN, drill=draft.drill)
    together = {village_id for each in (draft, *recent) for village_id in each.villages}
    villages = await ctx.unit.people.list_villages(together)
    stations = [
        [village.id for village in await ctx.unit.people.list_villages(station_ids=[station_id])]
        for station_id in sorted({village.station_id for village in villages})
    ]
    people = people_of(await audience_of(ctx, replace(draft, villages=tuple(sorted(together)))))
    return alerts.needs_second(together, people, stations=stations, rules=ctx.town.alerts)


async def ask_second(ctx: HandlerContext, draft: Alert) -> None:
    """Ask everybody who may agree, with the preview; without anybody, offer to send it alone."""
    assert ctx.actor.id is not None
    if not await seconds(ctx.unit, draft, at=ctx.at):
        nobody: Keyboard = (*_alone_button(draft), (Button("alert.button.discard", "adrop", (draft.id,)),))
        facts = await shown(ctx, draft, await audience_of(ctx, draft))
        await ctx.reply("alert.no_second", buttons=nobody, card=draft.card, as_new_message=False, **facts)
        return
    value = await record(ctx, alerts.ask(draft, ctx.actor.id, at=ctx.at, remind_after=ctx.town.alerts.second_within))
    await _tell_seconds(ctx, value, await audience_of(ctx, value), priority=Priority.ALERT)
    await show_asked(ctx, value)


async def show_asked(ctx: HandlerContext, value: Alert) -> None:
    """Show the author that their alert waits for a second person."""
    drop = ((Button("alert.button.discard", "adrop", (value.id,)),),)
    facts = await shown(ctx, value, await audience_of(ctx, value))
    await ctx.reply("alert.asked", buttons=drop, card=value.card, as_new_message=False, **facts)


async def _tell_seconds(ctx: HandlerContext, value: Alert, audience: Audience, *, priority: Priority) -> None:
    verbs = ("dagree", "dno") if value.drill else ("aagree", "ano")
    buttons = ((Button("alert.button.agree", verbs[0], (value.id,)),), (Button("alert.button.decline", verbs[1], (value.id,)),))
    facts = await shown(ctx, value, audience) | {"name": value.author_name}
    for who in await seconds(ctx.unit, value, at=ctx.at):
        await ctx.notify(
            Notice(who, "alert.second.question", facts, buttons, priority, card=value.card, as_new_message=True, rings=True, stays=True)
        )  # all who may agree are asked


async def press_agree(ctx: HandlerContext) -> None:
    """Agree as a second person: it is sent, unless its author may not send it any more."""
    asked = await _asked(ctx)
    if asked.state is State.WAITING and not await still_his(ctx.unit, asked, at=ctx.at):
        await drop_asked(ctx.unit, asked, by=ctx.actor.id, at=ctx.at)
        ctx.toast("alert.author_gone.toast", alert=True)
        return
    first = await ctx.unit.people.find(asked.author_id, at=ctx.at)
    change = alerts.agree(asked, ctx.actor, author=first, at=ctx.at, list_after=ctx.town.alerts.list_after)
    await board.draw(ctx, await dispatch(ctx, change))
    author = await ctx.unit.people.receiver(asked.author_id)
    await ctx.notify(Notice(author, "alert.agreed.to_author", {"head": asked.head, "name": ctx.actor.name}, priority=Priority.ALERT))
    ctx.toast("alert.sent.toast")


async def press_decline(ctx: HandlerContext) -> None:
    """Decline as a second person; the author is notified."""
    asked = await _asked(ctx)
    value = await record(ctx, alerts.decline(asked, ctx.actor, at=ctx.at))
    facts = {"head": value.head, "name": ctx.actor.name, "text": value.text}
    await ctx.notify(Notice(await ctx.unit.people.receiver(value.author_id), "alert.declined.to_author", facts, priority=Priority.ALERT))
    for who in (*await seconds(ctx.unit, value, at=ctx.at), await ctx.unit.people.receiver(value.author_id)):
        await ctx.notify(Notice(who, "alert.declined", facts, card=value.card, stays=True))


async def unanswered(ctx: HandlerContext) -> None:
    """Remind of a missing agreement, with telephone numbers; finally drop the alert (clock)."""
    assert ctx.timer is not None
    asked = await ctx.unit.alerts.find(int(ctx.timer.data["alert"]))
    if asked is None or asked.state is not State.WAITING:
        return
    author = await ctx.unit.people.receiver(asked.author_id)
    asked_people = await seconds(ctx.unit, asked, at=ctx.at)
    if ctx.timer.data["turn"] == 1:
        lines = {"lines": [await _number_of(ctx, who) for who in asked_people]}
        await ctx.notify(
            Notice(
                author, "alert.unanswered.to_author", {"head": asked.head, "lines": lines}, _alone_button(asked), Priority.ALERT,
                subject=asked.card, rings=True,
            )
        )  # fmt: skip
        await _tell_seconds(ctx, asked, await audience_of(ctx, asked), priority=Priority.ALERT)
        return
    value = await record(ctx, alerts.discard(asked, None, at=ctx.at))
    for who in (*asked_people, author):
        facts = {"head": value.head, "text": value.text}
        await ctx.notify(Notice(who, "alert.lapsed", facts, card=value.card, priority=Priority.ALERT, stays=True, rings=True))


# Alone ----------------------------------------------------------------------------------------------------------------------


async def press_alone(ctx: HandlerContext) -> None:
    """Ask the author why the alert must leave without a second person."""
    draft = await own(ctx)
    if await _must_ask(ctx, draft):
        await ask_second(ctx, draft)
        return
    alerts.send_alone(draft, draft.author_id, because="", **_alone_at(ctx))
    await begin(ctx, ALONE.name, {"alert": draft.id})


async def _accept_reason(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    return typed.reason(said.text)


async def _send_alone(ctx: HandlerContext, answers: Answers) -> None:
    """Send it alone with the reason; tell all leaders and administrators."""
    draft = await own(ctx, int(answers["alert"]))
    if await _must_ask(ctx, draft):
        await ask_second(ctx, draft)
        return
    change = alerts.send_alone(draft, draft.author_id, because=answers["because"], **_alone_at(ctx))
    alert = await dispatch(ctx, change)
    await _tell_leaders(ctx, alert)
    for who in await seconds(ctx.unit, alert, at=ctx.at):
        if who.person_id in await ctx.unit.cards.viewers(alert.card):
            facts = {"head": alert.head, "text": alert.text, "name": alert.author_name}
            await ctx.notify(Notice(who, "alert.alone.decided", facts, priority=Priority.ALERT, card=alert.card, stays=True))
    await board.draw(ctx, alert)


ALONE = Dialog(
    "alone",
    Policy.POLICE,
    (Step("because", "alert.alone.question", _accept_reason),),
    _send_alone,
    unheard="the reason for an alert is about danger",
)


async def _must_ask(ctx: HandlerContext, draft: Alert) -> bool:
    """Return whether nobody was asked yet and somebody could be."""
    return draft.state is State.DRAFT and bool(await seconds(ctx.unit, draft, at=ctx.at))


def _alone_at(ctx: HandlerContext) -> dict[str, Any]:
    rules = ctx.town.alerts
    return {"at": ctx.at, "second_within": rules.second_within, "list_after": rules.list_after}


async def _tell_leaders(ctx: HandlerContext, alert: Alert) -> None:
    """Tell all leaders and administrators that an alert was sent alone, and why."""
    posts = await ctx.unit.people.station_posts(alert.station_id, at=ctx.at)
    told = {who.person_id: who for who in (*await ctx.unit.people.administrators(), *posts.of(Role.LEADER))}
    told.pop(alert.author_id, None)
    names = names_text([village.name for village in await ctx.unit.people.list_villages(alert.villages)])
    facts = {"head": alert.head, "text": alert.text, "villages": names, "name": alert.author_name, "because": alert.alone_because}
    for who in told.values():
        await ctx.notify(
            Notice(
                who,
                "alert.alone.to_leaders",
                facts,
                priority=Priority.ALERT,
                subject=alert.card,
                unique=f"{alert.card}:alone:{who.person_id}",
                rings=True,
            )
        )


# Parts ----------------------------------------------------------------------------------------------------------------------


async def own(ctx: HandlerContext, number: int | None = None) -> Alert:
    """Return the actor's own alert, of this number or of the press.

    They may still alert every village of it. Absent and another person's read the same.
    """
    number = pressed_number(ctx) if number is None else number
    found = await ctx.unit.alerts.visible_to(ctx.actor, number)
    wanted = {"asend": False, "dsend": True, "aalone": False, "dalone": True}.get(ctx.incoming.verb)
    if found.author_id != ctx.actor.id or wanted not in (None, found.drill):
        raise NotFound(number)
    allowed = {village.id for village in await villages_where(ctx, may_alert)}
    if not allowed.issuperset(found.villages):
        raise RuleError("alert.villages.changed")
    return found


async def _asked(ctx: HandlerContext) -> Alert:
    found = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    if found.drill is not ctx.incoming.verb.startswith("d"):
        raise NotFound(pressed_number(ctx))
    return found


async def shown(ctx: HandlerContext, draft: Alert, audience: Audience) -> dict[str, Any]:
    """Return the content of a preview: the alert, its villages, and how many receive it."""
    names = [village.name for village in await ctx.unit.people.list_villages(draft.villages)]
    without = [village.name for village, who in audience.chairs if who.address is None]
    return {
        "head": draft.head,
        "text": draft.text,
        "villages": names_text(names),
        "by": await by_text(ctx, draft),
        "chairs": len(audience.chairs) - len(without),
        "committee": len(audience.committee),
        "villagers": audience.villagers,
        "groups": len(audience.groups),
        "holes": Text("alert.preview.holes", names=names_text(without)) if without else "",
    }


async def _number_of(ctx: HandlerContext, who: Receiver) -> dict[str, Any]:
    person = None if who.person_id is None else await ctx.unit.people.find(who.person_id, at=ctx.at)
    return Text("alert.line.number", name=who.name, phone=person.phone.removeprefix("+86") if person else "")


def _alone_button(alert: Alert) -> Keyboard:
    label, verb = ("alert.button.alone_drill", "dalone") if alert.drill else ("alert.button.alone", "aalone")
    return ((Button(label, verb, (alert.id,)),),)


async def record(ctx: HandlerContext, change: alerts.Change) -> Alert:
    """Record a change and start its timers."""
    await ctx.start_timers(*change.timers)
    return await ctx.unit.alerts.record(change)
