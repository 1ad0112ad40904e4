"""The production process as a test sees it: `python -m bot …` started with environment variables, watched through its health page.

A bot is forked from a supervisor that has imported everything, which costs a tenth of an exec; `by_exec` starts it as an operator does.
Knows how to start, stop and kill it; must not know what it says to anybody. Invariant: what was started here ends here, by its own id.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import tempfile
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.supervisor import ROOT, Supervisor, bots

STARTS_WITHIN_S = 60.0
STOPS_WITHIN_S = 20.0
#: A pace that no test has to wait for.
BRISK = {
    "TONGXIN_DELIVERY__PER_SECOND": "2000",
    "TONGXIN_DELIVERY__CHAT_PER_SECOND": "500",
    "TONGXIN_DELIVERY__CHAT_BURST": "100",
    "TONGXIN_DELIVERY__GROUP_PER_MINUTE": "6000",
    # every account of a test is on its first day
    "TONGXIN_LIMITS__NEW_REPORTS_PER_HOUR": "1000000",
    "TONGXIN_LIMITS__NEW_URGENT_PER_HOUR": "1000000",
    "TONGXIN_LIMITS__NEW_REPORTS_PER_VILLAGE": "1000000",
}


#: Ports that were handed out and stay reserved; the oldest are given back.
_reserved: deque[socket.socket] = deque()
MOST_RESERVED = 64
#: What only a new interpreter takes notice of.
EXEC_ONLY = {"LD_PRELOAD"}


def free_port() -> int:
    """Return a loopback port that no other process is given until this one has asked for 64 more.

    A socket that is bound and does not listen reserves it: the kernel gives the port to nobody who asks for any port, and whoever names it and
    sets SO_REUSEADDR, as servers do, can listen on it. That is so on Linux; elsewhere the port is given back at once.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port = int(holder.getsockname()[1])
    _reserved.append(holder)
    while len(_reserved) > (MOST_RESERVED if sys.platform == "linux" else 0):
        _reserved.popleft().close()
    return port


class Forked:
    """A bot that the supervisor forked, with what a test needs of `asyncio.subprocess.Process`."""

    def __init__(self, supervisor: Supervisor, arguments: tuple[str, ...], environment: dict[str, str], printed: Path) -> None:
        self._supervisor = supervisor
        self.pid = supervisor.start(arguments, environment, str(printed))

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        status = self._supervisor.status(self.pid)
        return None if status is None else os.waitstatus_to_exitcode(status)

    def send_signal(self, what: int) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, what)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for its end; return the exit code."""
        while (code := self.returncode) is None:  # noqa: ASYNC110 - another process does not set our events
            await asyncio.sleep(0.005)
        return code


def loopback(**facts: Any) -> httpx.AsyncClient:
    """Return a client for servers on this machine: without certificates, which take longer to read than a test of a page takes."""
    return httpx.AsyncClient(verify=False, trust_env=False, **facts)  # noqa: S501 - there is no TLS on loopback


class LocalClient:
    """One kept connection to a server on this machine: `await ask(method, path, body)` returns (status, JSON).

    It does what tests ask thousands of times with a fifth of the processor time of a client that can do everything.
    """

    def __init__(self, port: int, *, timeout: float) -> None:
        self._port = port
        self._timeout = timeout
        self._one_by_one = asyncio.Lock()
        self._ways: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask once; a kept connection that the server has closed meanwhile is replaced.

        Raises:
            OSError: nobody listens, or no whole answer came in time.
        """
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
        request = f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
        async with self._one_by_one, asyncio.timeout(self._timeout):
            for fresh in (self._ways is None, True):
                try:
                    return await self._exchange(request)
                except (ConnectionError, asyncio.IncompleteReadError) as fault:
                    self.close()
                    if fresh:
                        raise ConnectionError(f"no answer to {method} {path}") from fault
                except BaseException:
                    self.close()
                    raise
        raise AssertionError("the second connection is a fresh one")

    async def _exchange(self, request: bytes) -> tuple[int, Any]:
        if self._ways is None:
            self._ways = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._ways
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        content = await reader.readexactly(length)
        if b"\r\nconnection: close" in head:
            self.close()
        return int(head[9:12]), json.loads(content)

    def close(self) -> None:
        """Hang up."""
        if self._ways is not None:
            self._ways[1].transport.abort()
            self._ways = None


def plain_weeks(days: int = 120) -> dict[str, str]:
    """The setting that makes Monday to Friday working days, whatever the year's holidays are."""
    first = datetime.now(UTC).date() - timedelta(days=2)
    calendar: dict[str, bool] = {str(day): day.weekday() < 5 for day in _days(first, days)}
    return {"TONGXIN_CALENDAR__DAYS": json.dumps(calendar)}


def _days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=each) for each in range(count)]


@dataclass
class Bot:
    """`await run()` starts it and waits until it serves; `kill()` is SIGKILL, `stop()` SIGTERM; `command(…)` is any other sub-command.

    `url`: the Bot API server's, without `/bot`. `folder` holds its log, its backups and, unless `stored` says another address, its database.
    `by_exec`: start it in a new interpreter.
    """

    url: str
    token: str
    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    stored: str = ""
    by_exec: bool = False
    port: int = field(default_factory=free_port)
    starts: int = 0
    http: LocalClient | None = None
    process: asyncio.subprocess.Process | Forked | None = None

    @property
    def database(self) -> Path:
        """The file of the town's memory, if it is one."""
        return self.folder / "town.db"

    @property
    def database_url(self) -> str:
        """The address of the town's memory."""
        return self.stored or f"sqlite:///{self.database}"

    @property
    def log(self) -> str:
        """Everything it wrote on standard error so far."""
        file = self.folder / "bot.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    @property
    def environment(self) -> dict[str, str]:
        """What it is told; nothing of the caller's own TONGXIN_ settings."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TONGXIN_")}
        settings = {
            "TONGXIN_CONFIG": os.devnull,
            "TONGXIN_TELEGRAM__TOKEN": self.token,
            "TONGXIN_TELEGRAM__BASE_URL": f"{self.url}/bot",
            "TONGXIN_DATABASE__URL": self.database_url,
            "TONGXIN_BACKUP__FOLDER": str(self.folder / "backups"),
            "TONGXIN_CLOCK__SOURCE": "channel",
            "TONGXIN_HEALTH__PORT": str(self.port),
            "TONGXIN_LOGGING__JSON_LINES": "true",
        }
        return inherited | settings | BRISK | self.extra

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Run a sub-command to its end; its exit code and what it printed."""
        with tempfile.NamedTemporaryFile() as printed:  # a pipe once gave only the first quarter of a megabyte of what was written
            process = await self._start(arguments, Path(printed.name))
            code = await process.wait()
            return code, printed.read().decode()

    async def spawn(self) -> None:
        """Start it, without waiting for anything."""
        assert self.process is None, "it runs already"
        self.process = await self._start(("run",), self.folder / "bot.log")
        self.starts += 1

    async def _start(self, arguments: tuple[str, ...], printed: Path) -> asyncio.subprocess.Process | Forked:
        if not self.by_exec and not EXEC_ONLY & self.extra.keys():
            return Forked(bots(), arguments, self.environment, printed)
        with printed.open("ab") as file:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *arguments, env=self.environment, cwd=ROOT, stdout=file, stderr=file
            )

    async def run(self) -> None:
        """Start it and wait until its health page answers."""
        await self.spawn()
        try:
            async with asyncio.timeout(STARTS_WITHIN_S):
                while await self.health() is None:  # noqa: ASYNC110 - another process does not set our events
                    await asyncio.sleep(0.02)
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"the bot did not start within {STARTS_WITHIN_S} s:\n{self.log[-4000:]}") from None

    async def health(self) -> dict[str, Any] | None:
        """The figures of its health page; None while it does not answer. Fails when the process has ended by itself."""
        assert self.process is not None, "it does not run"
        code = self.process.returncode
        assert code is None, f"the bot ended by itself with {code}:\n{self.log[-4000:]}"
        if self.http is None:
            self.http = LocalClient(self.port, timeout=5)
        try:
            _, figures = await self.http.ask("GET", "/health")
        except OSError:
            return None
        return dict(figures)

    async def kill(self) -> None:
        """End it as a power cut does."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end."""
        await self._end(signal.SIGTERM)

    async def close(self) -> None:
        """End whatever still runs."""
        if self.process is not None:
            await self.stop()
        if self.http is not None:
            self.http.close()

    async def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(how)
        try:
            async with asyncio.timeout(STOPS_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise AssertionError(f"the bot did not stop within {STOPS_WITHIN_S} s") from None

    def errors(self) -> list[str]:
        """The lines of its log that say something went wrong in the program itself."""
        return [line for line in self.log.splitlines() if '"level": "error"' in line or '"level":"error"' in line or "Traceback" in line]
