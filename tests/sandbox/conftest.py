"""Fixtures: a running sandbox without (`street`) and with (`paced`) Telegram's rate limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.world.world import World
from tests.sandbox.street import TOKEN, Street, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with opened() as street:
        yield street


@pytest.fixture
async def paced() -> AsyncIterator[Street]:
    async with opened(World(TOKEN, limits=True)) as street:
        yield street
