"""Undeliverable messages: the other recipient, and the record when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.core.change import Address, Button, ChatId, Notice, PersonId, Priority, Receiver
from domain.people.people import Role
from handlers.fallback import undeliverable
from tests.handler_harness import DELIVERY

if TYPE_CHECKING:
    from storage.core.outgoing import Outgoing
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness, Voice

CARD: dict[str, Any] = {
    "key": "dialog.back",
    "card": "alert:7",
    "subject": "alert:7",
    "priority": Priority.ESCALATION,
}


async def fails(harness: HandlerHarness, notice: Notice, *, why: str = "blocked", permanent: bool = True) -> None:
    """Put a message into the outbox and let it end as delivery ends what can never arrive."""

    async def end(unit: Unit) -> None:
        await unit.outbox.put(notice, unique_key=f"t:{next(harness.ids)}", at=harness.at)
        await give_up(harness, unit, (await unit.outbox.claim(owner=DELIVERY, at=harness.at, limit=500))[-1], why, permanent)

    await harness.store.transact(end)


async def fails_again(harness: HandlerHarness, who: Voice) -> None:
    """Let the newest message to a person fail as well."""

    async def end(unit: Unit) -> None:
        rows = await unit.outbox.claim(owner=DELIVERY, at=harness.at, limit=500)
        mine = [row for row in rows if row.address.chat_id == who.user_id]
        await give_up(harness, unit, max(mine, key=lambda row: row.id), "blocked", True)

    await harness.store.transact(end)


async def give_up(harness: HandlerHarness, unit: Unit, row: Outgoing, why: str, permanent: bool) -> None:
    await unit.outbox.end(row.id, owner=row.owner, state="failed", fault=why, at=harness.at)
    await undeliverable(unit, row, why=why, permanent=permanent, town=harness.town, at=harness.at)


def to(harness: HandlerHarness, who: Voice, role: Role, **facts: Any) -> Notice:
    receiver = Receiver(Address("telegram", ChatId(who.user_id)), "zh", who.person_id, str(role), harness.villages["上徐村"])
    return Notice(receiver, **(CARD | {"buttons": ((Button("dialog.cancel", "cancel", (7,)),),)} | facts))


async def reachable(harness: HandlerHarness, who: Voice) -> bool:
    person_id = who.person_id
    assert person_id is not None
    return (await harness.store.transact(lambda unit: unit.people.receiver(person_id))).address is not None


async def audit(harness: HandlerHarness, subject: str) -> list[str]:
    return [event.action for event in await harness.store.transact(lambda unit: unit.audit.of(subject))]


async def count(harness: HandlerHarness) -> str | None:
    return await harness.store.transact(lambda unit: unit.facts.find("undeliverable.count"))


async def test_what_a_blocked_chair_does_not_get_the_officer_gets_with_its_buttons_and_priority(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    other = await harness.person("李警官", Role.OFFICER, "下李村")
    await fails(harness, to(harness, chair, Role.CHAIR))
    (message,) = await officer.heard()
    assert message.text.startswith("⬆ 治保主任那边没送到，现在请你处理。")
    assert message.text.endswith("⬅ 上一步")
    assert message.buttons == {"取消": ("cancel", (7,))}
    assert (message.priority, message.card, message.row["fresh"]) == (Priority.ESCALATION, "alert:7", 1)
    assert not await other.heard()
    assert await audit(harness, "alert:7") == ["fell_upward"]
    assert await count(harness) is None


async def test_a_chair_who_blocked_the_bot_counts_as_unreachable_from_then_on(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await fails(harness, to(harness, chair, Role.CHAIR, stays=True))
    assert not await reachable(harness, chair)


async def test_a_passing_fault_leaves_the_person_reachable_and_still_falls_upward(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await fails(harness, to(harness, chair, Role.CHAIR), why="message is too long", permanent=False)
    assert len(await officer.heard()) == 1
    assert await reachable(harness, chair)


async def test_what_does_not_fall_upward_is_told_to_nobody_else(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await fails(harness, to(harness, chair, Role.CHAIR, stays=True))
    assert not await officer.heard()
    assert await count(harness) is None


async def test_it_climbs_rung_by_rung_and_says_each_time_whose_it_was(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    desk_of_duty = await harness.person("值班室", Role.DUTY)
    admin = await harness.person("小陈", Role.ADMIN, language="en")
    await fails(harness, to(harness, chair, Role.CHAIR))
    await fails_again(harness, officer)
    (message,) = await desk_of_duty.heard()
    assert message.text == "⬆ 社区民警那边没送到，现在请你处理。\n⬅ 上一步"
    await fails_again(harness, desk_of_duty)
    (last,) = await admin.heard()
    assert last.text == "⬆ This did not reach the duty desk; now it is yours to handle.\n⬅ Back"
    await fails_again(harness, admin)
    assert len(await harness.outbox()) == 4
    assert await count(harness) == "1"
    assert await audit(harness, "alert:7") == ["fell_upward", "fell_upward", "fell_upward", "undeliverable"]


async def test_the_last_rung_does_not_pass_it_round_among_administrators(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    first, second = [await harness.person(name, Role.ADMIN) for name in ("小陈", "小吴")]
    await fails(harness, to(harness, chair, Role.CHAIR))
    await fails_again(harness, first)
    assert [len(await admin.heard()) for admin in (first, second)] == [1, 1]
    assert await count(harness) is None, "the other one was told"


async def test_two_chairs_who_both_fail_do_not_send_it_back_and_forth(harness: HandlerHarness):
    first = await harness.person("王主任", Role.CHAIR, "上徐村")
    second = await harness.person("徐主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await fails(harness, to(harness, first, Role.CHAIR), permanent=False)
    await fails_again(harness, second)
    assert len(await first.heard()) == 1
    assert len(await officer.heard()) == 1


async def test_an_officer_who_is_a_party_to_the_case_is_passed_over(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    duty = await harness.person("值班室", Role.DUTY)
    leader = await harness.person("所长", Role.LEADER)
    assert officer.person_id is not None
    await fails(harness, to(harness, chair, Role.CHAIR, excluded_ids=(officer.person_id,)))
    await fails_again(harness, duty)
    assert not await officer.heard()
    assert len(await leader.heard()) == 1


async def test_when_nobody_at_all_can_be_reached_it_is_counted_and_written_down(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await harness.person("张警官", Role.OFFICER, "上徐村", reachable=False)
    await fails(harness, to(harness, chair, Role.CHAIR))
    await fails(harness, to(harness, chair, Role.CHAIR))
    assert await count(harness) == "2"
    assert await audit(harness, "alert:7") == ["undeliverable", "undeliverable"]


async def test_a_message_of_the_station_climbs_within_the_station(harness: HandlerHarness):
    duty = await harness.person("值班室", Role.DUTY)
    leader = await harness.person("所长", Role.LEADER)
    await fails(harness, Notice(Receiver(Address("telegram", ChatId(duty.user_id)), "zh", duty.person_id, "duty"), **CARD))
    assert len(await leader.heard()) == 1


async def test_a_repeated_cause_tells_the_next_post_once(harness: HandlerHarness):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")

    async def twice(unit: Unit) -> None:
        await unit.outbox.put(to(harness, chair, Role.CHAIR), unique_key="once", at=harness.at)
        (row,) = await unit.outbox.claim(owner=DELIVERY, at=harness.at, limit=1)
        await give_up(harness, unit, row, "blocked", True)
        await give_up(harness, unit, row, "blocked", True)

    await harness.store.transact(twice)
    assert len(await officer.heard()) == 1


@pytest.mark.parametrize(("permanent", "bound"), [(True, False), (False, True)])
async def test_a_group_that_threw_the_bot_out_is_no_longer_bound(harness: HandlerHarness, permanent: bool, bound: bool):
    group = Address("telegram", ChatId(-1001))

    async def bind(unit: Unit) -> None:
        await unit.groups.see(group, "上徐村群")
        await unit.groups.bind(group, harness.villages["上徐村"], by=PersonId(1), at=harness.at)

    await harness.store.transact(bind)
    await fails(harness, Notice(Receiver(group, role="group", village_id=harness.villages["上徐村"]), "dialog.back"), permanent=permanent)
    found = await harness.store.transact(lambda unit: unit.groups.find(group))
    assert found is not None
    assert (found.village_id is not None) is bound
