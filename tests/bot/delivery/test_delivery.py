"""The choice and order of sent messages: stopped broadcasts, chats over their rate limit."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter, TimedOut

from bot.delivery import delivery
from bot.delivery.delivery import Delivery
from bot.delivery.outcomes import TRIES, Outcomes
from bot.delivery.send_queue import CHATS
from bot.delivery.token_bucket import Pace
from bot.telegram.buttons import Signer
from bot.telegram.capabilities import TELEGRAM, Capabilities
from bot.telegram.request import Unsent
from bot.timers.clock import monotonic
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import ClockCalendar
from domain.core.change import Address, ChatId, Notice, Priority, Receiver
from domain.core.town import Town
from domain.people.people import Role
from storage.engine.database import StorageFailed
from storage.unit import Unit
from tests.handler_harness import MONDAY, HandlerHarness
from texts import plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from storage.unit import Store

LAST = -99


@dataclass
class Wire:
    """A server that accepts everything, at an instant that a test sets.

    `on_call` runs with each message it accepts.
    """

    signer: Signer = field(default_factory=lambda: Signer("x"))
    taken: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    last: asyncio.Event = field(default_factory=asyncio.Event)
    on_call: Callable[[int], Awaitable[None]] | None = None
    at: datetime = MONDAY
    can: Capabilities = TELEGRAM
    is_open: bool = True

    async def call(self, method: str, **fields: Any) -> dict[str, int]:
        self.taken.append(fields["chat_id"])
        self.said.append(fields.get("text", ""))
        if self.on_call is not None:
            await self.on_call(fields["chat_id"])
        if fields["chat_id"] == LAST:
            self.last.set()
        return {"message_id": len(self.taken)}

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HandlerHarness]:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # python-telegram-bot warns of the other shape, and a warning is an error here
    zone = ZoneInfo("Asia/Shanghai")
    monkeypatch.setattr(delivery, "find_barred", nobody_barred)  # tests of order are about subjects that there are not
    opened = await HandlerHarness.open(tmp_path, Town("禾安", zone, ClockCalendar(), QuietHours(time(21, 30), time(7, 0), zone)))
    yield opened
    await opened.store.close()


async def nobody_barred(*_: Any, **__: Any) -> frozenset[int]:
    """Let every message pass the gate (test_delivery_gate.py)."""
    return frozenset()


async def fill(store: Store, *messages: tuple[int, Priority, str], first: int = 0) -> None:
    """Let messages wait: (chat, priority, batch) of each, in this order."""

    async def put(unit: Unit) -> None:
        for place, (chat, priority, batch) in enumerate(messages, first):
            notice = Notice(Receiver(Address("telegram", ChatId(chat))), "dialog.back", priority=priority, batch=batch)
            await unit.outbox.put(notice, unique_key=str(place), at=MONDAY)

    await store.transact(put)


@asynccontextmanager
async def delivering(
    harness: HandlerHarness,
    wire: Wire,
    *,
    at_once: int = 1,
    permitted: Callable[[], bool] = lambda: True,
    owner: str = "one",
    **pace: Any,
) -> AsyncIterator[Delivery]:
    """Deliver to a wire, with a pace that holds nothing back but what is said."""
    free = {"per_second": 2000, "chat_per_second": 2000, "chat_burst": 9, "group_per_minute": 120_000}
    delivery = Delivery(
        harness.store, {"telegram": wire}, {"telegram": Pace(**free | pace)}, wire, harness.town, at_once=at_once, permitted=permitted,  # type: ignore[arg-type, dict-item]  # stand-ins
    )  # fmt: skip
    await delivery.take_over(owner)
    running = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        await delivery.drain()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_delivery_holds_of_a_stopped_broadcast_does_not_leave(harness):
    tip = [(chat, Priority.BROADCAST, "tip:1") for chat in (-1, -2, -3)]
    await fill(harness.store, *tip, (LAST, Priority.BROADCAST, ""))
    wire = Wire()

    async def stop_it(chat: int) -> None:
        if len(wire.taken) == 1:
            await harness.store.transact(lambda unit: unit.outbox.cancel_batch("tip:1", at=MONDAY))

    wire.on_call = stop_it
    async with delivering(harness, wire):
        await asyncio.wait_for(wire.last.wait(), 10)
    assert wire.taken == [-1, LAST]
    assert await harness.store.transact(lambda unit: unit.outbox.count_batch("tip:1")) == {"sent": 1, "superseded": 2}


@pytest.mark.parametrize("urgency", [Priority.SOS, Priority.REPLY])
async def test_a_desk_that_is_flooded_with_cards_holds_up_nobody_else(harness, urgency):
    """More cards wait for one chat than delivery claims, at one per second; others are served."""
    await fill(harness.store, *[(7, Priority.SOS, "")] * (3 * CHATS), (LAST, urgency, ""))
    wire = Wire()
    async with delivering(harness, wire, chat_per_second=1, chat_burst=1):
        await asyncio.wait_for(wire.last.wait(), 5)
    assert wire.taken.count(7) < 5


async def test_a_chat_that_talks_much_lets_others_have_their_turn(harness):
    chatty = [(chat, Priority.REPLY, "") for chat in range(1, 41) for _ in range(20)]
    await fill(harness.store, *chatty, (LAST, Priority.REPLY, ""))
    wire = Wire()
    async with delivering(harness, wire, per_second=200):
        await asyncio.wait_for(wire.last.wait(), 10)
    assert wire.taken.index(LAST) < 60


async def test_what_is_about_one_matter_is_read_in_the_order_in_which_it_happened(harness):
    """A case is withdrawn and opened again while the chat has pending messages.

    A message about another subject is more urgent than the withdrawal.
    """
    wire = Wire()

    async def put(unit: Unit) -> None:
        for number, (key, priority, subject) in enumerate(
            [
                ("dialog.back", Priority.REPLY, "case:1"),
                ("dialog.cancelled", Priority.ESCALATION, "case:2"),
                ("dialog.nothing_to_cancel", Priority.SOS, "case:1"),
            ]
        ):
            notice = Notice(Receiver(Address("telegram", ChatId(LAST))), key, priority=priority, subject=subject)
            await unit.outbox.put(notice, unique_key=str(number), at=MONDAY)

    await harness.store.transact(put)
    async with delivering(harness, wire):
        await rests(harness, wire)
    assert [said.splitlines()[0] for said in wire.said] == [
        plain(key, "zh").splitlines()[0] for key in ("dialog.back", "dialog.nothing_to_cancel", "dialog.cancelled")
    ]


async def rows_of(store: Store, *columns: str) -> list[tuple[Any, ...]]:
    async def look(unit: Unit) -> list[Any]:
        return await unit.transaction.fetch_all(f"SELECT {', '.join(columns)} FROM outbox ORDER BY id")  # noqa: S608

    return [tuple(row) for row in await store.transact(look)]


async def rests(harness: HandlerHarness, wire: Wire, *, within_s: float = 10) -> None:
    """Wait until no message waits; the wire's time passes quickly meanwhile."""
    async with asyncio.timeout(within_s):
        while (await harness.store.transact(lambda unit: unit.outbox.count(at=wire.at)))["waiting"] or any(
            state == "waiting" for (state,) in await rows_of(harness.store, "state")
        ):
            await asyncio.sleep(0.02)
            wire.at += timedelta(seconds=5)


async def test_groups_that_moved_are_told_at_once_where_they_are_now(harness):
    """Other messages wake delivery all the time.

    So it looks for work between a group's move and its record.
    """
    wire = Wire()

    async def moved(chat: int) -> None:
        await asyncio.sleep(0.002)
        if -200 < chat < LAST:
            raise ChatMigrated(chat - 1000)

    wire.on_call = moved
    await fill(harness.store, *[(-100 - number, Priority.REPLY, "") for number in range(60)])
    async with delivering(harness, wire, at_once=4) as delivery:
        for number in range(150):
            await fill(harness.store, (number + 1, Priority.REPLY, ""), first=1000 + number)
            delivery.wake()
            await asyncio.sleep(0.01)
        await rests(harness, wire)
    assert {chat for chat in wire.taken if chat < -1000} == {-1100 - number for number in range(60)}


@pytest.mark.parametrize(
    "fault", [partial(RetryAfter, timedelta(seconds=1)), partial(NetworkError, "502"), partial(TimedOut, "t"), partial(Unsent, "x")]
)
@pytest.mark.parametrize("as_new_message", [True, False])
async def test_a_card_never_goes_back_to_an_older_drawing(harness, fault, as_new_message):
    """The first drawing fails while the second is made."""
    wire, shown = Wire(), []

    async def draw(key: str, *, as_new_message: bool) -> None:
        notice = Notice(Receiver(Address("telegram", ChatId(7))), key, card="case:1", as_new_message=as_new_message)
        await harness.store.transact(lambda unit: unit.outbox.put(notice, unique_key=key, at=MONDAY))

    async def fails_once(chat: int) -> None:
        if len(wire.said) == 1:
            await draw("dialog.cancelled", as_new_message=False)
            raise fault()
        shown.append(wire.said[-1])

    wire.on_call = fails_once
    await draw("dialog.back", as_new_message=as_new_message)
    async with delivering(harness, wire) as delivery:
        async with asyncio.timeout(10):
            while not shown:
                await asyncio.sleep(0.02)
                wire.at += timedelta(seconds=1)
                delivery.wake()
        await rests(harness, wire)
    assert shown[-1].startswith(plain("dialog.cancelled", "zh"))
    assert len(shown) == (2 if as_new_message else 1)


async def _states(harness: HandlerHarness) -> list[str]:
    return [state for (state,) in await rows_of(harness.store, "state")]


async def _claimed(harness: HandlerHarness) -> None:
    """Wait until somebody has in hand whatever waits."""
    async with asyncio.timeout(5):
        while ("waiting", "") in await rows_of(harness.store, "state", "owner"):  # noqa: ASYNC110 (a row, not an event)
            await asyncio.sleep(0.02)


async def test_an_outage_is_no_fault_of_a_message(harness):
    """After a day without a server and then one bad answer, the message is retried."""
    wire = Wire()

    async def troubled(chat: int) -> None:
        if len(wire.taken) <= 20:
            raise Unsent("The server cannot be reached.")
        if len(wire.taken) <= 20 + 2 * TRIES:
            raise NetworkError("Bad Gateway")

    wire.on_call = troubled
    await fill(harness.store, (LAST, Priority.REPLY, ""))
    async with delivering(harness, wire) as delivery:
        async with asyncio.timeout(20):
            while not wire.taken or (await _states(harness)) != ["sent"]:
                await asyncio.sleep(0.01)
                wire.at += timedelta(seconds=120)
                delivery.wake()
    assert len(wire.taken) == 21 + 2 * TRIES


@pytest.mark.parametrize(
    ("urgency", "least", "most"), [(Priority.BROADCAST, 1, 1), (Priority.REPLY, TRIES, TRIES), (Priority.SOS, TRIES + 1, 10_000)]
)
async def test_what_may_have_arrived_is_not_repeated_for_ever(harness, urgency, least, most):
    wire = Wire()

    async def silent(chat: int) -> None:
        raise TimedOut("t")

    wire.on_call = silent
    await fill(harness.store, (LAST, urgency, ""))
    async with delivering(harness, wire) as delivery:
        async with asyncio.timeout(20):
            while "waiting" in await _states(harness):
                await asyncio.sleep(0.01)
                wire.at += timedelta(seconds=200)
                delivery.wake()
    assert await rows_of(harness.store, "state", "fault") == [("unknown", "timeout")]
    assert least <= len(wire.taken) <= most


async def test_what_was_said_of_a_long_message_is_not_said_again(harness):
    """A place and its words, and the words must wait three times."""
    wire, kinds = Wire(), []

    async def busy(chat: int) -> None:
        kinds.append("words" if wire.said[-1] else "place")
        if kinds[-1] == "words" and len(kinds) < 5:
            raise RetryAfter(timedelta(seconds=0.1))

    wire.on_call = busy
    place = {"type": "location", "latitude": 28.9, "longitude": 120.0}
    notice = Notice(Receiver(Address("telegram", ChatId(7))), "dialog.back", media=place)
    await harness.store.transact(lambda unit: unit.outbox.put(notice, unique_key="1", at=MONDAY))
    async with delivering(harness, wire, chat_per_second=10, chat_burst=1) as delivery:
        began = monotonic()
        async with asyncio.timeout(10):
            while "waiting" in await _states(harness):
                await asyncio.sleep(0.02)
                wire.at += timedelta(seconds=0.1)
                delivery.wake()
    assert kinds == ["place", "words", "words", "words", "words"]
    assert monotonic() - began >= 0.1, "the words take their place in the pace"


@pytest.mark.parametrize("fault", [None, NetworkError("no"), TimedOut()])
async def test_who_leads_again_does_not_repeat_what_he_has_in_flight(harness, fault):
    """The lease is lost and taken again while the server is slow to answer.

    The database was unreachable for a moment.
    """
    wire = Wire()
    led_again, answer = asyncio.Event(), asyncio.Event()

    async def slow(chat: int) -> None:
        if len(wire.taken) == 1:
            led_again.set()
            await answer.wait()
            if fault is not None:
                raise fault

    wire.on_call = slow
    await fill(harness.store, (7, Priority.ESCALATION, ""))
    async with delivering(harness, wire, at_once=4) as delivery:
        await led_again.wait()
        for _ in range(2):
            delivery.forget()
            assert await delivery.take_over("one") == 1
            delivery.wake()
            await _claimed(harness)
        answer.set()
        await rests(harness, wire)
    if fault is None:
        assert wire.taken == [7]
    else:
        assert wire.taken == [7, 7], "once more, after the pause that a failure asks for"
        assert (plain("system.repeat", "zh") in wire.said[1]) == isinstance(fault, TimedOut)
    assert await _states(harness) == ["sent"]


@pytest.mark.parametrize("taken", [False, True])
async def test_who_leads_no_more_sends_nothing_that_he_only_looked_at(harness, monkeypatch, taken):
    """The database is slow to return a card's state; another worker may deliver it meanwhile.

    It does, or does not.
    """
    wire, leads = Wire(), [True]
    looked, goes_on = asyncio.Event(), asyncio.Event()
    transact = harness.store.transact

    async def slow(work: Any) -> Any:
        if "_look" in work.__code__.co_names and leads[0]:
            looked.set()
            await goes_on.wait()
        return await transact(work)

    monkeypatch.setattr(harness.store, "transact", slow)
    card = Notice(Receiver(Address("telegram", ChatId(7))), "dialog.back", card="case:1")
    await transact(lambda unit: unit.outbox.put(card, unique_key="k", at=MONDAY))
    async with delivering(harness, wire, permitted=lambda: leads[0]) as delivery:
        await looked.wait()
        leads[0] = False
        if taken:
            assert await transact(lambda unit: unit.outbox.claim(owner="another", at=MONDAY, limit=9))
        goes_on.set()
        await asyncio.sleep(0.2)
        assert wire.taken == []
        if taken:
            await delivery.take_over("one")
        leads[0] = True
        delivery.wake()
        await rests(harness, wire)
    assert wire.taken == [7]


@pytest.mark.parametrize("odd", [2**70, "1", None, True])
async def test_a_yes_with_an_odd_number_is_a_yes(harness, odd):
    class Odd(Wire):
        async def call(self, method: str, **fields: Any) -> dict[str, int]:
            return await super().call(method, **fields) | {"message_id": odd}

    wire = Odd()
    await fill(harness.store, (LAST, Priority.REPLY, ""))
    async with delivering(harness, wire):
        await rests(harness, wire)
    assert wire.taken == [LAST]
    assert await _states(harness) == ["sent"]


async def test_what_could_not_be_recorded_is_not_left_lying(harness, monkeypatch):
    """The disk fails when a message's outcome is written; the process itself continues."""
    wire = Wire()
    postpone, failures = Outcomes.postpone, list[int]()

    async def fails_once(self: Outcomes, *args: Any, **facts: Any) -> None:
        if not failures:
            failures.append(1)
            raise StorageFailed("full")
        await postpone(self, *args, **facts)

    async def breaks(chat: int) -> None:
        if len(wire.taken) == 1:
            raise LookupError("a fault of ours")

    monkeypatch.setattr(Outcomes, "postpone", fails_once)
    wire.on_call = breaks
    await fill(harness.store, (LAST, Priority.SOS, ""))
    async with delivering(harness, wire):
        await asyncio.wait_for(wire.last.wait(), 5)
        await rests(harness, wire)
    assert await _states(harness) == ["sent"]


@pytest.mark.parametrize("said", ["Message thread not found", "TOPIC_CLOSED", "TOPIC_DELETED"])
async def test_closed_topic_gives_its_messages_to_the_group_and_the_chair_is_told(harness, said):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    topic, village = Address("telegram", ChatId(-500), 9), harness.villages["上徐村"]

    async def bind(unit: Unit) -> None:
        await unit.groups.see(topic, "村群")
        await unit.groups.bind(topic, village, by=chair.person_id, at=MONDAY)
        for number in (1, 2):
            notice = Notice(Receiver(topic, village_id=village, role="group"), "dialog.back", priority=Priority.ALERT)
            await unit.outbox.put(notice, unique_key=str(number), at=MONDAY)

    await harness.store.transact(bind)
    wire, threads = Wire(), []

    async def call(method: str, **fields: Any) -> dict[str, int]:
        threads.append((fields["chat_id"], fields.get("message_thread_id")))
        if fields.get("message_thread_id"):
            raise BadRequest(said)
        return {"message_id": len(threads)}

    wire.call = call  # type: ignore[method-assign]  # a server whose topic is closed
    async with delivering(harness, wire) as delivery:
        for _ in range(100):
            delivery.wake()
            await asyncio.sleep(0.02)
            if len({chat for chat, _ in threads}) == 2 and len(threads) >= 4:
                break
    assert threads[0] == (-500, 9)
    assert threads.count((-500, None)) == 2
    group = await harness.store.transact(lambda unit: unit.groups.find(topic))
    assert (group.village_id, group.address.thread_id) == (village, 0)
    assert [message.key for message in await chair.heard()] == ["group.topic_lost.to_handler"]


async def test_call_for_help_reaches_everybody_in_seconds_when_ten_thousand_broadcasts_wait(harness):
    called = [await harness.person("王建国", Role.CHAIR, "上徐村"), await harness.person("张伟", Role.OFFICER, "上徐村")]
    called.append(await harness.person("钱丽", Role.DUTY))
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await fill(harness.store, *((500_000 + each, Priority.BROADCAST, "tip") for each in range(10_000)))
    wire = Wire(at=MONDAY)
    async with delivering(harness, wire, at_once=32, per_second=28, chat_per_second=1, chat_burst=3), asyncio.timeout(30):
        while len(wire.taken) < 30:  # noqa: ASYNC110 (the broadcast is in the middle)
            await asyncio.sleep(0.01)
        asked = monotonic()
        await xu.says("/sos 我爸胸口痛，喘不上气")
        while not {who.user_id for who in called} <= set(wire.taken):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert monotonic() - asked < 5
    assert len(wire.taken) < 300
