"""A person with several addresses: the next address comes before the next post."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.core.change import Address, ChatId, Notice, PersonId, Priority, Receiver
from domain.people.people import Role
from handlers.fallback import copy_urgent, undeliverable
from storage.core.outgoing import COLUMNS, outgoing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.core.outgoing import Outgoing
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness, Voice

ENGINES = ("sqlite", "postgres")
NAMES = ("telegram", "page", "radio", "siren")
KEY = "case.new"


@pytest.fixture
def town(town):
    """Four channels are served: two of them ring, two do not."""
    return replace(town, bot_names=dict.fromkeys(NAMES, "tongxin_bot"), waking={"radio", "siren"})


@pytest.fixture
async def chair(harness: HandlerHarness) -> Voice:
    await harness.person("张警官", Role.OFFICER, "上徐村")
    return await harness.person("王主任", Role.CHAIR, "上徐村")


def person(who: Voice) -> PersonId:
    assert who.person_id is not None
    return who.person_id


async def has(harness: HandlerHarness, who: Voice, *channels: str) -> None:
    """Give a person one more address on each channel, seen a minute later than the one before."""

    async def attach(unit: Unit) -> None:
        for place, channel in enumerate(channels, 1):
            at = harness.at + timedelta(minutes=place)
            await unit.people.attach(person(who), Address(channel, ChatId(who.user_id)), at=at)

    await harness.store.transact(attach)


async def put(harness: HandlerHarness, who: Voice, channel: str = "telegram", *, unique_key: str = "cause:1", **facts: Any) -> Outgoing:
    """Let a message wait for somebody; return its row, as delivery has it."""
    receiver = Receiver(Address(channel, ChatId(who.user_id)), "zh", who.person_id, "chair", harness.villages["上徐村"])
    notice = Notice(receiver, "system.parked", {"incident": "W1"}, **({"subject": "case:7"} | facts))
    await harness.store.transact(lambda unit: unit.outbox.put(notice, unique_key=unique_key, at=harness.at))
    return next(row for row in await claim(harness) if row.unique_key == unique_key)


async def claim(harness: HandlerHarness) -> Sequence[Outgoing]:
    """Return the waiting rows, as delivery has them."""
    sql = f"SELECT {COLUMNS} FROM outbox WHERE state = 'waiting' ORDER BY id"  # noqa: S608 - a constant
    return [outgoing(row) for row in await harness.store.transact(lambda unit: unit.transaction.fetch_all(sql))]


async def fails(harness: HandlerHarness, row: Outgoing, *, permanent: bool = True, taken_back: bool = False) -> None:
    """End a row as delivery does when nothing can be sent there."""

    async def end(unit: Any) -> None:
        await unit.outbox.end(row.id, owner="", state="failed", fault="blocked", at=harness.at)
        await undeliverable(unit, row, why="blocked", permanent=permanent, taken_back=taken_back, town=harness.town, at=harness.at)

    await harness.store.transact(end)


async def waits(harness: HandlerHarness) -> list[tuple[str, str]]:
    """Return (channel, key) of the waiting rows, in the order of their creation."""
    rows = await harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT channel, key FROM outbox WHERE state = 'waiting' ORDER BY id")
    )
    return [(row["channel"], row["key"]) for row in rows]


async def test_the_next_address_has_the_message_when_one_is_blocked(harness, chair):
    await has(harness, chair, "page")
    await fails(harness, await put(harness, chair, card="case:7", as_new_message=True, batch="alert:1"))
    (row,) = await claim(harness)
    assert (row.address.channel, row.key, row.card, row.as_new_message, row.batch, row.protect) == (
        "page",
        "system.parked",
        "case:7",
        True,
        "alert:1",
        True,
    )
    assert (row.escalates_if_undeliverable, row.person_id, row.role) == (True, chair.person_id, "chair")


@pytest.mark.parametrize("facts", [{}, {"forwardable": True}, {"silent": True}, {"stays": True}, {"subject": ""}, {"tells_nothing": True}])
async def test_copy_keeps_protection_silence_and_escalation_when_an_address_is_blocked(harness, chair, facts):
    await has(harness, chair, "page")
    row = await put(harness, chair, card="case:7", as_new_message=True, **facts)
    await fails(harness, row)
    (again,) = await claim(harness)
    kept = replace(row, id=again.id, address=again.address, unique_key=again.unique_key, created_at=again.created_at)
    assert kept == again


async def test_what_rings_comes_first_and_then_where_somebody_was_seen_last(harness, chair):
    await has(harness, chair, "radio", "siren", "page")
    row, order = await put(harness, chair), []
    for _ in range(3):
        await fails(harness, row)
        (row,) = await claim(harness)
        order.append(row.address.channel)
    assert order == ["siren", "radio", "page"]


async def test_the_next_post_is_told_only_when_every_address_is_blocked(harness, chair):
    await has(harness, chair, "page")
    await fails(harness, await put(harness, chair))
    assert await waits(harness) == [("page", "system.parked")]
    await fails(harness, (await claim(harness))[0])
    assert await waits(harness) == [("telegram", "fallback.wrapped")]


async def test_a_message_goes_to_the_next_address_also_when_it_would_not_climb(harness, chair):
    await has(harness, chair, "page")
    await fails(harness, await put(harness, chair, stays=True))
    assert await waits(harness) == [("page", "system.parked")]


async def test_a_message_that_was_taken_back_goes_nowhere(harness, chair):
    await has(harness, chair, "page")
    await fails(harness, await put(harness, chair), taken_back=True)
    assert await waits(harness) == []


async def test_an_address_on_a_channel_that_is_not_served_does_not_count(harness, chair):
    await has(harness, chair, "gone")
    await fails(harness, await put(harness, chair))
    assert await waits(harness) == [("telegram", "fallback.wrapped")]


async def test_an_unreachable_address_does_not_count(harness, chair):
    await has(harness, chair, "page")
    page = Address("page", ChatId(chair.user_id))
    await harness.store.transact(lambda unit: unit.addresses.mark_unreachable(page, why="blocked", at=harness.at))
    await fails(harness, await put(harness, chair))
    assert await waits(harness) == [("telegram", "fallback.wrapped")]


async def test_a_group_has_no_other_address(harness, chair):
    await has(harness, chair, "page")
    row = await put(harness, chair, stays=True)
    await fails(harness, replace(row, address=Address("telegram", ChatId(-5))))
    assert await waits(harness) == []


async def test_what_is_urgent_goes_to_every_address_that_rings_and_once(harness, chair):
    await has(harness, chair, "page", "radio", "siren")
    row = await put(harness, chair, priority=Priority.SOS)
    for _ in range(2):
        await harness.store.transact(lambda unit: copy_urgent(unit, [row], town=harness.town, at=harness.at))
    assert await waits(harness) == [("telegram", "system.parked"), ("siren", "system.parked"), ("radio", "system.parked")]
    copies = await claim(harness)
    await harness.store.transact(lambda unit: copy_urgent(unit, copies, town=harness.town, at=harness.at))
    assert len(await waits(harness)) == 3


async def test_nobody_else_is_told_while_one_copy_of_what_is_urgent_has_not_failed(harness, chair):
    await has(harness, chair, "radio")
    row = await put(harness, chair, priority=Priority.ALERT)
    await harness.store.transact(lambda unit: copy_urgent(unit, [row], town=harness.town, at=harness.at))
    first, second = await claim(harness)
    await fails(harness, first)
    assert await waits(harness) == [("radio", "system.parked")]
    await fails(harness, second)
    assert await waits(harness) == [("telegram", "fallback.wrapped")]


async def test_a_board_that_is_redrawn_is_not_copied(harness, chair):
    await has(harness, chair, "radio")
    row = await put(harness, chair, priority=Priority.ALERT, card="alert:1")
    await harness.store.transact(lambda unit: copy_urgent(unit, [row], town=harness.town, at=harness.at))
    assert await waits(harness) == [("telegram", "system.parked")]


# Which address counts -------------------------------------------------------------------------------------------------


async def addresses_of(harness: HandlerHarness, who: Voice) -> set[str]:
    """Return the channel by which each way of finding somebody would tell them."""
    village = harness.villages["上徐村"]
    receiver = await harness.store.transact(lambda unit: unit.people.receiver(person(who)))
    found = await harness.store.transact(lambda unit: unit.people.get(person(who), at=harness.at))
    posts = await harness.store.transact(lambda unit: unit.people.posts_of(village, at=harness.at))
    station = await harness.store.transact(lambda unit: unit.people.station_posts(harness.station, at=harness.at))
    admins = await harness.store.transact(lambda unit: unit.people.administrators())
    everybody = [
        receiver,
        *(r for told in (*posts.holders.values(), *station.holders.values(), admins) for r in told if r.person_id == who.person_id),
    ]
    return {found.address.channel, *(each.address.channel for each in everybody if each.address is not None)}


@pytest.mark.parametrize("role", [Role.CHAIR, Role.LEADER, Role.ADMIN])
async def test_everybody_is_told_where_they_were_seen_last(harness, role):
    who = await harness.person("王主任", role, "上徐村")
    await has(harness, who, "page", "radio")
    assert await addresses_of(harness, who) == {"radio"}
    await harness.store.transact(
        lambda unit: unit.addresses.mark_unreachable(Address("radio", ChatId(who.user_id)), why="blocked", at=harness.at)
    )
    assert await addresses_of(harness, who) == {"page"}


async def test_whoever_writes_is_seen_where_they_write(harness, chair):
    await has(harness, chair, "page")
    harness.at += timedelta(hours=1)
    await chair.says("/help")
    assert await addresses_of(harness, chair) == {"telegram"}


async def test_a_code_redeemed_on_another_channel_adds_an_address_and_tells_the_first(harness, chair):
    await chair.presses_raw("linkme")
    code = next(word for word in (await chair.new()).split() if "start=i" in word).partition("start=i")[2]
    stranger = harness.stranger("王主任的另一部手机")
    there = Address("page", ChatId(stranger.user_id))
    await stranger.says(f"/start i{code}", address=there)
    (verb, args), *_ = (await stranger.heard())[-1].buttons.values()
    await stranger.says(verb=verb, values=tuple(map(str, args)), press_id="p1", address=there)
    found = await harness.store.transact(lambda unit: unit.addresses.list_addresses((person(chair),)))
    assert {address.channel for address in found[person(chair)]} == {"page", "telegram"}
    assert "不是你本人" in await chair.new()
