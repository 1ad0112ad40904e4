"""S1, the directory: roster, invitations, joining, language, stored data, leave, hand-over.

A villager joins with two taps and can have all their data deleted.
"""

from __future__ import annotations

import re

import yaml

from tests.e2e.village import roster


async def test_chair_takes_post_with_printed_code_when_roster_is_imported(opens, tmp_path):
    async with opens(today=True) as village:
        file = tmp_path / "roster.yaml"
        wanted = roster(channels=village.channels)
        wanted["people"].append({"name": "吴志明", "role": "chair", "villages": ["东岭村"], "phone": "13974714297"})
        file.write_text(yaml.safe_dump(wanted, allow_unicode=True), encoding="utf-8")
        code, printed = await village.bot.command("import-roster", str(file))
        assert code == 0, printed
        (ticket,) = re.findall(r"\b[0-9A-Z]{8}\b", printed.rsplit("吴志明", 1)[-1])

        await village.newcomer.says(f"/start {ticket}")
        village.newcomer.saw("请你担任", "东岭村治保主任")
        await village.newcomer.presses("同意，我来担任")
        village.newcomer.saw("东岭村治保主任", "还要所领导点一下头")
        await village.leader.sees("新的名册里有 1 项要你确认", "吴志明：东岭村治保主任")
        await village.leader.presses("全部确认")
        village.newcomer.saw("你现在是", "东岭村治保主任")

        await village.stranger.says(f"/start {ticket}")
        village.stranger.saw("这个邀请码用不了")
        village.stranger.never_saw("吴志明", "东岭村")

        await village.officer.says("/roster")
        village.officer.saw("东岭村", "吴志明")


async def test_import_a_year_later_by_another_hand_asks_before_it_changes_the_town(opens, tmp_path):
    async with opens(today=True) as village:
        file = tmp_path / "roster.yaml"
        wanted = roster(channels=village.channels)

        async def imports(*options: str) -> tuple[int, str]:
            file.write_text(yaml.safe_dump(wanted, allow_unicode=True), encoding="utf-8")
            code, printed = await village.bot.command("import-roster", str(file), *options)
            return int(code), str(printed)

        wanted["station"] = "禾安所"
        code, printed = await imports()
        assert code == 1, printed
        assert "已有：禾安派出所" in printed

        del wanted["station"]
        chair, member = (next(row for row in wanted["people"] if row["name"] == name) for name in ("王建国", "徐小军"))
        wanted["people"].remove(chair)
        member["role"] = "chair"
        code, printed = await imports()
        assert code == 1, printed
        assert "上徐村现在的主任王建国不在文件里" in printed

        code, printed = await imports("--replace-chairs")
        assert code == 0, printed
        await village.leader.sees("徐小军：上徐村治保主任")
        await village.member.says("/roster")
        await village.leader.presses("全部确认")
        village.member.saw("你现在是", "上徐村治保主任")

        await village.villager.says("/report dispute 邻居砌墙占了我家的路")
        village.member.saw("1001", "上徐村")
        village.chair.never_saw("1001")


async def test_villager_joins_in_two_taps_when_they_scan_the_poster(village, tmp_path):
    code, printed = await village.bot.command("posters", str(tmp_path / "posters"))
    assert code == 0, printed
    (poster,) = (tmp_path / "posters").glob("*上徐村-poster.svg")
    (payload,) = set(re.findall(r"start=([A-Za-z0-9_-]+)", poster.read_text(encoding="utf-8")))

    await village.newcomer.taps_start(payload)
    village.newcomer.saw("你要加入", "上徐村", "谁看得到", "110")
    village.newcomer.never_saw("你已加入")
    await village.newcomer.presses("同意并加入")
    village.newcomer.saw("你已加入", "上徐村", "王")
    village.nobody_else_heard()

    await village.newcomer.says("/me")
    village.newcomer.saw("小陈", "上徐村", "中文")


async def test_nothing_is_stored_when_newcomer_does_not_consent(village):
    await village.newcomer.says("/start 上徐村")
    await village.newcomer.presses("再想想")
    village.newcomer.saw("什么都没有存")
    await village.newcomer.says("/me")
    village.newcomer.saw("没有在用的登记")


async def test_similar_village_is_offered_when_name_is_misspelled(village):
    await village.newcomer.says("/start 上许村")
    village.newcomer.saw("是不是下面哪一个", "上徐村")
    await village.newcomer.presses("上徐村")
    await village.newcomer.presses("同意并加入")
    village.newcomer.saw("你已加入")


async def test_language_is_kept_when_process_is_restarted(village):
    await village.villager.says("/language")
    await village.villager.presses("English")
    await village.villager.says("/me")
    village.villager.saw("English")
    await village.bot.stop()
    await village.bot.run()
    await village.villager.says("/me")
    village.villager.saw("Language", "English")
    village.villager.did_not_see("称呼")


async def test_phone_number_is_accepted_only_from_own_contact(village):
    await village.villager.says("/me")
    await village.villager.presses("留电话")
    await village.villager.says("13800138000")
    village.villager.saw("只收你自己的号码")
    await village.villager.shares_contact()
    village.villager.saw("记下了")
    village.villager.never_saw("13700500001")


async def test_officer_is_notified_when_deputy_of_chair_on_leave_declines(village):
    await village.chair.says("/duty")
    village.chair.saw("值班室", "张伟")
    await village.chair.presses("我要请假")
    await village.chair.presses("现在起")
    await village.chair.presses("三天")
    await village.chair.presses("徐小军")
    village.chair.saw("请假", "徐小军", "替你")
    village.member.saw("王建国", "由你代")
    village.officer.saw("王建国", "请假", "徐小军代")
    village.nobody_else_heard()

    await village.member.presses("我顶不了")
    village.member.saw("另找人")
    village.chair.saw("徐小军", "顶不了")
    village.officer.saw("还没人替")
    village.nobody_else_heard()


async def test_invited_chair_takes_post_when_leader_approves(village):
    await village.officer.says("/invite chair 东岭村")
    village.officer.saw("东岭村治保主任", "还要一位所领导或管理员批准")
    line = village.officer.saw("码")
    (ticket,) = re.findall(r"start=i([A-Za-z0-9_-]+)", line.text)

    await village.newcomer.taps_start(f"i{ticket}")
    await village.newcomer.presses("同意，我来担任")
    village.newcomer.saw("真实姓名")
    await village.newcomer.says("陈志远")
    village.newcomer.saw("还要所领导点一下头")
    village.newcomer.never_saw("你现在是")
    village.leader.saw("请确认", "陈志远", "东岭村治保主任")
    village.admin.saw("请确认")

    await village.leader.presses("批准")
    village.newcomer.saw("你现在是", "东岭村治保主任")
    village.officer.saw("陈志远", "已担任")
    village.admin.has("已批准")
    village.admin.lacks_button("批准")


async def test_invitation_expires_after_a_day(village):
    await village.chair.says("/invite member 上徐村")
    (ticket,) = re.findall(r"start=i([A-Za-z0-9_-]+)", village.chair.saw("码").text)
    await village.time_passes(hours=24, minutes=1)
    await village.newcomer.taps_start(f"i{ticket}")
    village.newcomer.saw("这个邀请码用不了")


async def test_former_chair_loses_access_when_post_is_handed_over(village):
    await village.leader.says("/handover 王建国")
    await village.leader.presses("徐小军")
    village.leader.saw("王建国", "徐小军")
    await village.leader.presses("确认交接")
    village.leader.saw("批准前还是原来的人办", "徐小军")
    village.admin.saw("请确认", "徐小军")
    village.chair.did_not_see("你不再是")
    await village.admin.presses("批准")
    village.leader.saw("徐小军", "已担任")
    village.member.saw("你现在是", "上徐村治保主任")
    village.chair.saw("你不再是", "徐小军")

    await village.chair.says("/roster")
    village.chair.saw("不归你办")
    await village.member.says("/roster")
    village.member.saw("上徐村", "徐小军")


async def test_villager_is_a_stranger_again_when_data_are_deleted(village):
    await village.villager.says("/forget")
    village.villager.saw("要把你的资料删掉吗")
    await village.villager.presses("先不删")
    village.villager.saw("什么都没有删")

    await village.villager.says("/forget")
    old = village.villager.button("删除，不留")
    await village.villager.presses(old)
    village.villager.saw("删好了")
    await village.villager.says("/me")
    village.villager.saw("没有在用的登记")
    village.nobody_else_heard()


async def test_deletion_is_refused_when_person_holds_a_post(village):
    await village.chair.says("/forget")
    village.chair.saw("先交给别人再删", "/handover")
