"""Write a row as the fields of a Bot API call: its text, its buttons, where it goes.

Knows the limits and the markup of a channel; must not know methods that send or edit. Invariant: a text that is too long is split where a
line ends, and nothing of it is lost.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.telegram.capabilities import TELEGRAM, ButtonKind, Markup, TextLimit, Unit
from bot.telegram.incoming import id_or_none
from domain.core.change import NO_KEYBOARD
from domain.core.numbers import utf16_len
from storage.values import from_us
from texts import plain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.telegram.channel import Channel
    from domain.core.change import Button
    from domain.core.town import Town
    from storage.core.outgoing import Outgoing

TAGS = re.compile(r"</?[a-z][^>]*>")


@dataclass(slots=True)
class Sending:
    """A row in the course of being sent: its channel, its town and the message of its card.

    The town gives the time zone and links. `hanging`: the message that shows its card now; `picture`: the file that this message shows, or that
    the sent one shows afterwards; `beside`: the card's picture does not fit beside its words, and follows as a message of its own; `gone`: the
    message that showed it is not there any more. `said`: how
    many of the row's messages the server has accepted; `place`: the one in flight; `paced`: awaited before each after the first.
    """

    row: Outgoing
    channel: Channel
    town: Town
    hanging: int | None = None
    paced: Callable[[], Awaitable[None]] | None = None
    said: int = 0
    place: int = 0
    picture: str = ""
    beside: bool = False
    gone: bool = False


def written(sending: Sending, text: str) -> dict[str, Any]:
    """Return a text as the channel reads it."""
    if sending.channel.can.text.markup is Markup.HTML:
        return {"text": text, "parse_mode": "HTML"}
    return {"text": html.unescape(TAGS.sub("", text)), "parse_mode": None}


def common(sending: Sending) -> dict[str, Any]:
    """Return the fields of every send.

    `request_id`: the same for the same message of a row, so that a server can recognise a repeat.
    """
    row = sending.row
    return {
        "request_id": f"{row.unique_key}#{sending.place}" if sending.place else row.unique_key,
        "chat_id": row.address.chat_id,
        "message_thread_id": row.address.thread_id or None,
        "disable_notification": True if row.silent else None,
        "protect_content": True if row.protect else None,
        "reply_parameters": None if row.answers is None else {"message_id": row.answers, "allow_sending_without_reply": True},
    }


def markup(sending: Sending) -> dict[str, Any] | None:
    """Return the buttons of a row as the channel can show them; None without any."""
    row = sending.row
    can = sending.channel.can
    if row.keyboard is not None and not row.buttons and can.keyboard:
        return _standing(row.keyboard)
    if row.ask == NO_KEYBOARD:
        return {"remove_keyboard": True} if can.location_in or can.contact_in or can.keyboard else None
    if row.ask and (can.location_in if row.ask == "location" else can.contact_in):
        label = plain(f"system.send_{row.ask}", row.language)
        return {
            "keyboard": [[{"text": label, f"request_{row.ask}": True}]],
            "resize_keyboard": True,
            "one_time_keyboard": True,
        }
    if can.buttons.kind is ButtonKind.NONE:
        return None
    shown = [[button for button in line if button.url or can.buttons.kind is ButtonKind.CALLBACK] for line in row.buttons]
    lines = [line[start : start + can.buttons.per_row] for line in shown for start in range(0, len(line), can.buttons.per_row)]
    return {"inline_keyboard": [[_button(sending, button) for button in line] for line in lines]} if lines else None


def _standing(labels: tuple[str, ...]) -> dict[str, Any]:
    """Return the keyboard that stays under the chat; without labels it is taken away."""
    if not labels:
        return {"remove_keyboard": True}
    return {"keyboard": [[{"text": label} for label in labels]], "resize_keyboard": True, "is_persistent": True}


def _button(sending: Sending, button: Button) -> dict[str, str]:
    label, most = plain(button.label, sending.row.language, **button.params), sending.channel.can.buttons.label
    if len(label) > most:
        label = f"{label[: most - 1]}…"
    if button.url:
        return {"text": label, "url": button.url}
    return {
        "text": label,
        "callback_data": sending.channel.signer.write(
            button.verb, button.args, chat_id=sending.row.address.chat_id, made_at=from_us(sending.row.created_at)
        ),
    }


def caption(sending: Sending, text: str) -> dict[str, Any]:
    """Return a text as the words of a picture."""
    words = written(sending, text)
    return {"caption": words["text"], "parse_mode": words["parse_mode"]}


def fits_caption(sending: Sending, text: str) -> bool:
    """Tell whether a text fits under a picture."""
    limit = sending.channel.can.text
    return length(TAGS.sub("", text), limit.unit) <= limit.caption


def length(text: str, unit: Unit) -> int:
    """Measure a text as a channel does."""
    match unit:
        case Unit.UTF16:
            return utf16_len(text)
        case Unit.BYTES:
            return len(text.encode("utf-8", "surrogatepass"))
    return len(text)


def split(text: str, limit: TextLimit = TELEGRAM.text) -> list[str]:
    """Split a text into messages that a channel accepts, at line ends where possible.

    Telegram's limit is 4,096 UTF-16 units. A text that must be split loses its tags.
    """
    widest = 4 if limit.unit is Unit.BYTES else 2
    if widest * len(text) <= limit.most or length(text, limit.unit) <= limit.most:
        return [text]
    bare = html.unescape(TAGS.sub("", text))
    parts: list[str] = []
    while bare:
        piece = _longest_piece(bare, _room(limit))
        parts.append(html.escape(piece.rstrip("\n"), quote=False))
        bare = bare[len(piece) :]
    return [part for part in parts if part.strip()] or [""]


def _room(limit: TextLimit) -> int:
    """Return how many characters fit in any case (2,000 of Telegram's units).

    All are counted as the widest ones, with some room for escapes.
    """
    return max(16, limit.most // (4 if limit.unit is Unit.BYTES else 2) - (48 if limit.most >= 1000 else 0))


def _longest_piece(text: str, limit: int) -> str:
    """Return the head of a text: at most `limit` characters, ending at a line end if possible."""
    if len(text) <= limit:
        return text
    end = text.rfind("\n", limit // 2, limit)
    return text[: end + 1] if end > 0 else text[:limit]


def cut(text: str, limit: TextLimit) -> str:
    """Return a text that fits an edited message."""
    return split(text, limit)[0]


def sent_id(result: Any) -> int | None:
    """Return a sent message's number; None when the answer has no number that can be stored.

    The message counts as sent in both cases.
    """
    return id_or_none(result.get("message_id")) if isinstance(result, dict) else None


def file_id_of(result: Any, kind: str) -> Any:
    """Return the id under which a server keeps a sent file; None when it does not say."""
    file = result.get(kind) if isinstance(result, dict) else None
    return file.get("file_id") if isinstance(file, dict) else None
