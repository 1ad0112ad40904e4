"""Deliver: due messages leave by urgency, at the permitted pace, and are marked sent after the server said yes.

Knows the outbox, the pace and the kinds of errors; whose turn it is stands in bot/delivery/send_queue.py; must not know why a message exists. Invariant: one
message a chat is in flight; a chat that must wait, waits alone, and so does a channel; what can never arrive is handed to `undeliverable`, which
finds who is told instead. What is for a channel that is not served is not taken: it waits for the settings.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.delivery.messages import Sending, send
from bot.delivery.pacing import Redraws
from bot.delivery.send_queue import CHATS, SendQueue
from bot.telegram.request import Unsent
from bot.timers.clock import monotonic
from domain.core.change import ChatId, Priority
from handlers.fallback import copy_urgent, undeliverable
from storage.engine.database import StorageBroken, StorageFailed
from storage.values import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from bot.delivery.send_queue import ChatKey
    from bot.delivery.token_bucket import Pace
    from bot.telegram.channel import Channel
    from bot.timers.clock import Clock
    from domain.core.change import Address
    from domain.core.town import Town
    from storage.core.outbox import Outgoing
    from storage.unit import Store, Unit

log = structlog.get_logger("delivery")
#: So often a message is tried that the server does not take, and for so long, unless it is urgent: that is tried for ever.
TRIES = 8
TRIED_FOR = timedelta(days=1)
#: Messages sent and not yet recorded, at most, as a multiple of the requests in flight: so many a crash can make come twice.
UNRECORDED = 4
LONGEST_PAUSE = 300.0
#: A server that cannot be reached is looked for again this often: whoever waits should not wait long after it is back.
LONGEST_SEARCH = 15.0
#: A drawing of a card looks again after so long whether what brings the card has left.
BEHIND = timedelta(seconds=1)
#: What has waited here for longer is looked at again before it leaves, in case it was taken back.
SETTLED_S = 5.0
RECORD_AGAIN_S = 1.0
#: A server that lacks a method says so with the kind of answer that a refused token has.
NO_METHOD = "method not found"
#: Answers that a repeat cannot change: the chat is gone for us.
GONE = (
    "chat not found",
    "user not found",
    "bot was kicked",
    "peer_id_invalid",
    "user is deactivated",
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
)


@dataclass(slots=True)
class DeliveryStats:
    """What delivery did since the start."""

    sent: int = 0
    failed: int = 0
    throttled: int = 0
    ambiguous: int = 0


class Delivery:
    """One loop for all channels: `await run()`; `wake()` when there may be new rows; `drain()` before stopping."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        paces: Mapping[str, Pace],
        clock: Clock,
        town: Town,
        *,
        at_once: int,
        permitted: Callable[[], bool],
    ) -> None:
        self._store = store
        self._channels = channels
        self._paces = dict(paces)
        self._clock = clock
        self._town = town
        self._at_once = at_once
        self._permitted = permitted
        self._owner = ""
        self._lanes = SendQueue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending: Counter[str] = Counter()
        self._redraws = Redraws()
        self._woken = asyncio.Event()
        self._stale = True
        self._more: tuple[str, ...] = ()
        self._closed_until: dict[str, float] = {}
        self._lost_since: dict[str, float] = {}
        self._dropped: list[int] = []
        self.tally = DeliveryStats()

    def wake(self) -> None:
        """There may be new rows."""
        self._stale = True
        self._woken.set()

    @property
    def served(self) -> tuple[str, ...]:
        """The channels that messages can leave by now."""
        return tuple(name for name, channel in self._channels.items() if channel.is_open)

    def repace(self, name: str, pace: Pace) -> None:
        """Deliver to a channel at another pace from now on."""
        self._paces[name] = pace

    async def take_over(self, owner: str) -> int:
        """Deliver as `owner` from now on, beginning with what whoever did before had in flight; return how many messages may come twice."""
        self._owner = owner
        return await self._store.transact(lambda unit: unit.outbox.release_all())

    def forget(self) -> None:
        """Drop what was claimed and has not left: whoever delivers next takes it. What is in flight is recorded all the same."""
        self._lanes.forget()

    async def run(self) -> None:
        """Deliver until cancelled."""
        refilled_at = 0.0
        while True:
            self._woken.clear()
            now = monotonic()
            if self._stale or now - refilled_at >= 1.0 or any(self._lanes.room(name) > CHATS // 2 for name in self._more):
                self._stale = False
                refilled_at = now
                try:
                    await self._refill()
                except StorageFailed:
                    log.error("storage_failed", exc_info=True)
            wait = self._launch()
            try:
                async with asyncio.timeout(min(wait, 1.0)):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def drain(self) -> None:
        """Wait for what is in flight; start nothing new."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)

    async def _refill(self) -> None:
        if not self._permitted():
            return
        at = self._clock.now()
        owner = self._owner
        if dropped := tuple(self._dropped):
            await self._store.transact(lambda unit: unit.outbox.release(dropped, owner=owner))
            del self._dropped[: len(dropped)]
        served = self.served
        full = tuple(name for name in served if self._lanes.room(name) <= 0)
        roomy = tuple(name for name in served if name not in full)
        more: list[str] = []
        if roomy:
            limit = max(50, *map(self._lanes.room, roomy))
            if await self._claim(roomy, at=at, limit=limit) >= limit:
                more += roomy
        for name in full:
            if await self._claim((name,), at=at, limit=50, below=self._lanes.least(name)) >= 50:
                more.append(name)
        self._more = tuple(more)

    async def _claim(self, channels: tuple[str, ...], *, at: datetime, limit: int, below: int | None = None) -> int:
        """Take due rows of these channels; return how many."""
        owner = self._owner
        claimed = await self._store.claim(lambda unit: unit.outbox.claim(owner=owner, at=at, limit=limit, below=below, channels=channels))
        await self._tell_other_addresses(claimed, at=at)
        for row in claimed:
            self._lanes.add(row)
        return len(claimed)

    async def _tell_other_addresses(self, claimed: list[Outgoing], *, at: datetime) -> None:
        """See that what is urgent goes to all addresses of a person that ring, before the first of them is told.

        Raises:
            StorageFailed: that cannot be written, and what was claimed is given back.
        """
        urgent = [row for row in claimed if row.priority <= Priority.ALERT and row.attempts == 0]
        if not urgent or len(self._channels) == 1:
            return
        try:
            await self._store.transact(lambda unit: copy_urgent(unit, urgent, town=self._town, at=at))
        except StorageFailed:
            self._dropped += [row.id for row in claimed]
            raise

    def _launch(self) -> float:
        """Start what may leave now; return seconds until something else may."""
        if not self._permitted():
            return 1.0
        now = monotonic()
        lanes = self._lanes
        lanes.wake()
        shut: dict[str, float] = {}
        while len(self._tasks) < self._at_once * UNRECORDED * len(self._channels):
            key = lanes.turn(shut)
            if key is None:
                break
            channel, chat_id = key
            pace = self._paces[channel]
            if self._sending[channel] >= self._at_once:
                shut[channel] = now + 1.0  # or earlier: who is answered wakes the loop
                continue
            closed = max(pace.channel_ready_at(now), self._closed_until.get(channel, 0.0))
            if closed > now:
                shut[channel] = closed
                continue
            free_at = pace.chat_ready_at(chat_id, now)
            if free_at > now:
                lanes.rest(key, free_at)
                continue
            pace.take(chat_id, now)
            self._sending[channel] += 1
            task = asyncio.create_task(self._deliver(lanes.take(key), key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        next_at = min(shut.values(), default=now + 1.0)
        return (next_at if lanes.next_at is None else min(next_at, lanes.next_at)) - now

    async def _deliver(self, row: Outgoing, key: ChatKey) -> None:
        recorded = False
        try:
            await self._attempt_or_postpone(row)
            recorded = True
        except StorageFailed:
            log.error("storage_failed", outbox=row.id)
        finally:
            if not recorded:
                self._dropped.append(row.id)
            self._lanes.put_down(key, row)
            self._woken.set()

    async def _attempt_or_postpone(self, row: Outgoing) -> None:
        try:
            await self._attempt(row)
        except StorageFailed:
            raise
        except Exception:
            log.error("delivery_failed", outbox=row.id, exc_info=True)
            await self._postpone(row, "fault", min(LONGEST_PAUSE, 2.0**row.attempts))

    async def _attempt(self, row: Outgoing) -> None:
        """Send, then record what came of it; the place among the requests in flight is free before the record is written."""
        try:
            record = await self._try(row)
        finally:
            self._sending[row.address.channel] -= 1
            self._woken.set()
        await _retry_until_recorded(record)

    async def _try(self, row: Outgoing) -> Callable[[], Awaitable[None]]:
        """Make one request, if it still makes sense; return how its outcome is recorded."""
        channel = self._channels[row.address.channel]
        if row.expires_at is not None and row.expires_at <= to_us(self._clock.now()):
            return partial(self._expired, row)
        hanging = None
        waited = row.subject and self._lanes.age(row) > SETTLED_S
        if row.batch or (row.card and not row.as_new_message) or waited or self._lanes.in_doubt(row):
            standing = await self._store.transact(lambda unit: unit.outbox.look(row.id, owner=row.owner))
            if not standing.waits:
                return _nothing  # a broadcast was stopped, a card drawn anew, somebody left office, or another one delivers, while this row waited here
            if not self._permitted():
                return partial(self._put_back, row)  # the look took so long that another one may deliver
            if standing.behind is not None:
                return partial(self._wait_for_card, row, from_us(standing.behind))
            hanging = standing.hanging
        redraws = hanging is not None and not row.as_new_message
        if redraws and (rest := self._redraws.wait(row, channel, age_s=self._age(row), now=monotonic())) > 0:
            until = self._clock.now() + timedelta(seconds=rest)
            return partial(self._rest, row, until)
        sending = Sending(row, channel, self._town, hanging, partial(self._paced, row.address))
        try:
            message_id = await send(sending)
        except TelegramError as error:
            if not isinstance(error, Unsent):
                self._lost_since.pop(row.address.channel, None)
            return partial(self._refused, replace(row, said=sending.said), error)
        self._lost_since.pop(row.address.channel, None)
        if redraws:
            self._redraws.drawn(row, channel, now=monotonic())
        return partial(self._sent, row, message_id)

    def _age(self, row: Outgoing) -> float:
        """Return for how many seconds a message has been decided, by the town's clock."""
        return (self._clock.now() - from_us(row.created_at)).total_seconds()

    async def _rest(self, row: Outgoing, until: datetime) -> None:
        """Let a redraw wait: what is drawn meanwhile takes its place."""
        await self._store.transact(lambda unit: unit.outbox.postpone(row, until=until, fault="redrawn", counted=False))

    async def _paced(self, address: Address) -> None:
        """Wait until another message may leave for the same chat, and count it."""
        pace = self._paces[address.channel]
        while True:
            now = monotonic()
            free_at = max(pace.channel_ready_at(now), pace.chat_ready_at(address.chat_id, now))
            if free_at <= now:
                pace.take(address.chat_id, now)
                return
            await asyncio.sleep(free_at - now)

    async def _put_back(self, row: Outgoing) -> None:
        self._dropped.append(row.id)

    async def _expired(self, row: Outgoing) -> None:
        at = self._clock.now()
        await self._store.transact(lambda unit: unit.outbox.end(row.id, owner=row.owner, state="expired", fault="late", at=at))

    async def _sent(self, row: Outgoing, message_id: int | None) -> None:
        at = self._clock.now()

        async def mark(unit: Unit) -> None:
            first = await unit.outbox.sent(row.id, message_id=message_id, at=at)
            if first and row.card and message_id is not None:
                await unit.outbox.hang_card(row.address, row.card, message_id=message_id, person_id=row.person_id, at=at)

        await self._store.transact(mark)
        self.tally.sent += 1

    async def _refused(self, row: Outgoing, error: TelegramError) -> None:
        """Decide by the kind of error: wait, move, give up, or try again."""
        match error:
            case RetryAfter():
                self.tally.throttled += 1
                seconds = error.retry_after if isinstance(error.retry_after, int) else error.retry_after.total_seconds()
                self._paces[row.address.channel].hold(row.address.chat_id, monotonic() + seconds)
                await self._postpone(row, "429", seconds, counted=False)
            case ChatMigrated():
                await self._moved(row, ChatId(error.new_chat_id))
            case Forbidden():
                await self._give_up(row, "blocked", permanent=True)
            case InvalidToken() if NO_METHOD in error.message.lower():
                await self._give_up(row, "no method", permanent=False)
            case InvalidToken() | Conflict():
                self._closed_until[row.address.channel] = monotonic() + 30
                log.error("channel_closed", channel=row.address.channel, trouble=type(error).__name__)
                await self._postpone(row, type(error).__name__, 30.0, counted=False)
            case BadRequest():
                await self._bad_request(row, error)
            case TimedOut():
                await self._ambiguous(row)
            case Unsent():
                await self._postpone(row, type(error).__name__, self._search_pause(row.address.channel), counted=False)
            case NetworkError() | TelegramError():
                await self._postpone(row, type(error).__name__, _backoff(row.attempts), tried_for=TRIED_FOR)

    async def _bad_request(self, row: Outgoing, error: BadRequest) -> None:
        words = error.message.lower()
        if any(gone in words for gone in GONE):
            await self._give_up(row, "gone", permanent=True)
        elif row.attempts == 0:
            log.error("message_refused", outbox=row.id, key=row.key, reason=_reason(words))
            await self._postpone(row, "refused", 1.0)
        else:
            await self._give_up(row, _reason(words), permanent=False)

    def _search_pause(self, channel: str) -> float:
        """Return how long to wait for a server that cannot be reached: as long again as it has been away, within bounds."""
        away = monotonic() - self._lost_since.setdefault(channel, monotonic())
        return min(LONGEST_SEARCH, max(1.0, away)) * _jitter()

    async def _wait_for_card(self, row: Outgoing, until: datetime) -> None:
        """Let a drawing wait for the message that brings its card."""
        until = max(until, self._clock.now() + BEHIND)
        await self._store.transact(lambda unit: unit.outbox.postpone(row, until=until, fault="behind", counted=False))

    async def _ambiguous(self, row: Outgoing) -> None:
        """The server may have acted. A broadcast is not repeated; everything else is, and says so, but not for ever.

        Where the server knows a message again by its `request_id`, a repeat is no second message, and says nothing.
        """
        if self._channels[row.address.channel].can.idempotent:
            await self._postpone(row, "timeout", _backoff(row.attempts), tried_for=TRIED_FOR)
            return
        self.tally.ambiguous += 1
        at = self._clock.now()
        often = row.ambiguous + 1 >= TRIES and (row.priority >= Priority.REPLY or self._is_old(row))
        if row.priority >= Priority.BROADCAST or often:
            await self._store.transact(lambda unit: unit.outbox.end(row.id, owner=row.owner, state="unknown", fault="timeout", at=at))
            return
        until = at + timedelta(seconds=_backoff(row.attempts))
        await self._store.transact(lambda unit: unit.outbox.postpone(row, until=until, fault="timeout", ambiguous=True))

    async def _moved(self, row: Outgoing, new_chat: ChatId) -> None:
        at = self._clock.now()

        async def move(unit: Unit) -> None:
            await unit.outbox.postpone(row, until=at, fault="moved")
            await unit.groups.move(row.address.channel, row.address.chat_id, new_chat)

        await self._store.transact(move)
        self.wake()

    async def _postpone(
        self, row: Outgoing, fault: str, seconds: float, *, counted: bool = True, tried_for: timedelta = timedelta()
    ) -> None:
        if counted and row.attempts + 1 >= TRIES and row.priority >= Priority.REPLY and self._is_old(row, tried_for):
            await self._give_up(row, fault, permanent=False)
            return
        until = self._clock.now() + timedelta(seconds=seconds)
        await self._store.transact(lambda unit: unit.outbox.postpone(row, until=until, fault=fault, counted=counted))

    def _is_old(self, row: Outgoing, age: timedelta = TRIED_FOR) -> bool:
        return self._clock.now() - from_us(row.created_at) >= age

    async def _give_up(self, row: Outgoing, why: str, *, permanent: bool) -> None:
        at = self._clock.now()
        self.tally.failed += 1

        async def end(unit: Unit) -> None:
            stopped = not await unit.outbox.end(row.id, owner=row.owner, state="failed", fault=why, at=at)
            # What was taken back while in flight goes to nobody else.
            await undeliverable(unit, row, why=why, permanent=permanent, taken_back=stopped, town=self._town, at=at)

        await self._store.transact(end)
        self.wake()


async def _retry_until_recorded(record: Callable[[], Awaitable[None]]) -> None:
    """Record an outcome however long the disk is full: what was sent and is not recorded, is sent again.

    Raises:
        StorageBroken: nothing can be recorded by this process any more.
    """
    while True:
        try:
            return await record()
        except StorageBroken:
            raise
        except StorageFailed:
            log.error("storage_failed", exc_info=True)
            await asyncio.sleep(RECORD_AGAIN_S)


async def _nothing() -> None:
    """Record nothing."""


def _backoff(attempts: int) -> float:
    return min(LONGEST_PAUSE, 2.0**attempts) * _jitter()


def _jitter() -> float:
    return random.uniform(0.5, 1.0)  # noqa: S311 (not a secret)


def _reason(words: str) -> str:
    """Return the server's reason without anything a person wrote (only known words are kept)."""
    known = (
        "can't parse entities",
        "message is too long",
        "message text is empty",
        "message to edit not found",
        "button_data_invalid",
        "message thread not found",
        "wrong file identifier",
    )
    return next((reason for reason in known if reason in words), "bad request")
