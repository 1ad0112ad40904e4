"""Options of the whole suite, and what the fault harnesses counted, at the end of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engines import ENGINES, stop_servers
from tests.faults.invariant_log import NAME, report
from tests.plans import faults, watch

if TYPE_CHECKING:
    from collections.abc import Generator

#: Where every test that has a database runs on each engine; elsewhere one engine is enough, the first unless `--engines` says otherwise.
ON_EACH = ("tests/storage/", "tests/e2e/test_s", "tests/faults/test_kill.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the fault harnesses run in full."""
    parser.addoption(
        "--faults-size", choices=("small", "full"), default="small", help="small: minutes, inside make test; full: make faults"
    )
    parser.addoption("--engines", default="", help=f"of {','.join(ENGINES)}: on which databases, instead of each test's own choice")
    parser.addoption(
        "--channels",
        choices=("one", "two"),
        default="one",
        help="two: end-to-end towns have two channels, and none of them is called telegram",
    )


def pytest_configure() -> None:
    """Look at what SQLite is asked."""
    watch()


@pytest.fixture(autouse=True)
def _no_statement_reads_all() -> Generator[None]:
    """Fail where a statement is first met that gets slower with the years."""
    yield
    slow = faults()
    assert not slow, "\n".join(["reads a table that grows for ever from one end:", *slow])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what has a database on each engine that it is for; a module may say so itself: `ENGINES = ("postgres",)`."""
    if "engine" in metafunc.fixturenames:
        asked = tuple(filter(None, metafunc.config.getoption("--engines").split(",")))
        usual = ENGINES if metafunc.definition.nodeid.startswith(ON_EACH) else ENGINES[:1]
        metafunc.parametrize("engine", getattr(metafunc.module, "ENGINES", asked or usual))


def pytest_unconfigure() -> None:
    """End what was started for the whole run; a process of xdist ends without more ado."""
    stop_servers()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what ran, failed and was skipped, and which mutants were found."""
    entries = [
        value
        for reports in terminalreporter.stats.values()
        for each in reports
        if getattr(each, "when", "") == "call" or getattr(each, "skipped", False)
        for name, value in getattr(each, "user_properties", ())
        if name == NAME
    ]
    if entries:
        terminalreporter.section("faults")
        for line in report(entries):
            terminalreporter.write_line(line)
