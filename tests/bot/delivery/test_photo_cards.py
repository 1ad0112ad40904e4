"""A card that was sent as a photo is changed: the photo goes with the words."""

from __future__ import annotations

from typing import Any

import pytest
from telegram.error import BadRequest, InvalidToken

from bot.delivery.media import blank_png
from domain.core.change import Address, ChatId, Notice, Receiver
from sandbox.world.pictures import dimensions
from tests.bot.delivery.test_channels import Wire, delivering, harness, states, until
from tests.handler_harness import MONDAY

__all__ = ["harness"]
NO_TEXT = "Bad Request: there is no text in the message to edit"


async def changed(harness: Any, wire: Wire) -> None:
    """Change a card that hangs in a chat as message 7."""
    address = Address("telegram", ChatId(9))
    notice = Notice(Receiver(address), "system.parked", {"incident": "W1"}, card="alert:1")

    async def work(unit: Any) -> None:
        await unit.cards.hang(address, "alert:1", message_id=7, person_id=None, at=MONDAY)
        await unit.outbox.put(notice, unique_key="one", at=MONDAY)

    async def over() -> bool:
        return (await states(harness))["one"][0] == "sent"

    await harness.store.transact(work)
    async with delivering(harness, {"telegram": wire}):
        await until(over)


async def test_photo_is_replaced_by_a_blank_picture_with_the_new_words(harness: Any) -> None:
    wire = Wire(troubles=[BadRequest(NO_TEXT)])
    await changed(harness, wire)
    assert [method for method, _ in wire.calls] == ["editMessageText", "editMessageMedia"]
    fields = wire.calls[1][1]
    assert fields["message_id"] == 7
    assert "W1" in fields["media"]["caption"]
    assert (fields["media"]["media"], fields["blank"]) == ("attach://blank", blank_png())
    assert dimensions(blank_png()) == (64, 64)


@pytest.mark.parametrize("trouble", [BadRequest("Bad Request: message can't be edited"), InvalidToken("Not Found: method not found")])
async def test_photo_is_deleted_and_a_new_message_sent_when_it_cannot_be_replaced(harness: Any, trouble: Exception) -> None:
    wire = Wire(troubles=[BadRequest(NO_TEXT), trouble])
    await changed(harness, wire)
    assert [method for method, _ in wire.calls] == ["editMessageText", "editMessageMedia", "deleteMessage", "sendMessage"]
    assert wire.calls[2][1]["message_id"] == 7
    assert "W1" in wire.texts[-1]


@pytest.mark.parametrize("gone", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"])
async def test_new_message_is_sent_when_a_card_is_deleted_or_too_old(harness: Any, gone: str) -> None:
    wire = Wire(troubles=[BadRequest(f"Bad Request: {gone}")])
    await changed(harness, wire)
    assert [method for method, _ in wire.calls] == ["editMessageText", "sendMessage"]  # and nothing to retire
    assert "W1" in wire.texts[-1]
