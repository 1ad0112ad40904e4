"""One seed from beginning to end: a safety phase, a liveness phase, final checks.

The safety phase is full of faults, the liveness phase has none. Knows how a run of the process is begun, killed and begun again, and when
no action is left. Invariant: the same seed and the same choice of steps and faults make the same trace.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.process.engine import Engine
from bot.process.opening import connect
from bot.telegram.channel import Channel
from bot.timers.clock import Clock
from domain.core.change import PersonId
from storage.engine.database import StorageFailed, run_to_completion
from storage.engine.sqlite import SqliteDatabase, SqliteTransaction
from storage.people.people import People
from storage.unit import Store
from storage.values import to_us
from tests.faults.simulation import town
from tests.faults.simulation.actors import Crowd, Step, plan
from tests.faults.simulation.beginnings import BEGINNINGS, new_folder, settings, template
from tests.faults.simulation.checks import Checks
from tests.faults.simulation.choice import Choice, Outcome
from tests.faults.simulation.disk import Connection, Disk
from tests.faults.simulation.fault_injectors import FaultInjectors, dice
from tests.faults.simulation.line import Line
from tests.faults.simulation.mutants import injected
from tests.faults.simulation.record import Record, effect_of
from tests.faults.simulation.town import Actor
from tests.faults.simulation.virtual_clock import Ended, Loop, VirtualClock, bury
from tests.faults.simulation.wiring import wired
from tests.faults.simulation.world import TOKEN, make_world

LIVENESS_S = 600.0
#: How often a run looks for delays. It skips time once nothing has moved for so long, up to a moment before something is due.
LOOK_EVERY_S, QUIET_S, WAKE_BEFORE_S = 20.0, 0.25, 0.1
#: A delay is excused if its only cause is a trouble that ended less than this ago.
LATE_EXCUSED_S = 70.0
#: A run that has not ended so long after its last step will never end.
NEVER_S = 4 * 86_400.0
#: Average number of callbacks, commits and calls of a run of the process before it is killed.
LIFE = {"step": 8000, "commit": 800, "call": 60}
SET_BY_S = (-7200, -3600, -600, 0, 0, 600, 3600, 86_400)


def run(choice: Choice) -> Outcome:
    """Run one seed."""
    collecting = gc.isenabled()
    gc.disable()
    folder = new_folder()
    try:
        begins = dice(f"begins {choice.seed}").randrange(len(BEGINNINGS))
        path = town.copy(template(begins), folder)
        with _watching(path) as raw, injected(choice.mutant):
            return Run(choice, begins, path, Checks(raw)).go()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if collecting:
            gc.enable()


@contextmanager
def _watching(path: Path) -> Iterator[sqlite3.Connection]:
    raw = sqlite3.connect(path, isolation_level=None)
    raw.row_factory = sqlite3.Row
    with contextlib.closing(raw):
        yield raw


class Client:
    """The replacement of the connections of `bot/telegram/request.py`."""

    def __init__(self, line: Line) -> None:
        self.ask = line.ask

    def close(self) -> None:
        """There is nothing to hang up."""


class Run:
    """One run. `go()` returns its outcome."""

    def __init__(self, choice: Choice, begins: int, path: Path, checks: Checks) -> None:
        start, zone = BEGINNINGS[begins]
        self.choice = choice
        self.path = path
        self.checks = checks
        self.settings = settings(begins, working=choice.seed % 2 == 0)
        self.zone = ZoneInfo(zone)
        self.virtual_clock = VirtualClock(start)
        self.fault_injectors = FaultInjectors(choice.seed, without=choice.without)
        self.record = Record(self.virtual_clock, checks, lambda: self.disk.excuses)
        self.disk = Disk(self.virtual_clock, self.fault_injectors, self.record.trouble)
        self.world = make_world(self.virtual_clock)
        self.line = Line(self.world, self.virtual_clock, self.fault_injectors, self.record)
        self.crowd = Crowd(self.world, self.fault_injectors, self._dismiss, checks.wrote)
        self.record.forged = self.crowd.forged
        self.steps = [step for step in plan(choice.seed, choice.updates) if choice.steps is None or step.index in choice.steps]
        self.engine: Engine | None = None
        self.loop: Loop | None = None
        self._stop: asyncio.Event | None = None
        self._looked_at = 0.0
        self._moved_at = 0.0
        self._moved: tuple[int, int] = (0, 0)
        self._over = False

    # The whole ------------------------------------------------------------------------------------------------------------

    def go(self) -> Outcome:
        """Run it."""
        began, record = time.process_time(), self.record
        with wired(self.virtual_clock, self.choice.seed, lambda **_: Client(self.line), self.checks.logged, record.begin_try):
            self._live()
        self.checks.finish(record.brought, self.crowd.odd, self.crowd.asked, record.taken, self.virtual_clock.wall())
        self.checks.nights(self.zone)
        self.checks.left([effect_of(pending.payload) for pending in self.world.updates.queue], record.brought)
        return Outcome(
            self.choice, self.checks.faults, record.trace(), len(record.brought), record.lives, self.virtual_clock.steady / 86_400,
            time.process_time() - began, dict(self.fault_injectors.struck), dict(self.checks.counted),
        )  # fmt: skip

    def _live(self) -> None:
        """Let life after life of the process run until it is over."""
        for step in self.steps:
            self.virtual_clock.at(step.at, lambda step=step: self._act(step))  # type: ignore[misc]
        self.virtual_clock.at(self._last_step_at() + 60, self._calm_down)
        while not self._over:
            self._one_life()
            if not self._over:
                die = self.fault_injectors.die("crash")
                self.virtual_clock.pass_until(
                    self.virtual_clock.steady + (die.uniform(60, 1800) if die.random() < 0.1 else die.uniform(0.5, 20))
                )
                self.record.trouble(10)

    def _last_step_at(self) -> float:
        return self.steps[-1].at if self.steps else 0.0

    def _one_life(self) -> None:
        self.record.begin_life()
        self.line.begin()
        self.loop = loop = Loop(self.virtual_clock, self._idle, self.checks.fault)
        self._plan_death(loop)
        connection = Connection(self.path, self.disk)
        try:
            loop.run_until_complete(self._process(connection, loop))
            self._after_good_end(loop)
        except Ended:
            self.record.note("killed", self.record.lives)
        except (StorageFailed, sqlite3.OperationalError) as error:  # the process ends, and is started again
            if not self.disk.excuses:
                self.checks.fault(f"I9: the process ended: {error}")
            self.record.note("broken", self.record.lives)
        finally:
            connection.raw.close()
            self.engine = None
            bury(loop)
            gc.collect(0)

    async def _process(self, connection: Connection, loop: Loop) -> None:
        """Run the steps of `bot.process.engine.serve`, on this line and this file."""
        self._stop = asyncio.Event()
        database = SqliteDatabase(connection)
        store = Store(database)
        clock = Clock()
        channel = Channel("telegram", TOKEN, base_url="http://127.0.0.1/bot", clock=clock, timeout=20.0)
        await database.migrate()
        await connect(channel, self.settings.telegram)
        self.engine = Engine(self.settings, store, {channel.name: channel}, clock)
        try:
            await self.engine.run(self._stop)
        finally:
            if not loop.killed:
                await channel.close()
                await store.close()

    def _after_good_end(self, loop: Loop) -> None:
        self._over = True
        left = sorted(task.get_name() for task in asyncio.all_tasks(loop))
        if left:
            self.checks.fault(f"I9: {len(left)} tasks are left at the end, one is {left[0]}")
        if self._stop is None or not self._stop.is_set():
            self.checks.fault("I9: the process ended by itself")

    def _plan_death(self, loop: Loop) -> None:
        """Choose where this life ends, if it does not live to the end."""
        self.disk.kill_at = self.line.kill_at_call = 0
        if not self.fault_injectors.on("crash"):
            return
        die = self.fault_injectors.die("crash")
        how = die.choice(sorted(LIFE))
        after, when_done = 1 + int(die.expovariate(1 / LIFE[how])), die.random() < 0.6
        match how:
            case "step":
                loop.kill_at = after
            case "commit":
                self.disk.kill_at, self.disk.kill_when_done = self.disk.commits + after, when_done
            case _:
                self.line.kill_at_call, self.line.kill_when_done = self.line.calls + after, when_done
        self.line.kill = self.disk.kill = loop.kill
        self.fault_injectors.struck["crash"] = self.fault_injectors.struck.get("crash", 0) + 1

    # People and machines --------------------------------------------------------------------------------------------------

    def _act(self, step: Step) -> None:
        before = len(self.world.updates.queue)
        self.crowd.release()
        self.crowd.act(step)
        self.crowd.bring(before)
        if self.fault_injectors.strikes("clock"):
            self.virtual_clock.set_by = timedelta(seconds=self.fault_injectors.die("clock").choice(SET_BY_S))
            self.record.trouble(120)
            self.record.note("clock", self.virtual_clock.set_by)
        if self.fault_injectors.strikes("outage"):
            self.line.cut(self.fault_injectors.die("outage").choice((5, 60, 600, 7200)))
        self._moved_at = self.virtual_clock.running
        self.line.news()

    def _dismiss(self, actor: Actor) -> None:
        """Somebody's post ends, by an operator's hand."""
        raw, at = self.checks.raw, self.virtual_clock.wall()
        row = raw.execute("SELECT person_id FROM addresses WHERE user_id = ?", (actor.user_id,)).fetchone()
        raw.execute("BEGIN IMMEDIATE")
        run_to_completion(People(SqliteTransaction(raw)).dismiss(PersonId(row[0]), at=at))
        raw.execute("COMMIT")
        self.checks.ended(actor, at)

    def _calm_down(self) -> None:
        """The faults are over: from here on everything must come to its end."""
        self.fault_injectors.stop()
        self.crowd.release()
        self.crowd.heal()
        self.disk.heal()
        self.line.heal()
        if self.loop is not None:
            self.loop.kill_at = 0
        self.line.news()
        self.virtual_clock.after(LIVENESS_S, self._end)

    def _end(self) -> None:
        """Stop cleanly once the process has had its time.

        A process that began after the end of the faults gets more time.
        """
        if self.engine is None or self._stop is None or self.virtual_clock.steady < self.record.begun_at + LIVENESS_S / 2:
            self.virtual_clock.after(LIVENESS_S / 2, self._end)
        else:
            self._stop.set()

    # Time -------------------------------------------------------------------------------------------------------------------

    def _idle(self) -> None:
        """Look for delays, and skip time without actions."""
        virtual_clock = self.virtual_clock
        if virtual_clock.steady - self._looked_at > LOOK_EVERY_S:
            self._looked_at = virtual_clock.steady
            self._look()
        moved = (self.line.calls, self.line.in_flight)
        if moved != self._moved or self.line.in_flight or (self.world.updates.queue and not self.line.is_cut):
            self._moved, self._moved_at = moved, virtual_clock.running
        if virtual_clock.running - self._moved_at < QUIET_S or self.engine is None:
            return
        until = min(virtual_clock.next_at(), self._next_due())
        if until - virtual_clock.steady > 1.0:
            virtual_clock.skipped += until - virtual_clock.steady - WAKE_BEFORE_S
        self._moved_at = virtual_clock.running

    def _look(self) -> None:
        """I5, I9, I11: nothing is late, queues in memory stay bounded, and the run ends."""
        if self.virtual_clock.steady > self._last_step_at() + NEVER_S:
            self.checks.fault("I11: it does not come to an end")
            self._over = True
            raise Ended
        if self.engine is None:
            return
        if self.virtual_clock.steady > self.record.troubled_until + LATE_EXCUSED_S:
            self.checks.overdue(self.virtual_clock.wall())
        delivery, handling = self.engine.delivery, self.engine.handling
        if len(delivery._lanes) > 1000 or len(delivery._tasks) > 128 or len(handling._answers) > 500:
            self.checks.fault("I9: a queue in memory grows without bound")

    def _next_due(self) -> float:
        """Return when the database has something to do next, in steady seconds; never: infinity."""
        at = int(self.checks.rows(NEXT_DUE)[0][0])
        due = (at - to_us(self.virtual_clock.start)) / 1e6 - self.virtual_clock.set_by.total_seconds()
        return due if at < 1 << 61 else float("inf")


NEXT_DUE = (
    "SELECT MIN((SELECT IFNULL(MIN(due_at), 1 << 62) FROM timers WHERE state = 'waiting'),"
    " (SELECT IFNULL(MIN(next_at), 1 << 62) FROM schedules WHERE paused_at IS NULL),"
    " (SELECT IFNULL(MIN(not_before), 1 << 62) FROM outbox WHERE state = 'waiting'),"
    " (SELECT IFNULL(MIN(not_before), 1 << 62) FROM inbox WHERE state = 'waiting'))"
)
