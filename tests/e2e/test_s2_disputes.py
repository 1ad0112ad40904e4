"""S2, disputes: reported, accepted, mediated, escalated, settled, and checked a week later.

Other reports use the same handlers: duplicates, albums, follow-ups and withdrawals are tested here too.
"""

from __future__ import annotations

QUARREL = "邻居砌墙占了我家的路"


async def reports(village, text=QUARREL, how="报上去", *, who=None):
    """Report as the villager or `who`; return the case number."""
    who = who or village.villager
    await who.says(text)
    await who.presses(how)
    return who.number()


async def answers(who, *labels):
    """Press the offered one of these labels until the case number is shown."""
    for _ in range(8):
        offered = who.labels()
        await who.presses(next(label for label in labels if any(label in each for each in offered)))
        if any("收到，编号" in line.text for line in who.news()):
            return
    raise AssertionError(who.play())


async def test_dispute_is_settled_and_reopened_when_reporter_is_not_satisfied(village):
    await village.villager.says(QUARREL)
    village.villager.saw("要帮你报给上徐村吗", QUARREL)
    village.nobody_else_heard()
    await village.villager.presses("报上去")
    number = village.villager.number()
    village.villager.saw("收到，编号", str(number), "王主任", "联系你")
    village.chair.saw("新纠纷", str(number), QUARREL, "受理")
    village.nobody_else_heard()

    await village.chair.presses("受理")
    village.chair.saw("王主任已受理")
    village.villager.saw(str(number), "王主任已受理")
    village.nobody_else_heard()

    await village.chair.presses("记一次调解")
    await village.chair.presses("今天")
    await village.chair.presses("村委会")
    await village.chair.presses("双方都到场")
    await village.chair.says("各让半米，没谈成")
    await village.chair.says("周四 14:00")
    village.chair.saw("第 1 次调解", "各让半米", f"{village.now.day}日", "村委会", "双方都到场", "下次调解")
    village.villager.saw("第 1 次调解", "各让半米", "下次")
    await village.chair.says(f"/mediate {number} 一方拒绝到场")
    village.villager.saw("第 2 次调解")

    await village.chair.presses("上报")
    await village.chair.says("双方僵持，怕动手")
    village.officer.saw("🔴", str(number), "第 1 次调解", "第 2 次调解", "双方僵持", "我来处理")
    village.chair.saw("已上报", "张警官")
    village.villager.saw("已经上报给民警", "张警官")
    village.nobody_else_heard()

    await village.officer.presses("我来处理")
    village.officer.saw("张警官在办")
    village.chair.saw("张警官")
    village.villager.saw("张警官已经接手")

    await village.officer.says(f"/mediate {number} 联合调解，说好拆墙让路")
    village.officer.saw("联合调解中", "第 3 次调解")
    village.villager.saw("第 3 次调解")

    await village.officer.presses("调解成功")
    await village.officer.says("墙拆了，路让出来了")
    village.villager.saw("✅", "调解成功", "路让出来了")
    village.chair.saw("✅", "张警官已调解成功")
    village.nobody_else_heard()

    await village.time_passes(days=6, hours=12)
    village.villager.did_not_see("真的解决了吗")
    await village.time_passes(hours=13)
    village.villager.saw(str(number), "现在真的解决了吗")
    village.nobody_else_heard()

    await village.villager.presses("没解决", on="现在真的解决了吗")
    await village.villager.says("墙又砌起来了")
    village.villager.saw("重新办", "张警官")
    village.officer.saw("🔴", str(number), "墙又砌起来了", "我来处理")
    village.chair.saw("没解决", "墙又砌起来了")
    village.nobody_else_heard()


async def test_settled_case_stays_closed_when_reporter_confirms(village):
    number = await reports(village)
    await village.chair.says(f"/accept {number}")
    await village.chair.says(f"/settle {number} 握手言和")
    await village.time_passes(days=7, hours=1)
    await village.villager.presses("解决了", on="现在真的解决了吗")
    village.villager.saw("就算办好了")
    village.chair.saw("报事人说解决了")
    await village.time_passes(days=30)
    village.nobody_else_heard()
    village.villager.heard_nothing()


async def test_chair_sees_name_of_reporter(village):
    await reports(village)
    village.chair.saw("新纠纷", "老徐")


async def test_reporter_name_is_shown_to_police_only_when_hidden_from_chair(village):
    number = await reports(village, how="不让主任知道是我")
    village.villager.saw("王主任看不到", "只有民警看得到")
    village.chair.saw("新纠纷", "不公开")
    await village.chair.says(f"/accept {number}")
    await village.chair.says(f"/case {number}")
    await village.chair.says(f"/escalate {number} 他家不肯谈")
    village.chair.never_saw("老徐")
    village.officer.saw(str(number), "老徐", "对村里不公开")
    village.group.never_saw("老徐", str(number))


async def test_chair_gets_answer_when_reporter_is_asked(village):
    number = await reports(village)
    await village.chair.presses("问一句")
    await village.chair.says("是哪一面墙？")
    village.villager.saw(str(number), "是哪一面墙？")
    await village.villager.presses("回答")
    await village.villager.says("东面那堵")
    village.villager.saw("你的回答已经放进")
    village.chair.saw("东面那堵")
    village.nobody_else_heard()


async def test_photo_and_location_are_added_to_report_when_sent_within_minutes(village):
    number = await reports(village)
    await village.villager.sends_photo("就是这堵墙")
    village.villager.saw("已加到", str(number))
    await village.villager.shares_location()
    village.villager.saw("已加到", str(number))
    await village.chair.says(f"/case {number}")
    village.chair.saw("📷 1")
    await village.chair.presses("照片录音")
    village.chair.saw("〔照片〕")
    village.nobody_else_heard()


async def test_album_is_confirmed_once(village):
    number = await reports(village)
    for place in range(3):
        await village.villager.sends_photo(f"第 {place + 1} 张" if not place else "", album="a1", resting=False)
    await village.settle()
    told = [line for line in village.villager.news() if "已加到" in line.text]
    assert len(told) == 1
    await village.chair.says(f"/case {number}")
    village.chair.saw("📷 3")


async def test_withdrawn_report_is_reopened_by_its_reporter(village):
    number = await reports(village)
    old = village.chair.button("受理")
    await village.villager.presses("撤回")
    village.villager.saw("已撤回")
    village.chair.saw("报事人撤回了")
    popped = await village.chair.presses(old)
    assert "已经撤回" in popped
    await village.villager.says(f"/reopen {number} 又吵起来了")
    village.villager.saw("重新办")
    village.chair.saw(str(number), "又吵起来了", "受理")


async def test_chair_reports_for_person_without_phone(village):
    await village.chair.presses("替人报事")
    await village.chair.says("陈阿婆")
    await village.chair.presses("纠纷")
    await village.chair.says("儿子不给赡养费")
    await village.chair.presses("婚姻家庭")
    await answers(village.chair, "暂时没有", "跳过", "让主任和民警知道", "报上去")
    number = village.chair.number()
    await village.chair.says(f"/case {number}")
    village.chair.saw("陈阿婆", "赡养费")
    village.nobody_else_heard()


async def test_chair_loses_sight_of_case_when_they_are_a_party(village):
    number = await reports(village)
    await village.chair.presses("我要回避")
    await village.chair.presses("确定回避")
    village.officer.saw(str(number), QUARREL, "我来处理")
    village.villager.saw("换人办了")
    await village.chair.says(f"/case {number}")
    village.chair.saw(f"没有找到编号 {number}")
    await village.officer.says(f"/ack {number}")
    await village.officer.says(f"/settle {number} 主任让出半米")
    village.chair.did_not_see("主任让出半米")


async def test_report_goes_to_officer_when_chair_is_a_party(village):
    await village.villager.says("王主任家的围墙占了我家的路")
    await village.villager.presses("再说清楚些")
    await answers(village.villager, "说完了", "邻里", "暂时没有", "跳过", "这事跟主任有关", "报上去")
    village.villager.saw("收到，编号", "张警官")
    village.officer.saw("王主任家的围墙", "老徐", "我来处理")
    village.chair.heard_nothing()
    village.nobody_else_heard()


async def test_second_reporter_follows_existing_case_when_hazard_is_the_same(village):
    number = await reports(village, "村口的路灯不亮了，晚上很黑")
    await village.neighbour.says("村口路灯不亮，晚上看不见路")
    village.neighbour.saw("村里已经有人报过", str(number))
    await village.neighbour.presses(f"是 {number}，我也关注")
    village.neighbour.saw("你也关注了")
    await village.chair.says(f"/accept {number}")
    await village.chair.says(f"/close {number} 灯换好了")
    village.neighbour.saw(str(number), "已办结")
    village.villager.saw("灯换好了")


async def test_dispute_is_not_offered_as_duplicate_to_others(village):
    await reports(village)
    await village.neighbour.says(QUARREL)
    village.neighbour.did_not_see("相近", "是同一件")
    await village.neighbour.presses("报上去")
    village.neighbour.saw("收到，编号")


async def test_second_officer_is_told_when_two_take_one_case(village):
    number = await reports(village)
    await village.chair.says(f"/escalate {number} 帮帮我")
    old = village.officer.button("我来处理")
    await village.duty.says(f"/ack {number}")
    popped = await village.officer.presses(old)
    assert "已" in popped
    village.officer.has("值班室")


async def test_case_list_shows_own_cases_and_finds_words(village):
    first = await reports(village)
    await village.time_passes(minutes=15)
    second = await reports(village, "村口的路灯不亮了")
    await village.chair.says("/cases")
    village.chair.saw(str(first), str(second))
    await village.chair.says("/cases 路灯")
    village.chair.saw("路灯", str(second))
    village.chair.did_not_see(f"{first}")
    await village.villager.presses("我的事")
    village.villager.saw(str(first), str(second))
    await village.neighbour.says("/cases")
    village.neighbour.saw("没有")
    await village.other_chair.says("/cases 路灯")
    village.other_chair.did_not_see(str(second))


async def test_report_is_opened_with_one_line(village):
    await village.villager.says("/report dispute 邻居砌墙占了我家的路")
    village.villager.saw("收到，编号")
    village.chair.saw("新纠纷")
    village.nobody_else_heard()
