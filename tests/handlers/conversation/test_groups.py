"""The bot in a group: permission to bind it, and few messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.routes import ROUTES
from domain.core.change import Address, ChatId, PersonId
from domain.people.people import Role
from handlers.core.route import CommandRoute

if TYPE_CHECKING:
    from domain.core.change import VillageId
    from tests.handler_harness import HandlerHarness, Voice

GROUP = -100_200_300
NOT_YOURS = "没有找到这个村，或者它不归你管。村名要写全，比如：/bind 上徐村。"


async def bound_to(harness: HandlerHarness, chat: int = GROUP) -> VillageId | None:
    group = await harness.store.transact(lambda unit: unit.groups.find(Address("telegram", ChatId(chat))))
    return group.village_id if group else None


async def said(harness: HandlerHarness, chat: int = GROUP) -> list[str]:
    return [message.text for message in await harness.heard_in(chat)]


async def reachable(harness: HandlerHarness, who: Voice) -> bool:
    person_id = who.person_id or PersonId(0)
    return (await harness.store.transact(lambda unit: unit.people.receiver(person_id))).address is not None


# Coming and going ---------------------------------------------------------------------------------------------------------


async def test_the_bot_introduces_itself_once_and_says_how_to_bind(harness: HandlerHarness):
    villager = await harness.person("小徐", Role.VILLAGER, "上徐村")
    await villager.says(chat=GROUP, member="in", chat_title="上徐村群")
    await villager.says(chat=GROUP, member="in", chat_title="上徐村群")
    (hello,) = await said(harness)
    assert "/bind" in hello
    assert "上徐村" not in hello


async def test_the_binding_ends_when_the_bot_is_put_out_and_the_village_hears_of_it(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await chair.says("/bind 上徐村", chat=GROUP)
    await chair.says(chat=GROUP, member="out")
    await chair.says(chat=GROUP, member="out")
    assert await bound_to(harness) is None
    assert [message.key for message in await officer.heard()] == ["group.lost.to_handler"]
    assert "上徐村" in await chair.new()


async def test_who_blocks_the_bot_counts_as_unreachable_at_once(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says(member="out")
    assert not await reachable(harness, chair)
    await chair.says(member="in")
    assert await reachable(harness, chair)
    assert not await chair.heard()


async def test_the_binding_follows_a_group_that_became_a_supergroup(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/bind 上徐村", chat=GROUP)
    for _ in range(2):
        await chair.says(chat=GROUP, moved_to=-100_999)
    assert await bound_to(harness, -100_999) == harness.villages["上徐村"]
    receivers = await harness.store.transact(lambda unit: unit.groups.of_villages([harness.villages["上徐村"]]))
    assert [who.address.chat_id for _, who in receivers if who.address] == [-100_999]


# Binding ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "village", "may"),
    [
        (Role.CHAIR, "上徐村", True),
        (Role.OFFICER, "上徐村", True),
        (Role.DUTY, "", True),
        (Role.LEADER, "", True),
        (Role.CHAIR, "下李村", False),
        (Role.OFFICER, "下李村", False),
        (Role.SECRETARY, "上徐村", False),
        (Role.MEMBER, "上徐村", False),
        (Role.VILLAGER, "上徐村", False),
        (Role.ADMIN, "", False),
    ],
)
async def test_only_who_speaks_for_the_village_makes_a_group_its_group(harness: HandlerHarness, role: Role, village: str, may: bool):
    person = await harness.person("某人", role, village)
    await person.says("/bind 上徐村", chat=GROUP)
    assert (await bound_to(harness) == harness.villages["上徐村"]) is may
    assert (await said(harness) == [NOT_YOURS]) is not may


async def test_another_village_and_an_unknown_one_read_the_same(harness: HandlerHarness):
    chair = await harness.person("李主任", Role.CHAIR, "下李村")
    await chair.says("/bind 上徐村", chat=GROUP)
    await chair.says("/bind 没有这个村", chat=GROUP - 1)
    assert await said(harness) == await said(harness, GROUP - 1) == [NOT_YOURS]


async def test_a_stranger_an_anonymous_admin_and_an_ex_chair_bind_nothing(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await harness.stranger().says("/bind 上徐村", chat=GROUP)
    await chair.says("/bind 上徐村", chat=GROUP - 1, anonymous=True)
    await harness.store.transact(lambda unit: unit.people.dismiss(chair.person_id or PersonId(0), at=harness.at))
    await chair.says("/bind 上徐村", chat=GROUP - 2)
    assert [await bound_to(harness, GROUP - n) for n in range(3)] == [None, None, None]
    assert "匿名" in (await said(harness, GROUP - 1))[0]


async def test_who_is_refused_again_and_again_leaves_one_trace_a_minute(harness: HandlerHarness):
    async def traces() -> int:
        subject = f"group:telegram:{GROUP}"
        return len(
            [event for event in await harness.store.transact(lambda unit: unit.audit.of(subject)) if event.action == "group.refused"]
        )

    stranger = harness.stranger()
    for _ in range(20):
        await stranger.says("/bind 上徐村", chat=GROUP)
    assert await traces() == 1
    await harness.time_passes(minutes=1)
    await stranger.says("/bind 下李村", chat=GROUP)
    assert await traces() == 2


@pytest.mark.parametrize("name", ["", "   ", "上徐", "上徐村", "上徐村 ", "上\u202e徐村", "x" * 4000, "%", "'; DROP TABLE groups; --"])
async def test_whatever_is_written_as_a_name_gets_one_sentence(harness: HandlerHarness, name: str):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/bind", chat=GROUP, args=name)
    assert len(await said(harness)) == 1
    assert (await bound_to(harness) is not None) is ("上徐" in name or "徐村" in name)


async def test_a_topic_is_bound_and_spoken_to_as_a_topic(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/bind 上徐村", chat=GROUP, address=Address("telegram", ChatId(GROUP), 77))
    ((_, receiver),) = await harness.store.transact(lambda unit: unit.groups.of_villages([harness.villages["上徐村"]]))
    assert receiver.address == Address("telegram", ChatId(GROUP), 77)
    assert (await harness.heard_in(GROUP))[0].row["thread_id"] == 77


async def test_a_group_of_another_village_is_taken_over_only_by_who_speaks_for_both(harness: HandlerHarness):
    first = await harness.person("王主任", Role.CHAIR, "上徐村")
    second = await harness.person("李主任", Role.CHAIR, "下李村")
    leader = await harness.person("所长", Role.LEADER)
    await first.says("/bind 上徐村", chat=GROUP)
    await second.says("/bind 下李村", chat=GROUP)
    assert await bound_to(harness) == harness.villages["上徐村"]
    assert "别村" in (await said(harness))[-1]
    await leader.says("/bind 下李村", chat=GROUP)
    assert await bound_to(harness) == harness.villages["下李村"]


async def test_only_who_speaks_for_the_village_ends_the_binding(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    other = await harness.person("李主任", Role.CHAIR, "下李村")
    await chair.says("/bind 上徐村", chat=GROUP)
    await other.says("/unbind", chat=GROUP)
    assert await bound_to(harness) == harness.villages["上徐村"]
    await chair.says("/unbind", chat=GROUP)
    assert await bound_to(harness) is None
    assert (await said(harness))[-1].startswith("好，")


# Silence ------------------------------------------------------------------------------------------------------------------


async def test_the_group_s_own_talk_is_left_alone(harness: HandlerHarness):
    villager = await harness.person("小徐", Role.VILLAGER, "上徐村")
    for words in ("今晚吃什么", "昨天着火了", "@tongxin_bots 你好", "/nosuchcommand", "1024", "取消"):
        await villager.says(words, chat=GROUP)
    await villager.says("回复别人", chat=GROUP, reply_to=5)
    assert await said(harness) == []


async def test_who_speaks_to_the_bot_is_moved_to_the_private_chat(harness: HandlerHarness):
    villager = await harness.person("小徐", Role.VILLAGER, "上徐村")
    await villager.says("@Tongxin_Bot 我邻居老李天天骂人", chat=GROUP)
    (answer,) = await harness.heard_in(GROUP)
    assert answer.text == "已私聊你，请到私聊里说，免得大家都看到。"
    assert "https://t.me/tongxin_bot" in answer.row["buttons"]
    assert "去私聊" in answer.buttons
    (private,) = await villager.heard()
    assert "老李" not in private.text


async def test_a_stranger_is_not_told_that_he_was_written_to(harness: HandlerHarness):
    await harness.stranger().says("在吗", chat=GROUP, to_me=True)
    assert await said(harness) == ["请到私聊里跟我说，免得大家都看到。"]


async def test_the_group_is_answered_at_most_once_a_minute(harness: HandlerHarness):
    villager = await harness.person("小徐", Role.VILLAGER, "上徐村")
    for _ in range(5):
        await villager.says("@tongxin_bot 在吗", chat=GROUP)
        await harness.time_passes(seconds=11)
    assert len(await said(harness)) == 1
    await harness.time_passes(seconds=6)
    await villager.says("@tongxin_bot 在吗", chat=GROUP)
    assert len(await said(harness)) == 2


async def test_a_private_command_in_a_group_is_not_carried_out_there(harness: HandlerHarness):
    villager = await harness.person("小徐", Role.VILLAGER, "上徐村")
    await villager.says("/me", chat=GROUP)
    assert await said(harness) == ["已私聊你，请到私聊里说，免得大家都看到。"]


async def test_in_a_group_a_cry_for_help_gets_the_numbers_even_within_the_minute(harness: HandlerHarness):
    villager = await harness.person("小徐", Role.VILLAGER, "上徐村")
    await villager.says("@tongxin_bot 在吗", chat=GROUP)
    await villager.says("@tongxin_bot 着火了，救命", chat=GROUP)
    assert "119" in (await said(harness))[-1]


# Nothing personal ---------------------------------------------------------------------------------------------------------

COMMANDS = [route for route in ROUTES if isinstance(route, CommandRoute)]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda route: route.name)
async def test_nothing_personal_reaches_an_unbound_group(harness: HandlerHarness, command: CommandRoute):
    secret = "老李欠钱 #1024 13812345678 上徐村"
    for role, village in ((Role.VILLAGER, "上徐村"), (Role.CHAIR, "上徐村"), (Role.LEADER, ""), (Role.ADMIN, "")):
        person = await harness.person(f"秘密{role}", role, village)
        for args in ("", "1024", secret, "上徐村"):
            if command.name == "bind" and args == "上徐村":
                continue
            await person.says(f"/{command.name} {args}", chat=GROUP)
            await harness.time_passes(seconds=61)
    for text in await said(harness):
        assert not re.search(r"秘密|老李|1024|138", text), text
    for message in await harness.heard_in(GROUP):
        assert message.key.split(".")[0] == "group", message.key
        assert all(verb == "" for verb, _ in message.buttons.values()), "no button that acts hangs in a group"
