"""deploy/backup.sh and deploy/restore.sh on a real server.

A dump is restored completely, and nothing on people's cards changes its meaning.
"""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from bot.process.database_startup import open_database
from storage.unit import Store, Unit
from tests.engines import new_database, postgres, rows
from tests.supervisor import ROOT

NUMBERED = "INSERT INTO stations (name) VALUES ($1) RETURNING id"


@pytest.fixture
async def address(tmp_path: Path) -> str:
    return await new_database("postgres", tmp_path)


def name_of(address: str) -> str:
    return urlsplit(address).path.removeprefix("/")


async def script(name: str, *arguments: str | Path, address: str) -> tuple[int, str]:
    """Run a script as the server's own user; return its exit code and what it said."""
    parts = urlsplit(address)
    host = parse_qs(parts.query)["host"][0] if "host=" in parts.query else str(parts.hostname)
    told = {"PGHOST": host, "PGPORT": str(parts.port or 5432), "PGUSER": str(parts.username)}
    path = f"{postgres()._server.bin_path}:{os.environ['PATH']}"
    process = await asyncio.create_subprocess_exec(
        ROOT / "deploy" / name,
        *arguments,
        env=os.environ | told | {"PATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def give_numbers(address: str, count: int) -> tuple[list[int], list[int]]:
    """Give so many cases and so many rows their numbers."""
    store = Store(await open_database(address))
    cases = [await store.transact(lambda unit: unit.facts.next_number("case", start=1001)) for _ in range(count)]
    await store.close()
    connection = await asyncpg.connect(address)
    ids = [int(await connection.fetchval(NUMBERED, f"所{case}")) for case in cases]
    await connection.close()
    return cases, ids


async def databases(address: str) -> set[str]:
    return {row[0] for row in await rows(address, "SELECT datname FROM pg_database WHERE datname LIKE $1", f"{name_of(address)}%")}


async def test_no_number_given_after_the_dump_is_given_again(address, tmp_path):
    name = name_of(address)
    await give_numbers(address, 3)
    code, said = await script("backup.sh", name, tmp_path, address=address)
    assert code == 0, said
    (dump,) = tmp_path.glob("*.dump")
    lost, lost_ids = await give_numbers(address, 3)
    code, said = await script("restore.sh", name, dump, address=address)
    assert code == 0, said
    assert "the next case is number 2004" in said
    assert await rows(address, "SELECT name FROM stations ORDER BY id") == [("所1001",), ("所1002",), ("所1003",)]
    cases, ids = await give_numbers(address, 1)
    assert cases == [2004]
    assert ids[0] > max(lost_ids) + 900
    assert max(lost) == 1006
    (kept,) = await databases(address) - {name}
    assert f"the database {kept}." in said
    assert len(await rows(address.replace(f"/{name}", f"/{kept}"), "SELECT id FROM stations")) == 6


async def test_counter_without_a_row_in_the_dump_begins_behind_the_skipped_numbers(address, tmp_path):
    async def count(*names: str) -> list[int]:
        store = Store(await open_database(address))
        given = [await store.transact(partial(_next, name=name)) for name in names]
        await store.close()
        return given

    assert await count("tips.turn:7", "lost") == [1, 1]
    assert (await script("backup.sh", name_of(address), tmp_path, address=address))[0] == 0
    assert await count("found", "lost") == [1, 2], "numbers that are on people's cards now"
    (dump,) = tmp_path.glob("*.dump")
    code, said = await script("restore.sh", name_of(address), dump, address=address)
    assert code == 0, said
    assert await count("found", "lost", "tips.turn:7", "found") == [1001, 1002, 2, 1002]


async def _next(unit: Unit, name: str) -> int:
    return await unit.facts.next_number(name)


async def test_a_town_that_moved_here_and_gave_no_number_yet_goes_on_behind_its_rows(address, tmp_path):
    connection = await asyncpg.connect(address)
    await connection.execute("INSERT INTO stations (id, name) VALUES (5000, '所'); ALTER TABLE stations ALTER COLUMN id RESTART WITH 5001")
    await connection.close()
    assert (await script("backup.sh", name_of(address), tmp_path, address=address))[0] == 0
    (dump,) = tmp_path.glob("*.dump")
    code, said = await script("restore.sh", name_of(address), dump, address=address)
    assert code == 0, said
    assert "the next case is number 2001" in said
    assert (await give_numbers(address, 1))[1][0] > 5000


async def test_nothing_is_restored_under_a_worker_or_from_half_a_dump(address, tmp_path):
    name = name_of(address)
    await give_numbers(address, 1)
    assert (await script("backup.sh", name, tmp_path, address=address))[0] == 0
    (dump,) = tmp_path.glob("*.dump")
    connection = await asyncpg.connect(address)
    code, said = await script("restore.sh", name, dump, address=address)
    await connection.close()
    assert code == 1
    assert "stop all workers first" in said
    half = tmp_path / "half.dump"
    half.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    code, said = await script("restore.sh", name, half, address=address)
    assert code != 0
    assert await databases(address) == {name}
    assert await rows(address, "SELECT COUNT(*) FROM stations") == [(1,)]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("backup.sh", ()), ("backup.sh", ("town", "/nowhere")), ("restore.sh", ()), ("restore.sh", ("town", "/nowhere.dump"))],
)
async def test_who_forgets_what_to_say_is_told(name, arguments):
    code, said = await script(name, *arguments, address="postgresql://postgres@127.0.0.1/none")
    assert code == 2
    assert said.startswith(f"usage: {name} DATABASE ")
