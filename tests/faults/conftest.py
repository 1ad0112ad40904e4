"""Fixtures of the fault harnesses: towns of the end-to-end tests, log of counts."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import channels, opens, pytest_runtest_makereport, town_database, town_folder
from tests.faults.invariant_log import InvariantLog

__all__ = ["channels", "opens", "pytest_runtest_makereport", "town_database", "town_folder"]


@pytest.fixture
def invariant_log(request: pytest.FixtureRequest) -> InvariantLog:
    """Count the trials of a harness; their size is `--faults-size`."""
    return InvariantLog(request)
