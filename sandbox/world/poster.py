"""Sends one HTTP POST to a server on this machine, with asyncio only.

Every request opens a new connection.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

LARGEST_ANSWER = 1 << 20


@dataclass
class Answer:
    """An HTTP answer. Status 0 means that there was none; `error` says why."""

    status: int
    error: str = ""
    body: bytes = b""
    retry_after_s: float = 0.0


async def post(url: str, body: bytes, headers: dict[str, str], *, timeout_s: float) -> Answer:
    """Send a request and read the whole answer. Failures are returned as an `Answer`, too."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode() + body
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
            try:
                writer.write(request)
                return await _read(reader)
            finally:
                writer.close()
    except TimeoutError:
        return Answer(0, "Read timeout expired")
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
        return Answer(0, f"Connection failed: {type(error).__name__}")


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ", 2)[1])
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    length = headers.get("content-length")
    body = await reader.readexactly(int(length)) if length is not None else await reader.read(LARGEST_ANSWER)
    wait = headers.get("retry-after", "")
    error = "" if 200 <= status < 300 else f"Wrong response from the webhook: {head[0].split(' ', 1)[1]}"
    return Answer(status, error, body, float(wait) if wait.isdecimal() else 0.0)
