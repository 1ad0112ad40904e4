"""One run of the process: production's engine over the real store, without network.

It lasts from the start to the end of a story, on one thread. Knows the engine's parts and their order in each moment (receive, handle,
tick, deliver); must not know the killer. Invariant: a run depends on the database and the shared memory alone, so that another run can
continue where it ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import secrets
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.commands.roster_files import read_roster
from bot.commands.roster_import import import_roster
from bot.escalation_settings import EscalationSection
from bot.process.engine import Engine
from bot.process.housekeeping import start_up
from bot.settings import DeliverySection, HealthSection, Settings
from domain.core.town import Town
from storage.engine.integrity import Mark, examine
from storage.engine.sqlite import SqliteDatabase
from storage.unit import Store
from storage.values import from_us, to_us
from tests.faults.crash_script import Move
from tests.faults.crash_world import Inline, Killing, Memory, Server, WorldClock

FILE = "town.db"
#: Time advances in steps of at most this, so that no start finds that the server was silent for a day.
STRIDE = timedelta(hours=20)
MOST_TURNS = 100_000


class Set(Settings):
    """The settings of the crash runs' town, read once."""

    def as_town(self, **_: Any) -> Town:
        """Return the town that was made before."""
        return TOWN


#: Independent of the environment and of files: a trial is the same everywhere.
SETTINGS = Set.model_construct(
    delivery=DeliverySection(per_second=1e9, chat_per_second=1e9, chat_burst=1000, group_per_minute=1e9, at_once=4),
    escalation=EscalationSection(working_time=False),
    health=HealthSection(port=0),
)
TOWN: Town = Settings.as_town(
    SETTINGS, bot_names={Server.name: Server.bot_name}, links={Server.name: Server.link_base}, waking={Server.name}
)
#: Columns that name the worker of a row and the time, or that a further start may change.
VOLATILE = {"outbox": {"id", "owner"}, "timers": {"id"}, "inbox": {"owner"}}
SKIPPED = {"leases", "sqlite_sequence", "migrations"}
OWN_FACTS = ("poll.", "audit.")

Dump = dict[str, list[str]]


class Life:
    """A started process: `await Life.begin(…)`, `play(step, move)` for each step, `end()`."""

    def __init__(self, engine: Engine, server: Server, memory: Memory, killing: Killing, raw: sqlite3.Connection) -> None:
        self.engine = engine
        self.server = server
        self.memory = memory
        self.killing = killing
        self.raw = raw

    @classmethod
    async def begin(cls, folder: Path, memory: Memory, killing: Killing, *, arrived: Sequence[Move] = (), forgetful: bool = False) -> Life:
        """Start as production does: check the file, migrate, release messages in flight.

        `arrived`: updates sent before this start.

        Raises:
            Unusable: the file differs from its last known state.
        """
        path = folder / FILE
        examine(path)
        connection = Inline(path, killing)
        database = SqliteDatabase(connection, Mark(path))
        await database.migrate()
        server = Server(memory, killing)
        server.forgetful = forgetful
        server.queue = [update for move in arrived for update in move.updates]
        if arrived:
            server.refused = {chat: how for chat, how in arrived[-1].refused if how}
        engine = Engine(SETTINGS, Store(database), {Server.name: server}, WorldClock(memory))  # type: ignore[dict-item]  # it is called as a channel is
        return cls(engine, server, memory, killing, connection.raw)

    async def start(self) -> None:
        """Take the steps that production takes before it receives."""
        await self.engine.delivery.take_over("one")
        await start_up(self.engine)

    async def end(self) -> None:
        """Stop cleanly."""
        await self.engine.store.close()

    def drop(self) -> None:
        """Let go of the file, as a process does that ends in any way."""
        self.raw.close()

    async def play(self, step: int, move: Move) -> None:
        """Let a moment of the story pass, whole or from where another life left it."""
        self.memory.step = step
        self.server.refused = {chat: how for chat, how in move.refused if how}
        with predictable(step):
            if move.roster:
                await import_roster(self.engine.store, read_roster(move.roster.encode()), at=self.memory.at)
            await self._receive()
            while True:
                while await self.engine.handling.batch():
                    pass
                await self.engine.handling.drain()
                await self.engine.ticking.tick()
                await self._deliver()
                if move.until is None or self.memory.at >= move.until:
                    return
                self.memory.at = self._next(move.until)
                await self.engine.receivers[0].note()

    async def _receive(self) -> None:
        """Poll until the server has nothing more."""
        self.server.quiet.clear()
        polling = asyncio.create_task(self.engine.receivers[0].run())
        quiet = asyncio.create_task(self.server.quiet.wait())
        await asyncio.wait([polling, quiet], return_when=asyncio.FIRST_COMPLETED)
        await cancelled(polling, quiet)

    async def _deliver(self) -> None:
        """Deliver until nothing that is due is left."""
        self.engine.delivery.wake()
        delivering = asyncio.create_task(self.engine.delivery.run())
        for _ in range(MOST_TURNS):
            await asyncio.sleep(0)
            if delivering.done() or not self._owes():
                break
        else:
            raise AssertionError("delivery never ends")
        await cancelled(delivering)
        await self.engine.delivery.drain()

    def _owes(self) -> bool:
        sql = "SELECT 1 FROM outbox WHERE state = 'waiting' AND not_before <= ? LIMIT 1"
        with self.killing.looking():
            return self.raw.execute(sql, (to_us(self.memory.at),)).fetchone() is not None

    def _next(self, until: datetime) -> datetime:
        """Return the next instant at which something falls due, at most a stride ahead."""
        sql = (
            "SELECT MIN(at) FROM (SELECT due_at AS at FROM timers WHERE state = 'waiting' AND kind <> 'audit_cases'"
            " UNION ALL SELECT next_at FROM schedules WHERE paused_at IS NULL"
            " UNION ALL SELECT not_before FROM outbox WHERE state = 'waiting')"
        )
        with self.killing.looking():
            found = self.raw.execute(sql).fetchone()[0]
        ahead = min(until, self.memory.at + STRIDE)
        return ahead if found is None else min(ahead, max(from_us(found), self.memory.at + timedelta(seconds=1)))


async def cancelled(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks; re-raise the error of a failed one."""
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.contextmanager
def predictable(seed: int) -> Any:
    """Let production draw the same codes in every life of a step."""
    drawn = 0

    def draw(count: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.sha256(f"{seed}:{drawn}".encode()).digest()[:count]

    real = secrets.token_bytes, secrets.token_urlsafe, secrets.randbelow, random.uniform
    secrets.token_bytes = lambda nbytes=None: draw(nbytes or 32)
    secrets.token_urlsafe = lambda nbytes=None: draw(nbytes or 32).hex()[: nbytes or 32]
    secrets.randbelow = lambda exclusive_upper_bound: int.from_bytes(draw(4), "big") % exclusive_upper_bound
    random.uniform = lambda a, b: b
    try:
        yield
    finally:
        secrets.token_bytes, secrets.token_urlsafe, secrets.randbelow, random.uniform = real


def dump(raw: sqlite3.Connection) -> Dump:
    """Return everything that the town remembers, table by table, each row as text.

    Leaves out values that a further start may change. Timers are known by their occurrence, messages by their unique key: their numbers
    count irrelevant rows too (the auditor's own timers).
    """
    tables = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {table: raw.execute(f"SELECT * FROM {table}").fetchall() for table in tables if table not in SKIPPED}  # noqa: S608 - our own tables
    occurrences = {row["id"]: row["occurrence"] for row in found["timers"]}
    return {table: sorted(_plain(table, row, occurrences) for row in rows if _counts(table, row)) for table, rows in found.items()}


def _counts(table: str, row: sqlite3.Row) -> bool:
    if table == "facts":
        return not row["name"].startswith(OWN_FACTS)
    return not (table == "timers" and row["kind"] == "audit_cases")


def _plain(table: str, row: sqlite3.Row, occurrences: dict[int, str]) -> str:
    if table not in VOLATILE:
        return repr(tuple(row))
    values = {name: value for name, value in zip(row.keys(), row, strict=True) if name not in VOLATILE[table]}
    if table == "outbox" and values["unique_key"].startswith("timer:"):
        _, number, rest = values["unique_key"].split(":", 2)
        values["unique_key"] = f"timer:{occurrences[int(number)]}:{rest}"
    return repr(values)


def difference(was: Dump, is_: Dump) -> str:
    """Return the first rows that differ; empty when nothing does."""
    for table in sorted(was.keys() | is_.keys()):
        old, new = was.get(table, []), is_.get(table, [])
        if old != new:
            missing = [row for row in old if row not in new][:1]
            more = [row for row in new if row not in old][:1]
            return f"{table}: {len(old)} rows became {len(new)}; missing {missing}; more {more}"
    return ""
