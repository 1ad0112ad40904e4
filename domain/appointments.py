"""Agreed dates of mediations: reminders to both sides, and what a change of the date means.

Knows cases and spans; must not know people or texts. Invariant: a reminder is for one date; it says nothing when the case has another date.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.cases.case import IN_WORK, Action
from domain.core.change import Timer

if TYPE_CHECKING:
    from domain.cases.case import Case, CaseChange

KIND = "mediation_due"
#: Reminders before a date; the last timer marks the date itself, and sends nothing.
BEFORE = (timedelta(days=1), timedelta(hours=1), timedelta(0))
#: The days that a calendar shows.
AHEAD = timedelta(days=14)


class News(StrEnum):
    """Events of an agreed date."""

    NOTHING = "nothing"
    AGREED = "agreed"
    MOVED = "moved"
    CANCELLED = "cancelled"


def subject(case: Case) -> str:
    """Return the subject of the timers of a date.

    Those of the case itself stop with every level.
    """
    return f"appointment:{case.id}"


def news_of(change: CaseChange, old: datetime | None, *, at: datetime) -> News:
    """Decide what a change of a case means for its agreed date `old`, None without one."""
    case = change.case
    if change.before.next_at == case.next_at and not case.ended:
        return News.NOTHING
    agreed = change.action is Action.MEDIATE and case.next_at is not None and case.next_at > at
    if old is None or old <= at:
        return News.AGREED if agreed else News.NOTHING
    if agreed:
        return News.MOVED
    return News.CANCELLED


def timers_of(case: Case, *, at: datetime) -> tuple[Timer, ...]:
    """Return the reminders of the agreed date that lie ahead, and the mark of the date itself."""
    assert case.next_at is not None
    us = int(case.next_at.timestamp())
    return tuple(
        Timer(
            KIND,
            subject(case),
            case.next_at - before,
            f"{KIND}:{case.id}:{case.version}:{us}:{int(before.total_seconds())}",
            {"number": case.id, "for": us, "before": int(before.total_seconds())},
        )
        for before in BEFORE
        if case.next_at - before > at
    )


def reminds(case: Case, *, of: int, before: int, at: datetime) -> bool:
    """Decide whether a due reminder is sent: the case still has that date, and it lies ahead."""
    if case.state not in IN_WORK or case.next_at is None or before == 0:
        return False
    return int(case.next_at.timestamp()) == of and case.next_at > at
