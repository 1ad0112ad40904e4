"""S6, anti-fraud tips: chosen, previewed, sent to groups and subscribers, scheduled.

Failed messages can be sent again.
"""

from __future__ import annotations

import pytest


async def binds(village):
    """Bind both villages to their groups."""
    await village.chair.says("/bind 上徐村", to=village.group)
    await village.other_chair.says("/bind 下李村", to=village.other_group)
    village.group.saw("上徐村", "村群")
    village.other_group.saw("下李村", "村群")
    village.everybody_looks()


async def picks(village, audience=""):
    """Choose a tip of the library as the officer."""
    await village.officer.says("/tip")
    await village.officer.presses("挑一条")
    village.officer.saw("刷单返利")
    await village.officer.presses("1", on="点号码")
    if audience:
        await village.officer.presses(audience)


async def test_tip_is_sent_to_groups_when_preview_is_confirmed(village):
    await binds(village)
    await picks(village)
    village.officer.saw("还没发出", "刷单返利", "2 个村群", "还没有村群", "东岭村")
    village.group.heard_nothing()

    await village.officer.presses("确认发送")
    village.group.saw("📣", "刷单返利", "96110")
    village.other_group.saw("📣", "刷单返利")
    village.villager.heard_nothing()
    await village.time_passes(seconds=30)
    village.officer.has("✅", "发完了", "2 / 2")
    await village.officer.presses("按村看回执")
    village.officer.has("上徐村", "群 1/1", "下李村")
    village.nobody_else_heard()


async def test_villager_gets_tips_only_when_they_asked_for_them(village):
    for wishes in (village.neighbour, village.far_villager):
        await wishes.presses("要，发给我")
        wishes.saw("会发给你")
    await village.villager.says("/tip")
    village.villager.saw("今天这条")
    await village.villager.presses("不要发")
    village.villager.saw("不再给你发")
    await picks(village, "村民")
    village.officer.saw("位想收的村民")
    await village.officer.presses("确认发送")
    village.neighbour.saw("刷单返利")
    village.far_villager.saw("刷单返利")
    village.villager.heard_nothing()

    await village.neighbour.presses("不要发")
    village.neighbour.saw("不再给你发")
    await picks(village, "村民")
    await village.officer.presses("确认发送")
    village.neighbour.heard_nothing()


async def test_resend_reaches_only_failed_groups(village):
    await binds(village)
    removed = {"action": "remove_bot", "by": village.other_chair.id}
    await village.does(None, f"groups/{village.other_group.id}/members", **removed)
    village.other_chair.saw("把我移出了")
    await picks(village)
    village.officer.saw("1 个村群")
    await village.officer.presses("不发了")

    await village.does(None, f"groups/{village.other_group.id}/members", action="add_bot", by=village.other_chair.id)
    await village.other_chair.says("/bind 下李村", to=village.other_group)
    await picks(village)
    village.fault_expected = True  # a message that Telegram refuses for an unknown reason is logged as an error
    await village.does(
        None, "faults", resting=False, mode="error", method="sendMessage", chat=village.other_group.id, error_code=400, times=2
    )
    await village.officer.presses("确认发送")
    await village.time_passes(minutes=2)
    await village.time_passes(minutes=2)
    village.officer.has("失败 1", "下李村群")
    village.everybody_looks()
    await village.officer.presses("重发失败的")
    village.other_group.saw("刷单返利")
    village.group.heard_nothing()


async def test_tip_is_resent_to_group_when_removed_bot_is_added_again(village):
    """The server reports no removal: the bot learns of it from the first refused message."""
    await binds(village)
    await picks(village)
    village.officer.saw("2 个村群")
    village.world.groups[village.other_group.id].bot = "kicked"
    await village.officer.presses("确认发送")
    village.group.saw("刷单返利")
    village.other_chair.saw("把我移出了", "/bind 下李村")
    await village.time_passes(seconds=30)
    village.officer.has("发完了", "1 / 2", "失败 1", "下李村")
    popped = await village.officer.presses("重发失败的")
    assert "还发不了" in popped

    await village.does(None, f"groups/{village.other_group.id}/members", action="add_bot", by=village.other_chair.id)
    await village.other_chair.says("/bind 下李村", to=village.other_group)
    village.everybody_looks()
    await village.officer.presses("重发失败的")
    village.other_group.saw("刷单返利")
    village.group.heard_nothing()
    await village.time_passes(seconds=30)
    village.officer.has("发完了", "2 / 2")
    village.officer.lacks_button("重发失败的")


async def test_scheduled_tip_is_sent_until_plan_is_paused(village):
    await binds(village)
    await village.officer.says("/tip")
    await village.officer.presses("定时发")
    await village.officer.presses("新的定时")
    await village.officer.presses("每周一 9:00")
    await village.officer.presses("村群")
    village.officer.saw("定好了", "下一次")
    village.everybody_looks()
    await village.time_passes(days=7)
    await village.time_passes(minutes=5)
    village.group.saw("📣")
    village.other_group.saw("📣")
    village.everybody_looks()

    await village.officer.says("/tip")
    await village.officer.presses("定时发")
    await village.officer.presses("暂停 1")
    village.officer.has("已暂停")
    await village.time_passes(days=8)
    village.group.heard_nothing()


async def test_scheduled_tip_is_sent_once_when_bot_was_down(village):
    await binds(village)
    await village.officer.says("/tip")
    await village.officer.presses("定时发")
    await village.officer.presses("新的定时")
    await village.officer.presses("每天 18:00")
    await village.officer.presses("村群")
    await village.time_comes("17:30")
    village.everybody_looks()
    await village.bot.kill()
    await village.time_passes(hours=2, resting=False)
    await village.bot.run()
    await village.settle()
    assert len([line for line in village.group.news() if "📣" in line.text]) == 1
    await village.bot.kill()
    await village.bot.run()
    await village.time_passes(minutes=30)
    village.group.heard_nothing()


async def test_custom_tip_is_signed_by_station(village):
    await binds(village)
    await village.officer.says("/tip 这几天有人冒充修煤气的上门，先看证件")
    village.officer.saw("还没发出", "冒充修煤气")
    await village.officer.presses("确认发送")
    village.group.saw("禾安派出所提醒", "冒充修煤气")
    village.group.never_saw("张伟")


async def test_group_is_bound_only_when_person_is_responsible_for_village(village):
    for who in (village.villager, village.member):
        await who.says("/bind 上徐村", to=village.group)
        village.group.saw("没有找到这个村，或者它不归你管")
        await village.time_passes(minutes=2)
    await village.other_chair.says("/bind 上徐村", to=village.other_group)
    village.other_group.saw("没有找到这个村，或者它不归你管")
    await village.officer.says("/bind 上徐村", to=village.group)
    village.group.saw("上徐村", "村群")


@pytest.mark.parametrize("who", ["villager", "chair", "member", "stranger", "admin"])
async def test_tip_is_not_sent_when_person_may_not_send(village, who):
    person = village.people[who]
    await person.says("/tip 1")
    person.did_not_see("还没发出", "确认发送")
    village.nobody_else_heard()
