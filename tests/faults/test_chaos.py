"""Chaos runs of ten minutes: PostgreSQL, two workers, all faults at once.

Every report is one case, and every reporter has its number. A message may come twice if its sender died, was replaced or lost the answer
while it was in flight, but never without a fault between its first time and its second. Nothing is lost and nothing is done twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.server import running
from sandbox.world.world import World
from tests.e2e.village import TOKEN, close_village, import_cast, open_village, settings_of
from tests.engines import BRISK, PostgresServer, postgres, rows
from tests.faults.chaos import Chaos, Worker, elapsed, events_of, injected_in, supervised
from tests.faults.test_kill import NUMBER, people_come
from tests.process import Bot

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.village import Village
    from tests.faults.invariant_log import InvariantLog

SEED = 20261124
REST_WITHIN_S = 120.0
CHAOS_RUNS = 4
#: Commits are cut for so long after the last report, without other faults.
LASTS_S = 1.0
#: Of all receipts, at most so many may come again: 15 % were measured at the small size, where faults come four times as often.
AGAIN_SHARE = 0.3
LIMITS = {"TONGXIN_LIMITS__REPORTS_PER_HOUR": "100000", "TONGXIN_LIMITS__TEXTS_PER_MINUTE": "1000000"}
WAITING = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'waiting') + (SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND not_before < $1)"


async def report(village: Village, people: list[int], count: int, seconds: float) -> list[str]:
    """Send reports evenly over so many seconds; return their words, each of them once."""
    words = [f"第 {number} 件：{people[number % len(people)]} 家门前的路" for number in range(count)]
    began = time.monotonic()
    for number, text in enumerate(words):
        person = people[number % len(people)]
        await village.http.post("/control/messages", json={"user": person, "chat": person, "text": f"/report dispute {text}"})
        await asyncio.sleep(max(0.0, began + seconds * number / count - time.monotonic()))
    return words


class NeverAtRestError(AssertionError):
    """Something still waits when everything should long be done."""


async def come_to_rest(village: Village, url: str) -> float:
    """Wait until nothing waits; return how many seconds it took.

    Raises:
        NeverAtRestError: it took too long.
    """
    began, quiet = time.monotonic(), 0
    while quiet < 5:
        if elapsed(began) > REST_WITHIN_S:
            ((waiting,),) = await rows(url, WAITING, 2**60)
            raise NeverAtRestError(f"{len(village.world.updates.queue)} updates not taken, {waiting} rows wait")
        ((waiting,),) = await rows(url, WAITING, 2**60 if quiet else int(village.world.clock.now() * 1e6))
        quiet = quiet + 1 if not waiting and not village.world.updates.queue else 0
        await asyncio.sleep(0.2)
    return elapsed(began)


@dataclass
class Findings:
    """The results of a chaos run: cases, numbers told to people with their times, and events.

    `between(first, then)`: whether there was any fault between a message and its repetition.
    """

    words: list[str]
    kept: list[tuple[int, str]]
    told: dict[str, list[float]]
    rested_s: float
    done: Counter[str]
    between: Callable[[float, float], bool]

    @property
    def lost(self) -> list[str]:
        """Reports without a case."""
        return sorted(set(self.words) - {text for _, text in self.kept})

    @property
    def doubled(self) -> list[str]:
        """Reports with more than one."""
        return sorted(text for text, times in Counter(text for _, text in self.kept).items() if times > 1)

    @property
    def untold(self) -> list[str]:
        """Return the case numbers without a receipt."""
        return sorted({str(number) for number, _ in self.kept} - set(self.told))

    @property
    def again(self) -> int:
        """Return the number of repeated receipts."""
        return sum(len(times) - 1 for times in self.told.values())

    @property
    def unprovoked(self) -> list[str]:
        """Return the numbers told again without a fault since the last time."""
        pairs = ((number, pair) for number, times in self.told.items() for pair in pairwise(sorted(times)))
        return sorted({number for number, pair in pairs if not self.between(*pair)})

    @property
    def wrong(self) -> str:
        """Return the faults in a line; empty when all is well."""
        found = {"lost": self.lost, "doubled": self.doubled, "untold": self.untold, "told again for no reason": self.unprovoked}
        return ", ".join(f"{len(numbers)} {what}" for what, numbers in found.items() if numbers)


async def chaos_run(
    folder: Path, *, count: int, seconds: float, mutant: str = "", haste: float = 1.0, before: float = 0.0, by_exec: bool = False
) -> Findings:
    """Let so many reports come in so many seconds of chaos.

    `mutant`: Python that every worker runs before anything else, which forked workers can. `haste` 0: nothing happens but cut commits, and both
    workers are there first.
    """
    server = PostgresServer(*BRISK)
    url = await server.prepared("roster", lambda made: import_cast(folder, made))
    extra = LIMITS | (injected_in(folder / "mutant", mutant) if mutant else {})
    world = World(TOKEN, limits=False)
    async with contextlib.AsyncExitStack() as closing:
        closing.callback(server.stop)
        address = await closing.enter_async_context(running(world))
        village = await open_village(world, address, folder, url, LIMITS)
        closing.push_async_callback(close_village, village)
        people = await people_come(village, 10 if not haste else 30 if count < 1000 else 100)
        await village.bot.stop()
        workers = [Worker(Bot(address, TOKEN, folder / name, settings_of(extra), by_exec=by_exec)) for name in ("one", "two")]
        chaos = Chaos(server, workers, random.Random(SEED), world.clock.now, haste)  # noqa: S311 - the same faults every time
        if mutant:
            chaos.cut_share, chaos.ways = before, ("before",)
        with tempfile.TemporaryDirectory() as sockets:
            for worker in workers:
                worker.bot.folder.mkdir()
                worker.bot.stored = f"{url.partition('?')[0]}?host={sockets}"
            async with chaos.wire.running(Path(sockets)), supervised(workers):
                while not haste and events_of(workers, "running").total() < len(workers):  # noqa: ASYNC110 - other processes
                    await asyncio.sleep(0.05)
                over = asyncio.Event()
                faults_go_on = asyncio.create_task(chaos.run(over))
                try:
                    words = await report(village, people, count, seconds)
                    await asyncio.sleep(0 if haste else LASTS_S)
                finally:
                    over.set()
                    await faults_go_on
                rested = await come_to_rest(village, url)
        kept = [(int(number), str(text)) for number, text in await rows(url, "SELECT id, text FROM cases ORDER BY id")]
        told = defaultdict[str, list[float]](list)
        for line in (line for person in people for line in village.chats.of(person).by_bot() if line.how == "said"):
            for number in NUMBER.findall(line.text)[:1]:
                told[number].append(line.at)
    return Findings(words, kept, told, rested, chaos.done + events_of(workers, "leading", "worker_gone", "storage_failed"), chaos.between)


@pytest.mark.timeout(1200)
async def test_reports_survive_when_all_faults_strike_two_workers(tmp_path: Path, invariant_log: InvariantLog) -> None:
    with invariant_log.or_skipped("reports in a chaos run"):
        postgres()
    count, seconds = invariant_log.size(small=200, full=10_000), invariant_log.size(small=20, full=600)
    found = await chaos_run(tmp_path, count=count, seconds=seconds, haste=1.0 if invariant_log.full else 4.0, by_exec=invariant_log.full)
    invariant_log.ran(
        "reports in a chaos run",
        count,
        failed=len(found.lost) + len(found.doubled) + len(found.untold) + len(found.unprovoked),
        lost=len(found.lost),
        doubled=len(found.doubled),
        told_again=found.again,
        for_no_reason=len(found.unprovoked),
        rested_s=found.rested_s,
        **dict[str, Any]({name.replace(" ", "_"): number for name, number in sorted(found.done.items())}),
    )
    assert not found.wrong
    first = found.kept[0][0]
    assert [number for number, _ in found.kept] == list(range(first, first + count))
    assert found.again <= AGAIN_SHARE * count
    assert [what for what in ("server restarts", "workers killed", "workers paused") if not found.done[what]] == []
    cuts = sum(number for what, number in found.done.items() if what.startswith("commits cut"))
    assert cuts or not invariant_log.full  # a hundredth of the few commits of the small size may be zero


#: The bug → (share of commits that are cut before the server receives them, Python that makes it).
MUTANTS = {
    "a commit whose answer is lost counts as kept": (
        0.4,
        """
import storage.engine.postgres_session
async def guess(self, number): return True
storage.engine.postgres_session.Session._was_committed = guess
""",
    ),
    "an update belongs to whoever reads it": (
        0.0,
        """
import storage.core.inbox
from storage.core.inbox import COLUMNS, Inbox, _waiting
async def claim(self, worker, *, limit, at, channels=None):
    rows = await self._transaction.fetch_all(f"SELECT {COLUMNS} FROM inbox WHERE state = 'waiting' ORDER BY id LIMIT ?", (limit,))
    return [_waiting(row) for row in rows]
async def finish(self, inbox_id, *, worker, at):
    return await self._transaction.execute("UPDATE inbox SET state = 'done' WHERE id = ?", (inbox_id,)) == 1
Inbox.claim, Inbox.finish = claim, finish
""",
    ),
    "every message is sent twice": (
        0.0,
        """
import bot.delivery.delivery
from bot.delivery.messages import send
async def twice(sending):
    await send(sending)
    return await send(sending)
bot.delivery.delivery.send = twice
""",
    ),
    "a message in hand is taken again, and not looked at": (
        0.0,
        """
from bot.delivery.send_queue import SendQueue
from storage.core.outbox import Outbox
from storage.core.outgoing import COLUMNS, outgoing
from storage.values import to_us
async def claim(self, *, owner, at, limit, below=None, channels=None):
    rows = await self._transaction.fetch_all(
        "UPDATE outbox SET owner = ? WHERE id IN (SELECT id FROM outbox WHERE state = 'waiting' AND not_before <= ? AND priority < ?"
        f" ORDER BY priority, id LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING {COLUMNS}",
        (owner, to_us(at), 1000 if below is None else below, limit),
    )
    return [outgoing(row) for row in rows]
Outbox.claim, SendQueue.in_doubt = claim, lambda self, row: False
""",
    ),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("bug", MUTANTS)
async def test_chaos_runs_fail_when_mutant_is_injected(
    bug: str, tmp_path: Path, invariant_log: InvariantLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers and cut commits alone usually find it.

    Where they do not, and in full size, chaos runs are repeated until one finds it.
    """
    with invariant_log.or_skipped(f"mutant: {bug}"):
        postgres()
    share, mutant = MUTANTS[bug]
    wrong, runs = "", 0
    while not wrong and runs < CHAOS_RUNS:
        runs += 1
        folder = tmp_path / str(runs)
        folder.mkdir()
        direct = runs == 1 and not invariant_log.full
        monkeypatch.setattr("tests.faults.test_chaos.REST_WITHIN_S", 10.0 if direct else 25.0)
        try:
            if direct:
                found = await chaos_run(folder, count=20, seconds=1, mutant=mutant, haste=0, before=share)
            else:
                found = await chaos_run(folder, count=150, seconds=15, mutant=mutant, haste=4.0, before=share)
        except NeverAtRestError as never:
            wrong = f"a town that never came to rest ({never})"
        else:
            wrong = found.wrong
    invariant_log.mutant(bug, found=bool(wrong), after=f"{wrong} in chaos run {runs}")
    assert wrong
