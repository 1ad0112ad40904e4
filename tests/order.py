"""In which order tests run, and which of them stay together in one worker process.

Knows folders and names of modules; must not know tests. Invariant: the long ones come first, so that no worker begins one when the others end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler.loadscope import LoadScopeScheduling

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What takes longest when it runs alone, the longest first; then the other fault harnesses, end-to-end tests, and the rest.
LONG = (
    "tests/faults/test_chaos.py",
    "tests/faults/test_kill.py",
    "tests/faults/test_system_network.py",
    "tests/faults/test_crash.py",
    "tests/faults/test_limits.py",
    "tests/faults/test_system_disk.py",
    "tests/faults/",
    "tests/e2e/",
    "tests/storage/",
    "tests/bot/",
)
#: Folders whose tests are dealt out one by one; of the others a module stays whole, for it is short and shares what it reads in.
ONE_BY_ONE = ("tests/faults/", "tests/e2e/", "tests/bot/", "tests/storage/")
#: Modules that measure seconds: one after the other, so that they do not disturb each other.
TIMED = ("tests/faults/test_limits.py", "tests/bot/process/test_leadership.py", "tests/bot/timers/test_timer_loop.py")
#: Modules whose plays share a village.
SHARED: tuple[str, ...] = ()


def weight(nodeid: str) -> int:
    """Return a test's place in the order; the same number leaves it where it was."""
    return next((place for place, start in enumerate(LONG) if nodeid.startswith(start)), len(LONG))


def scope(nodeid: str) -> str:
    """Return the name of what a test stays together with in one process."""
    module = nodeid.partition("::")[0]
    if module in TIMED:
        return "timed"
    return nodeid if nodeid.startswith(ONE_BY_ONE) and module not in SHARED else module


class LongFirst(LoadScopeScheduling):  # type: ignore[misc]
    """Deal out what stays together, in the order of collection, to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


def in_order(nodeids: Sequence[str]) -> list[int]:
    """Return the places of these tests in the order in which they run."""
    return sorted(range(len(nodeids)), key=lambda place: weight(nodeids[place]))
