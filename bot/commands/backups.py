"""Operator commands on the database: list cases, back up, restore.

Knows files and sentences for operators. Invariant: nothing here changes a database that a bot is running on, and no file is replaced
before its replacement was verified as complete.
"""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.commands.backup_encryption import Unsealable, key_from, seal, unseal
from bot.process.database_startup import CannotStart, address_of, alone, database_path, moved_note, opened_store
from bot.settings import Settings
from storage.engine.integrity import mark_of
from storage.features import REGISTRY
from storage.maintenance.backup import Damaged, begin_anew, copy_running, prove

NAME = "tongxin-{at:%Y%m%dT%H%M%SZ}.backup"


async def cases(settings: Settings) -> list[dict[str, Any]]:
    """Return every case in plain values for a script: numbers, states and instants.

    No texts and no names.
    """
    async with opened_store(settings, create=False, beside=True) as store:
        return await store.transact(lambda unit: unit.cases.list_all())


def back_up(settings: Settings, *, at: datetime) -> tuple[Path, dict[str, int]]:
    """Copy the database, verify and encrypt the copy; return its file and row counts.

    The encrypted copy is verified too. Old backups beyond `backup.keep` are deleted.

    Raises:
        CannotStart: anything failed; no incomplete file is left.
    """
    folder, database = settings.backup.folder, _existing(settings)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            copy, again = Path(scratch) / "copy.db", Path(scratch) / "again.db"
            copy_running(database, copy)
            counts = prove(copy)
            key = key_from(_key_file(settings), create=True)
            target = folder / NAME.format(at=at)
            seal(copy, target, key)
            unseal(target, again, key)
            if prove(again) != counts:
                raise Damaged("The encrypted copy differs from the original.")
    except (Damaged, Unsealable) as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        raise CannotStart(f"The backup could not be written: {error.strerror}.") from error
    for old in sorted(folder.glob("tongxin-*.backup"))[: -settings.backup.keep]:
        old.unlink()
    return target, counts


def restore(settings: Settings, file: Path, *, at: datetime) -> tuple[dict[str, int], Path | None]:
    """Open and verify a backup, then put it in place of the database.

    Return its counts and the path where the old database is kept. `next_…` among the counts are the next numbers of each counter: see
    `begin_anew`.

    Raises:
        CannotStart: the backup is not complete, the key is wrong, or a bot is running; nothing was changed.
    """
    path = database_path(address_of(settings))
    if not file.exists():
        raise CannotStart(f"There is no file {file}.")
    with alone(path), tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        copy = Path(scratch) / "restored.db"
        try:
            unseal(file, copy, key_from(_key_file(settings), create=False))
            counts = prove(copy)
            anew = begin_anew(copy, instead_of=path, numbers=REGISTRY.numbers, at=at)
        except (Damaged, Unsealable) as error:
            raise CannotStart(f"{error} Nothing was changed.") from error
        kept = _set_aside(path, at)
        copy.replace(path)
        _sync(path.parent)
    return counts | {f"next_{name}": number for name, number in anew.items()}, kept


def amounts(counts: dict[str, int]) -> str:
    """Return the number of people and of each kind of subject in a database, for an operator."""
    shown = ("people", *(subject.table for subject in REGISTRY.subjects.values()))
    return ", ".join(f"{counts.get(table, 0)} {table}" for table in shown)


def next_numbers(counts: dict[str, int]) -> str:
    """Return the next number of each counter after a restore, for an operator."""
    return ", ".join(f"{number.name} {counts[f'next_{number.name}']}" for number in REGISTRY.numbers)


def _set_aside(path: Path, at: datetime) -> Path | None:
    """Move a database and its log files out of the way, together."""
    if not path.exists():
        for note in (mark_of(path), moved_note(path)):
            note.unlink(missing_ok=True)
        return None
    kept = path.with_name(f"{path.name}.before-{at:%Y%m%dT%H%M%SZ}")
    for suffix in ("", "-wal", "-shm", ".mark", ".moved"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(kept.with_name(kept.name + suffix))
    return kept


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _key_file(settings: Settings) -> Path:
    return settings.backup.key_file or settings.backup.folder / "backup.key"


def _existing(settings: Settings) -> Path:
    path = database_path(address_of(settings))
    if not path.exists():
        raise CannotStart(f"There is no database at {path}.")
    return path
