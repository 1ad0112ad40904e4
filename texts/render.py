"""Renders a sentence from a key and plain values.

Parameters are JSON, because they are stored in the outbox: text, numbers, and four marked shapes: `{"t": key, "p": {…}}` a sentence inside a
sentence (`"about"` beside it: the subjects that it names), `{"at": microseconds, "f": form}` an instant shown in local time, `{"lines": […]}`
values on a line each, `{"join": […]}` values in one line. Invariant: text from people is escaped here and nowhere else.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from texts.catalog import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: An instant in local time, by form and language. The names are copied from CLDR (zh_CN, en_GB), which would need much memory for so few.
FORMS = {
    "time": {"zh": "{at:%H:%M}", "en": "{at:%H:%M}"},
    "day": {"zh": "{at.month}月{at.day}日 {weekday}", "en": "{weekday} {at.day} {month}"},
    "date": {"zh": "{at.year}年{at.month}月{at.day}日", "en": "{at.day} {month} {at.year}"},
    "short": {"zh": "{at.month}月{at.day}日 {at:%H:%M}", "en": "{at.day} {month} {at:%H:%M}"},
    "full": {"zh": "{at.year}年{at.month}月{at.day}日 {weekday} {at:%H:%M}", "en": "{weekday} {at.day} {month} {at.year} {at:%H:%M}"},
}
WEEKDAYS = {"zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"), "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")
TAGS = re.compile(r"</?[a-z][^>]*>")
SEPARATORS = {"zh": "、", "en": ", "}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = 60_000_000


class UnknownKey(LookupError):
    """Raised for a key without a sentence: a bug of ours; a contract test prevents it."""


def Text(key: str, **params: Any) -> dict[str, Any]:
    """Return a parameter that is itself a sentence, rendered in the receiver's language."""
    return {"t": key, "p": params} if params else {"t": key}


def About(line: dict[str, Any], *subjects: str) -> dict[str, Any]:
    """Return a line of a list that names subjects ("case:1001").

    Delivery leaves the line out if its receiver may not be told of one of them any more (handlers/core/delivery_gate.py).
    """
    return line | {"about": list(subjects)}


def At(at: datetime, form: str = "short") -> dict[str, Any]:
    """Return a parameter that is an instant (aware); `form`: a key of FORMS."""
    return {"at": (at - EPOCH) // timedelta(microseconds=1), "f": form}


def Lines(items: Iterable[Any]) -> dict[str, Any]:
    """Return a parameter whose items are shown on a line each."""
    return {"lines": list(items)}


def Joined(items: Iterable[Any]) -> dict[str, Any]:
    """Return a parameter whose items are shown in one line, with the language's separator."""
    return {"join": list(items)}


def render(key: str, language: str, /, *, zone: str = "Asia/Shanghai", **params: Any) -> str:
    """Make the sentence of `key` in `language`: Telegram HTML, every parameter escaped.

    Raises:
        UnknownKey: no sentence has this key in this language.
        KeyError: a placeholder has no parameter.
    """
    return _render(key, language, params, _zone(zone))


def plain(key: str, language: str, /, *, zone: str = "Asia/Shanghai", **params: Any) -> str:
    """Make the sentence without markup, for button labels, toasts and files."""
    return _bare(_render(key, language, params, _zone(zone))) if params else _label(key, language)


@cache
def _label(key: str, language: str) -> str:
    """Return a sentence without parameters. It is cached, because every button needs one."""
    return _bare(_render(key, language, {}, UTC))


def _bare(text: str) -> str:
    return html.unescape(TAGS.sub("", text))


@lru_cache(maxsize=8)
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def _render(key: str, language: str, params: Mapping[str, Any], zone: tzinfo) -> str:
    before, rest = _parts(key, language)
    return before + "".join([_show(params[name], language, zone) + after for name, after in rest]) if rest else before


@cache
def _parts(key: str, language: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the text before a sentence's first parameter, and (name, text after it) of each."""
    try:
        sentence = sentences(language)[key]
    except KeyError:
        raise UnknownKey(f"{key} has no sentence in {language}") from None
    before, rest = "", list[tuple[str, str]]()
    for text, name, _, _ in Formatter().parse(sentence):
        if rest:
            rest[-1] = (rest[-1][0], rest[-1][1] + text)
        else:
            before += text
        if name is not None:
            rest.append((name, ""))
    return before, tuple(rest)


def _show(value: Any, language: str, zone: tzinfo) -> str:
    if isinstance(value, str):
        return html.escape(value, quote=False)
    if isinstance(value, dict):
        if "t" in value:
            return _render(value["t"], language, value.get("p", {}), zone)
        if "at" in value:
            return _instant(value["at"] // MINUTE, value["f"], language, zone)
        if "join" in value:
            return SEPARATORS[language].join(_show(item, language, zone) for item in value["join"])
        return "\n".join(_show(item, language, zone) for item in value["lines"])
    return "" if value is None else str(value)


@lru_cache(maxsize=4096)
def _instant(minutes: int, form: str, language: str, zone: tzinfo) -> str:
    """Return an instant in local time.

    It is cached per minute: no form shows seconds, and the same few minutes appear in many messages.
    """
    local = (EPOCH + timedelta(minutes=minutes)).astimezone(zone)
    return FORMS[form][language].format(at=local, weekday=WEEKDAYS[language][local.weekday()], month=MONTHS[local.month - 1])
