"""A wire between workers and their PostgreSQL server that can be cut at COMMIT.

Knows the bytes of the simple query protocol that matter here, not SQL. Kinds of cut: `before` the server receives the COMMIT, `after` it
received it and before its answer arrives, `hang`: the answer never arrives and the connection stays open. The client cannot distinguish
these.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

COMMIT = b"COMMIT\0"
NAME = ".s.PGSQL.5432"


class CommitWire:
    """A socket in a folder that leads to the server and can cut a COMMIT.

    Use: `async with CommitWire(server_folder, choose).running(folder)`. `choose()` is called at each COMMIT: "" lets it pass, else one of
    "before", "after", "hang". `cut` counts the cuts.
    """

    def __init__(self, server: Path, choose: Callable[[], str]) -> None:
        self._server = server / NAME
        self._choose = choose
        self.cut: Counter[str] = Counter()

    @asynccontextmanager
    async def running(self, folder: Path) -> AsyncIterator[Path]:
        """Listen on a socket in a folder, and yield the folder."""
        listener = await asyncio.start_unix_server(self._serve, folder / NAME)
        try:
            yield folder
        finally:
            listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            server_reader, server_writer = await asyncio.open_unix_connection(self._server)
            silent = asyncio.Event()
            ways = [
                asyncio.create_task(self._ask(reader, server_writer, silent)),
                asyncio.create_task(_answer(server_reader, writer, silent)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                server_writer.transport.abort()
        writer.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, silent: asyncio.Event) -> None:
        while data := await reader.read(65_536):
            how = self._choose() if COMMIT in data else ""
            self.cut[how or "passed"] += COMMIT in data
            if how == "before":
                return
            if how:
                silent.set()
            server.write(data)
            await server.drain()
            if how == "after":
                await asyncio.sleep(0.05)  # the server receives it, its answer is lost
                return


async def _answer(server: asyncio.StreamReader, writer: asyncio.StreamWriter, silent: asyncio.Event) -> None:
    while data := await server.read(65_536):
        if not silent.is_set():
            writer.write(data)
            await writer.drain()
