"""Smoke tests of the village double: the process runs, and people read its messages."""

from __future__ import annotations

import pytest


@pytest.mark.exec
async def test_stranger_is_asked_for_village(empty_village):
    await empty_village.stranger.taps_start()
    empty_village.stranger.saw("你是哪个村的")
    empty_village.nobody_else_heard()


async def test_line_is_not_seen_again_when_next_scene_begins(empty_village):
    await empty_village.stranger.taps_start()
    empty_village.stranger.saw("你好")
    empty_village.stranger.saw("二维码")
    empty_village.begin()
    with pytest.raises(AssertionError, match="nothing new since the last look"):
        empty_village.stranger.saw("你好")


async def test_pressed_button_is_answered(empty_village):
    await empty_village.stranger.taps_start()
    await empty_village.stranger.presses("选我的村")
    empty_village.stranger.saw("选你的村", "上徐村")


async def test_clock_of_bot_follows_town(empty_village):
    before = empty_village.now
    await empty_village.time_passes(hours=25)
    figures = await empty_village.bot.health()
    assert figures is not None
    assert figures["now"][:13] > before.isoformat()[:13]


async def test_village_has_joined_villagers_and_nothing_unread(village):
    village.villager.has("上徐村")
    village.chair.heard_nothing()
    village.nobody_else_heard()
