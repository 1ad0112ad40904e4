"""The towns of the journeys, for troubles, and the page on which a harness counts."""

from __future__ import annotations

import pytest

from tests.faults.ledger import Ledger
from tests.journeys.conftest import channels, opens, pytest_runtest_makereport, town_database, town_folder

__all__ = ["channels", "opens", "pytest_runtest_makereport", "town_database", "town_folder"]


@pytest.fixture
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """Count what a harness ran; its size is `--faults-size`."""
    return Ledger(request)
