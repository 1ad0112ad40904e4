"""A town's files and damage to them: made once, copied, damaged, opened, compared.

Knows files, not features. `Files` are a database and the files beside it, as a clean stop or a kill leaves them; a `Mutant` is such a set
after one damage; an `Outcome` is the result of a start on it.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.process.database_startup import CannotStart, open_database
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import ClockCalendar
from domain.core.town import Town
from domain.people.people import Role
from storage.engine.sqlite import SqliteDatabase
from storage.unit import Store
from tests.handler_harness import HandlerHarness

PAGE = 4096
FRAME = PAGE + 24
WAL_HEADER = 32
PARTS = ("", "-wal", "-shm", ".mark")
OPENS_WITHIN_S = 20.0
Files = dict[str, bytes]
Content = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One damage: its name, the suffix of the file it hit, and the files after it."""

    damage: str
    part: str
    files: Files


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a start.

    `refused` is its sentence (empty: it opened), `content` the rows read then (None: reading failed with an error). `untouched`: no byte on
    the disk changed.
    """

    refused: str
    content: Content | None
    untouched: bool


# Making ---------------------------------------------------------------------------------------------------------------


def a_town() -> Town:
    """Return the plainest settings."""
    zone = ZoneInfo("Asia/Shanghai")
    return Town(
        "禾安",
        zone,
        ClockCalendar(),
        QuietHours(time(21, 30), time(7, 0), zone),
        bot_names={"telegram": "tongxin_bot"},
        links={"telegram": "https://t.me/tongxin_bot"},
    )


async def make_files(
    folder: Path, *, reports: int, killed: bool, checkpoint: bool = True, stopped_before: bool = False
) -> tuple[Files, Content]:
    """Let people report, then stop cleanly or be killed; return the files and the rows in them.

    `checkpoint`: half-way the log is written back, so that its beginning holds newer data than its end. `stopped_before`: a little before
    the end there was a clean stop, and then another start.
    """
    await asyncio.to_thread(folder.mkdir, parents=True)
    harness = await HandlerHarness.open(folder, a_town(), opening=open_database)
    villager = await harness.person("徐阿婆", Role.VILLAGER, "上徐村")
    await harness.person("王建国", Role.CHAIR, "上徐村")
    for number in range(reports):
        await villager.says(f"/report dispute 第 {number} 件：邻居砌墙占了我家的路，{'说了很多次也没有用，' * (number % 7)}请来看看")
        if checkpoint and number == reports // 2 and isinstance(harness.store.database, SqliteDatabase):
            await harness.store.database.run_in_thread(lambda raw: raw.execute("PRAGMA wal_checkpoint(RESTART)").fetchall())
        if stopped_before and number == reports - 3:
            await harness.store.close()
            harness.store = Store(await SqliteDatabase.open(folder / "town.db"))
    path = folder / "town.db"
    left = files_of(path) if killed else {}
    await harness.store.close()
    return left or files_of(path), content_of(path)


def files_of(path: Path) -> Files:
    """Read a database's files."""
    return {suffix: part.read_bytes() for suffix in PARTS if (part := path.with_name(path.name + suffix)).is_file()}


def lay(files: Files, path: Path) -> None:
    """Put files in place of the database's present files."""
    for suffix in PARTS:
        part = path.with_name(path.name + suffix)
        part.unlink(missing_ok=True)
        if suffix in files:
            part.write_bytes(files[suffix])


def content_of(path: Path) -> Content:
    """Read every row of every table of a file that is not open elsewhere."""
    raw = sqlite3.connect(path)
    try:
        return read_all(raw)
    finally:
        raw.close()


def read_all(raw: sqlite3.Connection) -> Content:
    """Return every table's rows, in one order."""
    names = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: sorted((tuple(row) for row in raw.execute(f'SELECT * FROM "{name}"')), key=repr) for name in names}  # noqa: S608


# Opening --------------------------------------------------------------------------------------------------------------


async def start_on(files: Files, path: Path) -> Outcome:
    """Lay the files, open them as a start does, and read everything.

    Raises:
        TimeoutError: it neither opened nor refused.
    """
    lay(files, path)
    try:
        async with asyncio.timeout(OPENS_WITHIN_S):
            database = await open_database(f"sqlite:///{path}")
    except CannotStart as reason:
        return Outcome(str(reason), None, _lasting(files_of(path)) == _lasting(files))
    try:
        assert isinstance(database, SqliteDatabase)
        return Outcome("", await database.run_in_thread(read_all), untouched=False)
    except sqlite3.Error:
        return Outcome("", None, untouched=False)
    finally:
        await database.close()


def _lasting(files: Files) -> Files:
    """Leave out the files that every reader creates again."""
    return {suffix: content for suffix, content in files.items() if suffix != "-shm" and not (suffix == "-wal" and not content)}


# Damages --------------------------------------------------------------------------------------------------------------

Damage = Callable[[bytes, random.Random], bytes | None]


def flip(content: bytes, dice: random.Random) -> bytes:
    """Turn over one bit."""
    place = dice.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << dice.randrange(8))]) + content[place + 1 :]


def burst(content: bytes, dice: random.Random) -> bytes:
    """Put noise over up to 64 bytes."""
    place = dice.randrange(len(content))
    noise = dice.randbytes(min(dice.randint(2, 64), len(content) - place))
    return content[:place] + noise + content[place + len(noise) :]


def head(content: bytes, dice: random.Random) -> bytes:
    """Put noise into the first hundred bytes."""
    return burst(content[:100], dice) + content[100:]


def zero_page(content: bytes, dice: random.Random) -> bytes:
    """Make a page nothing."""
    return _page(content, dice, bytes(PAGE))


def noisy_page(content: bytes, dice: random.Random) -> bytes:
    """Make a page noise."""
    return _page(content, dice, dice.randbytes(PAGE))


def doubled_page(content: bytes, dice: random.Random) -> bytes:
    """Put one page over another."""
    other = dice.randrange(max(1, len(content) // PAGE)) * PAGE
    return _page(content, dice, content[other : other + PAGE])


def cut(content: bytes, dice: random.Random) -> bytes:
    """End it anywhere."""
    return content[: dice.randrange(1, len(content))]


def cut_at_page(content: bytes, dice: random.Random) -> bytes:
    """End it behind a page."""
    return content[: dice.randrange(1, max(2, len(content) // PAGE)) * PAGE]


def cut_at_frame(content: bytes, dice: random.Random) -> bytes:
    """End a log behind a frame."""
    return content[: WAL_HEADER + dice.randrange(max(1, (len(content) - WAL_HEADER) // FRAME)) * FRAME]


def half_copied(content: bytes, dice: random.Random) -> bytes:
    """Keep the length, but nothing behind some page."""
    keep = dice.randrange(1, max(2, len(content) // PAGE)) * PAGE
    return content[:keep] + bytes(len(content) - keep)


def tail(content: bytes, dice: random.Random) -> bytes:
    """Put noise behind it."""
    return content + dice.randbytes(dice.randint(1, 3 * PAGE))


def emptied(content: bytes, dice: random.Random) -> bytes:
    """Leave nothing in it."""
    return b""


def deleted(content: bytes, dice: random.Random) -> None:
    """Leave no file."""


def words(content: bytes, dice: random.Random) -> bytes:
    """Put a letter in its place."""
    return ("这不是数据库。\n" * dice.randint(1, 400)).encode()


def _page(content: bytes, dice: random.Random, page: bytes) -> bytes:
    place = dice.randrange(max(1, len(content) // PAGE)) * PAGE
    return (content[:place] + page + content[place + PAGE :])[: len(content)]


OF_MAIN: tuple[Damage, ...] = (
    *(flip, flip, burst, burst, head, zero_page, noisy_page, doubled_page),
    *(cut, cut_at_page, half_copied, tail, emptied, deleted, words),
)
OF_LOG: tuple[Damage, ...] = (flip, flip, burst, head, zero_page, cut, cut_at_frame, half_copied, tail, emptied, deleted, words)
OF_REST: tuple[Damage, ...] = (flip, burst, cut, emptied, deleted, words)


def mutate(files: Files, others: Files, dice: random.Random) -> Mutant:
    """Damage one file in one way, or put another town's in its place.

    The main file and its log are hit most.
    """
    parts = [part for part in PARTS if files.get(part)]
    part = dice.choice([*parts, "", "", "", *(["-wal"] * 4 if "-wal" in parts else [])])
    if part in ("", "-wal") and dice.random() < 0.08:
        return Mutant("another's", part, _with(files, part, others.get(part, b"")))
    damage = dice.choice(OF_MAIN if part == "" else OF_LOG if part == "-wal" else OF_REST)
    return Mutant(damage.__name__, part, _with(files, part, damage(files[part], dice)))


def _with(files: Files, part: str, content: bytes | None) -> Files:
    left = {suffix: old for suffix, old in files.items() if suffix != part}
    return left if content is None else left | {part: content}
