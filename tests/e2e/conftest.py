"""Fixtures of the end-to-end tests: a town per test.

The sandbox runs in the test's event loop, the bot in its own process. A failed test's report shows the play and the end of the bot's log.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.server import running
from sandbox.world.world import World
from tests.e2e.village import TOKEN, WEST_CAN, Village, close_village, everybody_comes, import_cast, open_village
from tests.engines import postgres

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator
    from pathlib import Path

OPEN = pytest.StashKey[list[Village]]()


@pytest.fixture(scope="session")
def town_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that all end-to-end tests of this worker process share."""
    return tmp_path_factory.mktemp("town")


@pytest.fixture
def channels(request: pytest.FixtureRequest) -> str:
    """Number of the town's channels, "one" or "two".

    The option `--channels` decides, or the module: `CHANNELS = "two"`. Modules for one channel are skipped with two.
    """
    asked, own = request.config.getoption("--channels"), getattr(request.module, "CHANNELS", "")
    if own == "one" and asked == "two":
        pytest.skip("about the settings of one channel")
    return str(own or asked)


@pytest.fixture
async def town_database(town_folder: Path, tmp_path: Path, engine: str, channels: str) -> str:
    """URL of the test's own database with the roster, which is imported once and copied."""
    if engine == "postgres":
        return await postgres().prepared(f"roster_{channels}", partial(import_cast, town_folder, channels=channels))
    made = town_folder / f"imported-{channels}.db"
    if not made.exists():
        await import_cast(town_folder, f"sqlite:///{made}", channels=channels)
    shutil.copyfile(made, tmp_path / "town.db")
    return f"sqlite:///{tmp_path / 'town.db'}"


@pytest.fixture
def opens(tmp_path: Path, town_database: str, request: pytest.FixtureRequest, channels: str) -> Callable[..., Any]:
    """Open a town with settings of the test.

    Use: `async with opens(limits=…, comes=…, today=…, west_can=…, **settings) as village`.
    """

    by_exec = request.node.get_closest_marker("exec") is not None

    @contextlib.asynccontextmanager
    async def opening(
        *, limits: bool = False, comes: bool = True, today: bool = False, west_can: dict[str, Any] | None = None, **settings: str
    ) -> AsyncIterator[Village]:
        world = World(TOKEN, limits=limits)
        west = World(TOKEN, limits=limits, clock=world.clock, can=WEST_CAN | (west_can or {})) if channels == "two" else None
        extra = {f"TONGXIN_{name}": value for name, value in settings.items()}
        async with contextlib.AsyncExitStack() as servers:
            url = await servers.enter_async_context(running(world))
            west_url = "" if west is None else await servers.enter_async_context(running(west))
            village = await open_village(
                world, url, tmp_path, town_database, extra, today=today, by_exec=by_exec, west=west, west_url=west_url
            )
            request.node.stash.setdefault(OPEN, []).append(village)
            try:
                if comes:
                    await everybody_comes(village)
                yield village
                if not village.fault_expected:
                    faults = "\n".join(map(_readable, village.bot.errors()[:3]))
                    assert not faults, f"the bot met a fault of its own:\n{faults}"
            finally:
                await close_village(village)

    return opening


@pytest.fixture
async def village(opens: Callable[..., Any]) -> AsyncIterator[Village]:
    """上徐村 and its neighbours on a Monday at nine: everybody has started, villagers joined."""
    async with opens() as village:
        yield village


@pytest.fixture
async def empty_village(opens: Callable[..., Any]) -> AsyncIterator[Village]:
    """The same town before anybody has written to the bot."""
    async with opens(comes=False) as village:
        await village.rest()  # the bot greets the groups it was put into
        village.begin()
        yield village


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the play and the end of the bot's log with a failed end-to-end test."""
    report = yield
    if report.failed:
        for village in item.stash.get(OPEN, []):
            report.sections.append(("the play", village.play()))
            report.sections.append(("the bot's log", "\n".join(map(_readable, village.bot.log.splitlines()[-30:]))))
    return report


def _readable(line: str) -> str:
    try:
        facts = json.loads(line)
    except ValueError:
        return line
    if not isinstance(facts, dict):
        return line
    trace = facts.pop("exception", "")
    return " ".join(f"{name}={value}" for name, value in facts.items()) + (f"\n{trace}" if trace else "")
