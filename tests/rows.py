"""Rows of a table that one test goes through: thousands of small tests take longer to collect and to report than to run."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def row(*names: object) -> Iterator[None]:
    """Name the row of a table with which the block failed: `for role in Role: with row(role): assert …`."""
    try:
        yield
    except BaseException as fault:
        fault.add_note(f"in the row of {', '.join(map(str, names))}")
        raise
