"""Posts that see only their own things: the people who give them, and refusals."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from bot.commands.roster_import import Wishes, import_roster
from domain.people.people import LIMITED, STATION_ROLES, Leave, Post, Role, may_deputise, may_see_phone
from domain.people.roster import ROLE_NAMES, Line, Roster, RosterEntry, Sheet, check
from domain.people.roster_plan import Answers
from storage.unit import Unit
from tests.handler_harness import HandlerHarness
from tests.handlers.people.test_joining import accepts, actor
from tests.handlers.people.test_powers import last_code
from texts import plain

EACH = sorted(LIMITED)
CHINESE = {
    Role.MEDIATOR: "调解员",
    Role.PATROL: "巡逻队长",
    Role.JUDICIAL: "司法所",
    Role.TRAFFIC: "交管值班",
    Role.AUDIT: "审计",
}


def test_every_limited_role_is_listed_here():
    assert set(CHINESE) == LIMITED


@pytest.mark.parametrize("word", ["Chinese", "English"])
@pytest.mark.parametrize("role", EACH)
async def test_post_is_given_by_its_code_and_the_offer_says_who_gives_it_and_what_it_sees(harness, role, word):
    leader = await harness.person("陈强", Role.LEADER)
    second = await harness.person("周强", Role.LEADER)
    name = CHINESE[role] if word == "Chinese" else str(role)
    await leader.says(f"/invite {name}" + ("" if role in STATION_ROLES else " 上徐村"))
    new = harness.stranger("U6002")
    await new.says(f"/start i{last_code(await leader.heard())}")
    assert plain(f"people.sees.{role}", "zh") in await new.new()
    await accepts(new, "李卫东")
    if role in STATION_ROLES:
        assert not (await actor(harness, new)).posts
        await second.presses("批准")
    assert (await actor(harness, new)).holds(role)
    await new.new()
    await new.says("/help")
    assert plain(f"people.sees.{role}", "zh") in await new.new()


@pytest.mark.parametrize("role", EACH)
async def test_holder_is_refused_everything_of_others(harness, role):
    villager = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await villager.says("/report dispute 邻居砌墙占了我家的路")
    holder = await harness.person("李卫东", role, "上徐村")
    lines = ("/case 1001", "/cases", "/cases 砌墙", "/accept 1001", "/ack 1001", "/note 1001 看看", "/roster", "/alert", "/drill", "/duty")
    for line in (*lines, "/handover", "/invite"):
        await holder.says(line)
        told = await holder.new() + "".join(holder.toasts)
        assert "砌墙占了" not in told, line
        assert "老徐" not in told, line
    assert not any("砌墙占了" in message.text for message in await holder.heard())


@pytest.mark.parametrize("role", EACH)
async def test_holder_reads_no_roster(harness, role):
    await harness.person("王建国", Role.CHAIR, "上徐村")
    await harness.person("陈强", Role.LEADER)
    holder = await harness.person("李卫东", role, "上徐村")
    await holder.says("/roster")
    assert "不归你办" in await holder.new()
    for number in (0, harness.villages["上徐村"]):
        await holder.presses_raw("rv", number)
    await holder.presses_raw("rpage", 0)
    told = await holder.new()
    assert "王建国" not in told
    assert "陈强" not in told


async def test_auditors_leave_lends_nothing(harness):
    auditor = await harness.person("李卫东", Role.AUDIT)
    traffic = await harness.person("赵强", Role.TRAFFIC)
    duty = await harness.person("孙强", Role.DUTY)
    for absent in (auditor, traffic):
        leave = Leave(absent.person_id, duty.person_id, harness.at, harness.at + timedelta(days=1))
        await harness.store.transact(partial(add_leave, leave=leave, harness=harness))
    held = await actor(harness, duty)
    assert (held.holds(Role.TRAFFIC), held.holds(Role.AUDIT)) == (True, False)
    auditors = await harness.store.transact(lambda unit: unit.people.get(auditor.person_id, at=harness.at))
    assert [may_deputise(post, held) for post in auditors.posts] == [False]


async def add_leave(unit: Unit, *, leave: Leave, harness: HandlerHarness) -> None:
    await unit.directory.add_leave(leave, at=harness.at)


async def test_auditor_needs_two_leaders_and_an_administrator_is_neither(harness):
    leader = await harness.person("陈强", Role.LEADER)
    admin = await harness.person("机管", Role.ADMIN)
    await admin.says("/invite audit")
    assert "码：" not in await admin.new()
    await leader.says("/invite audit")
    assert "还要另一位所领导批准，管理员不行" in (await leader.heard())[-1].text
    new = harness.stranger("U6002")
    await new.says(f"/start i{last_code(await leader.heard())}")
    await leader.new()
    await accepts(new, "李卫东")
    assert "要另一位所领导批准，可现在一位也联系不上" in await leader.new()
    for who in (leader, admin):
        await who.presses_raw("appoint", 1, "yes")
    assert not (await actor(harness, new)).posts
    second = await harness.person("周强", Role.LEADER)
    await second.presses_raw("appoint", 1, "yes")
    assert (await actor(harness, new)).holds(Role.AUDIT)


async def test_auditor_names_no_successor_and_no_deputy(harness):
    auditor = await harness.person("李卫东", Role.AUDIT)
    leader = await harness.person("陈强", Role.LEADER)
    await auditor.says("/handover")
    await auditor.presses_raw("hand", auditor.person_id)
    assert not any("接" in label for message in await auditor.heard() for label in message.buttons)
    await auditor.presses_raw("leave")
    for line in ("今天", "明天"):
        await auditor.says(line)
    assert not await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT 1 FROM leaves"))
    assert not (await actor(harness, leader)).holds(Role.AUDIT)


def sheet(role: str, villages: tuple[str, ...] = ("上徐村",)) -> Sheet:
    return Sheet("禾安所", ("上徐村",), (Line(2, "李卫东", role, villages),))


@pytest.mark.parametrize("role", EACH)
def test_roster_reads_the_role_in_both_languages_and_refuses_auditors(role):
    for name in (str(role), CHINESE[role]):
        assert ROLE_NAMES[name] is role
        read = check(sheet(name))
        if role is Role.AUDIT:
            assert not isinstance(read, Roster)
            assert [fault.key for fault in read] == ["roster.fault.appointed"]
        else:
            assert isinstance(read, Roster)
            assert read.people[0].posts == {(role, "" if role in STATION_ROLES else "上徐村")}


async def test_import_that_removes_absent_people_leaves_the_auditor(harness):
    auditor = await harness.person("李卫东", Role.AUDIT)
    duty = await harness.person("孙强", Role.DUTY)
    roster = Roster("禾安所", ("上徐村", "下李村"), (RosterEntry(1, "王强", "", None, frozenset({(Role.LEADER, "")})),))
    await import_roster(harness.store, roster, at=harness.at, wishes=Wishes(answers=Answers(removes_absent=True)))
    assert (await actor(harness, auditor)).holds(Role.AUDIT)
    assert not (await actor(harness, duty)).posts


@pytest.mark.parametrize("role", [Role.JUDICIAL, Role.TRAFFIC])
async def test_committee_and_police_see_the_number_of_a_contact(harness, role):
    contact = await harness.person("李卫东", role, reachable=False)
    phone = (await harness.store.transact(lambda unit: unit.people.get(contact.person_id, at=harness.at))).phone
    for reader in (await harness.person("王建国", Role.CHAIR, "上徐村"), await harness.person("丁伟", Role.OFFICER, "上徐村")):
        await reader.says("/roster")
        await reader.presses("所里")
        assert phone in (await reader.heard())[-1].text
    mediator = await actor(harness, await harness.person("赵强", Role.MEDIATOR, "上徐村"))
    for number_of in (role, Role.DUTY, Role.CHAIR):
        assert not may_see_phone(mediator, Post(number_of, harness.station))
