"""Decide the place of an answer: a card, the chat's one place for lists, or its end.

Knows cards, presses and open dialogs; must not know any feature. Invariants: a private chat has one message for lists, offers and questions
(`HERE`); the answer to a press on it takes its place; a question about a thing has a message of its own (`ASKED`), which no list displaces;
while a dialog asks in a card, nobody draws that card over its question; a message with buttons to one person is always a card, so that its
buttons go when the question is answered, asked again, or out of date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.core.change import Leaves, Notice, Priority, Receiver
from domain.core.immutable import replace

if TYPE_CHECKING:
    from domain.core.change import Address
    from handlers.core.context import HandlerContext

#: The card that is a chat's one place for lists, offers and questions.
HERE = "here"
#: The beginning of the name of a card with an offer that no list displaces: "offer:tips".
OFFER = "offer:"
#: The end of the name of a card that asks about a thing: "case:1001:asked".
ASKED = ":asked"
#: The end of the name of a card with the newest news of a thing: "case:1001:news".
NEWS = ":news"
#: News with more words than the card's history shows stays when newer news comes.
SHORT_NEWS = 120


async def placed(ctx: HandlerContext, notice: Notice) -> Notice | None:
    """Return a message with its place; None for a card that an open question covers."""
    if notice.card and not await _uncovered(ctx, notice):
        return None
    if not _is_answer(ctx, notice):
        return _asked(notice)
    pressed = await shown_by_press(ctx)
    in_place = pressed == HERE or pressed.startswith(OFFER)
    asked = bool(notice.about) and pressed.startswith(f"{notice.about}:") and pressed.endswith(ASKED)
    takes = not ctx.answered and (in_place or asked)
    if not notice.card and (notice.buttons or (takes and (not notice.about or not in_place))):
        card = pressed if asked and takes else f"{notice.about}{ASKED}" if notice.about else pressed if takes else HERE
        notice = replace(notice, card=card, as_new_message=not (takes and pressed == card))
    elif notice.card and ":" not in notice.card:
        moves = notice.as_new_message and not (takes and pressed == HERE)
        notice = replace(notice, card=HERE, as_new_message=moves, leaves=notice.leaves or Leaves.NOTHING)
    elif (
        notice.as_new_message
        and takes
        and ctx.surface == pressed == HERE
        and not await ctx.unit.cards.hangs(ctx.incoming.address, notice.card)
    ):
        await ctx.unit.cards.rename(ctx.incoming.address, HERE, notice.card)
        notice = replace(notice, as_new_message=False)
    if notice.card:
        ctx.answered = True
    return notice


def _is_answer(ctx: HandlerContext, notice: Notice) -> bool:
    """Tell whether a message is an ordinary answer to the actor in their own chat."""
    here = ctx.incoming.private and ctx.timer is None and notice.to.address == ctx.incoming.address
    return (
        here and not notice.to.role and notice.priority is Priority.REPLY and notice.media is None and not notice.ask and not notice.silent
    )


def _asked(notice: Notice) -> Notice:
    """Return a message with buttons to one person as a card: the newest copy of its question.

    The question is what its first button does: two different ones about one thing stay beside each other. A broadcast is not a question.
    """
    private = notice.to.address is None or notice.to.address.chat_id > 0
    does = [button for row in notice.buttons for button in row if button.verb]
    if notice.card or not does or not private or notice.batch or notice.priority is Priority.BROADCAST or notice.media is not None:
        return notice
    what = ".".join((does[0].verb, *map(str, does[0].args)))
    card = f"{notice.about}:{what}{ASKED}" if notice.about else f"{OFFER}{what}"
    return replace(notice, card=card, as_new_message=True, leaves=notice.leaves or Leaves.TEXT)


async def _uncovered(ctx: HandlerContext, notice: Notice) -> bool:
    """Tell whether a card may be drawn: no dialog asks in it.

    A new message of the card may always be sent; the question then goes on in the old one.
    """
    to = notice.to.address
    if to is None or to.chat_id <= 0 or notice.tells_nothing or ctx.asking:
        return True
    if notice.card == HERE or ":" not in notice.card:
        return True
    if notice.card not in ctx.covered:  # loaded once, for everybody who has the card
        ctx.covered[notice.card] = await ctx.unit.drafts.asking_in(notice.card)
    draft = await ctx.unit.drafts.find(to) if to in ctx.covered[notice.card] else None
    if draft is None or draft.card != notice.card:
        return True
    if notice.as_new_message:
        await ctx.unit.cards.rename(to, draft.card, HERE)
        await ctx.unit.drafts.put(replace(draft, card=HERE))
    return notice.as_new_message


async def shown_by_press(ctx: HandlerContext) -> str:
    """Return the card that the pressed message shows; empty for any other message."""
    if not ctx.incoming.press_id or not ctx.incoming.message_id:
        return ""
    if ctx.pressed_card is None:
        ctx.pressed_card = await ctx.unit.cards.shown_by(ctx.incoming.address, ctx.incoming.message_id)
    return ctx.pressed_card


async def surface(ctx: HandlerContext) -> str:
    """Return the card in which a dialog that begins now asks its questions."""
    if ctx.surface:
        return ctx.surface
    pressed = await shown_by_press(ctx)
    return pressed if _can_be_restored(ctx, pressed) else HERE


def kind_of(card: str) -> str:
    """Return the kind of a card, without its number; empty for one about no numbered thing.

    "case:1001" → "case", "case:1001:sheet" → "case:sheet".
    """
    kind, _, rest = card.partition(":")
    number, _, part = rest.partition(":")
    if not number.isdecimal():
        return ""
    return f"{kind}:{part}" if part else kind


def _can_be_restored(ctx: HandlerContext, card: str) -> bool:
    return kind_of(card) in ctx.hooks.redraws


async def restore(ctx: HandlerContext, card: str) -> None:
    """Draw a card of the actor's chat again, in place of a question, once in a call."""
    if _can_be_restored(ctx, card) and card not in ctx.drawn:
        await ctx.hooks.redraws[kind_of(card)](ctx, card)


async def spend(ctx: HandlerContext, card: str, leaves: Leaves = Leaves.TEXT) -> None:
    """End an answered question of the actor's chat: take its buttons, or delete it."""
    message_id = await ctx.unit.cards.take_down(ctx.incoming.address, card)
    if message_id is not None:
        await _retire(ctx, message_id, leaves)


async def give_back_pressed(ctx: HandlerContext) -> None:
    """Draw a pressed card again; take the buttons of any other pressed message."""
    pressed = await shown_by_press(ctx)
    if _can_be_restored(ctx, pressed):
        await restore(ctx, pressed)
    elif ctx.incoming.press_id and ctx.incoming.message_id:
        await _retire(ctx, ctx.incoming.message_id, Leaves.TEXT)


async def spend_asked(ctx: HandlerContext, subject: str, *, alike: bool = False) -> None:
    """Take the buttons of every question about a thing that has moved, in whosever chat.

    `alike`: of the copies of the pressed question only. The pressed one waits for its answer, which takes its place (`spend_answered`).
    """
    pressed = await shown_by_press(ctx)
    ctx.moved.add(subject)
    if alike and not pressed.endswith(ASKED):
        return
    for address, card, message_id in await ctx.unit.cards.list_parts(subject, ASKED):
        if (address != ctx.incoming.address or card != pressed) and (card == pressed or not alike):
            await ctx.unit.cards.take_down(address, card)
            await _retire(ctx, message_id, Leaves.TEXT, address=address)


async def spend_answered(ctx: HandlerContext) -> None:
    """Take the buttons of a pressed question whose thing moved, unless its answer replaced it."""
    pressed = await shown_by_press(ctx)
    if not ctx.answered and pressed.endswith(ASKED) and ":".join(pressed.split(":")[:2]) in ctx.moved:
        await spend(ctx, pressed)


async def _retire(ctx: HandlerContext, message_id: int, leaves: Leaves, *, address: Address | None = None) -> None:
    media = {"type": "retire", "message_id": message_id, "leaves": str(leaves)}
    nobody = Receiver(address or ctx.incoming.address, ctx.actor.language)  # an old message is of no use at another address
    await ctx.notify(Notice(nobody, "delivery.moved", priority=Priority.REMINDER, silent=True, media=media))


def news(notice: Notice, words: str = "") -> Notice:
    """Return a message as the newest news of its subject, which takes the place of older news.

    `words`: those of a person in it. Long ones stay, because the card shows their beginning only.
    """
    leaves = Leaves.NOTHING if len(words) <= SHORT_NEWS else Leaves.ALL
    return replace(notice, card=f"{notice.about}{NEWS}", as_new_message=True, leaves=leaves)
