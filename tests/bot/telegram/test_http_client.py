"""The HTTP client: behaviour of servers and proxies, over real sockets on loopback."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import email.policy
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut

from bot.telegram import http_client
from bot.telegram.http_client import Answer, BrokenOff, Client, Interrupted, Unreachable
from bot.telegram.http_target import target_of
from bot.telegram.request import Fields, HttpRequest, Unsent

if TYPE_CHECKING:
    from pathlib import Path

YES = b"HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 2\r\n\r\nok"
Behaviour = Callable[["Peer", bytes], Awaitable[None]]
Ask = Callable[..., Coroutine[None, None, Answer]]


@dataclass
class Peer:
    """A server with its own idea of HTTP.

    `requests` are those it got, `connections` those it accepted; `behaves(peer, request)` answers with `write`.
    """

    behaves: Behaviour
    context: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    writer: asyncio.StreamWriter | None = None
    reader: asyncio.StreamReader | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def asked(self, count: int) -> None:
        """Wait until so many requests came."""
        while len(self.requests) < count:
            self.news.clear()
            await self.news.wait()

    def write(self, data: bytes) -> None:
        assert self.writer is not None
        self.writer.write(data)

    def hang_up(self) -> None:
        assert self.writer is not None
        self.writer.close()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.add(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if line).get(b"Content-Length", b"0"))
                request = head + await reader.readexactly(length)
                self.requests.append(request)
                self.news.set()
                self.reader, self.writer = reader, writer
                await self.behaves(self, request)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.transport.abort()


@asynccontextmanager
async def serving(behaves: Behaviour, context: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    peer = Peer(behaves, context)
    server = await asyncio.start_server(peer.accept, "127.0.0.1", 0, ssl=context)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for task in peer.tasks:
            task.cancel()
        await asyncio.gather(*peer.tasks, return_exceptions=True)
        await asyncio.sleep(0)


@asynccontextmanager
async def asking(behaves: Behaviour, *, connections: int = 4) -> AsyncIterator[tuple[Peer, Ask, Client]]:
    client = Client(connections=connections, connect_timeout=2.0)
    async with serving(behaves) as peer:
        target = target_of("POST", f"http://127.0.0.1:{peer.port}/bot1:x/getMe", "application/json")
        try:
            yield peer, lambda body=b"{}", within=2.0: client.ask(target, body, within=within), client
        finally:
            client.close()


async def says_yes(peer: Peer, _: bytes) -> None:
    peer.write(YES)


async def says_nothing(_peer: Peer, _request: bytes) -> None:
    return


def writes(*pieces: bytes, hang_up: bool = False) -> Behaviour:
    """Answer with these pieces, one after the other."""

    async def behaves(peer: Peer, _: bytes) -> None:
        for piece in pieces:
            peer.write(piece)
            await asyncio.sleep(0)
        if hang_up:
            peer.hang_up()

    return behaves


# Answers --------------------------------------------------------------------------------------------------------------


async def test_one_connection_carries_many_requests():
    async with asking(says_yes) as (peer, ask, _):
        assert await ask(b'{"a":1}') == Answer(200, "now", b"ok")
        assert await ask() == Answer(200, "now", b"ok")
    assert peer.connections == 1
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /bot1:x/getMe HTTP/1.1", b"Host: 127.0.0.1:%d" % peer.port, b"User-Agent: Tongxin", b"Accept: */*", b"Accept-Encoding: identity",
        b"Content-Type: application/json", b"Content-Length: 7",
    ]  # fmt: skip
    assert body == b'{"a":1}'


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ([bytes([byte]) for byte in YES], b"ok"),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", b"5\r\nhello\r\n0\r\n\r\n"], b"okhello"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", YES], b"ok"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], b""),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n", b"x" * 100_000, b"x" * 100_000], b"x" * 200_000),
    ],
    ids=["byte by byte", "in chunks", "after a hundred", "nothing", "no content", "long"],
)
async def test_an_answer_comes_in_any_shape(pieces: list[bytes], body: bytes):
    async with asking(writes(*pieces)) as (peer, ask, _):
        assert (await ask()).body == body
        assert (await ask()).body == body
    assert peer.connections == 1


async def test_an_answer_without_a_length_ends_with_its_connection():
    async with asking(writes(b"HTTP/1.1 200 OK\r\n\r\n", b"all of", b" it", hang_up=True)) as (peer, ask, _):
        assert (await ask()).body == b"all of it"
        assert (await ask()).body == b"all of it"
    assert peer.connections == 2


async def test_a_connection_that_the_server_will_close_is_not_used_again():
    async with asking(writes(YES.replace(b"Date", b"Connection: close\r\nDate"))) as (peer, ask, _):
        assert (await ask()).body == b"ok"
        assert (await ask()).body == b"ok"
    assert peer.connections == 2


async def test_a_connection_that_lay_idle_is_not_used_again(monkeypatch: pytest.MonkeyPatch):
    async with asking(says_yes) as (peer, ask, _):
        await ask()
        monkeypatch.setattr(http_client, "IDLE_S", 0.0)
        await ask()
    assert peer.connections == 2


async def test_bytes_that_nobody_asked_for_are_nobodys_answer():
    async with asking(writes(YES + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")) as (peer, ask, _):
        assert (await ask()).body == b"ok"
        assert (await ask()).body == b"ok"
    assert peer.connections == 2


# Missing answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaves", "error"),
    [
        (writes(hang_up=True), Interrupted),
        (writes(b"HTTP/1.1 200", hang_up=True), Interrupted),
        (writes(b"SSH-2.0-OpenSSH_9.2\r\n"), Interrupted),
        (writes(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"), Interrupted),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", hang_up=True), BrokenOff),
        (writes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", hang_up=True), BrokenOff),
        (writes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n"), BrokenOff),
        (says_nothing, TimeoutError),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"), TimeoutError),
    ],
    ids=[
        "hangs up",
        "half a head",
        "another protocol",
        "an upgrade",
        "half a body",
        "half the chunks",
        "no chunk",
        "silent",
        "falls silent",
    ],
)
async def test_an_error_says_whether_the_server_can_have_acted(behaves: Behaviour, error: type[Exception]):
    async with asking(behaves) as (peer, ask, _):
        with pytest.raises(error):
            await ask(within=0.2)
        peer.behaves = says_yes
        assert (await ask()).body == b"ok"
    assert peer.connections == 2, "a connection that broke a promise is not used again"


@pytest.mark.parametrize(
    ("begins", "goes_on", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n", b"x" * 1000, BrokenOff),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3e8\r\n" + b"x" * 1000 + b"\r\n", BrokenOff),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1000, BrokenOff),
        (b"HTTP/1.1 200 OK\r\n", b"X: " + b"x" * 1000 + b"\r\n", Interrupted),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 1000, Interrupted),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 40, Interrupted),
    ],
    ids=["a body", "chunks", "a body without a length", "heads", "one head", "promises"],
)
async def test_an_answer_without_end_is_given_up(begins: bytes, goes_on: bytes, error: type[Exception], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http_client, "LONGEST_ANSWER", 100_000)
    sent = 0

    async def never_ends(peer: Peer, _: bytes) -> None:
        nonlocal sent
        peer.write(begins)
        while sent < 50_000_000:
            peer.write(goes_on)
            sent += len(goes_on)
            assert peer.writer is not None
            await peer.writer.drain()

    async with asking(never_ends) as (peer, ask, _):
        with pytest.raises(error):
            await ask(within=20.0)
        assert sent < 50_000_000
        peer.behaves = says_yes
        assert (await ask()).body == b"ok"
    assert peer.connections == 2


async def test_a_server_that_is_not_there_was_never_asked():
    client = Client(connections=1, connect_timeout=2.0)
    async with serving(says_yes) as peer:
        port = peer.port
    with pytest.raises(Unreachable):
        await client.ask(target_of("POST", f"http://127.0.0.1:{port}/", ""), b"", within=1.0)
    with pytest.raises(Unreachable):
        await client.ask(target_of("POST", "http://tongxin.invalid/", ""), b"", within=1.0)


async def test_a_request_that_is_given_up_takes_its_connection_along():
    async with asking(says_nothing) as (peer, ask, _):
        task = asyncio.create_task(ask())
        await peer.asked(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        peer.behaves = says_yes
        assert (await ask()).body == b"ok"
    assert peer.connections == 2


async def test_whoever_waits_hears_when_everything_is_closed():
    async with asking(says_nothing) as (peer, ask, client):
        task = asyncio.create_task(ask())
        await peer.asked(1)
        client.close()
        with pytest.raises(Interrupted):
            await task


async def test_no_more_connections_than_allowed():
    release = asyncio.Event()

    async def waits(peer: Peer, _: bytes) -> None:
        writer = peer.writer
        assert writer is not None
        await release.wait()
        writer.write(YES)

    async with asking(waits, connections=2) as (peer, ask, _):
        tasks = [asyncio.create_task(ask()) for _ in range(6)]
        await peer.asked(2)
        release.set()
        assert [answer.body for answer in await asyncio.gather(*tasks)] == [b"ok"] * 6
    assert peer.connections == 2


# TLS and proxies ------------------------------------------------------------------------------------------------------


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server certificate for 127.0.0.1 that this machine trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (tmp_path / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    http_client._context.cache_clear()
    return context


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    http_client._context.cache_clear()
    yield
    http_client._context.cache_clear()


async def ask_once(url: str) -> Answer:
    client = Client(connections=1, connect_timeout=2.0)
    try:
        return await client.ask(target_of("POST", url, ""), b"", within=2.0)
    finally:
        client.close()


async def test_tls_with_a_server_that_is_trusted(trusted: ssl.SSLContext):
    async with serving(says_yes, trusted) as peer:
        assert (await ask_once(f"https://127.0.0.1:{peer.port}/x")).body == b"ok"


async def test_a_server_that_nobody_vouches_for_is_not_asked(trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    async with serving(says_yes, trusted) as peer:
        with pytest.raises(Unreachable):
            await ask_once(f"https://127.0.0.1:{peer.port}/x")
    assert not peer.requests


async def leads_through(peer: Peer, request: bytes) -> None:
    """A proxy: connect, then pass everything on."""
    here, there = peer.reader, peer.writer
    assert here is not None
    assert there is not None
    host, port = request.split(b" ")[1].decode().rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    there.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

    async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)

    try:
        await asyncio.gather(pass_on(here, writer), pass_on(reader, there))
    finally:
        writer.transport.abort()


async def test_tls_goes_through_the_proxy_that_the_environment_names(trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch):
    async with serving(says_yes, trusted) as peer, serving(leads_through) as proxy:
        monkeypatch.setenv("https_proxy", f"http://town:s%40fe@127.0.0.1:{proxy.port}")
        assert (await ask_once(f"https://127.0.0.1:{peer.port}/bot1:secret/x")).body == b"ok"
    (request,) = proxy.requests
    assert request.startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % peer.port)
    assert b"Proxy-Authorization: Basic dG93bjpzQGZl\r\n" in request
    assert b"secret" not in request
    assert b"Proxy-Authorization" not in peer.requests[0]


async def test_a_proxy_that_refuses_is_as_good_as_no_network(trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch):
    async with serving(writes(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")) as proxy:
        monkeypatch.setenv("https_proxy", f"127.0.0.1:{proxy.port}")
        with pytest.raises(Unreachable):
            await ask_once("https://api.example.org/x")


async def test_without_tls_the_proxy_is_asked_for_the_whole_address(monkeypatch: pytest.MonkeyPatch):
    async with serving(says_yes) as proxy:
        monkeypatch.setenv("http_proxy", f"http://town:safe@127.0.0.1:{proxy.port}")
        assert (await ask_once("http://api.example.org/bot1:x/getMe")).body == b"ok"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert (await ask_once(f"http://127.0.0.1:{proxy.port}/direct")).body == b"ok"
    through, direct = proxy.requests
    assert through.startswith(b"POST http://api.example.org/bot1:x/getMe HTTP/1.1\r\nHost: api.example.org\r\n")
    assert b"Proxy-Authorization: Basic dG93bjpzYWZl\r\n" in through
    assert direct.startswith(b"POST /direct HTTP/1.1\r\n")
    assert b"Proxy-Authorization" not in direct


# Form of a call -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["", "ftp://example.org/x", "http:///x", "api.example.org/x"])
def test_what_is_no_address_is_refused(url: str):
    with pytest.raises(ValueError, match="address"):
        target_of("POST", url, "")


def test_nothing_in_an_address_can_begin_a_line_of_its_own():
    target = target_of("POST", "http://example.org/a b\r\nX: y/村", "")
    assert target.head.startswith(b"POST /a%20bX:%20y/%E6%9D%91 HTTP/1.1\r\n")


@asynccontextmanager
async def calling(behaves: Behaviour) -> AsyncIterator[tuple[Peer, Callable[..., Awaitable[object]]]]:
    request = HttpRequest(read_timeout=0.2, connect_timeout=0.2)
    await request.initialize()
    async with serving(behaves) as peer:
        try:
            yield peer, lambda **fields: request.post(f"http://127.0.0.1:{peer.port}/bot1:token/x", Fields(fields))  # type: ignore[arg-type]
        finally:
            await request.shutdown()


async def test_a_file_travels_in_a_form():
    answer = b'{"ok":true,"result":true}'
    async with calling(writes(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))) as (peer, call):
        assert await call(chat_id=7, caption='村口 "路灯"', photo=b"\x89PNG\r\n--\x00", reply_markup={"a": 1}) is True
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    kind = next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Type: "))
    form = email.message_from_bytes(kind + b"\r\n\r\n" + body, policy=email.policy.HTTP)
    parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
    assert {name: part.get_payload(decode=True) for name, part in parts.items()} == {
        "chat_id": b"7", "caption": "村口 \"路灯\"".encode(), "photo": b"\x89PNG\r\n--\x00", "reply_markup": b'{"a":1}',
    }  # fmt: skip
    assert parts["photo"].get_filename() == "photo"
    assert parts["photo"].get_content_type() == "application/octet-stream"


@pytest.mark.parametrize(
    ("behaves", "error"),
    [
        (says_nothing, TimedOut),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", hang_up=True), TimedOut),
        (writes(hang_up=True), TimedOut),
        (writes(b"nonsense\r\n\r\n"), TimedOut),
    ],
    ids=["silent", "half an answer", "hangs up", "nonsense"],
)
async def test_python_telegram_bot_hears_its_own_errors_and_no_token(behaves: Behaviour, error: type[NetworkError]):
    async with calling(behaves) as (_, call):
        with pytest.raises(NetworkError) as raised:
            await call(a=1)
    assert type(raised.value) is error
    assert "token" not in str(raised.value)


@pytest.mark.parametrize("status", [406, 413, 420])
async def test_refusal_with_an_odd_status_is_a_refusal_and_no_fault_of_the_network(status: int):
    answer = b'{"ok":false,"description":"no"}'
    async with calling(writes(b"HTTP/1.1 %d Odd\r\nContent-Length: %d\r\n\r\n%s" % (status, len(answer), answer))) as (_, call):
        with pytest.raises(BadRequest):
            await call(a=1)


async def test_a_call_that_was_never_made_says_so():
    async with serving(says_yes) as peer:
        pass
    request = HttpRequest(connect_timeout=0.5)
    with pytest.raises(NetworkError, match="closed"):
        await request.post("http://127.0.0.1:1/bot1:token/x", Fields({}))  # type: ignore[arg-type]
    await request.initialize()
    with pytest.raises(Unsent):
        await request.post(f"http://127.0.0.1:{peer.port}/bot1:token/x", Fields({}))  # type: ignore[arg-type]
    with pytest.raises(NetworkError, match="no such address") as raised:
        await request.post("nowhere/bot1:token/x", Fields({}))  # type: ignore[arg-type]
    assert "token" not in str(raised.value)
    await request.shutdown()


@pytest.mark.parametrize("answer", [b'{"ok":true,"result":{"text":"\xe9\x98\xbf\xe5\xa9\x86', b'{"ok":false "\xe9\x98\xbf\xe5\xa9\x86"'])
async def test_an_answer_that_cannot_be_read_is_not_logged(answer, caplog):
    caplog.set_level(0)
    async with calling(writes(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))) as (_, call):
        with pytest.raises(TelegramError) as raised:
            await call()
    assert "阿婆" not in caplog.text + str(raised.value)
