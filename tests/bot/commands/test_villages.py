"""Close a village, or merge it into another: nothing open and nobody is left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands.check import oddities
from bot.commands.roster_files import read_roster
from bot.commands.roster_import import Wishes, import_roster
from bot.commands.villages import close_village
from bot.process.database_startup import open_database
from domain.core.change import Address, ChatId, PersonId, VillageId
from domain.people.people import Role
from storage.unit import Store, Unit
from tests.engines import new_database

ENGINES = ("sqlite", "postgres")
AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
ROSTER = """
station: 禾安所
villages: [上徐村, 下李村]
people:
  - {name: 王主任, role: chair, villages: [上徐村], telegram_id: 1001}
  - {name: 赵主任, role: chair, villages: [下李村], telegram_id: 1002}
  - {name: 张警官, role: officer, villages: [上徐村, 下李村], telegram_id: 1003}
"""


@pytest.fixture
async def store(engine: str, tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(await open_database(await new_database(engine, tmp_path)))
    await import_roster(opened, read_roster(ROSTER.encode()), at=AT)
    yield opened
    await opened.close()


async def execute(store: Store, *statements: str) -> None:
    async def run(unit: Unit) -> None:
        for sql in statements:
            await unit.transaction.execute(sql)

    await store.transact(run)


async def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await store.transact(lambda unit: unit.transaction.fetch_all(sql))]


LADDER = '{"spans": [3600, 3600, 3600, 3600], "stalled": 259200, "follow_up": 604800, "remind": 0.5, "always": false}'
RESIDENT = "INSERT INTO people (id, name, village_id, created_at) VALUES (90, '周大妈', 2, 0)"
CASES = tuple(
    "INSERT INTO cases (id, kind, severity, state, village_id, station_id, text, holder, rung, ladder, opened_at, acted_at, ended_at)"  # noqa: S608
    f" VALUES ({number}, 'other', 'ordinary', 'open', 2, 1, '', 'officer', 1, '{LADDER}', 0, 0, {ended})"
    for number, ended in ((1001, "NULL"), (1002, "5"))
)
TRAININGS = tuple(
    sql
    for number, ended in ((1, "NULL"), (2, "5"))
    for sql in (
        "INSERT INTO trainings (id, station_id, organiser_id, organiser_name, subject, place, starts_at, ends_at, state, created_at, ended_at)"  # noqa: S608
        f" VALUES ({number}, 1, 1, '', '', '', 0, 0, 'announced', 0, {ended})",
        f"INSERT INTO training_villages (training_id, village_id) VALUES ({number}, 1), ({number}, 2)",  # noqa: S608
    )
)

#: Records of the kit.
BLOCKS = tuple(
    "INSERT INTO blocks (id, village_id, station_id, person_id, case_id, reason, days, state, opened_by, opened_at, ended_at)"  # noqa: S608
    f" VALUES ({number}, 2, 1, 1, 1001, '', 7, 'active', 1, 0, {ended})"
    for number, ended in ((1, "NULL"), (2, "5"))
)


async def test_village_with_residents_and_open_things_closes_only_into_another(store):
    await execute(store, RESIDENT, *CASES, *TRAININGS, *BLOCKS)
    assert await close_village(store, "下李村", at=AT) == (
        ["下李村 still has 2 residents, 1 reports, 1 trainings, 1 blocks. Name the village that takes them: --into NAME."],
        [],
    )
    assert (await close_village(store, "下李村", into="下李村", at=AT))[0] == ["The station of 下李村 has no other village “下李村”."]
    faults, lines = await close_village(store, "下李", into="上徐", at=AT)
    assert (faults, lines) == ([], ["下李村 is closed. Moved to 上徐: 2 residents, 1 reports, 1 trainings, 1 blocks."])
    assert await rows(store, "SELECT village_id FROM people WHERE id = 90") == [(1,)]
    assert await rows(store, "SELECT id, village_id FROM cases ORDER BY id") == [(1001, 1), (1002, 2)]
    assert await rows(store, "SELECT id, village_id FROM blocks ORDER BY id") == [(1, 1), (2, 2)]
    assert await rows(store, "SELECT training_id, village_id FROM training_villages ORDER BY 1, 2") == [(1, 1), (2, 1), (2, 2)]
    assert [village.name for village in await store.transact(lambda unit: unit.people.list_villages())] == ["上徐村"]


async def test_posts_of_a_closed_village_end(store):
    assert (await close_village(store, "下李村", into="上徐村", at=AT))[0] == []
    held = await rows(store, "SELECT person_id, role, village_id FROM posts WHERE until_at IS NULL ORDER BY id")
    assert held == [(1, "chair", 1), (3, "officer", 1)]
    events = await rows(store, "SELECT subject FROM audit WHERE action = 'village_closed'")
    assert events == [("village:2",)]


async def test_village_is_named_with_its_station_when_two_have_the_name(store):
    second = ROSTER.replace("禾安所", "古山所").replace("上徐村", "古山村").replace("telegram_id: 100", "telegram_id: 200")
    assert (await import_roster(store, read_roster(second.encode()), at=AT, wishes=Wishes(new_station=True))).faults == ()
    names = [village.name for village in await store.transact(lambda unit: unit.people.list_villages())]
    assert names == ["上徐村", "下李村（禾安所）", "古山村", "下李村（古山所）"]
    faults, _ = await close_village(store, "下李村", at=AT)
    assert faults == ["Several stations have a village “下李村” (下李村（禾安所）, 下李村（古山所）): add --station NAME."]
    assert (await close_village(store, "下李村", into="古山村", station="古山所", at=AT))[0] == []
    names = [village.name for village in await store.transact(lambda unit: unit.people.list_villages())]
    assert names == ["上徐村", "下李村", "古山村"]


async def test_unknown_village_is_not_closed(store):
    assert await close_village(store, "东岭村", at=AT) == (["There is no open village “东岭村”."], [])


# Check ----------------------------------------------------------------------------------------------------------------


async def odd(store: Store) -> tuple[str, str]:
    faults, remarks = await store.transact(lambda unit: oddities(unit.transaction))
    return "\n".join(faults), "\n".join(remarks)


async def test_check_is_silent_about_a_whole_town(store):
    assert await odd(store) == ("", "")


async def test_check_names_second_chairs_and_posts_without_a_chat(store):
    async def build(unit: Unit) -> None:
        person_id = await unit.people.add("孙主任", at=AT)
        await unit.people.appoint(
            person_id, Role.CHAIR, station_id=(await unit.rosters.list_stations())[0][0], village_id=VillageId(1), at=AT
        )

    await store.transact(build)
    _, remarks = await odd(store)
    assert "上徐村 has 2 chairs, and each gets every message: 王主任, 孙主任." in remarks
    assert "1 posts are held by people without a chat; their messages go to the next post: 孙主任 (chair 上徐村)." in remarks
    await store.transact(lambda unit: unit.people.attach(PersonId(4), Address("telegram", ChatId(9)), at=AT))
    assert "without a chat" not in (await odd(store))[1]


async def test_check_names_equal_and_near_villages(store):
    for name in ("上徐", "下季村"):
        await execute(store, f"INSERT INTO villages (station_id, name) VALUES (1, '{name}')")  # noqa: S608 (our own names)
    await execute(store, "INSERT INTO stations (name) VALUES ('古山所')", "INSERT INTO villages (station_id, name) VALUES (2, '下李村')")
    faults, remarks = await odd(store)
    assert faults == "One station has 上徐村 and 上徐, which are spellings of one name: merge them with close-village 上徐 --into 上徐村."
    assert "下季村 may be 下李村 written otherwise" in remarks
    assert "2 stations have a village “下李村”" in remarks
