"""Clues: words that say little each, with points that add up as in a clinical score.

A group is a class of words (kin, parts of the body, what became of something, questions, the office, the past). Its first, second and third
word count; a word may have further points of its own. Positive points speak for somebody in danger now, negative ones for an ordinary matter.
Four points make the odds almost three times as high. Knows no word and no rule of the sign tables.
Invariant: the time for a message is limited by its length.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from domain.core.immutable import immutable
from domain.emergencies.heard import Danger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: A word of a group and its own points.
_OWN = re.compile("(.+?)([+-][0-9]+)?")
_TOKEN = re.compile("[a-z]+")
_CHINESE = re.compile("[\u4e00-\u9fff]")


@immutable
class Clues:
    """A group of clues.

    `danger`: its kind, if they speak for one. `points`: of its first, second and third word. `words`: with `/` between them, each with its further
    points if it has any: `掉/摔+2/滚-1`.
    """

    name: str
    danger: Danger | None
    points: tuple[int, int, int]
    words: str


class Score:
    """The clues of one language as a table from words to groups."""

    __slots__ = ("_base", "_chinese", "_groups", "_lengths", "_sizes", "_words")

    def __init__(self, groups: Sequence[Clues], *, base: int, lengths: Sequence[tuple[int, int]], chinese: bool) -> None:
        """Index the words.

        `lengths`: (characters or words, points) of messages that are shorter, the shortest first.
        """
        self._groups, self._base, self._lengths, self._chinese = groups, base, lengths, chinese
        self._words: dict[str, tuple[int, int]] = {}
        for index, group in enumerate(groups):
            for each in group.words.split("/"):
                found = _OWN.fullmatch(each)
                assert found is not None
                self._words[found[1]] = (index, int(found[2] or 0))
        sizes: dict[str, set[int]] = defaultdict(set)
        for word in self._words:
            signs: Sequence[str] = word if chinese else word.split()
            sizes[signs[0]].add(len(signs))
        self._sizes = {first: tuple(sorted(each, reverse=True)) for first, each in sizes.items()}

    def words_in(self, line: str) -> tuple[set[str], int]:
        """Return the words of the table in a message, and its length.

        The length is in characters or English words. Each word is the longest from its place on, and begins behind the one before it: 泄漏 is not 漏.
        """
        return self._among(line, "", len(line)) if self._chinese else self._among(tokens := _TOKEN.findall(line), " ", len(tokens))

    def _among(self, signs: Sequence[str], between: str, length: int) -> tuple[set[str], int]:
        found: set[str] = set()
        at = 0
        while at < length:
            for size in self._sizes.get(signs[at], ()):
                part = signs[at : at + size]
                word = part if isinstance(part, str) else between.join(part)
                if word in self._words and at + size <= length:
                    found.add(word)
                    at += size
                    break
            else:
                at += 1
        return found, length

    def points(self, words: Iterable[str], *, length: int) -> tuple[int, int]:
        """Return the points of a message with these words, and how many speak against danger."""
        total = self._base + next((points for limit, points in self._lengths if length < limit), 0)
        against = 0
        counts: dict[int, int] = {}
        for word in words:
            index, own = self._words[word]
            counts[index] = counts.get(index, 0) + 1
            total += own
            against -= min(0, own)
        for index, count in counts.items():
            points = sum(self._groups[index].points[:count])
            total += points
            against -= min(0, points)
        return total, against

    def groups(self, words: Iterable[str]) -> set[str]:
        """Return the names of the groups of these words."""
        return {self._groups[self._words[word][0]].name for word in words}

    def danger(self, words: Iterable[str]) -> Danger | None:
        """Return the danger of most of these words, or None; of equal ones the most deadly."""
        counts: dict[Danger, int] = defaultdict(int)
        for word in words:
            index, own = self._words[word]
            danger = self._groups[index].danger
            if danger is not None:
                counts[danger] += max(1, 1 + own)
        return max((danger for danger in Danger if danger in counts), key=lambda danger: counts[danger], default=None)


def is_chinese(line: str) -> bool:
    """Tell whether a message has Chinese characters."""
    return _CHINESE.search(line) is not None
