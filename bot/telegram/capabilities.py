"""Abilities of a channel, from the object `can` of getMe.

A missing ability has Telegram's value. Knows names and limits; must not know their use. Only rendering, pacing, "was the person reached" and `check` read it
(tests/contracts/test_channels.py). Invariant: a server that describes itself wrongly is refused with the place, and unknown words are ignored,
so that a newer gateway works with an older bot.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any, NamedTuple


class Wakes(StrEnum):
    """The devices that a new message makes ring.

    A phone in a pocket, a group's phones, a page while it is open, none.
    """

    POCKET = "pocket"
    GROUP = "group"
    OPEN = "open"
    NEVER = "never"


class Unit(StrEnum):
    """The unit of a text's length."""

    UTF16 = "utf16"
    CHARS = "chars"
    BYTES = "bytes"


class Markup(StrEnum):
    """The markup of a text."""

    HTML = "html"
    PLAIN = "plain"


class ButtonKind(StrEnum):
    """The function of a button under a message."""

    CALLBACK = "callback"
    LINK = "link"
    NONE = "none"


class EditKind(StrEnum):
    """The possibility of editing a message."""

    ALWAYS = "always"
    NEVER = "never"


class TextLimit(NamedTuple):
    """The longest message and caption, after the markup is parsed.

    `unit` and `markup`: how a text is measured and written.
    """

    most: int = 4096
    caption: int = 1024
    unit: Unit = Unit.UTF16
    markup: Markup = Markup.HTML


class Buttons(NamedTuple):
    """Limits of a keyboard; `label`: characters shown."""

    kind: ButtonKind = ButtonKind.CALLBACK
    per_row: int = 8
    label: int = 64


class Edits(NamedTuple):
    """Edits of messages: at most one redraw in `redraw_s` seconds per chat.

    Without edits, a redrawn message is sent once more after a quiet period of that length.
    """

    kind: EditKind = EditKind.ALWAYS
    redraw_s: float = 0.0


class Rates(NamedTuple):
    """Rate limits of the server; zero: not given, the settings decide."""

    per_second: float = 0.0
    chat_per_second: float = 0.0
    chat_burst: int = 0
    group_per_minute: float = 0.0


class Capabilities(NamedTuple):
    """A channel's abilities.

    `link`: the beginning of a link into a chat, with `{bot}` for the bot's user name; empty: no links. `idempotent`: a repeated send with the
    same `request_id` does nothing and returns the same answer. `keyboard`: buttons can stay under a chat. `deletes`: a person's message can be deleted.
    """

    wakes: Wakes = Wakes.POCKET
    text: TextLimit = TextLimit()
    buttons: Buttons = Buttons()
    edits: Edits = Edits()
    media_out: frozenset[str] = frozenset({"photo", "voice", "video", "video_note", "document", "audio", "animation"})
    location_in: bool = True
    location_out: bool = True
    contact_in: bool = True
    keyboard: bool = True
    deletes: bool = True
    pace: Rates = Rates()
    idempotent: bool = False
    link: str = "https://t.me/{bot}"

    @property
    def rings(self) -> bool:
        """True if a person notices a new message without looking."""
        return self.wakes in (Wakes.POCKET, Wakes.GROUP)


TELEGRAM = Capabilities()
Json = dict[str, Any]


def capabilities_of(said: Any) -> Capabilities:
    """Return what a server says of itself; None is Telegram.

    Raises:
        ValueError: a word has another shape than it must have; the message names the place and not the value.
    """
    return TELEGRAM if said is None else _read(TELEGRAM, said, "can")


def _read(usual: Any, said: Any, place: str) -> Any:
    """Return a value of the same kind as the usual one."""
    right = False
    match usual:
        case bool():
            right = isinstance(said, bool)
        case StrEnum():
            if said in list(type(usual)):
                return type(usual)(said)
        case str():
            right = isinstance(said, str) and (not said or said.startswith(("https://", "http://")))
        case int() | float():
            right = isinstance(said, (int, float)) and not isinstance(said, bool) and math.isfinite(said) and said >= 0
            right = right and (isinstance(usual, float) or (isinstance(said, int) and said > 0))
        case frozenset():
            if isinstance(said, list) and all(isinstance(each, str) for each in said):
                return frozenset(said)
        case tuple() if isinstance(said, dict):
            parts: Any = usual
            given = {name: _read(getattr(parts, name), said[name], f"{place}.{name}") for name in parts._fields if name in said}
            return parts._replace(**given)
    if not right:
        raise ValueError(f"{place} is not understood")
    return said
