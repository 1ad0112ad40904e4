"""Composition root: build every part of the process from the settings and run the town.

Knows every part of the process and how it starts and stops. Imported by the command line only. Invariant: nothing is received before the
database is at the newest schema and, for SQLite, this is its only process; SIGTERM stops receiving first and delivery last.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import structlog

from bot.delivery.delivery import Delivery
from bot.delivery.pacing import pace_of
from bot.delivery.reach import rings
from bot.handling.dispatch import Table
from bot.handling.update_processor import Handling
from bot.http.health import HealthPage
from bot.process.database_startup import CannotStart, opened_store
from bot.process.housekeeping import start_up
from bot.process.leadership import Leadership, worker_name
from bot.process.opening import channels_of, connect, open_some, tokens_of
from bot.process.running import Running
from bot.receiving.webhook import WebhookReceiver, receiver_of
from bot.routes import DIALOGS, HOOKS, ROUTES
from bot.settings import Settings
from bot.telegram.channel import Channel
from bot.timers.clock import Clock, monotonic
from bot.timers.recurring_jobs import Timetable, jobs
from bot.timers.timer_loop import Ticking
from storage.engine.database import StorageFailed
from storage.maintenance.backup import RESTORED
from storage.unit import Store, Unit

if TYPE_CHECKING:
    from bot.channel_settings import TelegramSection

T = TypeVar("T")
log = structlog.get_logger("engine")


class Engine(Running):
    """A running town: its store, channels and loops."""

    def __init__(self, settings: Settings, store: Store, channels: dict[str, Channel], clock: Clock) -> None:
        self.settings = settings
        self.store = store
        store.veil = HOOKS.veils
        self.channels = channels
        self.clock = clock
        self._names: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self._waking: set[str] = set()
        self.town = settings.as_town(bot_names=self._names, links=self._links, waking=self._waking)
        self._endpoints = {endpoint.channel: endpoint for endpoint in settings.endpoints}
        table = Table.of(ROUTES, DIALOGS, HOOKS)
        self.worker = worker_name() if store.database.shared else ""
        self.leadership = Leadership(store, clock, worker=self.worker)
        paces = {name: pace_of(channel, settings.delivery, self._endpoint(name).own_pace) for name, channel in channels.items()}
        self.delivery = Delivery(
            store, channels, paces, clock, self.town, at_once=settings.delivery.at_once, permitted=lambda: self.leadership.leads
        )  # fmt: skip
        self.handling = Handling(store, channels, table, clock, self.town, worker=self.worker, told=self.delivery.wake)
        self.ticking = Ticking(store, table, clock, self.town, told=self.delivery.wake)
        self.receivers = [
            receiver_of(channel, store, clock, self._endpoint(name), received=self.handling.wake, registers=lambda: self.leadership.leads)
            for name, channel in channels.items()
        ]
        self._webhooks = [receiver for receiver in self.receivers if isinstance(receiver, WebhookReceiver)]
        self.started_at = monotonic()
        self.repeats = 0
        self._begun = asyncio.Event()
        for name, channel in channels.items():
            if channel.is_open:
                self._know(name, channel)

    def _endpoint(self, name: str) -> TelegramSection:
        return self._endpoints.get(name, self.settings.telegram)

    def _know(self, name: str, channel: Channel) -> None:
        """Let decisions know who we are on a channel that has been opened."""
        self._names[name] = channel.bot_name
        if base := channel.link_base:
            self._links[name] = base
        if rings(channel):
            self._waking.add(name)

    async def meet(self, name: str) -> None:
        """Work on a channel from now on, and remember how its server describes itself, for `check`."""
        channel = self.channels[name]
        self._know(name, channel)
        self.delivery.repace(name, pace_of(channel, self.settings.delivery, self._endpoint(name).own_pace))
        described = orjson.dumps(channel.described).decode()
        await self.store.transact(lambda unit: unit.facts.put(f"channel.{name}", described))
        self.handling.wake()
        self.delivery.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Run every loop until `stop`, then finish what is in flight (at most ten seconds)."""
        tune_gc()
        self.store.database.watch(self._told_by_others)
        stopping = asyncio.create_task(stop.wait())
        begun = self._loop("begun", self._somebody_leads())
        work = [self._loop("database", self.store.database.lost()), self._loop("duty", self.leadership.run(self._lead))]
        beats = self._loop("beats", self.leadership.keep_beating())
        doors: list[asyncio.Task[None]] = []
        try:
            await asyncio.wait([stopping, begun, beats, *work], return_when=asyncio.FIRST_COMPLETED)
            work += [self._loop("handling", self.handling.run()), self._loop("clock", self._follow_clock())]
            doors += [self._loop("receiving", receiver.run()) for receiver in self.receivers if not receiver.polls]
            async with HealthPage(self):
                log.info("running", channels=len(self.channels))
                done, _ = await asyncio.wait([stopping, beats, *doors, *work], return_when=asyncio.FIRST_COMPLETED)
                await _cancel(doors)
        finally:
            await _cancel([*doors, *work, begun, stopping])
            await self.handling.drain()
            await self.delivery.drain()
            await _cancel([beats])  # not earlier: a worker without heartbeats is replaced, and its messages in flight would be sent twice
            alone = await self.leadership.release_leadership()
            if alone and stop.is_set():
                await asyncio.gather(*(receiver.leave() for receiver in self._webhooks))
        for task in done - {stopping}:
            task.result()

    async def _somebody_leads(self) -> None:
        """Wait until this worker has done the leader's startup work, or another worker leads."""
        ways = [asyncio.create_task(self._begun.wait()), asyncio.create_task(self.leadership.led.wait())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()

    async def _lead(self) -> None:
        """Do the leader's work: deliver, run due timers, poll or register the webhook."""
        for webhook in self._webhooks:
            webhook.look()
        self.repeats = await self.delivery.take_over(self.leadership.owner)
        await start_up(self)
        timetable = Timetable()
        timetable.start(jobs(self))
        self._begun.set()
        loops = [self._loop("delivery", self.delivery.run())]
        loops += [self._loop("receiving", receiver.run()) for receiver in self.receivers if receiver.polls]
        try:
            done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            timetable.stop()
            await _cancel(loops)
            self.delivery.forget()

    def _told_by_others(self) -> None:
        """Wake the loops: another worker put something into the inbox or the outbox."""
        self.handling.wake()
        self.delivery.wake()

    async def _follow_clock(self) -> None:
        """Run due timers at once when the clock is moved."""
        while True:
            await self.clock.moved.wait()
            self.clock.moved.clear()
            if self.leadership.leads:
                await self.ticking.tick()
            self.handling.wake()
            self.delivery.wake()

    @staticmethod
    def _loop(name: str, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.create_task(coroutine, name=name)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Engine]:
    """Open the database and the channels; close both at the end.

    A channel that is down joins later, if another one is open.

    Raises:
        CannotStart: no token, a refused token, a database that is in use, unreadable or from a newer version.
    """
    tokens = tokens_of(settings)
    async with opened_store(settings) as store:
        clock = Clock(follow_channel=settings.clock.source == "channel")
        channels = channels_of(settings, tokens, clock, series=await store.transact(series_of_buttons))
        alone = len(channels) == 1
        opening = [
            asyncio.create_task(connect(channels[endpoint.channel], endpoint, alone=alone), name=endpoint.channel)
            for endpoint in settings.endpoints
        ]
        tasks = [*opening]
        try:
            await open_some(opening)
            engine = Engine(settings, store, channels, clock)
            tasks += [asyncio.create_task(_meet(engine, task)) for task in opening]
            await asyncio.gather(*(task for task, each in zip(tasks[len(opening) :], opening, strict=True) if each.done()))
            yield engine
        finally:
            await _cancel(tasks)
            await asyncio.gather(*(channel.close() for channel in channels.values()))


async def _meet(engine: Engine, opening: asyncio.Task[None]) -> None:
    """Let the engine work on a channel once it is open."""
    try:
        await opening
    except CannotStart as reason:  # it came too late to stop the start
        log.error("channel_refused", channel=opening.get_name(), reason=str(reason))
        return
    await engine.meet(opening.get_name())


async def series_of_buttons(unit: Unit) -> str:
    """Return the series of the buttons made here; empty if no backup was ever restored.

    The series distinguishes these buttons from those made before a backup replaced the database.
    """
    return await unit.facts.find(RESTORED) or ""


def tune_gc() -> None:
    """Exclude long-lived objects from garbage collection, and collect the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Errors as in `opened`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    try:
        async with contextlib.AsyncExitStack() as stack:
            engine = await _cancel_unless(stop, stack.enter_async_context(opened(settings)))
            if engine is not None:
                await engine.run(stop)
    except StorageFailed as error:
        raise CannotStart(
            f"The database cannot be used any more: {error}. What was answered is kept; look at the disk and start again."
        ) from error
    log.info("stopped", pid=os.getpid())


async def _cancel_unless(stop: asyncio.Event, coroutine: Coroutine[Any, Any, T]) -> T | None:
    """Return a coroutine's result, or cancel it and return None if `stop` is set first."""
    task, stopping = asyncio.create_task(coroutine), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
        return await task if task.done() else None
    finally:
        await _cancel([task, stopping])


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=timedelta(seconds=10).total_seconds())
