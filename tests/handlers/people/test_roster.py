from __future__ import annotations

import pytest

from bot.commands.villages import close_village
from bot.routes import DIALOGS, HOOKS
from domain.core.change import Address, ChatId
from domain.core.post_change import Why
from domain.people.people import Role
from handlers.core.context import Hooks
from handlers.core.post_changes import without_actor
from handlers.people.administrators import ensure_admins
from tests.handlers.people.test_joining import accepts, actor, second_word
from tests.handlers.people.test_privacy import desk_answers


async def starts(harness):
    """Appoint the administrators of the settings, as at the start of the process."""

    async def work(unit):
        ctx = without_actor(unit, at=harness.at, town=harness.town, cause="start", hooks=HOOKS, dialogs=DIALOGS)
        await ensure_admins(ctx, [Address("telegram", ChatId(777))])

    await harness.store.transact(work)


async def also(harness, who, role, village=""):
    village_id = harness.villages.get(village)
    await harness.store.transact(
        lambda unit: unit.people.appoint(who.person_id, role, station_id=harness.station, village_id=village_id, at=harness.at)
    )


# Roster ---------------------------------------------------------------------------------------------------------------


async def test_an_officer_sees_his_villages_and_no_other(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await harness.person("王主任", Role.CHAIR, "上徐村")
    await harness.person("赵主任", Role.CHAIR, "下李村")
    await officer.says("/roster")
    shown = await officer.new()
    assert "✅ 上徐村：主任 王主任，民警 张警官" in shown
    assert "赵主任" not in shown
    assert "下李村" not in shown


async def test_villages_without_a_chair_and_people_without_a_chat_are_marked(harness):
    leader = await harness.person("陈所", Role.LEADER)
    await harness.person("王主任", Role.CHAIR, "上徐村", reachable=False)
    await leader.says("/roster")
    shown = await leader.new()
    assert "⚠️ 上徐村：主任 王主任（没上线），民警 空岗" in shown
    assert "⚠️ 下李村：主任 空岗" in shown


async def test_phones_are_full_for_the_officer_and_masked_for_a_member(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    secretary = await harness.person("钱书记", Role.SECRETARY, "上徐村")
    phone = (await actor(harness, secretary)).phone
    for who, full in ((officer, True), (member, False)):
        await who.says("/roster")
        await who.presses("上徐村")
        assert (phone in await who.new()) is full


async def test_a_chair_sees_the_officers_phone(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/roster")
    await chair.presses("上徐村")
    assert (await actor(harness, officer)).phone in await chair.new()


async def test_another_villages_card_and_a_missing_one_are_refused_alike(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    other = await harness.person("赵主任", Role.CHAIR, "下李村")
    await chair.presses_raw("rv", harness.villages["下李村"])
    await chair.presses_raw("rv", 9999)
    await chair.presses_raw("rp", other.person_id)
    await chair.presses_raw("rp", 9999)
    assert len(set(chair.toasts)) == 1
    assert len(chair.toasts) == 4


@pytest.mark.parametrize("odd", ["", "x", "-1", "９", "1e3", "99999999999999999999"])
async def test_odd_button_values_are_answered(harness, odd):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    for verb in (
        "rv",
        "rp",
        "rpage",
        "suspend",
        "restore",
        "again",
        "hand",
        "noleave",
        "nodeputy",
        "revoke",
        "take",
        "appoint",
        "join",
        "jpick",
        "jpage",
    ):
        await officer.presses_raw(verb, odd)


# Suspension -----------------------------------------------------------------------------------------------------------


async def test_a_suspension_takes_effect_with_the_next_press_and_can_be_undone(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    leader = await harness.person("陈所", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/roster")
    await officer.says("/roster")
    await officer.presses("上徐村")
    await officer.presses("王主任")
    await officer.presses("停用")
    assert "张警官 停用了 王主任" in await leader.new()
    await chair.presses("上徐村")
    assert "还没有加入" in chair.toasts[-1]
    posts = await harness.store.transact(lambda unit: unit.people.posts_of(harness.villages["上徐村"], at=harness.at))
    assert not posts.of(Role.CHAIR)
    await officer.presses("恢复")
    assert (await actor(harness, chair)).suspended is False
    events = await harness.store.transact(lambda unit: unit.audit.of(f"person:{chair.person_id}"))
    assert [event.action for event in events] == ["suspended", "restored"]


@pytest.mark.parametrize(
    ("who", "where", "target", "there", "allowed"),
    [
        (Role.OFFICER, "上徐村", Role.CHAIR, "上徐村", True),
        (Role.OFFICER, "上徐村", Role.CHAIR, "下李村", False),
        (Role.OFFICER, "上徐村", Role.OFFICER, "上徐村", False),
        (Role.OFFICER, "上徐村", Role.LEADER, "", False),
        (Role.LEADER, "", Role.OFFICER, "上徐村", True),
        (Role.LEADER, "", Role.ADMIN, "", False),
        (Role.ADMIN, "", Role.LEADER, "", True),
        (Role.DUTY, "", Role.CHAIR, "上徐村", False),
        (Role.CHAIR, "上徐村", Role.MEMBER, "上徐村", False),
        (Role.SECRETARY, "上徐村", Role.CHAIR, "上徐村", False),
    ],
)
async def test_who_may_stop_whom(harness, who, where, target, there, allowed):
    one = await harness.person("甲", who, where)
    other = await harness.person("乙", target, there)
    await one.presses_raw("suspend", other.person_id)
    assert (await actor(harness, other)).suspended is allowed


async def test_nobody_stops_himself(harness):
    admin = await harness.person("管理员", Role.ADMIN)
    await admin.presses_raw("suspend", admin.person_id)
    assert not (await actor(harness, admin)).suspended


async def test_administrators_of_the_settings_are_appointed_once_and_never_locked_out(harness):
    for _ in range(2):
        await starts(harness)
    address = Address("telegram", ChatId(777))
    person = await harness.store.transact(lambda unit: unit.people.find_by_address(address, at=harness.at))
    assert [post.role for post in person.posts] == [Role.ADMIN]
    await harness.store.transact(lambda unit: unit.directory.suspend(person.id, at=harness.at))
    await starts(harness)
    assert not (await harness.store.transact(lambda unit: unit.people.find_by_address(address, at=harness.at))).suspended


# Hand-over ------------------------------------------------------------------------------------------------------------


async def test_a_leader_moves_a_chairs_post_and_the_old_buttons_are_dead(harness):
    leader = await harness.person("陈所", Role.LEADER)
    old = await harness.person("王主任", Role.CHAIR, "上徐村")
    new = await harness.person("李四", Role.MEMBER, "上徐村")
    await old.says("/roster")
    await leader.says("/handover 王主任")
    await leader.presses("李四")
    assert "王主任 ➜ 李四" in await leader.new()
    await leader.presses("确认交接")
    assert "批准前还是原来的人办" in await leader.new()
    assert (await actor(harness, old)).holds(Role.CHAIR)
    await second_word(harness)
    assert (await actor(harness, new)).holds(Role.CHAIR)
    assert not (await actor(harness, old)).posts
    assert "你不再是" in await old.new()
    assert "你现在是" in await new.new()
    await old.presses("上徐村")
    assert "不归你办" in old.toasts[-1]


async def test_a_chair_who_hands_over_himself_waits_for_a_leader(harness):
    leader = await harness.person("陈所", Role.LEADER)
    old = await harness.person("王主任", Role.CHAIR, "上徐村")
    new = await harness.person("李四", Role.MEMBER, "上徐村")
    await old.says("/handover")
    await old.presses("我自己的")
    await old.presses("李四")
    await old.presses("确认交接")
    assert "批准前还是原来的人办" in await old.new()
    assert not (await actor(harness, new)).holds(Role.CHAIR)
    await leader.presses("批准")
    assert (await actor(harness, new)).holds(Role.CHAIR)
    assert not (await actor(harness, old)).holds(Role.CHAIR)


async def test_a_post_is_handed_to_somebody_new_by_code(harness):
    leader = await harness.person("陈所", Role.LEADER)
    old = await harness.person("王主任", Role.CHAIR, "上徐村")
    await leader.says("/handover 王主任")
    await leader.presses("新的人")
    await leader.presses("确认交接")
    code = (await leader.heard())[-1].text.split("<code>")[1].split("</code>")[0]
    assert (await actor(harness, old)).holds(Role.CHAIR)
    new = harness.stranger("孙主任")
    await new.says(f"/start i{code}")
    await accepts(new)
    await second_word(harness)
    assert (await actor(harness, new)).holds(Role.CHAIR)
    assert not (await actor(harness, old)).posts


async def test_every_post_of_an_officer_is_handed_to_somebody_new_by_one_code(harness):
    leader = await harness.person("陈所", Role.LEADER)
    old = await harness.person("张警官", Role.OFFICER, "上徐村")
    await also(harness, old, Role.OFFICER, "下李村")
    await leader.presses_raw("hand", old.person_id)
    await leader.presses("全部")
    await leader.presses("新的人")
    await leader.presses("确认交接")
    code = (await leader.heard())[-1].text.split("<code>")[1].split("</code>")[0]
    new = harness.stranger("孙警官")
    await new.says(f"/start i{code}")
    offer = await new.new()
    assert "上徐村" in offer
    assert "下李村" in offer
    await accepts(new, "孙卫国")
    await second_word(harness)
    assert (await actor(harness, new)).villages(Role.OFFICER) == {harness.villages["上徐村"], harness.villages["下李村"]}
    assert not (await actor(harness, old)).posts


async def test_code_for_several_posts_gives_only_those_still_held_and_allowed(harness):
    leader = await harness.person("陈所", Role.LEADER)
    old = await harness.person("张警官", Role.OFFICER, "上徐村")
    await also(harness, old, Role.OFFICER, "下李村")
    await leader.presses_raw("hand", old.person_id)
    for label in ("全部", "新的人", "确认交接"):
        await leader.presses(label)
    code = (await leader.heard())[-1].text.split("<code>")[1].split("</code>")[0]
    lost = harness.villages["上徐村"]
    await harness.store.transact(lambda unit: unit.people.dismiss(old.person_id, at=harness.at, role=Role.OFFICER, village_id=lost))
    new = harness.stranger("孙警官")
    await new.says(f"/start i{code}")
    await accepts(new, "孙卫国")
    await second_word(harness)
    assert (await actor(harness, new)).villages(Role.OFFICER) == {harness.villages["下李村"]}
    assert not (await actor(harness, old)).posts


@pytest.mark.parametrize("closing", ["上徐村", "下李村"])
async def test_hand_over_of_several_posts_is_decided_when_one_of_its_villages_closes(harness, closing):
    left = next(name for name in harness.villages if name != closing)
    leader = await harness.person("陈所", Role.LEADER)
    second = await harness.person("周所", Role.LEADER)
    old = await harness.person("张警官", Role.OFFICER, "上徐村")
    await also(harness, old, Role.OFFICER, "下李村")
    new = await harness.person("孙警官", Role.DUTY)
    await leader.presses_raw("hand", old.person_id)
    for label in ("全部", "孙警官", "确认交接"):
        await leader.presses(label)
    assert (await close_village(harness.store, closing, into=left, at=harness.at, town=harness.town))[0] == []
    await second.presses("批准")
    assert (await actor(harness, new)).villages(Role.OFFICER) == {harness.villages[left]}
    assert not (await actor(harness, old)).holds(Role.OFFICER)
    waiting = "SELECT 1 FROM appointments WHERE state = 'waiting'"
    assert await harness.store.transact(lambda unit: unit.transaction.fetch_all(waiting)) == []


async def test_administrator_of_the_settings_gets_what_is_theirs_at_the_start(harness):
    seen = []

    async def note(ctx, change, presence):
        seen.append((change.person_id, change.why))
        return ()

    async def work(unit):
        ctx = without_actor(unit, at=harness.at, town=harness.town, cause="start", hooks=Hooks(on_posts_changed=(note,)))
        await ensure_admins(ctx, [Address("telegram", ChatId(777))])

    await harness.store.transact(work)
    person = await harness.store.transact(lambda unit: unit.people.find_by_address(Address("telegram", ChatId(777)), at=harness.at))
    assert seen == [(person.id, Why.STARTED)]
    await harness.store.transact(work)
    assert len(seen) == 1
    await harness.store.transact(lambda unit: unit.directory.suspend(person.id, at=harness.at))
    await harness.store.transact(work)
    assert len(seen) == 2


async def test_nobody_hands_over_another_villages_post(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    other = await harness.person("赵主任", Role.CHAIR, "下李村")
    await officer.says("/handover 赵主任")
    assert "没有找到" in await officer.new()
    await officer.presses_raw("hand", other.person_id)
    assert await officer.new() == ""
    assert (await actor(harness, other)).holds(Role.CHAIR)


async def test_a_right_lost_during_the_hand_over_stops_it(harness):
    leader = await harness.person("陈所", Role.LEADER)
    old = await harness.person("王主任", Role.CHAIR, "上徐村")
    await harness.person("李四", Role.MEMBER, "上徐村")
    await leader.says("/handover 王主任")
    await leader.presses("李四")
    await harness.store.transact(lambda unit: unit.people.dismiss(leader.person_id, at=harness.at))
    await leader.presses("确认交接")
    assert (await actor(harness, old)).holds(Role.CHAIR)


async def test_a_typed_name_gives_a_post_to_nobody_whom_the_buttons_would_not_offer(harness):
    leader = await harness.person("陈所", Role.LEADER)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await harness.person("王主任", Role.CHAIR, "上徐村")
    villager = await harness.person("李强", Role.VILLAGER, "上徐村")
    for typed in ("李强", "王主任", "张警官", str(villager.person_id)):
        await leader.presses_raw("hand", officer.person_id)
        await desk_answers(leader, typed)
        assert "没有找到" in await leader.new()
    assert (await actor(harness, officer)).holds(Role.OFFICER)
    assert not (await actor(harness, villager)).posts


async def test_of_many_colleagues_those_without_a_button_are_typed(harness):
    leader = await harness.person("陈所", Role.LEADER)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    others = [await harness.person(f"警官{number:02d}", Role.OFFICER, "下李村") for number in range(25)]
    await leader.presses_raw("hand", officer.person_id)
    await desk_answers(leader, "警官")
    assert "不止一个" in await leader.new()
    await desk_answers(leader, "警官24")
    await leader.presses("确认交接")
    await second_word(harness)
    assert harness.villages["上徐村"] in (await actor(harness, others[24])).villages(Role.OFFICER)


async def test_a_successor_who_lost_his_post_meanwhile_does_not_get_another(harness):
    leader = await harness.person("陈所", Role.LEADER)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    new = await harness.person("李警官", Role.OFFICER, "下李村")
    await leader.presses_raw("hand", officer.person_id)
    await leader.presses("李警官")
    await harness.store.transact(lambda unit: unit.people.dismiss(new.person_id, at=harness.at))
    await leader.presses("确认交接")
    assert (await actor(harness, officer)).holds(Role.OFFICER)
    assert not (await actor(harness, new)).posts


async def test_a_chair_who_hands_over_learns_of_no_case_about_himself(harness):
    await harness.person("陈所", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    villager = await harness.person("老徐", Role.VILLAGER, "上徐村")
    neighbour = await harness.person("阿珍", Role.VILLAGER, "上徐村")
    await harness.person("李四", Role.MEMBER, "上徐村")

    async def preview(who):
        await who.new()
        await who.presses_raw("hand", chair.person_id)
        await who.presses("李四")
        return await who.new()

    await villager.says("/report dispute 邻居砌墙")
    before = await preview(chair)
    await neighbour.says("主任收了工程队的红包")
    await neighbour.presses("再说清楚些")
    await neighbour.presses("跳过")
    await neighbour.presses("这事跟主任有关")
    await neighbour.presses("报上去")
    assert "1 件" in before
    assert await preview(chair) == before
    assert "2 件" in await preview(officer)


# Duty and leave -------------------------------------------------------------------------------------------------------


async def test_a_deputy_takes_over_for_the_time_of_the_leave_and_no_longer(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    await harness.person("赵主任", Role.CHAIR, "下李村")
    await chair.says("/duty")
    await chair.presses("我要请假")
    await chair.presses("现在起")
    await chair.presses("一天")
    assert not any("赵主任" in label for label in (await chair.heard())[-1].buttons)
    await chair.presses("李四")
    assert "李四替你" in await chair.new()
    assert "由你代" in await member.new()
    village = harness.villages["上徐村"]

    async def chairs():
        posts = await harness.store.transact(lambda unit: unit.people.posts_of(village, at=harness.at))
        return [who.name for who in posts.of(Role.CHAIR)]

    assert await chairs() == ["李四"]
    assert (await actor(harness, member)).villages(Role.CHAIR) == {village}
    await member.says("/duty")
    assert "主任 李四" in await member.new()
    await harness.time_passes(hours=24)
    assert await chairs() == ["王主任"]
    assert not (await actor(harness, member)).holds(Role.CHAIR)


async def takes_leave(who, deputy):
    await who.says("/duty")
    for label in ("我要请假", "现在起", "一周", deputy.name):
        await who.presses(label)
    await who.new()
    await deputy.new()


async def test_a_deputy_who_is_removed_from_office_has_no_rights_left_and_is_told_of_nothing(harness):
    leader = await harness.person("陈所", Role.LEADER)
    second = await harness.person("周所", Role.LEADER)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    new = await harness.person("李警官", Role.OFFICER, "下李村")
    await harness.person("王主任", Role.CHAIR, "上徐村")
    villager = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await takes_leave(leader, officer)
    assert (await actor(harness, officer)).holds(Role.LEADER)
    await second.presses_raw("hand", officer.person_id)
    await second.presses(new.name)
    await second.presses("确认交接")
    await second_word(harness)
    assert not (await actor(harness, officer)).posts
    await officer.presses_raw("suspend", second.person_id)
    assert not (await actor(harness, second)).suspended
    await officer.new()
    await villager.says("/report hazard 有人打架，动刀了")
    await officer.says("/case 1001")
    assert "没有找到编号 1001" in await officer.new()


async def test_a_deputy_gets_nothing_that_the_absent_one_is_given_later(harness):
    leader = await harness.person("陈所", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    villager = await harness.person("小李", Role.VILLAGER, "下李村")
    await takes_leave(member, chair)
    await also(harness, member, Role.OFFICER, "下李村")
    assert not (await actor(harness, chair)).holds(Role.OFFICER)
    await villager.says("/report dispute 邻居砌墙")
    await chair.says("/case 1001")
    assert "没有找到编号 1001" in await chair.new()
    assert "1001" in "".join(message.text for message in await member.heard())
    await leader.says("/case 1001")
    assert "1001" in await leader.new()


async def test_a_typed_time_is_understood_and_a_past_one_asked_again(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await harness.person("李四", Role.MEMBER, "上徐村")
    await chair.says("/duty")
    await chair.presses("我要请假")
    await desk_answers(chair, "后来")
    assert "没看懂" in await chair.new()
    await desk_answers(chair, "明天上午8点")
    await desk_answers(chair, "今天晚上8点")
    assert "结束要在开始之后" in await chair.new()
    await desk_answers(chair, "周五 18:00")
    await desk_answers(chair, "李四")
    assert "✅ 请假" in await chair.new()


async def test_a_deputy_who_cannot_is_let_off_and_the_officer_hears_of_it(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    await chair.says("/duty")
    for label in ("我要请假", "现在起", "一周", "李四"):
        await chair.presses(label)
    await chair.new()
    await member.presses("我顶不了")
    assert "李四" in await chair.new()
    assert "还没人替" in await officer.new()
    assert not (await actor(harness, member)).holds(Role.CHAIR)


async def test_a_leave_is_cancelled_by_who_took_it_and_by_nobody_else(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    stranger = await harness.person("钱书记", Role.SECRETARY, "上徐村")
    await chair.says("/duty")
    for label in ("我要请假", "现在起", "三天", "李四"):
        await chair.presses(label)
    await stranger.presses_raw("noleave", 1)
    await member.presses_raw("noleave", 1)
    assert (await actor(harness, member)).holds(Role.CHAIR)
    await chair.presses("取消请假")
    assert not (await actor(harness, member)).holds(Role.CHAIR)
    assert "不用你代" in await member.new()


async def test_a_second_leave_in_the_same_time_is_refused(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await harness.person("李四", Role.MEMBER, "上徐村")
    await chair.says("/duty")
    for label in ("我要请假", "现在起", "一天", "李四", "我要请假", "现在起", "一天"):
        await chair.presses(label)
    assert "已经请过假" in await chair.new()


async def test_a_deputys_own_posts_do_not_let_him_appoint_himself(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    await chair.says("/duty")
    for label in ("我要请假", "现在起", "一天", "李四"):
        await chair.presses(label)
    await member.says("/handover 王主任")
    await member.presses_raw("hand", chair.person_id)
    assert (await actor(harness, chair)).holds(Role.CHAIR)
    rows = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM appointments"))
    assert not rows


# Presence -------------------------------------------------------------------------------------------------------------


async def test_roster_shows_who_uses_it_who_was_never_seen_and_which_post_is_vacant(harness):
    leader = await harness.person("陈所", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await harness.person("张警官", Role.OFFICER, "上徐村")
    officer = await harness.person("李警官", Role.OFFICER, "下李村")

    async def imported(unit):
        await unit.transaction.execute("UPDATE addresses SET used_at = NULL WHERE person_id = ?", (chair.person_id,))
        await unit.transaction.execute("UPDATE addresses SET unreachable_at = 1 WHERE person_id = ?", (officer.person_id,))

    await harness.store.transact(imported)
    await leader.says("/roster")
    shown = await leader.new()
    assert "⏳ 上徐村：主任 王主任（没上线），民警 张警官" in shown
    assert "⚠️ 下李村：主任 空岗，民警 李警官（收不到）" in shown
    assert "2 人没上线或收不到" in shown
    await chair.says("/me")
    await leader.says("/roster")
    assert "✅ 上徐村：主任 王主任，民警 张警官" in await leader.new()


async def test_nobody_who_was_never_seen_is_offered_as_a_deputy(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    await harness.store.transact(
        lambda unit: unit.transaction.execute("UPDATE addresses SET used_at = NULL WHERE person_id = ?", (member.person_id,))
    )
    await chair.says("/duty")
    for label in ("我要请假", "现在起", "一天"):
        await chair.presses(label)
    assert "李四" not in str((await chair.heard())[-1].buttons)
