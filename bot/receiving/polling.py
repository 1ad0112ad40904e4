"""Receive by polling: store raw updates in the inbox, then confirm them.

Knows `getUpdates` and its errors; must not know what an update means beyond its id and chat. Invariant: the next offset is asked for only
after the commit that holds all updates below it; an update of an unknown shape is kept too, in quarantine.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.receiving.blanking import blank_ids
from bot.telegram.incoming import KINDS, UNSEEN_SINCE, id_or_none
from bot.timers.clock import monotonic
from domain.core.change import ChatId
from domain.emergencies.hearing import hear
from storage.core.inbox import Raw
from storage.engine.database import StorageFailed
from storage.values import from_us, to_us

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.telegram.channel import Channel
    from bot.timers.clock import Clock
    from storage.unit import Store, Unit

log = structlog.get_logger("receiving")
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
#: After a 409 this process waits longer each time, so that the other poller works; a poller that gets answers never waits.
CONFLICT_PAUSES = (3.0, 6.0, 12.0, 24.0, 30.0)
#: Without contact for so long, a press may be old.
OUTAGE = timedelta(minutes=10)
#: The SOS command, with or without the bot's name.
CRY = re.compile(r"\s*/sos(@\w+)?(\s|$)", re.IGNORECASE)
#: On a full disk the next try comes after a few seconds, not half a minute: people are waiting.
STORAGE_TRIES = 3


@dataclass(slots=True)
class Pulse:
    """The state of a channel's connection.

    When the channel last answered (monotonic seconds), what is wrong with it now, and how often it was reconnected.
    """

    answered_at: float
    trouble: str = ""
    reconnects: int = 0


class Inlet:
    """The entry of one channel's raw updates into the inbox, by polling or webhook.

    `keep` stores updates, `pulse` is the state of the connection. `polls`: it polls the server, which only one process may do.
    """

    polls = False

    def __init__(self, channel: Channel, store: Store, clock: Clock, *, silent_after: timedelta, received: Callable[[], None]) -> None:
        self._channel = channel
        self._store = store
        self._clock = clock
        self._silent_after = silent_after.total_seconds()
        self._received = received
        self.pulse = Pulse(monotonic())

    async def run(self) -> None:
        """Receive until cancelled."""
        raise NotImplementedError

    async def keep(self, updates: list[Any]) -> None:
        """Store raw updates of any shape in the inbox; return after the commit.

        Stored updates are recognized by their exact id. Their ID numbers are blanked before.

        Raises:
            StorageFailed: nothing was stored, so nothing may be confirmed.
        """
        at, fact = self._clock.now(), f"poll.{self._channel.name}"
        seen = [blank_ids(update) for update in updates]

        async def keep(unit: Unit) -> int:
            last = int(await unit.facts.find(fact) or to_us(at))
            after_outage = to_us(at) - last > OUTAGE // timedelta(microseconds=1)
            raws = [describe(marked(update, last if after_outage else None), self._channel.name) for update in seen]
            await unit.facts.put(fact, str(to_us(at)))
            return await unit.inbox.keep(raws, at=at)

        await self._store.transact(keep)
        self._received()

    async def note(self) -> None:
        """Record that the server answers, even when nobody writes: a quiet day is not an outage."""
        if not self.pulse.trouble and monotonic() - self.pulse.answered_at < self._silent_after:
            at = str(to_us(self._clock.now()))
            await self._store.transact(lambda unit: unit.facts.put(f"poll.{self._channel.name}", at))

    async def gap(self) -> timedelta:
        """Return how long the server did not answer before this start (zero at the first start)."""
        last = await self._store.transact(lambda unit: unit.facts.find(f"poll.{self._channel.name}"))
        return timedelta() if last is None else self._clock.now() - from_us(int(last))


class Receiver(Inlet):
    """Poll one channel until cancelled: `await run()`."""

    polls = True

    def __init__(
        self,
        channel: Channel,
        store: Store,
        clock: Clock,
        *,
        seconds: int,
        stalled_after: timedelta,
        received: Callable[[], None],
    ) -> None:
        super().__init__(channel, store, clock, silent_after=stalled_after, received=received)
        self._seconds = seconds
        self._stalled_after = stalled_after.total_seconds()
        self._offset = 0

    async def run(self) -> None:
        """Poll until cancelled, whatever the server does."""
        failures = 0
        self.pulse.answered_at = monotonic()
        while True:
            try:
                async with asyncio.timeout(self._stalled_after):
                    updates = await self._channel.poll(offset=self._offset, seconds=self._seconds, kinds=KINDS)
                await self._keep(updates)
                failures = 0
                self.pulse.answered_at, self.pulse.trouble = monotonic(), ""
            except (TelegramError, TimeoutError) as error:
                failures += 1
                await asyncio.sleep(await self._recover(error, failures))
            except StorageFailed:  # nothing is confirmed: the server keeps the updates that were not stored and sends them again
                failures += 1
                log.error("storage_failed", channel=self._channel.name, exc_info=failures == 1)
                await asyncio.sleep(PAUSES[min(failures, STORAGE_TRIES) - 1])

    async def _keep(self, updates: list[Any]) -> None:
        if updates:
            await self.keep(updates)
            known = [
                number for update in updates if (number := id_or_none(_first({"update": update}, "update").get("update_id"))) is not None
            ]
            self._offset = max(known, default=self._offset - 1) + 1

    async def _recover(self, error: Exception, failures: int) -> float:
        """Record the trouble and return how many seconds to wait before the next poll."""
        trouble = type(error).__name__
        if trouble != self.pulse.trouble:
            log.warning("poll_failed", channel=self._channel.name, trouble=trouble)
        self.pulse.trouble = trouble
        if isinstance(error, RetryAfter):
            return seconds_of(error.retry_after)
        if isinstance(error, InvalidToken):
            return 60.0
        if isinstance(error, Conflict):
            if "webhook" in error.message.lower():
                log.warning("webhook_in_the_way", channel=self._channel.name, done="removed")
                with contextlib.suppress(TelegramError):
                    await self._channel.call("deleteWebhook")
                return 3.0
            log.warning("another_instance", channel=self._channel.name, hint="another process asks with the same token: stop one of them")
            return CONFLICT_PAUSES[min(failures, len(CONFLICT_PAUSES)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311 (jitter, not a secret)
        if isinstance(error, TimeoutError) or (isinstance(error, NetworkError) and failures % 3 == 0):
            self.pulse.reconnects += 1
            await self._channel.polling.renew()
        return PAUSES[min(failures, len(PAUSES)) - 1]


def decode(body: bytes) -> Any:
    """Return the update in a body.

    A body that is not JSON is returned as text and ends in quarantine like any other odd shape.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def marked(update: Any, unseen_since: int | None) -> Any:
    """Mark a press that may have been made during an outage with its beginning (microseconds).

    The server does not say when a button was pressed.
    """
    if isinstance(update, dict):
        update.pop(UNSEEN_SINCE, None)
        if unseen_since is not None and "callback_query" in update:
            update[UNSEEN_SINCE] = unseen_since
    return update


def describe(update: Any, channel: str) -> Raw:
    """Return the inbox row of a raw update of any shape.

    An update without an id is identified by its content.
    """
    payload = _payload(update)
    body = update if isinstance(update, dict) else {}
    update_id = id_or_none(body.get("update_id"))
    if update_id is None:
        update_id = -int.from_bytes(hashlib.sha256(payload.encode()).digest()[:7], "big")
    message, press = _first(body, "message", "edited_message"), _first(body, "callback_query")
    about = message or press or _first(body, "my_chat_member")
    user_id = id_or_none(_first(about, "from").get("id"))
    chat_id = id_or_none(_first(message or _first(press, "message") or about, "chat").get("id")) or user_id or update_id
    words = _string(message.get("text")) or _string(message.get("caption"))
    lane = 0 if CRY.match(words) or not hear(words).calm else 1
    return Raw(
        channel=channel,
        update_id=update_id,
        effect=_effect(body, chat_id, update_id),
        chat_id=ChatId(chat_id),
        user_id=user_id or 0,
        lane=lane,
        payload=payload,
    )


def _payload(update: Any) -> str:
    """Return the update as JSON text, or an empty text if it is nested too deep.

    The empty text ends in quarantine.
    """
    with contextlib.suppress(orjson.JSONEncodeError):  # half of a surrogate pair, an infinite number
        text = orjson.dumps(update).decode()
        if "null" not in text:  # orjson also writes NaN as null, and NaN must not become null
            return text
    try:
        return json.dumps(update, ensure_ascii=True)
    except RecursionError:
        return ""


def _effect(body: dict[str, Any], chat_id: int, update_id: int) -> str:
    """Return the key of an update's effect: its message, its button press, or only its number."""
    message_id = id_or_none(_first(body, "message").get("message_id"))
    if message_id is not None:
        return f"m:{chat_id}:{message_id}"
    press_id = _string(_first(body, "callback_query").get("id"))
    return f"p:{ascii(press_id)[1:-1][:64]}" if press_id else f"u:{update_id}"


def _first(body: Any, *names: str) -> dict[str, Any]:
    for name in names:
        found = body.get(name) if isinstance(body, dict) else None
        if isinstance(found, dict):
            return found
    return {}


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def seconds_of(span: int | timedelta) -> float:
    """Return a span in seconds; python-telegram-bot gives it as a number or a timedelta."""
    return span.total_seconds() if isinstance(span, timedelta) else float(span)
