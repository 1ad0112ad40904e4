"""Open the town's database, SQLite or PostgreSQL.

Knows addresses, files and locks. Invariant: a SQLite file has one running bot; a file that cannot be used is left exactly as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from storage.engine.database import Database, StorageFailed, T, Unusable, Work
from storage.engine.integrity import examine, has_log, mark_of
from storage.engine.sqlite import MEMORY, SqliteDatabase
from storage.maintenance.backup import read_running, read_server
from storage.unit import Store

if TYPE_CHECKING:
    from bot.channel_settings import TelegramSection
    from bot.settings import Settings

POSTGRES = ("postgresql://", "postgres://")


class CannotStart(Exception):
    """The process refuses to start; the message says why in words for an operator."""


@asynccontextmanager
async def opened_store(settings: Settings, *, create: bool = True, beside: bool = False) -> AsyncIterator[Store]:
    """Open the town's database at the newest schema; close it at the end.

    `beside`: a bot may be running on it.

    Raises:
        CannotStart: it cannot be used, or a bot is running on a file that must belong to this process alone.
    """
    url = address_of(settings)
    with contextlib.ExitStack() as held:
        if not url.startswith(POSTGRES) and not beside:
            held.enter_context(alone(database_path(url)))
        from bot.routes import HOOKS  # every handler: only where a store is opened

        store = Store(await open_database(url, create=create), veil=HOOKS.veils)
        try:
            yield store
        finally:
            await store.close()


async def open_database(url: str, *, create: bool = True) -> Database:
    """Open the database at the newest schema. `create`: make the file if there is none.

    Raises:
        CannotStart: it cannot be used; it is left as it is.
    """
    if not url.startswith(POSTGRES):
        refuse_if_moved(database_path(url))
    try:
        database = await _open(url, create=create)
    except Unusable as error:
        if url.startswith(POSTGRES):
            raise CannotStart(_words_of_server(error)) from error
        raise CannotStart(f"{error} Nothing was changed. If the file is damaged, restore a backup: python -m bot restore FILE") from error
    try:
        await database.migrate()
    except Exception as error:
        await database.close()
        name = "" if url.startswith(POSTGRES) else f" {database_path(url).name}"
        raise CannotStart(f"The database{name} cannot be brought up to date: {error}") from error
    return database


async def read(url: str, work: Work[T]) -> T:
    """Run a read-only unit on the database as it is.

    Nothing is migrated, and a bot may be running on it.

    Raises:
        CannotStart: it cannot be read.
    """
    try:
        if not url.startswith(POSTGRES):
            path = database_path(url)
            refuse_if_moved(path)
            await asyncio.to_thread(examine, path)
            return await asyncio.to_thread(read_running, path, work)
        return await read_server(url, work)
    except Unusable as error:
        raise CannotStart(_words_of_server(error)) from error
    except StorageFailed as error:
        raise CannotStart(str(error)) from error


async def _open(url: str, *, create: bool) -> Database:
    if url.startswith(POSTGRES):
        from storage.engine.postgres import PostgresDatabase  # only PostgreSQL users need the driver

        return await PostgresDatabase.open(url)
    path = database_path(url)
    if create:
        _keep_private(path)
    return await SqliteDatabase.open(path, create=create)


def _keep_private(path: Path) -> None:
    """Create a missing file with access for its owner only; its log files get the same rights.

    Where there was a database before, nothing is created: the opening refuses it.
    """
    if str(path) == MEMORY or path.exists() or mark_of(path).exists() or has_log(path):
        return
    with contextlib.suppress(OSError):  # the opening reports what is wrong with the folder
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _words_of_server(error: Unusable) -> str:
    """Return why the server cannot be used.

    One cause only looks like a missing server: the driver searches for certificates in a home folder that it may not enter.
    """
    reason = error.__context__
    if isinstance(reason, PermissionError) and ".postgresql" in str(reason.filename):
        return f"{reason.filename} cannot be looked for: this user may not enter that folder. Set HOME to a folder of its own."
    return str(error)


def address_of(settings: Settings) -> str:
    """Return where the database is.

    Raises:
        CannotStart: the file with its password cannot be read.
    """
    try:
        return settings.database_url
    except OSError as error:
        raise CannotStart(f"database.password_file cannot be read: {error.strerror}.") from None


def token_of(endpoint: TelegramSection) -> str:
    """Return a channel's token; empty if there is none.

    Raises:
        CannotStart: its file cannot be read, or is empty.
    """
    place = endpoint.place("token_file")
    try:
        token = endpoint.token_value
    except OSError as error:
        raise CannotStart(f"{place} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise CannotStart(f"{place} holds no token: it is not even text.") from None
    if not token and endpoint.token_file is not None:
        raise CannotStart(f"{place} is empty: write the bot's token into it.")
    return token


def exists(settings: Settings) -> bool:
    """Tell whether there is a database to open: an existing file, or an address on a server."""
    url = address_of(settings)
    return url.startswith(POSTGRES) or database_path(url).exists()


def database_path(url: str) -> Path:
    """Return the file of a `sqlite:///path` URL.

    Raises:
        CannotStart: another kind of database.
    """
    if url.startswith(POSTGRES):
        raise CannotStart("This is for a town in one SQLite file. PostgreSQL has its own tools: see docs/operations.md, PostgreSQL.")
    if not url.startswith("sqlite:///"):
        raise CannotStart("database.url must be sqlite:///path or postgresql://user@host:5432/name.")
    return Path(url.removeprefix("sqlite:///"))


def moved_note(path: Path) -> Path:
    """Return the path of the note that says that a SQLite file's town has moved to PostgreSQL."""
    return path.with_name(path.name + ".moved")


def refuse_if_moved(path: Path) -> None:
    """Refuse to open a file whose town has moved to PostgreSQL.

    Raises:
        CannotStart: with the words of the note.
    """
    note = moved_note(path)
    if note.exists():
        raise CannotStart(note.read_text(encoding="utf-8").strip())


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock that makes this process the only one on the database.

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
