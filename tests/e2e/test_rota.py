"""Journey of a desk that works in shifts: planning, a call for help, a swap."""

from __future__ import annotations

import yaml

from tests.e2e.village import CAST, roster


async def test_a_desk_works_in_shifts(opens, tmp_path):
    async with opens() as village:
        file, wanted = tmp_path / "roster.yaml", roster(channels=village.channels)
        second = {"name": "陈小兵", "role": "duty", "villages": [], "phone": "13900000077", "telegram_id": CAST["newcomer"][0]}
        wanted["people"].append(second)
        file.write_text(yaml.safe_dump(wanted, allow_unicode=True), encoding="utf-8")
        code, printed = await village.bot.command("import-roster", str(file))
        assert code == 0, printed
        await village.leader.sees("陈小兵")
        await village.leader.presses("全部确认")
        await village.newcomer.says("/help")

        await village.leader.says("/duty")
        await village.leader.presses("排班：值班室")
        for day in "一二三四五六日":
            for label in (f"周{day}", "24 小时", "值班室", "看全周"):
                await village.leader.presses(label)
        village.leader.saw("现在：值班室")

        village.everybody_looks()
        await village.villager.says("/sos 有人落水了")
        village.duty.saw("落水")
        village.newcomer.heard_nothing()
        await village.newcomer.says("/case 1001")
        village.newcomer.saw("落水")

        await village.duty.says("我换班")
        await village.duty.presses("–08:00")
        await village.duty.presses("陈小兵")
        await village.bot.kill()
        await village.bot.run()
        await village.newcomer.presses("我来顶")
        village.duty.saw("由他值")
        village.leader.saw("值班室 换成 陈小兵")
        village.everybody_looks()
        await village.neighbour.says("/sos 家里着火了")
        village.newcomer.saw("着火")
