"""/alert and /drill: compose an alert, preview it, ask a second person, send it.

Knows the order text → level → villages → preview → send. handlers/alerts/second_person.py has the second person's part;
handlers/alerts/sending.py finds the recipients; handlers/alerts/board.py takes over after sending. Invariants: the previewed alert is the alert
that is sent; a drill has its own dialog and its own buttons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import alerts
from domain.alerts import Alert, Level, State, may_alert, typed
from domain.alerts.hazards import WEATHER, Hazard, hazard_of, source_of
from domain.core.change import Button, Keyboard, Leaves, NotFound, Notice, RuleError, VillageId
from domain.core.immutable import replace
from domain.core.village_names import means_all
from domain.people.people import Policy
from handlers.alerts import board
from handlers.alerts.questions import ASKS_KIND, ASKS_SHELTER, PHOTO, PIN, steps
from handlers.alerts.second_person import ask_second, needs_second, own, record, show_asked, shown
from handlers.alerts.sending import audience_of, dispatch
from handlers.core.context import HandlerContext, rows
from handlers.core.dialogs import Answers, Dialog, begin
from handlers.core.village_choice import named, villages_where
from texts import At, Joined, Lines, Text

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

SHOWN = 5
#: A longer text is not read to its end by everybody.
LONG = 60

#: The name of the answer that keeps the number of the draft that is changed.
DRAFT = "_draft"

#: Words after /drill for a drill of a call for help, which another feature holds.
_SOS = frozenset({"sos", "求助"})


async def alert(ctx: HandlerContext) -> None:
    """`/alert <level> <where> <text>`; a number shows that board; no words show running alerts."""
    await _by_line(ctx, drill=False)


async def drill(ctx: HandlerContext) -> None:
    """`/drill …`: the same as `/alert`, marked as a drill; `/drill sos`: a call for help."""
    if ctx.args.lower() in _SOS:
        await begin(ctx, "sos_drill")
        return
    await _by_line(ctx, drill=True)


def reads(text: str, now: datetime, zone: tzinfo) -> str | None:
    """Return an alert in one line without its command, None for any other words."""
    return text if typed.announces(text) else None


async def by_sentence(ctx: HandlerContext, line: str) -> bool:
    """Compose an alert that was typed without a command: it is previewed like any other."""
    ctx.incoming = replace(ctx.incoming, args=line.strip().removeprefix("发布").removeprefix("发"))
    await _by_line(ctx, drill=False)
    return True


async def press_menu(ctx: HandlerContext) -> None:
    """Show the running alerts and offer a new one."""
    running = [each for each in await ctx.unit.alerts.list_visible(ctx.actor, limit=SHOWN) if each.state in (State.WAITING, State.SENT)]
    boards = [
        (
            Button(
                "alert.button.show",
                "aboard",
                (each.id,),
                {"number": each.id, "head": each.short_head, "at": At(each.sent_at or each.created_at)},
            ),
        )
        for each in running
    ]
    new = rows(Button("alert.button.new", "anew"), Button("alert.button.new_drill", "dnew"), Button("drill.button.new", "sd.new"))
    await ctx.reply("alert.menu", buttons=(*new, *boards))


async def press_new(ctx: HandlerContext) -> None:
    """Compose a real alert."""
    await begin(ctx, "alert")


async def press_new_drill(ctx: HandlerContext) -> None:
    """Compose a drill."""
    await begin(ctx, "drill")


async def press_send(ctx: HandlerContext) -> None:
    """Send the author's previewed alert, alone or after asking a second person."""
    draft = await own(ctx)
    assert ctx.actor.id is not None
    if await _asks_about_another(ctx, draft):
        return
    if await needs_second(ctx, draft):
        await ask_second(ctx, draft)
        return
    change = alerts.send(draft, ctx.actor.id, at=ctx.at, list_after=ctx.town.alerts.list_after)
    await board.draw(ctx, await dispatch(ctx, change))
    ctx.toast("alert.sent.toast")


async def press_discard(ctx: HandlerContext) -> None:
    """Discard the author's alert unsent."""
    draft = await own(ctx)
    value = await record(ctx, alerts.discard(draft, ctx.actor.id, at=ctx.at))
    await ctx.reply("alert.discarded", card=value.card, as_new_message=False, head=value.head)


async def press_rewrite(ctx: HandlerContext) -> None:
    """Discard the text for a new one by the author; the rest stays."""
    await _begin_again(ctx, without=("text", "hazard", "source"))


async def press_kind(ctx: HandlerContext) -> None:
    """Ask the author for the kind of danger and the source of the warning; the rest stays."""
    await _begin_again(ctx, without=("hazard", "source"), asks=ASKS_KIND)


async def press_shelter(ctx: HandlerContext) -> None:
    """Ask the author for a picture or a pin of the shelter; the rest stays."""
    await _begin_again(ctx, asks=ASKS_SHELTER)


async def draw_again(ctx: HandlerContext, card: str) -> None:
    """Draw the actor's card of an alert again, in its place: a preview or a board."""
    if not await ctx.unit.cards.hangs(ctx.incoming.address, card):
        return
    number = int(card.partition(":")[2])
    try:
        alert = await ctx.unit.alerts.visible_to(ctx.actor, number)
    except NotFound:
        await ctx.notify(Notice(ctx.origin, "record.gone", {"number": number}, card=card, tells_nothing=True))
        return
    if alert.state is State.DRAFT:
        await _show_preview(ctx, alert, as_new_message=False)
    elif alert.state is State.WAITING and alert.author_id == ctx.actor.id:
        await show_asked(ctx, alert)
    elif alert.state in board.SHOWN:
        await board.draw(ctx, alert)
    else:
        await ctx.reply("alert.discarded", card=card, as_new_message=False, head=alert.head)


async def _begin_again(ctx: HandlerContext, *, without: tuple[str, ...] = (), asks: str = "") -> None:
    """Ask again for what is missing, in the preview's place; the other answers stay.

    The draft stays until the next preview: leaving the questions shows it again.
    """
    draft = await own(ctx)
    if draft.state is not State.DRAFT:
        raise RuleError(f"alert.is.{draft.state}")
    answers: Answers = {
        DRAFT: draft.id,
        "text": draft.text,
        "level": draft.level.value,
        "villages": list(draft.villages),
        "hazard": draft.hazard.value,
        "source": draft.source,
    }
    answers |= {name: value for name, value in ((PHOTO, draft.photo), (PIN, draft.pin), (asks, True)) if name and value}
    await begin(ctx, _dialog(draft.drill), {name: value for name, value in answers.items() if name not in without})


async def _asks_about_another(ctx: HandlerContext, draft: Alert) -> bool:
    """Ask once before a red alert is sent while another one runs; tell whether it asked."""
    if draft.level is not Level.RED or "1" in ctx.incoming.values[1:]:
        return False
    running = await ctx.unit.alerts.list_running_red(draft.station_id, drill=draft.drill, at=ctx.at)
    if not running:
        return False
    other, verb = running[-1], "dsend" if draft.drill else "asend"
    buttons: Keyboard = (
        (Button("alert.button.send_too", verb, (draft.id, 1)),),
        (Button("alert.button.show_other", "aboard", (other.id,)), Button("alert.button.discard", "adrop", (draft.id,))),
    )
    facts: dict[str, Any] = {
        "head": draft.head,
        "text": draft.text,
        "other": other.head,
        "at": At(other.sent_at or ctx.at),
        "words": other.text,
    }
    await ctx.reply("alert.another.question", buttons=buttons, card=draft.card, as_new_message=False, count=len(running), **facts)
    return True


# The dialog -----------------------------------------------------------------------------------------------------------


async def _preview_real(ctx: HandlerContext, answers: Answers) -> None:
    await _preview(ctx, answers, drill=False)


async def _preview_drill(ctx: HandlerContext, answers: Answers) -> None:
    await _preview(ctx, answers, drill=True)


ALERT = Dialog("alert", Policy.POLICE, steps(drill=False), _preview_real, unheard="an alert is about danger")
DRILL = Dialog("drill", Policy.POLICE, steps(drill=True), _preview_drill, unheard="a drill is about danger")


def _dialog(drill: bool) -> str:
    return DRILL.name if drill else ALERT.name


async def _by_line(ctx: HandlerContext, *, drill: bool) -> None:
    if not ctx.args:
        await (press_new_drill(ctx) if drill else press_menu(ctx))
        return
    if ctx.args.lstrip("#").isdecimal() and len(ctx.args) < 10:
        await board.show(ctx, int(ctx.args.lstrip("#")))
        return
    level, where, text = typed.parse_line(ctx.args)
    answers: Answers = {} if level is None else {"level": level.value}
    mine = await villages_where(ctx, may_alert)
    if not means_all(where):
        where, text = typed.after(where, text, {name for each in mine for bare in each.names for name in (bare, bare.removesuffix("村"))})
    villages, unknown = named(mine, where)
    if where and not unknown and villages:
        answers["villages"] = [village.id for village in villages]
    elif unknown:
        await ctx.reply("village.unknown", names=Joined(name[:20] for name in unknown[:10]))
        text = text if villages else f"{_words(where)} {text}".strip()
    if text:
        answers["text"] = ctx.for_many(typed.clean(text))
    await begin(ctx, _dialog(drill), answers)


def _words(where: tuple[str, ...]) -> str:
    return "、".join(where)


async def _preview(ctx: HandlerContext, answers: Answers, *, drill: bool) -> None:
    """Keep a draft and show it with the number of recipients."""
    allowed = {village.id: village for village in await villages_where(ctx, may_alert)}
    chosen = [allowed[VillageId(number)] for number in answers["villages"] if number in allowed]
    if not chosen or ctx.actor.id is None:
        raise RuleError("village.choose_one")
    text, pin = answers["text"], answers.get(PIN)
    hazard = Hazard(answers["hazard"]) if "hazard" in answers else hazard_of(text)
    source = answers["source"] if "source" in answers else source_of(text)
    before = await _revised(ctx, answers)
    draft = await ctx.unit.alerts.add(
        Alert(
            id=0,
            station_id=chosen[0].station_id,
            author_id=ctx.actor.id,
            author_name=ctx.actor.name,
            level=Level(answers["level"]),
            text=text,
            drill=drill,
            villages=tuple(village.id for village in chosen),
            state=State.DRAFT,
            created_at=ctx.at,
            hazard=hazard,
            source=source,
            photo=answers.get(PHOTO, ""),
            pin=(pin[0], pin[1]) if pin else None,
        )
    )
    new = not ctx.incoming.press_id or bool(answers.get(ASKS_SHELTER))  # never above what its author just sent
    if before is not None:
        await record(ctx, alerts.discard(before, ctx.actor.id, at=ctx.at))
        await ctx.unit.cards.rename(ctx.incoming.address, before.card, draft.card)
    await _show_preview(ctx, draft, as_new_message=new or before is None)


async def _revised(ctx: HandlerContext, answers: Answers) -> Alert | None:
    """Return the actor's unsent draft that these answers change; None for a new alert."""
    found = await ctx.unit.alerts.find(int(answers.get(DRAFT, 0)))
    return found if found is not None and found.state is State.DRAFT and found.author_id == ctx.actor.id else None


async def _show_preview(ctx: HandlerContext, draft: Alert, *, as_new_message: bool) -> None:
    drill = draft.drill
    buttons: Keyboard = (
        (Button("alert.button.send_drill" if drill else "alert.button.send", "dsend" if drill else "asend", (draft.id,)),),
        (Button("alert.button.kind", "akind", (draft.id,)), Button("alert.button.add_shelter", "ashelter", (draft.id,))),
        (Button("alert.button.rewrite", "arewrite", (draft.id,)), Button("alert.button.discard", "adrop", (draft.id,))),
    )
    notes = [Text("alert.preview.second")] if await needs_second(ctx, draft) else []
    notes += [Text("alert.preview.no_source")] if draft.hazard in WEATHER and not draft.source and not drill else []
    notes += [Text("alert.preview.shelter")] if draft.shows_shelter else []
    notes += [Text("alert.preview.long", length=len(draft.text), most=LONG)] if len(draft.text) > LONG else []
    facts = await shown(ctx, draft, await audience_of(ctx, draft)) | {"note": Lines(notes)}
    await ctx.reply("alert.preview", buttons=buttons, card=draft.card, as_new_message=as_new_message, leaves=Leaves.LINE, **facts)
