"""Topics of a forum, opened by a person or by the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.people import Group
    from sandbox.world.world import World

TOPIC_COLOUR = 7322096


def open_topic(world: World, group: Group, name: str, *, sender: Json, created: Json) -> int:
    """Post the service message a topic begins with; its number is the topic's."""
    stored = world.post(group.id, sender, {"forum_topic_created": created, "is_topic_message": True}, by_bot=sender is world.bot)
    thread = int(stored.wire["message_id"])
    stored.wire["message_thread_id"] = thread
    group.topics[thread] = name
    world.events.add("chat", chat=group.chat)
    return thread
