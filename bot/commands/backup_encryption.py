r"""Encrypted files: AES-256-GCM in parts; any change, truncation or reordering is detected.

Knows bytes and keys, not their content. A sealed file is `TXSEAL1\\n`, an 8-byte prefix, then parts of (4-byte length, ciphertext); a
part's nonce is prefix and number, its associated data says whether it is the last.
"""

from __future__ import annotations

import os
import secrets
import struct
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"TXSEAL1\n"
PART = 1 << 20


class Unsealable(Exception):
    """A file that cannot be opened with this key: wrong key, or a changed or truncated file."""


def key_from(path: Path, *, create: bool) -> bytes:
    """Return the 32-byte key of a file (64 hexadecimal digits).

    `create`: if there is no file, make one that only its owner may read.

    Raises:
        Unsealable: there is no key and none may be made, or the file does not hold one.
    """
    if not path.exists():
        if not create:
            raise Unsealable(f"There is no key at {path}. A backup can only be opened with the key it was made with.")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_hex(32) + "\n")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Unsealable(f"{path} does not hold a key of 64 hexadecimal digits.")
    return key


def seal(source: Path, target: Path, key: bytes) -> None:
    """Encrypt a file; the target appears whole or not at all."""
    prefix = secrets.token_bytes(8)
    cipher = AESGCM(key)
    partial = target.with_name(target.name + ".part")
    with source.open("rb") as reader, partial.open("wb") as writer:
        os.fchmod(writer.fileno(), 0o600)
        writer.write(MAGIC + prefix)
        number, part = 0, reader.read(PART)
        while True:
            following = reader.read(PART)
            sealed = cipher.encrypt(prefix + struct.pack(">I", number), part, b"more" if following else b"last")
            writer.write(struct.pack(">I", len(sealed)) + sealed)
            if not following:
                break
            number, part = number + 1, following
        writer.flush()
        os.fsync(writer.fileno())
    partial.replace(target)


def unseal(source: Path, target: Path, key: bytes) -> None:
    """Decrypt a file.

    Raises:
        Unsealable: the key is wrong, or the file was changed, truncated or is not one of ours.
    """
    cipher = AESGCM(key)
    with source.open("rb") as reader, target.open("wb") as writer:
        os.fchmod(writer.fileno(), 0o600)
        if reader.read(len(MAGIC)) != MAGIC:
            raise Unsealable(f"{source.name} is not a backup of Tongxin.")
        prefix = reader.read(8)
        number, head = 0, reader.read(4)
        while head:
            sealed = reader.read(struct.unpack(">I", head)[0]) if len(head) == 4 else b""
            head = reader.read(4)
            try:
                writer.write(cipher.decrypt(prefix + struct.pack(">I", number), sealed, b"more" if head else b"last"))
            except (InvalidTag, ValueError):
                raise Unsealable(f"{source.name} cannot be opened: the key is wrong, or the file was changed or cut off.") from None
            number += 1
        if number == 0:
            raise Unsealable(f"{source.name} was cut off.")
