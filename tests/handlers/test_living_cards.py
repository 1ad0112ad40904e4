"""A message with buttons is a card, whose buttons go when its question is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.core.change import Address, Button, ChatId, Leaves, Notice, Priority, Receiver
from domain.people.people import Person
from handlers.core.context import NOWHERE, HandlerContext
from handlers.core.placing import kind_of, placed, spend_answered, spend_asked
from storage.unit import Unit
from tests.handler_harness import HandlerHarness

ONE, TWO = (Address("telegram", ChatId(each)) for each in (11, 12))
ASKS = Notice(Receiver(ONE), "case.ask", {}, ((Button("case.button.answer", "c.ans", (1001,)),),), subject="case:1001")


def context(harness: HandlerHarness, unit: Unit, pressed: int | None = None) -> HandlerContext:
    incoming = NOWHERE if pressed is None else replace(NOWHERE, address=ONE, press_id="p1", message_id=pressed)
    return HandlerContext(unit, Person(None, "", "zh", ONE), harness.at, harness.town, incoming, "test", hooks=harness.table.hooks)


@pytest.mark.parametrize(
    ("change", "card"),
    [
        ({}, "case:1001:c.ans.1001:asked"),
        ({"subject": ""}, "offer:c.ans.1001"),
        ({"card": "case:1001"}, "case:1001"),
        ({"buttons": ()}, ""),
        ({"priority": Priority.BROADCAST}, ""),
        ({"to": Receiver(Address("telegram", ChatId(-5)))}, ""),
    ],
)
async def test_message_with_buttons_to_one_person_is_the_newest_copy_of_its_question(harness: HandlerHarness, change, card):
    async def place(unit: Unit) -> Notice | None:
        return await placed(context(harness, unit), replace(ASKS, **change))

    found = await harness.store.transact(place)
    assert found is not None
    assert found.card == card


@pytest.mark.parametrize(("alike", "left"), [(False, [31]), (True, [31, 34])])
async def test_questions_lose_their_buttons_in_every_chat_when_their_thing_moves(harness: HandlerHarness, alike, left):
    asked = [(ONE, "c.ans.1001", 31), (TWO, "c.ans.1001", 32), (TWO, "c.uso.1001", 34)]

    async def move(unit: Unit) -> list[int]:
        for address, what, message_id in asked:
            card = f"case:1001:{what}:asked"
            await unit.cards.hang(address, card, message_id=message_id, person_id=None, at=harness.at, leaves=Leaves.TEXT)
        await unit.cards.hang(TWO, "case:10010:c.ans.10010:asked", message_id=35, person_id=None, at=harness.at)
        ctx = context(harness, unit, pressed=31)
        await spend_asked(ctx, "case:1001", alike=alike)
        standing = [each[2] for each in await unit.cards.list_parts("case:1001", ":asked")]
        await spend_answered(ctx)
        assert 31 not in [each[2] for each in await unit.cards.list_parts("case:1001", ":asked")]
        assert len(await unit.cards.list_parts("case:10010", ":asked")) == 1
        return standing

    assert await harness.store.transact(move) == left


@pytest.mark.parametrize(
    ("card", "kind"), [("case:1001", "case"), ("case:1001:sheet", "case:sheet"), ("here", ""), ("offer:tips", ""), ("case:x", "")]
)
def test_kind_of_a_card_leaves_out_its_number(card, kind):
    assert kind_of(card) == kind
