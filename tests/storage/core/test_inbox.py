"""The inbox's order in a flood: the first emergency of each account goes first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from domain.core.change import ChatId
from storage.core.inbox import BEHIND_FIRST, Raw
from tests.handler_harness import MONDAY, HandlerHarness
from tests.handlers.conftest import town as settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from domain.core.town import Town
    from storage.unit import Store, Unit


def raw(number: int, chat: int, *, lane: int = 0) -> Raw:
    return Raw("telegram", number, f"m:{number}", ChatId(chat), chat, lane, "{}")


town = settings


@pytest.fixture
async def store(tmp_path: Path, town: Town, engine: str) -> AsyncIterator[Store]:
    harness = await HandlerHarness.open(tmp_path, town, engine=engine)
    yield harness.store
    await harness.store.close()


async def keep(unit: Unit, *, raws: list[Raw]) -> None:
    await unit.inbox.keep(raws, at=MONDAY)


async def finish(unit: Unit, *, number: int) -> None:
    assert await unit.inbox.finish(number, worker="one" if unit.transaction.shared else "", at=MONDAY)


async def handled(store: Store, most: int) -> list[int]:
    """Handle pending updates in the order of the claims; return the numbers of the updates."""
    done: list[int] = []
    while len(done) < most:
        rows = await store.claim(lambda unit: unit.inbox.claim("one", limit=100, at=MONDAY))
        if not rows:
            break
        for row in rows:
            await store.transact(partial(finish, number=row.id))
        done += [row.update_id for row in rows]
    return done


@pytest.mark.parametrize("page", [100, 1])
async def test_new_cry_goes_before_the_further_cries_of_another_account(store: Store, page: int, engine: str):
    cries = 4000 if page > 1 and engine == "sqlite" else 300
    flood = [raw(number, 1) for number in range(cries)]
    for start in range(0, cries, page):
        await store.transact(partial(keep, raws=flood[start : start + page]))
    others = [raw(10_000 + number, 100 + number) for number in range(200)]
    await store.transact(lambda unit: unit.inbox.keep([*others, raw(20_000, 2, lane=1), raw(30_000, 3)], at=MONDAY))
    done = await handled(store, 260)
    assert done.index(30_000) <= 201
    assert done.index(20_000) <= 202 + BEHIND_FIRST, "ordinary messages of others do not wait for the flood either"


async def test_cries_of_one_account_keep_their_order_and_are_all_handled(store: Store):
    await store.transact(lambda unit: unit.inbox.keep([raw(number, 1) for number in range(30)], at=MONDAY))
    assert await handled(store, 30) == list(range(30))
