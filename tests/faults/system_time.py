"""Wrong clocks and changing zones: a slow oracle of local time, a town with a wrong clock.

Knows minutes of local time and the places where production reads the clock; must not know due items. `nights(zone)` are the hours around
each change of a zone's offset, `oracle` gives a schedule's expected occurrences there; `Wrong` is a clock with an error that never jumps on
its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.handling.dispatch import Table
from bot.timers.clock import Clock
from bot.timers.clock_check import Timekeeping, Watch
from bot.timers.timer_loop import Ticking
from handlers.core.context import Hooks
from handlers.core.route import TimerRoute

if TYPE_CHECKING:
    from domain.core.town import Town
    from handlers.core.context import HandlerContext
    from storage.unit import Store

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
BEFORE, AFTER = 6 * HOUR, 8 * HOUR
Faces = list[tuple[datetime, list[datetime]]]
Matches = Callable[[datetime], bool]

#: A crontab expression and its meaning in another notation.
SCHEDULES: dict[str, Matches] = {
    "* * * * *": lambda wall: True,
    "*/15 * * * *": lambda wall: wall.minute % 15 == 0,
    "30 1 * * *": lambda wall: (wall.hour, wall.minute) == (1, 30),
    "30 2 * * *": lambda wall: (wall.hour, wall.minute) == (2, 30),
    "0 0 * * *": lambda wall: (wall.hour, wall.minute) == (0, 0),
    "0 3 * * *": lambda wall: (wall.hour, wall.minute) == (3, 0),
    "15 0-3 * * 0": lambda wall: wall.minute == 15 and wall.hour <= 3 and wall.weekday() == 6,
    "59 23 * * *": lambda wall: (wall.hour, wall.minute) == (23, 59),
}


# Zones ----------------------------------------------------------------------------------------------------------------


def changes(zone: ZoneInfo) -> list[datetime]:
    """List the first minutes after which the zone's offset differs, from 2020 to 2030."""
    days = int((LAST - FIRST) / DAY)
    found = []
    for day in range(days):
        low, high = FIRST + day * DAY, FIRST + (day + 1) * DAY
        if low.astimezone(zone).utcoffset() == high.astimezone(zone).utcoffset():
            continue
        while high - low > MINUTE:
            middle = low + ((high - low) // 2 // MINUTE) * MINUTE
            low, high = (middle, high) if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset() else (low, middle)
        found.append(high)
    return found


def faces(zone: ZoneInfo, change: datetime) -> Faces:
    """List the local times first shown at each minute around a change.

    A jump shows all the times it jumps over.
    """
    seen: set[datetime] = set()
    shown: Faces = []
    start = change - BEFORE - 4 * HOUR
    last = start.astimezone(zone).replace(tzinfo=None) - MINUTE
    for minute in range(int((BEFORE + AFTER + 4 * HOUR) / MINUTE) + 1):
        at = start + minute * MINUTE
        wall = at.astimezone(zone).replace(tzinfo=None)
        fresh = [last + step * MINUTE for step in range(1, max(1, (wall - last) // MINUTE))]
        fresh = [face for face in [*fresh, wall] if face not in seen]
        seen.update(fresh)
        last = wall
        if at > change - BEFORE:
            shown.append((at, fresh))
    return shown


def oracle(shown: Faces, matches: Matches) -> list[datetime]:
    """List the minutes at which a schedule must come."""
    return [at for at, fresh in shown if any(matches(face) for face in fresh)]


# A wrong clock --------------------------------------------------------------------------------------------------------


class Wrong(Clock):
    """Shows `true` time plus `error`."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.true = at
        self.error = timedelta()

    def now(self) -> datetime:
        """Return the time it shows."""
        return self.true + self.error


class Probe:
    """A town that only ticks: `await tick()`.

    `fired`: the occurrences that ran, in order. `boot()` is a restart.
    """

    def __init__(self, store: Store, town: Town, clock: Wrong) -> None:
        self.store, self.clock = store, clock
        self.fired: list[str] = []
        self.woken = 0
        routes = [TimerRoute("probe", self._fire), TimerRoute("schedule:probe", self._fire)]
        self.ticking = Ticking(store, Table.of(routes, {}, Hooks()), clock, town, told=lambda: None)
        self.boot()

    def boot(self) -> None:
        """Forget the state that a process loses at its end."""
        loops = SimpleNamespace(wake=self._wake)
        engine: Any = SimpleNamespace(
            store=self.store, clock=self.clock, ticking=self.ticking, channels={"telegram": None}, handling=loops, delivery=loops
        )
        began = self.clock.true
        steady = lambda: (self.clock.true - began).total_seconds()  # noqa: E731 (the clock that never jumps)
        self._timekeeping = Timekeeping(engine, Watch(wall=self.clock.now, steady=steady))

    async def tick(self) -> int:
        """Run due timers, if the clock allows it."""
        return await self._timekeeping.tick()

    async def _fire(self, act: HandlerContext) -> None:
        assert act.timer is not None
        self.fired.append(act.timer.occurrence)

    def _wake(self) -> None:
        self.woken += 1


def walk(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    """Give instants from `start` to `end`."""
    at = start
    while at < end:
        at += step
        yield at
