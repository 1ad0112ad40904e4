"""Read what police type for an alert: its level, its villages, its text, a reason.

Knows words; decides nothing about an alert.
"""

from __future__ import annotations

import re

from domain.alerts import Level
from domain.core.change import RuleError
from domain.core.numbers import clean_text, utf16_len
from domain.core.village_names import names_in

LONGEST_TEXT = 1000
SHORTEST_REASON, LONGEST_REASON = 4, 200
_CHINESE = {"蓝": Level.BLUE, "黄": Level.YELLOW, "橙": Level.ORANGE, "红": Level.RED}
_WHERE = re.compile(r"([^\s、,，]+(?:\s*[、,，]\s*[^\s、,，]+)*)(?:\s+(.*))?", re.DOTALL)


def parse_level(word: str) -> Level | None:
    """Read "red", "红", "红色", "红色预警"; None for anything else."""
    word = word.strip().lower().removesuffix("预警").removesuffix("色")
    return _CHINESE.get(word) or next((level for level in Level if level == word), None)


def parse_line(said: str) -> tuple[Level | None, tuple[str, ...], str]:
    """Split "<level> <where> <text>" into level (None: all is text), names and text."""
    first, _, rest = said.strip().partition(" ")
    level = parse_level(first)
    if level is None:
        return None, (), said.strip()
    found = _WHERE.fullmatch(rest.strip())
    return (level, names_in(found[1]), (found[2] or "").strip()) if found else (level, (), "")


def clean(said: str) -> str:
    """Return an alert's text, harmless.

    Raises:
        RuleError: `alert.text.needed` for an empty one, `alert.text.too_long` for more than 1,000 characters, because no text is cut.
    """
    text = clean_text(said, 100_000)
    if not text:
        raise RuleError("alert.text.needed")
    if utf16_len(text) > LONGEST_TEXT:
        raise RuleError("alert.text.too_long", length=utf16_len(text), most=LONGEST_TEXT)
    return text


def reason(said: str) -> str:
    """Return why an alert is sent alone, in one line.

    Raises:
        RuleError: `alert.alone.reason_needed` for less than a few characters.
    """
    text = " ".join(clean_text(said, LONGEST_REASON).split())
    if len(text) < SHORTEST_REASON:
        raise RuleError("alert.alone.reason_needed")
    return text
