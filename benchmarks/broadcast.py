"""Measures a broadcast at the rate that the server permits, with calls for help during it.

Knows the server's limits (the sandbox's: one bucket for all chats that holds a second's worth; per chat a burst, then one per second). A call
for help is a villager's `/sos` with words. The chair must get the case in the next send slot, no matter how many messages wait.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bots import Contender, environment, started, tongxin
from benchmarks.report import Goal, Options, Result, Table, at_least, median
from benchmarks.server import Load, Server, encoded
from benchmarks.town import AT, FIRST_CHAIR, VILLAGES, prepare, url_of
from bot.process.database_startup import open_database
from domain.core.change import Address, ChatId, Notice, Priority, Receiver
from sandbox.core.errors import ApiError
from sandbox.world.limits import Limits
from storage.unit import Store, Unit

if TYPE_CHECKING:
    from benchmarks.server import Fields

FIRST_RECEIVER = 2_000_000
GOAL_PERCENT = 99.0
BOT = Contender("broadcast", "Tongxin", tongxin)


@dataclass
class Cry:
    """One call for help: the instants of its commit, first message and chair's card.

    `between` counts the broadcast messages sent between the commit and the card.
    """

    kept_at: float = 0.0
    first_at: float = 0.0
    sent_at: float = 0.0
    between: int = 0


@dataclass
class Count:
    """Counts sends and applies the server's limits."""

    limits: Limits
    receivers: int
    sent_at: list[float] = field(default_factory=list)
    broadcast: int = 0
    refused: int = 0
    cries: list[Cry] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    quarter: deque[tuple[int, asyncio.Event]] = field(default_factory=deque)

    def take(self, fields: Fields) -> tuple[int, bytes] | None:
        """Count a send, or answer it with 429."""
        now, chat = time.perf_counter(), int(fields["chat_id"])
        try:
            self.limits.spend(chat, now=now)
        except ApiError as error:
            self.refused += 1
            seconds = int((error.parameters or {})["retry_after"])
            return 429, b'{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":%d}}' % seconds
        self.sent_at.append(now)
        cry = self.cries[-1] if self.cries else None
        if chat >= FIRST_RECEIVER and chat < FIRST_RECEIVER + self.receivers:
            self._broadcast_sent(cry)
        elif cry is not None:
            cry.first_at = cry.first_at or now
            if not cry.sent_at and FIRST_CHAIR <= chat < FIRST_CHAIR + VILLAGES:
                cry.sent_at = now
        return None

    def _broadcast_sent(self, cry: Cry | None) -> None:
        self.broadcast += 1
        if cry is not None and cry.kept_at and not cry.sent_at:
            cry.between += 1
        while self.quarter and self.broadcast >= self.quarter[0][0]:
            self.quarter.popleft()[1].set()
        if self.broadcast == self.receivers:
            self.done.set()

    def confirmed(self, _number: int) -> None:
        """Note that the last call for help is committed."""
        if self.cries and not self.cries[-1].kept_at:
            self.cries[-1].kept_at = time.perf_counter()

    def share(self) -> float:
        """Return the used share of the permitted rate, in percent, from first to last message."""
        span = self.sent_at[-1] - self.sent_at[0]
        return 100 * (len(self.sent_at) - 1) / (span * self.limits.global_per_s)

    def busiest_second(self) -> int:
        """Return the largest number of messages sent within one second."""
        window: deque[float] = deque()
        most = 0
        for at in self.sent_at:
            window.append(at)
            while window[0] <= at - 1:
                window.popleft()
            most = max(most, len(window))
        return most


async def run(options: Options) -> Result:
    """Run one broadcast with its calls for help."""
    count = Count(Limits(), options.receivers)
    with tempfile.TemporaryDirectory() as name:
        await _prepare(url_of(Path(name)), options.receivers)
        await _broadcast(Path(name), count, options)
    waits = [cry.sent_at - cry.kept_at for cry in count.cries if cry.sent_at]
    first = [cry.first_at - cry.kept_at for cry in count.cries if cry.first_at]
    slot = 1 / count.limits.global_per_s
    table = Table(
        f"{options.receivers} recipients at {count.limits.global_per_s:g} messages per second, {len(count.cries)} calls for help",
        ("", "seen"),
    )
    between = max((cry.between for cry in count.cries), default=0)
    table.rows += [
        ("used share of the permitted rate, %", f"{count.share():.2f}"),
        ("refused with 429", f"{count.refused}"),
        ("messages within one second, at most", f"{count.busiest_second()}"),
        ("from the call's commit to its first message (the numbers to dial), median ms", f"{median(first) * 1000:.0f}"),
        ("the same, longest ms", f"{max(first, default=0) * 1000:.0f}"),
        ("from the call's commit to the chair's card (its second message), median ms", f"{median(waits) * 1000:.0f}"),
        ("the same, longest ms", f"{max(waits, default=0) * 1000:.0f}"),
        ("broadcast messages in between, at most", f"{between}"),
    ]
    result = Result("broadcast", [table])
    result.figures = {
        "share %": count.share(), "refused": count.refused, "first longest ms": max(first, default=0) * 1000,
        "chair median ms": median(waits) * 1000, "chair longest ms": max(waits, default=0) * 1000, "between": between,
    }  # fmt: skip
    result.goals.append(at_least("broadcast: used share of the permitted rate", count.share(), GOAL_PERCENT, unit="%"))
    result.goals.append(Goal("broadcast: no 429", f"{count.refused}", count.refused == 0))
    heard = len(waits) == len(count.cries) > 0
    seen = f"{max(first, default=0) * 1000:.0f} ms at most, {between} in between, a slot is {slot * 1000:.0f} ms"
    # A call committed during a send waits for that one message and then has the next slot; a second message before it is an error.
    result.goals.append(Goal("an SOS leaves in the next send slot", seen, heard and between <= 1))
    return result


async def _broadcast(folder: Path, count: Count, options: Options) -> None:
    load = Load(encoded("/sos 河里有人落水", count=options.alerts, users=VILLAGES), on_send=count.take, on_confirm=count.confirmed)
    pace = {name: str(value) for name, value in _pace(count.limits).items()}
    async with Server(load) as port:
        with started(BOT.command(folder, port), environment=environment(folder, port, **pace)) as bot:
            for turn in range(options.alerts):
                reached = asyncio.Event()
                count.quarter.append((options.receivers * (turn + 1) // (options.alerts + 1), reached))
                await bot.until(reached, within=options.receivers)
                count.cries.append(Cry())
                load.release(turn + 1)
            await bot.until(count.done, within=options.receivers)


def _pace(limits: Limits) -> dict[str, float]:
    """Return settings that use the server's whole global rate.

    The limits per chat keep their production values.
    """
    return {
        "TONGXIN_DELIVERY__PER_SECOND": limits.global_per_s,
        "TONGXIN_DELIVERY__CHAT_PER_SECOND": limits.chat_per_s,
        "TONGXIN_DELIVERY__CHAT_BURST": 3,
    }


async def _prepare(url: str, receivers: int) -> None:
    await prepare(url)
    store = Store(await open_database(url))

    async def fill(unit: Unit) -> None:
        for index in range(receivers):
            to = Receiver(Address("telegram", ChatId(FIRST_RECEIVER + index)))
            notice = Notice(to, "dialog.cancelled", priority=Priority.BROADCAST)
            await unit.outbox.put(notice, unique_key=f"tip:{index}", at=AT)

    await store.transact(fill)
    await store.close()
