"""Measures updates per CPU-second: Tongxin against its peers and against the floor.

Knows the contenders. All take turns, round by round, on the same core against the same server. Ratios are medians of the rounds' ratios.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bots import AIOGRAM, ANSWER, CASE, FLOOR, FLOOR_OWN, ROOT, STOCK, Contender, measure
from benchmarks.peers import TOKEN
from benchmarks.report import Options, Result, Table, at_least, median, ratio_of

GRAMMY_VERSION = "1.46.0"
INSTALLS_S = 180
GRAMMY = "grammY echo on node, no storage"
GOALS = ((ANSWER, STOCK, 2.5), (ANSWER, AIOGRAM, 1.25), (ANSWER, FLOOR, 0.45), (CASE, STOCK, 1.5))


async def run(options: Options) -> Result:
    """Measure every contender."""
    result = Result("engines")
    contenders: list[Contender] = [STOCK, AIOGRAM, ANSWER, CASE, FLOOR, FLOOR_OWN]
    with tempfile.TemporaryDirectory() as folder:
        if options.grammy:
            reason = _install_grammy(Path(folder))
            if reason:
                result.notes.append(f"grammY was not measured: {reason}.")
            else:
                contenders.append(Contender("grammy", GRAMMY, lambda _, port: ["node", f"{folder}/grammy.mjs", str(port), TOKEN]))
        runs: dict[str, list[tuple[float, float]]] = {contender.name: [] for contender in contenders}
        for _ in range(options.rounds):
            for contender in contenders:
                runs[contender.name].append(await measure(contender, options.updates))
    _fill(result, contenders, runs)
    return result


def _fill(result: Result, contenders: Sequence[Contender], runs: dict[str, list[tuple[float, float]]]) -> None:
    per_cpu = {name: [cpu for cpu, _ in values] for name, values in runs.items()}
    columns = ("updates per CPU-second", "", "least", "most", "× stock", "× aiogram", "× floor", "per second")
    table = Table(f"{len(runs[STOCK.name])} rounds in turns, medians", columns)
    for contender in contenders:
        values = per_cpu[contender.name]
        ratios = [ratio_of(values, per_cpu[other.name]) for other in (STOCK, AIOGRAM, FLOOR)]
        per_second = median(second for _, second in runs[contender.name])
        figures = (median(values), min(values), max(values))
        table.rows.append(
            (contender.name, *(f"{figure:.0f}" for figure in figures), *(f"{ratio:.2f}" for ratio in ratios), f"{per_second:.0f}")
        )
        result.figures |= {f"{contender.short}: per CPU-second": figures[0], f"{contender.short}: per second": per_second}
    result.tables.append(table)
    for ours, other, least in GOALS:
        words = f"{ours.short} against {other.short}"
        ratio = ratio_of(per_cpu[ours.name], per_cpu[other.name])
        result.figures[words] = ratio
        result.goals.append(at_least(words, ratio, least))


def _install_grammy(folder: Path) -> str:
    """Install grammY into a folder. Return the reason of a failure, or an empty string."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "node is not installed"
    (folder / "grammy.mjs").write_bytes((ROOT / "benchmarks" / "grammy.mjs").read_bytes())
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", f"grammy@{GRAMMY_VERSION}"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALLS_S, check=False)
    except subprocess.TimeoutExpired:
        return "its installation took too long"
    return f"npm answered {done.returncode}" if done.returncode else ""
