"""Backup and restore: encrypted, proven, and never in place of something better."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.commands.backup_encryption import Unsealable, key_from, seal, unseal
from bot.commands.backups import back_up, restore
from bot.process.database_startup import CannotStart, address_of, alone, opened_store
from bot.settings import DatabaseSection, Settings
from storage.engine.sqlite import SqliteDatabase
from storage.maintenance.backup import RESTORED

AT = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
async def settings(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    database = await SqliteDatabase.open(tmp_path / "town.db")
    await database.migrate()
    await database.run_in_thread(
        lambda raw: raw.execute("INSERT INTO people (name, phone, created_at) VALUES ('王建国', '13812345678', 0)").fetchall()
    )
    await database.close()
    return Settings.model_validate(
        {"database": {"url": f"sqlite:///{tmp_path / 'town.db'}"}, "backup": {"folder": tmp_path / "backups", "keep": 2}}
    )


def lose_the_disk(settings: Settings) -> None:
    """Lose the database file; its last state is unknown."""
    Path(settings.database.url.removeprefix("sqlite:///")).unlink()


def test_a_backup_is_proven_and_holds_nothing_readable(settings):
    file, counts = back_up(settings, at=AT)
    assert counts["people"] == 1
    assert "王建国".encode() not in file.read_bytes()
    assert b"13812345678" not in file.read_bytes()
    assert (file.stat().st_mode & 0o077) == 0


@pytest.mark.parametrize("url", ["postgresql://tongxin@127.0.0.1/town", "sqlite:///nowhere.db"])
def test_where_there_is_nothing_to_back_up_no_folder_is_made(settings, url):
    with pytest.raises(CannotStart):
        back_up(settings.model_copy(update={"database": DatabaseSection(url=url)}), at=AT)
    assert not settings.backup.folder.exists()


def test_only_the_newest_backups_are_kept(settings):
    files = [back_up(settings, at=AT.replace(hour=hour))[0] for hour in range(4)]
    assert [file.exists() for file in files] == [False, False, True, True]


async def test_a_restore_brings_everything_back_and_keeps_what_was_there(settings, tmp_path):
    file, _ = back_up(settings, at=AT)
    (tmp_path / "town.db").write_bytes(b"broken")
    counts, kept = restore(settings, file, at=AT)
    assert counts["people"] == 1
    assert kept is not None
    assert kept.read_bytes() == b"broken"
    database = await SqliteDatabase.open(tmp_path / "town.db", create=False)
    row = await database.transact(lambda transaction: transaction.fetch_one("SELECT name FROM people"))
    await database.close()
    assert row is not None
    assert row["name"] == "王建国"


@pytest.mark.parametrize(("given", "following"), [(0, 2001), (3, 2004)])
async def test_no_case_number_given_after_the_backup_is_given_again(settings, given, following):
    async def next_number(unit):
        return await unit.facts.next_number("case", start=1001)

    async with opened_store(settings) as store:
        for _ in range(given):
            await store.transact(next_number)
    file, _ = back_up(settings, at=AT)
    async with opened_store(settings) as store:
        lost = [await store.transact(next_number) for _ in range(3)]
    lose_the_disk(settings)
    counts, _ = restore(settings, file, at=AT)
    async with opened_store(settings) as store:
        number = await store.transact(next_number)
    assert number == counts["next_case"] == following
    assert number > max(lost)


@pytest.mark.parametrize("name", ["found", "lost"])
@pytest.mark.parametrize("given", [0, 3])
async def test_restore_gives_no_number_of_another_counter_again(settings, name, given):
    async def next_number(unit):
        return await unit.facts.next_number(name)

    async with opened_store(settings) as store:
        for _ in range(given):
            await store.transact(next_number)
    file, _ = back_up(settings, at=AT)
    async with opened_store(settings) as store:
        lost = [await store.transact(next_number) for _ in range(3)]
    lose_the_disk(settings)
    restore(settings, file, at=AT)
    async with opened_store(settings) as store:
        assert await store.transact(next_number) > max(lost)


async def test_the_same_backup_restored_again_gives_no_number_of_the_time_between(settings):
    async def next_number(unit):
        return await unit.facts.next_number("case", start=1001)

    file, _ = back_up(settings, at=AT)
    restore(settings, file, at=AT)
    async with opened_store(settings) as store:
        lost = [await store.transact(next_number) for _ in range(3)]
    counts, _ = restore(settings, file, at=AT + timedelta(days=1))
    assert counts["next_case"] > max(lost)


async def test_each_restore_begins_a_series_of_buttons(settings):
    file, _ = back_up(settings, at=AT)
    series = []
    for day in range(3):
        async with opened_store(settings) as store:
            series.append(await store.transact(lambda unit: unit.facts.find(RESTORED)))
        restore(settings, file, at=AT + timedelta(days=day))
    assert series[0] is None
    assert len(set(series)) == 3


@pytest.mark.parametrize("harm", ["flip", "cut", "nothing", "foreign", "key"])
def test_a_backup_that_is_not_whole_changes_nothing(settings, tmp_path, harm):
    file, _ = back_up(settings, at=AT)
    before = (tmp_path / "town.db").read_bytes()
    content = bytearray(file.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
    elif harm == "cut":
        content = content[:-100]
    elif harm == "nothing":
        content = bytearray()
    elif harm == "foreign":
        content = bytearray(before)
    else:
        (settings.backup.folder / "backup.key").write_text("00" * 32)
    file.write_bytes(content)
    with pytest.raises(CannotStart, match="Nothing was changed"):
        restore(settings, file, at=AT)
    assert (tmp_path / "town.db").read_bytes() == before


def test_nothing_is_restored_under_a_running_bot(settings, tmp_path):
    file, _ = back_up(settings, at=AT)
    with alone(tmp_path / "town.db"), pytest.raises(CannotStart, match="already running"):
        restore(settings, file, at=AT)


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_sealed_file_opens_to_the_same_bytes_and_cannot_lose_a_part(tmp_path, size):
    plain, sealed, again = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    plain.write_bytes(b"x" * size)
    key = key_from(tmp_path / "key", create=True)
    seal(plain, sealed, key)
    unseal(sealed, again, key)
    assert again.read_bytes() == plain.read_bytes()
    if size > 1 << 20:  # whole parts cut off at the end
        sealed.write_bytes(sealed.read_bytes()[: 16 + 4 + (1 << 20) + 16])
        with pytest.raises(Unsealable):
            unseal(sealed, again, key)


def test_a_password_comes_from_its_file_and_stands_in_the_address_whatever_its_signs(tmp_path):
    file = tmp_path / "password"
    file.write_text("p@ss/w:rd%\n", encoding="utf-8")
    settings = Settings(database=DatabaseSection(url="postgresql://tongxin@db:5432/town", password_file=file))
    assert settings.database_url == "postgresql://tongxin:p%40ss%2Fw%3Ard%25@db:5432/town"
    sqlite = Settings(database=DatabaseSection(url="sqlite:////srv/town.db", password_file=file))
    assert sqlite.database_url == "sqlite:////srv/town.db"
    file.unlink()
    with pytest.raises(CannotStart, match="password_file cannot be read"):
        address_of(settings)
