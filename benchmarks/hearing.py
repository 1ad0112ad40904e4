"""Measures how long it takes to hear danger in a message: the usual ones, and long ones.

Pure work in this process; the sentences are those of the tests from which the rules are written.
"""

from __future__ import annotations

import statistics
import time

from benchmarks.bots import ROOT
from benchmarks.report import Goal, Options, Result, Table
from domain.emergencies.hearing import hear

LENGTH = 3000
#: What people write most of the time.
USUAL = (
    "你好",
    "路灯坏了三天了，麻烦派人来看看",
    "办身份证要带什么",
    "好的谢谢",
    "邻居晚上唱歌太吵",
    "明天几点开会",
    "他欠我钱不还",
    "在东头老树下面",
)


async def run(options: Options) -> Result:
    """Measure each message several times; the fastest counts."""
    result = Result("hearing")
    rows = (ROOT / "tests" / "domain" / "emergencies" / "seen.tsv").read_text(encoding="utf-8").splitlines()
    sentences = [row.split("\t")[3] for row in rows]
    table = Table("hear one message", ("", "median µs", "longest µs"))
    for name, messages in (("usual messages", list(USUAL)), ("sentences with dangerous words", sentences)):
        times = [_fastest(message, options.rounds) for message in messages]
        table.rows.append((name, f"{statistics.median(times):.0f}", f"{max(times):.0f}"))
        result.figures[name] = statistics.median(times)
    longest = {"usual words": "".join(USUAL) * 60, "dangerous words": "".join(sentences), "one word": "着火了" * LENGTH}
    for name, text in longest.items():
        took = _fastest(text[:LENGTH], options.rounds)
        table.rows.append((f"{LENGTH} characters, {name}", f"{took:.0f}", f"{took:.0f}"))
        result.figures[f"{LENGTH} characters, {name}"] = took
    result.tables.append(table)
    usual, long = result.figures["usual messages"], result.figures[f"{LENGTH} characters, usual words"]
    result.goals.append(Goal("usual messages are heard in less than 50 µs", f"{usual:.0f} µs", usual < 50))
    result.goals.append(Goal(f"{LENGTH} characters are heard in less than 2 ms", f"{long / 1000:.1f} ms", long < 2000))
    worst = max(took for name, took in result.figures.items() if name.startswith(str(LENGTH)))
    result.goals.append(Goal(f"{LENGTH} characters full of dangerous words in less than 2 ms", f"{worst / 1000:.1f} ms", worst < 2000))
    return result


def _fastest(message: str, rounds: int) -> float:
    """Return the time of the fastest call, in microseconds."""
    times = []
    for _ in range(rounds):
        hear.cache_clear()  # a message that was just heard costs nothing
        began = time.perf_counter()
        hear(message)
        times.append(time.perf_counter() - began)
    return min(times) * 1e6
