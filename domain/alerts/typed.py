"""Read what police type for an alert: its level, its villages, its text, a reason.

Knows words; decides nothing about an alert.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from domain.alerts import Level
from domain.core.change import RuleError
from domain.core.numbers import clean_text, utf16_len
from domain.core.said import bare
from domain.core.village_names import names_in

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST_TEXT = 1000
SHORTEST_REASON, LONGEST_REASON = 4, 200
_CHINESE = {"蓝": Level.BLUE, "黄": Level.YELLOW, "橙": Level.ORANGE, "红": Level.RED}
_WHERE = re.compile(r"([^\s、,，]+(?:\s*[、,，]\s*[^\s、,，]+)*)(?:\s+(.*))?", re.DOTALL)
_LEVEL_FIRST = re.compile(r"[红橙黄蓝]色?(?:预警)?(?=[\s:：、,，])|(?:red|orange|yellow|blue)(?: alert)?(?=[\s:：,])", re.IGNORECASE)
_ANNOUNCED = re.compile(r"(?:发布?)?(?:[红橙黄蓝]色预警|[红橙黄蓝]色?预警|(?:red|orange|yellow|blue) alert)[\s:：、,，]", re.IGNORECASE)
#: Words of somebody who has read an alert, and of somebody who told everybody.
_SEEN = re.compile(
    "(?:好的?|嗯|是|ok)?(?:收到|已收到|知道了|明白|看到了?)(?:了|啦)?(?:谢谢)?(?:我?(?:马上|立刻|立即|这就|现在|正在)(?:就|去)?.{0,8})?|1|ok|received",
    re.IGNORECASE,
)
_TOLD = re.compile(
    "(?:收到)?(?:全村|村里|大家|家家户户|各户)?(?:都|已经?|全部?)*(?:挨户|挨家挨户)?通知(?:到户?|完|到位|好|过)了?(?:了|啦)?|everybody (?:is )?told",
    re.IGNORECASE,
)


def parse_level(word: str) -> Level | None:
    """Read "red", "红", "红色", "红色预警"; None for anything else."""
    word = word.strip().lower().removesuffix("预警").removesuffix("色")
    return _CHINESE.get(word) or next((level for level in Level if level == word), None)


def parse_line(said: str) -> tuple[Level | None, tuple[str, ...], str]:
    """Split "<level> <where> <text>" into level (None: all is text), names and text."""
    found = _LEVEL_FIRST.match(said.strip())
    first, *more = [found[0], said.strip()[found.end() :]] if found else said.split(maxsplit=1) or [""]
    rest = "".join(more).lstrip(" \t\n\u3000:：、,，")
    level = parse_level(first.removesuffix(" alert"))
    if level is None:
        return None, (), said.strip()
    found = _WHERE.fullmatch(rest.strip())
    return (level, names_in(found[1]), (found[2] or "").strip()) if found else (level, (), "")


def announces(said: str) -> bool:
    """Tell whether a message begins like an alert that police write in one line: "橙色预警 上徐村 暴雨"."""
    return bool(_ANNOUNCED.match(said[:40].strip()))


def after(where: tuple[str, ...], text: str, known: Collection[str]) -> tuple[tuple[str, ...], str]:
    """Move the villages at the beginning of a text to those before it: "上徐村 下李村 暴雨" names two.

    `known`: the names of villages, with and without 村.
    """
    while text:
        first, *more = text.split(maxsplit=1)
        names = names_in(first)
        if not names or not more or not set(names) <= set(known):
            break
        where, text = (*where, *names), more[0]
    return where, text.strip()


def answers(said: str) -> str:
    """Return "seen" or "told" for words that confirm an alert, "" for any others."""
    word = bare(said) if len(said) <= 24 else ""
    return "told" if word and _TOLD.fullmatch(word) else "seen" if word and _SEEN.fullmatch(word) else ""


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
