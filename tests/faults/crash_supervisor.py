"""A process that does nothing but bear children: it stays small and untouched, so that a child costs little.

Knows pipes and statuses; must not know what a child does. Invariant: it has one thread and no open file of the town's, and it ends when whoever
made it ends, in any way.
"""

from __future__ import annotations

import gc
import os
import signal
import traceback
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any


class Died(Exception):
    """A child ended by itself, and not well; the argument is its status."""


class Supervisor:
    """`kills(*order)`: let a child do `work(*order)`; tell whether it was killed meanwhile (else it came to the end)."""

    def __init__(self, work: Callable[..., None]) -> None:
        self._line, hers = Pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._line.close()
            _bear(hers, work)
        hers.close()

    def close(self) -> None:
        """Let her end, and wait for it."""
        self._line.close()
        os.waitpid(self._pid, 0)

    def kills(self, *order: Any) -> bool:
        """Let a child do it, and wait for its end.

        Raises:
            Died: it ended in another way than by SIGKILL or at the end of its work.
        """
        self._line.send(order)
        return was_killed(self._line.recv())


def was_killed(status: int) -> bool:
    """Tell how a child ended. Raises as `Supervisor.kills`."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if status != 0:
        raise Died(status)
    return False


def apart(work: Callable[..., None], *order: Any) -> int:
    """Do something in a child of our own; return its status."""
    child = os.fork()
    if child == 0:
        try:
            work(*order)
            os._exit(0)
        except BaseException:  # noqa: BLE001 - a child never comes back
            traceback.print_exc()
            os._exit(1)
    return os.waitpid(child, 0)[1]


def _bear(line: Connection, work: Callable[..., None]) -> None:
    """Bear a child for each order, until nobody orders any more; never comes back."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.collect()
    gc.freeze()
    gc.disable()  # to look for garbage is to write on every page
    while True:
        try:
            order = line.recv()
        except EOFError:
            os._exit(0)
        line.send(apart(work, *order))
