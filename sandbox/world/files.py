"""Files people and the bot sent. Bytes that were only ordered by size are invented when somebody downloads them.

A file has one `file_unique_id` and possibly several `file_id`s; both are opaque to everybody else.
"""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.world.pictures import CHUNK, HEIGHT, WIDTH, dimensions, gradient

if TYPE_CHECKING:
    from sandbox.core.wire import Json

DOWNLOAD_BYTES = 20 << 20
PHOTO_BYTES = 10 << 20
UPLOAD_BYTES = 50 << 20
THUMBNAIL = 90
FOLDERS = {"photo": ("photos", "jpg", "Ag"), "voice": ("voice", "oga", "Aw"), "document": ("documents", "bin", "BQ")}


@dataclass
class StoredFile:
    """One file. `data` is None while it is only promised."""

    kind: str
    number: int
    unique_id: str
    file_id: str
    path: str
    size: int
    name: str
    mime_type: str
    data: bytes | None
    width: int = 0
    height: int = 0
    duration: int = 0

    def content(self) -> bytes:
        """The bytes, invented if need be."""
        if self.data is not None:
            return self.data
        if self.kind == "photo":
            return gradient(self.number, size=self.size)
        if self.kind == "voice":
            return _silence(self.size)
        return (f"sandbox file {self.number}\n".encode() * (self.size // 16 + 1))[: self.size]

    @property
    def served_type(self) -> str:
        """The content type for the page, from the bytes' beginning rather than from a promise."""
        if self.kind == "photo":
            return "image/jpeg" if self.data is not None and self.data.startswith(b"\xff\xd8") else "image/png"
        if self.kind == "voice":
            return "audio/wav" if self.data is None else "audio/ogg"
        return "application/octet-stream"

    def wire(self) -> object:
        """The media object of a message: a list of sizes for a photo, an object otherwise."""
        base: Json = {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}
        if self.kind == "photo":
            scale = min(1.0, THUMBNAIL / max(self.width, self.height, 1))
            small: Json = {
                "file_id": self.file_id + "s",
                "file_unique_id": self.unique_id + "s",
                "file_size": min(self.size, 1200),
                "width": max(1, int(self.width * scale)),
                "height": max(1, int(self.height * scale)),
            }
            return [small, {**base, "width": self.width, "height": self.height}]
        if self.kind == "voice":
            return {**base, "duration": self.duration, "mime_type": self.mime_type}
        return {**base, "file_name": self.name, "mime_type": self.mime_type}


class Files:
    """All of them, by any of their names."""

    def __init__(self) -> None:
        """Start empty."""
        self._numbers = itertools.count(1)
        self._by_id: dict[str, StoredFile] = {}
        self._by_unique: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(self, kind: str, data: bytes | None, *, size: int = 0, name: str = "", mime_type: str = "", duration: int = 0) -> StoredFile:
        """Store bytes, or a promise of `size` bytes. `kind`: photo, voice or document."""
        number = next(self._numbers)
        folder, ending, prefix = FOLDERS[kind]
        if kind == "document" and "." in name:
            ending = "".join(c for c in name.rsplit(".", 1)[1] if c.isalnum())[:8].lower() or ending
        width, height = (dimensions(data) if data is not None else None) or (WIDTH, HEIGHT)
        file = StoredFile(
            kind=kind,
            number=number,
            unique_id=f"{prefix}AD{number:08x}",
            file_id=f"{prefix}ACAgUAAxk{number:08x}Lt7wAB{number * 2654435761 % 2**32:08x}NgQ",
            path=f"{folder}/file_{number}.{ending}",
            size=len(data) if data is not None else size,
            name=name or f"file_{number}.{ending}",
            mime_type=mime_type or ("audio/ogg" if kind == "voice" else "application/octet-stream"),
            data=data,
            width=width,
            height=height,
            duration=duration,
        )
        if kind == "photo" and data is None:
            bare = len(gradient(number))
            file.size = size if size >= bare + CHUNK else bare
        for ending_of in ("", "s"):
            self._by_id[file.file_id + ending_of] = file
            self._by_unique[file.unique_id + ending_of] = file
        self._by_path[file.path] = file
        return file

    def by_id(self, file_id: str) -> StoredFile | None:
        """The file a `file_id` names."""
        return self._by_id.get(file_id)

    def by_unique_id(self, unique_id: str) -> StoredFile | None:
        """The file a `file_unique_id` names."""
        return self._by_unique.get(unique_id)

    def by_path(self, path: str) -> StoredFile | None:
        """The file a `file_path` names."""
        return self._by_path.get(path)


def _silence(size: int) -> bytes:
    """A WAV of silence, so that a browser can play what nobody recorded."""
    length = max(size - 44, 0)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + length, b"WAVE", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8, b"data", length)
    return head + b"\x80" * length
