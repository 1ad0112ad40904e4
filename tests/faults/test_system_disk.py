"""A disk that is full or breaks.

Nobody is answered for data that is not kept, answered data stays, and nothing comes twice. Full: the town goes on by itself as soon as
there is room. Broken: the process ends with a sentence, and the next one reads again.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.process.database_startup import database_path
from storage.engine.sqlite import SqliteDatabase
from tests.faults.system_disk import (
    BROKEN,
    FULL,
    LENGTH,
    SYNC,
    UNITS,
    WRITE,
    Disk,
    Trial,
    build,
    fill,
    keys_in,
    small_disk,
    sweep,
    write_groups,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.village import Village
    from tests.faults.invariant_log import InvariantLog

NUMBER = re.compile(r"编号 (\d+)")
PAGE = 4096
pytestmark = [pytest.mark.timeout(1200), pytest.mark.disk]


@pytest.fixture
def library(tmp_path: Path, invariant_log: InvariantLog) -> Path:
    """The library that lets a disk fail."""
    built = build(tmp_path)
    if built is None:
        invariant_log.ran("failing calls", 0, skipped=1, reason="no C compiler")
        pytest.skip("no C compiler")
    return built


# A store --------------------------------------------------------------------------------------------------------------


def test_acknowledged_rows_are_kept_when_any_disk_call_fails(library: Path, tmp_path: Path, invariant_log: InvariantLog) -> None:
    """Each write, sync and length change fails once or from then on: full disk or I/O error."""
    plan: dict[str, Any] = {
        "operations": [WRITE, SYNC, LENGTH],
        "errors": [FULL, BROKEN],
        "times": [0, 1],
        "stride": invariant_log.size(small=16, full=1),
    }
    entries = sweep(library, tmp_path, plan)
    bad = [entry for entry in entries if entry["faults"] or entry["trial"]["unusable"]]
    hit = sum(entry["failed"] > 0 for entry in entries)
    broken = sum(entry["trial"]["broken"] for entry in entries)
    refused = sum(bool(entry["trial"]["refused"]) for entry in entries)
    invariant_log.ran("failing calls", len(entries), failed=len(bad), hit=hit, refused=refused, broken=broken)
    assert not bad, bad[:3]
    assert hit == len(entries)
    assert refused
    assert broken
    for entry in entries:
        if entry["error"] == FULL and entry["operations"] == WRITE and entry["times"] == 1:
            assert not entry["trial"]["refused"], "one failing write is outlasted"
        if entry["operations"] == SYNC:
            assert entry["trial"]["broken"] or not entry["trial"]["refused"]


def test_disk_trials_fail_when_failed_commit_is_ignored(library: Path, tmp_path: Path, invariant_log: InvariantLog) -> None:
    plan: dict[str, Any] = {"operations": [SYNC, WRITE], "errors": [BROKEN, FULL], "times": [1], "stride": 7, "mutants": True}
    entries = sweep(library, tmp_path, plan)
    after = next((place for place, entry in enumerate(entries, start=1) if any("lost" in fault for fault in entry["faults"])), 0)
    invariant_log.mutant("a failed commit is ignored", found=after > 0, after=f"{after} trials")
    assert after


async def test_store_keeps_acknowledged_rows_when_disk_fills_up(tmp_path: Path, invariant_log: InvariantLog) -> None:
    """A real small disk with room for 0, 1, 2, … pages."""
    pages = range(0, 120, invariant_log.size(small=8, full=1))
    bad, refused = [], 0
    with small_disk(tmp_path / "disk", 8 * 1024) as disk:
        if disk is None:
            invariant_log.ran("disks that fill up", 0, skipped=len(pages), reason="mounting needs root")
            pytest.skip("mounting needs root")
        for room in pages:
            path, trial = disk / f"{room}.db", Trial()
            database = await SqliteDatabase.open(path)
            await database.migrate()
            fill(disk, leaving=room * PAGE)
            await write_groups(database, trial, range(UNITS), again=False)
            (disk / "ballast").unlink()
            refused += len(trial.refused)
            late = Trial(broken=trial.broken)
            if not trial.broken:
                await write_groups(database, late, range(UNITS, UNITS + 2), again=False)
                bad += [f"{room}: refused although there is room"] * bool(late.refused)
            await database.close()
            trial.acknowledged += late.acknowledged
            trial.kept = await keys_in(path)
            bad += [f"{room}: {fault}" for fault in trial.faults(certain=not trial.broken)] + [f"{room}: broken"] * trial.broken
            for part in disk.glob(f"{room}.db*"):
                part.unlink()
    invariant_log.ran("disks that fill up", len(pages), failed=len(bad), refused=refused)
    assert not bad
    assert refused


# The real process -----------------------------------------------------------------------------------------------------


def cases_in(path: Path) -> Counter[str]:
    """Every case's words, while the bot runs on the file."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as raw:
        found = Counter(row[0] for row in raw.execute("SELECT text FROM cases"))
    raw.close()
    return found


def receipts(village: Village) -> Counter[str]:
    """Return the numbers that the villager was told, with their counts."""
    return Counter(
        number for line in village.chats.of(village.villager.id).by_bot() if line.how == "said" for number in NUMBER.findall(line.text)[:1]
    )


def is_told(village: Village, numbers: int) -> bool:
    """Return whether the villager knows so many numbers."""
    return len(receipts(village)) == numbers


def has_ended(process: asyncio.subprocess.Process) -> bool:
    """Return whether a process has ended."""
    return process.returncode is not None


def failed_again(village: Village, times: int) -> bool:
    """Return whether the bot has logged so many failed writes."""
    return village.bot.log.count("storage_failed") >= times


async def until(true: Callable[[], bool], *, within_s: float) -> bool:
    """Wait until something is true; return whether it came true in time."""
    ends = time.monotonic() + within_s
    while not true():
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(0.02)
    return True


async def test_reports_are_kept_and_answered_once_when_disk_fills_up(
    opens, town_database: str, tmp_path: Path, invariant_log: InvariantLog
) -> None:
    """The disk fills up at any point of a report, and then has room again.

    No person is told a number that is not kept; with room again, everybody is told, once.
    """
    rooms = [0, 5] if not invariant_log.full else [*range(0, 40, 2)]
    bad: list[str] = []
    with small_disk(tmp_path / "disk", 32 * 1024) as disk:
        if disk is None:
            invariant_log.ran("full disks under a town", 0, skipped=len(rooms), reason="mounting needs root")
            pytest.skip("mounting needs root")
        path = disk / "town.db"
        shutil.copyfile(database_path(town_database), path)
        async with opens(DATABASE__URL=f"sqlite:///{path}", LIMITS__REPORTS_PER_HOUR="1000") as village:
            village.fault_expected = True
            await village.villager.says("/report dispute 还没满的时候：邻居砌墙占了我家的路")
            for turn, room in enumerate(rooms, start=2):
                words = f"第 {turn} 件：鱼塘的水放干了"
                fill(disk, leaving=room * PAGE)
                seen = village.bot.log.count("storage_failed")
                await village.villager.says(f"/report dispute {words}", resting=False)
                await until(partial(failed_again, village, seen + 2), within_s=3)
                bad += [f"{room} pages: told but not kept"] * (len(receipts(village)) > sum(cases_in(path).values()))
                (disk / "ballast").unlink()
                whole = await until(partial(is_told, village, turn), within_s=20)
                bad += [f"{room} pages: not told within 20 s"] * (not whole)
            await village.rest(within_s=30)
            await village.time_passes(minutes=10)  # a message that was sent and not recorded would be sent again
            bad += [f"case {words!r} {times} times" for words, times in cases_in(path).items() if times != 1]
            bad += [f"receipt {number} {times} times" for number, times in receipts(village).items() if times != 1]
            bad += ["cases are missing"] * (sum(cases_in(path).values()) != len(rooms) + 1)
            failures = village.bot.log.count("storage_failed")
            invariant_log.ran("full disks under a town", len(rooms), failed=len(bad), storage_failed=failures)
            assert not bad
            assert village.bot.process is not None
            assert village.bot.starts == 1
            assert failures
            assert "Traceback" not in village.bot.log.split('"storage_failed"')[0]


@pytest.mark.parametrize("operation", [SYNC, WRITE], ids=["sync", "write"])
async def test_process_ends_and_restarts_complete_when_disk_breaks(
    opens, library: Path, tmp_path: Path, invariant_log: InvariantLog, operation: int
) -> None:
    disk = Disk(tmp_path / "orders")
    points = range(1, invariant_log.size(small=1, full=16) + 1)
    bad: list[str] = []
    async with opens(LIMITS__TEXTS_PER_MINUTE="10000", LIMITS__REPORTS_PER_HOUR="1000") as village:
        village.fault_expected = True
        await village.bot.stop()
        village.bot.extra |= {"LD_PRELOAD": str(library), "TONGXIN_DISK": str(tmp_path / "orders")}
        for first in points:
            await village.bot.run()
            disk.fail(operation, error=BROKEN, first=first)
            await village.villager.says(f"/report dispute 第 {first} 件：楼上半夜打牌", resting=False)
            process = village.bot.process
            assert process is not None
            while not await until(partial(has_ended, process), within_s=2):
                await village.villager.says("/me", resting=False)  # one report alone does not write so often
            code = process.returncode
            village.bot.process = None
            disk.heal()
            bad += [f"call {first}: left with {code}"] * (code != 1)
            bad += [f"call {first}: told but not kept"] * (len(receipts(village)) > sum(cases_in(village.bot.database).values()))
            await village.bot.run()
            told = await until(partial(is_told, village, first), within_s=20)
            bad += [f"call {first}: not told after the restart"] * (not told)
            await village.rest(within_s=30)
            await village.bot.stop()
        cases = cases_in(village.bot.database)
        bad += [f"case {words!r} {times} times" for words, times in cases.items() if times != 1]
        bad += ["cases are missing"] * (len(cases) != len(points))
        log = village.bot.log
        repeats = sum(times - 1 for times in receipts(village).values())
        invariant_log.ran(
            f"disks that break at a {'sync' if operation == SYNC else 'write'}", len(points), failed=len(bad), repeats=repeats
        )
        assert not bad
        assert log.count("The database cannot be used any more") == len(points)
        assert repeats <= len(points)
