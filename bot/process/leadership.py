"""Elect the one worker that polls, runs timers and delivers.

Knows heartbeats and a clock that neither jumps nor stops; must not know the leader's work. The leader raises a number every second and
trusts its lease for a few seconds after that; a follower takes over when the number has not changed for longer. Invariant: at most one
worker believes that it leads, independent of what clocks show and of which process is paused; a replaced leader sees in the database that
the fence has grown.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.timers.clock import sleepless
from storage.core.workers import LeaderLease
from storage.engine.database import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from bot.timers.clock import Clock
    from storage.unit import Store, Unit

log = structlog.get_logger("leadership")
BEAT_EVERY_S = 1.0
#: How long a leader trusts its lease after renewal, how long a number is unchanged before a follower takes over, and when a worker counts
#: as dead.
TRUST_S = 3.0
LEAD_GONE_S = 6.0
WORKER_GONE_S = 10.0
LEAVE_WITHIN_S = 2.0


def worker_name() -> str:
    """Return a name that no other process has, now or later: `host:realm:pid:birth`."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{_realm() or secrets.token_hex(4)}:{pid}:{_birth(pid) or ''}"


def has_died(worker: str) -> bool:
    """Tell whether a worker's process is known to be gone; False when in doubt.

    It is known only for processes that can be seen from here.
    """
    _, _, rest = worker.partition(":")
    realm, pid, birth, *_ = [*rest.split(":"), "", "", ""]
    return bool(realm) and realm == _realm() and pid.isdigit() and _birth(int(pid)) not in (birth, None)


def _realm() -> str:
    """Return the scope in which process numbers are unique: this boot and this namespace.

    Empty where that cannot be known.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
        return f"{boot}-{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return ""


def _birth(pid: int) -> str | None:
    """Return when a process began, in ticks since the boot.

    Empty when there is no such process, None when it lives and is hidden from us.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None if _lives(pid) else ""
    return "" if fields[0] in "XZ" else fields[19]


def _lives(pid: int) -> bool:
    """Tell whether there is a process with this number, of any user.

    /proc may hide the processes of other users (hidepid); sending a signal still shows that they exist.
    """
    try:
        with contextlib.suppress(PermissionError):  # it exists and belongs to another user
            os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Watched:
    """Numbers that others raise, and since when each is unchanged (seconds of `sleepless`)."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[object, float]] = {}

    def still_for(self, name: str, number: object, now: float) -> float:
        """Return for how long this number has been the same."""
        if name not in self._seen or self._seen[name][0] != number:
            self._seen[name] = (number, now)
        return now - self._seen[name][1]

    def keep(self, names: set[str]) -> None:
        """Forget all numbers except these."""
        self._seen = {name: seen for name, seen in self._seen.items() if name in names}


class Leadership:
    """A worker's heartbeat and its leader lease.

    * `await keep_beating()`: from the start until everything in flight is done, so that nobody takes over before.
    * `await run(duty)`: `duty()` runs while this worker leads and is cancelled when it does not.
    * `await release_leadership()`: at the end, after both.

    `leads`: now; `owner`: this worker's name with the fence. A worker alone on its database (`worker` is empty) always leads.
    """

    def __init__(self, store: Store, clock: Clock, *, worker: str) -> None:
        self._store = store
        self._clock = clock
        self._worker = worker
        self._watched = Watched()
        self._lead: LeaderLease | None = None
        self._trusted_until = 0.0
        self._stands = True
        self._confirmed = asyncio.Event()
        #: Set once another worker leads.
        self.led = asyncio.Event()

    @property
    def leads(self) -> bool:
        """True while this worker holds the lease and may do the leader's work."""
        return not self._worker or (self._lead is not None and sleepless() < self._trusted_until)

    @property
    def owner(self) -> str:
        """The leader's name, for rows that only the leader takes."""
        return "one" if self._lead is None else f"{self._lead.owner}:{self._lead.fence}"

    async def keep_beating(self) -> None:
        """Send a heartbeat every second until cancelled; a worker alone sends none.

        Raises any fault except the database's.
        """
        if not self._worker:
            await asyncio.get_running_loop().create_future()
        while True:
            try:
                await self.beat()
            except StorageFailed:
                log.error("storage_failed", exc_info=True)
            await asyncio.sleep(BEAT_EVERY_S)

    async def run(self, duty: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Lead whenever it is this worker's turn, until cancelled; then keep a lease but take none.

        Raises what `duty` raises.
        """
        if not self._worker:
            return await duty()
        try:
            while True:
                await self._confirmed.wait()
                self._confirmed.clear()
                if self.leads:
                    log.info("leading", worker=self._worker)
                    await self._lead_on(duty)
                    log.warning("no_longer_leading", worker=self._worker)
        finally:
            self._stands = False

    async def _lead_on(self, duty: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run the duty until the lease is lost or a fault ends it."""
        task = asyncio.create_task(duty(), name="duty")
        try:
            while self.leads and not task.done():
                left = self._trusted_until - sleepless()
                await asyncio.wait([task], timeout=max(0.01, min(left, BEAT_EVERY_S)))  # the loop's clock stops during suspend
            if task.done():
                task.result()
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def beat(self) -> None:
        """Send a heartbeat, renew the lease or take a vacant one, and release dead workers' rows.

        Raises:
            StorageFailed: the database did not answer.
        """
        asked_at = sleepless()
        lead, seen, beats = await self._store.claim(self._beat)
        if lead is None and self._stands and self._is_vacant(seen, asked_at):
            lead = await self._store.claim(lambda unit: unit.workers.acquire_lease(self._worker, seen=seen))
        self._lead = lead
        if lead is None:
            self.led.set()
            return
        self._trusted_until = asked_at + TRUST_S
        self._confirmed.set()
        await self._bury(beats, asked_at)

    async def _beat(self, unit: Unit) -> tuple[LeaderLease | None, LeaderLease, dict[str, int]]:
        await unit.workers.heartbeat(self._worker, at=self._clock.now())
        if self._lead is not None and await unit.workers.renew_lease(self._lead):
            return self._lead, self._lead, await unit.workers.list_beats()
        return None, await unit.workers.find_lead(), {}

    def _is_vacant(self, seen: LeaderLease, now: float) -> bool:
        still = self._watched.still_for("", seen, now)
        return not seen.owner or still > LEAD_GONE_S or has_died(seen.owner)

    async def _bury(self, beats: dict[str, int], now: float) -> None:
        """Release the rows that dead workers had claimed, so that others take them."""
        self._watched.keep(set(beats))
        gone = [worker for worker, beat in beats.items() if self._watched.still_for(worker, beat, now) > WORKER_GONE_S or has_died(worker)]
        for worker in gone:
            freed = await self._store.claim(lambda unit, worker=worker: unit.workers.reap(worker))  # type: ignore[misc]
            log.warning("worker_gone", worker=worker, updates=freed)
        if gone:
            await self._store.claim(lambda unit: unit.workers.bury_unknown())

    async def release_leadership(self) -> bool:
        """Release the lease, so that others need not wait; tell whether this worker is the last.

        Call it when all work in hand is recorded. If several workers leave at once, only the last one gets True. An unreachable database is
        not waited for and is not a fault: the workers present when it is back notice by the heartbeats.
        """
        lead, self._lead = self._lead, None
        if not self._worker:
            return True
        with contextlib.suppress(StorageFailed, TimeoutError):
            async with asyncio.timeout(LEAVE_WITHIN_S):
                await self._store.claim(lambda unit: self._leave(unit, lead))
                return all(map(has_died, await self._store.claim(lambda unit: unit.workers.list_beats())))
        return False

    async def _leave(self, unit: Unit, lead: LeaderLease | None) -> None:
        if lead is not None:
            await unit.workers.release_leadership(lead)
        await unit.workers.reap(self._worker)
