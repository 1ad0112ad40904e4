"""The question whether a case is really solved ends with a person."""

from __future__ import annotations

import pytest

from tests.handlers.cases.test_moves import Street, opens, stored, street

__all__ = ["street"]


@pytest.fixture
async def ended(street: Street) -> Street:
    await opens(street, street.villager)
    await street.chair.says("/accept 1001")
    await street.chair.says("/settle 1001 双方让一步")
    await street.look()
    return street


def asked(street: Street):
    async def count() -> int:
        return sum(message.key == "escalation.follow_up.to_reporter" for message in await street.villager.heard())

    return count()


async def test_silent_reporter_is_asked_twice_then_visited_and_then_the_leader_hears(ended):
    await ended.harness.time_passes(days=7, hours=1)
    assert await asked(ended) == 1
    await ended.harness.time_passes(days=3)
    assert await asked(ended) == 2
    assert "回访" not in await ended.chair.new()
    await ended.harness.time_passes(days=3)
    assert await asked(ended) == 2
    assert "问了报事人两次，都没有回答" in await ended.chair.new()
    assert "回访" not in await ended.leader.new()
    await ended.harness.time_passes(days=3)
    assert "王主任也没记回访" in await ended.leader.new()
    await ended.harness.time_passes(days=60)
    assert "回访" not in await ended.leader.new()


async def test_visit_is_recorded_by_a_tap_and_told_to_the_reporter(ended):
    await ended.harness.time_passes(days=14)
    await ended.villager.new()
    await ended.chair.presses("问过了，解决了")
    assert "王主任记下：问过你了，已经解决" in await ended.villager.new()
    await ended.harness.time_passes(days=30)
    assert "回访" not in await ended.leader.new()
    await ended.chair.says("/case 1001")
    assert "王主任回访，已解决" in await ended.chair.new()


@pytest.mark.parametrize("how", ["解决了", "没解决", "words"])
async def test_answer_ends_the_question(ended, how):
    await ended.harness.time_passes(days=7, hours=1)
    if how == "words":
        await ended.villager.says("/note 1001 墙还没拆完")
    else:
        await ended.villager.presses(how)
        await ended.villager.says("墙又砌起来了") if how == "没解决" else None
    assert (await stored(ended)).ended is (how != "没解决")
    await ended.harness.time_passes(days=20)
    assert await asked(ended) == 1
    for who in (ended.chair, ended.leader):
        assert "该回访" not in await who.new()
        assert "没人回访" not in await who.new()


async def test_only_a_handler_records_a_visit(ended):
    await ended.harness.time_passes(days=14)
    for who in (ended.villager, ended.secretary, ended.other_chair, ended.stranger):
        await who.presses_raw("c.vis", 1001)
    assert "已经解决" not in await ended.villager.new()
