"""Message parts that people and the bot handle alike.

Content, origin, the embedded form and buttons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.core.wire import Json

GENERAL = 1
CONTENT = [
    "text",
    "entities",
    "photo",
    "document",
    "voice",
    "location",
    "venue",
    "contact",
    "poll",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "link_preview_options",
]


def copied(message: Json) -> Json:
    """The content of a message without its circumstances."""
    return {name: message[name] for name in CONTENT if name in message}


def origin_of(message: Json) -> Json:
    """The field that says whose message it was first."""
    if "forward_origin" in message:
        return {"forward_origin": message["forward_origin"]}
    if "sender_chat" in message:
        return {"forward_origin": {"type": "chat", "date": message["date"], "sender_chat": message["sender_chat"]}}
    return {"forward_origin": {"type": "user", "date": message["date"], "sender_user": message["from"]}}


def flat(message: Json) -> Json:
    """A message as it is embedded in another: without the one it answers."""
    return {key: value for key, value in message.items() if key != "reply_to_message"}


def has_button(markup: Json | None, data: str) -> bool:
    """Return whether an inline keyboard has a button with that callback data."""
    rows = (markup or {}).get("inline_keyboard", [])
    return any(button.get("callback_data") == data for row in rows for button in row)
