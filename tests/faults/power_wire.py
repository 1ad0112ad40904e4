"""The wire from production to a disk whose power can be cut.

It has two parts: SQLite's vfs to the disk, and SQLite's connection as production knows it. Knows apsw, the behaviour of sqlite3 and the
disk; must not know the town. Invariant: a statement answers and fails here as it does in sqlite3.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from tests.faults.power import Disk

#: SQLite's flag for disks that do not change the bytes beside a write; its own vfs for Unix sets it for every disk.
POWERSAFE_OVERWRITE = 0x1000
SYNCED_WITH_FOLDER = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_SUPER_JOURNAL
CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class RecordingVfs(apsw.VFS):
    """Lets SQLite work on a `Disk`.

    Use: `RecordingVfs(name, disk, seed)`, then `apsw.Connection(file, vfs=name)`. It is the default vfs until `close`. As the default it
    also gives SQLite its random numbers, so that a log's bytes follow from the seed.
    """

    def __init__(self, name: str, disk: Disk, *, seed: str) -> None:
        self.disk = disk
        self._dice = random.Random(seed)  # noqa: S311 - the same bytes every time
        super().__init__(name, "", makedefault=True)
        apsw.randomness(0)

    def close(self) -> None:
        """Give the default back."""
        self.unregister()
        apsw.randomness(0)

    def xRandomness(self, numbytes: int) -> bytes:
        return self._dice.randbytes(numbytes)

    def xFullPathname(self, name: str) -> str:
        return name

    def xAccess(self, pathname: str, flags: int) -> bool:
        return pathname in self.disk.files

    def xDelete(self, filename: str, syncdir: bool) -> None:
        if filename not in self.disk.files:
            raise apsw.IOError("not there")
        self.disk.delete(filename, with_folder=syncdir)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:
        flags[1] = flags[0]
        if name is None:  # SQLite's own temporary file: it is not meant to last
            return Handle(Disk({"": b""}), "", scratch=True)
        path = name if isinstance(name, str) else name.filename()
        if path not in self.disk.files:
            if not flags[0] & apsw.SQLITE_OPEN_CREATE:
                raise apsw.CantOpenError("not there")
            self.disk.create(path, with_folder=bool(flags[0] & SYNCED_WITH_FOLDER))
        return Handle(self.disk, path)


class Handle:
    """An open file of a `Disk`.

    It has only one user, so every lock is granted.
    """

    def __init__(self, disk: Disk, name: str, *, scratch: bool = False) -> None:
        self._disk = disk
        self._name = name
        self._scratch = scratch

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._disk.files[self._name][offset : offset + amount])

    def xWrite(self, data: Any, offset: int) -> None:
        self._disk.write(self._name, bytes(data), offset)

    def xTruncate(self, newsize: int) -> None:
        self._disk.truncate(self._name, newsize)

    def xSync(self, flags: int) -> None:
        self._disk.sync(self._name)

    def xFileSize(self) -> int:
        return len(self._disk.files[self._name])

    def xClose(self) -> None:
        if self._scratch:
            self._disk.files.clear()

    def xLock(self, level: int) -> None:
        pass

    def xUnlock(self, level: int) -> None:
        pass

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return POWERSAFE_OVERWRITE


class PowerRow(tuple[Any, ...]):
    """A row as production reads it: by column name and by place."""

    names: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.names[key] if isinstance(key, str) else key)

    def keys(self) -> Iterable[str]:
        return self.names.keys()


@dataclass
class Answer:
    """The result of a statement: its rows, and how many it touched.

    The number is -1 for a statement that cannot touch rows.
    """

    rows: list[PowerRow]
    rowcount: int

    def fetchone(self) -> PowerRow | None:
        return self.rows.pop(0) if self.rows else None

    def fetchall(self) -> list[PowerRow]:
        rows, self.rows = self.rows, []
        return rows

    def __iter__(self) -> Iterator[PowerRow]:
        return iter(self.fetchall())


class Wire:
    """apsw's connection in the shape of sqlite3's.

    `instead`: statements that run as others (mutants); `after`: called after each statement; `noted`: notes the state now.
    """

    row_factory: Any = None
    noted: Callable[[], None]

    def __init__(self, file: str, name: str, *, pages: int, instead: dict[str, str], after: Callable[[], None]) -> None:
        self._raw = apsw.Connection(file, vfs=name)
        self._instead = instead
        self._after = after
        self.execute("PRAGMA locking_mode=EXCLUSIVE")  # the log's index is then in this process's memory: no shared memory needed
        self.execute(f"PRAGMA wal_autocheckpoint={pages}")

    @property
    def in_transaction(self) -> bool:
        return self._raw.in_transaction

    @property
    def total_changes(self) -> int:
        return self._raw.total_changes()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Answer:
        """Run a statement to its end.

        Raises:
            sqlite3.Error: as sqlite3 would.
        """
        cursor = self._raw.cursor()
        names: dict[str, int] = {}
        rows: list[PowerRow] = []
        sql = self._instead.get(sql, sql)
        try:
            for values in cursor.execute(sql, parameters):
                names = names or {column[0]: place for place, column in enumerate(cursor.get_description())}
                row = PowerRow(values)
                row.names = names
                rows.append(row)
        except apsw.Error as error:
            kind = sqlite3.IntegrityError if isinstance(error, apsw.ConstraintError) else sqlite3.OperationalError
            fault = kind(str(error))
            fault.sqlite_errorcode = getattr(error, "extendedresult", 0)
            raise fault from error
        self._after()
        return Answer(rows, self._raw.changes() if sql.lstrip()[:7].upper().startswith(CHANGES) else -1)

    def close(self) -> None:
        self._raw.close()
