"""Merging two records of one person: no data about the person stays with the empty record."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime

from bot.process.database_startup import open_database
from domain.core.change import PersonId
from storage.people.privacy import split
from storage.unit import Store
from tests.contracts.declarations import personal_columns
from tests.storage.towns import change, filled

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


async def test_nothing_stays_behind_with_the_empty_half_and_nothing_is_there_twice(tmp_path):
    path = tmp_path / "town.db"
    url = await filled(path)
    change(path, "INSERT INTO case_parties (case_id, person_id, added_at) VALUES (3, 5, 0), (4, 3, 0), (4, 5, 0)")
    store = Store(await open_database(url))
    await store.transact(lambda unit: unit.privacy.merge(PersonId(3), into=PersonId(5), at=AT))
    await store.close()
    with contextlib.closing(sqlite3.connect(path)) as raw:
        for table, column in split(personal_columns(raw) - {"audit.actor_id"}):
            assert raw.execute(f"SELECT COUNT(*) FROM {table} WHERE {column} = 3").fetchone() == (0,), (table, column)  # noqa: S608 (the schema's own names)
        assert raw.execute("SELECT case_id FROM case_parties WHERE person_id = 5 ORDER BY case_id").fetchall() == [(3,), (4,), (5,)]
        assert raw.execute("SELECT name, phone FROM people WHERE id = 3").fetchone() == ("", "")
        assert raw.execute("PRAGMA foreign_key_check").fetchone() is None
