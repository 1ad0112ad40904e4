"""Write a poster for each village, with a QR code for each channel that has links.

The code opens the chat with the village already chosen.

Knows pictures and file names. A link is public, so it holds no secret. Invariant: a village's name is escaped in a picture and made harmless in
a file name; two villages never share a file.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import segno
from telegram.error import InvalidToken, TelegramError

from bot.channel_settings import TELEGRAM
from bot.process.database_startup import CannotStart, opened_store, token_of
from bot.settings import Settings
from bot.telegram.channel import Channel
from bot.timers.clock import Clock
from domain.people.people import Village
from texts import plain

BOT_NAME = re.compile("[A-Za-z0-9_]{3,64}")
UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*.\s]+')
#: A4 in millimetres: 210 × 297.
POSTER = """<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297">
<title>{title}</title>
<rect width="210" height="297" fill="#ffffff"/>
<rect width="210" height="46" fill="#1f4e8c"/>
<text x="105" y="31" font-size="{size}" font-weight="700" fill="#ffffff" text-anchor="middle" font-family="{font}">{title}</text>
{codes}
<text x="105" y="272" font-size="11" font-weight="700" fill="#b3261e" text-anchor="middle" font-family="{font}">{emergency}</text>
</svg>
"""
#: One channel's code and words; several stand side by side.
CODE = """<g transform="translate({left} {top})">{code}</g>
<text x="{middle}" y="222" font-size="{how_size}" fill="#111111" text-anchor="middle" font-family="{font}">{how}</text>
<text x="{middle}" y="236" font-size="{link_size}" fill="#444444" text-anchor="middle" font-family="monospace">{link}</text>"""
FONT = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
QR_WIDTH = 140.0
PAGE_WIDTH = 210.0


@dataclass(frozen=True, slots=True)
class Way:
    """A channel on a poster: its name, its title and its link base.

    `title`: its name in texts. `base`: the beginning of a link.
    """

    channel: str
    title: str
    base: str

    def link(self, village: Village) -> str:
        """Return the link that opens the chat with this village named."""
        return f"{self.base}?start=v{village.id}"


def way_of(bot_name: str) -> Way:
    """Return the way into a Telegram bot's chat.

    Raises:
        ValueError: the bot's name is not valid.
    """
    if not BOT_NAME.fullmatch(bot_name):
        raise ValueError("This is not a bot's user name.")
    return Way(TELEGRAM, "Telegram", f"https://t.me/{bot_name}")


def write_posters(folder: Path, villages: Sequence[Village], ways: Sequence[Way], *, language: str = "zh") -> list[Path]:
    """Write the files of each village; return them in order.

    A QR code as PNG and SVG for each way, and an A4 poster as SVG.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [file for village in villages for file in _write(folder, village, ways, language)]


async def make_posters(settings: Settings, folder: Path, bot_name: str = "") -> list[Path]:
    """Write the posters of every village in the directory.

    Each server is asked for its link, unless the name of a Telegram bot is given.

    Raises:
        CannotStart: no database, no village, no token to ask with, no answer from a server, an invalid name, or no channel with links.
    """
    async with opened_store(settings, create=False, beside=True) as store:
        villages = await store.transact(lambda unit: unit.people.list_villages())
    if not villages:
        raise CannotStart("There is no village yet: import the roster first (python -m bot import-roster FILE).")
    try:
        ways = [way_of(bot_name.removeprefix("@"))] if bot_name else await _ask_for_ways(settings)
    except ValueError as error:
        raise CannotStart(str(error)) from error
    if not ways:
        raise CannotStart("No channel of the settings has links, so there is nothing that a code could open.")
    try:
        return write_posters(folder, villages, ways)
    except OSError as error:
        raise CannotStart(f"The folder {folder} cannot be written: {error.strerror}.") from error


async def _ask_for_ways(settings: Settings) -> list[Way]:
    """Ask each server who we are there; leave out channels without links."""
    ways = []
    for endpoint in settings.endpoints:
        token = token_of(endpoint)
        if not token:
            raise CannotStart(
                f"Give the bot's user name (--bot-name), or set {endpoint.variable('TOKEN')} so that the server can be asked."
            )
        channel = Channel(
            endpoint.channel,
            token,
            base_url=endpoint.base_url,
            clock=Clock(follow_channel=False),
            timeout=settings.delivery.timeout.total_seconds(),
        )
        base = await _ask(channel)
        if base:
            ways.append(Way(endpoint.channel, endpoint.shown_as, base))
    return ways


async def _ask(channel: Channel) -> str:
    """Return what a channel's links begin with; empty where it has none."""
    try:
        await channel.open()
        return channel.link_base
    except InvalidToken:  # its message contains the token
        raise CannotStart("The bot token was refused. Ask @BotFather for the right one, or give the bot's user name: --bot-name.") from None
    except TelegramError as error:
        raise CannotStart(
            f"The Bot API server cannot be asked for the bot's name ({type(error).__name__}). Try again later, or give it: --bot-name."
        ) from None
    finally:
        await channel.close()


def _write(folder: Path, village: Village, ways: Sequence[Way], language: str) -> list[Path]:
    stem = f"{village.id:03d}-{UNSAFE.sub('-', village.name).strip('-') or 'village'}"
    files = []
    for way in ways:
        name = f"{stem}-qr" if len(ways) == 1 else f"{stem}-qr-{way.channel}"
        code = segno.make_qr(way.link(village), error="m")
        for kind, path in (("png", folder / f"{name}.png"), ("svg", folder / f"{name}.svg")):
            code.save(str(path), kind=kind, scale=12)
            files.append(path)
    poster = folder / f"{stem}-poster.svg"
    poster.write_text(_poster(village, ways, language), encoding="utf-8")
    return [*files, poster]


def _poster(village: Village, ways: Sequence[Way], language: str) -> str:
    title = plain("roster.poster.title", language, village=village.name)
    return POSTER.format(
        title=html.escape(title),
        size=min(20.0, 190 / max(1, len(title))),
        codes="\n".join(_code(village, way, language, place, len(ways)) for place, way in enumerate(ways)),
        emergency=html.escape(plain("roster.poster.emergency", language)),
        font=FONT,
    )


def _code(village: Village, way: Way, language: str, place: int, count: int) -> str:
    """Draw one channel's code in its share of the page's width."""
    link = way.link(village)
    code = segno.make_qr(link, error="m")
    width, _ = code.symbol_size(scale=1, border=2)
    share = PAGE_WIDTH / count
    side = min(QR_WIDTH, share - 10)
    how = plain("roster.poster.how", language, channel=way.title)
    return CODE.format(
        left=round(place * share + (share - side) / 2, 1),
        top=round(62 + (QR_WIDTH - side) / 2, 1),
        code=code.svg_inline(scale=round(side / width, 3), border=2),
        middle=round(place * share + share / 2, 1),
        how=html.escape(how),
        how_size=7.5 if count == 1 else round(min(7.5, (share - 6) / max(1, len(how))), 2),
        link=html.escape(link),
        link_size=6 if count == 1 else round(min(6.0, (share - 6) / (0.62 * len(link))), 2),
        font=FONT,
    )
