"""Chaos runs: two workers on a PostgreSQL server, and all faults at once.

The server restarts in immediate mode, commits lose their answers, workers are killed or paused for longer than their lease. Knows
processes, sockets and seconds; must not know the content of messages. Invariant: everything started here ends here, and a worker that ended
is started again, as a supervisor would.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.chaos_wire import CommitWire
from tests.process import Bot
from tests.supervisor import RUN_FIRST

if TYPE_CHECKING:
    from tests.engines import PostgresServer

RESTART_EVERY_S = (5.0, 40.0)
KILL_EVERY_S = (8.0, 30.0)
PAUSE_EVERY_S = (10.0, 40.0)
#: Up to longer than the replacement of a leader takes, and than a worker may be silent before it counts as dead.
PAUSE_FOR_S = (2.0, 15.0)
STARTS_AGAIN_AFTER_S = 0.3
#: A request may be in flight when its sender stops, and arrive so much later.
ON_ITS_WAY_S = 0.5


@dataclass
class Worker:
    """A worker and its supervisor.

    `await keep()` starts the worker again each time it ends, until cancelled.
    """

    bot: Bot
    starts: int = 0
    paused: bool = False

    async def keep(self) -> None:
        """Supervise."""
        while True:
            await self.bot.spawn()
            self.starts += 1
            process = self.bot.process
            assert process is not None
            await process.wait()
            self.bot.process = None
            await asyncio.sleep(STARTS_AGAIN_AFTER_S)

    @property
    def runs(self) -> bool:
        """Return whether the worker has a process."""
        return self.bot.process is not None and self.bot.process.returncode is None

    def send(self, what: signal.Signals) -> None:
        """Send a signal, if there is a process."""
        if self.runs and self.bot.process is not None:
            self.bot.process.send_signal(what)


@dataclass
class Chaos:
    """Runs all faults: `await run(until)`; afterwards every worker runs and nothing is cut.

    `haste` multiplies the frequencies above (0: only cuts). `done` counts the faults. `now` is the clock of the server that shows the
    messages. `faults`: start and end of each fault by that clock.
    """

    server: PostgresServer
    workers: list[Worker]
    dice: random.Random
    now: Callable[[], float]
    haste: float = 1.0
    cut_share: float = 0.01
    ways: tuple[str, ...] = ("before", "after", "after", "hang")
    done: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[float, float]] = field(default_factory=list)
    calm: bool = False
    wire: CommitWire = field(init=False)
    _restarting: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        """Make the wire."""
        self.wire = CommitWire(self.server.folder / "data", self._cut)

    def _cut(self) -> str:
        if self.calm or self.dice.random() >= self.cut_share:
            return ""
        how = self.dice.choice(self.ways)
        self.done[f"commits cut {how}"] += 1
        self.faults.append((self.now(), self.now()))
        return how

    async def run(self, until: asyncio.Event) -> None:
        """Go on until the event is set."""
        faults = ((RESTART_EVERY_S, self._restart), (KILL_EVERY_S, self._kill), (PAUSE_EVERY_S, self._pause)) if self.haste else ()
        tasks = [asyncio.create_task(self._again(*fault)) for fault in faults]
        await until.wait()
        self.calm, began = True, self.now()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._restarting is not None:
            await self._restarting
        for worker in self.workers:
            worker.send(signal.SIGCONT)
            worker.paused = False
        self.faults.append((began, self.now()))  # a cancelled fault lasted until here

    async def _again(self, every: tuple[float, float], fault: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(self.dice.uniform(*every) / self.haste)
            while not self._at_work():  # noqa: ASYNC110 - another process does not set our events
                await asyncio.sleep(0.05)
            await fault()

    @contextlib.contextmanager
    def _fault(self, what: str) -> Iterator[None]:
        """Count a fault, and note from when until when it lasted."""
        self.done[what] += 1
        began = self.now()
        try:
            yield
        finally:
            self.faults.append((began, self.now()))

    async def _restart(self) -> None:
        with self._fault("server restarts"):
            self._restarting = asyncio.create_task(asyncio.to_thread(self.server.control, "-m", "immediate", "-w", "restart"))
            await asyncio.shield(self._restarting)

    async def _kill(self) -> None:
        worker = self.dice.choice(self._at_work())
        with self._fault("workers killed"):
            worker.send(signal.SIGKILL)

    async def _pause(self) -> None:
        worker = self.dice.choice(self._at_work())
        with self._fault("workers paused"):
            worker.send(signal.SIGSTOP)
            worker.paused = True
            await asyncio.sleep(self.dice.uniform(*PAUSE_FOR_S))
            worker.send(signal.SIGCONT)
            worker.paused = False

    def _at_work(self) -> list[Worker]:
        """Return the workers that have a process and are not paused.

        The list is empty only while all of them start again.
        """
        return [worker for worker in self.workers if worker.runs and not worker.paused]

    def between(self, first: float, then: float) -> bool:
        """Return whether a fault happened between a message and its repetition."""
        return any(began <= then and ended >= first - ON_ITS_WAY_S for began, ended in self.faults)


@contextlib.asynccontextmanager
async def supervised(workers: list[Worker]) -> AsyncIterator[None]:
    """Keep the workers running inside the block; stop them cleanly at its end."""
    keeping = [asyncio.create_task(worker.keep()) for worker in workers]
    try:
        yield
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        for worker in workers:
            worker.send(signal.SIGCONT)
            await worker.bot.close()


def events_of(workers: list[Worker], *names: str) -> Counter[str]:
    """Count events in the workers' logs."""
    logs = "".join(worker.bot.log for worker in workers)
    return Counter({name: logs.count(f'"event": "{name}"') + logs.count(f'"event":"{name}"') for name in names})


def injected_in(folder: Path, code: str) -> dict[str, str]:
    """Return the environment in which a forked bot runs this code first."""
    folder.mkdir(parents=True)
    (folder / "mutant.py").write_text(code, encoding="utf-8")
    return {RUN_FIRST: str(folder / "mutant.py")}


def elapsed(since: float) -> float:
    """Return seconds, to a tenth."""
    return round(time.monotonic() - since, 1)
