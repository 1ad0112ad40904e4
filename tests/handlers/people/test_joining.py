from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.cases.visibility import NAMED, Part, who_sees
from domain.core.change import Address, ChatId
from domain.people.invitations import LIFETIME, code_of
from domain.people.people import LIMITED, RANK, Role
from domain.people.titles import is_real_name
from tests.handler_harness import HandlerHarness, Voice
from texts import plain

CODE = code_of(bytes(range(8)))


async def invitation(harness: HandlerHarness, role: Role, village: str = "", *, issuer: Voice | None = None, code: str = CODE) -> int:
    return await harness.store.transact(
        lambda unit: unit.invitations.issue(
            code,
            role,
            station_id=harness.station,
            village_id=harness.villages.get(village),
            issuer_id=issuer.person_id if issuer else None,
            at=harness.at,
            expires_at=harness.at + LIFETIME,
        )
    )


async def actor(harness: HandlerHarness, who: Voice):
    address = Address("telegram", ChatId(who.user_id))
    return await harness.store.transact(lambda unit: unit.people.actor(address, name="", language="zh", at=harness.at))


async def accepts(who: Voice, name: str = "") -> None:
    """Accept a code that was shown, and give a real name if the bot asks for one."""
    await who.presses("同意，我来担任")
    if "真实姓名" in (await who.heard())[-1].text:
        await who.says(name or (who.name if is_real_name(who.name) else "王建国"))


async def second_word(harness: HandlerHarness) -> Voice:
    """Let an administrator approve everything that waits for a second person."""
    admin = await harness.person("管理员", Role.ADMIN)
    waiting = await harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT id FROM appointments WHERE state = 'waiting' ORDER BY id")
    )
    for row in waiting:
        await admin.presses_raw("appoint", row["id"], "yes", "both")
    return admin


async def test_villager_joins_in_two_taps_and_the_text_agreed_to_is_recorded(harness):
    zhou = harness.stranger("周大妈")
    await zhou.says(f"/start v{harness.villages['上徐村']}")
    assert "谁看得到" in await zhou.new()
    assert (await actor(harness, zhou)).id is None
    await zhou.presses("同意并加入")
    assert "你已加入 <b>上徐村</b>" in await zhou.new()
    person = await actor(harness, zhou)
    assert person.role is Role.VILLAGER
    profile = await harness.store.transact(lambda unit: unit.privacy.profile(person.id))
    assert (profile.consent_version, profile.consented_at, profile.village) == ("1", harness.at, "上徐村")


async def test_consent_text_names_every_reader_of_a_report(harness):
    zhou = harness.stranger("周大妈")
    await zhou.says("/start 上徐村")
    told = await zhou.new()
    readers = who_sees(NAMED, Part.WORDS)
    line = next(line for line in told.splitlines() if "谁看得到" in line)
    for role in RANK[1:]:
        assert (role in readers) is (plain(f"people.role.{role}" if role in LIMITED else f"case.post.{role}", "zh") in line)
    assert "村书记只看得到编号、类别、办到哪一步、报了多久" in told
    for words in ("谁负责：禾安所", "办你报的事、给你发预警", "存多久", "telegram", "未满 14 岁"):
        assert words in told


async def test_tips_are_asked_for_once_and_nobody_gets_them_before_saying_yes(harness):
    zhou = harness.stranger("周大妈")
    await zhou.says("/start 上徐村")
    await zhou.presses("同意并加入")
    assert (await zhou.new()).count("要不要收防骗提示") == 1
    person = await actor(harness, zhou)
    assert not await harness.store.transact(lambda unit: unit.tips.wants(person.id))
    await zhou.says("/start")
    assert "要不要收防骗提示" not in await zhou.new()
    await zhou.presses_raw("tip.wish", "1")
    assert await harness.store.transact(lambda unit: unit.tips.wants(person.id))


async def test_person_from_the_roster_who_was_never_asked_is_asked_at_the_next_start(harness):
    member = await harness.person("申小明", Role.MEMBER, "上徐村")
    assert not await harness.store.transact(lambda unit: unit.tips.wants(member.person_id))
    for asked in (1, 0):
        await member.says("/start")
        assert (await member.new()).count("要不要收防骗提示") == asked


async def test_pressing_agree_twice_makes_one_person(harness):
    zhou = harness.stranger("周大妈")
    await zhou.says("/start 上徐村")
    await zhou.presses("同意并加入")
    await zhou.presses("同意并加入")
    rows = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM people WHERE name = '周大妈'"))
    assert len(rows) == 1


async def test_who_thinks_it_over_leaves_no_trace(harness):
    zhou = harness.stranger("周大妈")
    await zhou.says("/start 上徐")
    await zhou.presses("再想想")
    assert "什么都没有存" in await zhou.new()
    assert not await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM people"))


@pytest.mark.parametrize("typed", ["上徐村", "上徐", " 上徐村 "])
async def test_a_village_is_found_with_or_without_its_last_character(harness, typed):
    zhou = harness.stranger()
    await zhou.says(f"/start {typed}")
    assert "<b>上徐村</b>" in await zhou.new()


async def test_a_name_typed_wrongly_offers_the_near_ones(harness):
    zhou = harness.stranger()
    await zhou.says("/start 下徐村")
    assert "是不是下面哪一个" in await zhou.new()
    await zhou.presses("上徐村")
    assert "<b>上徐村</b>" in await zhou.new()


@pytest.mark.parametrize("odd", ["v999999", "v99999999999", "zzz", "v", "‮村", "村" * 3000, "<b>村</b>", "i", "v1_000", "v１"])
async def test_whatever_follows_start_is_answered(harness, odd):
    zhou = harness.stranger()
    await zhou.says(f"/start {odd}")
    assert await zhou.new()


async def test_villager_who_scans_another_village_is_asked_whether_they_moved(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await zhou.says(f"/start v{harness.villages['下李村']}")
    assert "你搬到 下李村 了吗" in await zhou.new()
    assert (await actor(harness, zhou)).village_id == harness.villages["上徐村"]
    await zhou.presses("搬到下李村了")
    assert "答应之前，你还是<b>上徐村</b>的" in await zhou.new()


async def test_every_village_can_be_picked_from_the_list(harness):
    zhou = harness.stranger()
    await zhou.says("/start")
    await zhou.presses("选我的村")
    await zhou.presses("下李村")
    await zhou.presses("同意并加入")
    assert (await actor(harness, zhou)).village_id == harness.villages["下李村"]


# Invitations ----------------------------------------------------------------------------------------------------------


async def test_member_takes_the_post_a_chair_offers(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/invite member 上徐村")
    message = (await chair.heard())[-1]
    code = message.text.split("<code>")[1].split("</code>")[0]
    assert message.row["media"]
    assert f"start=i{code}" in message.text
    li = harness.stranger("李四")
    await li.says(f"/start i{code}")
    assert "上徐村治保会成员" in await li.new()
    await accepts(li)
    assert (await actor(harness, li)).villages(Role.MEMBER) == {harness.villages["上徐村"]}
    assert "李四 已担任" in await chair.new()
    stored = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM invitations"))
    assert code not in str([tuple(row) for row in stored])


@pytest.mark.parametrize(("late", "works"), [(-1, True), (0, False), (1, False)])
async def test_a_code_dies_on_the_second(harness, late, works):
    await invitation(harness, Role.MEMBER, "上徐村")
    await harness.time_passes(seconds=LIFETIME.total_seconds() + late)
    li = harness.stranger("李四")
    await li.says(f"/start {CODE}")
    assert ("上徐村治保会成员" in await li.new()) is works


async def test_a_code_that_expires_while_it_is_read_is_refused_at_the_press(harness):
    await invitation(harness, Role.MEMBER, "上徐村")
    await harness.time_passes(seconds=LIFETIME.total_seconds() - 1)
    li = harness.stranger("李四")
    await li.says(f"/start {CODE}")
    await harness.time_passes(seconds=1)
    await accepts(li)
    assert "用不了" in li.toasts[-1]
    assert (await actor(harness, li)).id is None


async def test_fifty_people_at_once_make_one_holder(harness):
    await invitation(harness, Role.MEMBER, "上徐村")
    crowd = [harness.stranger(f"路人{number}") for number in range(50)]
    await asyncio.gather(*(who.says(f"/start i{CODE}") for who in crowd))
    await asyncio.gather(*(accepts(who) for who in crowd))
    held = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM posts WHERE role = 'member'"))
    people = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM people"))
    assert (len(held), len(people)) == (1, 1)
    heard = [message for who in crowd for message in await who.heard()]
    assert sum("用不了" in message.text for message in heard) == 49


async def test_the_press_is_worth_nothing_to_who_never_had_the_code(harness):
    number = await invitation(harness, Role.CHAIR, "上徐村")
    thief = harness.stranger("小偷")
    await thief.presses_raw("take", number)
    assert "用不了" in thief.toasts[-1]
    assert (await actor(harness, thief)).id is None


async def test_an_ex_officers_code_is_dead(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await invitation(harness, Role.MEMBER, "上徐村", issuer=officer)
    await harness.store.transact(lambda unit: unit.people.dismiss(officer.person_id, at=harness.at))
    li = harness.stranger("李四")
    await li.says(f"/start i{CODE}")
    assert "用不了" in await li.new()


async def test_a_code_for_a_village_the_issuer_has_left_is_dead(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await invitation(harness, Role.MEMBER, "下李村", issuer=officer)
    li = harness.stranger("李四")
    await li.says(f"/start i{CODE}")
    assert "用不了" in await li.new()


async def test_all_bad_codes_are_answered_alike(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    revoked = await invitation(harness, Role.MEMBER, "上徐村", issuer=officer)
    await harness.store.transact(lambda unit: unit.invitations.revoke(revoked, issuer_id=officer.person_id, at=harness.at))
    answers = set()
    for code in (f"i{CODE}", CODE, f"i{code_of(bytes(8))}", "iabc"):
        li = harness.stranger("李四")
        await li.says(f"/start {code}")
        answers.add(await li.new())
    assert len(answers) == 1


async def test_guessing_stops_after_five_tries_an_hour_and_goes_on_later(harness):
    await invitation(harness, Role.MEMBER, "上徐村")
    li = harness.stranger("李四")
    for number in range(5):
        await li.says(f"/start i{code_of(bytes([number + 9] * 8))}")
    await li.new()
    await li.says(f"/start i{CODE}")
    assert "过一小时再来" in await li.new()
    await harness.time_passes(hours=1, seconds=1)
    await li.says(f"/start i{CODE}")
    assert "请你担任" in await li.new()


async def test_a_chair_proposed_by_an_officer_waits_for_a_leader(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    leader = await harness.person("陈所", Role.LEADER)
    await invitation(harness, Role.CHAIR, "上徐村", issuer=officer)
    li = harness.stranger("李四")
    await li.says(f"/start i{CODE}")
    await accepts(li)
    assert "还要所领导点一下头" in await li.new()
    assert not (await actor(harness, li)).holds(Role.CHAIR)
    await leader.presses("批准")
    assert (await actor(harness, li)).holds(Role.CHAIR)
    assert "你现在是" in await li.new()
    assert "李四 已担任" in await officer.new()
    await leader.presses_raw("appoint", 1, "no")
    assert "已经有人定了" in leader.toasts[-1]


async def test_only_a_leader_of_the_station_confirms(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    duty = await harness.person("值班", Role.DUTY)
    await harness.person("陈所", Role.LEADER)
    await invitation(harness, Role.CHAIR, "上徐村", issuer=officer)
    li = harness.stranger("李四")
    await li.says(f"/start i{CODE}")
    await accepts(li)
    for who in (officer, duty, li):
        await who.presses_raw("appoint", 1, "yes")
        assert not (await actor(harness, li)).holds(Role.CHAIR)


async def test_a_leader_says_no(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    leader = await harness.person("陈所", Role.LEADER)
    await invitation(harness, Role.CHAIR, "上徐村", issuer=officer)
    li = harness.stranger("李四")
    await li.says(f"/start i{CODE}")
    await accepts(li)
    await li.new()
    await leader.presses("不批准")
    assert "没有批准" in await li.new()
    assert not (await actor(harness, li)).holds(Role.CHAIR)


async def test_a_leaders_own_word_is_not_enough_for_a_chair(harness):
    leader = await harness.person("陈所", Role.LEADER)
    admin = await harness.person("管理员", Role.ADMIN)
    await invitation(harness, Role.CHAIR, "上徐村", issuer=leader)
    li = harness.stranger("李四")
    await li.says(f"/start i{CODE}")
    await accepts(li)
    await leader.presses_raw("appoint", 1, "yes")
    assert not (await actor(harness, li)).holds(Role.CHAIR)
    await admin.presses("批准")
    assert (await actor(harness, li)).holds(Role.CHAIR)
    assert "李四 已担任" in await leader.new()
    assert "李四 已担任" in await admin.new()


async def test_a_suspended_person_sees_what_a_stranger_sees(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    stranger = harness.stranger("王主任")
    await harness.store.transact(lambda unit: unit.directory.suspend(chair.person_id, at=harness.at))
    for line in ("/start", "/start 上徐村", "/me", "/forget", "/roster", "/invite", "/duty", "/handover", "/language"):
        await chair.says(line)
        await stranger.says(line)
        assert await chair.new() == await stranger.new(), line
    await chair.says("/start 上徐村")
    await chair.presses("同意并加入")
    assert (await actor(harness, chair)).suspended
    rows = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM people"))
    assert len(rows) == 1


async def test_revoked_from_the_message_that_showed_it(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/invite member 上徐村")
    code = (await chair.heard())[-1].text.split("<code>")[1].split("</code>")[0]
    await chair.presses("收回这个邀请")
    li = harness.stranger("李四")
    await li.says(f"/start i{code}")
    assert "用不了" in await li.new()


@pytest.mark.parametrize(
    ("role", "line"),
    [
        (Role.CHAIR, "/invite chair 上徐村"),
        (Role.CHAIR, "/invite member 下李村"),
        (Role.OFFICER, "/invite chair 下李村"),
        (Role.OFFICER, "/invite leader"),
        (Role.OFFICER, "/invite officer 上徐村"),
        (Role.MEMBER, "/invite member 上徐村"),
        (Role.SECRETARY, "/invite member 上徐村"),
        (Role.DUTY, "/invite member 上徐村"),
        (Role.VILLAGER, "/invite member 上徐村"),
    ],
)
async def test_nobody_invites_beyond_his_right(harness, role, line):
    who = await harness.person("某人", role, "上徐村")
    await who.says(line)
    assert await who.new()
    assert not await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM invitations"))


async def test_officer_invites_by_buttons(harness):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await officer.says("/invite")
    await officer.presses("治保主任")
    await officer.presses("上徐村")
    assert "还要一位所领导或管理员批准" in await officer.new()
    await officer.says("/invite")
    assert "你发出去还没用的邀请" in await officer.new()


async def test_a_villager_who_redeems_keeps_being_the_same_person(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await invitation(harness, Role.MEMBER, "上徐村")
    await zhou.says(f"/start i{CODE}")
    await accepts(zhou)
    person = await actor(harness, zhou)
    assert (person.id, person.role) == (zhou.person_id, Role.MEMBER)


async def about_the_chair(harness: HandlerHarness) -> None:
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await xu.says("主任收了工程队的红包")
    for label in ("再说清楚些", "跳过", "这事跟主任有关", "报上去"):
        await xu.presses(label)


@pytest.mark.parametrize("way", ["new phone", "new phone of a villager", "first phone", "another's invitation"])
async def test_a_chair_who_comes_with_another_phone_still_sees_nothing_that_is_about_him(harness, way):
    leader = await harness.person("陈所", Role.LEADER)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    chair = await harness.person("王建国", Role.CHAIR, "上徐村", reachable=way.startswith("new"))
    await about_the_chair(harness)
    phone = harness.stranger("王建国")
    if way != "new phone":
        await phone.says("/start 上徐村")
        await phone.presses("同意并加入")
    if way == "another's invitation":
        await invitation(harness, Role.CHAIR, "上徐村", issuer=leader)
        code = CODE
    else:
        await leader.presses_raw("again", chair.person_id)
        code = (await leader.heard())[-1].text.split("<code>")[1].split("</code>")[0]
    await phone.says(f"/start i{code}")
    await accepts(phone)
    assert not (await actor(harness, phone)).holds(Role.CHAIR)
    await second_word(harness)
    await harness.time_passes(hours=24)
    assert (await actor(harness, phone)).holds(Role.CHAIR)
    await phone.new()
    await phone.says("/case 1001")
    assert "没有找到编号 1001" in await phone.new()
    posts = await harness.store.transact(lambda unit: unit.people.posts_of(harness.villages["上徐村"], at=harness.at))
    assert len(posts.of(Role.CHAIR)) == (2 if way == "another's invitation" else 1)
    await officer.says("/case 1001")
    assert "红包" in await officer.new()


async def test_a_code_ends_with_a_suspension_and_a_lower_rank_makes_no_new_one(harness):
    leader = await harness.person("陈所", Role.LEADER)
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    await leader.presses_raw("again", member.person_id)
    code = (await leader.heard())[-1].text.split("<code>")[1].split("</code>")[0]
    await leader.presses_raw("suspend", member.person_id)
    phone = harness.stranger("老李")
    await phone.says(f"/start i{code}")
    assert "用不了" in await phone.new()
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await officer.presses_raw("again", member.person_id)
    assert not any("<code>" in message.text for message in await officer.heard())


async def test_after_a_suspension_its_rank_gives_the_posts_to_a_new_phone_and_the_old_one_stays_out(harness):
    leader = await harness.person("陈所", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await about_the_chair(harness)
    await leader.presses_raw("suspend", chair.person_id)
    await leader.presses_raw("again", chair.person_id)
    phone = harness.stranger("老王")
    code = (await leader.heard())[-1].text.split("<code>")[1].split("</code>")[0]
    await phone.says(f"/start i{code}")
    await accepts(phone)
    assert not (await actor(harness, phone)).posts
    await second_word(harness)
    assert (await actor(harness, phone)).holds(Role.CHAIR)
    assert (await actor(harness, chair)).suspended
    await phone.new()
    await phone.says("/case 1001")
    assert "没有找到编号 1001" in await phone.new()


async def test_tries_survive_a_restart(harness):
    li = harness.stranger("李四")
    for _ in range(5):
        await li.says("/start iabc")
    address = Address("telegram", ChatId(li.user_id))
    since = harness.at - timedelta(hours=1)
    assert await harness.store.transact(lambda unit: unit.invitations.tries_since(address, "invitation", since=since)) == 5
