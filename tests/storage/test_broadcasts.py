"""Broadcasts in the real database: one version at a time, and the receipts of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import broadcasts as rules
from domain.broadcasts import Audience, Broadcast, State, Verb
from domain.people.people import Role
from storage.engine.database import Conflict
from tests.handlers.conftest import desk, town

if TYPE_CHECKING:
    from storage.unit import Unit
    from tests.desk import Desk

__all__ = ["desk", "town"]


async def test_who_decided_on_an_older_version_is_told_so_and_changes_nothing(desk: Desk):
    officer = await desk.person("张警官", Role.OFFICER, "上徐村")
    assert officer.person_id is not None
    author = officer.person_id
    refused: list[bool] = []

    async def compete(unit: Unit) -> Broadcast | None:
        village = desk.villages["上徐村"]
        draft = Broadcast(0, "tip", desk.station, author, "dialog.back", {}, Audience.GROUPS, (village,), State.DRAFT)
        kept = await unit.broadcasts.add(draft, at=desk.at)
        await unit.broadcasts.record(rules.simple(kept, Verb.DISCARD, author, at=desk.at))
        try:
            await unit.broadcasts.record(rules.confirm(kept, author, at=desk.at, version=1, total=9))
        except Conflict:
            refused.append(True)
        return await unit.broadcasts.find(kept.id)

    found = await desk.store.transact(compete)
    assert refused
    assert found is not None
    assert (found.state, found.version, found.total) == (State.DISCARDED, 2, 0)
    events = await desk.store.transact(lambda unit: unit.audit.of("broadcast:1"))
    assert [event.action for event in events] == ["broadcast.draft", "broadcast.discard"]
