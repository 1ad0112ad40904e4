"""Timers of a station's notes, in the morning and evening of each working day.

Knows the town's calendar; must not know what a note says. Invariant: a station has one timer for each note, however often it is started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.calendar.local_time import day_of
from domain.core.change import Timer

if TYPE_CHECKING:
    from datetime import datetime

    from domain.core.change import StationId
    from domain.core.town import Town

MORNING, EVENING = "note_morning", "note_evening"


def note_timers(station_id: StationId, *, town: Town, at: datetime) -> tuple[Timer, ...]:
    """Return the timers of a station's next notes."""
    return tuple(
        Timer(kind, f"station:{station_id}", due, f"{kind}:{station_id}:{day_of(due, town.zone)}")
        for kind, due in ((MORNING, town.next_note(town.notes.morning, at)), (EVENING, town.next_note(town.notes.evening, at)))
    )


def unanswered_fact(station_id: StationId) -> str:
    """Return the fact with the day on which a station's unanswered cases are listed."""
    return f"notes.unanswered:{station_id}"
