"""On the way: a question every ten minutes, 到了 as button and word, and no answer."""

from __future__ import annotations

import pytest


@pytest.fixture
async def taken(town_at_night):
    await town_at_night.xu.says("/sos 我爸胸口痛，喘不上气")
    await town_at_night.chair.presses("我过去")
    for who in (town_at_night.chair, town_at_night.officer, town_at_night.duty, town_at_night.xu):
        await who.new()
    return town_at_night


async def questions(town) -> int:
    return len([heard for heard in await town.chair.heard() if heard.key == "scene.arrival.question"])


async def test_assignee_is_asked_every_ten_minutes_until_they_arrive(taken):
    await taken.time_passes(minutes=21)
    assert await questions(taken) == 2
    await taken.chair.presses("到了")
    assert "王主任到了" in await taken.officer.new()
    assert "王主任说到了" in await taken.xu.new()
    await taken.time_passes(hours=2)
    assert await questions(taken) == 2


@pytest.mark.parametrize("words", ["到了", "我到了。", "已到现场", "到达", "I'm here"])
async def test_arrival_can_be_said_in_words(taken, words):
    await taken.chair.says(words)
    assert "王主任到了" in await taken.officer.new()
    await taken.time_passes(hours=1)
    assert await questions(taken) == 0


async def test_words_of_arrival_mean_nothing_without_a_call(town_at_night):
    await town_at_night.chair.says("到了")
    assert "1001" not in await town_at_night.chair.new()


async def test_police_learn_when_the_assignee_does_not_answer(taken):
    await taken.time_passes(minutes=29)
    assert "没说到了没有" not in await taken.duty.new()
    await taken.time_passes(minutes=2)
    assert "没说到了没有" in await taken.duty.new()


async def test_questions_without_an_answer_become_rarer(taken):
    await taken.time_passes(hours=1)
    first_hour = await questions(taken)
    await taken.time_passes(hours=23)
    assert (first_hour, await questions(taken)) == (6, 10)  # after 1, 2, 4, 8 and 16 hours


async def test_no_question_follows_when_the_case_is_over(taken):
    await taken.xu.presses("误触")
    await taken.time_passes(hours=1)
    assert await questions(taken) == 0


async def test_questions_missed_while_the_bot_was_down_are_one(taken):
    from datetime import timedelta

    taken.at += timedelta(hours=3)
    await taken.time_passes(seconds=1)
    assert await questions(taken) == 1


async def test_somebody_else_cannot_say_that_they_arrived(taken):
    await taken.xu.presses_raw("c.arr", 1001)
    await taken.other_officer.presses_raw("c.arr", 1001)
    await taken.time_passes(minutes=11)
    assert await questions(taken) == 1
