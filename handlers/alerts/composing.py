"""/alert and /drill: compose an alert, preview it, ask a second person, send it.

Knows the order level → villages → text → preview → send. handlers/alerts/sending.py finds the recipients; handlers/alerts/board.py takes
over after sending. Invariants: the previewed alert is the alert that is sent; a drill has its own dialog and its own buttons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import alerts
from domain.alerts import Alert, Level, State, may_alert
from domain.core.change import Button, Keyboard, NotFound, Notice, Priority, RuleError, VillageId
from domain.people.people import Policy
from handlers.alerts import board
from handlers.alerts.sending import audience_of, by_text, dispatch, drop_asked, seconds, still_his
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from handlers.core.village_choice import VillageChoice, named, names_text, villages_where
from texts import At, Joined, Text

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from handlers.alerts.sending import Audience

SHOWN = 5


async def alert(ctx: HandlerContext) -> None:
    """`/alert <level> <where> <text>`; a number shows that board; no words show running alerts."""
    await _by_line(ctx, drill=False)


async def drill(ctx: HandlerContext) -> None:
    """`/drill …`: the same as `/alert`, and nobody can take it for a real one."""
    await _by_line(ctx, drill=True)


async def press_menu(ctx: HandlerContext) -> None:
    """Show the running alerts and offer a new one."""
    running = [each for each in await ctx.unit.alerts.list_visible(ctx.actor, limit=SHOWN) if each.state in (State.WAITING, State.SENT)]
    boards = [
        (
            Button(
                "alert.button.show", "aboard", (each.id,), {"number": each.id, "head": each.head, "at": At(each.sent_at or each.created_at)}
            ),
        )
        for each in running
    ]
    new = rows(Button("alert.button.new", "anew"), Button("alert.button.new_drill", "dnew"))
    await ctx.reply("alert.menu", buttons=(*new, *boards))


async def press_new(ctx: HandlerContext) -> None:
    """Compose a real alert."""
    await begin(ctx, "alert")


async def press_new_drill(ctx: HandlerContext) -> None:
    """Compose a drill."""
    await begin(ctx, "drill")


async def press_send(ctx: HandlerContext) -> None:
    """Send the author's previewed alert, alone or after asking a second person."""
    draft = await _own(ctx)
    assert ctx.actor.id is not None
    station = await ctx.unit.people.list_villages(station_ids=[draft.station_id])
    if alerts.needs_second(draft, [village.id for village in station]):
        await _ask_second(ctx, draft)
        return
    change = alerts.send(draft, ctx.actor.id, at=ctx.at, list_after=ctx.town.alert_list_after)
    await board.draw(ctx, await dispatch(ctx, change))
    ctx.toast("alert.sent.toast")


async def press_discard(ctx: HandlerContext) -> None:
    """Discard the author's alert unsent."""
    draft = await _own(ctx)
    value = await _record(ctx, alerts.discard(draft, ctx.actor.id, at=ctx.at))
    await ctx.reply("alert.discarded", card=value.card, as_new_message=False, head=value.head)


async def press_rewrite(ctx: HandlerContext) -> None:
    """Discard the text for a new one by the author; level and villages stay."""
    draft = await _own(ctx)
    await _record(ctx, alerts.discard(draft, ctx.actor.id, at=ctx.at))
    await ctx.reply("alert.discarded", card=draft.card, as_new_message=False, head=draft.head)
    await begin(ctx, _dialog(draft.drill), {"level": draft.level.value, "villages": list(draft.villages)})


async def press_agree(ctx: HandlerContext) -> None:
    """Agree as a second person: it is sent, unless its author may not send it any more."""
    asked = await _asked(ctx)
    if asked.state is State.WAITING and not await still_his(ctx.unit, asked, at=ctx.at):
        await drop_asked(ctx.unit, asked, by=ctx.actor.id, at=ctx.at)
        ctx.toast("alert.author_gone.toast", alert=True)
        return
    change = alerts.agree(asked, ctx.actor, at=ctx.at, list_after=ctx.town.alert_list_after)
    await board.draw(ctx, await dispatch(ctx, change))
    author = await ctx.unit.people.receiver(asked.author_id)
    await ctx.notify(Notice(author, "alert.agreed.to_author", {"head": asked.head, "name": ctx.actor.name}, priority=Priority.ALERT))
    ctx.toast("alert.sent.toast")


async def press_decline(ctx: HandlerContext) -> None:
    """Decline as a second person; the author is notified."""
    asked = await _asked(ctx)
    value = await _record(ctx, alerts.decline(asked, ctx.actor, at=ctx.at))
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
                author, "alert.unanswered.to_author", {"head": asked.head, "lines": lines}, priority=Priority.ALERT, subject=asked.card,
                rings=True,
            )
        )  # fmt: skip
        await _tell_seconds(ctx, asked, await audience_of(ctx, asked), priority=Priority.ALERT)
        return
    value = await _record(ctx, alerts.discard(asked, None, at=ctx.at))
    for who in (*asked_people, author):
        facts = {"head": value.head, "text": value.text}
        await ctx.notify(Notice(who, "alert.lapsed", facts, card=value.card, priority=Priority.ALERT, stays=True, rings=True))


# The dialog -----------------------------------------------------------------------------------------------------------


async def _level_choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"alert.level.{level}", level.value) for level in reversed(Level))


async def _accept_level(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    level = alerts.parse_level(said.text)
    if level is None:
        raise RuleError("alert.level.unknown")
    return level.value


async def _accept_text(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    return ctx.for_many(alerts.clean(said.text))


def _steps(drill: bool) -> tuple[Step, ...]:
    async def mode(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
        return {"mode": Text("alert.mode.drill" if drill else "alert.mode.real")}

    async def head(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
        level = Text(f"alert.level.{answers['level']}")
        return {"head": Text("alert.drill", level=level) if drill else level}

    return (
        Step("level", "alert.level.question", _accept_level, choices=_level_choices, shown=mode),
        VillageChoice(may_alert).step("villages", "alert.villages.question", shown=head),
        Step("text", "alert.text.question", _accept_text, shown=head),
    )


async def _preview_real(ctx: HandlerContext, answers: Answers) -> None:
    await _preview(ctx, answers, drill=False)


async def _preview_drill(ctx: HandlerContext, answers: Answers) -> None:
    await _preview(ctx, answers, drill=True)


ALERT = Dialog("alert", Policy.POLICE, _steps(drill=False), _preview_real)
DRILL = Dialog("drill", Policy.POLICE, _steps(drill=True), _preview_drill)


def _dialog(drill: bool) -> str:
    return DRILL.name if drill else ALERT.name


async def _by_line(ctx: HandlerContext, *, drill: bool) -> None:
    if not ctx.args:
        await (press_new_drill(ctx) if drill else press_menu(ctx))
        return
    if ctx.args.lstrip("#").isdecimal() and len(ctx.args) < 10:
        await board.show(ctx, int(ctx.args.lstrip("#")))
        return
    level, where, text = alerts.parse_line(ctx.args)
    answers: Answers = {} if level is None else {"level": level.value}
    villages, unknown = named(await villages_where(ctx, may_alert), where)
    if where and not unknown and villages:
        answers["villages"] = [village.id for village in villages]
    elif unknown:
        await ctx.reply("village.unknown", names=Joined(name[:20] for name in unknown[:10]))
        text = text if villages else f"{_words(where)} {text}".strip()
    if text:
        answers["text"] = ctx.for_many(alerts.clean(text))
    await begin(ctx, _dialog(drill), answers)


def _words(where: tuple[str, ...]) -> str:
    return "、".join(where)


async def _preview(ctx: HandlerContext, answers: Answers, *, drill: bool) -> None:
    """Keep a draft and show it with the number of recipients."""
    allowed = {village.id: village for village in await villages_where(ctx, may_alert)}
    chosen = [allowed[VillageId(number)] for number in answers["villages"] if number in allowed]
    if not chosen or ctx.actor.id is None:
        raise RuleError("village.choose_one")
    draft = await ctx.unit.alerts.add(
        Alert(
            id=0,
            station_id=chosen[0].station_id,
            author_id=ctx.actor.id,
            author_name=ctx.actor.name,
            level=Level(answers["level"]),
            text=answers["text"],
            drill=drill,
            villages=tuple(village.id for village in chosen),
            state=State.DRAFT,
            created_at=ctx.at,
        )
    )
    buttons: Keyboard = (
        (Button("alert.button.send_drill" if drill else "alert.button.send", "dsend" if drill else "asend", (draft.id,)),),
        (Button("alert.button.rewrite", "arewrite", (draft.id,)), Button("alert.button.discard", "adrop", (draft.id,))),
    )
    station = await ctx.unit.people.list_villages(station_ids=[draft.station_id])
    second = alerts.needs_second(draft, [village.id for village in station])
    note = Text("alert.preview.second") if second else ""
    await ctx.reply("alert.preview", buttons=buttons, card=draft.card, note=note, **await _shown(ctx, draft, await audience_of(ctx, draft)))


async def _shown(ctx: HandlerContext, draft: Alert, audience: Audience) -> dict[str, Any]:
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


async def _ask_second(ctx: HandlerContext, draft: Alert) -> None:
    """Ask everybody who may agree, with the preview.

    Without anybody the alert cannot be sent to all its villages.
    """
    assert ctx.actor.id is not None
    if not await seconds(ctx.unit, draft, at=ctx.at):
        raise RuleError("alert.no_second")
    value = await _record(ctx, alerts.ask(draft, ctx.actor.id, at=ctx.at, remind_after=ctx.town.alert_list_after))
    audience = await audience_of(ctx, value)
    await _tell_seconds(ctx, value, audience, priority=Priority.ALERT)
    drop = ((Button("alert.button.discard", "adrop", (value.id,)),),)
    await ctx.reply("alert.asked", buttons=drop, card=value.card, as_new_message=False, **await _shown(ctx, value, audience))


async def _tell_seconds(ctx: HandlerContext, value: Alert, audience: Audience, *, priority: Priority) -> None:
    verbs = ("dagree", "dno") if value.drill else ("aagree", "ano")
    buttons = ((Button("alert.button.agree", verbs[0], (value.id,)),), (Button("alert.button.decline", verbs[1], (value.id,)),))
    facts = await _shown(ctx, value, audience) | {"name": value.author_name}
    for who in await seconds(ctx.unit, value, at=ctx.at):
        await ctx.notify(
            Notice(who, "alert.second.question", facts, buttons, priority, card=value.card, as_new_message=True, rings=True, stays=True)
        )  # all who may agree are asked


async def _number_of(ctx: HandlerContext, who: Receiver) -> dict[str, Any]:
    person = None if who.person_id is None else await ctx.unit.people.find(who.person_id, at=ctx.at)
    return Text("alert.line.number", name=who.name, phone=person.phone.removeprefix("+86") if person else "")


async def _own(ctx: HandlerContext) -> Alert:
    """Return the actor's own alert of a press, if they may still alert every village of it.

    Absent and another person's read the same.
    """
    found = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    wanted = {"asend": False, "dsend": True}.get(ctx.incoming.verb)
    if found.author_id != ctx.actor.id or wanted not in (None, found.drill):
        raise NotFound(pressed_number(ctx))
    allowed = {village.id for village in await villages_where(ctx, may_alert)}
    if not allowed.issuperset(found.villages):
        raise RuleError("alert.villages.changed")
    return found


async def _asked(ctx: HandlerContext) -> Alert:
    found = await ctx.unit.alerts.visible_to(ctx.actor, pressed_number(ctx))
    if found.drill is not ctx.incoming.verb.startswith("d"):
        raise NotFound(pressed_number(ctx))
    return found


async def _record(ctx: HandlerContext, change: alerts.Change) -> Alert:
    await ctx.start_timers(*change.timers)
    return await ctx.unit.alerts.record(change)
