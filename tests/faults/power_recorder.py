"""Production on a disk whose power can be cut, and its promises at every moment.

Knows production's connection (pragmas, statements, errors), its mark beside the file, and where it makes a promise: a unit's result handed
out, an update confirmed, a message sent. Must not know stories or cuts. Invariant: no production code is repeated here; its own `connect`,
`commit_group`, `migrate` and `Mark` run, and only the driver below them is replaced.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import apsw

from storage.engine.integrity import Mark, Stamp, mark_of
from storage.engine.sqlite import SqliteDatabase, connect
from storage.migrations import migrate
from tests.faults.crash_world import Memory, Server
from tests.faults.power import Disk, Op
from tests.faults.power_wire import RecordingVfs, Wire
from tests.faults.process_lifetime import FILE

T = TypeVar("T")
LOG = f"{FILE}-wal"
MARK = mark_of(Path(FILE)).name


@dataclass(frozen=True, slots=True)
class State:
    """A state of the whole database: a digest of every row and of the schema.

    `at`: the log's length when it was committed.
    """

    at: int
    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Told:
    """The promises made to the world when the log had `at` operations.

    They cover everything up to state `state`. `world`: a copy of the memory.
    """

    at: int
    state: int
    world: bytes


@dataclass
class Recording:
    """A run on the disk: first files, operations, committed states and promised states."""

    begin: dict[str, bytes]
    log: list[Op] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    def bounds(self, at: int) -> tuple[int, int, bytes]:
        """Return the bounds of the state when the log had `at` operations.

        They are (the promised state, the last state that may exist, the memory).
        """
        done = [told for told in self.told if told.at <= at]
        ended = sum(state.at <= at for state in self.states)
        return (done[-1].state, ended, done[-1].world) if done else (0, ended, b"")


def remembered(raw: Any) -> tuple[int, str]:
    """Return (the number of the last commit, a digest of the schema and of every row)."""
    schema = raw.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    whole = hashlib.blake2b(repr([tuple(row) for row in schema]).encode(), digest_size=12)
    for kind, table, *_ in schema:
        if kind == "table":
            whole.update(repr([tuple(row) for row in raw.execute(f"SELECT * FROM {table}")]).encode())  # noqa: S608 - the schema's own names
    number, database = (raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id"))
    whole.update(f"{number} {database}".encode())
    return int(number), whole.hexdigest()


class Recorder:
    """Records a run in `recording`; `disk` is its disk.

    `scratch`: an empty folder for production's mark, which writes its own file.
    """

    def __init__(self, disk: Disk, recording: Recording, memory: Memory, scratch: Path, *, pages: int, instead: dict[str, str]) -> None:
        self.disk = disk
        self.recording = recording
        self.memory = memory
        self.scratch = scratch
        self.raw: Wire | None = None
        self._pages = pages
        self._instead = instead
        self._migrating = False
        self._looking = False

    def opens(self, *_: object, **__: object) -> Any:
        """Replace `sqlite3.connect`."""
        self.raw = Wire(FILE, "power", pages=self._pages, instead=self._instead, after=self._ran)
        self.raw.noted = self.committed
        return self.raw

    def connect(self) -> sqlite3.Connection:
        """Open the file as production does."""
        real, sqlite3.connect = sqlite3.connect, self.opens
        try:
            raw = connect(Path(FILE), create=True)
        finally:
            sqlite3.connect = real
        self.committed()
        return raw

    def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function of production in the connection's thread and note the state it leaves.

        Each step of a migration is a state too.
        """
        self._migrating = function is migrate
        try:
            return function(cast("sqlite3.Connection", self.raw))
        finally:
            self._migrating = False
            self.committed()

    def committed(self) -> None:
        """Note the state, if it is another one."""
        if self.raw is None or self.raw.in_transaction or self._looking:
            return
        log, states = self.disk.log, self.recording.states
        if states and len(log) == self._seen:
            return
        self._looking = True
        number, digest = remembered(self.raw)
        self._looking = False
        self._seen = len(log)
        if not states or states[-1].digest != digest:
            states.append(State(len(log), number, digest))

    _seen = -1

    def promise(self) -> None:
        """Note that everything which this connection sees has been told to somebody.

        This includes data of an open transaction.
        """
        ahead = self.raw is not None and self.raw.in_transaction
        state = len(self.recording.states) - (not ahead)
        self.recording.told.append(Told(len(self.disk.log), state, self.memory.keep()))

    def _ran(self) -> None:
        if self._migrating:
            self.committed()


def stand_ins(recorder: Recorder) -> dict[str, Any]:
    """Return replacements of a run's connection, database, mark, server and file check."""

    class PowerInline:
        """Production's connection on this disk, hopped into on the only thread there is."""

        def __init__(self, *_: object) -> None:
            self.raw = recorder.connect()

        async def run_in_thread(self, function: Callable[[sqlite3.Connection], T]) -> T:
            return recorder.run(function)

        async def close(self) -> None:
            recorder.raw = None
            self.raw.close()

    class TellingDatabase(SqliteDatabase):
        """Writes down when a result is handed out."""

        async def transact(self, work: Any) -> Any:
            result = await super().transact(work)
            recorder.promise()
            return result

        async def transact_many(self, works: Any) -> Any:
            results = await super().transact_many(works)
            recorder.promise()
            return results

        async def migrate(self) -> list[str]:
            done = await super().migrate()
            recorder.promise()
            return done

    class TellingServer(Server):
        """Records the updates it was asked to forget and the messages it showed."""

        async def poll(self, *, offset: int, seconds: int, kinds: tuple[str, ...]) -> list[Any]:
            recorder.memory.forgotten = max(offset, recorder.memory.forgotten)
            recorder.promise()
            return await super().poll(offset=offset, seconds=seconds, kinds=kinds)

        async def call(self, method: str, /, *, within: float | None = None, **fields: Any) -> Any:
            try:
                return await super().call(method, within=within, **fields)
            finally:
                recorder.promise()

    return {
        "Inline": PowerInline,
        "SqliteDatabase": TellingDatabase,
        "Server": TellingServer,
        "Mark": lambda path: PowerMark(recorder),
        "examine": lambda path: None,
    }


class PowerMark(Mark):
    """Production's mark in a scratch folder, copied to the disk at each write.

    It is never synced.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._disk = recorder.disk
        self._folder = recorder.scratch
        (self._folder / MARK).unlink(missing_ok=True)
        if MARK in self._disk.files:
            (self._folder / MARK).write_bytes(self._disk.files[MARK])
        super().__init__(self._folder / FILE)

    def note(self, stamp: Stamp) -> None:
        super().note(stamp)
        self._follow()

    def seal(self) -> None:
        lay_out(self._disk.files, self._folder)
        super().seal()
        self._follow()

    def _follow(self) -> None:
        """Write the contents of the scratch folder to the disk."""
        path = self._folder / MARK
        content = path.read_bytes() if path.exists() else b""
        if content and MARK not in self._disk.files:
            self._disk.create(MARK, with_folder=False)
        was = bytes(self._disk.files.get(MARK, b""))
        for at in (0, 64):
            part = content[at : at + 64] if at == 0 else content[at:]
            if part and part != (was[at : at + 64] if at == 0 else was[at:]):
                self._disk.write(MARK, part, at)


def lay_out(files: dict[str, Any], folder: Path) -> None:
    """Fill a folder with these files and remove any other file of a database.

    Its mark is kept if these files contain none.
    """
    for path in folder.glob(f"{FILE}*"):
        if path.name not in files and path.name != MARK:
            path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)


@contextmanager
def on_the_disk(
    module: Any,
    begin: dict[str, bytes],
    scratch: Path,
    memory: Memory,
    *,
    seed: str,
    pages: int = 1000,
    instead: dict[str, str] | None = None,
    deaf: Sequence[str] = (),
) -> Iterator[Recorder]:
    """Let lives that `module` begins live on a disk that begins with these files.

    `pages`: the log is written back after so many; `instead`, `deaf`: mutants of the connection and of the disk.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    disk = Disk(begin, deaf=deaf)
    recording = Recording(begin, disk.log)
    recorder = Recorder(disk, recording, memory, scratch, pages=pages, instead=instead or {})
    names = stand_ins(recorder)
    before = {name: getattr(module, name) for name in names}
    vfs = RecordingVfs("power", disk, seed=seed)
    try:
        for name, value in names.items():
            setattr(module, name, value)
        yield recorder
    finally:
        for name, value in before.items():
            setattr(module, name, value)
        with contextlib.suppress(sqlite3.Error, apsw.Error):
            if recorder.raw is not None:
                recorder.raw.close()
        vfs.close()
