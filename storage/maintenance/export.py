"""Export: every row of a SQLite town in one order, checked against PostgreSQL's types.

Knows SQLite, and what PostgreSQL accepts; nothing of features. SQLite allows any value in any column, so each is checked. Invariant: a file
is read as of one instant, in portions; a row that does not fit is reported by table, rowid and column, never by its value.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import orjson

from storage.engine.postgres_connection import storable

#: Rows that are in memory at a time.
PORTION = 5_000
KINDS = {"INTEGER": int, "BIGINT": int, "TEXT": str}
HOLDS = {type(None): "nothing", bytes: "raw bytes", float: "a number with a fraction", int: "a number", str: "text"}
#: NUL as JSON writes it.
NUL = b"\\u0000"
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the town.

    `keys`: places of columns that distinguish rows; `order`: columns that put rows in their one order.
    """

    name: str
    columns: tuple[str, ...]
    kinds: tuple[type, ...]
    optional: tuple[bool, ...]
    keys: frozenset[int]
    order: tuple[str, ...]
    parents: frozenset[str]

    def ordered(self, *, collate: str = "") -> str:
        """Return the query for all rows in their one order: texts by their bytes, NULL first."""
        terms = []
        for name in self.order:
            place = self.columns.index(name)
            terms.append(f'"{name}"{collate if self.kinds[place] is str else ""}{" NULLS FIRST" if self.optional[place] else ""}')
        return f"FROM {self.name} ORDER BY {', '.join(terms)}"

    @property
    def listed(self) -> str:
        """The columns for a SELECT."""
        return ", ".join(f'"{name}"' for name in self.columns)


@dataclass(frozen=True, slots=True)
class Line:
    """Result of reading a table from the source: rows, digest, and texts that lost a NUL."""

    table: str
    rows: int
    digest: str
    mended: int = 0


class Digest:
    """SHA-256 over rows in order, each a line of JSON: `add(rows)`, `line(table)`."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._rows = 0

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add these rows."""
        self._hash.update(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))
        self._rows += len(rows)

    def line(self, table: str, mended: int = 0) -> Line:
        """Return the result of a table."""
        return Line(table, self._rows, self._hash.hexdigest(), mended)


class Source:
    """A SQLite file as of one instant, read only.

    `tables`, `count(table)`, `portions(table)` with rows that fit; `misfits`.
    """

    def __init__(self, path: Path) -> None:
        self._raw = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
        self._raw.text_factory = lambda content: content.decode("utf-8", "surrogateescape")  # invalid UTF-8 is reported by its row
        self._raw.execute("BEGIN")
        self.tables = _tables(self._raw)
        self.misfits: list[str] = []
        self.mended = 0

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    async def count(self, table: Table) -> int:
        """Return how many rows a table has, by SQLite's own count."""
        return int((await asyncio.to_thread(self._ask, f"SELECT COUNT(*) FROM {table.name}")).fetchone()[0])

    async def portions(self, table: Table) -> AsyncIterator[Rows]:
        """Yield a table's rows in their one order, as PostgreSQL accepts them.

        Rows that do not fit go into `misfits`.
        """
        cursor = await asyncio.to_thread(self._ask, f"SELECT {table.listed}, rowid {table.ordered()}")
        while rows := await asyncio.to_thread(cursor.fetchmany, PORTION):
            numbers = [row[-1] for row in rows]
            yield self._fit(table, [row[:-1] for row in rows], numbers)

    def _ask(self, sql: str) -> sqlite3.Cursor:
        return self._raw.execute(sql)

    def _fit(self, table: Table, rows: Rows, numbers: list[int]) -> Rows:
        """Leave NULs out, and record values that the target cannot hold."""
        columns = zip(*rows, strict=True)
        right = all(set(map(type, values)) <= _taken(table, place) for place, values in enumerate(columns))
        try:
            content = orjson.dumps(rows) if right else b""
        except orjson.JSONEncodeError:
            right = False
        if not right:
            found = [(number, misfit) for row, number in zip(rows, numbers, strict=True) for misfit in _misfits(table, row)]
            self.misfits += [f"{table.name}, rowid {number}: {misfit}." for number, misfit in found]
            return []
        return self._without_nul(table, rows, numbers) if NUL in content else rows

    def _without_nul(self, table: Table, rows: Rows, numbers: list[int]) -> Rows:
        mended = [tuple(storable(row)) for row in rows]
        for row, new, number in zip(rows, mended, numbers, strict=True):
            changed = [place for place, (old, kept) in enumerate(zip(row, new, strict=True)) if old != kept]
            self.mended += len(changed)
            for place in table.keys.intersection(changed):
                self.misfits.append(f"{table.name}, rowid {number}: {table.columns[place]} tells rows apart and holds a NUL character.")
        return mended


def _tables(raw: sqlite3.Connection) -> list[Table]:
    """Return the tables, each after those that its rows point to."""
    names = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")]
    found = {name: _describe(raw, name) for name in sorted(names) if name != "migrations"}
    order = TopologicalSorter({name: table.parents - {name} for name, table in found.items()}).static_order()
    return [found[name] for name in order]


def _describe(raw: sqlite3.Connection, name: str) -> Table:
    facts = raw.execute(f'PRAGMA table_info("{name}")').fetchall()  # (place, name, type, not null, default, place in the key)
    columns = tuple(fact[1] for fact in facts)
    unique = [index[1] for index in raw.execute(f'PRAGMA index_list("{name}")') if index[2]]
    keys = {info[1] for index in unique for info in raw.execute(f'PRAGMA index_info("{index}")')}
    key = [fact[1] for fact in sorted(facts, key=lambda fact: fact[5]) if fact[5]]
    return Table(
        name=name,
        columns=columns,
        kinds=tuple(KINDS.get(fact[2], object) for fact in facts),
        optional=tuple(not fact[3] and not fact[5] for fact in facts),
        keys=frozenset(keys),
        order=tuple(key) or columns,
        parents=frozenset(row[2] for row in raw.execute(f'PRAGMA foreign_key_list("{name}")')),
    )


def _taken(table: Table, place: int) -> set[type]:
    return {table.kinds[place], type(None)} if table.optional[place] else {table.kinds[place]}


def _misfits(table: Table, row: tuple[Any, ...]) -> list[str]:
    """Describe the values of a row that PostgreSQL refuses, without the values."""
    found = []
    for place, (name, value) in enumerate(zip(table.columns, row, strict=True)):
        if type(value) not in _taken(table, place):
            found.append(f"{name} holds {HOLDS[type(value)]}, and needs {'a whole number' if table.kinds[place] is int else 'text'}")
        elif isinstance(value, str) and not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            found.append(f"{name} holds text that is not UTF-8")
    return found
