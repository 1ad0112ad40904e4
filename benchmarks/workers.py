"""Measures the CPU per update of PostgreSQL and of several workers.

The CPU of the bots and of the database server is shown. Knows how to start a server from its package (a development dependency). A SQLite file
has one bot. Workers share the core that a single bot has in the other sections. The server is on the other core, with default settings, so
every commit reaches the disk; it ends with this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from pathlib import Path

import asyncpg

from benchmarks.bots import ANSWER, CASE, SETTLES_S, WARM, Contender, Running, cpu_of, environment, started, warm_up
from benchmarks.report import Goal, Options, Result, Table, median
from benchmarks.server import Load, Server, encoded
from benchmarks.town import USERS, prepare, url_of
from tests.engines import PostgresServer

TICK = os.sysconf("SC_CLK_TCK")
STARTS_S = 60.0
CONTENDERS = (ANSWER, CASE)
Spent = tuple[float, float, float]


async def run(options: Options) -> Result:
    """Measure each number of workers in turns."""
    result = Result("workers")
    try:
        server: PostgresServer | None = await asyncio.to_thread(PostgresServer)
    except Exception as reason:  # noqa: BLE001 (any reason why the server does not start here)
        server = None
        result.goals.append(Goal("PostgreSQL with several workers", f"no server can be started here: {type(reason).__name__}", None))
    plans: list[tuple[str, int]] = [("SQLite", 1), *(("PostgreSQL", count) for count in options.workers if server is not None)]
    for contender in CONTENDERS:
        runs: dict[tuple[str, int], list[Spent]] = {plan: [] for plan in plans}
        for _ in range(options.rounds):
            for plan in plans:
                runs[plan].append(await _round(contender, server if plan[0] == "PostgreSQL" else None, plan[1], options.updates // 2))
        _fill(result, contender, runs)
    return result


def _fill(result: Result, contender: Contender, runs: dict[tuple[str, int], list[Spent]]) -> None:
    columns = (contender.name, "workers", "bots, µs CPU per update", "server, µs", "together", "updates per second")
    table = Table(f"{contender.short}, medians", columns)
    for (engine, workers), values in runs.items():
        bots, server, rate = (median(each) for each in zip(*values, strict=True))
        table.rows.append((engine, f"{workers}", f"{bots * 1e6:.0f}", f"{server * 1e6:.0f}", f"{(bots + server) * 1e6:.0f}", f"{rate:.0f}"))
        result.figures[f"{contender.short}: {engine} {workers}: bots us"] = bots * 1e6
        result.figures[f"{contender.short}: {engine} {workers}: server us"] = server * 1e6
    result.tables.append(table)


async def _round(contender: Contender, server: PostgresServer | None, workers: int, updates: int) -> Spent:
    """Return (CPU seconds per update of all bots, the same of the server, updates per second)."""
    load = Load(encoded(contender.text, count=WARM + updates, users=USERS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = await server.copy() if server is not None else url_of(folder)
        await prepare(url)
        async with Server(load) as port:
            told = environment(folder, port, TONGXIN_DATABASE__URL=url)
            with contextlib.ExitStack() as all_:
                bots = [all_.enter_context(started(contender.command(folder, port), environment=told)) for _ in range(workers)]
                await bots[0].until(load.polled)
                if server is not None:
                    await bots[0].until(asyncio.create_task(_all_at_work(url, workers)), within=STARTS_S)
                await warm_up(contender, load, bots[0], count=WARM)
                before, began = _spent(bots, server), time.perf_counter()
                load.release(WARM + updates)
                await bots[0].until(asyncio.create_task(load.answered((WARM + updates) * contender.sends)))
                await asyncio.sleep(SETTLES_S)
                after = _spent(bots, server)
        spent = [(last - first) / updates for first, last in zip(before, after, strict=True)]
    return spent[0], spent[1], updates / (load.last_at - began)


async def _all_at_work(url: str, workers: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        while await connection.fetchval("SELECT COUNT(*) FROM workers") < workers:
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


def _spent(bots: list[Running], server: PostgresServer | None) -> tuple[float, float]:
    """Return the CPU seconds used so far by the bots, and by the server.

    The server's count includes its child processes, also those that ended.
    """
    return sum(bot.cpu() for bot in bots), 0.0 if server is None else _family(
        int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    )


def _family(parent: int) -> float:
    fields = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()
    ended = (int(fields[13]) + int(fields[14])) / TICK
    children = [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    return cpu_of(parent) + ended + sum(cpu_of(child) for child in children)
