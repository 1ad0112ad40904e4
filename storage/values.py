"""Conversion of plain values to columns and back.

Invariant: an instant is an integer of microseconds since 1970 in UTC, exact in both directions.
"""

from __future__ import annotations

from collections.abc import Sized
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_us(at: datetime) -> int:
    """Return microseconds since 1970 of an aware instant."""
    return (at - EPOCH) // MICROSECOND


def to_us_or_none(at: datetime | None) -> int | None:
    """Return microseconds, or None for None."""
    return None if at is None else to_us(at)


def from_us(value: int) -> datetime:
    """Return the instant (UTC) of a number of microseconds."""
    return EPOCH + timedelta(microseconds=value)


def from_us_or_none(value: int | None) -> datetime | None:
    """Return the instant, or None for None."""
    return None if value is None else from_us(value)


def to_json(value: Any) -> str:
    """Return compact JSON text."""
    return orjson.dumps(value).decode()


def from_json(text: str) -> Any:
    """Return the value of JSON text; empty text is None."""
    return orjson.loads(text) if text else None


def marks(ids: Sized) -> str:
    """Return a question mark for each value, for `IN (…)`.

    For no id, return a number that no row has, because an empty list is not valid SQL everywhere.
    """
    return ",".join("?" * len(ids)) or "0"
