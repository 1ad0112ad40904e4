"""Does a statement get slower with the years? Whatever the storage modules ask of SQLite in any test is explained once.

Every table grows for ever but those that their features declare small.
A statement that reads one of them whole is a fault, unless it is of the few that are seldom run (SELDOM).
"""

from __future__ import annotations

import re
import sqlite3
import sys
from functools import cache
from typing import Any

from storage.engine.sqlite import SqliteTransaction
from storage.features import REGISTRY
from storage.migrations import migrate

#: Indexes of what waits now, which is never much: they may be read from end to end.
WAITING = (
    "outbox_waiting",
    "inbox_waiting",
    "inbox_resting",
    "timers_due",
    "outbox_first",
    "follow_ups_open",
    *(f"{kind.table.name}_open" for kind in REGISTRY.records),
)
#: Modules whose statements are run by an operator, or once in somebody's life here.
SELDOM = ("storage.people.privacy", "storage.maintenance.backup", "storage.maintenance.export", "storage.maintenance.transfer")
#: The operator's list of every case.
WHOLE = re.compile(r"FROM cases c JOIN villages v ON v.id = c.village_id LEFT JOIN people r ON r.id = c.reporter_id ORDER BY c.id$")

_new: dict[str, int] = {}
_known: set[str] = set()


def watch() -> None:
    """Remember every statement that a storage module gives to SQLite from now on."""
    for name in ("execute", "fetch_one", "fetch_all"):
        setattr(SqliteTransaction, name, _remembering(getattr(SqliteTransaction, name)))


def faults() -> list[str]:
    """Explain what is new; return a sentence for each statement that reads a growing table whole."""
    found = []
    while _new:
        sql, parameters = _new.popitem()
        found += [f"{step}: {sql}" for step in explained(sql, parameters) if reads_all(step, sql)]
    return found


def reads_all(step: str, sql: str) -> bool:
    """Tell whether a step of a query plan goes through a growing table from one end, as far as the statement's own limit."""
    met = re.match(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+)| USING INTEGER PRIMARY KEY \(rowid([<>=]))?", step)
    if met is None or met[3] in WAITING or WHOLE.search(sql):
        return False
    growing = _grows(_tables(sql).get(met[2], met[2]))
    of_a_channel = step.endswith("(channel=?)")  # there is one
    return growing and (met[1] == "SCAN" or of_a_channel or (met[4] is not None and met[4] != "="))


def _grows(table: str) -> bool:
    """Tell whether a table of the town gets rows for ever: every one does that no feature declares small."""
    return table in _every_table() and table not in REGISTRY.small


def _remembering(real: Any) -> Any:
    def remember(self: SqliteTransaction, sql: str, params: Any = ()) -> Any:
        if sql not in _known:
            caller = sys._getframe(1).f_globals["__name__"]
            if caller.startswith("storage.") and caller not in SELDOM:
                _new[sql] = len(params)
            _known.add(sql)
        return real(self, sql, params)

    return remember


def _tables(sql: str) -> dict[str, str]:
    """Return which table each alias of a statement stands for."""
    return {alias: table for table, alias in re.findall(r"(?:FROM|JOIN|UPDATE|INTO) (\w+) (?:AS )?(\w+)", sql)}


def explained(sql: str, parameters: int) -> list[str]:
    """Return the steps of SQLite's plan for a statement with so many parameters."""
    if not sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
        return []
    return [row[3] for row in _schema().execute(f"EXPLAIN QUERY PLAN {sql}", [None] * parameters)]


@cache
def _every_table() -> frozenset[str]:
    return frozenset(row[0] for row in _schema().execute("SELECT name FROM sqlite_master WHERE type = 'table'"))


@cache
def _schema() -> sqlite3.Connection:
    raw = sqlite3.connect(":memory:", isolation_level=None)
    migrate(raw)
    return raw
