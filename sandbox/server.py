"""The sandbox as one ASGI application, and a way to run it inside a test.

`async with running(World()) as url: …`: the Bot API is at `{url}/bot`, files at `{url}/file/bot`, the control API at `{url}/control/…`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from sandbox.api.botapi import BotApi
from sandbox.core.errors import ControlError
from sandbox.page import control, page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from sandbox.world.world import World


class Sandbox(Starlette):
    """Starlette for the page and the control API. The Bot API bypasses it for speed."""

    def __init__(self, world: World, *, allow_remote: bool = False) -> None:
        """Serve one world."""
        super().__init__(
            routes=[*control.routes(world), *page.routes()],
            middleware=[Middleware(page.Guard, allow_remote=allow_remote)],
            exception_handlers={ControlError: _refused},
        )
        self.world = world
        self.bot_api = page.BotGuard(BotApi(world), allow_remote=allow_remote)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch by path."""
        if scope["type"] == "http" and scope["path"].startswith(("/bot", "/file/bot")):
            await self.bot_api(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, ControlError):
        raise error
    return control.answer({"error": error.message}, error.status)


def create_app(world: World, *, allow_remote: bool = False) -> Starlette:
    """Return the application for one world."""
    return Sandbox(world, allow_remote=allow_remote)


class Server(uvicorn.Server):
    """A uvicorn server that ends long requests when it shuts down."""

    def __init__(self, config: uvicorn.Config, world: World) -> None:
        """Serve one world."""
        super().__init__(config)
        self.world = world

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End streams and polls, then shut down."""
        self.world.close()
        await super().shutdown(sockets)


def server(world: World, *, host: str = "127.0.0.1", port: int = 0, allow_remote: bool = False) -> Server:
    """Return a server that is not started yet."""
    config = uvicorn.Config(
        create_app(world, allow_remote=allow_remote),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=75,
    )
    return Server(config, world)


@contextlib.asynccontextmanager
async def running(world: World, *, port: int = 0) -> AsyncIterator[str]:
    """Run in this event loop on a loopback port and yield `http://127.0.0.1:PORT`.

    Port 0 picks a free one.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # without the protocol, Nagle's algorithm stays on
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2048)
    runner = server(world, port=port)
    runner.config.load()
    runner.lifespan = runner.config.lifespan_class(runner.config)
    await runner.startup(sockets=[listener])
    ticking = asyncio.create_task(runner.main_loop())
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticking
        await runner.shutdown(sockets=[listener])
        listener.close()
