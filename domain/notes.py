"""Agenda of a morning note: the cases of a person in office, in their order.

Knows spans and levels; must not know texts or who sees a case. Invariant: a case is in one section.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.calendar.local_time import day_of
from domain.cases.case import IN_WORK, WAITING, Case
from domain.cases.escalation import EscalationLevel
from domain.cases.next_step import by_urgency, deadline_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from domain.core.town import Town

_SOON = timedelta(hours=24)


class Section(StrEnum):
    """Sections of a note, in their order."""

    UNANSWERED = "unanswered"
    OVERDUE = "overdue"
    TODAY = "today"
    SESSION = "session"
    NEW = "new"


def agenda(cases: Iterable[Case], *, level: EscalationLevel, since: datetime, town: Town, at: datetime) -> Mapping[Section, list[Case]]:
    """Return the cases of a note for somebody who answers on a level, each section by urgency.

    `since`: the time of the last note. A level reads of the cases that wait on it or above, of all agreed dates, and of all new cases.
    """
    found: dict[Section, list[Case]] = {}
    for case in by_urgency(cases, level=level, town=town, at=at):
        if (section := _section(case, level=level, since=since, town=town, at=at)) is not None:
            found.setdefault(section, []).append(case)
    return {section: found[section] for section in Section if section in found}


def _section(case: Case, *, level: EscalationLevel, since: datetime, town: Town, at: datetime) -> Section | None:
    if case.state in WAITING and case.rung is EscalationLevel.BEYOND:
        return Section.UNANSWERED if level > EscalationLevel.CHAIR else None
    if case.state in IN_WORK and case.next_at is not None and day_of(case.next_at, town.zone) == day_of(at, town.zone):
        return Section.SESSION
    due = deadline_of(case, town=town)
    if due is not None and case.rung >= level and due < at + _SOON:
        return Section.OVERDUE if due < at else Section.TODAY
    return Section.NEW if case.opened_at >= since else None
