"""Pending changes of a roster: nothing is done before a leader confirms.

Everybody concerned is told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.commands.roster_import import Wishes, import_roster
from bot.commands.roster_report import Report
from domain.core.change import Address, ChatId, PersonId
from domain.people.people import Role
from domain.people.roster import Roster, RosterEntry
from domain.people.roster_plan import Answers
from domain.people.roster_requests import WAITS
from tests.handlers.people.test_joining import actor

if TYPE_CHECKING:
    from tests.handler_harness import HandlerHarness, Voice


def entry(who: Voice, *posts: tuple[Role, str], row: int, user_id: int = 0) -> RosterEntry:
    return RosterEntry(row, who.name, "", Address("telegram", ChatId(user_id or who.user_id)), frozenset(posts))


class Town:
    """A station with two leaders, a chair, and a member who is to become the chair of 下李村."""

    harness: HandlerHarness
    leader: Voice
    other: Voice
    chair: Voice
    member: Voice
    admin: Voice

    @classmethod
    async def of(cls, harness: HandlerHarness) -> Town:
        town = cls()
        town.harness = harness
        town.leader = await harness.person("陈所", Role.LEADER)
        town.other = await harness.person("周副所", Role.LEADER)
        town.admin = await harness.person("管理员", Role.ADMIN)
        town.chair = await harness.person("王主任", Role.CHAIR, "上徐村")
        town.member = await harness.person("李四", Role.MEMBER, "下李村")
        await town.brings()
        for each in (town.leader, town.other, town.admin, town.chair, town.member):
            await each.new()
        return town

    async def brings(self, *posts: tuple[Role, str], chair_chat: int = 0, wishes: Wishes | None = None) -> Report:
        """Import the roster, with these posts for the member."""
        rows = (
            entry(self.leader, (Role.LEADER, ""), row=1),
            entry(self.other, (Role.LEADER, ""), row=2),
            RosterEntry(
                3, self.chair.name, "", Address("telegram", ChatId(chair_chat or self.chair.user_id)), frozenset({(Role.CHAIR, "上徐村")})
            ),
            entry(self.member, *(posts or ((Role.MEMBER, "下李村"),)), row=4),
        )
        roster = Roster("禾安所", tuple(self.harness.villages), rows)
        return await import_roster(self.harness.store, roster, at=self.harness.at, wishes=wishes or Wishes())

    async def holds(self, who: Voice, role: Role) -> bool:
        return bool((await actor(self.harness, who)).holds(role))


CHAIR = (Role.CHAIR, "下李村")


@pytest.fixture
async def place(harness: HandlerHarness) -> Town:
    return await Town.of(harness)


async def test_new_chair_takes_the_post_when_a_leader_confirms(place):
    report = await place.brings(CHAIR)
    assert (report.asked, len(report.waiting)) == (("陈所", "周副所"), 1)
    assert not await place.holds(place.member, Role.CHAIR)
    assert "李四：下李村治保主任" in await place.leader.new()
    await place.leader.presses("全部确认")
    assert await place.holds(place.member, Role.CHAIR)
    assert "治保主任" in await place.member.new()
    for who in (place.leader, place.other, place.admin):
        assert "陈所确认了名册里的 1 项" in await who.new()
    assert (await place.brings(CHAIR)).waiting == ()


async def test_nothing_changes_when_a_leader_refuses(place):
    await place.brings(CHAIR)
    await place.leader.presses("全部不同意")
    assert not await place.holds(place.member, Role.CHAIR)
    await place.other.presses("全部确认")
    assert "已经处理过" in place.other.toasts[-1]
    assert not await place.holds(place.member, Role.CHAIR)


async def test_post_ends_at_once_and_a_member_needs_nobody(place):
    report = await place.brings((Role.SECRETARY, "上徐村"))
    assert report.waiting == ()
    person = await actor(place.harness, place.member)
    assert {post.role for post in person.posts} == {Role.SECRETARY}


async def test_old_chat_keeps_the_post_until_a_leader_confirms_the_new_one(place):
    new_phone = place.harness.stranger("王主任")
    await place.brings(chair_chat=new_phone.user_id)
    assert await place.holds(place.chair, Role.CHAIR)
    assert not await place.holds(new_phone, Role.CHAIR)
    await place.other.presses("全部确认")
    assert await place.holds(new_phone, Role.CHAIR)
    assert not await place.holds(place.chair, Role.CHAIR)
    assert "这个聊天不再有权限" in await place.chair.new()


async def test_leader_on_the_list_does_not_confirm_it(place):
    rows = (
        entry(place.leader, (Role.LEADER, ""), (Role.OFFICER, "上徐村"), row=1),
        entry(place.other, (Role.LEADER, ""), row=2),
        entry(place.chair, (Role.CHAIR, "上徐村"), row=3),
        entry(place.member, (Role.MEMBER, "下李村"), row=4),
    )
    await import_roster(place.harness.store, Roster("禾安所", tuple(place.harness.villages), rows), at=place.harness.at)
    await place.leader.presses("全部确认")
    assert "你自己" in place.leader.toasts[-1]
    assert not await place.holds(place.leader, Role.OFFICER)
    await place.other.presses("全部确认")
    assert await place.holds(place.leader, Role.OFFICER)


@pytest.mark.parametrize("who", ["admin", "chair", "member"])
async def test_nobody_but_a_leader_confirms(place, who):
    await place.brings(CHAIR)
    voice = getattr(place, who)
    for number in (1, 99):
        await voice.presses_raw("import", number, "yes", 1)
        await voice.presses_raw("imppage", number, 0)
    assert len({*voice.toasts, *(await voice.new()).splitlines()}) <= 2
    assert not await place.holds(place.member, Role.CHAIR)


async def test_request_lapses_when_nobody_confirms(place):
    await place.brings(CHAIR)
    place.harness.at += WAITS
    await place.leader.presses("全部确认")
    assert "已经作废" in place.leader.toasts[-1]
    assert not await place.holds(place.member, Role.CHAIR)
    await place.harness.store.transact(lambda unit: unit.imports.purge(at=place.harness.at))
    assert await place.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM import_items")) == []


async def test_same_file_again_asks_nobody_twice_and_another_one_replaces_it(place):
    await place.brings(CHAIR)
    before = len(await place.leader.heard())
    assert (await place.brings(CHAIR)).asked == ("陈所", "周副所")
    assert len(await place.leader.heard()) == before
    await place.brings((Role.CHAIR, "下李村"), (Role.MEMBER, "下李村"))
    await place.brings((Role.CHAIR, "上徐村"), wishes=Wishes())
    assert len(await place.leader.heard()) > before
    await place.leader.presses_raw("import", 1, "yes", 1)
    assert {post.village_id for post in (await actor(place.harness, place.member)).posts if post.role is Role.CHAIR} == set()


async def test_corrected_file_withdraws_what_waits(place):
    await place.brings(CHAIR)
    await place.brings()
    await place.leader.presses("全部确认")
    assert "已经处理过" in place.leader.toasts[-1]
    assert not await place.holds(place.member, Role.CHAIR)


async def test_erased_person_is_passed_over(place):
    await place.brings(CHAIR)
    person_id = PersonId(place.member.person_id)
    await place.harness.store.transact(lambda unit: unit.privacy.forget(person_id, at=place.harness.at))
    await place.leader.presses("全部确认")
    assert "0 项" in await place.leader.new()


async def test_order_gives_posts_at_once_and_tells_everybody(place):
    report = await place.brings(CHAIR, wishes=Wishes(by_order="县局文件 12 号"))
    assert report.waiting == ()
    assert await place.holds(place.member, Role.CHAIR)
    for who in (place.leader, place.other, place.admin):
        told = await who.new()
        assert "县局文件 12 号" in told
        assert "李四：下李村治保主任" in told
    assert "下李村治保主任" in await place.member.new()
    rows = await place.harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT data FROM audit WHERE action = 'roster_imported'")
    )
    assert "县局文件" in rows[-1]["data"]


async def test_report_says_so_when_no_leader_has_a_chat(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    member = await harness.person("李四", Role.MEMBER, "下李村")
    rows = (entry(chair, (Role.CHAIR, "上徐村"), row=1), entry(member, CHAIR, row=2))
    report = await import_roster(harness.store, Roster("禾安所", tuple(harness.villages), rows), at=harness.at + timedelta(days=1))
    assert report.asked == ()
    assert any("--by-order" in line for line in report.lines())


async def test_dry_run_shows_what_would_wait_and_asks_nobody(place):
    report = await place.brings(CHAIR, wishes=Wishes(dry_run=True))
    assert len(report.waiting) == 1
    assert await place.leader.new() == ""


async def test_chair_who_is_not_in_the_file_makes_way_only_if_asked_for(place):
    rows = (
        entry(place.leader, (Role.LEADER, ""), row=1),
        entry(place.other, (Role.LEADER, ""), row=2),
        entry(place.member, (Role.CHAIR, "上徐村"), row=4),
    )
    roster = Roster("禾安所", tuple(place.harness.villages), rows)
    report = await import_roster(place.harness.store, roster, at=place.harness.at)
    assert [fault.key for fault in report.faults] == ["roster.fault.second_chair"]
    assert await place.holds(place.chair, Role.CHAIR)
    wishes = Wishes(answers=Answers(replaces_chairs=True))
    assert (await import_roster(place.harness.store, roster, at=place.harness.at, wishes=wishes)).faults == ()
    assert not await place.holds(place.chair, Role.CHAIR)


async def test_order_that_moves_a_chat_tells_the_old_chat_too(place):
    new_phone = place.harness.stranger("王主任")
    await place.brings(chair_chat=new_phone.user_id, wishes=Wishes(by_order="手机丢了"))
    assert await place.holds(new_phone, Role.CHAIR)
    assert "这个聊天不再有权限" in await place.chair.new()
    assert "王主任：换新的聊天账号" in await new_phone.new()
    assert "手机丢了" in await place.other.new()
