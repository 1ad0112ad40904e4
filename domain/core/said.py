"""Spellings of labels, commands and numbers that are typed in place of a press.

Knows spellings only; must not know which buttons, commands or records there are. Invariants: every function is bounded, however long the text;
other forms are nothing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from domain.core.immutable import immutable
from domain.core.numbers import parse_case_number

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: A longer text is no label and no command in words.
LONGEST = 60
_DIGITS = "0-9\uff10-\uff19"
_SLASH = "/\uff0f\u3001"
_COUNT = re.compile(r"\(\s*[0-9]{1,6}\+?\s*\)\s*$")
_GLUED = re.compile("([a-z_]{1,32})([0-9]{1,9})")
_BETWEEN = r"[\s,\uff0c:\uff1a\u3001;\uff1b\u53f7#\uff03]"
_NUMBERS = rf"[#\uff03]?[{_DIGITS}]{{1,9}}(?:{_BETWEEN}+[{_DIGITS}]{{1,9}})*"
_NUMBER_FIRST = re.compile(rf"[#\uff03]?([{_DIGITS}]{{1,9}})(?![{_DIGITS}])\u53f7?[\s,\uff0c:\uff1a\u3001.\u3002!\uff01]*(.*)", re.DOTALL)
_ONLY_NUMBERS = re.compile(rf"{_NUMBERS}\s*")
_EACH = re.compile(f"[{_DIGITS}]{{1,9}}")
#: Words after a number that make it a quantity: 2000块, 3个人, 2026年, 110报警.
_UNITS = re.compile(
    "[万千百亿多余来几]?(?:块|元|圆|个|人|名|户|家|口|位|年|月|日|天|号楼|栋|幢|室|米|里|公里|斤|吨|亩|平|点|分|秒|小时|次|件衣|只|头|条狗|辆|度|岁|%|路|元钱|报警|急救)"
)


@immutable
class Numbered:
    """A message that begins with a number: the number and the words after it."""

    number: int
    words: str


def bare(text: str) -> str:
    """Return the letters and digits of a short text, in lower case.

    The count at its end is left out: "📥 待办（5）" and "待办" give the same. Empty for a long text, and for one of signs only.
    """
    if len(text) > LONGEST:
        return ""
    plain = _COUNT.sub("", unicodedata.normalize("NFKC", text).casefold().rstrip(" \n。.!?~、,…"))
    return "".join(character for character in plain if character.isalnum())


def without_slash(text: str) -> str:
    """Return a text without the sign of a command at its beginning: "/开始" is "开始"."""
    return text[1:] if text[:1] and text[0] in _SLASH else text


def split_glued(command: str, known: Collection[str]) -> tuple[str, str]:
    """Split "case1011" into ("case", "1011"); a known name and an unknown one stay whole."""
    found = None if command in known else _GLUED.fullmatch(command)
    return (found[1], found[2]) if found is not None and found[1] in known else (command, "")


def command_in_words(text: str, words: Mapping[str, str]) -> tuple[str, str] | None:
    """Read a command whose name is a word; None for anything else.

    "受理 1004", "签到7731", "/开始 上徐村". `words`: word → command. Without a slash, numbers must follow the word. Returns the command and its arguments.
    """
    said = text.strip()
    if len(said) > 1500 or not said:
        return None
    slashed = said[0] in _SLASH
    said = without_slash(said)
    word = next((word for word in sorted(words, key=len, reverse=True) if said.startswith(word)), None)
    if word is None:
        return None
    rest = said[len(word) :].lstrip(" \t\n\u3000:\uff1a")
    numbers = _ONLY_NUMBERS.match(rest)
    if (slashed and rest != said[len(word) :]) or (slashed and not rest):
        return words[word], rest
    if numbers is None:
        return None
    after = rest[numbers.end() :]
    return (words[word], rest) if not after or numbers[0][-1:].isspace() or not after[0].isalnum() else None


def numbers_in(text: str) -> tuple[int, ...]:
    """Return the numbers, each once, of a text that holds nothing else."""
    if len(text) > 200 or not _ONLY_NUMBERS.fullmatch(text.strip()):
        return ()
    found = (parse_case_number(each) for each in _EACH.findall(text))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def number_first(text: str, *, least: int = 0) -> Numbered | None:
    """Read "1004 修好了", "1004号", "#1004。"; None for a quantity and for other words.

    `least`: smaller numbers are nothing.
    """
    found = _NUMBER_FIRST.fullmatch(text[:3200].strip())
    number = parse_case_number(found[1]) if found is not None else None
    if found is None or number is None or number < least or _UNITS.match(found[2]):
        return None
    return Numbered(number, found[2].strip())
