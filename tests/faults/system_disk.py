"""Disks that fill up and break: a small real one, and failures of chosen system calls.

Knows mounts, a preloaded library and the acknowledgements of a store; must not know features. `Disk` gives orders to the library
(`system_disk.c`); `small_disk` mounts a few hundred pages of memory; run as a program, this module runs trials under the library.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import json
import mmap
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.engine.database import StorageBroken, StorageFailed, Transaction, Unusable
from storage.engine.sqlite import SqliteDatabase
from tests.engines import new_file

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).with_name("system_disk.c")
WRITE, SYNC, LENGTH = 1, 2, 4
FULL, BROKEN = errno.ENOSPC, errno.EIO
UNITS = 6
GROUP = 4
TRIES = 3
LAYOUT = struct.Struct("6i")
Key = tuple[int, int]


# Orders ---------------------------------------------------------------------------------------------------------------


class Disk:
    """Chooses the failing calls of a preloaded library.

    Use `fail(…)` and `heal()`; `seen` and `failed` count calls.
    """

    def __init__(self, orders: Path) -> None:
        if not orders.exists():
            orders.write_bytes(bytes(LAYOUT.size))
        with orders.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), LAYOUT.size)

    def fail(self, operations: int, *, error: int, first: int = 1, times: int = 0) -> None:
        """Make these operations fail with an error from call number `first` on.

        `times`: number of failures (0: until healed).
        """
        self._shared[:] = LAYOUT.pack(operations, first, error, times, 0, 0)

    def heal(self) -> None:
        """Let every call succeed again; the counts remain."""
        self._shared[:] = LAYOUT.pack(0, 0, 0, 0, self.seen, self.failed)

    def count(self, operations: int) -> None:
        """Only count."""
        self.fail(operations, error=0)

    @property
    def seen(self) -> int:
        """Return the number of such calls."""
        return int(LAYOUT.unpack(self._shared[:])[4])

    @property
    def failed(self) -> int:
        """Return the number of failed calls."""
        return int(LAYOUT.unpack(self._shared[:])[5])


def build(folder: Path) -> Path | None:
    """Compile the library; None when there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE)], check=True)
    return library


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path | None]:
    """Mount a disk of that size; None when we may not."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, *, leaving: int = 0) -> Path:
    """Fill a disk but for so many bytes; return the file that fills it."""
    ballast = folder / "ballast"
    ballast.unlink(missing_ok=True)
    with ballast.open("wb") as file:
        while True:
            free = os.statvfs(folder)
            try:
                os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_bsize - leaving))
            except OSError:
                continue  # another process wrote in between
            return ballast


# Trials ---------------------------------------------------------------------------------------------------------------


@dataclass
class Trial:
    """A store's acknowledged and refused keys, and the rows found at the end.

    A key is (group, unit).
    """

    acknowledged: list[Key] = field(default_factory=list)
    refused: list[Key] = field(default_factory=list)
    broken: bool = False
    unusable: str = ""
    kept: list[Key] = field(default_factory=list)

    def faults(self, *, certain: bool) -> list[str]:
        """Return the faults of the trial.

        `certain`: nothing broke, so that refused rows must be absent.
        """
        there, told = set(self.kept), set(self.acknowledged)
        found = [f"lost {key}" for key in told - there]
        found += [f"twice {key}" for key in there if self.kept.count(key) > 1]
        if certain:
            found += [f"refused, but kept {key}" for key in there - told]
        return found


async def insert(transaction: Transaction, *, key: Key) -> None:
    """Write a row of about a page under a key; it does not prevent a second row of the key."""
    await transaction.execute("INSERT INTO facts (name, value) VALUES (hex(randomblob(8)), ?)", (f"{key[0]}:{key[1]}:" + "铃" * 900,))


async def write_groups(database: SqliteDatabase, trial: Trial, groups: range, *, again: bool) -> None:
    """Write groups of units.

    `again`: refused units are tried a few times more, as the inbox does.
    """
    for group in groups:
        waiting = [(group, unit) for unit in range(GROUP)]
        for _ in range(TRIES if again else 1):
            outcomes = await database.transact_many([partial(insert, key=key) for key in waiting])
            for key, outcome in zip(waiting, outcomes, strict=True):
                if outcome is None:
                    trial.acknowledged.append(key)
                elif isinstance(outcome, StorageFailed):
                    trial.broken = trial.broken or isinstance(outcome, StorageBroken)
                else:
                    raise AssertionError(f"a failing disk gave {outcome!r}")
            waiting = [key for key, outcome in zip(waiting, outcomes, strict=True) if outcome is not None]
            if not waiting or trial.broken:
                break
        trial.refused += waiting
        if trial.broken:
            return


async def keys_in(path: Path) -> list[Key]:
    """Open a file as a start does, and return the keys in it."""
    database = await SqliteDatabase.open(path)
    try:
        rows = await database.run_in_thread(
            lambda raw: raw.execute("SELECT substr(value, 1, 12) FROM facts WHERE value LIKE '%铃%'").fetchall()
        )
    finally:
        await database.close()
    return [(int(words[0]), int(words[1])) for row in rows for words in [row[0].split(":")]]


async def one_trial(folder: Path, disk: Disk, *, operations: int, error: int, first: int, times: int) -> Trial:
    """Write while the disk fails, heal it, write on; then read the state after a kill."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "left").mkdir(parents=True)
    trial, path = Trial(), folder / "town.db"
    await new_file(path)
    database = await SqliteDatabase.open(path)
    try:
        await database.run_in_thread(lambda raw: raw.execute("PRAGMA wal_autocheckpoint = 24").fetchall())
        disk.fail(operations, error=error, first=first, times=times)
        await write_groups(database, trial, range(UNITS), again=times > 0)
        disk.heal()
        if not trial.broken:
            await write_groups(database, trial, range(UNITS, UNITS + 2), again=False)
        leave(folder)
    finally:
        disk.heal()
        await database.close()
    try:
        trial.kept = await keys_in(folder / "left" / "town.db")
    except Unusable as reason:
        trial.unusable = str(reason)
    return trial


def leave(folder: Path) -> None:
    """Copy the files as a kill at this moment would leave them."""
    for part in folder.glob("town.db*"):
        shutil.copy(part, folder / "left")


def sweep(library: Path, scratch: Path, plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Run trials in a process of their own under the library; return one entry each.

    `plan`: see `_run`.
    """
    orders = scratch / "orders"
    Disk(orders)
    environment = os.environ | {"LD_PRELOAD": str(library), "TONGXIN_DISK": str(orders)}
    command = [sys.executable, "-m", "tests.faults.system_disk", str(orders), json.dumps(plan)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


async def _run(orders: Path, plan: dict[str, Any]) -> None:
    """Run a trial of each kind at every `stride`th call; print each as a line of JSON.

    `mutants` in the plan makes a failed commit count as successful, and ends at the first fault.
    """
    disk = Disk(orders)
    if plan.get("mutants"):
        _inject()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "trial"
        for operations, error, times in itertools.product(plan["operations"], plan["errors"], plan["times"]):
            await one_trial(folder, disk, operations=operations, error=0, first=1, times=0)
            for first in range(1, disk.seen + 1, plan["stride"]):
                trial = await one_trial(folder, disk, operations=operations, error=error, first=first, times=times)
                faults = trial.faults(certain=not trial.broken)
                entry = {"operations": operations, "error": error, "first": first, "times": times, "failed": disk.failed, "faults": faults}
                print(json.dumps(entry | {"trial": asdict(trial)}))  # noqa: T201 (the answer of this program)
                if plan.get("mutants") and faults:
                    return


def _inject() -> None:
    """Let a failed commit count as one that was made."""
    import sqlite3

    import storage.engine.sqlite as production

    commit_group = production.commit_group

    def deaf(raw: sqlite3.Connection, group: Any) -> Any:
        try:
            return commit_group(raw, group)
        except sqlite3.Error:
            return [(None, None)] * len(group)

    production.commit_group = deaf


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), json.loads(sys.argv[2])))
