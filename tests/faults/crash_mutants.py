"""Mutants: bugs injected into production for the length of one run.

A harness must find them before its silence means anything. Knows the smallest entry point of each promise (the row that is finished, the
event that is recorded, the message that is put). Every bug is a patch that is removed again; production has no switch for any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bot.handling.update_processor
import storage.engine.sqlite
from bot.delivery.delivery import Delivery
from bot.handling.dispatch import perform
from storage.core.inbox import Inbox
from storage.core.outbox import Outbox
from storage.core.timers import Timers
from storage.engine.database import run_to_completion

Patch = tuple[Any, str, Any]
FORGETFUL = "confirmed before it is kept"


async def commit(transaction: Any) -> None:
    """End the transaction of a group in the middle of a unit, and begin another for the rest."""
    await transaction.execute("COMMIT")
    await transaction.execute("BEGIN IMMEDIATE")


def inbox_before() -> list[Patch]:
    """The row is finished in a transaction before its handler's."""
    real = Inbox.finish

    async def finish(self: Inbox, *args: Any, **facts: Any) -> bool:
        done = await real(self, *args, **facts)
        await commit(self._transaction)
        return done

    return [(Inbox, "finish", finish)]


def inbox_after() -> list[Patch]:
    """The row is finished in a transaction after its handler's."""
    real = Inbox.finish
    owed: list[Callable[[], Any]] = []

    async def finish(self: Inbox, inbox_id: int, **facts: Any) -> bool:
        owed.append(lambda: real(self, inbox_id, **facts))
        return True

    async def perform_first(unit: Any, *args: Any, **facts: Any) -> Any:
        act = await perform(unit, *args, **facts)
        await commit(unit.transaction)
        await owed.pop()()
        return act

    return [(Inbox, "finish", finish), (bot.handling.update_processor, "perform", perform_first)]


def message_after() -> list[Patch]:
    """A message is put in a transaction of its own, after the group's."""
    real = Outbox.put
    owed: list[Callable[[Any], Any]] = []

    async def put(self: Outbox, *args: Any, **facts: Any) -> int:
        owed.append(lambda transaction: real(Outbox(transaction), *args, **facts))
        return 1

    return [(Outbox, "put", put), _after_the_group(owed)]


def audit_after() -> list[Patch]:
    """An event is recorded in a transaction of its own, after the group's."""
    real = storage.engine.sqlite.SqliteTransaction.execute
    owed: list[Callable[[Any], Any]] = []

    async def execute(self: Any, sql: str, params: Any = ()) -> int:
        if not sql.startswith("INSERT INTO audit"):
            return await real(self, sql, params)
        owed.append(lambda transaction: real(transaction, sql, params))
        return 1

    return [(storage.engine.sqlite.SqliteTransaction, "execute", execute), _after_the_group(owed)]


def _after_the_group(owed: list[Callable[[Any], Any]]) -> Patch:
    """Run the deferred calls after each group, each in a transaction of its own."""
    commit_group = storage.engine.sqlite.commit_group

    def commit_then(raw: Any, group: Any) -> Any:
        outcomes = commit_group(raw, group)
        while owed:
            raw.execute("BEGIN IMMEDIATE")
            run_to_completion(owed.pop(0)(storage.engine.sqlite.SqliteTransaction(raw)))
            raw.execute("COMMIT")
        return outcomes

    return storage.engine.sqlite, "commit_group", commit_then


def newer_only() -> list[Patch]:
    """An update whose number is not above the highest one known counts as a repeat."""
    real = Inbox.keep

    async def keep(self: Inbox, raws: Any, *, at: Any) -> int:
        new = 0
        for raw in raws:
            row = await self._transaction.fetch_one("SELECT MAX(update_id) AS last FROM inbox")
            if row is None or row["last"] is None or raw.update_id > row["last"]:
                new += await real(self, [raw], at=at)
        return new

    return [(Inbox, "keep", keep)]


def timer_before() -> list[Patch]:
    """A timer is ended in a transaction before its effects."""
    real = Timers.finish

    async def finish(self: Timers, *args: Any, **facts: Any) -> bool:
        done = await real(self, *args, **facts)
        await commit(self._transaction)
        return done

    return [(Timers, "finish", finish)]


def sent_before() -> list[Patch]:
    """A message is marked sent before the server said yes, and lives to see it say so."""

    real = Delivery._try

    async def mark(self: Delivery, row: Any, state: str) -> None:
        sql = "UPDATE outbox SET state = ? WHERE id = ?"
        await self._store.transact(lambda unit: unit.transaction.execute(sql, (state, row.id)))

    async def attempt(self: Delivery, row: Any) -> Any:
        await mark(self, row, "sent")
        record = await real(self, row)
        await mark(self, row, "waiting")
        return record

    return [(Delivery, "_try", attempt)]


#: The bug → (how it is injected, the story that meets it).
MUTANTS: dict[str, tuple[Callable[[], list[Patch]], str]] = {
    "inbox row finished before the handler's transaction": (inbox_before, "report in one line"),
    "inbox row finished after the handler's transaction": (inbox_after, "report in one line"),
    "audit event in a transaction of its own": (audit_after, "report in one line"),
    "message put outside the unit": (message_after, "report in one line"),
    "repeats told by the highest number": (newer_only, "out of order"),
    FORGETFUL: (list, "report in one line"),
    "timer ended before its effect": (timer_before, "nobody answers"),
    "marked sent before the server's yes": (sent_before, "report in one line"),
}


@contextmanager
def injected(bug: str) -> Iterator[None]:
    """Let production have a bug for a while; without a name, none."""
    patches = MUTANTS[bug][0]() if bug else []
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in patches]
    for owner, name, value in patches:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)
