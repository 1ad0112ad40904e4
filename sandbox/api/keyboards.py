"""Checks reply markup as the Bot API does, and returns it without defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.core.errors import bad_request

if TYPE_CHECKING:
    from sandbox.core.wire import Json

BUTTONS = 100
IN_A_ROW = 8
DATA_BYTES = 64
COPY_CHARS = 256
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
LOOKS = ("style", "icon_custom_emoji_id")


def checked(markup: Json | None, *, private: bool) -> Json | None:
    """Return the markup as people see it; None for `{}` and None.

    Raise 400 for markup that Telegram refuses.
    """
    if not markup:
        return None
    if "inline_keyboard" in markup:
        rows = [[_inline(button) for button in row] for row in _rows(markup["inline_keyboard"])]
        return {"inline_keyboard": rows} if rows else None
    if "keyboard" in markup:
        rows = [[_key(button, private=private) for button in row] for row in _rows(markup["keyboard"])]
        if not rows:
            raise bad_request("reply keyboard is empty")
        return {**markup, "keyboard": rows}
    if markup.get("remove_keyboard") is True or markup.get("force_reply") is True:
        return markup
    raise bad_request("object expected as reply markup")


def _rows(value: Any) -> list[list[Any]]:
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    rows = [row for row in value if row]
    if sum(map(len, rows)) > BUTTONS or any(len(row) > IN_A_ROW for row in rows):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return rows


def _label(button: Json) -> str:
    label = button.get("text")
    if not isinstance(label, str) or not label.strip():
        raise bad_request("can't parse inline keyboard button: Text button must be non-empty")
    return label


def _inline(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    label = _label(button)
    actions = [name for name in ACTIONS if button.get(name) is not None]
    if len(actions) != 1:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    action = actions[0]
    value = button[action]
    if action == "callback_data" and not (isinstance(value, str) and 1 <= len(value.encode()) <= DATA_BYTES):
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url" and not _is_link(value):
        raise bad_request("BUTTON_URL_INVALID")
    if action == "copy_text" and not 1 <= len(str(value.get("text", ""))) <= COPY_CHARS:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return {"text": label, action: value} | {key: button[key] for key in LOOKS if button.get(key)}


def _is_link(value: object) -> bool:
    if not isinstance(value, str):
        return False
    parts = urlsplit(value)
    if parts.scheme == "tg":
        return True
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _key(button: Any, *, private: bool) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be an Object")
    _label(button)
    if not private:
        for field, what in (("request_contact", "phone number"), ("request_location", "location"), ("request_poll", "polls")):
            if button.get(field):
                raise bad_request(f"{what} can be requested in private chats only")
    return button
