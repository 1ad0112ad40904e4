"""Encode and verify callback data: verb, arguments, day and a tag, in 64 bytes.

Invariant: data that this bot did not make for this chat is never read. The tag proves the origin of a button, not who presses it: that is
checked at every press. Buttons of before the day was written have a tag only.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta

LIMIT = 64
TAG = 11  # base64 characters: 66 bits
DAY = 3  # hexadecimal digits, of days since EPOCH: eleven years
EPOCH = date(2026, 1, 1)


class Signer:
    """Sign and read callback data with one key.

    `series`: buttons of another series are not read; see `storage.maintenance.backup.begin_anew`.
    """

    def __init__(self, secret: str, *, series: str = "") -> None:
        key = hashlib.sha256(f"buttons:{secret}{series and f':{series}'}".encode()).digest()
        self._mac = hashlib.blake2b(key=key, digest_size=9)

    def write(self, verb: str, args: tuple[str | int, ...], *, chat_id: int, made_at: datetime | None = None) -> str:
        """Return callback data; `made_at`: its day is written too.

        Raises:
            ValueError: it would not fit 64 bytes.
        """
        plain = "|".join((verb, *map(str, args)))
        day = "" if made_at is None else f"{(made_at.astimezone(UTC).date() - EPOCH).days % 16**DAY:0{DAY}x}"
        data = f"{plain}~{day}{self._tag(_dated(plain, day), chat_id)}"
        if len(data.encode()) + DAY - len(day) > LIMIT:
            raise ValueError(f"the button {verb} needs more than {LIMIT} bytes")
        return data

    def read(self, data: str, *, chat_id: int) -> tuple[str, tuple[str, ...]] | None:
        """Return (verb, arguments) of data made here for this chat, else None."""
        plain, _, tag = data.rpartition("~")
        day, tag = tag[:-TAG], tag[-TAG:]
        plain = _dated(plain, day)
        if not hmac.compare_digest(tag.encode("utf-8", "surrogatepass"), self._tag(plain, chat_id).encode()):
            return None
        verb, *args = (plain.removesuffix(f"~{day}") if day else plain).split("|")
        return verb, tuple(args)

    @staticmethod
    def made_at(data: str) -> datetime | None:
        """Return the day on which data was made that `read` accepts; None for data without a day."""
        day = data.rpartition("~")[2][:-TAG]
        return datetime.combine(EPOCH + timedelta(days=int(day, 16)), datetime.min.time(), UTC) if day else None

    def _tag(self, plain: str, chat_id: int) -> str:
        mac = self._mac.copy()  # begun with the key once, not for each button
        mac.update(f"{chat_id}:{plain}".encode("utf-8", "surrogatepass"))
        return binascii.b2a_base64(mac.digest(), newline=False)[:TAG].decode()


def _dated(plain: str, day: str) -> str:
    return f"{plain}~{day}" if day else plain
