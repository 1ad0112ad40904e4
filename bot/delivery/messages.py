"""Turn an outbox row into Bot API calls.

Knows how a row looks on a phone: text, buttons, card or picture, and what of it a channel can show; must not decide whether it is sent.
Invariant: a text that the server cannot parse or that is too long still arrives, plain and in parts; content that a channel cannot show is described in words.
"""

from __future__ import annotations

import html
from functools import partial
from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest

from bot.delivery.editing import BESIDE, KEEP, delete, edit, retire
from bot.delivery.media import BARE, MEDIA_METHODS, OWN_MEDIA, send_album, send_media, send_place
from bot.delivery.wording import TAGS, Sending, caption, common, cut, fits_caption, markup, sent_id, split, written
from bot.telegram.capabilities import EditKind
from texts import render

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

#: Media that are no file.
_NO_FILE = ("location", "delete", "retire", "album", KEEP)


async def send(sending: Sending) -> int | None:
    """Send or edit a row's messages; return the last message's id, None when there is none.

    Messages that the server has accepted before are not sent again.

    Raises:
        TelegramError: the server's refusal, by kind; `sending.said` is how many messages were accepted.
    """
    row = sending.row
    text = _text(sending)
    edits = sending.channel.can.edits.kind is EditKind.ALWAYS
    if sending.hanging is not None and not row.as_new_message and edits and await edit(sending, sending.hanging, text):
        return sending.hanging
    sending.said, sending.picture = row.said, ""
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


def _messages_of(sending: Sending, text: str) -> Sequence[Callable[[], Awaitable[int | None]]]:
    """Return one call per message of a row; the buttons are on the last message.

    A picture carries its text as a caption; text that does not fit there is sent beside it. The words of a card come first then, and the
    picture follows as a reply to them.
    """
    media = sending.row.media or {}
    kind, can = media.get("type", ""), sending.channel.can
    if kind == "location" and not can.location_out:
        text = f"{text}\n{render('system.place', sending.row.language, latitude=media['latitude'], longitude=media['longitude'])}"
        kind = ""
    elif OWN_MEDIA.get(kind, kind) not in can.media_out and kind not in _NO_FILE:
        if kind in MEDIA_METHODS:
            text = _without_file(sending, text)
        kind = ""
    match kind:
        case "delete":
            return [partial(_delete_and_say, sending, text)]
        case "retire":
            return [partial(retire, sending, text)]
        case "album":
            return [partial(send_album, sending, text)]
    parts = split(text, can.text)
    said = [partial(_send_part, sending, part, None) for part in parts[:-1]] + [partial(_send_part, sending, parts[-1], markup(sending))]
    if kind == "location":
        return [partial(send_place, sending), *said]
    if kind not in MEDIA_METHODS and kind not in OWN_MEDIA:
        return said
    if kind == "photo" and sending.row.card:
        if not fits_caption(sending, text):
            sending.picture, sending.beside = f"{BESIDE}{media['file_id']}", True
            return said
        sending.picture = media["file_id"]
    instead = partial(_send_without_file, sending, cut(_without_file(sending, text), can.text), markup(sending))
    if fits_caption(sending, text) and kind not in BARE:
        return [partial(send_media, sending, caption(sending, text) | {"reply_markup": markup(sending)}, instead)]
    alone = partial(_send_without_file, sending, render("system.file_elsewhere", sending.row.language), None)
    return [partial(send_media, sending, {}, alone), *said]


def _without_file(sending: Sending, text: str) -> str:
    """Return the words of a message whose picture, voice or paper cannot be shown here."""
    return f"{text}\n{render('system.file_elsewhere', sending.row.language)}".lstrip("\n")


async def _send_without_file(sending: Sending, text: str, buttons: dict[str, Any] | None) -> int | None:
    sending.picture = sending.picture and f"{BESIDE}{sending.picture}"  # the next change does not try again
    return await _send_part(sending, text, buttons)


async def _send_part(sending: Sending, text: str, buttons: dict[str, Any] | None) -> int | None:
    row = sending.row
    fields = common(sending) | written(sending, text) | {"reply_markup": buttons, "link_preview_options": {"is_disabled": True}}
    try:
        return sent_id(await sending.channel.call("sendMessage", **fields))
    except BadRequest as error:
        if row.attempts == 0 or "can't parse entities" not in error.message.lower():
            raise
        return sent_id(
            await sending.channel.call("sendMessage", **fields | {"text": html.unescape(TAGS.sub("", text)), "parse_mode": None})
        )


async def _delete_and_say(sending: Sending, text: str) -> int | None:
    """Delete a person's message, then say why and whether it is gone; `quietly`: say nothing."""
    media, row = sending.row.media or {}, sending.row
    deleted = await delete(sending, media["message_id"])
    if media.get("quietly"):
        return None
    line = render("system.deleted" if deleted else "system.delete_it", row.language)
    return await _send_part(sending, f"{text}\n{line}", markup(sending))
