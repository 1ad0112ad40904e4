"""Delivers updates to the bot's own server.

Updates of one lane are delivered in order; lanes run in parallel. A failed delivery is retried with Telegram's pauses for a day.
Targets are on this machine only. Pauses are in real time; moving the sandbox's clock ends them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sandbox.core.errors import bad_request
from sandbox.core.wire import dumps, loads
from sandbox.world.poster import Answer, post
from sandbox.world.updates import KEPT_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.core.wire import Json
    from sandbox.world.clock import Clock
    from sandbox.world.updates import Lane, Pending, Updates

LONGEST_PAUSE_S = 60.0
LONGEST_RETRY_AFTER_S = 3600.0
ANSWER_S = 60.0
LOCAL = ("127.0.0.1", "localhost", "::1")


class Webhook:
    """The webhook, with at most one target. `url` is empty while the bot polls."""

    def __init__(self, updates: Updates, clock: Clock) -> None:
        """Start without a target."""
        self.updates = updates
        self.clock = clock
        self.url = ""
        self.secret = ""
        self.max_connections = 40
        self.last_error: tuple[int, str] | None = None
        self.on_reply: Callable[[Json], None] | None = None
        self._lanes: dict[Lane, deque[Pending]] = {}
        self._tasks: dict[Lane, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(40)
        self._hurry = asyncio.Event()

    @property
    def pending(self) -> int:
        """The number of updates in the lanes."""
        return sum(map(len, self._lanes.values()))

    def set(self, url: str, *, secret: str, max_connections: int) -> None:
        """Begin to deliver. Raise 400 for a target on another machine."""
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in LOCAL:
            raise bad_request("bad webhook: the sandbox delivers to http://127.0.0.1 and http://localhost only")
        self.remove()
        self.url, self.secret, self.max_connections = url, secret, max_connections
        self._slots = asyncio.Semaphore(max_connections)
        self.updates.on_news = self._spread
        self._spread()

    def remove(self) -> None:
        """Stop delivering and put undelivered updates back into the queue, in their old order."""
        self.stop()
        rest = sorted((pending for lane in self._lanes.values() for pending in lane), key=lambda pending: pending.at)
        self._lanes.clear()
        self.updates.queue.extendleft(reversed(rest))
        self.url = self.secret = ""
        self.updates.on_news = None

    def stop(self) -> None:
        """Cancel the deliveries under way."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    def drop(self) -> None:
        """Drop the updates in the lanes."""
        self.stop()
        self._lanes.clear()

    def hurry(self) -> None:
        """End the pauses between retries, because the clock moved."""
        self._hurry.set()
        self._hurry = asyncio.Event()

    def _spread(self) -> None:
        """Move new updates into their lanes and start a task for each lane without one."""
        while self.updates.queue:
            pending = self.updates.queue.popleft()
            self._lanes.setdefault(pending.lane, deque()).append(pending)
            if pending.lane not in self._tasks:
                self._tasks[pending.lane] = asyncio.get_running_loop().create_task(self._work(pending.lane))

    async def _work(self, lane: Lane) -> None:
        waiting = self._lanes[lane]
        while waiting:
            await self._deliver(waiting[0])
            waiting.popleft()
        del self._lanes[lane]
        del self._tasks[lane]

    async def _deliver(self, pending: Pending) -> None:
        failures = 0
        body = dumps(pending.payload)
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.secret
        while pending.at >= self.clock.now() - KEPT_S:
            async with self._slots:
                answer = await post(self.url, body, headers, timeout_s=ANSWER_S)
            if 200 <= answer.status < 300:
                self._reply(answer)
                return
            self.last_error = (self.clock.date(), answer.error)
            failures += 1
            if pending.at < self.clock.now() - KEPT_S:
                return
            await self._pause(answer.retry_after_s or (0.0 if failures == 1 else min(2.0 ** (failures - 1), LONGEST_PAUSE_S)))

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(min(seconds, LONGEST_RETRY_AFTER_S)):
                await self._hurry.wait()
        except TimeoutError:
            return

    def _reply(self, answer: Answer) -> None:
        """Make the method call that a 2xx body may contain."""
        if not answer.body.startswith(b"{") or self.on_reply is None:
            return
        try:
            call = loads(answer.body)
        except ValueError:
            return
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            self.on_reply(call)

    def info(self) -> Json:
        """The `WebhookInfo` object."""
        info: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": self.pending + len(self.updates.queue),
        }
        if self.url:
            info |= {"max_connections": self.max_connections, "ip_address": "127.0.0.1"}
        if self.last_error is not None:
            info |= {"last_error_date": self.last_error[0], "last_error_message": self.last_error[1]}
        if self.updates.allowed is not None:
            info["allowed_updates"] = self.updates.allowed
        return info
