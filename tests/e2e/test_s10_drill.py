"""S10, drill: a call for help is rehearsed through the real process, killed in the middle.

The mark is on every message of it, nobody beside the village's chain hears of it, and a real call for help in the middle is real.
"""

from __future__ import annotations

CALLED = ("chair", "officer", "duty")
BESIDE = ("admin", "secretary", "member", "other_chair", "far_officer", "far_chair", "villager", "neighbour")


async def starts(village) -> None:
    await village.leader.says("/drill sos")
    village.leader.saw("【演练】", "110 / 119 / 120", "演练哪一种")
    await village.leader.presses("有人病倒或受伤")
    await village.leader.presses("上徐村")


async def test_drill_ends_with_a_summary_when_process_was_killed(village):
    await starts(village)
    for name in CALLED:
        getattr(village, name).saw("【演练】这不是真的", "上徐村", "110 / 119 / 120")
    await village.bot.kill()
    await village.bot.run()
    await village.time_passes(seconds=95)
    village.chair.saw("【演练】这不是真的", "还没有人点")
    await village.chair.presses("【演练】我过去", on="还没有人点")
    await village.bot.kill()
    await village.time_passes(minutes=10, resting=False)
    await village.bot.run()
    await village.settle()
    await village.time_passes(minutes=25)
    village.leader.saw("【演练】结束", "叫了 3 人，应了 1 人", "✔ 王主任", "✖ 张警官：没有应")
    village.chair.saw("【演练】", "演练结束")
    for name in BESIDE:
        getattr(village, name).heard_nothing()
    village.everybody_looks()
    await village.time_passes(hours=2)
    for name in CALLED:
        getattr(village, name).heard_nothing()


async def test_call_for_help_is_real_when_a_drill_runs(village):
    await starts(village)
    village.everybody_looks()
    await village.bot.kill()
    await village.bot.run()
    await village.villager.says("/sos 我爸胸口痛，喘不上气")
    village.villager.saw("1001")
    village.villager.did_not_see("演练")
    for name in (*CALLED, "leader"):
        real = getattr(village, name).saw("1001", "还没有人去")
        assert "演练" not in str(real), name
    await village.chair.presses("我过去", on="1001")
    village.officer.saw("1001", "王主任")
