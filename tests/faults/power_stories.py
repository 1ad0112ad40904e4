"""Stories before a power cut: a town's days, a first start, an older database version.

Knows the crash runs' stories and production's migrations; must not know disks. Invariant: the same dice give the same story and the same
bytes.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import storage.migrations
from storage.engine.sqlite import connect
from tests.faults import process_lifetime
from tests.faults.crash_flows import FLOWS, ROSTER
from tests.faults.crash_script import Import, Press, Say, Step
from tests.faults.process_lifetime import FILE

NEW_TOWN: tuple[Step, ...] = (
    Import(ROSTER),
    Say(90_001, "/start 上徐村"),
    Press(90_001, "同意并加入"),
    Say(90_001, "/report hazard 路灯不亮"),
)


def mixed(dice: random.Random) -> tuple[Step, ...]:
    """Return one to three stories, one after the other or shuffled into each other."""
    queues = [list(FLOWS[name]) for name in dice.sample(sorted(FLOWS), dice.randint(1, 3))]
    steps: list[Step] = []
    while any(queues):
        steps.append(dice.choice([queue for queue in queues if queue]).pop(0))
    return tuple(steps)


def old_version(folder: Path, dice: random.Random) -> dict[str, bytes]:
    """Return a database as an older version left it, with a few rows in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    real = storage.migrations.steps
    known = real()[: dice.randrange(1, len(real()))]
    raw = connect(folder / FILE, create=True)
    storage.migrations.steps = lambda: known
    try:
        with process_lifetime.predictable(0):
            storage.migrations.migrate(raw)
    finally:
        storage.migrations.steps = real
    raw.execute("INSERT INTO stations (name) VALUES ('禾安所')")
    raw.execute("INSERT INTO villages (station_id, name) VALUES (1, '上徐村')")
    for number in range(dice.randint(1, 40)):
        raw.execute("INSERT INTO people (name, village_id, created_at) VALUES (?, 1, 0)", (f"村民{number}",))
    raw.close()
    return {FILE: (folder / FILE).read_bytes()}
