"""Residents learn of reports about public things, and follow them."""

from __future__ import annotations

import pytest

from domain.people.people import Role


@pytest.fixture
async def street(harness):
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.li = await harness.person("李主任", Role.CHAIR, "下李村")
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    harness.zhen = await harness.person("阿珍", Role.VILLAGER, "上徐村")
    return harness


async def reports(who, words: str, place: str, *, seen: str = "让主任和民警知道") -> None:
    await who.says(words)
    await who.presses("再说清楚些")
    await who.presses("暂时没有")
    await who.says(place)
    for label in (seen, "报上去"):
        await who.presses(label)


async def followers(harness) -> list[int]:
    rows = await harness.store.transact(lambda unit: unit.transaction.fetch_all("SELECT person_id FROM case_followers ORDER BY person_id"))
    return [row["person_id"] for row in rows]


async def follows(harness) -> None:
    await reports(harness.xu, "厂里违规堆放危险化学品桶", "村口桥头")
    await harness.zhen.says("厂里违规堆放危险化学品")
    await harness.zhen.presses("1001")
    assert await followers(harness) == [harness.zhen.person_id]


@pytest.mark.parametrize("place", ["李四家三楼 卧室", "3单元502室", "幸福路12号", "五楼"])
async def test_report_about_a_home_is_neither_shown_nor_followed(street, place):
    await reports(street.xu, "电线老化漏电冒火花", place)
    await street.zhen.says("电线老化漏电冒火花")
    said = await street.zhen.new()
    assert "1001" not in said
    assert place not in said
    await street.zhen.presses_raw("answer", "quick", "what", "1001")
    assert await followers(street) == []


async def test_report_whose_words_name_a_home_is_not_shown(street):
    await street.xu.says("/report hazard 李四家三楼电线老化漏电冒火花")
    await street.zhen.says("电线老化漏电冒火花")
    assert "1001" not in await street.zhen.new()


async def test_neighbour_reads_kind_day_and_landmark_only(street):
    await reports(street.xu, "厂里违规堆放危险化学品桶", "老徐那里的桥头 13812345678")
    await street.zhen.says("厂里违规堆放危险化学品")
    said = await street.zhen.new()
    assert "今天" in said
    assert "隐患" in said
    assert "桥头" in said
    assert "138" not in said
    await street.zhen.presses("报上去")
    assert not any("13812345678" in message.text for message in await street.zhen.heard())


async def test_following_ends_with_residence(street):
    await follows(street)
    await street.zhen.presses_raw("jmove", street.villages["下李村"])
    assert await followers(street) == [street.zhen.person_id]
    await street.li.presses("同意")
    assert await followers(street) == []
    await street.chair.says("/close 1001 已清走")
    assert not any(message.key == "case.close.to_follower" for message in await street.zhen.heard())
    await street.zhen.says("/case 1001")
    assert "没有找到编号 1001" in await street.zhen.new()


async def test_following_goes_on_when_somebody_moves_within_the_village(street):
    await follows(street)
    await street.zhen.presses_raw("jmove", street.villages["上徐村"])
    assert await followers(street) == [street.zhen.person_id]


async def test_following_ends_when_the_reporter_excludes_the_follower(street):
    await follows(street)
    await street.person("张伟", Role.OFFICER, "上徐村")
    await street.xu.presses_raw("c.exc", 1001)
    await street.xu.says("阿珍")
    assert await followers(street) == []


async def test_nobody_follows_a_report_that_is_against_somebody(street):
    await street.person("张伟", Role.OFFICER, "上徐村")
    await reports(street.xu, "厂里违规堆放危险化学品桶", "村口桥头", seen="这事跟主任有关")
    for who in (street.zhen, street.chair):
        await who.says("厂里违规堆放危险化学品")
        assert "1001" not in await who.new()
        await who.presses_raw("answer", "quick", "what", "1001")
    assert await followers(street) == []


async def test_resident_of_another_village_learns_and_follows_nothing(street):
    await reports(street.xu, "厂里违规堆放危险化学品桶", "村口桥头")
    officer = await street.person("张伟", Role.OFFICER, "上徐村")  # at home in 上徐村
    for who in (street.li, officer):
        await street.store.transact(lambda unit, who=who: unit.privacy.set_village(who.person_id, street.villages["下李村"]))
        await who.says("厂里违规堆放危险化学品")
        assert "1001" not in await who.new()
        await who.presses_raw("answer", "quick", "what", "1001")
    assert await followers(street) == []
