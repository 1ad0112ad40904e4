"""Change a message of a chat: draw a card again, retire an old copy, delete.

Knows what a server allows of each kind of message; must not decide when. Invariants: a card whose message cannot be changed gets a new one; a
picture stays on a card only while the card's new words come with it, so that a card that was emptied shows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest, InvalidToken

from bot.delivery.media import blank_png
from bot.delivery.wording import caption, cut, fits_caption, markup, split, written
from bot.telegram.capabilities import EditKind
from domain.core.change import Leaves

if TYPE_CHECKING:
    from bot.delivery.wording import Sending

UNCHANGED = "message is not modified"
#: The answer to a change of the text of a photo.
IS_A_PHOTO = "there is no text in the message to edit"
LOST = ("message to edit not found", "message can't be edited", "message_id_invalid")
#: The picture of a card's message stays, and the words under it change.
KEEP = "keep"
#: Before the file of a picture that stands beside its card's words, as a message of its own.
BESIDE = "~"


async def edit(sending: Sending, message_id: int, text: str) -> bool:
    """Draw a card again in its message; False when a new message is needed."""
    media = sending.row.media or {}
    kind, shown = media.get("type", ""), sending.picture if not sending.picture.startswith(BESIDE) else ""
    if shown:
        return await _edit_picture(sending, message_id, text, shown)
    if kind == "photo" and sending.picture != f"{BESIDE}{media['file_id']}" and "photo" in sending.channel.can.media_out:
        if not fits_caption(sending, text):
            sending.picture, sending.beside = f"{BESIDE}{media['file_id']}", True
        elif (done := await _put_picture(sending, message_id, text, media["file_id"])) is not None:
            return done
    return await _edit_text(sending, message_id, text)


async def _edit_picture(sending: Sending, message_id: int, text: str, shown: str) -> bool:
    """Change a card that is a picture with words under it."""
    media = sending.row.media or {}
    if media.get("type") == KEEP or (media.get("type") == "photo" and media["file_id"] == shown):
        if not fits_caption(sending, text) and media["type"] != KEEP:
            sending.picture = ""
            return False
        return await _try(sending, "editMessageCaption", message_id, **caption(sending, _first(sending, text)))
    if media.get("type") == "photo" and fits_caption(sending, text):
        return bool(await _put_picture(sending, message_id, text, media["file_id"]))
    return await _blank(sending, message_id, text)


async def _put_picture(sending: Sending, message_id: int, text: str, file_id: str) -> bool | None:
    """Make a picture the card's; False: the message is gone, None: the server cannot."""
    picture = {"type": "photo", "media": file_id} | caption(sending, text)
    try:
        done = await _try(sending, "editMessageMedia", message_id, media=picture)
    except (BadRequest, InvalidToken):
        sending.picture = f"{BESIDE}{file_id}"  # it cannot be shown here: the next change does not try again
        return None
    sending.picture = file_id if done else ""
    return done


async def _edit_text(sending: Sending, message_id: int, text: str) -> bool:
    try:
        return await _try(sending, "editMessageText", message_id, **written(sending, cut(text, sending.channel.can.text)))
    except BadRequest as error:
        if IS_A_PHOTO not in error.message.lower():
            raise
        return await _blank(sending, message_id, text)


async def _try(sending: Sending, method: str, message_id: int, **fields: Any) -> bool:
    """Call a method that edits; False when the message is gone."""
    where = {"chat_id": sending.row.address.chat_id, "message_id": message_id}
    try:
        await sending.channel.call(method, **where, **fields, reply_markup=markup(sending) or {"inline_keyboard": []})
    except BadRequest as error:
        words = error.message.lower()
        if UNCHANGED in words:
            return True
        if any(lost in words for lost in LOST):
            sending.gone = True
            return False
        raise
    return True


async def _blank(sending: Sending, message_id: int, text: str) -> bool:
    """Put a blank picture with the new words in the place of a card's photo.

    False when it is gone, so that a new message is needed: a server without this method deletes it.
    """
    sending.picture = ""
    picture = {"type": "photo", "media": "attach://blank"} | caption(sending, _first(sending, text))
    try:
        await sending.channel.call(
            "editMessageMedia",
            chat_id=sending.row.address.chat_id,
            message_id=message_id,
            media=picture,
            blank=blank_png(),
            reply_markup=markup(sending) or {"inline_keyboard": []},
        )
    except (BadRequest, InvalidToken):
        await delete(sending, message_id)
        sending.gone = True
        return False
    return True


def _first(sending: Sending, text: str) -> str:
    """Return the part of a text that fits under a picture."""
    can = sending.channel.can.text
    return split(text, can._replace(most=min(can.caption, can.most)))[0]


async def delete(sending: Sending, message_id: int) -> bool:
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


async def retire(sending: Sending, text: str) -> None:
    """Shrink an old message as its card said: to one line, its text without buttons, nothing.

    A message with a picture is deleted, because nobody could empty it later; one that is too old for that shows a blank picture.
    """
    media = sending.row.media or {}
    message_id, leaves = media["message_id"], Leaves(media["leaves"])
    pictured = bool(media.get("picture")) and not str(media["picture"]).startswith(BESIDE)
    if (leaves is Leaves.NOTHING or pictured) and await delete(sending, message_id):
        return
    if sending.channel.can.edits.kind is not EditKind.ALWAYS:
        return
    try:
        if pictured:
            await _blank(sending, message_id, text)
        elif leaves is Leaves.LINE:
            await _edit_text(sending, message_id, text)
        else:
            await _try(sending, "editMessageReplyMarkup", message_id)
    except (BadRequest, InvalidToken):
        return  # it is gone, or too old to be changed: there is nothing to retry
