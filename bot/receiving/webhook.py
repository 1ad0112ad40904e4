"""Receive by webhook: the server sends each update to us instead of being polled.

Knows how a genuine call looks and how to register the address; must not know what an update means. Invariant: the secret is
compared before any part of the body is read; 200 is answered only after the commit that holds the update, so the server repeats lost ones.
"""

from __future__ import annotations

import asyncio
import contextlib
from hmac import compare_digest
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import structlog
from telegram.error import RetryAfter, TelegramError

from bot.http.http_listener import HttpListener
from bot.process.database_startup import CannotStart
from bot.receiving.polling import Inlet, Receiver, decode, seconds_of
from bot.telegram.incoming import KINDS
from bot.timers.clock import monotonic
from storage.engine.database import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from bot.channel_settings import TelegramSection
    from bot.telegram.channel import Channel
    from bot.timers.clock import Clock
    from storage.unit import Store

log = structlog.get_logger("webhook")
HEADER = b"x-telegram-bot-api-secret-token"
LONGEST_SECRET = 256
#: A body that is incomplete by then is refused; Telegram sends it in one piece.
BODY_WITHIN_S = 10.0
#: How often the registration is checked. The health page reports a problem after 150 seconds.
LOOK_EVERY_S = 60.0
#: setWebhook more often than once per second is answered with 429.
SET_EVERY_S = 1.5
RETRY_AFTER_S = 5


def receiver_of(
    channel: Channel, store: Store, clock: Clock, endpoint: TelegramSection, *, received: Callable[[], None], registers: Callable[[], bool]
) -> Inlet:
    """Return the receiver of a channel: webhook if its settings have a URL, else polling.

    Raises:
        CannotStart: as `WebhookReceiver`.
    """
    if endpoint.webhook.url:
        return WebhookReceiver(channel, store, clock, endpoint, received=received, registers=registers)
    return Receiver(channel, store, clock, seconds=endpoint.poll_seconds, stalled_after=endpoint.stalled_after, received=received)


class TooLong(Exception):
    """The body is longer than allowed."""


class Gone(Exception):
    """The caller closed the connection before the body was complete."""


class Entrance:
    """The ASGI application: one update per call.

    `keep(update)` returns after the commit or raises StorageFailed.
    """

    def __init__(self, keep: Callable[[list[Any]], Any], *, secret: str, path: str, max_body: int) -> None:
        self._keep = keep
        self._secret = secret.encode()
        self._path = path
        self._max_body = max_body
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call with an empty response.

        A refusal also closes the connection, because the body was not read.
        """
        status = self._refusal(scope) or await self._take(receive)
        headers = [(b"content-length", b"0")]
        if status != 200:
            headers.append((b"connection", b"close"))
        if status == 503:
            headers.append((b"retry-after", str(RETRY_AFTER_S).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _refusal(self, scope: Scope) -> int:
        """Return the status that refuses a call unread, 0 if it is acceptable.

        The secret is checked first: a caller without it learns nothing else.
        """
        if not self._genuine(scope["headers"]):
            self.refused += 1
            return 403
        if scope["path"] != self._path:
            return 404
        if scope["method"] != "POST":
            return 405
        if _one(scope["headers"], b"content-type").partition(b";")[0].strip().lower() != b"application/json":
            return 415
        length = _one(scope["headers"], b"content-length")
        return 413 if length.isdigit() and int(length[:20]) > self._max_body else 0

    def _genuine(self, headers: list[tuple[bytes, bytes]]) -> bool:
        said = [value for name, value in headers if name.lower() == HEADER]
        return len(said) == 1 and len(said[0]) <= LONGEST_SECRET and compare_digest(said[0], self._secret)

    async def _take(self, receive: Receive) -> int:
        """Read the body, store it, and return the status.

        A body that is not JSON is stored too and ends in quarantine.
        """
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                body = await self._read(receive)
        except TimeoutError:
            return 408
        except TooLong:
            log.warning("webhook_body_too_long", most=self._max_body)
            return 413
        except Gone:
            return 400
        try:
            await self._keep([decode(body)])
        except StorageFailed:
            log.error("storage_failed", exc_info=True)
            return 503
        return 200

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        while True:
            part = await receive()
            if part["type"] == "http.disconnect":
                raise Gone
            body += part.get("body", b"")
            if len(body) > self._max_body:
                raise TooLong
            if not part.get("more_body", False):
                return bytes(body)


class WebhookReceiver(Inlet):
    """Serve the entrance and keep the webhook registered: `run()` does both.

    * `stay_registered()`: `register()` now, every minute, and at each `look()`.
    * `register()`: ask the server, and register unless it knows the address; safe to repeat at any time.
    * `leave()`: for the end, when no process is left to call.

    `registers()` tells whether this process registers the webhook; the others only ask, for their health page.
    """

    def __init__(
        self,
        channel: Channel,
        store: Store,
        clock: Clock,
        endpoint: TelegramSection,
        *,
        received: Callable[[], None],
        registers: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(channel, store, clock, silent_after=endpoint.stalled_after, received=received)
        self._settings = endpoint.webhook
        self._registers = registers
        try:
            self._secret = endpoint.webhook_secret
        except OSError as error:
            raise CannotStart(f"{endpoint.place('webhook.secret_file')} cannot be read: {error.strerror}.") from None
        except ValueError as fault:
            raise CannotStart(f"The settings are not right: {fault}.") from None
        path = unquote(urlsplit(self._settings.url).path) or "/"
        self.entrance = Entrance(self.keep, secret=self._secret, path=path, max_body=self._settings.max_body)
        self._told = False
        self._told_at = -SET_EVERY_S
        self._last_error_at = -1
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Serve and stay registered until cancelled.

        Raises:
            CannotStart: the port is not available.
        """
        async with HttpListener(self.entrance, host=self._settings.host, port=self._settings.port) as door:
            tasks = [asyncio.create_task(self.stay_registered(), name="registering"), asyncio.create_task(door.serve(), name="serving")]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()  # both end only by a fault
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
        log.info("webhook_closed", channel=self._channel.name)

    async def keep(self, updates: list[Any]) -> None:
        """Store updates as in `Inlet`; a call also shows that the server reaches us."""
        await super().keep(updates)
        self.pulse.answered_at, self.pulse.trouble = monotonic(), ""

    def look(self) -> None:
        """Register now: this process has become the one that does."""
        self._woken.set()

    async def stay_registered(self) -> None:
        """Register and check the registration regularly, until cancelled."""
        failures = 0
        while True:
            self._woken.clear()
            try:
                await self.register()
                failures, pause = 0, LOOK_EVERY_S
            except RetryAfter as error:
                self._note(error)
                await asyncio.sleep(seconds_of(error.retry_after))
                continue
            except TelegramError as error:
                self._note(error)
                failures += 1
                pause = min(2.0**failures, LOOK_EVERY_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._woken.wait()

    async def register(self) -> None:
        """Make sure that the server calls this address with our secret.

        The address is set at the start, when the server calls elsewhere, and when its calls fail.

        Raises:
            TelegramError: and its kinds, RetryAfter among them.
        """
        found = await self._channel.call("getWebhookInfo")
        info = found if isinstance(found, dict) else {}
        wrong = self._differs(info)
        failing = self._failing(info)
        if self._registers() and (not self._told or wrong or failing):
            if self._told:
                log.warning("webhook_set_again", channel=self._channel.name, removed=not info.get("url"), failing=failing)
            await self._tell()
            wrong = False
        if wrong or failing:
            self.pulse.trouble = "failing" if failing else "elsewhere"
        else:
            self.pulse.answered_at, self.pulse.trouble = monotonic(), ""

    async def leave(self) -> None:
        """Remove the webhook if the settings say so.

        The server keeps pending updates for a poll or the next webhook, for 24 hours.
        """
        if not self._settings.remove_on_stop:
            return
        try:
            await self._channel.call("deleteWebhook", drop_pending_updates=False, within=3.0)
        except TelegramError as error:
            log.warning("webhook_not_removed", trouble=type(error).__name__)

    def _note(self, error: TelegramError) -> None:
        """Log once why the webhook is not registered."""
        if self.pulse.trouble != type(error).__name__:
            self.pulse.trouble = type(error).__name__
            said = error.message.replace(self._secret, "[secret]")[:200]
            log.warning("webhook_not_registered", channel=self._channel.name, trouble=self.pulse.trouble, said=said)

    async def _tell(self) -> None:
        """Set the webhook's address, secret and update kinds; pending updates stay at the server."""
        await asyncio.sleep(max(0.0, self._told_at + SET_EVERY_S - monotonic()))
        self._told_at = monotonic()
        await self._channel.call(
            "setWebhook",
            url=self._settings.url,
            secret_token=self._secret,
            max_connections=self._settings.max_connections,
            allowed_updates=list(KINDS),
            drop_pending_updates=False,
        )
        self._told = True
        log.info("webhook_set", channel=self._channel.name)

    def _differs(self, info: dict[str, Any]) -> bool:
        kinds = info.get("allowed_updates")
        calls_for_us = not isinstance(kinds, list) or set(map(str, kinds)) >= set(KINDS)
        return info.get("url") != self._settings.url or not calls_for_us

    def _failing(self, info: dict[str, Any]) -> bool:
        """Tell whether a call failed since the last check and updates are still pending.

        The webhook may have been set with another secret.
        """
        waiting, error_at = info.get("pending_update_count"), info.get("last_error_date")
        before, self._last_error_at = self._last_error_at, error_at if isinstance(error_at, int) else 0
        failing = before >= 0 and self._last_error_at > before and bool(waiting)
        if failing:
            log.warning(
                "webhook_failing", channel=self._channel.name, waiting=waiting, last_error_at=error_at, refused=self.entrance.refused
            )
        return failing


def _one(headers: list[tuple[bytes, bytes]], name: bytes) -> bytes:
    """Return the only header of a name; empty if there is none or more than one."""
    found = [value for each, value in headers if each.lower() == name]
    return found[0] if len(found) == 1 else b""
