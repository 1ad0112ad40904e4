"""Callers at the webhook listener who do not know its secret, or know it and send too much.

Knows HTTP as bytes and the listener's secret; must not know how the listener compares. Invariant: every call but `genuine` deserves a
refusal.
"""

from __future__ import annotations

import asyncio
from random import Random

SECRET = "Right-secret_0123456789abcdef"
PATH = "/hook"
MOST = 4096
NAME = "X-Telegram-Bot-Api-Secret-Token"
UPDATE = b'{"update_id":1,"message":{"text":"x"}}'
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


def call(
    *secrets: str, body: bytes = UPDATE, more: tuple[str, ...] = (), path: str = PATH, method: str = "POST", chunked: bool = False
) -> bytes:
    """Return a request as it goes over the wire, with as many secrets as given."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Content-Type: application/json", "Connection: close", length]
    lines += [f"{NAME}: {secret}" for secret in secrets] + list(more)
    wire = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + wire


GENUINE = {
    "as Telegram calls": call(SECRET),
    "in chunks": call(SECRET, chunked=True),
    "a name in small letters": call(more=(f"{NAME.lower()}: {SECRET}",)),
}
FORGED = {
    "no secret": call(),
    "an empty secret": call(""),
    "another secret": call("Wrong-secret_0123456789abcdef"),
    "its beginning": call(SECRET[:-1]),
    "more than it": call(f"{SECRET}a"),
    "other letters": call(SECRET.swapcase()),
    "a long one": call("a" * 60_000),
    "the right one and another": call(SECRET, "a"),
    "another and the right one": call("a", SECRET),
    "the right one twice": call(SECRET, SECRET),
    "two in one line": call(f"{SECRET}, a"),
    "under another name": call(more=(f"X-Telegram-Bot-Api-Secret: {SECRET}", f"Authorization: {SECRET}")),
    "in the path": call(path=f"{PATH}?secret={SECRET}"),
    "letters beyond ASCII": call("\xe4\xf6\xfc" * 9),
    "a body in chunks without a secret": call(chunked=True, body=b"x" * 100_000),
    "a huge body without a secret": call(body=b"x" * 1_000_000),
}
TOO_MUCH = {
    "a body that is too long": call(SECRET, body=b"[" + b"1," * MOST + b"1]"),
    "a body that is too long, in chunks": call(SECRET, body=b"[" + b"1," * MOST + b"1]", chunked=True),
    "a length that is not kept": call(SECRET).replace(b"Content-Length: 38", b"Content-Length: 99999999999999999999"),
}


async def answer(port: int, request: bytes) -> int:
    """Send bytes to the listener and return the status; 0 when it closed without an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(10):
            head = await reader.readline()
    except (ConnectionError, BrokenPipeError):
        return 0
    finally:
        writer.close()
    return int(head.split()[1]) if head.startswith(b"HTTP/1.1 ") else 0


def guess(dice: Random) -> list[bytes]:
    """Return the secret headers of a guess: zero to three, near the right one or far from it."""
    place = dice.randrange(len(SECRET))
    near = [
        SECRET[:place],
        SECRET[:place] + dice.choice(LETTERS) + SECRET[place:],
        SECRET[:place] + "~" + SECRET[place + 1 :],
        SECRET[::-1],
        f" {SECRET}",
    ]
    far = ["".join(dice.choice(LETTERS) for _ in SECRET), "", "\x00", SECRET.upper(), "a" * dice.randrange(5000)]
    found = [dice.choice(near + far).encode() for _ in range(dice.randrange(4))]
    return found if len(found) != 1 or dice.random() < 0.8 else [SECRET.encode(), *found]
