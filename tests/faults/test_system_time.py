"""Clocks set back, forward or to 1970, and every night with a change of a zone's offset.

Nothing runs twice, nothing is lost.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import struct
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import pytest

import bot.timers.clock_check
import domain.calendar.schedules
from bot.process.database_startup import open_database
from domain.calendar.local_time import instant_of
from domain.calendar.schedules import last_occurrences, next_after, occurrence_key, occurrences, parse_cron
from domain.core.change import Address, ChatId, Notice, Receiver, Timer
from storage.core.inbox import Raw
from storage.values import to_us
from tests.faults.system_files import a_town
from tests.faults.system_time import AFTER, BEFORE, DAY, HOUR, MINUTE, SCHEDULES, Probe, Wrong, changes, faces, oracle
from tests.handler_harness import MONDAY, HandlerHarness
from tests.supervisor import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import date, tzinfo
    from pathlib import Path

    from domain.calendar.schedules import Cron
    from storage.unit import Unit
    from tests.e2e.village import Village
    from tests.faults.invariant_log import InvariantLog

SEED = 20261124
SHANGHAI = ZoneInfo("Asia/Shanghai")
pytestmark = pytest.mark.timeout(3600)


# Zones ----------------------------------------------------------------------------------------------------------------


def wrong_nights(names: list[str], *, every: int, schedules: int, texts: tuple[str, ...] = tuple(SCHEDULES)) -> tuple[list[str], int]:
    """Compare the schedules with the oracle on these zones' nights.

    Return (differences, number of comparisons).
    """
    wrong: list[str] = []
    made = 0
    done: set[tuple[object, ...]] = set()
    for place, name in enumerate(names):
        zone = ZoneInfo(name)
        nights = changes(zone)
        alike = tuple((night, night.astimezone(zone).utcoffset(), (night - MINUTE).astimezone(zone).utcoffset()) for night in nights)
        if alike in done:
            continue  # another name of the same clock
        done.add(alike)
        for number, night in enumerate(nights[place % every :: every]):
            shown = faces(zone, night)
            chosen = texts[(place + number) % len(texts) :] + texts
            for text in chosen[:schedules]:
                made += 1
                if occurrences(parse_cron(text), night - BEFORE, night + AFTER, zone) != oracle(shown, SCHEDULES[text]):
                    wrong.append(f"{text} in {name} on {night:%Y-%m-%d}")
    return wrong, made


def test_schedules_match_oracle_when_zone_changes_offset(invariant_log: InvariantLog) -> None:
    """A skipped time comes once, at the end of the gap; a repeated time comes once."""
    names = sorted(available_timezones())
    names = names if invariant_log.full else names[:: len(names) // 30]
    wrong, made = wrong_nights(
        names, every=invariant_log.size(small=11, full=1), schedules=invariant_log.size(small=2, full=len(SCHEDULES))
    )
    invariant_log.ran("schedules on nights of daylight saving", made, failed=len(wrong), zones=len(names))
    assert not wrong, wrong[:5]
    assert made > 20


def test_oracle_comparison_fails_when_schedule_runs_twice(monkeypatch, invariant_log: InvariantLog) -> None:

    def first_on(cron: Cron, on: date, at: datetime, tz: tzinfo) -> datetime | None:
        found = set()
        for hour in cron.hours:
            for minute in cron.minutes:
                found.add(instant_of(on, datetime.min.time().replace(hour, minute), tz))
                found.add(datetime(on.year, on.month, on.day, hour, minute, tzinfo=tz, fold=1).astimezone(UTC))
        return min((instant for instant in found if instant > at), default=None)

    monkeypatch.setattr(domain.calendar.schedules, "_first_on", first_on)
    wrong, made = wrong_nights(["Europe/London", "America/New_York"], every=7, schedules=1, texts=("30 1 * * *",))
    invariant_log.mutant("a schedule comes twice on a night of daylight saving", found=bool(wrong), after=f"{made} comparisons")
    assert wrong


# A clock that is set --------------------------------------------------------------------------------------------------


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[HandlerHarness]:
    opened = await HandlerHarness.open(tmp_path, a_town(), opening=open_database)
    yield opened
    await opened.store.close()


async def plan(unit: Unit, dice: random.Random, crons: list[str]) -> list[str]:
    """Start forty timers over three days and a schedule of each kind; return the timers' names."""
    names = []
    for number in range(40):
        name = f"once:{number}"
        await unit.timers.start(Timer("probe", "probe", MONDAY + timedelta(minutes=dice.randrange(3 * 1440)), name, {}), at=MONDAY)
        names.append(name)
    for text in crons:
        await unit.timers.add_schedule(
            "probe",
            station_id=1,
            name=text,
            cron=text,
            data={},
            next_at=next_after(parse_cron(text), MONDAY, SHANGHAI),
            created_by=None,
            at=MONDAY,
        )
    return names


async def live(probe: Probe, dice: random.Random) -> datetime:
    """Let four days pass with clock changes and restarts; return the latest instant shown."""
    clock = probe.clock
    latest = clock.now()
    while clock.true < MONDAY + 4 * DAY:
        clock.true += timedelta(minutes=dice.randint(1, 90))
        if dice.random() < 0.2:
            clock.error = dice.choice(
                [-HOUR, HOUR, DAY, -DAY, timedelta(), timedelta(minutes=-4), datetime(1970, 1, 1, tzinfo=UTC) - clock.true]
            )
        if dice.random() < 0.1:
            probe.boot()
        await probe.tick()
        latest = max(latest, clock.now())
    clock.error = timedelta()
    await probe.tick()
    return max(latest, clock.now())


async def test_timers_run_exactly_once_when_clock_is_set(harness: HandlerHarness, invariant_log: InvariantLog) -> None:
    crons = ["*/30 * * * *", "0 9 * * *", "15 8 * * 1-5", "0 0 1 * *"]
    bad: list[str] = []
    walks = invariant_log.size(small=6, full=200)
    acted = 0
    for seed in range(walks):
        dice = random.Random(SEED + seed)  # noqa: S311 (a die, not a secret)
        await harness.store.transact(_forget)
        names = await harness.store.transact(partial(plan, dice=dice, crons=crons))
        schedules = await harness.store.transact(lambda unit: unit.timers.list_schedules("probe", station_ids=(1,)))
        probe = Probe(harness.store, harness.town, Wrong(MONDAY))
        latest = await live(probe, dice)
        due = set(names)
        for schedule in schedules:
            due |= {
                f"schedule:{occurrence_key(schedule.id, at)}" for at in occurrences(parse_cron(schedule.cron), MONDAY, latest, SHANGHAI)
            }
        times = Counter(probe.fired)
        bad += [f"seed {seed}: {name} acted {count} times" for name, count in times.items() if count > 1]
        bad += [f"seed {seed}: {name} never acted" for name in due - times.keys()]
        bad += [f"seed {seed}: {name} was not due" for name in times.keys() - due]
        acted += len(probe.fired)
    invariant_log.ran("lives with a clock that is set", walks, failed=len(bad), acted=acted)
    assert not bad, bad[:5]


async def _forget(unit: Unit) -> None:
    for table in ("timers", "schedules"):
        await unit.transaction.execute(f"DELETE FROM {table}")  # noqa: S608


async def test_due_items_are_released_at_once_when_clock_is_set_back(harness: HandlerHarness, invariant_log: InvariantLog) -> None:
    """Items due at noon are released at once when the clock then shows eleven.

    They are a report and a message. A reminder for one o'clock waits until one.
    """
    clock = Wrong(MONDAY)
    probe = Probe(harness.store, harness.town, clock)
    await probe.tick()

    async def leave(unit: Unit) -> None:
        await unit.inbox.keep([Raw("telegram", 1, "m:1:1", ChatId(1), 1, 1, "{}")], at=MONDAY)
        row = await unit.transaction.fetch_one("SELECT id FROM inbox")
        assert row is not None
        await unit.inbox.postpone(row["id"], worker="", until=MONDAY + timedelta(seconds=2), fault="x")
        here = Receiver(Address("telegram", ChatId(1)), "zh")
        await unit.outbox.put(Notice(here, "system.parked", {"incident": "A"}), unique_key="now", at=MONDAY)
        await unit.outbox.put(Notice(here, "system.parked", {"incident": "B"}), unique_key="later", at=MONDAY)
        await unit.transaction.execute("UPDATE outbox SET not_before = ? WHERE unique_key = 'later'", (to_us(MONDAY + HOUR),))

    await harness.store.transact(leave)
    clock.true += timedelta(seconds=1)
    clock.error = -HOUR
    assert (await harness.store.transact(lambda unit: unit.outbox.count(at=clock.now())))["waiting"] == 0
    await probe.tick()
    waiting = await harness.store.transact(lambda unit: unit.outbox.count(at=clock.now()))
    rows = await harness.store.transact(lambda unit: unit.inbox.claim("", limit=9, at=clock.now()))
    invariant_log.ran("clocks set back over what was due", 1, failed=int(waiting["waiting"] != 1 or len(rows) != 1))
    assert (waiting["waiting"], waiting["later"], len(rows)) == (1, 1, 1)
    assert probe.woken


async def test_clock_jump_is_logged_when_start_is_before_last_poll(harness: HandlerHarness, caplog, capsys) -> None:
    await harness.store.transact(lambda unit: unit.facts.put("poll.telegram", str(to_us(MONDAY))))
    probe = Probe(harness.store, harness.town, Wrong(MONDAY - 2 * HOUR))
    await probe.tick()
    assert "clock_jumped" in capsys.readouterr().out + caplog.text
    assert probe.woken


@pytest.mark.parametrize(("jump", "told"), [(timedelta(minutes=4), False), (-HOUR, True), (DAY, True), (timedelta(minutes=-6), True)])
async def test_clock_jump_is_logged_when_over_five_minutes(harness: HandlerHarness, capsys, caplog, jump: timedelta, told: bool) -> None:
    clock = Wrong(MONDAY)
    probe = Probe(harness.store, harness.town, clock)
    await probe.tick()
    clock.true += timedelta(seconds=1)
    clock.error = jump
    await probe.tick()
    first = capsys.readouterr().out + caplog.text
    assert ("clock_jumped" in first) is told
    caplog.clear()
    clock.true += timedelta(seconds=1)
    await probe.tick()
    assert "clock_jumped" not in capsys.readouterr().out + caplog.text, "once"


async def test_timers_wait_when_clock_shows_1970(harness: HandlerHarness, invariant_log: InvariantLog, monkeypatch) -> None:
    """Timers due while the clock showed 1970 run as soon as it is right, not before."""
    start = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
    clock = Wrong(start)

    async def begin(unit: Unit) -> None:
        await unit.timers.start(Timer("probe", "probe", start + HOUR, "once", {}), at=start)

    await harness.store.transact(begin)
    probe = Probe(harness.store, harness.town, clock)
    clock.true = start + 2 * HOUR
    assert await probe.tick() == 0
    clock.true = MONDAY
    assert await probe.tick() == 1
    assert probe.fired == ["once"]

    await harness.store.transact(_forget)
    await harness.store.transact(begin)
    monkeypatch.setattr(bot.timers.clock_check, "MADE_ON", start)
    clock.true = start + 2 * HOUR
    found = await probe.tick() == 1
    invariant_log.mutant("time acts while the clock shows 1970", found=found, after="1 boot")
    assert found


def test_catch_up_ends_within_two_seconds_when_clock_jumps_decades() -> None:
    cron, first = parse_cron("* * * * *"), datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    started = time.monotonic()
    found = last_occurrences(cron, first, MONDAY, SHANGHAI, most=100)
    assert found == [MONDAY - minute * MINUTE for minute in reversed(range(100))]
    yearly = last_occurrences(parse_cron("0 9 1 1 *"), datetime(1970, 1, 1, 1, tzinfo=UTC), MONDAY, SHANGHAI, most=100)
    assert len(yearly) == 57
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("text", ["*/7 * * * *", "0 9 * * 1", "0 0 31 * *"])
def test_catch_up_returns_latest_occurrences_when_many_were_missed(text: str) -> None:
    cron = parse_cron(text)
    first = next_after(cron, MONDAY - 90 * DAY, SHANGHAI)
    missed = [first, *occurrences(cron, first, MONDAY, SHANGHAI)]
    assert last_occurrences(cron, first, MONDAY, SHANGHAI, most=100) == missed[-100:]
    assert last_occurrences(cron, first, first - MINUTE, SHANGHAI, most=100) == [first]


# The real process -----------------------------------------------------------------------------------------------------


class SetClock:
    """The clock of another process: `show(seconds)` ahead of the machine's."""

    def __init__(self, folder: Path) -> None:
        self.library, self.file = folder / "clock.so", folder / "clock"
        source = ROOT / "tests/faults/system_clock.c"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(self.library), str(source)], check=True)
        self.show(0)

    def show(self, seconds: float) -> None:
        """Set it."""
        with self.file.open("r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("q", int(seconds)))

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment that makes a process use this clock."""
        return {"LD_PRELOAD": str(self.library), "TONGXIN_CLOCK_FILE": str(self.file)}


def receipts(village: Village) -> list[str]:
    """The first words of every receipt that the villager was shown, with its number."""
    return [line.text.split("。")[0] for line in village.chats.of(village.villager.id).by_bot() if "收到，编号" in line.text]


async def answered(village: Village, words: str, *, within_s: float = 10) -> bool:
    """Report something, and return whether a receipt came."""
    before = len(receipts(village))
    await village.villager.says(f"/report dispute {words}", resting=False)
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if len(receipts(village)) > before:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_reports_are_answered_when_clock_is_wrong(opens, tmp_path: Path, invariant_log: InvariantLog) -> None:
    """Set back, set forward, started in 1970, set right.

    Every report is answered, the jumps are logged, and no receipt comes twice.
    """
    if shutil.which("cc") is None:
        invariant_log.ran("reports under a clock that is set", 0, skipped=4, reason="no C compiler")
        pytest.skip("no C compiler")
    clock = SetClock(tmp_path)
    async with opens(today=True) as village:
        village.fault_expected = True
        await village.bot.stop()
        village.bot.extra |= clock.environment | {"TONGXIN_CLOCK__SOURCE": "system"}
        await village.bot.run()
        told = [await answered(village, "第一件")]
        for number, ahead in enumerate((-HOUR, DAY, timedelta())):
            clock.show(ahead.total_seconds())
            await asyncio.sleep(0)
            told.append(await answered(village, f"第 {number + 2} 件"))
            assert await logged(village, "clock_jumped", number + 1)
        await village.bot.stop()
        clock.show(-time.time() + 60)
        await village.bot.run()
        told.append(await answered(village, "一九七〇年"))
        assert await logged(village, "clock_before_this_version", 1)
        clock.show(0)
        assert await logged(village, "clock_before_this_version", 2)
        told.append(await answered(village, "现在"))
        shown = receipts(village)
        invariant_log.ran("reports under a clock that is set", len(told), failed=told.count(False) + len(shown) - len(set(shown)))
        assert all(told)
        assert len(shown) == len(set(shown)) == len(told)
        assert "Traceback" not in village.bot.log
        assert '"storage_failed"' not in village.bot.log


async def logged(village: Village, event: str, times: int, *, within_s: float = 8) -> bool:
    """Wait until the bot's log contains an event so often."""
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if village.bot.log.count(event) >= times:
            return True
        await asyncio.sleep(0.05)
    return False
