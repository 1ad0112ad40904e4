"""Count each person's actions within a minute.

Knows addresses and the causes of handler calls; must not know the actions themselves. The count exists only in this process: a restart
loses at most a minute's count, several workers together allow at most as many times the limit as there are workers, and an ordinary update
needs no statement for it. Invariant: a cause counts once, however often its unit is run again; memory never exceeds the limit per person
and one minute.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.core.change import Address

MINUTE = timedelta(minutes=1)


class RateLimiter:
    """A counter of actions per person and minute: `place(who, cause, limit=…, at=…)`."""

    def __init__(self) -> None:
        self._since = datetime.min.replace(tzinfo=UTC)
        self._done: dict[Address, dict[str, int]] = {}

    def place(self, who: Address, cause: str, *, limit: int, at: datetime) -> int:
        """Count an action; return its place among those of this minute, from 1.

        All actions after `limit + 1` share the next place.
        """
        if not self._since <= at < self._since + MINUTE:
            self._since = at
            self._done.clear()
        done = self._done.setdefault(who, {})
        place = done.get(cause) or len(done) + 1
        if place <= limit + 1:
            done[cause] = place
        return place
