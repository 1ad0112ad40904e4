"""Fault injection: one rule, an outage switch, and forced waits per chat.

The rule says the mode, the calls that it applies to, and how often. Forced waits use the sandbox's clock, so moving the clock ends them.
The buckets of `limits` use real time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from sandbox.core.errors import ControlError, too_many

if TYPE_CHECKING:
    from sandbox.core.wire import Json

BEFORE = ("500", "502_html", "garbage", "hang", "error")
AFTER = ("truncated", "cut", "no_result", "deliver_then_hang")
MODES = ("none", *BEFORE, *AFTER)
EVERY_CHAT = "*"


@dataclass
class Faults:
    """The injected faults.

    A mode of `BEFORE` replaces the call. A mode of `AFTER` spoils the answer of a call that was made.
    """

    down: bool = False
    mode: str = "none"
    method: str | None = None
    chat: int | None = None
    times: int | None = None
    probability: float = 1.0
    delay_s: float = 30.0
    error_code: int = 400
    description: str = "Bad Request: injected"
    wait_until: dict[str, float] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - picks faults, not a secret

    @property
    def quiet(self) -> bool:
        """True if no fault and no forced wait is set; the only check on the hot path."""
        return self.mode == "none" and not self.wait_until

    def strike(self, method: str, chat_id: int) -> str:
        """Return the fault mode for this call, or `none`, and count it towards `times`."""
        if self.mode == "none" or (self.method and self.method.lower() != method):
            return "none"
        if self.chat is not None and self.chat != chat_id:
            return "none"
        if self.probability < 1 and self.random.random() >= self.probability:
            return "none"
        mode = self.mode
        if self.times is not None:
            self.times -= 1
            if self.times <= 0:
                self.mode = "none"
        return mode

    def hold(self, chat_id: int, *, now: float) -> None:
        """Raise 429 while a forced wait for this chat lasts. `now` is by the sandbox's clock."""
        for key in (str(chat_id), EVERY_CHAT):
            until = self.wait_until.get(key)
            if until is None:
                continue
            if until <= now:
                del self.wait_until[key]
            else:
                raise too_many(math.ceil(until - now))

    def change(self, wanted: Json, *, now: float) -> None:
        """Apply a change from the control API.

        A given `mode` starts a new rule: `method`, `chat`, `times` and `probability` are reset unless given with it.
        Raise `ControlError` for an unknown name or mode.
        """
        unknown = wanted.keys() - {*self.state(now=now), "seed"}
        if unknown:
            raise ControlError(f"faults: unknown {', '.join(sorted(unknown))}")
        if "mode" in wanted:
            if wanted["mode"] not in MODES:
                raise ControlError(f"faults: mode is one of {', '.join(MODES)}")
            self.mode = wanted["mode"]
            self.method = self.chat = self.times = None
            self.probability = 1.0
        for name in ("down", "method", "chat", "times", "probability", "delay_s", "error_code", "description"):
            if name in wanted:
                setattr(self, name, wanted[name])
        if self.times is not None and self.times <= 0:
            self.mode = "none"
        if "seed" in wanted:
            self.random.seed(wanted["seed"])
        if "retry_after" in wanted:
            for chat, seconds in (wanted["retry_after"] or {}).items():
                self.wait_until[str(chat)] = now + seconds
                if seconds <= 0:
                    del self.wait_until[str(chat)]

    def state(self, *, now: float) -> Json:
        """The current faults; `retry_after` holds the seconds left per chat."""
        return {
            "down": self.down,
            "mode": self.mode,
            "method": self.method,
            "chat": self.chat,
            "times": self.times,
            "probability": self.probability,
            "delay_s": self.delay_s,
            "error_code": self.error_code,
            "description": self.description,
            "retry_after": {chat: math.ceil(until - now) for chat, until in self.wait_until.items() if until > now},
            "limits": {},
        }
