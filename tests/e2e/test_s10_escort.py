"""S10, green wave: a patient on the road, traffic control, and a bot that is killed."""

from __future__ import annotations


async def test_patient_on_the_road_reaches_the_hospital_when_the_bot_is_killed(village):
    await village.villager.says("/escort")
    village.villager.saw("122", "司机别看手机")
    await village.villager.presses("别人开车")
    await village.villager.says("滨河路往南，刚过加油站")
    await village.villager.says("A12345，白色面包车")
    await village.villager.says("市一院")
    await village.bot.kill()
    await village.bot.run()
    await village.settle()
    await village.villager.presses("胸口痛")
    await village.villager.says("13812345678")
    village.villager.saw("已提交", "请遵守信号灯")
    village.traffic.saw("滨河路往南", "A12345", "胸口痛")
    village.nobody_else_heard()

    await village.bot.kill()
    await village.time_passes(seconds=70, resting=False)
    await village.bot.run()
    await village.settle()
    village.villager.saw("请旁边的人现在打 122 或 110")
    village.duty.saw("没有交警答复", "滨河路往南")

    await village.traffic.presses("我来接")
    village.villager.saw("还没有开道")
    await village.traffic.presses("同意协助")
    await village.traffic.presses("定汇合点")
    await village.traffic.says("收费站入口")
    village.villager.saw("收费站入口")
    await village.traffic.presses("已汇合，出发")
    await village.traffic.presses("到医院了")
    await village.traffic.presses("医院已接手")
    await village.traffic.says("急诊，李医生")
    village.villager.saw("急诊，李医生", "有记录")
    village.villager.never_saw("已开通")
    village.chair.heard_nothing()
