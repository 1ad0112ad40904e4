"""Calls from outside, on raw sockets.

A caller without the secret learns and changes nothing; an update that was answered with 200 is on the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import os
import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs
from telegram.error import BadRequest, RetryAfter

import bot.http.http_listener
import bot.receiving.webhook
from bot.commands.check import check
from bot.http.http_listener import HttpListener
from bot.process.database_startup import CannotStart
from bot.receiving.polling import Receiver
from bot.receiving.webhook import HEADER, Entrance, WebhookReceiver, receiver_of
from bot.settings import Settings
from bot.telegram.incoming import KINDS
from bot.timers.clock import Clock, monotonic
from storage.engine.database import StorageFailed
from storage.engine.sqlite import SqliteDatabase
from storage.unit import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

SECRET = "Kx7_the-secret-of-this-hook-Q9"
URL = "https://bot.example.org/telegram"
JSON = ("Content-Type: application/json",)
GENUINE = (f"X-Telegram-Bot-Api-Secret-Token: {SECRET}", *JSON)


def update(number: int = 1, text: str = "有人打架") -> bytes:
    person = {"id": 500001, "is_bot": False, "first_name": "老徐"}
    chat = {"id": 500001, "type": "private", "first_name": "老徐"}
    message = {"message_id": number, "date": 1_790_000_000, "chat": chat, "from": person, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


def call(body: bytes = b"", *headers: str, line: str = "POST /telegram HTTP/1.1", length: bool = True) -> bytes:
    """A request as bytes."""
    lines = [line, "Host: bot.example.org", *headers, *([f"Content-Length: {len(body)}"] if length else [])]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunks(body: bytes, size: int) -> bytes:
    parts = [body[place : place + size] for place in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@dataclass
class Server:
    """A Bot API server that only knows its webhook.

    `answers` are given first; errors among them are raised.
    """

    name: str = "telegram"
    info: dict[str, Any] = field(default_factory=lambda: {"url": "", "pending_update_count": 0})
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    called_at: list[float] = field(default_factory=list)
    troubles: dict[str, list[Exception]] = field(default_factory=dict)

    async def call(self, method: str, /, *, within: float | None = None, **fields: Any) -> Any:
        self.calls.append((method, fields))
        self.called_at.append(monotonic())
        if self.troubles.get(method):
            raise self.troubles[method].pop(0)
        if method == "setWebhook":
            self.info |= {"url": fields["url"], "allowed_updates": fields["allowed_updates"]}
        elif method == "deleteWebhook":
            self.info |= {"url": ""}
        return dict(self.info) if method == "getWebhookInfo" else True

    def made(self, method: str) -> list[dict[str, Any]]:
        return [fields for each, fields in self.calls if each == method]


class Gated(Store):
    """A store that commits when it is let to; `trouble` is raised instead."""

    def __init__(self, database: SqliteDatabase) -> None:
        super().__init__(database)
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()
        self.units = 0
        self.trouble: Exception | None = None

    async def transact(self, work: Any) -> Any:
        self.units += 1
        self.asked.set()
        await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        return await super().transact(work)


@dataclass
class House:
    """A webhook receiver behind a real port, on a real database."""

    receiver: WebhookReceiver
    server: Server
    store: Gated
    file: Path
    port: int

    def kept(self) -> list[tuple[Any, ...]]:
        """Return (update id, payload) of the inbox, as any other connection sees it."""
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            return database.execute("SELECT update_id, payload FROM inbox ORDER BY id").fetchall()

    async def says(self, *pieces: bytes, answers: int = 1) -> list[int]:
        """Send all pieces in order; return the statuses of so many answers, all of them empty."""
        async with self.connected() as (reader, writer):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            return [await self.answer(reader) for _ in range(answers)]

    async def ends(self, *pieces: bytes) -> bytes:
        """Send all pieces and return everything until the line is closed from there."""
        async with self.connected() as (reader, writer):
            got = b""
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                while part := await reader.read(65_536):
                    got += part
            return got

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            async with asyncio.timeout(20):
                yield reader, writer
        finally:
            writer.close()

    @staticmethod
    async def answer(reader: asyncio.StreamReader) -> int:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"\r\ncontent-length: 0\r\n" in head.lower()
        status = int(head.split(b" ", 2)[1])
        assert (b"connection: close" in head.lower()) == (status != 200)
        return status


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    monkeypatch.setenv("TONGXIN_TELEGRAM__WEBHOOK__URL", URL)
    monkeypatch.setenv("TONGXIN_TELEGRAM__WEBHOOK__SECRET", SECRET)
    return Settings()


@pytest.fixture
async def house(settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    file = tmp_path / "town.db"
    database = await SqliteDatabase.open(file)
    await database.migrate()
    store, server = Gated(database), Server()
    receiver = WebhookReceiver(server, store, Clock(), settings.telegram, received=lambda: None, registers=lambda: True)  # type: ignore[arg-type]  # a server, not a channel
    async with HttpListener(receiver.entrance, host="127.0.0.1", port=0) as door:
        yield House(receiver, server, store, file, door.port)
    await store.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the time-outs, so that tests with slow callers do not take ten seconds."""
    monkeypatch.setattr(bot.receiving.webhook, "BODY_WITHIN_S", 0.2)
    monkeypatch.setattr(bot.http.http_listener, "HEAD_WITHIN_S", 0.2)


@pytest.fixture(autouse=True)
def silent(caplog: pytest.LogCaptureFixture) -> Iterator[list[Any]]:
    """Check that no log of these tests, ours or a library's, holds a secret."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as events:
        yield events
    said = repr(events) + caplog.text
    assert SECRET not in said
    assert SECRET[:12] not in said


# The secret -----------------------------------------------------------------------------------------------------------

FORGED = {
    "no secret": (),
    "a wrong one": ("X-Telegram-Bot-Api-Secret-Token: guess",),
    "an empty one": ("X-Telegram-Bot-Api-Secret-Token:",),
    "one letter short": (f"X-Telegram-Bot-Api-Secret-Token: {SECRET[:-1]}",),
    "one letter": (f"X-Telegram-Bot-Api-Secret-Token: {SECRET[0]}",),
    "one letter more": (f"X-Telegram-Bot-Api-Secret-Token: {SECRET}x",),
    "another case": (f"X-Telegram-Bot-Api-Secret-Token: {SECRET.swapcase()}",),
    "the last letter wrong": (f"X-Telegram-Bot-Api-Secret-Token: {SECRET[:-1]}x",),
    "twice": (f"X-Telegram-Bot-Api-Secret-Token: {SECRET}",) * 2,
    "the right and a wrong one": (f"X-Telegram-Bot-Api-Secret-Token: {SECRET}", "X-Telegram-Bot-Api-Secret-Token: guess"),
    "a wrong and the right one": ("X-Telegram-Bot-Api-Secret-Token: guess", f"x-telegram-bot-api-secret-token: {SECRET}"),
    "a list": (f"X-Telegram-Bot-Api-Secret-Token: {SECRET}, {SECRET}",),
    "a huge one": ("X-Telegram-Bot-Api-Secret-Token: " + "A" * 16_000,),
    "the right one and much more": (f"X-Telegram-Bot-Api-Secret-Token: {SECRET}" + "A" * 16_000,),
    "letters beyond ASCII": (f"X-Telegram-Bot-Api-Secret-Token: {SECRET[:-1]}\xe9",),
    "another name": (f"X_Telegram_Bot_Api_Secret_Token: {SECRET}", f"Authorization: Bearer {SECRET}"),
    "a cookie": (f"Cookie: X-Telegram-Bot-Api-Secret-Token={SECRET}",),
}


async def test_a_forged_call_is_refused_without_a_hint_and_touches_nothing(house: House) -> None:
    for name, headers in FORGED.items():
        got = await house.ends(call(update(), *headers, *JSON))
        assert got == b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", name
    assert house.store.units == 0
    assert house.kept() == []


async def test_the_secret_in_the_address_or_the_body_is_none(house: House) -> None:
    line = f"POST /telegram?secret_token={SECRET} HTTP/1.1"
    assert await house.says(call(update(text=SECRET), *JSON, line=line)) == [403]
    assert await house.says(call(update(), *JSON, line=f"POST /{SECRET} HTTP/1.1")) == [403]
    assert house.store.units == 0


@pytest.mark.parametrize("line", ["GET /telegram HTTP/1.1", "POST /elsewhere HTTP/1.1", "OPTIONS * HTTP/1.1", "PUT / HTTP/1.1"])
async def test_who_does_not_know_the_secret_learns_neither_path_nor_method(house: House, line: str) -> None:
    assert await house.says(call(b"", line=line)) == [403]


async def test_a_forged_call_is_refused_before_its_body_is_there(house: House) -> None:
    head = call(b"", "X-Telegram-Bot-Api-Secret-Token: guess", *JSON, "Content-Length: 900000", length=False)
    assert await house.says(head) == [403]
    waits = call(b"", *JSON, "Content-Length: 900000", "Expect: 100-continue", length=False)
    assert (await house.ends(waits)).startswith(b"HTTP/1.1 403 ")


async def test_the_comparison_comes_before_the_body_and_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[Any] = []

    def compare(said: bytes, known: bytes) -> bool:
        order.append((said, known))
        return hmac.compare_digest(said, known)

    async def keep(updates: list[Any]) -> None:
        order.append("kept")

    async def receive() -> Any:
        order.append("read")
        return {"type": "http.request", "body": update(), "more_body": False}

    async def send(event: Any) -> None:
        if event["type"] == "http.response.start":
            order.append(event["status"])

    monkeypatch.setattr(bot.receiving.webhook, "compare_digest", compare)
    entrance = Entrance(keep, secret=SECRET, path="/telegram", max_body=100_000)
    for said, expected in ((b"guess", ["compared", 403]), (SECRET.encode(), ["compared", "read", "kept", 200])):
        order.clear()
        headers = [(HEADER, said), (b"content-type", b"application/json")]
        await entrance({"type": "http", "method": "POST", "path": "/telegram", "headers": headers}, receive, send)
        assert order[0] == (said, SECRET.encode())
        assert ["compared", *order[1:]] == expected


async def test_every_beginning_of_the_secret_is_refused(house: House) -> None:
    async with house.connected() as (_, writer):
        writer.close()
    for length in range(len(SECRET)):
        assert await house.says(call(update(), f"X-Telegram-Bot-Api-Secret-Token: {SECRET[:length]}", *JSON)) == [403]
    assert house.receiver.entrance.refused == len(SECRET)
    assert house.store.units == 0


# Requirements of a genuine call ---------------------------------------------------------------------------------------


async def test_a_genuine_call_is_kept_and_answered_with_nothing(house: House) -> None:
    assert await house.ends(call(update(7), *GENUINE, "Connection: close")) == (
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
    [(number, payload)] = house.kept()
    assert number == 7
    assert json.loads(payload) == json.loads(update(7))


async def test_the_header_is_told_by_its_name_in_any_case(house: House) -> None:
    said = (f"x-TELEGRAM-bot-api-SECRET-token:   {SECRET}", "content-TYPE: Application/JSON; charset=utf-8")
    assert await house.says(call(update(), *said)) == [200]


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        ("GET /telegram HTTP/1.1", GENUINE, 405),
        ("PUT /telegram HTTP/1.1", GENUINE, 405),
        ("POST /telegram/ HTTP/1.1", GENUINE, 404),
        ("POST / HTTP/1.1", GENUINE, 404),
        ("POST /telegram HTTP/1.1", GENUINE[:1], 415),
        ("POST /telegram HTTP/1.1", (GENUINE[0], "Content-Type: text/plain"), 415),
        ("POST /telegram HTTP/1.1", (GENUINE[0], "Content-Type: application/jsonp"), 415),
        ("POST /telegram HTTP/1.1", (GENUINE[0], "Content-Type: multipart/form-data; boundary=application/json"), 415),
        ("POST /telegram HTTP/1.1", (*GENUINE, *JSON), 415),
    ],
)
async def test_anything_but_json_posted_to_its_path_is_refused(house: House, line: str, headers: tuple[str, ...], status: int) -> None:
    assert await house.says(call(update(), *headers, line=line)) == [status]
    assert house.store.units == 0


async def test_a_body_too_long_is_refused_by_its_length_before_it_is_there(house: House) -> None:
    head = call(b"", *GENUINE, f"Content-Length: {2 * 1024 * 1024}", length=False)
    assert await house.says(head) == [413]
    assert (await house.ends(call(b"x" * (2 * 1024 * 1024), *GENUINE)))[:13] in (b"HTTP/1.1 413 ", b"")
    assert house.kept() == []


async def test_a_body_in_chunks_is_counted_while_it_comes(house: House) -> None:
    head = call(b"", *GENUINE, "Transfer-Encoding: chunked", length=False)
    assert await house.says(head, chunks(update(3), 10)) == [200]
    sent, answered = 0, None
    async with house.connected() as (reader, writer):
        writer.write(head)
        answered = asyncio.create_task(reader.read())
        with contextlib.suppress(ConnectionError):
            while sent < 64 and not answered.done():
                writer.write(b"%x\r\n%b\r\n" % (65_536, b"x" * 65_536))
                await writer.drain()
                await asyncio.wait([answered], timeout=0.02)
                sent += 1
            assert (await answered)[:13] in (b"HTTP/1.1 413 ", b"")  # unread bytes may break the connection before the answer arrives
    assert 15 < sent < 64  # an endless body is never taken whole
    assert [number for number, _ in house.kept()] == [3]


async def test_an_endless_body_is_read_up_to_the_limit(house: House) -> None:
    read, said = 0, []

    async def receive() -> Any:
        nonlocal read
        read += 65_536
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    async def send(event: Any) -> None:
        said.append(event.get("status", event.get("body")))

    headers = [(HEADER, SECRET.encode()), (b"content-type", b"application/json")]
    await house.receiver.entrance({"type": "http", "method": "POST", "path": "/telegram", "headers": headers}, receive, send)
    assert said == [413, b""]
    assert read == 1_048_576 + 65_536


async def test_the_longest_body_is_taken(house: House) -> None:
    most = 1_048_576
    room = most - len(update(text=""))
    assert await house.says(call(update(text="x" * room), *GENUINE)) == [200]
    assert await house.says(call(update(2, text="x" * (room + 1)), *GENUINE)) == [413]
    assert len(house.kept()) == 1


UNREADABLE = {
    "nothing": b"",
    "cut": b"{",
    "words": b"no json",
    "bytes": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "a long number": b'{"update_id":' + b"9" * 5_000 + b"}",
    "half a character": b'{"a":"\\ud800"}',
    "no number": b"NaN",
    "a text": b'"text"',
    "null": b"null",
}


async def test_what_cannot_be_read_is_kept_once_and_answered_with_200(house: House) -> None:
    for name, body in UNREADABLE.items():
        before = len(house.kept())
        assert await house.says(call(body, *GENUINE)) == [200], name
        assert await house.says(call(body, *GENUINE)) == [200], name
        assert len(house.kept()) == before + 1, name


# Slow and odd callers -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("piece", [b"", b"POST /telegram HT", b"\r\n", b"POST /telegram HTTP/1.1\r\nX: ", call(b"", *GENUINE)[:-2]])
async def test_a_head_that_does_not_come_is_hung_up_on(house: House, piece: bytes) -> None:
    began = monotonic()
    assert await house.ends(piece) == b""
    assert monotonic() - began < 5
    assert house.store.units == 0


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("drop", [b"\r\n", b"X: y\r\n"], ids=["empty lines", "headers"])
async def test_a_head_that_comes_in_drops_is_hung_up_on(house: House, drop: bytes) -> None:
    async with house.connected() as (reader, writer):
        if drop != b"\r\n":
            writer.write(b"POST /telegram HTTP/1.1\r\n")
        ended = asyncio.create_task(reader.read())
        with contextlib.suppress(ConnectionError):
            while not ended.done():
                writer.write(drop)
                await writer.drain()
                await asyncio.wait([ended], timeout=0.02)
            assert await ended == b""


@pytest.mark.usefixtures("hurried")
async def test_a_second_head_that_does_not_come_is_hung_up_on_too(house: House) -> None:
    async with house.connected() as (reader, writer):
        writer.write(call(update(), *GENUINE) + b"POST /tele")
        assert await house.answer(reader) == 200
        assert await reader.read() == b""


@pytest.mark.usefixtures("hurried")
async def test_a_body_that_does_not_come_is_given_up(house: House) -> None:
    head = call(b"", *GENUINE, "Content-Length: 5000", length=False)
    assert await house.says(head, b'{"update_id":') == [408]
    async with house.connected() as (reader, writer):
        writer.write(head)
        answered = asyncio.create_task(house.answer(reader))
        with contextlib.suppress(ConnectionError):
            while not answered.done():
                writer.write(b" ")
                await writer.drain()
                await asyncio.wait([answered], timeout=0.02)
        assert await answered == 408
    assert house.store.units == 0


async def test_a_head_without_end_is_cut_off_by_its_length(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.http.http_listener, "HEAD_WITHIN_S", 1_000.0)
    assert await house.ends(b"POST /telegram HTTP/1.1\r\nX: ", *[b"A" * 65_536] * 16) == b""
    assert await house.ends(b"POST /telegram HTTP/1.1\r\n", *[b"X: y\r\n" * 2_000] * 40) == b""


async def test_a_caller_who_hangs_up_in_the_middle_leaves_nothing(house: House) -> None:
    async with house.connected() as (_, writer):
        writer.write(call(update(1), *GENUINE)[:-5])
        await writer.drain()
    assert await house.says(call(update(2), *GENUINE)) == [200]
    assert [number for number, _ in house.kept()] == [2]


async def test_calls_in_one_breath_are_answered_in_order(house: House) -> None:
    breath = b"".join(call(update(number), *GENUINE) for number in range(1, 6))
    assert await house.says(breath, answers=5) == [200] * 5
    assert [number for number, _ in house.kept()] == [1, 2, 3, 4, 5]


async def test_nothing_that_follows_a_forged_call_is_heard(house: House) -> None:
    inner = call(update(2), *GENUINE)
    for forged in (call(update(1), *JSON), call(inner, *JSON), call(b"", *JSON, f"Content-Length: {len(inner)}", length=False)):
        got = await house.ends(forged + call(update(3), *GENUINE))
        assert got.count(b"HTTP/1.1") == 1
        assert got.startswith(b"HTTP/1.1 403 ")
    assert house.store.units == 0


NO_HTTP = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "no version": b"POST /telegram\r\n\r\n",
    "9.9": b"POST /telegram HTTP/9.9\r\n\r\n",
    "zeros": b"\x00" * 500,
    "two lengths": call(update(), *GENUINE, "Content-Length: 3"),
    "length and chunks": call(chunks(update(), 9), *GENUINE, "Transfer-Encoding: chunked"),
    "negative": call(update(), *GENUINE, "Content-Length: -1", length=False),
    "endless": call(update(), *GENUINE, f"Content-Length: {'9' * 40}", length=False),
    "no chunk": call(b"zz\r\n", *GENUINE, "Transfer-Encoding: chunked", length=False),
    "a zero": call(update(), *GENUINE, "X: a\x00b"),
}


async def test_what_is_no_http_is_refused_and_touches_nothing(house: House) -> None:
    for name, noise in NO_HTTP.items():
        got = await house.ends(noise)
        assert got[:13] in (b"HTTP/1.1 400 ", b"HTTP/1.1 403 ", b""), name
        assert house.store.units == 0, name
    assert await house.says(call(update(), *GENUINE)) == [200]


async def test_http_1_0_as_a_proxy_may_speak_it(house: House) -> None:
    old = "POST /telegram HTTP/1.0"
    assert (await house.ends(call(update(4), *GENUINE, line=old))).split(b"\r\n")[0].endswith(b"200 OK")
    assert (await house.ends(call(update(5), *JSON, line=old))).split(b"\r\n")[0].endswith(b"403 Forbidden")
    assert [number for number, _ in house.kept()] == [4]


async def test_an_upgrade_is_no_way_in(house: House) -> None:
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13")
    assert await house.says(call(b"", *upgrade, line="GET /telegram HTTP/1.1")) == [403]


async def test_callers_beyond_the_most_are_turned_away(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.http.http_listener, "MOST_CONNECTIONS", 5)
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(5):
            _, writer = await stack.enter_async_context(house.connected())
            writer.write(b"POST")
            await writer.drain()
        assert await house.ends(call(update(1), *GENUINE)) == b""
    assert house.kept() == []


# After the commit -----------------------------------------------------------------------------------------------------


async def test_200_is_said_after_the_commit_only(house: House) -> None:
    house.store.gate.clear()
    async with house.connected() as (reader, writer):
        writer.write(call(update(9), *GENUINE))
        await house.store.asked.wait()
        answered = asyncio.create_task(house.answer(reader))
        await asyncio.wait([answered], timeout=0.3)
        assert not answered.done()
        assert house.kept() == []
        house.store.gate.set()
        assert await answered == 200
    assert [number for number, _ in house.kept()] == [9]


async def test_whatever_is_answered_with_200_is_seen_by_everybody(house: House) -> None:
    for number in range(1, 41):
        assert await house.says(call(update(number), *GENUINE)) == [200]
        assert house.kept()[-1][0] == number


async def test_a_database_that_fails_is_503_and_the_server_repeats(house: House) -> None:
    house.store.trouble = StorageFailed("the disk is full")
    got = await house.ends(call(update(1), *GENUINE))
    assert got == b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\nretry-after: 5\r\n\r\n"
    house.store.trouble = None
    assert await house.says(call(update(1), *GENUINE)) == [200]
    assert len(house.kept()) == 1


async def test_the_same_update_twice_and_at_once_is_kept_once(house: House) -> None:
    answers = await asyncio.gather(*(house.says(call(update(number % 5 + 1), *GENUINE)) for number in range(40)))
    assert answers == [[200]] * 40
    assert sorted(number for number, _ in house.kept()) == [1, 2, 3, 4, 5]


async def test_calls_that_are_in_are_answered_when_the_door_closes(settings: Settings) -> None:
    begun, goes_on = asyncio.Event(), asyncio.Event()

    async def keep(updates: list[Any]) -> None:
        begun.set()
        await goes_on.wait()

    door = HttpListener(Entrance(keep, secret=SECRET, path="/telegram", max_body=100_000), host="127.0.0.1", port=0)
    async with door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(call(update(), *GENUINE))
        await begun.wait()
        asyncio.get_running_loop().call_later(0.3, goes_on.set)
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    writer.close()


# Telling the server ---------------------------------------------------------------------------------------------------


async def test_the_server_is_told_once_and_then_only_asked(house: House) -> None:
    for _ in range(3):
        await house.receiver.register()
    assert house.server.made("setWebhook") == [
        {"url": URL, "secret_token": SECRET, "max_connections": 40, "allowed_updates": list(KINDS), "drop_pending_updates": False}
    ]
    assert len(house.server.made("getWebhookInfo")) == 3
    assert house.receiver.pulse.trouble == ""


async def test_a_webhook_that_stands_is_told_the_secret_again_at_the_start(house: House) -> None:
    house.server.info |= {"url": URL, "allowed_updates": list(KINDS)}
    await house.receiver.register()
    assert len(house.server.made("setWebhook")) == 1


@pytest.mark.parametrize("change", [{"url": ""}, {"url": "https://evil.example.org/x"}, {"allowed_updates": ["message"]}])
async def test_who_removes_or_turns_the_webhook_is_corrected(house: House, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.receiving.webhook, "SET_EVERY_S", 0.0)
    await house.receiver.register()
    house.server.info |= change
    await house.receiver.register()
    assert len(house.server.made("setWebhook")) == 2
    await house.receiver.register()
    assert len(house.server.made("setWebhook")) == 2


async def test_another_secret_at_the_server_is_found_by_calls_that_fail(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.receiving.webhook, "SET_EVERY_S", 0.0)
    house.server.info |= {"last_error_date": 100, "last_error_message": "old", "pending_update_count": 4}
    await house.receiver.register()
    await house.receiver.register()
    assert len(house.server.made("setWebhook")) == 1  # a fault from before the start is ignored
    house.receiver.pulse.answered_at = 0.0
    house.server.info |= {"last_error_date": 160, "last_error_message": "Wrong response from the webhook: 403 Forbidden"}
    await house.receiver.register()
    assert len(house.server.made("setWebhook")) == 2
    assert house.receiver.pulse.trouble == "failing"
    assert house.receiver.pulse.answered_at == 0.0
    house.server.info |= {"pending_update_count": 0}
    await house.receiver.register()
    assert len(house.server.made("setWebhook")) == 2
    assert house.receiver.pulse.trouble == ""


async def test_another_process_only_asks(house: House, settings: Settings) -> None:
    other = WebhookReceiver(house.server, house.store, Clock(), settings.telegram, received=lambda: None, registers=lambda: False)  # type: ignore[arg-type]  # a server, not a channel
    await other.register()
    assert house.server.made("setWebhook") == []
    assert other.pulse.trouble == "elsewhere"
    await house.receiver.register()
    await other.register()
    assert other.pulse.trouble == ""
    assert len(house.server.made("setWebhook")) == 1


async def test_the_server_is_not_told_more_than_once_a_second(house: House) -> None:
    await house.receiver.register()
    house.server.info["url"] = ""
    await house.receiver.register()
    first, second = (at for (method, _), at in zip(house.server.calls, house.server.called_at, strict=True) if method == "setWebhook")
    assert second - first > 1.0


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_a_server_that_asks_to_wait_is_waited_for(house: House, silent: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.receiving.webhook, "SET_EVERY_S", 0.0)
    house.server.troubles["setWebhook"] = [RetryAfter(timedelta(seconds=1)), BadRequest(f"bad webhook {SECRET}")]
    staying = asyncio.create_task(house.receiver.stay_registered())
    try:
        async with asyncio.timeout(10):
            while len(house.server.made("setWebhook")) < 3 or house.receiver.pulse.trouble:  # noqa: ASYNC110 - it goes by the clock
                await asyncio.sleep(0.01)
    finally:
        staying.cancel()
    at = [at for (method, _), at in zip(house.server.calls, house.server.called_at, strict=True) if method == "setWebhook"]
    assert at[1] - at[0] >= 1.0
    assert [event["trouble"] for event in silent if event["event"] == "webhook_not_registered"] == ["RetryAfter", "BadRequest"]


async def test_who_becomes_the_one_that_registers_looks_at_once(house: House, settings: Settings) -> None:
    leads = False
    receiver = WebhookReceiver(house.server, house.store, Clock(), settings.telegram, received=lambda: None, registers=lambda: leads)  # type: ignore[arg-type]  # a server, not a channel
    staying = asyncio.create_task(receiver.stay_registered())
    try:
        async with asyncio.timeout(10):
            while not receiver.pulse.trouble:  # noqa: ASYNC110 - it has no event for us
                await asyncio.sleep(0.01)
            leads = True
            receiver.look()
            while not house.server.info["url"]:  # noqa: ASYNC110 - it has no event for us
                await asyncio.sleep(0.01)
    finally:
        staying.cancel()


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_no_look_comes_before_the_server_allows_it(house: House) -> None:
    house.server.troubles["getWebhookInfo"] = [RetryAfter(timedelta(seconds=1))]
    staying = asyncio.create_task(house.receiver.stay_registered())
    try:
        async with asyncio.timeout(10):
            while len(house.server.called_at) < 2:
                house.receiver.look()
                await asyncio.sleep(0.01)
    finally:
        staying.cancel()
    assert house.server.called_at[1] - house.server.called_at[0] >= 1.0


@pytest.mark.parametrize("removes", [False, True])
async def test_stopping_leaves_the_webhook_unless_asked_otherwise(
    house: House, monkeypatch: pytest.MonkeyPatch, removes: bool, port: int
) -> None:
    monkeypatch.setenv("TONGXIN_TELEGRAM__WEBHOOK__REMOVE_ON_STOP", str(removes))
    monkeypatch.setenv("TONGXIN_TELEGRAM__WEBHOOK__PORT", str(port))
    receiver = WebhookReceiver(house.server, house.store, Clock(), Settings().telegram, received=lambda: None, registers=lambda: True)  # type: ignore[arg-type]  # a server, not a channel
    running = asyncio.create_task(receiver.run())
    async with asyncio.timeout(10):
        while not house.server.info["url"]:  # noqa: ASYNC110 - it has no event for us
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    assert house.server.made("deleteWebhook") == []  # others may be there to be called
    await receiver.leave()
    assert house.server.made("deleteWebhook") == ([{"drop_pending_updates": False}] if removes else [])


@pytest.fixture
def port() -> int:
    from tests.process import free_port

    return free_port()


async def test_a_fault_of_ours_while_registering_ends_the_receiver(house: House, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("TONGXIN_TELEGRAM__WEBHOOK__PORT", str(port))
    receiver = WebhookReceiver(house.server, house.store, Clock(), Settings().telegram, received=lambda: None, registers=lambda: True)  # type: ignore[arg-type]  # a server, not a channel
    house.server.troubles["getWebhookInfo"] = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(receiver.run(), 10)


async def test_a_port_in_use_is_a_sentence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGXIN_TELEGRAM__WEBHOOK__PORT", str(house.port))
    receiver = WebhookReceiver(house.server, house.store, Clock(), Settings().telegram, received=lambda: None, registers=lambda: True)  # type: ignore[arg-type]  # a server, not a channel
    with pytest.raises(CannotStart, match="cannot listen on"):
        await receiver.run()
    assert house.server.calls == []


# Settings -------------------------------------------------------------------------------------------------------------


def test_without_an_address_the_bot_polls(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    way: Callable[..., Any] = receiver_of
    assert isinstance(
        way(house.server, house.store, Clock(), Settings().telegram, received=lambda: None, registers=lambda: True), WebhookReceiver
    )
    monkeypatch.delenv("TONGXIN_TELEGRAM__WEBHOOK__URL")
    assert isinstance(way(house.server, house.store, Clock(), Settings().telegram, received=lambda: None, registers=lambda: True), Receiver)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET", "", "needs a secret"),
        ("SECRET", "x" * 257, "1 to 256 letters"),
        ("SECRET", "有", "1 to 256 letters"),
        ("SECRET", "with space", "1 to 256 letters"),
        ("SECRET", "line\n", "1 to 256 letters"),
        ("URL", f"https://bot.example.org/{SECRET}", "must not contain a secret"),
        ("URL", "https://bot.example.org/12345:TOKEN", "must not contain a secret"),
        ("URL", "bot.example.org", "is no address"),
        ("URL", "ftp://bot.example.org/x", "is no address"),
        ("URL", "https://bot.example.org:x/", "is no address"),
        ("URL", "https://[bot/", "is no address"),
        ("URL", "https://me:pass@bot.example.org/x", "plain address"),
        ("URL", "https://bot.example.org/x?y=z", "plain address"),
        ("URL", "http://bot.example.org/x", "https://"),
        ("URL", "https://bot.example.org:8089/x", "443, 80, 88 or 8443"),
        ("MAX_BODY", "1", "max_body"),
        ("MAX_CONNECTIONS", "101", "max_connections"),
        ("PORT", "0", "port"),
    ],
)
def test_settings_that_let_nobody_or_anybody_call_refuse_to_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
) -> None:
    import typer

    from bot.commands.cli import load_settings

    monkeypatch.setenv("TONGXIN_TELEGRAM__TOKEN", "12345:TOKEN")
    monkeypatch.setenv(f"TONGXIN_TELEGRAM__WEBHOOK__{name}", value)
    with pytest.raises(typer.Exit):
        load_settings()
    told = capsys.readouterr().err
    assert said in told
    assert SECRET not in told
    assert "12345:TOKEN" not in told


@pytest.mark.parametrize("url", [URL, "https://bot.example.org:8443/x", "http://127.0.0.1:5000/x", "https://bot.example.org:88"])
def test_addresses_that_may_be_called(settings: Settings, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("TONGXIN_TELEGRAM__WEBHOOK__URL", url)
    assert Settings().telegram.webhook.url == url


def test_a_server_of_ones_own_may_call_anything(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGXIN_TELEGRAM__WEBHOOK__URL", "http://10.0.0.7:9000/x")
    monkeypatch.setenv("TONGXIN_TELEGRAM__BASE_URL", "http://10.0.0.8:8081/bot")
    assert Settings().telegram.webhook.port == 8089


def test_a_secret_in_the_file_is_refused_even_if_the_environment_has_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import typer

    from bot.commands.cli import load_settings

    file = tmp_path / "config.yaml"
    file.write_text("telegram:\n  webhook:\n    secret: in-the-file\n", encoding="utf-8")
    monkeypatch.setenv("TONGXIN_CONFIG", str(file))
    with pytest.raises(typer.Exit):
        load_settings()
    told = capsys.readouterr().err
    assert "telegram.webhook.secret: must not stand in the file" in told
    assert "in-the-file" not in told


@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read"), ("", "1 to 256"), ("two words", "1 to 256"), (f"{SECRET}\n", "")])
async def test_the_secret_may_come_from_a_file(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, said: str
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    monkeypatch.setenv("TONGXIN_TELEGRAM__WEBHOOK__SECRET", "")
    monkeypatch.setenv("TONGXIN_TELEGRAM__WEBHOOK__SECRET_FILE", str(file))
    settings, way = Settings(), receiver_of
    if not said:
        assert settings.telegram.webhook_secret == SECRET
        return
    faults, _ = await check(settings)
    assert any(said in fault for fault in faults)
    with pytest.raises(CannotStart, match=said):
        way(house.server, house.store, Clock(), settings.telegram, received=lambda: None, registers=lambda: True)  # type: ignore[arg-type]  # a server, not a channel
