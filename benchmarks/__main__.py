"""Runs benchmark sections and prints their tables and goals.

Start it with `make bench` or `python -m benchmarks [SECTION …] [--rounds 5] [--updates 3000] [--json FILE]`. Knows the sections by name.
A section that fails is reported, and the others still run.
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

SECTIONS = ("engines", "latency", "fsync", "broadcast", "growth", "memory", "workers", "hearing")


async def run(section: str, options: Options) -> Result:
    """Run one section. A failure becomes a goal that was not measured."""
    from benchmarks.bots import elsewhere

    try:
        with elsewhere():
            found: Result = await importlib.import_module(f"benchmarks.{section}").run(options)
    except Exception as error:  # noqa: BLE001 (the other sections still run)
        traceback.print_exc()
        found = Result(section, goals=[Goal(section, f"failed: {type(error).__name__}", None)])
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the requested sections and print their results. Return 1 if a section failed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; default: all")
    parser.add_argument("--rounds", type=int, default=Options.rounds, help="rounds in turns; tables show the medians")
    parser.add_argument("--updates", type=int, default=Options.updates, help="updates per bot and round")
    parser.add_argument("--receivers", type=int, default=Options.receivers, help="recipients of the broadcast")
    parser.add_argument("--cases", type=int, nargs="+", default=list(Options.cases), help="cases in the towns of the section on growth")
    parser.add_argument("--memory-updates", type=int, default=Options.memory_updates, help="updates in the section on memory")
    parser.add_argument("--json", type=Path, help="write every figure to this file")
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
