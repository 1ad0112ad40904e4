"""A person's message is deleted, and the answer says whether it is gone."""

from __future__ import annotations

from typing import Any

import pytest
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.telegram.capabilities import Capabilities
from tests.bot.delivery.test_channels import Wire, delivering, harness, put, states, until

__all__ = ["harness"]
DELETED, DELETE_IT = "已经从聊天里删掉了", "请你自己删掉"


async def answered(harness: Any, wire: Wire, **media: Any) -> None:
    await put(harness, "one", "telegram", 9, key="system.id_number", media={"type": "delete", "message_id": 5} | media)
    async with delivering(harness, {"telegram": wire}):
        await until(lambda: _over(harness))


async def _over(harness: Any) -> bool:
    return (await states(harness))["one"][0] == "sent"


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (None, DELETED),
        (BadRequest("Message to delete not found"), DELETED),
        (BadRequest("Message can't be deleted for everyone"), DELETE_IT),
        (InvalidToken("Not Found: method not found"), DELETE_IT),
    ],
)
async def test_answer_says_whether_the_message_is_gone(harness: Any, trouble: TelegramError | None, said: str) -> None:
    wire = Wire(troubles=[trouble] if trouble else [])
    await answered(harness, wire)
    assert [(method, fields.get("message_id")) for method, fields in wire.calls] == [("deleteMessage", 5), ("sendMessage", None)]
    assert said in wire.texts[0]


async def test_channel_that_deletes_nothing_is_not_asked(harness: Any) -> None:
    wire = Wire(can=Capabilities(deletes=False))
    await answered(harness, wire)
    assert [method for method, _ in wire.calls] == ["sendMessage"]
    assert DELETE_IT in wire.texts[0]


async def test_nothing_is_said_when_a_message_is_deleted_quietly(harness: Any) -> None:
    wire = Wire()
    await answered(harness, wire, quietly=True)
    assert [method for method, _ in wire.calls] == ["deleteMessage"]


async def test_deletion_is_tried_again_when_the_server_asks_to_wait(harness: Any) -> None:
    wire = Wire(troubles=[RetryAfter(0)])
    await put(harness, "one", "telegram", 9, key="system.id_number", media={"type": "delete", "message_id": 5})
    async with delivering(harness, {"telegram": wire}):
        await until(lambda: _over(harness))
    assert [method for method, _ in wire.calls] == ["deleteMessage", "deleteMessage", "sendMessage"]
