"""How fast each person is: which of their doings within a minute this one is.

Knows addresses and the causes of acts; must not know what is done. The count stands in this process and nowhere else: it promises nothing to
anybody, what a restart forgets is a minute's count, several workers count what each of them handles (so many workers let through so many times as
much, and no more), and an ordinary update pays no statement for it. Invariant: a cause counts once, however often its unit is run again; what is
kept never grows beyond the limit a person, and a minute.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.core.change import Address

MINUTE = timedelta(minutes=1)


class RateLimiter:
    """`place(who, cause, limit=…, at=…)`."""

    def __init__(self) -> None:
        self._since = datetime.min.replace(tzinfo=UTC)
        self._done: dict[Address, dict[str, int]] = {}

    def place(self, who: Address, cause: str, *, limit: int, at: datetime) -> int:
        """Count a doing; return its place among those of this minute, from 1. All that come after `limit + 1` share the one after it."""
        if not self._since <= at < self._since + MINUTE:
            self._since = at
            self._done.clear()
        done = self._done.setdefault(who, {})
        place = done.get(cause) or len(done) + 1
        if place <= limit + 1:
            done[cause] = place
        return place
