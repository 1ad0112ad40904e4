"""Migrations of the schema: `NNNN_name.sql`, each applied once, in order.

Each has a transaction of its own. Knows the two dialects' few differences ({id}). Invariant: a database from a newer version is refused,
never guessed at.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path

from storage.engine.integrity import step

FOLDER = Path(__file__).parent
SQLITE = {"id": "INTEGER PRIMARY KEY"}


def steps() -> tuple[tuple[int, str, str], ...]:
    """Return (number, name, SQL with placeholders) of each step in order."""
    return _read()


@cache
def _read() -> tuple[tuple[int, str, str], ...]:
    files = sorted(FOLDER.glob("[0-9]*.sql"))
    return tuple((int(file.stem[:4]), file.stem, file.read_text(encoding="utf-8")) for file in files)


def latest() -> int:
    """Return the number of the newest step."""
    return steps()[-1][0]


def applied(raw: sqlite3.Connection) -> set[int]:
    """Return the numbers of the steps a database has."""
    raw.execute("CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL)")
    return {row[0] for row in raw.execute("SELECT number FROM migrations")}


def missing(have: set[int]) -> list[tuple[int, str, str]]:
    """Return the steps that a database lacks, in order.

    Raises:
        ValueError: the database knows steps that this version does not.
    """
    if have - {number for number, _, _ in steps()}:
        raise ValueError("The database is from a newer version of Tongxin. Install that version, or restore an older backup.")
    return [each for each in steps() if each[0] not in have]


def migrate(raw: sqlite3.Connection) -> list[str]:
    """Bring a SQLite database to the newest schema; return the names of the steps applied now.

    Raises:
        ValueError: the database knows steps that this version does not.
    """
    done: list[str] = []
    for number, name, sql in missing(applied(raw)):
        raw.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements(sql.format(**SQLITE)):
                raw.execute(statement)
            raw.execute("INSERT INTO migrations (number, name) VALUES (?, ?)", (number, name))
            step(raw)
            raw.execute("COMMIT")
        except BaseException:
            raw.execute("ROLLBACK")
            raise
        done.append(name)
    return done


def statements(sql: str) -> list[str]:
    """Split a step into statements (a statement ends with a semicolon at the end of a line)."""
    found: list[str] = []
    lines: list[str] = []
    for line in sql.splitlines():
        if line.startswith("--") or not line.strip():
            continue
        lines.append(line)
        if line.rstrip().endswith(";") and sqlite3.complete_statement("\n".join(lines)):
            found.append("\n".join(lines))
            lines = []
    return found
