"""The features' declarations, in order: what the core may ask of tables, subjects and numbers without naming a feature.

A new feature adds its line to `REGISTRY` and nothing else here. Imported where the program is put together (`storage/unit.py`, `bot/`) and by tests.
"""

from __future__ import annotations

from storage import alerts, broadcasts, cases, core, found, people, tips, training
from storage.core.registry import Registry

REGISTRY = Registry(
    (
        core.DATA,
        people.DATA,
        cases.DATA,
        alerts.DATA,
        training.DATA,
        broadcasts.DATA,
        tips.DATA,
        found.DATA,
    )
)
