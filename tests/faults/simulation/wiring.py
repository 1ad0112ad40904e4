"""Replace production's clocks, dice and connections by the simulation's during a run.

Knows where production asks for the time, for randomness and for a connection, and where it logs; must not know faults. Invariant: after
`wired` everything is as before.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import apscheduler.job
import apscheduler.schedulers.base
import orjson
import structlog

import bot.delivery.delivery
import bot.delivery.outcomes
import bot.process.engine
import bot.receiving.polling
import bot.telegram.request
import bot.timers.clock
import bot.timers.clock_check
import handlers.people.inviting
import handlers.training.planning
from bot.delivery.messages import send
from bot.delivery.wording import Sending
from bot.process import logs
from tests.faults.simulation.fault_injectors import dice
from tests.faults.simulation.line import TRYING
from tests.faults.simulation.virtual_clock import VirtualClock


def _clocked(virtual_clock: VirtualClock) -> type[datetime]:
    class Clocked(datetime):
        """A datetime whose present is the virtual clock's."""

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # plain ones are handed out
            """Return the time on the bot's machine."""
            wall = virtual_clock.wall()
            return wall.astimezone(tz) if tz is not None else wall.replace(tzinfo=None)

    return Clocked


class Dice:
    """A replacement of `secrets`, `uuid4` and `random`: the same numbers every time."""

    def __init__(self, seed: int) -> None:
        self._die = dice(f"dice {seed}")
        self.uniform = self._die.uniform

    def token_bytes(self, count: int) -> bytes:
        """Return bytes that could not be guessed outside a simulation."""
        return self._die.randbytes(count)

    def token_urlsafe(self, count: int) -> str:
        """Return a word of that kind."""
        return self._die.randbytes(count).hex()

    def randbelow(self, limit: int) -> int:
        """Return a number of that kind."""
        return self._die.randrange(limit)

    def uuid4(self) -> UUID:
        """Return an id of that kind."""
        return UUID(int=self._die.getrandbits(128))


@contextmanager
def wired(
    virtual_clock: VirtualClock, seed: int, client: Callable[..., Any], logged: Callable[[str], None], trying: Callable[[Sending], int]
) -> Iterator[None]:
    """Run production on the simulation's time and line.

    `trying`: names a try of a row, before it is made.
    """
    chance, clocked = Dice(seed), _clocked(virtual_clock)

    async def observed(sending: Sending) -> int | None:
        token = TRYING.set(trying(sending))
        try:
            return await send(sending)
        finally:
            with contextlib.suppress(ValueError):  # discarded from another context
                TRYING.reset(token)

    with ExitStack() as stack:
        for target, name, double in (
            (bot.timers.clock, "datetime", clocked),
            (bot.timers.clock, "time", SimpleNamespace(monotonic=lambda: virtual_clock.steady)),
            (bot.timers.clock_check, "datetime", clocked),
            (apscheduler.schedulers.base, "datetime", clocked),
            (apscheduler.job, "uuid4", chance.uuid4),
            (bot.delivery.outcomes, "random", chance),
            (bot.receiving.polling, "random", chance),
            (handlers.people.inviting, "secrets", chance),
            (handlers.training.planning, "secrets", chance),
            (bot.telegram.request, "Client", client),
            (bot.process.engine, "tune_gc", lambda: None),
            (bot.delivery.delivery, "send", observed),
        ):
            stack.enter_context(patch.object(target, name, double))
        stack.enter_context(_listening(logged))
        yield


@contextmanager
def _listening(logged: Callable[[str], None]) -> Iterator[None]:
    """Hear every line that is logged, redacted as in production."""

    def hear(_logger: Any, _name: str, event: Any) -> Any:
        logged(orjson.dumps(event, default=str).decode())
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.add_log_level, logs._safe_fault, logs._redacted, hear],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        cache_logger_on_first_use=False,
    )
    handler = _Hearing(logged)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        structlog.configure(**before)


class _Hearing(logging.Handler):
    """Collects the messages of the standard library's loggers."""

    def __init__(self, logged: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self.addFilter(logs.RedactingFilter())
        self._logged = logged

    def emit(self, record: logging.LogRecord) -> None:
        """Pass it on."""
        self._logged(f"{record.name} {record.levelname} {record.msg} {record.exc_text or ''}")
