"""A running town moves from SQLite to PostgreSQL without losing work.

Dialogs, buttons, numbers, timers, waiting updates and waiting messages continue.
"""

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
    """URL of a town in SQLite, for every engine option; a PostgreSQL server runs too."""
    postgres()
    url = f"sqlite:///{tmp_path / 'town.db'}"
    await import_cast(tmp_path, url)
    return url


async def leave_waiting(village) -> None:
    """Leave the database as a killed process does.

    One update is kept but not handled, and one message is claimed but not sent.
    """
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


async def test_town_continues_its_work_when_it_moves_to_postgresql(opens):
    async with opens() as village:
        # Before: an unfinished dialog, an unpressed button, an unassigned case.
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

        # The waiting update was handled, numbers continue, and the claimed message has arrived and is counted.
        third = village.far_villager.number()
        assert (second, third) == (first + 1, first + 2)
        village.other_chair.saw("新纠纷", str(third), "水渠被堵了")
        village.secretary.saw("K7Q2")
        assert (await village.bot.health())["repeats_possible"] == 1

        # The dialog continues at its question, and the old button still works.
        await village.chair.presses("村委会")
        await village.chair.presses("双方都到场")
        await village.chair.says("各让半米，没谈成")
        await village.chair.says("周四 14:00")
        village.villager.saw("第 1 次调解", "各让半米")
        await village.chair.presses(old_button)
        village.neighbour.saw(str(second), "王主任已受理")

        # The escalation that began in SQLite continues on PostgreSQL.
        village.everybody_looks()
        await village.time_passes(hours=25, minutes=15)
        village.officer.saw("已上报", str(third), "我来处理")
        assert await rows(target, "SELECT count(*) FROM cases") == [(3,)]
