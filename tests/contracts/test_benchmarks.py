"""Every section of `make bench` runs, at a size too small to measure speed."""

from __future__ import annotations

import contextlib
import importlib
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import bots, broadcast, fsync, latency, memory, workers
from benchmarks.__main__ import SECTIONS
from benchmarks.report import Options, Result, at_least, goals_table, ratio_of
from tests.process import Forked
from tests.supervisor import bots as supervisor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

TINY = Options(
    rounds=1, updates=20, receivers=24, alerts=1, cases=(300,), looks=3, memory_updates=30, idle_s=0.1, workers=(2,), grammy=False
)
WARM = 5


class Process(Forked):
    """Forked bot with the part of `subprocess.Popen` that the benchmarks need."""

    def poll(self) -> int | None:
        return self.returncode


@contextlib.contextmanager
def forked(command: list[str], *, environment: dict[str, str], **facts: Any) -> Iterator[bots.Running]:
    """Fork our bot, because speed is not tested; execute other commands as a measurement does."""
    if command != bots.tongxin(Path(), 0):
        with STARTED(command, environment=environment, **facts) as running:
            yield running
        return
    with tempfile.NamedTemporaryFile() as errors:
        process = Process(supervisor(), ("run",), environment, Path(errors.name))
        try:
            yield bots.Running(process, Path(errors.name))  # type: ignore[arg-type]  # a stand-in
        finally:
            process.kill()
            supervisor().status(process.pid, wait=True)


STARTED = bots.started


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure fewer bots, because one tests as much as four."""
    for each in (bots, broadcast, memory, workers):
        monkeypatch.setattr(each, "started", forked)
    for module in (bots, latency, workers):
        monkeypatch.setattr(module, "WARM", WARM)
    monkeypatch.setattr(latency, "CONTENDERS", (bots.CASE,))
    monkeypatch.setattr(fsync, "CONTENDERS", (fsync.SINGLE, bots.ANSWER))
    monkeypatch.setattr(workers, "CONTENDERS", (bots.CASE,))


@pytest.mark.parametrize("section", SECTIONS)
async def test_section_returns_finite_figures_when_run_small(section: str, few: None):
    run: Callable[[Options], Awaitable[Result]] = importlib.import_module(f"benchmarks.{section}").run
    with bots.elsewhere():
        result = await run(TINY)
    missing = [goal.seen for goal in result.goals if goal.met is None]
    if missing:
        pytest.skip(missing[0])
    assert result.figures
    assert all(math.isfinite(value) for value in result.figures.values()), result.figures
    assert all(table.rows and table.lines() for table in result.tables)


def test_goal_reports_met_or_not_met():
    goals = [at_least("a", 2.0, 1.0), at_least("b", 0.5, 1.0), at_least("c", math.nan, 1.0)]
    assert [row[2] for row in goals_table([Result("x", goals=goals)]).rows] == ["met", "not met", "not met"]
    assert ratio_of([2.0, 30.0, 4.0], [1.0, 1.0, 2.0]) == 2.0
