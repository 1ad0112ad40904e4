"""Turn an outbox row into Bot API calls.

Knows how a row looks on a phone: text, buttons, card or picture, and what of it a channel can show; must not decide whether it is sent.
Invariant: a text that the server cannot parse or that is too long still arrives, plain and in parts; content that a channel cannot show is described in words.
"""

from __future__ import annotations

import html
import io
import re
import struct
import zlib
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest, InvalidToken

from bot.telegram.capabilities import TELEGRAM, ButtonKind, EditKind, Markup, TextLimit, Unit
from bot.telegram.incoming import id_or_none
from domain.core.change import NO_KEYBOARD
from domain.core.numbers import utf16_len
from storage.values import from_us
from texts import plain, render
from texts.voices import FOLDER as VOICES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.telegram.channel import Channel
    from domain.core.change import Button
    from domain.core.town import Town
    from storage.core.outbox import Outgoing

TAGS = re.compile(r"</?[a-z][^>]*>")
MEDIA_METHODS = {
    "photo": "sendPhoto",
    "voice": "sendVoice",
    "video": "sendVideo",
    "document": "sendDocument",
    "audio": "sendAudio",
    "animation": "sendAnimation",
}
#: What the bot makes itself or has with it: type of media → how a channel shows it.
OWN_MEDIA = {"qr": "photo", "own": "voice"}
UNCHANGED = "message is not modified"
#: The answer to a change of the text of a photo.
IS_A_PHOTO = "there is no text in the message to edit"
#: What a server says to a file of another server's: its number means nothing there.
ELSEWHERE = ("wrong file identifier", "wrong remote file")
LOST = ("message to edit not found", "message can't be edited", "message_id_invalid")


@dataclass(slots=True)
class Sending:
    """A row in the course of being sent: its channel, its town and the message of its card.

    The town gives the time zone and links. `said`: how many of the row's messages the server has accepted; `place`: the one in flight;
    `paced`: awaited before each after the first.
    """

    row: Outgoing
    channel: Channel
    town: Town
    hanging: int | None = None
    paced: Callable[[], Awaitable[None]] | None = None
    said: int = 0
    place: int = 0


async def send(sending: Sending) -> int | None:
    """Send or edit a row's messages; return the last message's id, None when there is none.

    Messages that the server has accepted before are not sent again.

    Raises:
        TelegramError: the server's refusal, by kind; `sending.said` is how many messages were accepted.
    """
    row = sending.row
    text = _text(sending)
    edits = sending.channel.can.edits.kind is EditKind.ALWAYS
    if sending.hanging is not None and not row.as_new_message and edits and await _edit(sending, sending.hanging, text):
        return sending.hanging
    sending.said = row.said
    message_id = None
    for place, say in enumerate(_messages_of(sending, text)):
        if place < sending.said:
            continue
        sending.place = place
        if place and sending.paced is not None:
            await sending.paced()
        message_id = await say()
        sending.said += 1
    return message_id


def _text(sending: Sending) -> str:
    row = sending.row
    text = render(row.key, row.language, zone=sending.town.zone.key, **row.params)
    return f"{text}\n{render('system.repeat', row.language)}" if row.ambiguous else text


async def _edit(sending: Sending, message_id: int, text: str) -> bool:
    """Edit the message that shows a card; False when it is gone and a new one is needed."""
    row = sending.row
    try:
        await sending.channel.call(
            "editMessageText",
            chat_id=row.address.chat_id,
            message_id=message_id,
            **_written(sending, _cut(text, sending.channel.can.text)),
            reply_markup=_markup(sending) or {"inline_keyboard": []},
        )
    except BadRequest as error:
        words = error.message.lower()
        if UNCHANGED in words:
            return True
        if IS_A_PHOTO in words:
            return await _replace_photo(sending, message_id, text)
        if any(lost in words for lost in LOST):
            return False
        raise
    return True


async def _replace_photo(sending: Sending, message_id: int, text: str) -> bool:
    """Put a blank picture with the new words in the place of a card's photo.

    False when it is gone, so that a new message is needed: a server without this method deletes it.
    """
    can = sending.channel.can
    written = _written(sending, split(text, can.text._replace(most=min(can.text.caption, can.text.most)))[0])
    picture = {"type": "photo", "media": "attach://blank", "caption": written["text"], "parse_mode": written["parse_mode"]}
    try:
        await sending.channel.call(
            "editMessageMedia",
            chat_id=sending.row.address.chat_id,
            message_id=message_id,
            media=picture,
            blank=blank_png(),
            reply_markup=_markup(sending) or {"inline_keyboard": []},
        )
    except (BadRequest, InvalidToken):
        await _delete(sending, message_id)
        return False
    return True


def _messages_of(sending: Sending, text: str) -> Sequence[Callable[[], Awaitable[int | None]]]:
    """Return one call per message of a row; the buttons are on the last message.

    A picture carries its text as a caption; text that does not fit there is sent beside it.
    """
    media = sending.row.media or {}
    kind, can = media.get("type", ""), sending.channel.can
    if kind == "location" and not can.location_out:
        text = f"{text}\n{render('system.place', sending.row.language, latitude=media['latitude'], longitude=media['longitude'])}"
        kind = ""
    elif OWN_MEDIA.get(kind, kind) not in can.media_out and kind not in ("location", "delete"):
        if kind in MEDIA_METHODS:
            text = _without_file(sending, text)
        kind = ""
    if kind == "delete":
        return [partial(_delete_and_say, sending, text)]
    parts = split(text, can.text)
    said = [partial(_send_part, sending, part, None) for part in parts[:-1]] + [partial(_send_part, sending, parts[-1], _markup(sending))]
    if kind == "location":
        return [partial(_send_place, sending), *said]
    if kind not in MEDIA_METHODS and kind not in OWN_MEDIA:
        return said
    instead = partial(_send_part, sending, split(_without_file(sending, text), can.text)[0], _markup(sending))
    if length(TAGS.sub("", text), can.text.unit) <= can.text.caption:
        written = _written(sending, text)
        words = {"caption": written["text"], "parse_mode": written["parse_mode"], "reply_markup": _markup(sending)}
        return [partial(_send_media, sending, words, instead)]
    return [
        partial(_send_media, sending, {}, partial(_send_part, sending, render("system.file_elsewhere", sending.row.language), None)),
        *said,
    ]


def _without_file(sending: Sending, text: str) -> str:
    """Return the words of a message whose picture, voice or paper cannot be shown here."""
    return f"{text}\n{render('system.file_elsewhere', sending.row.language)}".lstrip("\n")


def _written(sending: Sending, text: str) -> dict[str, Any]:
    """Return a text as the channel reads it."""
    if sending.channel.can.text.markup is Markup.HTML:
        return {"text": text, "parse_mode": "HTML"}
    return {"text": html.unescape(TAGS.sub("", text)), "parse_mode": None}


async def _send_part(sending: Sending, text: str, markup: dict[str, Any] | None) -> int | None:
    row = sending.row
    fields = _common(sending) | _written(sending, text) | {"reply_markup": markup, "link_preview_options": {"is_disabled": True}}
    try:
        return _id(await sending.channel.call("sendMessage", **fields))
    except BadRequest as error:
        if row.attempts == 0 or "can't parse entities" not in error.message.lower():
            raise
        return _id(await sending.channel.call("sendMessage", **fields | {"text": html.unescape(TAGS.sub("", text)), "parse_mode": None}))


async def _send_place(sending: Sending) -> int | None:
    media = sending.row.media or {}
    return _id(await sending.channel.call("sendLocation", **_common(sending), latitude=media["latitude"], longitude=media["longitude"]))


async def _delete_and_say(sending: Sending, text: str) -> int | None:
    """Delete a person's message, then say why and whether it is gone; `quietly`: say nothing."""
    media, row = sending.row.media or {}, sending.row
    deleted = await _delete(sending, media["message_id"])
    if media.get("quietly"):
        return None
    line = render("system.deleted" if deleted else "system.delete_it", row.language)
    return await _send_part(sending, f"{text}\n{line}", _markup(sending))


async def _delete(sending: Sending, message_id: int) -> bool:
    """Delete a message; return whether it is gone.

    A group may not allow it, and a message may be too old.
    """
    if not sending.channel.can.deletes:
        return False
    try:
        await sending.channel.call("deleteMessage", chat_id=sending.row.address.chat_id, message_id=message_id)
    except (BadRequest, InvalidToken) as error:  # the latter also when a server does not know the method
        return "message to delete not found" in error.message.lower()
    return True


async def _send_media(sending: Sending, words: dict[str, Any], instead: Callable[[], Awaitable[int | None]]) -> int | None:
    """Send a file with its words; `instead` where the file is another channel's.

    An own file is uploaded once and named by its id afterwards, until a server no longer knows it.
    """
    media, uploaded = sending.row.media or {}, sending.channel.uploaded
    kind = OWN_MEDIA.get(media["type"], media["type"])
    name = media["name"] if media["type"] == "own" else ""
    if media["type"] == "qr":
        content: Any = qr_png(media["data"])
    else:
        content = (uploaded.get(name) or own_file(name)) if name else media["file_id"]
    try:
        result = await sending.channel.call(MEDIA_METHODS[kind], **_common(sending), **words, **{kind: content})
    except BadRequest as error:
        if isinstance(content, bytes) or not any(known in error.message.lower() for known in ELSEWHERE):
            raise
        if uploaded.pop(name, None) is None:
            return await instead()
        return await _send_media(sending, words, instead)
    if name and isinstance(file_id := _file_id(result, kind), str):
        uploaded[name] = file_id
    return _id(result)


def _common(sending: Sending) -> dict[str, Any]:
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
    }


def _markup(sending: Sending) -> dict[str, Any] | None:
    row = sending.row
    can = sending.channel.can
    if row.ask == NO_KEYBOARD:
        return {"remove_keyboard": True} if can.location_in or can.contact_in else None
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


def _cut(text: str, limit: TextLimit) -> str:
    """Return a text that fits an edited message."""
    return split(text, limit)[0]


def _id(result: Any) -> int | None:
    """Return a sent message's number; None when the answer has no number that can be stored.

    The message counts as sent in both cases.
    """
    return id_or_none(result.get("message_id")) if isinstance(result, dict) else None


def _file_id(result: Any, kind: str) -> Any:
    """Return the id under which a server keeps a sent file; None when it does not say."""
    file = result.get(kind) if isinstance(result, dict) else None
    return file.get("file_id") if isinstance(file, dict) else None


def own_file(name: str) -> bytes:
    """Return a sound of texts/voices/."""
    return (VOICES / f"{name}.ogg").read_bytes()


@cache
def blank_png() -> bytes:
    """Return a small grey picture as PNG."""
    side = 64

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    lines = (b"\x00" + b"\xcc" * side) * side
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def qr_png(data: str) -> bytes:
    """Return a QR code as PNG."""
    import segno  # imported here: rarely needed, and it costs a megabyte

    buffer = io.BytesIO()
    segno.make(data, error="m").save(buffer, kind="png", scale=8, border=3)
    return buffer.getvalue()
