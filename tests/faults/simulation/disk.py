"""The disk under the database: full or broken at times; the process may end at a commit.

Knows SQLite's errors and commits; must not know the committed data. Invariant: where an error is raised or the process ends before a
commit, nothing of it is kept.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tests.faults.simulation.town import Inline

if TYPE_CHECKING:
    from tests.faults.simulation.fault_injectors import FaultInjectors
    from tests.faults.simulation.virtual_clock import VirtualClock

T = TypeVar("T")
FULL_S = (0.5, 20.0)
#: How long after a disk's error something may still be late because of it.
EXCUSED_S = 30.0
BROKEN = (sqlite3.SQLITE_IOERR, "disk I/O error")
FULL = (sqlite3.SQLITE_FULL, "database or disk is full")


class Disk:
    """The disk of one run.

    `commits`: number since the beginning; `kill_at`: number of the commit at which the process ends (0: none); `kill_when_done`: it ends
    after that commit.
    """

    def __init__(self, virtual_clock: VirtualClock, fault_injectors: FaultInjectors, trouble: Callable[[float], None]) -> None:
        self.virtual_clock = virtual_clock
        self.fault_injectors = fault_injectors
        self.trouble = trouble
        self.kill: Callable[[], None] = lambda: None
        self.kill_at = 0
        self.kill_when_done = False
        self.commits = 0
        self._failed_at = -1e9
        self._full_until = -1.0

    @property
    def excuses(self) -> bool:
        """Return whether something may be late or out of order because of the disk."""
        return self.virtual_clock.steady <= self._failed_at + EXCUSED_S

    def heal(self) -> None:
        """There is room again."""
        self._full_until, self.kill_at = -1.0, 0

    def ends(self, *, done: bool) -> bool:
        """Return whether the process ends before (`done`: after) this commit, and end it."""
        if self.commits != self.kill_at or done != self.kill_when_done:
            return False
        self.kill()
        return True

    def write(self) -> None:
        """Raise the disk's present error.

        Raises:
            sqlite3.OperationalError: the disk is full or broken.
        """
        if self.fault_injectors.strikes("disk_full"):
            self._full_until = self.virtual_clock.steady + self.fault_injectors.die("disk_full").uniform(*FULL_S)
        broken = self.fault_injectors.strikes("disk_broken")
        if not broken and self.virtual_clock.steady >= self._full_until:
            return
        self._failed_at = self.virtual_clock.steady
        self.trouble(EXCUSED_S)
        code, words = BROKEN if broken else FULL
        error = sqlite3.OperationalError(words)
        error.sqlite_errorcode = code
        raise error


class Connection(Inline):
    """The database's connection on such a disk."""

    def __init__(self, path: Path, disk: Disk) -> None:
        super().__init__(path)
        self._disk = disk

    async def run_in_thread(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run it here and now, or not; where the process ends, wait for the end."""
        self._disk.commits += 1
        if self._disk.ends(done=False):
            await asyncio.Event().wait()
        self._disk.write()
        result = function(self.raw)
        if self._disk.ends(done=True):
            await asyncio.Event().wait()
        return result
