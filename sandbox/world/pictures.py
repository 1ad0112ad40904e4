"""Pictures without a library: a PNG gradient from a number, and the dimensions of a file.

Dimensions are read from the header of a PNG or JPEG.
"""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT, CELL = 320, 240, 8
CHUNK = 12  # the bytes of a chunk without data
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def gradient(seed: int, *, size: int = 0) -> bytes:
    """Return a PNG of 320 x 240, different per seed, padded to `size` bytes by a private chunk."""
    base = (seed * 53 % 200, seed * 97 % 200, seed * 31 % 200)
    rows = bytearray()
    for y in range(0, HEIGHT, CELL):
        cells = (
            bytes(((base[0] + x // 6) % 256, (base[1] + y // 4) % 256, (base[2] + (x + y) // 10) % 256)) for x in range(0, WIDTH, CELL)
        )
        rows += (b"\0" + b"".join(cell * CELL for cell in cells)) * CELL
    head = SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0))
    body = _chunk(b"IDAT", zlib.compress(bytes(rows), 6))
    end = _chunk(b"IEND", b"")
    room = size - len(head) - len(body) - len(end) - CHUNK
    filler = _chunk(b"fiLl", bytes(room)) if room >= 0 else b""
    return head + body + filler + end


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def dimensions(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG; None for anything else."""
    if data.startswith(SIGNATURE) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
