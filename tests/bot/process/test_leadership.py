"""Leader election: one leader at a time.

A follower takes over seconds after the leader's last heartbeat, or at once if it stepped down or is known to be dead.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import bot.process.leadership
import bot.timers.clock
from bot.process.database_startup import open_database
from bot.process.leadership import Leadership, has_died, worker_name
from bot.timers.clock import Clock
from storage.engine.database import StorageFailed
from storage.unit import Store
from tests.engines import new_database

HERE, BOOT = worker_name().split(":")[:2]


class Candidate:
    """A worker: `duties` counts how often it began to lead, `leading` tells whether it does."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.name = name
        self.duties = 0
        self.leading = False

    async def open(self) -> None:
        self.store = Store(await open_database(self.url))
        self.leadership = Leadership(self.store, Clock(), worker=self.name)
        self.tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> Candidate:
        await self.open()
        self.tasks = [asyncio.create_task(each) for each in (self.leadership.run(self.duty), self.leadership.keep_beating())]
        return self

    async def duty(self) -> None:
        self.duties += 1
        self.leading = True
        try:
            await asyncio.Event().wait()
        finally:
            self.leading = False

    async def vanish(self) -> None:
        """End without a word, as a process that is killed."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def end(self) -> None:
        await self.vanish()
        await self.store.close()


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Candidate]]:
    """Two candidates on one database, who are quick."""
    for name, seconds in (("BEAT_EVERY_S", 0.05), ("TRUST_S", 0.3), ("LEAD_GONE_S", 0.6), ("WORKER_GONE_S", 1.0)):
        monkeypatch.setattr(bot.process.leadership, name, seconds)
    url = await new_database("postgres", tmp_path)
    candidates = [Candidate(url, "elsewhere:x:1:1"), Candidate(url, "elsewhere:x:2:2")]
    yield candidates
    for each in candidates:
        if hasattr(each, "store"):
            await each.end()


async def until(condition, within_s: float = 5.0) -> float:
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.005)
    return asyncio.get_running_loop().time() - began


async def test_one_of_two_leads_and_the_other_knows(town: list[Candidate]):
    first, second = [await each.begin() for each in town]
    await until(lambda: first.leading or second.leading)
    for _ in range(100):
        assert first.leading + second.leading <= 1
        await asyncio.sleep(0.01)
    follower = second if first.leading else first
    assert follower.leadership.led.is_set()
    assert first.duties + second.duties == 1


async def test_a_leader_that_falls_silent_is_replaced_in_a_while(town: list[Candidate]):
    first = await town[0].begin()
    await until(lambda: first.leading)
    second = await town[1].begin()
    await asyncio.sleep(0.2)
    await first.vanish()
    assert 0.3 < await until(lambda: second.leading) < 2
    assert second.leadership.owner.endswith(":2")  # the fence has grown


async def test_a_leader_that_steps_down_is_replaced_at_once(town: list[Candidate]):
    first = await town[0].begin()
    await until(lambda: first.leading)
    second = await town[1].begin()
    await asyncio.sleep(0.2)
    await first.vanish()
    await first.leadership.release_leadership()
    assert await until(lambda: second.leading) < 0.4


async def test_who_leaves_last_is_told_so(town: list[Candidate]):
    first, second = [await each.begin() for each in town]
    await until(lambda: first.leading or second.leading)
    await until(lambda: first.leadership.led.is_set() or second.leadership.led.is_set())
    for each in (first, second):
        await each.vanish()
    assert [await each.leadership.release_leadership() for each in (first, second)] == [False, True]


async def test_of_two_who_leave_at_once_one_is_told_that_it_is_the_last(town: list[Candidate]):
    for each in town:
        await each.open()
    for _ in range(10):
        for each in town:
            await each.leadership.beat()
        assert any(await asyncio.gather(*(each.leadership.release_leadership() for each in town)))


async def test_a_leader_that_leaves_while_its_database_is_away_does_not_wait_for_it(town: list[Candidate], monkeypatch: pytest.MonkeyPatch):
    first = await town[0].begin()
    await until(lambda: first.leading)
    await first.vanish()
    monkeypatch.setattr(bot.process.leadership, "LEAVE_WITHIN_S", 0.1)

    async def hangs(_work: object) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as away:
        away.setattr(first.store, "claim", hangs)
        assert not await asyncio.wait_for(first.leadership.release_leadership(), 5), "others may be there"
    assert not first.leadership.leads


async def test_a_leader_whose_machine_slept_does_not_trust_itself_when_it_wakes(town: list[Candidate], monkeypatch: pytest.MonkeyPatch):
    """Meanwhile another worker took over. CLOCK_MONOTONIC stopped, and the loop's timers too."""
    slept = [0.0]
    clock = SimpleNamespace(monotonic=time.monotonic, CLOCK_BOOTTIME=7, clock_gettime=lambda _: time.monotonic() + slept[0])
    monkeypatch.setattr(bot.timers.clock, "time", clock)
    monkeypatch.setattr(bot.process.leadership, "TRUST_S", 60.0)
    first = await town[0].begin()
    await until(lambda: first.leading)
    monkeypatch.setattr(first.store, "claim", lambda _work: asyncio.Event().wait())
    slept[0] = 3600.0
    assert not first.leadership.leads
    await until(lambda: not first.leading)


def test_where_no_clock_counts_sleep_the_next_best_is_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bot.timers.clock, "time", SimpleNamespace(monotonic=lambda: 5.0))
    assert bot.timers.clock.sleepless() == 5.0


async def test_a_leader_without_its_database_stops_before_another_begins(town: list[Candidate], monkeypatch: pytest.MonkeyPatch):
    """The leader's heartbeats hang on a connection without answers.

    It stops trusting its lease first, and only then is replaced.
    """
    first, second = [await each.begin() for each in town]
    await until(lambda: first.leading or second.leading)
    leader, follower = (first, second) if first.leading else (second, first)

    async def hangs(_work: object) -> None:
        await asyncio.sleep(1.5)
        raise StorageFailed("away")

    monkeypatch.setattr(leader.store, "claim", hangs)
    stopped = await until(lambda: not leader.leading)
    assert not follower.leading
    began = stopped + await until(lambda: follower.leading)
    assert stopped < 0.5 < began
    monkeypatch.undo()
    await asyncio.sleep(2)
    assert not leader.leading, "who was replaced finds so when it is back"


async def test_a_leader_that_trusts_itself_for_ever_is_found(town: list[Candidate], monkeypatch: pytest.MonkeyPatch):
    """The planted bug: trust does not run out."""
    monkeypatch.setattr(bot.process.leadership, "TRUST_S", 1e9)
    with pytest.raises(TimeoutError):
        await test_a_leader_without_its_database_stops_before_another_begins(town, monkeypatch)


async def test_the_updates_of_a_dead_worker_are_freed(town: list[Candidate]):
    first = await town[0].begin()
    await until(lambda: first.leading)
    await first.store.claim(lambda unit: unit.workers.heartbeat("elsewhere:x:9:9", at=Clock().now()))
    assert "elsewhere:x:9:9" in await first.store.claim(lambda unit: unit.workers.list_beats())
    await asyncio.sleep(1.3)
    assert set(await first.store.claim(lambda unit: unit.workers.list_beats())) == {first.name}


async def test_who_is_alone_on_its_file_leads_without_asking(tmp_path: Path):
    store = Store(await open_database(await new_database("sqlite", tmp_path)))
    leadership = Leadership(store, Clock(), worker="")
    done = asyncio.Event()

    async def duty() -> None:
        done.set()

    await leadership.run(duty)
    assert done.is_set()
    assert leadership.leads
    assert leadership.owner == "one"
    await store.close()


async def test_a_fault_of_the_duty_ends_the_worker(town: list[Candidate]):
    first = town[0]

    async def fails() -> None:
        raise LookupError("planted")

    first.duty = fails  # type: ignore[method-assign]  # the fault
    await first.begin()
    with pytest.raises(LookupError):
        await asyncio.wait_for(first.tasks[0], 5)


def test_a_process_of_this_machine_is_known_to_be_dead():
    child = subprocess.Popen([sys.executable, "-c", "from bot.process.leadership import worker_name; print(worker_name()); input()"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    assert not has_died(name)
    with contextlib.closing(child.stdout):
        child.kill()
        child.wait()
    assert child.stdin is not None
    child.stdin.close()
    assert has_died(name)
    assert has_died(f"{HERE}:{BOOT}:{os.getpid()}:1"), "another process had this number before"


@pytest.mark.parametrize("name", ["", "one", "elsewhere:another-boot:1:1", f"{HERE}:{BOOT}", worker_name()], ids=range(5))
def test_whoever_cannot_be_seen_from_here_may_live(name: str):
    assert not has_died(name)


@pytest.mark.parametrize("why", [FileNotFoundError, PermissionError], ids=["not shown", "not readable"])
@pytest.mark.parametrize("another_users", [False, True])
def test_who_is_hidden_and_lives_has_not_died(monkeypatch: pytest.MonkeyPatch, why: type[OSError], another_users: bool):
    """With hidepid, /proc hides another user's process; a signal still finds it."""
    read = Path.read_text

    def hidden(path: Path, **how: str) -> str:
        if path.name == "stat":
            raise why
        return read(path, **how)

    def refused(pid: int, number: int) -> None:
        raise PermissionError

    child = subprocess.Popen(["sleep", "60"])
    monkeypatch.setattr(Path, "read_text", hidden)
    try:
        with monkeypatch.context() as users:
            if another_users:
                users.setattr(os, "kill", refused)
            assert not has_died(f"{HERE}:{BOOT}:{child.pid}:12345")
    finally:
        child.kill()
        child.wait()
    assert has_died(f"{HERE}:{BOOT}:{child.pid}:12345")
