"""Anti-fraud tips: a library in turn, own words, and their schedule.

Knows the library's size (the words are texts) and how often a schedule may come; must not know who receives. Invariant: the tip of a day,
and of an occurrence, follows from the date and the turn alone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise

from domain.calendar.schedules import Cron, next_after, parse_cron
from domain.core.change import RuleError
from domain.core.immutable import immutable
from domain.core.numbers import clean_text, utf16_len

LIBRARY = 20
OWN_LENGTH = 1000
CRON_LENGTH = 100
#: An occurrence missed by more than this is not sent any more.
GRACE = timedelta(hours=6)
#: The shortest span between two tips to the same people.
SHORTEST_PAUSE = timedelta(hours=12)
LOOKED_AT = 60
STRIDE = 7  # shares no factor with the library's size: every tip has its day in twenty

#: Offered times: code → crontab line.
PRESETS: dict[str, str] = {"mon9": "0 9 * * 1", "day18": "0 18 * * *", "fri17": "0 17 * * 5"}


def of_day(on: date) -> int:
    """Return the number of a day's tip, 1 to LIBRARY.

    The same for everybody, another one the next day.
    """
    return on.toordinal() * STRIDE % LIBRARY + 1


def of_turn(turn: int) -> int:
    """Return the number of the tip that the turn-th occurrence sends (turns count from 1)."""
    return (turn - 1) % LIBRARY + 1


def title_key(number: int) -> str:
    """Return the text key of a tip's title."""
    return f"tip.library.{number:02}.title"


def text_key(number: int) -> str:
    """Return the text key of a tip."""
    return f"tip.library.{number:02}.text"


def own_words(said: str) -> str:
    """Return a tip in somebody's own words, cleaned.

    Raises:
        RuleError: `tip.own.empty`, or `tip.own.too_long` with the length and the limit.
    """
    words = clean_text(said, 4 * OWN_LENGTH)
    if not words:
        raise RuleError("tip.own.empty")
    if utf16_len(words) > OWN_LENGTH:
        raise RuleError("tip.own.too_long", length=utf16_len(words), limit=OWN_LENGTH)
    return words


@immutable
class Plan:
    """Schedule of tips: a crontab line and its next occurrence (UTC)."""

    cron: str
    next_at: datetime


def plan(line: str, *, at: datetime, zone: tzinfo) -> Plan:
    """Read a preset's code or a crontab line.

    Raises:
        RuleError: `tip.plan.not_understood` or `tip.plan.too_often`.
    """
    try:
        cron = parse_cron(PRESETS.get(line, line[:CRON_LENGTH]))
        next_at = next_after(cron, at, zone)
        often = _too_often(cron, next_at, zone)
    except ValueError:
        raise RuleError("tip.plan.not_understood") from None
    if often:
        raise RuleError("tip.plan.too_often", hours=SHORTEST_PAUSE // timedelta(hours=1))
    return Plan(cron.text, next_at)


def _too_often(cron: Cron, first: datetime, zone: tzinfo) -> bool:
    found = [first]
    while len(found) < LOOKED_AT:
        found.append(next_after(cron, found[-1], zone))
    return any(after - before < SHORTEST_PAUSE for before, after in pairwise(found))
