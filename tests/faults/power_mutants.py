"""Mutants for the power cuts: bugs injected for the length of one run.

They are injected into production, into its connection or into the disk; the cuts must find them. Knows the smallest entry point of each
promise. Every bug is a patch that is removed again, a statement that runs as another one, or a disk that ignores a sync; production has no
switch for any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import storage.engine.sqlite
import storage.migrations
from tests.faults import crash_mutants
from tests.faults.power_recorder import LOG
from tests.faults.power_wire import Wire
from tests.faults.process_lifetime import FILE


@dataclass(frozen=True)
class Mutant:
    """A bug: replaced statements, files whose sync is ignored, patched names of production.

    `shows`: the harness's message about it must contain one of these.
    """

    name: str = ""
    shows: tuple[str, ...] = ()
    instead: dict[str, str] = field(default_factory=dict)
    deaf: tuple[str, ...] = ()
    patches: Callable[[], list[crash_mutants.Patch]] = list

    @contextmanager
    def injected(self) -> Iterator[None]:
        """Let production have it for a while."""
        patches = self.patches()
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in patches]
        for owner, name, value in patches:
            setattr(owner, name, value)
        try:
            yield
        finally:
            for owner, name, value in before:
                setattr(owner, name, value)


class Hasty:
    """A connection that keeps the group's COMMIT for later."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    @property
    def in_transaction(self) -> bool:
        return bool(self._raw.in_transaction)

    @property
    def total_changes(self) -> int:
        return int(self._raw.total_changes)

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        return None if sql == "COMMIT" else self._raw.execute(sql, parameters)


def hasty() -> list[crash_mutants.Patch]:
    """A group's results are handed out before its COMMIT.

    The COMMIT comes with the next group or with the end.
    """
    real, close = storage.engine.sqlite.commit_group, Wire.close

    def commit_group(raw: Any, group: Any) -> Any:
        if raw.in_transaction:
            raw.execute("COMMIT")
            raw.noted()
        return real(cast("Any", Hasty(raw)), group)

    def close_after(self: Wire) -> None:
        if self.in_transaction:
            self.execute("COMMIT")
        close(self)

    return [(storage.engine.sqlite, "commit_group", commit_group), (Wire, "close", close_after)]


def in_pieces(raw: Any) -> list[str]:
    """Migrate statement by statement."""
    return storage.migrations.migrate(cast("Any", Pieces(raw)))


class Pieces:
    """A connection without transactions."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        return self._raw.execute(NOT_ONE_STEP.get(sql, sql), parameters)


FULL = "PRAGMA synchronous=FULL"
NOT_ONE_STEP = {"BEGIN IMMEDIATE": "SELECT 'begin'", "COMMIT": "SELECT 'commit'", "ROLLBACK": "SELECT 'rollback'"}
LOST = ("older than it was", "only state", "was confirmed", "not remembered")
RUINED = (*LOST, "damaged", "cannot be read", "is not a database")
HALF = ("never committed as a whole",)
MUTANTS = {
    mutant.name: mutant
    for mutant in (
        Mutant("synchronous=NORMAL", LOST, {FULL: "PRAGMA synchronous=NORMAL"}),
        Mutant("synchronous=OFF", RUINED, {FULL: "PRAGMA synchronous=OFF"}),
        Mutant("acknowledged before it is committed", LOST, patches=hasty),
        Mutant("a disk that does not sync the main file", RUINED, deaf=(FILE,)),
        Mutant("a disk that does not sync the log", RUINED, deaf=(LOG,)),
        Mutant("inbox row finished before the handler's transaction", HALF, patches=crash_mutants.inbox_before),
        Mutant("a migration that is not one transaction", HALF, patches=lambda: [(storage.engine.sqlite, "migrate", in_pieces)]),
    )
}
