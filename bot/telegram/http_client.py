"""HTTP/1.1 for the Bot API: small requests over a few connections that stay open.

Knows sockets, TLS and time-outs; bot/telegram/http_target.py decides where a request goes. Must not know methods or messages. Invariant: a
connection carries one request at a time and is used again only after a whole answer; every error says whether the server can have acted.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from functools import cache
from typing import NamedTuple, cast

import aiohappyeyeballs
import httptools

from bot.telegram.http_target import Place, Target, connect_request
from bot.timers.clock import monotonic

#: Seconds after which an idle connection is not used again.
IDLE_S = 60.0
#: Seconds after which the next address of a host is tried in parallel with the first.
NEXT_ADDRESS_S = 0.25
#: Bytes of an answer with its head. A page of a hundred updates stays far below; a longer answer is a fault and would fill the memory.
LONGEST_ANSWER = 32 * 1024 * 1024


class HttpError(Exception):
    """A request without an answer. The message never holds an address: the token is in it.

    HttpError
      ├── Unreachable   no connection could be made, so the server did nothing
      ├── Interrupted   the connection ended before a valid answer began: it is unknown whether the server has acted
      └── BrokenOff     an answer began and did not end, so the server has acted
    """


class Unreachable(HttpError):
    """No connection could be made."""


class Interrupted(HttpError):
    """The connection ended before there was an answer."""


class BrokenOff(HttpError):
    """An answer began and did not end."""


class Answer(NamedTuple):
    """A server's answer; `date` is its `Date` header."""

    status: int
    date: str
    body: bytes


class Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request.

    `usable`: it is open and nobody waits for an answer.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._tunnels = False
        self.usable = False
        self.idle_since = 0.0
        self._begin()

    def _begin(self) -> None:
        """Expect an answer from its first byte on."""
        self._parser = httptools.HttpResponseParser(self)
        self._forget()

    def _forget(self) -> None:
        self._date = ""
        self._body: list[bytes] = []
        self._has_head = self._has_length = False
        self._heard = 0

    async def ask(self, request: bytes, *, within: float) -> Answer:
        """Send a request and wait for its answer.

        Raises:
            TimeoutError: it did not arrive within so many seconds.
            Interrupted, BrokenOff: it did not arrive whole.
        """
        if not self.usable or self._transport is None:
            raise Interrupted("closed")
        loop = asyncio.get_running_loop()
        self.usable = False
        self._waiting = loop.create_future()
        timer = loop.call_later(within, self._fail, TimeoutError())
        try:
            self._transport.write(request)
            return await self._waiting
        finally:
            timer.cancel()
            self._waiting = None

    async def tunnel(self, request: bytes, *, context: ssl.SSLContext, host: str, within: float) -> None:
        """Ask a proxy for a tunnel to a host, and speak TLS with the host.

        Raises:
            Unreachable: the proxy refused.
            OSError, HttpError: as for any connection.
        """
        self._tunnels = True
        answer = await self.ask(request, within=within)
        self._tunnels = False
        if answer.status != 200:
            raise Unreachable(f"the proxy answered {answer.status}")
        self._begin()
        assert self._transport is not None
        transport = await asyncio.get_running_loop().start_tls(self._transport, self, context, server_hostname=host)
        assert transport is not None
        self._transport = transport
        self.usable = True

    def close(self) -> None:
        """Close the connection."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    # Called by the loop -------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Become usable."""
        self._transport = cast("asyncio.Transport", transport)
        self.usable = True

    def data_received(self, data: bytes) -> None:
        """Parse a piece of the answer; unexpected bytes end the connection."""
        if self._waiting is None:
            self.close()
            return
        self._heard += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._break_off("no HTTP")
        if self._heard > LONGEST_ANSWER:
            self._break_off("too long")

    def connection_lost(self, exc: Exception | None) -> None:
        """End the answer: one without a length is complete now, any other is broken off."""
        self.usable = False
        if self._has_head and not self._has_length and exc is None:
            self._answered()
        elif self._has_head:
            self._fail(BrokenOff("broken off"))
        else:
            self._fail(Interrupted(type(exc).__name__ if exc is not None else "hung up"))

    # Called by the parser -----------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin an answer; an unexpected one ends the use of this connection."""
        self.usable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the headers that are used."""
        match name.lower():
            case b"date":
                self._date = value.decode("latin-1")
            case b"content-length" | b"transfer-encoding":
                self._has_length = True

    def on_headers_complete(self) -> None:
        """Note that the answer has begun; a proxy's has no other part."""
        self._has_head = self._parser.get_status_code() >= 200
        if self._tunnels and self._has_head:
            self._answered()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Hand over the answer, unless it only announces the final one."""
        if self._has_head:
            self.usable = self._asker() is not None and self._parser.should_keep_alive()
            self._answered()

    def _answered(self) -> None:
        if (asker := self._asker()) is not None:
            asker.set_result(Answer(self._parser.get_status_code(), self._date, b"".join(self._body)))
        self._forget()

    def _fail(self, error: Exception) -> None:
        if (asker := self._asker()) is not None:
            asker.set_exception(error)

    def _break_off(self, why: str) -> None:
        """Fail a faulty answer and close its connection.

        After a complete head the server has acted.
        """
        self._fail(BrokenOff(why) if self._has_head else Interrupted(why))
        self._forget()
        self.close()

    def _asker(self) -> asyncio.Future[Answer] | None:
        """Return the caller that waits for an answer."""
        return None if self._waiting is None or self._waiting.done() else self._waiting


class Client:
    """A limited number of connections to servers: `await ask(…)`, `close()`."""

    def __init__(self, *, connections: int, connect_timeout: float) -> None:
        self._free = asyncio.Semaphore(connections)
        self._connect_timeout = connect_timeout
        self._idle: dict[Place, deque[Connection]] = {}
        self._open: set[Connection] = set()

    async def ask(self, target: Target, body: bytes, *, within: float) -> Answer:
        """Send a request and wait for its answer.

        At most `within` seconds, counted from the connection.

        Raises:
            TimeoutError, HttpError: there was no whole answer.
        """
        async with self._free:
            connection = self._take(target.place) or await self._connect(target.place)
            try:
                return await connection.ask(b"%s%d\r\n\r\n%s" % (target.head, len(body), body), within=within)
            finally:
                self._put_back(target.place, connection)

    def close(self) -> None:
        """Close all connections."""
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._idle.clear()

    def _take(self, place: Place) -> Connection | None:
        """Return the connection that was used last, if one is still good."""
        idle = self._idle.get(place)
        while idle:
            connection = idle.pop()
            if connection.usable and monotonic() - connection.idle_since < IDLE_S:
                return connection
            self._drop(connection)
        return None

    def _put_back(self, place: Place, connection: Connection) -> None:
        if not connection.usable:
            self._drop(connection)
            return
        now = connection.idle_since = monotonic()
        idle = self._idle.setdefault(place, deque())
        while idle and now - idle[0].idle_since >= IDLE_S:
            self._drop(idle.popleft())
        idle.append(connection)

    def _drop(self, connection: Connection) -> None:
        connection.close()
        self._open.discard(connection)

    async def _connect(self, place: Place) -> Connection:
        try:
            async with asyncio.timeout(self._connect_timeout):
                connection = await self._reach(place)
        except (OSError, HttpError) as error:
            raise Unreachable(type(error).__name__) from None
        self._open.add(connection)
        return connection

    async def _reach(self, place: Place) -> Connection:
        loop = asyncio.get_running_loop()
        host, port, *_ = place.proxy or place
        addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        connected = await aiohappyeyeballs.start_connection(addresses, happy_eyeballs_delay=NEXT_ADDRESS_S)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if not place.secure:
            return (await loop.create_connection(Connection, sock=connected))[1]
        if place.proxy is None:
            return (await loop.create_connection(Connection, sock=connected, ssl=_context(), server_hostname=place.host))[1]
        connection = (await loop.create_connection(Connection, sock=connected))[1]
        try:
            await connection.tunnel(connect_request(place), context=_context(), host=place.host, within=self._connect_timeout)
        except BaseException:
            connection.close()
            raise
        return connection


@cache
def _context() -> ssl.SSLContext:
    """Return the trusted certificates.

    They are large, so they are loaded for the first TLS connection.
    """
    return ssl.create_default_context()
