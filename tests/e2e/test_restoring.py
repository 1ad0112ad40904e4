"""A town is restored from its backup: no number is reused, and later buttons do nothing.

Buttons from the lost time, after the backup, refer to lost records.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.village import import_cast

LOST, ANEW = "台风今晚登陆，请关好门窗", "洪水预警，请撤到高处"


@pytest.fixture
async def town_database(tmp_path: Path, channels: str) -> str:
    """URL of a town in SQLite: a PostgreSQL server has its own restore tools.

    There the restore skips every number.
    """
    url = f"sqlite:///{tmp_path / 'town.db'}"
    await import_cast(tmp_path, url, channels=channels)
    return url


async def warns(village, words: str) -> None:
    await village.officer.says(f"/alert 橙色 上徐村、下李村 {words}")
    await village.officer.presses("🚨 发送")


async def test_button_does_nothing_when_its_record_was_lost_by_restore(opens):
    async with opens() as village:
        code, said = await village.bot.command("backup")
        assert code == 0, said
        (backup,) = (village.bot.folder / "backups").glob("*.backup")
        await warns(village, LOST)
        old = village.chair.button("收到")
        await village.bot.stop()
        code, said = await village.bot.command("restore", str(backup))
        assert code == 0, said
        await village.bot.run()

        # The first alert after the restore has a number far above the lost one.
        await warns(village, ANEW)
        new = village.chair.button("收到", on=ANEW)
        assert [button.data.split("~")[0] for button in (old, new)] == ["aseen|1|1", "aseen|1002|1"]
        assert "过时" in await village.chair.presses(old)
        village.officer.has("👌 0 收到", ANEW)
        await village.chair.presses(new)
        village.officer.has("👌 1 收到", ANEW)
