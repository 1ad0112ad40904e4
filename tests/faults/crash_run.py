"""One crash trial: a child runs a story and kills itself, the parent goes on and compares.

Knows processes, folders and the result of a story without a kill; must not know which trials are wanted. Invariant: the child knows nothing
of the parent's but the numbers in the shared memory. The comparison covers everything remembered and everything sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import crash_mutants
from tests.faults.crash_flows import ACCEPTED as WARM
from tests.faults.crash_flows import NAMES, settle_down
from tests.faults.crash_script import Move, Phones, Saw, Step
from tests.faults.crash_world import HEAD, Killing, Memory, unlike
from tests.faults.process_lifetime import FILE, TOWN, Dump, Life, difference, dump
from tests.handler_harness import MONDAY
from tests.supervisor import Died, Supervisor, apart

NEVER = "the point was never passed"
NOTHING = bytes(HEAD.size)


@dataclass
class Story:
    """A story as it goes without a kill.

    `moves`: each step; `starts[i]`: the folder and the memory at its beginning; `points[i]`: number of points from there to the end of the
    run; `names[i]`: the name of the point after each; `after[i]`: rows and messages after the step. `opening`: the points of a start;
    `whole`: those of a run from the first step to the last; `end`, `shown`: rows and messages at the end.
    """

    name: str
    moves: list[Move] = field(default_factory=list)
    starts: list[tuple[Path, bytes]] = field(default_factory=list)
    points: list[int] = field(default_factory=list)
    names: list[list[str]] = field(default_factory=list)
    after: list[tuple[Dump, list[tuple[int, int]]]] = field(default_factory=list)
    opening: int = 0
    whole: int = 0
    end: Dump = field(default_factory=dict)
    shown: list[tuple[int, int]] = field(default_factory=list)

    def forgets(self, step: int) -> bool:
        """Return whether somebody asked to be forgotten by this step.

        Messages to them, and messages about them to others, are then not remembered either.
        """
        presses = [update.get("callback_query") for move in self.moves[: step + 1] for update in move.updates]
        return any(press and press["data"].startswith("forgetme") for press in presses)


class Broken(Exception):
    """A run broke a promise."""


class CrashRunner:
    """Runs stories and kills them.

    `mutant`: the name of a bug that is in every run but the first.
    """

    def __init__(self, folder: Path, *, mutant: str = "") -> None:
        self.folder = folder
        self.mutant = mutant
        self.memory = Memory()
        self.killing = Killing(self.memory)
        self._killed: set[tuple[str, ...]] = set()
        self.base = folder / "base"
        self.base.mkdir()
        if apart(lambda: asyncio.run(settle_down(self.base, TOWN))) != 0:
            raise Broken("the town was not built")
        self.tell("warm", WARM, parts=False)  # values read once and cached are then in the child's memory too
        self._supervisor = Supervisor.forked(self.live)

    def close(self) -> None:
        """Let go of the processes."""
        self._supervisor.close()

    # A life without a kill ------------------------------------------------------------------------------------------------

    def tell(self, name: str, steps: Sequence[Step], *, lenient: bool = False, parts: bool = True) -> Story:
        """Run a story twice without a kill: in one go, and with a stop after each step.

        Both must end alike.
        """
        story = Story(name)
        self._begin_at(story, 0)
        asyncio.run(self._tell(story, self._fresh(self.base, self.folder / "told"), steps, lenient))
        if parts:
            self._begin_at(story, 0)
            asyncio.run(self._tell_in_parts(story, self._fresh(self.base, self.folder / "parts")))
        return story

    def forget(self, story: Story) -> None:
        """Give back the room that a story's beginnings take."""
        for place, _ in story.starts:
            shutil.rmtree(place)

    def count_anew(self) -> None:
        """Count the common beginnings of stories again."""
        self._killed.clear()

    def unkilled(self, story: Story) -> str:
        """Run a story without a kill, with the injected bug; return its own faults."""
        self._begin_at(story, 0)
        place = self._fresh(self.base, self.folder / "killed")
        try:
            return asyncio.run(self._go_on(story, place))
        except Broken as fault:
            return str(fault)

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
        if stuck or life.engine.handling.dead_lettered or life.engine.ticking.dead_lettered:
            raise Broken(f"{story.name}: without a kill something stays undone: {[tuple(row) for row in stuck]}")

    async def _tell_in_parts(self, story: Story, place: Path) -> None:
        for step, move in enumerate(story.moves):
            kept = self._fresh(place, self.folder / f"{story.name}-{step}")
            story.starts.append((kept, self.memory.keep()))
            self.killing.begin()
            self.killing.names = []
            life = await Life.begin(place, self.memory, self.killing, arrived=story.moves[: step + 1])
            await life.start()
            await life.play(step, move)
            story.points.append(self.memory.point)
            story.names.append(self.killing.names)
            self.killing.names = None
            with self.killing.looking():
                story.after.append((dump(life.raw), self.memory.shown))
            await life.end()
        wrong = difference(story.end, story.after[-1][0]) or unlike(story.after[-1][1], story.shown)
        if wrong:
            raise Broken(f"{story.name}: with a stop after each step it ends otherwise: {wrong}")

    # A life with a kill ---------------------------------------------------------------------------------------------------

    def places(self, story: Story, *, thin: bool = False) -> list[tuple[int, int]]:
        """Return (step, point) of every place where the story can be killed.

        The opening of a run counts once for all stories, and so does a beginning that two stories share. `thin`: leaves out a point that
        follows a read, because the state is the same as before the read.
        """
        found = []
        for step, last in enumerate(story.points):
            past = tuple(repr(move) for move in story.moves[: step + 1])
            if past not in self._killed:
                points = range(story.opening if self._killed else 1, last + 1)
                found += [(step, point) for point in points if not (thin and point > 1 and is_reading(story.names[step][point - 2]))]
                self._killed.add(past)
        return found

    def trial(self, story: Story, step: int, point: int, *, again: int = 0, place: Path | None = None, whole: bool = True) -> str:
        """Kill the story at a point of the run that begins with a step.

        Return the faults found afterwards; empty for none. `again`: kill the next run too, at this point (which it may never pass).
        `place`: where the database is, if not in shared memory. `whole`: go on to the end of the story, not only of the step. If one ends
        alike, so does the other, because a run may begin at any step.
        """
        self._begin_at(story, step)
        place = self._fresh(story.starts[step][0] if story.starts else self.base, (place or self.folder) / f"killed-{os.getpid()}")
        last = step if story.starts else len(story.moves) - 1
        try:
            if not self._supervisor.kills(self.mutant, story.moves, place, point, last):
                return NEVER
            if again:
                self._look(story, place)
                self._supervisor.kills(self.mutant, story.moves, place, again, None)
            return asyncio.run(self._go_on(story, place, last=None if whole else last))
        except (Broken, Died) as fault:
            return f"{type(fault).__name__}: {fault}"
        except Exception as fault:  # noqa: BLE001 - any exception is the finding
            return f"{type(fault).__name__}: {fault} {traceback.format_exc(limit=-3)}"

    def live(self, mutant: str, moves: Sequence[Move], place: Path, kill: int, last: int | None) -> None:
        """Run a story's moves from the step named in the memory, until the kill at a point.

        This runs in the child.
        """
        self.mutant = mutant

        async def live() -> None:
            await self._continue(moves, await self._begun(moves, place, kill), last=last)

        with crash_mutants.injected(mutant):
            asyncio.run(live())

    async def _begun(self, moves: Sequence[Move], place: Path, kill: int) -> Life:
        self.killing.begin(at=kill)
        arrived = moves[: self.memory.step + 1]
        return await Life.begin(place, self.memory, self.killing, arrived=arrived, forgetful=self.mutant == crash_mutants.FORGETFUL)

    async def _continue(self, moves: Sequence[Move], life: Life, *, last: int | None = None) -> None:
        """Live from the step that the memory names to the last one."""
        first = self.memory.step
        await life.start()
        for step in range(first, len(moves) if last is None else last + 1):
            if step > first:
                life.server.queue += moves[step].updates
            await life.play(step, moves[step])

    async def _go_on(self, story: Story, place: Path, *, last: int | None = None) -> str:
        """Start again on what was left, run to the end of the story or of the step `last`, compare."""
        with crash_mutants.injected(self.mutant):
            life = await self._begun(story.moves, place, 0)
            try:
                with self.killing.looking():
                    repeats = self._judge(story, life.raw)
                await self._continue(story.moves, life, last=last)
                with self.killing.looking():
                    now = dump(life.raw)
            finally:
                life.drop()
        remembered, said = (story.end, story.shown) if last is None else story.after[last]
        return difference(remembered, now) or unlike(self.memory.shown, said, repeats)

    def _look(self, story: Story, place: Path) -> int:
        """Check the state that a killed run left. Returns and raises as `_judge`."""
        with contextlib.closing(sqlite3.connect(f"file:{place / FILE}?mode=ro", uri=True)) as raw:
            return self._judge(story, raw)

    def _judge(self, story: Story, raw: sqlite3.Connection) -> int:
        """Return how many messages were shown and are not recorded as sent.

        Only they may be sent twice.

        Raises:
            Broken: something that was acknowledged is missing.
        """
        kept = {row[0] for row in raw.execute("SELECT update_id FROM inbox")}
        rows = {row[0]: row[1] for row in raw.execute("SELECT chat_id, COUNT(*) FROM outbox GROUP BY chat_id")}
        recorded = raw.execute("SELECT COUNT(CASE WHEN state = 'sent' THEN 1 END) + COALESCE(SUM(ambiguous), 0) FROM outbox").fetchone()[0]
        confirmed = {
            update["update_id"]
            for move in story.moves[: self.memory.step + 1]
            for update in move.updates
            if update["update_id"] < self.memory.forgotten
        }
        if confirmed - kept:
            raise Broken(f"confirmed and not kept: {sorted(confirmed - kept)}")
        done = {row[0] for row in raw.execute("SELECT effect FROM inbox WHERE state = 'done'")}
        early = [press for press in self.memory.answered if f"p:{press}" not in done]
        if early:
            raise Broken(f"answered and not done: {early}")
        shown = self.memory.shown
        for chat, count in () if story.forgets(self.memory.step) else Counter(chat for chat, _ in set(shown)).items():
            if count > rows.get(chat, 0):
                raise Broken(f"{chat} was shown {count} messages, {rows.get(chat, 0)} are remembered")
        return len(shown) - int(recorded)

    # Processes and folders ------------------------------------------------------------------------------------------------

    def _begin_at(self, story: Story, step: int) -> None:
        """Set the memory to the beginning of a step."""
        self.memory.restore(story.starts[step][1] if story.starts else NOTHING)
        if not story.starts:
            self.memory.at = MONDAY
        self.memory.step = step

    @staticmethod
    def _fresh(begin: Path, place: Path) -> Path:
        """Put a copy of a folder into a place, with nothing else in it."""
        place.mkdir(exist_ok=True)
        for old in os.scandir(place):
            os.unlink(old.path)
        for file in os.scandir(begin):
            shutil.copyfile(file.path, place / file.name)
        return place


def is_reading(statement: str) -> bool:
    """Return whether a statement changes nothing."""
    return statement.startswith("SELECT") or (statement.startswith("PRAGMA") and "=" not in statement)
