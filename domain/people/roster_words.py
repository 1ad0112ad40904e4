"""Words of a roster: names, villages, phones and headers as people write and paste them.

Knows how spellings of one name differ (blanks, widths, radicals, artefacts of spreadsheets) and what cannot be a village; must not know
who exists. Invariant: to clean a word again changes nothing, and two spellings of one name have one key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import cache

from domain.core.immutable import immutable
from domain.core.numbers import clean_name, clean_text
from domain.core.village_names import means_all

CELL_LIMIT = 2000
EMPTY = frozenset({"", "~", "null", "none", "-", "—", "/", "无"})
_HAN = "\u3007\u3400-\u9fff\U00020000-\U0003ffff"
_ARTEFACT = re.compile("_x([0-9A-Fa-f]{4})_")
_BETWEEN = re.compile(rf"(?<=[{_HAN}）)])\s+(?=[{_HAN}（(])")
_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)", re.IGNORECASE)
#: A blank parts two names only between Chinese characters: "Upper Xu" is one name.
_SEPARATORS = re.compile(rf"[、,，;；/\n|｜·•.。+&＆]+|(?<=[{_HAN}）)])\s+(?=[{_HAN}])")
#: A name with blanks between all its characters: 石 门 村.
_SPACED = re.compile(rf"(?<![{_HAN}])[{_HAN}](\s+[{_HAN}](?![{_HAN}]))+")
_SIGNS = re.compile(r"[\W_]+")
_ASKED = re.compile("(必填|选填|可选|可不填)$")
_NUMBER = re.compile(r"[\d.\-/:年月日时分 ]+")
_TITLE = re.compile(
    r"^(合计|总计|小计|共计|备注|说明|制表|填表|单位|序号|附件|截至|截止)|(名单|名册|花名册|一览|一览表|统计|统计表|汇总|汇总表|登记表|情况表|明细|目录)$"
    r"|[0-9一二两三四五六七八九十]+个(行政)?村$|村等$"
)
_JOINED = re.compile(r"村.*(和|与|及|跟|以及|等|\s|-|—|~|～).*村")
_OF_A_VILLAGE = ("村民委员会", "村委会", "村治保会", "行政村", "自然村", "村")
#: Two villages of one name are told apart by these: 上徐 and 下徐 are two villages.
_QUALIFIERS = frozenset("上下东西南北前后左右大小内外里新老旧中高低一二三四五六七八九十0123456789甲乙丙丁")
_PHONE_WORDS = re.compile(r"^(联系电话|联系方式|手机号码|手机号|手机|电话|座机|固话|tel|phone|mobile|cell)\s*[:.]?\s*", re.IGNORECASE)
_PHONE_SIGNS = {ord(sign): "-" for sign in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"}
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\u00ad]")


def cell_text(value: str) -> str:
    """Return a cell's text without artefacts; empty for the usual signs of nothing."""
    text = clean_text(_ARTEFACT.sub(lambda found: chr(int(found[1], 16)), value), CELL_LIMIT)
    return "" if text.casefold() in EMPTY else text


def person_name(text: str) -> str:
    """Return a person's name in one spelling.

    Compatible characters are made plain, blanks between Chinese characters dropped ("王　刚" is 王刚).
    """
    return _BETWEEN.sub("", clean_name(unicodedata.normalize("NFKC", cell_text(text))))


@cache
def name_key(name: str) -> str:
    """Return the key by which two spellings of a person's name are the same."""
    return person_name(name).casefold()


def village_name(text: str) -> str:
    """Return a village's name in one spelling: as a person's, with Chinese brackets."""
    name = person_name(text)
    return name.replace("(", "（").replace(")", "）") if re.search(f"[{_HAN}]", name) else name


@cache
def village_key(name: str) -> str:
    """Return the key that all spellings of a village share: without 村 or 村委会 at its end."""
    name = village_name(name).casefold()
    for ending in _OF_A_VILLAGE:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


def header_key(text: str) -> str:
    """Return a header without blanks and signs: "姓 名：" is 姓名."""
    return _ASKED.sub("", _SIGNS.sub("", unicodedata.normalize("NFKC", text)).casefold())


def split_villages(cell: str) -> tuple[str, ...]:
    """Split a cell of village names at signs, line ends, and at blanks between Chinese names."""
    text = unicodedata.normalize("NFKC", cell_text(cell))
    if is_error_value(text):
        return (text,)
    text = _SPACED.sub(lambda found: re.sub(r"\s+", "", found[0]), text)
    return tuple(name for name in (village_name(part) for part in _SEPARATORS.split(text)) if name)


def is_error_value(text: str) -> bool:
    """Tell whether a text is the error value of a spreadsheet (#N/A)."""
    return bool(_ERROR.fullmatch(text.strip()))


def phone_text(text: str) -> str:
    """Return a phone without its label, final signs and invisible characters."""
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", cell_text(text))).translate(_PHONE_SIGNS)
    return _PHONE_WORDS.sub("", plain.strip()).strip(" .。,;、")


def show_signs(text: str) -> str:
    """Return a text with its blanks and invisible characters made visible."""
    return "".join(_sign(character) for character in text[:40])


def _sign(character: str) -> str:
    if character.isspace():
        return "␣"
    return character if character.isprintable() and not _UNSEEN.match(character) else f"‹U+{ord(character):04X}›"


@immutable
class Doubt:
    """A reason why a name may not be a village; `near`: the village that may be meant."""

    why: str
    near: str = ""


def doubt(name: str, others: Iterable[str]) -> Doubt | None:
    """Return why a name cannot be taken for a new village without a question, or None.

    `others`: all names that are villages, and all names of the same file.
    """
    key = village_key(name)
    if means_all([name]) or name in ("各村", "辖区各村", "整个辖区", "全辖区"):
        return Doubt("all")
    if is_error_value(name) or _NUMBER.fullmatch(name):
        return Doubt("number")
    if _TITLE.search(name):
        return Doubt("title")
    inside = [other for other in others if len(village_key(other)) > 1 and village_key(other) != key and village_key(other) in key]
    if _JOINED.search(name) or len(inside) > 1:
        return Doubt("joined", inside[0] if inside else "")
    if re.fullmatch(f"[{_HAN}]", name):
        return Doubt("short")
    return Doubt("holds", inside[0]) if inside and _joins_another(key, village_key(inside[0])) else None


def _joins_another(key: str, other: str) -> bool:
    """Tell whether a name holds another one and more than a qualifier.

    上徐新村 beside 上徐村 is a village.
    """
    rest = key.replace(other, "", 1)
    return not set(rest) <= _QUALIFIERS and not re.fullmatch("[（(].*[)）]", rest)


def near_by_one(name: str, others: Collection[str]) -> str:
    """Return a name that differs by one character; empty for none.

    Qualifiers do not count: 上许 and 上徐 are near, 上徐 and 下徐 are not.
    """
    key = village_key(name)
    return next((other for other in others if village_key(other) != key and _differ_by_one(key, village_key(other))), "")


def _differ_by_one(one: str, two: str) -> bool:
    if len(one) != len(two):
        longer, shorter = (one, two) if len(one) > len(two) else (two, one)
        if len(longer) - len(shorter) != 1 or len(shorter) < 2:
            return False
        cuts = [place for place in range(len(longer)) if longer[:place] + longer[place + 1 :] == shorter]
        return any(longer[place] not in _QUALIFIERS for place in cuts)
    different = [(left, right) for left, right in zip(one, two, strict=True) if left != right]
    return len(one) > 1 and len(different) == 1 and not set(different[0]) <= _QUALIFIERS
