"""Result of a decision: plain values that storage records in one transaction.

Knows nothing of any feature. Invariant: a change holds everything that follows from a decision: the new value, its audit event, the
messages it causes, the timers it starts and stops. Nothing else is written.
"""

from __future__ import annotations

import re
from dataclasses import field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, NewType

from domain.core.immutable import immutable

PersonId = NewType("PersonId", int)
CaseId = NewType("CaseId", int)
VillageId = NewType("VillageId", int)
StationId = NewType("StationId", int)
ChatId = NewType("ChatId", int)


#: Roles of posts: a message to a post that cannot be delivered escalates to the next one. Their order:
#: `domain.people.people.ESCALATION_ORDER`.
POSTS = frozenset({"chair", "officer", "duty", "leader", "admin"})
_SUBJECT = re.compile(r"[a-z_]+:[0-9]+")


class Priority(IntEnum):
    """The order in which pending messages are sent; smaller first."""

    SOS = 0
    ALERT = 1
    ESCALATION = 2
    REPLY = 3
    REMINDER = 4
    BROADCAST = 5


class Leaves(StrEnum):
    """The rest of a card's message when a newer message becomes the card.

    `LINE`: one line that says where the card is now; `TEXT`: its text without buttons; `NOTHING`: it is deleted; `ALL`: it stays as it is.
    """

    LINE = "line"
    TEXT = "text"
    NOTHING = "nothing"
    ALL = "all"


class RuleError(Exception):
    """A rule that forbids the request: an answer to the person, not a fault.

    Carries a text key with its parameters.
    """

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


class NotFound(RuleError):
    """Absent, or not visible to the actor: both read the same."""

    def __init__(self, number: int | str) -> None:
        super().__init__("refused.not_found", number=str(number))


@immutable
class Button:
    """A button under a message.

    `verb` is a route of a feature (`python -m bot routes`), `args` are short plain words; with `url` it is a link.
    """

    label: str
    verb: str = ""
    args: tuple[str | int, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    url: str = ""


Keyboard = tuple[tuple[Button, ...], ...]
#: Value of `Notice.ask`: the keyboard that asked for a place or a number is taken away.
NO_KEYBOARD = "none"


@immutable
class Gist:
    """Summary of an urgent message, for a list of those that wait for one chat.

    `account`: the account that called for help; `known`: that account is older than a day; `number`, `village`, `kind` (a text key).
    """

    account: int
    known: bool
    number: str
    village: str
    kind: str


@immutable
class Address:
    """Address of a message: a chat of a channel; `thread_id` is a forum topic (0: none)."""

    channel: str
    chat_id: ChatId
    thread_id: int = 0


@immutable
class Receiver:
    """A person or group to be notified.

    `address` is None for a person without a chat (imported, not joined): the message then escalates at once. `role` and `village_id` say
    which post is notified, so that an undeliverable message can go to the next post. `lent_by`: the owners of
    that post, for a person who is only their deputy.
    """

    address: Address | None
    language: str = "zh"
    person_id: PersonId | None = None
    role: str = ""
    village_id: VillageId | None = None
    name: str = ""
    lent_by: frozenset[PersonId] = frozenset()


@immutable
class Notice:
    """A message that somebody must receive.

    `key`/`params`: see texts.render. `card`: name of a live card ("<kind>:<number>"): a later notice with the same card to the same chat
    edits the earlier message instead of sending another; `as_new_message` sends a new message and makes it the card; with `latest` it takes the
    place of every message with this card that still waits for the chat, so that a call is never pending twice; `leaves`: the rest of its
    message when the card moves on (default: `left`). `subject`: the thing it is about
    ("<kind>:<number>"); without it the card says so. Its feature declares in storage who may see it. A message about a subject is safe
    without a flag:

    * sent to a post, it escalates to the next post when it cannot be delivered (never to the persons in `excluded_ids`, parties to a case);
    * it makes no noise in quiet hours; it cannot be forwarded; an administrator, who reads no case, learns its number only;
    * it is about that subject when delivery asks whether its receiver may (still) see it.

    The exceptions are flags, each with a reason where it is set: `stays`: it does not escalate; `rings`: makes a noise in quiet hours too;
    `forwardable`; `open_to_admins`: written for administrators; `tells_nothing`: says nothing of its subject, so that people who may not
    see the subject may receive it; `silent`: never makes a noise. `media`: {"type": photo|voice|video|document|location|qr|own,
    "file_id"|"latitude","longitude"|"data"|"name": …} (own: a sound of texts/voices/)
    sent with the text as caption; {"type": "delete", "message_id", "quietly"}: a person's message
    that is deleted before the text is sent (quietly: the text is not sent). `unique`: the row's unique key when the cause alone does not
    say it (default: cause and position). `gist`: delivery may list it with others that wait for the same chat; it still arrives itself.
    """

    to: Receiver
    key: str
    params: dict[str, Any] = field(default_factory=dict)
    buttons: Keyboard = ()
    priority: Priority = Priority.REPLY
    card: str = ""
    as_new_message: bool = False
    latest: bool = False
    leaves: Leaves | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    unique: str = ""
    stays: bool = False
    rings: bool = False
    forwardable: bool = False
    open_to_admins: bool = False
    tells_nothing: bool = False
    silent: bool = False
    media: dict[str, Any] | None = None
    subject: str = ""
    batch: str = ""
    ask: str = ""
    excluded_ids: tuple[PersonId, ...] = ()
    gist: Gist | None = None

    @property
    def about(self) -> str:
        """The subject, as given or from the card's name; empty for none.

        "training:5:board" is about "training:5".
        """
        if self.tells_nothing:
            return ""
        named = None if self.subject else _SUBJECT.match(self.card)
        return named[0] if named else self.subject

    @property
    def left(self) -> Leaves:
        """The rest of the message when its card moves on.

        The card of a subject becomes one line; a list or a question loses its buttons; a pin stays.
        """
        if self.leaves is not None:
            return self.leaves
        if (self.media or {}).get("type") == "location":
            return Leaves.ALL
        return Leaves.LINE if _SUBJECT.match(self.card) else Leaves.TEXT

    @property
    def escalates(self) -> bool:
        """True when it goes to the next post if it cannot be delivered."""
        return bool(self.about) and not self.stays and self.to.role in POSTS

    @property
    def protected(self) -> bool:
        """True when it cannot be forwarded or copied."""
        return bool(self.about) and not self.forwardable


@immutable
class Event:
    """One line of the audit: actor, action and subject.

    `words` are people's own and never leave the case.
    """

    subject: str
    action: str
    actor_id: PersonId | None
    at: datetime
    words: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@immutable
class Timer:
    """A scheduled check: `kind` is an entry of bot/timers/recurring_jobs.py.

    `occurrence` makes it permanently unique.
    """

    kind: str
    subject: str
    due_at: datetime
    occurrence: str
    data: dict[str, Any] = field(default_factory=dict)
