"""Typed numbers and names, made safe to store and show: case numbers, phones, texts.

Knows Unicode and telephone numbering; must not know cases, people or HTML (render escapes). Invariants: a number is read from ASCII or
full-width digits only; a cleaned text can be stored by every engine and shows what it says; to clean it again changes nothing (fault F-44).
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

NAME_LENGTH = 40

_FULL_WIDTH_DIGITS = {0xFF10 + value: str(value) for value in range(10)}
_FULL_WIDTH = {0xFF01 + offset: chr(0x21 + offset) for offset in range(94)} | {0x3000: " "}
_CASE_NUMBER = re.compile("[#\uff03]?([0-9\uff10-\uff19]{1,9})")
_PHONE = re.compile(r"\+?[0-9() .\-]{5,24}")

# -- numbers -----------------------------------------------------------------------------------------


def ascii_digits(text: str) -> str | None:
    """Convert full-width digits to ASCII; None for any other character or an empty text."""
    digits = text.translate(_FULL_WIDTH_DIGITS)
    return digits if re.fullmatch("[0-9]+", digits) else None


def parse_case_number(text: str) -> int | None:
    """Read 1 to 9 ASCII or full-width digits, with an optional `#` before; None otherwise."""
    found = _CASE_NUMBER.fullmatch(text)
    digits = ascii_digits(found[1]) if found else None
    return int(digits) if digits else None


def mask_phone(phone: str) -> str:
    """Mask the middle of a phone number.

    "13812345678" and "+8613812345678" give "138****5678"; of a short number only the end shows.
    """
    digits = "".join(re.findall("[0-9]", phone.translate(_FULL_WIDTH)))
    if len(digits) == 13 and digits.startswith("861"):
        digits = digits[2:]
    if len(digits) >= 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return "****" + digits[max(4, len(digits) - 3) :]


def parse_phone(text: str) -> str | None:
    """Read a telephone number as E.164 ("+8613812345678"); None when it is not one.

    It is Chinese unless it says otherwise. Short numbers (110, 96110), extensions and letters are None: they are not a person's number.
    """
    typed = text.translate(_FULL_WIDTH).strip()
    if not _PHONE.fullmatch(typed):
        return None
    import phonenumbers  # large, and few people ever type a number

    try:
        number = phonenumbers.parse(typed, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# -- texts -------------------------------------------------------------------------------------------

_MOST_MARKS = 4
_MOST_BLANK_LINES = 2
_PLAIN = re.compile("[\n -~\u3001-\u301b\u4e00-\u9fa5\uff01-\uff5e\u2018-\u201d\u2026]*")
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_JOINERS = "\u200c\u200d"
_JOINED_SCRIPTS = re.compile("[\u0600-\u0dff\u1800-\u18af]")  # Arabic, Indic, Mongolian: joiners shape their letters
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2065\u3164\uffa0\ufdd0-\ufdef\ufffc\ufffe\uffff]")
_VISIBLE_FORMAT = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u180e\U000110bd\U000110cd]")
_TAG = "\U000e0020-\U000e007e"
_FLAG_TAGS = re.compile(f"(\U0001f3f4[{_TAG}]{{1,8}}\U000e007f)|[\U000e0000-\U000e00ff]")
_SKIN = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_BLANK_SYMBOL = "\u2800"
_BLANK = " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000" + _BLANK_SYMBOL
_BLANKS = re.compile(f"[\n{_BLANK}]+")
_PASSES = 4  # dropping one character can make another superfluous; two passes were enough for every known text


def clean_text(text: str, limit: int) -> str:
    """Make a text harmless without changing its meaning, at most `limit` UTF-16 units long.

    Telegram counts the same units. NFC; no NUL, lone surrogates, controls but newline and tab, bidi controls, invisible characters (joiners
    stay where they shape letters or emoji), no more than 4 combining marks in a row and 2 blank lines, no blank ends. A text that is too
    long is cut and ends in "…": a caller that must not lose words compares `utf16_len` before.
    """
    return _cut(_harmless(text), limit)


def clean_name(text: str) -> str:
    """Make a name harmless, as `clean_text`.

    One line, single spaces, at most `NAME_LENGTH` UTF-16 units.
    """
    return _cut(_BLANKS.sub(" ", _harmless(text)).strip(), NAME_LENGTH)


def utf16_len(text: str) -> int:
    """Return the length of a text in UTF-16 code units, as Telegram counts.

    An emoji counts two, a lone surrogate one.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _harmless(text: str) -> str:
    if not _PLAIN.fullmatch(text):
        for _ in range(_PASSES):
            before, text = text, _pass(text)
            if before == text:
                break
    return _limit_blank_lines(text).strip()


def _pass(text: str) -> str:
    """Drop characters, then compose.

    Composing comes last: a million marks on one letter would keep it busy for hours.
    """
    text = _without_stray_joiners(_limit_marks(_visible(text)))
    return _limit_marks(unicodedata.normalize("NFC", text))


def _visible(text: str) -> str:
    """Drop characters that cannot be seen or stored; normalise every line end to a newline."""
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")  # joins pairs, drops lone surrogates
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    text = _FLAG_TAGS.sub(lambda found: found[1] or "", text)
    return "".join(character for character in text if _is_kept(character))


def _is_kept(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cc":
        return character in "\n\t"
    if category == "Cf":
        return character in _JOINERS or _is_tag(character) or bool(_VISIBLE_FORMAT.match(character))
    return True


def _is_tag(character: str) -> bool:
    return "\U000e0020" <= character <= "\U000e007f"


def _without_stray_joiners(text: str) -> str:
    """Keep a joiner only between two emoji, or two letters of a script that it shapes."""
    if not any(joiner in text for joiner in _JOINERS):
        return text
    neighbours = zip(" " + text, text, text[1:] + " ", strict=False)
    return "".join(middle for before, middle, after in neighbours if middle not in _JOINERS or _joins(before, after))


def _joins(before: str, after: str) -> bool:
    if _JOINED_SCRIPTS.match(before) and _JOINED_SCRIPTS.match(after):
        return True
    return _is_emoji(before) and _is_emoji(after)


def _is_emoji(character: str) -> bool:
    """Tell whether a character can be next to a joiner in an emoji.

    This is a symbol, a skin colour or the emoji variation selector.
    """
    if character in "\ufe0f\u2194" or character in _SKIN:
        return True
    return unicodedata.category(character) == "So" and character != _BLANK_SYMBOL


def _limit_marks(text: str) -> str:
    kept, marks = [], 0
    for character in text:
        if unicodedata.category(character).startswith("M"):
            marks += 1
        elif character not in _JOINERS:
            marks = 0
        if marks <= _MOST_MARKS or character in _JOINERS:
            kept.append(character)
    return "".join(kept)


def _limit_blank_lines(text: str) -> str:
    if "\n" not in text:
        return text.rstrip(_BLANK)
    kept, blank = [], 0
    for line in text.split("\n"):
        line = line.rstrip(_BLANK)
        blank = 0 if line else blank + 1
        if blank <= _MOST_BLANK_LINES:
            kept.append(line)
    return "\n".join(kept)


def _cut(text: str, limit: int) -> str:
    """Cut to `limit` UTF-16 units, the "…" included, and not inside a visible character."""
    if 2 * len(text) <= limit or utf16_len(text) <= limit:
        return text
    units, end = 1, 0
    for index, (before, after) in enumerate(pairwise(" " + text)):
        if not _continues(before, after):
            end = index
        units += utf16_len(after)
        if units > limit:
            break
    return (text[:end].rstrip() + "…")[: max(limit, 0)]


def _continues(before: str, after: str) -> bool:
    """Tell whether two characters are seen as one: a mark, joiner, skin colour or flag tag."""
    added = unicodedata.category(after).startswith("M") or after in _JOINERS or after in _SKIN or _is_tag(after)
    return added or before == "\u200d"
