"""Rows of words as patterns: the notation of the word tables of this package.

A table is a text with one row per line. A row is a sequence of groups, and a group lists words with `/` between them. `+` joins two groups
without anything between them, `…` with a few characters of the same clause, `……` with some more, also of the next clause, and `&` in any
order near each other. `{name}` stands for the words of a set. An English word matches as a whole; `burn*` also matches its longer forms.
Every gap is bounded, so a pattern takes a time that the length of the message limits. Knows no word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
Search = Callable[..., re.Match[str] | None]

#: The bounded gaps, between Chinese words and between English ones. A normalised text has only these two punctuation signs.
_GAPS = {"+": "", "…": "[^,.]{0,6}", "……": "[^.]{0,16}"}
_ENGLISH_GAPS = {"+": " ?", "…": "[^,.]{0,22}", "……": "[^.]{0,40}"}
_JOINERS = re.compile(r"\s+(\+|&|…+)\s+")
#: Characters around the most telling word in which a row with `&` finds its other words.
_NEAR = 26
#: How far the words of a row may be apart: their gap and the words themselves.
_REACH = {"+": 12, "…": 24, "……": 40}
#: Words in almost every message: a group with one of them tells little.
_COMMON = frozenset("了在我他她人不的有都一到要说没里上下来去出得着还就个中大快好,是叫开现吗和也被给让把这那跟从家")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
#: The longest word of a group.
_LONGEST = 20
#: So many places of one row are looked at.
_PLACES = 4


def words_of(group: str, sets: Mapping[str, str]) -> list[str]:
    """Return the words of a group, its sets replaced by their words."""
    found: list[str] = []
    for word in group.split("/"):
        name = word.strip()
        found += words_of(sets[name[1:-1]], sets) if name.startswith("{") else [name]
    return found


def pattern_of(word: str) -> str:
    """Return the pattern of one word."""
    if not (word[:1].isascii() and word[:1].isalpha()):
        return re.escape(word)
    return "(?<![a-z])" + "[a-z]{0,6}".join(re.escape(part) for part in word.split("*")) + ("" if word.endswith("*") else "(?![a-z])")


def any_of(words: str) -> Callable[[str], re.Match[str] | None]:
    """Return a search for any word of a group."""
    return re.compile("|".join(pattern_of(word) for word in words.split("/"))).search


class Row:
    """One row as patterns; `keys` are the words of its most telling group.

    The patterns are compiled when a message has one of these words: all rows take half a second of every start, and most are seldom needed.
    """

    __slots__ = ("_reach", "_searches", "keys", "sources")

    def __init__(self, line: str, sets: Mapping[str, str]) -> None:
        """Read a line of a table."""
        groups, *rest = _JOINERS.split(line.strip())[::2], _JOINERS.split(line.strip())[1::2]
        joiners = rest[0]
        lists = [words_of(group, sets) for group in groups]
        gaps = _ENGLISH_GAPS if lists[0][0][:1].isascii() else _GAPS
        parts = ["(?:" + "|".join(pattern_of(word) for word in sorted(words, key=len, reverse=True)) + ")" for words in lists]
        telling = min(
            lists,
            key=lambda words: (len(_COMMON.intersection(words)), sum(len(word) < 2 for word in words), -min(map(len, words)), len(words)),
        )
        self.keys = tuple(telling)
        apart = "&" in joiners
        at = lists.index(telling)
        joined = parts[at] if apart else parts[0] + "".join(gaps[joiner] + part for joiner, part in zip(joiners, parts[1:], strict=True))
        self.sources = (joined, *(part for index, part in enumerate(parts) if apart and index != at))
        self._searches: tuple[Search, ...] = ()
        self._reach = 0 if apart else sum(_REACH[joiner] for joiner in joiners)

    def places(self, line: str, positions: Sequence[int]) -> list[tuple[int, int]]:
        """Return the places of the row in a line, near the positions of its key words."""
        if not self._searches:
            self._searches = tuple(re.compile(source).search for source in self.sources)
        find, *others = self._searches
        places: list[tuple[int, int]] = []
        start = 0
        for position in positions[:_PLACES]:
            if position < start:
                continue
            begin = max(start, position - self._reach)
            found = find(line, begin, position + self._reach + _LONGEST)
            if found is None:
                continue
            start = found.end()
            near = (max(0, found.start() - _NEAR), start + _NEAR)
            if all(_beside(other, line, found, near) for other in others):
                places.append(found.span())
        return places


def _beside(other: Search, line: str, found: re.Match[str], near: tuple[int, int]) -> bool:
    """Return whether another group matches near a place, and not inside it."""
    return other(line, near[0], found.start()) is not None or other(line, found.end(), near[1]) is not None


def rows_of(table: str, sets: Mapping[str, str]) -> Iterator[Row]:
    """Read the rows of a table; empty lines and lines that begin with `#` are skipped."""
    for line in table.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield Row(line, sets)


class Index(Generic[T]):
    """Finds the entries whose key words occur in a text, in one pass over it."""

    def __init__(self, entries: Iterable[tuple[tuple[str, ...], T]]) -> None:
        """Index entries by their key words."""
        by_word: dict[str, list[T]] = defaultdict(list)
        for keys, entry in entries:
            for word in keys:
                by_word[word.split("*")[0]].append(entry)
        self._entries = {word: tuple(entries) for word, entries in by_word.items()}
        lengths: dict[str, set[int]] = defaultdict(set)
        for word in by_word:
            if len(word) > 1:
                lengths[word[:2]].add(len(word))
        #: By the first two characters, because most characters begin some key word and few pairs do.
        self._lengths = {pair: tuple(sorted(each)) for pair, each in lengths.items()}

    def find(self, text: str) -> dict[T, list[int]]:
        """Return the entries whose key words occur, with the positions of these."""
        found: dict[T, list[int]] = {}
        entries, lengths = self._entries, self._lengths
        before = " "
        for position, sign in enumerate(text):
            single, longer = entries.get(sign), lengths.get(text[position : position + 2])
            if (single or longer) and not (sign in _LETTERS and before in _LETTERS):
                for entry in single or ():
                    found.setdefault(entry, []).append(position)
                for length in longer or ():
                    for entry in entries.get(text[position : position + length], ()):
                        found.setdefault(entry, []).append(position)
            before = sign
        return found


def one_of(words: Iterable[str]) -> str:
    """Return one pattern for many words, branched by first character, the longest word first."""
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        by_first[word[0]].append(word[1:])
    branches = []
    for first, rests in by_first.items():
        behind = "(?<![a-z])" if first.isascii() and first.isalpha() else ""
        tails = "|".join(re.escape(rest) for rest in sorted(rests, key=len, reverse=True))
        branches.append(f"{behind}{re.escape(first)}(?:{tails})")
    return f"(?:{'|'.join(branches)})"
