"""Methods that send photos, documents and voices, and `getFile`.

A file is uploaded with the call or named by the `file_id` of an earlier one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.api.arguments import Arguments, Upload
from sandbox.api.methods.delivery import deliver, target
from sandbox.api.methods.formatted import caption_of
from sandbox.api.targets import reply_of, thread_of
from sandbox.core.errors import ApiError, bad_request
from sandbox.world.files import DOWNLOAD_BYTES, PHOTO_BYTES, UPLOAD_BYTES, StoredFile
from sandbox.world.pictures import dimensions

if TYPE_CHECKING:
    from sandbox.core.wire import Json
    from sandbox.world.world import World

ALBUM = (2, 10)


def _stored(world: World, args: Arguments, kind: str, value: Any, *, duration: int = 0) -> StoredFile:
    """Return the file of an argument: an upload, `attach://name`, or the id of an earlier file."""
    upload: Upload | None = value if isinstance(value, Upload) else None
    if isinstance(value, str) and value.startswith("attach://"):
        upload = args.files.get(value.removeprefix("attach://"))
        if upload is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
    if upload is not None:
        return _uploaded(world, kind, upload, duration)
    if not isinstance(value, str) or not value:
        raise bad_request(f"there is no {kind} in the request")
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    file = world.files.by_id(value)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request(f"type of file mismatch: expected {kind}, got {file.kind}")
    return file


def _uploaded(world: World, kind: str, upload: Upload, duration: int) -> StoredFile:
    if not upload.data:
        raise bad_request("file must be non-empty")
    if len(upload.data) > UPLOAD_BYTES:
        raise ApiError(413, "Request Entity Too Large")
    if kind == "photo":
        if len(upload.data) > PHOTO_BYTES:
            raise bad_request("file is too big")
        if dimensions(upload.data) is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
    return world.files.keep(kind, upload.data, name=upload.name, mime_type=upload.mime_type, duration=duration)


def _send(world: World, args: Arguments, kind: str) -> Json:
    chat_id = target(world, args)
    value = args.files.get(kind) or args.values.get(kind)
    content = caption_of(world, args)
    file = _stored(world, args, kind, value, duration=args.integer("duration"))
    return deliver(world, args, {kind: file.wire(), **content}, chat_id=chat_id).wire


def send_photo(world: World, args: Arguments) -> Json:
    """Send a photo."""
    return _send(world, args, "photo")


def send_document(world: World, args: Arguments) -> Json:
    """Send a document."""
    return _send(world, args, "document")


def send_voice(world: World, args: Arguments) -> Json:
    """Send a voice recording."""
    return _send(world, args, "voice")


def media_content(world: World, args: Arguments, media: Any) -> Json:
    """Return the content of an `InputMedia…` object."""
    if not isinstance(media, dict):
        raise bad_request("can't parse InputMedia: an Object is expected")
    kind = media.get("type")
    if kind not in ("photo", "document"):
        raise bad_request(f"can't parse InputMedia: type {kind!r} is not part of the sandbox")
    file = _stored(world, args, kind, media.get("media"))
    return {kind: file.wire(), **caption_of(world, Arguments(media))}


def send_media_group(world: World, args: Arguments) -> list[Json]:
    """Send an album of 2 to 10 items. Each item counts as a message."""
    chat_id = target(world, args)
    media = args.sequence("media") or []
    if not ALBUM[0] <= len(media) <= ALBUM[1]:
        raise bad_request("there must be 2-10 items to send as an album")
    contents = [media_content(world, args, item) for item in media]
    thread_of(world, args, chat_id)
    reply_of(world, args, chat_id)
    world.limits.spend(chat_id, now=world.clock.monotonic(), cost=len(contents))
    album = {"media_group_id": str(13_000_000_000 + next(world.numbers))}
    return [deliver(world, args, content, chat_id=chat_id, extra=album, cost=0).wire for content in contents]


def get_file(world: World, args: Arguments) -> Json:
    """Return the `File` with the download path. Raise 400 above 20 MB."""
    if not args.has("file_id"):
        raise bad_request("file_id not specified")
    file = world.files.by_id(args.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": args.text("file_id"),
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }
