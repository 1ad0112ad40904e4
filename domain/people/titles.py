"""Names that people choose: which words belong to posts, and what counts as a real name.

Knows words, spellings that hide them, and the roles that may use each; must not know how names are stored. Invariant: only a holder of a
post has its title in their name. A letter between the letters of a word hides it; blanks, signs and look-alikes do not.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from domain.people.people import COMMITTEE, POLICE, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_STATION = POLICE | {Role.TRAFFIC}

#: Words → the roles whose holders may have them in their names.
RESERVED: dict[str, frozenset[Role]] = {
    **dict.fromkeys(("主任", "chairman"), frozenset({Role.CHAIR})),
    "治保": COMMITTEE,
    **dict.fromkeys(("书记", "支书", "secretary"), frozenset({Role.SECRETARY})),
    **dict.fromkeys(("警官", "民警", "警察", "警员", "警务", "公安", "派出所", "police", "officer", "110"), _STATION),
    **dict.fromkeys(("所长", "教导员", "指导员", "所领导", "leader"), frozenset({Role.LEADER})),
    **dict.fromkeys(("值班", "duty"), frozenset({Role.DUTY, Role.TRAFFIC})),
    **dict.fromkeys(("管理员", "admin"), frozenset({Role.ADMIN})),
    **dict.fromkeys(("调解员", "mediator"), frozenset({Role.MEDIATOR})),
    **dict.fromkeys(("司法所", "judicial"), frozenset({Role.JUDICIAL})),
    **dict.fromkeys(("交警", "交管"), frozenset({Role.TRAFFIC})),
    **dict.fromkeys(("巡逻队",), frozenset({Role.PATROL, Role.MEMBER})),
    **dict.fromkeys(("审计", "auditor"), frozenset({Role.AUDIT})),
}
#: Characters that are written for another one, after NFKC and lower case: traditional, similar, Cyrillic, Greek.
LOOK_ALIKES = str.maketrans(
    "仼壬妊砫柱住書記紀纪値癍氏長員務調觧審計領導аеікорсухνοɑı@",
    "任任任主主主书记记记值班民长员务调解审计领导aeikopcyxvoaia",
)
_DIGITS = str.maketrans("01345", "oieas")  # written for letters: p0lice
_NUMERALS = str.maketrans("一壹幺零〇o", "111000")  # written for digits: 一一〇, 11O
_IN_REAL_NAMES = " ·.'’-"


def reserved_word(name: str, roles: Collection[Role] = ()) -> str | None:
    """Return the first word of a name that belongs to posts not among `roles`, or None."""
    return next((word for word, _, _ in _found(name, roles)), None)


def without_titles(name: str) -> str:
    """Return a name without the words that belong to posts; the rest may be empty."""
    while taken := next(_found(name, ()), None):
        _, start, end = taken
        name = name[:start] + name[end:]
    return " ".join("".join(each if each.isalnum() or each in "·-'" else " " for each in name).split())


def is_real_name(name: str) -> bool:
    """Tell whether a name can be in an identity document.

    It has two letters or more, and no digit, sign or title.
    """
    spelt = all(each.isalpha() or unicodedata.category(each).startswith("M") or each in _IN_REAL_NAMES for each in name)
    return spelt and sum(each.isalpha() for each in name) >= 2 and reserved_word(name) is None


def _found(name: str, roles: Collection[Role]) -> Iterator[tuple[str, int, int]]:
    """Find reserved words, with their place in the name."""
    letters, places = _fold(name)
    for word, may_have in RESERVED.items():
        if may_have.intersection(roles):
            continue
        spelt = letters.translate(_NUMERALS) if word.isdigit() else letters.translate(_DIGITS) if word.isascii() else letters
        for hit in re.finditer(_pattern(word), spelt):
            yield word, places[hit.start()], places[hit.end() - 1] + 1


def _pattern(word: str) -> str:
    if word.isdigit():
        return rf"(?<!\d){word}(?!\d)"
    return f"{word}(?!ton)" if word == "admin" else word  # badminton is a hobby


def _fold(name: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a name in plain form, and the place of each."""
    letters, places = [], []
    for place, character in enumerate(name):
        for plain in unicodedata.normalize("NFKC", character).casefold().translate(LOOK_ALIKES):
            if plain.isalnum():
                letters.append(plain)
                places.append(place)
    return "".join(letters), places
