"""Find and blank Chinese ID numbers and private telephone numbers in what people write.

Knows how such numbers are written: plain, full-width, circled or Chinese digits, with blanks, hyphens or dots between them. In words for many
people also with slashes, commas and line breaks (`find_private`), where a list of amounts, dates or times may look alike. Must not know who
reads a text. Invariants: a blanked text has as many UTF-16 units as before, so that positions in it stay valid; the time grows with the length
of the text only.

Sources: GB 11643 (citizen identification number), ISO 7064 MOD 11-2 (its check digit), the numbering plan of China (YD/T 1245).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from operator import mul
from typing import Any

from domain.core.immutable import immutable

#: What stands for a digit that was removed.
BLANK = "●"
_WRITTEN = (
    "0０〇零○", "1１一壹幺", "2２二贰", "3３三叁", "4４四肆", "5５五伍", "6６六陆", "7７七柒", "8８八捌", "9９九玖", "XxＸｘ", BLANK,
)  # fmt: skip
_CIRCLED = ("⓪⓿", "①❶➀⑴⒈", "②❷➁⑵⒉", "③❸➂⑶⒊", "④❹➃⑷⒋", "⑤❺➄⑸⒌", "⑥❻➅⑹⒍", "⑦❼➆⑺⒎", "⑧❽➇⑻⒏", "⑨❾➈⑼⒐")
_PLAIN = {written: row[0] for row in _WRITTEN for written in row} | {
    written: str(digit) for digit, row in enumerate(_CIRCLED) for written in row
}
_DIGITS = "".join(_PLAIN)
#: Between the digits of one number; more than `MOST_APART` of them in a row separate two numbers.
_BETWEEN = re.escape(" \t\u00a0\u2009\u3000\u200b\u200c\u200d\u2060\ufe0f\u20e3\ufeff()（）-－‐‑–—.．·・•_")
_APART = r"[\W_]{0,3}"
#: Also between the parts of a list: amounts, dates, times.
_LISTING = re.escape(",，、;；/／\\|｜:：*＊~～+＋。\r\n")
MOST_APART = 3
ID_LENGTH, LEAST_PHONE = 18, 10


def _shape(between: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what a run of digits looks like, and what separates two runs."""
    run = re.compile(f"[{_DIGITS}][{_DIGITS}{between}]{{{LEAST_PHONE - 1},}}")
    return run, re.compile(f"([{between}]{{{MOST_APART + 1},}})")


_USUAL, _SPLIT = _shape(_BETWEEN), _shape(_BETWEEN + _LISTING)
_LISTS = re.compile(f"[{_LISTING}]")
_NOT_WRITTEN = re.compile(f"[^{_DIGITS}]+")
_PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9[0-9])"
_BORN = "(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_ID = re.compile(f"(?=({_PROVINCE}[0-9]{{4}}{_BORN}[0-9]{{3}}[0-9X]|{BLANK}{{{ID_LENGTH}}}))")
#: The check digit X is 10, and so is the character after "9", counted from "0".
_WEIGHTS, _TEN = tuple(2**place % 11 for place in range(ID_LENGTH - 1, -1, -1)), ":"
_OF_ZEROS = ord("0") * sum(_WEIGHTS)
_MOBILE = re.compile("(?=(1[3-9][0-9]{9}))")
#: Area code and subscriber's number: 010 and 02x with 8 digits, the others with 7 or 8.
_LANDLINE = re.compile("(?=(0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{7}))")
_SHORTER_LANDLINE = re.compile("(?=(0[3-9][0-9]{2}[2-8][0-9]{6}))")
#: How the digits of a number are grouped where the groups might be a list of amounts, and where its pairs might be.
_GROUPED = frozenset({(3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (4, 7), (3, 3, 5), (4, 8), (4, 3, 4), (4, 4, 4), (3, 5, 3)})
_PAIRS = frozenset({(3, 2, 2, 2, 2), (1, 2, 2, 2, 2, 2), (4, 2, 2, 2, 2), (4, 2, 2, 3), (3, 2, 2, 4), (3, 2, 3, 3)})
#: What makes a list of amounts or numbers of it.
_MONEY = re.compile(r"[¥￥$]\s*$")
_COUNTED = re.compile(r"\s*(?:[元块万千人户名号米斤吨件亩度年月日点时分%％℃]|公[斤里分顷])")
_TIME = re.compile("(?:[01][0-9]|2[0-3])[0-5][0-9]")
#: What may be dialled before a mobile number.
_PREFIX = re.compile("(?:0|(?:00)?86)$")
#: Digit → its script. The digits of one number have one script; a bullet ① before a number is not part of it.
_SCRIPT = {written: "han" for row in _WRITTEN[:10] for written in row[2:]} | {written: "circled" for row in _CIRCLED for written in row}
_COUNTRY = re.compile("(?:00)?86")
_NOT_A_DIGIT = re.compile("[^0-9]")
_TO_PLAIN = str.maketrans(_PLAIN)


class Kind(StrEnum):
    """The kind of a private number."""

    ID = "id"
    PHONE = "phone"


@immutable
class Found:
    """A private number in a text: its kind, its plain digits, and the positions of its digits."""

    kind: Kind
    digits: str
    places: tuple[int, ...]

    @property
    def shown(self) -> str:
        """The number as it may be repeated to its writer: its ends only."""
        return f"{self.digits[:3]}****{self.digits[-4:]}" if BLANK not in self.digits else BLANK * 4


def find_ids(text: str) -> list[Found]:
    """Return the ID numbers in a text: 18 digits, a real birth date, the right check digit.

    18 blanks in a row are an ID number too: that of a text that was blanked before.
    """
    return [found for run in _runs(text, _USUAL) for found in _ids(run)]


def find_private(text: str, *, public: Collection[str] = ()) -> list[Found]:
    """Return the ID numbers and private telephone numbers in a text.

    A telephone number is a mobile number, or a landline with its area code. `public`: numbers that everybody may read (`plain_phone`).
    Emergency and service numbers (110, 96110, 12345, 400 …) have another form. Digits may be split as in a list (`_LISTING`).
    """
    found: list[Found] = []
    for run in _runs(text, _SPLIT):
        ids = _ids(run)
        taken = {place for each in ids for place in each.places}
        found += ids
        found += [each for each in _phones(run, public) if taken.isdisjoint(each.places)]
    return found


def blank(text: str, found: Collection[Found]) -> str:
    """Return a text with the digits of these numbers blanked; everything else keeps its place."""
    if not found:
        return text
    letters = list(text)
    for place in (place for each in found for place in each.places):
        letters[place] = BLANK
    return "".join(letters)


def without_ids(text: str) -> str:
    """Return a text with its ID numbers blanked."""
    return blank(text, find_ids(text)) if len(text) >= ID_LENGTH else text


def plain_phone(number: str) -> str:
    """Return a telephone number as plain digits: "138…", or with the area code ("0571…")."""
    digits = _NOT_A_DIGIT.sub("", number.translate(_TO_PLAIN))
    country = _COUNTRY.match(digits) if len(digits) > LEAST_PHONE else None
    if country is None:
        return digits
    bare = digits[country.end() :]
    return bare if bare.startswith(("0", "1")) else f"0{bare}"


@lru_cache(maxsize=8)
def pattern_of(digits: str) -> re.Pattern[str]:
    """Return the pattern of one number (`plain_phone`), however it is written."""
    spelled = (f"[{''.join(each for each, plain in _PLAIN.items() if plain == digit)}]" for digit in digits)
    return re.compile(rf"(?:\+?(?:00)?86{_APART})?" + _APART.join(spelled))


def strings_in(value: Any) -> Iterator[str]:
    """Return every string inside plain values: dictionaries, lists and tuples."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each


def replaced(value: Any, change: Callable[[str], str]) -> Any:
    """Return plain values with every string changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: replaced(each, change) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(replaced(each, change) for each in value)
    return value


@immutable
class _Run:
    """A run of digits with little between them.

    `digits`: as one plain word; `written`: as in the text; `places`: their positions there.
    """

    digits: str
    written: str
    places: tuple[int, ...]
    text: str

    def part(self, kind: Kind, start: int, end: int) -> Found:
        """Return the digits from `start` to `end` as a number."""
        return Found(kind, self.digits[start:end], self.places[start:end])

    def is_phone(self, start: int, end: int) -> bool:
        """Tell whether a part is written as a telephone number.

        It is alone, in groups of 3 and more digits, in pairs with the same sign between them, or digit by digit. Groups that are
        separated as in a list are grouped as a number usually is; amounts and times are left out.
        """
        places = self.places
        if self._joined(end) or (self._joined(start) and not self._after_prefix(start)):
            return False
        if places[end - 1] - places[start] == end - start - 1:
            return True
        gaps = [place for place in range(start + 1, end) if places[place] > places[place - 1] + 1]
        bounds = (start, *gaps, end)
        sizes = tuple(after - before for before, after in pairwise(bounds))
        if max(sizes) == 1:
            return True
        if _LISTS.search(self.text, places[start], places[end - 1]):
            return sizes in _GROUPED and not self._is_listed(bounds)
        return min(sizes) >= 3 or (sizes in _PAIRS and self._is_uniform(start, end, gaps))

    def _is_listed(self, bounds: tuple[int, ...]) -> bool:
        """Tell whether groups are amounts, numbers of things, or times of the day."""
        start, after = self.places[bounds[0]], self.places[bounds[-1] - 1] + 1
        groups = [self.digits[one:other] for one, other in pairwise(bounds)]
        if _COUNTED.match(self.text, after) or _MONEY.search(self.text, max(0, start - 4), start):
            return True
        return all(_TIME.fullmatch(group) for group in groups)

    def _is_uniform(self, start: int, end: int, gaps: list[int]) -> bool:
        """Tell whether the same sign is between all groups, and not beyond them."""
        between = {self._before(place) for place in gaps}
        outside = {self._before(place) for place in (start, end) if 0 < place < len(self.places)}
        return len(between) == 1 and between.isdisjoint(outside)

    def _before(self, place: int) -> str:
        return self.text[self.places[place - 1] + 1 : self.places[place]]

    def _after_prefix(self, start: int) -> bool:
        prefix = _PREFIX.search(self.digits, max(0, start - 4), start)
        return prefix is not None and not self._joined(prefix.start())

    def _joined(self, place: int) -> bool:
        """Tell whether a digit belongs to the one before.

        Nothing is between, and both are of the same script (not 张三138…).
        """
        places = self.places
        if not 0 < place < len(places) or places[place] > places[place - 1] + 1:
            return False
        one, other = self.written[place - 1], self.written[place]
        return self.digits[place - 1 : place + 1].isdecimal() and _SCRIPT.get(one) == _SCRIPT.get(other)


def _runs(text: str, shape: tuple[re.Pattern[str], re.Pattern[str]]) -> Iterator[_Run]:
    """Return the runs of digits that are long enough for a private number."""
    run, far_apart = shape
    for stretch in run.finditer(text):
        start = stretch.start()
        for piece in far_apart.split(stretch[0]):
            if len(piece) >= LEAST_PHONE:
                places = tuple(place for place, letter in enumerate(piece, start) if letter in _PLAIN)
                written = _NOT_WRITTEN.sub("", piece)
                yield _Run(written.translate(_TO_PLAIN), written, places, text)
            start += len(piece)


def _ids(run: _Run) -> list[Found]:
    found: list[Found] = []
    candidate = _ID.search(run.digits)
    while candidate is not None:
        start, end = candidate.span(1)
        right = _is_id(candidate[1])
        if right:
            found.append(run.part(Kind.ID, start, end))
        candidate = _ID.search(run.digits, end if right else start + 1)
    return found


def _is_id(digits: str) -> bool:
    if digits[0] == BLANK:
        return True
    values = digits.replace("X", _TEN).encode()
    if (sum(map(mul, values, _WEIGHTS)) - _OF_ZEROS) % 11 != 1:
        return False
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return True


def _phones(run: _Run, public: Collection[str]) -> list[Found]:
    """Return the private telephone numbers of a run.

    A landline number of 7 digits may look like one of 8 with the next digit.
    """
    found: dict[int, Found] = {}
    known: set[int] = set()
    for pattern in (_MOBILE, _LANDLINE, _SHORTER_LANDLINE):
        for candidate in pattern.finditer(run.digits):
            start, end = candidate.span(1)
            if run.is_phone(start, end):
                found.setdefault(start, run.part(Kind.PHONE, start, end))
                known |= {start} if candidate[1] in public else set()
    return [each for start, each in found.items() if start not in known]
