"""The killer: SIGKILL before every statement and every message of a story, and at random ones; then the story goes on, and must end alike.

A process of its own, single-threaded, because it forks: the child lives the story and dies by its own hand at point K; the parent starts again
on what the child left, handles what waits, goes on to the end, and compares everything that is remembered and everything that was said with a
life without a kill. One trial a line of JSON; a failure ends with the command that repeats it.

    python -m tests.faults.killer every --flow accept [--kill 37] [--planted NAME]
    python -m tests.faults.killer random --seed 5 --trials 100 [--disk FOLDER]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from tests.desk import MONDAY
from tests.faults import killer_plants
from tests.faults.killer_flows import FLOWS, NAMES, settle_down
from tests.faults.killer_life import FILE, TOWN, Dump, Life, difference, dump
from tests.faults.killer_script import Move, Phones, Press, Saw, Say, Step, Together
from tests.faults.killer_world import HEAD, Killing, Memory, shown_twice

SHARED = Path("/dev/shm")  # noqa: S108 - memory that forks share; each run has a folder of its own in it
NOTHING = bytes(HEAD.size)
KILLS_PER_MIX = 12
AT_ONCE = 0.2
SECOND_KILL = 0.3
ON_DISK = 0.05


@dataclass
class Story:
    """A story as it goes without a kill.

    `moves`: each step; `starts[i]`: the folder and the memory at the beginning of step i; `points[i]`: how many points a life from there to the
    end of step i passes; `whole`: the points of a life from the beginning to the end; `end`, `shown`: what is remembered and was said in the end.
    """

    name: str
    moves: list[Move] = field(default_factory=list)
    starts: list[tuple[Path, bytes]] = field(default_factory=list)
    points: list[int] = field(default_factory=list)
    opening: int = 0
    whole: int = 0
    end: Dump = field(default_factory=dict)
    shown: list[tuple[int, int]] = field(default_factory=list)


class Broken(Exception):
    """A life did not do what it must."""


class Killer:
    """Lives stories and kills them. `planted`: the name of a bug that is in every life but the first."""

    def __init__(self, folder: Path, *, planted: str = "") -> None:
        self.folder = folder
        self.planted = planted
        self.memory = Memory()
        self.killing = Killing(self.memory)
        self.base = folder / "base"
        self.base.mkdir()
        self._dies(lambda: asyncio.run(settle_down(self.base, TOWN)))

    # A life without a kill ------------------------------------------------------------------------------------------------

    def tell(self, name: str, steps: Sequence[Step], *, lenient: bool = False, parts: bool = True) -> Story:
        """Live a story twice without a kill: in one go, and with a stop after each step; both must end alike."""
        story = Story(name)
        self._begin_at(story, 0)
        asyncio.run(self._tell(story, self._fresh(self.base, self.folder / "told"), steps, lenient))
        if parts:
            self._begin_at(story, 0)
            asyncio.run(self._tell_in_parts(story, self._fresh(self.base, self.folder / "parts")))
        return story

    async def _tell(self, story: Story, place: Path, steps: Sequence[Step], lenient: bool) -> None:
        self.killing.begin()
        life = await Life.begin(place, self.memory, self.killing)
        await life.start()
        story.opening = self.memory.point
        move = Move()
        for step in steps:
            with self.killing.looking():
                phones = Phones(life.raw, NAMES, lenient=lenient)
                move = phones.move(step, move, index=len(story.moves), at=self.memory.at, signer=life.server.signer)
            if isinstance(step, Saw):
                continue
            life.server.queue += move.updates
            await life.play(len(story.moves), move)
            story.moves.append(move)
        story.whole = self.memory.point
        with self.killing.looking():
            story.end, story.shown = dump(life.raw), self.memory.shown
            stuck = life.raw.execute("SELECT state, fault FROM inbox WHERE state <> 'done'").fetchall()
        await life.end()
        if stuck or life.engine.handling.parked or life.engine.ticking.parked:
            raise Broken(f"{story.name}: without a kill something stays undone: {[tuple(row) for row in stuck]}")

    async def _tell_in_parts(self, story: Story, place: Path) -> None:
        wrong = ""
        for step, move in enumerate(story.moves):
            kept = self.folder / "starts" / story.name.replace(" ", "_") / str(step)
            shutil.copytree(place, kept)
            story.starts.append((kept, self.memory.keep()))
            self.killing.begin()
            life = await Life.begin(place, self.memory, self.killing, arrived=story.moves[: step + 1])
            await life.start()
            await life.play(step, move)
            story.points.append(self.memory.point)
            if step == len(story.moves) - 1:
                with self.killing.looking():
                    wrong = difference(story.end, dump(life.raw)) or unlike(self.memory.shown, story.shown)
            await life.end()
        if wrong:
            raise Broken(f"{story.name}: with a stop after each step it ends otherwise: {wrong}")

    # A life with a kill ---------------------------------------------------------------------------------------------------

    def places(self, story: Story) -> list[tuple[int, int]]:
        """Return (step, point) of every place where the story can be killed; the opening of a life counts once."""
        return [(step, point) for step, last in enumerate(story.points) for point in range(1 if step == 0 else story.opening, last + 1)]

    def trial(self, story: Story, step: int, point: int, *, again: int = 0, place: Path | None = None) -> str:
        """Kill the story at a point of the life that begins with a step; return what is wrong afterwards, or nothing.

        `again`: kill the next life too, at this point (which it may never pass). `place`: where the database is, if not in shared memory.
        """
        self._begin_at(story, step)
        place = self._fresh(story.starts[step][0] if story.starts else self.base, place or self.folder / "killed")
        last = step if story.starts else len(story.moves) - 1
        repeats = 0
        try:
            if not self._dies(lambda: self._live(story, place, point, last=last)):
                raise Broken("the point was never passed")
            repeats = self._look(story, place)
            if again and self._dies(lambda: self._live(story, place, again)):
                repeats = self._look(story, place)
            return asyncio.run(self._go_on(story, place, repeats))
        except Broken as fault:
            return str(fault)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is the finding
            return f"{type(fault).__name__}: {fault} {traceback.format_exc(limit=-3)}"

    def _live(self, story: Story, place: Path, kill: int, *, last: int | None = None) -> None:
        with killer_plants.planted(self.planted):
            asyncio.run(self._continue(story, place, kill, last=last))

    async def _continue(self, story: Story, place: Path, kill: int, *, last: int | None = None) -> Life:
        """Live from the step that the memory names to the last one."""
        first = self.memory.step
        self.killing.begin(at=kill)
        arrived = story.moves[: first + 1]
        life = await Life.begin(place, self.memory, self.killing, arrived=arrived, forgetful=self.planted == killer_plants.FORGETFUL)
        await life.start()
        for step in range(first, len(story.moves) if last is None else last + 1):
            if step > first:
                life.server.queue += story.moves[step].updates
            await life.play(step, story.moves[step])
        return life

    async def _go_on(self, story: Story, place: Path, repeats: int) -> str:
        with killer_plants.planted(self.planted):
            life = await self._continue(story, place, 0)
        with self.killing.looking():
            now = dump(life.raw)
        await life.end()
        return difference(story.end, now) or unlike(self.memory.shown, story.shown, repeats)

    def _look(self, story: Story, place: Path) -> int:
        """Return how many messages were shown and are not recorded as sent: only they may come twice.

        Raises:
            Broken: something that was acknowledged is not there.
        """
        with contextlib.closing(sqlite3.connect(f"file:{place / FILE}?mode=ro", uri=True)) as raw:
            kept = {row[0] for row in raw.execute("SELECT update_id FROM inbox")}
            rows = dict(raw.execute("SELECT chat_id, COUNT(*) FROM outbox GROUP BY chat_id").fetchall())
            recorded = raw.execute("SELECT COUNT(CASE WHEN state = 'sent' THEN 1 END) + COALESCE(SUM(ambiguous), 0) FROM outbox").fetchone()[0]
        confirmed = {
            update["update_id"]
            for move in story.moves[: self.memory.step + 1]
            for update in move.updates
            if update["update_id"] < self.memory.forgotten
        }
        if confirmed - kept:
            raise Broken(f"confirmed and not kept: {sorted(confirmed - kept)}")
        shown = self.memory.shown
        for chat, count in Counter(chat for chat, _ in set(shown)).items():
            if count > rows.get(chat, 0) + self.silent(story):
                raise Broken(f"{chat} was shown {count} messages, {rows.get(chat, 0)} are remembered")
        return len(shown) - int(recorded)

    @staticmethod
    def silent(story: Story) -> int:
        """Return how many more texts a story may show than it has messages: a repeat after a silence says that it is one."""
        return sum(how == "silent" for move in story.moves for _, how in move.refused)

    # Processes and folders ------------------------------------------------------------------------------------------------

    def _dies(self, live: Callable[[], object]) -> bool:
        """Live in a child; tell whether it was killed (else it came to the end of its part).

        Raises:
            Broken: it ended in another way.
        """
        child = os.fork()
        if child == 0:
            try:
                live()
                os._exit(0)
            except BaseException:  # noqa: BLE001 - a child never comes back
                traceback.print_exc()
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return True
        if status != 0:
            raise Broken(f"a life failed by itself ({status})")
        return False

    def _begin_at(self, story: Story, step: int) -> None:
        """Set the memory to the beginning of a step."""
        self.memory.restore(story.starts[step][1] if story.starts else NOTHING)
        if not story.starts:
            self.memory.at = MONDAY
        self.memory.step = step

    def _fresh(self, begin: Path, place: Path) -> Path:
        """Put a copy of a folder into a place."""
        shutil.rmtree(place, ignore_errors=True)
        return Path(shutil.copytree(begin, place))


def unlike(shown: list[tuple[int, int]], once: list[tuple[int, int]], repeats: int = 0) -> str:
    """Return what was shown otherwise than in a life without a kill; `repeats`: how many messages may have come twice."""
    missing, more = shown_twice(shown, once)
    unknown = [each for each in more if each not in once]
    if missing:
        return f"{missing.total()} messages were never shown, the first to {next(iter(missing))[0]}"
    if unknown:
        return f"{len(unknown)} messages were shown that nobody should see, the first to {unknown[0][0]}"
    return f"{more.total()} messages came twice, {repeats} were in flight" if more.total() > repeats else ""


# Random stories -------------------------------------------------------------------------------------------------------------


def mixed(dice: random.Random) -> tuple[str, tuple[Step, ...]]:
    """Return up to three stories shuffled into each other, each in its own order, some of their steps at the same moment."""
    names = dice.sample(sorted(FLOWS), dice.randint(1, 3))
    queues = [list(FLOWS[name]) for name in names]
    steps: list[Step] = []
    while any(queues):
        step = dice.choice([queue for queue in queues if queue]).pop(0)
        before = steps[-1] if steps else None
        if isinstance(step, Say | Press) and isinstance(before, Say | Press) and step.who != before.who and dice.random() < AT_ONCE:
            steps[-1] = Together((before, step))
        else:
            steps.append(step)
    return " + ".join(names), tuple(steps)


def at_random(killer: Killer, seed: int, trials: int, disk: Path | None) -> Iterator[dict[str, object]]:
    """Kill mixed stories at random points, some of them a second time while they recover; some on a real disk."""
    for number in range(-(-trials // KILLS_PER_MIX)):
        dice = random.Random(f"{seed}:{number}")  # noqa: S311 - the same kills every time
        name, steps = mixed(dice)
        story = killer.tell(name, steps, lenient=True, parts=False)
        for _ in range(min(KILLS_PER_MIX, trials - number * KILLS_PER_MIX)):
            point = dice.randint(1, story.whole)
            again = dice.randint(1, max(1, story.whole // 2)) if dice.random() < SECOND_KILL else 0
            on_disk = disk is not None and dice.random() < ON_DISK
            wrong = killer.trial(story, 0, point, again=again, place=disk / f"killed-{os.getpid()}" if on_disk and disk else None)
            yield {"flow": name, "seed": f"{seed}:{number}", "kill": point, "again": again, "disk": on_disk, "wrong": wrong}


def everywhere(killer: Killer, name: str, *, only: tuple[int, int] | None = None) -> Iterator[dict[str, object]]:
    """Kill a story at every point (or at only one)."""
    story = killer.tell(name, FLOWS[name])
    places = killer.places(story) if only is None else [only]
    yield {"flow": name, "steps": len(story.moves), "points": len(places), "rows": sum(map(len, story.end.values())), "said": len(story.shown)}
    for step, point in places:
        wrong = killer.trial(story, step, point)
        yield {"flow": name, "step": step, "kill": point, "wrong": wrong}


def repeat(trial: dict[str, object]) -> str:
    """Return the command that repeats a trial."""
    command = f"{Path(sys.executable)} -m tests.faults.killer"
    if "seed" in trial:
        seed, number = str(trial["seed"]).split(":")
        return f"{command} random --seed {seed} --mix {number} --kill {trial['kill']} --again {trial['again']}"
    return f"{command} every --flow {str(trial['flow'])!r} --step {trial['step']} --kill {trial['kill']}"


def main() -> None:
    """Run what the command line asks for; print a line of JSON for each story and each trial."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("how", choices=("every", "random"))
    parser.add_argument("--flow", action="append", default=[])
    parser.add_argument("--step", type=int, default=0)
    parser.add_argument("--kill", type=int, default=0)
    parser.add_argument("--again", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mix", type=int)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--disk", type=Path)
    parser.add_argument("--planted", default="")
    parser.add_argument("--first", action="store_true", help="stop at the first failure")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(dir=SHARED if SHARED.is_dir() else None, prefix="killer-") as folder:
        killer = Killer(Path(folder), planted=given.planted)
        gc.collect()
        gc.freeze()
        for line in _asked(killer, given):
            if line.get("wrong"):
                line["repeat"] = repeat(line) + (f" --planted {given.planted!r}" if given.planted else "")
            print(json.dumps(line, ensure_ascii=False), flush=True)  # noqa: T201 - this is how a run tells
            if given.first and line.get("wrong"):
                break


def _asked(killer: Killer, given: argparse.Namespace) -> Iterator[dict[str, object]]:
    if given.how == "every":
        for name in given.flow or FLOWS:
            yield from everywhere(killer, name, only=(given.step, given.kill) if given.kill else None)
    elif given.mix is not None:
        name, steps = mixed(random.Random(f"{given.seed}:{given.mix}"))  # noqa: S311 - the same story again
        story = killer.tell(name, steps, lenient=True, parts=False)
        wrong = killer.trial(story, 0, given.kill, again=given.again)
        yield {"flow": name, "seed": f"{given.seed}:{given.mix}", "kill": given.kill, "again": given.again, "wrong": wrong}
    else:
        yield from at_random(killer, given.seed, given.trials, given.disk)


if __name__ == "__main__":
    main()
