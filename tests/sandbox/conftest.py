"""The client, with and without Telegram's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.world import World
from tests.sandbox.client import TOKEN, SandboxClient, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def client() -> AsyncIterator[SandboxClient]:
    async with opened() as client:
        yield client


@pytest.fixture
async def paced() -> AsyncIterator[SandboxClient]:
    async with opened(World(TOKEN, limits=True)) as client:
        yield client
