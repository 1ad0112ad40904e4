"""User actions on people: add a user, block or unblock the bot, react to messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core.errors import ControlError
from sandbox.world.people import Person, membership
from sandbox.world.user_actions.request_validation import message, number, person, place, words

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.world import World


def add_user(world: World, body: Json) -> Json:
    """Add a person with a phone who has not written to the bot."""
    user_id = number(body, "id") if body.get("id") is not None else world.new_person_id()
    if user_id <= 0 or user_id in world.persons or user_id == world.bot["id"]:
        raise ControlError(f"id: {user_id} is taken or not positive")
    user: Json = {"id": user_id, "is_bot": False, "first_name": words(body, "first_name", needed=True)}
    for name in ("last_name", "username", "language_code"):
        if words(body, name):
            user[name] = words(body, name)
    world.persons[user_id] = Person(user, phone=words(body, "phone"), title=words(body, "title"))
    world.events.add("user", user=world.persons[user_id].state())
    return user


def block(world: World, body: Json) -> Json:
    """Block or unblock the bot, or delete the account (`deactivated`)."""
    who = person(world, body)
    if "deactivated" in body:
        who.deactivated = bool(body["deactivated"])
    if "blocked" in body and bool(body["blocked"]) != who.blocked:
        who.blocked = bool(body["blocked"])
        if who.has_written:
            _tell(world, who)
    world.events.add("user", user=who.state())
    return who.state()


def _tell(world: World, who: Person) -> None:
    old, new = ("member", "kicked") if who.blocked else ("kicked", "member")
    change = {
        "chat": who.chat,
        "from": who.user,
        "date": world.clock.date(),
        "old_chat_member": membership(world.bot, old, is_bot=True),
        "new_chat_member": membership(world.bot, new, is_bot=True),
    }
    world.cause("my_chat_member", change, lane=who.id)


def react(world: World, body: Json) -> Json:
    """Add or remove an emoji reaction.

    `message_reaction` is caused in private chats and where the bot is administrator, if it subscribed to it.
    """
    who = person(world, body)
    chat_id = place(world, body, who)
    stored = message(world, chat_id, number(body, "message_id"))
    emoji = words(body, "emoji")
    new = [{"type": "emoji", "emoji": emoji}] if emoji else []
    key = (chat_id, stored.wire["message_id"], who.id)
    old = world.reactions.pop(key, [])
    if new:
        world.reactions[key] = new
    world.events.add("reaction", chat_id=chat_id, message_id=key[1], user_id=who.id, reaction=new)
    group = world.groups.get(chat_id)
    if group is None or group.bot_is_admin:
        change = {
            "chat": stored.wire["chat"],
            "message_id": key[1],
            "user": who.user,
            "date": world.clock.date(),
            "old_reaction": old,
            "new_reaction": new,
        }
        world.cause("message_reaction", change, lane=chat_id)
    return {"reaction": new}
