"""SIGKILL before every statement of many stories, and at random ones.

Everything acknowledged is kept, nothing is done twice, and the story ends alike. The trials run in a small process of their own
(`tests/faults/crash.py`), because it forks. Each failure prints the command that repeats it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.crash_flows import FLOWS, SHORT
from tests.faults.crash_mutants import FORGETFUL, MUTANTS

if TYPE_CHECKING:
    from tests.faults.invariant_log import InvariantLog

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261124
#: Two runs of each kind, so that two processors share the full size.
HALVES = (0, 1)
#: The kill that found `FORGETFUL` is tried first.
FOUND_AT = 40

pytestmark = pytest.mark.timeout(3600)
Line = dict[str, Any]


def crash_runs(*arguments: str) -> list[Line]:
    """Run the crash runs and return their output, line by line."""
    command = [sys.executable, "-m", "tests.faults.crash", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [json.loads(line) for line in process.stdout]
        except BaseException:
            process.terminate()
            raise
    assert process.returncode == 0, f"the crash runs ended with {process.returncode} after {len(lines)} lines"
    return lines


def named(flows: Sequence[str]) -> list[str]:
    return [word for name in flows for word in ("--flow", name)]


def failures(trials: Sequence[Line]) -> list[str]:
    return [f"{each['flow']}: {each['wrong']}\n    {each['repeat']}" for each in trials if each["wrong"]]


@pytest.mark.parametrize("half", HALVES)
def test_story_ends_alike_when_killed_before_any_statement(invariant_log: InvariantLog, capsys: pytest.CaptureFixture[str], half: int):
    told = (list(FLOWS) if invariant_log.full else list(SHORT))[half::2]
    started = time.monotonic()
    lines = crash_runs("every", *named(told), *([] if invariant_log.full else ["--thin"]))
    seconds = time.monotonic() - started
    stories, trials = [line for line in lines if "points" in line], [line for line in lines if "kill" in line]
    wrong = failures(trials)
    invariant_log.ran(
        "kills before every statement", len(trials), failed=len(wrong), stories=len(stories), a_second=round(len(trials) / seconds)
    )
    with capsys.disabled():
        for each in stories:
            print(f"\n  {each['flow']}: {each['steps']} steps, {each['points']} kills", end="")  # noqa: T201 - how many there were is the point
    assert not wrong, "\n".join(wrong[:20])
    assert len(trials) == sum(each["points"] for each in stories)
    assert [each["flow"] for each in stories] == told
    assert all(each["points"] >= 10 and each["said"] for each in stories)


def test_crash_runs_have_enough_stories():
    assert len(FLOWS) >= 20
    assert len(SHORT) >= 6


@pytest.mark.disk
@pytest.mark.parametrize("half", HALVES)
def test_mixed_stories_end_alike_when_killed_at_random_points(invariant_log: InvariantLog, tmp_path: Path, half: int):
    count = invariant_log.size(small=48, full=5000)
    started = time.monotonic()
    trials = crash_runs(
        *("random", "--seed", str(SEED + half), "--trials", str(count), "--disk", str(tmp_path)),
        *([] if invariant_log.full else named(SHORT)),
    )
    seconds = time.monotonic() - started
    wrong = failures(trials)
    invariant_log.ran(
        "kills at random points",
        len(trials),
        failed=len(wrong),
        killed_again=sum(each["again"] > 0 for each in trials),
        on_a_disk=sum(each["disk"] for each in trials),
        a_second=round(len(trials) / seconds),
    )
    assert not wrong, "\n".join(wrong[:20])
    assert len(trials) == count
    assert len({each["flow"] for each in trials}) > count // 25, "twenty kills a mixture, and few mixtures alike"
    assert sum(each["again"] > 0 for each in trials) > count // 10


def test_crash_runs_fail_when_mutant_is_injected(invariant_log: InvariantLog):
    found = {line["bug"]: line for line in crash_runs("mutants")}
    for bug, line in found.items():
        invariant_log.mutant(bug, found=bool(line["wrong"]), after=f"{line['tries']} kills")
    assert [bug for bug in MUTANTS if not found[bug]["wrong"]] == []
    harmless = {bug for bug, line in found.items() if not line["unkilled"]}
    assert set(MUTANTS) - harmless <= {"repeats told by the highest number"}, "a bug that shows without a kill proves nothing about kills"


def test_kill_is_repeated_when_its_command_is_run():
    (again,) = crash_runs("every", "--flow", "accept", "--step", "1", "--kill", "60")
    assert again["wrong"] == ""
    kills = (
        crash_runs("every", "--flow", "report in one line", "--mutant", FORGETFUL, "--kill", str(point))[0]
        for point in (FOUND_AT, *range(31, 61, 3))
    )
    assert any("confirmed and not kept" in found["wrong"] for found in kills)
