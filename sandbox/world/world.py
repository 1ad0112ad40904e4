"""The state of the sandbox, in memory, and the functions that change it.

They post, replace and delete messages, cause updates and move the clock. `sandbox/api/methods/` holds the bot's actions,
`sandbox/world/user_actions/` the actions of people. Message objects are values: an edit replaces the object.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.world.abilities import Abilities
from sandbox.world.clock import Clock
from sandbox.world.events import Events
from sandbox.world.faults import Faults
from sandbox.world.files import Files
from sandbox.world.limits import Limits
from sandbox.world.people import ANONYMOUS_ADMIN, Group, Person
from sandbox.world.updates import Updates
from sandbox.world.webhook import Webhook

if TYPE_CHECKING:
    from sandbox.core.wire import Json

KEPT_MESSAGES = 20_000
CALLBACK_S = 15.0


@dataclass(slots=True)
class Stored:
    """A message: `wire` as sent to the bot, `seen` as people see it (with the reply keyboard)."""

    wire: Json
    seen: Json
    by_bot: bool
    protected: bool = False


@dataclass(slots=True)
class Press:
    """A callback query that waits for its answer. `at` is by the sandbox's clock."""

    user_id: int
    at: float


@dataclass
class Poll:
    """A poll and its votes; `votes` maps a user id to option numbers."""

    wire: Json
    chat_id: int
    message_id: int
    votes: dict[int, list[int]] = field(default_factory=dict)


class World:
    """One bot with its users, chats and messages."""

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
        """Start empty. `reads_all` switches the privacy mode off.

        `can`: the object that getMe contains on a channel that is not Telegram. Two worlds of one town, each a channel of its own, share a `clock`.
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
        """Forget everything except the bot, the token and whether limits are on.

        All numbering continues: no new object gets an old id.
        """
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
        """Return an unused user id."""
        return next(number for number in self._person_ids if number not in self.persons)

    def new_group_id(self, kind: str) -> int:
        """Return an unused chat id of the right form: -100… for a supergroup."""
        base = -1_000_000_000_000 if kind == "supergroup" else 0
        return next(base - number for number in self._group_ids if base - number not in self.groups)

    def person_wire(self, user_id: int) -> Json:
        """Return the `User` of a person, the bot or the anonymous administrator, or raise KeyError."""
        if user_id == self.bot["id"]:
            return self.bot
        if user_id == ANONYMOUS_ADMIN["id"]:
            return ANONYMOUS_ADMIN
        return self.persons[user_id].user

    def chat_wire(self, chat_id: int) -> Json:
        """Return the `Chat` of a person or a group, or raise KeyError."""
        return self.persons[chat_id].chat if chat_id > 0 else self.groups[chat_id].chat

    # messages

    def new_message_id(self, chat_id: int) -> int:
        """Return the next message id. Supergroups have a counter each, all other chats share one."""
        if chat_id > -1_000_000_000_000:
            return next(self._private_ids)
        ids = self._ids.get(chat_id)
        if ids is None:
            ids = self._ids[chat_id] = itertools.count(2)  # 1 is the creation of the group, and the General topic
        return next(ids)

    def find_message(self, chat_id: int, message_id: int) -> Stored | None:
        """Return a message, or None if it does not exist or was deleted."""
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
        """Post a message into a chat and notify the page.

        `keyboard` is a reply keyboard, which only people see.
        """
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
        """Change fields of a message; None removes a field. Return the new object."""
        stored.wire = _changed(stored.wire, changes)
        stored.seen = _changed(stored.seen, changes)
        self.events.add(tell, chat_id=stored.wire["chat"]["id"], message=stored.seen)
        return stored.wire

    def delete(self, chat_id: int, message_ids: list[int]) -> None:
        """Delete messages for everybody."""
        for message_id in message_ids:
            self.messages[chat_id].pop(message_id, None)
        self.events.add("deleted", chat_id=chat_id, message_ids=message_ids)

    # updates

    def cause(self, kind: str, payload: Json, *, lane: int) -> int:
        """Queue an update. `lane`: id of the chat, or of the person for an update outside chats."""
        return self.updates.add(kind, payload, (kind if kind != "edited_message" else "message", lane))

    def advance(self, seconds: float) -> None:
        """Move the clock, drop expired updates, and end the waiting poll and webhook pauses."""
        self.clock.advance(seconds)
        self.updates.expire()
        self.updates.release()
        self.webhook.hurry()
        self.events.add("clock", now=self.clock.now(), offset_s=self.clock.offset_s)


def _changed(message: Json, changes: dict[str, Any]) -> Json:
    return {key: value for key, value in (message | changes).items() if value is not None}
