"""S10, SOS: a call for help reaches everybody, in rounds, until a person says that they go."""

from __future__ import annotations


async def test_heart_attack_at_night_reaches_an_officer_when_the_chair_is_silent(village):
    await village.time_comes("03:00")
    await village.villager.says("/sos 我爸胸口痛，喘不上气", resting=False)
    await village.bot.kill()
    await village.bot.run()
    await village.settle()
    number = str(village.villager.number())
    for who in (village.chair, village.officer, village.duty, village.leader):
        who.saw("🆘", number, "胸口痛", "还没有人去", "我过去")
    village.villager.saw("已经发给", "王主任", "张警官", "再打 110")
    village.villager.saw("你在哪里", "发送我的位置")
    village.nobody_else_heard()

    await village.villager.shares_location(28.916612, 120.105533)
    for who in (village.chair, village.officer, village.duty, village.leader):
        who.saw("📍", number)
    village.villager.saw("位置收到，已经发给", "王主任")
    village.nobody_else_heard()

    await village.time_passes(seconds=90)
    for who in (village.chair, village.officer, village.duty, village.leader):
        who.saw("还没有人去", "我过去")
    for who in (village.member, village.second_member):  # the committee, with the second wave
        who.saw(number, "上徐村", "我过去")
        who.never_saw("胸口痛", "老徐", "28.91")
    village.nobody_else_heard()

    village.begin()
    await village.bot.kill()
    await village.time_passes(minutes=4, resting=False)
    await village.bot.run()
    await village.settle()
    village.villager.saw("还没有人接手", "再打一次 110")
    village.duty.saw("请值班室马上打", "王建国", "晚了")
    village.chair.saw("还没有人去")
    village.officer.saw("还没有人去")
    village.leader.saw("还没有人去")
    village.nobody_else_heard()

    await village.time_passes(minutes=5)
    for who in (village.far_officer, village.admin):
        who.saw(number, "上徐村", "到现在没有人回应")
        who.never_saw("胸口痛", "老徐", "28.91")
    for who in (village.officer, village.duty, village.leader, village.chair):
        who.news()
    village.nobody_else_heard()

    await village.officer.presses("我过去")
    village.villager.saw("张警官接到了，说马上过去")
    village.chair.saw("张警官说马上过去")
    village.far_officer.saw(number, "有人去了")
    village.everybody_looks()
    await village.time_passes(minutes=11)
    village.officer.saw("你到了吗", "到了")
    village.nobody_else_heard()
    await village.officer.says("到了")
    village.villager.saw("张警官说到了")
    village.everybody_looks()
    await village.time_passes(hours=2)
    village.officer.heard_nothing()

    await village.officer.says(f"/close {number} 120 送县医院了")
    village.officer.has("看位置")
    await village.time_passes(hours=25)
    await village.officer.says(f"/case {number}")
    assert "📍" not in village.officer.saw(number, "送县医院").text


async def test_mistake_is_told_to_everybody_called_and_ends_only_where_nobody_can_be_forced(village):
    await village.villager.says("/sos 着火了")
    await village.villager.presses("误触")
    for who in (village.chair, village.officer, village.duty, village.leader):
        who.saw("不用去了")
    village.villager.saw("没事就好")
    village.everybody_looks()
    await village.time_passes(hours=3)
    village.duty.heard_nothing()

    await village.neighbour.says("/sos 有人拿刀砍人")
    number = str(village.neighbour.number())
    await village.neighbour.presses("误触")
    village.neighbour.saw("民警跟你本人说过话才结束")
    village.chair.saw("民警会跟本人核实")
    await village.duty.presses("已联系上本人", on=number)
    village.neighbour.saw("已经跟你联系上", "结束了")
    village.chair.saw("不用去了")


async def becomes_volunteer(who) -> None:
    """Agree to be called, with a training of this year."""
    await who.says("/responder")
    await who.presses("我愿意")
    for answer in ("满了", "同意", "能"):
        await who.presses(answer)
    await who.says("2026-03")
    who.saw("开着")


async def test_volunteers_come_until_there_are_enough_and_stop_when_it_is_over(village):
    await becomes_volunteer(village.neighbour)
    await becomes_volunteer(village.far_villager)
    await village.time_passes(hours=25)  # nobody is called on the first day of an account
    village.everybody_looks()
    await village.villager.says("/sos 我爸胸口痛，喘不上气，桥头三号", resting=False)
    await village.bot.kill()
    await village.bot.run()
    await village.settle()
    number = str(village.villager.number())
    village.neighbour.saw(number, "上徐村", "还缺人", "我过去")
    village.neighbour.never_saw("胸口", "老徐", "三号")
    village.far_villager.did_not_see("还缺人", "我过去")

    await village.neighbour.presses("我过去", resting=False)
    await village.bot.kill()
    await village.bot.run()
    await village.settle()
    village.neighbour.saw("桥头三号", "怎么去")
    village.villager.saw("有人说过去帮你了")
    await village.neighbour.presses("🛵 2分")
    village.officer.saw("1 人在路上", "🛵")
    await village.chair.presses("我过去", on=number)
    await village.officer.presses("我过去", on=number)
    village.leader.saw("3 人在路上", "人手够了", "去拿 AED")
    village.officer.saw("王主任")
    await village.neighbour.presses("到了")
    village.chair.saw("1 人到了")

    await village.villager.presses("误触", on=number)
    for who in (village.neighbour, village.chair, village.officer, village.duty, village.leader):
        who.saw("结束了，不用去了")
    village.everybody_looks()
    await village.time_passes(minutes=30)
    village.neighbour.heard_nothing()
