"""The sheet of a village: readers, changes, and its use in an emergency."""

from __future__ import annotations

import pytest

from domain.people.people import Role
from tests.handlers.callouts.conftest import town_at_night
from tests.handlers.responders.conftest import board_of

__all__ = ["town_at_night"]

POINT = (29.1234, 120.5678)
VERBS = ("v.point", "v.near", "v.which", "v.show")


@pytest.fixture
def village(town_at_night):
    return town_at_night


async def sheet_of(village, name="上徐村"):
    return await village.store.transact(lambda unit: unit.village_places.find(village.villages[name]))


async def test_chair_enters_everything_and_reads_it_again(village):
    await village.chair.says("/village")
    assert "还没有" in await village.chair.new()
    await village.chair.presses("村的位置")
    await village.chair.says("", location=POINT)
    await village.chair.presses("邻村")
    await village.chair.says("下李村")
    await village.chair.presses("加 AED")
    await village.chair.says("村委会门口")
    await village.chair.says("8:00–17:00，晚上找门卫")
    await village.chair.says("0")
    await village.chair.presses("加消防栓")
    await village.chair.says("祠堂东墙")
    await village.chair.new()
    await village.chair.says("/village 上徐")
    said = await village.chair.new()
    for line in ("29.12340, 120.56780", "邻村：下李村", "AED：村委会门口（8:00–17:00，晚上找门卫）", "消防栓：祠堂东墙", "路口：还没有"):
        assert line in said


async def test_typed_point_is_kept_as_it_was_and_nonsense_is_asked_again(village):
    await village.officer.says("/village 上徐村")
    await village.officer.presses("村的位置")
    await village.officer.says("村委会")
    assert "看不懂" in await village.officer.new()
    await village.officer.says("29.2，120.6")
    sheet = await sheet_of(village)
    assert (sheet.point.latitude, sheet.point.longitude) == (29.2, 120.6)


async def test_distance_to_a_neighbour_is_shown_and_neighbours_count_both_ways(village):
    await village.chair.says("/village")
    await village.chair.presses("邻村")
    await village.chair.says("下李村")
    for who, place in ((village.chair, POINT), (village.other_chair, (29.1334, 120.5678))):
        await who.says("/village")
        await who.presses("村的位置")
        await who.says("", location=place)
    assert "邻村：上徐村（约 0.9 公里）" in await village.other_chair.new()


async def test_place_that_is_gone_is_deleted_once(village):
    await village.chair.says("/village")
    await village.chair.presses("加路口")
    await village.chair.says("老桥头")
    await village.chair.presses("删一条")
    await village.chair.presses("老桥头")
    assert (await sheet_of(village)).places == ()
    await village.chair.presses("老桥头")
    assert (await sheet_of(village)).places == ()


async def test_private_number_is_no_part_of_a_place(village):
    await village.chair.says("/village")
    await village.chair.presses("加路口")
    await village.chair.says("老桥头，找老王 13812345678")
    assert (await sheet_of(village)).places == ()


async def test_committee_reads_and_does_not_change(village):
    member = await village.person("周强", Role.MEMBER, "上徐村")
    for who in (member, village.secretary):
        await who.says("/village")
        assert "上徐村" in await who.new()
        assert (await who.heard())[-1].buttons == {}
        for verb in ("v.point", "v.near", "v.which"):
            await who.presses_raw(verb, village.villages["上徐村"])
        await who.presses_raw("v.add", village.villages["上徐村"], "aed")
        await who.says("老桥头")
    sheet = await sheet_of(village)
    assert (sheet.point, sheet.places) == (None, ())


async def test_others_read_and_change_nothing(village):
    await village.chair.says("/village")
    await village.chair.presses("加路口")
    await village.chair.says("老桥头")
    place = (await sheet_of(village)).places[0]
    for who in (village.other_chair, village.other_officer, village.xu, village.admin, village.stranger()):
        await who.new()
        for verb in VERBS:
            await who.presses_raw(verb, village.villages["上徐村"])
        await who.presses_raw("v.del", village.villages["上徐村"], place.id)
        await who.presses_raw("v.add", village.villages["上徐村"], "hydrant")
        await who.says("/village 上徐村")
        assert "老桥头" not in await who.new()
    await village.other_chair.presses_raw("v.del", village.villages["下李村"], place.id)
    assert (await sheet_of(village)).places == (place,)


async def test_dialog_ends_without_effect_when_the_post_has_ended(village):
    await village.chair.says("/village")
    await village.chair.presses("加路口")
    await village.store.transact(lambda unit: unit.people.dismiss(village.chair.person_id, at=village.at))
    await village.chair.says("老桥头")
    assert (await sheet_of(village)).places == ()


async def test_responders_read_the_places_they_need(village):
    for kind, words in (("加 AED", ("村委会门口", "24 小时", "0")), ("加消防栓", ("祠堂东墙",)), ("加路口", ("老桥头",))):
        await village.chair.says("/village")
        await village.chair.presses(kind)
        for line in words:
            await village.chair.says(line)
    await village.xu.says("/sos 我爸胸口痛，喘不上气")
    await village.officer.presses("我过去")
    board = await board_of(village.officer)
    assert "AED：村委会门口（24 小时）" in board
    assert "老桥头" in board
    assert "祠堂" not in board
    assert "村委会" not in await board_of(village.leader)


async def test_people_on_the_way_read_how_far_a_defibrillator_is_and_the_nearest_first(village):
    for words, place in (("卫生所", (29.1414, 120.5678)), ("村委会门口", (29.1252, 120.5678))):
        await village.chair.says("/village")
        await village.chair.presses("加 AED")
        for line in (words, "24 小时"):
            await village.chair.says(line)
        await village.chair.says("", location=place)
    assert "卫生所（24 小时） 📍、村委会门口（24 小时） 📍" in await village.chair.new()
    await village.xu.says("/sos 我爸胸口痛，喘不上气")
    await village.xu.says("", location=POINT)
    await village.officer.presses("我过去")
    assert "AED：村委会门口（24 小时），0.2–0.7 公里、卫生所（24 小时），1.7–2.4 公里" in await board_of(village.officer)
    for who in (village.chair, village.duty):
        await who.presses_raw("r.come", 1001)
    assert "去拿 AED" in await board_of(village.leader)
    assert "村委会门口" in await board_of(village.leader)
    assert "公里" not in await board_of(village.leader)  # a distance from known points would tell the place


async def test_officers_of_neighbour_villages_are_called_when_they_are_known(village):
    async def third(unit):
        row = await unit.transaction.fetch_one(
            "INSERT INTO villages (station_id, name) VALUES (?, '远山村') RETURNING id", (village.station,)
        )
        village.villages["远山村"] = row["id"]

    await village.store.transact(third)
    far = await village.person("远警官", Role.OFFICER, "远山村")
    await village.chair.says("/village")
    await village.chair.presses("邻村")
    await village.chair.says("下李村")
    await village.xu.says("/sos 我爸胸口痛，喘不上气")
    await village.time_passes(minutes=10)
    assert "到现在没有人回应" in await village.other_officer.new()
    assert await far.heard() == []
