"""The inbox row of a raw update: its chat, its effect, and whether it may overtake others."""

from __future__ import annotations

from typing import Any

import pytest

from bot.receiving.polling import describe, marked
from bot.telegram.incoming import UNSEEN_SINCE


def message(text: Any, **facts: Any) -> dict[str, Any]:
    return {"update_id": 7, "message": {"message_id": 5, "chat": {"id": 9}, "from": {"id": 9}, "text": text} | facts}


@pytest.mark.parametrize("text", ["/sos 有人打架", "/SOS", "/sos@tongxin_bot 快来", "救命", "着火了，快来人"])
def test_a_cry_for_help_overtakes_everything_else(text):
    assert describe(message(text), "telegram").lane == 0


@pytest.mark.parametrize("text", ["/me", "/sosjes", "你好", "", None, ["救命"]])
def test_other_words_wait_their_turn(text):
    assert describe(message(text), "telegram").lane == 1


def test_what_came_twice_has_the_same_effect_whatever_its_number():
    first, again = message("你好"), message("你好") | {"update_id": 8}
    assert describe(first, "telegram").effect == describe(again, "telegram").effect
    assert describe(message("你好", message_id=6), "telegram").effect != describe(first, "telegram").effect


def test_caption_that_calls_for_help_overtakes_everything_else():
    update = message(None) | {}
    update["message"] |= {"caption": "着火了，快来人", "photo": []}
    assert describe(update, "telegram").lane == 0


def test_press_after_an_outage_says_since_when_nothing_was_received():
    press = {"update_id": 7, "callback_query": {"id": "1"}}
    assert marked(dict(press), 5) == press | {UNSEEN_SINCE: 5}
    assert marked(press | {UNSEEN_SINCE: 1}, None) == press
    assert marked(message("你好"), 5) == message("你好")
    assert marked("no object", 5) == "no object"
