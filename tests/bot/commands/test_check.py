"""`check` reports faults on both engines and changes no byte and no table."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest

from bot.commands.check import check
from bot.process.database_startup import database_path, moved_note, open_database
from bot.settings import Settings
from storage.migrations import latest
from tests.engines import new_database, postgres, rows

ENGINES = ("sqlite", "postgres")
SHAPED = "123456789:" + "A" * 35
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"


@pytest.fixture
async def address(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database at the newest schema, without anybody in it."""
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    monkeypatch.setenv("TONGXIN_TELEGRAM__TOKEN", SHAPED)
    return await new_database(engine, tmp_path)


async def told(address: str) -> tuple[str, str]:
    """Run the check; return the faults and the remarks as texts.

    A file and its neighbours must have the same bytes afterwards.
    """
    settings, before = Settings.model_validate({"database": {"url": address}, "admins": [1]}), bytes_of(address)
    faults, remarks = await check(settings)
    assert bytes_of(address) == before
    return "\n".join(faults), "\n".join(remarks)


def bytes_of(address: str) -> dict[str, bytes]:
    if not address.startswith("sqlite"):
        return {}
    return {file.name: file.read_bytes() for file in database_path(address).parent.glob("town.db*")}


async def execute(address: str, *statements: str) -> None:
    database = await open_database(address)
    for sql in statements:
        await database.transact(lambda transaction, sql=sql: transaction.execute(sql))  # type: ignore[misc]  # a default binds it
    await database.close()


async def test_a_database_without_a_village_is_not_well(address):
    faults, remarks = await told(address)
    assert faults == "There is no village yet: import the roster first (python -m bot import-roster FILE)."
    assert f": 0 people, 0 cases, schema {latest()}." in remarks


async def test_spans_of_some_cases_are_shown_and_an_unknown_village_is_named(address, monkeypatch):
    rows = '[{"kind": "dispute", "category": "labour", "chair_within": "P1DT4H"}, {"villages": ["没有村"], "officer_within": "PT30M"}]'
    monkeypatch.setenv("TONGXIN_ESCALATION__BY", rows)
    faults, remarks = await told(address)
    assert "escalation.by names the village 没有村, which does not exist." in faults
    assert "Spans of all cases: chair 8 h, officer 4 h, desk and leader 4 h, silence 5 d, question 7 d." in remarks
    assert "Spans of cases with kind dispute, category labour: chair 1 d 4 h, officer 4 h," in remarks
    assert "Spans of cases with village 没有村: chair 8 h, officer 30 min," in remarks
    assert "Rounds of an urgent case: second wave 1 min 30 s, phones 2 min, police 5 min, wide 10 min, then every 5 min." in remarks
    assert "Responders: 3 are enough, late after 5 min, at most 30 volunteers; at once up to 1 km from the place," in remarks
    assert "A drill ends after 30 min." in remarks


async def test_a_village_that_nobody_can_be_reached_for_is_named(address):
    village = "INSERT INTO villages (id, station_id, name) VALUES (1, 1, '上徐村')"
    await execute(
        address, "INSERT INTO stations (id, name) VALUES (1, '所')", village, "INSERT INTO people (name, created_at) VALUES ('王', 0)"
    )
    faults, remarks = await told(address)
    assert faults == "上徐村 has no chair.\n上徐村 has no officer."
    assert "1 people, 0 cases" in remarks


async def test_an_older_schema_is_told_and_left_to_the_bot(address):
    await execute(address, "DELETE FROM migrations WHERE number = (SELECT MAX(number) FROM migrations)")
    faults, remarks = await told(address)
    assert faults == ""
    assert f"The next start of the bot brings the database to schema {latest()}." in remarks
    assert await rows(address, "SELECT MAX(number) FROM migrations") == [(latest() - 1,)]


async def test_a_newer_schema_is_a_fault(address):
    await execute(address, "INSERT INTO migrations (number, name) VALUES (9999, 'tomorrow')")
    assert "newer version" in (await told(address))[0]


async def test_a_token_that_looks_like_none_is_remarked_and_not_quoted(address, monkeypatch):
    assert "token" not in (await told(address))[1]
    monkeypatch.setenv("TONGXIN_TELEGRAM__TOKEN", "123456:the-token-from-BotFather")
    faults, remarks = await told(address)
    assert "The bot token does not look like one" in remarks
    assert "the-token-from" not in faults + remarks


class TestServer:
    """States that only a database on a server can have."""

    @pytest.fixture
    def empty(self, monkeypatch):
        monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
        monkeypatch.setenv("TONGXIN_TELEGRAM__TOKEN", SHAPED)
        return postgres().copy

    async def test_an_empty_database_stays_empty(self, empty):
        address = await empty()
        faults, _ = await told(address)
        assert faults == "The database is empty: import the roster first (python -m bot import-roster FILE)."
        assert await rows(address, TABLES) == []

    async def test_tables_of_somebody_else_are_a_sentence(self, empty):
        address = await empty()
        await postgres().execute("DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN")
        await (await open_database(address)).close()
        faults, _ = await told(address.replace("postgres:", "stranger:"))
        assert "permission denied" in faults


class TestFile:
    """States that only a file can have."""

    @pytest.fixture
    async def town(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
        monkeypatch.setenv("TONGXIN_TELEGRAM__TOKEN", SHAPED)
        return await new_database("sqlite", tmp_path)

    async def test_no_file_is_a_fault_and_none_is_made(self, town, tmp_path):
        faults, _ = await told(f"sqlite:///{tmp_path / 'none.db'}")
        assert "There is no database at" in faults
        assert not (tmp_path / "none.db").exists()

    async def test_a_town_that_moved_is_a_fault(self, town):
        moved_note(database_path(town)).write_text("It moved.", encoding="utf-8")
        assert "It moved." in (await told(town))[0]

    async def test_a_file_that_something_changed_is_a_fault(self, town):
        await (await open_database(town)).close()  # a stop seals the file
        with contextlib.closing(sqlite3.connect(database_path(town))) as raw:
            raw.execute("PRAGMA secure_delete = ON")
            raw.execute("INSERT INTO facts (name, value) VALUES ('a', 'b')")
            raw.commit()
        assert "something changed it" in (await told(town))[0]
