"""A wire that stops passing bytes: it accepts them without an answer.

This is the behaviour of a router that forgot a connection. Knows connections and the path they ask for; must not know the Bot API. `Wire`
is a proxy between a bot and its server on loopback: `silence(…)` blocks both directions of the connections that carry this path from then
on; new ones work.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(eq=False)
class Connection:
    """One connection through the wire.

    `asked`: all requests so far; `deaf`: nothing passes any more.
    """

    asked: bytearray = field(default_factory=bytearray)
    deaf: bool = False


class Wire:
    """Forwards to a port on loopback: `port` is where it listens."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._open: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Return the port on which it listens."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def silence(self, path: bytes) -> int:
        """Block the connections whose last request was for this path; return how many."""
        found = [connection for connection in self._open if path in connection.asked and not connection.deaf]
        for connection in found:
            connection.deaf = True
        return len(found)

    def carrying(self, path: bytes) -> int:
        """Return how many connections that still hear have asked for this path."""
        return sum(path in connection.asked and not connection.deaf for connection in self._open)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Wire]:
        """Listen while inside."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        try:
            yield self
        finally:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = Connection()
        self._open.add(connection)
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
            await asyncio.gather(
                _pass_on(reader, there_writer, connection, asking=True),
                _pass_on(there_reader, writer, connection, asking=False),
                return_exceptions=True,
            )
        except (asyncio.CancelledError, OSError):
            pass
        finally:
            self._open.discard(connection)
            self._tasks.discard(task)
            writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: Connection, *, asking: bool) -> None:
    """Pass bytes on until one side ends.

    Bytes of a deaf connection are dropped, and it never learns that the other side closed.
    """
    try:
        while data := await reader.read(65536):
            if asking:
                connection.asked[:] = data[:200]
            if not connection.deaf:
                writer.write(data)
                await writer.drain()
    finally:
        if asking or not connection.deaf:
            writer.close()
