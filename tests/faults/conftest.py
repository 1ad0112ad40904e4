"""The towns of the journeys, for troubles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.conftest import opens, pytest_runtest_makereport, town_database, town_folder

if TYPE_CHECKING:
    import pytest

__all__ = ["opens", "pytest_runtest_makereport", "town_database", "town_folder"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the big fault tests be made smaller."""
    parser.addoption("--faults-size", choices=("full", "small"), default="full", help="small: a tenth of the load")
