"""S7, training: announced, answered, rescheduled, reminded, with sign-in and attendance.

Attendance is counted in person-times. A full training has a waiting list.
"""

from __future__ import annotations

import re

from tests.engines import rows

FIRST_AID = "心肺复苏实操"


async def calls(village, *, who=None, places="不限", when="周四 14:00"):
    """Announce a training for 上徐村 and 下李村, or only for a chair's own village."""
    who = who or village.officer
    await who.presses("🎓 培训")
    await who.presses("办一场培训")
    await who.says(FIRST_AID)
    await who.says(when)
    await who.presses("2 小时")
    await who.says("镇文化礼堂")
    if any("上徐村" in label for label in who.labels()):
        await who.presses("上徐村")
        await who.presses("下李村")
        await who.presses("选好了")
    if places.isdecimal():
        await who.says(places)
    else:
        await who.presses(places)
    who.saw("还没有通知", FIRST_AID, "镇文化礼堂")
    await who.presses("📣 发通知")


async def test_training_attendance_is_counted_when_participants_sign_in(village):
    await calls(village)
    for who in (village.chair, village.other_chair, village.member, village.secretary, village.villager, village.far_villager):
        who.saw("📣 培训", FIRST_AID, "14:00", "镇文化礼堂", "参加", "去不了")
    village.teacher.saw(FIRST_AID)
    village.far_chair.heard_nothing()
    village.duty.heard_nothing()

    village.everybody_looks()
    await village.villager.presses("参加")
    village.villager.saw("给你留了位子")
    await village.neighbour.presses("参加")
    await village.chair.presses("去不了")
    village.chair.saw("知道你去不了")
    await village.time_passes(minutes=1)
    village.officer.has("✅ 参加 2", "❌ 去不了 1")

    village.everybody_looks()
    await village.time_comes("14:00", days=1)
    village.villager.heard_nothing()
    await village.time_passes(days=1, minutes=1)
    village.villager.saw("🔔 快到了", FIRST_AID)
    village.neighbour.saw("🔔 快到了")
    village.nobody_else_heard()
    await village.time_passes(hours=23)
    village.villager.saw("🔔 马上开始")
    village.neighbour.saw("🔔 马上开始")
    village.officer.saw("今天的培训 1 场", FIRST_AID)
    village.nobody_else_heard()

    await village.officer.presses("签到码")
    (code,) = re.findall(r"签到码：(\d{4})", village.officer.saw("签到码").text)
    await village.time_passes(hours=1)
    await village.villager.says(f"/training {code}")
    village.villager.saw("🖊", "老徐", "签到了")
    await village.villager.says(f"/training {code}")
    village.villager.saw("已经签过到了")
    await village.far_villager.says(f"/training {code}")
    village.far_villager.saw("签到了")

    await village.time_passes(hours=5)
    village.officer.saw("培训结束", "到场 2 人次", "报名没来 1 人", "没报名就来 1 人", "上徐村", "下李村")
    await village.officer.presses("名单")
    village.officer.saw("老徐", "阿珍", "老李")
    await village.officer.presses("🎓 培训")
    village.officer.saw("办了 1 场", "到场 2 人次")


async def test_free_place_goes_to_first_on_waiting_list(village):
    await calls(village, places="1")
    await village.villager.presses("参加")
    village.villager.saw("给你留了位子")
    await village.neighbour.presses("参加")
    village.neighbour.saw("候补")
    await village.far_villager.presses("参加")
    village.far_villager.saw("候补")
    village.everybody_looks()
    await village.villager.presses("去不了")
    village.neighbour.saw("有位子了", FIRST_AID)
    village.far_villager.heard_nothing()


async def test_participants_are_notified_when_training_is_rescheduled(village):
    await calls(village)
    await village.villager.presses("参加")
    village.everybody_looks()
    await village.officer.presses("改时间")
    await village.officer.says("周五 9:00")
    village.officer.saw("改好了", "09:00")
    village.villager.saw("培训改了", "09:00")
    village.neighbour.saw("培训改了", "09:00")
    await village.time_comes("14:00", days=3)
    village.villager.did_not_see("马上开始")


async def test_no_reminder_is_sent_when_training_is_cancelled(village):
    await calls(village)
    await village.villager.presses("参加")
    await village.officer.presses("取消培训")
    village.officer.saw("要取消")
    village.everybody_looks()
    await village.officer.presses("取消，通知大家")
    village.villager.saw("培训取消了", FIRST_AID)
    village.everybody_looks()
    await village.time_passes(days=5)
    village.villager.heard_nothing()


async def test_qr_code_signs_in_only_on_the_day(village):
    await calls(village)
    await village.officer.presses("签到码")
    village.officer.saw("〔照片〕", "签到码")
    payload = await payload_of(village)
    await village.villager.taps_start(payload)
    village.villager.saw("现在不能签到")
    await village.time_comes("13:30", days=3)
    await village.villager.taps_start(payload)
    village.villager.saw("签到了")
    await village.stranger.taps_start(payload)
    village.stranger.saw("先加入本村")
    await village.neighbour.taps_start(payload[:-1] + ("x" if payload[-1] != "x" else "y"))
    village.neighbour.saw("签到码不对")


async def payload_of(village):
    """Read the sign-in link from the database, because a test has no camera."""
    ((number, token),) = await rows(village.bot.database_url, "SELECT id, token FROM trainings")
    return f"t{number}-{token}"


async def test_sign_in_is_blocked_when_codes_are_guessed(village):
    await calls(village)
    await village.time_comes("14:00", days=3)
    await village.officer.presses("签到码")
    (code,) = re.findall(r"签到码：(\d{4})", village.officer.saw("签到码").text)
    wrong = [guess for guess in ("1111", "2222", "3333", "4444", "5555", "6666", "7777") if guess != code]
    for guess in wrong[:6]:
        await village.villager.says(f"/training {guess}")
    village.villager.saw("错得太多了")
    await village.villager.says(f"/training {code}")
    village.villager.saw("错得太多了")


async def test_officer_signs_in_participants_by_name(village):
    await calls(village)
    await village.villager.presses("参加")
    await village.time_comes("14:05", days=3)
    await village.officer.presses("现场点名")
    village.officer.saw("0/1", "老徐")
    await village.officer.presses("老徐")
    village.officer.has("1/1", "✅ 老徐")
    await village.officer.presses("没报名的")
    await village.officer.says("阿珍")
    village.officer.saw("🖊", "阿珍", "签到了")


async def test_training_of_chair_is_announced_in_own_village_only(village):
    await calls(village, who=village.chair)
    village.villager.saw(FIRST_AID)
    village.far_villager.heard_nothing()
    village.other_chair.heard_nothing()


async def test_training_cannot_be_announced_or_cancelled_when_person_may_not(village):
    for who in (village.villager, village.member, village.stranger):
        await who.says("/training")
        who.lacks_button("办一场培训")
    await village.other_chair.presses("🎓 培训")
    await calls(village, who=village.chair)
    theirs = village.chair.button("取消培训")
    popped = await village.other_chair.presses(theirs)
    assert popped
    village.villager.did_not_see("取消了")
