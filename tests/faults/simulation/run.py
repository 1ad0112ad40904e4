"""One seed from its beginning to its end: a safety phase full of troubles, then a liveness phase without any, then the reckoning.

Knows how a life of the process is begun, killed and begun again, when nobody has anything to do, and what goes into the trace. Invariant: the
same seed and the same choice of steps, actors and troubles make the same trace.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import orjson

from bot.channel import Channel
from bot.clock import Clock
from bot.engine import Engine, connect
from bot.settings import EscalationSection, HealthSection, Settings, TownSection
from domain.change import PersonId
from sandbox.updates import Pending
from storage.database import StorageFailed, drive
from storage.people import People
from storage.sqlite import SqliteDatabase, SqliteTransaction
from storage.unit import Store
from storage.values import to_us
from tests.faults.simulation import town
from tests.faults.simulation.actors import Crowd, Step, plan
from tests.faults.simulation.checks import Checks, words_of
from tests.faults.simulation.line import SENDS, TOKEN, Line, make_world
from tests.faults.simulation.moment import Ended, Loop, Moment, bury, utc
from tests.faults.simulation.plants import planted
from tests.faults.simulation.town import CAST, Actor, Inline
from tests.faults.simulation.troubles import Troubles, dice
from tests.faults.simulation.wiring import wired
from texts import LANGUAGES, plain

if TYPE_CHECKING:
    from bot.messages import Sending
    from sandbox.arguments import Arguments

T = TypeVar("T")
SHORT = Path("/dev/shm")  # noqa: S108 - memory, where there is
#: When and where a run begins: the second and the third meet a night with a clock put back or on.
BEGINNINGS = (
    (utc("2026-06-01T01:00:00"), "Asia/Shanghai"),
    (utc("2026-10-24T06:00:00"), "Europe/Berlin"),
    (utc("2026-03-27T09:00:00"), "Europe/Berlin"),
    (utc("2026-02-13T01:00:00"), "Asia/Shanghai"),
)
LIVENESS_S = 600.0
OLD_BUTTON = {plain("refused.old_button", language) for language in LANGUAGES}
#: A run looks at what may be late this often, and lets nobody's time pass when nothing moved for so long.
LOOK_EVERY_S, QUIET_S, WAKE_BEFORE_S = 20.0, 0.25, 0.1
DISK_S = (0.5, 20.0)
EXCUSED_S = 30.0


@dataclass(frozen=True)
class Choice:
    """What of a seed is run. `without`: troubles left out; `plant`: a mistake made meanwhile; `steps`: only these (None: all)."""

    seed: int
    updates: int = 1000
    without: frozenset[str] = frozenset()
    plant: str = ""
    steps: frozenset[int] | None = None

    @property
    def command(self) -> str:
        """Return what repeats this run."""
        words = [f"python -m tests.faults.simulation {self.seed} --updates {self.updates}"]
        words += [f"--plant {self.plant}"] if self.plant else []
        words += [f"--without {','.join(sorted(self.without))}"] if self.without else []
        words += [f"--steps {','.join(map(str, sorted(self.steps)))}"] if self.steps is not None else []
        return " ".join(words)


@dataclass
class Outcome:
    """What a run came to."""

    choice: Choice
    faults: list[str]
    trace: str
    updates: int
    lives: int
    days: float
    seconds: float
    struck: dict[str, int] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the figures in one line."""
        rate = self.updates / max(self.seconds, 0.001)
        return (
            f"{len(self.faults)} faults, {self.updates} updates in {self.lives} lives and {self.days:.1f} days,"
            f" {self.seconds:.1f} s ({rate:.0f} a second), trace {self.trace}"
        )


@dataclass
class Try:
    """One try to send a row. `did`: the server took something of it; `told`: and said so; `life`: in which life of the process."""

    row_id: int
    life: int
    did: bool = False
    told: bool = True


@cache
def _template(begins: int) -> Path:
    """Make the town in which runs of a kind begin, once a process."""
    at, zone = BEGINNINGS[begins]
    folder = Path(tempfile.mkdtemp(prefix="simulation", dir=SHORT if SHORT.is_dir() else None))
    town.make(folder, ZoneInfo(zone), at=at, consent=_settings(begins, working=True).town.consent_version)
    return folder


@cache
def _settings(begins: int, *, working: bool) -> Settings:
    return Settings.model_construct(
        admins=[town.ADMIN.user_id],
        town=TownSection(time_zone=BEGINNINGS[begins][1]),
        escalation=EscalationSection(working_time=working),
        health=HealthSection(port=0),
    )


class Faulty(Inline):
    """The database's connection, on whose disk there may be no room, and where the process may end before or after a commit."""

    def __init__(self, path: Path, run: Run) -> None:
        super().__init__(path)
        self._run = run

    async def hop(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run it here and now, or not."""
        self._run.commits += 1
        if self._run.dies_at_commit(done=False):
            await asyncio.Event().wait()
        self._run.disk()
        result = function(self.raw)
        if self._run.dies_at_commit(done=True):
            await asyncio.Event().wait()
        return result


class Run:
    """One run. `go()` returns its outcome."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        die = dice(f"run {choice.seed}")
        self.begins = die.randrange(len(BEGINNINGS))
        self.settings = _settings(self.begins, working=die.random() < 0.5)
        self.zone = ZoneInfo(BEGINNINGS[self.begins][1])
        self.moment = Moment(BEGINNINGS[self.begins][0])
        self.troubles = Troubles(choice.seed, without=choice.without)
        self.world = make_world(self.moment)
        self.line = Line(self.world, self.moment, self.troubles, self)
        self.crowd = Crowd(self.world, self.troubles, self._dismiss, self._wrote)
        self.steps = [step for step in plan(choice.seed, choice.updates) if self._chosen(step)]
        self.trace = hashlib.blake2b(digest_size=12)
        self.engine: Engine | None = None
        self.loop: Loop | None = None
        self.lives = 0
        self.commits = 0
        self.tries: list[Try] = [Try(0, 0)]
        self.rows: dict[int, list[Try]] = {}
        self.brought: dict[str, int] = {}
        self._kill_at_commit = 0
        self._kill_when_done = False
        self._full_until = -1.0
        self._disk_failed_at = -1e9
        self._broken = False
        self._troubled_until = 0.0
        self._looked_at = 0.0
        self._moved_at = 0.0
        self._seen: tuple[int, int] = (0, 0)
        self._begun_at = 0.0
        self._safe = True
        self._over = False
        self._stop: asyncio.Event | None = None

    def _chosen(self, step: Step) -> bool:
        return self.choice.steps is None or step.index in self.choice.steps

    # The whole ------------------------------------------------------------------------------------------------------------

    def go(self) -> Outcome:
        """Run it."""
        began = time.process_time()
        folder = Path(tempfile.mkdtemp(prefix="simulation", dir=SHORT if SHORT.is_dir() else None))
        try:
            path = town.copy(_template(self.begins), folder)
            with _watching(path) as raw:
                self.checks = Checks(raw)
                with wired(self.moment, self.choice.seed, lambda **_: _Client(self.line), self.checks.logged, self._begin_try):
                    self._live(path)
                taken = {each.row_id for each in self.tries if each.did}
                self.checks.finish(self.brought, self.crowd.odd, self.crowd.asked, taken, self.moment.wall())
                self.checks.nights(self.zone)
                self._hash_rows(raw)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        days = self.moment.steady / 86_400
        return Outcome(
            self.choice, self.checks.faults, self.trace.hexdigest(), len(self.brought), self.lives, days, time.process_time() - began,
            dict(self.troubles.struck), dict(self.checks.counted),
        )  # fmt: skip

    def _hash_rows(self, raw: sqlite3.Connection) -> None:
        for table in ("seen_inbox", "seen_outbox", "seen_moves", "seen_timers", "seen_told", "outbox", "audit", "cases", "timers"):
            for row in raw.execute(f"SELECT * FROM {table} ORDER BY 1"):  # noqa: S608 - names of our own
                self.trace.update(repr(tuple(row)).encode())

    def _live(self, path: Path) -> None:
        """Let life after life of the process run until it is over."""
        for step in self.steps:
            self.moment.at(step.at, lambda step=step: self._act(step))  # type: ignore[misc]
        self.moment.at(self.steps[-1].at + 60 if self.steps else 60, self._calm_down)
        while not self._over:
            self._one_life(path)
            if not self._over:
                die = self.troubles.die("crash")
                self.moment.pass_until(self.moment.steady + (die.uniform(60, 1800) if die.random() < 0.1 else die.uniform(0.5, 20)))
                self._trouble(10)

    def _one_life(self, path: Path) -> None:
        self.lives += 1
        self._begun_at = self.moment.steady
        self.line.begin()
        self.loop = loop = Loop(self.moment, self._idle, self.checks.fault)
        self._plan_death()
        connection = Faulty(path, self)
        try:
            loop.run_until_complete(self._process(connection))
            self._after_good_end(loop)
        except Ended:
            self.note("killed", self.lives)
        except (StorageFailed, sqlite3.OperationalError) as error:  # the process ends, and is started again
            if self.moment.steady > self._disk_failed_at + 30:
                self.checks.fault(f"I9: the process ended: {error}")
            self.note("broken", self.lives)
        finally:
            connection.raw.close()
            self.engine = None
            bury(loop)
            gc.collect(0)

    async def _process(self, connection: Faulty) -> None:
        """What `bot.engine.serve` does, on this line and this file."""
        self._stop = asyncio.Event()
        database = SqliteDatabase(connection)
        store = Store(database)
        clock = Clock()
        channel = Channel("telegram", TOKEN, base_url="http://127.0.0.1/bot", clock=clock, timeout=20.0)
        await database.migrate()
        await connect(channel, polls=True)
        self.engine = Engine(self.settings, store, {channel.name: channel}, clock)
        try:
            await self.engine.run(self._stop)
        finally:
            if not self.loop.killed:  # type: ignore[union-attr]
                await channel.close()
                await store.close()

    def _after_good_end(self, loop: Loop) -> None:
        self._over = True
        left = [task.get_name() for task in asyncio.all_tasks(loop)]
        if left:
            self.checks.fault(f"I9: tasks are left at the end: {left[:5]}")

    def _plan_death(self) -> None:
        """Choose where this life ends, if it does not live to the end."""
        assert self.loop is not None
        self._kill_at_commit = self.line.kill_at_call = 0
        if not self.troubles.on("crash"):
            return
        die = self.troubles.die("crash")
        match die.choice(("step", "commit", "call")):
            case "step":
                self.loop.kill_at = 1 + int(die.expovariate(1 / 8000))
            case "commit":
                self._kill_at_commit, self._kill_when_done = self.commits + 1 + int(die.expovariate(1 / 800)), die.random() < 0.5
            case _:
                self.line.kill_at_call, self.line.kill_when_done = self.line.calls + 1 + int(die.expovariate(1 / 60)), die.random() < 0.7
        self.line.kill = self.loop.kill
        self.troubles.struck["crash"] = self.troubles.struck.get("crash", 0) + 1

    # What the parts ask -----------------------------------------------------------------------------------------------------

    def dies_at_commit(self, *, done: bool) -> bool:
        """Tell whether the process ends before (or, `done`, after) this commit."""
        if self.commits != self._kill_at_commit or done != self._kill_when_done:
            return False
        assert self.loop is not None
        self.loop.kill()
        return True

    def disk(self) -> None:
        """Raise what the disk says."""
        if self.troubles.strikes("disk_full"):
            self._full_until = self.moment.steady + self.troubles.die("disk_full").uniform(*DISK_S)
        code = 0
        if self.troubles.strikes("disk_broken"):
            code, name = sqlite3.SQLITE_IOERR, "disk I/O error"
        elif self.moment.steady < self._full_until:
            code, name = sqlite3.SQLITE_FULL, "database or disk is full"
        if code:
            self._disk_failed_at = self.moment.steady
            self._trouble(EXCUSED_S if self._safe else 0)
            error = sqlite3.OperationalError(name)
            error.sqlite_errorcode = code
            raise error

    def note(self, *facts: object) -> None:
        """Add to the trace."""
        self.trace.update(f"{self.moment.steady:.6f} {facts}\n".encode())

    def fault(self, words: str) -> None:
        """Something is as it must never be."""
        self.checks.fault(words)

    def trouble(self, seconds: float) -> None:
        """Something is wrong for so long."""
        self._trouble(seconds)

    def _trouble(self, seconds: float) -> None:
        self._troubled_until = max(self._troubled_until, self.moment.steady + seconds)

    # People -------------------------------------------------------------------------------------------------------------------

    def _wrote(self, number: int, actor: Actor) -> None:
        self.checks.wrote[number] = actor

    def _act(self, step: Step) -> None:
        before = len(self.world.updates.queue)
        if self.crowd.delayed:
            self.crowd.release()
        self.crowd.act(step)
        self.crowd.bring(before)
        if self.troubles.strikes("clock"):
            self._set_clock()
        if self.troubles.strikes("outage"):
            self._trouble(10)
        self._moved_at = self.moment.running
        self.line.news()

    def _set_clock(self) -> None:
        die = self.troubles.die("clock")
        self.moment.set_by = timedelta(seconds=die.choice((-7200, -3600, -600, 0, 0, 600, 3600, 86_400)))
        self._trouble(120)
        self.note("clock", self.moment.set_by)

    def _dismiss(self, actor: Actor) -> None:
        """Somebody's post ends, by an operator's hand."""
        raw, at = self.checks.raw, self.moment.wall()
        row = raw.execute("SELECT person_id FROM addresses WHERE user_id = ?", (actor.user_id,)).fetchone()
        raw.execute("BEGIN IMMEDIATE")
        drive(People(SqliteTransaction(raw)).dismiss(PersonId(row[0]), at=at))
        raw.execute("COMMIT")
        self.checks.ended(actor, at)

    def _calm_down(self) -> None:
        """The troubles are over: from here on everything must come to its end."""
        self._safe = False
        self.troubles.stop()
        self.crowd.release()
        self.crowd.heal()
        self._full_until = -1.0
        self.line.held.clear()
        assert self.loop is not None
        self.loop.kill_at = self._kill_at_commit = self.line.kill_at_call = 0
        self.line.news()
        self.moment.after(LIVENESS_S, self._end)

    def _end(self) -> None:
        """End in good order, or, when the process began later than the troubles ended, once it too had its time."""
        if self.engine is None or self.moment.steady < self._begun_at + LIVENESS_S / 2:
            self.moment.after(LIVENESS_S / 2, self._end)
            return
        assert self._stop is not None
        self._stop.set()

    # The server's side ----------------------------------------------------------------------------------------------------------

    def _begin_try(self, sending: Sending) -> int:
        """Note that a row is about to be sent, and that it may be."""
        row_id = sending.row.id
        before = self.rows.setdefault(row_id, [])
        for earlier in before:
            if earlier.did and earlier.told and earlier.life == self.lives:
                self.checks.fault(f"I4: outbox row {row_id} is sent again after the server said yes ({sending.row.key})")
        this = Try(row_id, self.lives)
        before.append(this)
        self.tries.append(this)
        return len(self.tries) - 1

    def did(self, method: str, args: Arguments, trying: int, *, told: bool) -> None:
        """The server did a call."""
        words = words_of(args)
        chat_id = int(args.values.get("chat_id") or 0)
        self.note("did", method, chat_id, words, sorted(args.files))
        if method == "answercallbackquery":
            self._press_answered(args)
            return
        if method not in SENDS:
            return
        this = self.tries[trying]
        if not trying:
            self.checks.fault(f"I4: {method} without an outbox row")
            return
        this.did, this.told = True, told
        row = self.checks.rows("SELECT key, created_at, state FROM outbox WHERE id = ?", this.row_id)
        if not row:
            self.checks.fault(f"I2: {method} of outbox row {this.row_id}, which is not committed")
            return
        if row[0]["state"] == "sent":
            self.checks.fault(f"I4: outbox row {this.row_id} counted as sent before the server said yes")
        self.checks.shown(chat_id, words, created_at=row[0]["created_at"], key=row[0]["key"])
        if self.moment.steady > self._disk_failed_at + EXCUSED_S:
            self.checks.in_order(this.row_id)

    def _press_answered(self, args: Arguments) -> None:
        press_id = args.text("callback_query_id")
        self.checks.answered(press_id)
        if press_id in self.crowd.forged:
            self.checks.counted["forged"] += 1
            if args.text("text") not in OLD_BUTTON:
                self.checks.fault(f"a forged button was taken: {args.text('text')!r}")

    def refused(self, method: str, chat_id: int, code: int, *, forced: bool) -> None:
        """The server refused a call because of the pace."""
        if self.moment.steady > self._killed_at() + 90:
            self.checks.fault(
                f"I8: {method} to {chat_id} came {'while it was asked to wait' if forced else 'faster than the server allows'}"
            )

    def _killed_at(self) -> float:
        return self._begun_at if self.lives > 1 else -1e9

    def forgets(self, gone: list[Pending]) -> None:
        """Updates are confirmed: they must be committed."""
        effects = [(int(pending.payload["update_id"]), effect_of(pending.payload)) for pending in gone]
        self.checks.kept(effects)
        for update_id, effect in effects:
            self.brought[effect] = update_id

    # Time -------------------------------------------------------------------------------------------------------------------

    def _idle(self) -> None:
        """Look at what is late, and skip time in which nobody has anything to do."""
        moment = self.moment
        if moment.steady - self._looked_at > LOOK_EVERY_S:
            self._looked_at = moment.steady
            if moment.steady > self._troubled_until + 70 and self.engine is not None:
                self.checks.overdue(moment.wall())
            self._bounded()
        moved = (self.line.calls, self.line.in_flight)
        if moved != self._seen or self.line.in_flight:
            self._seen, self._moved_at = moved, moment.running
        if moment.running - self._moved_at < QUIET_S or self.engine is None:
            return
        until = min(moment.next_at(), self._next_due())
        if until - moment.steady > 1.0:
            moment.skipped += until - moment.steady - WAKE_BEFORE_S
        self._moved_at = moment.running

    def _next_due(self) -> float:
        """Return when the database has something to do next."""
        row = self.checks.raw.execute(
            "SELECT MIN((SELECT IFNULL(MIN(due_at), 1 << 62) FROM timers WHERE state = 'waiting'),"
            " (SELECT IFNULL(MIN(next_at), 1 << 62) FROM schedules WHERE paused_at IS NULL),"
            " (SELECT IFNULL(MIN(not_before), 1 << 62) FROM outbox WHERE state = 'waiting'),"
            " (SELECT IFNULL(MIN(not_before), 1 << 62) FROM inbox WHERE state = 'waiting'))"
        ).fetchone()
        at = int(row[0])
        if at >= 1 << 61:
            return float("inf")
        return (at - to_us(self.moment.start)) / 1e6 - self.moment.set_by.total_seconds()

    def _bounded(self) -> None:
        """I9: what is kept in memory does not grow."""
        if self.engine is None:
            return
        delivery = self.engine.delivery
        if len(delivery._rows) > 1000 or len(delivery._tasks) > 128 or len(self.engine.handling._answers) > 500:
            self.checks.fault("I9: a queue in memory grows without bound")


class _Client:
    """What `bot/request.py` takes for its connections."""

    def __init__(self, line: Line) -> None:
        self.ask = line.ask

    def close(self) -> None:
        """There is nothing to hang up."""


@contextmanager
def _watching(path: Path) -> Iterator[sqlite3.Connection]:
    raw = sqlite3.connect(path, isolation_level=None)
    raw.row_factory = sqlite3.Row
    with contextlib.closing(raw):
        yield raw


def effect_of(update: dict[str, Any]) -> str:
    """Return what tells an update's effect from any other's, by the promise of docs: message, press or number."""
    message, press = update.get("message"), update.get("callback_query")
    if isinstance(message, dict) and isinstance(message.get("message_id"), int) and message["message_id"] < 2**62:
        return f"m:{message['chat']['id']}:{message['message_id']}"
    if isinstance(press, dict) and isinstance(press.get("id"), str):
        return f"p:{press['id']}"
    return f"u:{update['update_id']}"


def run(choice: Choice) -> Outcome:
    """Run one seed."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        with planted(choice.plant):
            return Run(choice).go()
    finally:
        if collecting:
            gc.enable()


__all__ = ["CAST", "Choice", "Outcome", "datetime", "orjson", "run"]
