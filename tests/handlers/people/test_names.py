"""Names: titles refused, taken out or marked; real names with a post; daily limits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.commands.roster_import import Wishes, import_roster
from domain.people.people import Role
from domain.people.roster import Roster, RosterEntry
from domain.people.roster_plan import Answers
from handlers.people.titles import mark_stored_titles
from tests.handler_harness import HandlerHarness, Voice
from tests.handlers.people.test_joining import CODE, accepts, actor, invitation


async def renames(who: Voice, name: str) -> str:
    """Change a name by /me; return the answer."""
    await who.says("/me")
    await who.presses("改称呼")
    await who.new()
    await who.says(name)
    return await who.new()


async def join(harness: HandlerHarness, profile: str, language: str = "zh") -> Voice:
    who = harness.stranger(profile, language)
    await who.says("/start 上徐村")
    await who.presses("同意并加入" if language == "zh" else "Agree")
    return who


# Titles ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["甲主任", "派出所 值班室", "民\u200b警小丁", "一一〇", "Officer Li"])
async def test_villager_cannot_take_a_title_as_name(harness, name):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    assert "只有担任的人" in await renames(zhou, name)
    assert (await actor(harness, zhou)).name == "周大妈"
    await zhou.says("周奶奶")
    assert (await actor(harness, zhou)).name == "周奶奶"


async def test_title_is_allowed_to_the_holder_of_its_post_and_not_to_their_deputy(harness):
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    member = await harness.person("李四", Role.MEMBER, "上徐村")
    assert "以后叫你王主任" in await renames(chair, "王主任")
    assert "只有担任的人" in await renames(member, "李主任")
    assert "只有担任的人" in await renames(chair, "王所长")


@pytest.mark.parametrize(
    ("profile", "name"), [("民警 丁警官✅", "村民丁"), ("派出所", "村民"), ("甲主任", "村民甲"), ("周大妈", "周大妈"), ("", "村民")]
)
async def test_profile_name_loses_its_titles_at_joining_and_the_name_is_asked_for(harness, profile, name):
    new = await join(harness, profile)
    assert (await actor(harness, new)).name == name
    asked = "这是职务" in await new.new()
    assert asked is (profile not in ("周大妈", ""))
    if asked:
        await new.presses("改称呼")
        await new.says("丁一")
        assert (await actor(harness, new)).name == "丁一"


async def test_profile_name_in_english_loses_its_title_too(harness):
    new = await join(harness, "Police Officer Li", "en")
    assert (await actor(harness, new)).name == "villager Li"


async def test_name_stored_before_is_marked_once_at_the_start_and_true_titles_are_not(harness):
    fake = await harness.person("派出所值班室", Role.VILLAGER, "上徐村")
    member = await harness.person("李主任", Role.MEMBER, "上徐村")
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    other = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    for _ in range(2):
        await harness.store.transact(lambda unit: mark_stored_titles(unit, at=harness.at))
    names = [(await actor(harness, who)).name for who in (fake, member, chair, other)]
    assert names == ["派出所值班室（村民）", "李主任（治保会成员）", "王主任", "周大妈"]


@pytest.mark.parametrize("way", ["handed over", "absent from the roster"])
async def test_name_is_marked_when_the_post_of_its_title_ends(harness, way):
    leader = await harness.person("陈所", Role.LEADER)
    second = await harness.person("周所", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    member = await harness.person("李主任", Role.MEMBER, "上徐村")
    if way == "handed over":
        await leader.presses_raw("hand", chair.person_id)
        await leader.presses("李主任")
        await leader.presses("确认交接")
        await second.presses("批准")
        assert (await actor(harness, member)).name == "李主任"
    else:
        roster = Roster("禾安所", ("上徐村", "下李村"), (RosterEntry(1, "李四", "", None, frozenset({(Role.DUTY, "")})),))
        await import_roster(harness.store, roster, at=harness.at, wishes=Wishes(answers=Answers(removes_absent=True)))
    assert (await actor(harness, chair)).name == "王主任（村民）"


async def test_name_is_no_longer_marked_when_its_title_becomes_true(harness):
    leader = await harness.person("陈所", Role.LEADER)
    second = await harness.person("周所", Role.LEADER)
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    member = await harness.person("李主任（治保会成员）", Role.MEMBER, "上徐村")
    await leader.presses_raw("hand", chair.person_id)
    await leader.presses("李主任")
    await leader.presses("确认交接")
    await second.presses("批准")
    assert (await actor(harness, member)).name == "李主任"


# How often ---------------------------------------------------------------------------------------------------------------


async def test_name_changes_three_times_a_day_and_again_the_next_day(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    for name in ("周一", "周二", "周三"):
        assert f"以后叫你{name}" in await renames(zhou, name)
    assert "明天再改" in await renames(zhou, "周四")
    assert (await actor(harness, zhou)).name == "周三"
    await harness.time_passes(days=1, minutes=1)
    assert "以后叫你周四" in await renames(zhou, "周四")


async def test_leaders_hear_that_somebody_with_a_post_changed_their_name(harness):
    leader = await harness.person("陈所", Role.LEADER)
    admin = await harness.person("机管", Role.ADMIN)
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    villager = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await renames(villager, "周奶奶")
    assert not await leader.new()
    await renames(chair, "李伟")
    for who in (leader, admin):
        assert "王建国 把名字改成了 李伟" in await who.new()


# Real names --------------------------------------------------------------------------------------------------------------


async def test_stranger_gives_a_real_name_before_a_post_is_given(harness):
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    await invitation(harness, Role.MEMBER, "上徐村", issuer=chair)
    new = harness.stranger("U6002")
    await new.says(f"/start i{CODE}")
    await new.presses("同意，我来担任")
    assert (await actor(harness, new)).id is None
    for wrong in ("U6002", "李", "李主任", "李✅"):
        await new.new()
        await new.says(wrong)
        assert "请只打姓名" in await new.new()
    await new.says("李卫东")
    person = await actor(harness, new)
    assert (person.name, person.holds(Role.MEMBER)) == ("李卫东", True)
    assert "李卫东" in await chair.new()


async def test_the_approver_sees_the_real_name_and_not_the_profile(harness):
    leader = await harness.person("陈所", Role.LEADER)
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await invitation(harness, Role.CHAIR, "上徐村", issuer=officer)
    zhou = await harness.person("老周", Role.VILLAGER, "上徐村")
    await zhou.says(f"/start i{CODE}")
    await accepts(zhou, "周建军")
    asked = await leader.new()
    assert "提请 <b>周建军</b> 担任" in asked
    assert "老周" not in asked


async def test_real_name_is_asked_for_once(harness):
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    other = await harness.person("赵强", Role.CHAIR, "下李村")
    member = harness.stranger("U6002")
    await invitation(harness, Role.MEMBER, "上徐村", issuer=chair)
    await member.says(f"/start i{CODE}")
    await accepts(member, "李卫东")
    code = "ACDEFGHJ"
    await invitation(harness, Role.MEMBER, "下李村", issuer=other, code=code)
    await member.says(f"/start i{code}")
    await member.new()
    await member.presses("同意，我来担任")
    assert "真实姓名" not in await member.new()
    assert len((await actor(harness, member)).posts) == 2


async def test_name_of_the_roster_is_real(harness):
    roster = Roster("禾安所", ("上徐村",), (RosterEntry(1, "李卫东", "", None, frozenset({(Role.MEMBER, "上徐村")})),))
    report = await import_roster(harness.store, roster, at=harness.at)
    (code,) = [code for *_, code in report.invitations]
    new = harness.stranger("U6002")
    await new.says(f"/start i{code}")
    await new.presses("同意，我来担任")
    person = await actor(harness, new)
    assert (person.name, person.holds(Role.MEMBER)) == ("李卫东", True)
    assert await harness.store.transact(lambda unit: unit.privacy.is_named(person.id))


async def test_a_code_that_was_accepted_and_cancelled_is_still_there(harness):
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    await invitation(harness, Role.MEMBER, "上徐村", issuer=chair)
    new = harness.stranger("U6002")
    await new.says(f"/start i{CODE}")
    await new.presses("同意，我来担任")
    await new.says("取消")
    assert (await actor(harness, new)).id is None
    await new.says(f"/start i{CODE}")
    await accepts(new, "李卫东")
    assert (await actor(harness, new)).holds(Role.MEMBER)


async def test_a_strangers_cry_for_help_in_the_middle_of_their_name_is_a_cry(harness):
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    await invitation(harness, Role.MEMBER, "上徐村", issuer=chair)
    new = harness.stranger("U6002")
    await new.says(f"/start i{CODE}")
    await new.presses("同意，我来担任")
    await new.new()
    await new.says("着火了快来人")
    assert "119" in await new.new()
    assert (await actor(harness, new)).id is None


async def test_code_that_expired_while_the_name_was_typed_gives_nothing(harness):
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    await invitation(harness, Role.MEMBER, "上徐村", issuer=chair)
    new = harness.stranger("U6002")
    await new.says(f"/start i{CODE}")
    await new.presses("同意，我来担任")
    await harness.time_passes(seconds=timedelta(days=1).total_seconds() + 1)
    await new.says("李卫东")
    assert (await actor(harness, new)).id is None
