"""Options of the whole suite, and what the fault harnesses counted, at the end of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.ledger import NAME, report

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the fault harnesses run in full."""
    parser.addoption(
        "--faults-size", choices=("small", "full"), default="small", help="small: minutes, inside make test; full: make faults"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what ran, failed and was skipped, and which planted bugs were found."""
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
