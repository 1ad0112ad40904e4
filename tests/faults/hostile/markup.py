"""The required form of an outgoing row: its template with the words put in, no other tag.

Knows the catalog's sentences and Telegram's HTML (by the sandbox's own parser); must not use production's escaping. The template is
rendered with marks in place of the words and parsed. Only then are the words put in, as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.delivery.wording import split
from bot.telegram.capabilities import TELEGRAM
from sandbox.api.html_text import parse_html
from sandbox.core.errors import ApiError
from texts import plain, render

if TYPE_CHECKING:
    from bot.telegram.buttons import Signer

Json = dict[str, Any]
MARK = re.compile("\ue000([0-9]+)\ue001")
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
FORMS = ("t", "f", "at")


def faults_of(row: Json, signer: Signer) -> list[str]:
    """Return the faults of an outgoing row: markup, length, buttons."""
    key, language, params = row["key"], row["language"], row["params"]
    source = render(key, language, **params)
    found: list[str] = []
    try:
        text, entities = parse_html(source)
        wanted_text, wanted = expected(key, language, params)
        if text != wanted_text:
            found.append(f"{key}: the words are {text[:200]!r}, not {wanted_text[:200]!r}")
        if UNSAFE.search(text):
            found.append(f"{key}: what cannot be shown or stored is in {text[:200]!r}")
        if _plainly(entities) != _plainly(wanted):
            found.append(f"{key}: the entities are {entities[:5]}, not {wanted[:5]} in {text[:200]!r}")
        found += _parts(key, source, text)
        found += _unquoted(key, language, params) if key.startswith("case.") else []
    except ApiError as refused:
        found.append(f"{key}: {refused.description}: {source[:300]!r}")
    return found + _buttons(row, signer)


def plain_faults(key: str, language: str, params: Json) -> list[str]:
    """Return the faults of a sentence shown without markup: the template's own tags.

    People would see such a tag.
    """
    words: list[str] = []
    bare = parse_html(render(key, language, **_marked(params, words)))[0]
    shown = plain(key, language, **params)
    return [] if shown == _filled(bare, words) else [f"{key}: is shown plainly as {shown[:200]!r}"]


def expected(key: str, language: str, params: Json) -> tuple[str, list[Json]]:
    """Return text and entities of a template with the words put in as they are."""
    words: list[str] = []
    marked = _marked(params, words)
    text, entities = parse_html(render(key, language, **marked))

    def before(offset: int) -> int:
        """Return where an offset (UTF-16 units) of the marked text is once the words are in."""
        head = text.encode("utf-16-le")[: offset * 2].decode("utf-16-le")
        return units(_filled(head, words))

    moved = []
    for entity in entities:
        start, end = before(entity["offset"]), before(entity["offset"] + entity["length"])
        rest = {name: _filled(value, words) if isinstance(value, str) else value for name, value in entity.items()}
        if end > start:
            moved.append(rest | {"offset": start, "length": end - start})
    return _filled(text, words), moved


def _unquoted(key: str, language: str, params: Json) -> list[str]:
    """Return words of several lines outside a quotation.

    There their second line could be taken for the bot's own.
    """
    words: list[str] = []
    text, entities = parse_html(render(key, language, **_marked(params, words)))
    spans = [(each["offset"], each["offset"] + each["length"]) for each in entities if each["type"] == "blockquote"]
    places = [(words[int(found[1])], units(text[: found.start()])) for found in MARK.finditer(text)]
    loose = [each for each, at in places if "\n" in each and not any(start <= at < end for start, end in spans)]
    return [f"{key}: a second line outside a quotation: {each[:100]!r}" for each in loose]


def units(text: str) -> int:
    """Count UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _marked(value: Any, words: list[str], name: str = "") -> Any:
    if isinstance(value, str) and name not in FORMS:
        words.append(value)
        return f"\ue000{len(words) - 1}\ue001"
    if isinstance(value, dict):
        return {each: _marked(inner, words, each if "t" in value or "at" in value else "") for each, inner in value.items()}
    return [_marked(inner, words) for inner in value] if isinstance(value, list) else value


def _filled(text: str, words: list[str]) -> str:
    return MARK.sub(lambda found: words[int(found[1])], text)


def _plainly(entities: list[Json]) -> list[tuple[Any, ...]]:
    return sorted((each["type"], each["offset"], each["length"], each.get("url", "")) for each in entities)


def _parts(key: str, source: str, text: str) -> list[str]:
    """Return the faults of the messages into which a text is split."""
    found: list[str] = []
    parts = split(source)
    shown = []
    for part in parts:
        words, entities = parse_html(part)
        if units(words) > TELEGRAM.text.most:  # Telegram counts after the markup is read
            found.append(f"{key}: a part of {units(words)} units")
        shown.append(words)
        if entities and len(parts) > 1:
            found.append(f"{key}: a part of several has {entities[:3]}")
    if dense("".join(shown)) != dense(text):
        found.append(f"{key}: words are lost between the parts")
    return found


def dense(text: str) -> str:
    """Return a text without its white space."""
    return re.sub(r"\s", "", text)


def _buttons(row: Json, signer: Signer) -> list[str]:
    """Return the faults of the buttons.

    Faults are: data that is too long, data that reads as something else, a label without a word.
    """
    found: list[str] = []
    for label, verb, args, params, url in (button for line in row["buttons"] or () for button in line):
        shown = plain(label, row["language"], **params)
        if not shown.strip():
            found.append(f"{row['key']}: an empty button {label}")
        found += plain_faults(label, row["language"], params)
        if url:
            continue
        try:
            data = signer.write(verb, tuple(args), chat_id=row["chat_id"])
        except ValueError as fault:
            found.append(f"{row['key']}: {fault}")
            continue
        if signer.read(data, chat_id=row["chat_id"]) != (verb, tuple(str(arg) for arg in args)):
            found.append(f"{row['key']}: the button {data!r} is read as another")
    return found
