"""Measures start-up time, the memory of an idle process, and its growth per update.

Start-up time is from exec to the first poll. Knows /proc. The slope is a linear fit of the resident size over updates, without the first half,
in which caches and buffers fill.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.bots import REPORT, Contender, environment, serving, started, tongxin
from benchmarks.report import Options, Result, Table, at_most, median
from benchmarks.server import Load, Server, message_update
from benchmarks.town import USERS, prepare, url_of
from tests.process import free_port

IDLE_MB = 70.0
SAMPLES = 60
#: One in this many updates opens a case; the others are answered with the help.
CASE_EACH = 10
BOT = Contender("memory", "Tongxin", tongxin, town=True)


async def run(options: Options) -> Result:
    """Measure the start several times, then one long run."""
    starts = [await _start(options.idle_s) for _ in range(options.rounds)]
    seconds, resident, own = (median(values) for values in zip(*starts, strict=True))
    slope, first, last = await _slope(options.memory_updates)
    table = Table(
        f"{options.rounds} starts, medians; one run of {options.memory_updates} updates, one in {CASE_EACH} opens a case", ("", "seen")
    )
    table.rows += [
        ("from exec to the first poll, s", f"{seconds:.2f}"),
        (f"resident, idle for {options.idle_s:g} s, health page on and requested, MB", f"{resident:.1f}"),
        ("of that anonymous, without mapped files, MB", f"{own:.1f}"),
        ("resident after the first half of the run, MB", f"{first:.1f}"),
        ("resident at the end of the run, MB", f"{last:.1f}"),
        ("slope, bytes per update", f"{slope:.1f}"),
    ]
    result = Result("memory", [table])
    result.figures = {"first poll s": seconds, "idle MB": resident, "idle own MB": own, "slope bytes": slope, "end MB": last}
    result.goals.append(at_most("idle, health page on", resident, IDLE_MB, unit="MB"))
    return result


async def _start(idle_s: float) -> tuple[float, float, float]:
    """Return (seconds to the first poll, resident MB, anonymous MB)."""
    load = Load([])
    port_of_health = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await prepare(url_of(folder))
        async with Server(load) as port:
            more = {"TONGXIN_HEALTH__PORT": str(port_of_health)}
            began = time.perf_counter()
            with started(tongxin(folder, port), environment=environment(folder, port, **more)) as bot:
                await bot.until(load.polled)
                await asyncio.sleep(idle_s)
                address = f"http://127.0.0.1:{port_of_health}/health"
                await asyncio.to_thread(lambda: urllib.request.urlopen(address, timeout=5).read())
                return load.first_at - began, *bot.memory()


async def _slope(updates: int) -> tuple[float, float, float]:
    """Return (bytes per update, MB after the first half, MB at the end)."""
    step = max(1, updates // SAMPLES)
    load = Load(_mixed(updates))
    seen: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory() as name:
        async with serving(BOT, load, Path(name)) as bot:
            for done in (*range(step, updates, step), updates):
                load.release(done)
                await bot.until(asyncio.create_task(load.answered(done + done // CASE_EACH)))
                seen.append((done, bot.memory()[0]))
    kept = seen[len(seen) // 2 :] if len(seen) > 3 else seen
    fit = statistics.linear_regression([done for done, _ in kept], [megabytes * 1e6 for _, megabytes in kept])
    return fit.slope, kept[0][1], kept[-1][1]


def _mixed(count: int) -> list[bytes]:
    """Return updates 1 to `count`. Multiples of CASE_EACH open cases and get two answers."""
    texts = ((number, REPORT if number % CASE_EACH == 0 else "/help") for number in range(1, count + 1))
    return [json.dumps(message_update(number, text, USERS), ensure_ascii=False).encode() for number, text in texts]
