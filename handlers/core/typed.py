"""Turn typed words into the move that a button makes. There is no second place.

Knows labels, the buttons in a chat and the declarations of the features (handlers/core/understood.py); must not know any feature. Invariants:
typed words do what a press does, with the same policy and the same handler; a label that several messages offer, or an old one that ends
something, is asked about before anything happens.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.core.change import Notice
from domain.core.immutable import replace
from domain.core.said import bare
from domain.people.people import admit, may_try
from handlers.core.context import rows
from texts import Text, plain

if TYPE_CHECKING:
    from domain.core.change import Button
    from handlers.core.context import HandlerContext
    from storage.core.chats import Shown

#: Buttons of messages that are older than this are not meant by a typed label.
FRESH = timedelta(days=3)
#: The last messages whose labels are read.
LOOKED_AT = 12
#: Buttons of a question which thing is meant.
MOST_ASKED = 6
#: A longer message is not a record in one sentence.
LONGEST_SENTENCE = 300
#: Buttons of dialogs: handlers/core/dialogs.py reads them, for the open question alone.
OF_DIALOGS = frozenset({"answer", "back", "cancel"})


async def press(ctx: HandlerContext, button: Button) -> None:
    """Do what a press of this button does; its toast is a message.

    Raises:
        RuleError: the policy of the route, or its handler, refuses.
    """
    route = ctx.hooks.understood.presses[button.verb]
    admit(ctx.actor, route.policy)
    ctx.incoming = replace(ctx.incoming, verb=button.verb, values=tuple(str(value) for value in button.args))
    before = ctx.told_here
    await route.handler(ctx)
    if ctx.toasted is not None and ctx.told_here == before:
        await ctx.reply(ctx.toasted.key, **ctx.toasted.params)


async def newest(ctx: HandlerContext, *verbs: str, about: int | None = None) -> Button | None:
    """Return the last button of this chat with one of these verbs, or None.

    `about`: its first argument.
    """
    shown = await ctx.unit.chats.last(ctx.incoming.address, since=ctx.at - FRESH, most=LOOKED_AT)
    meant = (button for each in shown for button in each.buttons if button.verb in verbs)
    return next((button for button in meant if about is None or button.args[:1] == (about,)), None)


def labelled(shown: Shown, word: str, language: str) -> Button | None:
    """Return the button of a message that has this label, or None."""
    return next((each for each in shown.buttons if each.verb not in OF_DIALOGS and _label(each, language) == word), None)


async def by_label(ctx: HandlerContext) -> bool:
    """Press the button whose label was typed; False for words that are not a label here."""
    word = bare(ctx.incoming.text)
    if not word:
        return False
    last = [each for each in await ctx.unit.chats.last(ctx.incoming.address, since=ctx.at - FRESH, most=LOOKED_AT) if each.buttons]
    found = [(each, button) for each in last if (button := labelled(each, word, ctx.actor.language)) is not None]
    offered = list({(button.verb, button.args): (each, button) for each, button in reversed(found)}.values())[::-1]
    known = await _known(ctx, word)
    if known is not None and all(button.verb == known.verb for _, button in offered):
        await press(ctx, known)
    elif len(offered) == 1 and (offered[0][0] is last[0] or _harmless(ctx, offered[0][1])):
        await press(ctx, offered[0][1])
    elif offered:
        await _ask_which(ctx, offered)
    else:
        return False
    return True


async def by_front(ctx: HandlerContext) -> bool:
    """Press the typed label of the last message with buttons; False for other words."""
    word = bare(ctx.incoming.text)
    last = await ctx.unit.chats.last(ctx.incoming.address, since=ctx.at - FRESH, most=LOOKED_AT) if word else []
    front = next((each for each in last if each.buttons), None)
    button = None if front is None else labelled(front, word, ctx.actor.language)
    if button is not None:
        await press(ctx, button)
    return button is not None


async def _known(ctx: HandlerContext, word: str) -> Button | None:
    """Return the button that a feature has for these words, if this person may press it."""
    for each in ctx.hooks.understood.typed.get(word, ()):
        if may_try(ctx.actor, ctx.hooks.understood.presses[each.button.verb].policy):
            button = each.button if each.meant is None else await each.meant(ctx)
            if button is not None:
                return button
    return None


def _harmless(ctx: HandlerContext, button: Button) -> bool:
    """Return whether an old button may be pressed by its words alone.

    It ends another person's wait, or opens something of one's own.
    """
    route = ctx.hooks.understood.presses[button.verb]
    return bool(route.free) or (bool(route.about_oneself) and not button.args)


async def _ask_which(ctx: HandlerContext, offered: list[tuple[Shown, Button]]) -> None:
    """Show the buttons that were meant, each with the number of its thing."""
    buttons = []
    for shown, button in offered[:MOST_ASKED]:
        number = shown.subject.partition(":")[2] or (str(button.args[0]) if button.args else "")
        params = {"label": Text(button.label, **button.params) if button.params else Text(button.label), "number": number}
        buttons.append(replace(button, label="talk.button.this", params=params))
    subjects = tuple(dict.fromkeys(shown.subject for shown, _ in offered if shown.subject))
    subject = subjects[0] if len(subjects) == 1 else ""
    key = "talk.which" if len(buttons) > 1 else "talk.sure"
    await ctx.notify(Notice(ctx.origin, key, {}, rows(*buttons, width=1), subject=subject))


def _label(button: Button, language: str) -> str:
    return bare(plain(button.label, language, **button.params))


async def by_reply(ctx: HandlerContext, *, besides: int | None = None) -> bool:
    """Give a reply to the thing that the answered message is about; False for others.

    `besides`: the number of the thing that an open dialog is about; its own question takes the words.
    """
    said = ctx.incoming
    shown = await ctx.unit.chats.find(said.address, said.reply_to) if said.reply_to else None
    if shown is None:
        return False
    word = bare(said.text)
    button = labelled(shown, word, ctx.actor.language) if word and said.media is None else None
    if button is not None:
        await press(ctx, button)
        return True
    kind, _, number = shown.subject.partition(":")
    take = ctx.hooks.understood.replies.get(kind)
    if take is None or not number.isdecimal() or int(number) == besides:
        return False
    return await take(ctx, int(number))


async def by_sentence(ctx: HandlerContext) -> bool:
    """Take a record in one sentence; False when no feature reads one."""
    text = ctx.incoming.text
    if not text or len(text) > LONGEST_SENTENCE or ctx.incoming.forwarded:
        return False
    for each in ctx.hooks.understood.sentences:
        if may_try(ctx.actor, each.policy):
            found = each.read(text, ctx.at, ctx.town.zone)
            if found is not None and await each.take(ctx, found):
                return True
    return False


async def by_code(ctx: HandlerContext, digits: str) -> bool:
    """Take digits as a code of a feature; False when no feature knows them."""
    for take in ctx.hooks.understood.codes:
        if await take(ctx, digits):
            return True
    return False
