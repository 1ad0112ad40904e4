"""A minimal Bot API server for load: hands out generated updates and counts sent messages.

Knows HTTP/1.1 with keep-alive on loopback, nothing else. Every bot under test talks to this server, which has its own core. As in the real Bot
API, the next offset confirms updates. Only released updates are handed out.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qs

ME = {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot", "can_join_groups": True}
FIRST_USER = 1_000_000
PAGE = 100
LONGEST_POLL_S = 10.0
SENT = b'{"ok":true,"result":{"message_id":%d,"date":1780000000,"chat":{"id":1,"type":"private","first_name":"x"},"text":"x"}}'

Fields = dict[str, str]


def message_update(number: int, text: str, users: int) -> dict[str, Any]:
    """Return an update with one private text message. Users take turns."""
    user = FIRST_USER + number % users
    sender = {"id": user, "is_bot": False, "first_name": "村民", "language_code": "zh-hans"}
    chat = {"id": user, "type": "private", "first_name": "村民"}
    message: dict[str, Any] = {"message_id": number, "date": int(time.time()), "chat": chat, "from": sender, "text": text}
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return {"update_id": number, "message": message}


def encoded(text: str, *, count: int, users: int, first: int = 1) -> list[bytes]:
    """Return updates `first`, `first + 1`, … as JSON. Those of a load begin with 1."""
    return [json.dumps(message_update(first + each, text, users), ensure_ascii=False).encode() for each in range(count)]


@dataclass
class Load:
    """The updates of a run and its counts. Instants are `time.perf_counter()` seconds.

    * `release(count)`: the first `count` updates may be handed out. `await answered(count)`: that many messages were sent.
    * `on_confirm(number)` and `on_send(fields)` are called at once. If `on_send` returns (status, body), that is the answer.
    """

    updates: list[bytes]
    released: int = 0
    confirmed: int = 0
    sends: int = 0
    polls: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    wanted: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    polled: asyncio.Event = field(default_factory=asyncio.Event)
    on_send: Callable[[Fields], tuple[int, bytes] | None] | None = None
    on_confirm: Callable[[int], None] | None = None

    def release(self, count: int) -> None:
        """Let the first `count` updates be handed out."""
        self.released = count
        self.more.set()

    async def answered(self, count: int) -> None:
        """Wait until `count` messages were sent since the start."""
        self.wanted = count
        self.done.clear()
        if self.sends < count:
            await self.done.wait()

    def batch(self) -> list[bytes]:
        """Return the updates for a poll now."""
        return self.updates[self.confirmed : min(self.confirmed + PAGE, self.released)]


class Server:
    """The server of one load: `async with Server(load) as port`."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self._server: asyncio.Server | None = None
        self.connections: set[Connection] = set()

    async def __aenter__(self) -> int:
        self._server = await asyncio.get_running_loop().create_server(lambda: Connection(self), "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for connection in list(self.connections):
            connection.end()
        await self._server.wait_closed()

    def answer(self, method: str, body: bytes) -> tuple[int, bytes] | None:
        """Return (status, JSON) of a call; None for a poll that waits for updates."""
        load = self.load
        if method == "sendmessage":
            told = load.on_send(fields_of(body)) if load.on_send is not None else None
            if told is not None:
                return told
            load.sends += 1
            load.last_at = time.perf_counter()
            if load.sends == load.wanted:
                load.done.set()
            return 200, SENT % (10_000_000 + load.sends)
        if method == "getupdates":
            return self._poll(body)
        return 200, json.dumps({"ok": True, "result": ME if method == "getme" else True}).encode()

    def _poll(self, body: bytes) -> tuple[int, bytes] | None:
        load = self.load
        if not load.polled.is_set():
            load.first_at = time.perf_counter()
            load.polled.set()
        load.polls += 1
        offset = int(fields_of(body).get("offset") or 0)
        if offset - 1 > load.confirmed:
            load.confirmed = offset - 1
            if load.on_confirm is not None:
                load.on_confirm(load.confirmed)
        batch = load.batch()
        return (200, updates_answer(batch)) if batch else None

    async def late(self) -> bytes:
        """Wait for released updates and return the answer of a waiting poll."""
        load = self.load
        load.more.clear()
        try:
            async with asyncio.timeout(LONGEST_POLL_S):
                await load.more.wait()
        except TimeoutError:
            pass
        return updates_answer(load.batch())


class Connection(asyncio.Protocol):
    """One connection of a bot: a request, its answer, the next request."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for answers."""
        self._transport = cast("asyncio.Transport", transport)
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the poll of the lost connection."""
        self._server.connections.discard(self)
        self._transport = None
        if self._waiting is not None:
            self._waiting.cancel()

    def end(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes and answer every complete request."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = _length(head)
            if len(self._buffer) < end + 4 + length:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            method = head.split(b" ", 2)[1].rsplit(b"/", 1)[-1].partition(b"?")[0].decode().lower()
            answer = self._server.answer(method, body)
            if answer is None:
                self._waiting = asyncio.get_running_loop().create_task(self._later())
            else:
                self._write(*answer)

    async def _later(self) -> None:
        self._write(200, await self._server.late())

    def _write(self, status: int, body: bytes) -> None:
        if self._transport is not None:
            head = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
            self._transport.write(head + body)


def updates_answer(batch: list[bytes]) -> bytes:
    """Return the answer to a poll."""
    return b'{"ok":true,"result":[' + b",".join(batch) + b"]}"


def fields_of(body: bytes) -> Fields:
    """Return the fields of a JSON object, a form or a multipart body."""
    if body[:1] == b"{":
        return {name: str(value) for name, value in json.loads(body).items()}
    if body[:1] != b"-":
        return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
    found: Fields = {}
    for part in body.split(body.partition(b"\r\n")[0]):
        head, _, value = part.partition(b"\r\n\r\n")
        name = head.partition(b'name="')[2].partition(b'"')[0]
        if name:
            found[name.decode()] = value.removesuffix(b"\r\n").decode(errors="replace")
    return found


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0
