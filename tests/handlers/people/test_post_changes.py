"""Changes of posts: open things go to a person who can act, and people are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.cases.case import State
from domain.core.change import Address, ChatId
from domain.people.people import Role
from handlers.fallback import undeliverable
from tests.handler_harness import DELIVERY, HandlerHarness, Voice
from tests.handlers.people.test_access_revocation import REPORT, Street, also
from tests.handlers.people.test_joining import actor

if TYPE_CHECKING:
    from pathlib import Path

    from domain.cases.case import Case
    from domain.core.town import Town
    from storage.unit import Unit


@pytest.fixture
async def street(harness: HandlerHarness) -> Street:
    return await Street.of(harness)


async def case_of(street: Street, number: int = 1001) -> Case:
    case = await street.harness.store.transact(lambda unit: unit.cases.find(number))
    assert case is not None
    return case


async def hang(harness: HandlerHarness) -> None:
    """Deliver every pending message, so that cards hang in the chats."""

    async def send(unit: Unit) -> None:
        rows = await unit.transaction.fetch_all(
            "SELECT id, channel, chat_id, card, person_id FROM outbox WHERE state = 'waiting' ORDER BY id"
        )
        for row in rows:
            await unit.outbox.sent(row["id"], message_id=row["id"], at=harness.at)
            if row["card"]:
                address = Address(row["channel"], ChatId(row["chat_id"]))
                await unit.cards.hang(address, row["card"], message_id=row["id"], person_id=row["person_id"], at=harness.at)

    await harness.store.transact(send)


async def everybody_reads(street: Street) -> None:
    await hang(street.harness)
    for voice in (street.leader, street.officer, street.chair, street.member, street.villager):
        await voice.new()


async def works_on(street: Street, chair: Voice | None = None) -> None:
    """Let the villager report two things; the chair accepts and mediates the first."""
    await street.villager.says(REPORT)
    await street.villager.says("/report hazard 桥栏杆断了")
    await (chair or street.chair).says("/accept 1001")
    await (chair or street.chair).says("/mediate 1001 双方都来了，下次再谈")
    await everybody_reads(street)


# Cases ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["suspended", "not in the roster"])
async def test_cases_go_to_the_officer_when_their_chair_is_gone(street: Street, way: str):
    await works_on(street)
    await (street.suspends(street.chair) if way == "suspended" else street.roster_without(street.chair))
    for number in (1001, 1002):
        case = await case_of(street, number)
        assert (case.state, case.holder, case.holder_id) == (State.ESCALATED, Role.OFFICER, None)
    told = await street.officer.new()
    assert "下面 2 件现在归你" in told
    assert "砌墙" in told
    assert "上徐村 现在没有能办事的治保主任" in told
    reporter = await street.villager.new()
    assert "1001</b> 换人了，张警官会在" in reporter
    assert "1002</b> 换人了，张警官会在" in reporter
    gone = await street.chair.new()
    assert "1001</b> 这件事不再归你办" in gone
    assert "1002</b> 这件事不再归你办" in gone


async def test_cases_stay_in_work_with_the_successor_after_a_hand_over(street: Street):
    await works_on(street)
    await street.hands_over(street.chair, street.member)
    first, second = await case_of(street, 1001), await case_of(street, 1002)
    assert (first.state, first.holder_name, first.sessions) == (State.MEDIATING, "李四", 1)
    assert (second.state, second.holder_id) == (State.OPEN, None)
    told = await street.member.new()
    assert "下面 2 件现在归你" in told
    assert "砌墙" in told
    assert "1001</b> 换人了，现在由李主任来办" in await street.villager.new()
    assert "➜ 李四" in await street.officer.new()
    assert not await street.harness.store.transact(lambda unit: unit.cases.list_unwatched())
    await street.member.says("/settle 1001 谈好了")
    assert (await case_of(street)).state is State.SETTLED


async def test_a_second_chair_keeps_the_cases_when_the_first_is_suspended(street: Street):
    await street.harness.person("钱主任", Role.CHAIR, "上徐村")
    await works_on(street)
    await street.suspends(street.chair)
    case = await case_of(street)
    assert (case.state, case.holder_name) == (State.MEDIATING, "钱主任")
    assert (await case_of(street, 1002)).state is State.OPEN
    assert "没有能办事的治保主任" not in await street.officer.new()


async def test_an_urgent_case_waits_for_an_answer_again_when_its_chair_is_gone(street: Street):
    await street.harness.person("钱主任", Role.CHAIR, "上徐村")
    await street.villager.says("/report dispute 有人打架，动刀了")
    await street.chair.says("/accept 1001")
    await street.suspends(street.chair)
    case = await case_of(street)
    assert (case.state, case.holder_id) == (State.OPEN, None)
    assert case.due_at is not None


async def test_leaders_hear_of_it_when_nobody_is_left_in_a_village(street: Street):
    await works_on(street)
    await street.suspends(street.officer)
    assert "上徐村 现在没有能办事的社区民警" in await street.leader.new()
    await everybody_reads(street)
    await street.suspends(street.chair)
    told = await street.leader.new()
    assert "上徐村 现在没有能办事的治保主任" in told
    assert "下面 2 件现在归你" in told
    assert (await case_of(street)).holder is Role.LEADER


async def test_every_card_of_a_suspended_person_is_emptied_at_once(street: Street):
    await works_on(street)
    await street.chair.says("/close 1001 谈好了")
    await hang(street.harness)
    await street.suspends(street.chair)
    rows = await street.harness.store.transact(
        lambda unit: unit.transaction.fetch_all(
            "SELECT card FROM outbox WHERE chat_id = ? AND state = 'waiting' AND key IN ('record.gone', 'case.card.gone') ORDER BY card",
            (street.chair.user_id,),
        )
    )
    assert [row["card"] for row in rows] == ["case:1001", "case:1001:news", "case:1002"], "the newest news too"


async def test_nothing_moves_when_somebody_without_open_things_is_suspended(street: Street):
    await works_on(street)
    await street.suspends(street.member)
    assert (await case_of(street)).holder_name == "王主任"
    assert await street.villager.new() == ""
    assert await street.chair.new() == ""


# What one filed for others (S-7) --------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["suspended", "not in the roster", "handed over"])
async def test_rights_over_what_a_member_filed_for_somebody_end_with_the_post(street: Street, way: str):
    await street.member.presses_raw("m.other")
    await street.member.says("王奶奶 13700001111")
    await street.member.presses("同意")
    await street.member.presses("意见")
    await street.member.says("老人想装个扶手")
    for label in ("跳过", "让主任和民警知道", "报上去"):
        await street.member.presses(label)
    await street.chair.says("/accept 1001")
    assert "1001" in await street.member.new()
    await hang(street.harness)
    if way == "suspended":
        await street.suspends(street.member)
    elif way == "handed over":
        await street.hands_over(street.member, await street.harness.person("钱书记", Role.SECRETARY, "上徐村"))
    else:
        await street.roster_without(street.member)
    await street.member.new()
    await street.chair.says("/note 1001 老人住女儿家")
    await street.chair.says("/close 1001 装好了")
    await street.member.says("/case 1001")
    await street.member.says("/withdraw 1001")
    await street.member.says("/reopen 1001 没装好")
    heard = await street.member.new()
    assert "13700001111" not in heard
    assert "装好了" not in heard
    assert heard.count("没有找到编号 1001" if way != "suspended" else "没有找到") == (3 if way != "suspended" else 0)
    assert (await case_of(street)).state is State.CLOSED


# Hand-over of several posts -------------------------------------------------------------------------------------------


async def test_an_officer_of_five_villages_hands_over_in_one_dialog_with_one_word(tmp_path: Path, town: Town, engine: str):
    harness = await HandlerHarness.open(tmp_path, town, villages=tuple("甲乙丙丁戊"), engine=engine)
    street = await Street.of(harness, "甲")
    for village in "乙丙丁戊":
        await also(harness, street.officer, Role.OFFICER, village)
    new = await harness.person("李警官", Role.OFFICER, "甲")
    await street.villager.says(REPORT)
    await street.officer.says("/ack 1001")
    await everybody_reads(street)
    await new.new()
    await street.officer.says("/handover")
    for label in ("我自己的", "全部岗位（5 个）", "李警官", "确认交接"):
        await street.officer.presses(label)
    asked = [message for message in await street.leader.heard() if message.key == "invite.confirm_instead.to_leader"]
    assert [("甲、乙、丙、丁、戊社区民警" in message.text) for message in asked] == [True]
    await street.leader.presses("批准")
    assert not (await actor(harness, street.officer)).posts
    assert len((await actor(harness, new)).posts) == 5
    heard = [message.key for message in await new.heard() if message.row["state"] == "waiting"]
    assert heard.count("invite.started.to_holder") == 1
    assert heard.count("posts.given.to_holder") == 1
    case = await case_of(street)
    assert (case.state, case.holder_name) == (State.ACKNOWLEDGED, "李警官")
    await harness.store.close()


async def test_a_refused_hand_over_of_all_posts_moves_none(street: Street):
    await also(street.harness, street.officer, Role.OFFICER, "下李村")
    await street.harness.person("李警官", Role.OFFICER, "下李村")
    await street.officer.says("/handover")
    for label in ("我自己的", "全部岗位（2 个）", "李警官", "确认交接"):
        await street.officer.presses(label)
    await street.leader.presses("不批准")
    assert len((await actor(street.harness, street.officer)).posts) == 2
    waiting = await street.harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT id FROM appointments WHERE state = 'waiting'")
    )
    assert not waiting


# Leave ----------------------------------------------------------------------------------------------------------------


async def takes_leave(who: Voice, deputy: Voice, begin: str = "现在起", span: str = "三天") -> None:
    await who.says("/duty")
    for label in ("我要请假", begin, span, deputy.name):
        await who.presses(label)


async def test_a_deputy_gets_what_is_open_and_the_chair_gets_it_back_with_what_was_done(street: Street):
    await works_on(street)
    await street.villager.says("/report hazard 路灯不亮")
    await everybody_reads(street)
    await takes_leave(street.chair, street.member)
    assert (await case_of(street)).holder_name == "李四"
    told = await street.member.new()
    assert "由你代" in told
    assert "下面 3 件现在归你" in told
    assert "砌墙" in told
    assert "1001</b> 换人了，现在由李主任来办" in await street.villager.new()
    assert "李四代" in await street.officer.new()
    await street.member.says("/accept 1003")
    await street.member.says("/close 1003 修好了")
    await everybody_reads(street)
    await street.harness.time_passes(hours=4)
    await everybody_reads(street)
    await street.harness.time_passes(hours=68)
    case = await case_of(street)
    assert (case.state, case.holder_name) == (State.MEDIATING, "王主任")
    back = await street.chair.new()
    assert "你的请假结束了" in back
    assert "代班期间办结了 1 件" in back
    assert "<b>1003</b>" in back.split("代班期间办结了")[1].split("下面")[0]
    assert "1001" in back.split("现在归你")[1]
    assert "不用你代了" in await street.member.new()
    assert "不再代" in await street.officer.new()


async def test_a_leave_that_begins_later_is_announced_when_it_begins(street: Street):
    await works_on(street)
    await takes_leave(street.chair, street.member, begin="明天早上起")
    assert "现在归你" not in await street.member.new()
    assert (await case_of(street)).holder_name == "王主任"
    await street.chair.new()
    await street.harness.time_passes(hours=24)
    assert "你的请假开始了" in await street.chair.new()
    told = await street.member.new()
    assert "请假开始了" in told
    assert "1 件现在归你" in told or "2 件现在归你" in told
    assert (await case_of(street)).holder_name == "李四"


async def test_a_cancelled_leave_neither_begins_nor_ends(street: Street):
    await takes_leave(street.chair, street.member, begin="明天早上起")
    await street.chair.presses("取消请假")
    await everybody_reads(street)
    await street.harness.time_passes(days=6)
    assert await street.chair.new() == ""
    assert await street.member.new() == ""


async def test_cases_of_a_deputy_go_to_the_officer_when_the_deputy_reported_them(street: Street):
    await street.member.says(REPORT)
    await everybody_reads(street)
    await takes_leave(street.chair, street.member)
    case = await case_of(street)
    assert (case.state, case.holder) == (State.ESCALATED, Role.OFFICER)
    assert "砌墙" in await street.officer.new()
    told = await street.member.new()
    assert "现在归你" not in told
    assert "换人了，张警官会在" in told


async def test_a_person_who_stands_in_cannot_take_leave_then(street: Street):
    other = await street.harness.person("钱书记", Role.SECRETARY, "上徐村")
    await takes_leave(street.chair, street.member)
    await street.member.new()
    await takes_leave_until(street.member, "一天")
    assert "那几天你要替王主任" in await street.member.new()
    await street.harness.time_passes(days=4)
    await takes_leave(street.member, other, span="一天")
    assert "✅ 请假" in await street.member.new()


async def takes_leave_until(who: Voice, span: str) -> None:
    await who.says("/duty")
    for label in ("我要请假", "现在起", span):
        await who.presses(label)


async def test_an_officer_stands_in_for_a_chair_who_is_alone(street: Street):
    await street.suspends(street.member)
    await works_on(street)
    await takes_leave(street.chair, street.officer)
    case = await case_of(street)
    assert (case.state, case.holder) == (State.ESCALATED, Role.OFFICER)
    await street.officer.new()
    await street.villager.says("/report hazard 路灯不亮")
    assert "1003" in await street.officer.new()
    assert (await case_of(street, 1003)).holder is Role.OFFICER
    await street.harness.time_passes(days=4)
    await street.villager.says("/report hazard 井盖没了")
    assert (await case_of(street, 1004)).holder is Role.CHAIR


async def test_an_officer_is_not_offered_while_the_committee_has_somebody(street: Street):
    await takes_leave_until(street.chair, "一天")
    assert not any("张警官" in label for label in (await street.chair.heard())[-1].buttons)


async def test_a_superior_enters_leave_for_a_chair_who_is_ill(street: Street):
    await works_on(street)
    await street.officer.presses_raw("leavefor", street.chair.person_id)
    for label in ("现在起", "三天", "李四"):
        await street.officer.presses(label)
    assert "替王主任请了假" in await street.officer.new()
    assert "张警官 替你请了假" in await street.chair.new()
    assert (await case_of(street)).holder_name == "李四"
    await street.officer.presses_raw("noleave", 1)
    assert (await case_of(street)).holder_name == "王主任"
    assert "张警官 取消了你" in await street.chair.new()


async def test_leave_is_entered_by_nobody_beside_or_below(street: Street):
    for who in (street.member, street.villager):
        await who.presses_raw("leavefor", street.chair.person_id)
        assert not any("从什么时候" in message.text for message in await who.heard())
    await street.chair.presses_raw("leavefor", street.officer.person_id)
    assert not any("从什么时候" in message.text for message in await street.chair.heard())


async def test_an_entered_leave_relieves_a_deputy_who_is_ill(street: Street):
    other = await street.harness.person("钱书记", Role.SECRETARY, "上徐村")
    await takes_leave(street.chair, street.member)
    await street.chair.new()
    await street.officer.presses_raw("leavefor", street.member.person_id)
    for label in ("现在起", "三天", other.name):
        await street.officer.presses(label)
    assert "李四" in await street.chair.new()
    assert not (await actor(street.harness, street.member)).holds(Role.CHAIR)


async def test_leave_says_told_only_after_delivery_and_a_lost_deputy_is_reported(street: Street):
    await takes_leave(street.chair, street.member)
    assert "已经告诉" not in await street.chair.new()
    await street.officer.new()
    await loses(street, street.member)
    await street.harness.time_passes(seconds=1)
    assert "代他的李四收不到消息了" in await street.chair.new()
    assert "代他的李四收不到消息了" in await street.officer.new()


# A blocked bot --------------------------------------------------------------------------------------------------------


async def loses(street: Street, who: Voice) -> None:
    """Let a message to somebody come back because they blocked the bot."""

    async def fail(unit: Unit) -> None:
        row = next(
            row for row in await unit.outbox.claim(owner=DELIVERY, at=street.harness.at, limit=100) if row.address.chat_id == who.user_id
        )
        await unit.outbox.end(row.id, owner=DELIVERY, state="failed", fault="blocked", at=street.harness.at)
        await undeliverable(unit, row, why="blocked", permanent=True, town=street.harness.town, at=street.harness.at)

    await street.harness.store.transact(fail)


async def test_cases_go_up_when_their_chair_blocks_the_bot(street: Street):
    await works_on(street)
    await street.villager.says("/report hazard 路灯不亮")
    await loses(street, street.chair)
    street.harness.reached = False
    await street.harness.time_passes(seconds=1)
    for number in (1001, 1002, 1003):
        case = await case_of(street, number)
        assert (case.state, case.holder) == (State.ESCALATED, Role.OFFICER)
    heard = [message for message in await street.officer.heard() if message.row["state"] == "waiting"]
    assert [message.key for message in heard].count("posts.given.to_holder") == 1
    cards = [message for message in heard if message.card == "case:1003" and message.row["fresh"]]
    assert len(cards) == 1
    assert "换人了，张警官会在" in await street.villager.new()


async def test_a_lost_villager_changes_no_posts(street: Street):
    await street.villager.says(REPORT)
    await loses(street, street.villager)
    timers = await street.harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT id FROM timers WHERE kind = 'post_unreachable'")
    )
    assert not timers


async def test_desk_gets_each_card_once_when_the_officer_cannot_be_reached(street: Street):
    duty = await street.harness.person("值班室", Role.DUTY)
    await street.villager.says(REPORT)
    await street.officer.says("/me")
    await hang(street.harness)
    await street.harness.store.transact(
        lambda unit: unit.addresses.mark_unreachable(
            Address("telegram", ChatId(street.officer.user_id)), why="blocked", at=street.harness.at
        )
    )
    await street.harness.time_passes(hours=9)
    first = await duty.heard()
    assert [message.key for message in first].count("case.card") == 1
    assert not [message for message in first if message.key == "fallback.wrapped"]
    await hang(street.harness)
    await street.harness.time_passes(hours=30)
    again = (await duty.heard())[len(first) :]
    assert not [message for message in again if message.key == "fallback.wrapped"]
    cards = [message for message in again if message.key == "case.card"]
    assert cards[-1].text.count("没人回应") <= 2
    assert "张警官" not in cards[-1].text.splitlines()[1]
