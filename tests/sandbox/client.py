"""A running sandbox for tests.

People act through the control API, the bot calls methods, both over real HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from sandbox.server import running
from sandbox.world.world import World
from tests.process import loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

TOKEN = "123456:SANDBOX"


async def until(condition: Callable[[], Any], *, within_s: float = 5) -> None:
    """Wait for a condition that another task of this event loop makes true."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - the sandbox does not know that a test watches it
            await asyncio.sleep(0.002)


@dataclass
class Refused(Exception):
    """Raised for an answer with `"ok": false`."""

    status: int
    description: str
    body: dict[str, Any]


@dataclass
class SandboxClient:
    """A client of the sandbox: `does` is the control API, `calls` the Bot API.

    `answers` has every successful answer of the Bot API.
    """

    url: str
    world: World
    http: httpx.AsyncClient
    answers: list[tuple[str, Any]] = field(default_factory=list)

    async def does(self, path: str, **body: Any) -> Any:
        """Make a control call that must succeed."""
        answer = await self.http.post(f"/control/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def cannot(self, path: str, **body: Any) -> str:
        """Make a control call that must be refused, and return the error sentence."""
        answer = await self.http.post(f"/control/{path}", json=body)
        assert answer.status_code in (400, 404), answer.text
        return str(answer.json()["error"])

    async def raw(self, method: str, **arguments: Any) -> httpx.Response:
        """Make a Bot API call as python-telegram-bot does: a form with nested objects as JSON."""
        form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()}
        return await self.http.post(f"/bot{TOKEN}/{method}", data=form)

    async def calls(self, method: str, **arguments: Any) -> Any:
        """Make a Bot API call. Raise `Refused` for `"ok": false`."""
        answer = await self.raw(method, **arguments)
        body = answer.json()
        if not body["ok"]:
            assert answer.status_code == body["error_code"]
            raise Refused(answer.status_code, body["description"], body)
        self.answers.append((method, body["result"]))
        return body["result"]

    async def refusal(self, method: str, **arguments: Any) -> str:
        """Make a Bot API call that must be refused, and return the description."""
        try:
            result = await self.calls(method, **arguments)
        except Refused as refused:
            return refused.description
        raise AssertionError(f"{method} answered {result}")

    async def person(self, first_name: str = "老王", *, started: bool = True, **facts: Any) -> int:
        """Add a person, who taps START if `started`. The START does not stay in the queue."""
        user = await self.does("users", first_name=first_name, **facts)
        if started:
            await self.does("starts", user=user["id"])
            await self.calls("getUpdates", offset=-1)
            self.world.updates.queue.clear()
        return int(user["id"])

    async def updates(self) -> list[dict[str, Any]]:
        """Return all queued updates and confirm them."""
        updates = self.world.updates.take(0, 100)
        self.world.updates.queue.clear()
        return updates

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """Return the events of one kind so far."""
        log = (await self.http.get("/control/log")).json()
        return [event for event in log["events"] if event["kind"] == kind]


@contextlib.asynccontextmanager
async def opened(world: World | None = None) -> AsyncIterator[SandboxClient]:
    """Run a sandbox; by default without rate limits."""
    world = world or World(TOKEN, limits=False)
    async with running(world) as url, loopback(base_url=url, timeout=20) as http:
        yield SandboxClient(url, world, http)
