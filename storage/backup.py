"""A consistent copy of a running database, and the proof that a copy is whole.

Knows SQLite's own ways of copying and checking. Invariant: a file that fails any check is never put in place of another.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from storage.migrations import latest, steps

COUNTED = ("people", "posts", "cases", "inbox", "outbox", "timers", "audit")


class Damaged(Exception):
    """A copy that must not be used; the message says why in words for an operator."""


def copy_running(source: Path, target: Path) -> None:
    """Copy a database that may be in use, as of one instant, without its free pages.

    Raises:
        Damaged: the source is absent or cannot be read.
    """
    if not source.exists():
        raise Damaged(f"There is no database at {source}.")
    try:
        with contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as raw:
            raw.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise Damaged(f"The database {source.name} cannot be copied: {error}.") from error


def prove(path: Path) -> dict[str, int]:
    """Check a copy whole: pages, references, schema; return how many rows its chief tables hold, and `schema`.

    Raises:
        Damaged: any check failed.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
            verdict = raw.execute("PRAGMA integrity_check").fetchone()[0]
            if verdict != "ok":
                raise Damaged(f"The copy is damaged: {verdict}.")
            if raw.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise Damaged("The copy is damaged: a row points to nothing.")
            have = {row[0] for row in raw.execute("SELECT number FROM migrations")}
            if not have or have - {number for number, _, _ in steps()}:
                raise Damaged("The copy is from a newer version of Tongxin. Install that version first.")
            names = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            counts = {name: int(raw.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]) for name in COUNTED if name in names}
    except sqlite3.Error as error:
        raise Damaged(f"This is not a whole Tongxin database: {error}.") from error
    return counts | {"schema": max(have), "newest_schema": latest()}
