"""What a person's message holds: text, picture, voice, file, place or contact."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from sandbox.core.entities import CAPTION_UNITS, TEXT_UNITS, clean, found, trimmed, units
from sandbox.core.errors import ControlError
from sandbox.world.user_actions.request_validation import words

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.people import Person
    from sandbox.world.world import World

KINDS = ("text", "photo", "voice", "document", "location", "contact")


def content(world: World, body: Json, who: Person) -> Json:
    """The fields of the message. Raise for none or several kinds."""
    kinds = [kind for kind in KINDS if body.get(kind) is not None]
    if len(kinds) != 1:
        raise ControlError(f"exactly one of {', '.join(KINDS)} is needed")
    kind = kinds[0]
    if kind == "text":
        return text_fields(words(body, "text", needed=True))
    if kind == "location":
        return {"location": _location(body["location"])}
    if kind == "contact":
        return {"contact": _contact(body["contact"], who)}
    return {kind: _file(world, kind, body[kind])} | _caption(words(body, "caption"))


def text_fields(raw: str) -> Json:
    """A text with what Telegram finds in it."""
    text, _ = trimmed(clean(raw), [])
    if not text:
        raise ControlError("text: nothing but white space")
    if units(text) > TEXT_UNITS:
        raise ControlError(f"text: longer than {TEXT_UNITS} UTF-16 units; a phone would send several messages")
    entities = found(text, [])
    return {"text": text, "entities": entities} if entities else {"text": text}


def _caption(raw: str) -> Json:
    caption, _ = trimmed(clean(raw), [])
    if not caption:
        return {}
    if units(caption) > CAPTION_UNITS:
        raise ControlError(f"caption: longer than {CAPTION_UNITS} UTF-16 units")
    entities = found(caption, [])
    return {"caption": caption, "caption_entities": entities} if entities else {"caption": caption}


def _file(world: World, kind: str, value: Any) -> object:
    """Base64 of the bytes, `{"size": n}` for invented ones, or `{"base64": …, "name": …, "mime_type": …, "duration": s}`."""
    facts: Json = value if isinstance(value, dict) else {"base64": value}
    size, encoded = facts.get("size", 0), facts.get("base64")
    data: bytes | None = None
    if encoded is not None:
        if not isinstance(encoded, str):
            raise ControlError(f"{kind}: base64 or {{size: n}} is needed")
        try:
            data = base64.b64decode(encoded.rsplit("base64,", 1)[-1], validate=True)
        except binascii.Error:
            raise ControlError(f"{kind}: not base64") from None
        if not data:
            raise ControlError(f"{kind}: an empty file")
    elif not isinstance(size, int) or size < 1:
        raise ControlError(f"{kind}: base64 or {{size: n}} is needed")
    duration = facts.get("duration", 3)
    name, mime_type = words(facts, "name"), words(facts, "mime_type")
    return world.files.keep(kind, data, size=size, name=name, mime_type=mime_type, duration=int(duration)).wire()


def _location(value: Any) -> Json:
    if not isinstance(value, dict) or not all(isinstance(value.get(axis), int | float) for axis in ("latitude", "longitude")):
        raise ControlError("location: {latitude, longitude} is needed")
    names = ("latitude", "longitude", "horizontal_accuracy", "live_period", "heading")
    return {name: value[name] for name in names if value.get(name) is not None}


def _contact(value: Any, who: Person) -> Json:
    """`true` or `{}`: the own contact, as the contact button sends it. Otherwise the object as given."""
    if value is True or value == {}:
        names: Json = {name: who.user[name] for name in ("first_name", "last_name") if name in who.user}
        return {"phone_number": who.phone or f"+86138{who.id % 10**8:08d}", **names, "user_id": who.id}
    if not isinstance(value, dict) or not value.get("phone_number"):
        raise ControlError("contact: true, or {phone_number, first_name, user_id?} is needed")
    contact = {name: value[name] for name in ("phone_number", "first_name", "last_name", "user_id", "vcard") if name in value}
    return {"first_name": who.user["first_name"], **contact}
