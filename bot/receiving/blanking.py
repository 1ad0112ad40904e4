"""Blank the ID numbers in a raw update, before it is stored.

Knows which parts of an update are people's words; must not know what an update means. Invariants: no ID number of a person reaches the
database; every other character and every position in a text stay as they were; ids of files and of presses are not touched.
"""

from __future__ import annotations

from typing import Any

from bot.telegram.incoming import BLANKED
from domain.core.private_numbers import ID_LENGTH, without_ids

#: What the server made, besides names that end in "id": digits there are no person's.
_NOT_WORDS = ("data", "chat_instance")
_MESSAGES = ("message", "edited_message")
#: Parts of a message that its sender did not write with it.
_NOT_THEIRS = ("from", "chat", "sender_chat", "reply_to_message", "pinned_message")


def blank_ids(update: Any) -> Any:
    """Blank the ID numbers in an update of any shape, in place; return it.

    An update whose new or edited message held one is marked: its sender is told, and the message is deleted.
    """
    if not isinstance(update, dict):
        whole = [update]
        _blank(whole)
        return whole[0]
    update.pop(BLANKED, None)
    if _blank(update):
        update[BLANKED] = True
    return update


def _blank(within: Any) -> bool:
    """Blank the strings inside; return whether a new or edited message had an ID number.

    One in a part that its sender did not write does not count.
    """
    found = False
    waiting: list[tuple[Any, bool]] = [(within, False)]
    while waiting:
        part, theirs = waiting.pop()
        for name, value in part.items() if isinstance(part, dict) else enumerate(part):
            if isinstance(value, str):
                if len(value) < ID_LENGTH or _is_made(name):
                    continue
                blanked = without_ids(value)
                if blanked != value:
                    part[name], found = blanked, found or theirs
            elif isinstance(value, dict | list):
                if part is within:
                    waiting.append((value, name in _MESSAGES and isinstance(value, dict)))
                else:
                    waiting.append((value, theirs and name not in _NOT_THEIRS))
    return found


def _is_made(name: str | int) -> bool:
    return isinstance(name, str) and (name.endswith("id") or name in _NOT_WORDS)
