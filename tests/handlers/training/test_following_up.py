"""Changes of a training, its sign-in button, quiz and make-up list; attendance of a year."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.training import State, quizzes
from tests.handlers.training.conftest import Place, announced, before_start

if TYPE_CHECKING:
    from storage.unit import Unit
    from tests.handler_harness import Voice


async def everything_arrives(place: Place) -> None:
    """Let everything that waits arrive."""
    rows = await place.harness.store.transact(lambda unit: unit.outbox.claim(owner="t", at=place.harness.at, limit=1000))
    for row in rows:
        await place.harness.store.transact(partial(_arrives, number=row.id, place=place))


async def _arrives(unit: Unit, *, number: int, place: Place) -> None:
    await unit.outbox.sent(number, message_id=number, at=place.harness.at)


# A change reaches everybody -----------------------------------------------------------------------------------------------


async def test_change_reaches_everybody_who_got_the_invitation_answered_or_not(place: Place):
    organiser = await announced(place)
    await everything_arrives(place)
    await place.villager.presses("参加")
    await organiser.presses("改时间")
    await organiser.says("周五 9:00")
    await place.harness.time_passes(seconds=5)
    for who in (place.villager, place.neighbour, place.member, place.chair):
        (text,) = await place.told(who, "training.changed")
        assert "09:00" in text
    assert await place.told(place.outsider, "training.changed") == []
    assert list((await place.neighbour.heard())[-1].buttons) == ["参加", "去不了", "看地点"]


async def test_cancelling_reaches_everybody_who_got_the_invitation_or_the_change(place: Place):
    organiser = await announced(place)
    await everything_arrives(place)
    await organiser.presses("改地点")
    await organiser.says("村委会")
    await place.harness.time_passes(seconds=5)
    await organiser.presses("取消培训")
    await organiser.presses("取消，通知大家")
    await place.harness.time_passes(seconds=5)
    for who in (place.villager, place.neighbour, place.member, place.chair):
        assert len(await place.told(who, "training.cancelled")) == 1
    assert await place.told(place.outsider, "training.cancelled") == []


async def test_person_who_was_still_to_be_told_reads_only_the_newer_time(place: Place):
    organiser = await announced(place)
    await organiser.presses("改时间")
    await organiser.says("周五 9:00")
    await place.harness.time_passes(seconds=5)
    assert await place.told(place.neighbour, "training.changed") == []
    assert "09:00" in (await place.told(place.neighbour, "training.invitation"))[-1]


# Signing in ---------------------------------------------------------------------------------------------------------------


async def test_reminder_has_a_button_that_asks_for_the_code(place: Place):
    await announced(place)
    await place.villager.presses("参加")
    await before_start(place, minutes=55)
    await place.villager.presses("签到")
    await place.villager.says("到了")
    assert (await place.villager.heard())[-1].key == "training.sign.digits"  # the question stands in the card
    await place.villager.says((await place.training()).code)
    card, said = (await place.villager.heard())[-2:]
    assert said.key == "training.sign.done"
    assert "✅ 你已签到" in card.text
    assert not card.buttons
    assert (await place.people())["徐大爷"].came


async def test_list_before_the_end_calls_nobody_absent(place: Place):
    organiser = await announced(place)
    await place.villager.presses("参加")
    await organiser.presses("名单")
    text = (await organiser.heard())[-1].text
    assert "报名 1 人，已签到 0 人" in text
    assert "没来 1" not in text


async def test_leader_sees_the_coming_training_of_an_officer(place: Place):
    await announced(place)
    await place.leader.says("/training")
    assert any("心肺复苏实操" in label for label in (await place.leader.heard())[-1].buttons)


# The quiz -----------------------------------------------------------------------------------------------------------------


async def signed_in(place: Place) -> None:
    await announced(place)
    for who in (place.villager, place.neighbour, place.member):
        await who.presses("参加")
    await before_start(place, minutes=30)
    for who in (place.villager, place.neighbour):
        await who.says(f"/training {(await place.training()).code}")


async def answers(who: Voice, choices: tuple[int, ...]) -> None:
    for question, choice in enumerate(choices):
        await who.presses_raw("tquiz", 1, question, choice)


async def test_quiz_of_three_questions_is_for_those_who_came_and_its_mark_on_the_list(place: Place):
    await signed_in(place)
    await place.officer.presses_raw("tquizask", 1)
    await place.officer.presses("急救")
    assert await place.told(place.member, "training.quiz.question") == []
    await answers(place.villager, quizzes.RIGHT["aid"])
    assert "对了 3/3 题" in (await place.villager.heard())[-1].text
    await answers(place.neighbour, (2, 0, 0))
    assert "对了 0/3 题" in (await place.neighbour.heard())[-1].text
    await place.neighbour.presses_raw("tquiz", 1, 0, 0)
    assert "答过了" in place.neighbour.toasts[-1]
    for who in (place.member, place.outsider):
        await who.presses_raw("tquiz", 1, 0, 0)
        assert "没有找到" in who.toasts[-1]
    await place.officer.presses_raw("tpeople", 1, 0)
    text = (await place.officer.heard())[-1].text
    assert "徐大爷（测验 3/3）" in text
    assert "徐大妈（测验 0/3）" in text
    await place.officer.presses_raw("tquizgo", 1, 0)
    assert "发过了" in place.officer.toasts[-1]


@pytest.mark.parametrize("values", [(), ("1",), ("1", "9", "9"), ("1", "x", "0"), ("99", "0", "0")])
async def test_forged_answers_to_a_quiz_are_refused(place: Place, values: tuple[str, ...]):
    await signed_in(place)
    await place.officer.presses_raw("tquizgo", 1, 0)
    await place.villager.presses_raw("tquiz", *values)
    assert (await place.people())["徐大爷"].quiz_answers == ""


async def test_person_who_signs_in_late_gets_the_quiz_too(place: Place):
    await signed_in(place)
    await place.officer.presses_raw("tquizgo", 1, 0)
    await place.member.says(f"/training {(await place.training()).code}")
    assert len(await place.told(place.member, "training.quiz.question")) == 1


# Make-up ------------------------------------------------------------------------------------------------------------------


async def test_make_up_training_calls_its_list_and_nobody_else(place: Place):
    await signed_in(place)
    await place.officer.presses_raw("tquizgo", 1, 0)
    await answers(place.villager, quizzes.RIGHT["fire"])
    await place.harness.time_passes(hours=9)
    assert (await place.training()).state is State.CLOSED
    await place.officer.presses("补训名单")
    text = (await place.officer.heard())[-1].text
    assert "小赵：报名没来" in text
    assert "徐大妈：测验 0/3" in text
    assert "徐大爷" not in text
    await place.officer.presses("给他们再办一场")
    for words in ("周六 14:00", "2", "镇文化礼堂"):
        await place.officer.says(words)
    await place.officer.presses("发通知")
    await place.harness.time_passes(minutes=1)
    for who, count in ((place.member, 2), (place.neighbour, 2), (place.villager, 1), (place.chair, 1), (place.outsider, 0)):
        assert len(await place.told(who, "training.invitation")) == count
    assert "补训：心肺复苏实操" in (await place.told(place.member, "training.invitation"))[-1]
    await place.villager.presses_raw("tyes", 2)
    assert "没有找到" in place.villager.toasts[-1]
    await place.member.presses_raw("tyes", 2)
    assert "给你留了位子" in place.member.toasts[-1]
    for who in (place.villager, place.other, place.chair):
        await who.presses_raw("tmakeup", 1)
        assert await place.told(who, "training.makeup.list") == []


# The year -----------------------------------------------------------------------------------------------------------------


async def test_attendance_of_the_year_is_for_oneself_and_for_who_calls_the_village(place: Place):
    await signed_in(place)
    await place.villager.says("/training")
    assert "你今年参加了 1 次，约 2 小时" in (await place.villager.heard())[-1].text
    for who, seen in ((place.officer, True), (place.leader, True), (place.chair, True), (place.other, False)):
        await who.presses_raw("tyear", 0)
        text = (await who.heard())[-1].text
        assert ("上徐村 徐大妈：1 次，约 2 小时" in text) is seen
    await place.villager.presses_raw("tyear", 0)
    assert "徐大妈" not in "".join([message.text for message in await place.villager.heard()])
