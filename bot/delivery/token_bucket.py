"""Rate limits: a token bucket per channel and per chat, and pauses the server asked for.

Knows seconds of a monotonic clock and chat ids (groups are negative); must not know messages. Invariant: `ready_at` never returns an
instant that would break a limit; a pause of one chat delays no other chat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """A token bucket kept as the instant when it would be full again (generic cell rate)."""

    interval: float
    burst: int
    full_at: float = 0.0

    def ready_at(self, now: float) -> float:
        """Return when the next message may be sent (now or later)."""
        return max(now, self.full_at - self.interval * (self.burst - 1))

    def room(self, now: float) -> int:
        """Return how many messages may be sent now."""
        return max(0, min(self.burst, self.burst - math.ceil((self.full_at - now) / self.interval - 1e-9)))

    def take(self, now: float) -> None:
        """Count one message."""
        self.full_at = max(now, self.full_at) + self.interval


class Pace:
    """The rate limits of one channel. All instants are seconds of one monotonic clock."""

    def __init__(self, *, per_second: float, chat_per_second: float, chat_burst: int, group_per_minute: float) -> None:
        # Two: a message that leaves late (a loop wakes a little after its time) does not delay all later ones.
        self._all = Bucket(1 / per_second, max(2, int(per_second)) if per_second > 1000 else 2)
        self._chat_interval = 1 / chat_per_second
        self._chat_burst = chat_burst
        self._group_interval = 60 / group_per_minute
        self._chats: dict[int, Bucket] = {}
        self._held: dict[int, float] = {}

    def channel_ready_at(self, now: float) -> float:
        """Return when the channel as a whole may send again."""
        return self._all.ready_at(now)

    def chat_ready_at(self, chat_id: int, now: float) -> float:
        """Return when the next message may be sent to this chat."""
        bucket = self._chats.get(chat_id)
        paced = now if bucket is None else bucket.ready_at(now)
        return max(paced, self._held.get(chat_id, 0.0))

    def chat_room(self, chat_id: int, now: float) -> int:
        """Return how many messages may go to this chat now."""
        bucket = self._chats.get(chat_id)
        return self._chat_burst if bucket is None else bucket.room(now)

    def take(self, chat_id: int, now: float) -> None:
        """Count a message to a chat."""
        self._all.take(now)
        bucket = self._chats.get(chat_id)
        if bucket is None:
            if len(self._chats) > 20_000:
                self._forget(now)
            bucket = self._chats[chat_id] = self._new(chat_id)
        bucket.take(now)

    def hold(self, chat_id: int, until: float) -> None:
        """Pause a chat because the server asked for it."""
        self._held[chat_id] = max(until, self._held.get(chat_id, 0.0))

    def _new(self, chat_id: int) -> Bucket:
        if chat_id < 0:
            return Bucket(self._group_interval, self._chat_burst)
        return Bucket(self._chat_interval, self._chat_burst)

    def _forget(self, now: float) -> None:
        self._chats = {chat: bucket for chat, bucket in self._chats.items() if bucket.full_at > now}
        self._held = {chat: until for chat, until in self._held.items() if until > now}
