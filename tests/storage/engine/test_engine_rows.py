"""Inbox, outbox, timers and leases: each row's life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.process.database_startup import open_database
from domain.core.change import Address, Button, ChatId, Notice, PersonId, Priority, Receiver, Timer
from storage.core.inbox import Raw
from storage.unit import Store
from storage.values import to_us
from tests.engines import new_database

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
HOME = Address("telegram", ChatId(7))


@pytest.fixture
async def store(tmp_path, engine):
    opened = Store(await open_database(await new_database(engine, tmp_path)))
    await leads(opened, "one")
    yield opened
    await opened.close()


def raw(update_id: int, effect: str = "", chat: int = 7, lane: int = 1) -> Raw:
    return Raw("telegram", update_id, effect or f"u:{update_id}", ChatId(chat), chat, lane, "{}")


async def test_an_update_is_told_from_another_by_exact_id_and_by_effect(store):
    kept = await store.transact(lambda unit: unit.inbox.keep([raw(10), raw(10), raw(3), raw(11, "m:7:1"), raw(12, "m:7:1")], at=AT))
    assert kept == 3  # a lower id than the last is new; a repeat of an id or of a message is not
    assert await store.transact(lambda unit: unit.inbox.keep([raw(10), raw(3)], at=LATER)) == 0


async def test_however_many_updates_come_at_once_each_is_kept_once_and_in_order(store):
    many = [raw(number % 250, chat=number % 250) for number in range(260)]
    assert await store.transact(lambda unit: unit.inbox.keep(many, at=AT)) == 250
    assert await store.transact(lambda unit: unit.inbox.keep([], at=AT)) == 0
    claimed = await store.transact(lambda unit: unit.inbox.claim("one", limit=300, at=AT))
    assert [row.update_id for row in claimed] == list(range(250))


async def test_emergencies_are_handled_first_and_a_chat_that_waits_waits_whole(store, engine):
    await store.transact(lambda unit: unit.inbox.keep([raw(1, chat=1), raw(2, chat=2), raw(3, chat=1), raw(4, chat=4, lane=0)], at=AT))
    rows = await store.transact(lambda unit: unit.inbox.claim("", limit=10, at=AT))
    assert [row.update_id for row in rows] == [4, 1, 2, 3][: 3 if engine == "postgres" else 4]  # others work there: one row a chat
    await store.transact(lambda unit: unit.inbox.postpone(rows[1].id, worker="", until=LATER, fault="X"))
    assert [row.update_id for row in await store.transact(lambda unit: unit.inbox.claim("", limit=10, at=AT))] == [4, 2]
    assert [row.update_id for row in await store.transact(lambda unit: unit.inbox.claim("", limit=10, at=LATER))][:2] == [4, 1]


async def test_a_chat_that_waits_leaves_the_others_their_place_and_its_own_cry_for_help(store):
    await store.transact(lambda unit: unit.inbox.keep([raw(number, chat=1) for number in range(50)] + [raw(60, chat=2)], at=AT))
    (first, *_) = await store.transact(lambda unit: unit.inbox.claim("", limit=10, at=AT))
    await store.transact(lambda unit: unit.inbox.postpone(first.id, worker="", until=LATER, fault="X"))
    assert [row.update_id for row in await store.transact(lambda unit: unit.inbox.claim("", limit=10, at=AT))] == [60]
    await store.transact(lambda unit: unit.inbox.keep([raw(70, chat=1, lane=0)], at=AT))
    assert [row.update_id for row in await store.transact(lambda unit: unit.inbox.claim("", limit=10, at=AT))] == [70, 60]


async def test_an_update_is_finished_once_and_its_words_are_gone(store):
    await store.transact(lambda unit: unit.inbox.keep([raw(1)], at=AT))
    (row,) = await store.transact(lambda unit: unit.inbox.claim("", limit=10, at=AT))
    assert await store.transact(lambda unit: unit.inbox.finish(row.id, worker="", at=AT))
    assert not await store.transact(lambda unit: unit.inbox.finish(row.id, worker="", at=AT))
    left = await store.transact(lambda unit: unit.transaction.fetch_one("SELECT payload FROM inbox"))
    assert left["payload"] == ""


def notice(key: str = "system.parked", priority: Priority = Priority.REPLY, **facts) -> Notice:
    return Notice(Receiver(HOME, person_id=PersonId(1)), key, {"incident": "X"}, priority=priority, **facts)


async def put(store, unique: str, **facts):
    return await store.transact(lambda unit: unit.outbox.put(notice(**facts), unique_key=unique, at=AT))


async def claim(store, at=AT, limit=10, owner="one:1", **facts):
    return await store.transact(lambda unit: unit.outbox.claim(owner=owner, at=at, limit=limit, **facts))


async def leads(store, worker: str) -> None:
    """Let a worker take the lead: with it, the worker may claim messages beside other workers."""
    seen = await store.transact(lambda unit: unit.workers.find_lead())
    assert await store.transact(lambda unit: unit.workers.acquire_lease(worker, seen=seen)) is not None


async def test_a_message_is_put_once_per_key(store):
    assert await put(store, "a") is not None
    assert await put(store, "a") is None
    assert len(await claim(store)) == 1


async def test_urgent_messages_are_claimed_first_and_one_at_a_time(store):
    for unique, priority in (("tip", Priority.BROADCAST), ("reply", Priority.REPLY), ("sos", Priority.SOS), ("alert", Priority.ALERT)):
        await put(store, unique, priority=priority)
    assert [row.priority for row in await claim(store, limit=2)] == [0, 1]
    assert [row.priority for row in await claim(store, below=5)] == [3]
    assert await claim(store, below=5) == []


async def test_what_somebody_left_in_hand_goes_to_who_delivers_now_and_a_sent_message_does_not(store, engine):
    await put(store, "a")
    await put(store, "b")
    first, second = await claim(store)
    await store.transact(lambda unit: unit.outbox.sent(first.id, message_id=5, at=AT))
    assert await claim(store, at=AT + timedelta(days=1)) == []  # its owner still has it in flight
    await leads(store, "two")
    await put(store, "c")
    if engine == "postgres":
        assert await claim(store) == []  # replaced, and has not heard of it
    assert [row.id for row in await claim(store, owner="two:2")] == [second.id, second.id + 1]
    await store.transact(lambda unit: unit.outbox.release([second.id], owner="two:2"))
    assert [row.id for row in await claim(store, owner="two:2")] == [second.id]


async def test_who_was_replaced_cannot_end_or_put_off_what_another_has_in_hand(store):
    await put(store, "a")
    (row,) = await claim(store)
    await leads(store, "two")
    (taken,) = await claim(store, owner="two:2")
    assert taken.id == row.id
    assert not await store.transact(lambda unit: unit.outbox.end(row.id, owner="one:1", state="failed", fault="gone", at=AT))
    await store.transact(lambda unit: unit.outbox.postpone(row, until=LATER, fault="429"))
    await store.transact(lambda unit: unit.outbox.release([row.id], owner="one:1"))
    left = await store.transact(lambda unit: unit.transaction.fetch_one("SELECT state, owner, attempts, not_before FROM outbox"))
    assert tuple(left) == ("waiting", "two:2", 0, to_us(AT))


async def test_a_lead_is_taken_from_whom_it_was_seen_with_and_held_by_nobody_else(store):
    first = await store.transact(lambda unit: unit.workers.find_lead())
    assert await store.transact(lambda unit: unit.workers.renew_lease(first))
    assert await store.transact(lambda unit: unit.workers.acquire_lease("two", seen=first)) is None  # it has beaten since
    seen = await store.transact(lambda unit: unit.workers.find_lead())
    second = await store.transact(lambda unit: unit.workers.acquire_lease("two", seen=seen))
    assert (second.owner, second.fence) == ("two", first.fence + 1)
    assert not await store.transact(lambda unit: unit.workers.renew_lease(first))
    assert await store.transact(lambda unit: unit.workers.renew_lease(second))
    assert await store.transact(lambda unit: unit.workers.acquire_lease("three", seen=seen)) is None
    await store.transact(lambda unit: unit.workers.release_leadership(first))
    assert (await store.transact(lambda unit: unit.workers.find_lead())).owner == "two"


async def test_a_redraw_replaces_one_that_still_waits(store):
    await put(store, "a", card="case:1", buttons=((Button("dialog.back", "back", (1, "x")),),))
    await put(store, "b", card="case:1")
    await put(store, "c", card="case:2")
    rows = await claim(store)
    assert [row.card for row in rows] == ["case:1", "case:2"]
    assert rows[0].buttons == ()


async def test_a_redraw_replaces_one_that_has_left_and_may_not_have_arrived(store):
    await put(store, "a", card="case:1")
    (row,) = await claim(store)
    await put(store, "b", card="case:1")
    assert not (await store.transact(lambda unit: unit.outbox.look(row.id, owner=row.owner))).waits
    await store.transact(lambda unit: unit.outbox.postpone(row, until=AT, fault="429", counted=False))
    assert [each.id for each in await claim(store, at=LATER)] == [row.id + 1]


async def test_a_redraw_stays_behind_the_message_that_brings_the_card(store):
    await put(store, "a", card="case:1", as_new_message=True)
    (row,) = await claim(store)
    await store.transact(lambda unit: unit.outbox.postpone(row, until=LATER, fault="429", counted=False))
    await put(store, "b", card="case:1")
    (redraw,) = await claim(store)
    assert (await store.transact(lambda unit: unit.outbox.look(redraw.id, owner=redraw.owner))).behind == to_us(LATER)
    await store.transact(lambda unit: unit.outbox.sent(row.id, message_id=5, at=AT))
    await store.transact(lambda unit: unit.cards.hang(HOME, "case:1", message_id=5, person_id=None, at=AT))
    standing = await store.transact(lambda unit: unit.outbox.look(redraw.id, owner=redraw.owner))
    assert (standing.waits, standing.hanging, standing.behind) == (True, 5, None)


async def test_a_later_message_waits_for_its_time(store):
    await put(store, "a", not_before=LATER)
    assert await claim(store) == []
    assert len(await claim(store, at=LATER)) == 1


async def test_a_timer_starts_once_and_ends_once(store):
    timer = Timer("audit_cases", "audit", LATER, "audit:1")
    assert await store.transact(lambda unit: unit.timers.start(timer, at=AT))
    assert not await store.transact(lambda unit: unit.timers.start(timer, at=AT))
    assert await store.transact(lambda unit: unit.timers.list_due(at=AT, limit=9)) == []
    (due,) = await store.transact(lambda unit: unit.timers.list_due(at=LATER, limit=9))
    assert await store.transact(lambda unit: unit.timers.finish(due.id, at=LATER))
    assert not await store.transact(lambda unit: unit.timers.finish(due.id, at=LATER))


async def test_a_lease_has_one_holder_and_its_fence_grows(store: Store):
    async def take(owner: str, at: datetime) -> int | None:
        return await store.transact(lambda unit: unit.facts.take_lease("poll", owner, at=at, until=at + timedelta(seconds=30)))

    assert await take("a", AT) == 1
    assert await take("b", AT) is None
    assert await take("a", AT + timedelta(seconds=20)) == 1
    assert await take("b", AT + timedelta(seconds=50)) == 2


async def test_a_counter_never_gives_a_number_twice(store):
    numbers = await store.transact_many([lambda unit: unit.facts.next_number("case", start=1001) for _ in range(50)])
    assert numbers == list(range(1001, 1051))
