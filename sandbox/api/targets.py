"""Resolves the chats and messages that a call may use. Errors have Telegram's descriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core.errors import ApiError, bad_request, forbidden
from sandbox.world.message_parts import GENERAL, flat

if TYPE_CHECKING:
    from sandbox.api.arguments import Arguments
    from sandbox.core.wire import Json
    from sandbox.world.people import Group
    from sandbox.world.world import Stored, World

NO_CHAT = "chat not found"


def chat_id_of(args: Arguments, name: str = "chat_id") -> int:
    """Return the id of a chat. Raise 400 if it is missing or not a number."""
    value = args.values.get(name)
    if value is None or value == "":
        raise bad_request(f"{name} is empty")
    try:
        return int(value)
    except (TypeError, ValueError):
        raise bad_request(NO_CHAT) from None


def guess_chat(args: Arguments) -> int:
    """Return the id of the chat that a call names, or 0.

    Faults and the log use it; it never raises.
    """
    try:
        return int(args.values.get("chat_id") or args.values.get("user_id") or 0)
    except (TypeError, ValueError):
        return 0


def known_chat(world: World, args: Arguments, name: str = "chat_id") -> int:
    """Return the id of a chat that the bot may read."""
    chat_id = chat_id_of(args, name)
    if chat_id > 0:
        person = world.persons.get(chat_id)
        if person is None or not person.has_written:
            raise bad_request(NO_CHAT)
        return chat_id
    _inside(world, chat_id)
    return chat_id


def writable_chat(world: World, args: Arguments) -> int:
    """Return the id of a chat that the bot may write to now."""
    chat_id = chat_id_of(args)
    if chat_id <= 0:
        _inside(world, chat_id)
        return chat_id
    person = world.persons.get(chat_id)
    if person is None:
        raise forbidden("bot can't send messages to the bot") if chat_id == world.bot["id"] else bad_request(NO_CHAT)
    if person.deactivated:
        raise forbidden("user is deactivated")
    if not person.has_written:
        raise forbidden("bot can't initiate conversation with a user")
    if person.blocked:
        raise forbidden("bot was blocked by the user")
    return chat_id


def _inside(world: World, chat_id: int) -> Group:
    group = world.groups.get(chat_id)
    if group is None or group.bot is None:
        raise bad_request(NO_CHAT)
    if group.migrated_to is not None:
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": group.migrated_to},
        )
    if not group.bot_is_inside:
        what = "supergroup" if group.kind == "supergroup" else "group"
        raise forbidden(f"bot was kicked from the {what} chat" if group.bot == "kicked" else f"bot is not a member of the {what} chat")
    return group


def group_of(world: World, args: Arguments) -> Group:
    """Return a group that the bot is in. Raise 400 for a private chat."""
    chat_id = known_chat(world, args)
    group = world.groups.get(chat_id)
    if group is None:
        raise bad_request("method is available only for supergroups")
    return group


def message_of(world: World, args: Arguments, chat_id: int, *, missing: str, name: str = "message_id") -> Stored:
    """Return a message by id. Raise 400 with the description `missing`."""
    if not args.has(name):
        raise bad_request("message identifier is not specified")
    stored = world.find_message(chat_id, args.integer(name))
    if stored is None:
        raise bad_request(missing)
    return stored


def thread_of(world: World, args: Arguments, chat_id: int) -> Json:
    """Return the fields that put a message into a forum topic."""
    if not args.has("message_thread_id"):
        return {}
    thread = args.integer("message_thread_id")
    group = world.groups.get(chat_id)
    if group is None or not group.is_forum or (thread != GENERAL and thread not in group.topics):
        raise bad_request("message thread not found")
    return {} if thread == GENERAL else {"message_thread_id": thread, "is_topic_message": True}


def reply_of(world: World, args: Arguments, chat_id: int) -> Json:
    """Return the fields that make a message a reply. `reply_to_message_id` works, too."""
    values = args.values
    if "reply_parameters" not in values and "reply_to_message_id" not in values:
        return {}
    reply = args.mapping("reply_parameters")
    if reply is None:
        if not args.has("reply_to_message_id"):
            return {}
        reply = {
            "message_id": args.integer("reply_to_message_id"),
            "allow_sending_without_reply": args.boolean("allow_sending_without_reply"),
        }
    number = reply.get("message_id")
    if not isinstance(number, int):
        raise bad_request("can't parse reply parameters: message_id must be a number")
    if reply.get("chat_id", chat_id) not in (chat_id, str(chat_id)):
        raise bad_request("replies to other chats are not part of the sandbox")
    original = world.find_message(chat_id, number)
    if original is None:
        if reply.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    fields: Json = {"reply_to_message": flat(original.wire)}
    thread = original.wire.get("message_thread_id")
    if thread and not args.has("message_thread_id"):
        fields |= {"message_thread_id": thread, "is_topic_message": True}
    if reply.get("quote"):
        fields["quote"] = {"text": str(reply["quote"]), "position": int(reply.get("quote_position") or 0), "is_manual": True}
    return fields
