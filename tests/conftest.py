"""Options of the whole suite, and what the fault harnesses counted, at the end of the run."""

from __future__ import annotations

import gc
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import add_log_level

from tests.engines import ENGINES, SHARED_MEMORY, stop_servers
from tests.faults.invariant_log import NAME, report
from tests.order import LongFirst, in_order
from tests.plans import faults, watch
from tests.supervisor import stop_bots

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

#: Where every test that has a database runs on each engine; elsewhere one engine is enough, the first unless `--engines` says otherwise.
ON_EACH = (
    "tests/storage/",
    "tests/e2e/test_s",
    "tests/faults/test_kill.py",
    # Attacks, and what they change by statements of their own: bars, marks, blocks, ended rights, rosters that wait.
    "tests/handlers/test_hostile.py",
    "tests/handlers/test_blocks.py",
    "tests/handlers/test_missing.py",
    "tests/handlers/cases/test_referral.py",
    "tests/handlers/people/test_access_revocation.py",
    "tests/handlers/people/test_erasure.py",
    "tests/handlers/people/test_imports.py",
    "tests/handlers/people/test_namesakes.py",
    # One of each kind of tests that take messages out of the outbox themselves.
    "tests/handlers/alerts/test_composing.py::test_what_was_taken_back_while_it_was_in_flight_falls_to_nobody",
    "tests/handlers/people/test_post_changes.py::test_cases_go_up_when_their_chair_blocks_the_bot",
    "tests/handlers/people/test_privacy.py::test_a_message_on_its_way_that_names_who_is_forgotten",
)

FOLDER, FAILED = pytest.StashKey[Path](), pytest.StashKey[bool]()


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


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Look at what SQLite is asked; log plainly; put the tests' folders into memory where there is a place for it."""
    watch()
    # Limits of time by the clock fail on a machine with other work.
    settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("suite")
    # The default draws each traceback with frames and colours, which takes seconds of processor time.
    structlog.configure(processors=[add_log_level, ConsoleRenderer(colors=False, exception_formatter=plain_traceback)])
    if SHARED_MEMORY is not None and config.option.basetemp is None and not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="tongxin-tests-", dir=SHARED_MEMORY)
        config.option.basetemp = str(Path(folder, "base"))
        config.stash[FOLDER] = Path(folder)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LongFirst:
    """Let the long tests begin first, and those that measure seconds run one after the other."""
    config.option.loadscopereorder = False
    return LongFirst(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage among what tests make, and not among the tests themselves, which stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long tests first."""
    items[:] = [items[place] for place in in_order([item.nodeid for item in items])]


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Return the test's own folder: in memory, but for a test marked `disk`."""
    if request.node.get_closest_marker("disk") is None:
        yield tmp_path
    else:
        with tempfile.TemporaryDirectory(prefix="tongxin-") as folder:
            yield Path(folder)


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


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what was started for the whole run; a process of xdist ends without more ado. What a failed test left in its folder stays."""
    stop_bots()
    stop_servers()
    folder = config.stash.get(FOLDER, None)
    if folder is not None and not config.stash.get(FAILED, False):
        shutil.rmtree(folder, ignore_errors=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remember whether a test failed."""
    session.config.stash[FAILED] = bool(session.testsfailed)


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
