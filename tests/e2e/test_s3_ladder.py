"""S3, escalation: a case moves up a level until somebody takes it.

A person who does not respond or cannot be reached is passed over; no case is left without a next step.
"""

from __future__ import annotations

import asyncio
import time

QUARREL = "/report dispute 邻居砌墙占了我家的路"


async def test_dispute_escalates_to_officer_duty_desk_and_leader_when_nobody_responds(village):
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
    await village.time_passes(minutes=2)  # the last step can be undone until then
    village.everybody_looks()
    await village.time_passes(days=3)
    village.duty.heard_nothing()
    village.leader.heard_nothing()
    village.admin.heard_nothing()


async def test_escalation_stops_when_chair_accepts(village):
    await village.villager.says(QUARREL)
    await village.chair.presses("受理")
    await village.time_passes(minutes=2)  # the acceptance can be undone until then
    village.everybody_looks()
    await village.time_passes(days=3)
    village.chair.heard_nothing()
    village.officer.heard_nothing()
    village.villager.heard_nothing()


async def test_accepted_case_escalates_when_nothing_is_recorded(village):
    await village.villager.says(QUARREL)
    await village.chair.presses("受理")
    village.everybody_looks()
    await village.time_passes(days=8)
    village.officer.saw("已上报", "我来处理")
    village.chair.saw("没有进展")
    village.villager.saw("没有进展")
    village.nobody_else_heard()


async def test_accepted_case_does_not_escalate_when_notes_are_recorded(village):
    await village.villager.says(QUARREL)
    number = village.villager.number()
    await village.chair.presses("受理")
    for day in range(4):
        await village.time_passes(days=4)
        await village.chair.says(f"/note {number} 第 {day + 1} 次上门，人不在")
    village.officer.heard_nothing()


async def test_escalation_waits_for_working_hours_when_case_is_not_urgent(village):
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


async def test_urgent_case_calls_everybody_outside_working_hours(village):
    await village.time_comes("23:30")
    await village.villager.says("/sos 隔壁动刀了")
    village.villager.saw("先打电话", "110")
    for who in (village.chair, village.officer, village.duty, village.leader):
        who.saw("隔壁动刀了", "我过去")
    await village.time_passes(seconds=90)
    village.duty.saw("还没有人去", "我过去")


async def test_escalation_runs_at_night_when_working_time_is_off(opens):
    async with opens(ESCALATION__WORKING_TIME="false", ESCALATION__CHAIR_WITHIN="PT2H", ESCALATION__OFFICER_WITHIN="PT1H") as village:
        await village.time_comes("22:00")
        await village.villager.says(QUARREL)
        village.everybody_looks()
        await village.time_passes(hours=2, minutes=1)
        village.officer.saw("我来处理")
        await village.time_passes(hours=1, minutes=1)
        village.duty.saw("我来处理")


async def test_report_goes_to_officer_when_village_has_no_chair(village):
    await village.newcomer.says("/start 东岭村")
    await village.newcomer.presses("同意并加入")
    await village.newcomer.says(QUARREL)
    village.newcomer.saw("收到，编号", "张警官")
    village.officer.saw("东岭村", "我来处理")
    village.nobody_else_heard()


async def test_report_goes_to_officer_at_once_when_chair_blocked_the_bot(village):
    await village.chair.blocks_the_bot()
    started = time.monotonic()
    await village.villager.says(QUARREL)
    number = village.villager.number()
    village.officer.saw(str(number))
    assert time.monotonic() - started < 5
    village.nobody_else_heard()


async def test_report_goes_to_officer_within_seconds_when_block_was_unknown(village):
    """The bot learns of the block only from the server's refusal of the message."""
    village.world.persons[village.chair.id].blocked = True
    started = time.monotonic()
    await village.villager.says(QUARREL, resting=False)
    while not any("没送到" in line.text or "我来处理" in line.buttons for line in village.chats.of(village.officer.id).by_bot()):
        assert time.monotonic() - started < 5, village.play()
        await asyncio.sleep(0.02)
    await village.settle()
    village.officer.saw("治保主任那边没送到", "邻居砌墙")
    village.nobody_else_heard()


async def test_report_goes_to_duty_desk_when_chair_and_officer_are_unreachable(village):
    await village.chair.blocks_the_bot()
    await village.officer.blocks_the_bot()
    await village.villager.says(QUARREL)
    village.duty.saw(str(village.villager.number()), "我来处理")
    village.leader.saw(str(village.villager.number()), "我来处理")
    village.villager.saw("收到，编号", "值班室")
    village.nobody_else_heard()


async def test_administrator_gets_number_without_text_when_nobody_is_reachable(village):
    for who in (village.chair, village.officer, village.duty, village.leader):
        await who.blocks_the_bot()
    await village.villager.says(QUARREL)
    village.admin.saw(str(village.villager.number()), "内容不在这里显示")
    village.admin.never_saw("砌墙")


async def test_deputy_handles_report_when_chair_is_on_leave(village):
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


async def test_case_goes_to_new_chair_when_post_is_handed_over(village):
    await village.villager.says(QUARREL)
    number = village.villager.number()
    old = village.chair.button("受理")
    await village.leader.says("/handover 王建国")
    await village.leader.presses("徐小军")
    await village.leader.presses("确认交接")
    await village.admin.presses("批准")
    await village.member.says("/cases")
    village.member.saw(str(number))
    popped = await village.chair.presses(old)
    assert "已" not in popped
    village.villager.did_not_see("已受理")
    await village.member.says(f"/accept {number}")
    village.villager.saw("已受理")


async def test_escalation_runs_once_when_bot_was_stopped_for_a_day(village):
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


async def test_health_audit_finds_every_case_with_a_next_step(village):
    await village.villager.says(QUARREL)
    await village.time_passes(minutes=30)
    figures = await village.bot.health()
    assert figures is not None
    assert figures["well"], figures
    assert (figures["audit_rearmed"], 0 <= figures["audit_age_s"] < 1800) == (0, True)
