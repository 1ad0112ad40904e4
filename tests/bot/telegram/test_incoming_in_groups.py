"""Incoming group messages: topics that accept messages, and replies to the bot."""

from __future__ import annotations

from typing import Any

import pytest

from bot.telegram.buttons import Signer
from bot.telegram.incoming import read
from handlers.core.context import Incoming

GROUP = {"id": -1001, "type": "supergroup", "title": "上徐村群"}
PERSON = {"id": 7, "is_bot": False, "first_name": "小徐"}


def said(**fields: Any) -> Incoming:
    message = {"message_id": 5, "date": 1_780_000_000, "chat": GROUP, "from": PERSON, "text": "在吗"} | fields
    incoming = read({"update_id": 1, "message": message}, channel="telegram", bot_name="Tongxin_bot", signer=Signer("x"))
    assert incoming is not None
    return incoming


def by(username: str) -> dict[str, Any]:
    author = {"id": 9, "is_bot": True, "first_name": "x"} | ({"username": username} if username else {})
    return {"message_id": 4, "date": 1_780_000_000, "chat": GROUP, "from": author, "text": "…"}


@pytest.mark.parametrize(
    ("fields", "topic"), [({}, 0), ({"message_thread_id": 3}, 0), ({"message_thread_id": 3, "is_topic_message": True}, 3)]
)
def test_a_thread_of_answers_is_no_topic(fields, topic):
    assert said(**fields).address.thread_id == topic


@pytest.mark.parametrize(("username", "to_me"), [("tongxin_bot", True), ("Tongxin_Bot", True), ("other_bot", False), ("", False)])
def test_an_answer_to_the_bot_is_told_from_an_answer_to_somebody_else(username, to_me):
    assert said(reply_to_message=by(username)).to_me is to_me


def test_what_answers_nobody_is_not_to_the_bot():
    assert not said().to_me


def test_a_command_for_another_bot_is_none_of_ours():
    assert said(text="/bind@other_bot 上徐村").command == ""
    assert said(text="/bind@TONGXIN_BOT 上徐村").command == "bind"
