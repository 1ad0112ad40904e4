"""Whole towns under faults, on simulated time.

The promises hold in every seed, and mutants are found.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.invariant_log import InvariantLog
from tests.faults.simulation.choice import Choice, Outcome
from tests.faults.simulation.fault_injectors import FaultInjectors
from tests.faults.simulation.mutants import FOUND_BY, MUTANTS
from tests.faults.simulation.run import run
from tests.faults.simulation.shrink import shrink

ROOT = Path(__file__).parents[2]
CORPUS = [line.split(maxsplit=2) for line in (ROOT / "tests/faults/simulation/corpus.txt").read_text(encoding="utf-8").splitlines()]
CHUNKS, A_CHUNK, FEW, SMALL = 20, 10, 5, 150
#: Seeds within which a mutant must be found; the mutants tried at the small size, and their number of seeds.
MOST_SEEDS, FEW_SEEDS = 200, 12
#: Mutant → the seed that found it, in a short town.
FEW_MUTANTS = {"confirmed_too_early": 1, "polls_no_more": 3, "sent_too_early": 1, "night_twice": 0, "any_tag": 2, "left_in_hand": 0}
#: These mutants need many faults in one town until they show.
LONG_MUTANTS = ("toast_unguarded",)
SHRINK_S = 120.0
LOOKED_AT = {"words", "names", "cards", "forged", "looks", "presses", "messages", "moves"}
#: Joint actions that must have happened, because otherwise nothing would test the promises about them.
LOOKED_AT |= {"alerts", "confirmations", "receipts", "mediating", "joint", "trainings", "leaves"}
pytestmark = [
    pytest.mark.timeout(3600),
    #: python-telegram-bot warns readers of `retry_after` that its type will change; both are understood.
    pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning"),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Cut the seeds into parts that worker processes share."""
    full = metafunc.config.getoption("--faults-size") == "full"
    if "seeds" in metafunc.fixturenames:
        chunks = [range(chunk * A_CHUNK, (chunk + 1) * A_CHUNK) for chunk in range(CHUNKS)] if full else [range(FEW)]
        metafunc.parametrize("seeds", chunks, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
    if "mutant" in metafunc.fixturenames:
        metafunc.parametrize("mutant", MUTANTS if full else FEW_MUTANTS)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a settings file of this machine out."""
    monkeypatch.setenv("TONGXIN_CONFIG", os.devnull)


def complaint(failed: list[Outcome]) -> str:
    """Return the failures, and a small command that repeats the first one."""
    lines = [f"{outcome.choice.command}: {outcome.faults[0]}" for outcome in failed]
    return "\n".join([*lines, f"made small: {shrink(failed[0].choice, within=SHRINK_S).command}"])


def test_promises_hold_when_corpus_seeds_run_again(invariant_log: InvariantLog) -> None:
    choices = [Choice(int(seed), int(updates)) for seed, updates, _ in CORPUS if seed != "#"]
    if not invariant_log.full:  # in small size, `test_promises_hold_when_random_faults_strike` plays some of the same towns
        choices = [choice for choice in choices if choice.updates != SMALL or choice.seed >= FEW]
    failed = [outcome for choice in choices if (outcome := run(choice)).faults]
    invariant_log.ran("towns of the corpus", len(choices), failed=len(failed))
    assert not failed, complaint(failed)


def test_promises_hold_when_random_faults_strike(invariant_log: InvariantLog, seeds: range) -> None:
    updates = invariant_log.size(small=SMALL, full=1000)
    outcomes = [run(Choice(seed, updates)) for seed in seeds]
    failed = [outcome for outcome in outcomes if outcome.faults]
    struck: Counter[str] = sum((Counter(outcome.struck) for outcome in outcomes), Counter())
    looked_at: Counter[str] = sum((Counter(outcome.counted) for outcome in outcomes), Counter())
    invariant_log.ran(
        f"simulated towns {seeds.start}-{seeds.stop - 1}",
        len(outcomes),
        failed=len(failed),
        updates=sum(outcome.updates for outcome in outcomes),
        lives=sum(outcome.lives for outcome in outcomes),
        days=round(sum(outcome.days for outcome in outcomes)),
        faults=struck.total(),
        messages=looked_at["messages"],
        moves=looked_at["moves"],
        seconds=round(sum(outcome.seconds for outcome in outcomes)),
    )
    assert not failed, complaint(failed)
    assert sum(outcome.updates for outcome in outcomes) >= 0.9 * updates * len(outcomes), "not everything that people did was handled"
    assert len(struck) > 15, "hardly anything went wrong"
    assert looked_at.keys() == LOOKED_AT, "a check had nothing to look at"


def test_mutant_is_found(invariant_log: InvariantLog, mutant: str) -> None:
    """The seed that found it is tried first; failing that, or in full size, all are tried."""
    updates = 1000 if mutant in LONG_MUTANTS else 150
    seeds = [*range(MOST_SEEDS)] if invariant_log.full else [FEW_MUTANTS[mutant], *range(FEW_SEEDS)]
    wanted = FOUND_BY.get(mutant, "")
    faults = ((seed, fault) for seed in seeds for fault in run(Choice(seed, updates, mutant=mutant)).faults)
    seed, fault = next(((seed, fault) for seed, fault in faults if fault.startswith(wanted)), (None, ""))
    invariant_log.mutant(f"simulation: {mutant}", found=bool(fault), after=f"seed {seed}, {fault}")
    assert fault


def test_trace_is_equal_when_seed_runs_in_another_process(invariant_log: InvariantLog) -> None:
    choices = [Choice(seed, 60) for seed in range(invariant_log.size(small=1, full=4))]
    here = [run(choice).trace for choice in choices]
    for hash_seed, choice, trace in zip("123456789", choices, here, strict=False):
        command = [sys.executable, *choice.command.split()[1:]]
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True)
        assert trace in said.stdout
    assert len(set(here)) == len(here)
    assert [run(choice).trace for choice in choices] == here


def test_run_is_shrunk_when_it_fails() -> None:
    def runs(choice: Choice) -> Outcome:
        """Fail when two steps come together and the server hangs."""
        fails = {17, 140} <= (choice.steps or {17, 140}) and "hang" not in choice.without
        return Outcome(choice, ["I4: sent twice"] if fails else [], "", 0, 0, 0, 0)

    seed = next(seed for seed in range(99) if "hang" in FaultInjectors(seed).enabled)
    smaller = shrink(Choice(seed, 150), within=SHRINK_S, runs=runs)
    assert smaller.steps == frozenset({17, 140})
    assert FaultInjectors(seed, without=smaller.without).enabled == {"hang"}
    assert smaller.command.endswith("--steps 17,140")
