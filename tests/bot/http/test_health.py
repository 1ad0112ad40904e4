"""The health page over HTTP: valid requests, and paths that do not exist."""

from __future__ import annotations

import os
import socket

import httpx
import pytest

from bot.http.health import FIGURES, HealthPage
from bot.process.database_startup import CannotStart
from bot.process.engine import Engine
from bot.settings import Settings
from bot.timers.clock import Clock
from storage.engine.sqlite import SqliteDatabase
from storage.unit import Store
from tests.process import free_port


@pytest.fixture
async def database(tmp_path):
    database = await SqliteDatabase.open(tmp_path / "town.db")
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
async def page(database):
    page = HealthPage(Engine(Settings(), Store(database), {}, Clock()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=page.answer), base_url="http://health") as client:
        yield client


async def test_every_figure_stands_on_the_page(page):
    answer = await page.get("/health")
    figures = answer.json()
    assert (answer.status_code, figures["well"], figures["worries"]) == (200, True, [])
    assert figures.keys() == {"well", "worries", "now", *FIGURES}
    assert answer.headers["content-type"] == "application/json"


async def test_a_program_reads_the_same_figures(page):
    answer = await page.get("/metrics")
    assert answer.status_code == 200
    assert all(f"\ntongxin_{name} " in answer.text for name in FIGURES)
    assert answer.headers["content-type"].startswith("text/plain; version=")


async def test_a_database_that_fails_is_a_worry(page, database):
    await database.close()
    answer = await page.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"well": False, "worries": ["database"]})


async def test_who_asks_for_the_head_gets_no_body(page):
    answer = await page.head("/health")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 100


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("GET", "/health/", 404), ("POST", "/health", 405), ("DELETE", "/metrics", 405)]
)
async def test_nothing_else_is_there(page, method, path, status):
    assert (await page.request(method, path)).status_code == status


@pytest.fixture
def served(database, monkeypatch) -> Engine:
    """An engine whose health page has a port that nobody has."""
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)
    monkeypatch.setenv("TONGXIN_HEALTH__PORT", str(free_port()))
    return Engine(Settings(), Store(database), {}, Clock())


async def test_the_page_is_served_and_its_port_given_back(served):
    address = ("127.0.0.1", served.settings.health.port)
    async with HealthPage(served), httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{address[1]}/health")).status_code == 200
    with socket.create_server(address):
        pass


async def test_a_port_that_somebody_has_is_a_sentence(served):
    address = ("127.0.0.1", served.settings.health.port)
    with (
        socket.create_server(address),
        pytest.raises(CannotStart, match=f"health page cannot listen on 127.0.0.1:{address[1]}: Address already in use\\.$"),
    ):
        async with HealthPage(served):
            pass
