"""Two who turn out to be one: nothing that says something of a person stays behind with the empty half."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime

from bot.process.database_startup import open_database
from domain.core.change import PersonId
from storage.features import REGISTRY
from storage.people.privacy import split
from storage.unit import Store
from tests.storage.towns import change, filled, tables

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


def personal(raw: sqlite3.Connection) -> set[tuple[str, str]]:
    """Every column that points to a person, by its reference or by how such columns are called."""
    words = ("person_id", "_by", "author_id", "actor_id", "deputy_id", "issuer_id", "replaces_id", "reporter_id", "holder_id", "chair_id")
    found = set()
    for table in tables(raw):
        found |= {(table, row[3]) for row in raw.execute(f'PRAGMA foreign_key_list("{table}")') if row[2] == "people"}
        found |= {(table, row[1]) for row in raw.execute(f'PRAGMA table_info("{table}")') if row[1].endswith(words)}
    return found


async def test_every_column_that_names_a_person_goes_along_or_is_known_to_stay(tmp_path):
    await filled(tmp_path / "town.db")
    declared = REGISTRY.personal
    moved = {*split(declared.moved), *((table, "person_id") for table, _ in split(declared.once))}
    stays = {column for columns in declared.stays.values() for column in split(columns)}
    with contextlib.closing(sqlite3.connect(tmp_path / "town.db")) as raw:
        assert personal(raw) == moved | stays


async def test_nothing_stays_behind_with_the_empty_half_and_nothing_is_there_twice(tmp_path):
    path = tmp_path / "town.db"
    url = await filled(path)
    change(path, "INSERT INTO case_parties (case_id, person_id, added_at) VALUES (3, 5, 0), (4, 3, 0), (4, 5, 0)")
    store = Store(await open_database(url))
    await store.transact(lambda unit: unit.privacy.merge(PersonId(3), into=PersonId(5), at=AT))
    await store.close()
    with contextlib.closing(sqlite3.connect(path)) as raw:
        for table, column in personal(raw) - {("audit", "actor_id")}:
            assert raw.execute(f"SELECT COUNT(*) FROM {table} WHERE {column} = 3").fetchone() == (0,), (table, column)  # noqa: S608 (the schema's own names)
        assert raw.execute("SELECT case_id FROM case_parties WHERE person_id = 5 ORDER BY case_id").fetchall() == [(3,), (4,), (5,)]
        assert raw.execute("SELECT name, phone FROM people WHERE id = 3").fetchone() == ("", "")
        assert raw.execute("PRAGMA foreign_key_check").fetchone() is None
