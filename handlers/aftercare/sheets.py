"""The hand-over sheet: shown, filled line by line by a tap or a few words.

Knows the offered answers; the lines are in domain/aftercare/sheet.py. Invariants: a line is written by somebody who handles the case; every open
copy of the sheet is redrawn; each showing leaves a trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.aftercare.sheet import LENGTH, TIMED, Field, Line, field_of, time_in
from domain.core.change import Button, Event, NotFound, Notice
from domain.core.immutable import replace
from domain.core.records import one_line
from domain.people.people import Policy
from handlers.aftercare.reading import facts, handled, reads, say_nobody_called
from handlers.aftercare.tasks import HURT, begin_call_backs
from handlers.cases.audience import load_viewers
from handlers.cases.moves import number_and_words
from handlers.core.context import HandlerContext, Incoming, rows
from handlers.core.dialogs import Answers, Choice, Dialog, Step, begin
from handlers.core.pressed import pressed_number
from texts import At, Lines, Text

if TYPE_CHECKING:
    from domain.cases.case import Case
    from domain.core.change import Keyboard

NOW = "aftercare.choice.now"
#: Offered answers of each line.
OFFERED: dict[Field, tuple[str, ...]] = {
    Field.WHO: ("aftercare.choice.man", "aftercare.choice.woman", "aftercare.choice.child"),
    Field.NORMAL: ("aftercare.choice.just_now", "aftercare.choice.unknown"),
    Field.SEEN: ("aftercare.choice.awake", "aftercare.choice.not_awake", "aftercare.choice.bleeding", "aftercare.choice.chest"),
    Field.DONE: ("aftercare.choice.cpr", "aftercare.choice.aed", "aftercare.choice.tourniquet", "aftercare.choice.nothing"),
    Field.KNOWN: ("aftercare.choice.none_known", "aftercare.choice.unknown"),
    Field.AMBULANCE: (NOW, "aftercare.choice.no_ambulance"),
    Field.BROUGHT: (NOW, "aftercare.choice.stayed"),
    Field.RECEIVED: (),
    Field.BELONGINGS: ("aftercare.choice.nothing_left", "aftercare.choice.with_family"),
    Field.FAMILY: ("aftercare.choice.told", "aftercare.choice.not_told"),
}


def card_of(case: Case) -> str:
    """Return the name of the sheet in people's chats."""
    return f"{case.card}:sheet"


# Showing --------------------------------------------------------------------------------------------------------------


async def show(ctx: HandlerContext) -> None:
    """`/sheet n`: show the sheet of an urgent case."""
    await _show(ctx, await handled(ctx, number_and_words(ctx)[0]))


async def press_show(ctx: HandlerContext) -> None:
    """Show the sheet."""
    await _show(ctx, await handled(ctx, pressed_number(ctx)))


async def press_hurt(ctx: HandlerContext) -> None:
    """Record that somebody was hurt, and show the sheet."""
    case = await handled(ctx, pressed_number(ctx))
    await ctx.audit(Event(case.subject, HURT, ctx.actor.id, ctx.at))
    await begin_call_backs(ctx, case)
    await _show(ctx, case)


async def _show(ctx: HandlerContext, case: Case) -> None:
    await ctx.audit(Event(case.subject, "sheet.read", ctx.actor.id, ctx.at))
    await ctx.notify(replace(await _drawn(ctx, case), to=ctx.origin, as_new_message=True))


async def draw_again(ctx: HandlerContext, card: str) -> None:
    """Draw the actor's sheet again, in its place (`Feature.redraws`)."""
    number = int(card.split(":")[1])
    try:
        await ctx.notify(replace(await _drawn(ctx, await handled(ctx, number)), to=ctx.origin, stays=True))
    except NotFound:
        await ctx.notify(Notice(ctx.origin, "record.gone", {"number": number}, card=card, tells_nothing=True))


async def _drawn(ctx: HandlerContext, case: Case) -> Notice:
    written = await ctx.unit.aftercare.sheet(case.id)
    lines = [Text("aftercare.sheet.line", label=Text(f"aftercare.field.{field}"), words=_words(written.get(field))) for field in Field]
    params = facts(case) | {"at": At(case.opened_at, "short"), "lines": Lines(lines)}
    return Notice(ctx.origin, "aftercare.sheet", params, _buttons(case), card=card_of(case), subject=case.subject)


def _buttons(case: Case) -> Keyboard:
    return rows(*(Button(f"aftercare.field.{field}", "a.line", (case.id, field.value)) for field in Field))


def _words(line: Line | None) -> Any:
    """Return a line as it is read: a tapped time, an offered answer, or the typed words."""
    if line is None:
        return Text("aftercare.sheet.empty")
    if line.words == NOW and line.noted_at is not None:
        return At(line.noted_at, "short")
    return Text(line.words) if line.words in OFFERED[line.field] else line.words


# Writing --------------------------------------------------------------------------------------------------------------


async def press_line(ctx: HandlerContext) -> None:
    """Ask for one line of the sheet."""
    case = await handled(ctx, pressed_number(ctx))
    field = field_of((*ctx.incoming.values, "", "")[1])
    await begin(ctx, LINE.name, {"_number": case.id, "_field": field.value})


async def _choices(ctx: HandlerContext, answers: Answers) -> tuple[Choice, ...]:
    return tuple(Choice(key, key.rpartition(".")[2]) for key in OFFERED[field_of(answers["_field"])])


async def _asked(ctx: HandlerContext, answers: Answers) -> dict[str, Any]:
    field = field_of(answers["_field"])
    return {"label": Text(f"aftercare.field.{field}"), "hint": Text(f"aftercare.hint.{field}")}


async def _accept(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    keys = {key.rpartition(".")[2]: key for key in OFFERED[field_of(answers["_field"])]}
    if said.press_id and said.text in keys:
        return keys[said.text]
    return one_line(said.text, most=LENGTH, key="aftercare.sheet.again")


async def _write(ctx: HandlerContext, answers: Answers) -> None:
    case = await handled(ctx, int(answers["_number"]))
    field, words = field_of(answers["_field"]), str(answers["words"])
    noted = None
    if field in TIMED:
        noted = ctx.at if words == NOW else time_in(words, after=case.opened_at, zone=ctx.town.zone)
    await ctx.unit.aftercare.write(case.id, Line(field, words, ctx.actor.id, ctx.at, noted))
    await ctx.audit(Event(case.subject, "sheet.written", ctx.actor.id, ctx.at, data={"field": field.value}))
    await begin_call_backs(ctx, case)
    drawn = await _drawn(ctx, case)
    for viewer in await load_viewers(ctx, case, cards=(card_of(case),)):
        if viewer.by is not None and reads(case, viewer.by) and viewer.to.person_id != ctx.actor.id:
            await ctx.notify(replace(drawn, to=viewer.to, stays=True))
    await ctx.notify(replace(drawn, as_new_message=True))
    await say_nobody_called(ctx, words)


LINE = Dialog(
    "care_line",
    Policy.HANDLER,
    (Step("words", "aftercare.line.question", _accept, choices=_choices, shown=_asked),),
    _write,
    unheard="its answers tell of a danger that is known",
)
