"""Run pytest and print how much processor time it took, with everything that it and its tests started.

    python -m tests.cpu_time [arguments of pytest]

Knows processes, nothing of tests. A process that outlives whoever started it (a PostgreSQL server, a killed bot's child) becomes a child of this
one, so that its time is counted too; on systems without that it is not. Invariant: the exit code is pytest's.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import time

#: Processor seconds of `make test` at its small size, over all processes: more than this makes it too slow for two cores.
WANTED_S = 560
PR_SET_CHILD_SUBREAPER = 36
ENDS_WITHIN_S = 5.0
#: A run that takes longer hangs: it is aborted, and shows where.
LONGEST_S = 3600


def main(arguments: list[str]) -> int:
    """Run pytest; print the time; return its exit code."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is pytest's to end
    signal.signal(signal.SIGALRM, lambda *_: process.send_signal(signal.SIGABRT))
    signal.alarm(LONGEST_S)
    code = None
    while code is None:
        pid, status = os.wait()
        if pid == process.pid:
            code = os.waitstatus_to_exitcode(status)
    left = _left()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = spent.ru_utime + spent.ru_stime
    sys.stdout.write(
        f"processor time of all processes: {total:.0f} s (wanted: {WANTED_S}); by the clock: {time.monotonic() - began:.0f} s\n"
    )
    if left:
        sys.stdout.write(f"still running {ENDS_WITHIN_S:.0f} s after the end, and not counted: process {', '.join(map(str, left))}\n")
    return code


def _left() -> list[int]:
    """Wait for the processes that the tests left behind; return those that do not end."""
    until = time.monotonic() + ENDS_WITHIN_S
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                time.sleep(0.05)
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
    return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
