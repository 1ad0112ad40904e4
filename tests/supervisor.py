"""Processes forked from one supervisor that has imported everything: a start costs a tenth of what an exec costs.

Knows forks, pipes and exit statuses; must not know what a child does. Invariant: the supervisor has one thread, and when its maker ends, in any
way, it kills the children that still run and ends too.

    python -m tests.supervisor FD    forks bots on the orders that come over this file descriptor
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
#: What the bot imports, and what its libraries import when they are first used.
IMPORTED = (
    "bot.commands.cli", "bot.process.engine", "bot.commands.check", "bot.commands.roster_import", "bot.commands.backups", "storage.engine.postgres",
    "uvloop", "aiohttp", "uvicorn.loops.auto", "uvicorn.protocols.http.auto", "uvicorn.lifespan.off", "apscheduler.triggers.date",
    "bot.process.logs", "encodings.idna", "typer._adapters", "typer._click.decorators",
)  # fmt: skip

#: Names a file of Python that a forked bot runs before anything else: a mutant.
RUN_FIRST = "TESTS_RUN_FIRST"


class Died(Exception):
    """A child ended by itself, and not well; the argument is its status."""


class Supervisor:
    """The supervisor as its maker sees it: `start(*order)` lets it fork a child that does `work(*order)`.

    `Supervisor.forked(work)` is a fork of this process, `Supervisor.executed()` a new interpreter that runs bots.
    """

    def __init__(self, line: Connection, ended: Callable[[], object]) -> None:
        self._line = line
        self._ended = ended
        self._statuses: dict[int, int] = {}

    @classmethod
    def forked(cls, work: Callable[..., None]) -> Supervisor:
        """Fork this process, which must have one thread."""
        line, its = Pipe()
        pid = os.fork()
        if pid == 0:
            line.close()
            serve(its, work)
        its.close()
        return cls(line, lambda: os.waitpid(pid, 0))

    @classmethod
    def executed(cls) -> Supervisor:
        """Start a new interpreter; its children are bots: `start(arguments, environment, file for what they print)`."""
        line, its = Pipe()
        command = (sys.executable, "-m", "tests.supervisor", str(its.fileno()))
        process = subprocess.Popen(command, pass_fds=[its.fileno()], cwd=ROOT)
        its.close()
        return cls(line, process.wait)

    def close(self) -> None:
        """End the supervisor and wait for it."""
        self._line.close()
        self._ended()

    def start(self, *order: Any) -> int:
        """Fork a child; return its process id."""
        self._line.send(order)
        while (pid := self._read()) == 0:
            pass
        return pid

    def status(self, pid: int, *, wait: bool = False) -> int | None:
        """Return how a child ended, None while it runs. `wait`: for its end."""
        while pid not in self._statuses and (wait or self._line.poll()):
            self._read()
        return self._statuses.get(pid)

    def kills(self, *order: Any) -> bool:
        """Let a child do it, and wait for its end; return whether it was killed.

        Raises:
            Died: it ended in another way than by SIGKILL or at the end of its work.
        """
        pid = self.start(*order)
        status = self.status(pid, wait=True)
        del self._statuses[pid]
        if os.WIFSIGNALED(status or 0) and os.WTERMSIG(status or 0) == signal.SIGKILL:
            return True
        if status != 0:
            raise Died(status)
        return False

    def _read(self) -> int:
        """Take in one message; return the process id when it is about a start, else 0."""
        pid, status = self._line.recv()
        if status is None:
            return int(pid)
        self._statuses[pid] = status
        return 0


def serve(line: Connection, work: Callable[..., None]) -> NoReturn:
    """Fork a child for each order, and report its start and its end, until nobody orders any more."""
    assert threading.active_count() == 1, "a lock that another thread holds is held for ever in a child"
    gc.collect()
    gc.freeze()
    gc.disable()  # a collection would write to every page, and each page written to is copied
    children: set[int] = set()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the maker decides when to end
    signal.signal(signal.SIGCHLD, lambda *_: None)
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    try:
        while True:
            if line in wait([line, woken]):
                order = line.recv()
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    signal.signal(signal.SIGINT, signal.default_int_handler)
                    for descriptor in (line.fileno(), woken, wakes):
                        os.close(descriptor)
                    do_and_end(work, *order)
                children.add(pid)
                line.send((pid, None))
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 1024)
            for pid, status in _ended(children):
                line.send((pid, status))
    except (EOFError, OSError):  # the maker is gone
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        for pid in children:
            os.waitpid(pid, 0)
        os._exit(0)


def _ended(children: set[int]) -> list[tuple[int, int]]:
    """Return (process id, status) of each child that ended."""
    ended = []
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            break
        children.remove(pid)
        ended.append((pid, status))
    return ended


def apart(work: Callable[..., None], *order: Any) -> int:
    """Do something in a child of this process; return its status."""
    child = os.fork()
    if child == 0:
        do_and_end(work, *order)
    return os.waitpid(child, 0)[1]


def do_and_end(work: Callable[..., None], *order: Any) -> NoReturn:
    """Do something and end the process, without what the interpreter does at its end."""
    try:
        work(*order)
        code = 0
    except SystemExit as wanted:
        code = wanted.code if isinstance(wanted.code, int) else int(wanted.code is not None)
    except BaseException:  # noqa: BLE001 - a child never comes back
        traceback.print_exc()
        code = 1
    os._exit(code)


# Bots -----------------------------------------------------------------------------------------------------------------


@cache
def bots() -> Supervisor:
    """Return this process's supervisor of bots."""
    return Supervisor.executed()


def stop_bots() -> None:
    """End this process's supervisor of bots, if there is one."""
    if bots.cache_info().currsize:
        bots().close()
        bots.cache_clear()


def import_everything() -> None:
    """Import what the bot's sub-commands import, `run` first, and read the catalogs."""
    from bot.process.trimmed_imports import import_libraries

    import_libraries()
    for module in IMPORTED:
        importlib.import_module(module)
    texts = importlib.import_module("texts")
    for language in texts.LANGUAGES:
        texts.keys(language)
    command_line()


@cache
def command_line() -> Callable[..., object]:
    """Return the bot's command line, which takes longer to put together than a bot takes to fork."""
    from typer.main import get_command

    from bot.commands.cli import app

    return get_command(app)


def run_bot(arguments: tuple[str, ...], environment: dict[str, str], printed: str) -> None:
    """Be `python -m bot …` with this environment; append what is printed to a file."""
    file = os.open(printed, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for standard in (1, 2):
        os.dup2(file, standard)
    os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    gc.enable()
    if RUN_FIRST in environment:
        runpy.run_path(environment[RUN_FIRST])
    try:
        command_line()(arguments, prog_name="python -m bot")
    finally:
        sys.stdout.flush()


if __name__ == "__main__":
    gc.disable()  # `serve` collects once, when everything is there
    import_everything()
    serve(Connection(int(sys.argv[1])), run_bot)
