"""A sandbox that is not Telegram: getMe names its abilities; it refuses the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.world.world import World
from tests.sandbox.client import TOKEN, Refused, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.sandbox.client import SandboxClient

CAN: dict[str, Any] = {
    "wakes": "open",
    "text": {"most": 30, "unit": "bytes", "markup": "plain"},
    "buttons": {"kind": "link", "per_row": 2, "label": 4},
    "edits": {"kind": "never"},
    "media_out": ["document"],
    "location_out": False,
    "contact_in": False,
    "idempotent": True,
}
PRESS = {"inline_keyboard": [[{"text": "好", "callback_data": "x"}]]}
LINKS = {"inline_keyboard": [[{"text": "网", "url": "https://chat.example.org/"}] * 3]}
LONG = {"inline_keyboard": [[{"text": "五个字的名", "url": "https://chat.example.org/"}]]}
CONTACT = {"keyboard": [[{"text": "号码", "request_contact": True}]]}


@pytest.fixture
async def client() -> AsyncIterator[SandboxClient]:
    async with opened(World(TOKEN, limits=False, can=CAN)) as client:
        yield client


async def meets(client: SandboxClient) -> int:
    """Let somebody write to the bot; return their id."""
    wang = (await client.does("users", first_name="王"))["id"]
    await client.does("messages", user=wang, chat=wang, text="你好")
    return int(wang)


async def test_get_me_says_what_the_channel_can_do(client):
    assert (await client.calls("getMe"))["can"] == CAN


async def test_get_me_says_nothing_when_the_sandbox_is_telegram():
    async with opened(World(TOKEN, limits=False)) as client:
        assert "can" not in await client.calls("getMe")


@pytest.mark.parametrize(
    ("method", "fields", "why"),
    [
        ("sendMessage", {"text": "一二三四五六七八九十一"}, "message is too long"),
        ("sendMessage", {"text": "好", "parse_mode": "HTML"}, "unsupported parse_mode"),
        ("sendMessage", {"text": "好", "reply_markup": PRESS}, "BUTTON_TYPE_INVALID"),
        ("sendMessage", {"text": "好", "reply_markup": LINKS}, "REPLY_MARKUP_TOO_LONG"),
        ("sendMessage", {"text": "好", "reply_markup": LONG}, "BUTTON_TEXT_TOO_LONG"),
        ("sendMessage", {"text": "好", "reply_markup": CONTACT}, "not part of the channel"),
        ("sendLocation", {"latitude": 28.9, "longitude": 120.0}, "not part of the channel"),
        ("sendPhoto", {"photo": "x"}, "not part of the channel"),
    ],
)
async def test_a_call_is_refused_when_the_channel_cannot_do_it(client, method, fields, why):
    wang = await meets(client)
    with pytest.raises(Refused) as refused:
        await client.calls(method, chat_id=wang, **fields)
    assert why in refused.value.description


async def test_an_edit_is_refused_when_the_channel_has_none(client):
    wang = await meets(client)
    sent = await client.calls("sendMessage", chat_id=wang, text="好")
    with pytest.raises(Refused) as refused:
        await client.calls("editMessageText", chat_id=wang, message_id=sent["message_id"], text="不好")
    assert refused.value.description.endswith("message can't be edited")


async def test_an_edit_is_told_to_wait_when_the_last_one_was_just_now():
    async with opened(World(TOKEN, limits=False, can={"edits": {"redraw_s": 30}})) as client:
        wang = await meets(client)
        sent = await client.calls("sendMessage", chat_id=wang, text="好")
        await client.calls("editMessageText", chat_id=wang, message_id=sent["message_id"], text="一")
        with pytest.raises(Refused) as refused:
            await client.calls("editMessageText", chat_id=wang, message_id=sent["message_id"], text="二")
        assert refused.value.status == 429


@pytest.mark.parametrize(("idempotent", "messages"), [(True, 1), (False, 2)])
async def test_a_repeated_request_is_one_message_only_when_the_server_says_so(idempotent, messages):
    async with opened(World(TOKEN, limits=False, can={"idempotent": idempotent})) as client:
        wang = await meets(client)
        first = await client.calls("sendMessage", chat_id=wang, text="好", request_id="r1")
        again = await client.calls("sendMessage", chat_id=wang, text="好", request_id="r1")
        other = await client.calls("sendMessage", chat_id=wang, text="好", request_id="r2")
        assert len({first["message_id"], again["message_id"], other["message_id"]}) == messages + 1
