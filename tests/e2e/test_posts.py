"""Journeys of changes of posts: suspension, leave and hand-over."""

from __future__ import annotations

import yaml

from tests.e2e.village import VILLAGES, roster

FIVE = ("邻居砌墙占了我家的路", "隔壁半夜唱歌", "地界上的树被砍了", "我家的鸡被打死了", "晒谷场被人占了")


async def test_a_chair_is_suspended_with_five_open_cases(village):
    for words in FIVE:
        await village.villager.says(f"/report dispute {words}")
    await village.chair.says("/accept 1001")
    await village.chair.says("/mediate 1001 双方都来了，下次再谈")
    await village.chair.says("/accept 1002")
    village.everybody_looks()

    await village.leader.says("/roster")
    await village.leader.presses("上徐村")
    await village.leader.presses("王建国")
    await village.leader.presses("停用")
    listed = village.officer.saw("王建国 被停用了", "下面 5 件现在归你", "1001", "1005")
    assert listed
    village.officer.saw("上徐村 现在没有能办事的治保主任")
    village.officer.saw("晒谷场")
    for number in range(1001, 1006):
        village.villager.saw(f"{number}", "换人了", "张警官")
        village.chair.has(f"{number} 这件事不再归你办")
    village.far_officer.heard_nothing()

    await village.chair.says("/case 1001")
    village.chair.did_not_see("砌墙")
    await village.officer.says("/ack 1001")
    village.villager.saw("1001", "张警官")
    await village.officer.says("/cases")
    village.officer.saw("1002")


async def test_a_leave_whose_deputy_is_the_reporter(village):
    await village.member.says("/report dispute 邻居砌墙占了我家的路")
    await village.villager.says("/report hazard 桥栏杆断了")
    village.everybody_looks()
    await village.chair.says("/duty")
    for label in ("我要请假", "现在起", "三天", "徐小军"):
        await village.chair.presses(label)
    village.chair.saw("徐小军替你")
    village.member.saw("由你代")
    village.member.saw("现在归你", "1002")
    village.member.saw("1001", "换人了", "张警官")
    village.member.did_not_see("1001 上徐村邻里纠纷，")
    village.officer.saw("现在归你", "1001")
    village.villager.saw("1002", "换人了", "徐主任")
    await village.member.says("/accept 1001")
    await village.member.says("/accept 1002")
    await village.member.says("/close 1002 修好了")
    village.everybody_looks()

    await village.time_passes(days=3)
    village.chair.saw("你的请假结束了")
    village.chair.saw("代班期间办结了 1 件", "1002")
    village.member.saw("不用你代了")


async def test_an_officer_of_five_villages_hands_over_with_one_word(opens, tmp_path):
    async with opens(today=True) as village:
        file, wanted = tmp_path / "roster.yaml", roster(channels=village.channels)
        wanted["villages"] = [*VILLAGES, "南湾村", "北坡村"]
        officer = next(person for person in wanted["people"] if person["name"] == "张伟")
        officer["villages"] += ["南湾村", "北坡村"]
        file.write_text(yaml.safe_dump(wanted, allow_unicode=True), encoding="utf-8")
        code, printed = await village.bot.command("import-roster", str(file))
        assert code == 0, printed
        await village.leader.sees("张伟：南湾村社区民警")
        await village.leader.presses("全部确认")
        await village.villager.says("/report dispute 邻居砌墙占了我家的路")
        await village.officer.says("/ack 1001")
        village.everybody_looks()

        await village.officer.says("/handover")
        for label in ("我自己的", "全部岗位（5 个）", "林志明", "确认交接"):
            await village.officer.presses(label)
        village.officer.saw("已请所领导批准")
        village.leader.saw("请确认", "林志明", "上徐村、下李村、东岭村、北坡村、南湾村社区民警")
        await village.leader.presses("批准")
        village.far_officer.saw("你现在是", "南湾村社区民警")
        village.far_officer.saw("张伟 把岗位交接了", "下面 1 件现在归你", "1001")
        village.far_officer.saw("砌墙")
        village.officer.saw("你不再是", "林志明接手了")
        village.officer.has("1001 这件事不再归你办")
        village.villager.saw("1001", "换人了", "林警官")
        await village.far_officer.says("/settle 1001 谈好了")
        village.villager.saw("1001")
        await village.officer.says("/cases")
        village.officer.did_not_see("砌墙")
