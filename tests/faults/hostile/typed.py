"""People at phones whose words take production's way in.

The way: Bot API JSON → `bot.telegram.incoming.read` → the harness.
"""

from __future__ import annotations

import itertools
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from bot.telegram.buttons import Signer
from bot.telegram.incoming import read
from handlers.core.context import HandlerContext, Incoming

if TYPE_CHECKING:
    from tests.handler_harness import Voice

BOT_NAME = "tongxin_bot"
SIGNER = Signer("700700:CANARY")
_NUMBERS = itertools.count(1)


def message_of(voice: Voice, text: str, /, *, chat: int | None = None, title: str = "", **more: Any) -> dict[str, Any]:
    """Return the `message` update of somebody who types something."""
    number = next(_NUMBERS)
    where: dict[str, Any] = {"id": voice.user_id, "type": "private", "first_name": voice.name}
    if chat is not None:
        where = {"id": chat, "type": "supergroup", "title": title}
    sender = {
        "id": voice.user_id,
        "is_bot": False,
        "first_name": voice.name,
        "language_code": "zh-hans" if voice.language == "zh" else "en",
    }
    at_s = int(voice.harness.at.timestamp())
    return {"update_id": number, "message": {"message_id": number, "date": at_s, "from": sender, "chat": where, "text": text} | more}


def as_read(update: dict[str, Any]) -> Incoming | None:
    """Return production's reading of an update."""
    return read(update, channel="telegram", bot_name=BOT_NAME, signer=SIGNER)


async def types(voice: Voice, text: str, /, *, chat: int | None = None, title: str = "", **more: Any) -> HandlerContext | None:
    """Let somebody type something; `more` are fields of the message.

    Returns None if it cannot be read; production would quarantine it.
    """
    return await comes(voice, message_of(voice, text, chat=chat, title=title, **more))


async def comes(voice: Voice, update: dict[str, Any]) -> HandlerContext | None:
    """Let an update of somebody's come in; None when it cannot be read."""
    try:
        incoming = as_read(update)
    except ValueError:
        return None
    assert incoming is not None
    facts = {each.name: getattr(incoming, each.name) for each in fields(Incoming) if each.name != "text"}
    return await voice.harness.comes_in(voice, incoming.text, **facts)


async def taps(voice: Voice, label: str) -> bool:
    """Press a button by its label if there is one; return whether there was."""
    for heard in reversed(await voice.heard()):
        for shown, (verb, args) in heard.buttons.items():
            if label in shown:
                await voice.presses_raw(verb, *args)
                return True
    return False
