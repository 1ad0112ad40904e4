"""The town of the measured bot: 42 villages, a chair and an officer each, and villagers.

Knows storage's public methods and plain SQL.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from benchmarks.server import FIRST_USER
from bot.process.database_startup import open_database
from domain.core.change import Address, ChatId, StationId, VillageId
from domain.people.people import Role
from storage.unit import Store, Unit

if TYPE_CHECKING:
    from pathlib import Path

USERS = 500
VILLAGES = 42
FIRST_CHAIR, FIRST_OFFICER, LEADER = 5_000_000, 6_000_000, 7_000_000
AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


async def prepare(url: str) -> None:
    """Create a town in an empty database."""
    store = Store(await open_database(url))
    await store.transact(build)
    await store.close()


def url_of(folder: Path) -> str:
    """Return the address of a folder's own SQLite file."""
    return f"sqlite:///{folder / 'town.db'}"


async def build(unit: Unit) -> None:
    """Put a station, its villages, their posts and USERS villagers into an empty database."""
    row = await unit.transaction.fetch_one("INSERT INTO stations (name) VALUES ('所') RETURNING id")
    assert row is not None
    station = StationId(row["id"])
    for index in range(VILLAGES):
        row = await unit.transaction.fetch_one(
            "INSERT INTO villages (station_id, name) VALUES (?, ?) RETURNING id", (station, f"村{index}")
        )
        assert row is not None
        for role, number in ((Role.CHAIR, FIRST_CHAIR + index), (Role.OFFICER, FIRST_OFFICER + index % 9)):
            await _appoint(unit, role, number, station=station, village=VillageId(row["id"]))
    await _appoint(unit, Role.LEADER, LEADER, station=station, village=None)
    for index in range(USERS):
        person = await unit.people.add(f"村民{index}", at=AT, village_id=VillageId(index % VILLAGES + 1), consent_version="1")
        await unit.people.attach(person, Address("telegram", ChatId(FIRST_USER + index)), at=AT)


async def _appoint(unit: Unit, role: Role, number: int, *, station: StationId, village: VillageId | None) -> None:
    person = await unit.people.add(f"{role}{number}", at=AT, village_id=village, consent_version="1")
    await unit.people.attach(person, Address("telegram", ChatId(number)), at=AT)
    await unit.people.appoint(person, role, station_id=station, village_id=village, at=AT)
