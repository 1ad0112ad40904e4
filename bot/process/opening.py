"""Open the town's channels: learn the bot's identity and each server's abilities.

Knows tokens and servers that are down. Invariant: a channel that cannot be opened blocks no other; a town whose only token is refused does
not start.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog
from telegram.error import InvalidToken, TelegramError

from bot.process.database_startup import CannotStart, token_of
from bot.telegram.channel import Channel
from bot.timers.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.channel_settings import TelegramSection
    from bot.settings import Settings

log = structlog.get_logger("engine")
#: How long the start waits for a server that is down when another one is open.
GRACE_S = 5.0
#: A token that was refused is tried again this often, where other channels work.
REFUSED_AGAIN_S = 60.0


def tokens_of(settings: Settings) -> dict[str, str]:
    """Return every channel's token.

    Raises:
        CannotStart: one has none, or its file cannot be read.
    """
    found = {endpoint.channel: token_of(endpoint) for endpoint in settings.endpoints}
    for endpoint in settings.endpoints:
        if not found[endpoint.channel]:
            raise CannotStart(
                f"There is no bot token. Set {endpoint.variable('TOKEN')}, or {endpoint.place('token_file')} in config.yaml."
                " Without a token, try: make demo"
            )
    return found


def channels_of(settings: Settings, tokens: Mapping[str, str], clock: Clock, *, series: str = "") -> dict[str, Channel]:
    """Return the channels, not yet opened.

    The bot follows the clock of the first one's server.
    """
    return {
        endpoint.channel: Channel(
            endpoint.channel,
            tokens[endpoint.channel],
            base_url=endpoint.base_url,
            clock=clock if place == 0 else Clock(),
            timeout=settings.delivery.timeout.total_seconds(),
            series=series,
        )
        for place, endpoint in enumerate(settings.endpoints)
    }


async def open_some(opening: list[asyncio.Task[None]]) -> None:
    """Wait until every channel is open, or until one is and a few seconds have passed.

    The remaining channels are still being opened.

    Raises:
        CannotStart: as in `connect`.
    """
    done, late = await asyncio.wait(opening, return_when=asyncio.FIRST_COMPLETED)
    if late:
        done, late = await asyncio.wait(opening, timeout=GRACE_S)
    for task in done:
        task.result()
    if late:
        log.warning("channels_late", channels=[task.get_name() for task in late])


async def connect(channel: Channel, endpoint: TelegramSection, *, alone: bool = True) -> None:
    """Learn the bot's identity, waiting while the server cannot be reached.

    A worker that polls removes a webhook; the server keeps the pending updates.

    Raises:
        CannotStart: the token is refused and there is no other channel, or the server describes itself wrongly.
    """
    pause = 1.0
    while True:
        try:
            await channel.open()
            if endpoint.webhook.url:
                return
            with contextlib.suppress(TelegramError):  # the first poll reports a webhook that is still registered, and removes it
                await channel.call("deleteWebhook")
            return
        except InvalidToken:
            if alone:
                raise CannotStart(
                    f"The bot token was refused. Ask {'@BotFather' if endpoint.is_telegram else 'whoever runs the server'} for the right one and set"
                    f" {endpoint.variable('TOKEN')}, or put it into {endpoint.place('token_file')}."
                ) from None
            log.error("token_refused", channel=channel.name, again_in_s=REFUSED_AGAIN_S)
            await asyncio.sleep(REFUSED_AGAIN_S)
        except ValueError as fault:
            raise CannotStart(f"The server of the channel {channel.name} describes itself wrongly (getMe): {fault}.") from None
        except TelegramError as error:
            log.warning("server_unreachable", channel=channel.name, trouble=type(error).__name__, again_in_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 30.0)
