"""Run one seed again, or look for a failing seed and shrink it.

Command: `python -m tests.faults.simulation SEED`; a failed test prints it.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings


def main() -> int:
    """Run the command line and print the results."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.simulation")
    parser.add_argument("seed", type=int)
    parser.add_argument("--updates", type=int, default=1000)
    parser.add_argument("--mutant", default="", help="a mistake of mutants.py")
    parser.add_argument("--without", default="", help="fault_injectors to leave out, with commas between")
    parser.add_argument("--steps", default="", help="only these steps, with commas between")
    parser.add_argument("--seeds", type=int, default=1, help="so many seeds, beginning with this one")
    parser.add_argument("--shrink", type=float, default=0, metavar="SECONDS", help="make a failing one small")
    asked = parser.parse_args()
    os.environ["TONGXIN_CONFIG"] = os.devnull
    warnings.filterwarnings("ignore", module="telegram")
    from tests.faults.simulation.choice import Choice
    from tests.faults.simulation.run import run
    from tests.faults.simulation.shrink import shrink

    steps = frozenset(map(int, asked.steps.split(","))) if asked.steps else None
    failed = 0
    for seed in range(asked.seed, asked.seed + asked.seeds):
        choice = Choice(seed, asked.updates, frozenset(filter(None, asked.without.split(","))), asked.mutant, steps)
        outcome = run(choice)
        print(f"seed {seed}: {outcome}")  # noqa: T201
        if outcome.faults:
            failed += 1
            print(*outcome.faults, sep="\n")  # noqa: T201
            if asked.shrink:
                smaller = shrink(choice, within=asked.shrink)
                print(f"made small: {smaller.command}", *run(smaller).faults, sep="\n")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
