"""Measures the effect of group commits on a slow disk: each fsync takes 5 ms more.

Compares Tongxin with the floor with one commit per update, the cheapest bot that commits an update before it answers. Wall time counts here,
because waiting for a disk uses no CPU.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.bots import ANSWER, CASE, ROOT, Contender, floor, measure
from benchmarks.report import Goal, Options, Result, Table, at_least, median, ratio_of

DELAY_US = 5000
SINGLE = Contender("one commit per update", "the floor with one commit per update", floor(1))
CONTENDERS = (SINGLE, ANSWER, CASE)
GOAL = 10.0


async def run(options: Options) -> Result:
    """Measure all in turns. The slow floor gets fewer updates."""
    result = Result("fsync")
    compiler = shutil.which("cc")
    if compiler is None:
        result.goals.append(Goal("one durable answer against one commit per update", "no C compiler here", None))
        return result
    with tempfile.TemporaryDirectory() as folder:
        slow = {"LD_PRELOAD": _compiled(compiler, Path(folder)), "BENCH_SYNC_US": str(DELAY_US)}
        contenders = [replace(contender, more=slow) for contender in CONTENDERS]
        rates: dict[str, list[float]] = {contender.short: [] for contender in contenders}
        for _ in range(options.rounds):
            for contender in contenders:
                updates = max(50, options.updates // 10) if contender.short == SINGLE.short else options.updates
                rates[contender.short].append((await measure(contender, updates))[1])
    table = Table(f"{DELAY_US / 1000:g} ms added to each fsync, {options.rounds} rounds in turns, medians", ("", "updates per second", "×"))
    for contender in contenders:
        ratio = ratio_of(rates[contender.short], rates[SINGLE.short])
        table.rows.append((contender.name, f"{median(rates[contender.short]):.0f}", f"{ratio:.1f}"))
        result.figures[f"{contender.short}: per second"] = median(rates[contender.short])
    result.tables.append(table)
    ratio = ratio_of(rates[ANSWER.short], rates[SINGLE.short])
    result.goals.append(at_least(f"{DELAY_US / 1000:g} ms per fsync: one durable answer against one commit per update", ratio, GOAL))
    return result


def _compiled(compiler: str, folder: Path) -> str:
    """Compile the library that delays a process's fsync, and return its path."""
    library, source = folder / "slow_sync.so", ROOT / "benchmarks" / "slow_sync.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl"], check=True)
    return str(library)
