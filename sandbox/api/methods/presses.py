"""Answers button presses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core.errors import bad_request
from sandbox.world.world import CALLBACK_S

if TYPE_CHECKING:
    from sandbox.api.arguments import Arguments
    from sandbox.world.world import World

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
TOAST_CHARS = 200


def answer_callback_query(world: World, args: Arguments) -> bool:
    """Stop the button's spinner and show a text. Raise 400 later than 15 s after the press."""
    number = args.text("callback_query_id")
    press = world.presses.get(number)
    if press is None or world.clock.now() - press.at > CALLBACK_S:
        world.presses.pop(number, None)
        raise bad_request(TOO_OLD)
    text = args.text("text")
    if len(text) > TOAST_CHARS:
        raise bad_request("MESSAGE_TOO_LONG")
    url = args.text("url")
    if url and not url.startswith(("https://t.me/", "http://t.me/", "tg://")):
        raise bad_request("URL_INVALID")
    world.events.add(
        "callback_answered",
        user_id=press.user_id,
        callback_query_id=number,
        text=text,
        show_alert=args.boolean("show_alert"),
    )
    return True
