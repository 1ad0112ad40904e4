"""Changes of posts for trainings, schedules and alerts, and the auditor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.cases.escalation import AUDIT
from domain.core.change import Timer
from domain.people.people import Role
from domain.training import Answer, State
from tests.handlers.people.test_access_revocation import REPORT, Street, also, groups
from tests.handlers.people.test_joining import second_word
from tests.handlers.people.test_post_changes import case_of, everybody_reads, hang, takes_leave

if TYPE_CHECKING:
    from domain.training import Training
    from storage.core.timers import Schedule
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness, Voice


@pytest.fixture
async def street(harness: HandlerHarness) -> Street:
    return await Street.of(harness)


# Trainings ------------------------------------------------------------------------------------------------------------


async def calls(street: Street, who: Voice, capacity: str = "0") -> None:
    await who.presses_raw("tnew")
    for words in ("心肺复苏", "周四 14:00", "2", "文化礼堂", capacity):
        await who.says(words)
    await who.presses("发通知")
    await street.harness.time_passes(seconds=1)
    await everybody_reads(street)


async def training_of(street: Street) -> Training:
    found = await street.harness.store.transact(lambda unit: unit.trainings.find(1))
    assert found is not None
    return found


async def test_a_training_follows_the_post_of_its_organiser(street: Street):
    await calls(street, street.chair)
    await street.hands_over(street.chair, street.member)
    assert (await training_of(street)).organiser_name == "李四"
    told = await street.member.new()
    assert "培训 <b>1</b>：心肺复苏" in told
    await street.member.presses_raw("tcode", 1)
    assert (await training_of(street)).code in await street.member.new()
    assert "编号 <b>1</b> 不再归你看" in await street.chair.new()
    await street.harness.time_passes(days=5)
    assert "心肺复苏" in await street.member.new()
    assert "人次" not in await street.chair.new()


async def test_a_training_of_a_suspended_chair_goes_to_the_officer_and_its_draft_is_dropped(street: Street):
    await calls(street, street.chair)
    await street.chair.presses_raw("tnew")
    for words in ("消防", "周五 14:00", "2", "文化礼堂", "0"):
        await street.chair.says(words)
    await street.suspends(street.chair)
    assert (await training_of(street)).organiser_name == "张警官"
    draft = await street.harness.store.transact(lambda unit: unit.trainings.find(2))
    assert draft is not None
    assert draft.state is State.DISCARDED


async def test_a_deputy_manages_a_training_while_the_organiser_is_away(street: Street):
    await calls(street, street.chair)
    await takes_leave(street.chair, street.member, span="一天")
    assert (await training_of(street)).organiser_name == "李四"
    await street.harness.time_passes(days=1, minutes=1)
    assert (await training_of(street)).organiser_name == "王主任"


async def test_an_erased_person_frees_a_seat_for_the_one_who_waits(street: Street):
    waits = await street.harness.person("阿珍", Role.VILLAGER, "上徐村")
    await calls(street, street.chair, capacity="1")
    await street.villager.presses_raw("tyes", 1)
    await waits.presses_raw("tyes", 1)
    await waits.new()
    await street.villager.says("/forget")
    await street.villager.presses("删除，不留")
    people = await street.harness.store.transact(lambda unit: unit.trainings.people(1))
    assert {each.person_id: each.answer for each in people}[waits.person_id] is Answer.YES  # type: ignore[index]
    assert "心肺复苏" in await waits.new()


async def test_handlers_hear_that_their_reporter_has_gone(street: Street):
    await street.villager.says(REPORT)
    await street.chair.says("/accept 1001")
    await everybody_reads(street)
    await street.villager.says("/forget")
    await street.villager.presses("删除，不留")
    rows = await street.harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT person_id FROM outbox WHERE key = 'case.reporter_gone.to_handler'")
    )
    assert [row["person_id"] for row in rows] == [street.chair.person_id]


# Schedules of tips ----------------------------------------------------------------------------------------------------


async def plans(street: Street) -> list[Schedule]:
    return await street.harness.store.transact(lambda unit: unit.timers.list_schedules("tips", station_ids=(street.harness.station,)))


async def plans_daily(street: Street) -> None:
    await groups(street.harness)
    await street.officer.presses_raw("tip.new")
    await street.officer.presses("每天")
    await street.officer.presses("村群")
    await street.officer.new()


async def test_a_schedule_goes_to_the_successor_of_its_author(street: Street):
    new = await street.harness.person("李警官", Role.OFFICER, "下李村")
    await plans_daily(street)
    await street.hands_over(street.officer, new)
    (plan,) = await plans(street)
    assert plan.data["author_id"] == new.person_id
    assert plan.data["villages"] == [street.harness.villages["上徐村"]]
    assert "定时小贴士：每天" in await new.new()
    await new.presses_raw("tip.plans")
    assert "每天" in (await new.heard())[-1].text


async def test_a_village_that_is_handed_over_keeps_its_schedule_and_the_other_does_too(street: Street):
    new = await street.harness.person("李警官", Role.OFFICER, "下李村")
    await also(street.harness, street.officer, Role.OFFICER, "下李村")
    await plans_daily(street)
    await street.leader.presses_raw("hand", street.officer.person_id)
    await street.leader.presses("上徐村")
    await street.leader.presses(new.name)
    await street.leader.presses("确认交接")
    await second_word(street.harness)
    first, second = await plans(street)
    assert first.data["author_id"] == street.officer.person_id
    assert (second.data["author_id"], second.data["villages"]) == (new.person_id, [street.harness.villages["上徐村"]])


async def test_a_schedule_of_a_suspended_officer_goes_to_the_leader_for_the_same_villages(street: Street):
    await plans_daily(street)
    await street.suspends(street.officer)
    (plan,) = await plans(street)
    assert (plan.data["author_id"], plan.data["villages"]) == (street.leader.person_id, [street.harness.villages["上徐村"]])


# Alerts ---------------------------------------------------------------------------------------------------------------


async def test_an_alert_that_a_suspended_chair_did_not_confirm_goes_to_the_officer(street: Street):
    await street.officer.says("/alert 蓝 上徐村 今晚有雷雨")
    await street.officer.presses("发送")
    await everybody_reads(street)
    await street.suspends(street.chair)
    assert "预警 <b>1</b>：上徐村 还没确认" in await street.officer.new()
    rows = await street.harness.store.transact(lambda unit: unit.alerts.list_unconfirmed(at=street.harness.at))
    assert [holder for _, _, holder in rows] == [street.officer.person_id]


async def test_a_successor_is_asked_to_confirm_an_alert(street: Street):
    await street.officer.says("/alert 蓝 上徐村 今晚有雷雨")
    await street.officer.presses("发送")
    await everybody_reads(street)
    await street.hands_over(street.chair, street.member)
    await street.member.presses("收到")
    rows = await street.harness.store.transact(lambda unit: unit.alerts.list_unconfirmed(at=street.harness.at))
    assert not rows


# The auditor ----------------------------------------------------------------------------------------------------------


async def test_the_auditor_gives_what_nobody_can_act_on_to_somebody_who_can(street: Street):
    """No function is called when somebody edits the database by hand."""
    await street.villager.says(REPORT)
    await street.chair.says("/accept 1001")
    await calls(street, street.chair)
    await plans_daily(street)
    await hang(street.harness)

    async def by_hand(unit: Unit) -> None:
        await unit.transaction.execute(
            "UPDATE people SET suspended_at = 1 WHERE id IN (?, ?)", (street.chair.person_id, street.officer.person_id)
        )

    await street.harness.store.transact(by_hand)
    await audits(street)
    assert (await case_of(street)).holder is Role.LEADER
    assert (await training_of(street)).organiser_name == "陈所"
    assert [plan.data["author_id"] for plan in await plans(street)] == [street.leader.person_id]
    told = await street.leader.new()
    assert "下面 3 件现在归你" in told
    await hang(street.harness)
    await audits(street)
    assert await street.leader.new() == ""


async def audits(street: Street) -> None:
    timer = Timer(AUDIT, "audit", street.harness.at, f"audit:{next(street.harness.ids)}")
    await street.harness.store.transact(lambda unit: unit.timers.start(timer, at=street.harness.at))
    await street.harness.time_passes(seconds=1)
    await street.harness.store.transact(lambda unit: unit.timers.stop("audit", at=street.harness.at))
