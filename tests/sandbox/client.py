"""A client of the sandbox for tests: people do things through the control API, the bot calls methods, both over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from sandbox.api.server import running
from sandbox.world.world import World
from tests.process import loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

TOKEN = "123456:SANDBOX"


async def until(condition: Callable[[], Any], *, within_s: float = 5) -> None:
    """Wait for something another task of this loop will bring about."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - the sandbox does not know that a test watches it
            await asyncio.sleep(0.002)


@dataclass
class Refused(Exception):
    """An answer with ok: false."""

    status: int
    description: str
    body: dict[str, Any]


@dataclass
class SandboxClient:
    """`does` is the control API, `calls` the Bot API; every answer of the Bot API is kept in `answers`."""

    url: str
    world: World
    http: httpx.AsyncClient
    answers: list[tuple[str, Any]] = field(default_factory=list)

    async def does(self, path: str, **body: Any) -> Any:
        """A control call that must work."""
        answer = await self.http.post(f"/control/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def cannot(self, path: str, **body: Any) -> str:
        """A control call that must be refused; its sentence."""
        answer = await self.http.post(f"/control/{path}", json=body)
        assert answer.status_code in (400, 404), answer.text
        return str(answer.json()["error"])

    async def raw(self, method: str, **arguments: Any) -> httpx.Response:
        """A Bot API call as python-telegram-bot sends it: a form with nested objects as JSON."""
        form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()}
        return await self.http.post(f"/bot{TOKEN}/{method}", data=form)

    async def calls(self, method: str, **arguments: Any) -> Any:
        """A Bot API call; raise `Refused` for ok: false."""
        answer = await self.raw(method, **arguments)
        body = answer.json()
        if not body["ok"]:
            assert answer.status_code == body["error_code"]
            raise Refused(answer.status_code, body["description"], body)
        self.answers.append((method, body["result"]))
        return body["result"]

    async def refusal(self, method: str, **arguments: Any) -> str:
        """The description of a call that must be refused."""
        try:
            result = await self.calls(method, **arguments)
        except Refused as refused:
            return refused.description
        raise AssertionError(f"{method} answered {result}")

    async def person(self, first_name: str = "老王", *, started: bool = True, **facts: Any) -> int:
        """A person, who has tapped START unless told otherwise; the START is not left in the queue."""
        user = await self.does("users", first_name=first_name, **facts)
        if started:
            await self.does("starts", user=user["id"])
            await self.calls("getUpdates", offset=-1)
            self.world.updates.queue.clear()
        return int(user["id"])

    async def updates(self) -> list[dict[str, Any]]:
        """Everything waiting, confirmed at once."""
        updates = self.world.updates.take(0, 100)
        self.world.updates.queue.clear()
        return updates

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind so far."""
        log = (await self.http.get("/control/log")).json()
        return [event for event in log["events"] if event["kind"] == kind]


@contextlib.asynccontextmanager
async def opened(world: World | None = None) -> AsyncIterator[SandboxClient]:
    """A running sandbox; without limits unless the world says otherwise."""
    world = world or World(TOKEN, limits=False)
    async with running(world) as url, loopback(base_url=url, timeout=20) as http:
        yield SandboxClient(url, world, http)
