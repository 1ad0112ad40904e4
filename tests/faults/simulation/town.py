"""The cast of the simulated town, and the database in which it begins.

Knows people, posts and the tables that witness committed data; must not know the actions of people. Invariant: every villager's name, phone
and words are unique, so that an unauthorized reader is found.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from domain.calendar.schedules import next_after, parse_cron
from domain.core.change import Address, ChatId, PersonId, StationId, VillageId
from domain.people.people import Role
from storage.engine.sqlite import SqliteDatabase, connect
from storage.unit import Store, Unit

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

T = TypeVar("T")
FILE = "town.db"
BEGAN = datetime(2026, 2, 2, 1, 0, tzinfo=UTC)
STATIONS = ("甲所", "乙所")
#: Village → its station, both by number.
VILLAGES = (("东村", 0), ("西村", 0), ("南村", 1), ("北村", 1))
VILLAGERS = 4
#: A villager's words contain their village and the number of the step.
WORD = re.compile(r"槐(\d)记(\d+)号")
PHONE = re.compile(r"1390(\d)\d{6}")
NAME = re.compile(r"阿(\d)乙(\d)")
#: Nights in which a clock is put on or back are among the simulated days.
CRON = "30 2 * * *"

WITNESSES = """
CREATE TABLE seen_moves (id INTEGER PRIMARY KEY, case_id INTEGER, old TEXT, new TEXT, version INTEGER);
CREATE TRIGGER seen_case_opened AFTER INSERT ON cases BEGIN
    INSERT INTO seen_moves (case_id, old, new, version) VALUES (new.id, '', new.state, new.version); END;
CREATE TRIGGER seen_case_moved AFTER UPDATE OF version ON cases BEGIN
    INSERT INTO seen_moves (case_id, old, new, version) VALUES (new.id, old.state, new.state, new.version); END;
CREATE TABLE seen_inbox (id INTEGER PRIMARY KEY, row_id INTEGER, update_id INTEGER, effect TEXT, old TEXT, new TEXT, fault TEXT);
CREATE TRIGGER seen_inbox_kept AFTER INSERT ON inbox BEGIN
    INSERT INTO seen_inbox (row_id, update_id, effect, old, new, fault) VALUES (new.id, new.update_id, new.effect, '', new.state, ''); END;
CREATE TRIGGER seen_inbox_moved AFTER UPDATE OF state ON inbox BEGIN
    INSERT INTO seen_inbox (row_id, update_id, effect, old, new, fault)
    VALUES (new.id, new.update_id, new.effect, old.state, new.state, new.fault); END;
CREATE TABLE seen_outbox (id INTEGER PRIMARY KEY, row_id INTEGER, old TEXT, new TEXT, fault TEXT, key TEXT, created_at INTEGER, batch TEXT, attempts INTEGER,
    priority INTEGER);
CREATE TRIGGER seen_outbox_moved AFTER UPDATE OF state ON outbox WHEN old.state <> new.state BEGIN
    INSERT INTO seen_outbox (row_id, old, new, fault, key, created_at, batch, attempts, priority)
    VALUES (new.id, old.state, new.state, new.fault, new.key, new.created_at, new.batch, new.attempts, new.priority); END;
CREATE TABLE seen_told (id INTEGER PRIMARY KEY, row_id INTEGER, cause TEXT);
CREATE TRIGGER seen_outbox_put AFTER INSERT ON outbox BEGIN 
    INSERT INTO seen_told (row_id, cause) VALUES (new.id, new.unique_key); END;
CREATE INDEX seen_told_cause ON seen_told(cause);
CREATE INDEX seen_inbox_effect ON seen_inbox(effect);
CREATE INDEX seen_inbox_update ON seen_inbox(update_id);
CREATE TABLE seen_timers (id INTEGER PRIMARY KEY, timer_id INTEGER, subject TEXT, kind TEXT, old TEXT, new TEXT, data TEXT);
CREATE TRIGGER seen_timer_moved AFTER UPDATE OF state ON timers WHEN old.state <> new.state BEGIN
    INSERT INTO seen_timers (timer_id, subject, kind, old, new, data)
    VALUES (new.id, new.subject, new.kind, old.state, new.state, new.data); END;
"""


@dataclass(frozen=True)
class Actor:
    """A person with a phone.

    `post`: their role in the town when it begins; `village`, `station`: by number, -1: none.
    """

    index: int
    post: str
    user_id: int
    name: str
    phone: str
    village: int
    station: int


def cast() -> tuple[Actor, ...]:
    """Return everybody, in the same order always."""
    found: list[Actor] = []

    def add(post: str, name: str, phone: str, village: int, station: int) -> None:
        index = len(found)
        found.append(Actor(index, post, 20_000 + index, name, phone, village, station))

    for village, (_, station) in enumerate(VILLAGES):
        for number in range(VILLAGERS):
            post = "spammer" if (village, number) == (0, 3) else "attacker" if number == 3 and village in (1, 3) else "villager"
            add(post, f"阿{village}乙{number}", f"1390{village}{number:06d}", village, station)
        add("chair", f"主任{'东西南北'[village]}", f"1380000{village:04d}", village, station)
        add("officer", f"警官{'东西南北'[village]}", f"1380001{village:04d}", village, station)
    add("secretary", "书记东", "13800020000", 0, 0)
    add("officer", "旧警东", "13800020001", 0, 0)
    for station in range(len(STATIONS)):
        add("duty", f"值班{'甲乙'[station]}", f"1380003{station:04d}", -1, station)
        add("leader", f"所长{'甲乙'[station]}", f"1380004{station:04d}", -1, station)
    add("admin", "管理员", "13800050000", -1, 0)
    add("stranger", "路人", "13800060000", -1, -1)
    return tuple(found)


CAST = cast()
ADMIN = next(actor for actor in CAST if actor.post == "admin")
ROLES = {"chair": Role.CHAIR, "officer": Role.OFFICER, "secretary": Role.SECRETARY, "duty": Role.DUTY, "leader": Role.LEADER}


class Inline:
    """Production's connection, hopped into on the only thread there is."""

    def __init__(self, path: Path) -> None:
        self.raw = connect(path, create=True)

    async def run_in_thread(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run it here and now."""
        return function(self.raw)

    async def close(self) -> None:
        """Close it."""
        self.raw.close()


def make(folder: Path, zone: ZoneInfo, *, at: datetime, consent: str) -> None:
    """Make the database of a town that a seed begins with."""
    asyncio.run(_make(folder / FILE, zone, at, consent))


async def _make(path: Path, zone: ZoneInfo, at: datetime, consent: str) -> None:
    connection = Inline(path)
    database = SqliteDatabase(connection)
    await database.migrate()
    store = Store(database)
    await store.transact(lambda unit: _people(unit, consent))
    await store.transact(lambda unit: _schedule(unit, zone, at))
    connection.raw.executescript(WITNESSES)
    connection.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    await store.close()


async def _people(unit: Unit, consent: str) -> None:
    ids: dict[int, tuple[StationId, VillageId]] = {}
    stations = [StationId(await _insert(unit, "INSERT INTO stations (name) VALUES (?) RETURNING id", name)) for name in STATIONS]
    for number, (name, station) in enumerate(VILLAGES):
        village = await _insert(unit, "INSERT INTO villages (station_id, name) VALUES (?, ?) RETURNING id", stations[station], name)
        ids[number] = stations[station], VillageId(village)
    for actor in CAST:
        if actor.post in ("stranger", "admin"):
            continue
        home = ids[actor.village][1] if actor.village >= 0 else None
        person = PersonId(
            await unit.people.add(actor.name, at=BEGAN, language="zh", phone=actor.phone, village_id=home, consent_version=consent)
        )
        await unit.people.attach(person, Address("telegram", ChatId(actor.user_id)), at=BEGAN)
        role = ROLES.get(actor.post)
        if role is not None:
            await unit.people.appoint(person, role, station_id=stations[actor.station], village_id=home, at=BEGAN)


async def _insert(unit: Unit, sql: str, *params: Any) -> int:
    row = await unit.transaction.fetch_one(sql, params)
    assert row is not None
    return int(row["id"])


async def _schedule(unit: Unit, zone: ZoneInfo, at: datetime) -> None:
    """Add a schedule that runs every night at an hour that some nights repeat or skip."""
    next_at = next_after(parse_cron(CRON), at, zone)
    author = await unit.people.find_by_address(Address("telegram", ChatId(CAST[5].user_id)), at=at)
    assert author is not None
    data = {"author_id": author.id, "audience": "both"}
    await unit.timers.add_schedule(
        "tips", station_id=StationId(1), name="每夜", cron=CRON, data=data, next_at=next_at, created_by=author.id, at=at
    )


def copy(template: Path, folder: Path) -> Path:
    """Return a fresh town made of a template."""
    path = folder / FILE
    shutil.copyfile(template / FILE, path)
    return path
