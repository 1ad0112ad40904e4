from __future__ import annotations

import re

import pytest

from domain.core.change import Address, ChatId, Notice, Receiver
from domain.people.people import Role
from storage.migrations import steps
from storage.unit import Unit
from tests.handler_harness import HandlerHarness
from tests.handlers.people.test_joining import actor


async def everything_stored(harness: HandlerHarness) -> str:
    """Return every value of every table as one text."""

    async def load(unit: Unit) -> str:
        created = "".join(sql for _, _, sql in steps())
        values = []
        for table in sorted({*re.findall(r"CREATE TABLE (\w+)", created)} - {*re.findall(r"DROP TABLE (\w+)", created)}):
            rows = await unit.transaction.fetch_all(f"SELECT * FROM {table}")  # noqa: S608 (our own tables)
            values += [str(tuple(row)) for row in rows]
        return "\n".join(values)

    return await harness.store.transact(load)


async def test_me_shows_what_is_stored_and_the_phone_masked(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/me")
    shown = await chair.new()
    assert "王主任" in shown
    assert "上徐村治保主任" in shown
    assert "****0001" in shown


async def test_forget_takes_two_steps_and_leaves_neither_name_nor_phone(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await zhou.says("/me")
    phone = (await harness.store.transact(lambda unit: unit.privacy.profile(zhou.person_id))).phone
    await zhou.presses("把我的资料删除")
    assert "周大妈" in await everything_stored(harness)
    await zhou.presses("删除，不留")
    assert "删好了" in await zhou.new()
    left = await everything_stored(harness)
    assert "周大妈" not in left
    assert phone not in left
    assert (await actor(harness, zhou)).id is None


@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize("to_another", [False, True])
async def test_a_message_on_its_way_that_names_who_is_forgotten_gives_its_number_to_no_other(harness, stopped, to_another):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    here = Receiver(Address("telegram", ChatId(zhou.user_id)), person_id=zhou.person_id)
    there = Receiver(Address("telegram", ChatId(5))) if to_another else here

    async def forget(unit):
        on_its_way = await unit.outbox.put(Notice(there, "people.rename.done", {"name": "周大妈"}), unique_key="x", at=harness.at)
        claimed = await unit.outbox.claim(owner="one", at=harness.at, limit=9)
        assert [row.id for row in claimed] == [on_its_way]
        if stopped or to_another:
            assert await unit.outbox.supersede(on_its_way, at=harness.at)
        await unit.privacy.forget(zhou.person_id, at=harness.at)
        following = await unit.outbox.put(Notice(here, "people.forgotten"), unique_key="y", at=harness.at)
        await unit.outbox.sent(on_its_way, message_id=1, at=harness.at)
        return following

    following = await harness.store.transact(forget)
    left = await everything_stored(harness)
    assert "周大妈" not in left
    assert (await harness.store.transact(lambda unit: unit.outbox.look(following, owner=""))).waits


async def test_a_forgotten_persons_name_is_gone_from_what_others_were_told(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    told = Notice(Receiver(Address("telegram", ChatId(5))), "people.rename.done", {"name": "周大妈"})

    async def tell(unit):
        number = await unit.outbox.put(told, unique_key="x", at=harness.at)
        await unit.outbox.sent(number, message_id=1, at=harness.at)

    await harness.store.transact(tell)
    await zhou.says("/forget")
    await zhou.presses("删除，不留")
    assert "周大妈" not in await everything_stored(harness)


async def test_after_forget_the_same_phone_can_join_again_as_somebody_new(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await zhou.says("/forget")
    await zhou.presses("删除，不留")
    await zhou.says("/start 上徐村")
    await zhou.presses("同意并加入")
    again = await actor(harness, zhou)
    assert again.id not in (None, zhou.person_id)


async def test_an_old_forget_button_does_not_erase_who_joined_again(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await zhou.says("/forget")
    await zhou.presses("删除，不留")
    await zhou.says("/start 上徐村")
    await zhou.presses("同意并加入")
    await zhou.presses_raw("forgetme", zhou.person_id)
    assert (await actor(harness, zhou)).id is not None


async def test_who_holds_a_post_hands_it_over_before_being_forgotten(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await chair.says("/forget")
    assert "/handover" in await chair.new()
    await chair.presses_raw("forgetme", chair.person_id)
    assert (await actor(harness, chair)).holds(Role.CHAIR)


async def test_nobody_erases_another(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    li = await harness.person("李四", Role.VILLAGER, "上徐村")
    await li.presses_raw("forgetme", zhou.person_id)
    assert (await actor(harness, zhou)).id == zhou.person_id
    assert (await actor(harness, li)).id == li.person_id


async def test_keeping_everything_erases_nothing(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await zhou.says("/forget")
    await zhou.presses("先不删")
    assert (await actor(harness, zhou)).id == zhou.person_id


async def test_language_changes_at_once_and_stays(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await zhou.says("/language")
    await zhou.presses("English")
    assert "From now on" in await zhou.new()
    await zhou.says("/me")
    assert "What is stored about you" in await zhou.new()


async def test_a_stranger_is_answered_in_the_language_he_taps_and_nothing_is_stored(harness):
    who = harness.stranger()
    await who.says("/language")
    await who.presses("English")
    answer = (await who.heard())[-1]
    assert answer.row["language"] == "en"
    assert not await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT * FROM people"))


@pytest.mark.parametrize("odd", ["fr", "", "zh;drop", "ZH"])
async def test_an_unknown_language_changes_nothing(harness, odd):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await zhou.presses_raw("lang", odd)
    assert (await actor(harness, zhou)).language == "zh"


async def test_a_new_name_is_used_from_now_on(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await zhou.says("/me")
    await zhou.presses("改称呼")
    await desk_answers(zhou, "周")
    assert (await actor(harness, zhou)).name == "周大妈"
    await desk_answers(zhou, "周阿姨")
    assert (await actor(harness, zhou)).name == "周阿姨"


async def desk_answers(who, text="", **facts):
    """Let an open question be answered as the private talk's handler would."""
    from domain.core.change import Address, ChatId
    from handlers.core.context import HandlerContext, Incoming
    from handlers.core.dialogs import answer

    harness = who.harness
    incoming = Incoming(Address("telegram", ChatId(who.user_id)), who.user_id, who.name, "zh", private=True, text=text, **facts)

    async def work(unit):
        person = await unit.people.actor(incoming.address, name=who.name, language="zh", at=harness.at)
        await answer(
            HandlerContext(unit, person, harness.at, harness.town, incoming, f"a:{next(harness.ids)}", dialogs=harness.table.dialogs),
            incoming,
        )

    await harness.store.transact(work)


async def test_a_phone_is_taken_only_from_ones_own_contact(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await harness.store.transact(lambda unit: unit.privacy.set_phone(zhou.person_id, ""))
    await zhou.says("/me")
    await zhou.presses("留电话")
    await desk_answers(zhou, "13800001111")
    await desk_answers(zhou, contact={"user_id": 4711, "phone": "8613800001111"})
    await desk_answers(zhou, contact={"user_id": 0, "phone": "8613800001111"})
    assert (await actor(harness, zhou)).phone == ""
    await desk_answers(zhou, contact={"user_id": zhou.user_id, "phone": "8613800001111"})
    assert (await actor(harness, zhou)).phone == "+8613800001111"


async def test_tips_can_be_refused_and_wanted_again(harness):
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await zhou.says("/me")
    for label, wanted in (("要小贴士", True), ("不要小贴士", False)):
        await zhou.presses(label)
        assert (await harness.store.transact(lambda unit: unit.privacy.profile(zhou.person_id))).wants_tips is wanted


async def test_who_came_by_the_roster_is_shown_the_text_at_the_first_start(harness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await harness.store.transact(lambda unit: unit.privacy.consent(chair.person_id, "roster", at=harness.at))
    await chair.says("/start")
    assert "谁看得到" in await chair.new()
    await chair.presses("看过了，同意")
    await chair.says("/start")
    assert "谁看得到" not in await chair.new()
