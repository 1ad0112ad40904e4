"""`make bench`: updates handled per CPU-second, ours beside its peers, and an alert that overtakes a broadcast.

Every bot runs in a process of its own against the same loopback server, one after another, in turns; the medians of the rounds are printed with
their ratios. CPU is user and system time of the bot's process and all its threads, from the first poll to the last answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.peers import TOKEN
from benchmarks.server import FIRST_USER, Load, Server, message_update
from domain.change import Address, ChatId, Notice, Priority, Receiver, StationId, VillageId
from domain.people import Role
from storage.sqlite import SqliteDatabase
from storage.unit import Store, Unit

USERS = 500
TICK = os.sysconf("SC_CLK_TCK")
AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


@dataclass
class Contender:
    """One row of the table. `sends`: messages that one update causes."""

    name: str
    command: Callable[[int], list[str]]
    text: str
    sends: int = 1
    prepared: bool = False


def _peer(name: str) -> Callable[[int], list[str]]:
    return lambda port: [sys.executable, "-m", "benchmarks.peers", name, str(port)]


def _ours(_port: int) -> list[str]:
    return [sys.executable, "-m", "bot", "run"]


CONTENDERS = (
    Contender("stock python-telegram-bot echo, no storage", _peer("ptb"), "/help"),
    Contender("aiogram 3 echo, no storage", _peer("aiogram"), "/help"),
    Contender("Tongxin, one durable answer", _ours, "/help", prepared=True),
    Contender("Tongxin, a case opened: receipt and chair's card", _ours, "/report dispute 邻居砌墙占了我家的路", 2, prepared=True),
)


async def prepare(path: Path) -> None:
    """Make a town: a chair and an officer a village, USERS villagers."""
    store = Store(await _migrated(path))

    async def build(unit: Unit) -> None:
        station = await unit.transaction.fetch_one("INSERT INTO stations (name) VALUES ('所') RETURNING id")
        assert station is not None
        for index in range(42):
            row = await unit.transaction.fetch_one(
                "INSERT INTO villages (station_id, name) VALUES (?, ?) RETURNING id", (station["id"], f"村{index}")
            )
            assert row is not None
            for role, number in ((Role.CHAIR, 5_000_000 + index), (Role.OFFICER, 6_000_000 + index % 9)):
                person = await unit.people.add(f"{role}{index}", at=AT, village_id=row["id"], consent_version="1")
                await unit.people.attach(person, Address("telegram", ChatId(number)), at=AT)
                await unit.people.appoint(person, role, station_id=StationId(station["id"]), village_id=row["id"], at=AT)
        for index in range(USERS):
            person = await unit.people.add(f"村民{index}", at=AT, village_id=VillageId(index % 42 + 1), consent_version="1")
            await unit.people.attach(person, Address("telegram", ChatId(FIRST_USER + index)), at=AT)

    await store.transact(build)
    await store.close()


async def _migrated(path: Path) -> SqliteDatabase:
    database = await SqliteDatabase.open(path)
    await database.migrate()
    return database


def _environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    return (
        os.environ
        | {
            "TONGXIN_CONFIG": str(folder / "none.yaml"),
            "TONGXIN_TELEGRAM__TOKEN": TOKEN,
            "TONGXIN_TELEGRAM__BASE_URL": f"http://127.0.0.1:{port}/bot",
            "TONGXIN_DATABASE__URL": f"sqlite:///{folder / 'town.db'}",
            "TONGXIN_DELIVERY__PER_SECOND": "100000",
            "TONGXIN_DELIVERY__CHAT_PER_SECOND": "10000",
            "TONGXIN_DELIVERY__CHAT_BURST": "1000",
            "TONGXIN_LIMITS__TEXTS_PER_MINUTE": "1000000",
            "TONGXIN_LIMITS__REPORTS_PER_HOUR": "1000000",
            "TONGXIN_LOGGING__LEVEL": "ERROR",
            "TONGXIN_HEALTH__PORT": "0",
        }
        | more
    )


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


async def measure(contender: Contender, updates: int) -> tuple[float, float]:
    """Return (updates per CPU-second, updates per second of wall time) of one run."""
    encoded = [json.dumps(message_update(number, contender.text, USERS), ensure_ascii=False).encode() for number in range(1, updates + 1)]
    load = Load(encoded, wanted=updates * contender.sends)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if contender.prepared:
            await prepare(folder / "town.db")
        async with Server(load) as port:
            bot = subprocess.Popen(
                contender.command(port), env=_environment(folder, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                while load.first_at == 0.0 and bot.poll() is None:
                    await asyncio.sleep(0.005)
                before = _cpu(bot.pid)
                async with asyncio.timeout(300):
                    await load.done.wait()
                spent = _cpu(bot.pid) - before
            finally:
                bot.kill()
                bot.wait()
    return updates / spent, updates / (load.last_at - load.first_at)


async def start_up_and_idle(folder: Path) -> tuple[float, float]:
    """Return (seconds from exec to the first poll, resident megabytes five seconds later)."""
    await prepare(folder / "town.db")
    load = Load([])
    async with Server(load) as port:
        began = time.perf_counter()
        bot = subprocess.Popen(_ours(port), env=_environment(folder, port, TONGXIN_HEALTH__PORT="19464"), stderr=subprocess.DEVNULL)
        try:
            while load.first_at == 0.0:
                await asyncio.sleep(0.002)
            await asyncio.sleep(5)
            await asyncio.to_thread(lambda: urllib.request.urlopen("http://127.0.0.1:19464/health", timeout=5).read())
            pages = int(Path(f"/proc/{bot.pid}/statm").read_text().split()[1])
        finally:
            bot.kill()
            bot.wait()
    return load.first_at - began, pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def overtaking(folder: Path, receivers: int) -> tuple[float, int]:
    """Put an alert behind a broadcast that is leaving at 28 a second; return (its wait in seconds, broadcasts sent before it)."""
    await prepare(folder / "town.db")
    store = Store(await _migrated(folder / "town.db"))

    def notice(chat: int, priority: Priority) -> Notice:
        return Notice(Receiver(Address("telegram", ChatId(chat))), "dialog.cancelled", priority=priority)

    async def fill(unit: Unit) -> None:
        for index in range(receivers):
            await unit.outbox.put(notice(2_000_000 + index, Priority.BROADCAST), unique_key=f"tip:{index}", at=AT)

    await store.transact(fill)
    await store.close()
    seen: list[tuple[float, int]] = []
    load = Load([json.dumps(message_update(1, "/help", 1)).encode()], wanted=10**9)
    load.updates = []
    load.on_send = lambda fields: seen.append((time.perf_counter(), int(fields["chat_id"][0])))
    async with Server(load) as port:
        pace = {"TONGXIN_DELIVERY__PER_SECOND": "28", "TONGXIN_DELIVERY__CHAT_PER_SECOND": "1", "TONGXIN_DELIVERY__CHAT_BURST": "3"}
        bot = subprocess.Popen(_ours(port), env=_environment(folder, port, **pace), stderr=subprocess.DEVNULL)
        try:
            while len(seen) < 60:
                await asyncio.sleep(0.01)
            before = len(seen)
            inserted = time.perf_counter()
            load.updates.append(json.dumps(message_update(1, "/help", 1)).encode())
            while not any(chat == FIRST_USER + 1 or chat == FIRST_USER for _, chat in seen):
                await asyncio.sleep(0.002)
            at, _ = next(item for item in seen if item[1] in (FIRST_USER, FIRST_USER + 1))
            return at - inserted, sum(when < at for when, _ in seen) - before
        finally:
            bot.kill()
            bot.wait()


async def main(updates: int, rounds: int) -> None:
    """Print the table."""
    figures: dict[str, list[tuple[float, float]]] = {contender.name: [] for contender in CONTENDERS}
    for _ in range(rounds):
        for contender in CONTENDERS:
            figures[contender.name].append(await measure(contender, updates))
    medians = {name: tuple(statistics.median(values) for values in zip(*runs, strict=True)) for name, runs in figures.items()}
    base, second = (medians[contender.name][0] for contender in CONTENDERS[:2])
    print(f"{updates} updates, {rounds} rounds, medians; updates per CPU-second\n")
    print(f"{'':<52}{'per CPU-s':>10}{'per s':>9}{'× stock':>9}{'× aiogram':>11}")
    for name, (per_cpu, per_second) in medians.items():
        print(f"{name:<52}{per_cpu:>10.0f}{per_second:>9.0f}{per_cpu / base:>9.2f}{per_cpu / second:>11.2f}")
    with tempfile.TemporaryDirectory() as folder:
        seconds, megabytes = await start_up_and_idle(Path(folder))
    print(f"\nfrom start to the first poll: {seconds:.2f} s; idle, health page on: {megabytes:.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        wait, between = await overtaking(Path(folder), 10_000)
    print(f"an answer put behind a broadcast of 10,000 at 28/s left after {wait * 1000:.0f} ms, {between} broadcast messages in between")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--updates", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.updates, arguments.rounds))
