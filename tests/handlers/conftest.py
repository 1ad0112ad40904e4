"""The village without a network, fresh for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.routes import FEATURES
from domain.calendar.quiet_hours import QuietHours
from domain.calendar.working_time import ClockCalendar
from domain.core.town import Town
from handlers.core import dialogs, placing
from handlers.core.context import HandlerContext
from storage.features import REGISTRY
from storage.people.privacy import split
from storage.unit import Unit
from tests.contracts.declarations import faults_of_messages
from tests.handler_harness import HandlerHarness


@pytest.fixture
def town() -> Town:
    return Town(
        "禾安",
        ZoneInfo("Asia/Shanghai"),
        ClockCalendar(),
        QuietHours(time(21, 30), time(7, 0), ZoneInfo("Asia/Shanghai")),
        bot_names={"telegram": "tongxin_bot"},
        links={"telegram": "https://t.me/tongxin_bot"},
        waking={"telegram"},
    )


def dialogs_left_apart(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the kinds of cards on which a dialog began that could not ask in them."""
    found: list[str] = []
    real = placing.surface

    async def surface(ctx: HandlerContext) -> str:
        card = await placing.shown_by_press(ctx)
        kind = "" if card.endswith((placing.ASKED, placing.NEWS)) else placing.kind_of(card)
        if kind and kind not in ctx.hooks.redraws and not any(kind in each.apart for each in FEATURES):
            found.append(kind)
        return await real(ctx)

    monkeypatch.setattr(dialogs, "surface", surface)
    return found


@pytest.fixture
async def harness(tmp_path: Path, town: Town, engine: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HandlerHarness]:
    left_apart = dialogs_left_apart(monkeypatch)
    opened = await HandlerHarness.open(tmp_path, town, engine=engine)
    yield opened
    assert await faults_of_what_was_said(opened) == []
    assert opened.stopped == []
    assert left_apart == [], "a dialog begins on a card of this kind: declare it in Feature.redraws"
    await opened.store.close()


async def faults_of_what_was_said(harness: HandlerHarness) -> list[str]:
    """Check every message of a test: no secret, no unrouted button, no undeclared subject."""

    async def look(unit: Unit) -> list[str]:
        secrets: list[str] = []
        for table, column in split(column for feature in REGISTRY.features for column in feature.secrets):
            found = await unit.transaction.fetch_all(f"SELECT {column} AS secret FROM {table} WHERE {column} <> ''")  # noqa: S608
            secrets += [row["secret"] for row in found]
        rows = await unit.transaction.fetch_all("SELECT key, params, buttons, subject FROM outbox ORDER BY id")
        return faults_of_messages(rows, secrets=secrets, verbs=harness.table.presses, registry=REGISTRY)

    return await harness.store.transact(look)
