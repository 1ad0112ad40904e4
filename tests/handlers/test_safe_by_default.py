"""A message about a subject is safe without a flag.

It is not lost, wakes nobody, cannot be forwarded, and administrators do not read it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.core.change import POSTS, Address, ChatId, Notice, Priority, Receiver
from domain.people.people import ESCALATION_ORDER, Person, Role
from handlers.core.context import NOWHERE, HandlerContext, Incoming
from handlers.fallback import undeliverable
from tests.handler_harness import DELIVERY

if TYPE_CHECKING:
    from storage.unit import Unit
    from tests.handler_harness import HandlerHarness, Heard, Voice

NIGHT = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
DAY = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # 09:00
BY_SUBJECT: dict[str, Any] = {"subject": "lost:7"}
BY_CARD: dict[str, Any] = {"card": "lost:7:board"}
ABOUT = pytest.mark.parametrize("about", [BY_SUBJECT, BY_CARD], ids=["subject", "card"])


def receiver(harness: HandlerHarness, who: Voice | None, role: str) -> Receiver:
    address = None if who is None else Address("telegram", ChatId(who.user_id))
    return Receiver(address, "zh", None if who is None else who.person_id, role, harness.villages["上徐村"])


async def tell(harness: HandlerHarness, notice: Notice, *, at: datetime = DAY) -> None:
    async def work(unit: Unit) -> None:
        ctx = HandlerContext(unit, Person(None, "", "zh", NOWHERE.address), at, harness.town, NOWHERE, f"t:{next(harness.ids)}")
        await ctx.notify(notice)

    await harness.store.transact(work)


async def fail_all(harness: HandlerHarness, *, at: datetime) -> None:
    """Let everything that waits end as delivery ends what can never arrive."""

    async def work(unit: Unit) -> None:
        for row in await unit.outbox.claim(owner=DELIVERY, at=at + timedelta(days=1), limit=50):
            await unit.outbox.end(row.id, owner=row.owner, state="failed", fault="blocked", at=at)
            await undeliverable(unit, row, why="blocked", permanent=True, town=harness.town, at=at)

    await harness.store.transact(work)


async def only(who: Voice) -> Heard:
    (message,) = await who.heard()
    return message


def test_posts_that_escalate_are_those_of_the_ladder():
    assert set(ESCALATION_ORDER) == POSTS


@ABOUT
async def test_message_about_a_subject_escalates_when_its_post_cannot_be_reached(harness: HandlerHarness, about: dict[str, Any]):
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await tell(harness, Notice(receiver(harness, None, "chair"), "dialog.back", **about))
    assert (await only(officer)).key == "dialog.back"


@ABOUT
async def test_message_about_a_subject_escalates_when_delivery_fails(harness: HandlerHarness, about: dict[str, Any]):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await tell(harness, Notice(receiver(harness, chair, "chair"), "dialog.back", **about))
    await fail_all(harness, at=DAY)
    assert (await only(officer)).key == "fallback.wrapped"


@pytest.mark.parametrize(
    ("role", "facts"),
    [
        ("chair", BY_SUBJECT | {"stays": True}),
        ("chair", {}),
        ("chair", BY_CARD | {"tells_nothing": True}),
        ("", BY_SUBJECT),
        ("member", BY_SUBJECT),
        ("chair", {"card": "roster"}),
    ],
    ids=["stays", "no subject", "tells nothing", "a person's own", "a member's own", "a card of no subject"],
)
async def test_message_reaches_nobody_else_when_it_stays_or_is_no_posts_subject(harness: HandlerHarness, role: str, facts: dict[str, Any]):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await tell(harness, Notice(receiver(harness, chair, role), "dialog.back", **facts))
    await tell(harness, Notice(receiver(harness, None, role), "dialog.back", **facts))
    await fail_all(harness, at=DAY)
    assert await officer.heard() == []


@pytest.mark.parametrize(
    ("facts", "at", "silent"),
    [
        (BY_SUBJECT, NIGHT, 1),
        (BY_CARD, NIGHT, 1),
        (BY_SUBJECT, DAY, 0),
        (BY_SUBJECT | {"rings": True}, NIGHT, 0),
        (BY_SUBJECT | {"silent": True}, DAY, 1),
        (BY_SUBJECT | {"not_before": DAY + timedelta(days=1)}, NIGHT, 0),
        (BY_SUBJECT | {"not_before": NIGHT}, DAY, 1),
        ({}, NIGHT, 0),
    ],
    ids=["subject", "card", "by day", "rings", "always silent", "leaves in the morning", "leaves at night", "no subject"],
)
async def test_message_makes_no_noise_when_it_leaves_in_quiet_hours(
    harness: HandlerHarness, facts: dict[str, Any], at: datetime, silent: int
):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await tell(harness, Notice(receiver(harness, chair, "chair"), "dialog.back", **facts), at=at)
    assert (await only(chair)).row["silent"] == silent


@pytest.mark.parametrize(("role", "silent"), [("", 0), ("chair", 1)], ids=["an answer", "told as a post"])
async def test_answer_to_a_persons_own_doing_rings_at_night(harness: HandlerHarness, role: str, silent: int):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    to = receiver(harness, chair, role)
    assert to.address is not None

    async def work(unit: Unit) -> None:
        incoming = Incoming(to.address or NOWHERE.address, chair.user_id, chair.name, "zh", private=True)
        await HandlerContext(
            unit, Person(chair.person_id, chair.name, "zh", incoming.address), NIGHT, harness.town, incoming, "t:1"
        ).notify(Notice(to, "dialog.back", **BY_CARD))

    await harness.store.transact(work)
    assert (await only(chair)).row["silent"] == silent


@pytest.mark.parametrize(("fails_at", "silent"), [(NIGHT, 1), (NIGHT + timedelta(hours=10), 0)], ids=["at night", "in the morning"])
async def test_escalated_message_stays_silent_only_while_it_is_night(harness: HandlerHarness, fails_at: datetime, silent: int):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await tell(harness, Notice(receiver(harness, chair, "chair"), "dialog.back", **BY_SUBJECT), at=NIGHT)
    await fail_all(harness, at=fails_at)
    assert (await only(officer)).row["silent"] == silent


@pytest.mark.parametrize(
    ("facts", "protected"),
    [(BY_SUBJECT, 1), (BY_CARD, 1), (BY_SUBJECT | {"forwardable": True}, 0), (BY_CARD | {"tells_nothing": True}, 0), ({}, 0)],
    ids=["subject", "card", "forwardable", "tells nothing", "no subject"],
)
async def test_message_cannot_be_forwarded_when_it_is_about_a_subject(harness: HandlerHarness, facts: dict[str, Any], protected: int):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    officer = await harness.person("张警官", Role.OFFICER, "上徐村")
    await tell(harness, Notice(receiver(harness, chair, "chair"), "dialog.back", **facts))
    assert (await only(chair)).row["protect"] == protected
    await fail_all(harness, at=DAY)
    assert [message.row["protect"] for message in await officer.heard()] == ([protected] if "subject" in facts or protected else [])


@pytest.mark.parametrize(
    ("facts", "subject"),
    [(BY_SUBJECT, "lost:7"), (BY_CARD, "lost:7"), (BY_CARD | {"tells_nothing": True}, ""), ({"card": "roster"}, "")],
    ids=["subject", "card", "tells nothing", "a card of no subject"],
)
async def test_outbox_row_names_the_subject_for_delivery_to_ask_about(harness: HandlerHarness, facts: dict[str, Any], subject: str):
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await tell(harness, Notice(receiver(harness, chair, "chair"), "dialog.back", **facts))
    assert (await only(chair)).row["subject"] == subject


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        (BY_SUBJECT, "fallback.sealed.to_admin"),
        (BY_CARD, "fallback.sealed.to_admin"),
        (BY_SUBJECT | {"open_to_admins": True}, "dialog.back"),
        ({"subject": "alert:7"}, "dialog.back"),
        ({"card": "appointment:7"}, "dialog.back"),
        ({}, "dialog.back"),
    ],
    ids=["subject", "card", "written for administrators", "an alert", "an appointment", "no subject"],
)
async def test_administrator_reads_no_subject_when_nothing_opens_it(harness: HandlerHarness, facts: dict[str, Any], key: str):
    admin = await harness.person("小陈", Role.ADMIN)
    await tell(harness, Notice(receiver(harness, admin, "admin"), "dialog.back", media={"type": "photo", "file_id": "x"}, **facts))
    message = await only(admin)
    assert message.key == key
    assert (message.row["media"] == "") is (key != "dialog.back")
    if key != "dialog.back":
        assert "编号 <b>7</b>" in message.text
        assert (message.card, message.buttons, message.row["subject"]) == ("", {}, "lost:7")


@ABOUT
async def test_escalated_message_is_sealed_when_only_an_administrator_is_left(harness: HandlerHarness, about: dict[str, Any]):
    admin = await harness.person("小陈", Role.ADMIN)
    chair = await harness.person("王主任", Role.CHAIR, "上徐村")
    await tell(harness, Notice(receiver(harness, chair, "chair"), "dialog.back", priority=Priority.ESCALATION, **about))
    await fail_all(harness, at=DAY)
    message = await only(admin)
    assert (message.key, message.priority) == ("fallback.sealed.to_admin", Priority.ESCALATION)
