"""A poster for each village: a QR code that opens the chat with the village already named.

Knows pictures and file names. The link is public, so it holds no secret. Invariant: a village's name is escaped in a picture and made
harmless in a file name; two villages never share a file.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path

import segno
from telegram.error import InvalidToken, TelegramError

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
<g transform="translate(35 62)">{code}</g>
<text x="105" y="222" font-size="7.5" fill="#111111" text-anchor="middle" font-family="{font}">{how}</text>
<text x="105" y="236" font-size="6" fill="#444444" text-anchor="middle" font-family="monospace">{link}</text>
<text x="105" y="272" font-size="11" font-weight="700" fill="#b3261e" text-anchor="middle" font-family="{font}">{emergency}</text>
</svg>
"""
FONT = "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
QR_WIDTH = 140.0


def link_of(village: Village, bot_name: str) -> str:
    """Return the link that opens the chat with this village named.

    Raises:
        ValueError: the bot's name is not valid.
    """
    if not BOT_NAME.fullmatch(bot_name):
        raise ValueError("This is not a bot's user name.")
    return f"https://t.me/{bot_name}?start=v{village.id}"


def write_posters(folder: Path, villages: Sequence[Village], bot_name: str, *, language: str = "zh") -> list[Path]:
    """Write three files per village; return them in order.

    A QR code as PNG and SVG, an A4 poster as SVG.

    Raises:
        ValueError: the bot's name is not valid.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [file for village in villages for file in _write(folder, village, bot_name, language)]


async def make_posters(settings: Settings, folder: Path, bot_name: str = "") -> list[Path]:
    """Write the posters of every village in the directory.

    Without `bot_name` the server is asked for it.

    Raises:
        CannotStart: no database, no village, no token to ask with, no answer from the server, or an invalid name.
    """
    async with opened_store(settings, create=False, beside=True) as store:
        villages = await store.transact(lambda unit: unit.people.list_villages())
    if not villages:
        raise CannotStart("There is no village yet: import the roster first (python -m bot import-roster FILE).")
    name = bot_name.removeprefix("@") or await _ask_for_name(settings)
    try:
        return write_posters(folder, villages, name)
    except ValueError as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        raise CannotStart(f"The folder {folder} cannot be written: {error.strerror}.") from error


async def _ask_for_name(settings: Settings) -> str:
    token = token_of(settings)
    if not token:
        raise CannotStart("Give the bot's user name (--bot-name), or set TONGXIN_TELEGRAM__TOKEN so that the server can be asked.")
    channel = Channel(
        "telegram",
        token,
        base_url=settings.telegram.base_url,
        clock=Clock(follow_channel=False),
        timeout=settings.delivery.timeout.total_seconds(),
    )
    try:
        await channel.open()
        return channel.bot_name
    except InvalidToken:  # its message contains the token
        raise CannotStart("The bot token was refused. Ask @BotFather for the right one, or give the bot's user name: --bot-name.") from None
    except TelegramError as error:
        raise CannotStart(
            f"The Bot API server cannot be asked for the bot's name ({type(error).__name__}). Try again later, or give it: --bot-name."
        ) from None
    finally:
        await channel.close()


def _write(folder: Path, village: Village, bot_name: str, language: str) -> list[Path]:
    link = link_of(village, bot_name)
    code = segno.make_qr(link, error="m")
    stem = f"{village.id:03d}-{UNSAFE.sub('-', village.name).strip('-') or 'village'}"
    png, svg, poster = folder / f"{stem}-qr.png", folder / f"{stem}-qr.svg", folder / f"{stem}-poster.svg"
    code.save(str(png), kind="png", scale=12)
    code.save(str(svg), kind="svg", scale=12)
    poster.write_text(_poster(village, link, code, language), encoding="utf-8")
    return [png, svg, poster]


def _poster(village: Village, link: str, code: segno.QRCode, language: str) -> str:
    title = plain("roster.poster.title", language, village=village.name)
    width, _ = code.symbol_size(scale=1, border=2)
    return POSTER.format(
        title=html.escape(title),
        size=min(20.0, 190 / max(1, len(title))),
        code=code.svg_inline(scale=round(QR_WIDTH / width, 3), border=2),
        how=html.escape(plain("roster.poster.how", language)),
        link=html.escape(link),
        emergency=html.escape(plain("roster.poster.emergency", language)),
        font=FONT,
    )
