"""Telegram's own limits, as the sandbox keeps them.

A broadcast to many stays within them, and an alert does not wait behind it.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING

import pytest

from sandbox.world.user_actions.people import add_user

if TYPE_CHECKING:
    from tests.e2e.village import Village

TELEGRAMS_PACE = {
    "DELIVERY__PER_SECOND": "28",
    "DELIVERY__CHAT_PER_SECOND": "1",
    "DELIVERY__CHAT_BURST": "3",
    "DELIVERY__GROUP_PER_MINUTE": "19",
    "LIMITS__TEXTS_PER_MINUTE": "10000",
}


pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def crowd(request: pytest.FixtureRequest) -> int:
    """Number of villagers who want tips."""
    return 300 if request.config.getoption("--faults-size") == "full" else 150


async def people_join(village: Village, count: int) -> None:
    """Let so many villagers join 上徐村 while no limit holds."""
    for each in range(700_000, 700_000 + count):
        add_user(village.world, {"id": each, "first_name": f"村民{each}", "language_code": "zh-hans"})
        await village.does(None, "messages", resting=False, user=each, chat=each, text="/start 上徐村")
    await village.rest(within_s=60)
    for label in ("同意并加入", "要，发给我"):
        for each in range(700_000, 700_000 + count):
            key = next(key for _, key in village.chats.of(each).buttons() if label in key.label)
            await village.does(None, "presses", resting=False, user=each, chat=each, message_id=key.message_id, data=key.data)
        await village.rest(within_s=60)


def refusals(village: Village) -> int:
    """Return how often the server answered 429."""
    return sum(event["kind"] == "call" and event["status"] == 429 for event in village.world.events.after(0))


def received(village: Village, words: str) -> int:
    """Return in how many private chats these words appear."""
    return sum(any(words in line.text for line in chat.by_bot()) for chat in village.chats.all() if chat.id > 0)


async def test_alert_is_delivered_first_when_broadcast_is_queued(opens, crowd, capsys, invariant_log):
    with invariant_log.trial("an alert in the middle of a broadcast"):
        async with opens() as village:
            await people_join(village, crowd)
            await village.neighbour.presses("要，发给我")
            await village.bot.stop()
            village.bot.extra |= {f"TONGXIN_{name}": value for name, value in TELEGRAMS_PACE.items()}
            await village.bot.run()
            village.world.limits.change({"enabled": True})

            await village.officer.says("/tip 1", resting=False)
            await shows(village, village.officer, "还没发出")
            await village.officer.presses("村民", resting=False)
            await shows(village, village.officer, "位想收的村民")
            everybody = int(re.findall(r"(\d+) 位想收的村民", village.officer.play())[-1])
            assert everybody >= crowd
            started = time.monotonic()
            await village.officer.presses("确认发送", resting=False)
            await shows(village, village.neighbour, "刷单返利", within_s=60)
            await asyncio.sleep(2)
            before = received(village, "刷单返利")
            assert 20 < before < crowd / 2, f"the broadcast is not in the middle: {before}"

            asked = time.monotonic()
            await village.leader.says("/alert 橙 下李村 水库要泄洪，马上离开河边", resting=False)
            await shows(village, village.leader, "还没有发出")
            await village.leader.presses("🚨 发送", resting=False)
            await shows(village, village.other_chair, "水库要泄洪")
            await shows(village, village.far_villager, "水库要泄洪")
            alerted = time.monotonic() - asked
            overtaken = everybody - received(village, "刷单返利")
            assert overtaken > crowd / 3, f"only {overtaken} were still waiting"
            assert alerted < 5

            while received(village, "刷单返利") < everybody:
                assert time.monotonic() < started + 90, f"{received(village, '刷单返利')} of {everybody}"
                await asyncio.sleep(0.2)
            seconds = time.monotonic() - started
            rate = everybody / seconds
            with capsys.disabled():
                print(  # noqa: T201 - the figures are the point of this test
                    f"\n  {everybody} tips in {seconds:.0f} s ({rate:.0f} a second), {refusals(village)} refusals;"
                    f" an alert in the middle of it took {alerted:.2f} s, from its line to the last phone, over {overtaken} waiting tips"
                )
            await village.rest(within_s=30)  # the preview counts as received, so one message may be on its way
            assert rate < 31
            assert refusals(village) == 0
            copies = [
                sum("刷单返利" in line.text for line in chat.by_bot()) for chat in village.chats.all() if 700_000 <= chat.id < 800_000
            ]
            assert set(copies) == {1}


@pytest.mark.exec
async def test_others_are_served_when_one_chat_sends_many_requests(opens, invariant_log):
    with invariant_log.trial("a chat that asks much"):
        async with opens(limits=True, **TELEGRAMS_PACE) as village:
            for _ in range(8):
                await village.villager.says("/me", resting=False)
            asked = time.monotonic()
            await village.neighbour.says("/me", resting=False)
            await shows(village, village.neighbour, "称呼：阿珍")
            assert time.monotonic() - asked < 2
            while sum("称呼：老徐" in line.text for line in village.chats.of(village.villager.id).by_bot()) < 8:
                assert time.monotonic() < asked + 30
                await asyncio.sleep(0.1)
            assert refusals(village) == 0


async def test_all_messages_arrive_when_server_throttles(opens, invariant_log):
    """The server is stricter than we think: it says 429, and everything arrives after all."""
    with invariant_log.trial("a town on a strict server"):
        async with opens(limits=True, LIMITS__TEXTS_PER_MINUTE="10000", comes=False) as village:
            people = (village.villager, village.neighbour, village.teacher, village.stranger, village.newcomer)
            for person in people:
                for _ in range(8):
                    await person.says("/start", resting=False)
            until = time.monotonic() + 40
            while any(sum(line.how == "said" for line in village.chats.of(person.id).by_bot()) < 8 for person in people):
                assert time.monotonic() < until, village.play()[-3000:]
                await asyncio.sleep(0.1)
            assert refusals(village) > 0
            assert all(sum(line.how == "said" for line in village.chats.of(person.id).by_bot()) == 8 for person in people)


async def shows(village: Village, person: object, words: str, *, within_s: float = 10) -> None:
    """Wait until a person's chat shows these words now."""
    until = time.monotonic() + within_s
    while True:
        try:
            person.has(words)  # type: ignore[attr-defined]
        except AssertionError:
            assert time.monotonic() < until, person.play()  # type: ignore[attr-defined]
            await asyncio.sleep(0.02)
        else:
            return
