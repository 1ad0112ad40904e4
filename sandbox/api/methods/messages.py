"""Methods that send texts, locations, contacts and chat actions, forward, and copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.api.arguments import Arguments
from sandbox.api.methods.delivery import deliver, target
from sandbox.api.methods.formatted import caption_of, text_of
from sandbox.api.targets import known_chat, message_of
from sandbox.core.errors import bad_request
from sandbox.world.message_parts import CONTENT, copied, origin_of

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.world import Stored, World

ACTIONS = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
]
LIVE_S = (60, 86_400)
FOREVER = 0x7FFFFFFF


def send_message(world: World, args: Arguments) -> Json:
    """Send a text."""
    chat_id = target(world, args)
    content = text_of(world, args)
    if "link_preview_options" in args.values:
        options = args.mapping("link_preview_options")
        if options:
            content["link_preview_options"] = options
    return deliver(world, args, content, chat_id=chat_id).wire


def location_of(args: Arguments) -> Json:
    """Return a `Location` from the arguments. Raise 400 for invalid coordinates."""
    latitude, longitude = args.number("latitude"), args.number("longitude")
    if latitude is None or longitude is None:
        raise bad_request("latitude and longitude must be specified")
    if not -90 <= latitude <= 90 or not -180 <= longitude <= 180:
        raise bad_request("wrong latitude or longitude specified")
    place: Json = {"latitude": latitude, "longitude": longitude}
    accuracy = args.number("horizontal_accuracy")
    if accuracy is not None:
        if not 0 <= accuracy <= 1500:
            raise bad_request("wrong horizontal accuracy specified")
        place["horizontal_accuracy"] = accuracy
    return place


def send_location(world: World, args: Arguments) -> Json:
    """Send a location, a live one if `live_period` is given."""
    chat_id = target(world, args)
    place = location_of(args)
    if args.has("live_period"):
        period = args.integer("live_period")
        if period != FOREVER and not LIVE_S[0] <= period <= LIVE_S[1]:
            raise bad_request("wrong live location period specified")
        place["live_period"] = period
    return deliver(world, args, {"location": place}, chat_id=chat_id).wire


def send_venue(world: World, args: Arguments) -> Json:
    """Send a venue: a location with a title and an address."""
    chat_id = target(world, args)
    place = location_of(args)
    if not args.has("title") or not args.has("address"):
        raise bad_request("venue title and address must be specified")
    venue: Json = {"location": place, "title": args.text("title"), "address": args.text("address")}
    return deliver(world, args, {"venue": venue, "location": place}, chat_id=chat_id).wire


def send_contact(world: World, args: Arguments) -> Json:
    """Send a contact."""
    chat_id = target(world, args)
    if not args.has("phone_number") or not args.has("first_name"):
        raise bad_request("phone number and first name must be specified")
    names = ("phone_number", "first_name", "last_name", "vcard")
    contact = {name: args.text(name) for name in names if args.has(name)}
    return deliver(world, args, {"contact": contact}, chat_id=chat_id).wire


def send_chat_action(world: World, args: Arguments) -> bool:
    """Show a chat action such as typing."""
    chat_id = target(world, args)
    action = args.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.events.add("action", chat_id=chat_id, action=action)
    return True


def _original(world: World, args: Arguments, verb: str) -> Stored:
    chat_id = known_chat(world, args, "from_chat_id")
    stored = message_of(world, args, chat_id, missing=f"message to {verb} not found")
    if not any(name in stored.wire for name in CONTENT):
        raise bad_request("service messages can't be forwarded" if verb == "forward" else "message can't be copied")
    return stored


def forward_message(world: World, args: Arguments) -> Json:
    """Forward a message. Raise 400 for a protected one."""
    chat_id = target(world, args)
    original = _original(world, args, "forward")
    if original.protected:
        raise bad_request("message has protected content and can't be forwarded")
    return deliver(world, args, copied(original.wire), chat_id=chat_id, extra=origin_of(original.wire)).wire


def copy_message(world: World, args: Arguments) -> Json:
    """Send the same content without its author. Only the new message id is returned."""
    chat_id = target(world, args)
    original = _original(world, args, "copy")
    if original.protected and not original.by_bot:
        raise bad_request("message has protected content and can't be copied")
    content = copied(original.wire)
    if args.values.get("caption") is not None:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= caption_of(world, args)
    return {"message_id": deliver(world, args, content, chat_id=chat_id).wire["message_id"]}
