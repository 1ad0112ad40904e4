"""Decide whether the messages of a channel ring: was the person reached?

Handlers get names of channels (`Town.waking`), never capabilities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.telegram.channel import Channel


def rings(channel: Channel) -> bool:
    """Tell whether a person notices a message there without looking."""
    return channel.can.rings
