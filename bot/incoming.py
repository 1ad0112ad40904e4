"""From Telegram's objects to plain values.

The only place that reads an `Update`. Must not decide anything. Invariant: nothing that a person wrote is dropped here, and what cannot
be shown or stored (NUL, lone surrogates, direction overrides) is removed once, here; an id that is none is refused here, before anybody
acts or is answered under it.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from telegram import ChatMember, MessageOriginUser

from domain.change import Address, ChatId
from domain.numbers import clean_name, clean_text
from handlers.act import Incoming

if TYPE_CHECKING:
    from telegram import CallbackQuery, MaybeInaccessibleMessage, Message, Update, User

    from bot.buttons import Signer

COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:@([a-z0-9_]{3,64}))?(?:\s+|$)", re.IGNORECASE)
#: Update kinds the receiver asks for.
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
MEDIA = ("voice", "video", "document", "audio", "animation", "sticker", "video_note")
TEXT_LIMIT = 4096
BIGGEST = 2**62


def read(update: Update, *, channel: str, bot_name: str, signer: Signer) -> Incoming | None:
    """Return what came in, or None for a kind that nothing answers to.

    Raises:
        ValueError: an id is not a number that a column takes, a place is nowhere, a name is no text.
        Exception: any other shape that Telegram does not send.
    """
    if update.callback_query:
        return _press(update.callback_query, channel, signer)
    if update.my_chat_member:
        return _member(update, channel)
    message = update.message or update.edited_message
    return None if message is None else _message(message, channel, bot_name, edited=update.message is None)


def _message(message: Message, channel: str, bot_name: str, *, edited: bool) -> Incoming | None:
    user = message.from_user
    anonymous = user is None or message.sender_chat is not None
    text = clean_text(message.text or message.caption or "", TEXT_LIMIT)
    command, args = _command(text, bot_name)
    return Incoming(
        **_common(user, message.chat, channel, _topic(message)),
        message_id=_number(message.message_id),
        text=text,
        command=command,
        args=args,
        media=_media(message),
        album=_word(message.media_group_id or ""),
        location=(_degrees(message.location.latitude), _degrees(message.location.longitude)) if message.location else None,
        contact=_contact(message),
        forwarded=message.forward_origin is not None and not _own_forward(message),
        edited=edited,
        anonymous=anonymous,
        reply_to=_number(message.reply_to_message.message_id) if message.reply_to_message else 0,
        to_me=_is_by(message.reply_to_message, bot_name),
        moved_to=_moved_to(message),
        sent_at=message.date,
    )


def _press(query: CallbackQuery, channel: str, signer: Signer) -> Incoming:
    message = query.message
    chat = message.chat if message is not None else None
    chat_id = chat.id if chat is not None else query.from_user.id
    verb, values = signer.read(query.data or "", chat_id=chat_id) or ("", ())
    return Incoming(
        **_common(query.from_user, chat, channel, _topic(message)),
        message_id=_number(message.message_id) if message is not None else 0,
        verb=verb,
        values=values,
        press_id=_word(query.id),
    )


def _member(update: Update, channel: str) -> Incoming:
    change = update.my_chat_member
    assert change is not None
    inside = change.new_chat_member.status not in (ChatMember.LEFT, ChatMember.BANNED)
    return Incoming(**_common(change.from_user, change.chat, channel, 0), member="in" if inside else "out", sent_at=change.date)


def _common(user: User | None, chat: Any, channel: str, thread_id: int) -> dict[str, Any]:
    """Return who and where; a private chat is its owner's, and nobody else speaks there."""
    user_id = _number(user.id) if user is not None else 0
    chat_id = _number(chat.id) if chat is not None else user_id
    private = chat is None or chat.type == "private"
    if chat_id == 0 or private != (chat_id > 0) or (private and chat_id != user_id):
        raise ValueError("nobody's chat")
    return {
        "address": Address(channel, ChatId(chat_id), _number(thread_id)),
        "user_id": user_id,
        "user_name": clean_name(user.full_name or "") if user is not None else "",
        "language": "en" if user is not None and (user.language_code or "zh").split("-")[0] not in ("zh", "yue", "wuu") else "zh",
        "private": private,
        "chat_title": clean_name(chat.title or "") if chat is not None else "",
    }


def _command(text: str, bot_name: str) -> tuple[str, str]:
    found = COMMAND.match(text)
    if found is None or (found[2] and found[2].lower() != bot_name.lower()):
        return "", ""
    return found[1].lower(), text[found.end() :].strip()


def _topic(message: MaybeInaccessibleMessage | None) -> int:
    """Return the forum topic; a thread of answers in a plain group has a number too, which nothing can be sent to."""
    return (getattr(message, "message_thread_id", None) or 0) if getattr(message, "is_topic_message", None) else 0


def _moved_to(message: Message) -> int:
    """Return the supergroup that a group became; nothing of a group's goes to a person's chat, nor the other way."""
    target = _number(message.migrate_to_chat_id or 0)
    if target > 0 or (target and message.chat.type == "private"):
        raise ValueError("not a group's new id")
    return target


def _is_by(message: Message | None, bot_name: str) -> bool:
    author = message.from_user if message is not None else None
    return bool(bot_name) and author is not None and (author.username or "").lower() == bot_name.lower()


def _media(message: Message) -> dict[str, Any] | None:
    if message.photo:
        largest = message.photo[-1]
        return _file("photo", largest)
    for kind in MEDIA:
        found = getattr(message, kind)
        if found is not None:
            return _file(kind, found)
    return None


def _file(kind: str, found: Any) -> dict[str, Any]:
    return {"type": kind, "file_id": _word(found.file_id), "file_unique_id": _word(found.file_unique_id)}


def _contact(message: Message) -> dict[str, Any] | None:
    contact = message.contact
    return None if contact is None else {"user_id": _number(contact.user_id or 0), "phone": _word(contact.phone_number)}


def _own_forward(message: Message) -> bool:
    origin = message.forward_origin
    return isinstance(origin, MessageOriginUser) and message.from_user is not None and origin.sender_user.id == message.from_user.id


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= BIGGEST:
        raise ValueError("not an id")
    return value


def _word(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a word")
    value.encode()  # half a character can be stored nowhere
    return value


def _degrees(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 180:
        raise ValueError("not a place")
    return float(value)
