"""The double itself: the process runs, people meet it, and what is seen is what was said."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.exec


async def test_a_stranger_is_asked_for_the_village(empty_village):
    await empty_village.stranger.taps_start()
    empty_village.stranger.saw("你是哪个村的")
    empty_village.nobody_else_heard()


async def test_what_was_seen_once_is_not_seen_again_in_the_next_scene(empty_village):
    await empty_village.stranger.taps_start()
    empty_village.stranger.saw("你好")
    empty_village.stranger.saw("二维码")
    empty_village.begin()
    with pytest.raises(AssertionError, match="nothing new since the last look"):
        empty_village.stranger.saw("你好")


async def test_a_press_brings_its_answer(empty_village):
    await empty_village.stranger.taps_start()
    await empty_village.stranger.presses("选我的村")
    empty_village.stranger.saw("选你的村", "上徐村")


async def test_the_bots_clock_follows_the_town(empty_village):
    before = empty_village.now
    await empty_village.time_passes(hours=25)
    figures = await empty_village.bot.health()
    assert figures is not None
    assert figures["now"][:13] > before.isoformat()[:13]


async def test_everybody_is_there(village):
    village.villager.has("上徐村")
    village.chair.heard_nothing()
    village.nobody_else_heard()
