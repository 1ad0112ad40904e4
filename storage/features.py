"""The features' declarations, in order.

The core asks them about tables, subjects and numbers without naming a feature. A new feature adds its line to `REGISTRY` and nothing else
here. Imported at the composition root (`storage/unit.py`, `bot/`) and by tests.
"""

from __future__ import annotations

from storage import (
    aftercare,
    alerts,
    blocks,
    broadcasts,
    cases,
    core,
    drills,
    escort,
    feedback,
    found,
    missing,
    people,
    responders,
    tips,
    training,
    village_places,
)
from storage.core.registry import Registry

REGISTRY = Registry(
    (
        core.DATA,
        people.DATA,
        cases.DATA,
        alerts.DATA,
        drills.DATA,
        training.DATA,
        broadcasts.DATA,
        tips.DATA,
        found.DATA,
        blocks.DATA,
        escort.DATA,
        missing.DATA,
        aftercare.DATA,
        responders.DATA,
        village_places.DATA,
        feedback.DATA,
    )
)
