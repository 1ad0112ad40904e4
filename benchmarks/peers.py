"""The peers under test: the echo bots of python-telegram-bot's and aiogram's documentation.

`python -m benchmarks.peers ptb|aiogram PORT`: no storage, default client, polling.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

TOKEN = "42:bench"


def stock_echo(port: int) -> None:
    """Run python-telegram-bot's echo bot with default settings."""
    from telegram import Update
    from telegram.ext import Application, ContextTypes, MessageHandler, filters

    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(update.message.text or "")

    application = Application.builder().token(TOKEN).base_url(f"http://127.0.0.1:{port}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling(poll_interval=0.0)


def aiogram_echo(port: int) -> None:
    """Run aiogram's echo bot with default settings."""
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import Message

    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> Any:
        return await message.answer(message.text or "")

    session = AiohttpSession(api=TelegramAPIServer.from_base(f"http://127.0.0.1:{port}"))
    asyncio.run(dispatcher.start_polling(Bot(TOKEN, session=session)))


if __name__ == "__main__":
    {"ptb": stock_echo, "aiogram": aiogram_echo}[sys.argv[1]](int(sys.argv[2]))
