"""Opening several channels: a refused or missing one blocks no other and joins later."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

import bot.process.opening
from bot.process.database_startup import CannotStart
from bot.process.engine import opened
from bot.settings import Settings
from sandbox.server import running
from sandbox.world.world import World
from tests.process import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TOKEN = "123456:SANDBOX"


@pytest.fixture
async def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A server that is there; the town's settings name no channel yet."""
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    monkeypatch.setenv("TONGXIN_DATABASE__URL", f"sqlite:///{tmp_path / 'town.db'}")
    monkeypatch.setattr(bot.process.opening, "GRACE_S", 0.2)
    async with running(World(TOKEN, limits=False, can={"wakes": "open", "link": "https://chat.example.org/"})) as url:
        yield url


def listed(monkeypatch: pytest.MonkeyPatch, **channels: tuple[str, str]) -> Settings:
    """Return the settings of a town with these channels: (address, token) of each."""
    sections = [{"name": name, "base_url": f"{address}/bot", "token": token} for name, (address, token) in channels.items()]
    monkeypatch.setenv("TONGXIN_CHANNELS", json.dumps(sections))
    return Settings()


async def test_a_town_works_on_one_channel_while_another_is_away_and_on_both_when_it_is_there(url, monkeypatch):
    port = free_port()
    async with AsyncExitStack() as stack:
        settings = listed(monkeypatch, here=(url, TOKEN), late=(f"http://127.0.0.1:{port}", TOKEN))
        engine = await stack.enter_async_context(opened(settings))
        assert list(engine.delivery.served) == ["here"]
        assert (engine.town.bot_names, engine.town.link("here", "v1")) == ({"here": "tongxin_bot"}, "https://chat.example.org/?start=v1")
        await stack.enter_async_context(running(World(TOKEN, limits=False), port=port))
        async with asyncio.timeout(20):
            while "late" not in engine.town.bot_names:  # noqa: ASYNC110 - a dictionary tells nobody
                await asyncio.sleep(0.02)
        assert list(engine.delivery.served) == ["here", "late"]
        assert set(engine.town.waking) == {"late"}
        described = await engine.store.transact(lambda unit: unit.facts.find("channel.here"))
        assert json.loads(described or "")["wakes"] == "open"


async def test_a_refused_token_stops_the_start_only_when_there_is_no_other_channel(url, monkeypatch):
    with pytest.raises(CannotStart, match="refused"):
        async with opened(listed(monkeypatch, only=(url, "123456:wrong"))):
            pass
    async with opened(listed(monkeypatch, here=(url, TOKEN), refused=(url, "123456:wrong"))) as engine:
        assert engine.delivery.served == ("here",)


async def test_a_server_that_describes_itself_wrongly_is_refused_with_the_place(url, monkeypatch):
    async with running(World(TOKEN, limits=False, can={"text": {"most": "long"}})) as other:
        with pytest.raises(CannotStart, match=r"The server of the channel odd describes itself wrongly \(getMe\): can\.text\.most"):
            async with opened(listed(monkeypatch, odd=(other, TOKEN))):
                pass
