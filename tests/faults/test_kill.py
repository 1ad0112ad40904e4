"""SIGKILL at random moments while a town reports.

Every report is one case, and every reporter has its number. A kill may repeat messages that were shown and not yet recorded as sent at that
moment, never others; nothing is lost and nothing is done twice.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from bot.delivery.delivery import UNRECORDED
from sandbox.world.user_actions.people import add_user
from tests.engines import postgres, rows

if TYPE_CHECKING:
    from tests.e2e.village import Village
    from tests.faults.invariant_log import InvariantLog

    Said = tuple[int, str]

SEED = 20261123
AT_ONCE = 32
#: Kills of the small size. What a killed worker held waits for its lease, so that on PostgreSQL a death every second lets little pass.
FEW_KILLS, MOST_KILLS = 10, 10_000
SENT = "SELECT chat_id, message_id FROM outbox WHERE state = 'sent' AND message_id IS NOT NULL"
#: A request or a commit that left a process before its death has arrived after so long.
ARRIVED_S = 0.1
NUMBER = re.compile(r"编号 (\d+)")
WORDS = (
    "邻居砌墙占了路",
    "鱼塘的水放干了",
    "路灯坏了三盏",
    "楼上半夜打牌",
    "宅基地的界桩被挪",
    "工钱还没有结",
    "树枝伸到屋顶",
    "井盖翘起来了",
)


pytestmark = [pytest.mark.timeout(300), pytest.mark.disk]


@pytest.fixture(autouse=True)
def server(engine: str, invariant_log: InvariantLog) -> None:
    """Count it when there is no server for this engine."""
    with invariant_log.or_skipped(f"reports under kills, {engine}"):
        if engine == "postgres":
            postgres()


@pytest.fixture
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """(people, reports of each)."""
    return (100, 10) if request.config.getoption("--faults-size") == "full" else (20, 5)


async def people_come(village: Village, count: int) -> list[int]:
    """Let so many villagers join 上徐村, a few at a time."""
    ids = [600_000 + each for each in range(count)]
    for each in ids:
        add_user(village.world, {"id": each, "first_name": f"村民{each}", "language_code": "zh-hans"})
        await village.does(None, "messages", resting=False, user=each, chat=each, text="/start 上徐村")
    await village.rest(within_s=60)
    for each in ids:
        chat = village.chats.of(each)
        key = next(key for _, key in chat.buttons() if "同意并加入" in key.label)
        await village.does(None, "presses", resting=False, user=each, chat=each, message_id=key.message_id, data=key.data)
    await village.rest(within_s=60)
    return ids


async def everybody_reports(village: Village, people: list[int], each: int, dice: random.Random) -> None:
    """Send all reports in a mixed order, about a hundred per second."""
    turns = [(person, turn) for turn in range(each) for person in people]
    dice.shuffle(turns)
    for place, (person, turn) in enumerate(turns):
        text = f"/report {dice.choice(('dispute', 'hazard', 'other'))} {dice.choice(WORDS)}，第 {turn} 件，{person}"
        await village.http.post("/control/messages", json={"user": person, "chat": person, "text": text})
        if place % 10 == 9:
            await asyncio.sleep(0.1)


@dataclass
class CrashRunner:
    """Kills the bot 0.1 to 0.6 s after it serves, and restarts it at once.

    Now and then it kills the bot during its start. `in_flight`: (chat, words) → how often it had been shown and was not recorded as sent
    when the process died; only so often it may come again. A message recorded as sent, in any copy, must never come again.
    """

    village: Village
    dice: random.Random
    most: int = MOST_KILLS
    kills: int = 0
    in_flight: Counter[Said] = field(default_factory=Counter)
    most_at_once: int = 0
    _seen: set[tuple[int, int]] = field(default_factory=set)

    async def work(self, done: asyncio.Event) -> None:
        """Kill until `done` is set, or so often as is wanted; leave the bot running."""
        while not done.is_set() and self.kills < self.most:
            await asyncio.sleep(self.dice.uniform(0.1, 0.6))
            await self.village.bot.kill()
            await self._look()
            if self.dice.random() < 0.2:
                await self.village.bot.spawn()
                await asyncio.sleep(self.dice.uniform(0.1, 0.6))
                await self.village.bot.kill()
                await self._look()
            await self.village.bot.run()
        await done.wait()

    async def _look(self) -> None:
        self.kills += 1
        await asyncio.sleep(ARRIVED_S)
        recorded, said = await recorded_in(self.village), said_in(self.village)
        sent = {said[message] for message in recorded & said.keys()}
        new = {said[message] for message in said.keys() - recorded - self._seen} - sent
        self._seen |= said.keys()
        self.in_flight.update(new)
        self.most_at_once = max(self.most_at_once, len(new))

    async def unprovoked(self) -> Counter[Said]:
        """Return the messages repeated more often than the kills explain, and how much more often."""
        recorded, said = await recorded_in(self.village), said_in(self.village)
        return Counter(said[message] for message in said.keys() - recorded) - self.in_flight


async def test_thousand_reports_survive_when_processes_are_killed(opens, size, engine, invariant_log):
    people_count, each = size
    wanted = people_count * each
    dice = random.Random(SEED)  # noqa: S311 - the same kills every time
    async with opens(comes=False, LIMITS__REPORTS_PER_HOUR="1000", LIMITS__TEXTS_PER_MINUTE="100000") as village:
        # A fork is killed in its work; a new interpreter, most of the time, while it imports.
        village.bot.by_exec = invariant_log.full
        people = await people_come(village, people_count)
        started = time.monotonic()
        done, crash_runner = asyncio.Event(), CrashRunner(village, dice, MOST_KILLS if invariant_log.full else FEW_KILLS)
        killing = asyncio.create_task(crash_runner.work(done))
        await everybody_reports(village, people, each, dice)
        await until_all_are_kept(village, wanted, started, killing)
        done.set()
        await killing
        await village.rest(within_s=90)
        seconds = time.monotonic() - started

        code, printed = await village.bot.command("cases", "--json")
        assert code == 0, printed
        numbers = [case["number"] for case in json.loads(printed)]
        texts = await words_of_cases(village)
        told = {person: Counter(NUMBER.findall(" ".join(line.text for line in village.chats.of(person).by_bot()))) for person in people}
        own = await reporters(village)

        lost, twice = wanted - len(set(texts)), len(texts) - len(set(texts))
        untold = {person: len(found) for person, found in told.items() if len(found) != each}
        again = sum(times - 1 for found in told.values() for times in found.values())
        unprovoked = await crash_runner.unprovoked()
        invariant_log.ran(
            f"reports under kills, {engine}",
            wanted,
            failed=lost + twice + len(untold) + len(unprovoked),
            kills=crash_runner.kills,
            seconds=round(seconds),
            receipts_again=again,
            in_flight_at_kills=crash_runner.in_flight.total(),
            most_at_once=crash_runner.most_at_once,
            for_no_reason=unprovoked.total(),
        )
        assert (lost, twice) == (0, 0), [text for text, count in Counter(texts).items() if count > 1][:5]
        assert len(numbers) == len(set(numbers)) == wanted
        assert untold == {}
        assert {number for found in told.values() for number in found} == {str(number) for number in numbers}
        assert all(own[int(number)] == person for person, found in told.items() for number in found)
        assert unprovoked == {}
        assert crash_runner.most_at_once <= AT_ONCE * UNRECORDED
        assert crash_runner.kills >= (10 if each == 10 else 2)


async def until_all_are_kept(village: Village, wanted: int, started: float, killing: asyncio.Task[None]) -> None:
    """Wait until every update is in the inbox and handled, at most 90 seconds.

    The kills continue meanwhile.
    """
    while time.monotonic() < started + 90 and not killing.done():
        if not village.world.updates.queue and await count(village, "SELECT COUNT(*) FROM cases") >= wanted:
            return
        await asyncio.sleep(0.2)


async def count(village: Village, sql: str) -> int:
    """Ask the database while the bot runs on it."""
    ((number,),) = await rows(village.bot.database_url, sql)
    return int(number)


async def words_of_cases(village: Village) -> list[str]:
    """The words of every case: each report's are its own."""
    return [row[0] for row in await rows(village.bot.database_url, "SELECT text FROM cases")]


async def reporters(village: Village) -> dict[int, int]:
    """Return the reporter of each case: {number: chat}."""
    sql = "SELECT c.id, a.user_id FROM cases c JOIN addresses a ON a.person_id = c.reporter_id"
    return {row[0]: row[1] for row in await rows(village.bot.database_url, sql)}


def said_in(village: Village) -> dict[tuple[int, int], Said]:
    """Every message that the bot has posted, in all chats: {(chat, message): (chat, words)}."""
    lines = ((chat.id, line) for chat in village.chats.all() for line in chat.by_bot() if line.how == "said")
    return {(chat, line.message_id): (chat, line.text) for chat, line in lines}


async def recorded_in(village: Village) -> set[tuple[int, int]]:
    """Return the messages recorded as sent in the database: (chat, message)."""
    return {(int(chat), int(message)) for chat, message in await rows(village.bot.database_url, SENT)}
