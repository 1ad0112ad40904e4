"""Two channels, neither named telegram: messages reach each person on their own channel.

One person has two addresses; a channel may be away or removed.
"""

from __future__ import annotations

import asyncio
import time

from sandbox.world.user_actions.people import add_user
from tests.e2e.village import Person

CHANNELS = "two"
ENGINES = ("sqlite", "postgres")
QUARREL = "邻居砌墙占了我家的路"
TYPHOON = "台风今晚登陆，请关好门窗"


async def test_report_is_settled_by_leader_on_another_channel_when_case_escalates(village):
    await village.villager.says(QUARREL)
    await village.villager.presses("报上去")
    number = village.villager.number()
    village.chair.saw("新纠纷", str(number), "受理")
    await village.chair.presses("受理")
    village.villager.saw("王主任已受理")
    village.everybody_looks()

    await village.chair.blocks_the_bot()
    await village.officer.blocks_the_bot()
    await village.time_passes(days=8)
    village.leader.saw(str(number), "我来处理")
    assert village.leader.id in village.western
    await village.leader.presses("我来处理")
    village.villager.saw("民警陈所长已经接手")
    await village.leader.presses("调解成功")
    await village.leader.says("墙拆了，路让出来了")
    village.villager.saw("✅", "调解成功", "路让出来了")


async def test_alert_board_is_updated_when_chairs_of_two_channels_confirm(village):
    await village.leader.says("/alert 橙色 上徐村、石门村 " + TYPHOON)
    await village.leader.presses("🚨 发送")
    village.chair.saw("橙色预警", TYPHOON, "收到")
    village.far_chair.saw("橙色预警", TYPHOON, "收到")
    village.villager.saw(TYPHOON)
    village.second_member.saw(TYPHOON)
    await village.time_passes(seconds=15)
    village.leader.saw("发往 2 个村", "2 个村未确认：上徐村", "石门村")
    await village.chair.presses("收到")
    await village.chair.presses("✅ 全村已通知到")
    village.leader.has("✅ 1 全村已通知到", "未确认：石门村")
    await village.far_chair.presses("收到")
    village.leader.has("✅ 1 全村已通知到", "👌 1 收到")


async def also_in_the_east(village) -> Person:
    """Let the leader redeem a code on the first channel: a second address of the person."""
    second = Person(village, 400012, "陈立新（东）")
    add_user(village.world, {"id": second.id, "first_name": "陈立新", "language_code": "zh-hans"})
    village.people["leader_east"] = second
    await village.leader.says("/me")
    await village.leader.presses("加一个聊天软件")
    line = village.leader.saw("https://west.example/tongxin_bot?start=i")
    code = line.text.split("?start=i")[1].split()[0]
    await second.taps_start(f"i{code}")
    await second.presses("同意，我来担任")
    village.leader.saw("东渠道", "不是你本人")
    village.everybody_looks()
    return second


async def test_message_goes_to_second_address_of_person_when_first_is_blocked(village):
    second = await also_in_the_east(village)
    await village.chair.blocks_the_bot()
    await village.officer.blocks_the_bot()
    await village.duty.blocks_the_bot()
    assert second.id not in village.western
    village.world.persons[second.id].blocked = True  # their last address is blocked, and the bot does not know it yet
    await village.villager.says(QUARREL)
    await village.villager.presses("报上去")
    number = village.villager.number()
    village.leader.saw(str(number), "我来处理")
    village.nobody_else_heard()

    village.west.persons[village.leader.id].blocked = True
    await village.neighbour.says("隔壁半夜打麻将吵得睡不着")
    await village.neighbour.presses("报上去")
    village.admin.saw(str(village.neighbour.number()), "内容不在这里显示")


async def test_urgent_report_reaches_every_address_of_person(village):
    second = await also_in_the_east(village)
    await village.chair.blocks_the_bot()
    await village.officer.blocks_the_bot()
    await village.duty.blocks_the_bot()
    village.everybody_looks()
    await village.far_officer.says("/alert 红色 石门村 " + TYPHOON)
    await village.far_officer.presses("🚨 发送")
    village.far_chair.saw("红色预警")
    await village.villager.says("/sos 家里着火了，有人困在里面")
    village.leader.saw("着火")
    second.saw("着火")


async def test_channel_works_when_other_channel_is_down(opens):
    async with opens(comes=False) as village:
        await village.rest()
        await village.joins(village.villager, "上徐村")
        village.west.faults.down = True
        await village.bot.stop()
        started = time.monotonic()
        await village.bot.run()
        assert time.monotonic() - started < 20
        await village.villager.says(QUARREL, resting=False)
        while not any("收到" in line.text or "要帮你报" in line.text for line in village.chats.of(village.villager.id).by_bot()):
            assert time.monotonic() - started < 25, village.play()
            await asyncio.sleep(0.05)
        village.west.faults.down = False
        await village.stranger.says("/start 上徐村", resting=False)
        await village.stranger.sees("上徐村", within_s=40)


async def test_message_waits_and_is_reported_when_channel_is_removed(village):
    await village.bot.stop()
    settings = village.bot.extra["TONGXIN_CHANNELS"]
    village.bot.extra["TONGXIN_CHANNELS"] = settings.replace('"west"', '"vest"')
    village.bot.extra["TONGXIN_ADMINS"] = '["vest:900001"]'
    await village.bot.run()
    await village.chair.blocks_the_bot()
    await village.officer.blocks_the_bot()
    await village.duty.blocks_the_bot()
    await village.villager.says(QUARREL)
    await village.villager.presses("报上去")
    figures = await village.bot.health()
    assert figures["stranded"] > 0
    assert "stranded" in figures["worries"]
    code, printed = await village.bot.command("check")
    assert code == 1
    assert "the channel west, which is not set up" in printed

    await village.bot.stop()
    village.bot.extra["TONGXIN_CHANNELS"] = settings
    village.bot.extra["TONGXIN_ADMINS"] = '["west:900001"]'
    village.begin()
    await village.bot.run()
    await village.leader.sees("我来处理", within_s=20)
    await village.rest()
    assert (await village.bot.health())["stranded"] == 0
