"""Reports for an elder, by a member of the committee or by the family."""

from __future__ import annotations

import pytest

from domain.people.people import Role
from tests.handlers.cases.test_moves import Street, card, stored, street

__all__ = ["street"]


@pytest.fixture
async def member(street: Street):
    return await street.harness.person("李秀英", Role.MEMBER, "上徐村")


async def files(who, button: str, *, agrees: str = "同意", seen: str = "让主任和民警知道", words: str = "周老太家门口的路灯坏了") -> None:
    await who.says(button)
    await who.says("周老太 13712345678")
    await who.presses(agrees)
    await who.presses("隐患")
    await who.says(words)
    await who.presses("暂时没有")
    await who.presses("跳过")
    await who.presses(seen)
    await who.presses("报上去")


async def test_member_files_with_the_consent_recorded(street, member):
    await files(member, "替别人报")
    case = await stored(street)
    assert (case.reporter_id, case.reporter_name, case.opened_by, case.source) == (None, "周老太", member.person_id, "for_other")
    shown = await card(street.chair)
    assert "周老太（李秀英代报）" in shown
    assert "本人同意吗：同意" in shown
    assert "13712345678" in shown
    await street.chair.says("/accept 1001")
    assert "王主任已受理" in await member.new()


async def test_hidden_report_of_a_member_hides_elder_and_filer(street, member):
    await files(member, "替别人报", seen="只让民警知道", words="周老太家门口的路灯坏了，是李秀英看到的")
    for name in ("周老太", "李秀英", "13712345678"):
        assert not any(name in message.text for message in await street.chair.heard())
        await street.secretary.says(f"/cases {name}")
        assert "1001" not in await street.secretary.new()
    await street.officer.says("/case 1001")
    shown = await card(street.officer)
    assert "周老太（李秀英代报）" in shown
    assert "周老太家门口的路灯坏了，是李秀英看到的" in shown
    await member.says("/note 1001 我李秀英又去看了")
    assert not any("李秀英" in message.text for message in await street.chair.heard())


async def test_family_files_and_stays_the_reporter(street):
    await files(street.villager, "替家里人报")
    case = await stored(street)
    assert (case.reporter_id, case.source) == (street.villager.person_id, "family")
    shown = await card(street.chair)
    assert "报事人：徐阿婆" in shown
    assert "替谁报：周老太" in shown
    await street.villager.says("/withdraw 1001")
    assert (await stored(street)).ended


@pytest.mark.parametrize("seen", ["只让民警知道", "谁都不知道是我"])
async def test_hidden_report_of_the_family_hides_both(street, seen):
    await files(street.villager, "替家里人报", seen=seen)
    for name in ("周老太", "徐阿婆", "13712345678"):
        assert not any(name in message.text for message in await street.chair.heard())
    await street.officer.says("/case 1001")
    assert ("替谁报：周老太" in await card(street.officer)) is (seen == "只让民警知道")
    await street.villager.says("/case 1001")
    assert "替谁报：周老太" in await card(street.villager)


async def test_number_of_somebody_who_could_not_be_asked_is_not_kept(street, member):
    await files(member, "替别人报", agrees="说不出来")
    case = await stored(street)
    assert "13712345678" not in str(case.details)
    assert "本人同意吗：说不出来" in await card(street.chair)


async def test_nothing_is_filed_for_somebody_who_does_not_agree(street, member):
    await member.says("替别人报")
    await member.says("周老太")
    await member.presses("不同意")
    assert "就先不报" in await member.new()
    await member.says("取消")
    assert await street.chair.new() == ""


async def test_villager_is_refused_the_way_of_those_in_office(street):
    await street.villager.presses_raw("m.other")
    assert "替谁报" not in await street.villager.new()
