"""Attacks on names, cases and powers that involve several features.

Each would succeed without the rule that its test names.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.commands.roster_import import import_roster
from domain.alerts import State
from domain.core.change import Address, ChatId
from domain.people.people import Role
from domain.people.roster import Roster, RosterEntry
from tests.handlers.people.test_imports import Town as ImportTown
from tests.handlers.people.test_joining import accepts, actor
from tests.handlers.people.test_powers import last_code

if TYPE_CHECKING:
    from tests.handler_harness import HandlerHarness, Voice


class Place:
    """A village with everybody in office, and a villager."""

    def __init__(self, harness: HandlerHarness, people: dict[str, Voice]) -> None:
        self.harness = harness
        self.leader, self.second, self.duty, self.officer, self.chair, self.member, self.villager = people.values()

    async def same_phone(self, one: Voice, other: Voice) -> None:
        """Let two accounts be one human being: they have shared the same number."""
        phone = (await actor(self.harness, one)).phone
        assert other.person_id is not None
        person_id = other.person_id
        await self.harness.store.transact(lambda unit: unit.privacy.set_phone(person_id, phone))

    async def goes_on_leave(self, voice: Voice, deputy: Voice) -> None:
        await voice.says("/duty")
        for label in ("我要请假", "现在起", "一周", deputy.name):
            await voice.presses(label)


@pytest.fixture
async def place(harness: HandlerHarness) -> Place:
    roles = {
        "李国强": (Role.LEADER, ""),
        "周建军": (Role.LEADER, ""),
        "钱丽": (Role.DUTY, ""),
        "张伟": (Role.OFFICER, "上徐村"),
        "王建国": (Role.CHAIR, "上徐村"),
        "申小明": (Role.MEMBER, "上徐村"),
        "徐阿婆": (Role.VILLAGER, "上徐村"),
    }
    return Place(harness, {name: await harness.person(name, *post) for name, post in roles.items()})


# Two accounts of one human being are one person -------------------------------------------------------------------------


async def test_second_account_of_the_person_who_asks_opens_no_seal(place):
    await place.same_phone(place.leader, place.duty)
    await place.villager.says("村里有人晚上偷偷倒废水到河里")
    await place.villager.presses("谁都不知道是我")
    await place.leader.presses_raw("c.usq", 1001)
    await place.leader.says("要找证人")
    await place.duty.presses_raw("c.uso", 1001)
    case = await place.harness.store.transact(lambda unit: unit.cases.find(1001))
    assert not case.visibility.seal_open
    await place.second.presses_raw("c.uso", 1001)
    case = await place.harness.store.transact(lambda unit: unit.cases.find(1001))
    assert case.visibility.seal_open


async def test_second_account_of_an_author_agrees_to_no_alert(place):
    await place.leader.says("/alert 红 全部 水库溃坝，往高处走")
    await place.leader.presses("🚨 发送")
    await place.same_phone(place.leader, place.duty)
    await place.duty.presses_raw("aagree", 1)
    alert = await place.harness.store.transact(lambda unit: unit.alerts.find(1))
    assert alert.state is State.WAITING
    await place.second.presses_raw("aagree", 1)
    alert = await place.harness.store.transact(lambda unit: unit.alerts.find(1))
    assert alert.state is State.SENT


async def test_leader_confirms_no_roster_that_appoints_their_second_account(harness):
    town = await ImportTown.of(harness)
    phone = (await actor(harness, town.leader)).phone
    await harness.store.transact(lambda unit: unit.privacy.set_phone(town.member.person_id, phone))
    await town.brings((Role.MEMBER, "下李村"), (Role.CHAIR, "下李村"))
    await town.leader.presses("确认")
    assert not await town.holds(town.member, Role.CHAIR)
    await town.other.presses("确认")
    assert await town.holds(town.member, Role.CHAIR)


# Lists about many cases -------------------------------------------------------------------------------------------------


async def test_officer_is_not_told_that_a_case_against_them_has_another_handler(place):
    await place.villager.says("/report other 张警官收了我的钱")
    await place.leader.presses("我来处理")
    await place.officer.says("/case 1001")
    assert "没有找到" in await place.officer.new()
    await place.second.presses_raw("suspend", place.leader.person_id)
    assert "1001" not in await place.officer.new()
    assert "1001" in await place.second.new()


async def test_officer_back_from_leave_reads_nothing_of_a_case_against_them(place):
    deputy = place.duty
    await place.villager.says("/report other 张伟警官收了我的钱")
    await place.goes_on_leave(place.officer, deputy)
    await deputy.says("/ack 1001")
    await deputy.says("/close 1001 查过了")
    case = await place.harness.store.transact(lambda unit: unit.cases.find(1001))
    assert case.ended
    assert place.officer.person_id in case.parties
    await place.officer.new()
    await place.harness.time_passes(days=8)
    assert "1001" not in await place.officer.new()


async def test_list_of_the_desk_leaves_out_a_case_that_its_reader_may_not_see(place):
    new = await place.harness.person("新来的", Role.VILLAGER, "上徐村", since=timedelta())
    await new.says("/report dispute 有人持刀打架。钱丽收了我的钱")
    for _ in range(3):
        await new.says("/report dispute 有人持刀打架。钱丽收了我的钱")
    case = await place.harness.store.transact(lambda unit: unit.cases.find(1001))
    assert place.duty.person_id in case.parties
    other = await place.harness.person("另一个", Role.VILLAGER, "上徐村", since=timedelta())
    for _ in range(3):
        await other.says("/report dispute 有人持刀打架")
    heard = await place.duty.heard()
    assert any("有人持刀打架" in message.text for message in heard)
    assert not [message for message in heard if "1001" in message.row["subject"] or any("1001" in label for label in message.buttons)]


# What a refusal tells of a hidden reporter --------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["不让主任知道是我", "谁都不知道是我"])
async def test_block_of_a_hidden_reporter_does_not_tell_the_chair_that_they_hold_a_post(place, level):
    for number, who in ((1001, place.member), (1002, place.villager)):
        await who.says("垃圾堆在村口好几天没人管")
        await who.presses(level)
        await place.chair.new()
        await place.chair.says(f"/block {number} 乱报")
        assert "担任" not in await place.chair.new()
        answers = [message.key for message in await place.chair.heard()][-1]
        assert answers == "block.days.question"


@pytest.mark.parametrize("order", [(1001, 1002), (1002, 1001)])
async def test_block_of_one_report_does_not_tell_who_hid_behind_another(place, order):
    await place.villager.says("垃圾堆在村口好几天没人管")
    await place.villager.presses("谁都不知道是我")
    await place.villager.says("/report dispute 邻居砌墙占了我家的路")
    for number in order:
        for who in (place.chair, place.officer):
            await who.says(f"/block {number}")
            assert [message.key for message in await who.heard()][-1] == "block.days.question"
            await who.says("/cancel")
        await place.officer.says(f"/block {number}")
        await place.officer.presses("7 天")
        await place.officer.says("乱报")
    await place.officer.says(f"/block {order[0]}")
    await place.officer.presses("7 天")
    await place.officer.says("乱报")
    assert "已经暂停了" in await place.officer.new()
    await place.officer.presses_raw("bl.end", 1)
    assert (await actor(place.harness, place.villager)).blocked_until is not None
    await place.officer.presses_raw("bl.end", 2)
    assert (await actor(place.harness, place.villager)).blocked_until is None


# Words that come later --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["note", "caption", "answer", "reopen", "place"])
async def test_words_that_accuse_the_chair_later_do_not_reach_them(place, way):
    words = "王主任收了邻居的钱"
    photo = {"type": "photo", "file_id": "f1", "file_unique_id": "u1"}
    await place.villager.says("/report dispute 邻居砌墙占了我家的路")
    if way == "note":
        await place.villager.says(f"/note 1001 {words}")
    elif way == "caption":
        await place.villager.says(words, media=photo)
    elif way == "answer":
        await place.chair.says("/ask 1001 哪一天")
        await place.villager.says(f"/answer 1001 {words}")
    elif way == "reopen":
        await place.chair.presses("受理")
        await place.chair.says("/close 1001 好了")
        await place.villager.says(f"/reopen 1001 {words}")
    else:
        await place.villager.says(f"/withdraw 1001 {words}")
    assert "收了邻居的钱" not in "\n".join(message.text for message in await place.chair.heard())


@pytest.mark.parametrize("said", ["place", "amount"])
async def test_another_answer_of_a_report_that_accuses_the_chair_does_not_reach_them(place, said):
    accusing = "村委会，王主任收了我的钱"
    await place.villager.says("/report")
    await place.villager.presses("诈骗" if said == "amount" else "隐患")
    await place.villager.says("有人违规堆放危险化学品")
    if said == "amount":
        await place.villager.presses("已经转了")
        await place.villager.says(accusing)
        await place.villager.presses("跳过")
    else:
        await place.villager.presses("暂时没有")
        await place.villager.says(accusing)
    await place.villager.presses("让主任和民警知道")
    await place.villager.presses("报上去")
    assert "危险化学品" not in "\n".join(message.text for message in await place.chair.heard())
    assert "危险化学品" in "\n".join(message.text for message in await place.officer.heard())


# Followers ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shut", ["c.res", "c.exc"])
async def test_follower_hears_nothing_of_a_case_that_was_shut(place, shut):
    follower = await place.harness.person("周三", Role.VILLAGER, "上徐村")
    await place.villager.says("/report hazard 村口桥栏杆断了")
    await place.harness.store.transact(lambda unit: unit.cases.follow(1001, follower.person_id, at=place.harness.at))
    await place.villager.presses_raw(shut, 1001)
    if shut == "c.exc":
        await place.villager.says("周三")
    await place.chair.presses("受理")
    await place.chair.says("/close 1001 CLOSEWORDS")
    assert await follower.new() == ""


# Deputies ----------------------------------------------------------------------------------------------------------------


async def test_neither_the_chair_nor_their_deputy_reads_a_hidden_name(place):
    await place.goes_on_leave(place.chair, place.member)
    await place.villager.says("垃圾堆在村口好几天没人管")
    await place.villager.presses("不让主任知道是我")
    for who in (place.chair, place.member):
        await who.says("/case 1001")
        assert "徐阿婆" not in "\n".join(message.text for message in await who.heard())


# A sealed name, in everything that happens later ---------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["只让民警知道是我", "谁都不知道是我"])
async def test_hidden_name_stays_hidden_in_everything_that_its_bearer_does_later(place, level):
    readers = [place.chair, place.member] + ([place.officer, place.leader, place.duty] if level.startswith("谁") else [])
    await place.goes_on_leave(place.duty, place.second)
    await place.villager.says("垃圾堆在村口好几天没人管")
    await place.villager.presses("不让主任知道是我" if level.startswith("只") else level)
    await place.villager.says("/note 1001 又臭了")
    await place.chair.presses("受理")
    await place.chair.says("/ask 1001 哪个路口")
    await place.villager.says("/answer 1001 东头")
    await place.villager.says("东头那个", media={"type": "photo", "file_id": "f1", "file_unique_id": "u1"})
    await place.chair.says("/close 1001 清了")
    await place.villager.says("/reopen 1001 又堆了")
    await place.chair.says("/escalate 1001 难办")
    await place.villager.says("/withdraw 1001")
    for who in readers:
        await who.says("/case 1001")
        await who.says("/cases 徐阿婆")
        await who.says("/cases all")
        read = "\n".join(message.text for message in await who.heard())
        assert "徐阿婆" not in read.replace("/cases 徐阿婆", "").replace("“徐阿婆”", ""), who.name
        found = (await who.heard())[-2]
        assert "1001" not in found.text, who.name


async def test_hidden_reporter_who_names_themselves_is_not_shown_to_the_chair(place):
    await place.harness.store.transact(lambda unit: unit.privacy.set_phone(place.villager.person_id, "+8613712349876"))
    await place.goes_on_leave(place.duty, place.second)
    await place.villager.says("垃圾堆在徐阿婆家门口好几天，我是徐 阿 婆，电话137-1234-9876")
    await place.villager.presses("不让主任知道是我")
    await place.villager.says("/note 1001 徐阿婆又来说了，打13712349876")
    await place.chair.presses("受理")
    await place.chair.says("/ask 1001 哪个路口")
    await place.villager.says("/answer 1001 徐·阿·婆家东头")
    await place.officer.says("/note 1001 徐阿婆说东头那堆")
    await place.officer.presses("办事的人都看")
    await place.villager.says("徐阿婆拍的", media={"type": "photo", "file_id": "f1", "file_unique_id": "u1"})
    await place.villager.presses_raw("c.fil", 1001)
    for who in (place.chair, place.member):
        await who.says("/cases 徐阿婆")
        assert "1001" not in (await who.heard())[-1].text
        for words in ("/case 1001", "/cases all"):
            await who.says(words)
        await who.presses_raw("c.pic", 1001)
        read = "\n".join(message.text for message in await who.heard()).replace("“徐阿婆”", "")
        assert not [name for name in ("徐阿婆", "徐 阿 婆", "徐·阿·婆", "13712349876", "137-1234-9876") if name in read], who.name
    assert "〔本人〕拍的" in "\n".join(message.text for message in await place.chair.heard())
    await place.officer.says("/case 1001")
    read = (await place.officer.heard())[-1].text
    assert "我是徐阿婆，电话+8613712349876" in read
    assert "〔" not in read


# An import that waits -------------------------------------------------------------------------------------------------------


async def test_leader_confirms_only_the_persons_whom_the_card_named(harness):
    town = await ImportTown.of(harness)
    new = RosterEntry(5, "赵六", "13900000001", None, frozenset({(Role.CHAIR, "下李村")}))
    rows = (
        RosterEntry(1, town.leader.name, "", Address("telegram", ChatId(town.leader.user_id)), frozenset({(Role.LEADER, "")})),
        RosterEntry(2, town.other.name, "", Address("telegram", ChatId(town.other.user_id)), frozenset({(Role.LEADER, "")})),
        new,
    )
    report = await import_roster(harness.store, Roster("禾安所", tuple(harness.villages), rows), at=harness.at)
    code = next(each for each in report.invitations if each[0] == "赵六")[3]
    assert "赵六" in await town.leader.new()
    thief = await harness.person("刘二", Role.VILLAGER, "上徐村")
    await thief.says(f"/start i{code}")
    await accepts(thief, "刘二")
    assert "刘二" in (await town.leader.heard())[-1].text
    number = (await town.leader.heard())[-1].card.removeprefix("import:")
    await town.leader.presses_raw("import", number, "yes", 1)
    assert not (await actor(harness, thief)).holds(Role.CHAIR)
    assert "刘二" in (await town.leader.heard())[-1].text
    await town.leader.presses("确认")
    assert (await actor(harness, thief)).holds(Role.CHAIR)


# Borrowed ranks ---------------------------------------------------------------------------------------------------------------


async def test_borrowed_rank_lifts_no_block_of_the_rank_that_lent_it(place):
    await place.villager.says("/report dispute 邻居砌墙占了我家的路")
    await place.second.says("/block 1001")
    await place.second.presses("7 天")
    await place.second.says("骂人")
    await place.goes_on_leave(place.leader, place.officer)
    await place.officer.presses_raw("bl.end", 1)
    assert (await actor(place.harness, place.villager)).blocked_until is not None
    await place.second.presses_raw("bl.end", 1)
    assert (await actor(place.harness, place.villager)).blocked_until is None


async def test_officer_whom_a_report_accuses_reads_no_block_about_it(place):
    await place.villager.says("/report other 张警官收了我的钱")
    await place.leader.says("/block 1001")
    await place.leader.presses("7 天")
    await place.leader.says("乱告张警官")
    await place.officer.says("/block")
    assert "1001" not in "\n".join(message.text for message in await place.officer.heard())
    await place.officer.presses_raw("bl.end", 1)
    assert "1001" not in "\n".join(message.text for message in await place.officer.heard())


# Dialogs that were open ---------------------------------------------------------------------------------------------------------


async def test_open_dialog_of_an_excluded_chair_ends_in_nothing(place):
    await place.villager.says("/report dispute 邻居砌墙占了我家的路")
    await place.chair.presses("受理")
    await place.chair.presses_raw("c.set", 1001)
    await place.chair.says("/settle 1001")
    await place.villager.presses_raw("c.exc", 1001)
    await place.villager.says("王建国")
    await place.chair.new()
    await place.chair.says("都说好了")
    await place.chair.presses_raw("c.pic", 1001)
    assert "砌墙" not in await place.chair.new()
    case = await place.harness.store.transact(lambda unit: unit.cases.find(1001))
    assert not case.ended
    assert case.holder_id != place.chair.person_id


async def test_suspended_chair_finishes_no_hand_over(place):
    await place.chair.presses_raw("hand", place.chair.person_id)
    await place.chair.presses("申小明")
    await place.leader.presses_raw("suspend", place.chair.person_id)
    await place.chair.presses("确认交接")
    await place.second.presses_raw("appoint", 1, "yes", "both")
    assert not (await actor(place.harness, place.member)).holds(Role.CHAIR)


# Other accounts of an accused person ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("same", ["phone", "name"])
async def test_dismissed_officer_reads_no_case_against_them_with_another_account(place, same):
    await place.harness.store.transact(lambda unit: unit.privacy.set_phone(place.officer.person_id, "+8613800001111"))
    await place.villager.says("/report other 张警官收了我的钱")
    await place.harness.store.transact(lambda unit: unit.people.dismiss(place.officer.person_id, at=place.harness.at))
    name = "张伟" if same == "name" else "赵小伟"
    new = place.harness.stranger(name)
    await place.leader.says("/invite officer 上徐村")
    await new.says(f"/start i{last_code(await place.leader.heard())}")
    await accepts(new, name)
    await place.second.presses("批准")
    if same == "phone":
        await new.presses_raw("phone")
        await new.says(contact={"user_id": new.user_id, "phone": "8613800001111"})
    assert (await actor(place.harness, new)).holds(Role.OFFICER)
    await new.says("/case 1001")
    assert "收了我的钱" not in "\n".join(message.text for message in await new.heard())


@pytest.mark.parametrize("words", ["治保主任拿了我家的补偿款", "治保会那个姓王的收红包"])
async def test_report_that_names_the_chair_in_other_words_does_not_reach_them(place, words):
    await place.villager.says(f"/report other {words}")
    assert words not in "\n".join(message.text for message in await place.chair.heard())
    assert words in "\n".join(message.text for message in await place.officer.heard())


# Erasure ------------------------------------------------------------------------------------------------------------------------


async def test_message_that_waits_names_nobody_who_was_erased(place):
    bei = await place.harness.person("诸葛小翠", Role.VILLAGER, "上徐村")
    await place.harness.store.transact(lambda unit: unit.privacy.set_phone(bei.person_id, "+8613712349876"))
    await bei.says("/report dispute 邻居砌墙占了我家的路")
    assert "诸葛小翠" in "\n".join(message.text for message in await place.chair.heard())
    await bei.says("/forget")
    await bei.presses("删除，不留")
    rows = await place.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT params FROM outbox"))
    assert not [row for row in rows if "诸葛小翠" in row["params"] or "13712349876" in row["params"]]
    assert "砌墙" in "\n".join(message.text for message in await place.chair.heard())
