"""A number offered once after the first report, and whom residents may call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.people.phones import UsedFor
from tests.handlers.cases.test_moves import Street, card, street

__all__ = ["street"]


@pytest.fixture
async def unasked(street: Street) -> Street:
    """The villager was never asked for a number; the roster has one."""
    await street.harness.store.transact(lambda unit: unit.transaction.execute("DELETE FROM phone_uses"))
    return street


async def reports(street: Street, text: str = "邻居砌墙占了我家的路", button: str = "报上去") -> None:
    await street.villager.says(text)
    await street.villager.presses(button)


async def asked(who):
    return [message.row["ask"] for message in await who.heard() if message.row["ask"]]


async def test_number_is_offered_once_and_shown_to_handlers_only_when_it_was_given(unasked):
    await reports(unasked)
    assert "只有王主任和民警看得到" in await unasked.villager.new()
    assert await asked(unasked.villager) == ["contact"]
    assert "380000" not in await card(unasked.chair)  # the roster's number was given for something else
    await unasked.villager.says(contact={"user_id": unasked.villager.user_id, "phone": "8613712345678"})
    assert "137****5678" in await unasked.villager.new()
    assert await asked(unasked.villager) == ["contact", "none"]
    assert "13712345678" in await card(unasked.chair)
    unasked.harness.at += timedelta(hours=1)
    await reports(unasked, "村口的井盖没了")
    assert await asked(unasked.villager) == ["contact", "none"]


async def test_keyboard_goes_with_the_next_answer_when_no_number_is_given(unasked):
    await reports(unasked)
    await unasked.villager.says("谢谢")
    assert await asked(unasked.villager) == ["contact", "none"]
    await unasked.villager.says("谢谢")
    assert await asked(unasked.villager) == ["contact", "none"]


async def test_foreign_or_forwarded_number_is_not_taken(unasked):
    await reports(unasked)
    for foreign in (
        {"contact": {"user_id": 1, "phone": "8613712345678"}},
        {"contact": {"user_id": unasked.villager.user_id, "phone": "86137"}},
    ):
        await unasked.villager.says(**foreign)
    assert "137" not in await card(unasked.chair)


@pytest.mark.parametrize(("text", "button"), [("邻居砌墙占了路", "不让主任知道是我"), ("邻居砌墙占了路", "只给民警")])
async def test_offer_says_what_the_card_does(unasked, text, button):
    offered = {"不让主任知道是我": "只有民警看得到，主任看不到", "只给民警": "只有民警看得到"}
    await reports(unasked, text, button)
    assert offered[button] in await unasked.villager.new()
    await unasked.villager.says(contact={"user_id": unasked.villager.user_id, "phone": "8613712345678"})
    assert all("13712345678" not in message.text for message in await unasked.chair.heard())
    await unasked.officer.says("/case 1001")
    assert "13712345678" in await card(unasked.officer)


async def test_number_is_not_asked_for_in_danger_or_when_nobody_may_see_it(unasked):
    await reports(unasked, "邻居砌墙占了路", "谁都不知道是我")
    assert await asked(unasked.villager) == []
    await unasked.villager.says("/sos 老人胸痛")
    assert "contact" not in await asked(unasked.villager)


async def test_owner_takes_a_number_back(street):
    await reports(street)
    assert "380000" in await card(street.chair)
    await street.villager.says("/me")
    await street.villager.presses("电话不给看")
    assert "380000" not in await card(street.chair)
    assert "办事的人看不到" not in await street.chair.new()


async def test_chair_is_called_only_at_a_number_given_for_it(street):
    await street.villager.says("打给主任")
    told = await street.villager.new()
    assert "王主任没有留给村民打的电话" in told
    assert "380000" not in told
    assert "要不要让本村村民看到" in await street.chair.new()
    await street.villager.says("打给主任")
    assert await street.chair.new() == ""  # asked once
    await street.chair.presses("可以给")
    await street.villager.new()
    await street.villager.says("打给主任")
    assert "王主任 380000" in await street.villager.new()
    found = await street.harness.store.transact(
        lambda unit: unit.transaction.fetch_all("SELECT actor_id FROM audit WHERE action = 'phone_shown'")
    )
    assert [row["actor_id"] for row in found] == [street.villager.person_id]


async def test_public_numbers_are_told_when_the_chair_refuses(street):
    street.harness.town = replace(street.harness.town, phones=frozenset({"0573-88880000"}))
    await street.villager.says("打给主任")
    await street.chair.presses("不给")
    await street.villager.new()
    await street.villager.says("打给主任")
    told = await street.villager.new()
    assert "0573-88880000" in told
    assert "380000" not in told.replace("88880000", "")


async def test_villager_cannot_publish_a_number_for_a_post(street):
    await street.villager.presses_raw("ph.use", "post", 1)
    use = await street.harness.store.transact(lambda unit: unit.phones.find(street.villager.person_id, UsedFor.POST))
    assert use is None
