"""The place of an urgent case: pins, live locations, photos, their readers, their deletion."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from domain.people.people import Role

PIN = (28.916612, 120.105533)
PHOTO = {"type": "photo", "file_id": "f1", "file_unique_id": "u1"}
VOICE = {"type": "voice", "file_id": "f2", "file_unique_id": "u2"}


async def pins(who):
    return [json.loads(heard.row["media"]) for heard in await who.heard() if '"latitude"' in heard.row["media"]]


@pytest.fixture
async def street(town_at_night):
    await town_at_night.xu.says("/sos 我爸胸口痛，喘不上气")
    return town_at_night


async def test_pin_goes_on_as_a_pin_with_sound_to_everybody_called(street):
    await street.xu.says("", location=PIN)
    for who in (street.chair, street.officer, street.duty, street.leader):
        assert [(pin["latitude"], pin["longitude"]) for pin in await pins(who)] == [PIN], who.name
        pin = next(heard for heard in await who.heard() if '"latitude"' in heard.row["media"])
        assert (pin.row["silent"], pin.priority) == (0, 0)
        assert "📍 03:00 的位置（刚才）" in [heard for heard in await who.heard() if heard.card == "case:1001"][-1].text
    assert "位置收到，已经发给" in await street.xu.new()
    for who in (street.secretary, street.admin, street.other_chair, street.other_officer):
        assert await pins(who) == [], who.name


async def test_pin_does_not_reach_people_who_know_number_and_kind_only(street):
    await street.time_passes(minutes=11)
    await street.xu.says("", location=PIN)
    for who in (street.admin, street.other_officer):
        assert await who.heard() != []
        assert await pins(who) == []


async def test_pin_sent_before_the_call_goes_on_with_it(town_at_night):
    street = town_at_night
    await street.xu.says("救命")
    await street.xu.says("", location=PIN)
    await street.xu.says("", media=PHOTO)
    await street.xu.presses("告诉民警")
    assert len(await pins(street.chair)) == 1
    assert [heard for heard in await street.chair.heard() if heard.key == "case.picture"]
    assert "你在哪里" not in await street.xu.new()


async def test_pin_belongs_to_the_call_while_a_report_is_being_written(street):
    await street.xu.says("/report hazard")
    await street.xu.says("", location=PIN)
    assert len(await pins(street.officer)) == 1


async def test_name_of_a_venue_is_kept(street):
    await street.xu.says("", location=PIN, place_name="上徐村文化礼堂, 上徐路8号")
    assert "上徐村文化礼堂" in (await street.officer.new())


async def test_live_location_goes_on_once_a_minute_without_sound_and_keeps_three_points(street):
    sent = await street.xu.says("", location=PIN)
    message_id = sent.incoming.message_id
    for step in range(1, 13):
        await street.time_passes(seconds=20)
        await street.xu.says("", location=(PIN[0] + step / 1000, PIN[1]), message_id=message_id, edited=True)
    found = await pins(street.officer)
    assert 4 <= len(found) <= 5
    assert found[-1]["latitude"] == pytest.approx(PIN[0] + 0.012, abs=1e-6)
    quiet = [heard.row["silent"] for heard in await street.officer.heard() if '"latitude"' in heard.row["media"]]
    assert quiet == [0, *[1] * (len(found) - 1)]
    points = await street.store.transact(lambda unit: unit.places.of(1001))
    assert [round(point.latitude - PIN[0], 3) for point in points] == [0, 0.011, 0.012]


async def test_live_location_sent_before_the_call_goes_on_moving(town_at_night):
    street = town_at_night
    await street.xu.says("救命")
    sent = await street.xu.says("", location=PIN)
    message_id = sent.incoming.message_id
    await street.xu.says("", location=(PIN[0] + 0.001, PIN[1]), message_id=message_id, edited=True)
    await street.xu.presses("告诉民警")
    await street.time_passes(seconds=61)
    await street.xu.says("", location=(PIN[0] + 0.002, PIN[1]), message_id=message_id, edited=True)
    assert [round(pin["latitude"] - PIN[0], 3) for pin in await pins(street.officer)] == [0.001, 0.002]


async def test_one_pin_is_pending_for_a_chat_when_many_are_sent(street):
    for step in range(10):
        await street.xu.says("", location=(PIN[0] + step / 1000, PIN[1]))
    for who in (street.chair, street.duty):
        waiting = [heard for heard in await who.heard() if '"latitude"' in heard.row["media"] and heard.row["state"] == "waiting"]
        assert len(waiting) == 1


async def test_place_is_forgotten_with_its_reporter_when_the_case_is_over(street):
    await street.xu.says("", location=PIN)
    await street.chair.presses("我过去")
    await street.chair.says("/close 1001 送医院了")
    await street.store.transact(lambda unit: unit.privacy.forget(street.xu.person_id, at=street.at))
    assert await street.store.transact(lambda unit: unit.places.of(1001)) == []


async def test_card_and_button_show_the_age_of_the_place(street):
    await street.xu.says("", location=PIN)
    await street.time_passes(minutes=4, seconds=30)
    await street.officer.presses("看位置")
    assert "4 分钟前" in (await street.officer.heard())[-1].text
    await street.officer.says("/case 1001")
    assert "📍 03:00 的位置（4 分钟前）" in (await street.officer.heard())[-1].text


async def test_photo_and_voice_go_on_as_themselves(street):
    await street.xu.says("门口", media=PHOTO)
    await street.xu.says("", media=VOICE)
    for who in (street.chair, street.officer, street.duty):
        shown = [json.loads(heard.row["media"])["type"] for heard in await who.heard() if heard.key == "case.picture"]
        assert shown == ["photo", "voice"], who.name
    assert await pins(street.secretary) == []


async def test_album_rings_once(street):
    for place in range(4):
        await street.xu.says("", media=PHOTO | {"file_unique_id": f"a{place}"}, album="g1")
    sounds = [heard.row["silent"] for heard in await street.officer.heard() if heard.key == "case.picture"]
    assert sounds == [0, 1, 1, 1]


async def test_photo_added_to_an_ordinary_case_reaches_who_has_it(harness):
    chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await xu.says("/report hazard 路灯不亮")
    await chair.new()
    await xu.says("", media=PHOTO)
    assert "📷" in await chair.new()
    await chair.presses("受理")
    await chair.new()
    await xu.says("", location=PIN)
    new = (await chair.heard())[-2:]
    assert any(heard.key == "case.note.to_handlers" and "📍" in heard.text for heard in new)


async def test_named_chair_gets_no_place(town_at_night):
    street = town_at_night
    await street.xu.says("/sos 王建国打我，流血了，救命")
    await street.xu.says("", location=PIN)
    assert await street.chair.heard() == []
    await street.chair.presses_raw("c.loc", 1001)
    assert await pins(street.chair) == []
    assert len(await pins(street.officer)) == 1


async def test_place_button_is_refused_to_everybody_who_may_not_see_it(street):
    await street.xu.says("", location=PIN)
    for who in (street.secretary, street.admin, street.other_officer, street.other_chair):
        await who.presses_raw("c.loc", 1001)
        assert await pins(who) == [], who.name


@pytest.mark.parametrize("by", ["timer", "sweep"])
async def test_coordinates_are_nowhere_a_day_after_the_end(street, by):
    sent = await street.xu.says("", location=PIN)
    await street.xu.says("", location=(PIN[0] + 0.001, PIN[1]), message_id=sent.incoming.message_id, edited=True)
    await street.chair.presses("我过去")
    await street.chair.presses("到了")
    await street.chair.says("/close 1001 送医院了")

    async def plant(unit):
        """Leave what a failed update and an unfinished dialog of the reporter would leave."""
        place = json.dumps({"message": {"location": {"latitude": PIN[0], "longitude": PIN[1]}}})
        await unit.transaction.execute(
            "INSERT INTO inbox (channel, update_id, effect, chat_id, user_id, lane, payload, received_at, state)"
            " VALUES ('telegram', 77, 'x', ?, ?, 1, ?, 1, 'parked')",
            (street.xu.user_id, street.xu.user_id, place),
        )
        answers = json.dumps({"said": "路灯", "place": {"latitude": PIN[0], "longitude": PIN[1]}})
        await unit.transaction.execute(
            "INSERT INTO drafts (channel, chat_id, dialog, step, answers, started_at, updated_at) VALUES ('telegram', ?, 'kept', '', ?, 1, 1)",
            (street.xu.user_id, answers),
        )

    await street.store.transact(plant)
    assert await places_of(street) != []
    await street.time_passes(hours=23, minutes=59)
    assert await places_of(street) != []
    if by == "timer":
        await street.time_passes(minutes=1)
    else:
        street.at += timedelta(hours=1)  # the timer is not in a restored backup
        await street.store.transact(lambda unit: unit.places.purge(before=street.at - street.town.emergency.keep_places))
    assert await places_of(street) == []
    draft = await street.store.transact(lambda unit: unit.transaction.fetch_one("SELECT answers FROM drafts"))
    assert json.loads(draft["answers"]) == {"said": "路灯"}
    await street.chair.says("/case 1001")
    assert "📍" not in (await street.chair.heard())[-1].text


async def test_coordinates_stay_when_a_withdrawn_call_goes_on_again(street):
    await street.xu.says("", location=PIN)
    await street.xu.presses("误触")
    await street.time_passes(hours=20)
    await street.xu.says("/reopen 1001 又痛了")
    await street.time_passes(hours=10)
    assert await places_of(street) != []


async def test_no_coordinate_is_in_the_audit_or_in_a_case(street):
    await street.xu.says("", location=PIN)
    found = await places_of(street)
    assert {table for table, _ in found} == {"case_points", "outbox"}


async def places_of(street):
    """Return every table and column that holds a part of the pin."""

    async def look(unit):
        found = []
        for table in unit.registry.tables:
            for row in await unit.transaction.fetch_all(f"SELECT * FROM {table}"):  # noqa: S608
                found += [
                    (table, name) for name in dict(row) if any(part in str(row[name]) for part in ("28.91", "28916", "28917", "120105"))
                ]
        return found

    return await street.store.transact(look)
