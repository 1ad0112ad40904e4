"""Reads texts and captions from arguments: parse mode or given entities, and the length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.api.html_text import parse_html
from sandbox.api.markdown_text import parse_markdown, parse_markdown_v2
from sandbox.core.entities import clean, found, given, trimmed
from sandbox.core.errors import bad_request

if TYPE_CHECKING:
    from sandbox.api.arguments import Arguments
    from sandbox.core.wire import Json
    from sandbox.world.world import World

PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}


def formatted(world: World, source: str, mode: str, entities: list[object] | None) -> tuple[str, list[Json]]:
    """Parse one text and add the entities that Telegram detects.

    Raise 400 for a parse mode or markup that Telegram does not know.
    """
    source = clean(source)
    if mode:
        parse = PARSERS.get(mode.lower())
        if parse is None:
            raise bad_request("unsupported parse_mode")
        text, marks = parse(source)
        marks = [_linked(world, mark) for mark in marks if _is_kept(world, mark)]
    else:
        text = source
        marks = given(source, entities) if entities else []
    text, marks = trimmed(text, marks)
    return text, found(text, marks)


def _user_link(mark: Json) -> int | None:
    url = str(mark.get("url", ""))
    number = url.removeprefix("tg://user?id=")
    return int(number) if number != url and number.isdecimal() else None


def _is_kept(world: World, mark: Json) -> bool:
    """Return False for a link to an unknown user or without an address; it becomes plain text."""
    if mark["type"] != "text_link":
        return True
    user_id = _user_link(mark)
    if user_id is not None:
        return user_id in world.persons
    return "." in mark["url"] or "://" in mark["url"]


def _linked(world: World, mark: Json) -> Json:
    user_id = _user_link(mark) if mark["type"] == "text_link" else None
    if user_id is None:
        if mark["type"] == "text_link" and "://" not in mark["url"]:
            return {**mark, "url": f"http://{mark['url']}"}
        return mark
    return {"type": "text_mention", "offset": mark["offset"], "length": mark["length"], "user": world.persons[user_id].user}


def text_of(world: World, args: Arguments) -> Json:
    """Return the `text` and `entities` of a message."""
    entities = None if not args.has("entities") else args.sequence("entities")
    text, marks = formatted(world, args.text("text"), args.text("parse_mode"), entities)
    if not text:
        raise bad_request("message text is empty")
    if world.abilities.length(text) > world.abilities.longest_text:
        raise bad_request("message is too long")
    return {"text": text, "entities": marks} if marks else {"text": text}


def caption_of(world: World, values: Arguments) -> Json:
    """Return the `caption` and `caption_entities` of a message, if it has a caption."""
    if not values.has("caption"):
        return {}
    entities = None if not values.has("caption_entities") else values.sequence("caption_entities")
    caption, marks = formatted(world, values.text("caption"), values.text("parse_mode"), entities)
    if world.abilities.length(caption) > world.abilities.longest_caption:
        raise bad_request("message caption is too long")
    content: Json = {"caption": caption} if caption else {}
    if caption and marks:
        content["caption_entities"] = marks
    if caption and values.boolean("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return content
