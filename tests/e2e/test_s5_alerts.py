"""S5, alerts: previewed, sent, confirmed by every village, recalled and rehearsed.

The board shows unconfirmed villages; their chairs are reminded, then telephoned.
"""

from __future__ import annotations

TYPHOON = "台风今晚登陆，请关好门窗"


async def warns(village, who=None, line="/alert 橙色 上徐村、下李村 " + TYPHOON):
    """Write an alert in one line and send it after the preview; an officer by default."""
    who = who or village.officer
    await who.says(line)
    await who.presses("🚨 发送")


async def informs_everybody(chair):
    """Read the alert, then tell every household."""
    await chair.presses("收到")
    await chair.presses("✅ 全村已通知到")


async def test_board_follows_confirmations_when_alert_is_previewed_and_sent(village):
    await village.officer.presses("📣 预警")
    await village.officer.presses("发预警")
    await village.officer.says(TYPHOON)
    await village.officer.presses("橙色预警")
    await village.officer.presses("上徐村")
    await village.officer.presses("下李村")
    await village.officer.presses("选好了（2）")
    village.officer.saw("还没有发出", "橙色预警", TYPHOON, "上徐村", "下李村", "治保主任 2 人", "村民 4 人")
    village.nobody_else_heard()

    await village.officer.presses("🚨 发送")
    village.chair.saw("橙色预警", TYPHOON, "① 点“收到”", "收到")
    village.other_chair.saw("橙色预警", TYPHOON)
    village.member.saw(TYPHOON, "请帮主任挨户通知")
    village.second_member.saw(TYPHOON)
    village.secretary.saw(TYPHOON)
    village.villager.saw("橙色预警", TYPHOON, "上徐村", "收到")
    village.neighbour.saw(TYPHOON)
    village.teacher.saw("alert", TYPHOON)
    village.far_villager.saw(TYPHOON, "下李村")
    await village.time_passes(seconds=15)
    village.officer.saw("发往 2 个村", "2 个村未确认：上徐村（王建国）、下李村（赵海燕）", "催一催（2 个）")
    village.nobody_else_heard()

    await village.chair.presses("收到")
    village.officer.has("✅ 0 全村已通知到", "👌 1 收到", "还没全村通知到：上徐村")
    await village.chair.presses("✅ 全村已通知到")
    village.chair.has("✅ 上徐村：全村已通知到（王建国")
    village.officer.has("✅ 1 全村已通知到", "未确认：下李村")
    await village.villager.presses("收到", on=TYPHOON)
    village.villager.saw("✅ 你已收到")
    await informs_everybody(village.other_chair)
    village.officer.has("✅ 2 全村已通知到")
    village.officer.lacks_button("催一催")


async def test_preview_is_changed_in_its_place_and_stays_when_its_author_changes_their_mind(village):
    await village.officer.says("/alert 橙色 上徐村 " + TYPHOON)
    village.officer.saw("还没有发出")
    before = len(village.chats.of(village.officer.id).shows)
    await village.officer.presses("种类、来源")
    await village.officer.presses("取消")
    village.officer.has("还没有发出", TYPHOON)
    await village.officer.presses("种类、来源")
    await village.officer.presses("暴雨")
    await village.officer.presses("气象台")
    village.officer.has("还没有发出", "🟠 暴雨橙色预警", "来源：气象台")
    assert len(village.chats.of(village.officer.id).shows) == before
    await village.officer.presses("🚨 发送")
    village.officer.has("2 号 · 发往 1 个村")
    assert len(village.chats.of(village.officer.id).shows) == before
    village.chair.saw("🟠 暴雨橙色预警", TYPHOON)


async def test_unconfirmed_village_is_reminded_and_then_telephoned(village):
    await warns(village)
    await informs_everybody(village.chair)
    village.everybody_looks()
    await village.time_passes(minutes=2)
    await village.officer.presses("催一催（1 个）")
    village.other_chair.saw("🔔", "催一次", TYPHOON)
    village.chair.heard_nothing()
    popped = await village.officer.presses("催一催（1 个）")
    assert "刚催过" in popped

    await village.time_passes(minutes=15)
    village.officer.saw("📞", "下李村", "赵海燕", "139200002")
    village.officer.did_not_see("王建国 139")
    await village.officer.presses("已打通：下李村")
    village.officer.has("✅ 1 全村已通知到", "👌 1 收到")
    village.other_chair.has("打电话通知了", "下一步：挨户通知")


async def test_village_is_confirmed_only_when_its_own_chair_confirms(village):
    await warns(village)
    await village.secretary.presses("收到")
    await village.villager.presses("收到", on=TYPHOON)
    await village.time_passes(seconds=30)
    village.officer.has("👌 0 收到", "2 人点了收到")
    await village.chair.presses("收到")
    popped = await village.chair.presses(village.other_chair.button("收到"))
    assert "收到了" not in popped
    village.officer.has("👌 1 收到", "未确认：下李村")


async def test_recall_reaches_the_same_recipients_as_the_alert(village):
    await warns(village)
    village.everybody_looks()
    await village.officer.presses("撤回", on="发往 2 个村")
    village.officer.saw("要撤回吗")
    await village.officer.presses("撤回，通知所有人")
    for who in (village.chair, village.other_chair, village.member, village.secretary, village.villager, village.far_villager):
        who.saw("【发错了，撤回】", "不用照做", TYPHOON)
    village.far_chair.heard_nothing()
    village.duty.heard_nothing()
    village.officer.has("【发错了，撤回】")
    village.officer.lacks_button("催一催")


async def test_recall_reaches_group_when_group_got_the_alert(village):
    await village.chair.says("/bind 上徐村", to=village.group)
    await warns(village)
    village.group.saw(TYPHOON)
    old = village.chair.button("收到")
    village.everybody_looks()
    await village.officer.presses("撤回", on="发往 2 个村")
    village.officer.saw("要撤回吗")
    village.group.heard_nothing()
    await village.officer.presses("撤回，通知所有人")
    village.group.saw("【发错了，撤回】", "不用照做", TYPHOON)
    village.other_group.heard_nothing()
    village.group.never_saw("王建国", "139")
    popped = await village.chair.presses(old)
    assert "已经撤回" in popped
    village.officer.has("【发错了，撤回】", "✅ 0 全村已通知到 👌 0 收到")


async def test_drill_is_marked_in_every_message(village):
    await village.officer.says("/drill 红色 上徐村 河水要漫上来了，请往高处走")
    village.officer.saw("【演练】", "还没有发出")
    village.officer.lacks_button("🚨 发送")
    await village.officer.presses("【演练】发演练")
    for who in (village.chair, village.villager, village.member):
        line = who.saw("【演练】", "不是真的", "河水")
        assert line.text.startswith("【演练】")
        assert not any("已通知到户" in label for label in line.buttons)
    await village.chair.presses("演练收到")
    village.officer.has("【演练】", "✅ 1 演练收到")
    for phone in village.phones():
        for line in phone.news():
            assert "红色预警" not in line.text or "【演练】" in line.text, phone.play()


async def test_red_alert_for_all_villages_is_sent_when_second_person_approves(village):
    await village.leader.says("/alert 红 全部 水库要泄洪，马上离开河边")
    village.leader.saw("还没有发出", "第二个人同意")
    await village.leader.presses("🚨 发送")
    village.leader.saw("在等第二个人同意")
    village.officer.saw("等你同意", "水库")
    village.duty.saw("等你同意", "水库")
    village.far_officer.saw("等你同意")
    village.nobody_else_heard()

    await village.officer.presses("同意发送")
    village.leader.saw("张伟", "同意了")
    for who in (village.chair, village.other_chair, village.far_chair, village.villager, village.far_villager):
        who.saw("🔴 洪水红色预警", "水库")
    village.leader.has("发往 4 个村")
    village.duty.lacks_button("同意发送", on="等你同意")


async def test_red_alert_is_not_sent_when_author_approves_or_second_person_rejects(village):
    await village.leader.says("/alert 红 全部 水库要泄洪")
    await village.leader.presses("🚨 发送")
    theirs = village.officer.button("同意发送")
    popped = await village.leader.presses(theirs)
    village.chair.heard_nothing()
    await village.officer.presses("不同意")
    village.leader.saw("不同意", "没有发出")
    village.chair.heard_nothing()
    village.villager.heard_nothing()
    assert popped


async def test_red_alert_expires_when_nobody_approves(village):
    await village.leader.says("/alert 红 全部 水库要泄洪")
    await village.leader.presses("🚨 发送")
    village.everybody_looks()
    await village.time_passes(minutes=16)
    village.leader.saw("还没有人同意", "139")
    await village.time_passes(minutes=50)
    village.leader.saw("作废")
    village.chair.heard_nothing()
    village.villager.heard_nothing()


async def test_officer_gets_alert_when_chair_is_missing_or_unreachable(village):
    await village.other_chair.blocks_the_bot()
    await village.leader.says("/alert 黄 东岭村、下李村 晚上有暴雨")
    village.leader.saw("主任收不到的村", "东岭村")
    await village.leader.presses("🚨 发送")
    village.officer.saw("晚上有暴雨", "东岭村")
    village.officer.saw("晚上有暴雨", "下李村")
    village.leader.has("赵海燕")
    village.other_chair.heard_nothing()


async def test_bound_group_gets_alert_without_names(village):
    await village.chair.says("/bind 上徐村", to=village.group)
    village.group.saw("上徐村", "村群")
    await warns(village)
    village.group.saw("橙色预警", TYPHOON)
    village.other_group.heard_nothing()
    village.group.never_saw("王建国", "139")


async def test_alert_is_refused_when_person_may_not_send_it(village):
    for who in (village.villager, village.chair, village.stranger, village.admin):
        village.everybody_looks()
        await who.says("/alert 红 全部 我说了算")
        who.did_not_see("还没有发出", "🚨")
        village.nobody_else_heard()
    await village.far_officer.says("/alert 橙 上徐村 我来管一管")
    village.far_officer.saw("没有找到这些村，或者不归你管")
    await village.officer.says("/alert 橙 石门村 我来管一管")
    village.officer.saw("没有找到这些村，或者不归你管")
    village.far_chair.heard_nothing()


async def test_alert_is_sent_at_once_when_it_is_night(village):
    await village.time_comes("23:50")
    village.everybody_looks()
    await warns(village)
    village.chair.saw(TYPHOON)
    village.villager.saw(TYPHOON)


async def test_board_is_updated_when_process_was_killed(village):
    await warns(village)
    await village.bot.kill()
    await village.bot.run()
    await informs_everybody(village.chair)
    village.officer.has("✅ 1 全村已通知到")
    await village.time_passes(minutes=16)
    village.officer.saw("📞", "下李村")


async def test_missing_details_are_asked_for_when_alert_line_is_misspelled(village):
    await village.officer.says("/alert 紫色 上徐村 " + TYPHOON)
    village.officer.saw("哪一级")
    await village.officer.says("橙")
    if "哪些村" in village.officer.play():
        await village.officer.says("上徐")
    village.officer.saw("还没有发出", TYPHOON)
    await village.officer.presses("不发了")
    village.officer.saw("没有发出，已作废")
    village.nobody_else_heard()
