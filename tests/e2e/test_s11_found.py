"""S11, lost and found: items are registered, kept by the right post and returned.

The finder gets a number and, after a day, a reminder. The feature is off by default.
"""

from __future__ import annotations

import pytest

from tests.engines import rows

ONE, TWO = "里面一张红色的照片", "拉链断了一个齿"


@pytest.fixture
async def village(opens):
    """Town with the lost-and-found feature."""
    async with opens(FEATURES__LOST_FOUND="true") as village:
        yield village


async def finds(who, what):
    """Register a found item."""
    await who.says(f"/found {what}")
    await who.says("村口车站")
    await who.says(ONE)
    await who.says(TWO)


async def test_found_umbrella_is_kept_by_chair_and_returned_to_its_owner(village):
    await finds(village.villager, "一把红伞")
    village.villager.saw("拾物 1 登记好了", "治保主任")
    village.chair.saw("🔎 拾物 1", "上徐村", "一把红伞", "老徐", "特征 2 处")
    village.nobody_else_heard()

    await village.neighbour.says("/lost 一把红伞")
    await village.neighbour.says("车站")
    village.neighbour.saw("失物 1 登记好了", "骗子")
    village.neighbour.saw("可能有人捡到了类似的东西")
    village.chair.saw("可能有人丢了拾物 1")
    village.nobody_else_heard()

    await village.chair.presses("东西收到")
    village.villager.saw("已经收到")
    village.chair.has("已经收到，等失主")
    await village.chair.presses("核对特征")
    village.chair.saw("别念给他听", ONE, TWO)
    await village.chair.says("/bind 上徐村", to=village.group)
    await village.chair.presses("发到村群")
    village.group.saw("有人捡到一把伞", "拾物 1")
    await village.neighbour.presses("是我的")
    await village.neighbour.says("一张照片")
    await village.neighbour.says("拉链少一个齿")
    village.chair.saw("有人认领拾物 1")
    await village.chair.presses("看他说的")
    village.chair.saw("一张照片", "拉链少一个齿")
    await village.chair.presses("对上了")
    village.neighbour.saw("交接码")
    ((code,),) = await rows(village.bot.database_url, "SELECT code FROM found_claims")
    await village.chair.presses("输入交接码")
    await village.chair.says(code)
    village.chair.saw("交到失主手里了")
    village.villager.saw("已经还给失主")
    village.chair.has("已经还给失主")
    village.group.saw("拾物 1：已经结束")
    village.group.never_saw("老徐", "村口车站", "红伞")
    village.nobody_else_heard()
    for phone in village.phones():
        if phone is not village.chair:
            phone.never_saw(ONE, TWO)
    assert await rows(village.bot.database_url, "SELECT state, detail_one FROM found_items") == [("returned", ONE)]
    said = str(await rows(village.bot.database_url, "SELECT params FROM outbox"))
    assert ONE not in said
    assert "拉链少一个齿" not in said


async def test_found_phone_is_shown_to_police_only_and_finder_is_reminded_after_a_day(village):
    await finds(village.villager, "一部手机")
    village.villager.saw("交到派出所或警务室", "治保主任看不到")
    village.officer.saw("拾物 1", "贵重物品", "一部手机")
    village.nobody_else_heard()
    village.everybody_looks()
    await village.time_passes(hours=24, minutes=1)
    village.villager.saw("请今天交到派出所")
    village.officer.saw("老徐 还没交来")
    await village.officer.presses("东西收到")
    village.villager.saw("已经收到", "张伟")
    village.chair.never_saw("手机")


async def test_finder_reads_emergency_number_first_when_item_is_dangerous_or_a_child(village):
    await village.villager.says("/found 一颗手榴弹")
    village.villager.saw("先打 110", "别碰")
    village.officer.saw("🔴 拾物 1", "危险物品")
    await village.villager.says("老祠堂后面")
    village.officer.saw("老祠堂后面")
    village.chair.heard_nothing()
    await village.neighbour.says("/found 一个迷路的小孩")
    village.neighbour.saw("先打电话", "110")
    await village.neighbour.presses("告诉民警和主任")
    for who in (village.chair, village.officer, village.duty):
        who.saw("迷路的小孩")


async def test_found_item_goes_to_officer_when_chair_blocked_the_bot(village):
    await village.chair.blocks_the_bot()
    await finds(village.villager, "一把红伞")
    village.villager.saw("已告诉社区民警")
    village.officer.saw("拾物 1", "一把红伞")
    await village.officer.presses("东西收到")
    village.villager.saw("已经收到")


async def test_found_and_lost_commands_are_unknown_when_feature_is_off(opens):
    async with opens() as village:
        await village.villager.says("/found 一把伞")
        village.villager.saw("没有这个命令：/found")
        await village.villager.says("/lost 一把伞")
        village.villager.saw("没有这个命令：/lost")
