"""The village without a network, fresh for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.calendar.calendar import ClockCalendar, QuietHours
from domain.core.town import Town
from tests.handler_harness import HandlerHarness


@pytest.fixture
def town() -> Town:
    return Town(
        "芝英",
        ZoneInfo("Asia/Shanghai"),
        ClockCalendar(),
        QuietHours(time(21, 30), time(7, 0), ZoneInfo("Asia/Shanghai")),
        bot_names={"telegram": "tongxin_bot"},
        links={"telegram": "https://t.me/tongxin_bot"},
        waking={"telegram"},
    )


@pytest.fixture
async def harness(tmp_path: Path, town: Town, engine: str) -> AsyncIterator[HandlerHarness]:
    opened = await HandlerHarness.open(tmp_path, town, engine=engine)
    yield opened
    await opened.store.close()
