"""`make bench`, or `python -m benchmarks [SECTION …] [--rounds 5] [--updates 3000] [--json FILE]`: prints tables, and what was reached.

Knows the sections by name. A section that fails says so and does not keep the others from running.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from benchmarks.report import Goal, Options, Result, goals_table, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTIONS = ("engines", "latency", "fsync", "broadcast", "growth", "memory", "workers")


async def run(section: str, options: Options) -> Result:
    """Run one section; one that fails is a goal that was not measured."""
    from benchmarks.bots import elsewhere

    try:
        with elsewhere():
            found: Result = await importlib.import_module(f"benchmarks.{section}").run(options)
    except Exception as error:  # noqa: BLE001 (the other sections still have something to say)
        traceback.print_exc()
        found = Result(section, goals=[Goal(section, f"failed: {type(error).__name__}", None)])
    return found


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for and print it; 1 when a section failed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; all of them when none is named")
    parser.add_argument("--rounds", type=int, default=Options.rounds, help="rounds in turns, of which the median counts")
    parser.add_argument("--updates", type=int, default=Options.updates, help="updates a bot gets in a round")
    parser.add_argument("--receivers", type=int, default=Options.receivers, help="of the broadcast")
    parser.add_argument("--cases", type=int, nargs="+", default=list(Options.cases), help="sizes of the growing town")
    parser.add_argument("--memory-updates", type=int, default=Options.memory_updates, help="updates while memory is watched")
    parser.add_argument("--json", type=Path, help="a file for every figure")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"there is no section {', '.join(sorted(unknown))}")
    options = Options(
        rounds=asked.rounds, updates=asked.updates, receivers=asked.receivers, cases=tuple(asked.cases), memory_updates=asked.memory_updates
    )
    print(f"{time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}, {len(os.sched_getaffinity(0))} cores, Python {sys.version.split()[0]}\n")
    results = []
    for section in asked.sections or SECTIONS:
        began = time.perf_counter()
        results.append(uvloop.run(run(section, options)))
        print("\n".join(results[-1].lines()))
        print(f"(took {time.perf_counter() - began:.0f} s)\n", flush=True)
    goals = goals_table(results)
    print("\n".join(["## Goals", "", *goals.lines()]))
    if asked.json:
        write_json(asked.json, results)
    return int(any(goal.met is None and goal.seen.startswith("failed") for result in results for goal in result.goals))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
