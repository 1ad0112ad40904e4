"""Two workers serve one town on PostgreSQL: both handle updates, one is the leader.

The leader polls and delivers. When one worker ends, the other takes over within seconds.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.test_webhook import SECRET, Proxy, settings_for
from tests.e2e.village import TOKEN
from tests.engines import rows
from tests.process import Bot, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.e2e.village import Village

#: Only PostgreSQL has several workers.
CHANNELS = "one"
ENGINES = ("postgres",)


@pytest.fixture
async def second(village: Village, tmp_path: Path) -> AsyncIterator[Bot]:
    """A second worker beside the village's own."""
    bot = await beside(village, tmp_path)
    yield bot
    await bot.close()


async def beside(village: Village, folder: Path, **more: str) -> Bot:
    (folder / "second").mkdir()
    bot = Bot(village.url, TOKEN, folder / "second", village.bot.extra | more, village.bot.stored)
    await bot.run()
    return bot


async def leads(bot: Bot) -> bool:
    figures = await bot.health()
    assert figures is not None
    return bool(figures["leads"])


async def until_leads(bot: Bot, within_s: float = 12) -> float:
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(within_s):
        while not await leads(bot):  # noqa: ASYNC110 - another process does not set our events
            await asyncio.sleep(0.02)
    return asyncio.get_running_loop().time() - began


async def test_both_workers_handle_updates_and_one_leads(village: Village, second: Bot):
    assert (await leads(village.bot), await leads(second)) == (True, False)
    for number in range(5):  # a first day has no more
        await village.villager.says(f"/report dispute 第 {number} 件", resting=False)
        await village.neighbour.says(f"/report hazard 第 {number} 处", resting=False)
    await village.rest()
    handled = [figures["handled_total"] for bot in (village.bot, second) if (figures := await bot.health())]
    assert sum(handled) >= 10
    assert len(await rows(village.bot.database_url, "SELECT 1 FROM cases")) == 10
    assert (await second.health() or {})["well"]


async def test_press_is_answered_when_any_worker_handles_it(village: Village, second: Bot):
    for number in range(5):
        await village.villager.says(f"/report dispute 第 {number} 件")
        await village.chair.sees(f"第 {number} 件")
        assert await village.chair.presses("受理") != ""
    assert await leads(second) is False


async def test_other_worker_leads_when_leader_is_killed(village: Village, second: Bot):
    await village.bot.kill()
    seconds = await until_leads(second)
    assert seconds < 5, "its process is known to be dead"
    village.bot, other = second, village.bot
    await village.villager.says("/report dispute 邻居砌墙占了路")
    await village.villager.sees("收到，编号")
    await village.chair.sees("邻居砌墙占了路")
    await other.run()
    assert not await leads(other)
    await other.close()


async def test_other_worker_leads_at_once_when_leader_stops_cleanly(village: Village, second: Bot):
    await village.villager.says("/report dispute 一", resting=False)
    await village.bot.stop()
    assert await until_leads(second) < 3
    village.bot, first = second, village.bot
    await first.close()
    await village.rest()
    await village.villager.sees("收到，编号")
    assert not second.errors()


async def test_any_worker_answers_webhook_when_leader_registered_it(opens: Callable[..., Any], tmp_path: Path):
    """The proxy calls the worker that is not the leader."""
    proxy = Proxy(0, free_port())
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server, opens(**settings_for(proxy)) as village:
        second = await beside(village, tmp_path, TONGXIN_TELEGRAM__WEBHOOK__PORT=str(free_port()))
        try:
            proxy.bot_port = int(second.extra["TONGXIN_TELEGRAM__WEBHOOK__PORT"])
            await village.villager.says("/report dispute 邻居砌墙占了路")
            await village.villager.sees("收到，编号")
            await village.chair.sees("邻居砌墙占了路")
            assert set(proxy.statuses) == {200}
            assert (await leads(village.bot), await leads(second)) == (True, False)
            await village.bot.kill()
            await until_leads(second)
            village.bot, first = second, village.bot
            await village.villager.says("/report dispute 第二件")
            await village.villager.sees("收到，编号")
            await first.close()
            assert SECRET not in second.log
        finally:
            await second.close()


async def test_webhook_is_removed_only_when_last_worker_stops(opens: Callable[..., Any], tmp_path: Path):
    proxy = Proxy(0, free_port())
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server, opens(**settings_for(proxy), TELEGRAM__WEBHOOK__REMOVE_ON_STOP="true") as village:
        port = str(free_port())
        second = await beside(village, tmp_path, TONGXIN_TELEGRAM__WEBHOOK__PORT=port)
        try:
            proxy.bot_port = int(port)
            await village.bot.stop()
            assert village.world.webhook.url == proxy.url
            await until_leads(second)
            village.bot, first = second, village.bot
            await first.close()
            await village.villager.says("/report dispute 邻居砌墙占了路")
            await village.villager.sees("收到，编号")
            await second.stop()
            assert village.world.webhook.url == ""
        finally:
            await second.close()
