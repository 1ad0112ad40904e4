"""Send what is not words: pictures, recordings, papers, albums, places.

Knows the methods, and what a server says to a file that it cannot show; must not decide whether something is sent. Invariant: a file that
cannot be shown becomes words that say so, so that no message waits permanently because of its file.
"""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest, InvalidToken

from bot.delivery.outcomes import GONE
from bot.delivery.wording import Sending, caption, common, file_id_of, sent_id
from texts import render
from texts.voices import FOLDER as VOICES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MEDIA_METHODS = {
    "photo": "sendPhoto",
    "voice": "sendVoice",
    "video": "sendVideo",
    "video_note": "sendVideoNote",
    "document": "sendDocument",
    "audio": "sendAudio",
    "animation": "sendAnimation",
}
#: What the bot makes itself or has with it: type of media → how a channel shows it.
OWN_MEDIA = {"qr": "photo", "own": "voice"}
#: Media that no words can stand under.
BARE = frozenset({"video_note"})
#: What a server says to a file of another server's, and to one that this person does not accept: a repeat changes nothing.
UNSHOWN = ("wrong file identifier", "wrong remote file", "voice_messages_forbidden")


async def send_media(sending: Sending, words: dict[str, Any], instead: Callable[[], Awaitable[int | None]]) -> int | None:
    """Send a file with its words; `instead` where it cannot be shown.

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
        result = await sending.channel.call(MEDIA_METHODS[kind], **common(sending), **words, **{kind: content})
    except (BadRequest, InvalidToken) as error:
        if isinstance(content, bytes) or not _unshown(sending, error):
            raise
        if uploaded.pop(name, None) is None:
            return await instead()
        return await send_media(sending, words, instead)
    if name and isinstance(known := file_id_of(result, kind), str):
        uploaded[name] = known
    return sent_id(result)


def _unshown(sending: Sending, error: BadRequest | InvalidToken) -> bool:
    """Tell whether the file is refused, and not the chat; others are tried once more first."""
    words = error.message.lower()
    if isinstance(error, InvalidToken):
        return "method not found" in words
    return any(known in words for known in UNSHOWN) or (sending.row.attempts > 0 and not any(gone in words for gone in GONE))


async def send_album(sending: Sending, text: str) -> int | None:
    """Send pictures or papers as one album with the words under the first.

    Where the server refuses the album, each is sent alone, so that one lost file hides no other.
    """
    items = (sending.row.media or {})["items"]
    for _ in items[1:]:
        await _paced(sending)
    media = [
        {"type": each["type"], "media": each["file_id"]} | (caption(sending, text) if not place else {}) for place, each in enumerate(items)
    ]
    try:
        result = await sending.channel.call("sendMediaGroup", **common(sending), media=media)
    except (BadRequest, InvalidToken) as error:
        if any(gone in error.message.lower() for gone in GONE):
            raise
        return await _one_by_one(sending, text, items)
    return sent_id(result[0]) if isinstance(result, list) and result else None


async def _one_by_one(sending: Sending, text: str, items: list[dict[str, Any]]) -> int | None:
    lost, first = 0, None
    for place, each in enumerate(items):
        fields = common(sending) | {"request_id": f"{sending.row.unique_key}#{place}"} | caption(sending, text)
        try:
            sent = sent_id(await sending.channel.call(MEDIA_METHODS[each["type"]], **fields, **{each["type"]: each["file_id"]}))
        except (BadRequest, InvalidToken):
            lost += 1
            continue
        first = first or sent
    if lost:
        words = render("system.files_elsewhere", sending.row.language, count=lost)
        last = common(sending) | {"request_id": f"{sending.row.unique_key}#lost"}
        return sent_id(await sending.channel.call("sendMessage", **last, text=f"{text}\n{words}", parse_mode="HTML")) or first
    return first


async def _paced(sending: Sending) -> None:
    if sending.paced is not None:
        await sending.paced()


async def send_place(sending: Sending) -> int | None:
    """Send a pin on the map."""
    media = sending.row.media or {}
    result = await sending.channel.call("sendLocation", **common(sending), latitude=media["latitude"], longitude=media["longitude"])
    return sent_id(result)


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
