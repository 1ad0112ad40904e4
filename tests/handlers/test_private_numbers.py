"""Private numbers in the chat: blanked on arrival, refused to many."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.core.change import Address, ChatId, Notice, Priority, Receiver, Timer
from domain.core.private_numbers import BLANK
from domain.people.people import Role
from handlers.core.route import TimerRoute
from storage.values import from_json

if TYPE_CHECKING:
    from handlers.core.context import HandlerContext
    from tests.handler_harness import HandlerHarness, Voice

GROUP = -100_200_300
PRIVATE = "13812345678"
GONE = BLANK * 18
REFUSED = "不能带身份证号和私人电话"


@pytest.fixture
async def officer(harness: HandlerHarness) -> Voice:
    found = await harness.person("张警官", Role.OFFICER, "上徐村")
    await harness.person("徐大爷", Role.VILLAGER, "上徐村")
    await found.says("/bind 上徐村", chat=GROUP)
    return found


# A message with an ID number --------------------------------------------------------------------------------------------


def deletions(heard: list[Any]) -> list[int]:
    media = [from_json(message.row["media"]) for message in heard if message.row["media"]]
    return [each["message_id"] for each in media if each["type"] == "delete"]


async def test_report_with_an_id_number_is_taken_and_its_message_deleted(harness: HandlerHarness) -> None:
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    ctx = await xu.says(f"我是{GONE}，村口的路灯不亮", blanked=True)
    said = await xu.new()
    assert "请不要在这里发身份证号" in said
    assert "民警会当面问你" in said
    assert "村口的路灯不亮" in said
    assert deletions(await xu.heard()) == [ctx.incoming.message_id]
    await xu.presses("报上去")
    assert "1001" in await xu.new()


async def test_edited_message_with_an_id_number_is_deleted_too(harness: HandlerHarness) -> None:
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    ctx = await xu.says(f"路灯不亮 {GONE}", blanked=True, edited=True)
    assert deletions(await xu.heard()) == [ctx.incoming.message_id]


async def test_bare_id_number_is_not_offered_as_a_report(harness: HandlerHarness) -> None:
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await xu.says(GONE, blanked=True)
    assert [message.key for message in await xu.heard()] == ["system.id_number"]


async def test_call_for_help_is_answered_before_the_id_number(harness: HandlerHarness) -> None:
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await xu.says(f"救命 {GONE}", blanked=True)
    first, *_ = sorted(await xu.heard(), key=lambda message: message.priority)
    assert first.key.startswith("emergency.")


async def test_group_is_told_once_in_an_hour_and_every_message_deleted(harness: HandlerHarness, officer: Voice) -> None:
    before = len(await harness.heard_in(GROUP))
    sent = [(await officer.says(f"他是{GONE}", chat=GROUP, blanked=True)).incoming.message_id for _ in range(2)]
    heard = (await harness.heard_in(GROUP))[before:]
    assert deletions(heard) == sent
    assert [from_json(message.row["media"])["quietly"] for message in heard] == [False, True]


async def test_message_without_an_id_number_is_not_deleted(harness: HandlerHarness) -> None:
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await xu.says("村口的路灯不亮")
    assert deletions(await xu.heard()) == []


# Words for many ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [PRIVATE, "139-1234-5678", "0571 8888 6666", GONE, "110101199003074258"])
@pytest.mark.parametrize("line", ["/alert blue 上徐村 找人 {}", "/drill blue 上徐村 找人 {}", "/tip 有骗子 {} 别接"])
async def test_private_number_is_refused_before_the_preview(harness: HandlerHarness, officer: Voice, line: str, number: str) -> None:
    await officer.says(line.format(number))
    said = await officer.new()
    assert REFUSED in said
    assert number == GONE or number not in said
    assert not any(message.buttons for message in (await officer.heard())[1:])
    assert not any("找人" in message.text for message in await harness.heard_in(GROUP))


async def test_refusal_shows_which_number_and_gives_the_words_back(officer: Voice) -> None:
    await officer.says(f"/alert blue 上徐村 找人 {PRIVATE} 穿红衣服")
    said = await officer.new()
    assert "电话 138****5678" in said
    assert f"找人 {BLANK * 11} 穿红衣服" in said


async def test_question_is_asked_again_when_its_answer_has_a_private_number(officer: Voice) -> None:
    await officer.says("/alert blue 上徐村")
    await officer.new()
    await officer.says(f"找人 {PRIVATE}")
    assert REFUSED in await officer.new()
    await officer.says("找人，请打 110")
    assert "还没有发出" in await officer.new()


async def test_training_is_not_announced_with_a_private_number(officer: Voice) -> None:
    await officer.says("/training")
    await officer.presses_raw("tnew")
    await officer.new()
    await officer.says(f"心肺复苏，报名 {PRIVATE}")
    assert REFUSED in await officer.new()


@pytest.mark.parametrize("number", ["110", "96110", "12345", "400-820-8820", "0571-88886666", "13900001111"])
async def test_emergency_numbers_and_those_of_the_settings_pass(harness: HandlerHarness, officer: Voice, number: str) -> None:
    harness.town = replace(harness.town, phones=frozenset({"057188886666", "13900001111"}))
    await officer.says(f"/alert blue 上徐村 有事打 {number}")
    await officer.presses("发送")
    assert any(number in message.text for message in await harness.heard_in(GROUP))


# The check that every feature passes ---------------------------------------------------------------------------------------


def to_group(words: str) -> Notice:
    return Notice(Receiver(Address("telegram", ChatId(GROUP))), "alert.discarded", {"head": {"t": "x", "p": {"lines": [words]}}})


async def planted(harness: HandlerHarness, who: Voice, *notices: Notice) -> None:
    """Press a button of a feature that sends words without a look at them."""

    async def press(ctx: HandlerContext) -> None:
        await ctx.notify(*notices)

    route = harness.table.presses["menu"]
    harness.table = replace(harness.table, presses={**harness.table.presses, "menu": replace(route, handler=press)})
    await who.presses_raw("menu")


@pytest.mark.parametrize("words", [f"找 {PRIVATE}", "110101199003074258", GONE])
async def test_feature_that_looks_at_nothing_is_refused_in_a_group(harness: HandlerHarness, officer: Voice, words: str) -> None:
    before = len(await harness.outbox())
    await planted(harness, officer, to_group("好"), to_group(words))
    assert len(await harness.outbox()) == before
    assert REFUSED in officer.toasts[-1]
    assert words not in officer.toasts[-1]


@pytest.mark.parametrize("flags", [{"forwardable": True, "subject": "training:1"}, {"priority": Priority.BROADCAST}])
async def test_feature_that_looks_at_nothing_is_refused_for_many(harness: HandlerHarness, officer: Voice, flags: dict[str, Any]) -> None:
    to_person = replace(to_group(f"找 {PRIVATE}"), to=Receiver(Address("telegram", ChatId(officer.user_id))), **flags)
    await planted(harness, officer, to_person)
    assert REFUSED in officer.toasts[-1]


async def test_reporter_may_forward_their_own_number(harness: HandlerHarness, officer: Voice) -> None:
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await xu.says(f"/report hazard 村口路灯不亮，找我 {PRIVATE}")
    await xu.says("/case 1001")
    assert PRIVATE in await xu.new()


async def test_clock_sends_what_it_owes_with_the_numbers_blanked(harness: HandlerHarness, officer: Voice) -> None:
    async def tick(ctx: HandlerContext) -> None:
        await ctx.notify(replace(to_group(f"找 {PRIVATE}，打 110"), params={"head": f"找 {PRIVATE}，打 110"}))

    harness.table = replace(harness.table, ticks={**harness.table.ticks, "planted": TimerRoute("planted", tick)})
    timer = Timer("planted", "alert:1", harness.at + timedelta(seconds=1), "planted:1")
    await harness.store.transact(lambda unit: unit.timers.start(timer, at=harness.at))
    await harness.time_passes(seconds=2)
    assert f"找 {BLANK * 11}，打 110" in (await harness.heard_in(GROUP))[-1].text


async def test_case_in_a_group_is_refused_too(harness: HandlerHarness, officer: Voice) -> None:
    await planted(harness, officer, replace(to_group(f"找 {PRIVATE}"), subject="case:1001", forwardable=True))
    assert REFUSED in officer.toasts[-1]
