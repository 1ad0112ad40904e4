"""Methods on chats: members, topics, pins, links and reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.api.targets import group_of, known_chat, message_of, writable_chat
from sandbox.core.errors import bad_request
from sandbox.world.people import membership, standing
from sandbox.world.topics import TOPIC_COLOUR, open_topic

if TYPE_CHECKING:
    from sandbox.api.arguments import Arguments
    from sandbox.core.wire import Json
    from sandbox.world.people import Group
    from sandbox.world.world import World

TOPIC_CHARS = 128
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def get_chat(world: World, args: Arguments) -> Json:
    """Return the `ChatFullInfo`."""
    chat_id = known_chat(world, args)
    info: Json = {
        **world.chat_wire(chat_id),
        "accent_color_id": abs(chat_id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    group = world.groups.get(chat_id)
    if group is not None:
        info["permissions"] = {"can_send_messages": True, "can_invite_users": True}
        pinned = world.find_message(chat_id, group.pinned[-1]) if group.pinned else None
        if pinned is not None:
            info["pinned_message"] = pinned.wire
    return info


def _member(world: World, group: Group, user_id: int) -> Json:
    if user_id == world.bot["id"]:
        return membership(world.bot, group.bot or "left", is_bot=True)
    if user_id not in world.persons:
        raise bad_request("user not found")
    return membership(world.persons[user_id].user, standing(group, user_id))


def get_chat_member(world: World, args: Arguments) -> Json:
    """Return a user's membership in a chat."""
    chat_id = known_chat(world, args)
    if not args.has("user_id"):
        raise bad_request("invalid user_id specified")
    user_id = args.integer("user_id")
    group = world.groups.get(chat_id)
    if group is None:
        if user_id not in (chat_id, world.bot["id"]):
            raise bad_request("member not found")
        return membership(world.person_wire(user_id), "member")
    return _member(world, group, user_id)


def get_chat_member_count(world: World, args: Arguments) -> int:
    """Return the number of members, with the bot."""
    group = world.groups.get(known_chat(world, args))
    return 2 if group is None else len(group.members) + group.bot_is_inside


def get_chat_administrators(world: World, args: Arguments) -> list[Json]:
    """Return the administrators, with the bot if it is one. Telegram leaves out other bots."""
    chat_id = known_chat(world, args)
    group = world.groups.get(chat_id)
    if group is None:
        raise bad_request("there are no administrators in the private chat")
    admins = [_member(world, group, user_id) for user_id in group.admins]
    return [*admins, _member(world, group, world.bot["id"])] if group.bot_is_admin else admins


def leave_chat(world: World, args: Arguments) -> bool:
    """Leave a group."""
    group = group_of(world, args)
    before = group.bot or "left"
    group.bot = "left"
    world.events.add("chat", chat=group.chat)
    change = {
        "chat": group.chat,
        "from": world.bot,
        "date": world.clock.date(),
        "old_chat_member": membership(world.bot, before, is_bot=True),
        "new_chat_member": membership(world.bot, "left"),
    }
    world.cause("my_chat_member", change, lane=group.id)
    return True


def create_forum_topic(world: World, args: Arguments) -> Json:
    """Open a forum topic. The bot must be administrator."""
    group = group_of(world, args)
    name = args.text("name").strip()
    if not group.is_forum:
        raise bad_request("the chat is not a forum")
    if not group.bot_is_admin:
        raise bad_request("not enough rights to create a topic")
    if not 1 <= len(name) <= TOPIC_CHARS:
        raise bad_request("topic name is invalid")
    created = {"name": name, "icon_color": args.integer("icon_color", TOPIC_COLOUR)}
    thread = open_topic(world, group, name, sender=world.bot, created=created)
    return {"message_thread_id": thread, **created}


def pin_chat_message(world: World, args: Arguments) -> bool:
    """Pin a message. In a group the bot must be administrator."""
    chat_id = writable_chat(world, args)
    stored = message_of(world, args, chat_id, missing="message to pin not found")
    group = world.groups.get(chat_id)
    if group is None:
        return True
    _require_admin(group, "manage pinned messages in the chat")
    group.pinned = [*[each for each in group.pinned if each != stored.wire["message_id"]], stored.wire["message_id"]]
    world.events.add("chat", chat=group.chat)
    pinned = {key: value for key, value in stored.wire.items() if key != "reply_to_message"}
    world.post(chat_id, world.bot, {"pinned_message": pinned}, by_bot=True)
    return True


def unpin_chat_message(world: World, args: Arguments) -> bool:
    """Unpin one message, or the latest one."""
    chat_id = writable_chat(world, args)
    group = world.groups.get(chat_id)
    if group is None:
        return True
    _require_admin(group, "manage pinned messages in the chat")
    number = args.integer("message_id") or (group.pinned[-1] if group.pinned else 0)
    if number not in group.pinned:
        raise bad_request("message to unpin not found")
    group.pinned.remove(number)
    world.events.add("chat", chat=group.chat)
    return True


def _require_admin(group: Group, what: str) -> None:
    if not group.bot_is_admin:
        raise bad_request(f"not enough rights to {what}")


def set_message_reaction(world: World, args: Arguments) -> bool:
    """Set or remove one emoji reaction."""
    chat_id = writable_chat(world, args)
    stored = message_of(world, args, chat_id, missing="message to react not found")
    reactions = args.sequence("reaction") or []
    if len(reactions) > 1 or any(not isinstance(each, dict) or each.get("type") != "emoji" for each in reactions):
        raise bad_request("REACTIONS_TOO_MANY" if len(reactions) > 1 else "REACTION_INVALID")
    world.events.add(
        "reaction",
        chat_id=chat_id,
        message_id=stored.wire["message_id"],
        user_id=world.bot["id"],
        reaction=reactions,
    )
    return True


def export_chat_invite_link(world: World, args: Arguments) -> str:
    """Return a new invitation link of a group."""
    group = group_of(world, args)
    _require_admin(group, "export chat invite link")
    return f"https://t.me/+sandbox{abs(group.id)}n{next(world.numbers)}"
