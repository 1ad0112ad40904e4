"""One Bot API endpoint: its name, its client, its buttons.

Knows how to call a method and how to read an update; must not know people or rules. Raises python-telegram-bot's errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram.ext import Application, ApplicationBuilder

from bot.telegram.buttons import Signer
from bot.telegram.capabilities import TELEGRAM, capabilities_of
from bot.telegram.request import Fields, HttpRequest
from bot.timers.clock import Clock

if TYPE_CHECKING:
    from telegram import Bot


class Channel:
    """A Bot API endpoint.

    * `call(method, **fields)`: one method; plain values, nested ones become JSON.
    * `poll(offset, seconds)`: raw updates as the server sent them.
    * `application`: python-telegram-bot's, without an updater. `signer`: makes and reads its buttons, of one `series`.
    * `can`: its abilities, known after `open`, as is `link`. `is_open`: whether it has been opened.
    * `uploaded`: names of the bot's own files → the ids under which the server keeps them.
    """

    def __init__(
        self, name: str, token: str, *, base_url: str, clock: Clock, timeout: float, connections: int = 64, series: str = ""
    ) -> None:
        self.name = name
        self.can = TELEGRAM
        self.is_open = False
        self.uploaded: dict[str, str] = {}
        self.signer = Signer(token, series=series)
        self.request = HttpRequest(connections=connections, read_timeout=timeout, on_date=clock.hear)
        self.polling = HttpRequest(connections=2, read_timeout=timeout, on_date=clock.hear)
        builder: ApplicationBuilder[Any, Any, Any, Any, Any, Any] = Application.builder()
        self.application = (
            builder.token(token)
            .base_url(base_url)
            .updater(None)
            .request(self.request)
            .get_updates_request(self.polling)
            .job_queue(None)
            .build()
        )

    @property
    def bot(self) -> Bot:
        """The bot's identity, known after `open`."""
        bot: Bot = self.application.bot
        return bot

    @property
    def bot_name(self) -> str:
        """The bot's user name."""
        return self.bot.username

    async def open(self) -> None:
        """Connect; learn the bot's identity and the server's abilities (getMe).

        Raises:
            ValueError: the server describes itself wrongly; the message names the place.
            TelegramError: as in `call`.
        """
        await self.application.initialize()
        self.can = capabilities_of(self.described)
        self.is_open = True

    @property
    def described(self) -> Any:
        """The server's own description, unparsed; None: it gave none."""
        return self.bot.bot.api_kwargs.get("can")

    @property
    def link_base(self) -> str:
        """The beginning of a link into the bot's chat; empty on a channel without links."""
        return self.can.link.replace("{bot}", self.bot_name)

    def link(self, payload: str) -> str | None:
        """Return the link that opens the bot's chat and taps START with a payload.

        None on a channel without links.
        """
        return f"{self.link_base}?start={payload}" if self.link_base else None

    async def close(self) -> None:
        """Close the connections."""
        await self.application.shutdown()

    async def call(self, method: str, /, *, within: float | None = None, **fields: Any) -> Any:
        """Call a method and return its result as plain values.

        Raises:
            TelegramError: and its kinds (RetryAfter, Forbidden, BadRequest, ChatMigrated, TimedOut, NetworkError, Conflict, InvalidToken).
        """
        target, data = f"{self.bot.base_url}/{method}", Fields(fields)
        return await self.request.post(target, data, **({} if within is None else {"read_timeout": within}))  # type: ignore[arg-type]  # Fields is shaped like a RequestData

    async def poll(self, *, offset: int, seconds: int, kinds: tuple[str, ...]) -> list[Any]:
        """Ask for updates; confirms everything below `offset`. Errors as in `call`."""
        fields = {"offset": offset, "timeout": seconds, "limit": 100, "allowed_updates": list(kinds)}
        target, data = f"{self.bot.base_url}/getUpdates", Fields(fields)
        result = await self.polling.post(target, data, read_timeout=float(seconds) + 10)  # type: ignore[arg-type]  # Fields is shaped like a RequestData
        return result if isinstance(result, list) else []
