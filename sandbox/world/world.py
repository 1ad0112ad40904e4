"""Everything the sandbox knows, in memory, and the few ways it changes: post, replace, delete, cause an update, move the clock.

`methods/` is what the bot may do with it, `deeds/` what people do. Message objects are values: an edit puts a new one in place.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.api.abilities import Abilities
from sandbox.api.webhook import Webhook
from sandbox.world.clock import Clock
from sandbox.world.events import Events
from sandbox.world.faults import Faults
from sandbox.world.files import Files
from sandbox.world.limits import Limits
from sandbox.world.people import ANONYMOUS_ADMIN, Group, Person
from sandbox.world.updates import Updates

if TYPE_CHECKING:
    from sandbox.api.wire import Json

KEPT_MESSAGES = 20_000
CALLBACK_S = 15.0


@dataclass(slots=True)
class Stored:
    """A message: `wire` as the bot gets it, `seen` as people do (a reply keyboard is theirs alone)."""

    wire: Json
    seen: Json
    by_bot: bool
    protected: bool = False


@dataclass(slots=True)
class Press:
    """A callback query waiting for its answer. `at` by the sandbox's clock."""

    user_id: int
    at: float


@dataclass
class Poll:
    """A poll and who voted what; `votes` maps a user to option numbers."""

    wire: Json
    chat_id: int
    message_id: int
    votes: dict[int, list[int]] = field(default_factory=dict)


class World:
    """One village with one bot."""

    def __init__(
        self,
        token: str = "123456:SANDBOX",  # noqa: S107 - a made-up token
        *,
        limits: bool = True,
        username: str = "tongxin_bot",
        first_name: str = "同心",
        reads_all: bool = False,
        can: Json | None = None,
        clock: Clock | None = None,
    ) -> None:
        """An empty village. `reads_all` switches the privacy mode off; `can` is what getMe says of a channel that is not Telegram.

        Two worlds of one town, each a channel of its own, share a `clock`.
        """
        self.token = token
        head = token.split(":", 1)[0]
        self.bot: Json = {
            "id": int(head) if head.isdecimal() else 123456,
            "is_bot": True,
            "first_name": first_name,
            "username": username,
        }
        self.reads_all = reads_all
        self.abilities = Abilities(can)
        self.clock = clock or Clock()
        self.events = Events(self.clock)
        self.limits = Limits(enabled=limits)
        self.faults = Faults()
        self.updates = Updates(self.clock, lambda: self.limits.enabled)
        self.webhook = Webhook(self.updates, self.clock)
        self.phones: list[int] = []
        self.numbers = itertools.count(int(time.time() * 1000))
        self._ids: dict[int, itertools.count[int]] = {}
        self._private_ids = itertools.count(1)
        self._person_ids = itertools.count(1001)
        self._group_ids = itertools.count(2001)
        self._empty()

    def _empty(self) -> None:
        self.persons: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.files = Files()
        self.polls: dict[str, Poll] = {}
        self.presses: dict[str, Press] = {}
        self.messages: dict[int, dict[int, Stored]] = {}
        self.commands: dict[tuple[str, int, int, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[int, Json] = {}
        self.reactions: dict[tuple[int, int, int], list[Json]] = {}

    def reset(self) -> None:
        """Forget everything but bot and token. Numbers of any kind go on: nothing new gets an old one's id."""
        on_reply = self.webhook.on_reply
        self.webhook.remove()
        self.updates.queue.clear()
        self.updates.release()
        next_id = self.updates.next_id
        self.clock.offset_s = 0.0
        self.limits = Limits(enabled=self.limits.enabled)
        self.faults = Faults()
        self.updates = Updates(self.clock, lambda: self.limits.enabled)
        self.updates.next_id = next_id
        self.webhook = Webhook(self.updates, self.clock)
        self.webhook.on_reply = on_reply
        self.phones = []
        self._empty()
        self.events.forget()
        self.events.add("reset")

    def close(self) -> None:
        """End every waiting request."""
        self.events.close()
        self.updates.release()
        self.webhook.stop()

    # people and places

    def new_person_id(self) -> int:
        """A user id nobody has."""
        return next(number for number in self._person_ids if number not in self.persons)

    def new_group_id(self, kind: str) -> int:
        """A chat id of the right shape: -100… for a supergroup."""
        base = -1_000_000_000_000 if kind == "supergroup" else 0
        return next(base - number for number in self._group_ids if base - number not in self.groups)

    def person_wire(self, user_id: int) -> Json:
        """The `User` of a person, the bot or the anonymous administrator; raises KeyError."""
        if user_id == self.bot["id"]:
            return self.bot
        if user_id == ANONYMOUS_ADMIN["id"]:
            return ANONYMOUS_ADMIN
        return self.persons[user_id].user

    def chat_wire(self, chat_id: int) -> Json:
        """The `Chat` of a person or a group; raises KeyError."""
        return self.persons[chat_id].chat if chat_id > 0 else self.groups[chat_id].chat

    # messages

    def new_message_id(self, chat_id: int) -> int:
        """A number of the chat's own in a supergroup, of the account's elsewhere."""
        if chat_id > -1_000_000_000_000:
            return next(self._private_ids)
        ids = self._ids.get(chat_id)
        if ids is None:
            ids = self._ids[chat_id] = itertools.count(2)  # 1 is the making of the group, and the General topic
        return next(ids)

    def find_message(self, chat_id: int, message_id: int) -> Stored | None:
        """A message that still exists."""
        chat = self.messages.get(chat_id)
        return chat.get(message_id) if chat else None

    def post(
        self,
        chat_id: int,
        sender: Json,
        content: Json,
        *,
        by_bot: bool,
        protected: bool = False,
        keyboard: Json | None = None,
    ) -> Stored:
        """Put a message into a chat and tell the page. `keyboard`: a reply keyboard only people see."""
        wire: Json = {
            "message_id": self.new_message_id(chat_id),
            "from": sender,
            "chat": self.chat_wire(chat_id),
            "date": self.clock.date(),
            **content,
        }
        if protected:
            wire["has_protected_content"] = True
        seen = wire if keyboard is None else {**wire, "reply_markup": keyboard}
        stored = Stored(wire, seen, by_bot, protected)
        chat = self.messages.get(chat_id)
        if chat is None:
            chat = self.messages[chat_id] = {}
        chat[wire["message_id"]] = stored
        if len(chat) > KEPT_MESSAGES:
            del chat[next(iter(chat))]
        self.events.add("message", chat_id=chat_id, message=seen)
        return stored

    def replace(self, stored: Stored, changes: Json, *, tell: str = "edited") -> Json:
        """Change a message; None removes a field. Return the new object."""
        stored.wire = _changed(stored.wire, changes)
        stored.seen = _changed(stored.seen, changes)
        self.events.add(tell, chat_id=stored.wire["chat"]["id"], message=stored.seen)
        return stored.wire

    def delete(self, chat_id: int, message_ids: list[int]) -> None:
        """Take messages away from everybody."""
        for message_id in message_ids:
            self.messages[chat_id].pop(message_id, None)
        self.events.add("deleted", chat_id=chat_id, message_ids=message_ids)

    # the bot's ears

    def cause(self, kind: str, payload: Json, *, lane: int) -> int:
        """Queue an update; its lane is the chat's, or the person's for what happens outside chats."""
        return self.updates.add(kind, payload, (kind if kind != "edited_message" else "message", lane))

    def advance(self, seconds: float) -> None:
        """Move the clock, end the waiting poll, let age do its work."""
        self.clock.advance(seconds)
        self.updates.expire()
        self.updates.release()
        self.webhook.hurry()
        self.events.add("clock", now=self.clock.now(), offset_s=self.clock.offset_s)


def _changed(message: Json, changes: dict[str, Any]) -> Json:
    return {key: value for key, value in (message | changes).items() if value is not None}
