"""Notes to people in office: the agenda in the morning, numbers in the evening."""

from __future__ import annotations

from domain.core.notes import EVENING, MORNING
from handlers.core.feature import Feature
from handlers.core.route import TimerRoute
from handlers.notes import evening, morning

FEATURE = Feature(
    "notes",
    routes=(
        TimerRoute(MORNING, morning.morning_due),
        TimerRoute(EVENING, evening.evening_due),
    ),
    on_posts_changed=morning.plan_notes,
)
