"""Incoming updates: the same facts as in python-telegram-bot's objects, for all kinds."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pytest
from telegram import Update

from bot.telegram.buttons import Signer
from bot.telegram.incoming import SERVICE, read, read_command
from handlers.core.context import Incoming
from tests.faults.hostile.line import BOT
from tests.faults.hostile.updates import Templates

SIGNER = Signer("x")


@dataclass
class Somebody:
    user_id: int
    name: str


class Inhabitants:
    """Any of seven people, by request."""

    known = tuple(Somebody(7000 + number, f"村民{number}") for number in range(7))
    bystander = Somebody(7100, "路人")
    chair = known[2]

    def __getattr__(self, name: str) -> Somebody:
        return self.known[len(name) % 7]


@pytest.fixture(scope="module")
def genuine():
    return Templates(Inhabitants(), SIGNER, BOT, 1_780_000_000)  # type: ignore[arg-type]


def as_read(update) -> Incoming | None:
    return read(update, channel="telegram", bot_name=BOT["username"], signer=SIGNER)


def test_every_kind_of_update_is_read_as_python_telegram_bot_decodes_it(genuine):
    seen = set()
    for name in genuine.names:
        update = genuine.fresh(name)
        decoded: Any = Update.de_json(update, None)
        incoming = as_read(update)
        if incoming is None:
            assert decoded.channel_post, name
            continue
        what = decoded.message or decoded.edited_message or decoded.callback_query or decoded.my_chat_member
        message = decoded.effective_message
        user, chat = what.from_user, decoded.effective_chat
        assert incoming.user_id == (user.id if user else 0), name
        assert incoming.address.chat_id == (chat.id if chat else user.id), name
        assert incoming.private == (chat is None or chat.type == "private"), name
        assert incoming.user_name == (user.full_name if user else ""), name
        assert incoming.edited == (decoded.edited_message is not None), name
        assert bool(incoming.press_id) == (decoded.callback_query is not None), name
        assert bool(incoming.member) == (decoded.my_chat_member is not None), name
        if message is not None:
            assert incoming.message_id == message.message_id, name
        if decoded.message is not None:
            assert incoming.text == (message.text or message.caption or ""), name
            assert incoming.sent_at == message.date, name
            assert incoming.forwarded == (message.forward_origin is not None), name
            assert incoming.album == (message.media_group_id or ""), name
            assert incoming.reply_to == (message.reply_to_message.message_id if message.reply_to_message else 0), name
            attached = message.effective_attachment
            sent = attached[-1] if isinstance(attached, tuple) and attached else attached
            assert (incoming.media or {}).get("file_id") == getattr(sent, "file_id", None), name
            place = message.location
            assert incoming.location == ((place.latitude, place.longitude) if place else None), name
            assert (incoming.contact or {}).get("phone") == (message.contact.phone_number if message.contact else None), name
            assert incoming.anonymous == (message.sender_chat is not None), name
        seen |= {field.name for field in fields(Incoming) if getattr(incoming, field.name)}
    assert seen >= {"text", "command", "media", "location", "contact", "forwarded", "edited", "anonymous", "press_id", "member", "album"}


@pytest.mark.parametrize("update", [None, 7, "text", [], {}, {"update_id": 1, "message": "text"}, {"update_id": 1, "message": {}}])
def test_what_is_no_update_is_not_taken_for_silence(update):
    with pytest.raises((ValueError, TypeError, LookupError)):
        as_read(update)


def test_a_kind_that_nobody_answers_to_is_nothing():
    assert as_read({"update_id": 1, "poll_answer": {}}) is None


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("/case 1011", ("case", "1011")),
        ("／case 1011", ("case", "1011")),
        ("、case 1011", ("case", "1011")),
        ("/start上徐村", ("start", "上徐村")),
        ("/accept#1012", ("accept", "#1012")),
        ("/accept：1012", ("accept", "1012")),
        ("/alert　橙　上徐村　暴雨", ("alert", "橙　上徐村　暴雨")),
        ("/case1011", ("case1011", "")),
        ("、就是他", ("", "")),
        ("/case@somebody_else 1", ("", "")),
        ("/1.5米高", ("", "")),
        ("路灯/case 1", ("", "")),
    ],
)
def test_command_is_read_as_people_type_it(text, read_as):
    assert read_command(text, BOT["username"]) == read_as


@pytest.mark.parametrize("fact", SERVICE)
def test_service_message_is_silence(fact):
    message = {"message_id": 5, "date": 1_780_000_000, "from": {"id": 7, "first_name": "徐"}, "chat": {"id": 7, "type": "private"}}
    assert as_read({"update_id": 1, "message": message | {fact: {}}}) is None
    said = as_read({"update_id": 1, "message": message | {fact: {}, "text": "路灯不亮"}})
    assert said is not None
    assert said.text == "路灯不亮"


@pytest.mark.parametrize("fact", ["dice", "poll", "story", "game", "checklist", "paid_media"])
def test_message_without_words_is_answered(fact):
    message = {"message_id": 5, "date": 1_780_000_000, "from": {"id": 7, "first_name": "徐"}, "chat": {"id": 7, "type": "private"}}
    assert as_read({"update_id": 1, "message": message | {fact: {}}}) is not None
