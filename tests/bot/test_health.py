"""The health page over HTTP: what is asked for, and what is not there."""

from __future__ import annotations

import httpx
import pytest

from bot.clock import Clock
from bot.engine import Engine
from bot.health import FIGURES, HealthPage
from bot.settings import Settings
from storage.sqlite import SqliteDatabase
from storage.unit import Store


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
