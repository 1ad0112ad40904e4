"""Opinions on the service: read and answered by leaders, erased with their author."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from domain.people.people import Leave, Role
from handlers.core.context import HandlerContext
from tests.handler_harness import HandlerHarness, Voice

WORDS = "民警三天没回我电话"


def refused(ctx: HandlerContext) -> str:
    """Return the key of the toast that answered a press."""
    assert ctx.toasted is not None
    return ctx.toasted.key


@dataclass
class Place:
    harness: HandlerHarness
    villager: Voice
    chair: Voice
    officer: Voice
    leader: Voice


@pytest.fixture
async def place(harness: HandlerHarness) -> Place:
    return Place(
        harness,
        await harness.person("徐三", Role.VILLAGER, "上徐村"),
        await harness.person("王主任", Role.CHAIR, "上徐村"),
        await harness.person("张警官", Role.OFFICER, "上徐村"),
        await harness.person("周所长", Role.LEADER),
    )


async def write(place: Place, topic: str = "民警") -> None:
    await place.villager.says("我有意见")
    await place.villager.presses(topic)
    await place.villager.says(WORDS)


async def test_opinion_reaches_the_leader_and_nobody_it_is_about(place: Place):
    await write(place)
    assert WORDS in await place.leader.new()
    for other in (place.chair, place.officer):
        assert WORDS not in await other.new()
        assert refused(await other.presses_raw("fb.wd", 1)) == "refused.not_found"
    await place.leader.presses("答复")
    await place.leader.says("对不起，已经提醒他今天回您")
    assert "已经提醒他今天回您" in await place.villager.new()
    assert refused(await place.leader.presses_raw("fb.ans", 1)) == "opinion.is.answered"


async def test_deputy_of_the_leader_does_not_read_what_is_about_their_own_post(place: Place):
    async def lend(unit):
        assert place.leader.person_id is not None
        assert place.officer.person_id is not None
        leave = Leave(place.leader.person_id, place.officer.person_id, place.harness.at, place.harness.at + timedelta(days=2))
        await unit.directory.add_leave(leave, at=place.harness.at)

    await place.harness.store.transact(lend)
    await write(place)
    assert WORDS not in await place.officer.new()
    await write(place, "这个服务")
    assert WORDS in await place.officer.new()


async def test_leader_is_asked_again_and_lists_what_waits(place: Place):
    await write(place)
    await place.leader.new()
    await place.harness.time_passes(days=3, seconds=1)
    assert WORDS in await place.leader.new()
    await place.leader.says("/feedback")
    assert WORDS in await place.leader.new()
    await place.villager.presses("撤回")
    await place.leader.says("/feedback")
    assert "没有等答复" in await place.leader.new()


async def test_opinion_on_a_leader_is_not_taken(place: Place):
    await place.villager.says("/feedback 所长收礼")
    await place.villager.presses("所领导")
    assert "12389" in await place.villager.new()
    assert "所长收礼" not in await place.leader.new()


async def test_words_of_an_erased_author_are_gone_and_the_opinion_is_over(place: Place):
    await write(place)
    await place.villager.says("/forget")
    await place.villager.presses("删除")
    row = await place.harness.store.transact(lambda unit: unit.transaction.fetch_one("SELECT text, state FROM opinions"))
    assert row is not None
    assert (row["text"], row["state"]) == ("", "withdrawn")


async def test_sixth_opinion_of_a_day_is_refused(place: Place):
    for _ in range(6):
        await write(place)
    count = await place.harness.store.transact(lambda unit: unit.transaction.fetch_one("SELECT COUNT(*) AS n FROM opinions"))
    assert count is not None
    assert count["n"] == 5
