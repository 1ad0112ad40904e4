"""Delivery over several channels: own limits, own abilities, no mutual blocking."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from telegram.error import BadRequest, InvalidToken, TimedOut

from bot.channel_settings import PaceSection
from bot.delivery import delivery
from bot.delivery.delivery import Delivery
from bot.delivery.messages import send
from bot.delivery.pacing import Redraws, pace_of
from bot.delivery.token_bucket import Pace
from bot.delivery.wording import Sending, split
from bot.settings import DeliverySection
from bot.telegram.buttons import Signer
from bot.telegram.capabilities import TELEGRAM, Capabilities, TextLimit, Unit, capabilities_of
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import ClockCalendar
from domain.core.change import Address, Button, ChatId, Notice, Priority, Receiver
from domain.core.town import Town
from storage.engine.database import StorageFailed
from storage.values import to_us
from tests.bot.delivery.test_delivery import nobody_barred
from tests.handler_harness import MONDAY, HandlerHarness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from storage.core.outgoing import Outgoing

SLOW = Pace(per_second=0.001, chat_per_second=0.001, chat_burst=1, group_per_minute=0.01)


def quick() -> Pace:
    return Pace(per_second=2000, chat_per_second=2000, chat_burst=9, group_per_minute=120_000)


@dataclass
class Wire:
    """A server that accepts every call.

    `troubles` are raised first, `gate` delays an answer. `calls`: (method, fields).
    """

    can: Capabilities = TELEGRAM
    is_open: bool = True
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    signer: Signer = field(default_factory=lambda: Signer("x"))
    uploaded: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gate.set()

    async def call(self, method: str, **fields: Any) -> dict[str, Any]:
        self.calls.append((method, fields))
        await self.gate.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        files = {name: {"file_id": f"id of {name}"} for name, value in fields.items() if isinstance(value, bytes)}
        return {"message_id": len(self.calls), **files}

    @property
    def texts(self) -> list[str]:
        return [fields["text"] for _, fields in self.calls if "text" in fields]


@dataclass
class Hands:
    """A clock that a test moves."""

    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HandlerHarness]:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    zone = ZoneInfo("Asia/Shanghai")
    monkeypatch.setattr(delivery, "find_barred", nobody_barred)
    opened = await HandlerHarness.open(tmp_path, Town("芝英", zone, ClockCalendar(), QuietHours(time(21, 30), time(7, 0), zone)))
    yield opened
    await opened.store.close()


@asynccontextmanager
async def delivering(
    harness: HandlerHarness, wires: dict[str, Wire], *, paces: dict[str, Pace] | None = None, at_once: int = 4, clock: Hands | None = None
) -> AsyncIterator[Delivery]:
    paces = {name: quick() for name in wires} | (paces or {})
    delivery = Delivery(
        harness.store, wires, paces, clock or Hands(), harness.town, at_once=at_once, permitted=lambda: True,  # type: ignore[arg-type]  # stand-ins
    )  # fmt: skip
    await delivery.take_over("one")
    running = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        for wire in wires.values():
            wire.gate.set()
        await delivery.drain()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def put(harness: HandlerHarness, unique_key: str, channel: str, chat: int, **facts: Any) -> None:
    facts = {"key": "dialog.back"} | facts
    notice = Notice(Receiver(Address(channel, ChatId(chat))), **facts)
    await harness.store.transact(lambda unit: unit.outbox.put(notice, unique_key=unique_key, at=facts.get("not_before") or MONDAY))


async def until(condition: Any, *, within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not (await found if asyncio.iscoroutine(found := condition()) else found):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def states(harness: HandlerHarness) -> dict[str, tuple[str, int]]:
    rows = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT unique_key, state, ambiguous FROM outbox"))
    return {row["unique_key"]: (row["state"], row["ambiguous"]) for row in rows}


# One channel does not block another -----------------------------------------------------------------------------------


async def test_a_channel_is_told_at_once_when_another_is_slow(harness):
    slow, fast = Wire(), Wire()
    for number in range(600):  # more than the chats of one channel that wait here
        await put(harness, f"s{number}", "slow", number + 1, priority=Priority.ALERT)
    for number in range(20):
        await put(harness, f"f{number}", "fast", number + 1, priority=Priority.BROADCAST)
    async with delivering(harness, {"slow": slow, "fast": fast}, paces={"slow": SLOW}):
        await until(lambda: len(fast.calls) == 20)
    assert len(slow.calls) <= 2


async def test_a_channel_is_told_at_once_when_another_does_not_answer(harness):
    silent, fast = Wire(), Wire()
    silent.gate.clear()
    for number in range(20):
        await put(harness, f"s{number}", "silent", number + 1, priority=Priority.ALERT)
        await put(harness, f"f{number}", "fast", number + 1, priority=Priority.BROADCAST)
    async with delivering(harness, {"silent": silent, "fast": fast}, at_once=2):
        await until(lambda: len(fast.calls) == 20)
        assert len(silent.calls) == 2


async def test_a_channel_is_told_at_once_when_the_token_of_another_is_refused(harness):
    refused, fast = Wire(troubles=[InvalidToken()] * 9), Wire()
    for number in range(9):
        await put(harness, f"r{number}", "refused", number + 1, priority=Priority.ALERT)
        await put(harness, f"f{number}", "fast", number + 1, priority=Priority.BROADCAST)
    async with delivering(harness, {"refused": refused, "fast": fast}, at_once=1):
        await until(lambda: len(fast.calls) == 9)


@pytest.mark.parametrize("name", ["unknown", "late"])
async def test_a_message_waits_when_its_channel_is_not_served(harness, name):
    late, fast = Wire(is_open=False), Wire()
    await put(harness, "stranded", name, 1, priority=Priority.SOS)
    await put(harness, "sent", "fast", 1)
    async with delivering(harness, {"late": late, "fast": fast}) as delivery:
        await until(lambda: len(fast.calls) == 1)
        delivery.wake()
        await asyncio.sleep(0.05)
        assert delivery.served == ("fast",)
    assert (await states(harness))["stranded"] == ("waiting", 0)
    counts = await harness.store.transact(lambda unit: unit.outbox.count(at=MONDAY, channels=("fast",)))
    assert (counts["stranded"], counts["waiting"]) == (1, 0)
    assert await harness.store.transact(lambda unit: unit.outbox.count_stranded(("fast",))) == {name: 1}


async def test_a_message_leaves_when_its_channel_is_served_at_last(harness):
    late = Wire(is_open=False)
    await put(harness, "k", "late", 1)
    async with delivering(harness, {"late": late}) as delivery:
        await asyncio.sleep(0.02)
        late.is_open = True
        delivery.wake()
        await until(lambda: len(late.calls) == 1)


async def test_a_message_that_needs_a_method_the_server_lacks_holds_up_nothing(harness):
    wire = Wire(troubles=[InvalidToken("Not Found: method not found")])
    await put(harness, "lacking", "web", 1)
    await put(harness, "next", "web", 2)
    async with delivering(harness, {"web": wire}, at_once=1):
        await until(lambda: len(wire.calls) == 2)
    assert (await states(harness))["lacking"] == ("failed", 0)


async def test_what_is_urgent_is_claimed_again_when_its_copies_could_not_be_written(harness, monkeypatch):
    import bot.delivery.delivery as module

    asked = 0

    async def copy(*_: Any, **__: Any) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise StorageFailed("planted")

    monkeypatch.setattr(module, "copy_urgent", copy)
    one, other = Wire(), Wire()
    await put(harness, "k", "one", 1, priority=Priority.SOS)
    async with delivering(harness, {"one": one, "other": other}) as delivery:
        await until(lambda: asked == 1)
        delivery.wake()
        await until(lambda: len(one.calls) == 1)


# request_id -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("idempotent", [True, False])
async def test_a_time_out_is_repeated_and_says_so_only_when_the_server_knows_no_repeats(harness, idempotent):
    wire, clock = Wire(Capabilities(idempotent=idempotent), troubles=[TimedOut()]), Hands()
    await put(harness, "cause:1", "web", 1)
    async with delivering(harness, {"web": wire}, clock=clock) as delivery:
        await until(lambda: len(wire.calls) == 1)

        async def recorded() -> bool:
            row = await harness.store.transact(lambda unit: unit.transaction.fetch_one("SELECT attempts FROM outbox"))
            return row is not None and row["attempts"] == 1

        await until(recorded)
        clock.at += timedelta(minutes=1)
        delivery.wake()
        await until(lambda: len(wire.calls) == 2)
        assert delivery.tally.ambiguous == (0 if idempotent else 1)
    assert ("刚才" in wire.texts[1] or wire.texts[1] != wire.texts[0]) is not idempotent
    assert [fields["request_id"] for _, fields in wire.calls] == ["cause:1", "cause:1"]


async def test_a_broadcast_is_repeated_after_a_time_out_when_the_server_knows_repeats(harness):
    wire, clock = Wire(Capabilities(idempotent=True), troubles=[TimedOut()]), Hands()
    await put(harness, "tip:1", "web", 1, priority=Priority.BROADCAST)
    async with delivering(harness, {"web": wire}, clock=clock) as delivery:
        await until(lambda: len(wire.calls) == 1)
        clock.at += timedelta(minutes=1)

        async def sent() -> bool:
            delivery.wake()
            return (await states(harness))["tip:1"] == ("sent", 0)

        await until(sent)


async def test_each_part_of_a_message_has_a_request_of_its_own(harness):
    wire = Wire(capabilities_of({"text": {"most": 100, "caption": 10}}))
    await put(harness, "k", "web", 1, key="system.parked", params={"incident": "长" * 200})
    async with delivering(harness, {"web": wire}):
        await until(lambda: len(wire.calls) >= 3)
    ids = [fields["request_id"] for _, fields in wire.calls]
    assert ids == ["k", *(f"k#{place}" for place in range(1, len(ids)))]


# Redraws --------------------------------------------------------------------------------------------------------------


async def hang(harness: HandlerHarness, channel: str = "web", chat: int = 1) -> None:
    """Let a board hang in a chat."""
    address = Address(channel, ChatId(chat))
    await harness.store.transact(lambda unit: unit.cards.hang(address, "alert:1", message_id=7, person_id=None, at=MONDAY))


async def redraw(harness: HandlerHarness, number: int, at: datetime, priority: Priority = Priority.ALERT) -> None:
    notice = Notice(Receiver(Address("web", ChatId(1))), "system.parked", {"incident": f"W{number}"}, priority=priority, card="alert:1")
    await harness.store.transact(lambda unit: unit.outbox.put(notice, unique_key=f"r{number}", at=at))


async def test_a_board_is_drawn_once_in_its_span_when_every_village_confirms(harness, monkeypatch):
    import bot.delivery.delivery as module

    steady = [1000.0]
    monkeypatch.setattr(module, "monotonic", lambda: steady[0])
    wire, clock = Wire(capabilities_of({"edits": {"redraw_s": 10}})), Hands()
    await hang(harness)
    async with delivering(harness, {"web": wire}, clock=clock) as delivery:
        for number in range(12):
            await redraw(harness, number, clock.at)
            delivery.wake()
            await asyncio.sleep(0.02)
        await until(lambda: len(wire.calls) == 1)
        clock.at += timedelta(seconds=11)
        steady[0] += 11
        delivery.wake()
        await until(lambda: len(wire.calls) == 2)
    assert [method for method, _ in wire.calls] == ["editMessageText"] * 2
    assert "W11" in wire.texts[1]


async def test_a_board_comes_once_at_the_end_when_messages_cannot_be_changed(harness):
    wire, clock = Wire(capabilities_of({"edits": {"kind": "never", "redraw_s": 30}})), Hands()
    await hang(harness)
    async with delivering(harness, {"web": wire}, clock=clock) as delivery:
        for number in range(12):
            await redraw(harness, number, clock.at)
            delivery.wake()
            await asyncio.sleep(0.01)
            clock.at += timedelta(seconds=5)
        assert wire.calls == []
        clock.at += timedelta(seconds=30)
        delivery.wake()
        await until(lambda: len(wire.calls) == 1)
    assert wire.calls[0][0] == "sendMessage"
    assert "W11" in wire.texts[0]


async def test_the_answer_to_a_press_comes_at_once_when_messages_cannot_be_changed(harness):
    wire = Wire(capabilities_of({"edits": {"kind": "never"}}))
    await hang(harness)
    await redraw(harness, 1, MONDAY, Priority.REPLY)
    async with delivering(harness, {"web": wire}):
        await until(lambda: len(wire.calls) == 1)
    assert wire.calls[0][0] == "sendMessage"


def test_a_redraw_never_waits_on_a_channel_that_names_no_span() -> None:
    redraws, row = Redraws(), outgoing()
    redraws.drawn(row, Wire(), now=5.0)  # type: ignore[arg-type]  # a wire, not a channel
    assert redraws.wait(row, Wire(), age_s=0.0, now=5.0) == 0.0  # type: ignore[arg-type]  # a wire, not a channel


# Pace -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "said", "seconds"),
    [
        (PaceSection(), {}, 1.0),
        (PaceSection(chat_per_second=5), {}, 0.2),
        (PaceSection(chat_per_second=5), {"chat_per_second": 0.5}, 2.0),
        (PaceSection(chat_per_second=0.1), {"chat_per_second": 0.5}, 10.0),
    ],
)
def test_the_slower_of_server_and_settings_counts(own, said, seconds) -> None:
    pace = pace_of(Wire(capabilities_of({"pace": said | {"chat_burst": 1}})), DeliverySection(), own)  # type: ignore[arg-type]  # a wire, not a channel
    pace.take(7, 100.0)
    assert pace.chat_ready_at(7, 100.0) - 100.0 == pytest.approx(seconds)


# Rendering ------------------------------------------------------------------------------------------------------------


def outgoing(**facts: Any) -> Outgoing:
    from storage.core.outgoing import Outgoing

    given: dict[str, Any] = {
        "id": 1, "address": Address("web", ChatId(1)), "person_id": None, "language": "zh", "priority": 3, "key": "system.parked",
        "params": {"incident": "W1"}, "buttons": (), "card": "", "as_new_message": False, "media": None, "ask": "", "silent": False, "protect": False,
        "expires_at": None, "subject": "", "batch": "", "role": "", "village_id": None, "escalates_if_undeliverable": False, "attempts": 0, "ambiguous": 0,
        "created_at": to_us(MONDAY), "unique_key": "k",
    }  # fmt: skip
    return Outgoing(**given | facts)


async def sent(
    harness: HandlerHarness, can: dict[str, Any], *, troubles: list[Exception] | None = None, **facts: Any
) -> list[tuple[str, dict[str, Any]]]:
    """Send one message to a server that says this of itself; return the calls."""
    wire = Wire(capabilities_of(can), troubles=troubles or [])
    await send(Sending(outgoing(**facts), wire, harness.town))  # type: ignore[arg-type]  # a wire, not a channel
    return wire.calls


PRESS, LINK = Button("alert.button.told", "atold", (1, 2)), Button("group.to_private", url="https://chat.example.org/")


async def test_tags_are_left_out_when_the_channel_reads_plain_text(harness):
    facts: dict[str, Any] = {"key": "invite.issued", "params": dict.fromkeys(("post", "code", "link", "until", "notes"), "<x>")}
    ((_, fields),) = await sent(harness, {"text": {"markup": "plain"}}, **facts)
    assert fields["parse_mode"] is None
    assert "<b>" not in fields["text"]
    assert "<x>" in fields["text"]


@pytest.mark.parametrize(("kind", "shown"), [("callback", 2), ("link", 1), ("none", 0)])
async def test_only_buttons_that_the_channel_has_are_shown(harness, kind, shown):
    ((_, fields),) = await sent(harness, {"buttons": {"kind": kind}}, buttons=((PRESS, LINK),))
    rows = (fields["reply_markup"] or {"inline_keyboard": []})["inline_keyboard"]
    assert sum(map(len, rows)) == shown


async def test_a_keyboard_is_folded_and_its_labels_cut_when_the_channel_has_little_room(harness):
    ((_, fields),) = await sent(harness, {"buttons": {"per_row": 2, "label": 4}}, buttons=((PRESS,) * 5,))
    rows = fields["reply_markup"]["inline_keyboard"]
    assert [len(row) for row in rows] == [2, 2, 1]
    assert {len(button["text"]) for row in rows for button in row} == {4}


@pytest.mark.parametrize("ask", ["contact", "location"])
async def test_nobody_is_asked_by_a_button_for_what_the_channel_cannot_bring(harness, ask):
    ((_, fields),) = await sent(harness, {f"{ask}_in": False}, ask=ask)
    assert fields["reply_markup"] is None


async def test_keyboard_is_taken_away_when_its_question_is_over(harness):
    ((_, fields),) = await sent(harness, {}, ask="none")
    assert fields["reply_markup"] == {"remove_keyboard": True}
    ((_, fields),) = await sent(harness, {"contact_in": False, "location_in": False, "keyboard": False}, ask="none")
    assert fields["reply_markup"] is None


async def test_a_place_is_told_in_words_when_the_channel_has_no_maps(harness):
    ((method, fields),) = await sent(harness, {"location_out": False}, media={"type": "location", "latitude": 28.9, "longitude": 120.0})
    assert method == "sendMessage"
    assert "28.9" in fields["text"]


@pytest.mark.parametrize(("can", "refusals"), [({"media_out": []}, []), ({}, ["Wrong file identifier/HTTP URL specified"])])
async def test_the_words_arrive_when_the_picture_is_another_channels(harness, can, refusals):
    calls = await sent(
        harness, can, troubles=list(map(BadRequest, refusals)), media={"type": "photo", "file_id": "east-1"}, buttons=((PRESS,),)
    )
    method, fields = calls[-1]
    assert (method, len(calls)) == ("sendMessage", 1 + len(refusals))
    assert "W1" in fields["text"]
    assert "在另一个渠道里" in fields["text"]
    assert fields["reply_markup"] is not None


@pytest.mark.parametrize(("unit", "most"), [(Unit.BYTES, 2048), (Unit.CHARS, 500), (Unit.UTF16, 4096), (Unit.BYTES, 140)])
def test_every_part_fits_the_unit_of_the_channel(unit, most) -> None:
    text = "一、水位上涨，请沿河住户注意🌧\n" * 300
    parts = split(text, TextLimit(most, most, unit))
    measured = {Unit.BYTES: lambda part: len(part.encode()), Unit.CHARS: len, Unit.UTF16: lambda part: len(part.encode("utf-16-le")) // 2}[
        unit
    ]
    assert max(map(measured, parts)) <= most
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


async def test_several_addresses_cost_nothing_in_a_town_with_one_channel(harness, monkeypatch):
    import bot.delivery.delivery as module

    async def never(unit: Any, rows: Any, **_: Any) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(module, "copy_urgent", never)
    wire = Wire()
    await put(harness, "k", "web", 1, priority=Priority.SOS)
    async with delivering(harness, {"web": wire}):
        await until(lambda: len(wire.calls) == 1)
