"""Delivery stops messages about subjects that their receiver may not be told of."""

from __future__ import annotations

import asyncio
from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import structlog

from bot.delivery import delivery
from bot.http.health import measure
from bot.process.engine import Engine
from bot.settings import Settings
from bot.timers.clock import Clock
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import ClockCalendar
from domain.core.change import Address, Button, CaseId, ChatId, Notice, Receiver, StationId
from domain.core.town import Town
from domain.people.people import Role
from handlers.core import delivery_gate
from storage.core import gate
from tests.bot.delivery.test_delivery import Wire, delivering, nobody_barred
from tests.engines import ENGINES as BOTH
from tests.handler_harness import DELIVERY, MONDAY, HandlerHarness
from texts import About, Lines, Text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from storage.unit import Unit
    from tests.handler_harness import Voice

ENGINES = BOTH
CANARY = "金丝雀"
GROUP, ELSEWHERE = -100, -200
#: The process that delivers, as its rows name it.
LEADER = DELIVERY


@pytest.fixture
async def harness(tmp_path: Path, engine: str) -> AsyncIterator[HandlerHarness]:
    zone = ZoneInfo("Asia/Shanghai")
    town = Town("禾安", zone, ClockCalendar(), QuietHours(time(21, 30), time(7, 0), zone), bot_names={"telegram": "tongxin_bot"})
    opened = await HandlerHarness.open(tmp_path, town, engine=engine)
    yield opened
    await opened.store.close()


@pytest.fixture
async def people(harness: HandlerHarness) -> dict[str, Voice]:
    """A reported case 1001 of 上徐, with everybody around it."""
    found = {
        "reporter": await harness.person("徐三", Role.VILLAGER, "上徐村"),
        "chair": await harness.person("王主任", Role.CHAIR, "上徐村"),
        "officer": await harness.person("张警官", Role.OFFICER, "上徐村"),
        "admin": await harness.person("小陈", Role.ADMIN),
        "foreign chair": await harness.person("李主任", Role.CHAIR, "下李村"),
        "foreign officer": await harness.person("丁警官", Role.OFFICER, "下李村"),
        "foreign villager": await harness.person("李四", Role.VILLAGER, "下李村"),
    }
    await found["reporter"].says(f"/report dispute 邻居砌墙占了我家的路 {CANARY}")
    await send_all(harness)
    return found


def to(harness: HandlerHarness, who: Voice, role: str = "", village: str = "上徐村") -> Receiver:
    return Receiver(Address("telegram", ChatId(who.user_id)), "zh", who.person_id, role, harness.villages[village], who.name)


def about(receiver: Receiver, subject: str = "case:1001", **more: Any) -> Notice:
    """A message of a feature that does not look whom it tells."""
    return Notice(receiver, "fallback.wrapped", {"post": CANARY, "body": CANARY}, subject=subject, **more)


async def put(harness: HandlerHarness, *notices: Notice) -> None:
    async def work(unit: Unit) -> None:
        for notice in notices:
            await unit.outbox.put(notice, unique_key=f"planted:{next(harness.ids)}", at=harness.at)

    await harness.store.transact(work)


async def send_all(harness: HandlerHarness) -> list[tuple[int, str]]:
    """Deliver everything that waits; return (chat, text) of what left, in order."""
    wire = Wire(at=harness.at)

    async def waiting(unit: Unit) -> int:
        return (await unit.outbox.count(at=harness.at))["waiting"]

    async with delivering(harness, wire, owner=LEADER), asyncio.timeout(20):
        while await harness.store.transact(waiting):  # noqa: ASYNC110 (another part writes it)
            await asyncio.sleep(0.01)
    return list(zip(wire.taken, wire.said, strict=True))


async def stopped(harness: HandlerHarness) -> int:
    return int(await harness.store.transact(lambda unit: unit.facts.find(delivery_gate.COUNT)) or 0)


def read_by(sent: list[tuple[int, str]], who: Voice) -> list[str]:
    return [text for chat, text in sent if chat == who.user_id]


async def test_message_is_stopped_when_a_feature_tells_somebody_out_of_scope(harness, people):
    with structlog.testing.capture_logs() as logs:
        await put(harness, about(to(harness, people["foreign villager"])), about(to(harness, people["reporter"])))
        sent = await send_all(harness)
    assert read_by(sent, people["foreign villager"]) == []
    assert CANARY in "".join(read_by(sent, people["reporter"]))
    assert await stopped(harness) == 1
    rows = await harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT action, words, data FROM audit WHERE action = 'stopped_at_delivery'")
    )
    assert len(rows) == 1
    told = str([dict(row) for row in rows]) + str([entry for entry in logs if entry["event"] == "message_stopped"])
    assert CANARY not in told
    assert people["foreign villager"].name not in told


async def test_planted_message_leaves_when_the_gate_is_open(harness, people, monkeypatch):
    """The control of the test above: without the gate it would arrive."""
    monkeypatch.setattr(delivery, "find_barred", nobody_barred)
    await put(harness, about(to(harness, people["foreign villager"])))
    assert CANARY in "".join(read_by(await send_all(harness), people["foreign villager"]))


# Lists ----------------------------------------------------------------------------------------------------------------


def listing(receiver: Receiver, *subjects: str) -> Notice:
    """A list of cases that has no subject of its own."""
    lines = [About(Text("posts.vacant.chair", village=f"行{subject}"), subject) for subject in subjects]
    buttons = tuple((Button("places.button.open", "c.all", (int(each[5:]),), {"village": each[5:]}),) for each in subjects)
    return Notice(receiver, "posts.given.to_holder", {"why": "因为", "count": len(subjects), "lines": Lines(lines)}, buttons)


async def test_list_loses_the_line_that_its_receiver_may_not_read_when_it_leaves(harness, people):
    await people["foreign villager"].says("/report dispute 水渠被人堵了")
    await send_all(harness)
    await put(
        harness, listing(to(harness, people["foreign chair"]), "case:1001", "case:1002"), listing(to(harness, people["chair"]), "case:1001")
    )
    sent = await send_all(harness)
    (told,) = read_by(sent, people["foreign chair"])
    assert "case:1002" in told
    assert "1001" not in told
    assert "下面 1 件" in told
    assert "case:1001" in "".join(read_by(sent, people["chair"]))
    assert await stopped(harness) == 0


async def test_list_loses_the_button_with_the_line(harness, people):
    await people["foreign villager"].says("/report dispute 水渠被人堵了")
    await put(harness, listing(to(harness, people["foreign chair"]), "case:1001", "case:1002"))

    async def look(unit: Unit) -> Any:
        row = (await unit.outbox.claim(owner=LEADER, at=harness.at, limit=100))[-1]
        assert await delivery_gate.find_barred(unit, [row], at=harness.at) == {row.id}
        return await delivery_gate.without_barred_lines(unit, row, at=harness.at)

    left = await harness.store.transact(look)
    assert [[button.args for button in line] for line in left.buttons] == [[(1002,)]]


async def test_list_is_stopped_when_its_receiver_may_read_no_line(harness, people):
    await put(harness, listing(to(harness, people["foreign officer"], "officer"), "case:1001"))
    assert await send_all(harness) == []
    assert await stopped(harness) == 1


async def test_list_loses_a_line_when_its_receiver_is_barred_after_it_was_queued(harness, people):
    await people["reporter"].says("/report dispute 水渠被人堵了")
    await send_all(harness)
    await put(harness, listing(to(harness, people["chair"], "chair"), "case:1001", "case:1002"))
    await people["chair"].presses_raw("c.rec", 1001)
    await people["chair"].presses_raw("c.rcy", 1001)
    told = next(text for text in read_by(await send_all(harness), people["chair"]) if "因为" in text)
    assert "case:1002" in told
    assert "case:1001" not in told


async def test_message_to_a_post_goes_to_the_next_one_when_its_holder_lost_it(harness, people):
    await put(harness, about(to(harness, people["chair"], "chair")))
    await harness.store.transact(lambda unit: unit.people.dismiss(people["chair"].person_id, at=harness.at))
    sent = await send_all(harness)
    assert read_by(sent, people["chair"]) == []
    assert CANARY in "".join(read_by(sent, people["officer"]))


async def test_message_to_a_foreign_post_ends_as_a_number_at_the_administrator(harness, people):
    await put(harness, about(to(harness, people["foreign chair"], "chair", "下李村")))
    sent = await send_all(harness)
    assert read_by(sent, people["foreign chair"]) == read_by(sent, people["foreign officer"]) == []
    (text,) = read_by(sent, people["admin"])
    assert "1001" in text
    assert CANARY not in text
    assert await stopped(harness) == 2


async def test_ex_chair_gets_no_chairs_message_when_they_follow_the_case(harness, people):
    chair = people["chair"]

    async def follow_and_leave(unit: Unit) -> None:
        await unit.cases.follow(CaseId(1001), chair.person_id, at=harness.at)
        await unit.people.dismiss(chair.person_id, at=harness.at)

    await harness.store.transact(follow_and_leave)
    await put(harness, about(to(harness, chair, "chair")), about(to(harness, chair)))
    sent = await send_all(harness)
    assert len(read_by(sent, chair)) == 1  # as the follower they are
    assert await stopped(harness) == 1


@pytest.mark.parametrize("card", ["case:1001", "case:1001:note"])
async def test_card_is_emptied_when_its_redraw_is_stopped(harness, people, card):
    chair = people["chair"]
    await put(harness, about(to(harness, chair, "chair"), card=card, as_new_message=True))
    await send_all(harness)
    await harness.store.transact(lambda unit: unit.people.dismiss(chair.person_id, at=harness.at))
    await put(harness, about(to(harness, chair, "chair"), card=card, stays=True))
    (text,) = read_by(await send_all(harness), chair)
    assert text == "编号 <b>1001</b> 不再归你看。"


async def test_emptied_card_leaves_when_its_reader_lost_access(harness, people):
    notice = Notice(to(harness, people["foreign chair"]), "record.gone", {"number": "1001"}, card="case:1001", tells_nothing=True)
    await put(harness, notice)
    assert len(read_by(await send_all(harness), people["foreign chair"])) == 1
    assert await stopped(harness) == 0


async def test_answer_without_a_subject_reaches_a_stranger(harness, people):
    stranger = harness.stranger()
    await stranger.says("/case 1001")
    await put(harness, about(Receiver(Address("telegram", ChatId(stranger.user_id)))))
    sent = await send_all(harness)
    assert len(read_by(sent, stranger)) == 1
    assert CANARY not in read_by(sent, stranger)[0]


async def test_subject_that_no_feature_declares_is_told_to_nobody(harness, people):
    await put(harness, about(to(harness, people["chair"]), "lamp:1"), about(to(harness, people["chair"]), "outbox:1"))
    assert len(read_by(await send_all(harness), people["chair"])) == 1
    assert await stopped(harness) == 1


@pytest.mark.parametrize("subject", ["case:1001", "alert:1", "training:1", "broadcast:1"])
async def test_suspended_person_is_told_of_nothing(harness, people, subject):
    await harness.store.transact(lambda unit: unit.directory.suspend(people["chair"].person_id, at=harness.at))
    await put(harness, about(to(harness, people["chair"]), subject))
    assert read_by(await send_all(harness), people["chair"]) == []


@pytest.mark.parametrize(("ended", "texts"), [(False, 1), (True, 0)], ids=["in office", "left office"])
async def test_administrator_is_told_of_a_sealed_subject_only_while_in_office(harness, people, ended, texts):
    admin = people["admin"]
    if ended:
        await harness.store.transact(lambda unit: unit.people.dismiss(admin.person_id, at=harness.at))
    await put(harness, about(to(harness, admin, "admin"), stays=True))
    assert len(read_by(await send_all(harness), admin)) == texts


async def test_administrator_is_told_of_no_case_when_addressed_as_a_person(harness, people):
    await put(harness, about(to(harness, people["admin"])))
    assert read_by(await send_all(harness), people["admin"]) == []


async def bind(harness: HandlerHarness, chat: int, village: str, by: Voice) -> None:
    address = Address("telegram", ChatId(chat))

    async def work(unit: Unit) -> None:
        await unit.groups.see(address, "群")
        await unit.groups.bind(address, harness.villages[village], by=by.person_id, at=harness.at)  # type: ignore[arg-type]

    await harness.store.transact(work)


@pytest.mark.parametrize(
    ("subject", "chat", "more", "texts"),
    [
        ("alert:1", GROUP, {}, 1),
        ("broadcast:1", GROUP, {}, 1),
        ("case:1001", GROUP, {}, 0),
        ("claim:1", GROUP, {}, 0),
        ("alert:1", ELSEWHERE, {}, 0),
        ("alert:1", ELSEWHERE, {"card": "alert:1", "as_new_message": True}, 0),
        ("alert:1", ELSEWHERE, {"card": "alert:1"}, 1),
        ("case:1001", ELSEWHERE, {"card": "case:1001"}, 0),
    ],
    ids=[
        "alert",
        "broadcast",
        "case",
        "claim",
        "another village's group",
        "a new card there",
        "a card's change there",
        "a case's card there",
    ],
)
async def test_group_is_told_only_what_is_meant_for_it(harness, people, subject, chat, more, texts):
    await bind(harness, GROUP, "上徐村", people["chair"])
    await bind(harness, ELSEWHERE, "下李村", people["foreign chair"])
    receiver = Receiver(Address("telegram", ChatId(chat)), village_id=harness.villages["上徐村"], role="group")
    await put(harness, about(receiver, subject, **more))
    sent = await send_all(harness)
    assert [place for place, _ in sent if place == chat] == [chat] * texts
    assert await stopped(harness) == 1 - texts


async def test_message_is_checked_again_when_it_waited_before_sending(harness, people, monkeypatch):
    monkeypatch.setattr(delivery, "SETTLED_S", -1.0)
    chair = people["chair"]
    real = delivery_gate.find_barred
    asked: list[frozenset[int]] = []

    async def leaves_after_the_claim(unit: Unit, rows: Any, **at: Any) -> frozenset[int]:
        found = await real(unit, rows, **at)
        if not asked:
            await unit.people.dismiss(chair.person_id, at=harness.at)
        asked.append(found)
        return found

    monkeypatch.setattr(delivery, "find_barred", leaves_after_the_claim)
    await put(harness, about(to(harness, chair, "chair")))
    sent = await send_all(harness)
    assert asked[0] == frozenset()
    assert read_by(sent, chair) == []
    assert CANARY in "".join(read_by(sent, people["officer"]))


async def test_faulty_gate_delays_only_its_own_messages(harness, people, monkeypatch):
    real = gate.may_be_told

    async def faulty(transaction: Any, asked: Any) -> list[bool]:
        if any(subject.kind == "alert" for _, subject, _ in asked):
            raise ValueError("a condition that cannot be made")
        return await real(transaction, asked)

    monkeypatch.setattr(gate, "may_be_told", faulty)
    await put(harness, about(to(harness, people["chair"]), "alert:1"), about(to(harness, people["reporter"])))
    sent = await send_all(harness)
    assert [chat for chat, _ in sent] == [people["reporter"].user_id]
    row = await harness.store.transact(lambda unit: unit.transaction.fetch_one("SELECT state, fault FROM outbox WHERE subject = 'alert:1'"))
    assert (row["state"], row["fault"]) == ("waiting", "fault")


async def test_gate_takes_three_statements_for_many_messages(harness, people, monkeypatch):
    rows = [about(to(harness, who)) for who in people.values() for _ in range(5)]
    await put(harness, *rows)

    async def ask(unit: Unit) -> tuple[int, int]:
        claimed = await unit.outbox.claim(owner=LEADER, at=MONDAY, limit=100)
        before = counted[0]
        return len(await delivery_gate.find_barred(unit, claimed, at=MONDAY)), counted[0] - before

    counted = [0]
    real = type(await harness.store.transact(_itself)).fetch_all

    async def counting(self: Any, *args: Any) -> Any:
        counted[0] += 1
        return await real(self, *args)

    monkeypatch.setattr(type(await harness.store.transact(_itself)), "fetch_all", counting)
    barred, statements = await harness.store.transact(ask)
    assert (barred, statements) == (4 * 5, 3)


async def _itself(unit: Unit) -> Any:
    return unit.transaction


async def test_many_villages_fit_into_the_statements(harness, people, monkeypatch):
    """An officer of many villages makes long conditions; they are divided among statements."""
    monkeypatch.setattr(gate, "MOST_PARAMETERS", 100)

    async def grow(unit: Unit) -> None:
        for number in range(90):
            row = await unit.transaction.fetch_one(
                "INSERT INTO villages (station_id, name) VALUES (?, ?) RETURNING id", (harness.station, f"村{number}")
            )
            assert row is not None
            await unit.people.appoint(
                people["officer"].person_id, Role.OFFICER, station_id=StationId(harness.station), village_id=row["id"], at=harness.at
            )

    await harness.store.transact(grow)
    for number in range(1002, 1006):
        await people["reporter"].says(f"/report dispute 又占了我家的路，第{number}次，这次是院子")
    subjects = [f"case:{number}" for number in range(1001, 1006)]

    async def ask(unit: Unit) -> list[bool]:
        officer = await unit.people.get(people["officer"].person_id, at=harness.at)
        foreign = await unit.people.get(people["foreign officer"].person_id, at=harness.at)
        return await unit.may_be_told([(who, subject) for subject in subjects for who in (officer, foreign)])

    assert await harness.store.transact(ask) == [True, False] * 5


async def test_health_page_counts_stopped_messages(harness, people):
    await put(harness, about(to(harness, people["foreign villager"])))
    await send_all(harness)
    figures = await measure(Engine(Settings(), harness.store, {}, Clock()))
    assert figures["stopped_total"] == 1
