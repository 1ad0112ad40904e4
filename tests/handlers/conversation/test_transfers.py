"""Money leaving now: 110 first, the police at once, the account sealed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.people.people import Role

ACCOUNT = "6222 0212 3456 7890123"
LOST = "我刚给骗子转了五万块钱"


@pytest.fixture
async def street(harness):
    harness.chair = await harness.person("王建国", Role.CHAIR, "上徐村")
    harness.officer = await harness.person("张伟", Role.OFFICER, "上徐村")
    harness.duty = await harness.person("值班室", Role.DUTY)
    harness.xu = await harness.person("老徐", Role.VILLAGER, "上徐村")
    return harness


async def accounts(street):
    return await street.store.transact(lambda unit: unit.transaction.fetch_all("SELECT account, last FROM case_transfers"))


async def test_sent_money_goes_to_the_police_at_once_and_the_questions_follow(street):
    await street.xu.says(LOST)
    (first,) = await street.xu.heard()
    assert first.text.startswith("现在就打 <b>110</b>")
    assert list(first.buttons) == ["已经转了", "还没转"]
    await street.xu.presses("已经转了")
    for who in (street.officer, street.duty):
        assert "五万" in await who.new(), who.name
    assert await street.chair.new() == ""
    await street.xu.presses("刚刚")
    await street.xu.says("五万")
    await street.xu.says(ACCOUNT)
    told = await street.duty.new()
    assert "0123" in told
    assert "五万" in told
    assert ACCOUNT not in str([message.row for message in await street.outbox()])
    assert [dict(row) for row in await accounts(street)] == [{"account": ACCOUNT, "last": "0123"}]


async def test_money_is_urgent_at_night(street):
    await street.time_passes(hours=16)
    await street.xu.presses_raw("m.sos")
    await street.xu.presses("钱被骗")
    await street.xu.presses("已经转了")
    (card,) = [message for message in await street.duty.heard() if message.card == "case:1001"]
    assert (card.priority, card.row["silent"]) == (0, 0)


async def test_money_not_sent_is_an_ordinary_report_with_advice(street):
    await street.xu.says("有人让我现在转五万到安全账户")
    await street.xu.presses("还没转")
    assert "96110" in await street.xu.new()
    await street.xu.presses("报上去")
    assert "安全账户" in await street.chair.new()


async def test_questions_may_be_skipped(street):
    await street.xu.says(LOST)
    await street.xu.presses("已经转了")
    for label in ("今天", "跳过", "跳过"):
        await street.xu.presses(label)
    assert "没说" in await street.duty.new()
    assert await accounts(street) == []


async def test_whole_account_is_shown_to_the_police_only_and_each_look_is_recorded(street):
    await street.xu.says(LOST)
    await street.xu.presses("已经转了")
    await street.xu.presses("刚刚")
    await street.xu.says("五万")
    await street.xu.says(ACCOUNT)
    await street.officer.presses("看对方账号")
    assert ACCOUNT in street.officer.toasts[-1]
    other = await street.person("李四", Role.OFFICER, "下李村")
    for who in (street.chair, street.xu, other):
        await who.presses_raw("c.pay", 1001)
        assert ACCOUNT not in str(who.toasts)
    read = await street.store.transact(lambda unit: unit.transaction.fetch_all("SELECT actor_id FROM audit WHERE action = 'account_read'"))
    assert [row["actor_id"] for row in read] == [street.officer.person_id]


async def test_account_is_deleted_after_ninety_days(street):
    await street.xu.says(LOST)
    await street.xu.presses("已经转了")
    for words in ("刚刚", "五万", ACCOUNT):
        await street.xu.says(words)
    for days, left in ((89, 1), (91, 0)):
        await street.store.transact(lambda unit, days=days: unit.transfers.purge(at=street.at + timedelta(days=days)))
        assert len(await accounts(street)) == left


async def test_stranger_sends_the_police_after_naming_the_village(street):
    stranger = street.stranger()
    await stranger.says(LOST)
    await stranger.presses("已经转了")
    await stranger.presses("上徐村")
    assert "未登记的人" in await street.duty.new()
    assert await street.chair.new() == ""
    await stranger.presses("刚刚")
    await stranger.says("五万")
    await stranger.presses("跳过")
    assert "五万" in await street.duty.new()
