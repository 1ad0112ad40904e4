"""Parses Telegram's HTML: a few tags and four named character references.

Anything else is refused with its byte offset, as Telegram does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.core.entities import units
from sandbox.core.errors import ApiError, bad_request

if TYPE_CHECKING:
    from sandbox.core.wire import Json

SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
}
OTHER = ("a", "code", "pre", "span", "tg-emoji", "blockquote")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot);?|#(\d{1,7});?|#x([0-9a-fA-F]{1,6});?)")
NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*")
ATTRIBUTE = re.compile(r"""\s+([a-zA-Z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")


@dataclass
class Open:
    """A start tag without its end tag so far."""

    name: str
    offset: int
    attributes: dict[str, str]
    byte: int


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Return plain text and entities. Raise 400 `can't parse entities: …`."""
    pieces: list[str] = []
    entities: list[Json] = []
    stack: list[Open] = []
    offset = 0
    at = 0
    while at < len(source):
        stop = source.find("<", at)
        plain = _unescaped(source[at:] if stop < 0 else source[at:stop])
        pieces.append(plain)
        offset += units(plain)
        if stop < 0:
            break
        if source.startswith("</", stop):
            at = _close(source, stop, stack, entities, pieces, offset)
        else:
            tag, at = _open(source, stop)
            stack.append(Open(tag.name, offset, tag.attributes, tag.byte))
    if stack:
        raise _refused(f'Can\'t find end tag corresponding to start tag "{stack[-1].name}"')
    return "".join(pieces), entities


def _refused(why: str) -> ApiError:
    return bad_request(f"can't parse entities: {why}")


def _byte(source: str, at: int) -> int:
    return len(source[:at].encode("utf-8", "surrogatepass"))


def _unescaped(text: str) -> str:
    return REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return NAMED[match[1]]
    code = int(match[2]) if match[2] else int(match[3], 16)
    if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return match[0]
    return chr(code)


def _open(source: str, at: int) -> tuple[Open, int]:
    byte = _byte(source, at)
    match = NAME.match(source, at + 1)
    name = match.group().lower() if match else ""
    if name not in SIMPLE and name not in OTHER:
        shown = name or source[at + 1 : at + 2].strip("<> \n")
        raise _refused(f'Unsupported start tag "{shown}" at byte offset {byte}')
    attributes: dict[str, str] = {}
    place = match.end() if match else at + 1
    while attribute := ATTRIBUTE.match(source, place):
        value = attribute[2] if attribute[2] is not None else attribute[3] if attribute[3] is not None else attribute[4]
        attributes[attribute[1].lower()] = _unescaped(value or "")
        place = attribute.end()
    while place < len(source) and source[place].isspace():
        place += 1
    if place >= len(source):
        raise _refused(f"Unclosed start tag at byte offset {byte}")
    if source[place] != ">":
        raise _refused(f'Unexpected character in the tag "{name}" at byte offset {_byte(source, place)}')
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _refused(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
    return Open(name, 0, attributes, byte), place + 1


def _close(source: str, at: int, stack: list[Open], entities: list[Json], pieces: list[str], offset: int) -> int:
    byte = _byte(source, at)
    end = source.find(">", at)
    if end < 0:
        raise _refused(f"Unclosed end tag at byte offset {byte}")
    name = source[at + 2 : end].strip().lower()
    if not stack:
        raise _refused(f"Unexpected end tag at byte offset {byte}")
    tag = stack.pop()
    if name and name != tag.name:
        raise _refused(f'Unmatched end tag at byte offset {byte}, expected "</{tag.name}>", found "</{name}>"')
    length = offset - tag.offset
    if length > 0:
        _finish(tag, length, stack, entities, pieces)
    return end + 1


def _finish(tag: Open, length: int, stack: list[Open], entities: list[Json], pieces: list[str]) -> None:
    entity: Json = {"type": SIMPLE.get(tag.name, tag.name), "offset": tag.offset, "length": length}
    if tag.name == "span":
        entity["type"] = "spoiler"
    elif tag.name == "blockquote":
        entity["type"] = "expandable_blockquote" if "expandable" in tag.attributes else "blockquote"
    elif tag.name == "tg-emoji":
        entity |= {"type": "custom_emoji", "custom_emoji_id": tag.attributes.get("emoji-id", "")}
    elif tag.name == "a":
        url = tag.attributes.get("href") or "".join(pieces)[-length:]
        entity |= {"type": "text_link", "url": url}
    elif tag.name == "code" and stack and stack[-1].name == "pre":
        language = tag.attributes.get("class", "").removeprefix("language-")
        if language and stack[-1].offset == tag.offset:
            stack[-1].attributes["language"] = language
        return
    elif tag.name == "pre" and tag.attributes.get("language"):
        entity["language"] = tag.attributes["language"]
    entities.append(entity)
