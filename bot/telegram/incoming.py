"""Convert an update as the server sent it to plain values.

The only place that reads an update's JSON, and only the fields that are used: python-telegram-bot's objects take ten times as long to
build. Must not decide anything. Invariant: nothing that a person wrote is dropped here. Characters that cannot be shown or stored (NUL,
lone surrogates, direction overrides) are removed once, here. An invalid id is refused here, before anything is done or answered under it.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from domain.core.change import Address, ChatId
from domain.core.numbers import clean_name, clean_text
from handlers.core.context import Incoming

if TYPE_CHECKING:
    from bot.telegram.buttons import Signer

#: "/case 1011", and as people type it: ／case, 、case (the same key on a Chinese keyboard), /case#1011, /case：1011, /start上徐村.
COMMAND = re.compile(r"(?:[/／]|、(?=[a-z]))([a-z0-9_]{1,32})(?:@([a-z0-9_]{3,64}))?(?:[\s:：]+|(?=[^!-~])|(?=#)|$)", re.IGNORECASE)
#: Update kinds that the receiver asks for.
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
MEDIA = ("voice", "video", "document", "audio", "animation", "sticker", "video_note")
OUTSIDE = ("left", "kicked")
#: What a chat tells about itself: nobody wrote it, so nobody is answered.
SERVICE = (
    "pinned_message", "message_auto_delete_timer_changed", "chat_background_set", "boost_added", "gift", "unique_gift", "gift_upgrade_sent",
    "write_access_allowed", "users_shared", "chat_shared", "connected_website", "passport_data", "proximity_alert_triggered", "new_chat_title",
    "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created", "channel_chat_created", "video_chat_scheduled",
    "video_chat_started", "video_chat_ended", "video_chat_participants_invited", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
    "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created", "giveaway_completed",
    "successful_payment", "refunded_payment", "paid_message_price_changed", "direct_message_price_changed", "chat_owner_changed", "chat_owner_left",
    "new_chat_members", "left_chat_member", "suggested_post_approved", "suggested_post_declined", "checklist_tasks_done", "checklist_tasks_added",
)  # fmt: skip
#: Set by the receiving step in an update whose message held an ID number.
BLANKED = "id_number_blanked"
#: Set by the receiving step in a press that may have been made while nothing received: since when (microseconds).
UNSEEN_SINCE = "unseen_since"
TEXT_LIMIT = 4096
BIGGEST = 2**62

Json = dict[str, Any]


def read(update: Any, *, channel: str, bot_name: str, signer: Signer) -> Incoming | None:
    """Return the incoming event, or None for an update kind that nothing answers to.

    Raises:
        ValueError: an id is not a number that fits a column, a location is not on the globe, a name is not text.
        Exception: any other shape that Telegram does not send.
    """
    if "update_id" not in update:
        raise ValueError("no update")
    if (query := _object(update, "callback_query")) is not None:
        return _press(query, channel, signer, update.get(UNSEEN_SINCE))
    if (change := _object(update, "my_chat_member")) is not None:
        return _member(change, channel)
    if (message := _object(update, "message")) is not None:
        return _message(message, channel, bot_name, edited=False, blanked=update.get(BLANKED) is True)
    if (message := _object(update, "edited_message")) is not None:
        return _message(message, channel, bot_name, edited=True, blanked=update.get(BLANKED) is True)
    return None


def _message(message: Json, channel: str, bot_name: str, *, edited: bool, blanked: bool) -> Incoming | None:
    user, origin, answered = _object(message, "from"), _object(message, "forward_origin"), _object(message, "reply_to_message")
    anonymous = user is None or _object(message, "sender_chat") is not None
    if not message.get("text") and not message.get("migrate_to_chat_id") and any(name in message for name in SERVICE):
        return None
    text = clean_text(message.get("text") or message.get("caption") or "", TEXT_LIMIT)
    command, args = read_command(text, bot_name)
    return Incoming(
        **_common(user, _object(message, "chat"), channel, _topic(message)),
        message_id=_number(message["message_id"]),
        text=text,
        command=command,
        args=args,
        media=_media(message),
        album=_word(message.get("media_group_id") or ""),
        location=_location(message),
        place_name=_venue(message),
        contact=_contact(message),
        forwarded=origin is not None and not _is_own(origin, user),
        edited=edited,
        blanked=blanked,
        anonymous=anonymous,
        reply_to=_number(answered["message_id"]) if answered is not None else 0,
        to_me=answered is not None and _is_by(_object(answered, "from"), bot_name),
        moved_to=_moved_to(message),
        sent_at=_instant((message.get("edit_date") if edited else None) or message["date"]),
    )


def _press(query: Json, channel: str, signer: Signer, unseen_since: object = None) -> Incoming:
    user, message = query["from"], _object(query, "message")
    chat = _object(message, "chat") if message is not None else None
    chat_id = chat["id"] if chat is not None else user["id"]
    data = query.get("data") or ""
    verb, values = signer.read(data, chat_id=chat_id) or ("", ())
    return Incoming(
        **_common(user, chat, channel, _topic(message) if message is not None else 0),
        message_id=_number(message["message_id"]) if message is not None else 0,
        verb=verb,
        values=values,
        press_id=_word(query["id"]),
        sent_at=datetime.fromtimestamp(unseen_since / 1_000_000, UTC) if isinstance(unseen_since, int) else None,
        made_at=(signer.made_at(data) or _shown_at(message)) if verb else None,
    )


def _shown_at(message: Json | None) -> datetime | None:
    """Return when a message was sent or last edited: about the age of a button without a day."""
    date = 0 if message is None else message.get("edit_date") or message.get("date")
    return _instant(date) if isinstance(date, int) and date > 0 else None


def _member(change: Json, channel: str) -> Incoming:
    inside = change["new_chat_member"]["status"] not in OUTSIDE
    return Incoming(
        **_common(change["from"], _object(change, "chat"), channel, 0), member="in" if inside else "out", sent_at=_instant(change["date"])
    )


def _common(user: Json | None, chat: Json | None, channel: str, thread_id: int) -> Json:
    """Return the user and the chat. Only its user writes in a private chat."""
    user_id = _number(user["id"]) if user is not None else 0
    chat_id = _number(chat["id"]) if chat is not None else user_id
    private = chat is None or chat["type"] == "private"
    if chat_id == 0 or private != (chat_id > 0) or (private and chat_id != user_id):
        raise ValueError("nobody's chat")
    return {
        "address": Address(channel, ChatId(chat_id), _number(thread_id)),
        "user_id": user_id,
        "user_name": clean_name(_full_name(user)) if user is not None else "",
        "language": "en" if user is not None and (user.get("language_code") or "zh").split("-")[0] not in ("zh", "yue", "wuu") else "zh",
        "private": private,
        "chat_title": clean_name(chat.get("title") or "") if chat is not None else "",
    }


def _full_name(user: Json) -> str:
    first, last = user.get("first_name") or "", user.get("last_name")
    return f"{first} {last}" if last else first


def read_command(text: str, bot_name: str = "") -> tuple[str, str]:
    """Return a message's command and the words after it; both are empty for other messages.

    The command has no slash and is in lower case.
    """
    found = COMMAND.match(text)
    if found is None or (found[2] and found[2].lower() != bot_name.lower()):
        return "", ""
    return found[1].lower(), text[found.end() :].strip()


def _topic(message: Json) -> int:
    """Return the forum topic, 0 if there is none.

    A reply thread in a plain group has a number too, but no message can be sent to it.
    """
    return (message.get("message_thread_id") or 0) if message.get("is_topic_message") else 0


def _moved_to(message: Json) -> int:
    """Return the id of the supergroup that a group became, 0 if it did not.

    A group's data never goes to a person's chat, nor the other way.
    """
    target = _number(message.get("migrate_to_chat_id") or 0)
    if target > 0 or (target and message["chat"]["type"] == "private"):
        raise ValueError("not a group's new id")
    return target


def _is_by(author: Json | None, bot_name: str) -> bool:
    return bool(bot_name) and author is not None and (author.get("username") or "").lower() == bot_name.lower()


def _media(message: Json) -> Json | None:
    if message.get("photo"):
        return _file("photo", message["photo"][-1])
    return next((_file(kind, found) for kind in MEDIA if (found := _object(message, kind)) is not None), None)


def _file(kind: str, found: Json) -> Json:
    return {"type": kind, "file_id": _word(found["file_id"]), "file_unique_id": _word(found["file_unique_id"])}


def _location(message: Json) -> tuple[float, float] | None:
    place = _object(message, "location")
    return None if place is None else (_degrees(place["latitude"]), _degrees(place["longitude"]))


def _venue(message: Json) -> str:
    """Return the name and address of a venue, "" for none."""
    venue = _object(message, "venue")
    if venue is None:
        return ""
    return ", ".join(filter(None, (clean_name(str(venue.get(name) or "")) for name in ("title", "address"))))


def _contact(message: Json) -> Json | None:
    contact = _object(message, "contact")
    return None if contact is None else {"user_id": _number(contact.get("user_id") or 0), "phone": _word(contact["phone_number"])}


def _is_own(origin: Json, user: Json | None) -> bool:
    """Tell whether a forwarded message was written by the person who forwarded it."""
    sender = _object(origin, "sender_user") if origin["type"] == "user" else None
    return sender is not None and user is not None and sender["id"] == user["id"]


def _instant(seconds: object) -> datetime:
    return datetime.fromtimestamp(_number(seconds), UTC)


def _object(parent: Json, name: str) -> Json | None:
    """Return a part that is an object, or None when there is none."""
    found = parent.get(name)
    if found is not None and not isinstance(found, dict):
        raise ValueError(f"{name} is no object")
    return found


def id_or_none(value: object) -> int | None:
    """Return a number that fits every column, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < BIGGEST else None


def _number(value: object) -> int:
    if (number := id_or_none(value)) is None:
        raise ValueError("not an id")
    return number


def _word(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a word")
    value.encode()  # half of a surrogate pair cannot be stored anywhere
    return value


def _degrees(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 180:
        raise ValueError("not a place")
    return float(value)
