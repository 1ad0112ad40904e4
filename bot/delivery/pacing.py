"""Rate limits of a channel, from its server and the settings, and the pauses of redraws.

Knows capabilities and seconds of a monotonic clock; must not know texts. Invariant: no message leaves faster than both the server and
the settings allow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.delivery.token_bucket import Pace
from bot.telegram.capabilities import EditKind
from domain.core.change import Priority

if TYPE_CHECKING:
    from bot.channel_settings import PaceSection
    from bot.settings import DeliverySection
    from bot.telegram.channel import Channel
    from storage.core.outgoing import Outgoing

#: Where messages cannot be drawn anew and the server names no span, what changes comes together after so long a silence.
SUMMARY_AFTER_S = 60.0
#: So many chats' last redraws are remembered before those that hold nothing back any more are forgotten.
REMEMBERED = 20_000


def pace_of(channel: Channel, usual: DeliverySection, own: PaceSection | None) -> Pace:
    """Return a channel's pace.

    The channel's settings override `delivery`; a slower limit of the server applies.
    """
    said = channel.can.pace
    ours = usual.model_dump(include=set(said._fields)) | ({} if own is None else own.model_dump(exclude_none=True))
    return Pace(**{name: min(limit, theirs) if (theirs := getattr(said, name)) else limit for name, limit in ours.items()})


class Redraws:
    """The time of the last redraw in each chat.

    `wait(…)`: seconds until a redraw may leave; `drawn(…)` counts one.
    """

    def __init__(self) -> None:
        self._drawn_at: dict[tuple[str, int], float] = {}

    def wait(self, row: Outgoing, channel: Channel, *, age_s: float, now: float) -> float:
        """Return the seconds until a redraw may leave.

        `age_s`: since it was decided. A newer redraw takes this one's place. On a channel without edits, a redraw is one more message: the
        answer to a press leaves at once, any other redraw (a board) after a quiet period.
        """
        edits = channel.can.edits
        if edits.kind is EditKind.NEVER:
            return 0.0 if row.priority == Priority.REPLY else (edits.redraw_s or SUMMARY_AFTER_S) - age_s
        drawn_at = self._drawn_at.get((row.address.channel, row.address.chat_id))
        return 0.0 if drawn_at is None or not edits.redraw_s else drawn_at + edits.redraw_s - now

    def drawn(self, row: Outgoing, channel: Channel, *, now: float) -> None:
        """Count a redraw, if that ever matters on this channel."""
        redraw_s = channel.can.edits.redraw_s
        if not redraw_s:
            return
        if len(self._drawn_at) > REMEMBERED:
            self._drawn_at = {key: at for key, at in self._drawn_at.items() if at + redraw_s > now}
        self._drawn_at[row.address.channel, row.address.chat_id] = now
