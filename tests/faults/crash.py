"""Crash runs: kill a story before every statement and message, then compare its end.

SIGKILL comes before every statement and every message of a story, and at random ones. It is a process of its own, because it forks: a child
runs the story and kills itself at point K. The parent starts again on what the child left, handles pending items and goes on. Then it
compares everything remembered and everything sent with a run without a kill. One line of JSON for each story and each trial; a failure ends
with the command that repeats it.

    python -m tests.faults.crash every [--flow accept] [--thin] [--step 1 --kill 37 [--mutant BUG]]
    python -m tests.faults.crash random --seed 5 --trials 100 [--disk FOLDER]
    python -m tests.faults.crash mutants
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import random
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from tests.faults import crash_mutants
from tests.faults.crash_flows import FLOWS
from tests.faults.crash_run import NEVER, CrashRunner
from tests.faults.crash_script import Press, Say, Step, Together

COMMAND = ".venv/bin/python -m tests.faults.crash"
SHARED = Path("/dev/shm")  # noqa: S108 - memory that looks like a disk; each run has a folder of its own in it
#: Number of stories in a mixture.
MIXED = (1, 1, 2, 3)
#: One kill in so many continues to the end of its story, the others to the end of the step.
WHOLE = 8
KILLS_PER_MIX = 12
AT_ONCE = 0.2
SECOND_KILL = 0.3
ON_DISK = 0.05

Line = dict[str, object]


# Random stories -------------------------------------------------------------------------------------------------------------


def mixed(seed: str, flows: Sequence[str]) -> tuple[str, tuple[Step, ...]]:
    """Return up to three of these stories interleaved, each in its own order.

    Some of their steps happen at the same moment.
    """
    dice = random.Random(f"mix {seed}")  # noqa: S311 - the same story every time
    names = dice.sample(sorted(flows), dice.choice(MIXED))
    queues = [list(FLOWS[name]) for name in names]
    steps: list[Step] = []
    while any(queues):
        step = dice.choice([queue for queue in queues if queue]).pop(0)
        before = steps[-1] if steps else None
        if isinstance(step, Say | Press) and isinstance(before, Say | Press) and step.who != before.who and dice.random() < AT_ONCE:
            steps[-1] = Together((before, step))
        else:
            steps.append(step)
    return " + ".join(names), tuple(steps)


def at_random(crash_runner: CrashRunner, flows: Sequence[str], *, seed: int, trials: int, disk: Path | None) -> Iterator[Line]:
    """Kill mixed stories at random points; some again during recovery, some on a real disk."""
    for number in range(-(-trials // KILLS_PER_MIX)):
        name, steps = mixed(f"{seed}:{number}", flows)
        story = crash_runner.tell(name, steps, lenient=True, parts=False)
        dice = random.Random(f"kill {seed}:{number}")  # noqa: S311 - the same kills every time
        for _ in range(min(KILLS_PER_MIX, trials - number * KILLS_PER_MIX)):
            point = dice.randint(1, story.whole)
            again = dice.randint(1, max(1, story.whole // 2)) if dice.random() < SECOND_KILL else 0
            on_disk = disk is not None and dice.random() < ON_DISK
            wrong = crash_runner.trial(story, 0, point, again=again, place=disk if on_disk else None)
            yield {"flow": name, "seed": f"{seed}:{number}", "kill": point, "again": again, "disk": on_disk, "wrong": wrong}


def everywhere(crash_runner: CrashRunner, flows: Sequence[str], *, thin: bool) -> Iterator[Line]:
    """Kill each story at every point; print its number of points, then each trial."""
    for name in flows:
        story = crash_runner.tell(name, FLOWS[name])
        places = crash_runner.places(story, thin=thin)
        yield {
            "flow": name,
            "steps": len(story.moves),
            "points": len(places),
            "rows": sum(map(len, story.end.values())),
            "said": len(story.shown),
        }
        for number, (step, point) in enumerate(places):
            wrong = crash_runner.trial(story, step, point, whole=number % WHOLE == 0)
            yield {"flow": name, "step": step, "kill": point, "wrong": wrong}
        crash_runner.forget(story)


def with_bugs(crash_runner: CrashRunner, bugs: Sequence[str]) -> Iterator[Line]:
    """Inject each bug and kill its story at point after point until the bug is found.

    The points come in a mixed order.
    """
    for bug in bugs:
        name = crash_mutants.MUTANTS[bug][1]
        crash_runner.mutant = ""
        story = crash_runner.tell(name, FLOWS[name])
        crash_runner.count_anew()
        places = crash_runner.places(story, thin=True)
        random.Random(bug).shuffle(places)  # noqa: S311 - the same order every time
        crash_runner.mutant = bug
        found = next(
            (
                (tries, *each, wrong)
                for tries, each in enumerate(places, 1)
                if (wrong := crash_runner.trial(story, *each)) not in ("", NEVER)
            ),
            None,
        )
        tries, step, point, wrong = found or (len(places), 0, 0, "")
        yield {
            "flow": name,
            "step": step,
            "kill": point,
            "wrong": wrong,
            "bug": bug,
            "tries": tries,
            "unkilled": crash_runner.unkilled(story),
        }
        crash_runner.forget(story)


def repeat(trial: Line) -> str:
    """Return the command that repeats a trial."""
    if "seed" in trial:
        seed, number = str(trial["seed"]).split(":")
        how = f"random --seed {seed} --mix {number} --kill {trial['kill']} --again {trial['again']}"
        return f"{COMMAND} {how}{trial.get('pool', '')}"
    mutant = f" --mutant {shlex.quote(str(trial['bug']))}" if "bug" in trial else ""
    return f"{COMMAND} every --flow {shlex.quote(str(trial['flow']))} --step {trial['step']} --kill {trial['kill']}{mutant}"


def main() -> None:
    """Run what the command line asks for; print a line of JSON for each story and each trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("how", choices=("every", "random", "mutants"))
    parser.add_argument("--flow", action="append", help="which stories; all of them if none is named")
    parser.add_argument("--step", type=int, default=0, help="kill in the life that begins with this step")
    parser.add_argument("--kill", type=int, default=0, help="kill only at this point")
    parser.add_argument("--again", type=int, default=0, help="and the next life at this one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mix", type=int, default=0, help="with --kill: which mixture of the seed")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--disk", type=Path, help="a folder on a real disk, for some of the random kills")
    parser.add_argument("--thin", action="store_true", help="leave out points that follow upon a mere reading")
    parser.add_argument("--mutant", default="", choices=("", *crash_mutants.MUTANTS))
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the shared memory is released
    shared = tempfile.TemporaryDirectory(dir=SHARED if SHARED.is_dir() else None, prefix="crash-")
    with shared as folder, contextlib.closing(CrashRunner(Path(folder))) as crash_runner:
        for line in _asked(crash_runner, given):
            if line.get("wrong"):
                line["repeat"] = repeat(line)
            print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201 - this is how a run tells


def _asked(crash_runner: CrashRunner, given: argparse.Namespace) -> Iterator[Line]:
    flows = given.flow or list(FLOWS)
    if given.kill:
        yield _once(crash_runner, given, flows)
    elif given.how == "every":
        yield from everywhere(crash_runner, flows, thin=given.thin)
    elif given.how == "random":
        pool = "".join(f" --flow {shlex.quote(name)}" for name in given.flow or ())
        for line in at_random(crash_runner, flows, seed=given.seed, trials=given.trials, disk=given.disk):
            yield line | {"pool": pool}
    else:
        yield from with_bugs(crash_runner, [given.mutant] if given.mutant else list(crash_mutants.MUTANTS))


def _once(crash_runner: CrashRunner, given: argparse.Namespace, flows: Sequence[str]) -> Line:
    """Repeat one trial."""
    seed = f"{given.seed}:{given.mix}"
    name, steps = mixed(seed, flows) if given.how == "random" else (flows[0], FLOWS[flows[0]])
    story = crash_runner.tell(name, steps, lenient=given.how == "random", parts=given.how != "random")
    crash_runner.mutant = given.mutant
    wrong = crash_runner.trial(story, given.step, given.kill, again=given.again)
    came = "" if given.how == "random" else story.names[given.step][given.kill - 1]
    return {"flow": name, "step": given.step, "seed": seed, "kill": given.kill, "again": given.again, "before": came, "wrong": wrong}


if __name__ == "__main__":
    main()
