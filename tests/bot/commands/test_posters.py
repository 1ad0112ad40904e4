"""Posters when the server is asked for the bot's name: a failure is a sentence, no token."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from bot.commands.cli import app
from bot.commands.posters import make_posters
from bot.process.database_startup import CannotStart, open_database
from bot.settings import Settings
from sandbox.server import running
from sandbox.world.world import World
from tests.process import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOKEN = "123456:nobody-may-see-it"


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A town with one village, and a Bot API server that knows its bot."""
    address = f"sqlite:///{tmp_path / 'town.db'}"
    database = await open_database(address)
    for sql in ("INSERT INTO stations (id, name) VALUES (1, '所')", "INSERT INTO villages (id, station_id, name) VALUES (1, 1, '上徐村')"):
        await database.transact(lambda transaction, sql=sql: transaction.execute(sql))  # type: ignore[misc]
    await database.close()
    world = World(TOKEN, limits=False)
    async with running(world) as url:
        told = {"CONFIG": os.devnull, "DATABASE__URL": address, "TELEGRAM__TOKEN": TOKEN, "TELEGRAM__BASE_URL": f"{url}/bot"}
        for name, value in told.items():
            monkeypatch.setenv(f"TONGXIN_{name}", value)
        yield world


async def refused(folder: Path) -> str:
    with pytest.raises(CannotStart) as reason:
        await make_posters(Settings(), folder)
    return str(reason.value)


async def test_the_server_is_asked_for_the_name(server, tmp_path):
    files = await make_posters(Settings(), tmp_path / "posters")
    assert f"t.me/{server.bot['username']}?" in files[2].read_text(encoding="utf-8")


async def test_a_refused_token_is_a_sentence(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TONGXIN_TELEGRAM__TOKEN", "123456:of-another-bot")
    said = await refused(tmp_path / "posters")
    assert "refused" in said
    assert "of-another-bot" not in said
    assert "--bot-name" in said


async def test_a_server_that_is_away_is_a_sentence(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TONGXIN_TELEGRAM__BASE_URL", f"http://127.0.0.1:{free_port()}/bot")
    said = await refused(tmp_path / "posters")
    assert "cannot be asked" in said
    assert "--bot-name" in said


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"\n"])
async def test_a_token_file_that_cannot_be_read_is_a_sentence(server, tmp_path, monkeypatch, content):
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("TONGXIN_TELEGRAM__TOKEN_FILE", str(file))
    assert "telegram.token_file" in await refused(tmp_path / "posters")


def test_a_bot_whose_token_file_cannot_be_read_does_not_start(tmp_path, monkeypatch):
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    monkeypatch.setenv("TONGXIN_DATABASE__URL", f"sqlite:///{tmp_path / 'town.db'}")
    monkeypatch.setenv("TONGXIN_TELEGRAM__TOKEN_FILE", str(tmp_path / "token"))
    ended = CliRunner().invoke(app, ["run"])
    assert (ended.exit_code, ended.stderr) == (1, "telegram.token_file cannot be read: No such file or directory.\n")
