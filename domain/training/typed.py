"""Read what an organiser types for a training: words, a number, a start.

Knows lengths and limits; decides nothing about a training.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.core.change import RuleError
from domain.core.numbers import ascii_digits, clean_text

FURTHEST = timedelta(days=366)


def words(said: str, *, limit: int, key: str) -> str:
    """Return a subject or a place in one line.

    Raises:
        RuleError: `key` for nothing, or for more than `limit` characters.
    """
    text = " ".join(clean_text(said, 10_000).split())
    if not text or len(text) > limit:
        raise RuleError(key, most=limit)
    return text


def number(said: str, *, least: int, most: int, key: str) -> int:
    """Return a number typed in ASCII or full-width digits.

    Raises:
        RuleError: `key` for anything else.
    """
    digits = ascii_digits(said.strip())
    if digits is None or len(digits) > 6 or not least <= int(digits) <= most:
        raise RuleError(key, least=least, most=most)
    return int(digits)


def start_of(when: datetime | None, *, at: datetime) -> datetime:
    """Return a start that lies ahead, at most a year.

    Raises:
        RuleError: `training.when_again`.
    """
    if when is None or not at < when <= at + FURTHEST:
        raise RuleError("training.when_again")
    return when
