"""Power cuts while a town works.

No promise to anybody is lost, nothing is half there, and the town goes on. The disk keeps synced data and a random part of the rest.
Mutants come first: if they were not found, silence would mean nothing.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.crash_flows import REPORT, XU
from tests.faults.invariant_log import InvariantLog
from tests.faults.power import Disk, Platter
from tests.faults.power_checks import Lost, sound
from tests.faults.power_flows import CUTS, SHARED, Mains
from tests.faults.power_mutants import MUTANTS
from tests.faults.power_recorder import lay_out
from tests.faults.process_lifetime import FILE

pytestmark = pytest.mark.timeout(3600)
PARTS = 4
#: A mutant must be found within so many cuts.
FEW_HUNDRED = 300
#: Towns, a first start, an older version.
LIVES_OF_A_MUTANT = (1, 8, 0, 6)
#: Mutants that only a first start shows: the life that found them is tried first.
FOUND_IN = dict.fromkeys(("a disk that does not sync the main file", "a migration that is not one transaction"), 8)


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory, if there is any, so that no test waits for a real disk."""
    place = Path(tempfile.mkdtemp(dir=SHARED if SHARED.is_dir() else tmp_path_factory.getbasetemp(), prefix="power-"))
    yield place
    shutil.rmtree(place)


@pytest.mark.parametrize("part", range(PARTS))
def test_promised_data_survives_when_power_is_cut(part: int, folder: Path, invariant_log: InvariantLog):
    wanted, of_each = invariant_log.size(small=480, full=20_000) // PARTS, invariant_log.size(small=40, full=CUTS)
    counted: Counter[str] = Counter()
    wrong: list[dict[str, object]] = []
    started, mains = time.process_time(), Mains(folder)
    for life in range(part, PARTS * -(-wanted // of_each), PARTS):
        town = mains.record(life)
        for trial in mains.cuts(town, life, range(min(of_each, wanted - counted["cuts"]))):
            counted.update(["cuts", town.kind, *(name for name in ("again", "whole") if trial[name])])
            wrong += [trial] if trial["wrong"] else []
    mains.close()
    invariant_log.ran(
        "power cuts at FULL",
        counted["cuts"],
        failed=len(wrong),
        twice=counted["again"],
        lived_on=counted["whole"],
        first_starts=counted["first start"],
        migrations=counted["old version"],
        cpu_s=round(time.process_time() - started),
    )
    assert counted["cuts"] == wanted
    assert not wrong, "\n".join(f"{trial['repeat']}\n  {trial['wrong']} ({trial['how']})" for trial in wrong[:5])


@pytest.mark.parametrize("bug", MUTANTS)
def test_mutant_is_found(bug: str, folder: Path, invariant_log: InvariantLog):
    mains, cuts, found = Mains(folder, mutant=bug), 0, ""
    for life in sorted(LIVES_OF_A_MUTANT, key=lambda life: life != FOUND_IN.get(bug)):
        for trial in mains.cuts(mains.record(life), life, range(FEW_HUNDRED // len(LIVES_OF_A_MUTANT))):
            cuts += 1
            found = found or (str(trial["wrong"]) if any(word in str(trial["wrong"]) for word in MUTANTS[bug].shows) else "")
            if found:
                break
        if found:
            break
    mains.close()
    invariant_log.mutant(bug, found=bool(found), after=f"{cuts} cuts")
    assert found, f"{bug} was not found in {cuts} cuts: the harness is broken"


def test_first_start_survives_when_power_is_cut_at_any_moment(folder: Path, invariant_log: InvariantLog):
    mains = Mains(folder)
    town = mains.record(8)
    assert town.kind == "first start"
    wrong, count = [], 0
    for at in range(40):
        for number in range(invariant_log.size(small=3, full=40)):
            trial = mains.cut(town, at, random.Random(f"{at} {number}"), f"{at} {number}")  # noqa: S311 - the same cuts every time
            count += 1
            wrong += [f"at {at}, dice '{at} {number}': {trial['wrong']} ({trial['how']})"] if trial["wrong"] else []
    mains.close()
    invariant_log.ran("power cuts in the first moments of a database", count, failed=len(wrong))
    assert not wrong, "\n".join(wrong[:5])


HARMS = {
    "a case without its audit": "DELETE FROM audit WHERE action = 'open'",
    "an audit of no case": "INSERT INTO audit (at, subject, action) VALUES (0, 'case:7', 'open')",
    "a case nobody is told of": "UPDATE outbox SET subject = ''",
    "a message of an update that waits": "UPDATE inbox SET state = 'waiting'",
    "a handled update that still has its words": "UPDATE inbox SET payload = '{}'",
    "a deadline without its timer": "DELETE FROM timers",
    "was confirmed and is not kept": "DELETE FROM inbox",
    "not remembered": f"DELETE FROM outbox WHERE chat_id = {XU}",  # noqa: S608 - a number of the story
    "damaged": "UPDATE cases SET village_id = 999",
}


@pytest.mark.parametrize("words", HARMS)
def test_check_reports_fault_when_rows_are_missing_or_damaged(words: str, folder: Path):
    mains = Mains(folder)
    town = mains.story(REPORT)
    platter = Platter(town.recording.begin)
    platter.advance(town.recording.log)
    lay_out(platter.cut(random.Random(0))[0], folder)  # noqa: S311 - all is synced: there is nothing to choose
    with contextlib.closing(sqlite3.connect(folder / FILE, isolation_level=None)) as raw:
        sound(raw, mains.memory)
        raw.execute(HARMS[words])
        with pytest.raises(Lost, match=words):
            sound(raw, mains.memory)
    mains.close()


def test_power_cuts_have_equal_outcomes_when_seed_is_equal(folder: Path):
    told = []
    for place in ("one", "two"):
        (folder / place).mkdir()
        mains = Mains(folder / place)
        told += [(town.recording.log, list(mains.cuts(town, life, range(8)))) for life in (3, 6, 8) for town in [mains.record(life)]]
        mains.close()
    assert told[:3] == told[3:]


def test_disk_keeps_synced_bytes_and_parts_of_others_when_power_is_cut():
    disk = Disk({"file": b"a" * 1024})
    disk.write("file", b"b" * 1024, 0)
    disk.sync("file")
    disk.write("file", b"c" * 2048, 512)
    disk.create("new", with_folder=True)
    disk.write("new", b"d", 0)
    seen = set()
    for seed in range(300):
        platter = Platter({"file": b"a" * 1024})
        platter.advance(disk.log)
        left, _ = platter.cut(random.Random(seed))  # noqa: S311 - the same cuts every time
        content = left["file"]
        assert content[:512] == b"b" * 512
        assert content[512:1024] in (b"b" * 512, b"c" * 512)
        seen.add((len(content), content[512:1024] == b"c" * 512, "new" in left))
    assert len(seen) >= 8
    disk.sync("new")
    platter.advance(disk.log[-2:])
    assert all(platter.cut(random.Random(seed))[0]["new"] == b"d" for seed in range(50))  # noqa: S311 - the same cuts every time
