"""The queue of updates that the bot has not confirmed, and the one long poll that may wait.

Invariant: an update leaves the queue only when it is confirmed, after 24 h of the sandbox's clock, or through the webhook.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.core.errors import ApiError, conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.core.wire import Json
    from sandbox.world.clock import Clock

KEPT_S = 86_400
LONGEST_POLL_S = 50
PACE_S = 3.0
EPOCH_S = 1_735_689_600  # 2025; the first id comes from the time, so that a restarted sandbox does not reuse ids
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"
BY_WEBHOOK = "terminated by setWebhook request"
WEBHOOK_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
Lane = tuple[str, int]


@dataclass(slots=True)
class Pending:
    """A queued update. The webhook delivers the updates of one lane in order."""

    id: int
    at: float
    lane: Lane
    payload: Any


class Updates:
    """The queue of unconfirmed updates."""

    def __init__(self, clock: Clock, paced: Callable[[], bool]) -> None:
        """Start empty. If `paced()`, repeated polls and conflicts are slowed down as Telegram does."""
        self.clock = clock
        self.paced = paced
        self.queue: deque[Pending] = deque()
        self.next_id = int((time.time() - EPOCH_S) * 10)
        self.allowed: list[str] | None = None
        self.on_news: Callable[[], None] | None = None
        self._in_order = True
        self._waiting: asyncio.Future[None] | None = None
        self._previous: tuple[int, float] = (-1, -10.0)
        self._conflict_at = -10.0
        self._confirmed = 0

    @property
    def poll_waiting(self) -> bool:
        """True while a getUpdates call is waiting."""
        return self._waiting is not None

    def wants(self, kind: str) -> bool:
        """Return whether the bot subscribed to this kind of update."""
        return kind not in NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed

    def allow(self, kinds: Iterable[Any] | None) -> None:
        """Set `allowed_updates`; None leaves it unchanged, an empty list means the default set."""
        if kinds is not None:
            self.allowed = [str(kind) for kind in kinds] or None

    def add(self, kind: str, payload: Json, lane: Lane) -> int:
        """Queue an update if the bot subscribed to its kind. Return its id, or 0."""
        if not self.wants(kind):
            return 0
        number = self.next_id
        self.next_id += 1
        self._put(Pending(number, self.clock.now(), lane, {"update_id": number, kind: payload}))
        return number

    def add_raw(self, payload: Any) -> int:
        """Queue any JSON unchanged, but add `update_id` to an object without one.

        Later ids continue from a given one.
        """
        number = self.next_id
        if isinstance(payload, dict):
            given = payload.get("update_id", None)
            if "update_id" not in payload:
                payload = {"update_id": number, **payload}
            elif isinstance(given, int) and not isinstance(given, bool) and abs(given) < 2**62:
                number = given
        if self.queue and number <= self.queue[-1].id:
            self._in_order = False
        self.next_id = number + 1
        self._put(Pending(number, self.clock.now(), ("raw", 0), payload))
        return number

    def _put(self, pending: Pending) -> None:
        self.queue.append(pending)
        self.release()
        if self.on_news is not None:
            self.on_news()

    def release(self) -> None:
        """End the waiting poll, because there are new updates or the clock moved."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def stop_polling(self, why: str) -> None:
        """End the waiting poll with 409."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(conflict(why))

    def expire(self) -> None:
        """Drop updates older than a day."""
        oldest = self.clock.now() - KEPT_S
        while self.queue and self.queue[0].at < oldest:
            self.queue.popleft()

    def take(self, offset: int, limit: int) -> list[Any]:
        """Confirm the updates before `offset` and return the next ones.

        A negative offset drops all but the last `-offset` updates.
        """
        self.expire()
        if offset < 0:
            while len(self.queue) > -offset:
                self.queue.popleft()
        elif offset > 0:
            self._confirm(offset)
        if not self.queue:
            self._in_order = True
            return []
        return [self.queue[place].payload for place in range(min(limit, len(self.queue)))]

    def _confirm(self, offset: int) -> None:
        if self._in_order:
            if offset > self.next_id and self._confirmed == offset - 1:
                return  # ids continued from a lower number since; the offset has no meaning any more
            while self.queue and self.queue[0].id < offset:
                self._confirmed = self.queue.popleft().id
            return
        places = [place for place, pending in enumerate(self.queue) if pending.id == offset - 1]
        if places:
            for _ in range(places[0] + 1):
                self._confirmed = self.queue.popleft().id
        elif self._confirmed != offset - 1:
            self.queue = deque(pending for pending in self.queue if pending.id >= offset)
            self._confirmed = offset - 1

    async def poll(self, offset: int, limit: int, timeout_s: float, *, now: float) -> list[Any]:
        """Answer getUpdates. `now` is in monotonic seconds.

        Raise 409 if a newer poll or a webhook replaces this poll.
        """
        if self.paced():
            same = offset == self._previous[0]
            if same and timeout_s < PACE_S and now < self._previous[1] + PACE_S:
                timeout_s = PACE_S
            if same and now < self._previous[1] + 0.5:
                limit = 1
        self._previous = (offset, now)
        self.stop_polling(OTHER_POLL)
        ready = self.take(offset, limit)
        if ready or timeout_s <= 0:
            return ready
        waiting = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        try:
            async with asyncio.timeout(timeout_s):
                await waiting
        except TimeoutError:
            return []
        except ApiError:
            await self._slow_conflict()
            raise
        finally:
            if self._waiting is waiting:
                self._waiting = None
        return self.take(offset, limit)

    async def _slow_conflict(self) -> None:
        """Delay the answer by three seconds if the last conflict was less than three seconds ago."""
        now = self.clock.monotonic()
        late = self.paced() and now < self._conflict_at + PACE_S
        self._conflict_at = now
        if late:
            await asyncio.sleep(PACE_S)
