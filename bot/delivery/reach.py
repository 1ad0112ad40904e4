"""Was the person reached? What delivery knows of a channel that handlers may not ask: whether its messages ring.

Handlers get names of channels (`Town.waking`), never capabilities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.telegram.channel import Channel


def rings(channel: Channel) -> bool:
    """Tell whether a message there is noticed by somebody who does not look."""
    return channel.can.rings
