"""Two stations, one village name (F7): every way leads to the village that was meant.

The station is shown.
"""

from __future__ import annotations

import pytest

from domain.core.change import StationId, VillageId
from domain.people.people import Role
from storage.unit import Unit
from tests.handlers.people.test_joining import actor


@pytest.fixture
async def other(harness):
    """A second station with a 上徐村 of its own; returns the village's id."""

    async def build(unit: Unit) -> VillageId:
        station = await unit.transaction.fetch_one("INSERT INTO stations (name) VALUES ('古山所') RETURNING id")
        assert station is not None
        village = await unit.rosters.add_village(StationId(station["id"]), "上徐村")
        await unit.villages.name_again()
        return village

    return await harness.store.transact(build)


async def test_typed_name_is_asked_about_and_each_button_leads_to_its_village(harness, other):
    for label, village in (("上徐村（禾安所）", harness.villages["上徐村"]), ("上徐村（古山所）", other)):
        zhou = harness.stranger("周大妈")
        await zhou.says("/start 上徐村")
        assert "有几个叫“上徐村”的村" in await zhou.new()
        await zhou.presses(label)
        assert label in await zhou.new()
        await zhou.presses("同意并加入")
        assert (await actor(harness, zhou)).village_id == village


async def test_name_with_its_station_is_found(harness, other):
    zhou = harness.stranger("周大妈")
    await zhou.says("/start 上徐村（古山所）")
    await zhou.presses("同意并加入")
    assert (await actor(harness, zhou)).village_id == other


async def test_near_name_offers_both(harness, other):
    zhou = harness.stranger("周大妈")
    await zhou.says("/start 上许村")
    labels = (await zhou.heard())[-1].buttons
    assert {verb_args[1] for label, verb_args in labels.items() if "上徐村（" in label} == {(harness.villages["上徐村"],), (other,)}


async def test_case_card_and_roster_show_the_station(harness, other):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    villager = await harness.person("周大妈", Role.VILLAGER, "上徐村")
    await villager.says("/report dispute 邻居砌墙占了我家的路")
    assert "上徐村（禾安所）" in await chair.new()
    await chair.says("/roster")
    assert "上徐村（禾安所）" in await chair.new()


async def test_station_is_not_shown_when_the_name_is_unique(harness, other):
    officer = await harness.person("张警官", Role.OFFICER, "下李村")
    await officer.says("/roster")
    assert "下李村（" not in await officer.new()


async def test_invitation_of_a_leader_is_for_the_village_of_their_station(harness, other):
    leader = await harness.person("陈所", Role.LEADER)
    await leader.says("/invite chair 上徐村")
    assert "上徐村（禾安所）" in await leader.new()
