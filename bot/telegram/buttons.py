"""Encode and verify callback data: a verb, its arguments and a tag, in 64 bytes.

Invariant: data that this bot did not make for this chat is never read. The tag proves the origin of a button, not who presses it: that is
checked at every press.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac

LIMIT = 64
TAG = 11  # base64 characters: 66 bits


class Signer:
    """Sign and read callback data with one key.

    `series`: buttons of another series are not read; see `storage.maintenance.backup.begin_anew`.
    """

    def __init__(self, secret: str, *, series: str = "") -> None:
        key = hashlib.sha256(f"buttons:{secret}{series and f':{series}'}".encode()).digest()
        self._mac = hashlib.blake2b(key=key, digest_size=9)

    def write(self, verb: str, args: tuple[str | int, ...], *, chat_id: int) -> str:
        """Return callback data.

        Raises:
            ValueError: it would not fit 64 bytes.
        """
        plain = "|".join((verb, *map(str, args)))
        data = f"{plain}~{self._tag(plain, chat_id)}"
        if len(data.encode()) > LIMIT:
            raise ValueError(f"the button {verb} needs more than {LIMIT} bytes")
        return data

    def read(self, data: str, *, chat_id: int) -> tuple[str, tuple[str, ...]] | None:
        """Return (verb, arguments) of data made here for this chat, else None."""
        plain, _, tag = data.rpartition("~")
        if not hmac.compare_digest(tag.encode("utf-8", "surrogatepass"), self._tag(plain, chat_id).encode()):
            return None
        verb, *args = plain.split("|")
        return verb, tuple(args)

    def _tag(self, plain: str, chat_id: int) -> str:
        mac = self._mac.copy()  # begun with the key once, not for each button
        mac.update(f"{chat_id}:{plain}".encode("utf-8", "surrogatepass"))
        return binascii.b2a_base64(mac.digest(), newline=False)[:TAG].decode()
