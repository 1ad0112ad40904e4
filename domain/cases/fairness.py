"""Fairness of reports: an account must not bury everybody else's.

Knows limits for blocked accounts and accounts of the first day; must not know storage. Invariants: the SOS button and the first urgent report
of an account always ring; urgent words beyond the limit are never lost: they join the account's urgent case, or open an ordinary one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.core.change import RuleError
from domain.core.immutable import immutable

if TYPE_CHECKING:
    from domain.core.town import Limits
    from domain.people.people import Person

HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Way(StrEnum):
    """Treatment of a report: it is opened as it is, or its urgent words ring nobody again."""

    OPEN = "open"
    GATHER = "gather"


@immutable
class Past:
    """Earlier reports of an account and of its village.

    `urgent_ever`, `urgent_in_hour`: urgent reports of the account (without SOS); `in_hour`: all its reports; `new_in_village`: reports of
    first-day accounts in the village within an hour.
    """

    urgent_ever: int = 0
    urgent_in_hour: int = 0
    in_hour: int = 0
    new_in_village: int = 0


def way_of(actor: Person, *, urgent: bool, past: Past, limits: Limits) -> Way:
    """Decide how a report without the SOS button is taken.

    Raises:
        RuleError: `block.is.blocked` (with the end), `report.too_many` or `report.village_busy`.
    """
    if urgent and past.urgent_ever == 0:
        return Way.OPEN
    check_blocked(actor)
    if actor.is_new and urgent:
        return Way.GATHER if past.urgent_in_hour >= limits.new_urgent_per_hour else Way.OPEN
    if past.in_hour >= (limits.new_reports_per_hour if actor.is_new else limits.reports_per_hour):
        raise RuleError("report.too_many")
    if actor.is_new and past.new_in_village >= limits.new_reports_per_village:
        raise RuleError("report.village_busy")
    return Way.OPEN


def check_blocked(actor: Person) -> None:
    """Refuse what a blocked account may not do.

    Raises:
        RuleError: `block.is.blocked`.
    """
    if actor.blocked_until is not None:
        until = (actor.blocked_until - _EPOCH) // timedelta(microseconds=1)
        raise RuleError("block.is.blocked", until={"at": until, "f": "short"})
