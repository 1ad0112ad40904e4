"""Pending messages as values: `Outgoing` from a row of the outbox, and its `OutboxState`.

Knows the columns and their forms; must not know SQL or when a message leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.core.change import Address, Button, ChatId, Gist, Keyboard, Leaves, PersonId
from domain.core.immutable import immutable
from storage.values import from_json

if TYPE_CHECKING:
    from storage.engine.database import Row

#: Columns of a pending message, in the order of `outgoing`.
COLUMNS = (
    "id, channel, chat_id, thread_id, person_id, language, priority, key, params, buttons, card, fresh, media, ask, silent, protect, expires_at,"
    " subject, batch, role, village_id, falls_upward, attempts, ambiguous, created_at, not_to, owner, said,"
    " unique_key, gist, listed, leaves"
)


@immutable
class Outgoing:
    """A pending message.

    `attempts` counts attempts, `ambiguous` those with an unknown outcome; `said`: number of its parts that the server accepted;
    `in_doubt`: its receiver is checked again before it is sent (not stored); `listed`: a list has named it; `answers`: the message that shows
    the card of its subject in a private chat, to which it replies. `keyboard`: labels of the keyboard that it brings to stay (not stored); empty
    takes one away, None leaves it.
    """

    id: int
    address: Address
    person_id: PersonId | None
    language: str
    priority: int
    key: str
    params: dict[str, Any]
    buttons: Keyboard
    card: str
    as_new_message: bool
    media: dict[str, Any] | None
    ask: str
    silent: bool
    protect: bool
    expires_at: int | None
    subject: str
    batch: str
    role: str
    village_id: int | None
    escalates_if_undeliverable: bool
    attempts: int
    ambiguous: int
    created_at: int
    excluded_ids: tuple[PersonId, ...] = ()
    owner: str = ""
    said: int = 0
    unique_key: str = ""
    gist: Gist | None = None
    listed: bool = False
    leaves: Leaves = Leaves.TEXT
    answers: int | None = None
    in_doubt: bool = False
    keyboard: tuple[str, ...] | None = None


@immutable
class OutboxState:
    """State of a message before it is sent.

    `waits`: nobody stopped, replaced or took it; `hanging`: the message that shows its card now, with its `picture`;
    `behind`: until when an earlier message
    with the card is postponed (microseconds; None: there is none).
    """

    waits: bool
    hanging: int | None
    behind: int | None
    picture: str = ""


def keyboard_to_plain(keyboard: Keyboard) -> list[list[list[Any]]]:
    """Return buttons as JSON keeps them."""
    return [[[button.label, button.verb, list(button.args), button.params, button.url] for button in row] for row in keyboard]


def _keyboard_from_plain(rows: list[list[list[Any]]]) -> Keyboard:
    return tuple(tuple(Button(label, verb, tuple(args), params, url) for label, verb, args, params, url in row) for row in rows)


def outgoing(row: Row) -> Outgoing:
    """Convert a row of COLUMNS to a message.

    The row is unpacked at once, because a look-up by name for so many columns takes longer than the rest.
    """
    (
        number, channel, chat_id, thread_id, person_id, language, priority, key, params, buttons, card, as_new_message, media, ask, silent, protect,
        expires_at, subject, batch, role, village_id, escalates_if_undeliverable, attempts, ambiguous, created_at, excluded_ids, owner, said,
        unique_key, gist, listed, leaves,
    ) = row  # fmt: skip
    return Outgoing(
        number, Address(channel, ChatId(chat_id), thread_id), person_id, language, priority, key, from_json(params),
        _keyboard_from_plain(from_json(buttons) or []), card, bool(as_new_message), from_json(media), ask, bool(silent), bool(protect),
        expires_at, subject, batch, role, village_id, bool(escalates_if_undeliverable), attempts, ambiguous, created_at,
        tuple(from_json(excluded_ids) or ()), owner, said, unique_key, Gist(*from_json(gist)) if gist else None, bool(listed),
        Leaves(leaves),
    )  # fmt: skip
