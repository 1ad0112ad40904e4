"""A person leaves a post or is suspended: nothing goes on in their name.

Nothing that was meant for their post is lost.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.commands.roster_import import Wishes, import_roster
from domain.alerts import State as AlertState
from domain.broadcasts import State
from domain.cases.case import State as CaseState
from domain.core.change import Address, ChatId, PersonId
from domain.people.people import Role
from domain.people.roster import Roster, RosterEntry
from domain.people.roster_plan import Answers
from tests.handler_harness import HandlerHarness, Voice
from tests.handlers.people.test_joining import actor, second_word

if TYPE_CHECKING:
    from storage.unit import Unit

GROUPS = {"上徐村": -4001, "下李村": -4002}
REPORT = "/report dispute 邻居砌墙占了我家的路"


@pytest.fixture
async def street(harness: HandlerHarness) -> Street:
    return await Street.of(harness)


class Street:
    """A village with its people in office."""

    def __init__(self, harness: HandlerHarness, people: dict[str, Voice]) -> None:
        self.harness = harness
        self.leader, self.officer, self.chair, self.member, self.villager = people.values()

    @classmethod
    async def of(cls, harness: HandlerHarness) -> Street:
        roles = {
            "陈所": (Role.LEADER, ""),
            "张警官": (Role.OFFICER, "上徐村"),
            "王主任": (Role.CHAIR, "上徐村"),
            "李四": (Role.MEMBER, "上徐村"),
            "老徐": (Role.VILLAGER, "上徐村"),
        }
        return cls(harness, {name: await harness.person(name, *post) for name, post in roles.items()})

    async def suspends(self, who: Voice) -> None:
        await self.leader.presses_raw("suspend", who.person_id)
        assert (await actor(self.harness, who)).suspended

    async def hands_over(self, who: Voice, to: Voice) -> None:
        await self.leader.presses_raw("hand", who.person_id)
        await self.leader.presses(to.name)
        await self.leader.presses("确认交接")
        await second_word(self.harness)

    async def roster_without(self, gone: Voice) -> None:
        held = ((self.leader, Role.LEADER), (self.officer, Role.OFFICER), (self.chair, Role.CHAIR), (self.member, Role.MEMBER))
        rows = [
            RosterEntry(
                row, who.name, "", Address("telegram", ChatId(who.user_id)), frozenset({(role, "" if role is Role.LEADER else "上徐村")})
            )
            for row, (who, role) in enumerate(held)
            if who is not gone
        ]
        roster = Roster("禾安所", tuple(self.harness.villages), tuple(rows))
        await import_roster(self.harness.store, roster, at=self.harness.at, wishes=Wishes(answers=Answers(removes_absent=True)))

    async def leaves(self, who: Voice, deputy: Voice) -> None:
        await who.says("/duty")
        for label in ("我要请假", "现在起", "一周", deputy.name):
            await who.presses(label)
        for each in (who, deputy):
            await each.new()

    async def waits(self, who: Voice) -> list[str]:
        """Return the pending messages to a person, as the person would read them."""
        return [message.text for message in await who.heard() if message.row["state"] == "waiting"]


async def also(harness: HandlerHarness, who: Voice, role: Role, village: str) -> None:
    assert who.person_id is not None
    person_id, village_id = who.person_id, harness.villages[village]
    await harness.store.transact(
        lambda unit: unit.people.appoint(person_id, role, station_id=harness.station, village_id=village_id, at=harness.at)
    )


async def groups(harness: HandlerHarness) -> None:
    async def bind(unit: Unit) -> None:
        for village, chat in GROUPS.items():
            address = Address("telegram", ChatId(chat))
            await unit.groups.see(address, village)
            await unit.groups.bind(address, harness.villages[village], by=PersonId(1), at=harness.at)

    await harness.store.transact(bind)


async def arrives(harness: HandlerHarness, chat: int) -> list[str]:
    """Return the texts of a chat's messages, sent or still to be sent."""
    return [message.text for message in await harness.heard_in(chat) if message.row["state"] != "superseded"]


# Cases --------------------------------------------------------------------------------------------------------------------


async def test_a_card_that_waits_for_a_suspended_chair_goes_to_the_officer_and_the_case_goes_its_way(street: Street):
    await street.villager.says(REPORT)
    assert any("砌墙" in text for text in await street.waits(street.chair))
    await street.suspends(street.chair)
    assert not any("砌墙" in text for text in await street.waits(street.chair))
    told = await street.officer.new()
    assert "治保主任那边没送到" in told
    assert "砌墙" in told
    assert not await street.harness.store.transact(lambda unit: unit.cases.list_unwatched())
    await street.harness.time_passes(hours=25)
    case = await street.harness.store.transact(lambda unit: unit.cases.find(1001))
    assert case is not None
    assert case.state is CaseState.ESCALATED
    assert "1001" in await street.officer.new()
    assert not any("1001" in text for text in await street.waits(street.chair))


async def test_a_card_that_waits_for_who_hands_over_goes_to_the_new_chair(street: Street):
    await street.villager.says(REPORT)
    await street.hands_over(street.chair, street.member)
    assert not any("砌墙" in text for text in await street.waits(street.chair))
    assert any("砌墙" in text for text in await street.waits(street.member))
    assert not any("砌墙" in text for text in await street.waits(street.officer))


async def test_what_a_chair_reported_himself_is_still_answered_after_he_handed_over(street: Street):
    await street.chair.says("/report hazard 村口路灯不亮")
    await street.officer.says("/ack 1001")
    before = len(await street.waits(street.chair))
    await street.hands_over(street.chair, street.member)
    assert len(await street.waits(street.chair)) == before + 1  # one more message: they are no longer in office


async def test_a_case_about_the_chair_falls_to_nobody_who_is_a_party(street: Street):
    second = await street.harness.person("钱主任", Role.CHAIR, "上徐村")
    await street.villager.says("主任收了工程队的红包")
    for label in ("再说清楚些", "跳过", "这事跟主任有关", "报上去"):
        await street.villager.presses(label)
    await street.suspends(street.officer)
    assert any("红包" in text for text in await street.waits(street.leader))
    for chair in (street.chair, second):
        assert not any("红包" in text for text in await arrives(street.harness, chair.user_id))


async def test_what_waits_for_a_suspended_officer_goes_to_the_leader(street: Street):
    await street.villager.says("/report dispute 有人打架，动刀了")
    await street.suspends(street.officer)
    assert not any("打架" in text for text in await street.waits(street.officer))
    assert any("社区民警那边没送到" in text for text in await street.waits(street.leader))


# Leaves -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["suspended", "handed over", "not in the roster"])
async def test_a_leave_ends_with_its_deputy_and_who_must_know_hears_of_it(street: Street, way: str):
    await street.leaves(street.chair, street.member)
    await street.villager.says(REPORT)
    assert any("砌墙" in text for text in await street.waits(street.member))
    if way == "suspended":
        await street.suspends(street.member)
    elif way == "handed over":
        other = await street.harness.person("钱书记", Role.SECRETARY, "上徐村")
        await street.hands_over(street.member, other)
    else:
        await street.roster_without(street.member)
    assert "李四" in await street.chair.new()
    assert "还没人替" in await street.officer.new()
    assert not any("砌墙" in text for text in await street.waits(street.member))
    assert any("砌墙" in text for text in await street.waits(street.chair))
    await street.member.says("/accept 1001")
    case = await street.harness.store.transact(lambda unit: unit.cases.find(1001))
    assert case is not None
    assert case.state is CaseState.OPEN
    rows = await street.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT id FROM leaves WHERE cancelled_at IS NULL"))
    assert not rows


@pytest.mark.parametrize("way", ["suspended", "handed over"])
async def test_a_deputy_need_not_stand_in_for_who_is_out_of_office_and_gets_nothing_for_him(street: Street, way: str):
    await street.leaves(street.chair, street.member)
    await street.villager.says(REPORT)
    other = await street.harness.person("钱书记", Role.SECRETARY, "上徐村")
    await (street.suspends(street.chair) if way == "suspended" else street.hands_over(street.chair, other))
    assert "不用你代" in await street.member.new()
    assert not any("砌墙" in text for text in await street.waits(street.member))
    assert any("砌墙" in text for text in await street.waits(street.officer if way == "suspended" else other))


async def test_a_deputy_keeps_standing_in_when_another_of_his_posts_ends(street: Street):
    await also(street.harness, street.member, Role.SECRETARY, "上徐村")
    await street.leaves(street.chair, street.member)
    await street.leader.presses_raw("hand", street.member.person_id)
    await street.leader.presses("村书记")
    await street.leader.presses("王主任")
    await street.leader.presses("确认交接")
    assert (await actor(street.harness, street.member)).holds(Role.CHAIR)


async def test_who_says_that_he_cannot_stand_in_gives_back_what_waits(street: Street):
    await street.leaves(street.chair, street.member)
    await street.villager.says(REPORT)
    await street.member.presses("我顶不了")
    assert not any("砌墙" in text for text in await street.waits(street.member))
    assert any("砌墙" in text for text in await street.waits(street.chair))


# Broadcasts and alerts ----------------------------------------------------------------------------------------------------


async def test_what_a_suspended_officer_sent_at_night_does_not_leave_in_the_morning(street: Street):
    await groups(street.harness)
    street.harness.at += timedelta(hours=14)
    await street.officer.says("/tip 新型补贴，请加群领取")
    await street.officer.presses("确认发送")
    await street.suspends(street.officer)
    await street.harness.time_passes(hours=10)
    assert not any("补贴" in text for text in await arrives(street.harness, GROUPS["上徐村"]))
    sent = await street.harness.store.transact(lambda unit: unit.broadcasts.find(1))
    assert sent is not None
    assert sent.state is State.STOPPED


async def test_an_officer_who_gives_one_village_away_still_sends_to_the_other(street: Street):
    await groups(street.harness)
    other = await street.harness.person("李警官", Role.OFFICER, "下李村")
    await also(street.harness, street.officer, Role.OFFICER, "下李村")
    street.harness.at += timedelta(hours=14)
    await street.officer.says("/tip 陌生来电要钱的都是骗子")
    await street.officer.presses("确认发送")
    await street.leader.presses_raw("hand", street.officer.person_id)
    await street.leader.presses("上徐村")
    await street.leader.presses(other.name)
    await street.leader.presses("确认交接")
    await second_word(street.harness)
    assert not any("骗子" in text for text in await arrives(street.harness, GROUPS["上徐村"]))
    assert any("骗子" in text for text in await arrives(street.harness, GROUPS["下李村"]))


@pytest.mark.parametrize("way", ["suspended", "handed over"])
async def test_what_a_stopped_author_wanted_to_send_to_all_is_not_agreed_to_any_more(street: Street, way: str):
    harness = street.harness
    duty = await harness.person("值班老周", Role.DUTY)
    await duty.says("/alert 红 全部 立即登记银行卡")
    await duty.presses("🚨 发送")
    await street.officer.new()
    await (street.suspends(duty) if way == "suspended" else street.hands_over(duty, street.officer))
    alert = await harness.store.transact(lambda unit: unit.alerts.find(1))
    assert alert is not None
    assert alert.state is AlertState.DISCARDED
    assert "作废，没有发出" in await street.officer.new()
    await street.officer.presses_raw("aagree", 1)
    await harness.time_passes(hours=2)
    assert not any("银行卡" in message.text for message in await street.villager.heard())


async def test_nobody_agrees_for_an_author_whose_time_as_a_deputy_has_passed(street: Street):
    harness = street.harness
    other = await harness.person("李警官", Role.OFFICER, "下李村")
    await street.leaves(street.leader, other)
    await harness.time_passes(days=6, hours=23, minutes=30)
    await other.says("/alert 红 全部 立即登记银行卡")
    await other.presses("🚨 发送")
    harness.at += timedelta(minutes=40)
    await street.officer.presses("同意发送")
    assert "没有发出" in street.officer.toasts[-1]
    alert = await harness.store.transact(lambda unit: unit.alerts.find(1))
    assert alert is not None
    assert alert.state is AlertState.DISCARDED
