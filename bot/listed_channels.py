"""Channels listed in the settings, besides the section `telegram`.

Knows names, kinds and titles; imported only when a channel is listed. Invariant: a fault names the channel and the key, and never the value,
which may be a secret.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from bot.channel_settings import PaceSection, TelegramSection


class ChannelSection(TelegramSection):
    """One more channel: Telegram, or a gateway that speaks the Bot API.

    Addresses contain its name, so the name never changes.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    kind: Literal["telegram", "botapi"] = "botapi"
    title: Annotated[str, Field(max_length=32)] = ""
    base_url: str = ""
    pace: PaceSection = PaceSection()

    @model_validator(mode="before")
    @classmethod
    def _address_of_kind(cls, said: Any) -> Any:
        if isinstance(said, dict) and not said.get("base_url"):
            if said.get("kind") != "telegram":
                raise ValueError("base_url is needed: what stands before the token in a call, for example https://chat.example.org/bot")
            return said | {"base_url": TelegramSection.model_fields["base_url"].default}
        return said

    @property
    def channel(self) -> str:
        """The name in addresses and messages."""
        return self.name

    @property
    def shown_as(self) -> str:
        """The name in texts."""
        return self.title or ("Telegram" if self.is_telegram else self.name)

    @property
    def is_telegram(self) -> bool:
        """True for Telegram itself, with tokens of @BotFather."""
        return self.kind == "telegram"

    @property
    def own_pace(self) -> PaceSection | None:
        """Rates of its messages, where they differ from `delivery`."""
        return self.pace

    def place(self, key: str) -> str:
        """Return the place of a key of this channel in the file, for an operator."""
        return f"channels.{self.name}.{key}"

    def variable(self, key: str) -> str:
        """Return the environment variable of a key of this channel."""
        return f"TONGXIN_CHANNELS__{self.name.upper()}__{key}"


def sections_of(found: dict[Any, Any]) -> dict[str, ChannelSection]:
    """Return channels by name, each knowing its own.

    Raises:
        ValueError: one sentence per fault.
    """
    named = {name: {"name": name} | each if isinstance(each, dict) else each for name, each in found.items()}
    try:
        return TypeAdapter(dict[str, ChannelSection]).validate_python(named)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors()]
        raise ValueError("; ".join(faults)) from None
