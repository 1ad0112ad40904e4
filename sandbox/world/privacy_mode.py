"""Telegram's privacy mode: decides which messages reach the bot.

The bot sees everything in private chats, and in groups only the messages that the privacy mode allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core.entities import slice_units

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.people import Group
    from sandbox.world.world import World

SERVICE = frozenset(
    [
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "pinned_message",
        "forum_topic_created",
        "group_chat_created",
    ]
)


def bot_sees(world: World, message: Json) -> bool:
    """Return whether a person's message reaches the bot."""
    group = world.groups.get(message["chat"]["id"])
    if group is None:
        return True
    return group.bot_is_inside and (_sees_all(world, group) or not SERVICE.isdisjoint(message) or _is_meant(world, message))


def _sees_all(world: World, group: Group) -> bool:
    return world.reads_all or group.bot_is_admin


def _is_meant(world: World, message: Json) -> bool:
    """Return whether it is a command (not for another bot), a reply to the bot or its mention."""
    answered = message.get("reply_to_message")
    if answered is not None and answered["from"]["id"] == world.bot["id"]:
        return True
    name = f"@{world.bot['username']}".lower()
    text = message.get("text") or message.get("caption") or ""
    for entity in message.get("entities") or message.get("caption_entities") or []:
        part = slice_units(text, entity["offset"], entity["length"]).lower()
        if entity["type"] == "bot_command" and ("@" not in part or part.endswith(name)):
            return True
        if entity["type"] == "mention" and part == name:
            return True
    return False
