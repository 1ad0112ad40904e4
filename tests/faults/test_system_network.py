"""Two bots with one token, two on one database, a poll that never ends, a webhook that somebody set: one goes on, and says what is wrong."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest

from bot.receiving.polling import CONFLICT_PAUSES
from domain.core.change import Address, ChatId, Notice, Receiver
from storage.engine.sqlite import SqliteDatabase
from storage.unit import Store
from tests.e2e.village import TOKEN
from tests.faults.system_network import Wire
from tests.process import Bot

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from storage.unit import Unit
    from tests.e2e.village import Person
    from tests.faults.invariant_log import InvariantLog

SCALED = {"TELEGRAM__POLL_SECONDS": "1", "TELEGRAM__STALLED_AFTER": "PT2S"}
#: The longest pause of a bot that was sent away, and a little.
TAKES_OVER_S = CONFLICT_PAUSES[-1] * 1.2 + 4.0
pytestmark = pytest.mark.timeout(1200)


async def until(true: Callable[[], bool], *, within_s: float) -> float | None:
    """Wait until something is true; return after how many seconds, None when it did not come true in time."""
    started = time.monotonic()
    while not true():
        if time.monotonic() > started + within_s:
            return None
        await asyncio.sleep(0.02)
    return time.monotonic() - started


def heard(person: Person) -> int:
    """How many messages the bot has posted to somebody."""
    return sum(line.how == "said" for line in person.town.chats.of(person.id).by_bot())


async def answers(person: Person, text: str, *, within_s: float) -> tuple[float | None, int]:
    """Say something; return after how many seconds it was answered, and how many answers came in the second after that."""
    before = heard(person)
    await person.says(text, resting=False)
    seconds = await until(lambda: heard(person) > before, within_s=within_s)
    await until(lambda: heard(person) > before + 1, within_s=0.5)
    return seconds, heard(person) - before


# One database ---------------------------------------------------------------------------------------------------------


async def test_a_second_bot_on_one_database_refuses_and_the_first_goes_on(opens, invariant_log: InvariantLog) -> None:
    async with opens() as village:
        second = Bot(village.url, TOKEN, village.bot.folder, dict(village.bot.extra))
        async with asyncio.timeout(30):
            code, printed = await second.command("run")
        await village.villager.says("/me")
        invariant_log.ran("second bots on one database", 1, failed=int(code != 1))
        assert code == 1
        assert printed.strip() == "Another Tongxin is already running on town.db. Stop it first."
        village.villager.saw("老徐")


# One token ------------------------------------------------------------------------------------------------------------


async def test_two_bots_with_one_token_both_live_and_everybody_is_answered_once(opens, tmp_path: Path, invariant_log: InvariantLog) -> None:
    """Two databases, so that no lock stands between them: the server sends one away, who waits longer each time; nobody ends."""
    count = invariant_log.size(small=4, full=30)
    async with opens(limits=False, **SCALED) as village:
        village.fault_expected = True
        folder = tmp_path / "second"
        folder.mkdir()
        await village.bot.stop()
        shutil.copyfile(village.bot.database, folder / "town.db")
        second = Bot(village.url, TOKEN, folder, dict(village.bot.extra))
        await asyncio.gather(village.bot.run(), second.run())
        try:
            waits, copies = [], []
            for _ in range(count):
                seconds, answered = await answers(village.villager, "/me", within_s=20)
                waits.append(seconds if seconds is not None else 99.0)
                copies.append(answered)
            logs = [village.bot.log, second.log]
            alive = [bot.process is not None and bot.process.returncode is None for bot in (village.bot, second)]
            sent_away = [log.count("another_instance") for log in logs]
            takes_over = [
                await survives(survivor, other, village.villager) for survivor, other in ((village.bot, second), (second, village.bot))
            ]
        finally:
            await second.close()
        bad = sum(wait > 20 for wait in waits) + sum(number != 1 for number in copies) + alive.count(False)
        bad += sum(seconds >= TAKES_OVER_S for seconds in takes_over)
        invariant_log.ran(
            "reports to two bots with one token",
            count,
            failed=bad,
            sent_away=sum(sent_away),
            longest_s=round(max(waits), 1),
            take_over_s=round(max(takes_over), 1),
        )
        assert all(alive), "nobody ends"
        assert copies == [1] * count
        assert max(waits) < 20
        assert sum(sent_away)
        assert not any("Traceback" in log for log in logs)
        assert TOKEN not in "".join(logs)
        assert max(takes_over) < TAKES_OVER_S, "whoever was sent away takes over when the other is gone"


async def survives(survivor: Bot, other: Bot, person: Person) -> float:
    """Start a bot anew, let it send the other away, and kill it; return after how many seconds the one that was sent away answers."""
    if other.process is not None:
        await other.kill()
    if survivor.process is None:
        await survivor.run()
    before = survivor.log.count("another_instance")
    await other.run()
    assert await until(lambda: survivor.log.count("another_instance") > before, within_s=TAKES_OVER_S) is not None, "nobody was sent away"
    await other.kill()
    seconds, _ = await answers(person, "/me", within_s=TAKES_OVER_S)
    return seconds if seconds is not None else 99.0


@pytest.mark.exec
async def test_a_bot_that_was_killed_comes_back_at_once(opens, invariant_log: InvariantLog) -> None:
    """The dead bot's poll still hangs at the server: the new one takes over, and does not wait for it."""
    pairs = invariant_log.size(small=2, full=30)
    waits = []
    async with opens() as village:
        for _ in range(pairs):
            await village.bot.kill()
            await village.bot.run()
            seconds, copies = await answers(village.villager, "/me", within_s=20)
            waits.append(seconds if seconds is not None and copies == 1 else 99.0)
        invariant_log.ran("kills and starts", pairs, failed=sum(wait > 5 for wait in waits), longest_s=round(max(waits), 1))
        assert max(waits) < 5
        assert "another_instance" not in village.bot.log


# A poll that never ends -----------------------------------------------------------------------------------------------


async def post(unit: Unit, at: datetime, chat: int, number: int) -> None:
    """Put a message for somebody into the outbox, as any feature does."""
    notice = Notice(Receiver(Address("telegram", ChatId(chat)), "zh"), "system.parked", {"incident": f"W{number}"})
    await unit.outbox.put(notice, unique_key=f"wire:{number}", at=at)


async def test_a_poll_that_is_never_answered_is_given_up_and_other_work_goes_on(opens, invariant_log: InvariantLog) -> None:
    times = invariant_log.size(small=1, full=10)
    recovered, meanwhile = [], []
    async with opens(**SCALED) as village, Wire(httpx.URL(village.url).port or 0).running() as wire:
        village.fault_expected = True
        await village.bot.stop()
        village.bot.extra |= {"TONGXIN_TELEGRAM__BASE_URL": f"http://127.0.0.1:{wire.port}/bot"}
        await village.bot.run()
        store = Store(await SqliteDatabase.open(village.bot.database))
        try:
            for number in range(times):
                assert await until(lambda: wire.carrying(b"getUpdates") > 0, within_s=10) is not None
                assert wire.silence(b"getUpdates")
                told = heard(village.neighbour)
                await store.transact(partial(post, at=village.now, chat=village.neighbour.id, number=number))
                seconds, _ = await answers(village.villager, "/me", within_s=20)
                recovered.append(seconds if seconds is not None else 99.0)
                meanwhile.append(heard(village.neighbour) > told)
        finally:
            await store.close()
        bad = sum(seconds > 6 for seconds in recovered) + meanwhile.count(False)
        invariant_log.ran("polls that are never answered", times, failed=bad, longest_s=round(max(recovered), 1))
        assert all(meanwhile), "a message left while the poll hung"
        assert max(recovered) < 6, "within the configured two seconds, and a little"
        assert max(recovered) > 0.5, "the wire was silent"
        log = [json.loads(line) for line in village.bot.log.splitlines() if line.startswith("{")]
        assert any(line["event"] == "poll_failed" for line in log)


async def test_a_poll_without_an_end_of_its_own_would_be_found(opens, invariant_log: InvariantLog) -> None:
    """The same, and nobody gives the poll up: the harness sees that the villager waits."""
    async with (
        opens(TELEGRAM__POLL_SECONDS="1", TELEGRAM__STALLED_AFTER="PT1H") as village,
        Wire(httpx.URL(village.url).port or 0).running() as wire,
    ):
        village.fault_expected = True
        await village.bot.stop()
        village.bot.extra |= {"TONGXIN_TELEGRAM__BASE_URL": f"http://127.0.0.1:{wire.port}/bot"}
        await village.bot.run()
        assert await until(lambda: wire.carrying(b"getUpdates") > 0, within_s=10) is not None
        wire.silence(b"getUpdates")
        seconds, _ = await answers(village.villager, "/me", within_s=6)
        invariant_log.mutant("a poll that is never answered is waited for", found=seconds is None, after="6 s")
        assert seconds is None


# A webhook that somebody set ------------------------------------------------------------------------------------------


async def test_a_webhook_that_somebody_set_is_removed_and_told(opens, invariant_log: InvariantLog) -> None:
    times = invariant_log.size(small=1, full=5)
    waits = []
    async with opens(**SCALED) as village:
        village.fault_expected = True
        for number in range(times):
            async with httpx.AsyncClient() as stranger:
                answer = await stranger.post(f"{village.url}/bot{TOKEN}/setWebhook", json={"url": "http://127.0.0.1:9/elsewhere"})
            assert answer.json()["ok"], answer.text
            seconds, copies = await answers(village.villager, "/me", within_s=20)
            waits.append(seconds if seconds is not None and copies == 1 else 99.0)
            assert village.bot.log.count("webhook_in_the_way") >= number + 1
        invariant_log.ran("webhooks in the way", times, failed=sum(wait > 15 for wait in waits), longest_s=round(max(waits), 1))
        assert max(waits) < 15
        assert TOKEN not in village.bot.log
