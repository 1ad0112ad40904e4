"""Buttons: data that this bot did not make for this chat is never read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.buttons import Signer

SIGNER = Signer("123:token")


def test_a_button_comes_back_as_it_was_made():
    data = SIGNER.write("accept", (1024, "x"), chat_id=7)
    assert len(data.encode()) <= 64
    assert SIGNER.read(data, chat_id=7) == ("accept", ("1024", "x"))


def test_a_button_of_another_chat_or_token_is_not_read():
    data = SIGNER.write("accept", (1024,), chat_id=7)
    assert SIGNER.read(data, chat_id=8) is None
    assert Signer("123:other").read(data, chat_id=7) is None


def test_a_button_of_another_series_is_not_read():
    later = Signer("123:token", series="1761955200000000")
    assert later.read(SIGNER.write("accept", (1024,), chat_id=7), chat_id=7) is None
    assert later.read(later.write("accept", (1024,), chat_id=7), chat_id=7) == ("accept", ("1024",))
    assert SIGNER.read(later.write("accept", (1024,), chat_id=7), chat_id=7) is None


@given(st.integers(0, 40), st.characters(codec="utf-8"))
def test_a_changed_button_is_not_read(place, character):
    data = SIGNER.write("accept", (1024,), chat_id=7)
    changed = data[:place] + character + data[place + 1 :]
    if changed != data:
        assert SIGNER.read(changed, chat_id=7) is None


@given(st.text(max_size=64))
def test_invented_data_is_not_read(data):
    assert SIGNER.read(data, chat_id=7) is None


def test_a_button_that_does_not_fit_is_a_fault():
    with pytest.raises(ValueError, match="64 bytes"):
        SIGNER.write("accept", ("很长" * 20,), chat_id=7)


MADE = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)


def test_button_carries_the_day_it_was_made():
    data = Signer("x").write("c.no", (1003,), chat_id=7, made_at=MADE)
    assert Signer("x").read(data, chat_id=7) == ("c.no", ("1003",))
    assert Signer.made_at(data) == datetime(2026, 11, 30, tzinfo=UTC)
    assert len(data.encode()) <= 64


def test_button_of_before_days_were_written_is_read_and_has_no_day():
    data = Signer("x").write("c.no", (1003,), chat_id=7)
    assert Signer("x").read(data, chat_id=7) == ("c.no", ("1003",))
    assert Signer.made_at(data) is None


def test_button_with_another_day_is_not_read():
    data = Signer("x").write("c.no", (1003,), chat_id=7, made_at=MADE)
    head, _, tail = data.rpartition("~")
    assert Signer("x").read(f"{head}~{'fff'}{tail[3:]}", chat_id=7) is None
    assert Signer("x").read(f"{head}~{tail[3:]}", chat_id=7) is None


def test_longest_arguments_leave_room_for_the_day():
    with pytest.raises(ValueError, match="64"):
        Signer("x").write("v" * 50, (), chat_id=7)
    assert len(Signer("x").write("v" * 49, (), chat_id=7, made_at=MADE)) == 64
