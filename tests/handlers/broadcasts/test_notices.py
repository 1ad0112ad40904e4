"""Plain notices with a picture, schedules in plain words, "I met this" under a tip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.core.change import Timer
from domain.people.people import Role
from storage.values import to_us

if TYPE_CHECKING:
    from tests.handler_harness import HandlerHarness, Voice

XU, PICTURE = -100_200_300, {"type": "photo", "file_id": "water-1"}


async def officer_of_xu(harness: HandlerHarness) -> Voice:
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await officer.says("/bind 上徐村", chat=XU)
    return officer


async def told(who: Voice, key: str) -> list[str]:
    return [message.text for message in await who.heard() if message.key == key]


async def test_notice_with_a_picture_reaches_everybody_also_without_a_wish_for_tips(harness: HandlerHarness):
    officer = await officer_of_xu(harness)
    villager = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    outsider = await harness.person("李大姐", Role.VILLAGER, "下李村")
    await villager.presses_raw("tip.wish", "0")
    await officer.says("/tip")
    await officer.presses("发通知")
    await officer.says("", media=PICTURE)
    await officer.says("明天 9:00 到 12:00 停水")
    assert "带一张图" in (await officer.heard())[-1].text
    await officer.presses("都发")
    assert "1 位村民" in (await officer.heard())[-1].text
    await officer.presses("确认发送")
    await harness.time_passes(seconds=1)
    for heard in (await villager.heard(), await harness.heard_in(XU)):
        (notice,) = [message for message in heard if message.key == "notice.sent"]
        assert "禾安所通知" in notice.text
        assert "停水" in notice.text
        assert not notice.buttons
        assert "water-1" in notice.row["media"]
    assert await told(outsider, "notice.sent") == []


@pytest.mark.parametrize("role", [Role.VILLAGER, Role.MEMBER, Role.CHAIR, Role.ADMIN])
async def test_only_police_write_notices(harness: HandlerHarness, role: Role):
    person = await harness.person("某人", role, "上徐村")
    await person.presses_raw("nt.new")
    assert "不归你" in person.toasts[-1]
    assert (await told(person, "notice.ask")) == []


async def test_notice_with_a_private_number_is_refused(harness: HandlerHarness):
    officer = await officer_of_xu(harness)
    await officer.presses_raw("nt.new")
    await officer.says("找王师傅 13812345678")
    assert await told(officer, "broadcast.draft") == []


GROUP = -100_200_300


async def test_group_copy_of_a_tip_leads_to_the_private_chat_to_report_a_fraud(harness: HandlerHarness):
    leader = await harness.person("周所长", Role.LEADER)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/bind 上徐村", chat=GROUP)
    await leader.says("/tip 2")
    await leader.presses("确认发送")
    (public,) = [message for message in await harness.heard_in(GROUP) if message.key == "tip.sent"]
    assert list(public.buttons) == ["我碰到了，私下说"]
    villager = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    await villager.says("/start met")
    assert (await villager.heard())[-1].key.startswith("report.")
    stranger = harness.stranger()
    await stranger.says("/start met")
    assert (await stranger.heard())[-1].key == "tip.met.join_first"


async def test_villager_who_met_what_a_tip_warns_of_reports_a_fraud(harness: HandlerHarness):
    officer = await officer_of_xu(harness)
    villager = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    await villager.presses_raw("tip.wish", "1")
    await officer.says("/tip 3")
    await officer.presses("村民")
    await officer.presses("确认发送")
    await harness.time_passes(seconds=1)
    await villager.presses("我碰到了")
    assert (await villager.heard())[-1].key == "report.ask.text"
    await villager.says("有人自称客服，要我点链接")
    assert (await villager.heard())[-1].key != "report.ask.kind"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("每周五 17:00", "每周五 17:00"),
        ("每月1号 8:30", "每月 1 号 8:30"),
        ("每周一、三 9点", "每周一、周三 9:00"),
        ("周一到周五 9:00", "周一到周五 9:00"),
    ],
)
async def test_schedule_is_typed_and_shown_in_plain_words(harness: HandlerHarness, said: str, shown: str):
    officer = await officer_of_xu(harness)
    await officer.presses_raw("tip.new")
    await officer.says(said)
    await officer.presses("村群")
    text = (await officer.heard())[-1].text
    assert f"防骗提示：{shown} → 村群" in text
    assert "* *" not in text


async def test_schedule_is_made_with_buttons_alone(harness: HandlerHarness):
    officer = await officer_of_xu(harness)
    await officer.presses_raw("tip.new")
    for label in ("别的时间", "每周五", "17:00", "村群"):
        await officer.presses(label)
    assert "每周五 17:00 → 村群" in (await officer.heard())[-1].text


async def comes_due(harness: HandlerHarness) -> None:
    """Let the town's only schedule come due now."""
    sql = "UPDATE schedules SET next_at = ?"
    await harness.store.transact(lambda unit: unit.transaction.execute(sql, (to_us(harness.at),)))
    schedule = await harness.store.transact(lambda unit: unit.timers.find_schedule(1))
    assert schedule is not None
    data = {"schedule_id": 1, "occurrence_at": to_us(harness.at)}
    timer = Timer("schedule:tips", "schedule:1", harness.at, f"due:{to_us(harness.at)}", data)
    await harness.store.transact(lambda unit: unit.timers.start(timer, at=harness.at))
    await harness.time_passes(seconds=1)


async def test_notice_and_training_have_schedules_too(harness: HandlerHarness):
    officer = await officer_of_xu(harness)
    villager = await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    await officer.presses_raw("tip.plans", 0)
    await officer.presses("新的定时通知")
    await officer.says("周五下午大扫除", media=PICTURE)
    await officer.says("每周四 18:00")
    await officer.presses("都发")
    assert "通知：每周四 18:00 → 村群和村民" in (await officer.heard())[-1].text
    await comes_due(harness)
    (notice,) = [message for message in await villager.heard() if message.key == "notice.sent"]
    assert "大扫除" in notice.text
    assert "water-1" in notice.row["media"]
    await officer.presses_raw("tip.del", 1)
    await officer.presses_raw("tip.new", "training")
    await officer.says("心肺复苏")
    await officer.says("每月15号 9:00")
    assert "办培训：每月 15 号 9:00 → 提醒建它的人" in (await officer.heard())[-1].text
    await officer.presses_raw("tip.new", "other")
    assert "tip.plan.ask_when" not in (await officer.heard())[-1].key


async def test_planned_training_reminds_its_author_with_the_button_that_begins_it(harness: HandlerHarness):
    officer = await officer_of_xu(harness)
    await officer.presses_raw("tip.new", "training")
    await officer.says("心肺复苏")
    await officer.says("每月15号 9:00")
    await comes_due(harness)
    assert "心肺复苏" in (await told(officer, "tip.plan.training_due"))[0]
    await officer.presses("办一场培训")
    assert (await officer.heard())[-1].key == "training.subject.question"
