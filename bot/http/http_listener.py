"""A listening port for calls from outside: uvicorn with connection limits.

The limits apply before a call is understood. Knows connections and time-outs; must not know what is asked. Invariant: a caller that has not
finished the head of a request uses a few kilobytes for a few seconds, and all callers together a bounded number of connections.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.process.database_startup import CannotStart

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HEAD_WITHIN_S = 10.0
LONGEST_HEAD = 65_536
MOST_CONNECTIONS = 256
IDLE_S = 75
#: The longest time at the end to answer calls whose update is being stored.
FINISHED_WITHIN_S = 5


def listening(host: str, port: int, *, who: str) -> socket.socket:
    """Return a socket that listens at an address for `who`.

    Raises:
        CannotStart: the port is not available.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=256)
    except OSError as error:
        why = str(error.strerror).partition(" (while")[0]  # the rest repeats the address
        raise CannotStart(f"{who} cannot listen on {host}:{port}: {why}.") from None


class HttpListener:
    """A listener inside `async with HttpListener(application, host=…, port=…) as listener`.

    `await listener.serve()`; leaving the block closes it.
    """

    def __init__(self, application: ASGIApp, *, host: str, port: int) -> None:
        self._address = (host, port)
        self._server = uvicorn.Server(
            uvicorn.Config(
                application,
                http=LimitedProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=IDLE_S,
                timeout_graceful_shutdown=FINISHED_WITHIN_S,
            )
        )
        self._listener: socket.socket | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._listener is not None, "it is not open"
        return int(self._listener.getsockname()[1])

    async def __aenter__(self) -> HttpListener:
        """Open the port.

        Raises:
            CannotStart: the port is not available.
        """
        self._listener = listening(*self._address, who="The webhook")
        config = self._server.config  # not `serve`, which would handle the process's signals
        config.load()
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self._listener])
        self._serving = asyncio.create_task(self._server.main_loop(), name="door")
        return self

    async def serve(self) -> None:
        """Wait until cancelled."""
        assert self._serving is not None, "it is not open"
        await asyncio.shield(self._serving)

    async def __aexit__(self, *_: object) -> None:
        """Accept no more calls, answer the accepted ones, and close."""
        assert self._serving is not None, "it is not open"
        assert self._listener is not None, "it is not open"
        self._serving.cancel()
        await asyncio.wait([self._serving])
        await self._server.shutdown(sockets=[self._listener])


class LimitedProtocol(HttpToolsProtocol):
    """A connection whose request must soon have a complete and short head."""

    _timer: asyncio.TimerHandle | None = None
    _head_size = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for a head, unless there are too many callers."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Parse a piece; close a connection whose head does not end."""
        if self._in_head:
            self._head_size += len(data)
            self._wait_for_head()
        super().data_received(data)
        if self._in_head and self._head_size > LONGEST_HEAD:
            self.transport.abort()

    def on_message_begin(self) -> None:
        """Note that a request begins, perhaps in the same packet as the end of another."""
        self._wait_for_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop the head's timer: the rest of the request has limits of its own."""
        self._in_head, self._head_size = False, 0
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for the next request."""
        super().on_message_complete()
        self._in_head = True

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting: the connection is closed."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_WITHIN_S, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
