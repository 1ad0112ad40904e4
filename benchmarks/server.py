"""The smallest Bot API server that keeps a bot busy: it hands out invented updates and counts what is sent.

Knows HTTP/1.1 with keep-alive on loopback, nothing else. Every bot under test talks to this same server in the same run. Updates are confirmed by
the next offset as in the real one.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

ME = {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot", "can_join_groups": True}
FIRST_USER = 1_000_000


def message_update(number: int, text: str, users: int) -> dict[str, Any]:
    """Return an update with one private text message, the users taking turns."""
    user = FIRST_USER + number % users
    sender = {"id": user, "is_bot": False, "first_name": "村民", "language_code": "zh-hans"}
    chat = {"id": user, "type": "private", "first_name": "村民"}
    message: dict[str, Any] = {"message_id": number, "date": int(time.time()), "chat": chat, "from": sender, "text": text}
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return {"update_id": number, "message": message}


@dataclass
class Load:
    """What a run hands out and what it saw. Instants are `time.perf_counter()` seconds."""

    updates: list[bytes]
    given: int = 0
    confirmed: int = 0
    sends: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    wanted: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)
    on_send: Callable[[dict[str, list[str]]], None] | None = None


class Server:
    """`async with Server(load) as port`: serves one bot."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                line, _, rest = head.partition(b"\r\n")
                method = line.split()[1].rsplit(b"/", 1)[-1].decode().partition("?")[0]
                length = next(
                    (
                        int(value)
                        for name, _, value in (row.partition(b":") for row in rest.lower().split(b"\r\n"))
                        if name == b"content-length"
                    ),
                    0,
                )
                body = await reader.readexactly(length) if length else b""
                answer = await self._answer(method.lower(), body)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return  # the bot, or the run, has ended
        finally:
            writer.close()

    async def _answer(self, method: str, body: bytes) -> bytes:
        load = self.load
        if method == "getupdates":
            return await self._updates(body)
        if method == "getme":
            return json.dumps({"ok": True, "result": ME}).encode()
        if method == "sendmessage":
            load.sends += 1
            load.last_at = time.perf_counter()
            if load.on_send is not None:
                load.on_send(_fields(body))
            if load.sends == load.wanted:
                load.done.set()
            result = (
                b'{"ok":true,"result":{"message_id":%d,"date":1780000000,"chat":{"id":1,"type":"private","first_name":"x"},"text":"x"}}'
            )
            return result % (10_000_000 + load.sends)
        return b'{"ok":true,"result":true}'

    async def _updates(self, body: bytes) -> bytes:
        load = self.load
        fields = _fields(body)
        offset = int(fields.get("offset", ["0"])[0] or 0) if fields else _multipart_offset(body)
        if offset > 0:
            load.confirmed = max(load.confirmed, offset - 1)
        if load.first_at == 0.0:
            load.first_at = time.perf_counter()
        batch = load.updates[load.confirmed : load.confirmed + 100]
        for _ in range(500):
            if batch:
                break
            await asyncio.sleep(0.002)
            batch = load.updates[load.confirmed : load.confirmed + 100]
        return b'{"ok":true,"result":[' + b",".join(batch) + b"]}"


def _fields(body: bytes) -> dict[str, list[str]]:
    """Return the fields of a form or of a JSON object; nothing of a multipart body."""
    if body[:1] == b"{":
        return {name: [str(value)] for name, value in json.loads(body).items()}
    return parse_qs(body.decode(errors="replace")) if body[:1] != b"-" else {}


def _multipart_offset(body: bytes) -> int:
    _, found, rest = body.partition(b'name="offset"\r\n\r\n')
    return int(rest.split(b"\r\n", 1)[0]) if found else 0
