"""The cards of found and lost things, and their records in the chat.

Knows what a keeper, a finder and an owner read; domain/found/things.py decides who handles a thing. Invariant: no card holds a sealed detail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Button, Notice
from domain.found import things as rules
from domain.found.things import Class, Item, Loss, Verb
from handlers.core.context import HandlerContext, rows
from handlers.core.records import RecordActions
from storage.found import FoundItems, LostItems
from texts import At, Lines, Text

if TYPE_CHECKING:
    from domain.core.change import Receiver

NOTES = 2
#: Buttons of a keeper's card, in order; only those whose move is possible are shown.
_KEEPER = ((Verb.RECEIVE, "f.got"), (Verb.HAND_OVER, "f.give"), (Verb.DENY, "f.no"), (Verb.NOTE, "f.note"))
_FOR_DANGER = ((Verb.CLEAR, "f.clear"), (Verb.NOTE, "f.note"))


async def _card(ctx: HandlerContext, item: Item, to: Receiver, handling: bool) -> Notice:
    """Return the card as a keeper or its finder sees it; neither card holds sealed details."""
    facts = {
        "number": item.id,
        "village": item.village,
        "kind": Text(f"found.short.{item.kind}"),
        "what": item.what,
        "place": item.place or Text("found.card.no_place"),
        "at": At(item.opened_at),
        "state": Text(f"found.is.{item.state}", number=item.id),
    }
    if not handling:
        buttons = rows(Button("found.button.withdraw", "f.back", (item.id,))) if rules.ITEMS.allows(item, Verb.WITHDRAW) else ()
        return Notice(to, "found.card.own", facts, buttons)
    events = await ctx.unit.audit.of(rules.ITEMS.subject(item))
    notes = [Text("found.card.note", words=event.words) for event in events if event.words][-NOTES:]
    details = Text("found.card.details", count=item.details) if item.details else Text("found.card.no_details")
    facts |= {
        "finder": item.finder_name,
        "details": details if item.ended_at is None else "",
        "notes": Lines(["", *notes]) if notes else "",
    }
    danger = item.kind is Class.DANGEROUS
    offered = [
        Button(f"found.button.{verb}", press, (item.id,))
        for verb, press in (_FOR_DANGER if danger else _KEEPER)
        if rules.ITEMS.allows(item, verb)
    ]
    if rules.may_publish(item):
        offered.append(Button("found.button.publish", "f.tell", (item.id,)))
    if item.details and item.ended_at is None:
        offered.append(Button("found.button.details", "f.known", (item.id,)))
    return Notice(to, "found.card.danger" if danger else "found.card", facts, rows(*offered))


async def _lost_card(ctx: HandlerContext, loss: Loss, to: Receiver, handling: bool) -> Notice:
    """Return the card of a lost thing, for the person who lost it."""
    back = rows(Button("lost.button.back", "l.back", (loss.id,))) if loss.ended_at is None else ()
    return Notice(to, "lost.card", {"number": loss.id, "what": loss.what, "state": Text(f"lost.is.{loss.state}", number=loss.id)}, back)


ITEMS: RecordActions[Item, FoundItems] = RecordActions(
    rules.ITEMS, FoundItems, card=_card, may_handle=rules.may_keep, parts=lambda item: (item.finder_id,), asks=lambda item: (item.keeper,)
)
LOSSES: RecordActions[Loss, LostItems] = RecordActions(
    rules.LOSSES, LostItems, card=_lost_card, may_handle=lambda actor, loss: False, parts=lambda loss: (loss.owner_id,)
)
