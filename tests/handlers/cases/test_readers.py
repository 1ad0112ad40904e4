"""Readers of a report: accused officials, hidden and sealed names, restriction, notes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from domain.cases.visibility import Level, Part, Readers, Visibility, readers_of, who_sees
from domain.core.change import NotFound
from domain.people.people import Leave, Role
from handlers.cases.concerned import seen_lines
from texts import plain

if TYPE_CHECKING:
    from domain.cases.case import Case
    from tests.handler_harness import HandlerHarness, Voice

PHOTO = {"type": "photo", "file_id": "f1", "file_unique_id": "u1"}


@dataclass
class Street:
    """A village with everybody in office; the chair is on leave in some tests."""

    harness: HandlerHarness
    villager: Voice
    chair: Voice
    officer: Voice
    leader: Voice
    duty: Voice
    secretary: Voice
    member: Voice

    @property
    def village(self) -> tuple[Voice, ...]:
        return (self.chair, self.secretary, self.member)

    async def case(self, number: int = 1001) -> Case:
        found = await self.harness.store.transact(lambda unit: unit.cases.find(number))
        assert found is not None
        return found

    async def told(self, voice: Voice) -> str:
        """Everything this person ever read, with labels and toasts."""
        return "\n".join([message.text for message in await voice.heard()] + voice.toasts)

    async def sees(self, voice: Voice, number: int = 1001) -> bool:
        async def look(unit: Any) -> bool:
            actor = await unit.people.get(voice.person_id, at=self.harness.at)
            try:
                await unit.cases.visible_to(actor, number)
            except NotFound:
                return False
            return True

        return await self.harness.store.transact(look)

    async def goes_on_leave(self, voice: Voice, deputy: Voice) -> None:
        assert voice.person_id is not None
        assert deputy.person_id is not None
        leave = Leave(voice.person_id, deputy.person_id, self.harness.at, self.harness.at + timedelta(days=7))
        await self.harness.store.transact(lambda unit: unit.directory.add_leave(leave, at=self.harness.at))


@pytest.fixture
async def street(harness: HandlerHarness) -> Street:
    return Street(
        harness,
        await harness.person("徐阿婆", Role.VILLAGER, "上徐村"),
        await harness.person("王建国", Role.CHAIR, "上徐村"),
        await harness.person("张伟", Role.OFFICER, "上徐村"),
        await harness.person("李国强", Role.LEADER),
        await harness.person("钱丽", Role.DUTY),
        await harness.person("赵明", Role.SECRETARY, "上徐村"),
        await harness.person("申小明", Role.MEMBER, "上徐村"),
    )


# Against somebody in office -------------------------------------------------------------------------------------------


async def test_cry_against_the_chair_reaches_the_police_and_nobody_in_the_village(street):
    await street.goes_on_leave(street.chair, street.member)
    await street.villager.says("/sos 救命 王主任打我")
    for voice in street.village:
        assert await voice.new() == ""
        await voice.says("/case 1001")
        assert "没有找到" in await voice.new()
        assert not await street.sees(voice)
    for voice in (street.officer, street.duty):
        assert "王主任打我" in await voice.new()
    assert "只有民警看得到，治保主任和村书记看不到" in await street.told(street.villager)


async def test_case_against_the_chair_stays_with_the_police_until_its_end(street):
    await street.villager.says("/report other 主任收了我的钱")
    await street.officer.presses("我来处理")
    await street.officer.says("/close 1001 CLOSEWORDS")
    await street.villager.says("/reopen 1001 REOPENWORDS")
    await street.harness.time_passes(days=3)
    for voice in street.village:
        assert await street.told(voice) == ""


async def test_chair_is_told_of_a_rescue_in_which_they_are_only_mentioned(street):
    await street.villager.says("/sos 救命 主任晕倒了")
    assert "主任晕倒了" in await street.chair.new()


@pytest.mark.parametrize(("answer", "told"), [("没关系", True), ("跟他有关", False)])
async def test_doubtful_report_waits_for_the_answer_before_the_chair_learns_of_it(street, answer, told):
    await street.villager.says("/sos 救命 我去找主任，他打我")
    assert "跟王主任有关吗？" in await street.told(street.villager)
    assert await street.told(street.chair) == await street.told(street.secretary) == ""
    assert "他打我" in await street.officer.new()
    await street.villager.presses(answer)
    assert ("他打我" in await street.told(street.chair)) is told
    assert await street.sees(street.chair) is told
    assert (await street.case()).visibility.police_only is not told
    await street.villager.presses(answer)
    assert "这一问已经答过了" in await street.told(street.villager)


async def test_violence_at_home_goes_to_the_police_until_the_reporter_adds_the_chair(street):
    await street.villager.says("/report dispute 我老公打我")
    assert await street.told(street.chair) == ""
    assert "我老公打我" in await street.officer.new()
    await street.villager.presses_raw("c.shr", 1001)
    assert "报事人让治保主任也看" in await street.chair.new()
    assert await street.sees(street.chair)


async def test_chair_cannot_be_added_to_a_report_against_them(street):
    await street.villager.says("/report dispute 王主任打我")
    assert "让主任也看" not in str([message.buttons for message in await street.villager.heard()])
    await street.villager.presses_raw("c.shr", 1001)
    assert not await street.sees(street.chair)


async def test_report_against_the_officer_goes_to_the_station(street):
    await street.villager.says("/report other 张警官收了我的钱")
    assert await street.told(street.officer) == ""
    assert "张警官收了我的钱" in await street.told(street.leader)
    assert not await street.sees(street.officer)


async def test_quick_offer_names_the_police_when_the_words_accuse_the_chair(street):
    await street.villager.says("王主任天天骂我，还砸我家的门")
    await street.villager.presses("没有危险")
    offered = await street.villager.new()
    assert "先给张警官看" in offered
    assert "治保主任和村书记看不到" in offered
    await street.villager.presses("报上去")
    assert await street.told(street.chair) == ""


async def test_police_only_is_one_tap_of_the_quick_offer(street):
    await street.villager.says("邻居家天天有人赌博，输了就吵")
    await street.villager.presses("只给民警")
    assert "赌博" in await street.officer.new()
    for voice in street.village:
        assert not await street.sees(voice)


async def test_later_words_take_the_case_from_the_chair_whom_they_accuse(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.chair.presses("受理")
    await street.chair.new()
    await street.villager.says("/note 1001 主任收了邻居的钱，偏袒他")
    assert "收了邻居的钱" not in await street.chair.new()
    assert not await street.sees(street.chair)
    assert "只给民警办" in await street.villager.new()
    assert "收了邻居的钱" in await street.officer.new()
    assert not await street.sees(street.secretary)


async def test_cry_for_help_has_a_button_that_leaves_the_chair_out(street):
    await street.villager.says("救命")
    await street.villager.presses("只告诉民警")
    assert await street.told(street.chair) == ""
    assert "1001" in await street.officer.new()


# Recusal and exclusion ------------------------------------------------------------------------------------------------


async def test_recusal_works_after_acceptance_by_command_and_is_asked_once(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.chair.presses("受理")
    await street.chair.says("/recuse 1001")
    assert await street.sees(street.chair)
    await street.chair.presses("确定回避")
    assert not await street.sees(street.chair)
    assert "邻居砌墙" in await street.officer.new()
    assert "换人办了" in await street.villager.new()
    await street.chair.says("/recuse 1001")
    assert "没有找到" in await street.chair.new()


async def test_officer_recuses_at_any_time_by_button(street):
    await street.villager.says("/report other 有人收了我的钱不还")
    await street.chair.says("/escalate 1001 难办")
    await street.officer.presses("我来处理")
    await street.officer.presses("我要回避")
    await street.officer.presses("确定回避")
    assert not await street.sees(street.officer)
    assert "有人收了我的钱" in await street.told(street.leader)


@pytest.mark.parametrize("named", ["张警官", "张伟", "警官"])
async def test_reporter_excludes_the_officer_by_name_and_the_station_gets_the_case(street, named):
    await street.villager.says("/report other 有人收了我的钱不还")
    await street.chair.says("/escalate 1001 难办")
    await street.officer.new()
    await street.villager.presses_raw("c.exc", 1001)
    await street.villager.says(named)
    assert not await street.sees(street.officer)
    assert "不让他看了" in await street.villager.new()
    assert "有人收了我的钱" in await street.told(street.leader)
    assert "有人收了我的钱" not in await street.officer.new()


async def test_excluded_villager_is_barred_when_they_become_a_deputy_or_take_the_name_later(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.villager.presses_raw("c.exc", 1001)
    await street.villager.says("周三")
    late = await street.harness.person("周三", Role.MEMBER, "上徐村")
    await street.goes_on_leave(street.chair, late)
    assert not await street.sees(late)
    other = await street.harness.person("周四", Role.CHAIR, "上徐村")
    assert await street.sees(other)


async def test_reporter_cannot_exclude_all_police(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    for named in ("张伟", "李国强", "钱丽"):
        await street.villager.presses_raw("c.exc", 1001)
        await street.villager.says(named)
    assert "没有民警能办了" in await street.villager.new()
    assert await street.sees(street.duty)


async def test_only_the_reporter_excludes(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    for voice in (street.chair, street.officer, street.secretary, street.member):
        await voice.presses_raw("c.exc", 1001)
        await voice.says("张伟")
    assert (await street.case()).excluded_names == ()


# Levels ---------------------------------------------------------------------------------------------------------------


async def test_photos_of_a_hidden_reporter_are_held_back_from_the_chair_until_they_agree(street):
    await street.villager.says("垃圾堆在村口好几天没人管", media=PHOTO)
    await street.villager.presses("不让主任知道是我")
    assert "照片、录音、文件：只有民警看得到" in await street.villager.new()
    await street.chair.presses_raw("c.pic", 1001)
    await street.officer.presses_raw("c.pic", 1001)
    assert not [message for message in await street.chair.heard() if message.key == "case.picture"]
    assert [message for message in await street.officer.heard() if message.key == "case.picture"]
    await street.villager.presses("照片录音给他们看")
    await street.chair.presses_raw("c.pic", 1001)
    assert [message for message in await street.chair.heard() if message.key == "case.picture"]


async def test_chair_is_not_sent_to_visit_a_reporter_whose_name_is_hidden(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.harness.store.transact(
        lambda unit: unit.transaction.execute(
            "UPDATE cases SET level = 'hidden', reporter_id = NULL, reporter_name = '徐阿婆', opened_by = NULL"
        )
    )
    await street.chair.presses("受理")
    await street.chair.says("/settle 1001 好了")
    await street.harness.time_passes(days=8)
    assert "escalation.follow_up.to_holder" not in {message.key for message in await street.chair.heard()}
    assert "escalation.follow_up.to_holder" in {message.key for message in await street.officer.heard()}


async def sealed(street: Street) -> None:
    await street.villager.says("村里有人晚上偷偷倒废水到河里")
    await street.villager.presses("谁都不知道是我")
    await street.chair.says("/escalate 1001 难办")


async def test_sealed_name_is_read_by_nobody(street):
    await sealed(street)
    assert "封存了，谁都看不到" in await street.villager.new()
    for voice in (street.chair, street.officer, street.leader, street.duty, street.secretary):
        await voice.says("/case 1001")
        await voice.presses_raw("c.who", 1001)
        read = await street.told(voice)
        assert "徐阿婆" not in read
        assert "1380000" not in read
    outbox = [message.row["params"] for message in await street.harness.outbox() if message.chat_id != street.villager.user_id]
    assert "徐阿婆" not in str(outbox)


async def test_sealed_name_is_opened_by_two_persons_and_the_reporter_is_told(street):
    await sealed(street)
    await street.officer.presses_raw("c.usq", 1001)
    await street.officer.says("要找证人")
    await street.villager.new()
    await street.officer.presses_raw("c.uso", 1001)
    assert "不能自己同意自己" in await street.told(street.officer)
    await street.duty.presses_raw("c.uso", 1001)
    assert "两个人里要有一位所领导" in await street.told(street.duty)
    assert not (await street.case()).visibility.seal_open
    await street.leader.presses("同意打开")
    told = await street.villager.new()
    assert "你封存的名字打开了" in told
    assert "要找证人" in told
    await street.officer.says("/case 1001")
    assert "徐阿婆" in await street.officer.new()
    await street.chair.says("/case 1001")
    assert "徐阿婆" not in await street.chair.new()


async def test_leader_opens_a_sealed_name_alone_in_danger_and_all_are_told(street):
    await sealed(street)
    for voice in (street.officer, street.duty, street.chair):
        await voice.presses_raw("c.usa", 1001)
        await voice.says("他说今晚不想活了")
    assert not (await street.case()).visibility.seal_open
    await street.leader.presses_raw("c.usa", 1001)
    await street.leader.says("他说今晚不想活了")
    assert (await street.case()).visibility.seal_open
    assert "他说今晚不想活了" in await street.villager.new()
    assert "一个人打开了报事人的名字" in await street.told(street.officer)


async def test_borrowed_post_opens_no_seal(street):
    await sealed(street)
    await street.goes_on_leave(street.leader, street.officer)
    await street.officer.presses_raw("c.usa", 1001)
    await street.officer.says("他说今晚不想活了")
    assert "两个人里要有一位所领导" in await street.told(street.officer)
    assert not (await street.case()).visibility.seal_open


# Notes of the police, restriction, the secretary ----------------------------------------------------------------------


@pytest.mark.parametrize("way", ["command", "button"])
async def test_police_only_note_reaches_nobody_but_the_police(street, way):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.chair.says("/escalate 1001 难办")
    for voice in (street.chair, street.villager, street.secretary):
        await voice.says("/case 1001")
        await voice.new()
    if way == "command":
        await street.officer.says("/note 1001 线人消息")
        await street.officer.presses("只给民警看")
    else:
        await street.officer.presses_raw("c.not", 1001)
        await street.officer.presses("只给民警看")
        await street.officer.says("线人消息")
    for voice in (street.chair, street.villager, street.secretary):
        assert await voice.new() == ""
        await voice.says("/case 1001")
        read = await voice.new()
        assert "线人消息" not in read
        assert "备注" not in read
        await voice.says("/cases 线人消息")
        assert "1001" not in await voice.new()
    await street.leader.says("/case 1001")
    assert "线人消息" in await street.leader.new()


async def test_note_of_the_police_reaches_the_handlers_when_they_choose_so(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.officer.says("/note 1001 已经约好了")
    await street.officer.presses("办事的人都看")
    await street.chair.says("/case 1001")
    assert "已经约好了" in await street.chair.new()


@pytest.mark.parametrize("by", ["villager", "officer"])
async def test_restricted_case_is_seen_by_its_named_handlers_only(street, by):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.chair.presses("受理")
    await getattr(street, by).presses_raw("c.res", 1001)
    named = (street.chair, street.officer) if by == "officer" else (street.chair,)
    for voice in (street.chair, street.officer, street.leader, street.duty, street.secretary):
        assert await street.sees(voice) is (voice in named)
    await street.chair.says("/escalate 1001 RESTRICTEDWORDS")
    assert await street.sees(street.officer)
    assert not await street.sees(street.leader)
    assert "RESTRICTEDWORDS" not in await street.told(street.leader)
    await street.chair.says("/cases")
    assert "邻居砌墙" in await street.chair.new()
    await street.officer.presses_raw("c.lif", 1001)
    assert await street.sees(street.leader)


async def test_restricted_case_that_nobody_answers_reaches_the_next_level(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.villager.presses_raw("c.res", 1001)
    await street.harness.time_passes(days=4)
    assert await street.sees(street.leader)
    assert "1001" in await street.told(street.leader)


async def test_end_of_a_restricted_case_is_told_to_its_named_handlers_only(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.chair.says("/escalate 1001 难办")
    await street.officer.says("/escalate 1001 难办")
    await street.leader.presses("我来处理")
    await street.leader.presses_raw("c.res", 1001)
    for voice in (street.chair, street.officer, street.duty, street.leader):
        await voice.new()
    await street.leader.says("/close 1001 CLOSEWORDS")
    for voice in (street.chair, street.officer, street.duty):
        assert "CLOSEWORDS" not in await voice.new()
    assert "CLOSEWORDS" in await street.villager.new()


async def test_secretary_lists_number_kind_state_and_age_without_words_and_name(street):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路")
    await street.harness.time_passes(hours=2)
    await street.secretary.says("/case 1001")
    assert (await street.secretary.new()).strip() == "<b>1001</b> 上徐村纠纷 · 等受理 · 2 小时前"
    await street.secretary.says("/cases")
    listed = await street.secretary.new()
    assert "1001" in listed
    for words in ("砌墙", "徐阿婆"):
        assert words not in listed
    await street.secretary.says("/cases 砌墙")
    assert "1001" not in await street.secretary.new()
    assert (await street.secretary.heard())[0].row["protect"]


async def test_secretary_does_not_read_a_long_report_in_full(street):
    await street.villager.says("/report dispute " + "邻居砌墙占了我家的路。" * 150)
    await street.secretary.says("/case 1001")
    assert "砌墙" not in await street.told(street.secretary)


# Sentences and scope --------------------------------------------------------------------------------------------------

SITUATIONS = [Visibility(level, *flags) for level, flags in itertools.product(Level, itertools.product((False, True), repeat=4))]
#: What a sentence promises: readers, as it names them → people of the village.
PROMISED = {
    Readers.CHAIR_AND_POLICE: {"chair", "officer", "leader", "duty"},
    Readers.POLICE: {"officer", "leader", "duty"},
    Readers.NOBODY: set(),
}
NOBODY = {"police": "只有民警看得到", "nobody": "谁都看不到", "named_handlers": "只有经办人看得到", "chair_and_police": "民警看得到"}


@pytest.mark.parametrize(
    "situation", SITUATIONS, ids=lambda each: f"{each.level}-{each.police_only:d}{each.restricted:d}{each.seal_open:d}{each.media_shown:d}"
)
async def test_sentence_about_readers_is_what_cards_and_scope_show(street, situation):
    await street.villager.says("/report dispute 邻居砌墙占了我家的路", media=PHOTO)
    await street.harness.store.transact(partial(write, situation=situation, handler=street.officer.person_id))
    seen: dict[Part, set[str]] = {part: set() for part in Part}
    for name in ("chair", "officer", "leader", "duty", "secretary", "member"):
        voice = getattr(street, name)
        await voice.new()
        await voice.says("/case 1001")
        await voice.presses_raw("c.pic", 1001)
        messages = (await voice.heard())[-2:]
        read = await voice.new()
        seen[Part.SUMMARY] |= {name} if "没有找到" not in read else set()
        seen[Part.WORDS] |= {name} if "邻居砌墙" in read else set()
        seen[Part.NAME] |= {name} if "徐阿婆" in read else set()
        seen[Part.MEDIA] |= {name} if any(message.key == "case.picture" for message in messages) else set()
        assert await street.sees(voice) is (name in seen[Part.SUMMARY])
    for part in (Part.WORDS, Part.NAME, Part.MEDIA):
        readers = readers_of(situation, part)
        promised = {"officer"} if readers is Readers.NAMED_HANDLERS else PROMISED[readers]
        assert seen[part] == promised, part
        assert NOBODY[readers] in plain(f"case.seen.{part}.{readers}", "zh", **({"who": ""} if part is Part.NAME else {}))
    lists = {"secretary"} if Role.SECRETARY in who_sees(situation, Part.SUMMARY) else set()
    assert seen[Part.SUMMARY] == seen[Part.WORDS] | lists
    assert seen_lines(situation, "王建国", named=True, attached=True)


async def write(unit: Any, *, situation: Visibility, handler: int) -> None:
    """Put a case into a situation; the officer is its only named handler."""
    await unit.transaction.execute(
        "UPDATE cases SET level = ?, police_only = ?, restricted = ?, seal_open = ?, media_shown = ?",
        (
            situation.level,
            *(int(each) for each in (situation.police_only, situation.restricted, situation.seal_open, situation.media_shown)),
        ),
    )
    await unit.transaction.execute("INSERT INTO case_handlers (case_id, person_id, added_at) VALUES (1001, ?, 0)", (handler,))
