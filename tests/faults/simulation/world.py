"""The sandbox's world on the simulation's time."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from sandbox.world.clock import Clock
from sandbox.world.world import World

if TYPE_CHECKING:
    from tests.faults.simulation.virtual_clock import VirtualClock

TOKEN = "123456:" + "S" * 35


class ServerClock(Clock):
    """The right time."""

    def __init__(self, virtual_clock: VirtualClock) -> None:
        super().__init__()
        self._virtual_clock = virtual_clock

    def now(self) -> float:
        """Return seconds since 1970."""
        return self._virtual_clock.true().timestamp() + self.offset_s

    def date(self) -> int:
        """Return whole seconds."""
        return int(self.now())

    def header(self) -> bytes:
        """Return the Date header."""
        return formatdate(self.date(), usegmt=True).encode()

    def monotonic(self) -> float:  # type: ignore[override]  # the sandbox has no need of an instance
        """Return seconds that never jump."""
        return self._virtual_clock.steady


def make_world(virtual_clock: VirtualClock) -> World:
    """Return an empty village whose clock is the virtual clock's."""
    world = World(TOKEN, limits=True)
    clock = ServerClock(virtual_clock)
    world.clock = world.updates.clock = world.webhook.clock = world.events.clock = clock
    world.events.add = _nobody_reads  # type: ignore[method-assign]  # a page would
    world.numbers = iter(range(1, 10**9))  # type: ignore[assignment]
    world.updates.next_id = 500_000
    return world


def _nobody_reads(kind: str, **facts: Any) -> None:
    """Forget it."""
