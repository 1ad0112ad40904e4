"""S3, the ladder: who does not answer is passed by, upward, until somebody has it; and never into silence."""

from __future__ import annotations

import asyncio
import time

QUARREL = "/report dispute 邻居砌墙占了我家的路"


async def test_an_unanswered_dispute_climbs_to_the_officer_the_desk_and_the_leader(village):
    await village.villager.says(QUARREL)
    number = village.villager.number()
    village.chair.saw("新纠纷", str(number))

    await village.time_passes(hours=8, minutes=15)
    village.chair.saw("还没受理", str(number))
    village.nobody_else_heard()

    await village.time_passes(hours=17)
    village.officer.saw("已上报", str(number), "我来处理")
    village.chair.saw("到时没人", "张警官")
    village.villager.saw("已自动上报", "张警官")
    village.nobody_else_heard()

    await village.time_passes(days=1)
    village.duty.saw(str(number), "我来处理")
    village.leader.saw(str(number), "我来处理")
    village.duty.saw("📞", "王建国", "139")
    village.officer.saw("值班室")
    village.villager.saw(str(number))
    village.chair.saw(str(number))
    village.nobody_else_heard()

    await village.duty.presses("我来处理")
    village.leader.saw("值班室")
    village.villager.saw("已经接手")
    village.everybody_looks()
    await village.time_passes(days=3)
    village.duty.heard_nothing()
    village.leader.heard_nothing()
    village.admin.heard_nothing()


async def test_acceptance_stops_the_ladder(village):
    await village.villager.says(QUARREL)
    await village.chair.presses("受理")
    village.everybody_looks()
    await village.time_passes(days=3)
    village.chair.heard_nothing()
    village.officer.heard_nothing()
    village.villager.heard_nothing()


async def test_an_acknowledgement_is_undone_by_silence(village):
    await village.villager.says(QUARREL)
    await village.chair.presses("受理")
    village.everybody_looks()
    await village.time_passes(days=8)
    village.officer.saw("已上报", "我来处理")
    village.chair.saw("没有进展")
    village.villager.saw("没有进展")
    village.nobody_else_heard()


async def test_whoever_records_something_keeps_the_case(village):
    await village.villager.says(QUARREL)
    number = village.villager.number()
    await village.chair.presses("受理")
    for day in range(4):
        await village.time_passes(days=4)
        await village.chair.says(f"/note {number} 第 {day + 1} 次上门，人不在")
    village.officer.heard_nothing()


async def test_the_ladder_keeps_office_hours(village):
    await village.time_comes("17:00", days=4)
    assert village.now.weekday() == 4
    await village.villager.says(QUARREL)
    village.everybody_looks()
    await village.time_passes(hours=62)
    assert village.now.weekday() == 0
    village.officer.heard_nothing()
    village.chair.heard_nothing()
    await village.time_passes(hours=30)
    village.officer.saw("已上报", "我来处理")


async def test_danger_does_not_wait_for_office_hours(village):
    await village.time_comes("23:30")
    await village.villager.says("/sos 隔壁动刀了")
    village.villager.saw("先打电话", "110")
    village.chair.saw("受理")
    village.officer.saw("我来处理")
    await village.time_passes(hours=8, minutes=1)
    village.officer.saw("已上报")
    await village.time_passes(hours=4, minutes=1)
    village.duty.saw("我来处理")
    village.leader.saw("我来处理")


async def test_clocks_may_run_always(opens):
    async with opens(ESCALATION__WORKING_TIME="false", ESCALATION__CHAIR_WITHIN="PT2H", ESCALATION__OFFICER_WITHIN="PT1H") as village:
        await village.time_comes("22:00")
        await village.villager.says(QUARREL)
        village.everybody_looks()
        await village.time_passes(hours=2, minutes=1)
        village.officer.saw("我来处理")
        await village.time_passes(hours=1, minutes=1)
        village.duty.saw("我来处理")


async def test_a_village_without_a_chair_is_the_officers(village):
    await village.newcomer.says("/start 东岭村")
    await village.newcomer.presses("同意并加入")
    await village.newcomer.says(QUARREL)
    village.newcomer.saw("收到，编号", "张警官")
    village.officer.saw("东岭村", "我来处理")
    village.nobody_else_heard()


async def test_what_a_blocked_chair_cannot_get_falls_to_the_officer_at_once(village):
    await village.chair.blocks_the_bot()
    started = time.monotonic()
    await village.villager.says(QUARREL)
    number = village.villager.number()
    village.officer.saw(str(number))
    assert time.monotonic() - started < 5
    village.nobody_else_heard()


async def test_who_blocked_the_bot_unnoticed_is_passed_by_within_seconds(village):
    """The refusal comes with the message itself: nothing was known before."""
    village.world.persons[village.chair.id].blocked = True
    started = time.monotonic()
    await village.villager.says(QUARREL, resting=False)
    while not any("没送到" in line.text or "我来处理" in line.buttons for line in village.chats.of(village.officer.id).by_bot()):
        assert time.monotonic() - started < 5, village.play()
        await asyncio.sleep(0.02)
    await village.settle()
    village.officer.saw("治保主任那边没送到", "邻居砌墙")
    village.nobody_else_heard()


async def test_nobody_of_the_village_can_be_reached_and_the_desk_has_it(village):
    await village.chair.blocks_the_bot()
    await village.officer.blocks_the_bot()
    await village.villager.says(QUARREL)
    village.duty.saw(str(village.villager.number()), "我来处理")
    village.leader.saw(str(village.villager.number()), "我来处理")
    village.villager.saw("收到，编号", "值班室")
    village.nobody_else_heard()


async def test_nobody_at_all_can_be_reached_and_the_administrator_knows_without_the_words(village):
    for who in (village.chair, village.officer, village.duty, village.leader):
        await who.blocks_the_bot()
    await village.villager.says(QUARREL)
    village.admin.saw(str(village.villager.number()), "内容不在这里显示")
    village.admin.never_saw("砌墙")


async def test_a_deputy_gets_what_the_chair_on_leave_would(village):
    await village.chair.says("/duty")
    await village.chair.presses("我要请假")
    await village.chair.presses("现在起")
    await village.chair.presses("三天")
    await village.chair.presses("徐小军")
    village.everybody_looks()
    await village.villager.says(QUARREL)
    number = village.villager.number()
    village.member.saw("新纠纷", str(number), "受理")
    await village.member.presses("受理")
    village.villager.saw("已受理")
    village.officer.heard_nothing()


async def test_a_handed_over_case_goes_to_the_new_chair(village):
    await village.villager.says(QUARREL)
    number = village.villager.number()
    old = village.chair.button("受理")
    await village.leader.says("/handover 王建国")
    await village.leader.presses("徐小军")
    await village.leader.presses("确认交接")
    await village.member.says("/cases")
    village.member.saw(str(number))
    popped = await village.chair.presses(old)
    assert "已" not in popped
    village.villager.did_not_see("已受理")
    await village.member.says(f"/accept {number}")
    village.villager.saw("已受理")


async def test_a_stop_of_a_day_misses_nothing(village):
    await village.villager.says(QUARREL)
    await village.bot.stop()
    village.begin()
    await village.time_passes(hours=25, resting=False)
    await village.bot.run()
    await village.settle()
    village.officer.saw("已上报", "我来处理")
    village.everybody_looks()
    village.begin()
    await village.bot.kill()
    await village.bot.run()
    await village.settle()
    village.nobody_else_heard()


async def test_the_health_page_proves_every_case_has_a_next_step(village):
    await village.villager.says(QUARREL)
    await village.time_passes(minutes=30)
    figures = await village.bot.health()
    assert figures is not None
    assert figures["well"], figures
    assert (figures["audit_rearmed"], 0 <= figures["audit_age_s"] < 1800) == (0, True)
