"""First-aid cards: everybody can read them, by list and by name."""

from __future__ import annotations

from domain.people.people import Role


async def test_stranger_reads_every_card_from_the_list(harness):
    stranger = harness.stranger()
    await stranger.says("/card")
    assert "110" in await stranger.new()
    await stranger.presses_raw("aid", "choking")
    said = await stranger.new()
    assert said.startswith("📞 <b>120</b>")
    assert "未经本地医生核对" in said.split("\n")[-1]


async def test_unknown_card_shows_the_list(harness):
    stranger = harness.stranger()
    await stranger.presses_raw("aid", "lamp")
    assert "要看哪一张" in await stranger.new()


async def test_resuscitation_comes_with_its_beat(harness):
    stranger = harness.stranger()
    await stranger.says("心肺复苏")
    assert [message.key for message in await stranger.heard()] == ["aid.page", "aid.beat"]


async def test_report_that_names_a_danger_stays_a_report(harness):
    xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    await xu.says("电动车停在楼道里充电")
    assert "📞" not in await xu.new()
