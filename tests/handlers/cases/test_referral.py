"""The contact at the judicial office when a case is referred."""

from __future__ import annotations

import pytest

from domain.people.people import Role
from tests.handler_harness import HandlerHarness, Voice

WORDS = "邻居砌墙占了我家的路"


class Place:
    """A case that its officer has taken over."""

    def __init__(self, harness: HandlerHarness, villager: Voice, chair: Voice, officer: Voice) -> None:
        self.harness, self.villager, self.chair, self.officer = harness, villager, chair, officer

    async def refers(self) -> str:
        """Let the officer refer the case; return what they are told."""
        await self.officer.new()
        await self.officer.says("/refer 1001 去法庭立案，赔多少以后再说")
        return await self.officer.new()


@pytest.fixture
async def place(harness: HandlerHarness) -> Place:
    people = {"徐阿婆": Role.VILLAGER, "王建国": Role.CHAIR, "张伟": Role.OFFICER}
    found = Place(harness, *[await harness.person(name, role, "上徐村") for name, role in people.items()])
    officer_id = found.officer.person_id
    assert officer_id is not None
    await harness.store.transact(lambda unit: unit.privacy.set_phone(officer_id, "+8613800002222"))
    return found


async def taken(place: Place, words: str = WORDS) -> None:
    await place.villager.says(f"/report dispute {words}")
    await place.officer.says("/ack 1001")
    await place.officer.says("/mediate 1001 双方到场")


async def test_contact_learns_of_a_referred_case_and_reads_nothing_of_it(place: Place):
    contact = await place.harness.person("李卫东", Role.JUDICIAL)
    await taken(place)
    assert "司法所在这里收不到消息" not in await place.refers()
    told = await contact.new()
    for words in ("1001", "上徐村", "张伟", "13800002222"):
        assert words in told
    for words in (WORDS, "徐阿婆", "法庭", "赔多少"):
        assert words not in told
    await contact.says("/case 1001")
    assert WORDS not in await contact.new()


async def test_officer_gets_the_number_of_a_contact_without_a_chat(place: Place):
    contact = await place.harness.person("李卫东", Role.JUDICIAL, reachable=False)
    contact_id = contact.person_id
    assert contact_id is not None
    await taken(place)
    told = await place.refers()
    assert "请打电话告诉他们" in told
    assert (await place.harness.store.transact(lambda unit: unit.people.get(contact_id, at=place.harness.at))).phone in told


async def test_contact_learns_nothing_of_a_report_against_the_chair_and_the_officer_gets_the_number(place: Place):
    contact = await place.harness.person("李卫东", Role.JUDICIAL)
    await taken(place, "王主任收了我的钱")
    assert "请打电话告诉他们" in await place.refers()
    assert await contact.new() == ""


async def test_contact_who_is_a_party_is_told_nothing(place: Place):
    contact = await place.harness.person("李卫东", Role.JUDICIAL)
    await taken(place)
    sql = "INSERT INTO case_parties (case_id, person_id, side, added_at) VALUES (1001, ?, 'against', 0)"
    await place.harness.store.transact(lambda unit: unit.transaction.execute(sql, (contact.person_id,)))
    await place.harness.store.transact(lambda unit: unit.transaction.execute("UPDATE cases SET parties = 1"))
    assert "司法所" not in await place.refers()
    assert await contact.new() == ""


@pytest.mark.parametrize("move", ["/close 1001 好了", "/settle 1001 各让半米"])
async def test_contact_hears_of_no_other_move(place: Place, move: str):
    contact = await place.harness.person("李卫东", Role.JUDICIAL)
    await taken(place)
    await place.officer.says(move)
    assert await contact.new() == ""
