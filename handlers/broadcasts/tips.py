"""Anti-fraud tips: today's for everybody; the library and own words for senders.

Knows the library's numbers and each person's choice; must not know how a broadcast is sent (handlers/broadcasts/sending.py). Invariant: a
villager gets tips only by their own choice, and one press ends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain import tips as rules
from domain.calendar.local_time import day_of
from domain.cases.case import Kind
from domain.core.change import Button, Event, Leaves, RuleError
from domain.core.immutable import replace
from domain.core.numbers import parse_case_number
from domain.people.people import Policy, Role
from handlers.broadcasts.composing import compose
from handlers.broadcasts.sending import villages_of
from handlers.cases import reports
from handlers.core.context import rows
from handlers.core.dialogs import Dialog, Step, begin
from handlers.core.placing import OFFER, spend
from texts import Lines, Text

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext, Incoming
    from handlers.core.dialogs import Answers

A_PAGE = 5
TITLE = 20


async def open_menu(ctx: HandlerContext) -> None:
    """`/tip`: show the tips that the actor may send; today's tip for everybody else.

    `/tip 3` and `/tip words` start at the preview.
    """
    if not await villages_of(ctx, ctx.actor):
        await today(ctx)
    elif ctx.args:
        await _straight(ctx)
    else:
        buttons = rows(
            Button("tip.button.library", "tip.page", (0,)),
            Button("tip.button.own", "tip.own"),
            Button("tip.button.notice", "nt.new"),
            Button("tip.button.plans", "tip.plans", (0,)),
            Button("tip.button.sent", "bc.list", (0,)),
            Button("tip.button.today", "tip.today"),
        )
        await ctx.reply("tip.menu", buttons=buttons, count=rules.LIBRARY)


async def today(ctx: HandlerContext) -> None:
    """Show the day's tip, and whether tips are wanted."""
    number = rules.of_day(day_of(ctx.at, ctx.town.zone))
    wants = ctx.actor.id is not None and await ctx.unit.tips.wants(ctx.actor.id)
    buttons = rows(Button("tip.wish.start", "tip.wish", ("1",)), Button("tip.wish.stop", "tip.wish", ("0",)))
    await spend(ctx, f"{OFFER}tips", Leaves.NOTHING)  # this one offers the same
    wish = Text("tip.wish.is_on" if wants else "tip.wish.is_off")
    await ctx.reply("tip.today", buttons=buttons, **_of_library(number), wish=wish)


async def met(ctx: HandlerContext) -> None:
    """Start a report of a fraud: its person met what a tip warns of."""
    await begin(ctx, "report", reports.initial_answers(ctx) | {"kind": Kind.FRAUD.value})


async def open_link(ctx: HandlerContext, rest: str) -> bool:
    """Start the report from the link under a tip in a group; False for another payload."""
    if rest:
        return False
    if ctx.actor.role is Role.STRANGER:
        await ctx.reply("tip.met.join_first", buttons=((Button("join.button.pick", "jpage", (0,)),),))
        return True
    ctx.incoming = replace(ctx.incoming, text="", command="", args="")
    await met(ctx)
    return True


async def wish(ctx: HandlerContext) -> None:
    """Turn tips on or off; it applies at once."""
    wanted = ctx.incoming.values[:1]
    if wanted not in (("0",), ("1",)) or ctx.actor.id is None:
        raise RuleError("refused.old_button")
    wants = wanted == ("1",)
    await ctx.unit.tips.wish(ctx.actor.id, wants=wants)
    await ctx.audit(Event(f"person:{ctx.actor.id}", "tip.wish", ctx.actor.id, ctx.at, data={"wants": wants}))
    await ctx.reply("tip.wish.on" if wants else "tip.wish.off")


async def turn_page(ctx: HandlerContext) -> None:
    """Show a page of the library, each tip with its button."""
    last = (rules.LIBRARY - 1) // A_PAGE
    page = min(parse_case_number("".join(ctx.incoming.values[:1])) or 0, last)
    numbers = range(page * A_PAGE + 1, min((page + 1) * A_PAGE, rules.LIBRARY) + 1)
    lines = Lines(Text("tip.entry", n=number, title=Text(rules.title_key(number))) for number in numbers)
    picks = tuple(Button("tip.button.number", "tip.pick", (number,), {"n": number}) for number in numbers)
    turns = [Button("tip.button.before", "tip.page", (page - 1,))] if page else []
    turns += [Button("tip.button.next", "tip.page", (page + 1,))] if page < last else []
    await ctx.reply(
        "tip.page",
        buttons=(picks, tuple(turns)),
        card="tips",
        as_new_message=not ctx.incoming.press_id,
        lines=lines,
        page=page + 1,
        pages=last + 1,
    )


async def pick(ctx: HandlerContext) -> None:
    """Take a tip of the library to its preview."""
    number = parse_case_number("".join(ctx.incoming.values[:1])) or 0
    if not 1 <= number <= rules.LIBRARY:
        raise RuleError("refused.old_button")
    await compose(ctx, "tip", "tip.sent", _of_library(number))


async def write_own(ctx: HandlerContext) -> None:
    """Ask for a tip in the actor's own words."""
    await begin(ctx, "tip_own")


async def _accept_words(ctx: HandlerContext, said: Incoming, answers: Answers) -> str:
    return ctx.for_many(rules.own_words(said.text))


async def _finish_own(ctx: HandlerContext, answers: Answers) -> None:
    await _compose_own(ctx, answers["words"])


OWN = Dialog("tip_own", Policy.POLICE, (Step("words", "tip.own.ask", _accept_words),), _finish_own, unheard="a tip is about danger")


async def _straight(ctx: HandlerContext) -> None:
    number = parse_case_number(ctx.args)
    if number is not None and 1 <= number <= rules.LIBRARY:
        await compose(ctx, "tip", "tip.sent", _of_library(number))
    else:
        await _compose_own(ctx, ctx.for_many(rules.own_words(ctx.args)))


async def _compose_own(ctx: HandlerContext, words: str) -> None:
    """Take the actor's own words to the preview, signed by the station.

    Readers should know who says so.
    """
    mine = await villages_of(ctx, ctx.actor)
    station = await ctx.unit.broadcasts.station_name(mine[0].station_id) if mine else ""
    title = words.partition("\n")[0]
    params = {"title": title if len(title) <= TITLE else f"{title[:TITLE]}…", "text": words, "station": station}
    await compose(ctx, "tip", "tip.sent_own", params)


def _of_library(number: int) -> dict[str, Any]:
    return {"title": Text(rules.title_key(number)), "text": Text(rules.text_key(number))}
