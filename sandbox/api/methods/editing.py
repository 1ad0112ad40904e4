"""Methods that edit and delete. An edit without a change gets Telegram's error text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.api.keyboards import checked
from sandbox.api.methods.formatted import caption_of, text_of
from sandbox.api.methods.media import media_content
from sandbox.api.targets import chat_id_of, message_of, writable_chat
from sandbox.core.errors import bad_request

if TYPE_CHECKING:
    from sandbox.api.arguments import Arguments
    from sandbox.core.wire import Json
    from sandbox.world.world import Stored, World

UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
DELETABLE_S = 48 * 3600


def _editable(world: World, args: Arguments) -> Stored:
    if args.has("inline_message_id"):
        raise bad_request("message to edit not found")
    chat_id = writable_chat(world, args)
    stored = message_of(world, args, chat_id, missing="message to edit not found")
    if not stored.by_bot:
        raise bad_request("message can't be edited")
    return stored


def _apply(world: World, args: Arguments, stored: Stored, content: Json, *, part: tuple[str, ...]) -> Json:
    """Replace the fields in `part` and the keyboard. Without a keyboard argument it is removed."""
    chat_id = stored.wire["chat"]["id"]
    changes: Json = {name: content.get(name) for name in part}
    changes["reply_markup"] = checked(args.mapping("reply_markup"), private=chat_id > 0)
    if changes["reply_markup"] is not None and "inline_keyboard" not in changes["reply_markup"]:
        raise bad_request("inline keyboard expected")
    if all(stored.wire.get(name) == value for name, value in changes.items()):
        raise bad_request(UNCHANGED)
    world.limits.spend(chat_id, now=world.clock.monotonic())
    return world.replace(stored, {**changes, "edit_date": world.clock.date()})


def edit_message_text(world: World, args: Arguments) -> Json:
    """Change the text of one of the bot's messages."""
    stored = _editable(world, args)
    content = text_of(world, args)
    if "text" not in stored.wire:
        raise bad_request("there is no text in the message to edit")
    options = args.mapping("link_preview_options")
    if options:
        content["link_preview_options"] = options
    return _apply(world, args, stored, content, part=("text", "entities", "link_preview_options"))


def edit_message_caption(world: World, args: Arguments) -> Json:
    """Change the caption of one of the bot's photos or files."""
    stored = _editable(world, args)
    if not any(kind in stored.wire for kind in ("photo", "document", "voice")):
        raise bad_request("there is no caption in the message to edit")
    return _apply(world, args, stored, caption_of(world, args), part=("caption", "caption_entities", "show_caption_above_media"))


def edit_message_media(world: World, args: Arguments) -> Json:
    """Put a photo or file into one of the bot's messages."""
    stored = _editable(world, args)
    media = args.mapping("media")
    if media is None:
        raise bad_request("media is empty")
    content = media_content(world, args, media)
    return _apply(world, args, stored, content, part=("text", "entities", "photo", "document", "caption", "caption_entities"))


def edit_message_reply_markup(world: World, args: Arguments) -> Json:
    """Change or remove the buttons of one of the bot's messages."""
    stored = _editable(world, args)
    return _apply(world, args, stored, {}, part=())


def delete_message(world: World, args: Arguments) -> bool:
    """Delete a message that `may_delete` allows."""
    chat_id = chat_id_of(args)
    stored = message_of(world, args, _deletable_in(world, args), missing="message to delete not found")
    if not may_delete(world, stored):
        raise bad_request("message can't be deleted for everyone")
    world.delete(chat_id, [stored.wire["message_id"]])
    return True


def delete_messages(world: World, args: Arguments) -> bool:
    """Delete up to 100 messages. Messages not found or not deletable are skipped."""
    chat_id = _deletable_in(world, args)
    numbers = args.sequence("message_ids") or []
    if not 1 <= len(numbers) <= 100:
        raise bad_request("there must be from 1 to 100 message identifiers")
    stored = [world.find_message(chat_id, number) for number in numbers if isinstance(number, int)]
    gone = [each.wire["message_id"] for each in stored if each is not None and may_delete(world, each)]
    if gone:
        world.delete(chat_id, gone)
    return True


def _deletable_in(world: World, args: Arguments) -> int:
    return writable_chat(world, args)


def may_delete(world: World, stored: Stored) -> bool:
    """Return whether Telegram lets the bot delete the message.

    It must be of the last 48 hours, and be the bot's own, in a private chat, or in a group with the bot as administrator.
    """
    chat_id = stored.wire["chat"]["id"]
    if world.clock.now() - stored.wire["date"] > DELETABLE_S:
        return False
    return stored.by_bot or chat_id > 0 or world.groups[chat_id].bot_is_admin
