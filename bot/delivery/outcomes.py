"""Record the outcome of a send by the server's answer: sent, wait, retry, give up.

Knows the kinds of answers and what each means for a row of the outbox; must not know which chat is next or how a message is sent.
Invariant: an outcome is written for the worker whose row it is; an undeliverable message is handed to `undeliverable`, which finds another
recipient.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
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

from bot.delivery.following import following
from bot.telegram.request import Unsent
from bot.timers.clock import monotonic
from domain.core.change import NO_KEYBOARD, ChatId, Priority
from handlers.conversation.groups import lose_topic
from handlers.core import delivery_gate
from handlers.fallback import undeliverable
from storage.values import from_us

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.delivery.token_bucket import Pace
    from bot.telegram.channel import Channel
    from bot.timers.clock import Clock
    from domain.core.town import Town
    from storage.core.outgoing import Outgoing
    from storage.unit import Store, Unit

log = structlog.get_logger("delivery")
#: After so many tries and so long a time a refused message is given up. An urgent one is retried without end.
TRIES = 8
TRIED_FOR = timedelta(days=1)
LONGEST_PAUSE = 300.0
#: The longest pause between tries to reach a server: people should not wait long after it is back.
LONGEST_SEARCH = 15.0
#: How long a card edit waits before it checks again whether the message that brings the card was sent.
BEHIND = timedelta(seconds=1)
#: A server without a method answers with the same kind of error as for a refused token.
NO_METHOD = "method not found"
#: Answers that a retry cannot change: we cannot write to this chat any more.
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


#: Answers to a message for a forum topic that was deleted or closed.
TOPIC_SHUT = ("thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")


@dataclass(slots=True)
class DeliveryStats:
    """Delivery counters since the start."""

    sent: int = 0
    failed: int = 0
    throttled: int = 0
    ambiguous: int = 0


class Outcomes:
    """Record outcomes, one method each; `refused` decides by the kind of error.

    `wake`: called when there may be new rows. `closed_until(channel)`: no request to a channel before that; `heard(channel)`: it answers.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        paces: Mapping[str, Pace],
        clock: Clock,
        town: Town,
        *,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._channels = channels
        self._paces = paces
        self._clock = clock
        self._town = town
        self._wake = wake
        self._closed_until: dict[str, float] = {}
        self._lost_since: dict[str, float] = {}
        self.tally = DeliveryStats()

    def closed_until(self, channel: str) -> float:
        """Return until when a channel that refused the bot gets no requests; 0 for an open one.

        Seconds of the monotonic clock.
        """
        return self._closed_until.get(channel, 0.0)

    def heard(self, channel: str) -> None:
        """Remember that a channel's server can be reached."""
        self._lost_since.pop(channel, None)

    async def expired(self, row: Outgoing) -> None:
        """End a message that is too late to be useful."""
        at = self._clock.now()
        await self._store.transact(lambda unit: unit.outbox.end(row.id, owner=row.owner, state="expired", fault="late", at=at))

    async def stopped(self, row: Outgoing) -> None:
        """End a message whose receiver may not be told of its subject."""
        at = self._clock.now()

        async def end(unit: Unit) -> None:
            if await unit.outbox.end(row.id, owner=row.owner, state="failed", fault=delivery_gate.FAULT, at=at):
                await delivery_gate.stop(unit, row, at=at)

        await self._store.transact(end)
        log.warning("message_stopped", outbox=row.id, key=row.key)
        self._wake()

    async def sent(self, row: Outgoing, message_id: int | None, *, picture: str = "", beside: bool = False, gone: bool = False) -> None:
        """Mark a message sent; its card is `message_id` from now on.

        The messages that follow are queued in the same unit: the end of the message that showed the card before, unless it is `gone`,
        and a picture `beside` the card.
        """
        at, followed = self._clock.now(), False

        async def mark(unit: Unit) -> None:
            nonlocal followed
            first = await unit.outbox.sent(row.id, message_id=message_id, at=at)
            if row.keyboard is not None or row.ask not in ("", NO_KEYBOARD):
                await unit.addresses.note_keyboard(row.address, row.keyboard or ())
            if not first or not row.card or message_id is None:
                return
            replaced = await unit.cards.hang(
                row.address, row.card, message_id=message_id, person_id=row.person_id, at=at, leaves=row.leaves, picture=picture
            )
            for each in following(row, None if gone else replaced, beside=beside):
                await unit.outbox.put(each, unique_key=f"{row.unique_key}:{each.key}", at=at)
                followed = True

        await self._store.transact(mark)
        self.tally.sent += 1
        if followed:
            self._wake()

    async def refused(self, row: Outgoing, error: TelegramError) -> None:
        """Decide by the kind of error: wait, move, give up, or retry."""
        match error:
            case RetryAfter():
                self.tally.throttled += 1
                seconds = error.retry_after if isinstance(error.retry_after, int) else error.retry_after.total_seconds()
                self._paces[row.address.channel].hold(row.address.chat_id, monotonic() + seconds)
                await self.postpone(row, "429", seconds, counted=False)
            case ChatMigrated():
                await self._moved(row, ChatId(error.new_chat_id))
            case Forbidden():
                await self.give_up(row, "blocked", permanent=True)
            case InvalidToken() if NO_METHOD in error.message.lower():
                await self.give_up(row, "no method", permanent=False)
            case InvalidToken() | Conflict():
                self._closed_until[row.address.channel] = monotonic() + 30
                log.error("channel_closed", channel=row.address.channel, trouble=type(error).__name__)
                await self.postpone(row, type(error).__name__, 30.0, counted=False)
            case BadRequest():
                await self._bad_request(row, error)
            case TimedOut():
                await self._ambiguous(row)
            case Unsent():
                await self.postpone(row, type(error).__name__, self._search_pause(row.address.channel), counted=False)
            case NetworkError() | TelegramError():
                await self.postpone(row, type(error).__name__, _backoff(row.attempts), tried_for=TRIED_FOR)

    async def _bad_request(self, row: Outgoing, error: BadRequest) -> None:
        words = error.message.lower()
        if row.address.thread_id and any(shut in words for shut in TOPIC_SHUT):
            await self._topic_shut(row)
        elif any(gone in words for gone in GONE):
            await self.give_up(row, "gone", permanent=True)
        elif row.attempts == 0:
            log.error("message_refused", outbox=row.id, key=row.key, reason=_reason(words))
            await self.postpone(row, "refused", 1.0)
        else:
            await self.give_up(row, _reason(words), permanent=False)

    def _search_pause(self, channel: str) -> float:
        """Return how many seconds to wait for an unreachable server: as long as it has been away.

        The pause has a lower and an upper limit.
        """
        away = monotonic() - self._lost_since.setdefault(channel, monotonic())
        return min(LONGEST_SEARCH, max(1.0, away)) * _jitter()

    async def wait_for_card(self, row: Outgoing, until: datetime) -> None:
        """Postpone a card edit until the message that brings the card is sent."""
        until = max(until, self._clock.now() + BEHIND)
        await self._store.transact(lambda unit: unit.outbox.postpone(row, until=until, fault="behind", counted=False))

    async def rest(self, row: Outgoing, until: datetime) -> None:
        """Postpone a redraw; a newer redraw takes its place."""
        await self._store.transact(lambda unit: unit.outbox.postpone(row, until=until, fault="redrawn", counted=False))

    async def _ambiguous(self, row: Outgoing) -> None:
        """Handle a time-out, after which the server may or may not have acted.

        A broadcast is not repeated. Any other message is, and says so, up to a limit. A server that recognises a `request_id` does not send
        a repeat again: there the message is simply retried.
        """
        if self._channels[row.address.channel].can.idempotent:
            await self.postpone(row, "timeout", _backoff(row.attempts), tried_for=TRIED_FOR)
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
        self._wake()

    async def _topic_shut(self, row: Outgoing) -> None:
        """Send what was for a topic to its group, and tell the chair; the rest follows there."""
        at = self._clock.now()

        async def move(unit: Unit) -> None:
            await unit.outbox.postpone(row, until=at, fault="topic", counted=False)
            await lose_topic(unit, row.address, at=at)

        await self._store.transact(move)
        self._wake()

    async def postpone(
        self, row: Outgoing, fault: str, seconds: float, *, counted: bool = True, tried_for: timedelta = timedelta()
    ) -> None:
        """Retry later; give up a message tried too often for too long, unless it is urgent."""
        if counted and row.attempts + 1 >= TRIES and row.priority >= Priority.REPLY and self._is_old(row, tried_for):
            await self.give_up(row, fault, permanent=False)
            return
        until = self._clock.now() + timedelta(seconds=seconds)
        await self._store.transact(lambda unit: unit.outbox.postpone(row, until=until, fault=fault, counted=counted))

    def _is_old(self, row: Outgoing, age: timedelta = TRIED_FOR) -> bool:
        return self._clock.now() - from_us(row.created_at) >= age

    async def give_up(self, row: Outgoing, why: str, *, permanent: bool) -> None:
        """End an undeliverable message; notify another recipient where the message asks for it."""
        at = self._clock.now()
        self.tally.failed += 1

        async def end(unit: Unit) -> None:
            stopped = not await unit.outbox.end(row.id, owner=row.owner, state="failed", fault=why, at=at)
            # A message that was withdrawn while in flight goes to nobody else.
            await undeliverable(unit, row, why=why, permanent=permanent, taken_back=stopped, town=self._town, at=at)

        await self._store.transact(end)
        self._wake()


def _backoff(attempts: int) -> float:
    return min(LONGEST_PAUSE, 2.0**attempts) * _jitter()


def _jitter() -> float:
    return random.uniform(0.5, 1.0)  # noqa: S311 (not a secret)


def _reason(words: str) -> str:
    """Return the server's reason as known words only, so that nothing a person wrote is kept."""
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
