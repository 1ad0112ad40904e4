"""Bots under test: starts each on its own core and measures its CPU time and memory.

Knows processes, cores and clocks. Invariant: the bot runs on the first core we may use, everything else (this process with the server) on the
last. CPU is user and system time of the bot's process with all its threads, in nanoseconds. A process started here is ended here, by its id.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.peers import TOKEN
from benchmarks.server import Load, Server, encoded
from benchmarks.town import USERS, prepare, url_of

CORES = sorted(os.sched_getaffinity(0))
BOT_CORE, OTHER_CORE = CORES[0], CORES[-1]
ROOT = Path(__file__).resolve().parent.parent
#: Updates before the measurement starts, to load modules, fill caches and open connections.
WARM = 200
WAITS_S = 300.0
#: Records written within this time after the last answer belong to the measurement.
SETTLES_S = 0.1
REPORT = "/report dispute 邻居砌墙占了我家的路"


@dataclass(frozen=True)
class Contender:
    """A bot to compare.

    * `command(folder, port)`: how to start it. `more`: additional environment variables.
    * `sends`: messages that one update causes. `town`: the bot needs the database of a town.
    """

    short: str
    name: str
    command: Callable[[Path, int], list[str]]
    text: str = "/help"
    sends: int = 1
    town: bool = False
    more: dict[str, str] = field(default_factory=dict)


def peer(name: str) -> Callable[[Path, int], list[str]]:
    """Return the command of a bot of benchmarks/peers.py."""
    return lambda _folder, port: [sys.executable, "-m", "benchmarks.peers", name, str(port)]


def floor(group: int, client: str = "aiohttp") -> Callable[[Path, int], list[str]]:
    """Return the command of benchmarks/floor.py with `group` updates per commit."""
    return lambda folder, port: [sys.executable, "-m", "benchmarks.floor", str(port), str(folder / "floor.db"), str(group), client]


def tongxin(_folder: Path, _port: int) -> list[str]:
    """Return the command of the production process."""
    return [sys.executable, "-m", "bot", "run"]


STOCK = Contender("stock", "stock python-telegram-bot echo, no storage", peer("ptb"))
AIOGRAM = Contender("aiogram", "aiogram 3 echo, no storage", peer("aiogram"))
ANSWER = Contender("one durable answer", "Tongxin, one durable answer", tongxin, town=True)
CASE = Contender("a case opened", "Tongxin, a case opened: receipt and chair's card", tongxin, REPORT, 2, town=True)
FLOOR = Contender("the floor", "the floor: decode, one group commit, aiohttp", floor(100))
FLOOR_OWN = Contender("the floor with our client", "the floor with our own HTTP client", floor(100, "own"))


@contextmanager
def elsewhere() -> Iterator[None]:
    """Keep this thread, and the processes it starts, off the bot's core while inside."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {OTHER_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a process has used so far."""
    return time.clock_gettime((~pid << 3) | 2)  # its CPU clock, as clock_getcpuclockid names it


class Running:
    """A process under test."""

    def __init__(self, process: subprocess.Popen[bytes], errors: Path) -> None:
        self.process = process
        self._errors = errors

    def cpu(self) -> float:
        """Return the CPU seconds used so far by all its threads."""
        return cpu_of(self.process.pid)

    def memory(self) -> tuple[float, float]:
        """Return (resident, anonymous resident) megabytes."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        found = {
            name: value.split()[0]
            for name, _, value in (line.partition(":") for line in lines)
            if name.startswith("Rss") or name == "VmRSS"
        }
        return int(found["VmRSS"]) * 1024 / 1e6, int(found["RssAnon"]) * 1024 / 1e6

    async def until(self, event: asyncio.Event | asyncio.Task[None], *, within: float = WAITS_S) -> None:
        """Wait for an event while the process runs.

        Raises:
            RuntimeError: the process ended by itself or took too long; the message has the last lines it wrote.
        """
        waiting = event if isinstance(event, asyncio.Task) else asyncio.create_task(_heard(event))
        began = time.perf_counter()
        try:
            while not (await asyncio.wait([waiting], timeout=0.2))[0]:
                if self.process.poll() is not None or time.perf_counter() - began > within:
                    words = self._errors.read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"the bot under test ended ({self.process.returncode}) or took longer than {within:g} s:\n{words}")
        finally:
            waiting.cancel()


@contextmanager
def started(command: list[str], *, environment: dict[str, str], core: int = BOT_CORE) -> Iterator[Running]:
    """Run a command on one core while inside."""
    with tempfile.NamedTemporaryFile() as errors:
        here = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {core})
        try:
            process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)
        finally:
            os.sched_setaffinity(0, here)
        try:
            yield Running(process, Path(errors.name))
        finally:
            process.kill()
            process.wait()


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """Return our bot's environment: the production settings, with limits too high to wait for."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TONGXIN_")}
    settings = {
        "TONGXIN_CONFIG": os.devnull,
        "TONGXIN_TELEGRAM__TOKEN": TOKEN,
        "TONGXIN_TELEGRAM__BASE_URL": f"http://127.0.0.1:{port}/bot",
        "TONGXIN_DATABASE__URL": url_of(folder),
        "TONGXIN_BACKUP__FOLDER": str(folder / "backups"),
        "TONGXIN_DELIVERY__PER_SECOND": "100000",
        "TONGXIN_DELIVERY__CHAT_PER_SECOND": "10000",
        "TONGXIN_DELIVERY__CHAT_BURST": "1000",
        "TONGXIN_LIMITS__TEXTS_PER_MINUTE": "1000000",
        "TONGXIN_LIMITS__REPORTS_PER_HOUR": "1000000",
        "TONGXIN_LIMITS__NEW_REPORTS_PER_HOUR": "1000000",
        "TONGXIN_LIMITS__NEW_URGENT_PER_HOUR": "1000000",
        "TONGXIN_LIMITS__NEW_REPORTS_PER_VILLAGE": "1000000",
        "TONGXIN_LOGGING__LEVEL": "ERROR",
        "TONGXIN_HEALTH__PORT": "0",
    }
    return inherited | settings | more


@asynccontextmanager
async def serving(contender: Contender, load: Load, folder: Path, **more: str) -> AsyncIterator[Running]:
    """Run the server in this process and the contender, past its first poll, while inside.

    `more`: additional environment variables.
    """
    if contender.town:
        await prepare(url_of(folder))
    async with Server(load) as port:
        with started(contender.command(folder, port), environment=environment(folder, port, **contender.more, **more)) as bot:
            await bot.until(load.polled)
            yield bot


async def warm_up(contender: Contender, load: Load, bot: Running, *, count: int) -> None:
    """Release the first updates and wait for their answers."""
    load.release(count)
    await bot.until(asyncio.create_task(load.answered(count * contender.sends)))
    await asyncio.sleep(SETTLES_S)


async def measure(contender: Contender, updates: int) -> tuple[float, float]:
    """Return (updates per CPU-second, updates per second of wall time) of one run."""
    warm = min(WARM, updates)
    load = Load(encoded(contender.text, count=warm + updates, users=USERS))
    with tempfile.TemporaryDirectory() as name:
        async with serving(contender, load, Path(name)) as bot:
            await warm_up(contender, load, bot, count=warm)
            before, began = bot.cpu(), time.perf_counter()
            load.release(warm + updates)
            await bot.until(asyncio.create_task(load.answered((warm + updates) * contender.sends)))
            await asyncio.sleep(SETTLES_S)
            spent = bot.cpu() - before
    return updates / spent, updates / (load.last_at - began)


async def _heard(event: asyncio.Event) -> None:
    await event.wait()
