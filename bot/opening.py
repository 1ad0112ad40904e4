"""Opening the town's database, alone.

Knows files and locks. Invariant: one process a database; a file that cannot be used is left exactly as it is.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from storage.database import Unusable
from storage.sqlite import SqliteDatabase


class CannotStart(Exception):
    """The process refuses to start; the message says why in words for an operator."""


async def open_database(path: Path, *, create: bool = True) -> SqliteDatabase:
    """Open the database at the newest schema.

    Raises:
        CannotStart: it cannot be used; the file is left as it is.
    """
    try:
        database = await SqliteDatabase.open(path, create=create)
    except Unusable as error:
        raise CannotStart(f"{error} Nothing was changed. If the file is damaged, restore a backup: python -m bot restore FILE") from error
    try:
        await database.migrate()
    except Exception as error:
        await database.close()
        raise CannotStart(f"The database {path.name} cannot be brought up to date: {error}") from error
    return database


def database_path(url: str) -> Path:
    """Return the file of a `sqlite:///path` URL.

    Raises:
        CannotStart: another kind of database.
    """
    if not url.startswith("sqlite:///"):
        raise CannotStart("database.url must be sqlite:///path for now.")
    return Path(url.removeprefix("sqlite:///"))


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock that makes this the database's only process.

    Raises:
        CannotStart: another process has it, or the folder cannot be written.
    """
    lock_path = path.with_name(path.name + ".lock")
    try:
        lock: IO[str] = lock_path.open("a")
    except OSError as error:
        raise CannotStart(f"The folder of {path} cannot be written: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(f"Another Tongxin is already running on {path.name}. Stop it first.") from None
        yield
