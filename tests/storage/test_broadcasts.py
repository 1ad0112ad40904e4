"""Broadcasts in the real database: one version at a time, and the receipts of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import broadcasts as rules
from domain.broadcasts import Audience, Broadcast, State, Verb
from domain.people import Role
from storage.database import Conflict
from tests.handlers.conftest import harness, town

if TYPE_CHECKING:
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness

__all__ = ["harness", "town"]


async def test_who_decided_on_an_older_version_is_told_so_and_changes_nothing(harness: HandlerHarness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    assert officer.person_id is not None
    author = officer.person_id
    refused: list[bool] = []

    async def compete(unit: Unit) -> Broadcast | None:
        village = harness.villages["上徐村"]
        draft = Broadcast(0, "tip", harness.station, author, "dialog.back", {}, Audience.GROUPS, (village,), State.DRAFT)
        kept = await unit.broadcasts.add(draft, at=harness.at)
        await unit.broadcasts.record(rules.simple(kept, Verb.DISCARD, author, at=harness.at))
        try:
            await unit.broadcasts.record(rules.confirm(kept, author, at=harness.at, version=1, total=9))
        except Conflict:
            refused.append(True)
        return await unit.broadcasts.find(kept.id)

    found = await harness.store.transact(compete)
    assert refused
    assert found is not None
    assert (found.state, found.version, found.total) == (State.DISCARDED, 2, 0)
    events = await harness.store.transact(lambda unit: unit.audit.of("broadcast:1"))
    assert [event.action for event in events] == ["broadcast.draft", "broadcast.discard"]
