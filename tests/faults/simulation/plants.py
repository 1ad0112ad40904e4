"""Mistakes that people make in programs like this one, each planted for the time of a run, to show that it would be found.

Knows production's inside where a mistake is easily made; must not know checks. Invariant: outside `planted(name)` production is as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any
from unittest.mock import patch

import structlog
from telegram.error import RetryAfter, TelegramError

import bot.delivery
import bot.dispatch
import bot.handling
import bot.receiving
import bot.ticking
import domain.schedules
import storage.cases
import storage.people
import storage.search
from bot.buttons import Signer
from bot.delivery import Delivery
from bot.handling import Handling, Ready
from bot.pace import Pace
from bot.receiving import Receiver
from domain.change import Event, Timer
from domain.schedules import occurrence_key, parse_cron
from storage.cases import Cases
from storage.database import StorageFailed
from storage.outbox import Outbox
from storage.timers import Timers
from storage.values import to_us

Patches = Sequence[tuple[Any, str, Any]]


def _numbers(updates: list[Any]) -> list[int]:
    return [update["update_id"] for update in updates if isinstance(update, dict) and isinstance(update.get("update_id"), int)]


def confirmed_too_early() -> Patches:
    """The next offset is taken before the commit that holds what lies below."""

    async def keep(self: Receiver, updates: list[Any]) -> None:
        if updates:
            self._offset = max(_numbers(updates), default=self._offset - 1) + 1
            await self.keep(updates)

    return [(Receiver, "_keep", keep)]


def answered_too_early() -> Patches:
    """A press is answered before what it does is committed."""
    real = Handling._read

    async def read(self: Handling, row: Any) -> Ready:
        item = await real(self, row)
        if item.incoming is not None and item.incoming.press_id:
            with contextlib.suppress(TelegramError):
                await self._channels[row.channel].call("answerCallbackQuery", callback_query_id=item.incoming.press_id)
        return item

    return [(Handling, "_read", read)]


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
    real = Delivery._refused

    async def refused(self: Delivery, row: Any, error: TelegramError) -> None:
        if isinstance(error, RetryAfter):
            await self._give_up(row, "429", permanent=False)
        else:
            await real(self, row, error)

    return [(Delivery, "_refused", refused)]


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

    async def ambiguous(self: Delivery, row: Any) -> None:
        await self._sent(row, None)

    return [(Delivery, "_ambiguous", ambiguous)]


def left_in_dead_hands() -> Patches:
    """What a killed process had in hand is not taken back."""

    async def release_all(self: Outbox) -> int:
        return 0

    return [(Outbox, "release_all", release_all)]


def outcome_forgotten() -> Patches:
    """What was sent and could not be recorded is not recorded later."""

    async def insist(record: Callable[[], Any]) -> None:
        with contextlib.suppress(StorageFailed):
            await record()

    return [(bot.delivery, "_insist", insist)]


def left_to_the_lease() -> Patches:
    """What could not be read, because the disk was full, is left alone until its lease ends."""
    return [(Delivery, "_try_once_it_can_be_read", Delivery._try)]


def any_village() -> Patches:
    """The query for a case forgets the village."""
    real = storage.cases.scope

    def scope(actor: Any) -> tuple[str, tuple[Any, ...]]:
        return ("1 = 1", ()) if actor.posts else real(actor)

    return [(storage.cases, "scope", scope), (storage.search, "scope", scope)]


def posts_for_ever() -> Patches:
    """A post that ended still counts."""
    sql = storage.people.POSTS_NOW.replace("(until_at IS NULL OR until_at > ?2)", "?2 = ?2", 1)
    assert sql != storage.people.POSTS_NOW
    return [(storage.people, "POSTS_NOW", sql)]


def night_twice() -> Patches:
    """The hour that a night has twice comes twice."""
    real = domain.schedules.next_after

    def next_after(cron: Any, at: datetime, zone: tzinfo) -> datetime:
        second = at + timedelta(hours=1)
        repeated = at.astimezone(zone).replace(tzinfo=None) == second.astimezone(zone).replace(tzinfo=None)
        return second if repeated else real(cron, at, zone)

    async def plant(unit: Any, schedule: Any, zone: Any, *, at: datetime) -> None:
        """Start the one occurrence that has come, and look for the next from it instead of from now."""
        if await unit.timers.advance_schedule(schedule, next_at=next_after(parse_cron(schedule.cron), schedule.next_at, zone)):
            key = f"schedule:{occurrence_key(schedule.id, schedule.next_at)}"
            data = {"schedule_id": schedule.id, "occurrence_at": to_us(schedule.next_at)}
            await unit.timers.start(Timer(f"schedule:{schedule.kind}", f"schedule:{schedule.id}", at, key, data), at=at)

    return [(bot.ticking, "plant", plant)]


def words_in_the_log() -> Patches:
    """What somebody wrote is written into the log."""
    real = bot.dispatch.perform

    async def perform(unit: Any, incoming: Any, *args: Any, **named: Any) -> Any:
        if incoming.command == "withdraw":
            structlog.get_logger("dispatch").info("came_in", args=incoming.args, who=incoming.user_name)
        return await real(unit, incoming, *args, **named)

    return [(bot.handling, "perform", perform)]


def failed_counts_as_done() -> Patches:
    """An update whose handler failed is marked done like any other. (Every tenth move of a case fails here.)"""
    real, moves = Cases.record, itertools.count(1)

    async def record(self: Cases, change: Any) -> Any:
        if next(moves) % 10 == 0:
            raise LookupError("planted")
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
    real = Delivery._deliver

    async def deliver(self: Delivery, row: Any, key: Any) -> None:
        self._lanes[key].busy = False
        self._offer_if_any(key)  # type: ignore[attr-defined]  # planted too
        with contextlib.suppress(KeyError):
            await real(self, row, key)

    def offer(self: Delivery, key: Any) -> None:
        lane = self._lanes.get(key)
        if lane is not None and lane.heap:
            self._offer(key)

    return [(Delivery, "_deliver", deliver), (Delivery, "_offer_if_any", offer)]


def timers_go_on() -> Patches:
    """The timers of a case that ended go on."""

    async def stop(self: Timers, subject: str, kind: str = "", *, at: datetime) -> int:
        return 0

    return [(Timers, "stop", stop)]


def any_pace() -> Patches:
    """Messages leave as fast as they come."""
    return [(Pace, "take", lambda self, chat_id, now: None)]


def any_tag() -> Patches:
    """A button's tag is not looked at."""

    def read(self: Signer, data: str, *, chat_id: int) -> tuple[str, tuple[str, ...]]:
        verb, *args = data.rpartition("~")[0].split("|")
        return verb, tuple(args)

    return [(Signer, "read", read)]


def repeats_are_new() -> Patches:
    """The same message under another number is another message."""
    return [(bot.receiving, "_effect", lambda body, chat_id, update_id: f"u:{update_id}")]


def moved_unseen() -> Patches:
    """A change of a case leaves nothing in the audit."""

    async def audit(self: Cases, event: Event) -> None:
        if event.action not in ("case.note", "note"):
            return

    return [(Cases, "_audit", audit)]


def waits_for_ever() -> Patches:
    """A task that nobody waits for is left behind."""
    real = Handling.batch

    async def batch(self: Handling) -> bool:
        if not self.__class__.__dict__.get("_left"):
            self._left = asyncio.create_task(asyncio.Event().wait())  # type: ignore[attr-defined]
        return await real(self)

    return [(Handling, "batch", batch)]


PLANTS: Mapping[str, Callable[[], Patches]] = {
    plant.__name__: plant
    for plant in (
        confirmed_too_early, answered_too_early, newest_id_only, dropped_when_throttled, sent_too_early, time_out_is_yes, left_in_dead_hands,
        outcome_forgotten, left_to_the_lease, any_village, posts_for_ever, night_twice, words_in_the_log, failed_counts_as_done, two_in_flight, timers_go_on,
        any_pace, any_tag, repeats_are_new, moved_unseen, waits_for_ever,
    )
}  # fmt: skip


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Make one mistake while inside; an empty name: none."""
    with ExitStack() as stack:
        for target, attribute, double in PLANTS[name]() if name else ():
            stack.enter_context(patch.object(target, attribute, double, create=attribute.startswith("_offer_if")))
        yield


__all__ = ["PLANTS", "partial", "planted"]
