"""Formatted text: length, cleaning, given entities, and entities that Telegram detects.

Offsets and lengths are in UTF-16 code units everywhere in this module.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.core.errors import bad_request

if TYPE_CHECKING:
    from sandbox.core.wire import Json

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
ENTITIES = 100
CONTROL = {code: " " for code in range(32) if code != 10} | {13: None}
DIRTY = re.compile(r"[\x00-\x09\x0b-\x1f]")
HINT = re.compile(r"[/@#.\d]")
NO_NESTING = ("code", "pre", "text_link", "text_mention")
KNOWN = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "date_time",
    ]
)
STOP = r"\s<>\"'，。；：！？、（）【】《》“”"
FOUND = re.compile(
    rf"(?P<url>https?://[^{STOP}]+)"
    r"|(?P<email>(?<![\w.+-])[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
    rf"|(?P<host>(?<![\w.@-])(?:[A-Za-z0-9-]+\.)+(?:com|cn|org|net|me|gov|edu|io|dev|info|top|xyz)(?![\w-])(?:[/?#][^{STOP}]*)?)"
    r"|(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<!\w)@[A-Za-z0-9_]{3,32}(?!\w))"
    r"|(?P<hashtag>(?<!\w)#(?!\d+(?!\w))\w{1,256})"
    r"|(?P<phone_number>(?<![\w+.-])(?:\+\d{8,15}|1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?![\w-]))"
)


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Replace control characters by spaces and drop carriage returns, as Telegram does."""
    return text.translate(CONTROL) if DIRTY.search(text) else text


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Strip white space at both ends and shift the entities; drop entities that become empty."""
    short = text.strip()
    if short == text:
        return text, [entity for entity in entities if entity["length"] > 0]
    cut = units(text[: len(text) - len(text.lstrip())])
    end = units(short)
    kept: list[Json] = []
    for entity in entities:
        start = max(entity["offset"] - cut, 0)
        stop = min(entity["offset"] + entity["length"] - cut, end)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return short, kept


def given(text: str, raw: list[Any]) -> list[Json]:
    """Check entities given by the caller.

    Raise 400 for an entity outside the text or of an unknown type.
    """
    total = units(text)
    kept: list[Json] = []
    for entity in raw:
        if not isinstance(entity, dict) or entity.get("type") not in KNOWN:
            raise bad_request("can't parse entities: unsupported MessageEntity type")
        offset, length = entity.get("offset"), entity.get("length")
        if not isinstance(offset, int) or not isinstance(length, int) or offset < 0 or length < 0:
            raise bad_request("can't parse entities: receive invalid MessageEntity offset or length")
        if offset + length > total:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {offset + length}"
            )
        kept.append(entity)
    return kept


def found(text: str, known: list[Json]) -> list[Json]:
    """Add the entities that Telegram detects, and sort all of them.

    Detected: commands, links, e-mail addresses, mentions, hashtags, phone numbers.
    """
    if not HINT.search(text):
        return in_order(known)
    taken = [(e["offset"], e["offset"] + e["length"]) for e in known if e["type"] in NO_NESTING]
    entities = list(known)
    for match in FOUND.finditer(text):
        kind = match.lastgroup or "url"
        start = units(text[: match.start()])
        length = units(match.group())
        if not any(low < start + length and start < high for low, high in taken):
            entities.append({"type": "url" if kind == "host" else kind, "offset": start, "length": length})
    return in_order(entities)


def in_order(entities: list[Json]) -> list[Json]:
    """Sort by offset, longer ones first, and keep as many as Telegram keeps."""
    if len(entities) > 1:
        entities = sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
    return entities[:ENTITIES]


def slice_units(text: str, offset: int, length: int) -> str:
    """Return the part of a text that an entity covers."""
    return text.encode("utf-16-le", "surrogatepass")[2 * offset : 2 * (offset + length)].decode("utf-16-le", "surrogatepass")
