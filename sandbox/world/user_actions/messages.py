"""User actions on messages: write, forward, edit, press, start, vote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.core.errors import ControlError
from sandbox.world.message_parts import GENERAL, copied, flat, has_button, origin_of
from sandbox.world.people import ANONYMOUS_ADMIN
from sandbox.world.polls import change_poll
from sandbox.world.privacy_mode import bot_sees
from sandbox.world.user_actions.content import content, text_fields
from sandbox.world.user_actions.request_validation import message, number, person, place, words
from sandbox.world.world import CALLBACK_S, Press

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.people import Person
    from sandbox.world.world import World

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def write(world: World, body: Json) -> Json:
    """Send a message. The bot gets a `message` update if it may see it."""
    who = person(world, body)
    chat_id = place(world, body, who)
    origin = body.get("forward_from")
    fields = _forwarded_message(world, origin) if isinstance(origin, dict) else content(world, body, who) | _origin(world, origin)
    fields |= _circumstances(world, body, chat_id)
    sender: Json = who.user
    if body.get("anonymous_admin"):
        group = world.groups.get(chat_id)
        if group is None or group.kind != "supergroup" or who.id not in group.admins:
            raise ControlError("anonymous_admin: only administrators of a supergroup can hide")
        sender = ANONYMOUS_ADMIN
        fields = {"sender_chat": group.chat, **fields}
    return spoken(world, who, chat_id, sender, fields)


def spoken(world: World, who: Person, chat_id: int, sender: Json, fields: Json) -> Json:
    """Post a person's message and cause its update.

    A message to a blocked bot does not unblock the bot and does not reach it.
    """
    if chat_id > 0 and not who.blocked:
        who.has_written = True
    stored = world.post(chat_id, sender, fields, by_bot=False)
    if not (chat_id > 0 and who.blocked) and bot_sees(world, stored.wire):
        world.cause("message", stored.wire, lane=chat_id)
    return stored.wire


def _circumstances(world: World, body: Json, chat_id: int) -> Json:
    fields: Json = {}
    if body.get("reply_to") is not None:
        original = message(world, chat_id, number(body, "reply_to")).wire
        fields["reply_to_message"] = flat(original)
        if "message_thread_id" in original:
            fields |= {"message_thread_id": original["message_thread_id"], "is_topic_message": True}
    thread = body.get("message_thread_id")
    if thread is not None and thread != GENERAL:
        group = world.groups.get(chat_id)
        if group is None or thread not in group.topics:
            raise ControlError(f"message_thread_id: no topic {thread} in {chat_id}")
        fields |= {"message_thread_id": thread, "is_topic_message": True}
    if body.get("media_group_id") is not None:
        fields["media_group_id"] = str(body["media_group_id"])
    return fields


def _origin(world: World, origin: Any) -> Json:
    """Return the author of a forwarded message: a user's id, or a name for a hidden account."""
    if origin is None:
        return {}
    date = world.clock.date() - 60
    if isinstance(origin, str) and origin:
        return {"forward_origin": {"type": "hidden_user", "date": date, "sender_user_name": origin}}
    user = person(world, {"user": origin}).user if origin != world.bot["id"] else world.bot
    return {"forward_origin": {"type": "user", "date": date, "sender_user": user}}


def _forwarded_message(world: World, origin: Json) -> Json:
    original = message(world, number(origin, "chat"), number(origin, "message_id"))
    if original.protected:
        raise ControlError("forward_from: the message is protected; phones do not offer to forward it")
    return copied(original.wire) | origin_of(original.wire)


def edit(world: World, body: Json) -> Json:
    """Edit an own text message and cause `edited_message`."""
    who = person(world, body)
    chat_id = place(world, body, who)
    stored = message(world, chat_id, number(body, "message_id"))
    if stored.wire["from"]["id"] != who.id or "text" not in stored.wire:
        raise ControlError("message_id: people edit their own texts only")
    fields = text_fields(words(body, "text", needed=True))
    wire = world.replace(stored, {"entities": None, **fields, "edit_date": world.clock.date()})
    if bot_sees(world, wire) and not (chat_id > 0 and who.blocked):
        world.cause("edited_message", wire, lane=chat_id)
    return wire


def press(world: World, body: Json) -> Json:
    """Press an inline button; `forged: true` sends any data, as a modified client can."""
    who = person(world, body)
    chat_id = place(world, body, who)
    stored = message(world, chat_id, number(body, "message_id"))
    data = words(body, "data", needed=True)
    if not body.get("forged"):
        if not has_button(stored.wire.get("reply_markup"), data):
            raise ControlError("data: no such button on the message (or forged: true)")
        if not stored.by_bot:
            raise ControlError("message_id: not the bot's message")
    query_id = str(4_000_000_000_000_000_000 + next(world.numbers))
    _forget_old(world)
    world.presses[query_id] = Press(who.id, world.clock.now())
    query = {
        "id": query_id,
        "from": who.user,
        "message": stored.wire,
        "chat_instance": str(7_000_000_000 - chat_id),
        "data": data,
    }
    world.cause("callback_query", query, lane=who.id)
    return {"callback_query_id": query_id}


def _forget_old(world: World) -> None:
    oldest = world.clock.now() - CALLBACK_S
    while world.presses:
        first = next(iter(world.presses))
        if world.presses[first].at >= oldest:
            break
        del world.presses[first]


def start(world: World, body: Json) -> Json:
    """Open the bot's link and tap START. Raise `ControlError` while the bot is blocked."""
    who = person(world, body)
    payload = words(body, "payload")
    if payload and not PAYLOAD.fullmatch(payload):
        raise ControlError("payload: 1-64 of A-Za-z0-9_-")
    if who.blocked:
        raise ControlError("the bot is blocked; unblock it first")
    text = f"/start {payload}" if payload else "/start"
    return spoken(world, who, who.id, who.user, text_fields(text))


def vote(world: World, body: Json) -> Json:
    """Vote in a poll; no options withdraws the vote."""
    who = person(world, body)
    chat_id = place(world, body, who)
    stored = message(world, chat_id, number(body, "message_id"))
    poll = world.polls.get(stored.wire.get("poll", {}).get("id", ""))
    if poll is None or poll.wire["is_closed"]:
        raise ControlError("message_id: no open poll")
    options = body.get("option_ids", [])
    everything = range(len(poll.wire["options"]))
    if not isinstance(options, list) or any(each not in everything for each in options):
        raise ControlError("option_ids: numbers of the poll's options")
    if len(options) > 1 and not poll.wire["allows_multiple_answers"]:
        raise ControlError("option_ids: the poll allows one answer")
    if who.id in poll.votes and not poll.wire["allows_revoting"]:
        raise ControlError("the poll does not allow to change a vote")
    poll.votes.pop(who.id, None)
    if options:
        poll.votes[who.id] = sorted(set(options))
    if not poll.wire["is_anonymous"]:
        chosen = poll.votes.get(who.id, [])
        answer = {
            "poll_id": poll.wire["id"],
            "user": who.user,
            "option_ids": chosen,
            "option_persistent_ids": [poll.wire["options"][each]["persistent_id"] for each in chosen],
        }
        world.cause("poll_answer", answer, lane=who.id)
    return change_poll(world, poll, is_closed=False)
