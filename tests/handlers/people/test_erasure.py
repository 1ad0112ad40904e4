"""/forget of people with a post that nobody takes over, and of people whom a case concerns."""

from __future__ import annotations

import pytest

from bot.commands.roster_import import import_roster
from domain.core.change import Address, ChatId, Notice, Receiver
from domain.people.people import Role
from domain.people.roster import Roster, RosterEntry
from tests.handler_harness import DELIVERY, HandlerHarness, Heard, Voice
from tests.handlers.people.test_joining import accepts, actor
from tests.handlers.people.test_powers import last_code
from texts import plain

SECRET = "张伟警官收了我的钱"


async def forgets(who: Voice) -> None:
    await who.says("/forget")
    await who.presses("删除，不留")


# Auditors -------------------------------------------------------------------------------------------------------------


async def test_auditor_leaves_the_post_by_forget_and_the_leaders_are_told(harness: HandlerHarness):
    leader = await harness.person("陈强", Role.LEADER)
    auditor = await harness.person("李卫东", Role.AUDIT)
    await auditor.says("/forget")
    assert "你的岗位也到此为止：审计" in await auditor.new()
    await auditor.presses("删除，不留")
    assert (await actor(harness, auditor)).id is None
    rows = await harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT 1 FROM posts WHERE role = 'audit' AND until_at IS NULL")
    )
    assert rows == []
    told = await leader.new()
    assert "审计 注销了自己的资料" in told
    assert "李卫东" not in told


@pytest.mark.parametrize("role", [Role.JUDICIAL, Role.TRAFFIC, Role.MEDIATOR, Role.PATROL, Role.CHAIR])
async def test_holder_who_can_hand_over_is_asked_to_do_so_before_forget(harness: HandlerHarness, role: Role):
    holder = await harness.person("李卫东", role, "上徐村")
    await holder.says("/forget")
    assert "先交给别人再删" in await holder.new()
    await holder.presses_raw("forgetme", holder.person_id)
    assert (await actor(harness, holder)).holds(role)


# Cards in the chats of others --------------------------------------------------------------------------------------------


async def deliver(harness: HandlerHarness) -> None:
    """Let everything that waits arrive, and hang the cards."""

    async def settle(unit):
        for row in await unit.outbox.claim(owner=DELIVERY, at=harness.at, limit=500):
            await unit.outbox.sent(row.id, message_id=row.id, at=harness.at)
            if row.card:
                await unit.cards.hang(row.address, row.card, message_id=row.id, person_id=row.person_id, at=harness.at)

    await harness.store.transact(settle)


async def drawn(harness: HandlerHarness, who: Voice) -> dict[str, Heard]:
    """Return the cards that are about to be drawn in a chat."""
    rows = await harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT * FROM outbox WHERE chat_id = ? AND state = 'waiting' ORDER BY id", (who.user_id,))
    )
    return {message.card: message for message in map(Heard, map(dict, rows)) if message.card}


async def test_cards_in_the_chats_of_others_lose_the_name_at_once_when_a_person_erases_themselves(harness: HandlerHarness):
    chair = await harness.person("甲主任", Role.CHAIR, "上徐村")
    zhou = await harness.person("周小满", Role.VILLAGER, "上徐村")
    other = await harness.person("路过人", Role.VILLAGER, "上徐村")
    await zhou.says("/report dispute 邻居砌墙占了我家的路")
    await chair.presses("受理")
    there = Receiver(Address("telegram", ChatId(other.user_id)), person_id=other.person_id)
    told = Notice(there, "people.rename.done", {"name": "周小满"}, card="plans")
    await harness.store.transact(lambda unit: unit.outbox.put(told, unique_key="card", at=harness.at))
    assert "周小满" in (await drawn(harness, chair))["case:1001"].text
    await deliver(harness)
    await forgets(zhou)
    card = (await drawn(harness, chair))["case:1001"]
    assert "邻居砌墙" in card.text
    assert "周小满" not in card.text
    assert card.buttons
    assert "已经删了自己的资料" in (await drawn(harness, other))["plans"].text


# An accused person who comes back -------------------------------------------------------------------------------------


class Place:
    """A report against an officer, who then hands over and erases themselves."""

    def __init__(self, harness: HandlerHarness, leader: Voice, second: Voice, accused: Voice, villager: Voice) -> None:
        self.harness, self.leader, self.second, self.accused, self.villager = harness, leader, second, accused, villager

    async def appoints(self, name: str, *, user_id: int | None = None) -> Voice:
        """Let somebody be appointed officer by code."""
        new = Voice(self.harness, user_id or 77_001, name)
        await self.leader.says("/invite officer 上徐村")
        await new.says(f"/start i{last_code(await self.leader.heard())}")
        await accepts(new, name)
        await self.second.presses("批准")
        assert (await actor(self.harness, new)).holds(Role.OFFICER)
        return new

    async def reads(self, who: Voice) -> bool:
        await who.says("/case 1001")
        return SECRET in "\n".join(message.text for message in await who.heard())


@pytest.fixture
async def place(harness: HandlerHarness) -> Place:
    people = {
        "李国强": (Role.LEADER, ""),
        "周建军": (Role.LEADER, ""),
        "张伟": (Role.OFFICER, "上徐村"),
        "徐阿婆": (Role.VILLAGER, "上徐村"),
    }
    found = Place(harness, *[await harness.person(name, *post) for name, post in people.items()])
    await found.villager.says(f"/report other {SECRET}")
    assert not await found.reads(found.accused)
    accused_id = found.accused.person_id
    assert accused_id is not None
    await harness.store.transact(lambda unit: unit.privacy.set_phone(accused_id, "+8613800001111"))
    await harness.store.transact(lambda unit: unit.people.dismiss(accused_id, at=harness.at))
    await forgets(found.accused)
    return found


@pytest.mark.parametrize("same", ["chat", "name"])
async def test_accused_person_stays_barred_when_they_erase_themselves_and_are_appointed_again(place: Place, same: str):
    again = await (place.appoints("张小伟", user_id=place.accused.user_id) if same == "chat" else place.appoints("张伟"))
    assert not await place.reads(again)
    assert await place.reads(place.leader)


async def test_accused_person_stays_barred_when_they_give_their_number_later(place: Place):
    again = await place.appoints("张小伟")
    await again.presses_raw("phone")
    await again.says(contact={"user_id": again.user_id, "phone": "8613800001111"})
    assert not await place.reads(again)


async def test_accused_person_stays_barred_when_a_roster_appoints_them_again(place: Place):
    rows = (
        RosterEntry(1, "李国强", "", Address("telegram", ChatId(place.leader.user_id)), frozenset({(Role.LEADER, "")})),
        RosterEntry(2, "周建军", "", Address("telegram", ChatId(place.second.user_id)), frozenset({(Role.LEADER, "")})),
        RosterEntry(3, "张小伟", "", Address("telegram", ChatId(place.accused.user_id)), frozenset({(Role.OFFICER, "上徐村")})),
    )
    await import_roster(place.harness.store, Roster("禾安所", tuple(place.harness.villages), rows), at=place.harness.at)
    for leader in (place.leader, place.second):
        for message in await leader.heard():
            for label, (verb, args) in message.buttons.items():
                if "确认" in label:
                    await leader.presses_raw(verb, *args)
    again = Voice(place.harness, place.accused.user_id, "张小伟")
    assert (await actor(place.harness, again)).holds(Role.OFFICER)
    assert not await place.reads(again)


async def test_somebody_else_who_takes_the_post_is_not_barred(place: Place):
    assert await place.reads(await place.appoints("孙明"))


async def test_no_mark_names_the_person_or_is_kept_of_people_whom_no_case_concerns(place: Place):
    other = await place.harness.person("钱七", Role.VILLAGER, "上徐村")
    rows = "SELECT mark FROM case_party_marks ORDER BY mark"
    before = await place.harness.store.transact(lambda unit: unit.transaction.fetch_all(rows))
    assert len(before) == 3
    assert not any("张伟" in row["mark"] or "138" in row["mark"][:3] for row in before)
    await forgets(other)
    assert len(await place.harness.store.transact(lambda unit: unit.transaction.fetch_all(rows))) == 3


def test_farewell_promises_nothing_that_a_mark_would_break():
    assert "什么都没有留" not in plain("people.forget.done_whole", "zh", reports=0)
