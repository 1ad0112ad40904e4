"""Start time, place and settings of a run, and the town it begins in.

The town is made once per process.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.emergency_settings import EmergencySection
from bot.escalation_settings import EscalationSection
from bot.settings import HealthSection, Settings, TownSection
from tests.faults.simulation import town
from tests.faults.simulation.virtual_clock import utc

SHORT = Path("/dev/shm")  # noqa: S108 - memory, where there is
#: Time and place of the start of a run: the second and the third include a night with a clock put back or on.
BEGINNINGS = (
    (utc("2026-06-01T01:00:00"), "Asia/Shanghai"),
    (utc("2026-10-24T06:00:00"), "Europe/Berlin"),
    (utc("2026-03-27T09:00:00"), "Europe/Berlin"),
    (utc("2026-02-13T01:00:00"), "Asia/Shanghai"),
)


@cache
def template(begins: int) -> Path:
    """Make the town in which runs of a kind begin, once a process."""
    at, zone = BEGINNINGS[begins]
    folder = new_folder()
    town.make(folder, ZoneInfo(zone), at=at, consent=settings(begins, working=True).town.consent_version)
    return folder


def new_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="simulation", dir=SHORT if SHORT.is_dir() else None))


@cache
def settings(begins: int, *, working: bool) -> Settings:
    return Settings.model_construct(
        admins=[town.ADMIN.user_id],
        town=TownSection(time_zone=BEGINNINGS[begins][1]),
        escalation=EscalationSection(working_time=working),
        # A call that nobody answers for a day would be most of a run.
        emergency=EmergencySection(repeat_every=timedelta(hours=2)),
        health=HealthSection(port=0),
    )
