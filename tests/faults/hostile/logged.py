"""Log output of the bot at the most verbose level, with production's configuration."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot.process.logs import NOISY, configure

CANARIES = ("金丝雀", "13812345678", "330722198801011234", "CANARY-token")


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """Collect every line that is logged inside the block; restore logging afterwards."""
    root = logging.getLogger()
    handlers, level, stderr = root.handlers[:], root.level, sys.stderr
    levels = {name: logging.getLogger(name).level for name in NOISY}
    heard = io.StringIO()
    sys.stderr = heard
    try:
        configure("DEBUG", json_lines=False)
        yield heard
    finally:
        sys.stderr = stderr
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)
        structlog.reset_defaults()


def leaked(heard: io.StringIO) -> list[str]:
    """Return the lines that hold data which must not be in a log."""
    return [line for line in heard.getvalue().splitlines() if any(canary in line for canary in CANARIES)]
