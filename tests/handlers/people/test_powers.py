"""Attacks on identity and power, and the ways that must still work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.commands.roster_import import import_roster
from domain.people.invitations import LIFETIME, WRONG_PER_DAY, code_of
from domain.people.people import Role
from domain.people.roster import Roster, RosterEntry
from tests.handler_harness import HandlerHarness, Heard, Voice
from tests.handlers.people.test_joining import CODE, accepts, actor, invitation, second_word
from tests.handlers.people.test_privacy import desk_answers
from tests.handlers.people.test_roster import also, starts, takes_leave

SECRET = "主任收了工程队的红包"


async def code_for(giver: Voice, person: Voice) -> str:
    """Let somebody press "new invitation code" on a person's card; return the code."""
    await giver.presses_raw("again", person.person_id)
    return last_code(await giver.heard())


def last_code(messages: list[Heard]) -> str:
    return next(each.text.split("<code>")[1].split("</code>")[0] for each in reversed(messages) if "<code>" in each.text)


async def takes(who: Voice, code: str, name: str = "") -> None:
    await who.says(f"/start i{code}")
    await accepts(who, name)


async def reports_the_chair(who: Voice) -> None:
    await who.says(SECRET)
    for label in ("再说清楚些", "跳过", "这事跟主任有关", "报上去"):
        await who.presses(label)


async def reads_case(who: Voice) -> bool:
    await who.new()
    await who.says("/case 1001")
    return "红包" in await who.new()


async def shares(who: Voice, phone: str) -> None:
    await who.says("", contact={"user_id": who.user_id, "phone": phone})


class Town:
    """A village with its people in office, and somebody who reported the chair."""

    def __init__(self, harness: HandlerHarness, people: dict[str, Voice]) -> None:
        self.harness = harness
        self.leader, self.second, self.admin, self.officer, self.chair, self.member = people.values()

    @classmethod
    async def of(cls, harness: HandlerHarness) -> Town:
        roles = {
            "陈所": (Role.LEADER, ""),
            "周所": (Role.LEADER, ""),
            "机管": (Role.ADMIN, ""),
            "张警官": (Role.OFFICER, "上徐村"),
            "王主任": (Role.CHAIR, "上徐村"),
            "李四": (Role.MEMBER, "上徐村"),
        }
        town = cls(harness, {name: await harness.person(name, *post) for name, post in roles.items()})
        await reports_the_chair(town.member)
        for who in (town.leader, town.second, town.admin, town.officer, town.chair, town.member):
            await who.new()
        return town


@pytest.fixture
async def place(harness: HandlerHarness) -> Town:
    return await Town.of(harness)


# S-1: a superior takes over a subordinate ------------------------------------------------------------------------------


async def test_a_chair_who_makes_a_code_for_a_member_cannot_use_it(place):
    code = await code_for(place.chair, place.member)
    assert "王主任 发了一个邀请码" in await place.member.new()
    await place.chair.says(f"/start i{code}")
    assert "你自己不能用" in await place.chair.new()
    await place.chair.presses_raw("take", 1)
    assert not await reads_case(place.chair)
    assert await reads_case(place.member)


async def test_a_chairs_unknown_second_account_gets_neither_reports_nor_the_post_while_the_member_says_no(place):
    harness = place.harness
    code = await code_for(place.chair, place.member)
    second = harness.stranger("小号")
    await takes(second, code)
    assert "旧账号还在用" in await second.new()
    assert not (await actor(harness, second)).posts
    assert "有人要接走你的岗位" in await place.member.new()
    for who in (place.leader, place.second):
        assert "小号" in await who.new()
    await place.member.presses("不是我")
    for who in (place.leader, place.second, place.admin):
        told = await who.new()
        assert "没有换手机" in told
        assert "王主任" in told
    await harness.time_passes(hours=30)
    assert not (await actor(harness, second)).posts
    assert (await actor(harness, place.member)).holds(Role.MEMBER)
    assert not await reads_case(second)
    assert await reads_case(place.member)


@pytest.mark.parametrize("way", ["nobody answers", "the old chat agrees", "a leader releases it"])
async def test_whoever_takes_a_post_gets_the_post_and_nothing_of_the_person(place, way):
    harness = place.harness
    before = await actor(harness, place.member)
    code = await code_for(place.chair, place.member)
    second = harness.stranger("小号")
    await takes(second, code)
    if way == "nobody answers":
        await harness.time_passes(hours=23, minutes=59)
        assert not (await actor(harness, second)).posts
        await harness.time_passes(minutes=2)
    elif way == "the old chat agrees":
        await place.member.presses("是我换手机")
    else:
        await place.leader.presses("手机丢了，现在换")
        assert "你的手机丢了" in await place.member.new()
    after = await actor(harness, second)
    assert after.holds(Role.MEMBER)
    assert (after.id != before.id, after.name, after.phone) == (True, "小号", "")
    assert not await reads_case(second)
    old = await actor(harness, place.member)
    assert (old.id, old.name, old.phone, old.posts) == (before.id, before.name, before.phone, ())
    assert await reads_case(place.member)
    assert "小号 已担任" in await place.admin.new()


async def test_the_owner_revokes_a_code_that_they_did_not_ask_for(place):
    code = await code_for(place.chair, place.member)
    await place.member.presses("不是我")
    assert "没有换手机" in await place.leader.new()
    second = place.harness.stranger("小号")
    await second.says(f"/start i{code}")
    assert "用不了" in await second.new()


async def test_nobody_else_answers_for_the_old_chat_or_revokes_its_code(place):
    code = await code_for(place.chair, place.member)
    for who in (place.chair, place.officer):
        await who.presses_raw("notmine", 1)
    second = place.harness.stranger("小号")
    await takes(second, code)
    for who in (second, place.chair, place.officer, place.leader):
        await who.presses_raw("mychat", 1, "yes")
    assert not (await actor(place.harness, second)).posts
    for who in (second, place.chair, place.officer, place.member, place.admin):
        await who.presses_raw("appoint", 1, "now")
    assert not (await actor(place.harness, second)).posts


async def test_a_second_account_known_by_its_contact_is_refused_like_the_issuer(place):
    harness = place.harness
    second = await harness.person("小号", Role.VILLAGER, "上徐村")
    phone = (await actor(harness, place.chair)).phone
    await harness.store.transact(lambda unit: unit.privacy.set_phone(second.person_id, phone))
    code = await code_for(place.chair, place.member)
    await second.says(f"/start i{code}")
    assert "你自己不能用" in await second.new()


async def test_an_account_that_turns_out_to_be_the_issuers_while_it_waits_gets_nothing(place):
    harness = place.harness
    code = await code_for(place.chair, place.member)
    second = await harness.person("小号", Role.VILLAGER, "上徐村")
    await takes(second, code)
    phone = (await actor(harness, place.chair)).phone
    await harness.store.transact(lambda unit: unit.privacy.set_phone(second.person_id, phone))
    await harness.time_passes(hours=25)
    assert not (await actor(harness, second)).posts
    assert (await actor(harness, place.member)).holds(Role.MEMBER)


@pytest.mark.parametrize("lost", ["suspended", "dismissed"])
async def test_a_post_that_waits_does_not_move_when_its_issuer_has_lost_the_right(place, lost):
    harness = place.harness
    code = await code_for(place.chair, place.member)
    second = harness.stranger("小号")
    await takes(second, code)
    if lost == "suspended":
        await place.leader.presses_raw("suspend", place.chair.person_id)
    else:
        await harness.store.transact(lambda unit: unit.people.dismiss(place.chair.person_id, at=harness.at))
    await harness.time_passes(hours=25)
    assert not (await actor(harness, second)).posts
    assert (await actor(harness, place.member)).holds(Role.MEMBER)


async def test_a_suspension_is_not_escaped_by_a_code_that_waits(place):
    harness = place.harness
    code = await code_for(place.chair, place.member)
    second = harness.stranger("小号")
    await takes(second, code)
    await place.leader.presses_raw("suspend", place.member.person_id)
    await harness.time_passes(hours=25)
    assert not (await actor(harness, second)).posts
    assert harness.stopped == ["case.lapse.to_reporter about case:1001 to a person"]
    harness.stopped.clear()


async def test_a_code_moves_only_the_posts_that_its_issuer_may_give(place):
    """A chair has no power over the member's post in another village."""
    harness = place.harness
    code = await code_for(place.chair, place.member)
    await harness.time_passes(minutes=1)
    await also(harness, place.member, Role.CHAIR, "下李村")
    second = harness.stranger("小号")
    await takes(second, code)
    await place.member.presses("是我换手机")
    assert {post.role for post in (await actor(harness, second)).posts} == {Role.MEMBER}
    assert (await actor(harness, place.member)).villages(Role.CHAIR) == {harness.villages["下李村"]}
    await place.chair.presses_raw("again", place.member.person_id)
    assert sum("<code>" in message.text for message in await place.chair.heard()) == 1


async def test_a_leader_cannot_become_the_administrator_nor_an_administrator_the_leader(place):
    for who, other in ((place.leader, place.admin), (place.admin, place.leader), (place.admin, place.officer)):
        await who.presses_raw("again", other.person_id)
        assert not any("<code>" in message.text for message in await who.heard())
        await who.presses_raw("hand", other.person_id)
        assert not any("确认交接" in label for message in await who.heard() for label in message.buttons)


async def test_a_police_post_is_released_by_another_leader_than_the_issuer(place):
    code = await code_for(place.leader, place.officer)
    second = place.harness.stranger("张警官的新手机")
    await takes(second, code)
    await place.leader.presses_raw("appoint", 1, "now")
    await place.admin.presses_raw("appoint", 1, "now")
    assert not (await actor(place.harness, second)).posts
    await place.second.presses("手机丢了，现在换")
    assert (await actor(place.harness, second)).holds(Role.OFFICER)
    assert "周所" in await place.officer.new()


async def test_a_chairs_post_that_moves_needs_a_second_person_besides_the_old_chats_yes(place):
    code = await code_for(place.officer, place.chair)
    second = place.harness.stranger("王主任的新手机")
    await takes(second, code)
    await place.chair.presses("是我换手机")
    await place.harness.time_passes(hours=25)
    assert not (await actor(place.harness, second)).posts
    await place.admin.presses("批准")
    assert (await actor(place.harness, second)).holds(Role.CHAIR)
    assert not await reads_case(second)  # still barred from what is about the chair


async def test_a_chat_that_was_not_used_for_a_month_is_not_waited_for(place):
    harness = place.harness
    await harness.time_passes(days=31)
    code = await code_for(place.officer, place.member)
    second = harness.stranger("李四的新手机")
    await takes(second, code)
    assert (await actor(harness, second)).holds(Role.MEMBER)
    assert "换到新账号了" in await place.member.new()


async def test_a_chat_counts_as_used_when_somebody_wrote_from_it_later(place):
    harness = place.harness
    await harness.time_passes(days=31)
    await place.member.says("/me")
    code = await code_for(place.officer, place.member)
    second = harness.stranger("李四的新手机")
    await takes(second, code)
    assert not (await actor(harness, second)).posts


# S-2: a name is an identity --------------------------------------------------------------------------------------------


async def test_a_name_gives_nobody_the_posts_of_a_namesake(harness):
    leader = await harness.person("陈所", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    namesake = await harness.person("老徐头", Role.MEMBER, "上徐村", reachable=False)
    await also(harness, namesake, Role.CHAIR, "下李村")
    villager = await harness.person("小徐", Role.VILLAGER, "上徐村")
    await villager.presses_raw("rename")
    await desk_answers(villager, "老徐头")
    await chair.says("/invite member 上徐村")
    await takes(villager, last_code(await chair.heard()), "老徐头")
    person = await actor(harness, villager)
    assert [post.role for post in person.posts] == [Role.MEMBER]
    assert person.phone != (await harness.store.transact(lambda unit: unit.people.get(namesake.person_id, at=harness.at))).phone
    other = await harness.store.transact(lambda unit: unit.people.get(namesake.person_id, at=harness.at))
    assert other.name == "老徐头"
    assert {post.role for post in other.posts} == {Role.MEMBER, Role.CHAIR}
    assert "老徐头 已担任" in await leader.new()


@pytest.mark.parametrize("name", ["王五", " 王五 ", "王五\u200b"])
async def test_a_strangers_profile_name_takes_over_nobody(harness, name):
    offline = await harness.person("王五", Role.CHAIR, "下李村", reachable=False)
    await invitation(harness, Role.CHAIR, "下李村")
    thief = harness.stranger(name)
    await takes(thief, CODE)
    assert (await actor(harness, thief)).id != offline.person_id
    assert (await actor(harness, thief)).phone == ""


async def test_a_villager_who_takes_a_roster_persons_code_stays_who_they_are(harness):
    offline = await harness.person("王五", Role.MEMBER, "上徐村", reachable=False)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    villager = await harness.person("小王", Role.VILLAGER, "上徐村")
    before = await actor(harness, villager)
    await takes(villager, await code_for(officer, offline))
    after = await actor(harness, villager)
    assert (after.id, after.name, after.phone) == (before.id, before.name, before.phone)
    assert after.holds(Role.MEMBER)
    left = await harness.store.transact(lambda unit: unit.people.get(offline.person_id, at=harness.at))
    assert not left.posts


async def test_the_next_import_knows_who_took_a_roster_persons_code(harness):
    offline = await harness.person("王五", Role.MEMBER, "上徐村", reachable=False)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    villager = await harness.person("小王", Role.VILLAGER, "上徐村")
    phone = (await harness.store.transact(lambda unit: unit.people.get(offline.person_id, at=harness.at))).phone
    await takes(villager, await code_for(officer, offline))
    row = RosterEntry(1, "王五", phone, None, frozenset({(Role.MEMBER, "上徐村")}))
    await import_roster(harness.store, Roster("禾安所", tuple(harness.villages), (row,)), at=harness.at)
    posts = await harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT person_id FROM posts WHERE role = 'member' AND until_at IS NULL")
    )
    assert [post["person_id"] for post in posts] == [villager.person_id]


async def test_a_stranger_who_takes_a_roster_persons_first_code_is_that_person(harness):
    leader = await harness.person("陈所", Role.LEADER)
    offline = await harness.person("王五", Role.MEMBER, "上徐村", reachable=False)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    stranger = harness.stranger("w")
    await takes(stranger, await code_for(officer, offline))
    assert (await actor(harness, stranger)).id == offline.person_id
    assert (await actor(harness, stranger)).name == "王五"
    assert "王五 已担任" in await leader.new()


async def test_a_stranger_who_waited_for_a_roster_chairs_post_is_that_chair_afterwards(harness):
    leader = await harness.person("陈所", Role.LEADER)
    offline = await harness.person("王五", Role.CHAIR, "上徐村", reachable=False)
    stranger = harness.stranger("w")
    await takes(stranger, await code_for(leader, offline))
    assert not (await actor(harness, stranger)).posts
    await second_word(harness)
    person = await actor(harness, stranger)
    assert (person.id, person.name) == (offline.person_id, "王五")
    assert person.holds(Role.CHAIR)
    empty = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT 1 FROM people WHERE name = 'w'"))
    assert not empty


async def test_a_person_who_was_online_once_is_nobodys_first_chat(harness):
    """An import may move the account away: a code must not give the reports to a stranger."""
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await reports_the_chair(member)
    await harness.store.transact(lambda unit: unit.rosters.detach_all(member.person_id, channel="telegram"))
    stranger = harness.stranger("小号")
    await takes(stranger, await code_for(officer, member))
    assert (await actor(harness, stranger)).holds(Role.MEMBER)
    assert (await actor(harness, stranger)).id != member.person_id
    assert not await reads_case(stranger)


async def test_a_code_bound_to_a_phone_is_taken_only_with_that_contact(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/invite member 上徐村 13812345678")
    assert "138****5678" in (await chair.heard())[-1].text
    code = last_code(await chair.heard())
    thief = harness.stranger("生人")
    await takes(thief, code)
    assert "手机号" in await thief.new()
    await shares(thief, "13899999999")
    assert "用不了" in await thief.new()
    assert (await actor(harness, thief)).id is None
    owner = harness.stranger("本人")
    await takes(owner, code)
    await shares(owner, "13812345678")
    person = await actor(harness, owner)
    assert person.holds(Role.MEMBER)
    assert person.phone == "+8613812345678"


async def test_a_forwarded_contact_does_not_open_a_code_bound_to_a_phone(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/invite member 上徐村 13812345678")
    thief = harness.stranger("生人")
    await takes(thief, last_code(await chair.heard()))
    await thief.says("", contact={"user_id": 4711, "phone": "13812345678"})
    await thief.says("13812345678")
    assert (await actor(harness, thief)).id is None


# Guessing --------------------------------------------------------------------------------------------------------------


async def test_a_right_code_does_not_count_as_a_wrong_one(harness):
    await invitation(harness, Role.MEMBER, "上徐村")
    li = harness.stranger("李四")
    for _ in range(7):
        await li.says(f"/start i{CODE}")
    assert "请你担任" in (await li.heard())[-1].text


async def test_after_a_hundred_wrong_codes_a_day_none_works_and_the_leaders_are_told_once(harness):
    leader = await harness.person("陈所", Role.LEADER)
    await invitation(harness, Role.MEMBER, "上徐村")
    for number in range(WRONG_PER_DAY):
        await harness.stranger(f"路人{number}").says(f"/start i{code_of(bytes([number % 20, number // 20] * 4))}AA"[:17])
    told = await leader.new()
    assert told.count("可能是在猜") == 1
    li = harness.stranger("李四")
    await li.says(f"/start i{CODE}")
    assert "暂停用码" in await li.new()
    assert await leader.new() == ""
    await harness.time_passes(hours=24, seconds=1)
    await invitation(harness, Role.MEMBER, "上徐村", code=code_of(bytes(range(1, 9))))
    await li.says(f"/start i{code_of(bytes(range(1, 9)))}")
    assert "请你担任" in await li.new()


@pytest.mark.parametrize("typed", [CODE.lower(), f"i{CODE}", f"i{CODE.lower()}"])
async def test_a_code_is_read_in_any_case(harness, typed):
    await invitation(harness, Role.MEMBER, "上徐村")
    li = harness.stranger("李四")
    await li.says(f"/start {typed}")
    assert "请你担任" in await li.new()


async def test_the_limit_answers_a_right_code_like_a_wrong_one(harness):
    await invitation(harness, Role.MEMBER, "上徐村")
    answers = set()
    for last in (CODE, code_of(bytes([3] * 8))):
        li = harness.stranger("李四")
        for number in range(5):
            await li.says(f"/start {code_of(bytes([number + 9] * 8))}")
        await li.new()
        await li.says(f"/start {last}")
        answers.add(await li.new())
    assert len(answers) == 1


# S-3: one person alone -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["leader", "officer 上徐村", "duty", "chair 上徐村", "member 上徐村", "secretary 上徐村"])
async def test_an_administrator_invites_nobody_but_administrators(place, role):
    await place.admin.says(f"/invite {role}")
    assert not await place.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT 1 FROM invitations"))


async def test_a_leader_invites_no_administrator(place):
    await place.leader.says("/invite admin")
    assert not await place.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT 1 FROM invitations"))


async def test_a_leader_alone_makes_nobody_a_leader_and_everybody_in_charge_hears_of_a_new_one(place):
    harness = place.harness
    await place.leader.says("/invite leader")
    code = last_code(await place.leader.heard())
    await place.leader.says(f"/start i{code}")
    accomplice = harness.stranger("同伙")
    await takes(accomplice, code)
    await place.leader.presses_raw("appoint", 1, "yes")
    await accomplice.presses_raw("appoint", 1, "yes")
    await place.officer.presses_raw("appoint", 1, "yes")
    assert not (await actor(harness, accomplice)).posts
    await place.second.presses("批准")
    assert (await actor(harness, accomplice)).holds(Role.LEADER)
    told = await place.admin.new()
    assert "陈所" in told
    assert "周所" in told


async def test_an_approver_whose_phone_is_the_issuers_is_not_a_second_person(place):
    harness = place.harness
    phone = (await actor(harness, place.leader)).phone
    await harness.store.transact(lambda unit: unit.privacy.set_phone(place.second.person_id, phone))
    await place.leader.says("/invite leader")
    accomplice = harness.stranger("同伙")
    await takes(accomplice, last_code(await place.leader.heard()))
    await place.second.presses_raw("appoint", 1, "yes")
    assert not (await actor(harness, accomplice)).posts


async def test_a_new_administrator_needs_an_administrator_and_a_second_person(place):
    harness = place.harness
    await place.admin.says("/invite admin")
    new = harness.stranger("新管理员")
    await takes(new, last_code(await place.admin.heard()))
    await place.admin.presses_raw("appoint", 1, "yes")
    assert not (await actor(harness, new)).posts
    await place.leader.presses("批准")
    assert (await actor(harness, new)).holds(Role.ADMIN)


async def test_a_deputy_of_the_leader_appoints_and_approves_nobody(place):
    harness = place.harness
    await takes_leave(place.leader, place.officer)
    assert (await actor(harness, place.officer)).holds(Role.LEADER)
    for line in ("/invite leader", "/invite admin", "/invite officer 下李村", "/invite duty"):
        await place.officer.says(line)
    assert not await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT 1 FROM invitations"))
    await place.officer.says("/invite chair 上徐村")
    await place.officer.presses("都留下")
    accomplice = harness.stranger("同伙")
    await takes(accomplice, last_code(await place.officer.heard()))
    await place.officer.presses_raw("appoint", 1, "yes")
    assert not (await actor(harness, accomplice)).posts
    assert "批准" in str([list(message.buttons) for message in await place.leader.heard()])  # also on leave
    for verb in ("hand", "again"):
        await place.officer.presses_raw(verb, place.second.person_id)
        await place.officer.presses_raw(verb, place.admin.person_id)
    await place.officer.presses_raw("suspend", place.second.person_id)
    assert not (await actor(harness, place.second)).suspended


async def test_what_a_deputy_asked_for_is_not_theirs_after_the_leave(place):
    harness = place.harness
    await takes_leave(place.leader, place.officer)
    await place.officer.presses_raw("suspend", place.chair.person_id)
    await harness.time_passes(days=8)
    await place.officer.presses_raw("restore", place.chair.person_id)
    assert (await actor(harness, place.chair)).suspended  # a leader's post suspended the chair, and the officer has none


async def test_a_leader_hands_nobodys_post_to_themselves(place):
    harness = place.harness
    await place.leader.presses_raw("hand", place.officer.person_id)
    await desk_answers(place.leader, str(place.leader.person_id))
    await desk_answers(place.leader, "陈所")
    await second_word(harness)
    assert (await actor(harness, place.officer)).holds(Role.OFFICER)
    assert not (await actor(harness, place.leader)).holds(Role.OFFICER)


async def test_a_chair_who_gives_their_post_to_their_own_second_account_stays_barred(place):
    harness = place.harness
    second = await harness.person("小号", Role.MEMBER, "上徐村")
    phone = (await actor(harness, place.chair)).phone
    await harness.store.transact(lambda unit: unit.privacy.set_phone(second.person_id, phone))
    await place.chair.presses_raw("hand", place.chair.person_id)
    await place.chair.presses("小号")
    await place.chair.presses("确认交接")
    await second_word(harness)
    assert (await actor(harness, second)).holds(Role.CHAIR)
    assert not await reads_case(second)


async def test_an_approval_after_the_issuer_was_suspended_gives_nothing(place):
    harness = place.harness
    await place.officer.says("/invite chair 上徐村")
    await place.officer.presses("都留下")
    accomplice = harness.stranger("同伙")
    await takes(accomplice, last_code(await place.officer.heard()))
    await place.leader.presses_raw("suspend", place.officer.person_id)
    await place.second.presses("批准")
    assert not (await actor(harness, accomplice)).posts
    assert "没有批准" in await accomplice.new()


async def test_somebody_suspended_while_they_wait_gets_nothing(place):
    harness = place.harness
    await place.officer.says("/invite chair 上徐村")
    await place.officer.presses("都留下")
    accomplice = await harness.person("同伙", Role.MEMBER, "上徐村")
    await takes(accomplice, last_code(await place.officer.heard()))
    await place.leader.presses_raw("suspend", accomplice.person_id)
    await place.leader.presses("批准")
    posts = (await actor(harness, accomplice)).posts
    assert Role.CHAIR not in {post.role for post in posts}


async def test_somebody_forgotten_while_they_wait_gets_nothing(place):
    harness = place.harness
    await place.officer.says("/invite chair 上徐村")
    await place.officer.presses("都留下")
    accomplice = harness.stranger("同伙")
    await takes(accomplice, last_code(await place.officer.heard()))
    await accomplice.says("/forget")
    await accomplice.presses("删除，不留")
    await place.leader.presses("批准")
    assert not await harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT 1 FROM posts WHERE role = 'chair' AND person_id <> ?", (place.chair.person_id,))
    )


async def test_every_change_of_power_is_told_to_all_leaders_and_administrators(place):
    harness = place.harness
    for who in (place.leader, place.second, place.admin):
        await who.new()
    await place.chair.says("/invite member 上徐村")
    await takes(harness.stranger("新成员"), last_code(await place.chair.heard()))
    for who in (place.leader, place.second, place.admin):
        assert "新成员 已担任" in await who.new()
    await place.officer.presses_raw("suspend", place.chair.person_id)
    for who in (place.leader, place.second, place.admin):
        assert "停用了 王主任" in await who.new()
    await place.officer.presses_raw("restore", place.chair.person_id)
    for who in (place.leader, place.second, place.admin):
        assert "王主任" in await who.new()


async def test_leaders_are_told_of_an_administrator_whom_the_settings_name(harness):
    leader = await harness.person("陈所", Role.LEADER)
    for _ in range(2):
        await starts(harness)
    assert (await leader.new()).count("成了管理员") == 1


# S-16: who ends a suspension ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "ends", "allowed"),
    [
        ("leader", "officer", False),
        ("leader", "second", True),
        ("leader", "admin", True),
        ("officer", "officer", True),
        ("officer", "leader", True),
        ("admin", "leader", False),
        ("admin", "admin", True),
    ],
)
async def test_a_suspension_is_ended_only_by_its_rank_or_a_higher_one(place, by, ends, allowed):
    await getattr(place, by).presses_raw("suspend", place.chair.person_id)
    assert (await actor(place.harness, place.chair)).suspended
    await getattr(place, ends).presses_raw("rp", place.chair.person_id)
    shown = [label for message in await getattr(place, ends).heard() for label in message.buttons]
    assert any("恢复" in label for label in shown) is allowed
    await getattr(place, ends).presses_raw("restore", place.chair.person_id)
    assert (await actor(place.harness, place.chair)).suspended is not allowed


async def test_a_leader_of_another_station_ends_no_suspension(place):
    harness = place.harness
    row = await harness.store.transact(lambda unit: unit.transaction.fetch_one("INSERT INTO stations (name) VALUES ('邻所') RETURNING id"))
    stranger = await harness.person("邻所长", Role.VILLAGER)
    await harness.store.transact(
        lambda unit: unit.people.appoint(stranger.person_id, Role.LEADER, station_id=row["id"], village_id=None, at=harness.at)
    )
    await place.leader.presses_raw("suspend", place.member.person_id)
    await harness.store.transact(
        lambda unit: unit.people.appoint(place.member.person_id, Role.DUTY, station_id=row["id"], village_id=None, at=harness.at)
    )
    await stranger.presses_raw("restore", place.member.person_id)
    assert (await actor(harness, place.member)).suspended


# Another chat of one's own ----------------------------------------------------------------------------------------------


async def test_a_code_for_ones_own_other_chat_is_nobody_elses(place):
    harness = place.harness
    await place.member.presses_raw("linkme")
    code = last_code(await place.member.heard())
    for who in (place.chair, place.leader, await harness.person("阿珍", Role.VILLAGER, "上徐村")):
        await who.says(f"/start i{code}")
        assert "用不了" in await who.new()
    thief = harness.stranger("生人")  # on the same channel
    await takes(thief, code)
    assert "用不了" in thief.toasts[-1]
    assert (await actor(harness, thief)).id is None


def test_a_code_lives_a_day():
    assert timedelta(hours=24) == LIFETIME


# Codes for one person ---------------------------------------------------------------------------------------------------


async def test_codes_for_one_person_are_bounded_by_issuer_and_day(harness):
    leader = await harness.person("陈所", Role.LEADER)
    second = await harness.person("周所", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")

    def announced(heard: list[Heard]) -> int:
        return sum(message.key == "invite.issued.to_owner" for message in heard)

    for _ in range(5):
        await leader.presses_raw("again", chair.person_id)
    assert announced(await chair.heard()) == 3
    assert "过一天再发" in leader.toasts[-1] + await leader.new()
    await leader.presses_raw("again", officer.person_id)
    assert announced(await officer.heard()) == 1
    await second.presses_raw("again", chair.person_id)
    assert announced(await chair.heard()) == 4
    await harness.time_passes(days=1, minutes=1)
    await leader.presses_raw("again", chair.person_id)
    assert announced(await chair.heard()) == 5
