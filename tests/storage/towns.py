"""A SQLite file with rows in every table of the newest schema.

For tests of code that treats all tables alike. Knows SQLite's own description of its tables. Invariant: the same file for the same number
of rows.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from tests.engines import new_file

TEXTS = ("", "邻居砌墙占了我家的路", "a\tb\nc\\N\\.", 'O\'Neil "x" {null}', "👨‍👩‍👧 \ufffe\u2028", "\\u0000", "x" * 9_000)
NUMBERS = (0, 1, -1, 2**63 - 1, -(2**63), 1_780_000_000_000_000)


async def filled(path: Path, rows: int = 8) -> str:
    """Make a file with so many rows in every table; return its address."""
    await new_file(path)
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        for name in tables(raw):
            fill(raw, name, rows)
        raw.commit()
        assert raw.execute("PRAGMA foreign_key_check").fetchone() is None
    forget_mark(path)
    return f"sqlite:///{path}"


def tables(raw: sqlite3.Connection) -> list[str]:
    """The names of all tables of the town."""
    found = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'migrations'")
    return sorted(row[0] for row in found)


def change(path: Path, sql: str, *params: Any) -> None:
    """Change a file as another program would, and say that it was wanted."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute(sql, params)
        raw.commit()
    forget_mark(path)


def forget_mark(path: Path) -> None:
    """Delete what the file is compared with at the next opening."""
    path.with_name(path.name + ".mark").unlink(missing_ok=True)


def fill(raw: sqlite3.Connection, name: str, rows: int) -> None:
    """Put rows into a table.

    Numbers and texts of every kind, distinct keys, and references to existing rows.
    """
    facts = raw.execute(f'PRAGMA table_info("{name}")').fetchall()
    points = {row[3] for row in raw.execute(f'PRAGMA foreign_key_list("{name}")')}
    unique = [index[1] for index in raw.execute(f'PRAGMA index_list("{name}")') if index[2]]
    keys = {info[2] for index in unique for info in raw.execute(f'PRAGMA index_info("{index}")')} | {fact[1] for fact in facts if fact[5]}
    for number in range(1, rows + 1):
        row: list[Any] = []
        for place, (_, column, kind, needed, _, _) in enumerate(facts):
            turn = number + place
            if column in points or (column in keys and kind != "TEXT"):
                row.append(number)
            elif column in keys:
                row.append(f"{'Zzä鍵'[number % 4]}{number}")  # bytewise, these are in another order than in any language
            elif not needed and turn % 3 == 0:
                row.append(None)
            else:
                row.append(TEXTS[turn % len(TEXTS)] if kind == "TEXT" else NUMBERS[turn % len(NUMBERS)])
        raw.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(row))})', row)  # noqa: S608 (the schema's own names)
