"""Mistakes in how updates come in and messages leave.

Knows production's inside where they are easily made; must not know checks.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from telegram.error import RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest

import bot.delivery.delivery
import bot.handling.dispatch
import bot.handling.update_processor
import bot.receiving.polling
import bot.telegram.request
import bot.timers.timer_loop
from bot.delivery.delivery import Delivery
from bot.delivery.outcomes import Outcomes
from bot.delivery.send_queue import ChatKey, SendQueue
from bot.delivery.token_bucket import Pace
from bot.handling.update_processor import Handling, Ready
from bot.receiving.polling import Receiver
from handlers.core.context import Toast
from storage.cases.cases import Cases
from storage.core.outbox import Outbox
from storage.engine.database import StorageFailed

Patches = Sequence[tuple[Any, str, Any]]


def _numbers(updates: list[Any]) -> list[int]:
    return [update["update_id"] for update in updates if isinstance(update, dict) and isinstance(update.get("update_id"), int)]


def confirmed_too_early() -> Patches:
    """The next offset is taken before the updates below it are committed."""

    async def keep(self: Receiver, updates: list[Any]) -> None:
        if updates:
            self._offset = max(_numbers(updates), default=self._offset - 1) + 1
            await self.keep(updates)

    return [(Receiver, "_keep", keep)]


def answered_too_early() -> Patches:
    """A press is answered before its effects are committed."""
    real = Handling._read

    async def read(self: Handling, row: Any) -> Ready:
        item = await real(self, row)
        if item.incoming is not None and item.incoming.press_id:
            with contextlib.suppress(TelegramError):
                await self._channels[row.channel].call("answerCallbackQuery", callback_query_id=item.incoming.press_id)
        return item

    return [(Handling, "_read", read)]


def polls_no_more() -> Patches:
    """After a failed poll there is no other."""

    async def recover(self: Receiver, error: Exception, failures: int) -> float:
        return 1e9

    return [(Receiver, "_recover", recover)]


def toast_of_another() -> Patches:
    """A toast names a person unrelated to the press."""
    real = Handling._answer_press

    async def answer(self: Handling, row: Any, incoming: Any, language: str, toast: Any) -> None:
        person = await self._store.transact(
            lambda unit: unit.transaction.fetch_one(
                "SELECT name FROM people WHERE name LIKE '阿%' AND id NOT IN (SELECT person_id FROM addresses WHERE user_id = ?)"
                " ORDER BY id LIMIT 1",
                (incoming.user_id,),
            )
        )
        if toast is not None and person is not None and toast.key != "refused.old_button":
            toast = Toast("system.parked", {"incident": person["name"]})
        await real(self, row, incoming, language, toast)

    return [(Handling, "_answer_press", answer)]


def newest_id_only() -> Patches:
    """An update below the highest id that is known counts as seen."""

    async def keep(self: Receiver, updates: list[Any]) -> None:
        newest, fresh = self._offset - 1, []
        for update in updates:
            number = next(iter(_numbers([update])), newest + 1)
            if number > newest:
                newest = number
                fresh.append(update)
        if fresh:
            await self.keep(fresh)
        self._offset = max(_numbers(updates), default=self._offset - 1) + 1

    return [(Receiver, "_keep", keep)]


def dropped_when_throttled() -> Patches:
    """A message is given up when the server asks to wait."""
    real = Outcomes.refused

    async def refused(self: Outcomes, row: Any, error: TelegramError) -> None:
        if isinstance(error, RetryAfter):
            await self.give_up(row, "429", permanent=False)
        else:
            await real(self, row, error)

    return [(Outcomes, "refused", refused)]


def sent_too_early() -> Patches:
    """A row counts as sent before the server said yes."""
    real = Delivery._try

    async def attempt(self: Delivery, row: Any) -> Any:
        at = self._clock.now()
        await self._store.transact(lambda unit: unit.outbox.sent(row.id, message_id=None, at=at))
        return await real(self, row)

    return [(Delivery, "_try", attempt)]


def time_out_is_yes() -> Patches:
    """A request without an answer counts as done."""

    async def ambiguous(self: Outcomes, row: Any) -> None:
        await self.sent(row, None)

    return [(Outcomes, "_ambiguous", ambiguous)]


def left_in_dead_hands() -> Patches:
    """Messages that a killed process had in flight are not released."""

    async def release_all(self: Outbox) -> int:
        return 0

    return [(Outbox, "release_all", release_all)]


def outcome_forgotten() -> Patches:
    """The outcome of a sent message whose recording failed is not recorded later."""

    async def insist(record: Callable[[], Any]) -> None:
        with contextlib.suppress(StorageFailed):
            await record()

    return [(bot.delivery.delivery, "_retry_until_recorded", insist)]


def left_in_hand() -> Patches:
    """Messages stay in flight until the next start after the disk was full.

    They could not be read or recorded then.
    """

    async def release(self: Outbox, outbox_ids: Any, *, owner: str) -> None:
        pass

    return [(Outbox, "release", release)]


def failed_counts_as_done() -> Patches:
    """An update whose handler failed is marked done like any other.

    Every tenth move of a case fails here.
    """
    real, moves = Cases.record, itertools.count(1)

    async def record(self: Cases, change: Any) -> Any:
        if next(moves) % 10 == 0:
            raise LookupError("mutants")
        return await real(self, change)

    unit_of = Handling._unit

    def unit(self: Handling, item: Ready, stuck: dict[tuple[str, int], int]) -> Callable[[Any], Any]:
        handle = unit_of(self, item, stuck)

        async def swallowing(unit: Any) -> Any:
            await unit.transaction.execute("SAVEPOINT swallowed")
            try:
                return await handle(unit)
            except LookupError:
                await unit.transaction.execute("ROLLBACK TO swallowed")
                stuck.clear()
                await unit.inbox.finish(item.row.id, worker=self._worker, at=self._clock.now())
                return None
            finally:
                await unit.transaction.execute("RELEASE swallowed")

        return swallowing

    return [(Cases, "record", record), (Handling, "_unit", unit)]


def two_in_flight() -> Patches:
    """A chat's next message leaves while the one before is still on its way."""
    taken, put_down = SendQueue.take, SendQueue.put_down

    def take(self: SendQueue, key: ChatKey) -> Any:
        row, lane = taken(self, key), self._lanes[key]
        lane.busy = False
        self._go_on(key, lane)
        return row

    def put(self: SendQueue, key: ChatKey, row: Any) -> None:
        with contextlib.suppress(KeyError):
            put_down(self, key, row)

    return [(SendQueue, "take", take), (SendQueue, "put_down", put)]


def any_pace() -> Patches:
    """Messages leave as fast as they come."""
    return [(Pace, "take", lambda self, chat_id, now: None)]


def repeats_are_new() -> Patches:
    """The same message under another number is another message."""
    return [(bot.receiving.polling, "_effect", lambda body, chat_id, update_id: f"u:{update_id}")]


def waits_for_ever() -> Patches:
    """A task that is never awaited is left behind."""
    real = Handling.batch

    async def batch(self: Handling) -> bool:
        if not self.__class__.__dict__.get("_left"):
            self._left = asyncio.create_task(asyncio.Event().wait())  # type: ignore[attr-defined]
        return await real(self)

    return [(Handling, "batch", batch)]


def answer_in_the_log() -> Patches:
    """An answer that cannot be read is left to python-telegram-bot, which logs it."""

    def tolerantly(payload: bytes) -> Any:
        try:
            return BaseRequest.parse_json_payload(payload)
        except TelegramError:
            raise TimedOut("The answer broke off.") from None

    return [(bot.telegram.request, "_tolerantly", tolerantly)]


def toast_unguarded() -> Patches:
    """Words that come too late for a toast are put into the outbox without regard to the disk."""

    async def tell(self: Handling, notice: Any, *, unique_key: str) -> None:
        await self._store.transact(lambda unit: unit.outbox.put(notice, unique_key=unique_key, at=self._clock.now()))

    return [(Handling, "_tell", tell)]
