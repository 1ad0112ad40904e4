"""Checks of the bytes that a cut leaves, once production has opened them.

Knows the promises and the rows that belong together in the town's tables; must not know disks. Invariant: every fault is reported by `Lost`
or by production's own error, never by a silent answer.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, cast

import storage.engine.sqlite
from storage.engine.database import Transaction, Waiting
from storage.engine.sqlite import SqliteDatabase
from storage.features import REGISTRY
from storage.unit import Store, Unit
from tests.faults.crash_world import Memory
from tests.faults.power_recorder import Recording

#: Rows that are half of something: (in words, the query that finds them).
HALVES = (
    ("a case without its audit", "SELECT id FROM cases WHERE NOT EXISTS (SELECT 1 FROM audit WHERE subject = 'case:' || cases.id AND action = 'open')"),
    ("an audit of no case", "SELECT subject FROM audit WHERE subject LIKE 'case:%' AND NOT EXISTS (SELECT 1 FROM cases WHERE 'case:' || id = subject)"),
    ("a case nobody is told of", "SELECT id FROM cases WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE subject = 'case:' || cases.id)"),
    (
        "a message of an update that waits",
        "SELECT unique_key FROM inbox, outbox WHERE inbox.state = 'waiting' AND unique_key LIKE inbox.channel || ':' || update_id || ':%'",
    ),
    ("a handled update that still has its words", "SELECT id FROM inbox WHERE state = 'done' AND payload <> ''"),
    ("a deadline without its timer", "SELECT id FROM cases WHERE due_at IS NOT NULL AND ended_at IS NULL AND NOT EXISTS"
     " (SELECT 1 FROM timers WHERE subject = 'case:' || cases.id)"),
)  # fmt: skip


class Lost(Exception):
    """The remaining state is not the promised one; the message names the difference."""


def takes_a_unit(raw: sqlite3.Connection) -> None:
    """Let production's grouping commit one unit."""

    async def work(transaction: Transaction) -> None:
        await Unit(transaction, REGISTRY).facts.put("power", "is back")

    [(_, fault)] = storage.engine.sqlite.commit_group(raw, [Waiting(work, cast("Any", None))])
    if fault is not None:
        raise Lost(f"no unit can be committed: {fault}")


async def reopens(path: Path) -> None:
    """Start on a file, migrate, stop cleanly, and start once more.

    Data written after the cut must be there each time.
    """
    for _ in range(2):
        database = await SqliteDatabase.open(path, create=False)
        await database.migrate()
        found = await Store(database).transact(lambda unit: unit.facts.find("power"))
        await database.close()
        if found != "is back":
            raise Lost("what was written after the cut is not there")


def one_of(recording: Recording, found: tuple[int, str], low: int, high: int) -> int:
    """Return which of the allowed states was found.

    Raises:
        Lost: none of them; the message says whether it is an older state or not a state at all.
    """
    number, digest = found
    known = [place for place, state in enumerate(recording.states) if state.digest == digest]
    for place in known:
        if low <= place <= high:
            return place
    if known:
        raise Lost(f"only state {known[-1]} is left (commit {number}); state {low} was promised, {high} was begun")
    raise Lost(f"what is left (commit {number}) was never committed as a whole; state {low} was promised, {high} was begun")


def check(raw: sqlite3.Connection) -> None:
    """Let SQLite look for damage."""
    verdict = raw.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok" or raw.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise Lost(f"damaged: {verdict}")


def sound(raw: sqlite3.Connection, told: Memory | None) -> None:
    """Look for damage, for halves, and for lost promises.

    A lost promise is something that the world was told and that is missing. `told` is None if nothing was told yet.
    """
    check(raw)
    tables = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if told is not None and "outbox" not in tables:
        raise Lost("somebody was told something, and there is no outbox")
    if not {"outbox", "cases", "inbox", "timers", "audit"} <= tables:
        return
    for words, sql in HALVES:
        row = raw.execute(sql).fetchone()
        if row is not None:
            raise Lost(f"{words}: {row[0]}")
    if told is not None:
        promised(raw, told)


def promised(raw: sqlite3.Connection, memory: Memory) -> None:
    """Look for every update that was confirmed and every message that was shown."""
    kept = {row[0] for row in raw.execute("SELECT update_id FROM inbox")}
    if memory.forgotten and memory.forgotten - 1 not in kept:
        raise Lost(f"update {memory.forgotten - 1} was confirmed and is not kept")
    rows = dict(raw.execute("SELECT chat_id, COUNT(*) FROM outbox GROUP BY chat_id").fetchall())
    forgotten = raw.execute("SELECT COUNT(*) FROM people WHERE forgotten_at IS NOT NULL").fetchone()[0]
    unknown = {chat for chat, _ in memory.shown if not rows.get(chat)}
    if unknown and not forgotten:
        raise Lost(f"{len(unknown)} chats were shown messages that are not remembered")
