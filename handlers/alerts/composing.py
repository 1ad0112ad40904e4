"""/alert and /drill: composing an alert, its preview, the second person's word, and sending it off.

Knows the order level → villages → text → preview → send. Who receives it: handlers/alerts/sending.py; what happens then:
handlers/alerts/board.py. Invariants: what is previewed is what is sent; a drill has its own dialog and its own buttons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import alerts
from domain.alerts import Alert, Level, State, may_alert
from domain.core.change import Button, Keyboard, NotFound, Notice, Priority, RuleError, VillageId
from domain.people.people import Policy
from handlers.alerts import board
from handlers.alerts.sending import audience_of, by_text, dispatch, drop_asked, seconds, still_his
from handlers.core.context import Act, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from handlers.core.village_choice import VillageChoice, named, names_text, villages_where
from texts import At, Joined, Text

if TYPE_CHECKING:
    from domain.core.change import Receiver
    from handlers.alerts.sending import Audience

SHOWN = 5


async def alert(act: Act) -> None:
    """`/alert <level> <where> <text>`; a number shows that board; nothing shows what is running."""
    await _by_line(act, drill=False)


async def drill(act: Act) -> None:
    """`/drill …`: the same, and nobody can take it for a real one."""
    await _by_line(act, drill=True)


async def press_menu(act: Act) -> None:
    """Show what is running and offer a new one."""
    running = [each for each in await act.unit.alerts.list_visible(act.actor, limit=SHOWN) if each.state in (State.WAITING, State.SENT)]
    boards = [
        (
            Button(
                "alert.button.show", "aboard", (each.id,), {"number": each.id, "head": each.head, "at": At(each.sent_at or each.created_at)}
            ),
        )
        for each in running
    ]
    new = rows(Button("alert.button.new", "anew"), Button("alert.button.new_drill", "dnew"))
    await act.reply("alert.menu", buttons=(*new, *boards))


async def press_new(act: Act) -> None:
    """Compose a real alert."""
    await begin(act, "alert")


async def press_new_drill(act: Act) -> None:
    """Compose a drill."""
    await begin(act, "drill")


async def press_send(act: Act) -> None:
    """The author sends what he previewed, alone or asking a second person."""
    draft = await _own(act)
    assert act.actor.id is not None
    station = await act.unit.people.list_villages(station_ids=[draft.station_id])
    if alerts.needs_second(draft, [village.id for village in station]):
        await _ask_second(act, draft)
        return
    change = alerts.send(draft, act.actor.id, at=act.at, list_after=act.town.alert_list_after)
    await board.draw(act, await dispatch(act, change))
    act.toast("alert.sent.toast")


async def press_discard(act: Act) -> None:
    """The author throws it away unsent."""
    draft = await _own(act)
    value = await _record(act, alerts.discard(draft, act.actor.id, at=act.at))
    await act.reply("alert.discarded", card=value.card, fresh=False, head=value.head)


async def press_rewrite(act: Act) -> None:
    """The author writes the text anew; level and villages stay."""
    draft = await _own(act)
    await _record(act, alerts.discard(draft, act.actor.id, at=act.at))
    await act.reply("alert.discarded", card=draft.card, fresh=False, head=draft.head)
    await begin(act, _dialog(draft.drill), {"level": draft.level.value, "villages": list(draft.villages)})


async def press_agree(act: Act) -> None:
    """A second person agrees: it goes out, unless who asked may not send it any more."""
    asked = await _asked(act)
    if asked.state is State.WAITING and not await still_his(act.unit, asked, at=act.at):
        await drop_asked(act.unit, asked, by=act.actor.id, at=act.at)
        act.toast("alert.author_gone.toast", alert=True)
        return
    change = alerts.agree(asked, act.actor, at=act.at, list_after=act.town.alert_list_after)
    await board.draw(act, await dispatch(act, change))
    author = await act.unit.people.receiver(asked.author_id)
    await act.tell(Notice(author, "alert.agreed.to_author", {"head": asked.head, "name": act.actor.name}, priority=Priority.ALERT))
    act.toast("alert.sent.toast")


async def press_decline(act: Act) -> None:
    """A second person says no: the first is told."""
    asked = await _asked(act)
    value = await _record(act, alerts.decline(asked, act.actor, at=act.at))
    facts = {"head": value.head, "name": act.actor.name, "text": value.text}
    await act.tell(Notice(await act.unit.people.receiver(value.author_id), "alert.declined.to_author", facts, priority=Priority.ALERT))
    for who in (*await seconds(act.unit, value, at=act.at), await act.unit.people.receiver(value.author_id)):
        await act.tell(Notice(who, "alert.declined", facts, card=value.card))


async def unanswered(act: Act) -> None:
    """The clock: nobody has agreed yet; remind with telephone numbers, and at last let it lapse."""
    assert act.timer is not None
    asked = await act.unit.alerts.find(int(act.timer.data["alert"]))
    if asked is None or asked.state is not State.WAITING:
        return
    author = await act.unit.people.receiver(asked.author_id)
    asked_people = await seconds(act.unit, asked, at=act.at)
    if act.timer.data["turn"] == 1:
        lines = {"lines": [await _number_of(act, who) for who in asked_people]}
        await act.tell(
            Notice(author, "alert.unanswered.to_author", {"head": asked.head, "lines": lines}, priority=Priority.ALERT, protect=True)
        )
        await _tell_seconds(act, asked, await audience_of(act, asked), priority=Priority.ALERT)
        return
    value = await _record(act, alerts.discard(asked, None, at=act.at))
    for who in (*asked_people, author):
        await act.tell(Notice(who, "alert.lapsed", {"head": value.head, "text": value.text}, card=value.card, priority=Priority.ALERT))


# The dialog -----------------------------------------------------------------------------------------------------------


async def _level_choices(act: Act, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(f"alert.level.{level}", level.value) for level in reversed(Level))


async def _accept_level(act: Act, said: Incoming, answers: Answers) -> str:
    level = alerts.parse_level(said.text)
    if level is None:
        raise RuleError("alert.level.unknown")
    return level.value


async def _accept_text(act: Act, said: Incoming, answers: Answers) -> str:
    return alerts.clean(said.text)


def _steps(drill: bool) -> tuple[Step, ...]:
    async def mode(act: Act, answers: Answers) -> dict[str, Any]:
        return {"mode": Text("alert.mode.drill" if drill else "alert.mode.real")}

    async def head(act: Act, answers: Answers) -> dict[str, Any]:
        level = Text(f"alert.level.{answers['level']}")
        return {"head": Text("alert.drill", level=level) if drill else level}

    return (
        Step("level", "alert.level.question", _accept_level, choices=_level_choices, shown=mode),
        VillageChoice(may_alert).step("villages", "alert.villages.question", shown=head),
        Step("text", "alert.text.question", _accept_text, shown=head),
    )


async def _preview_real(act: Act, answers: Answers) -> None:
    await _preview(act, answers, drill=False)


async def _preview_drill(act: Act, answers: Answers) -> None:
    await _preview(act, answers, drill=True)


ALERT = Dialog("alert", Policy.POLICE, _steps(drill=False), _preview_real)
DRILL = Dialog("drill", Policy.POLICE, _steps(drill=True), _preview_drill)


def _dialog(drill: bool) -> str:
    return DRILL.name if drill else ALERT.name


async def _by_line(act: Act, *, drill: bool) -> None:
    if not act.args:
        await (press_new_drill(act) if drill else press_menu(act))
        return
    if act.args.lstrip("#").isdecimal() and len(act.args) < 10:
        await board.show(act, int(act.args.lstrip("#")))
        return
    level, where, text = alerts.parse_line(act.args)
    answers: Answers = {} if level is None else {"level": level.value}
    villages, unknown = named(await villages_where(act, may_alert), where)
    if where and not unknown and villages:
        answers["villages"] = [village.id for village in villages]
    elif unknown:
        await act.reply("village.unknown", names=Joined(name[:20] for name in unknown[:10]))
        text = text if villages else f"{_words(where)} {text}".strip()
    if text:
        answers["text"] = alerts.clean(text)
    await begin(act, _dialog(drill), answers)


def _words(where: tuple[str, ...]) -> str:
    return "、".join(where)


async def _preview(act: Act, answers: Answers, *, drill: bool) -> None:
    """Keep a draft and show it with the number of receivers."""
    allowed = {village.id: village for village in await villages_where(act, may_alert)}
    chosen = [allowed[VillageId(number)] for number in answers["villages"] if number in allowed]
    if not chosen or act.actor.id is None:
        raise RuleError("village.choose_one")
    draft = await act.unit.alerts.add(
        Alert(
            id=0,
            station_id=chosen[0].station_id,
            author_id=act.actor.id,
            author_name=act.actor.name,
            level=Level(answers["level"]),
            text=answers["text"],
            drill=drill,
            villages=tuple(village.id for village in chosen),
            state=State.DRAFT,
            created_at=act.at,
        )
    )
    buttons: Keyboard = (
        (Button("alert.button.send_drill" if drill else "alert.button.send", "dsend" if drill else "asend", (draft.id,)),),
        (Button("alert.button.rewrite", "arewrite", (draft.id,)), Button("alert.button.discard", "adrop", (draft.id,))),
    )
    station = await act.unit.people.list_villages(station_ids=[draft.station_id])
    second = alerts.needs_second(draft, [village.id for village in station])
    note = Text("alert.preview.second") if second else ""
    await act.reply("alert.preview", buttons=buttons, card=draft.card, note=note, **await _shown(act, draft, await audience_of(act, draft)))


async def _shown(act: Act, draft: Alert, audience: Audience) -> dict[str, Any]:
    """Return what a preview says: the alert, its villages, and how many receive it."""
    names = [village.name for village in await act.unit.people.list_villages(draft.villages)]
    without = [village.name for village, who in audience.chairs if who.address is None]
    return {
        "head": draft.head,
        "text": draft.text,
        "villages": names_text(names),
        "by": await by_text(act, draft),
        "chairs": len(audience.chairs) - len(without),
        "committee": len(audience.committee),
        "villagers": audience.villagers,
        "groups": len(audience.groups),
        "holes": Text("alert.preview.holes", names=names_text(without)) if without else "",
    }


async def _ask_second(act: Act, draft: Alert) -> None:
    """Show the preview to everybody who may agree; without anybody it cannot go out whole."""
    assert act.actor.id is not None
    if not await seconds(act.unit, draft, at=act.at):
        raise RuleError("alert.no_second")
    value = await _record(act, alerts.ask(draft, act.actor.id, at=act.at, remind_after=act.town.alert_list_after))
    audience = await audience_of(act, value)
    await _tell_seconds(act, value, audience, priority=Priority.ALERT)
    drop = ((Button("alert.button.discard", "adrop", (value.id,)),),)
    await act.reply("alert.asked", buttons=drop, card=value.card, fresh=False, **await _shown(act, value, audience))


async def _tell_seconds(act: Act, value: Alert, audience: Audience, *, priority: Priority) -> None:
    verbs = ("dagree", "dno") if value.drill else ("aagree", "ano")
    buttons = ((Button("alert.button.agree", verbs[0], (value.id,)),), (Button("alert.button.decline", verbs[1], (value.id,)),))
    facts = await _shown(act, value, audience) | {"name": value.author_name}
    for who in await seconds(act.unit, value, at=act.at):
        await act.tell(Notice(who, "alert.second.question", facts, buttons, priority, card=value.card, fresh=True))


async def _number_of(act: Act, who: Receiver) -> dict[str, Any]:
    person = None if who.person_id is None else await act.unit.people.find(who.person_id, at=act.at)
    return Text("alert.line.number", name=who.name, phone=person.phone.removeprefix("+86") if person else "")


async def _own(act: Act) -> Alert:
    """Return the actor's own alert of a press, if he may still alert every village of it; absent and another's read the same."""
    found = await act.unit.alerts.visible_to(act.actor, pressed_number(act))
    wanted = {"asend": False, "dsend": True}.get(act.incoming.verb)
    if found.author_id != act.actor.id or wanted not in (None, found.drill):
        raise NotFound(pressed_number(act))
    allowed = {village.id for village in await villages_where(act, may_alert)}
    if not allowed.issuperset(found.villages):
        raise RuleError("alert.villages.changed")
    return found


async def _asked(act: Act) -> Alert:
    found = await act.unit.alerts.visible_to(act.actor, pressed_number(act))
    if found.drill is not act.incoming.verb.startswith("d"):
        raise NotFound(pressed_number(act))
    return found


async def _record(act: Act, change: alerts.Change) -> Alert:
    await act.start(*change.timers)
    return await act.unit.alerts.record(change)
