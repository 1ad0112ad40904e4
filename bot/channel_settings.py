"""Settings of a channel: server, token, receiver and rate limits.

Knows the section `telegram`, which scripts set, and the list `channels`. A channel is a Bot API endpoint, so both are read alike. Invariant: a
channel has one name and is described once; no address contains a secret.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from bot.receiving.webhook_address import faults_of_address, faults_of_secret


def _positive(span: timedelta) -> timedelta:
    if span <= timedelta():
        raise ValueError("must be longer than nothing")
    return span


#: The channel that the section `telegram` describes.
TELEGRAM = "telegram"
Span = Annotated[timedelta, AfterValidator(_positive)]


class Section(BaseModel):
    """A section of the file. An unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PaceSection(Section):
    """Rates of one channel's messages, where they differ from `delivery`."""

    model_config = ConfigDict(defer_build=True)  # most towns list no channel, and need no model of its pace

    per_second: Annotated[float, Field(gt=0)] | None = None
    chat_per_second: Annotated[float, Field(gt=0)] | None = None
    chat_burst: Annotated[int, Field(ge=1)] | None = None
    group_per_minute: Annotated[float, Field(gt=0)] | None = None


class WebhookSection(Section):
    """The webhook: the address that the server sends updates to. Without `url` the bot polls.

    The secret comes only from the environment or a file.
    """

    url: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8089
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None
    max_body: Annotated[int, Field(ge=16_384, le=52_428_800)] = 1_048_576
    max_connections: Annotated[int, Field(ge=1, le=100)] = 40
    remove_on_stop: bool = False


class TelegramSection(Section):
    """The channel `telegram`, and the settings that every other channel shares with it.

    The token is empty in a town without this channel.
    """

    token: SecretStr = SecretStr("")
    token_file: Path | None = None
    base_url: str = "https://api.telegram.org/bot"
    poll_seconds: Annotated[int, Field(ge=0, le=50)] = 50
    stalled_after: Span = timedelta(seconds=150)
    webhook: WebhookSection = WebhookSection()

    @model_validator(mode="after")
    def _webhook_makes_sense(self) -> TelegramSection:
        hook = self.webhook
        if not hook.url:
            return self
        secret, token = hook.secret.get_secret_value(), self.token.get_secret_value()
        faults = list(faults_of_address(hook.url, base_url=self.base_url))
        if not secret and hook.secret_file is None:
            faults.append(f"webhook.url needs a secret: set {self.variable('WEBHOOK__SECRET')} or {self.place('webhook.secret_file')}")
        elif secret:
            faults += faults_of_secret(secret)
        if any(each and each in hook.url for each in (secret, token)):
            faults.append("webhook.url must not contain a secret: addresses are written into many logs")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def channel(self) -> str:
        """The name in addresses and messages."""
        return TELEGRAM

    @property
    def shown_as(self) -> str:
        """The name in texts."""
        return "Telegram"

    @property
    def is_telegram(self) -> bool:
        """True for Telegram itself, with tokens of @BotFather."""
        return True

    @property
    def own_pace(self) -> PaceSection | None:
        """Rates of its messages, where they differ from `delivery`."""
        return None

    @property
    def is_set_up(self) -> bool:
        """True with a token, or a file for it."""
        return bool(self.token.get_secret_value()) or self.token_file is not None

    @property
    def token_value(self) -> str:
        """The bot's token from its file or the settings; empty if there is none."""
        if self.token_file is not None:
            return self.token_file.read_text(encoding="utf-8").strip()
        return self.token.get_secret_value()

    @property
    def webhook_secret(self) -> str:
        """The secret that the server sends with each call, from its file or the settings.

        Raises:
            OSError: the file cannot be read.
            ValueError: it does not hold a secret that Telegram would accept.
        """
        secret = self.webhook.secret.get_secret_value()
        if self.webhook.secret_file is not None:
            secret = self.webhook.secret_file.read_text(encoding="utf-8").strip()
        for fault in faults_of_secret(secret):
            raise ValueError(fault)
        return secret

    def place(self, key: str) -> str:
        """Return the place of a key of this channel in the file, for an operator."""
        return f"telegram.{key}"

    def variable(self, key: str) -> str:
        """Return the environment variable of a key of this channel."""
        return f"TONGXIN_TELEGRAM__{key}"


def by_name(said: Any) -> Any:
    """Return a list of channels as a map by name; return any other value unchanged.

    By name, the environment can add to one of them.
    """
    if not isinstance(said, list):
        return said
    names = [each.get("name") if isinstance(each, dict) else None for each in said]
    if not all(isinstance(name, str) for name in names):
        raise _misplaced("each entry needs a name, for example: - name: web")
    if len(set(names)) < len(names):
        raise _misplaced("two entries have the same name")
    return dict(zip(names, said, strict=True))


def _misplaced(why: str) -> ValidationError:
    where = InitErrorDetails(type=PydanticCustomError("channels", why), loc=("channels",), input=None)
    return ValidationError.from_exception_data("Settings", [where])
