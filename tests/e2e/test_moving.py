"""A town moves to PostgreSQL in the middle of everything, and the play goes on: dialogs, buttons, numbers, timers, what waited to be handled and sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.process.database_startup import open_database
from bot.receiving.polling import describe
from domain.core.change import Address, ChatId, Notice, PersonId, Receiver
from storage.unit import Store
from tests.e2e.village import import_cast
from tests.engines import postgres, rows

pytestmark = pytest.mark.exec
CHANNELS = "one"

QUARREL = "邻居砌墙占了我家的路"


@pytest.fixture
async def town_database(tmp_path: Path) -> str:
    """A town in a file, whatever engine is asked for, and a server for it to move to."""
    postgres()
    url = f"sqlite:///{tmp_path / 'town.db'}"
    await import_cast(tmp_path, url)
    return url


async def leave_waiting(village) -> None:
    """As a process leaves it that is killed: an update kept and not handled, a message in somebody's hands."""
    store = Store(await open_database(village.bot.database_url))
    updates = [pending.payload for pending in village.world.updates.queue]
    village.world.updates.queue.clear()
    address = Address("telegram", ChatId(village.secretary.id))
    notice = Notice(Receiver(address, person_id=PersonId(1)), "system.parked", {"incident": "K7Q2"})

    async def leave(unit):
        await unit.outbox.put(notice, unique_key="left", at=village.now)
        await unit.outbox.claim(owner="one", at=village.now, limit=9)
        return await unit.inbox.keep([describe(update, "telegram") for update in updates], at=village.now)

    assert await store.transact(leave) == 1
    await store.close()


async def test_a_town_moves_and_the_play_goes_on(opens):
    async with opens() as village:
        # Before: a dialog half answered, a button not pressed, a case that nobody has taken.
        await village.villager.says(f"/report dispute {QUARREL}")
        first = village.villager.number()
        await village.chair.presses("受理")
        await village.chair.presses("记一次调解")
        await village.chair.presses("今天")
        await village.neighbour.says("/report hazard 路灯不亮")
        second = village.neighbour.number()
        old_button = village.chair.button("受理", on=str(second))
        village.everybody_looks()
        await village.bot.stop()
        await village.far_villager.says("/report dispute 水渠被堵了", resting=False)
        await leave_waiting(village)

        target = await postgres().copy()
        code, said = await village.bot.command("migrate-database", target)
        assert code == 0, said
        assert "Proven" in said
        assert await rows(target, "SELECT count(*) FROM inbox WHERE state = 'waiting'") == [(1,)]
        code, said = await village.bot.command("run")
        assert code == 1
        assert "moved to PostgreSQL" in said
        code, said = await village.bot.command("migrate-database", target)
        assert code == 1
        assert "moved to PostgreSQL" in said

        village.bot.stored = target
        code, said = await village.bot.command("check")
        assert code in (0, 1)
        assert "Traceback" not in said
        await village.bot.run()
        await village.rest()

        # What waited was handled, and numbers went on; what was in somebody's hands has arrived and is counted.
        third = village.far_villager.number()
        assert (second, third) == (first + 1, first + 2)
        village.other_chair.saw("新纠纷", str(third), "水渠被堵了")
        village.secretary.saw("K7Q2")
        assert (await village.bot.health())["repeats_possible"] == 1

        # The dialog goes on where it stood, and the old button is ours.
        await village.chair.presses("村委会")
        await village.chair.presses("双方都到场")
        await village.chair.says("各让半米，没谈成")
        await village.chair.says("周四 14:00")
        village.villager.saw("第 1 次调解", "各让半米")
        await village.chair.presses(old_button)
        village.neighbour.saw(str(second), "王主任已受理")

        # The ladder that began in the file climbs on the server.
        village.everybody_looks()
        await village.time_passes(hours=25, minutes=15)
        village.officer.saw("已上报", str(third), "我来处理")
        assert await rows(target, "SELECT count(*) FROM cases") == [(3,)]
