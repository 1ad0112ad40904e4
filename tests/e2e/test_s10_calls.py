"""S10, calls for help: from plain words to the people who come, for anybody.

Each play kills the process in the middle.
"""

from __future__ import annotations

import re

FIRE = "我在下李村，着火了！老祠堂这边"
#: Words that must not be read on the phone of somebody who is beaten at home.
TELLING = ("打我", "家暴", "动手", "求助", "民警", "警官", "派出所", "危险")


async def is_killed_and_back(village):
    """Kill the process and start it again."""
    await village.bot.kill()
    await village.bot.run()
    await village.settle()


async def test_stranger_with_a_fire_is_helped_without_joining_and_through_a_crash(village):
    await village.stranger.says(FIRE)
    village.stranger.saw("先打电话", "110", "119", "120", "下李村 · 马上求助")
    village.nobody_else_heard()
    await village.stranger.sends_photo("楼上有人")
    await village.stranger.presses("下李村 · 马上求助", resting=False)
    await is_killed_and_back(village)
    await village.stranger.sees("收到，编号")
    card = await village.other_chair.sees("着火", "未登记的人", "📷 1")
    assert "楼上有人" in card.text
    await village.officer.sees("着火")
    await village.duty.sees("着火")
    village.chair.never_saw("着火")
    await village.stranger.shares_location()
    await village.stranger.says("出不来了，火在楼梯上")
    village.duty.saw("火在楼梯上")
    await village.other_chair.presses("我过去")
    village.stranger.saw("马上过去")
    await village.stranger.presses("登记（以后再说）")
    await village.stranger.presses("同意并加入")
    village.stranger.saw("下李村")


async def test_fraud_in_progress_reaches_the_police_at_night_and_through_a_crash(village):
    await village.time_comes("23:30")
    await village.villager.says("我刚给骗子转了五万块钱")
    village.villager.saw("现在就打", "110", "已经转了", "还没转")
    village.nobody_else_heard()
    await village.villager.presses("已经转了", resting=False)
    await is_killed_and_back(village)
    await village.officer.sees("五万", "正在被骗钱")
    await village.duty.sees("五万")
    village.chair.never_saw("五万")
    await village.villager.presses("刚刚")
    await village.villager.says("五万")
    await village.villager.says("工行 6222021234567890123")
    village.duty.saw("后四位：0123")
    village.duty.never_saw("6222021234567890123")
    assert "6222021234567890123" in await village.duty.presses("看对方账号")


async def test_violence_at_home_is_called_silently_and_the_chat_is_cleared(village):
    said = [await village.villager.says("我老公打我，流血了")]
    begun = village.villager.saw("📦", "12110", "寄出").message_id
    await village.villager.presses("寄出", resting=False)
    await is_killed_and_back(village)
    await village.officer.sees("打我")
    await village.duty.sees("打我")
    village.chair.never_saw("打我")
    said.append(await village.villager.says("他去厨房了"))
    village.duty.saw("他去厨房了")
    await village.officer.presses("我过去")
    village.villager.saw("📦", "在路上了")
    lines = [line for line in village.chats.of(village.villager.id).by_bot(village.villager.opened) if line.how != "deleted"]
    shown = [f"{line.text} {' '.join(line.buttons)}" for line in lines if line.message_id >= begun]
    assert not [each for each in shown if re.search("|".join(TELLING), each)], village.villager.play()
    chat = village.chats.of(village.villager.id)
    mine = [number for number, message in chat.shows.items() if number >= begun and message.get("from", {}).get("is_bot")]
    assert mine == [begun]  # one living message
    await village.villager.presses("清空这段聊天")
    left = village.chats.of(village.villager.id).shows
    assert not {begun, *said} & set(left), village.villager.play()


async def test_call_pressed_during_an_outage_is_asked_about_first(village):
    await village.villager.presses("🆘 紧急求助")
    await village.bot.stop()
    await village.villager.presses("起火", resting=False)
    await village.time_passes(minutes=40, resting=False)
    await village.bot.run()
    await village.settle()
    await village.villager.sees("还需要帮忙吗", "110", "119", "120")
    await village.duty.sees("求助晚到了", "老徐")
    village.chair.heard_nothing()
    await village.villager.presses("还需要")
    village.chair.saw("起火")


async def test_call_written_during_an_outage_is_asked_about_first(village):
    await village.bot.stop()
    await village.villager.says("家里着火了", resting=False)
    await village.time_passes(minutes=40, resting=False)
    await village.bot.run()
    await village.settle()
    await village.villager.sees("还需要帮忙吗", "110", "119", "120")
    await village.duty.sees("求助晚到了", "家里着火了")
    await village.villager.presses("不用了")
    village.chair.heard_nothing()


async def test_words_of_farewell_bring_the_police_and_nobody_of_the_village(village):
    await village.villager.says("我不想活了，药就在手边")
    village.villager.saw("你现在安全吗", "110", "120", "12356", "不告诉村里人")
    village.nobody_else_heard()
    await village.villager.presses("请民警来陪我", resting=False)
    await is_killed_and_back(village)
    await village.officer.sees("我不想活了")
    await village.duty.sees("我不想活了")
    await village.time_passes(minutes=12)
    for who in (village.chair, village.secretary, village.member, village.admin):
        who.never_saw("不想活")
    await village.officer.presses("我过去")
    village.villager.saw("马上过去")


async def test_chair_who_collapsed_is_no_accusation(village):
    await village.villager.says("王主任晕倒了，叫不醒")
    village.villager.saw("120")
    await village.villager.presses("告诉民警和主任", resting=False)
    await is_killed_and_back(village)
    for who in (village.chair, village.officer, village.duty):
        await who.sees("王主任晕倒了")
    village.villager.saw("心肺复苏")
    await village.officer.presses("我过去")
    village.villager.saw("马上过去")


async def test_prank_is_called_off_for_everybody_through_a_crash(village):
    await village.villager.says("/sos 着火了")
    await village.chair.sees("着火了")
    await village.villager.presses("误触", resting=False)
    await is_killed_and_back(village)
    for who in (village.chair, village.officer, village.duty, village.leader):
        await who.sees("不用去了")
    village.everybody_looks()
    await village.time_passes(hours=1)
    village.duty.heard_nothing()
    await village.villager.says("/sos 真的着火了")
    await village.chair.sees("真的着火了")
