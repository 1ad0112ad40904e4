"""Opening the database: new files are private, lost ones are not created again.

Each fault is named correctly.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

import storage.engine.postgres
from bot.process.database_startup import CannotStart, open_database, read


def rights_in(folder: Path) -> dict[str, str]:
    return {file.name: oct(file.stat().st_mode & 0o777) for file in folder.iterdir()}


@pytest.fixture
def _usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_usual_umask")
async def test_a_new_database_is_for_its_owner_only(tmp_path: Path):
    database = await open_database(f"sqlite:///{tmp_path / 'town.db'}")
    await database.transact(lambda transaction: transaction.execute("INSERT INTO facts (name, value) VALUES ('a', 'b')"))
    rights = rights_in(tmp_path)
    await database.close()
    assert rights == dict.fromkeys(("town.db", "town.db-wal", "town.db-shm", "town.db.mark"), "0o600")


async def test_an_old_database_keeps_its_rights(tmp_path: Path):
    path = tmp_path / "town.db"
    sqlite3.connect(path).close()
    path.chmod(0o640)
    await (await open_database(f"sqlite:///{path}")).close()
    assert path.stat().st_mode & 0o777 == 0o640


async def test_a_lost_database_is_refused_and_no_empty_one_is_put_in_its_place(tmp_path: Path):
    path = tmp_path / "town.db"
    await (await open_database(f"sqlite:///{path}")).close()
    path.unlink()
    with pytest.raises(CannotStart, match="but there was one"):
        await open_database(f"sqlite:///{path}")
    assert not path.exists()


async def test_a_home_that_may_not_be_entered_is_not_called_a_server_that_is_away(monkeypatch):
    async def refuse(_url, **_how):
        raise PermissionError(13, "Permission denied", "/root/.postgresql/postgresql.key")

    monkeypatch.setattr(storage.engine.postgres, "connect", refuse)
    monkeypatch.setattr(storage.engine.postgres, "PATIENCE_S", 0.0)
    for way in (
        open_database("postgresql://a@127.0.0.1/b"),
        read("postgresql://a@127.0.0.1/b", lambda transaction: transaction.execute("")),
    ):
        with pytest.raises(CannotStart, match=r"^/root/\.postgresql/postgresql\.key cannot be looked for.* Set HOME"):
            await way
