"""First-aid cards: `/card`, a card by its name, and the card of a danger.

Knows the list and how a card looks. Its texts are in texts/*/aid.po. Invariants: anybody may read every card; each begins with the number
to dial, and ends with who checked it or that nobody did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Button, Notice, Priority
from domain.firstaid import Card, card_about, card_for, card_named
from domain.people.people import Policy
from handlers.core.context import rows
from handlers.core.feature import Feature
from handlers.core.route import EVERYBODY, ButtonRoute, CommandRoute
from texts import Text

if TYPE_CHECKING:
    from domain.emergencies.heard import Danger
    from handlers.core.context import HandlerContext

LIST = Button("aid.button.list", "aid.list")
#: The beat of chest compressions, made by texts/voices/metronome.py.
BEAT = {"type": "own", "name": "metronome"}


async def card(ctx: HandlerContext) -> None:
    """`/card [name]`: show a card, or the list."""
    asked = card_about(ctx.args)
    if asked is None:
        await press_list(ctx)
    else:
        await show(ctx, asked)


async def press_list(ctx: HandlerContext) -> None:
    """Show the list of the cards."""
    await ctx.reply("aid.list", buttons=rows(*(Button(f"aid.title.{each}", "aid", (each.value,)) for each in Card)))


async def press_card(ctx: HandlerContext) -> None:
    """Show the chosen card."""
    chosen = next((each for each in Card if each.value in ctx.incoming.values[:1]), None)
    if chosen is None:
        await press_list(ctx)
    else:
        await show(ctx, chosen)


async def show_for(ctx: HandlerContext, danger: Danger | None, words: str) -> None:
    """Show the card of a danger, if there is one, right after the numbers to dial."""
    chosen = card_for(danger, words)
    if chosen is not None:
        await show(ctx, chosen, priority=Priority.SOS)


async def show_named(ctx: HandlerContext, words: str) -> bool:
    """Show the card that a calm message names; False when it names none."""
    named = card_named(words)
    if named is not None:
        await show(ctx, named)
    return named is not None


async def show(ctx: HandlerContext, chosen: Card, *, priority: Priority = Priority.REPLY) -> None:
    """Show a card; with chest compressions, the beat to press to."""
    by = ctx.town.cards_signed.get(chosen.value, "")
    check = Text("aid.signed", by=by) if by else Text("aid.unsigned")
    page = {"card": Text(f"aid.card.{chosen}"), "check": check}
    await ctx.notify(Notice(ctx.origin, "aid.page", page, rows(LIST), priority))
    if chosen in (Card.CPR, Card.DROWNING):
        await ctx.notify(Notice(ctx.origin, "aid.beat", priority=priority, media=BEAT))


FEATURE = Feature(
    "firstaid",
    routes=(
        CommandRoute("card", card, Policy.ANYONE, menu=EVERYBODY),
        ButtonRoute("aid", press_card, Policy.ANYONE, free=True, about_oneself=True),
        ButtonRoute("aid.list", press_list, Policy.ANYONE, free=True, about_oneself=True),
    ),
)
