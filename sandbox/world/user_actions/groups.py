"""User actions on groups: create, join, leave, upgrade; add, promote and remove the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core.errors import ControlError, missing
from sandbox.world.people import Group, Person, membership, standing
from sandbox.world.privacy_mode import bot_sees
from sandbox.world.topics import TOPIC_COLOUR, open_topic
from sandbox.world.user_actions.request_validation import group as existing
from sandbox.world.user_actions.request_validation import number, numbers, person, words

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.world import World

BOT_MOVES = {"add_bot": "member", "remove_bot": "kicked", "promote_bot": "administrator", "demote_bot": "member"}


def add_group(world: World, body: Json) -> Json:
    """Create a group. With the bot as a member, a `my_chat_member` update is caused."""
    kind = words(body, "type") or "group"
    if kind not in ("group", "supergroup"):
        raise ControlError("type: group or supergroup")
    if body.get("is_forum") and kind != "supergroup":
        raise ControlError("is_forum: only supergroups have topics")
    chat_id = number(body, "id") if body.get("id") is not None else world.new_group_id(kind)
    if chat_id >= 0 or chat_id in world.groups or (chat_id <= -1_000_000_000_000) != (kind == "supergroup"):
        raise ControlError(f"id: {chat_id} is taken, or of the wrong shape (-100… is a supergroup)")
    admins, members = numbers(body, "admins"), numbers(body, "members")
    everyone = list(dict.fromkeys([*members, *admins]))
    for user_id in everyone:
        if user_id not in world.persons:
            raise missing(f"user: {user_id}")
    made = Group(chat_id, words(body, "title", needed=True), kind, bool(body.get("is_forum")), everyone, admins)
    world.groups[chat_id] = made
    world.events.add("chat", chat=made.chat)
    if body.get("with_bot", True):
        by = world.persons[(admins or everyone)[0]] if everyone else None
        _move_bot(world, made, "administrator" if body.get("bot_is_admin") else "member", by=by)
    return made.chat


def change_members(world: World, chat_id: int, body: Json) -> Json:
    """Change a member or the bot.

    `action`: join, leave, add_bot, remove_bot, promote_bot, demote_bot, promote or demote.
    """
    group = existing(world, chat_id)
    action = words(body, "action", needed=True)
    if action in BOT_MOVES:
        name = "by" if body.get("by") is not None else "user"
        by = person(world, body, name) if body.get(name) is not None else None
        _change_bot(world, group, action, by=by)
        return group.chat
    who = person(world, body)
    by = person(world, body, "by") if body.get("by") is not None else who
    before = standing(group, who.id)
    _change_human(group, who.id, action)
    _tell_member(world, group, who, by=by, before=before)
    world.events.add("chat", chat=group.chat)
    if action == "join":
        say(world, group, by, {"new_chat_members": [who.user]})
    elif action == "leave":
        say(world, group, by, {"left_chat_member": who.user})
    return group.chat


def _change_human(group: Group, user_id: int, action: str) -> None:
    inside = user_id in group.members
    if action == "join" and not inside:
        group.members.append(user_id)
    elif action == "leave" and inside:
        group.members.remove(user_id)
        group.admins = [each for each in group.admins if each != user_id]
    elif action == "promote" and inside and user_id not in group.admins:
        group.admins.append(user_id)
    elif action == "demote" and user_id in group.admins:
        group.admins.remove(user_id)
    else:
        raise ControlError(f"action: {action!r} does not fit user {user_id} in {group.id}")


def _tell_member(world: World, group: Group, who: Person, *, by: Person, before: str) -> None:
    if not group.bot_is_admin:
        return
    change = {
        "chat": group.chat,
        "from": by.user,
        "date": world.clock.date(),
        "old_chat_member": membership(who.user, before),
        "new_chat_member": membership(who.user, standing(group, who.id)),
    }
    world.cause("chat_member", change, lane=group.id)


def _change_bot(world: World, group: Group, action: str, *, by: Person | None) -> None:
    inside = group.bot_is_inside
    if inside == (action == "add_bot"):
        raise ControlError(f"action: the bot is {'already' if inside else 'not'} in {group.id}")
    _move_bot(world, group, BOT_MOVES[action], by=by)
    if action == "add_bot":
        say(world, group, by, {"new_chat_members": [world.bot]})
    elif action == "remove_bot":
        say(world, group, by, {"left_chat_member": world.bot})


def _move_bot(world: World, group: Group, status: str, *, by: Person | None) -> None:
    before = group.bot or "left"
    group.bot = status
    change = {
        "chat": group.chat,
        "from": by.user if by is not None else _somebody(world, group),
        "date": world.clock.date(),
        "old_chat_member": membership(world.bot, before, is_bot=True),
        "new_chat_member": membership(world.bot, status, is_bot=True),
    }
    world.cause("my_chat_member", change, lane=group.id)
    world.events.add("chat", chat=group.chat)


def _somebody(world: World, group: Group) -> Json:
    """Return the default author of an action: the first administrator or member, else the bot."""
    ids = [*group.admins, *group.members]
    return world.persons[ids[0]].user if ids else world.bot


def say(world: World, group: Group, by: Person | None, fields: Json) -> None:
    """Post a service message. The bot gets it if it is a member."""
    sender = by.user if by is not None else _somebody(world, group)
    stored = world.post(group.id, sender, fields, by_bot=False)
    if bot_sees(world, stored.wire):
        world.cause("message", stored.wire, lane=group.id)


def migrate(world: World, chat_id: int) -> Json:
    """Upgrade a group to a supergroup with a new id.

    Both groups get a service message. The old id is refused from then on.
    """
    old = existing(world, chat_id)
    if old.kind != "group":
        raise ControlError(f"{chat_id} is a supergroup already")
    new = Group(
        id=world.new_group_id("supergroup"),
        title=old.title,
        kind="supergroup",
        is_forum=False,
        members=list(old.members),
        admins=list(old.admins),
        bot=old.bot,
    )
    world.groups[new.id] = new
    say(world, old, None, {"migrate_to_chat_id": new.id})
    old.migrated_to = new.id
    say(world, new, None, {"migrate_from_chat_id": old.id})
    world.events.add("chat", chat=new.chat)
    return new.chat


def add_topic(world: World, chat_id: int, body: Json) -> Json:
    """Open a forum topic as a person."""
    group = existing(world, chat_id)
    who = person(world, body)
    if not group.is_forum:
        raise ControlError(f"{chat_id} has no topics")
    name = words(body, "name", needed=True)
    created = {"name": name, "icon_color": TOPIC_COLOUR}
    thread = open_topic(world, group, name, sender=who.user, created=created)
    stored = world.messages[group.id][thread]
    if bot_sees(world, stored.wire):
        world.cause("message", stored.wire, lane=group.id)
    return {"message_thread_id": thread, "name": name}
