"""Abilities in getMe: defaults, refusal of wrong words, tolerance of new ones."""

from __future__ import annotations

from typing import Any

import pytest

from bot.telegram.capabilities import TELEGRAM, ButtonKind, Capabilities, EditKind, Unit, Wakes, capabilities_of
from bot.telegram.channel import Channel
from bot.timers.clock import Clock
from sandbox.server import running
from sandbox.world.world import World

TOKEN = "123456:SANDBOX"


def test_a_server_that_says_nothing_is_telegram() -> None:
    assert capabilities_of(None) is TELEGRAM
    assert capabilities_of({}) == TELEGRAM


def test_what_is_said_counts_and_the_rest_is_telegrams() -> None:
    can = capabilities_of(
        {"wakes": "open", "text": {"unit": "bytes", "most": 2048}, "buttons": {"kind": "link"}, "edits": {"kind": "never", "redraw_s": 60}}
    )
    assert (can.wakes, can.rings, can.text.unit, can.text.most, can.text.caption) == (Wakes.OPEN, False, Unit.BYTES, 2048, 1024)
    assert (can.buttons.kind, can.buttons.per_row, can.edits.kind, can.edits.redraw_s) == (ButtonKind.LINK, 8, EditKind.NEVER, 60)
    assert can.media_out == TELEGRAM.media_out


def test_words_of_a_newer_gateway_are_ignored() -> None:
    assert capabilities_of({"holograms": True, "text": {"colour": "red"}}) == TELEGRAM


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ([], "can"),
        ({"wakes": "loudly"}, "can.wakes"),
        ({"text": 5}, "can.text"),
        ({"text": {"most": 0}}, "can.text.most"),
        ({"text": {"most": "4096"}}, "can.text.most"),
        ({"text": {"most": True}}, "can.text.most"),
        ({"text": {"most": 1.5}}, "can.text.most"),
        ({"edits": {"redraw_s": -1}}, "can.edits.redraw_s"),
        ({"edits": {"redraw_s": float("nan")}}, "can.edits.redraw_s"),
        ({"idempotent": "yes"}, "can.idempotent"),
        ({"media_out": "photo"}, "can.media_out"),
        ({"media_out": [1]}, "can.media_out"),
        ({"link": "javascript:alert(1)"}, "can.link"),
        ({"link": 5}, "can.link"),
    ],
)
def test_a_wrong_word_is_refused_with_its_place(said: Any, place: str) -> None:
    with pytest.raises(ValueError, match=f"^{place} is not understood$"):
        capabilities_of(said)


def test_nobody_can_change_what_a_channel_can() -> None:
    with pytest.raises(AttributeError):
        TELEGRAM.idempotent = True  # type: ignore[misc]  # that is the point
    assert TELEGRAM._replace(idempotent=True) != TELEGRAM


@pytest.mark.parametrize(
    ("can", "link"),
    [
        (None, "https://t.me/tongxin_bot?start=v1"),
        ({"link": "https://chat.example.org/{bot}"}, "https://chat.example.org/tongxin_bot?start=v1"),
        ({"link": ""}, None),
    ],
)
async def test_a_channel_knows_its_abilities_and_links_once_it_is_open(can: Any, link: str | None) -> None:
    async with running(World(TOKEN, limits=False, can=can)) as url:
        channel = Channel("web", TOKEN, base_url=f"{url}/bot", clock=Clock(), timeout=5.0)
        assert (channel.is_open, channel.can) == (False, Capabilities())
        await channel.open()
        try:
            assert (channel.is_open, channel.link("v1"), channel.described) == (True, link, can)
        finally:
            await channel.close()
