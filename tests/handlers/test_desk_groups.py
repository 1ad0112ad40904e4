"""Working groups of a station: number, village and state, and nothing about a person."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from domain.core.change import Address, ChatId
from domain.people.people import Role
from storage.values import from_json
from tests.handler_harness import HandlerHarness, Voice

GROUP, VILLAGE_GROUP = -500, -600


@dataclass
class Place:
    harness: HandlerHarness
    villager: Voice
    chair: Voice
    duty: Voice
    officer: Voice

    async def lines(self, chat: int = GROUP) -> list[str]:
        return [message.text for message in await self.harness.heard_in(chat)]


@pytest.fixture
async def place(harness: HandlerHarness) -> Place:
    found = Place(
        harness,
        await harness.person("徐三", Role.VILLAGER, "上徐村"),
        await harness.person("王主任", Role.CHAIR, "上徐村"),
        await harness.person("值班室", Role.DUTY),
        await harness.person("张警官", Role.OFFICER, "上徐村"),
    )
    await found.duty.says("/bind_station", chat=GROUP, chat_title="所里的群")
    return found


async def test_group_learns_number_village_and_state_and_no_more(place: Place):
    await place.villager.says("/report dispute 邻居徐老四砌墙占了我家的路 13800001111")
    assert len(await place.lines()) == 1  # the chair has it
    await place.chair.says("/escalate 1001 谈不拢")
    await place.officer.says("/ack 1001")
    rows = (await place.harness.heard_in(GROUP))[1:]
    assert [message.key for message in rows] == ["desk.line", "desk.line"]
    assert rows[0].text != rows[1].text
    for message in rows:
        assert set(from_json(message.row["params"])) == {"number", "village", "state"}
        assert "1001" in message.text
        for secret in ("徐三", "徐老四", "砌墙", "13800001111", "王主任", "张警官", "谈不拢"):
            assert secret not in message.text
        assert all(not verb for verb, _ in message.buttons.values())  # links only


async def test_hidden_report_is_not_in_the_group(place: Place):
    await place.villager.says("/report dispute 邻居砌墙")
    await place.harness.store.transact(lambda unit: unit.transaction.execute("UPDATE cases SET level = 'hidden' WHERE id = 1001", ()))
    await place.chair.says("/escalate 1001 谈不拢")
    assert len(await place.lines()) == 1


@pytest.mark.parametrize("who", ["villager", "chair", "officer"])
async def test_only_desk_and_leader_bind(place: Place, who: str):
    voice: Voice = getattr(place, who)
    await voice.says("/bind_station", chat=-700)
    group = await place.harness.store.transact(lambda unit: unit.groups.find(Address("telegram", ChatId(-700))))
    assert group is None or group.station_id is None
    await voice.says("/unbind_station", chat=GROUP)
    await voice.says("/bind 上徐村", chat=GROUP)
    group = await place.harness.store.transact(lambda unit: unit.groups.find(Address("telegram", ChatId(GROUP))))
    assert group is not None
    assert (group.station_id, group.village_id) == (place.harness.station, None)


async def test_group_of_a_village_and_a_group_that_was_left_show_nothing(place: Place):
    await place.chair.says("/bind 上徐村", chat=VILLAGE_GROUP, chat_title="村群")
    await place.duty.says("/bind_station", chat=VILLAGE_GROUP)
    await place.villager.says(chat=GROUP, member="out")
    before = len(await place.lines(VILLAGE_GROUP))
    await place.villager.says("/report dispute 邻居砌墙")
    await place.chair.says("/escalate 1001 谈不拢")
    assert len(await place.lines()) == 1
    assert len(await place.lines(VILLAGE_GROUP)) == before


async def test_link_opens_the_case_for_those_who_may_see_it_alone(place: Place):
    await place.villager.says("/report dispute 邻居砌墙")
    stranger = await place.harness.person("李四", Role.VILLAGER, "下李村")
    await place.officer.says("/start n1001")
    assert "砌墙" in await place.officer.new()
    await stranger.says("/start n1001")
    assert "砌墙" not in await stranger.new()
