"""Cut the power of a town: record one run, cut it at many places, check each remainder.

    python -m tests.faults.power_flows --life 17 [--cut 3] [--mutant NAME]

Knows stories, runs on a disk (`power_wire`), and the checks of the bytes that a cut leaves. Invariant of every check: production opens the
bytes without an error; they are one of the committed states, not older than anything that anybody was told; and the town goes on.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import random
import shlex
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import structlog

import storage.migrations
from storage.engine.database import StorageError
from storage.engine.integrity import examine
from storage.engine.sqlite import connect
from storage.unit import Store
from tests.faults import process_lifetime
from tests.faults.crash_flows import NAMES, settle_down
from tests.faults.crash_script import Move, Phones, Saw, Step
from tests.faults.crash_world import Killing, Memory
from tests.faults.power import Platter
from tests.faults.power_checks import Lost, one_of, reopens, sound, takes_a_unit
from tests.faults.power_mutants import MUTANTS, Mutant
from tests.faults.power_recorder import Recorder, Recording, lay_out, on_the_disk, remembered
from tests.faults.power_stories import NEW_TOWN, mixed, old_version
from tests.faults.process_lifetime import FILE, TOWN, Dump, Life, difference, dump
from tests.handler_harness import MONDAY

COMMAND = ".venv/bin/python -m tests.faults.power_flows"
SHARED = Path("/dev/shm")  # noqa: S108 - memory that looks like a disk; each run has a folder of its own in it
#: Pages after which the log is written back: production's number, and few, so that cuts meet the checkpoint.
PAGES = (1000, 100, 20, 4)
CUTS = 125
#: Shares of cuts followed by a cut in the recovery, by the rest of the story, by a clean stop and another start.
AGAIN, GO_ON, REOPENED = 0.15, 0.04, 0.1
#: Every so many runs begin without a database, or with one of an older version.
FIRST_STARTS, OLD_VERSIONS = 9, 7


@dataclass
class Town:
    """A recorded run: its disk operations, its story and the end of the story."""

    recording: Recording
    moves: list[Move] = field(default_factory=list)
    end: Dump = field(default_factory=dict)
    shown: list[tuple[int, int]] = field(default_factory=list)
    kind: str = "town"


class Mains:
    """Records runs and cuts them: `record(life)`, `cuts(town, life, numbers)`.

    `folder`: an empty one. `mutant`: a bug in every recorded run.
    """

    def __init__(self, folder: Path, *, mutant: str = "") -> None:
        self.folder = folder
        self.memory = Memory()
        self._nothing = self.memory.keep()
        self._mutant = MUTANTS[mutant] if mutant else Mutant()
        self._runner = asyncio.Runner()
        self._updated: set[tuple[int, str]] = set()
        (folder / "base").mkdir()
        with process_lifetime.predictable(0):
            self._runner.run(settle_down(folder / "base", TOWN))
        self._base = {path.name: path.read_bytes() for path in (folder / "base").iterdir()}

    def record(self, life: int) -> Town:
        """Live a life to its end; the same number is the same life."""
        dice = random.Random(f"life {life}")  # noqa: S311 - the same life every time
        begin, kind = self._begin(life, dice)
        town = self._lived(begin, NEW_TOWN if kind else mixed(dice), f"life {life}", dice)
        town.kind = kind or "town"
        return town

    def story(self, steps: tuple[Step, ...]) -> Town:
        """Live one story in the town as it is."""
        return self._lived(self._base, steps, "story", random.Random(0))  # noqa: S311 - the same life every time

    def _lived(self, begin: dict[str, bytes], steps: tuple[Step, ...], seed: str, dice: random.Random) -> Town:
        self.memory.restore(self._nothing)
        self.memory.at = MONDAY
        with self._on_the_disk(begin, self.memory, seed, dice) as recorder:
            town = Town(recorder.recording)
            self._runner.run(self._live(town, steps))
        return town

    @contextlib.contextmanager
    def _on_the_disk(self, begin: dict[str, bytes], memory: Memory, seed: str, dice: random.Random) -> Iterator[Recorder]:
        """Run everything inside the block on a disk, and with the mutant."""
        mutant, scratch = self._mutant, self.folder / "recorded"
        disk = on_the_disk(
            process_lifetime, begin, scratch, memory, seed=seed, pages=dice.choice(PAGES), instead=mutant.instead, deaf=mutant.deaf
        )
        with mutant.injected(), disk as recorder:
            yield recorder

    def _begin(self, life: int, dice: random.Random) -> tuple[dict[str, bytes], str]:
        if life % FIRST_STARTS == FIRST_STARTS - 1:
            return {}, "first start"
        if life % OLD_VERSIONS == OLD_VERSIONS - 1:
            return old_version(self.folder / "old", dice), "old version"
        return self._base, ""

    async def _live(self, town: Town, steps: tuple[Step, ...]) -> None:
        killing = Killing(self.memory)
        with process_lifetime.predictable(0):
            life = await Life.begin(Path(FILE), self.memory, killing)
            await life.start()
        move = Move()
        for step in steps:
            if isinstance(step, Saw):
                continue
            phones = Phones(life.raw, NAMES, lenient=True)
            move = phones.move(step, move, index=len(town.moves), at=self.memory.at, signer=life.server.signer)
            life.server.queue += move.updates
            await life.play(len(town.moves), move)
            town.moves.append(move)
        town.end, town.shown = dump(life.raw), self.memory.shown
        await life.end()

    def cuts(self, town: Town, life: int, numbers: range) -> Iterator[dict[str, object]]:
        """Cut a recorded run once for each number; yield the result of each cut.

        `wrong` in a result is empty when all is well.
        """
        log = town.recording.log
        dices = [(random.Random(f"life {life} cut {number}"), number) for number in numbers]  # noqa: S311 - the same cuts every time
        places = sorted(((dice.randint(0, len(log)), number, dice) for dice, number in dices), key=lambda place: place[:2])
        platter, passed = Platter(town.recording.begin), 0
        for at, number, dice in places:
            platter.advance(log[passed:at])
            passed = at
            trial = {"life": life, "cut": number} | self._cut(town, platter, at, dice, f"{life} {number}")
            if trial["wrong"]:
                mutant = f" --mutant {shlex.quote(self._mutant.name)}" if self._mutant.name else ""
                trial["repeat"] = f"{COMMAND} --life {life} --cut {number}{mutant}"
            yield trial

    def cut(self, town: Town, at: int, dice: random.Random, seed: str) -> dict[str, object]:
        """Cut a recorded life after `at` operations."""
        platter = Platter(town.recording.begin)
        platter.advance(town.recording.log[:at])
        return self._cut(town, platter, at, dice, seed)

    def _cut(self, town: Town, platter: Platter, at: int, dice: random.Random, seed: str) -> dict[str, object]:
        files, how = platter.cut(dice)
        trial: dict[str, object] = {"kind": town.kind, "at": at, "of": len(town.recording.log), "how": how}
        return trial | self._runner.run(self._judge(town, files, at, dice, seed))

    async def _judge(self, town: Town, files: dict[str, bytes], at: int, dice: random.Random, seed: str) -> dict[str, object]:
        again, go_on = dice.random() < AGAIN, dice.random() < GO_ON and town.kind == "town"
        outcome: dict[str, object] = {"wrong": "", "again": again}
        low, high, world = town.recording.bounds(at)
        outcome["whole"] = go_on = go_on and bool(world)
        try:
            outcome["state"] = await self._opened(files, town.recording, low, high, world, reopened=dice.random() < REOPENED)
            if again:
                await self._cut_again(files, town.recording, low, high, world, dice, seed)
            if go_on:
                await self._goes_on(town, files, world)
        except (Lost, StorageError, sqlite3.Error, AssertionError, LookupError, ValueError) as fault:
            outcome["wrong"] = str(fault) if isinstance(fault, Lost) else f"{type(fault).__name__}: {fault}"
        return outcome

    async def _opened(self, files: dict[str, bytes], recording: Recording, low: int, high: int, world: bytes, *, reopened: bool) -> int:
        """Open the remainder as production does, check it, run one unit; return its state.

        `reopened`: stop cleanly after that, and start once more.

        Raises:
            Lost, Unusable, sqlite3.Error: it is not the promised state.
        """
        place = self._fresh("left")
        lay_out(files, place)
        examine(place / FILE)
        with contextlib.closing(connect(place / FILE, create=True)) as raw:
            found = remembered(raw)
            state = one_of(recording, found, low, high)
            self.memory.restore(world)
            sound(raw, self.memory if world else None)
            if reopened or found not in self._updated or not storage.migrations.missing(storage.migrations.applied(raw)):
                storage.migrations.migrate(raw)
                takes_a_unit(raw)
                self._updated.add(found)
            else:  # the same rows came up to date before: it is enough that this file can be written
                raw.execute("CREATE TABLE after_the_cut (name TEXT)")
        if reopened:
            await reopens(place / FILE)
        return state

    async def _cut_again(
        self, files: dict[str, bytes], recording: Recording, low: int, high: int, world: bytes, dice: random.Random, seed: str
    ) -> None:
        """Cut the power once more while production recovers, takes a unit, and writes its log back."""
        with self._on_the_disk(files, Memory(), seed, dice) as recorder:
            await _recovers()
        second = recorder.recording
        first = second.states[0]
        one_of(recording, (first.number, first.digest), low, high)
        platter = Platter(files)
        at = dice.randint(0, len(second.log))
        platter.advance(second.log[:at])
        left, how = platter.cut(dice)
        try:
            await self._opened(left, second, *second.bounds(at)[:2], world, reopened=False)
        except (Lost, StorageError, sqlite3.Error) as fault:
            raise Lost(f"cut again at {at} of {len(second.log)} ({how}): {fault}") from fault

    async def _goes_on(self, town: Town, files: dict[str, bytes], world: bytes) -> None:
        """Continue the story to its end from the remainder; it must end as it did without a cut."""
        place = self._fresh("goes on")
        lay_out(files, place)
        self.memory.restore(world)
        killing, first = Killing(self.memory), self.memory.step
        with process_lifetime.predictable(0):
            life = await Life.begin(place, self.memory, killing, arrived=town.moves[: first + 1])
            await life.start()
        for step in range(first, len(town.moves)):
            if step > first:
                life.server.queue += town.moves[step].updates
            await life.play(step, town.moves[step])
        wrong = difference(town.end, dump(life.raw))
        missing = Counter(town.shown) - Counter(self.memory.shown)
        await life.end()
        if wrong or missing:
            raise Lost(f"it goes on and ends otherwise: {wrong or f'{missing.total()} messages were never shown'}")

    def close(self) -> None:
        """Give the loop back."""
        self._runner.close()

    def _fresh(self, name: str) -> Path:
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        return place


async def _recovers() -> None:
    """Open, come up to date, take a unit, stop: as a life does that has nothing to do."""
    parts = cast("Any", process_lifetime)  # this module now lives on the disk
    database = parts.SqliteDatabase(parts.Inline(), parts.Mark(FILE))
    await database.migrate()
    await Store(database).transact(lambda unit: unit.facts.put("power", "is back for a moment"))
    await database.close()


def main() -> None:
    """Run what the command line asks for; print a line of JSON for each cut."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--life", type=int, action="append", required=True)
    parser.add_argument("--cut", type=int)
    parser.add_argument("--cuts", type=int, default=CUTS)
    parser.add_argument("--mutant", default="", choices=("", *MUTANTS))
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(dir=SHARED if SHARED.is_dir() else None, prefix="power-") as folder:
        mains = Mains(Path(folder), mutant=given.mutant)
        for life in given.life:
            for trial in mains.cuts(mains.record(life), life, range(given.cuts) if given.cut is None else range(given.cut, given.cut + 1)):
                sys.stdout.write(json.dumps(trial, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
