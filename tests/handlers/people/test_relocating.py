"""Moving to another village: asked there, answered there, and nothing changes before."""

from __future__ import annotations

import pytest

from domain.people.people import Role
from tests.handler_harness import HandlerHarness, Voice
from tests.handlers.people.test_joining import actor


class Villages:
    def __init__(self, harness: HandlerHarness, *people: Voice) -> None:
        self.harness = harness
        self.old_chair, self.chair, self.officer, self.zhou = people

    async def home(self) -> str:
        village = (await actor(self.harness, self.zhou)).village_id
        return next(name for name, number in self.harness.villages.items() if number == village)

    async def asks(self) -> None:
        await self.zhou.says("/start 下李村")
        await self.zhou.presses("搬到下李村了")


@pytest.fixture
async def place(harness: HandlerHarness) -> Villages:
    return Villages(
        harness,
        await harness.person("王建国", Role.CHAIR, "上徐村"),
        await harness.person("赵强", Role.CHAIR, "下李村"),
        await harness.person("丁伟", Role.OFFICER, "下李村"),
        await harness.person("周大妈", Role.VILLAGER, "上徐村"),
    )


@pytest.mark.parametrize("who", ["chair", "officer"])
async def test_villager_moves_with_the_yes_of_the_other_village(place, who):
    await place.asks()
    assert "你还是<b>上徐村</b>的" in await place.zhou.new()
    assert await place.home() == "上徐村"
    answers = getattr(place, who)
    assert "<b>周大妈</b>（现在是上徐村的）" in await answers.new()
    assert not await place.old_chair.new()
    await answers.presses("同意")
    assert await place.home() == "下李村"
    assert "你现在是 <b>下李村</b> 的" in await place.zhou.new()
    for other in (place.chair, place.officer):
        assert not (await other.heard())[-1].buttons


async def test_villager_stays_when_the_other_village_says_no(place):
    await place.asks()
    await place.chair.presses("不同意")
    assert await place.home() == "上徐村"
    assert "没有答应，你还是 <b>上徐村</b> 的" in await place.zhou.new()
    await place.chair.presses_raw("relocate", 1, "yes")
    assert await place.home() == "上徐村"


async def test_request_expires_and_its_person_is_told(place):
    await place.asks()
    await place.zhou.new()
    await place.harness.time_passes(days=2, hours=23)
    assert not await place.zhou.new()
    await place.harness.time_passes(hours=2)
    assert "没有人答复，你还是 <b>上徐村</b> 的" in await place.zhou.new()
    await place.chair.presses_raw("relocate", 1, "yes")
    assert await place.home() == "上徐村"


@pytest.mark.parametrize("who", ["the old chair", "the person", "a member there", "a stranger", "an officer elsewhere"])
async def test_nobody_else_answers(place, who):
    harness = place.harness
    voices = {
        "the old chair": place.old_chair,
        "the person": place.zhou,
        "a member there": await harness.person("李四", Role.MEMBER, "下李村"),
        "a stranger": harness.stranger(),
        "an officer elsewhere": await harness.person("张伟", Role.OFFICER, "上徐村"),
    }
    await place.asks()
    for word in ("yes", "no"):
        await voices[who].presses_raw("relocate", 1, word)
    assert await place.home() == "上徐村"
    await place.chair.presses("同意")
    assert await place.home() == "下李村"


async def test_chair_of_the_other_village_does_not_answer_for_themselves(harness):
    chair = await harness.person("赵强", Role.CHAIR, "下李村")
    await harness.store.transact(lambda unit: unit.privacy.set_village(chair.person_id, harness.villages["上徐村"]))
    await chair.says("/start 下李村")
    await chair.presses("搬到下李村了")
    await chair.presses_raw("relocate", 1, "yes")
    assert (await actor(harness, chair)).village_id == harness.villages["上徐村"]


async def test_call_for_help_goes_to_the_old_village_while_the_request_waits(place):
    await place.asks()
    await place.chair.new()
    await place.zhou.says("/sos 老人胸痛")
    assert "老人胸痛" in await place.old_chair.new()
    assert "老人胸痛" not in await place.chair.new()


async def test_request_goes_to_the_desk_when_the_village_has_nobody(harness):
    duty = await harness.person("孙强", Role.DUTY)
    zhou = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await zhou.says("/start 下李村")
    await zhou.presses("搬到下李村了")
    await duty.presses("同意")
    assert (await actor(harness, zhou)).village_id == harness.villages["下李村"]


async def test_fourth_request_of_a_day_is_refused_and_an_older_one_ends(place):
    for _ in range(3):
        await place.asks()
    await place.asks()
    assert "明天再问" in place.zhou.toasts[-1]
    rows = await place.harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT state FROM relocations ORDER BY id"))
    assert [row["state"] for row in rows] == ["withdrawn", "withdrawn", "waiting"]
    await place.harness.time_passes(days=1, minutes=1)
    await place.asks()
    assert "你还是<b>上徐村</b>的" in await place.zhou.new()


async def test_first_home_needs_nobody(harness):
    officer = await harness.person("丁伟", Role.OFFICER, "下李村")
    await harness.store.transact(
        lambda unit: unit.transaction.execute("UPDATE people SET village_id = NULL WHERE id = ?", (officer.person_id,))
    )
    await officer.presses_raw("jmove", harness.villages["上徐村"])
    assert (await actor(harness, officer)).village_id == harness.villages["上徐村"]


@pytest.mark.parametrize("gone", ["forgotten", "suspended"])
async def test_yes_for_somebody_who_is_gone_moves_nobody(place, gone):
    harness = place.harness
    await place.asks()
    if gone == "forgotten":
        await place.zhou.says("/forget")
        await place.zhou.presses("删除，不留")
    else:
        await harness.store.transact(lambda unit: unit.directory.suspend(place.zhou.person_id, at=harness.at))
    await place.chair.presses("同意")
    person = await harness.store.transact(lambda unit: unit.people.get(place.zhou.person_id, at=harness.at))
    assert person.village_id != harness.villages["下李村"]
