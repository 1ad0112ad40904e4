"""Whole towns under faults, on time that nobody waits for: what is promised holds in every seed, and planted bugs are found."""

from __future__ import annotations

import pytest

from tests.faults.ledger import Ledger
from tests.faults.simulation.run import Choice, run

#: python-telegram-bot tells whoever reads `retry_after` that its type will change; both are understood.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a settings file of this machine out."""
    monkeypatch.setenv("TONGXIN_CONFIG", "/nonexistent.yaml")


def test_promises_hold_whatever_goes_wrong(ledger: Ledger) -> None:
    outcomes = [run(Choice(seed, 150)) for seed in range(8)]
    failed = {outcome.choice.seed: outcome.faults for outcome in outcomes if outcome.faults}
    ledger.ran("simulated towns", len(outcomes), failed=len(failed), updates=sum(outcome.updates for outcome in outcomes))
    assert not failed


def test_the_same_seed_makes_the_same_trace() -> None:
    assert run(Choice(1, 60)).trace == run(Choice(1, 60)).trace
