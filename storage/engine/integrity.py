"""Integrity check before every opening: refuse a lost, outdated or damaged file.

Knows SQLite's file formats and a small file beside the database, its mark; nothing of features. The mark holds two things: which database
this is and the number of its last acknowledged commit (both are in the file's own header too), and, after a clean stop, the digest of the
whole file. Invariant: a mark never says more than what is durable, so the mark itself never causes a refusal.

Limits: after a clean stop every changed byte is found. After a kill, a log that was cut, swapped, damaged or deleted is found (the last
acknowledged commit would be missing), and so is everything that SQLite's own check sees; it cannot see a changed byte inside a value of the
main file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sqlite3
import zlib
from dataclasses import dataclass
from pathlib import Path

from storage.engine.database import Unusable

MAGIC = b"SQLite format 3\x00"
HEADER = 100
#: Offset of the number of the last commit in the header (its `user_version`), four bytes, big-endian.
NUMBER_AT = 60
NUMBERS = 2**31
#: Above this many bytes only the faster of SQLite's two checks is made.
THOROUGH = 256 * 2**20
_SEAL_AT = 64


@dataclass(frozen=True, slots=True)
class Stamp:
    """Identity of a database (31 random bits, drawn when it is made) and one of its commits."""

    database: int
    number: int


@dataclass(frozen=True, slots=True)
class Seal:
    """State of the whole file at a clean stop.

    The number of its last commit, its size in bytes, its SHA-256.
    """

    number: int
    size: int
    digest: str


class Mark:
    """The file `<database>.mark`: `note(stamp)` after a commit, `seal()` after a clean stop.

    An error here never fails a commit that was made: data that cannot be written is left out, and the next start knows less.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = mark_of(database)
        self._handle: int | None = None
        self._noted: Stamp | None = None

    def note(self, stamp: Stamp) -> None:
        """Write down the last acknowledged commit."""
        if stamp == self._noted:
            return
        with contextlib.suppress(OSError):
            if self._handle is None:
                self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.pwrite(self._handle, _line("commit", f"{stamp.database:08x} {stamp.number:010d}"), 0)
            self._noted = stamp

    def seal(self) -> None:
        """Write the seal of the whole file if nobody has it open any more; close the mark.

        Nobody has it open when its log is gone.
        """
        with contextlib.suppress(OSError):
            if self._handle is not None and self._database.exists() and not has_log(self._database):
                seal = seal_of(self._database)
                os.pwrite(self._handle, _line("seal", f"{seal.number} {seal.size} {seal.digest}"), _SEAL_AT)
        self.close()

    def close(self) -> None:
        """Close the mark's handle."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def mark_of(database: Path) -> Path:
    """Return the path of a database's mark."""
    return database.with_name(database.name + ".mark")


def has_log(database: Path) -> bool:
    """Tell whether commits may wait in the log beside the file."""
    log = database.with_name(database.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def examine(database: Path) -> None:
    """Refuse a file that does not wholly hold what was stored in it.

    Changes only the remains of an interrupted first start.

    Raises:
        Unusable: it is absent or empty although there was one, older than it was, changed since the last stop, or damaged.
    """
    try:
        _examine(database)
    except OSError as error:
        raise Unusable(f"The database {database} cannot be read: {error.strerror}.") from error


def _examine(database: Path) -> None:
    noted, seal = read_mark(database)
    known = mark_of(database).exists() or has_log(database)
    if not database.exists():
        if known:
            raise Unusable(f"There is no database at {database}, but there was one. {_way_out(database)}")
        return
    if database.is_dir():
        raise Unusable(f"{database} is a folder, not a database.")
    _roll_back(database)
    head = _head(database)
    if not head and not known:
        return  # an interrupted first start
    if len(head) < HEADER or not head.startswith(MAGIC):
        raise Unusable(f"{database} is not a database{', but it was one' if known else ''}. {_way_out(database)}")
    since = seal is not None and noted is not None and is_older(seal.number, noted.number)  # there were commits after that stop
    if seal is not None and not since and not has_log(database) and _number(head) == seal.number:
        if seal_of(database) != seal:
            raise Unusable(f"The database {database} is not what it was at the last stop: something changed it. {_way_out(database)}")
        return
    _check(database, noted)


def _roll_back(database: Path) -> None:
    """Let SQLite undo the first write of a database after a power cut.

    Before there is a log, SQLite keeps a journal.
    """
    if database.with_name(database.name + "-journal").exists():
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(database, timeout=5)) as raw:
            raw.execute("PRAGMA schema_version")


def _check(database: Path, noted: Stamp | None) -> None:
    """Let SQLite read the file with its log, without writing, and report damage."""
    try:
        with contextlib.closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as raw:
            stamp = stamp_of(raw)
            if noted is not None and stamp.database != noted.database:
                raise Unusable(f"The database {database} is not the one that was here. {_way_out(database)}")
            if noted is not None and is_older(stamp.number, noted.number):
                missing = (noted.number - stamp.number) % NUMBERS
                raise Unusable(
                    f"The database {database} is older than it was: its last {missing} commits are missing. {_way_out(database)}"
                )
            verdict = damage(raw, thorough=database.stat().st_size <= THOROUGH)
    except sqlite3.DatabaseError as error:
        raise Unusable(f"The database {database} cannot be read: {error}.") from error
    except UnicodeDecodeError as error:  # SQLite names what is damaged, and the name is damaged too
        raise Unusable(f"The database {database} cannot be read: it is damaged.") from error
    if verdict:
        raise Unusable(f"The database {database} is damaged: {verdict}.")


def damage(raw: sqlite3.Connection, *, thorough: bool) -> str:
    """Return the findings of SQLite's own checks, in a few words; empty without damage."""
    verdict = str(raw.execute("PRAGMA integrity_check(1)" if thorough else "PRAGMA quick_check(1)").fetchone()[0])
    if verdict != "ok":
        return " ".join(verdict.split())[:120]
    return "" if raw.execute("PRAGMA foreign_key_check").fetchone() is None else "a row points to nothing"


def stamp_of(raw: sqlite3.Connection) -> Stamp:
    """Return the database's identity and the number of its last commit."""
    return Stamp(int(raw.execute("PRAGMA application_id").fetchone()[0]), int(raw.execute("PRAGMA user_version").fetchone()[0]))


def step(raw: sqlite3.Connection) -> None:
    """Give the transaction before its commit the next number.

    A database without an identity gets one.
    """
    stamp = stamp_of(raw)
    if not stamp.database:
        raw.execute(f"PRAGMA application_id = {1 + secrets.randbelow(NUMBERS - 1)}")
    raw.execute(f"PRAGMA user_version = {(stamp.number + 1) % NUMBERS}")


def is_older(number: int, than: int) -> bool:
    """Compare two commits' numbers, which begin again at zero after two thousand million."""
    return (number - than) % NUMBERS > NUMBERS // 2


def seal_of(database: Path) -> Seal:
    """Return the present seal of a file."""
    with database.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Seal(_number(_head(database)), database.stat().st_size, digest)


def read_mark(database: Path) -> tuple[Stamp | None, Seal | None]:
    """Return the last acknowledged commit and the seal; None for an absent or unreadable one."""
    path = mark_of(database)
    if not path.exists():
        return None, None
    content = path.read_bytes()
    commit, seal = _read(content[:_SEAL_AT], "commit"), _read(content[_SEAL_AT:], "seal")
    return (
        Stamp(int(commit[0], 16), int(commit[1])) if commit else None,
        Seal(int(seal[0]), int(seal[1]), seal[2]) if seal else None,
    )


def _line(word: str, content: str) -> bytes:
    text = f"{word} {content}"
    return f"{text} {zlib.crc32(text.encode()):08x}\n".encode()


def _read(line: bytes, word: str) -> list[str]:
    text, _, check = line.split(b"\n")[0].rpartition(b" ")
    words = text.decode("ascii", "replace").split()
    whole = words[:1] == [word] and check == b"%08x" % zlib.crc32(text)
    return words[1:] if whole else []


def _head(database: Path) -> bytes:
    with database.open("rb") as file:
        return file.read(HEADER)


def _number(head: bytes) -> int:
    return int.from_bytes(head[NUMBER_AT : NUMBER_AT + 4], "big")


def _way_out(database: Path) -> str:
    return f"If that is as you want it, delete {mark_of(database).name}."
