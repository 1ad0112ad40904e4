"""Two bots with one token or one database, an endless poll, a foreign webhook.

One bot goes on, and says what is wrong.
"""

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
#: The longest pause of a bot that was sent away, with a margin.
TAKES_OVER_S = CONFLICT_PAUSES[-1] * 1.2 + 4.0
pytestmark = pytest.mark.timeout(1200)


async def until(true: Callable[[], bool], *, within_s: float) -> float | None:
    """Wait until something is true; return the seconds, or None if it took too long."""
    started = time.monotonic()
    while not true():
        if time.monotonic() > started + within_s:
            return None
        await asyncio.sleep(0.02)
    return time.monotonic() - started


def heard(person: Person) -> int:
    """Return how many messages the bot has posted to a person."""
    return sum(line.how == "said" for line in person.town.chats.of(person.id).by_bot())


async def answers(person: Person, text: str, *, within_s: float) -> tuple[float | None, int]:
    """Say something; return (seconds until the answer, answers within the second after it)."""
    before = heard(person)
    await person.says(text, resting=False)
    seconds = await until(lambda: heard(person) > before, within_s=within_s)
    await until(lambda: heard(person) > before + 1, within_s=0.5)
    return seconds, heard(person) - before


# One database ---------------------------------------------------------------------------------------------------------


async def test_second_bot_refuses_to_start_when_database_is_in_use(opens, invariant_log: InvariantLog) -> None:
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


async def test_messages_are_answered_once_when_two_bots_share_a_token(opens, tmp_path: Path, invariant_log: InvariantLog) -> None:
    """Two databases, so that no lock is between them.

    The server sends one bot away, which waits longer each time; neither process ends.
    """
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
    """Start a bot, let it send the other away, kill it; return the other's time to an answer.

    The time is in seconds.
    """
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
async def test_bot_answers_within_five_seconds_when_restarted_after_a_kill(opens, invariant_log: InvariantLog) -> None:
    """The dead bot's poll still hangs at the server; the new bot does not wait for it."""
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


async def test_poll_is_abandoned_and_other_work_continues_when_unanswered(opens, invariant_log: InvariantLog) -> None:
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


async def test_message_stays_unanswered_when_poll_has_no_timeout(opens, invariant_log: InvariantLog) -> None:
    """The poll is never abandoned: the harness sees that the villager waits."""
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


async def test_webhook_is_removed_and_logged_when_set_by_somebody_else(opens, invariant_log: InvariantLog) -> None:
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
