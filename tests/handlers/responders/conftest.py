"""A village at night with everybody who answers a call, and a call for help."""

from __future__ import annotations

import pytest

from tests.handlers.callouts.conftest import town_at_night

__all__ = ["town_at_night"]


@pytest.fixture
async def street(town_at_night):
    """Return the village after a call for an illness, with a place that names a landmark."""
    await town_at_night.xu.says("/sos 我爸胸口痛，喘不上气，桥头三号")
    return town_at_night


async def board_of(who) -> str:
    """Return the newest board in somebody's chat, "" without one."""
    return next((heard.text for heard in reversed(await who.heard()) if heard.card.startswith("callout:")), "")
