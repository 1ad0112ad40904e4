"""Measures the time from an update's arrival to its commit and to its answer, at half load.

Knows the load's instants only. An update counts as committed when a poll confirms it: our bot polls again only after the commit; the peers,
which store nothing, poll at once. It counts as answered when a message for its chat arrives. Arrivals are random (exponential gaps, a fixed
seed). Half load is half of the rate that the bot sustained just before.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import defaultdict, deque
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bots import AIOGRAM, ANSWER, CASE, STOCK, WARM, Contender, Running, serving, warm_up
from benchmarks.report import Options, Result, Table, median, percentile
from benchmarks.server import FIRST_USER, Load, encoded
from benchmarks.town import USERS

if TYPE_CHECKING:
    from benchmarks.server import Fields

CONTENDERS = (STOCK, AIOGRAM, ANSWER, CASE)
SHARES = (0.5, 0.99)


class Watch:
    """Records when each update arrived, was confirmed and was answered.

    Only messages to the chats of users count as answers, in order within each chat.
    """

    def __init__(self, load: Load) -> None:
        self._arrived: dict[int, float] = {}
        self._waiting: dict[int, deque[float]] = defaultdict(deque)
        self._confirmed = load.confirmed
        self.committed_s: list[float] = []
        self.answered_s: list[float] = []
        load.on_confirm = self._confirm
        load.on_send = self._send

    def arrive(self, number: int) -> None:
        """Record the arrival of an update."""
        now = time.perf_counter()
        self._arrived[number] = now
        self._waiting[FIRST_USER + number % USERS].append(now)

    def _confirm(self, number: int) -> None:
        now = time.perf_counter()
        for each in range(self._confirmed + 1, number + 1):
            if each in self._arrived:
                self.committed_s.append(now - self._arrived[each])
        self._confirmed = number

    def _send(self, fields: Fields) -> None:
        waiting = self._waiting.get(int(fields["chat_id"]))
        if waiting:
            self.answered_s.append(time.perf_counter() - waiting.popleft())


async def run(options: Options) -> Result:
    """Measure every contender in turns."""
    result = Result("latency")
    runs: dict[str, list[tuple[float, ...]]] = {contender.name: [] for contender in CONTENDERS}
    for turn in range(options.rounds):
        for contender in CONTENDERS:
            runs[contender.name].append(await _round(contender, options.updates, seed=turn))
    columns = ("milliseconds at half load", "updates per second", "committed p50", "p99", "answered p50", "p99")
    table = Table(f"{options.rounds} rounds in turns, medians", columns)
    for contender in CONTENDERS:
        rate, *spans = (median(values) for values in zip(*runs[contender.name], strict=True))
        shown = [f"{span * 1000:.1f}" for span in spans]
        if not contender.town:
            shown[:2] = ["not stored", ""]
        table.rows.append((contender.name, f"{rate:.0f}", *shown))
        names = ("committed p50", "committed p99", "answered p50", "answered p99")
        result.figures |= {f"{contender.short}: {name} ms": span * 1000 for name, span in zip(names, spans, strict=True)}
    result.tables.append(table)
    return result


async def _round(contender: Contender, updates: int, *, seed: int) -> tuple[float, ...]:
    """Return (updates per second, committed p50, p99, answered p50, p99) of one process.

    Times are in seconds. The process runs first as fast as it can, then at half of that rate.
    """
    load = Load(encoded(contender.text, count=WARM + 2 * updates, users=USERS))
    with tempfile.TemporaryDirectory() as name:
        async with serving(contender, load, Path(name)) as bot:
            await warm_up(contender, load, bot, count=WARM)
            began = time.perf_counter()
            load.release(WARM + updates)
            await bot.until(asyncio.create_task(load.answered((WARM + updates) * contender.sends)))
            rate = updates / (load.last_at - began) / 2
            watch = Watch(load)
            await _arrivals(load, watch, bot, rate=rate, seed=seed)
            await bot.until(asyncio.create_task(load.answered((WARM + 2 * updates) * contender.sends)))
            await asyncio.sleep(0.05)
    spans = [percentile(values, share) for values in (watch.committed_s, watch.answered_s) for share in SHARES]
    return rate, *spans


async def _arrivals(load: Load, watch: Watch, bot: Running, *, rate: float, seed: int) -> None:
    """Release the remaining updates one by one, at random instants."""
    chance = random.Random(seed)
    at = time.perf_counter()
    for number in range(load.released + 1, len(load.updates) + 1):
        at += chance.expovariate(rate)
        wait = at - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        watch.arrive(number)
        load.release(number)
        if bot.process.poll() is not None:
            return
