"""Abuse and fairness: blocks and first-day accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from domain.people.people import Role
from tests.handler_harness import HandlerHarness, Heard, Voice

CRY = "/report dispute 有人持刀打架"


@dataclass
class Place:
    harness: HandlerHarness
    chair: Voice
    officer: Voice
    duty: Voice
    leader: Voice
    villager: Voice

    async def newcomer(self) -> Voice:
        return await self.harness.person("新来的", Role.VILLAGER, "上徐村", since=timedelta())

    async def cases(self) -> int:
        rows = await self.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT id FROM cases ORDER BY id"))
        return len(rows)


@pytest.fixture
async def place(harness: HandlerHarness) -> Place:
    return Place(
        harness,
        await harness.person("王主任", Role.CHAIR, "上徐村"),
        await harness.person("张警官", Role.OFFICER, "上徐村"),
        await harness.person("值班室", Role.DUTY),
        await harness.person("周所长", Role.LEADER),
        await harness.person("徐大爷", Role.VILLAGER, "上徐村"),
    )


def keys(heard: list[Heard]) -> list[str]:
    return [message.key for message in heard]


async def blocks(place: Place, who: Voice, number: int = 1001, reason: str = "一天骂人二十次") -> None:
    await who.says(f"/block {number}")
    await who.presses("7 天")
    await who.says(reason)


# Blocks -------------------------------------------------------------------------------------------------------------------


async def test_officer_blocks_a_villager_and_everybody_concerned_is_told(place: Place):
    await place.villager.says("/report dispute 狗官")
    await blocks(place, place.officer)
    told = [message for message in await place.villager.heard() if message.key == "block.blocked.to_person"]
    assert "一天骂人二十次" in told[0].text
    assert "block.blocked.to_leader" in keys(await place.leader.heard())
    await place.villager.says("/report dispute 又来了")
    assert "暂停到" in (await place.villager.heard())[-1].text
    await place.villager.new()
    await place.villager.says("/note 1001 又来了")
    assert "暂停到" in await place.villager.new(drawn=False)
    assert await place.cases() == 1


async def test_blocked_villager_still_rings_with_the_sos_button_and_a_first_urgent_report(place: Place):
    await place.villager.says("/report dispute 邻居吵架")
    await blocks(place, place.officer)
    await place.villager.says(CRY)
    assert await place.cases() == 2, "the first urgent report of an account rings"
    await place.villager.says(CRY)
    assert await place.cases() == 2
    await place.chair.new()
    await place.villager.new()
    await place.villager.says("救命，着火了")
    assert "119" in await place.villager.new()
    assert "着火了" in await place.chair.new()
    await place.villager.says("/sos 快来")
    assert "119" in "".join(message.text for message in (await place.villager.heard())[-3:])


async def test_block_ends_by_itself(place: Place):
    await place.villager.says("/report dispute 狗官")
    await blocks(place, place.officer)
    await place.harness.time_passes(days=7, seconds=1)
    assert "block.lifted.to_person" in keys(await place.villager.heard())
    await place.villager.says("/report dispute 好好说")
    assert await place.cases() == 2


async def test_chair_proposes_and_the_officer_decides_with_one_button(place: Place):
    await place.villager.says("/report dispute 狗官")
    await blocks(place, place.chair)
    await place.villager.says("/report dispute 还没有停")
    assert await place.cases() == 2
    await place.chair.presses_raw("bl.yes", 1)
    await place.villager.says("/report dispute 主任停不了我")
    assert await place.cases() == 3
    await place.officer.presses("暂停 7 天")
    assert "block.blocked.to_chair" in keys(await place.chair.heard())
    await place.villager.says("/report dispute 停了")
    assert await place.cases() == 3


async def test_declined_proposal_blocks_nobody(place: Place):
    await place.villager.says("/report dispute 狗官")
    await blocks(place, place.chair)
    await place.officer.presses("不暂停")
    assert "block.declined.to_chair" in keys(await place.chair.heard())
    await place.villager.says("/report dispute 再说一次")
    assert await place.cases() == 2


async def test_block_of_a_leader_is_not_lifted_by_an_officer(place: Place):
    await place.villager.says("/report dispute 狗官")
    await blocks(place, place.leader)
    await place.officer.presses_raw("bl.end", 1)
    await place.villager.says("/report dispute 再说一次")
    assert await place.cases() == 1
    await place.leader.presses_raw("bl.end", 1)
    await place.villager.says("/report dispute 再说一次")
    assert await place.cases() == 2


async def test_nobody_without_office_over_the_village_blocks(place: Place):
    await place.villager.says("/report dispute 邻居吵架")
    others = [
        await place.harness.person("李主任", Role.CHAIR, "下李村"),
        await place.harness.person("陈警官", Role.OFFICER, "下李村"),
        await place.harness.person("小赵", Role.MEMBER, "上徐村"),
        await place.harness.person("管理员", Role.ADMIN),
        await place.harness.person("邻居", Role.VILLAGER, "上徐村"),
        place.villager,
        place.harness.stranger(),
    ]
    for who in others:
        await who.says("/block 1001 骂人")
        await who.presses_raw("answer", "block", "days", "7")
        await who.presses_raw("bl.yes", 1)
    await place.villager.says("/report dispute 再说一次")
    assert await place.cases() == 2
    assert not await place.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT id FROM blocks"))


async def test_holder_of_a_post_is_not_blocked(place: Place):
    member = await place.harness.person("小赵", Role.MEMBER, "上徐村")
    await member.says("/report dispute 邻居吵架")
    await place.officer.says("/block 1001")
    assert "名册里停用" in (await place.officer.heard())[-1].text


async def test_block_of_a_hidden_reporter_tells_the_chair_no_name(place: Place):
    await place.villager.says("邻居占了我家的地")
    await place.villager.presses_raw("answer", "quick", "what", "hidden")
    await blocks(place, place.officer)
    await place.chair.says("/block")
    assert "徐大爷" not in "".join(message.text for message in await place.chair.heard())


# First-day accounts -------------------------------------------------------------------------------------------------------


async def test_second_urgent_report_of_a_first_day_account_joins_its_case_and_waits_once_in_a_chat(place: Place):
    who = await place.newcomer()
    await who.says(CRY)
    before = len(await place.chair.heard())
    for words in ("流血了", "砍到人了", "快来人", "还在砍人"):
        await who.says(f"{CRY}，{words}")
    assert await place.cases() == 1
    waiting = [message for message in (await place.chair.heard())[before:] if message.row["state"] == "waiting"]
    assert len(waiting) <= 3, "each new note takes the place of the one that waits"
    assert "还在砍人" in waiting[-1].text
    await place.officer.says("/case 1001")
    assert "还在砍人" in (await place.officer.heard())[-1].text


async def test_urgent_report_of_a_first_day_account_rings_again_after_an_hour(place: Place):
    who = await place.newcomer()
    await who.says(CRY)
    await place.harness.time_passes(minutes=61)
    await who.says(CRY)
    assert await place.cases() == 2


async def test_sos_of_a_first_day_account_rings_after_urgent_reports(place: Place):
    who = await place.newcomer()
    await who.says(CRY)
    await who.says(CRY)
    await place.chair.new()
    await who.says("/sos 他进来了")
    assert await place.cases() == 1
    assert "他进来了" in await place.chair.new()


async def test_known_account_is_not_gathered(place: Place):
    for _ in range(3):
        await place.villager.says(CRY)
    assert await place.cases() == 1, "one urgent case at a time"
    for words in ("屋顶在掉瓦", "墙在裂"):
        await reports_danger_now(place.villager, words)
    assert await place.cases() == 3
    assert "report.urgent_again" not in keys(await place.villager.heard())


async def reports_danger_now(who: Voice, words: str) -> None:
    """Report a hazard with the tap "danger now", in words that do not sound like danger."""
    await who.says("/report hazard")
    await who.says(words)
    await who.presses_raw("answer", "report", "text", "done")
    await who.presses("有，很急")


async def test_second_danger_of_a_first_day_account_joins_its_urgent_case_and_its_desk_reads_it(place: Place):
    who = await place.newcomer()
    await reports_danger_now(who, "屋顶在掉瓦")
    await reports_danger_now(who, "墙在裂")
    assert await place.cases() == 1
    assert "墙在裂" in "".join(message.text for message in await place.duty.heard())
    assert "它每次都响" in "".join(message.text for message in await who.heard())


async def test_second_danger_of_a_first_day_account_is_ordinary_when_the_first_is_over(place: Place):
    who = await place.newcomer()
    await reports_danger_now(who, "屋顶在掉瓦")
    await place.officer.presses("我过去")
    await place.officer.says("/close 1001 修好了")
    await place.duty.new()
    await reports_danger_now(who, "墙在裂")
    assert await place.cases() == 2
    assert await place.duty.new() == "", "it rings nobody"
    assert "它每次都响" in "".join(message.text for message in await who.heard())


async def test_first_day_account_reports_five_matters_in_an_hour(place: Place):
    who = await place.newcomer()
    for turn in range(7):
        await who.says(f"/report opinion 建议修路{turn}")
    assert await place.cases() == 5
    assert "太多" in (await who.heard())[-1].text


async def test_first_day_accounts_of_a_village_do_not_bury_its_chair(place: Place):
    for _ in range(8):
        who = await place.newcomer()
        for turn in range(5):
            await who.says(f"/report opinion 建议修路{turn}")
    assert await place.cases() == 30
    late = await place.newcomer()
    await late.says(CRY)
    assert await place.cases() == 31, "a first urgent report is never counted out"
    await place.villager.says("/report opinion 老住户的事")
    assert await place.cases() == 32


async def test_forty_first_day_accounts_ring_forty_times_and_not_eight_hundred(place: Place):
    for _ in range(40):
        who = await place.newcomer()
        for _ in range(5):
            await who.says(CRY)
    assert await place.cases() == 40
    new_messages = [message for message in await place.chair.heard() if message.row["fresh"] or not message.card]
    assert len(new_messages) <= 80, "for each account a card, and one message with what was added"


# Lists of urgent cards ----------------------------------------------------------------------------------------------------


async def test_card_of_an_urgent_case_has_a_gist_and_no_other_message_has(place: Place):
    admin = await place.harness.person("管理员", Role.ADMIN)
    await place.villager.says("/report opinion 建议修路")
    assert {message.row["gist"] for message in await place.harness.outbox()} == {""}
    await (await place.newcomer()).says(CRY)
    rows = [message.row for message in await place.harness.outbox() if message.row["gist"]]
    assert {row["subject"] for row in rows} == {"case:1002"}
    assert all(row["key"].startswith("case.card") for row in rows)
    assert '"上徐村"' in rows[0]["gist"]
    assert "false" in rows[0]["gist"], "the account is new"
    assert not any(message.row["gist"] for message in await admin.heard())
    await place.villager.says("/sos 救命")
    last = [message.row for message in await place.harness.outbox() if message.row["gist"]][-1]
    assert "true" in last["gist"]


async def test_report_against_the_chair_does_not_join_a_case_that_the_chair_reads(place: Place):
    who = await place.newcomer()
    await who.says(CRY)
    await who.says("/report dispute 王主任持刀打人")
    assert await place.cases() == 2
    assert "王主任持刀" not in "".join(message.text for message in await place.chair.heard())


async def test_block_about_a_case_against_a_leader_is_told_to_the_other_leaders_only(place: Place):
    await place.villager.says("/report other 周所长收了我的钱")
    second = await place.harness.person("陈强", Role.LEADER)
    await blocks(place, place.officer)
    assert not [message for message in await place.leader.heard() if message.key.startswith("block.")]
    assert "block.blocked.to_leader" in keys(await second.heard())


async def test_chair_who_recused_hears_nothing_of_the_block_that_they_proposed(place: Place):
    await place.villager.says("/report dispute 狗官")
    await blocks(place, place.chair)
    await place.chair.presses_raw("c.rec", 1001)
    await place.chair.presses("确定回避")
    await place.chair.new()
    await place.officer.presses_raw("bl.yes", 1)
    assert "block.blocked.to_chair" not in keys(await place.chair.heard())
