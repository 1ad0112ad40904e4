"""Send due messages by urgency, within rate limits; mark them sent after the server's yes.

Knows the outbox and the rate limits; bot/delivery/send_queue.py decides which chat is next, bot/delivery/outcomes.py records outcomes. Must
not know why a message exists. Invariants: a message about a subject is sent only to receivers who may be told of it, checked when it is
claimed and again when it has waited; at most one message per chat is in flight; a chat that must wait blocks no other chat, and a channel
no other channel. A message for a channel that is not served is not claimed: it waits for the settings.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from telegram.error import TelegramError

from bot.delivery.gathering import list_of
from bot.delivery.messages import send
from bot.delivery.outcomes import LONGEST_PAUSE, Outcomes
from bot.delivery.pacing import Redraws
from bot.delivery.send_queue import CHATS, SendQueue
from bot.delivery.wording import Sending
from bot.telegram.request import Unsent
from bot.timers.clock import monotonic
from domain.core.change import Priority
from domain.core.immutable import replace
from handlers.conversation.keys import find_keyboards
from handlers.core.delivery_gate import asks, find_barred, without_barred_lines
from handlers.fallback import copy_urgent
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
    from storage.core.outgoing import OutboxState, Outgoing
    from storage.unit import Store, Unit

log = structlog.get_logger("delivery")
#: The most messages sent and not yet recorded, as a multiple of the requests in flight: a crash can send so many twice.
UNRECORDED = 4
#: A message that has waited here for longer is checked again before it is sent, in case it was withdrawn.
SETTLED_S = 5.0
RECORD_AGAIN_S = 1.0


class Delivery:
    """The delivery loop for all channels.

    `await run()`; `wake()` when there may be new rows; `drain()` before stopping.
    """

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
        self._dropped: list[int] = []
        self._outcomes = Outcomes(store, channels, self._paces, clock, town, wake=self.wake)
        self.tally = self._outcomes.tally

    def wake(self) -> None:
        """Signal that there may be new rows."""
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
        """Deliver as `owner` from now on; return how many messages may arrive twice.

        Those are the messages that the previous owner had in flight; they are sent first.
        """
        self._owner = owner
        return await self._store.transact(lambda unit: unit.outbox.release_all())

    def forget(self) -> None:
        """Drop the claimed rows that were not sent; the next owner takes them.

        The outcomes of requests in flight are still recorded.
        """
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
        """Wait for the requests in flight; start no new ones."""
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
        if more or full:  # many messages wait: nobody's first cry waits behind them
            await self._claim(served, at=at, limit=CHATS, first_cries=True)
        for name in full:
            if await self._claim((name,), at=at, limit=50, below=self._lanes.least(name)) >= 50:
                more.append(name)
        self._more = tuple(more)

    async def _claim(
        self, channels: tuple[str, ...], *, at: datetime, limit: int, below: int | None = None, first_cries: bool = False
    ) -> int:
        """Take due rows of these channels; return how many."""
        owner = self._owner

        async def take(unit: Unit) -> list[Outgoing]:
            return await unit.outbox.claim(owner=owner, at=at, limit=limit, below=below, channels=channels, first_cries=first_cries)

        async def take_and_check(unit: Unit) -> list[Outgoing]:
            rows = await take(unit)
            barred, keyboards = await find_barred(unit, rows, at=at), await find_keyboards(unit, rows, at=at)
            if not barred and not keyboards:
                return rows
            return [replace(row, in_doubt=row.in_doubt or row.id in barred, keyboard=keyboards.get(row.id)) for row in rows]

        try:
            claimed = await self._store.claim(take_and_check)
        except StorageFailed:
            raise
        except Exception:
            # A message that cannot be checked must not delay the others: each is checked again by itself.
            log.error("gate_failed", exc_info=True)
            claimed = [replace(row, in_doubt=True) for row in await self._store.claim(take)]
        await self._tell_other_addresses(claimed, at=at)
        for row in claimed:
            self._lanes.add(row)
        return len(claimed)

    async def _tell_other_addresses(self, claimed: list[Outgoing], *, at: datetime) -> None:
        """Copy urgent messages to all ringing addresses of a person, before the first is sent.

        Raises:
            StorageFailed: the copies cannot be written; the claimed rows are given back.
        """
        urgent = [row for row in claimed if row.priority <= Priority.ALERT and row.attempts == 0 and not row.in_doubt]
        if not urgent or len(self._channels) == 1:
            return
        try:
            await self._store.transact(lambda unit: copy_urgent(unit, urgent, town=self._town, at=at))
        except StorageFailed:
            self._dropped += [row.id for row in claimed]
            raise

    def _launch(self) -> float:
        """Start the sends that are allowed now; return seconds until the next one may be."""
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
            closed = max(pace.channel_ready_at(now), self._outcomes.closed_until(channel))
            if closed > now:
                shut[channel] = closed
                continue
            free_at = pace.chat_ready_at(chat_id, now)
            if free_at > now:
                lanes.rest(key, free_at)
                continue
            listed = lanes.waiting_cries(key, room=pace.chat_room(chat_id, now))
            pace.take(chat_id, now)
            self._sending[channel] += 1
            if listed:
                lanes.hold(key)
                task = asyncio.create_task(self._deliver_list(listed, key))
            else:
                task = asyncio.create_task(self._deliver(lanes.take(key), key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        next_at = min(shut.values(), default=now + 1.0)
        return (next_at if lanes.next_at is None else min(next_at, lanes.next_at)) - now

    async def _deliver_list(self, rows: list[Outgoing], key: ChatKey) -> None:
        """Send one message that lists the urgent messages that wait for a chat; they still follow."""
        at, row = self._clock.now(), None
        try:
            notice = list_of(rows, at=at)
            row = await self._store.transact(lambda unit: unit.outbox.put_list(rows, notice, at=at))
        except StorageFailed:
            log.error("storage_failed", exc_info=True)
        finally:
            if row is None:
                self._sending[key[0]] -= 1
                self._lanes.put_down_list(key)
                self._woken.set()
        if row is None:
            return
        row = replace(row, in_doubt=True)  # its lines may be older than the last check
        self._lanes.put_list(key, row, rows)
        await self._deliver(row, key)

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
            await self._outcomes.postpone(row, "fault", min(LONGEST_PAUSE, 2.0**row.attempts))

    async def _attempt(self, row: Outgoing) -> None:
        """Send a message, then record the outcome.

        Its place among the requests in flight is free before the outcome is written.
        """
        try:
            record = await self._try(row)
        finally:
            self._sending[row.address.channel] -= 1
            self._woken.set()
        await _retry_until_recorded(record)

    async def _try(self, row: Outgoing) -> Callable[[], Awaitable[None]]:
        """Make one request, if it is still needed; return a function that records its outcome."""
        channel = self._channels[row.address.channel]
        if row.expires_at is not None and row.expires_at <= to_us(self._clock.now()):
            return partial(self._outcomes.expired, row)
        hanging, picture = None, ""
        checks = row.in_doubt or (asks(row) and self._lanes.age(row) > SETTLED_S)
        if row.batch or (row.card and not row.as_new_message) or checks or self._lanes.in_doubt(row):
            standing, left = await self._store.transact(lambda unit: self._look(unit, row, checks=checks))
            if not standing.waits:
                return _nothing  # while the row waited here: the broadcast was stopped, the card redrawn, the person left office, or another worker delivers
            if not self._permitted():
                return partial(self._put_back, row)  # the check took so long that another worker may deliver
            if left is None:
                return partial(self._outcomes.stopped, row)
            row = left
            if standing.behind is not None:
                return partial(self._outcomes.wait_for_card, row, from_us(standing.behind))
            hanging, picture = standing.hanging, standing.picture
        redraws = hanging is not None and not row.as_new_message
        if redraws and (rest := self._redraws.wait(row, channel, age_s=self._age(row), now=monotonic())) > 0:
            until = self._clock.now() + timedelta(seconds=rest)
            return partial(self._outcomes.rest, row, until)
        sending = Sending(row, channel, self._town, hanging, partial(self._paced, row.address), picture=picture)
        try:
            message_id = await send(sending)
        except TelegramError as error:
            if not isinstance(error, Unsent):
                self._outcomes.heard(row.address.channel)
            return partial(self._outcomes.refused, replace(row, said=sending.said), error)
        self._outcomes.heard(row.address.channel)
        if redraws:
            self._redraws.drawn(row, channel, now=monotonic())
        return partial(self._outcomes.sent, row, message_id, picture=sending.picture, beside=sending.beside, gone=sending.gone)

    async def _look(self, unit: Unit, row: Outgoing, *, checks: bool) -> tuple[OutboxState, Outgoing | None]:
        """Return the state of a message, and what of it its receiver may be told: None for nothing."""
        at, standing = self._clock.now(), await unit.outbox.look(row.id, owner=row.owner)
        if not checks or not standing.waits or not await find_barred(unit, [row], at=at):
            return standing, row
        return standing, await without_barred_lines(unit, row, at=at)

    def _age(self, row: Outgoing) -> float:
        """Return how many seconds ago a message was decided, by the town's clock."""
        return (self._clock.now() - from_us(row.created_at)).total_seconds()

    async def _paced(self, address: Address) -> None:
        """Wait until the rate limits allow another message to the same chat, and count it."""
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


async def _retry_until_recorded(record: Callable[[], Awaitable[None]]) -> None:
    """Record an outcome, retrying for as long as the disk is full.

    A message that was sent and not recorded is sent again.

    Raises:
        StorageBroken: this process cannot record anything any more.
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
