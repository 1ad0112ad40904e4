"""Handle pending updates in batches that share their commits.

Knows python-telegram-bot's dispatch and the inbox; must not know any feature. Invariant: an update's row is marked done in the transaction
that holds its effects. An update that fails is retried, then dead-lettered with a code; it blocks only its own chat and only for seconds.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from telegram.error import BadRequest, TelegramError
from telegram.ext import BaseHandler

from bot.handling.dispatch import Table, perform
from bot.receiving.polling import decode
from bot.telegram.incoming import read
from domain.core.change import Address, Notice, Priority, Receiver
from handlers.core.context import HandlerContext, Incoming, Toast
from storage.engine.database import StorageFailed, StorageRefused
from texts import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.telegram.channel import Channel
    from bot.timers.clock import Clock
    from domain.core.town import Town
    from storage.core.inbox import Waiting
    from storage.unit import Store, Unit

log = structlog.get_logger("handling")
BATCH = 100
TRIES = 3
PAUSE = timedelta(seconds=1)
TOAST_LENGTH = 200


class Deferred(Exception):
    """An earlier update of the same chat failed, so this one must wait."""


class Unreadable(Exception):
    """No release of ours can read this update; it is quarantined."""


class Collector(BaseHandler[Incoming, Any, None]):
    """Collect everything that python-telegram-bot dispatches, for the unit that follows.

    Nothing is handled in here: python-telegram-bot would pass a failure to its error handlers, and the row would count as done.
    """

    def __init__(self) -> None:
        super().__init__(callback=_nothing)
        self._caught: Incoming | None = None

    def check_update(self, update: object) -> bool:
        """Keep the update; do nothing else."""
        self._caught = update if isinstance(update, Incoming) else None
        return False

    def take(self) -> Incoming | None:
        """Return the update that was kept."""
        caught, self._caught = self._caught, None
        return caught


@dataclass(slots=True)
class Ready:
    """A pending row with what it means, or with the fault that reading it raised.

    None as the meaning: nothing answers to this update.
    """

    row: Waiting
    incoming: Incoming | None
    fault: Exception | None = None


class Handling:
    """Handle pending rows until cancelled: `await run()`; `wake()` when there may be new ones."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        table: Table,
        clock: Clock,
        town: Town,
        *,
        worker: str,
        told: Callable[[], None],
    ) -> None:
        self._store = store
        self._channels = channels
        self._table = table
        self._clock = clock
        self._town = town
        self._worker = worker
        self._told = told
        self._woken = asyncio.Event()
        self._answers: set[asyncio.Task[None]] = set()
        self._batch: asyncio.Task[None] | None = None
        self._collectors = {name: Collector() for name in channels}
        for name, channel in channels.items():
            channel.application.add_handler(self._collectors[name])
        self.handled = 0
        self.dead_lettered = 0

    def wake(self) -> None:
        """Signal that there may be new rows."""
        self._woken.set()

    async def run(self) -> None:
        """Handle until cancelled."""
        while True:
            self._woken.clear()
            try:
                busy = await self.batch()
            except StorageFailed:
                log.error("storage_failed", exc_info=True)
                busy = False
            if not busy:
                try:
                    async with asyncio.timeout(0.5):
                        await self._woken.wait()
                except TimeoutError:
                    continue

    async def batch(self) -> bool:
        """Handle the pending rows; tell whether there were any."""
        at = self._clock.now()
        served = tuple(name for name, channel in self._channels.items() if channel.is_open)
        if not served:
            return False
        rows = await self._store.claim(lambda unit: unit.inbox.claim(self._worker, limit=BATCH, at=at, channels=served))
        if not rows:
            return False
        self._batch = asyncio.create_task(self._handle(rows))
        await asyncio.shield(self._batch)  # after a cancellation the presses of what is being committed are still answered
        return True

    async def _handle(self, rows: Sequence[Waiting]) -> None:
        ready = [await self._read(row) for row in rows]
        stuck: dict[tuple[str, int], int] = {}
        outcomes = await self._store.transact_many([self._unit(item, stuck) for item in ready])
        self._told()
        away: StorageFailed | None = None
        failed: list[tuple[Ready, Exception]] = []
        for item, outcome in zip(ready, outcomes, strict=True):
            if isinstance(outcome, HandlerContext):
                self.handled += 1
                self._answer(item.row, outcome)
            elif isinstance(outcome, StorageFailed) and not isinstance(outcome, StorageRefused):
                away = outcome  # not the row's fault
            elif isinstance(outcome, Exception) and not isinstance(outcome, Deferred):
                failed.append((item, outcome))
        if away is not None:
            raise away
        for item, fault in failed:
            await self._failed(item, fault)

    async def drain(self) -> None:
        """Wait for running commits and for the pending answers to presses."""
        if self._batch is not None and not self._batch.done():
            done, _ = await asyncio.wait([self._batch], timeout=5)
            for batch in done:
                batch.exception()  # nobody waits for this task any more
        if self._answers:
            await asyncio.wait(self._answers, timeout=5)

    async def _read(self, row: Waiting) -> Ready:
        """Read a row and let python-telegram-bot dispatch its update."""
        channel = self._channels[row.channel]
        collector = self._collectors[row.channel]
        try:
            came = read(decode(row.payload.encode()), channel=channel.name, bot_name=channel.bot_name, signer=channel.signer)
            await channel.application.process_update(came)
            incoming = collector.take()
        except Exception as fault:  # noqa: BLE001 (whatever a hostile update provokes)
            return Ready(row, None, Unreadable(type(fault).__name__))
        return Ready(row, incoming)

    def _unit(self, item: Ready, stuck: dict[tuple[str, int], int]) -> Callable[[Unit], Any]:
        """Return the unit of a row. `stuck`: chat → the row that failed there.

        A unit may run again, so its own failure does not count.
        """
        row = item.row
        chat = (row.channel, row.chat_id)
        at = self._clock.now()

        async def handle(unit: Unit) -> HandlerContext | None:
            if stuck.get(chat, row.id) != row.id:
                raise Deferred
            stuck.pop(chat, None)
            try:
                if item.fault is not None:
                    raise item.fault
                if not await unit.inbox.finish(row.id, worker=self._worker, at=at) or item.incoming is None:
                    return None
                return await perform(unit, item.incoming, self._table, town=self._town, at=at, cause=f"{row.channel}:{row.update_id}")
            except Exception:
                stuck[chat] = row.id
                raise

        return handle

    async def _failed(self, item: Ready, fault: Exception) -> None:
        row, at = item.row, self._clock.now()
        name = type(fault).__name__
        unreadable = isinstance(fault, Unreadable)
        log.error("update_failed", inbox=row.id, attempt=row.attempts + 1, exc_info=None if unreadable else fault)
        if not unreadable and row.attempts + 1 < TRIES:
            until = at + PAUSE * 2**row.attempts
            await self._store.transact(lambda unit: unit.inbox.postpone(row.id, worker=self._worker, until=until, fault=name))
            return
        self.dead_lettered += 1
        incident = incident_code(f"{row.channel}:{row.update_id}")
        state = "quarantined" if unreadable else "parked"
        unique = f"parked:{row.channel}:{row.update_id}"  # row numbers are reused once old rows are purged

        async def dead_letter(unit: Unit) -> None:
            if not await unit.inbox.dead_letter(row.id, worker=self._worker, state=state, incident=incident, fault=name, at=at):
                return
            if item.incoming is not None and item.incoming.private:
                here = Receiver(item.incoming.address, item.incoming.language)
                await unit.outbox.put(Notice(here, "system.parked", {"incident": incident}), unique_key=unique, at=at)
            await tell_administrators(unit, incident, name, unique=unique, at=at)

        try:
            await self._store.transact(dead_letter)
        except StorageRefused:  # the notices are refused like the update: dead-letter without them
            await self._store.transact(
                lambda unit: unit.inbox.dead_letter(row.id, worker=self._worker, state=state, incident=incident, fault=name, at=at)
            )
        self._told()

    def _answer(self, row: Waiting, ctx: HandlerContext) -> None:
        """Stop the spinner of a pressed button, with the toast if there is one."""
        if ctx.incoming.press_id:
            task = asyncio.create_task(self._answer_press(row, ctx.incoming, ctx.actor.language, ctx.toasted))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer_press(self, row: Waiting, incoming: Incoming, language: str, toast: Toast | None) -> None:
        fields: dict[str, Any] = {"callback_query_id": incoming.press_id}
        if toast is not None:
            fields |= {"text": plain(toast.key, language, **toast.params)[:TOAST_LENGTH], "show_alert": toast.alert}
        try:
            await self._channels[row.channel].call("answerCallbackQuery", **fields)
        except BadRequest:
            if toast is not None and incoming.private:  # too late for a toast: send the same words as a message
                notice = Notice(Receiver(Address(row.channel, incoming.address.chat_id), language), toast.key, toast.params)
                await self._tell(notice, unique_key=f"toast:{row.channel}:{row.update_id}")
        except TelegramError as error:
            log.warning("press_unanswered", trouble=type(error).__name__)

    async def _tell(self, notice: Notice, *, unique_key: str) -> None:
        """Put a message into the outbox. A full disk loses only this message, not the work."""
        try:
            await self._store.transact(lambda unit: unit.outbox.put(notice, unique_key=unique_key, at=self._clock.now()))
        except StorageFailed:
            log.error("storage_failed", exc_info=True)
        else:
            self._told()


def incident_code(cause: str) -> str:
    """Return a short code for a fault, without letters that are read as digits."""
    digest = hashlib.sha256(cause.encode()).digest()
    return base64.b32encode(digest)[:4].decode().translate(str.maketrans("OI", "8J"))


async def tell_administrators(unit: Unit, incident: str, fault: str, *, unique: str, at: Any) -> None:
    """Notify every administrator of a fault: its code and kind, never anybody's words."""
    for admin in await unit.people.administrators():
        if admin.address is not None:
            notice = Notice(admin, "system.parked_to_admin", {"incident": incident, "fault": fault}, priority=Priority.REMINDER)
            await unit.outbox.put(notice, unique_key=f"{unique}:{admin.person_id}", at=at)


async def _nothing(update: Incoming, context: Any) -> None:
    """Satisfy python-telegram-bot, which wants a callback. The following unit does the work."""
