"""The interface of a running process for its own parts: store, channels, clock and loops.

Attribute names only, no code: bot/process/engine.py makes the parts and puts them together. A page, a job or a check can ask for a figure
without knowing how the process starts and stops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.delivery.delivery import Delivery
    from bot.handling.update_processor import Handling
    from bot.process.leadership import Leadership
    from bot.receiving.polling import Inlet
    from bot.settings import Settings
    from bot.telegram.channel import Channel
    from bot.timers.clock import Clock
    from bot.timers.timer_loop import Ticking
    from domain.core.town import Town
    from storage.unit import Store


class Running:
    """A running town.

    `worker`: this process's name among several, empty when it is alone. `started_at`: on the monotonic clock. `repeats`: the number of
    messages that may arrive twice, because the previous leader had them in flight.
    """

    settings: Settings
    store: Store
    channels: dict[str, Channel]
    clock: Clock
    town: Town
    worker: str
    leadership: Leadership
    delivery: Delivery
    handling: Handling
    ticking: Ticking
    receivers: list[Inlet]
    started_at: float
    repeats: int
