"""Telegram's rate limits, in real time, as token buckets.

By default 30 calls per second over all chats; in a private chat a burst of 5, then one per second; in a group 20 per minute.
A bucket is stored as the instant at which it is full again. A refused call costs nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.core.errors import ControlError, too_many

if TYPE_CHECKING:
    from sandbox.core.wire import Json

TIDY_ABOVE = 50_000


@dataclass
class Limits:
    """The buckets. `enabled` also controls the pauses between polls with the same offset."""

    enabled: bool = True
    global_per_s: float = 30
    chat_per_s: float = 1
    chat_burst: float = 5
    group_per_min: float = 20
    _all: float = 0.0
    _chats: dict[int, float] = field(default_factory=dict)

    def spend(self, chat_id: int, *, now: float, cost: int = 1) -> None:
        """Take `cost` calls from the chat's bucket and from the global one.

        `now` is in monotonic seconds. Raise 429 if a bucket has too few calls left.
        """
        if not self.enabled:
            return
        if chat_id < 0:
            per_s, burst = self.group_per_min / 60, self.group_per_min
        else:
            per_s, burst = self.chat_per_s, self.chat_burst
        chat = _after(self._chats.get(chat_id, 0.0), now, cost, per_s, burst)
        everybody = _after(self._all, now, cost, self.global_per_s, self.global_per_s)
        self._chats[chat_id] = chat
        self._all = everybody
        if len(self._chats) > TIDY_ABOVE:
            self._chats = {key: full_at for key, full_at in self._chats.items() if full_at > now}

    def change(self, wanted: Json) -> None:
        """Apply new limits from the control API. Raise `ControlError` for an unknown one."""
        for name, value in wanted.items():
            if name == "enabled" and isinstance(value, bool):
                self.enabled = value
            elif name in ("global_per_s", "chat_per_s", "chat_burst", "group_per_min") and _positive(value):
                setattr(self, name, value)
            else:
                raise ControlError(f"limits: {name}={value!r} is not understood")

    def state(self) -> Json:
        """The current limits."""
        return {
            "enabled": self.enabled,
            "global_per_s": self.global_per_s,
            "chat_per_s": self.chat_per_s,
            "chat_burst": self.chat_burst,
            "group_per_min": self.group_per_min,
        }


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _after(full_at: float, now: float, cost: int, per_s: float, burst: float) -> float:
    """Return when the bucket is full again after this call. Raise 429 if it does not fit."""
    then = max(full_at, now) + cost / per_s
    late = then - now - burst / per_s
    if late > 1e-9 and max(full_at, now) > now:
        raise too_many(max(1, math.ceil(late)))
    return then
