"""A sound of the bot's own is uploaded once, and again when the server has forgotten it."""

from __future__ import annotations

from typing import Any

import pytest
from telegram.error import BadRequest

from bot.delivery.media import own_file
from tests.bot.delivery.test_channels import Wire, delivering, harness, put, states, until
from texts import render

__all__ = ["harness"]
BEAT = {"type": "own", "name": "metronome"}


async def sent(harness: Any, wire: Wire, name: str) -> object:
    """Send the beat; return the voice of each call made for it."""
    before = len(wire.calls)
    await put(harness, name, "telegram", 9, key="aid.beat", media=BEAT)

    async def over() -> bool:
        return (await states(harness))[name][0] == "sent"

    async with delivering(harness, {"telegram": wire}):
        await until(over)
    return [(method, fields["voice"]) for method, fields in wire.calls[before:]]


async def test_own_sound_is_uploaded_once_and_again_when_it_is_forgotten(harness: Any) -> None:
    wire = Wire()
    whole = own_file("metronome")
    assert whole.startswith(b"OggS")
    assert await sent(harness, wire, "one") == [("sendVoice", whole)]
    assert await sent(harness, wire, "two") == [("sendVoice", "id of voice")]
    wire.troubles = [BadRequest("Wrong file identifier/HTTP URL specified")]
    assert await sent(harness, wire, "three") == [("sendVoice", "id of voice"), ("sendVoice", whole)]


@pytest.mark.parametrize("kind", ["photo", "voice", "video_note"])
@pytest.mark.parametrize("answer", ["Wrong file identifier/HTTP URL specified", "Bad Request: VOICE_MESSAGES_FORBIDDEN"])
async def test_file_that_cannot_be_shown_becomes_words_that_say_so(harness: Any, kind: str, answer: str) -> None:
    wire = Wire()
    wire.troubles = [BadRequest(answer)]
    await put(harness, "file", "telegram", 9, key="aid.beat", media={"type": kind, "file_id": "of another bot"})

    async def over() -> bool:
        return (await states(harness))["file"][0] == "sent"

    async with delivering(harness, {"telegram": wire}):
        await until(over)
    assert wire.calls[1][0] == "sendMessage"
    assert render("system.file_elsewhere", "zh") in wire.calls[1][1]["text"]
