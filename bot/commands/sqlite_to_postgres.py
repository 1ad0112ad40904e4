"""`migrate-database`: move a town's SQLite file to PostgreSQL while no bot runs on it.

Knows files, addresses and sentences for operators; `storage.maintenance.transfer` moves the rows. Invariant: a file whose town is in
PostgreSQL has a note beside it, `<file>.moved`, written before the move takes effect, and no bot starts on a file with such a note. The
file itself is unchanged.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.process.database_startup import POSTGRES, CannotStart, alone, database_path, moved_note, open_database, refuse_if_moved
from bot.settings import DatabaseSection, Settings
from storage.engine.database import Unusable
from storage.maintenance.export import Line
from storage.maintenance.transfer import NotMoved, PerhapsMoved, prepare, transfer
from storage.migrations import latest


async def move(
    settings: Settings, address: str, *, password_file: Path | None, at: datetime, tell: Callable[[str], None] = lambda _: None
) -> list[Line]:
    """Move the configured file's town to a server; return one verified line per table.

    Raises:
        CannotStart: nothing was moved; or, in one case that the message names, it is unknown whether the move took effect.
    """
    if settings.database.url.startswith(POSTGRES):
        raise CannotStart("The town is in PostgreSQL already: database.url is its address. This command moves a SQLite file.")
    if not address.startswith(POSTGRES):
        raise CannotStart("Where to? The address of a PostgreSQL database is postgresql://user@host:5432/name.")
    path = database_path(settings.database.url)
    if not path.exists():
        raise CannotStart(f"There is no database at {path}.")
    try:
        url = settings.model_copy(update={"database": DatabaseSection(url=address, password_file=password_file)}).database_url
    except OSError as error:
        raise CannotStart(f"The password file cannot be read: {error.strerror}.") from error
    with alone(path):
        refuse_if_moved(path)
        return await _move(path, url, _note(path, address, at), tell)


async def _move(path: Path, url: str, note: str, tell: Callable[[str], None]) -> list[Line]:
    try:
        await prepare(url)
        source = await open_database(f"sqlite:///{path}", create=False)
        try:
            return await transfer(path, url, about_to_commit=lambda: _write(moved_note(path), note), tell=tell)
        finally:
            await source.close()
    except PerhapsMoved as error:
        raise CannotStart(f"{error} Look into the target when it is back. {note}") from error
    except (NotMoved, Unusable) as error:
        moved_note(path).unlink(missing_ok=True)
        raise CannotStart(f"{error} Nothing was moved.") from error


def report(lines: Sequence[Line], settings: Settings, address: str, *, password_file: Path | None) -> Iterator[str]:
    """Return what was verified, and what to change in the settings, as lines."""
    full = [line for line in lines if line.rows]
    wide = max([5, *(len(line.table) for line in full)])
    yield f"{'table':<{wide}}  {'rows':>10}  digest of the rows in order, in the file as in PostgreSQL"
    for line in full:
        yield f"{line.table:<{wide}}  {line.rows:>10}  {line.digest[:16]}"
    rows = sum(line.rows for line in lines)
    yield f"Proven: {rows} rows, each the same on both sides; {len(lines) - len(full)} tables are empty on both; schema {latest()} on both."
    if mended := sum(line.mended for line in lines):
        yield f"{mended} texts held a NUL character, which PostgreSQL cannot keep: it was left out there."
    yield "The town is in PostgreSQL now. Change these settings, then: python -m bot check, python -m bot run"
    yield f"  TONGXIN_DATABASE__URL={shown(address)}"
    if password_file is not None:
        yield f"  TONGXIN_DATABASE__PASSWORD_FILE={password_file.absolute()}"
    path = database_path(settings.database.url)
    yield f"{path} is as it was, and no bot starts on it while {moved_note(path).name} lies beside it."


def shown(address: str) -> str:
    """Return an address without its password."""
    parts = urlsplit(address)
    name, at, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{name.partition(':')[0]}{at}{host}").geturl()


def _note(path: Path, address: str, at: datetime) -> str:
    return (
        f"The town of {path.name} moved to PostgreSQL on {at:%Y-%m-%d at %H:%M} UTC, to {shown(address)}: database.url must be that address. "
        f"To go on with this file instead, which knows nothing of what happened since, delete {moved_note(path).name}."
    )


def _write(note: Path, text: str) -> None:
    """Write the note beside the file, complete and durable.

    Raises:
        NotMoved: the folder cannot be written.
    """
    partial = note.with_name(note.name + ".part")
    try:
        with partial.open("w", encoding="utf-8") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(note)
        folder = os.open(note.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise NotMoved(f"The folder of {note.name} cannot be written: {error.strerror}.") from None
