"""Edge cases of the village double: it rests only when idle, and its port is reserved."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.process import free_port

if TYPE_CHECKING:
    from tests.e2e.village import Village


async def test_village_does_not_rest_when_updates_are_confirmed_after_the_figures_were_measured(empty_village: Village, monkeypatch):
    """The figures are older than the kept update, and the update queue is empty by then."""
    village, real = empty_village, empty_village.bot.health
    before, asked = await real(), 0

    async def health() -> dict[str, Any] | None:
        nonlocal asked
        asked += 1
        if asked > 1:
            return await real()
        while village.world.updates.queue:  # noqa: ASYNC110 - the sandbox does not know that a test watches it
            await asyncio.sleep(0.002)
        return before

    await village.stranger.taps_start(resting=False)
    monkeypatch.setattr(village.bot, "health", health)
    async with asyncio.timeout(10):
        await village.rest()
    assert asked > 1, "it rested on figures that were measured before what it waited for was kept"
    village.stranger.saw("你是哪个村的")


async def test_village_does_not_rest_when_a_message_is_due_soon_after_a_failed_try(empty_village: Village):
    village = empty_village
    village.fault_expected = True
    answer = await village.http.post("/control/faults", json={"mode": "500", "times": 2, "method": "sendMessage"})
    assert answer.status_code == 200, answer.text
    await village.stranger.taps_start()
    village.stranger.saw("你是哪个村的")


def test_free_port_is_reserved_when_its_bot_has_not_bound_it_yet():
    port = free_port()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    with socket.create_server(("127.0.0.1", port)) as bot:
        assert bot.getsockname()[1] == port
