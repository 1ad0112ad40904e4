"""Waves of a call: people of the first and of the second, by village and by distance."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from domain.core.positions import Position
from domain.people.people import VILLAGE_ROLES, Role
from tests.handlers.responders.conftest import board_of
from tests.handlers.responders.test_volunteering import ILL, calls, volunteer
from tests.rows import row

#: The place of the call, and latitudes of points 0.5, 2 and 5 km to the north of it.
HERE = (29.1234, 120.5678)
NORTH = {0.5: 29.1279, 2.0: 29.1414, 5.0: 29.1684}


@pytest.fixture
async def street(town_at_night):
    """Return the village with a neighbour, where nobody has to be called because few are."""
    rules(town_at_night, first_wave=0)
    await neighbours(town_at_night)
    return town_at_night


def rules(town, **facts: Any) -> None:
    town.town = replace(town.town, responders=replace(town.town.responders, **facts))


async def neighbours(town) -> None:
    await town.store.transact(lambda unit: unit.village_places.put_neighbours(town.villages["上徐村"], [town.villages["下李村"]]))


async def point(town, village: str, north: float) -> None:
    await town.store.transact(lambda unit: unit.village_places.put_point(town.villages[village], Position(NORTH[north], HERE[1])))


async def test_neighbouring_volunteers_are_called_after_ninety_seconds_when_nobody_goes(street):
    far = await volunteer(street, "李四", "下李村")
    await street.xu.says(ILL)
    await street.time_passes(seconds=89)
    assert await calls(far) == []
    await street.time_passes(seconds=1)
    assert "还缺人" in (await calls(far))[0]


async def test_neighbouring_volunteers_are_left_alone_when_somebody_goes(street):
    near, far = await volunteer(street, "陈红"), await volunteer(street, "李四", "下李村")
    await street.xu.says(ILL)
    await near.presses("我过去")
    await street.time_passes(minutes=5)
    assert await calls(far) == []


async def test_neighbouring_volunteers_are_called_at_once_when_few_people_are(street):
    far = await volunteer(street, "李四", "下李村")
    rules(street, first_wave=5)
    await street.xu.says(ILL)
    assert len(await calls(far)) == 1


@pytest.mark.parametrize(("north", "at_once", "later"), [(0.5, True, True), (2.0, False, True), (5.0, False, False)])
async def test_volunteers_are_called_by_the_distance_of_their_village_from_the_place(town_at_night, north, at_once, later):
    rules(town_at_night, first_wave=0)
    await point(town_at_night, "下李村", north)
    far = await volunteer(town_at_night, "李四", "下李村")
    await town_at_night.xu.says(ILL)
    assert await calls(far) == []  # no place yet, and nobody entered neighbours
    await town_at_night.xu.says("", location=HERE)
    assert bool(await calls(far)) is at_once
    await town_at_night.time_passes(seconds=90)
    assert bool(await calls(far)) is later
    assert "29.1" not in "".join(await calls(far))


async def test_no_more_volunteers_are_called_than_the_town_allows(street):
    people = [await volunteer(street, name) for name in ("陈红", "周兰", "李四")]
    rules(street, volunteers=2)
    await street.xu.says(ILL)
    await street.time_passes(minutes=6)
    assert len([who for who in people if await calls(who)]) == 2


async def test_committee_and_patrol_are_called_with_the_second_wave_and_read_words_after_a_yes(street):
    member = await street.person("周强", Role.MEMBER, "上徐村")
    patrol = await street.person("吴勇", Role.PATROL, "上徐村")
    other = await street.person("孙平", Role.MEMBER, "下李村")
    await street.xu.says("/sos 我爸胸口痛，喘不上气，桥头三号")
    assert await calls(member) == await calls(patrol) == []
    await street.time_passes(seconds=90)
    for who in (member, patrol):
        call = (await calls(who))[0]
        assert "点了才看到在哪里" in call, who.name
        assert not any(word in call for word in ("胸口", "老徐", "三号")), who.name
        await who.presses("我过去")
        assert "桥头三号" in (await calls(who))[-1], who.name
    assert await calls(other) == await calls(street.secretary) == []


@pytest.mark.parametrize("words", ["/sos 房子着火了，烧起来了", "/sos 村口有人拿刀砍人", "/sos 我老公打我，流血了"])
async def test_committee_is_called_to_no_fire_without_a_word_of_their_own_and_never_to_violence(street, words):
    member, fit = await street.person("周强", Role.MEMBER, "上徐村"), await street.person("吴勇", Role.MEMBER, "上徐村")
    await street.time_passes(days=2)  # nobody is called on the first day of an account
    await fit.presses_raw("w.join")
    for label in ("满了", "同意", "能", "没学过"):
        await fit.presses(label)
    await street.xu.says(words)
    await street.time_passes(minutes=6)
    assert await calls(member) == []
    assert bool(await calls(fit)) is ("着火" in words)


async def test_every_responder_has_a_name_on_the_board_whatever_post_they_hold(street):
    await street.xu.says(ILL)
    for role in Role:
        with row(role):
            who = await volunteer(street, "陈台")  # it ends like the name of a desk
            await street.store.transact(partial(called_as, who=who, role=role, town=street))
            await who.presses_raw("r.come", 1001)
            assert "responder" not in await board_of(who)
            assert "陈台" not in await board_of(who)


async def called_as(unit, *, who, role, town) -> None:
    """Give somebody a post, and call them as a volunteer."""
    await unit.callouts.call(1001, [who.person_id], at=town.at, volunteer=True)
    if role not in (Role.STRANGER, Role.VILLAGER):
        where = town.villages["上徐村"] if role in VILLAGE_ROLES else None
        await unit.people.appoint(who.person_id, role, station_id=town.station, village_id=where, at=town.at)


async def test_committee_reads_stop_with_a_sound(street):
    member = await street.person("周强", Role.MEMBER, "上徐村")
    await street.xu.says(ILL)
    await street.time_passes(seconds=90)
    await street.xu.presses("误触")
    last = [heard for heard in await member.heard() if heard.card == "callout:1001"][-1]
    assert "结束了，不用去了" in last.text
    assert last.row["silent"] == 0


async def test_town_decides_how_many_are_enough(street):
    rules(street, enough=1)
    await street.xu.says(ILL)
    await street.chair.presses("我过去")
    assert "人手够了" in [heard for heard in await street.leader.heard() if heard.card == "callout:1001"][-1].text


async def test_live_location_is_on_the_board_of_those_who_come_until_the_end(street):
    near = await volunteer(street, "陈红")
    await street.xu.says(ILL)
    sent = await street.xu.says("", location=HERE)
    await near.presses("我过去")
    assert "📍 03:00 发来的位置" in (await calls(near))[-1]
    await street.time_passes(minutes=2)
    moved = {"message_id": sent.incoming.message_id, "edited": True}
    await street.xu.says("", location=(HERE[0] + 0.001, HERE[1]), **moved)
    assert "📍 03:02 发来的位置" in (await calls(near))[-1]
    await street.officer.presses_raw("c.ack", 1001)
    await street.officer.says("/close 1001 送医院了")
    await street.time_passes(minutes=2)
    heard = len(await near.heard()), len(await street.officer.heard())
    await street.xu.says("", location=(HERE[0] + 0.002, HERE[1]), **moved)
    assert (len(await near.heard()), len(await street.officer.heard())) == heard
    points = await street.store.transact(lambda unit: unit.places.of(1001))
    assert max(each.latitude for each in points) == pytest.approx(HERE[0] + 0.001, abs=1e-6)
    assert "📍" not in (await calls(near))[-1]
