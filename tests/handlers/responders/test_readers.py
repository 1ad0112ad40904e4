"""Readers of a callout: the people called to it, while they may hear of it."""

from __future__ import annotations

import pytest

from tests.handlers.responders.test_volunteering import volunteer


async def may_hear(town, who) -> bool:
    async def ask(unit):
        person = await unit.people.get(who.person_id, at=town.at)
        return bool((await unit.may_be_told([(person, "callout:1001")]))[0])

    return bool(await town.store.transact(ask))


@pytest.fixture
async def street(town_at_night):
    """Return the village with an urgent case in its wide round, and a volunteer."""
    town_at_night.helper = await volunteer(town_at_night, "陈红")
    await town_at_night.xu.says("/sos 我爸胸口痛，喘不上气")
    await town_at_night.time_passes(minutes=10)
    await town_at_night.other_officer.presses("我过去")
    return town_at_night


async def test_only_people_who_were_called_hear_of_a_callout(street):
    for who in (street.chair, street.officer, street.duty, street.leader, street.helper, street.other_officer):
        assert await may_hear(street, who), who.name
    for who in (street.xu, street.secretary, street.other_chair):
        assert not await may_hear(street, who), who.name


async def change(street, sql, *params):
    await street.store.transact(lambda unit: unit.transaction.execute(sql, params))


PARTY = "INSERT INTO case_parties (case_id, person_id, side, added_at) VALUES (1001, ?, 'excluded', 1)"
NAME = "INSERT INTO case_excluded_names (case_id, name, added_at) SELECT 1001, name, 1 FROM people WHERE id = ?"


@pytest.mark.parametrize("sql", [PARTY, NAME])
async def test_party_and_excluded_name_hear_nothing_any_more(street, sql):
    for who in (street.helper, street.other_officer, street.chair):
        await change(street, sql, who.person_id)
        assert not await may_hear(street, who), who.name


async def test_volunteers_hear_nothing_when_a_case_is_for_the_police_only(street):
    await change(street, "UPDATE cases SET police_only = 1 WHERE id = 1001")
    for who in (street.helper, street.chair):
        assert not await may_hear(street, who), who.name
    for who in (street.other_officer, street.officer, street.duty):
        assert await may_hear(street, who), who.name


async def test_nobody_but_named_handlers_hears_of_a_restricted_case(street):
    await change(street, "UPDATE cases SET restricted = 1 WHERE id = 1001")
    await change(street, "INSERT INTO case_handlers (case_id, person_id, added_at) VALUES (1001, ?, 1)", street.officer.person_id)
    assert await may_hear(street, street.officer)
    for who in (street.helper, street.other_officer, street.chair, street.leader):
        assert not await may_hear(street, who), who.name


async def test_lost_post_ends_the_view_of_a_callout(street):
    await street.store.transact(lambda unit: unit.people.dismiss(street.other_officer.person_id, at=street.at))
    assert not await may_hear(street, street.other_officer)


async def test_suspended_person_hears_nothing(street):
    await street.store.transact(lambda unit: unit.directory.suspend(street.helper.person_id, at=street.at))
    assert not await may_hear(street, street.helper)
