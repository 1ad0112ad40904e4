"""A SQLite town moves to PostgreSQL completely and verified, or not at all.

Each fault is one sentence, at any point of the move.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import storage.maintenance.export
import storage.maintenance.transfer
from bot.commands.sqlite_to_postgres import move, report, shown
from bot.process.database_startup import CannotStart, alone, moved_note, open_database
from bot.settings import Settings
from storage.maintenance.export import Digest, Source
from tests.engines import new_database, postgres, rows
from tests.storage.towns import change, filled, tables
from tests.supervisor import ROOT

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    return Settings.model_validate({"database": {"url": f"sqlite:///{tmp_path / 'town.db'}"}})


@pytest.fixture
async def town(tmp_path: Path) -> Path:
    await filled(tmp_path / "town.db")
    return tmp_path / "town.db"


@pytest.fixture
async def target(tmp_path: Path) -> str:
    """A server's database that has the tables already."""
    return await new_database("postgres", tmp_path)


@pytest.fixture
async def nothing() -> str:
    """A server's database without a table."""
    return await postgres().copy()


async def moved(settings: Settings, target: str, password_file: Path | None = None) -> str:
    """Move, and return what is said about it."""
    lines = await move(settings, target, password_file=password_file, at=AT)
    return "\n".join(report(lines, settings, target, password_file=password_file))


async def refused(settings: Settings, target: str, password_file: Path | None = None) -> str:
    """Move in vain, and return why."""
    before = fingerprint(settings)
    with pytest.raises(CannotStart) as reason:
        await move(settings, target, password_file=password_file, at=AT)
    assert fingerprint(settings) == before
    return str(reason.value)


def fingerprint(settings: Settings) -> str:
    path = Path(settings.database.url.removeprefix("sqlite:///"))
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


async def everything(url: str, names: list[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in no order, read without the code under test."""
    return {name: sorted(await rows(url, f'SELECT * FROM "{name}"'), key=repr) for name in names}  # noqa: S608


def names_of(town: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(f"file:{town}?mode=ro", uri=True)) as raw:
        return tables(raw)


async def is_empty(target: str) -> bool:
    """Tell whether the database holds no row (there may be an empty schema)."""
    names = [
        row[0] for row in await rows(target, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'")
    ]
    return not any([await rows(target, f'TABLE "{name}" LIMIT 1') for name in names])


# All of it ------------------------------------------------------------------------------------------------------------


async def test_every_row_of_every_table_is_there_and_numbers_go_on(settings, town, nothing, monkeypatch):
    monkeypatch.setattr(storage.maintenance.export, "PORTION", 3)
    monkeypatch.setattr(storage.maintenance.transfer, "PORTION", 3)
    names = names_of(town)
    said = await moved(settings, nothing)
    ours, theirs = await everything(settings.database.url, names), await everything(nothing, names)
    assert ours == theirs
    assert all(len(found) == 8 for found in theirs.values())
    assert f"Proven: {8 * len(names)} rows" in said
    assert all(re.search(rf"^{name} +8  [0-9a-f]{{16}}$", said, re.MULTILINE) for name in names)
    identities = await rows(nothing, "SELECT table_name FROM information_schema.columns WHERE is_identity = 'YES'")
    assert len(identities) > 15
    for (name,) in identities:
        assert await rows(nothing, f"SELECT nextval(pg_get_serial_sequence('{name}', 'id'))") == [(9,)]


async def test_the_order_is_the_same_on_servers_of_any_language(settings, town):
    """A server may sort texts by its language.

    Only on such a server can the digests show that this order is not used.
    """
    with contextlib.closing(Source(town)) as source:
        orders = {table.name: table.ordered(collate=storage.maintenance.transfer.BYTEWISE) for table in source.tables}
    assert orders["facts"] == 'FROM facts ORDER BY "name" COLLATE "C"'
    assert orders["cards"] == 'FROM cards ORDER BY "channel" COLLATE "C", "chat_id", "card" COLLATE "C"'
    try:
        await postgres().execute("CREATE DATABASE other_order TEMPLATE template0 ENCODING 'UTF8' LOCALE 'en_US.UTF-8'")
    except asyncpg.PostgresError as reason:
        pytest.skip(f"this machine's server knows no language's order: {reason}")
    assert "Proven" in await moved(settings, postgres().url_of("other_order"))


async def test_the_bot_starts_on_the_server_only_and_on_the_file_again_when_the_note_is_deleted(settings, town, target):
    before = fingerprint(settings)
    said = await moved(settings, target)
    assert f"TONGXIN_DATABASE__URL={shown(target)}\n" in said
    await (await open_database(target)).close()
    with pytest.raises(CannotStart, match=r"moved to PostgreSQL on 2026-06-01 at 01:00 UTC, to postgresql://.*delete town\.db\.moved"):
        await open_database(settings.database.url)
    assert "moved to PostgreSQL" in await refused(settings, await postgres().copy())
    assert fingerprint(settings) == before
    moved_note(town).unlink()
    await (await open_database(settings.database.url)).close()


async def test_a_database_that_was_only_migrated_is_empty_enough(settings, town, tmp_path):
    assert "Proven" in await moved(settings, await new_database("postgres", tmp_path))


async def test_a_town_without_a_row_moves_too(settings, tmp_path, nothing):
    await new_database("sqlite", tmp_path)
    assert "Proven: 0 rows" in await moved(settings, nothing)


async def test_a_file_of_an_older_version_is_brought_up_to_date_first(settings, town, target):
    change(town, "DROP TABLE menus")
    change(town, "DELETE FROM migrations WHERE name = '0008_menus'")
    assert "Proven" in await moved(settings, target)


async def test_passwords_are_read_from_a_file_and_shown_to_nobody(settings, town, target, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    said = await moved(settings, target, secret)
    assert f"TONGXIN_DATABASE__PASSWORD_FILE={secret}" in said
    assert "hunter2" not in said + moved_note(town).read_text()
    assert shown("postgresql://town:hunter2@db:5432/x?sslmode=require") == "postgresql://town@db:5432/x?sslmode=require"


# The proof ------------------------------------------------------------------------------------------------------------


def test_rows_in_another_order_have_another_digest():
    def digest(*rows: tuple[Any, ...]) -> str:
        made = Digest()
        made.add(rows)
        return made.line("audit").digest

    assert digest((1, "a"), (2, "b")) == digest((1, "a"), (2, "b"))
    others = [((2, "b"), (1, "a")), ((1, "a"),), ((1, "ab"), (2, "")), ((1, "a"), (2, None)), ((1, "a"), ("2", "b")), ((1, "a", 2, "b"),)]
    assert len({digest((1, "a"), (2, "b")), *(digest(*each) for each in others)}) == len(others) + 1


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM audit WHERE id = 3",
        "UPDATE audit SET at = at + 1 WHERE id = 3",
        "UPDATE cases SET text = replace(text, '邻居', '鄰居')",
        "UPDATE audit SET id = CASE id WHEN 3 THEN 4 ELSE 3 END + 100 WHERE id IN (3, 4)",
        "UPDATE facts SET value = '' WHERE value = 'O''Neil \"x\" {null}'",
        "INSERT INTO counters (name, value) VALUES ('x', 1)",
        "UPDATE outbox SET state = state || ' '",
    ],
)
async def test_whatever_is_not_the_same_on_the_other_side_is_found_and_nothing_stays(settings, town, target, harm, monkeypatch):
    """The planted fault: something changes a row between writing and reading back."""
    count_on = storage.maintenance.transfer._count_on

    async def harmed(connection: Any) -> None:
        assert await connection.execute(harm) != "UPDATE 0"
        await count_on(connection)

    monkeypatch.setattr(storage.maintenance.transfer, "_count_on", harmed)
    assert "The proof failed: " in await refused(settings, target)
    assert await is_empty(target)
    assert not moved_note(town).exists()


async def test_a_portion_that_is_not_read_is_found(settings, town, target, monkeypatch):
    monkeypatch.setattr(storage.maintenance.export, "PORTION", 3)
    whole = Source.portions

    async def cut(self: Source, table: Any) -> AsyncIterator[Any]:
        async for portion in whole(self, table):
            if table.name != "timers" or portion[0][0] != 4:
                yield portion

    monkeypatch.setattr(Source, "portions", cut)
    assert "timers was not read whole" in await refused(settings, target)


# Rows that do not fit -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("UPDATE people SET village_id = 1, created_at = 'gestern' WHERE id = 3", "people, rowid 3: created_at holds text, and needs a whole number."),
        ("UPDATE cases SET opened_at = 1.5 WHERE rowid = 2", "cases, rowid 2: opened_at holds a number with a fraction, and needs a whole number."),
        ("UPDATE audit SET words = x'00ff' WHERE id = 5", "audit, rowid 5: words holds raw bytes, and needs text."),
        ("UPDATE audit SET words = CAST(x'e4b8' AS TEXT) WHERE id = 5", "audit, rowid 5: words holds text that is not UTF-8."),
        ("UPDATE people SET name = CAST(x'eda080' AS TEXT) WHERE id = 5", "people, rowid 5: name holds text that is not UTF-8."),
        ("UPDATE facts SET name = NULL WHERE rowid = 7", "facts, rowid 7: name holds nothing, and needs text."),
        ("UPDATE timers SET occurrence = 'a' || char(0) WHERE id = 1", "timers, rowid 1: occurrence tells rows apart and holds a NUL character."),
    ],
)  # fmt: skip
async def test_a_row_that_does_not_fit_is_named_without_its_words(settings, town, target, sql, sentence):
    change(town, sql)
    said = await refused(settings, target)
    assert said == f"These rows do not fit. Put them right in the file, and move again.\n  {sentence} Nothing was moved."
    assert await is_empty(target)


async def test_all_rows_that_do_not_fit_are_named_at_once_but_not_thousands(settings, town, target):
    change(town, "UPDATE people SET created_at = 'x', wants_tips = 'y'")
    change(town, "UPDATE audit SET at = 0.5")
    said = await refused(settings, target)
    assert said.count("rowid") == 20
    assert "and 4 more." in said


async def test_a_nul_is_left_out_and_counted(settings, town, target):
    change(town, "UPDATE audit SET words = ? WHERE id IN (2, 3)", "a\0b\0")
    said = await moved(settings, target)
    assert "2 texts held a NUL character" in said
    assert await rows(target, "SELECT words FROM audit WHERE id IN (2, 3)") == [("ab",), ("ab",)]


async def test_half_a_character_of_another_alphabet_stays_what_it_is(settings, town, target):
    """A lone surrogate can be in JSON only, where it is written in ASCII."""
    change(town, "UPDATE audit SET data = ? WHERE id = 2", '{"a": "\\ud83d"}')
    await moved(settings, target)
    assert await rows(target, "SELECT data FROM audit WHERE id = 2") == [('{"a": "\\ud83d"}',)]


@pytest.mark.parametrize("sql", ["CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT)", "ALTER TABLE people ADD COLUMN note TEXT"])
async def test_what_somebody_added_to_the_file_is_not_left_behind_silently(settings, town, target, sql):
    change(town, sql)
    assert "holds what is not Tongxin's" in await refused(settings, target)


# Refusals -------------------------------------------------------------------------------------------------------------


async def test_a_target_with_anybodys_rows_is_refused(settings, town, tmp_path, nothing):
    other = await new_database("postgres", tmp_path)
    await _do(other, "INSERT INTO people (name, created_at) VALUES ('王', 0)")
    assert await refused(settings, other) == "The target is not empty: people has rows. Make a new database: createdb. Nothing was moved."
    await _do(nothing, "CREATE TABLE customers (id INT)")
    assert "tables of something else" in await refused(settings, nothing)


async def test_a_newer_target_is_refused(settings, town, tmp_path):
    other = await new_database("postgres", tmp_path)
    await _do(other, "INSERT INTO migrations (number, name) VALUES (9999, 'later')")
    assert "The target is from a newer version" in await refused(settings, other)


async def test_a_newer_or_damaged_file_is_refused(settings, town, target):
    change(town, "INSERT INTO migrations (number, name) VALUES (9999, 'later')")
    assert "is from a newer version" in await refused(settings, target)
    town.write_bytes(town.read_bytes()[:-5000])
    assert "If the file is damaged, restore a backup" in await refused(settings, target)


async def test_a_running_bot_is_not_moved(settings, town, target):
    with alone(town):
        assert "already running" in await refused(settings, target)


async def test_addresses_that_make_no_sense_are_refused(settings, town, target, tmp_path):
    assert "Where to?" in await refused(settings, "sqlite:///other.db")
    assert "no address of a PostgreSQL database" in await refused(settings, "postgresql://host:port/x")
    assert "in PostgreSQL already" in await refused(Settings.model_validate({"database": {"url": target}}), target)
    assert "There is no database at" in await refused(Settings.model_validate({"database": {"url": f"sqlite:///{tmp_path}/no.db"}}), target)
    assert "password file cannot be read" in await refused(settings, target, tmp_path / "nothing")


async def test_a_server_that_is_not_there_or_has_no_such_database_is_told(settings, town, tmp_path):
    assert "cannot be reached" in await refused(settings, f"postgresql://postgres@/x?host={tmp_path}")
    assert "cannot be reached" in await refused(settings, "postgresql://postgres@127.0.0.1:1/x")
    assert 'database "nowhere" does not exist' in await refused(settings, postgres().url_of("nowhere"))


async def test_a_wrong_password_is_told(settings, town, tmp_path):
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        fields = b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "town"\0\0'
        writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(refuse, tmp_path / ".s.PGSQL.5432"):
        said = await refused(settings, f"postgresql://town:hunter2@/x?host={tmp_path}")
    assert said == 'The PostgreSQL server refuses: password authentication failed for user "town". Nothing was moved.'


async def test_a_user_who_may_make_nothing_is_told(settings, town, target):
    await _do(target, "DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    said = await refused(settings, target.replace("postgres:@", "guest@", 1))
    assert "does not let this user do that" in said
    assert "Make the user the owner" in said


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'", "The server's disk is full. Nothing was moved."),
        ("PERFORM pg_terminate_backend(pg_backend_pid())", "The PostgreSQL server went away: "),
        ("RAISE EXCEPTION 'no more' USING DETAIL = '王建国'", "The PostgreSQL server says: no more. Nothing was moved."),
        ("NEW.action := NEW.action || '!'", "The proof failed: audit has 8 rows"),
    ],
)
async def test_a_server_that_fails_in_the_middle_keeps_nothing(settings, town, tmp_path, fault, sentence):
    url = await new_database("postgres", tmp_path / "unused")
    await _do(url, f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {fault}; RETURN NEW; END $$")
    await _do(url, "CREATE TRIGGER fail BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION fail()")
    said = await refused(settings, url)
    assert said.startswith(sentence)
    assert "王建国" not in said
    assert await is_empty(url)
    assert not moved_note(town).exists()


async def test_somebody_at_work_in_the_target_is_told(settings, town, tmp_path, monkeypatch):
    monkeypatch.setitem(storage.maintenance.transfer.SETTINGS, "lock_timeout", "100ms")
    url = await new_database("postgres", tmp_path)
    connection = await asyncpg.connect(url)
    await connection.execute("BEGIN; LOCK TABLE people IN ROW EXCLUSIVE MODE")
    assert "Somebody else is at work" in await refused(settings, url)
    await connection.close()


async def test_a_folder_that_cannot_hold_the_note_keeps_the_town_where_it_is(settings, town, target):
    moved_note(town).with_name(moved_note(town).name + ".part").mkdir()
    assert "cannot be written" in await refused(settings, target)
    assert await is_empty(target)


# Cut in the middle ----------------------------------------------------------------------------------------------------


class Wire:
    """A connection to the server, cut at the first request that contains `words`.

    Then `reached` is set, and nothing of the request passes. `heard`: the server gets the request, and its answer is lost. `again`: later
    connections pass. `hold`: nobody hangs up.
    """

    def __init__(self, words: bytes, *, heard: bool = False, again: bool = True, hold: bool = False) -> None:
        self._words, self._heard, self._again, self._hold = words, heard, again, hold
        self._serving: list[asyncio.Task[None]] = []
        self.reached = asyncio.Event()

    @asynccontextmanager
    async def running(self, folder: Path, url: str) -> AsyncIterator[str]:
        """Listen on a socket in a folder, and yield the address that leads through it."""

        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._serving.append(asyncio.create_task(self._serve(reader, writer)))

        listener = await asyncio.start_unix_server(serve, folder / ".s.PGSQL.5432")
        try:
            yield f"{url.partition('?')[0]}?host={folder}"
        finally:
            listener.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.reached.is_set() and not self._again:
            writer.close()
            return
        server_reader, server_writer = await asyncio.open_unix_connection(postgres().folder / "data" / ".s.PGSQL.5432")
        answers = asyncio.create_task(_pass(server_reader, writer))
        last = b""
        try:
            while data := await reader.read(65_536):
                if not self.reached.is_set() and self._words in last + data:
                    answers.cancel()
                    await asyncio.gather(answers, return_exceptions=True)
                    if self._heard:
                        server_writer.write(data)
                        await server_reader.read(65_536)  # it has answered
                    self.reached.set()
                    if self._hold:
                        await reader.read(-1)
                    return
                last = data[-100:]
                server_writer.write(data)
                await server_writer.drain()
        finally:
            answers.cancel()
            server_writer.transport.abort()
            writer.transport.abort()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()  # the side that closed first waits for this


async def test_a_commit_that_was_not_heard_moves_nothing(settings, town, target, tmp_path):
    async with Wire(b"COMMIT").running(tmp_path, target) as url:
        assert "did not commit" in await refused(settings, url)
    assert await is_empty(target)
    assert not moved_note(town).exists()


async def test_a_commit_whose_answer_is_lost_is_asked_after(settings, town, target, tmp_path):
    async with Wire(b"COMMIT", heard=True).running(tmp_path, target) as url:
        assert "Proven" in await moved(settings, url)
    assert not await is_empty(target)


async def test_a_server_that_does_not_come_back_from_a_commit_leaves_the_note(settings, town, target, tmp_path, monkeypatch):
    monkeypatch.setattr(storage.maintenance.transfer, "PATIENCE_S", 0.5)
    async with Wire(b"COMMIT", heard=True, again=False).running(tmp_path, target) as url:
        said = await refused(settings, url)
    assert said.startswith("The PostgreSQL server went away while it committed, and does not come back. Look into the target")
    with pytest.raises(CannotStart, match=r"delete town\.db\.moved"):
        await open_database(settings.database.url)


@pytest.mark.parametrize(
    "words", ['COPY "facts"', 'COPY "case_sessions"', "RESTART WITH", "FROM outbox ORDER BY", "COMMIT", "COMMIT heard"]
)
async def test_a_kill_in_the_middle_leaves_both_sides_as_they_were(settings, town, target, tmp_path, words):
    before, names = fingerprint(settings), names_of(town)
    wire = Wire(words.removesuffix(" heard").encode(), heard=words.endswith("heard"), hold=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TONGXIN_")}
    environment |= {"TONGXIN_CONFIG": os.devnull, "TONGXIN_DATABASE__URL": settings.database.url}
    async with wire.running(tmp_path, target) as url:
        command = (sys.executable, "-m", "bot", "migrate-database", url)
        process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
        await asyncio.wait_for(wire.reached.wait(), 60)
        process.kill()
        await process.wait()
    assert fingerprint(settings) == before
    assert await is_empty(target) == (words != "COMMIT heard")
    assert moved_note(town).exists() == words.startswith("COMMIT")  # once the rows may be in the target, a bot refuses to start here
    if words == "COMMIT heard":
        assert await everything(target, names) == await everything(settings.database.url, names)
        return
    moved_note(town).unlink(missing_ok=True)
    assert "Proven" in await moved(settings, target)


# Dumps ----------------------------------------------------------------------------------------------------------------


async def test_a_dump_is_restored_to_the_same_rows_and_numbers_go_on(settings, town, target, tmp_path):
    """The steps are those of docs/operations.md."""
    names = names_of(town)
    await moved(settings, target)
    tools, other, dump = Path(postgres()._server.bin_path), await postgres().copy(), tmp_path / "tongxin.dump"
    await _run(tools / "pg_dump", "--format=custom", f"--file={dump}", target)
    await _run(tools / "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={other}", dump)
    await (await open_database(other)).close()
    assert await everything(other, names) == await everything(target, names)
    assert await rows(other, "SELECT nextval(pg_get_serial_sequence('people', 'id'))") == [(9,)]


async def _do(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def _run(*command: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0
